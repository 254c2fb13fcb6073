"""Memory: the only place on a machine where a form or an opened key may lie in plain text."""

import os
import resource
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from ballerup_cli.cli.ui import interrupts
from ballerup_cli.errors import NoMemoryFolderError


def folder() -> Path | None:
    """Return a folder in memory that this user may write, None when there is none."""
    for place in (os.environ.get("XDG_RUNTIME_DIR"), "/dev/shm"):  # noqa: S108  (checked to be memory)
        if place and in_memory(place, mounts()) and os.access(place, os.W_OK | os.X_OK):
            return Path(place)
    return None


@contextmanager
def scratch(*, disk: bool) -> Iterator[Path]:
    """Give a folder for a while, in memory and for nobody else; on a disk where there is none, if it may lie there.

    Raises:
        NoMemoryFolderError: there is none.
    """
    place = folder()
    if place is None and not disk:
        raise NoMemoryFolderError
    made = Path(tempfile.mkdtemp(prefix="ballerup-", dir=place))  # mode 0700
    wipe = partial(shutil.rmtree, made, ignore_errors=True)
    with interrupts.cleanup(wipe):
        try:
            yield made
        finally:
            wipe()


def mounts() -> str:
    """Read the table of mounted file systems; nothing where there is none."""
    try:
        return Path("/proc/mounts").read_text(encoding="utf-8", errors="surrogateescape")
    except OSError:
        return ""


def in_memory(place: str, table: str) -> bool:
    """Tell from the table of mounts whether the folder ``place`` lies in memory."""
    real, kind, longest = os.path.realpath(place), "", -1
    for line in table.splitlines():
        point, fstype = line.split(" ")[1:3]
        point = point.replace("\\040", " ").rstrip("/")
        if (real + "/").startswith(point + "/") and len(point) >= longest:  # a later mount hides an earlier one
            kind, longest = fstype, len(point)
    return kind in ("tmpfs", "ramfs")


def leave_no_dump() -> None:
    """See to it that a crash leaves no image of the memory: neither as a file nor at a program that takes dumps.

    One byte is too little for a file, and means "no dump" where a program takes them; 0 does not (core(5)).
    """
    hard = resource.getrlimit(resource.RLIMIT_CORE)[1]
    resource.setrlimit(resource.RLIMIT_CORE, (1 if hard else 0, hard))
