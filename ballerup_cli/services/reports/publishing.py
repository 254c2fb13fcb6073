"""Publishing: each aligned period once, its counts kept as they went out, in a journal of its own."""

import json
from typing import Any

from ballerup_cli.core.reports.disclosure.published import cuts, is_aligned, period_of
from ballerup_cli.errors import CutsPublishedError, NotAlignedError, NotAllCountedError
from ballerup_cli.services.reports.statistics import PUBLISHED, Question, published, report
from ballerup_cli.services.store.moment import Moment
from ballerup_cli.services.store.workspace import Workspace
from ballerup_cli.storage.store.commit import Change, commit, writing
from ballerup_cli.storage.store.journal import Draft

ADD = "add"


def publish(workspace: Workspace, asked: Question, moment: Moment) -> dict[str, Any]:
    """Freeze the controlled counts of a period and return them; what is frozen already is returned as it was.

    Raises:
        NotAlignedError: it is no calendar month, quarter, half-year or year.
        CutsPublishedError: it is a part of a period that was published, or holds a part of one.
        NotAllCountedError: cases are shielded from whoever publishes.
        BallerupError: the store cannot be read or written.
    """
    with writing(workspace.store):
        before = published(workspace)
        if asked.period in map(period_of, before):
            return report(workspace, asked)
        _refuse(workspace, asked, before)
        about = {"on": moment.at[:10], "smallest": workspace.settings["smallest_count"]}
        content = {**report(workspace, asked), "published": about}
        workspace.refuse_left_out()
        body = {"report": json.dumps(content, ensure_ascii=False)}
        commit(
            workspace.store,
            [Change(journal=PUBLISHED, drafts=[Draft(step=ADD, at=moment.at, body=body)])],
            at=moment.at,
        )
    return content


def _refuse(workspace: Workspace, asked: Question, before: list[dict[str, Any]]) -> None:
    if not is_aligned(asked.period):
        raise NotAlignedError
    if cuts(asked.period, before):
        periods = [f"{page['period']['from']}–{page['period']['to']}" for page in before if cuts(asked.period, [page])]
        raise CutsPublishedError(periods=periods)
    if shut := workspace.store.shielded_count():
        raise NotAllCountedError(count=shut)
