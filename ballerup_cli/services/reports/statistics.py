"""Counts over all cases, true or rounded for whoever is outside; never a name or number of a person."""

import json
from collections.abc import Iterator, Sequence
from datetime import date
from functools import partial
from typing import Any

from ballerup_cli.core.cases.facts import Facts, facts
from ballerup_cli.core.cases.persons import Concern, marks, with_others
from ballerup_cli.core.entry import Body
from ballerup_cli.core.network.network import activities_by_kind, activities_by_tier
from ballerup_cli.core.periods import last_day
from ballerup_cli.core.profile import PROFILE
from ballerup_cli.core.reports.crossing import cross, cross_page
from ballerup_cli.core.reports.disclosure.published import is_aligned
from ballerup_cli.core.reports.disclosure.rounding import BASE, control, withheld
from ballerup_cli.core.reports.report import Period, Row
from ballerup_cli.core.reports.report import report as count
from ballerup_cli.errors import ErasedSinceError, WholeMonthsError
from ballerup_cli.services.cases.erased import still_counted
from ballerup_cli.services.store.cell_key import draw_of, mark_of
from ballerup_cli.services.store.index import concerns, restricted
from ballerup_cli.services.store.records import cases
from ballerup_cli.services.store.workspace import Workspace
from ballerup_cli.storage.text import schema
from ballerup_cli.values import value

PUBLISHED, ADD = "published", "add"
"""The journal of what was published, and its only step."""


@value
class Question:
    """What a report is asked for; ``by`` crosses two dimensions, ``compare`` sets the period before beside it.

    ``years`` sets the same period of so many years beside each other, this one the last. ``controlled`` rounds what
    could point at a person; only the coordinator's own screen goes without. ``as_of`` counts what was known on a day:
    entries written later are left out, and cases that are restricted by now.
    """

    period: Period
    today: date
    controlled: bool
    by: Sequence[str] = ()
    compare: bool = False
    years: int = 1
    as_of: date | None = None

    def periods(self) -> Iterator[Period]:
        """Give the periods that are counted: the one asked for, and those beside it."""
        yield self.period
        if self.compare:
            yield self.period.before()
        yield from (self.period.years_before(number) for number in range(1, self.years))


def report(workspace: Workspace, asked: Question) -> dict[str, Any]:
    """Return the roll-ups of the concerns received in a period, as ``report --format json`` prints them.

    Raises:
        WholeMonthsError: a month in which cases are erased is only partly asked for.
        ErasedSinceError: a case is erased by now that may have been known on the day asked for.
        BallerupError: a case is missing, damaged or forged; nothing is left out silently.
    """
    seen = workspace.as_of(asked.as_of) if asked.as_of else workspace
    counted = _counted(workspace, seen, asked)
    page = partial(_controlled if asked.controlled else _true, workspace, seen, asked, counted)
    content = page(asked.period)
    if asked.as_of:
        content["as_of"] = asked.as_of.isoformat()
    if asked.by:
        within = [case for case in counted if asked.period.has(case.received)]
        true = partial(cross, content, within, seen.pladen)
        content["crossed"] = cross_page(content, asked.by) if asked.controlled else true(asked.by)
    if asked.compare:
        content["previous"] = page(asked.period.before())
    if asked.years > 1:
        earlier = [page(asked.period.years_before(number)) for number in range(asked.years - 1, 0, -1)]
        content["years"] = [*earlier, {**content}]
    return content


def published(workspace: Workspace) -> list[dict[str, Any]]:
    """Return the reports that were published, in the order they were."""
    return [json.loads(body["report"]) for body in _publications(workspace)]


def _publications(workspace: Workspace) -> list[Body]:
    there = PUBLISHED in workspace.store.register.journals
    return [entry.body for entry in workspace.entries(PUBLISHED)] if there else []


def _counted(workspace: Workspace, seen: Workspace, asked: Question) -> list[Facts]:
    """Return what is counted: of cases that are there and of erased ones, as they are seen."""
    erased, gone = still_counted(seen), still_counted(workspace)
    for period in asked.periods():
        _refuse_parts_of_months(gone, period)
        _refuse_erased_since(gone[len(erased) :], period, asked)
    there = concerns(workspace) if seen is workspace else _concerns_then(workspace, seen)
    return [*erased, *with_others(there).values()]


def _concerns_then(workspace: Workspace, seen: Workspace) -> list[Concern]:
    """Return what was counted of the cases there were; one restricted by now is kept, and not used (GDPR art. 18)."""
    kept = restricted(workspace)
    there = (case for case in cases(seen) if case.entries and case.number not in kept)
    known = ((case, facts(case)) for case in there)
    return [Concern(case.number, found, marks(case)) for case, found in known if found is not None]


def _true(workspace: Workspace, seen: Workspace, asked: Question, counted: Sequence[Facts], period: Period) -> Row:
    """Return the report of one period with all its counts."""
    activities = activities_by_tier(seen.network, period.start, period.end)
    day = (asked.as_of or asked.today).isoformat()
    content = count(counted, period, seen.vocabulary, seen.pladen, day, activities)
    kinds = seen.vocabulary.codes("activity")
    held = activities_by_kind(seen.network, kinds, period.start, period.end)
    settings = workspace.settings
    code = (settings.get(PROFILE) or {}).get("code") or schema.shipped_profile()["code"]
    return {"municipality": settings["municipality"], "code": code, **content, "by_activity": held}


def _controlled(
    workspace: Workspace, seen: Workspace, asked: Question, counted: Sequence[Facts], period: Period
) -> Row:
    """Return the report of one period as it may leave the house: a draft, or the very page that was published."""
    true = _true(workspace, seen, asked, counted, period)
    sectors = {code: member.sector for code, member in seen.pladen.members.items()}
    if not is_aligned(period):
        return {**withheld(true, sectors), "draft": True}
    if (out := _out(workspace, true)) is not None:
        return out
    return {**control(true, draw_of(workspace, BASE), sectors, published(workspace)), "draft": True}


def _out(workspace: Workspace, true: Row) -> Row | None:
    """Return what was last published of a period where nothing that it counts has changed since, None elsewhere."""
    same = [body for body in _publications(workspace) if json.loads(body["report"])["period"] == true["period"]][-1:]
    return next((json.loads(body["report"]) for body in same if body["counted"] == counted_mark(workspace, true)), None)


def counted_mark(workspace: Workspace, true: Row) -> str:
    """Return the mark of the true counts of a period, which a publication keeps beside its page."""
    return mark_of(workspace, json.dumps(true, sort_keys=True, ensure_ascii=False))


def true_report(workspace: Workspace, asked: Question) -> Row:
    """Return the true counts of the period asked for.

    Raises:
        BallerupError: as ``report``.
    """
    return _true(workspace, workspace, asked, _counted(workspace, workspace, asked), asked.period)


def _refuse_erased_since(gone: Sequence[Facts], period: Period, asked: Question) -> None:
    """What was known of a case before it was erased cannot be told, unless it came later than the day asked for."""
    last = asked.as_of.isoformat()[:7] if asked.as_of else ""
    touched = sorted({case.received[:7] for case in gone} & {month for month in period.months() if month <= last})
    if touched:
        raise ErasedSinceError(months=touched, day=str(asked.as_of))


def _refuse_parts_of_months(erased: Sequence[Facts], period: Period) -> None:
    """Of an erased case only the months are known, so a period holds all of such a month or none of it."""
    first, last = period.months()[0], period.months()[-1]
    whole = Period(start=f"{first}-01", end=last_day(last))
    parts = {first} if period.start != whole.start else set()
    parts |= {last} if period.end != whole.end else set()
    known = {day[:7] for case in erased for day in (case.received, *case.closings, *case.reopenings)}
    if touched := sorted(parts & known):
        raise WholeMonthsError(months=touched, start=whole.start, end=whole.end)
