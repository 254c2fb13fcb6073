"""List the cases: numbers, states, dates and codes, and names where the log says so."""

from typing import Any

import click

from ballerup_cli.cli.ui import tables, terminal
from ballerup_cli.cli.ui.params import (
    PURPOSE,
    CodeParam,
    MemberParam,
    Refused,
    command,
    nearest,
    option,
)
from ballerup_cli.cli.ui.render import FORMATS, listing
from ballerup_cli.cli.ui.session import Session
from ballerup_cli.cli.ui.text import _
from ballerup_cli.errors import N_
from ballerup_cli.services.cases import lists
from ballerup_cli.services.store import records

_SECTION = N_("Looking")
_format = option("--format", "form", type=click.Choice(FORMATS), default="table", help=N_("how to print it"))


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
    session.record_lookup("names", shown, purpose)
    known = records.names(session.workspace, shown)
    named = [{**row, "name": known[row["case"]]} for row in rows]
    terminal.page(listing(named, tables.NAMED, "table", width=terminal.width()))


COMMANDS = [list_cases]
