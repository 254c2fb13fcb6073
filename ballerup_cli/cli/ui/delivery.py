"""Handing out what was made: a document in the format asked for, into a new file or to stdout.

Whether it may leave, and what it says, is decided elsewhere.
"""

from pathlib import Path

from ballerup_cli.cli.ui import terminal
from ballerup_cli.cli.ui.params import Refused
from ballerup_cli.cli.ui.session import Session
from ballerup_cli.cli.ui.text import _
from ballerup_cli.services.documents import documents, outgoing, typeset, word
from ballerup_cli.services.documents.documents import Document
from ballerup_cli.services.rights import exporting


def written(made: Document, form: str) -> str | bytes:
    """Write a document as PDF, for a word processor, as a page of HTML, or as text."""
    match form:
        case "pdf":
            return typeset.as_pdf(made)
        case "docx":
            return word.as_docx(made)
        case "html":
            return documents.as_html(made)
        case _:
            return documents.as_text(made, min(terminal.width(), 80))


def as_bytes(data: str | bytes) -> bytes:
    """Return what a file holds."""
    return data.encode() if isinstance(data, str) else data


def refuse_place(session: Session, data: str | bytes, out: Path | None) -> None:
    """Refuse a place nothing can be written to, before anything leaves."""
    if out is None and isinstance(data, bytes) and terminal.interactive():
        raise Refused(_("missing: this is no text for a terminal"), param_hint="--out")
    if out is not None and exporting.is_in_store(session.workspace, out):
        raise Refused(_("the folder of the store holds nothing else"), param_hint="--out")
    if out is not None:
        session.workspace.refuse_left_out()
        outgoing.refuse_existing(out)


def deliver(session: Session, data: str | bytes, out: Path | None) -> None:
    """Write to the file, or to stdout."""
    refuse_place(session, data, out)
    hand_out(data, out)


def hand_out(data: str | bytes, out: Path | None) -> None:
    """Write to the file, or to stdout; whoever asks has made sure of the place."""
    if out is not None:
        outgoing.save(out, as_bytes(data))
        terminal.note(_("written: {file}", file=out))
    elif isinstance(data, bytes):
        terminal.put_bytes(data)
    else:
        terminal.put(data)
