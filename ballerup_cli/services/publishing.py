"""What was published: each aligned period once, its counts kept as they went out, in a journal of its own."""

import json
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from ballerup_cli.errors import NotAligned
from ballerup_cli.services import statistics
from ballerup_cli.services.casework import Moment
from ballerup_cli.services.statistics import ADD, PUBLISHED
from ballerup_cli.services.workspace import Workspace
from ballerup_cli.storage.commit import Change, Draft, commit, writing

FORMS: Mapping[tuple[str, str], str] = {(PUBLISHED, ADD): f"{PUBLISHED}-{ADD}"}
"""The schema of the step of this journal."""

_LENGTHS = (1, 3, 6, 12)  # months: a month, a quarter, half a year, a year


def publish(desk: Workspace, start: date, end: date, moment: Moment) -> dict[str, Any]:
    """Freeze the controlled counts of a period and return them; what is frozen already is returned as it was.

    Raises:
        NotAligned: it is no calendar month, quarter, half-year or year.
        BallerupError: the store cannot be read or written.
    """
    if not _is_aligned(start, end):
        raise NotAligned
    with writing(desk.store):
        content = statistics.report(desk, start, end, today=moment.today, controlled=True)
        if content not in statistics.published(desk):
            draft = Draft(step=ADD, at=moment.at, body={"report": json.dumps(content, ensure_ascii=False)})
            commit(desk.store, [Change(journal=PUBLISHED, drafts=[draft])], at=moment.at)
    return content


def _is_aligned(start: date, end: date) -> bool:
    after = end + timedelta(days=1)
    months = (after.year - start.year) * 12 + after.month - start.month
    return start.day == after.day == 1 and months in _LENGTHS and (start.month - 1) % months == 0
