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
@option("--yes", is_flag=True, help=N_("agree beforehand to what --accept loses"))
@click.pass_context
def verify(ctx: click.Context, accept: int | None, yes: bool) -> None:
    """Print everything that is wrong; exit code 3 when there is anything."""
    session: Session = ctx.obj
    if accept is not None:
        _accept(session, accept, yes=yes)
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


def _accept(session: Session, number: int, *, yes: bool) -> None:
    store = session.open_unchecked(number).store
    if store.register.number != number:
        raise Refused(_("the register there is number {number}", number=store.register.number), param_hint="--accept")
    found = accepting.losses(store)
    words = N_("register {number} of {at} by {by} would be the newest; register {anchored} was seen here")
    terminal.note(_(words, number=found.number, at=found.at[:16], by=found.by, anchored=found.anchored))
    for case, count in found.lost.items():
        terminal.note(_loss(case, count))
    if not found.lost:
        terminal.note(_("no case that was known here is lost by it"))
    terminal.agreed(_("take register {number} as the newest?", number=found.number), yes=yes)
    accepting.accept(store, found, at=session.moment.at)


def _loss(case: str, count: int) -> str:
    if not count:
        return _("{case} is lost; how much was in it cannot be told", case=case)
    return plural("{case}: {count} entry is lost", "{case}: {count} entries are lost", count, case=case)


def _fault(fault: audit.Fault) -> str:
    if fault.finding is None:
        return describe(fault.error)[0]
    place = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in fault.finding.path).lstrip(".")
    return f"{fault.file}: {_('entry')} {fault.entry}: {place}{': ' if place else ''}{describe(fault.finding)[0]}"
