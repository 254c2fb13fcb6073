"""An identity kept open for some hours: in plain text, in a folder in memory, until its time is up or it is locked.

Which folder lies in memory, and what time it is, is told by the caller.
"""

import hashlib
import re
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from ballerup_cli.errors import DiskError, MissingFileError
from ballerup_cli.services.store.identity import open_holder
from ballerup_cli.storage.crypto.age import identity_text
from ballerup_cli.storage.files import own_folder, read_file, write_private

_MORNING = "shell-"
_UNTIL = re.compile(rb"# until: ([0-9T:+.-]{1,40})\n")


def unlock(identity: Path, runtime: Path, until: datetime, passphrase: Callable[[], str]) -> None:
    """Open an identity and keep it in the folder ``runtime`` until the moment given.

    Raises:
        NoIdentityError, WrongKeyError, CannotReadError, UnsafePermissionsError: the identity cannot be opened.
        DiskError: it cannot be kept there.
    """
    holder = open_holder(identity, passphrase)
    text = f"# until: {until.isoformat()}\n{identity_text(holder.identity)}\n"
    write_private(_kept(identity, runtime), text.encode())


def lock(identity: Path, runtime: Path) -> bool:
    """Take an identity out of the folder, and the marks of processes that hold one; tell whether any was there.

    Raises:
        UnsafePermissionsError, DiskError: it cannot be taken away.
    """
    if not runtime.exists():
        return False
    taken = [_take_away(place) for place in (_kept(identity, runtime), *runtime.glob(f"{_MORNING}*"))]
    with suppress(OSError):
        runtime.rmdir()  # unless another identity is open
    return any(taken)


def _take_away(kept: Path) -> bool:
    try:
        kept.unlink()
    except FileNotFoundError:
        return False
    except OSError as problem:
        raise DiskError(path=str(kept), reason=problem.strerror) from None
    return True


def begin_morning(runtime: Path, process: int) -> Path:
    """Leave a mark that a process holds a key open in its own memory; ``lock`` takes it away, and so ends that.

    Raises:
        UnsafePermissionsError, DiskError: it cannot be left there.
    """
    mark = own_folder(runtime) / f"{_MORNING}{process}"
    write_private(mark, b"")
    return mark


def unlocked(identity: Path, runtime: Path, now: datetime) -> Path | None:
    """Return where the identity lies open, None when it does not; one whose time is up is taken away.

    Raises:
        CannotReadError, UnsafePermissionsError, DiskError: somebody has meddled with the folder.
    """
    if not runtime.exists():
        return None
    kept = _kept(identity, runtime)
    try:
        item = _UNTIL.match(read_file(kept, limit=1 << 12))
    except MissingFileError:
        return None
    with suppress(ValueError, TypeError):
        if item and now < datetime.fromisoformat(item[1].decode()):
            return kept
    lock(identity, runtime)
    return None


def _kept(identity: Path, runtime: Path) -> Path:
    # One user may have several identities; the name of the file tells nothing of where they lie.
    mark = hashlib.sha256(str(identity.absolute()).encode()).hexdigest()
    return own_folder(runtime) / f"{mark[:32]}.identity"
