"""The log: who looked at a case and why, and a sample of looks drawn by lot for somebody else to sign."""

import json
import secrets
from collections.abc import Sequence

import click

from ballerup_cli.cli.ui import tables, terminal
from ballerup_cli.cli.ui.params import CaseParam, Group, Refused, argument, command, option
from ballerup_cli.cli.ui.render import FORMATS, Row, listing
from ballerup_cli.cli.ui.session import Session
from ballerup_cli.cli.ui.text import _, date, language
from ballerup_cli.errors import N_
from ballerup_cli.services.forms import form
from ballerup_cli.services.network import network
from ballerup_cli.services.store import lookups, records

_USUAL, _SEEDS = 10, 1_000_000_000

_format = option("--format", "form_", type=click.Choice(FORMATS), default="table", help=N_("how to print it"))


@command(
    "show",
    example="ballerup log show 2026-0001",
    help=N_("List who looked at a case, when and why, and which of its documents left in plain text."),
)
@argument("case", type=CaseParam())
@_format
@click.pass_obj
def show(session: Session, case: str, form_: str) -> None:
    """Print the looks at one case; of an erased one, too."""
    workspace = session.workspace
    number = case if case in workspace.store.register.erased else records.find_number(workspace, case)
    _print(lookups.log(workspace, number), form_)


@command(
    "sample",
    example="ballerup log sample --count 5",
    help=N_(
        "Draw looks by lot, for somebody to ask about them. With --sign only looks of others are drawn, and the "
        "sample is written down as yours: the next one is due three months later."
    ),
)
@option("--count", type=click.IntRange(1, 1000), default=_USUAL, metavar="NUMBER", help=N_("how many; else 10"))
@option("--seed", type=click.IntRange(0), metavar="NUMBER", help=N_("draw the same again: the number of that draw"))
@option("--sign", is_flag=True, help=N_("sign that you have looked these over"))
@_format
@click.pass_obj
def sample(session: Session, count: int, seed: int | None, sign: bool, form_: str) -> None:
    """Print looks drawn by lot, and sign them on demand."""
    workspace, seed = session.workspace, secrets.randbelow(_SEEDS) if seed is None else seed
    rows, known = lookups.sample(workspace, count, seed, without=workspace.store.me.name if sign else None)
    if sign and not rows:
        raise Refused(_("there is no look of anybody else, and nobody signs for his own"), param_hint="--sign")
    _print(rows, form_)
    terminal.note(_("{drawn} of {known} looks, drawn with --seed {seed}", drawn=len(rows), known=known, seed=seed))
    if sign:
        body = {"what": "log-sample", "done": session.moment.at[:10], "note": f"seed {seed}: {len(rows)}/{known}"}
        network.write(
            workspace, "proof-add", network.read_forms(json.dumps(body).encode(), "proof-add"), session.moment
        )
        terminal.note(_("the sample is signed"))


@command(
    "expire",
    example="ballerup log expire --yes",
    help=N_("Delete the log of months that have been kept as long as the settings say; that it was stands in the log."),
)
@option("--yes", is_flag=True, help=N_("agree beforehand"))
@click.pass_obj
def expire(session: Session, yes: bool) -> None:
    """Delete old access journals."""
    workspace, moment = session.workspace, session.moment
    months = lookups.outlived(workspace, moment)
    if not months:
        terminal.note(_("nothing of the log is older than {count} months", count=workspace.settings["log_months"]))
        return
    terminal.agreed(_("delete the log of {months} for good?", months=months), yes=yes)
    terminal.put(_("deleted: the log of {months}", months=lookups.expire(workspace, moment)))
    terminal.note(_("copies of the store still hold it until they are made anew"))


def _print(rows: Sequence[Row], form_: str) -> None:
    if rows or form_ != "table":
        shown = [_spoken(row) for row in rows] if form_ == "table" else rows
        terminal.put(listing(shown, tables.LOOKS, form_, width=terminal.width()))
    else:
        terminal.note(_("nobody has looked yet"))


def _spoken(row: Row) -> Row:
    """Say codes as people do."""
    words = form.vocabulary_choices(language())
    what = words["look"][row["what"]]
    document = row["document"]
    left = words["paper"].get(document, document) if document else None
    purpose = words["purpose"][row["purpose"]] if row["purpose"] else None
    return {**row, "at": date(row["at"][:16]), "what": f"{what}: {left}" if left else what, "purpose": purpose}


COMMANDS = [
    Group(
        "log",
        commands={made.name or "": made for made in (show, sample, expire)},
        help=N_("The log: who looked at what, when and why."),
        section=N_("Rights"),
    )
]
