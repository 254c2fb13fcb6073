"""The morning's one page: what is overdue, what comes this week, what waits for others, and what is new.

How it fits a screen belongs to the command line.
"""

from collections.abc import Iterator
from datetime import date
from typing import Any

from ballerup_cli.core.cases.case import Case
from ballerup_cli.core.cases.clocks import OWED_TO_A_CHILD
from ballerup_cli.core.cases.fold import plan_day
from ballerup_cli.services.cases import deadlines, lists
from ballerup_cli.services.store import records
from ballerup_cli.services.store.moment import Moment
from ballerup_cli.services.store.workspace import Workspace
from ballerup_cli.storage.store.store import case_journal

WEEK = 7

_PLANNED = "planned"
_OTHERS = {"received": "police-answer", "screened": "joint-talk"}
"""The states in which a case waits for the police, or for the talk with them, each with its clock."""
_MAY_WAIT = {*_OTHERS, _PLANNED}


def today(workspace: Workspace, moment: Moment) -> dict[str, list[dict[str, Any]]]:
    """Return the four blocks of the page; a case whose clock has run out is overdue, and waits no more.

    Raises:
        BallerupError: a case is missing, damaged or forged.
    """
    lines = deadlines.due(workspace.store, moment, WEEK)
    overdue = [line for line in lines if deadlines.is_overdue(line, moment)]
    overdue.sort(key=lambda line: line["clock"] not in OWED_TO_A_CHILD)  # first, whatever else there is
    late = {(line["case"], line["clock"]) for line in overdue}
    journals = workspace.store.register.journals
    asked = [case for case in workspace.store.readable() if journals[case_journal(case)].state in _MAY_WAIT]
    waiting = [item for case in records.cases(workspace, asked) for item in _waiting(case)]
    return {
        "overdue": overdue,
        "week": [line for line in lines if line not in overdue and line["days_overdue"] >= -WEEK],
        "waiting": sorted(
            (item for item in waiting if (item["case"], item["for"]) not in late),
            key=lambda item: (item["since"], item["case"]),
        ),
        "new": [row for row in lists.every(workspace) if _is_new(row, moment)],
    }


def _is_new(row: dict[str, Any], moment: Moment) -> bool:
    return 0 <= (moment.today - date.fromisoformat(row["received"][:10])).days <= WEEK


def _waiting(case: Case) -> Iterator[dict[str, str]]:
    """Tell whose answer a case waits for: that of the police, of the joint talk, of who decides on a measure."""
    if case.state in _OTHERS:
        yield {"case": case.number, "for": _OTHERS[case.state], "since": case.since}
    asked = [m["number"] for m in case.measures if m["in_plan"] and m.get("visitation") == "recommended"]
    if case.state == _PLANNED and asked:
        yield {"case": case.number, "for": "visitation", "since": _recommended(case)}


def _recommended(case: Case) -> str:
    """Return the day of the first of the latest plans in a row that recommend a measure."""
    since = ""
    for entry in case.written("plan"):
        asks = any(measure.get("visitation") == "recommended" for measure in entry.body["measures"])
        since = (since or plan_day(entry)) if asks else ""
    return since
