"""Show one case: its sheet, or all that is written in the order it happened."""

from collections.abc import Mapping
from typing import Any

import click

from ballerup_cli.cli.ui import terminal
from ballerup_cli.cli.ui.params import (
    PURPOSE,
    CaseParam,
    argument,
    command,
    option,
)
from ballerup_cli.cli.ui.render import as_json
from ballerup_cli.cli.ui.session import Session
from ballerup_cli.cli.ui.text import language
from ballerup_cli.core.cases.case import Case
from ballerup_cli.errors import N_
from ballerup_cli.services.store import records

_SECTION = N_("Looking")


@command(
    "show", section=_SECTION, example="ballerup show 2026-0001", help=N_("Show one case: its sheet and what is due.")
)
@argument("case", type=CaseParam())
@option("--format", "form", type=click.Choice(["table", "json"]), default="table", help=N_("how to print it"))
@option("--chronology", is_flag=True, help=N_("all that is written, in the order it happened: a page to print"))
@PURPOSE
@click.pass_context
def show(ctx: click.Context, case: str, form: str, chronology: bool, purpose: str) -> None:
    """Print the folded case; what was signed in it and makes no sense is named, and is not in it."""
    session: Session = ctx.obj
    workspace = session.workspace
    folded = records.open_case(workspace, records.find_number(workspace, case))
    content = records.sheet(workspace, folded, session.moment.today.isoformat())
    session.record_lookup("show", [folded.number], purpose)
    if form == "json":
        terminal.put(as_json(_in_time(session, folded, content) if chronology else content))
    else:
        terminal.page(_chronology(session, folded) if chronology else _page(session, folded, content))
    if wrong := workspace.noticed.get(records.file_of(folded)):
        ctx.exit(wrong.exit_code)


def _page(session: Session, case: Case, content: Mapping[str, Any]) -> str:
    from ballerup_cli.cli.ui import case_page
    from ballerup_cli.services.documents.sheet import Reader

    reader = Reader(session.workspace, language())
    read = reader.sections(case), reader.struck(case)
    return case_page.render(content, *read, session.workspace.vocabulary, terminal.width())


def _in_time(session: Session, case: Case, content: Mapping[str, Any]) -> Mapping[str, Any]:
    from ballerup_cli.services.documents import papers

    return papers.in_time(session.workspace, case, content)


def _chronology(session: Session, case: Case) -> str:
    from ballerup_cli.services.documents import documents, papers

    today = session.moment.today.isoformat()
    page = papers.chronology(session.workspace, case, language(), today)
    return documents.as_text(page, terminal.width())


COMMANDS = [show]
