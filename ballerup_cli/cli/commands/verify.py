"""Verifying: whether everything in the store is as it was written; and believing a store again that lost something."""

import click

from ballerup_cli.cli.ui import terminal
from ballerup_cli.cli.ui.params import FOUND, Refused, command, option
from ballerup_cli.cli.ui.session import Session
from ballerup_cli.cli.ui.text import _, describe, plural
from ballerup_cli.errors import N_
from ballerup_cli.services.upkeep import accepting, audit, backup


@command(
    "verify",
    section=N_("The store"),
    example="ballerup verify",
    help=N_("Check every byte, signature, chain, form and transition of the store."),
)
@option(
    "--accept",
    type=click.IntRange(1),
    metavar="NUMBER",
    help=N_("take register NUMBER as the newest although this machine has seen otherwise; the register will say so"),
)
@click.pass_context
def verify(ctx: click.Context, accept: int | None) -> None:
    """Print everything that is wrong; exit code 3 when there is anything."""
    session: Session = ctx.obj
    if accept is not None:
        _accept(session, accept)
    workspace = session.open_unchecked()
    session.witnessed(workspace)
    if names := backup.holders_of_leaked(workspace):
        words = N_("keys of {names} leaked: whoever has them opens what is here, and could have written it")
        terminal.note(_(words, names=names))
    faults = list(audit.verify(workspace))
    for fault in faults:
        terminal.put(_fault(fault))
    if faults:
        ctx.exit(FOUND)
    counts = {"register": workspace.store.register.number, "files": len(workspace.store.register.journals) + 1}
    terminal.put(_("register {register}: {files} files, everything as it was written", **counts))
    if shut := workspace.store.shielded_count():
        terminal.note(plural("{count} shielded case was not opened", "{count} shielded cases were not opened", shut))


def _accept(session: Session, number: int) -> None:
    store = session.open_unchecked(number).store
    if store.register.number != number:
        raise Refused(_("the register there is number {number}", number=store.register.number), param_hint="--accept")
    taken = accepting.accept(store, at=session.moment.at)
    words = N_("register {number} of {at} by {by} is taken as the newest; register {anchored} was seen here")
    terminal.note(_(words, number=taken.number, at=taken.at[:16], by=taken.by, anchored=taken.anchored))
    if taken.lost:
        terminal.note(_("cases that were known here and are lost: {cases}", cases=taken.lost))


def _fault(fault: audit.Fault) -> str:
    if fault.finding is None:
        return describe(fault.error)[0]
    place = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in fault.finding.path).lstrip(".")
    return f"{fault.file}: {_('entry')} {fault.entry}: {place}{': ' if place else ''}{describe(fault.finding)[0]}"
