"""What retention proposes, and what was erased; nothing is ever erased by itself."""

from typing import Any

import click

from ballerup_cli.cli.ui import tables, terminal
from ballerup_cli.cli.ui.params import command, option
from ballerup_cli.cli.ui.render import FORMATS, listing
from ballerup_cli.cli.ui.session import Session
from ballerup_cli.cli.ui.tables import when
from ballerup_cli.cli.ui.text import date, language, plural
from ballerup_cli.core.entry import Body
from ballerup_cli.errors import N_
from ballerup_cli.services.forms import form
from ballerup_cli.services.rights import erasure

_WEEK = 7


@command(
    "retention",
    section=N_("Rights"),
    example="ballerup retention --within 30",
    help=N_("List the closed cases whose time is up: what the rules propose. Nothing is ever erased by itself."),
)
@option("--within", type=click.IntRange(0, 36500), default=_WEEK, metavar="DAYS", help=N_("look this many days ahead"))
@option("--done", is_flag=True, help=N_("what was erased instead: the certificates"))
@option("--format", "form_", type=click.Choice(FORMATS), default="table", help=N_("how to print it"))
@click.pass_obj
def retention(session: Session, within: int, done: bool, form_: str) -> None:
    """Print the proposals, or the certificates."""
    if done:
        _certificates(session, form_)
        return
    rows = erasure.proposals(session.workspace, session.moment, within)
    session.tell_shut()
    if form_ == "table":
        rows = [_spoken(session, row) for row in rows]
    if rows or form_ != "table":
        terminal.put(listing(rows, tables.RETENTION, form_, width=terminal.width()))
    else:
        terminal.note(plural("no case is to go within {count} day", "no case is to go within {count} days", within))


def _certificates(session: Session, form_: str) -> None:
    rows = erasure.certificates(session.workspace)
    words = form.vocabulary_choices(language())["archive"]
    if form_ == "table":
        rows = [{**row, "erased": date(row["erased"]), "archive": words[row["archive"]]} for row in rows]
    terminal.put(listing(rows, tables.CERTIFICATES, form_, width=terminal.width()))


def _spoken(session: Session, row: Body) -> dict[str, Any]:
    words = form.vocabulary_choices(language())
    label = session.workspace.settings["retention"][row["rule"]]["label"][language()]
    body = {
        "gate": words["gate"].get(row["gate"], "–"),
        "rule": label,
        "action": words["retention-action"][row["action"]],
    }
    return {**row, **body, "days_overdue": when(row["days_overdue"])}


COMMANDS = [retention]
