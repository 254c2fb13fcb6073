"""Forms that were left unfinished: kept sealed to their writer, outside the store, until they are taken up again.

How a form is filled in belongs to the command line.
"""

from contextlib import suppress
from pathlib import Path

from ballerup_cli.errors import BallerupError, MissingFileError
from ballerup_cli.services.store.workspace import Workspace
from ballerup_cli.storage.crypto.age import seal, unseal
from ballerup_cli.storage.store.files import private_folder, read_file, write_private


def keep(workspace: Workspace, step: str, number: str | None, text: str) -> None:
    """Keep the text of an unfinished form, in place of an earlier one for the same step of the same case.

    Raises:
        DiskError: it could not be written.
    """
    path = _path(workspace, step, number)
    private_folder(path.parent)
    write_private(path, seal(text.encode(), [workspace.store.holder.identity.recipient]))


def resume(workspace: Workspace, step: str, number: str | None) -> str | None:
    """Return the text that was kept, or None.

    Raises:
        BallerupError: it is there and cannot be opened.
    """
    try:
        data = read_file(_path(workspace, step, number))
    except MissingFileError:
        return None
    return unseal(data, [workspace.store.holder.identity]).decode()


def drop(workspace: Workspace, step: str, number: str | None) -> None:
    """Forget the text that was kept; its form is written now."""
    with suppress(OSError, BallerupError):
        _path(workspace, step, number).unlink(missing_ok=True)


def drop_all(workspace: Workspace, number: str) -> None:
    """Forget every unfinished form of a case that is erased."""
    for path in workspace.store.keeper.path.parent.glob(f"draft-{number}-*.age"):
        with suppress(OSError):
            path.unlink()


def _path(workspace: Workspace, step: str, number: str | None) -> Path:
    return workspace.store.keeper.path.parent / f"draft-{number or 'new'}-{step}.age"
