"""The command that draws the network; how it is drawn belongs to ``picture``."""

from pathlib import Path

import click

from ballerup_cli.cli.ui import terminal
from ballerup_cli.cli.ui.params import command, option
from ballerup_cli.cli.ui.session import Session
from ballerup_cli.cli.ui.text import _, date, language
from ballerup_cli.errors import N_
from ballerup_cli.services.documents import outgoing
from ballerup_cli.services.network import picture as pictures
from ballerup_cli.services.network.picture import Words


@command(
    "picture",
    help=N_("Draw the network: rings with the members of today, as a picture or as a page with lists beside it."),
    example="ballerup pladen picture --format html --out pladen.html",
)
@option("--format", "form", type=click.Choice(["svg", "html"]), default="svg", help=N_("how to print it"))
@option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help=N_("write it into a new file instead of printing it"),
)
@click.pass_obj
def picture(session: Session, form: str, out: Path | None) -> None:
    """Print the picture, or write it into a file."""
    workspace, today = session.workspace, session.moment.today.isoformat()
    write = pictures.page if form == "html" else pictures.svg
    names = workspace.settings["authorities"]
    text = write(pictures.plates(workspace, today, language()), _words(names["pladen"][language()], today))
    if out:
        outgoing.save(out, text.encode())
    else:
        terminal.put(text)


def _words(pladen: str, today: str) -> Words:
    return Words(
        language=language(),
        title=_("{pladen} on {day}", pladen=pladen, day=date(today)),
        description=_("Rings around one another, from the centre outwards."),
        empty=_("no members yet"),
        roles=_("Roles"),
        members=_("Members"),
    )
