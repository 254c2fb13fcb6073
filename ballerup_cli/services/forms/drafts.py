"""Forms that were left unfinished: each a sealed file of its own outside the store, until it is written or thrown away.

The name of the file says number, case and form, so that drafts can be listed without a key. How a form is filled in
belongs to the command line; how answers become a form, to ``questions``.
"""

import json
import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import field
from datetime import datetime
from itertools import count
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from ballerup_cli.errors import BallerupError, NoDraftError
from ballerup_cli.services.store.workspace import Workspace
from ballerup_cli.storage.crypto.age import HybridIdentity, HybridRecipient, seal, unseal
from ballerup_cli.storage.files import claim_private, private_folder, read_file, write_private
from ballerup_cli.values import value

FieldPath = tuple[str | int, ...]

_VERSION = 1
_NAME = re.compile(r"draft-([1-9][0-9]*)-(new|[0-9]{4}-[0-9]{4,})-([a-z-]+)\.age")
_ZONE = ZoneInfo("Europe/Copenhagen")


@value
class FormDraft:
    """A form that lies unfinished: its number, its case (none for a new one) and when it was last kept."""

    number: int
    case: str | None
    form: str
    at: str
    path: Path = field(repr=False)


@value
class Content:
    """What a draft holds: the text of an editor, or the answers of an interview under their fields."""

    text: str | None = field(default=None, repr=False)
    answers: Mapping[FieldPath, Any] = field(default_factory=dict, repr=False)
    skipped: Sequence[FieldPath] = ()
    opened: Sequence[FieldPath] = ()
    again: Sequence[FieldPath] = ()
    """Answers that were half typed, or being changed: they are asked about again."""

    def encode(self) -> bytes:
        """Write the content as bytes."""
        fields = {
            "version": _VERSION,
            "text": self.text,
            "answers": [[[*path], value] for path, value in self.answers.items()],
            "skipped": [[*path] for path in self.skipped],
            "opened": [[*path] for path in self.opened],
            "again": [[*path] for path in self.again],
        }
        return json.dumps(fields, ensure_ascii=False).encode(errors="replace")

    @classmethod
    def decode(cls, data: bytes) -> "Content":
        """Read what ``encode`` wrote.

        Raises:
            ValueError: it is anything else.
        """
        try:
            fields = json.loads(data)
            return cls(
                text=fields["text"],
                answers={tuple(path): value for path, value in fields["answers"]},
                skipped=[tuple(path) for path in fields["skipped"]],
                opened=[tuple(path) for path in fields["opened"]],
                again=[tuple(path) for path in fields["again"]],
            )
        except (KeyError, TypeError):
            raise ValueError("no draft") from None


def find_all(folder: Path) -> list[FormDraft]:
    """Return all drafts of a user's folder by number, without a key."""
    found = []
    for path in folder.glob("draft-*.age"):
        name = _NAME.fullmatch(path.name)
        with suppress(OSError):  # taken away meanwhile
            if name:
                at = datetime.fromtimestamp(path.stat().st_mtime, _ZONE).isoformat(timespec="minutes")
                case = None if name[2] == "new" else name[2]
                found.append(FormDraft(number=int(name[1]), case=case, form=name[3], at=at, path=path))
    return sorted(found, key=lambda draft: (draft.number, draft.path.name))


def in_store(workspace: Workspace) -> list[FormDraft]:
    """Return all drafts of this user for this store, by number."""
    return find_all(_folder(workspace))


def find(workspace: Workspace, number: int) -> FormDraft:
    """Return the draft of this number.

    Raises:
        NoDraftError: there is none.
    """
    for draft in in_store(workspace):
        if draft.number == number:
            return draft
    raise NoDraftError(number=number)


def lying(workspace: Workspace, form: str, case: str | None) -> list[FormDraft]:
    """Return the drafts of one form for one case, the newest first."""
    found = [draft for draft in in_store(workspace) if (draft.form, draft.case) == (form, case)]
    return sorted(found, key=lambda draft: draft.at, reverse=True)


def read(workspace: Workspace, draft: FormDraft) -> Content:
    """Return what a draft holds.

    Raises:
        BallerupError: it cannot be opened, or is no draft.
    """
    data = unseal(read_file(draft.path), [workspace.store.holder.identity])
    try:
        return Content.decode(data)
    except ValueError:
        raise NoDraftError(number=draft.number) from None


def opens(workspace: Workspace, draft: FormDraft) -> bool:
    """Tell whether this user's key opens a draft."""
    try:
        read(workspace, draft)
    except BallerupError:
        return False
    return True


def begin(workspace: Workspace, form: str, case: str | None, content: Content) -> FormDraft:
    """Keep a new draft under the lowest free number; none that lies there is touched.

    Raises:
        DiskError: it could not be written.
    """
    folder = private_folder(_folder(workspace))
    for number in count(1):
        if any(draft.number == number for draft in find_all(folder)):
            continue
        path = folder / f"draft-{number}-{case or 'new'}-{form}.age"
        if not claim_private(path):
            continue
        if [draft.path for draft in find_all(folder) if draft.number == number] != [path]:
            path.unlink()  # somebody else took the same number for another form
            continue
        draft = FormDraft(number=number, case=case, form=form, at="", path=path)
        try:
            save(workspace, draft, content)
        except BallerupError:
            drop(draft)
            raise
        return draft
    raise AssertionError


def save(workspace: Workspace, draft: FormDraft, content: Content) -> None:
    """Keep what was typed so far.

    Raises:
        DiskError: it could not be written; what was kept before stands.
    """
    write_private(draft.path, seal(content.encode(), [workspace.store.holder.identity.recipient]))


def drop(draft: FormDraft) -> None:
    """Take a draft away: its form is written now, or its writer wants it gone."""
    with suppress(OSError):
        draft.path.unlink()


def drop_all(workspace: Workspace, number: str) -> None:
    """Take away every draft of a case that is erased."""
    for draft in in_store(workspace):
        if draft.case == number:
            drop(draft)


def reseal(folder: Path, identity: HybridIdentity, recipients: Sequence[HybridRecipient]) -> None:
    """Seal every draft that ``identity`` opens to these recipients; one that cannot be opened stays as it is.

    Raises:
        DiskError: one could not be written; it stands as it was.
    """
    for draft in find_all(folder):
        try:
            data = unseal(read_file(draft.path), [identity])
        except BallerupError:
            continue
        write_private(draft.path, seal(data, recipients))


def _folder(workspace: Workspace) -> Path:
    return workspace.store.keeper.path.parent
