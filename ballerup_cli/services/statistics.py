"""Counts over all cases, true or disclosure-controlled; never a name, never a number that hangs on a person."""

from datetime import date
from typing import Any

from ballerup_cli.core.disclosure import control
from ballerup_cli.core.facts import facts
from ballerup_cli.core.network import activities_by_kind, activities_by_tier
from ballerup_cli.core.report import Period
from ballerup_cli.core.report import report as count
from ballerup_cli.services.records import cases
from ballerup_cli.services.workspace import Workspace


def report(desk: Workspace, start: date, end: date, *, today: date, controlled: bool) -> dict[str, Any]:
    """Return the roll-ups of the concerns received from ``start`` to ``end``, as ``report --format json`` prints them.

    ``controlled`` hides what could point at a person; only the coordinator's own screen goes without.

    Raises:
        BallerupError: a case is missing, damaged or forged; nothing is left out silently.
    """
    period = Period(start=start.isoformat(), end=end.isoformat())
    counted = [found for case in cases(desk) if (found := facts(case)) is not None]
    activities = activities_by_tier(desk.network, period.start, period.end)
    content = count(counted, period, desk.vocabulary, desk.pladen, today.isoformat(), activities)
    if controlled:
        content = control(content, desk.settings["smallest_count"])
    kinds = desk.vocabulary.codes("activity")
    return {**content, "by_activity": activities_by_kind(desk.network, kinds, period.start, period.end)}
