"""Search: the words are asked for or come from a file, never from an argument; the answer says where, never what."""

from typing import BinaryIO

import click

from ballerup_cli.cli.ui import tables, terminal
from ballerup_cli.cli.ui.params import PURPOSE, CodeParam, Refused, command, option
from ballerup_cli.cli.ui.render import FORMATS, listing
from ballerup_cli.cli.ui.session import Session
from ballerup_cli.cli.ui.text import _, language
from ballerup_cli.core.cases.search import Row, words
from ballerup_cli.errors import N_
from ballerup_cli.services.cases.searching import search as search_cases
from ballerup_cli.services.forms import form as forms

_MOST = 1000


@command(
    "search",
    section=N_("Looking"),
    example="ballerup search --state planned",
    help=N_(
        "Find the cases in which all of the words occur, in any entry. Words are asked for, or read from a file: "
        "what is looked for may be a name. Parts of words count; å and aa, æ and ae, ø and oe are the same."
    ),
)
@option(
    "--from",
    "source",
    type=click.File("rb"),
    metavar="FILE",
    help=N_("read the words, one line, from FILE (- for standard input)"),
)
@option("--state", type=CodeParam("state"), metavar="CODE", help=N_("only cases in this state"))
@option("--format", "form", type=click.Choice(FORMATS), default="table", help=N_("how to print it"))
@PURPOSE
@click.pass_obj
def search(session: Session, source: BinaryIO | None, state: str | None, form: str, purpose: str) -> None:
    """Print where the words stand."""
    wanted = words(_line(source) if source else terminal.ask(_("words to look for:")))
    if not wanted:
        raise Refused(_("no words to look for"), param_hint="--from")
    session.record_lookup("search", [], purpose)
    rows = search_cases(session.workspace, wanted, state)
    session.tell_shut()
    if not rows:
        terminal.note(_("no case holds all of the words"))
    if rows or form != "table":
        terminal.put(listing(_spoken(rows, form), tables.FOUND, form, width=terminal.width()))


def _line(source: BinaryIO) -> str:
    """Return the one line of a file."""
    try:
        lines = source.read(_MOST + 1).decode("utf-8-sig").strip().splitlines()
    except UnicodeDecodeError:
        raise Refused(_("not UTF-8"), param_hint="--from") from None
    if len(lines) > 1 or sum(map(len, lines)) > _MOST:
        raise Refused(_("one short line of words is wanted"), param_hint="--from")
    return "".join(lines)


def _spoken(rows: list[Row], form: str) -> list[Row]:
    """Say codes as people do, in tables only."""
    if form != "table":
        return rows
    labels = forms.vocabulary_choices(language())
    said = {"state": labels["state"], "step": labels["step"]}
    return [{key: said[key].get(value, value) if key in said else value for key, value in row.items()} for row in rows]


COMMANDS = [search]
