"""The recovery key on paper: one sheet, or three of which two are enough, each with instructions for a stranger.

Where a sheet goes belongs to the command line; never into the store.
"""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from ballerup_cli.errors import BadPartsError, NoPaperError, WrongKeyError
from ballerup_cli.services.documents import documents, outgoing
from ballerup_cli.services.documents.documents import Document, Picture
from ballerup_cli.services.keys import splitting
from ballerup_cli.services.keys.membership import fingerprint
from ballerup_cli.services.store.identity import RECOVERY, open_holder, refuse_in_store
from ballerup_cli.services.store.workspace import Workspace
from ballerup_cli.storage.crypto.age import identity_text
from ballerup_cli.storage.files import private_folder, read_file
from ballerup_cli.storage.store.store import Holder

_LETTERS, _GROUPS, _WORDS = 4, 5, 6  # letters in a group, groups in a line; words in a line
_MARGIN = 4  # squares left empty around a QR code, by its standard

Facts = Mapping[str, Any]

Spare = Holder
"""The holder of a recovery key, opened."""


def held(file: Path | None, parts: Sequence[Path]) -> Spare:
    """Return the holder of the recovery key in a file, or of the one that parts make up in memory.

    Raises:
        NoIdentityError, BadPartsError: there is no key in it.
        NoPaperError: the library that splits keys is not installed.
        CannotReadError, MissingFileError, UnsafePermissionsError: as they say.
    """
    if file is not None:
        return open_holder(file, lambda: "")
    try:
        texts = [read_file(part, limit=1 << 16).decode() for part in parts]
    except UnicodeDecodeError:
        raise BadPartsError from None
    return Holder.of(splitting.combine(texts))


def make_room(workspace: Workspace, files: Sequence[Path]) -> None:
    """See to it that pages can be written to new files of these names, before the first is.

    Raises:
        FileThereError, KeyInStoreError: one is taken, or would lie beside the records.
        DiskError: a folder cannot be made.
    """
    for file in files:
        outgoing.refuse_existing(file)
        refuse_in_store(workspace.store.folder.path, file)
        private_folder(file.parent)


def sheet(workspace: Workspace, holder: Spare, language: str, day: str, *, drawn: bool) -> Document:
    """Return the page with the whole key; ``drawn`` with a QR code of it.

    Raises:
        WrongKeyError: it is not the recovery key of this store.
        NoPaperError: the library that draws is not installed.
    """
    text = identity_text(holder.identity)
    start, _, rest = text.partition("1")
    groups = [rest[at : at + _LETTERS] for at in range(0, len(rest), _LETTERS)]
    lines = [f"{start}1", *_lines(groups, _GROUPS)]
    facts = {**_facts(workspace, holder, language, day), "lines": lines}
    picture = _drawn(text, _PICTURE[language]) if drawn else None
    return documents.compose("recovery", language, facts, picture=picture)


def parts(workspace: Workspace, holder: Spare, language: str, day: str, *, drawn: bool) -> Iterator[Document]:
    """Give a page for each part of the key; any two of them make it up.

    Raises:
        WrongKeyError: it is not the recovery key of this store.
        NoPaperError: the library that splits keys, or the one that draws, is not installed.
    """
    known = {**_facts(workspace, holder, language, day), "needed": splitting.NEEDED, "count": splitting.COUNT}
    for number, words in enumerate(splitting.split(holder.identity), 1):
        facts = {**known, "number": number, "lines": list(_lines(words.split(), _WORDS))}
        picture = _drawn(words.upper(), _PICTURE[language]) if drawn else None
        yield documents.compose("recovery-part", language, facts, picture=picture)


_PICTURE = {"da": "QR-kode med det, der står ovenfor", "en": "QR code of what stands above"}


def _lines(words: Sequence[str], count: int) -> Iterator[str]:
    return (" ".join(words[at : at + count]) for at in range(0, len(words), count))


def _facts(workspace: Workspace, holder: Spare, language: str, day: str) -> Facts:
    store = workspace.store
    member = store.roster.named(holder.key.public)
    if member is None or member.role != RECOVERY:
        raise WrongKeyError(file=RECOVERY)
    return {
        "municipality": workspace.settings["municipality"],
        "day": day,
        "pin": store.pin,
        "folder": store.folder.path,
        "fingerprint": fingerprint(member.recipient, member.signing, language),
    }


def _drawn(text: str, title: str) -> Picture:
    """Draw a QR code of a quarter of the page's width, square by square."""
    try:
        import segno
    except ImportError:
        raise NoPaperError from None
    rows = [[*row] for row in segno.make_qr(text, error="m").matrix_iter(border=_MARGIN)]
    side = len(rows)
    squares = "".join(f"M{x} {y}h1v1h-1z" for y, row in enumerate(rows) for x, dark in enumerate(row) if dark)
    box = f'viewBox="{-1.5 * side:g} 0 {4 * side} {side}" shape-rendering="crispEdges"'
    return Picture(
        svg=f'<svg xmlns="http://www.w3.org/2000/svg" {box}><path d="{squares}"/></svg>', title=title, description=title
    )
