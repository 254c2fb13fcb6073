"""What a signed entry must say to count: by which form each step of a journal about no case is judged.

An entry that is signed and makes no sense changes nothing: not what it is about, and nobody's work (docs/format.md).
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeVar

from ballerup_cli.core.cases.amend import whole
from ballerup_cli.core.cases.meeting import MEETINGS, MINUTES, OPEN
from ballerup_cli.core.entry import Entry
from ballerup_cli.core.network.kinds import PAGES
from ballerup_cli.core.network.network import PLADEN
from ballerup_cli.core.profile import PROFILE, profile_of
from ballerup_cli.core.shape import faults
from ballerup_cli.errors import N_, Finding
from ballerup_cli.storage.text import schema

T = TypeVar("T")

_SETTINGS, _SET = "settings", "set"

FORMS: Mapping[tuple[str, str], str] = {
    **{(page.journal, page.step): page.name for page in PAGES.values()},
    (PLADEN, "found"): f"{PLADEN}-found",
    **{(MEETINGS, step): f"meeting-{step}" for step in (OPEN, MINUTES)},
    **{("log", step): f"log-{step}" for step in ("document", "unmask", "expire")},
    **{(journal, "add"): f"{journal}-add" for journal in ("counters", "erasures", "published")},
    ("access", "look"): "access-look",
    **{("requests", step): f"requests-{step}" for step in ("open", "extend", "answer")},
    **{("requesters", f"request-{step}"): f"request-{step}" for step in ("open", "decide", "answer")},
}
"""The schema of each step of the journals that are about no case."""

UNKNOWN_STEP = Finding(message=N_("a step this program does not know"))


def found_in(name: str, entry: Entry) -> list[Finding]:
    """Return everything that is wrong with an entry of a journal that is about no case."""
    if (name, entry.step) == (_SETTINGS, _SET):
        return list(settings_faults(entry.body.get("set")))
    form = FORMS.get((name, entry.step))
    return schema.check(form, whole(entry.body)) if form else [UNKNOWN_STEP]


def settings_faults(item: Any) -> Iterator[Finding]:
    """Give what cannot be set: settings are judged by those that are shipped, the lists of a profile by its form."""
    plain, lists = item, None
    if isinstance(item, Mapping):
        plain, lists = {name: value for name, value in item.items() if name != PROFILE}, item.get(PROFILE)
    yield from faults(plain, schema.defaults(), list(schema.vocabulary()["unit"]))
    if lists is not None:
        found = schema.check(PROFILE, profile_of(lists) if isinstance(lists, Mapping) else lists)
        yield from (replace(finding, path=(PROFILE, *finding.path)) for finding in found)


def is_sound(name: str, entry: Entry) -> bool:
    """Tell whether an entry says what its form may say."""
    return not found_in(name, entry)


def folded(fold: Callable[[Sequence[Entry]], T], entries: Sequence[Entry]) -> T:
    """Return what entries add up to, without those that cannot be added: each says what it may, but not there."""
    try:
        return fold(entries)
    except (AttributeError, ArithmeticError, LookupError, TypeError, ValueError):
        return fold(fitting(fold, entries))


def fitting(fold: Callable[[Sequence[Entry]], object], entries: Sequence[Entry]) -> list[Entry]:
    """Return the entries that can be added, one after the other."""
    known: list[Entry] = []
    for entry in entries:
        try:
            fold([*known, entry])
            known.append(entry)
        except (AttributeError, ArithmeticError, LookupError, TypeError, ValueError):
            continue
    return known
