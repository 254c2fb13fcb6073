"""Looking back over a case: what is odd in it, what the law wants and nobody has written, and what would mend it.

What was odd when a form was written is looked at again as the case stands now: a notice that was sent meanwhile is no
finding any more. A finding never refuses anything.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import date
from typing import Any

from ballerup_cli.core.cases.amend import amended, undone, whole
from ballerup_cli.core.cases.case import Case
from ballerup_cli.core.cases.fold import undo
from ballerup_cli.core.cases.rules import Context, Draft, Reason, Rule, reason, rule
from ballerup_cli.core.cases.steps import KEPT, STEPS, follow
from ballerup_cli.core.entry import Entry
from ballerup_cli.errors import N_, Finding
from ballerup_cli.values import value

_CPR = re.compile(r"(?<!\d)[0-3]\d[01]\d\d{2}[ -]?\d{4}(?!\d)")


@value
class CaseWarning:
    """One finding in one entry: by which rule, and the command that would mend it, if one would."""

    case: str
    entry: int
    step: str
    rule: str
    remedy: str | None
    finding: Finding


def look_back(case: Case, context: Context, late_days: int) -> Iterator[CaseWarning]:
    """Give everything that is odd in a case, entry by entry; a note may wait ``late_days`` to be written."""
    before = Case(number=case.number)
    gone = undone(case.originals)
    for full in amended(case.originals)[0]:
        if full.step in KEPT:
            continue
        if full.number in gone:
            before = undo(before, full)
            continue
        entry = replace(full, body=whole(full.body))
        then = replace(context, today=entry.at[:10])
        happened = entry.body.get(STEPS[entry.step].happened or "")
        closed = tuple(closing for closing in case.closings if closing["entry"] <= entry.number)
        now = replace(case, closings=closed)
        draft = Draft(
            before=before, after=now, body=entry.body, happened=happened[:10] if happened else None, context=then
        )
        for odd in STEPS[entry.step].oddities:
            yield from (_odd(case, entry, odd, finding) for finding in odd(draft))
        for find in LATER:
            yield from (_odd(case, entry, find, finding) for finding in find(draft, entry, late_days))
        before = follow(before, full)


@rule(N_("offentlighedsloven §§ 13 and 15"))
def written_in_time(draft: Draft, entry: Entry, late_days: int) -> Iterator[Finding]:
    """What is decided or told is written down as soon as may be."""
    if draft.happened:
        waited = (date.fromisoformat(entry.at[:10]) - date.fromisoformat(draft.happened)).days
        if waited > late_days:
            yield Finding(message=N_("written {days} days after it happened"), facts={"days": waited})


@rule(N_("GDPR article 7(3)"), remedy="plan")
def consent_stands(draft: Draft, entry: Entry, _: int) -> Iterator[Finding]:
    """A plan that rests on a consent is looked at again when the consent is withdrawn."""
    plan = draft.after.latest("plan")
    if plan and plan.number == entry.number and draft.after.withdrawn_consent:
        yield Finding(message=N_("the consent was withdrawn since"), path=("consent", "status"))


@rule(N_("databeskyttelsesloven § 11"), remedy="redact")
def number_in_its_place(_: Draft, entry: Entry, __: int) -> Iterator[Finding]:
    """A CPR number has one place, so that it can be found and left out."""
    for path, text in _texts(entry.body):
        if _CPR.search(text) and path[-1:] != ("cpr",):
            yield Finding(message=N_("looks like a CPR number; it has a field of its own"), path=path)


def _texts(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[tuple[str | int, ...], str]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, part in inner:
        yield from _texts(part, (*path, key))
    if isinstance(value, str):
        yield path, value


LATER = (written_in_time, number_in_its_place, consent_stands)
"""The rules of looking back alone, whatever the step."""


def _odd(case: Case, entry: Entry, item: Callable[..., Iterable[Finding]], finding: Finding) -> CaseWarning:
    why = reason(item)
    return CaseWarning(
        case=case.number, entry=entry.number, step=entry.step, rule=why.name, remedy=why.remedy, finding=finding
    )


def explained() -> Iterator[tuple[Reason, str, list[str]]]:
    """Give every rule with its reason: whether it refuses a form, warns when it is written, or is looked for later.

    With it the steps whose forms it is for.
    """
    table = [("refuses", item, step.name) for step in STEPS.values() for item in step.rules]
    table += [("warns", item, step.name) for step in STEPS.values() for item in step.oddities]
    steps: dict[tuple[str, Rule], list[str]] = {}
    for effect, item, step in table:
        steps.setdefault((effect, item), []).append(step)
    yield from ((reason(item), effect, names) for (effect, item), names in steps.items())
    yield from ((reason(find), "found", list(STEPS)) for find in LATER)
