"""Forms that were left unfinished: kept sealed to their writer, outside the store, until they are taken up again.

How a form is filled in belongs to the command line.
"""

from contextlib import suppress
from pathlib import Path

from ballerup_cli.errors import BallerupError, MissingFile
from ballerup_cli.services.store.workspace import Workspace
from ballerup_cli.storage.crypto.age import seal, unseal
from ballerup_cli.storage.store.files import private_folder, read_file, write_private


def keep(desk: Workspace, step: str, number: str | None, text: str) -> None:
    """Keep the text of an unfinished form, in place of an earlier one for the same step of the same case.

    Raises:
        DiskFailed: it could not be written.
    """
    path = _path(desk, step, number)
    private_folder(path.parent)
    write_private(path, seal(text.encode(), [desk.store.holder.identity.recipient]))


def resume(desk: Workspace, step: str, number: str | None) -> str | None:
    """Return the text that was kept, or None.

    Raises:
        BallerupError: it is there and cannot be opened.
    """
    try:
        data = read_file(_path(desk, step, number))
    except MissingFile:
        return None
    return unseal(data, [desk.store.holder.identity]).decode()


def drop(desk: Workspace, step: str, number: str | None) -> None:
    """Forget the text that was kept; its form is written now."""
    with suppress(OSError, BallerupError):
        _path(desk, step, number).unlink(missing_ok=True)


def drop_all(desk: Workspace, number: str) -> None:
    """Forget every unfinished form of a case that is erased."""
    for path in desk.store.keeper.path.parent.glob(f"draft-{number}-*.age"):
        with suppress(OSError):
            path.unlink()


def _path(desk: Workspace, step: str, number: str | None) -> Path:
    return desk.store.keeper.path.parent / f"draft-{number or 'new'}-{step}.age"
