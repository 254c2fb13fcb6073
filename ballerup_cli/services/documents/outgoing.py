"""Documents on their way out of the store: into a new file, sealed to their writer or as they are.

What a document says belongs to ``documents``; that it left in plain text is written down by ``access``.
"""

from collections.abc import Sequence
from pathlib import Path

from ballerup_cli.errors import DiskError, FileThereError
from ballerup_cli.services.store.workspace import Workspace
from ballerup_cli.storage.crypto.age import HybridRecipient, seal
from ballerup_cli.storage.files import create_file, private_folder


def refuse_existing(path: Path) -> None:
    """Refuse a name that is taken, before anything is made for it.

    Raises:
        FileThereError: something has that name.
    """
    if path.is_symlink() or path.exists():
        raise FileThereError(path=str(path))


def make_folder(path: Path) -> None:
    """Make a folder that only its owner may read, where there is none."""
    private_folder(path)


def save(path: Path, data: bytes) -> None:
    """Write a new file that only its owner may read.

    Raises:
        FileThereError: something has that name.
        DiskError: it could not be written.
    """
    try:
        create_file(path, data, mode=0o600)
    except FileExistsError:
        raise FileThereError(path=str(path)) from None
    except OSError as problem:
        raise DiskError(path=str(path), reason=problem.strerror) from None


def sealed(workspace: Workspace, data: bytes, also: Sequence[HybridRecipient] = ()) -> bytes:
    """Seal a document to the key of whoever makes it, and to others: any age program opens it with such an identity."""
    return seal(data, [workspace.store.holder.identity.recipient, *also])
