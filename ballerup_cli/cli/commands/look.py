"""Looking: one case, and all cases."""

from collections.abc import Mapping
from typing import Any

import click

from ballerup_cli.cli.ui import tables, terminal
from ballerup_cli.cli.ui.params import (
    PURPOSE,
    CaseParam,
    CodeParam,
    MemberParam,
    Refused,
    argument,
    command,
    nearest,
    option,
)
from ballerup_cli.cli.ui.render import FORMATS, as_json, listing
from ballerup_cli.cli.ui.session import Session
from ballerup_cli.cli.ui.text import _, language
from ballerup_cli.core.cases.case import Case
from ballerup_cli.errors import N_
from ballerup_cli.services.cases import lists
from ballerup_cli.services.store import records

_SECTION = N_("Looking")
_format = option("--format", "form", type=click.Choice(FORMATS), default="table", help=N_("how to print it"))


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
    session.look("show", [folded.number], purpose)
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


@command(
    "list",
    section=_SECTION,
    example="ballerup list --state planned --tier foregribende --member hedegaardsskolen",
    help=N_("List the cases: numbers, states, dates and codes."),
)
@option("--state", type=CodeParam("state"), metavar="CODE", help=N_("only cases in this state"))
@option("--tier", type=CodeParam("tier"), metavar="CODE", help=N_("only cases at this level of effort"))
@option("--member", type=MemberParam(), metavar="CODE", help=N_("only concerns referred by this member of the network"))
@option("--open", "still", is_flag=True, help=N_("only cases that are not closed"))
@option("--overdue", is_flag=True, help=N_("only cases with a deadline that has passed"))
@option("--restricted", is_flag=True, help=N_("the cases that may only be kept for the time being, instead"))
@option("--responsible", metavar="NAME", help=N_("only cases that this coordinator answers for (a short name)"))
@option("--names", is_flag=True, help=N_("with the names of the persons concerned; on a terminal only, and logged"))
@PURPOSE
@_format
@click.pass_obj
def list_cases(
    session: Session,
    state: str | None,
    tier: str | None,
    member: str | None,
    responsible: str | None,
    still: bool,
    overdue: bool,
    restricted: bool,
    names: bool,
    purpose: str,
    form: str,
) -> None:
    """Print the cases that agree with every filter."""
    workspace = session.workspace
    member = workspace.pladen.named(member) if member else None
    if member and member not in workspace.pladen.members:
        raise Refused(
            _("no such member of the network")
            + nearest(workspace.pladen.nearest(member, session.moment.today.isoformat())),
            param_hint="--member",
        )
    filters = {"state": state, "tier": tier, "member": member, "responsible": responsible}
    filters |= {"restricted": "yes"} if restricted else {}
    if names and not (terminal.interactive() and form == "table"):
        raise Refused(_("names are shown on a terminal only"), param_hint="--names")
    found = lists.rows(workspace, filters)
    found = [row for row in found if not (still and row["state"] == "closed")]
    today = session.moment.today.isoformat()
    found = [row for row in found if not overdue or (row["next_due"] or today)[:10] < today]
    rows = tables.spoken(found, form)
    session.tell_shut()
    if names and rows:
        _list_names(session, rows, purpose)
    else:
        terminal.put(listing(rows, tables.CASES, form, width=terminal.width()))


def _list_names(session: Session, rows: list[dict[str, Any]], purpose: str) -> None:
    """Print the list with names once the log says so, by a pager that keeps nothing."""
    shown = [row["case"] for row in rows]
    session.look("names", shown, purpose)
    known = records.names(session.workspace, shown)
    named = [{**row, "name": known[row["case"]]} for row in rows]
    terminal.page(listing(named, tables.NAMED, "table", width=terminal.width()))


COMMANDS = [show, list_cases]
