"""Counts over all cases, true or disclosure-controlled; never a name, never a number that hangs on a person."""

from calendar import monthrange
from collections.abc import Sequence
from datetime import date
from typing import Any

from ballerup_cli.core.disclosure import control
from ballerup_cli.core.facts import Facts
from ballerup_cli.core.network import activities_by_kind, activities_by_tier
from ballerup_cli.core.report import Period
from ballerup_cli.core.report import report as count
from ballerup_cli.errors import WholeMonths
from ballerup_cli.services.erasure import still_counted
from ballerup_cli.services.index import facts_told
from ballerup_cli.services.workspace import Workspace


def report(desk: Workspace, start: date, end: date, *, today: date, controlled: bool) -> dict[str, Any]:
    """Return the roll-ups of the concerns received from ``start`` to ``end``, as ``report --format json`` prints them.

    ``controlled`` hides what could point at a person; only the coordinator's own screen goes without.

    Raises:
        WholeMonths: a month in which cases are erased is only partly asked for.
        BallerupError: a case is missing, damaged or forged; nothing is left out silently.
    """
    period = Period(start=start.isoformat(), end=end.isoformat())
    erased = still_counted(desk)
    _refuse_parts_of_months(erased, period)
    counted = [*erased, *facts_told(desk)]
    activities = activities_by_tier(desk.network, period.start, period.end)
    content = count(counted, period, desk.vocabulary, desk.pladen, today.isoformat(), activities)
    if controlled:
        content = control(content, desk.settings["smallest_count"])
    kinds = desk.vocabulary.codes("activity")
    return {**content, "by_activity": activities_by_kind(desk.network, kinds, period.start, period.end)}


def _refuse_parts_of_months(erased: Sequence[Facts], period: Period) -> None:
    """Of an erased case only the month is known, so a period holds all of that month or none of it."""
    first, last = period.months()[0], period.months()[-1]
    whole = Period(start=f"{first}-01", end=_last_day(last))
    parts = {first} if period.start != whole.start else set()
    parts |= {last} if period.end != whole.end else set()
    touched = sorted(parts & {case.received[:7] for case in erased})
    if touched:
        raise WholeMonths(months=touched, start=whole.start, end=whole.end)


def _last_day(month: str) -> str:
    year, number = int(month[:4]), int(month[5:])
    return f"{month}-{monthrange(year, number)[1]:02d}"
