"""Publishing: the rounded counts of an aligned period with a date and a revision, kept as they went out."""

import json
from typing import Any

from ballerup_cli.core.reports.disclosure.published import is_aligned
from ballerup_cli.errors import NotAlignedError, NotAllCountedError
from ballerup_cli.services.reports.statistics import (
    ADD,
    PUBLISHED,
    Question,
    counted_mark,
    published,
    report,
    true_report,
)
from ballerup_cli.services.store.moment import Moment
from ballerup_cli.services.store.workspace import Workspace
from ballerup_cli.storage.store.commit import Change, commit, writing
from ballerup_cli.storage.store.journal import Draft


def publish(workspace: Workspace, asked: Question, moment: Moment) -> dict[str, Any]:
    """Publish the rounded counts of a period and return them; what is out and still so is returned as it was.

    A revision names the one it replaces.

    Raises:
        NotAlignedError: it is no calendar month, quarter, half-year, year or whole years.
        NotAllCountedError: cases are shielded from whoever publishes.
        BallerupError: the store cannot be read or written.
    """
    with writing(workspace.store):
        if not is_aligned(asked.period):
            raise NotAlignedError
        if shut := workspace.store.shielded_count():
            raise NotAllCountedError(count=shut)
        page = report(workspace, asked)
        if "published" in page:
            return page
        before = [out["published"] for out in published(workspace) if out["period"] == page["period"]][-1:]
        about = {"on": moment.at[:10], "revision": before[0]["revision"] + 1 if before else 1}
        replaces = {"replaces": {name: before[0][name] for name in ("on", "revision")}} if before else {}
        workspace.refuse_left_out()
        page.pop("draft")
        content = {**page, "published": {**about, **replaces}}
        mark = counted_mark(workspace, true_report(workspace, asked))
        body = {"report": json.dumps(content, ensure_ascii=False), "counted": mark}
        change = Change(journal=PUBLISHED, drafts=[Draft(step=ADD, at=moment.at, body=body)])
        commit(workspace.store, [change], at=moment.at)
    return content
