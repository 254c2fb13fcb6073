"""Looking back over a case: what is odd in it, what the law wants and nobody has written, and what would mend it.

What was odd when a form was written is looked at again as the case stands now: a notice that was sent meanwhile is no
finding any more. A finding never refuses anything.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from ballerup_cli.core.case import Case
from ballerup_cli.core.entry import Body, Entry
from ballerup_cli.core.rules import Context, Draft, Rule
from ballerup_cli.core.steps import STEPS, advance
from ballerup_cli.errors import N_, Finding

_CPR = re.compile(r"(?<!\d)[0-3]\d[01]\d\d{2}[ -]?\d{4}(?!\d)")


@dataclass(frozen=True, kw_only=True, slots=True)
class Odd:
    """One finding in one entry: by which rule, and the command that would mend it, if one would."""

    case: str
    entry: int
    step: str
    rule: str
    remedy: str | None
    finding: Finding


def look_back(case: Case, context: Context, late_days: int) -> Iterator[Odd]:
    """Give everything that is odd in a case, entry by entry; a note may wait ``late_days`` to be written."""
    before = Case(number=case.number)
    for entry in case.entries:
        then = replace(context, today=entry.at[:10])
        happened = entry.body.get(STEPS[entry.step].happened or "")
        closed = tuple(closing for closing in case.closings if closing["entry"] <= entry.number)
        now = replace(case, closings=closed)
        draft = Draft(
            before=before, after=now, body=entry.body, happened=happened[:10] if happened else None, context=then
        )
        for rule in STEPS[entry.step].oddities:
            yield from (_odd(case, entry, rule, finding) for finding in rule(draft))
        for finding in written_in_time(draft, entry, late_days):
            yield _named(case, entry, "written-in-time", None, finding)
        for finding in number_in_its_place(entry.body):
            yield _named(case, entry, "number-in-its-place", "redact", finding)
        before = advance(before, entry)


def written_in_time(draft: Draft, entry: Entry, late_days: int) -> Iterator[Finding]:
    """What is decided or told is noted as soon as may be (offentlighedsloven §§ 13 and 15)."""
    if draft.happened:
        waited = (date.fromisoformat(entry.at[:10]) - date.fromisoformat(draft.happened)).days
        if waited > late_days:
            yield Finding(message=N_("written {days} days after it happened"), facts={"days": waited})


def number_in_its_place(body: Body) -> Iterator[Finding]:
    """A CPR number has one place, so that it can be found and left out."""
    for path, text in _texts(body):
        if _CPR.search(text) and path[-1:] != ("cpr",):
            yield Finding(message=N_("looks like a CPR number; it has a field of its own"), path=path)


def _texts(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[tuple[str | int, ...], str]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, part in inner:
        yield from _texts(part, (*path, key))
    if isinstance(value, str):
        yield path, value


def _odd(case: Case, entry: Entry, rule: Rule, finding: Finding) -> Odd:
    name = rule.__name__.replace("_", "-")
    return _named(case, entry, name, _REMEDIES.get(name), finding)


def _named(case: Case, entry: Entry, rule: str, remedy: str | None, finding: Finding) -> Odd:
    return Odd(case=case.number, entry=entry.number, step=entry.step, rule=rule, remedy=remedy, finding=finding)


_REMEDIES = {
    "notice-is-answered": "contact",
    "notice-is-asked-again": "contact",
    "person-is-new": "link",
    "disclosure-is-written": "share",
    "happened-in-time": "correct",
    "age-band-fits": "correct",
    "related-are-there": "correct",
    "subject-is-heard": "correct",
    "measures-end-later": "correct",
    "party-is-heard": "contact",
    "silence-has-its-reason": "correct",
    "next-lies-ahead": "correct",
    "sessions-only-grow": "correct",
    "all-is-answered": "correct",
}
"""The command that would mend what a rule finds; a rule that is not here finds what cannot be mended."""
