"""A case that another municipality exported and sealed to us: its concern becomes a new one here, like any other.

Only the concern comes: what was decided there is theirs, and a number, a code of their network or a name of a member
means something else here. What stays in the file is named, by field and step, never by what it says.
"""

import json
from collections.abc import Mapping
from typing import Any

from ballerup_cli.core.cases.amend import typed
from ballerup_cli.errors import N_, DamagedFileError, Finding, InvalidFormError, WrongKeyError
from ballerup_cli.services.cases import casework
from ballerup_cli.services.cases.casework import StepResult
from ballerup_cli.services.cases.importing import File
from ballerup_cli.services.forms.pipeline import CREATE
from ballerup_cli.services.rights.exporting import FORMAT
from ballerup_cli.services.store.moment import Moment
from ballerup_cli.services.store.workspace import Workspace
from ballerup_cli.storage.crypto.age import unseal
from ballerup_cli.storage.text import codec
from ballerup_cli.storage.text.codec import Document
from ballerup_cli.values import value

_SEALED = b"age-encryption.org/"
_THEIRS = ("related", "shield", "reference")


@value
class Received:
    """The concern that was written, None when it was only tried, and what stays in the file."""

    taken: StepResult | None
    left: tuple[str, ...]
    """Fields of the concern, and the later entries by their number and step."""


def is_sealed(file: File) -> bool:
    """Tell an exported case from a spreadsheet."""
    return file.data.startswith(_SEALED)


def receive(workspace: Workspace, file: File, moment: Moment, *, dry: bool, agreed: bool = False) -> Received:
    """Write the concern of an exported case down as a new one, or only say whether it could be.

    Raises:
        WrongKeyError, DamagedFileError: it is sealed to others, or broken.
        InvalidFormError: it holds no exported case, or its concern breaks a rule here.
        BallerupError: the store cannot be read or written.
    """
    document, left = _concern(_opened(workspace, file), file.name)
    if found := casework.faults(workspace, document, moment):
        raise InvalidFormError(findings=found, step=CREATE, source=file.name)
    taken = None if dry else casework.open_concerns(workspace, [document], moment, file.name, agreed=agreed)[0]
    return Received(taken=taken, left=left)


def _opened(workspace: Workspace, file: File) -> bytes:
    try:
        return unseal(file.data, [workspace.store.holder.identity])
    except (WrongKeyError, DamagedFileError) as problem:
        raise type(problem)(file=file.name) from None


def _concern(data: bytes, name: str) -> tuple[Document, tuple[str, ...]]:
    """Return the form of a concern that an export begins with, and what does not come with it."""
    try:
        item = json.loads(data)
        first, *later = item["entries"]
        if item["format"] != FORMAT or first["step"] != CREATE:
            raise ValueError
        body, left = _ours(typed(CREATE, first["body"]))
        left += [f"{int(entry['entry'])} {entry['step']}" for entry in later]
        (document,) = codec.read_forms(json.dumps(body).encode())
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        unread = Finding(message=N_("this is no case that 'ballerup export' wrote"))
        raise InvalidFormError(findings=[unread], step=CREATE, source=name) from None
    return document, tuple(left)


def _ours(body: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """Return a concern without what only its own store understands, and the fields that were left out."""
    left = [name for name in _THEIRS if name in body]
    ours = {name: item for name, item in body.items() if name not in _THEIRS}
    if "member" in ours.get("referrer", {}):
        ours["referrer"] = {"other": "authority"} | {k: v for k, v in ours["referrer"].items() if k != "member"}
        left.append("referrer.member")
    if "member" in ours.get("place", {}):
        del ours["place"]
        left.append("place.member")
    return ours, left
