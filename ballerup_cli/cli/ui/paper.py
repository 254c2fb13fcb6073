"""The recovery key on paper: sheets to print and lock away, and the key as it is handed in again."""

from pathlib import Path

import click

from ballerup_cli.cli.ui import terminal
from ballerup_cli.cli.ui.params import Refused, command, option
from ballerup_cli.cli.ui.session import Session
from ballerup_cli.cli.ui.text import _, language
from ballerup_cli.errors import N_
from ballerup_cli.services.documents import documents, outgoing, typeset
from ballerup_cli.services.documents.documents import Document
from ballerup_cli.services.keys import paper
from ballerup_cli.services.keys.paper import Spare

_ENDINGS = {"text": "txt", "html": "html", "pdf": "pdf"}
_FILE = click.Path(path_type=Path, exists=True, dir_okay=False)

RECOVERY_FILE = option("--recovery-file", type=_FILE, metavar="FILE", help=N_("the recovery key"))
SHARES = option(
    "--share",
    "shares",
    type=_FILE,
    multiple=True,
    metavar="FILE",
    help=N_("or two parts of it, in files of their own: give this option twice"),
)


def held(recovery_file: Path | None, shares: tuple[Path, ...]) -> Spare:
    """Return the recovery key that was handed in, whole or in parts."""
    if (recovery_file is None) == (not shares):
        raise Refused(_("one of the two is wanted: the key, or parts of it"), param_hint="--recovery-file / --share")
    return paper.held(recovery_file, shares)


_format = option("--format", "form", type=click.Choice([*_ENDINGS]), default="text", help=N_("how to write it"))


@command(
    "sheet",
    example="ballerup keys sheet --recovery-file recovery.txt --format pdf --out sheet.pdf",
    help=N_(
        "Make the page to lock away: the recovery key, its QR code (not as text), and what a stranger must do with it. "
        "Without --out it goes to the printer or whatever reads it, and to no disk."
    ),
)
@RECOVERY_FILE
@SHARES
@_format
@option("--out", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE", help=N_("write it to this new file"))
@click.pass_obj
def sheet(session: Session, recovery_file: Path | None, shares: tuple[Path, ...], form: str, out: Path | None) -> None:
    """Write the sheet."""
    holder, day = held(recovery_file, shares), session.moment.at[:10]
    made = paper.sheet(session.workspace, holder, language(), day, drawn=form != "text")
    _deliver(session, _written(made, form), out)


@command(
    "split",
    example="ballerup keys split --recovery-file recovery.txt --format pdf --out parts",
    help=N_(
        "Split the recovery key into three parts, any two of which make it up: a page for each, with its QR code (not "
        "as text). Then destroy the undivided key."
    ),
)
@RECOVERY_FILE
@_format
@option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help=N_("write the three pages to new files in DIR; else as text, one after the other"),
)
@click.pass_obj
def split(session: Session, recovery_file: Path | None, form: str, out: Path | None) -> None:
    """Write the three pages."""
    if out is None and form != "text":
        raise Refused(_("missing: three pages are three files"), param_hint="--out")
    holder, day = held(recovery_file, ()), session.moment.at[:10]
    made = [*paper.parts(session.workspace, holder, language(), day, drawn=form != "text")]
    files = [out and out / f"share-{number}.{_ENDINGS[form]}" for number in range(1, len(made) + 1)]
    paper.make_room(session.workspace, [file for file in files if file])
    for page, file in zip(made, files, strict=True):
        _deliver(session, _written(page, form), file)
    terminal.note(_("give each part to another person; as long as the undivided key is anywhere, it opens all alone"))


def _written(made: Document, form: str) -> bytes:
    if form == "pdf":
        return typeset.as_pdf(made)
    return (documents.as_html(made) if form == "html" else documents.as_text(made)).encode()


def _deliver(session: Session, data: bytes, out: Path | None) -> None:
    """Write to the file, which must not lie beside the records, or to stdout; a terminal keeps nothing it can."""
    if out is not None:
        paper.make_room(session.workspace, [out])
        outgoing.save(out, data)
        terminal.note(_("written: {file}", file=out))
    elif data.startswith(b"%PDF"):
        if terminal.interactive():
            raise Refused(_("missing: this is no text for a terminal"), param_hint="--out")
        terminal.put_bytes(data)
    else:
        terminal.page(data.decode())
