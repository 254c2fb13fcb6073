"""Counts over all cases, true or disclosure-controlled; never a name, never a number that hangs on a person."""

import json
from calendar import monthrange
from collections.abc import Callable, Sequence
from datetime import date
from functools import partial
from typing import Any

from ballerup_cli.core.cases.facts import Facts, facts
from ballerup_cli.core.network.network import activities_by_kind, activities_by_tier
from ballerup_cli.core.reports.crossing import beside_tiers, cross, cross_page
from ballerup_cli.core.reports.disclosure.control import blank, control
from ballerup_cli.core.reports.disclosure.published import beside, meets
from ballerup_cli.core.reports.report import Period, Row
from ballerup_cli.core.reports.report import report as count
from ballerup_cli.errors import ErasedSinceError, WholeMonthsError
from ballerup_cli.services.rights.erasure import still_counted
from ballerup_cli.services.store.index import facts_told, restricted
from ballerup_cli.services.store.records import cases
from ballerup_cli.services.store.workspace import Workspace
from ballerup_cli.values import value

PUBLISHED = "published"
"""The journal of what was published."""


@value
class Question:
    """What a report is asked for; ``by`` crosses two dimensions, ``compare`` sets the period before beside it.

    ``controlled`` hides what could point at a person; only the coordinator's own screen goes without. ``as_of`` counts
    what was known on a day: entries written later are left out, and cases that are restricted by now.
    """

    period: Period
    today: date
    controlled: bool
    by: Sequence[str] = ()
    compare: bool = False
    as_of: date | None = None


def report(workspace: Workspace, asked: Question) -> dict[str, Any]:
    """Return the roll-ups of the concerns received in a period, as ``report --format json`` prints them.

    Raises:
        WholeMonthsError: a month in which cases are erased is only partly asked for.
        ErasedSinceError: a case is erased by now that may have been known on the day asked for.
        BallerupError: a case is missing, damaged or forged; nothing is left out silently.
    """
    seen = workspace.as_of(asked.as_of) if asked.as_of else workspace
    counted = _counted(workspace, seen, asked)
    page = _controlled(workspace, seen, asked, counted) if asked.controlled else partial(_true, seen, asked, counted)
    content = page(asked.period)
    if asked.as_of:
        content["as_of"] = asked.as_of.isoformat()
    if asked.by:
        told = cross_page(content, seen.pladen, asked.by)
        within = [case for case in counted if asked.period.has(case.received)]
        content["crossed"] = told if asked.controlled else cross(content, within, seen.pladen, asked.by)
    if asked.compare:
        content["previous"] = page(asked.period.before())
    return content


def published(workspace: Workspace) -> list[dict[str, Any]]:
    """Return the reports that were published, in the order they were."""
    if PUBLISHED not in workspace.store.register.journals:
        return []
    return [json.loads(entry.body["report"]) for entry in workspace.entries(PUBLISHED)]


def _counted(workspace: Workspace, seen: Workspace, asked: Question) -> list[Facts]:
    """Return what is counted: of cases that are there and of erased ones, as they are seen."""
    erased, gone = still_counted(seen), still_counted(workspace)
    for period in [asked.period, asked.period.before()][: 1 + asked.compare]:
        _refuse_parts_of_months(gone, period)
        _refuse_erased_since(gone[len(erased) :], period, asked)
    return [*erased, *(facts_told(workspace) if seen is workspace else _facts_then(workspace, seen))]


def _facts_then(workspace: Workspace, seen: Workspace) -> list[Facts]:
    """Return what was counted of the cases there were; one restricted by now is kept, and not used (GDPR art. 18)."""
    kept = restricted(workspace)
    told = (facts(case) for case in cases(seen) if case.entries and case.number not in kept)
    return [found for found in told if found is not None]


def _true(seen: Workspace, asked: Question, counted: Sequence[Facts], period: Period) -> Row:
    """Return the report of one period with all its counts."""
    activities = activities_by_tier(seen.network, period.start, period.end)
    day = (asked.as_of or asked.today).isoformat()
    content = count(counted, period, seen.vocabulary, seen.pladen, day, activities)
    kinds = seen.vocabulary.codes("activity")
    activities_held = activities_by_kind(seen.network, kinds, period.start, period.end)
    return {"municipality": seen.settings["municipality"], **content, "by_activity": activities_held}


def _controlled(
    workspace: Workspace, seen: Workspace, asked: Question, counted: Sequence[Facts]
) -> Callable[[Period], Row]:
    """Return what makes the report of a period that may leave the house, beside all that was published."""
    true, smallest, before = (
        partial(_true, seen, asked, counted),
        workspace.settings["smallest_count"],
        published(workspace),
    )

    def alone(period: Period) -> Row:
        content = true(period)
        within = [case for case in counted if period.has(case.received)]
        sectors = {code: member.sector for code, member in seen.pladen.members.items()}
        return control(content, smallest, beside_tiers(content, within, seen.pladen), sectors)

    def hidden(period: Period) -> Row:
        return blank(true(period))

    def page(period: Period) -> Row:
        if asked.as_of and meets(period, before):
            return hidden(period)
        return beside(period, before, true, alone, hidden)

    return page


def _refuse_erased_since(gone: Sequence[Facts], period: Period, asked: Question) -> None:
    """What was known of a case before it was erased cannot be told, unless it came later than the day asked for."""
    last = asked.as_of.isoformat()[:7] if asked.as_of else ""
    touched = sorted({case.received[:7] for case in gone} & {month for month in period.months() if month <= last})
    if touched:
        raise ErasedSinceError(months=touched, day=str(asked.as_of))


def _refuse_parts_of_months(erased: Sequence[Facts], period: Period) -> None:
    """Of an erased case only the month is known, so a period holds all of that month or none of it."""
    first, last = period.months()[0], period.months()[-1]
    whole = Period(start=f"{first}-01", end=_last_day(last))
    parts = {first} if period.start != whole.start else set()
    parts |= {last} if period.end != whole.end else set()
    touched = sorted(parts & {case.received[:7] for case in erased})
    if touched:
        raise WholeMonthsError(months=touched, start=whole.start, end=whole.end)


def _last_day(month: str) -> str:
    year, number = int(month[:4]), int(month[5:])
    return f"{month}-{monthrange(year, number)[1]:02d}"
