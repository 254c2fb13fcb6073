"""Cases out as files of their own, sealed or plain."""

from pathlib import Path

import click

from ballerup_cli.cli.ui import terminal
from ballerup_cli.cli.ui.params import PURPOSE, CaseParam, Refused, argument, command, option
from ballerup_cli.cli.ui.session import Session
from ballerup_cli.cli.ui.text import _, plural
from ballerup_cli.errors import N_
from ballerup_cli.services.rights import exporting
from ballerup_cli.services.rights.exporting import Recipient
from ballerup_cli.services.store import records

_MANY = 3  # cases that may leave in plain text without being asked twice


class RecipientParam(click.ParamType[Recipient]):
    """Whom a file is sealed to, as age writes it."""

    name = "recipient"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> Recipient:
        """Read the key."""
        try:
            return exporting.recipient(value)
        except ValueError:
            words = N_("a post-quantum age recipient is wanted, age1pq1…, as 'age-keygen -pq' makes them")
            raise Refused(_(words), ctx=ctx, param=param) from None


@command(
    "export",
    section=N_("The store"),
    example="ballerup export 2026-0001 --out exported\nage -d -i identity.age exported/2026-0001.json.age",
    help=N_(
        "Write each case to a file of its own: JSON with every entry and the sheet of 'show'. Files are sealed to "
        "your own key, and any age program from 1.3 on opens them with your identity."
    ),
)
@argument("cases", metavar="CASE...", type=CaseParam(), nargs=-1, required=True)
@option(
    "--out",
    "folder",
    required=True,
    metavar="DIR",
    type=click.Path(path_type=Path, file_okay=False),
    help=N_("folder for the files; none is ever overwritten"),
)
@option(
    "--to-recipient",
    "also",
    type=RecipientParam(),
    multiple=True,
    metavar="KEY",
    help=N_("seal them to this age recipient too (age1pq1…); may be given several times"),
)
@option("--plain", is_flag=True, help=N_("leave the files unsealed; that they left is written in the log"))
@option("--yes", is_flag=True, help=N_("agree beforehand when more than 3 cases leave in plain text"))
@PURPOSE
@click.pass_obj
def export(
    session: Session,
    cases: tuple[str, ...],
    folder: Path,
    also: tuple[Recipient, ...],
    plain: bool,
    yes: bool,
    purpose: str,
) -> None:
    """Write the files and print their names."""
    workspace = session.workspace
    if plain and also:
        raise Refused(_("a plain file is sealed to nobody"), param_hint="--to-recipient")
    if exporting.is_in_store(workspace, folder):
        raise Refused(_("the folder of the store holds nothing else"), param_hint="--out")
    numbers = list(dict.fromkeys(records.find_number(workspace, case) for case in cases))
    if plain and len(numbers) > _MANY and not yes:
        question = plural("write {count} case in plain text?", "write {count} cases in plain text?", len(numbers))
        if not terminal.confirm(question):
            raise click.Abort

    def record(number: str) -> None:
        session.record_lookup("export", [number], purpose)

    for path in exporting.export(workspace, numbers, folder, session.moment, also=also, plain=plain, record=record):
        terminal.put(str(path))


COMMANDS = [export]
