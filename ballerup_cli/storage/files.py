"""Files on the disk: bounded reads that follow no link, private writes that are whole or absent, and the lock.

What the files mean, and in which order they may be written, belongs to ``store``.
"""

import errno
import fcntl
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from ballerup_cli.errors import (
    N_,
    CannotReadError,
    DiskError,
    MissingFileError,
    NoLocksError,
    NoStoreError,
    StoreLockedError,
    UnsafePermissionsError,
)

LARGEST = 256 * 1024 * 1024
"""No file of a store is larger; a larger one is not read."""

_LOCK = ".lock"
_SHARED = 0o2770
_AGAIN = 5
"""So often a file is opened: on a network file system, another machine may put a new one in its place meanwhile."""


@dataclass(frozen=True, slots=True)
class Folder:
    """A store's folder: plain names in, bytes out. Its users name no path themselves."""

    path: Path
    patience: float = 10.0  # seconds to wait for the lock; a save takes milliseconds

    def names(self) -> frozenset[str]:
        """Return the names in the folder.

        Raises:
            MissingFileError: there is no such folder.
            CannotReadError: it cannot be listed.
        """
        try:
            return frozenset(os.listdir(self.path))  # noqa: PTH208  (ten thousand names; a path each costs six times as much)
        except FileNotFoundError:
            raise MissingFileError(file=str(self.path)) from None
        except OSError as problem:
            raise CannotReadError(path=str(self.path), reason=problem.strerror) from None

    def read(self, name: str) -> bytes:
        """Return a file's bytes.

        Raises:
            MissingFileError, CannotReadError, UnsafePermissionsError: as they say.
        """
        try:
            return read_file(self.path / name, shown=name)
        except UnsafePermissionsError:
            raise UnsafePermissionsError(path=" ".join(self._unsafe())) from None

    def seen(self, name: str) -> str:
        """Return what tells a file from the same one changed or another one put in its place; '' when there is none."""
        try:
            facts = os.lstat(f"{self.path}/{name}")
        except OSError:
            return ""
        return f"{facts.st_size} {facts.st_mtime_ns} {facts.st_ctime_ns} {facts.st_ino} {facts.st_dev}"

    def create(self, name: str, data: bytes) -> None:
        """Write a new file, whole and on the disk, readable for the folder's group; its name may still be unsynced."""
        create_file(self.path / name, data, mode=0o640)

    def rename(self, old: str, new: str) -> None:
        """Give a file its new name in one step; the file that had it is gone."""
        (self.path / old).rename(self.path / new)

    def unlink(self, name: str) -> None:
        """Remove a file; one that is not there is removed already."""
        (self.path / name).unlink(missing_ok=True)

    def below(self, name: str, *, make: bool = False) -> "Folder":
        """Return a folder inside this one, for the same group."""
        path = self.path / name
        if make:
            path.mkdir(mode=0o770, exist_ok=True)
        return Folder(path, self.patience)

    def changed(self) -> datetime:
        """Return when a name in this folder was last changed."""
        return datetime.fromtimestamp(self.path.stat().st_mtime, UTC)

    def sync(self) -> None:
        """Bring the folder's names to the disk."""
        sync_folder(self.path)

    def check_rights(self) -> None:
        """Refuse a folder that everybody on the machine may read or write.

        Raises:
            NoStoreError: there is no such folder.
            CannotReadError: it cannot be reached.
            UnsafePermissionsError: its world bits are set.
        """
        try:
            mode = self.path.stat().st_mode
        except (FileNotFoundError, NotADirectoryError):
            mode = 0
        except OSError as problem:
            raise CannotReadError(path=str(self.path), reason=problem.strerror) from None
        if not stat.S_ISDIR(mode):
            raise NoStoreError(path=str(self.path))
        if mode & stat.S_IRWXO:
            raise UnsafePermissionsError(path=" ".join([str(self.path), *self._unsafe()]))

    def _unsafe(self) -> list[str]:
        """Return the files in the folder that everybody may use: all of them, so that one look is enough."""
        with os.scandir(self.path) as entries:
            return sorted(
                entry.path
                for entry in entries
                if entry.is_file(follow_symlinks=False) and entry.stat(follow_symlinks=False).st_mode & stat.S_IRWXO
            )

    @contextmanager
    def locked(self, name: str = _LOCK, *, needed: bool = True) -> Iterator[None]:
        """Hold the folder's write lock, or one of another name; readers never need it.

        Raises:
            StoreLockedError: somebody else kept it for too long.
            NoLocksError: the file system has none, and one is ``needed``.
            DiskError: the folder cannot be written.
        """
        with locked(self.path / name, mode=0o660, patience=self.patience, needed=needed):
            yield


@contextmanager
def locked(path: Path, *, mode: int, patience: float = 10.0, needed: bool = True) -> Iterator[None]:
    """Hold the lock that the file ``path`` stands for; it goes with the process that held it.

    Where the file system knows no locks, what does not need one goes on without.

    Raises:
        StoreLockedError: somebody else kept it for too long.
        NoLocksError: the file system has none, and one is ``needed``.
        DiskError: the file cannot be made or opened.
    """
    from filelock import FileLock, Timeout

    if not _has_locks(path, mode):
        if needed:
            raise NoLocksError(path=str(path.parent))
        yield
        return
    lock = FileLock(path, timeout=patience, mode=mode)
    try:
        lock.acquire()
    except Timeout:
        raise StoreLockedError from None
    except OSError as problem:
        raise DiskError(path=str(path.parent), reason=problem.strerror) from None
    try:
        yield
    finally:
        lock.release()


def _has_locks(path: Path, mode: int) -> bool:
    """Tell whether files here can be locked; asking first keeps the library from a lock that outlives its process.

    Raises:
        DiskError: the file cannot be made or opened.
    """
    try:
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, mode)
    except OSError as problem:
        raise DiskError(path=str(path.parent), reason=problem.strerror) from None
    try:
        if stat.S_IMODE(os.fstat(handle).st_mode) != mode:
            with suppress(PermissionError):  # another one's file, which has been right for him
                os.fchmod(handle, mode)  # whatever the umask says
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError as problem:
        return problem.errno not in _NO_LOCKS
    finally:
        os.close(handle)
    return True


_NO_LOCKS = {errno.ENOSYS, errno.ENOLCK, errno.EOPNOTSUPP, errno.ENOTSUP, errno.EINVAL}


def read_file(path: Path, *, shown: str = "", limit: int = LARGEST) -> bytes:
    """Return the bytes of a regular file, never through a link and never more than ``limit``.

    Raises:
        MissingFileError, CannotReadError, UnsafePermissionsError: as they say.
    """
    shown, problem = shown or str(path), OSError()
    for _ in range(_AGAIN):
        try:
            return _read_itself(path, shown, limit)
        except FileNotFoundError:
            raise MissingFileError(file=shown) from None
        except OSError as failed:
            problem = failed
            if failed.errno != errno.ESTALE:
                break
    reason = N_("a link") if problem.errno == errno.ELOOP else problem.strerror
    raise CannotReadError(path=shown, reason=reason) from None


def _read_itself(path: Path, shown: str, limit: int) -> bytes:
    with open(path, "rb", opener=_open_itself) as file:
        facts = os.fstat(file.fileno())
        if not stat.S_ISREG(facts.st_mode):
            raise CannotReadError(path=shown, reason=N_("not a plain file"))
        if facts.st_size > limit:
            raise CannotReadError(path=shown, reason=N_("too large"))
        if facts.st_mode & 0o007:
            raise UnsafePermissionsError(path=str(path))
        return file.read(facts.st_size)


def _open_itself(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_NOFOLLOW | os.O_NONBLOCK)  # no link, and no waiting at a pipe


def create_file(path: Path, data: bytes, *, mode: int, lasting: bool = True) -> None:
    """Write a file that must not exist yet and, if it is ``lasting``, to the disk; a half-written one is taken away.

    Raises:
        OSError: as the system says; the caller knows what stands.
    """
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, mode)
    try:
        with os.fdopen(handle, "wb") as file:
            os.fchmod(file.fileno(), mode)  # whatever the umask says: the group must be able to read
            file.write(data)
            file.flush()
            if lasting:
                os.fsync(file.fileno())
    except BaseException:
        with suppress(OSError):
            path.unlink()
        raise


def sync_folder(path: Path) -> None:
    """Bring a folder's names to the disk."""
    handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def write_private(path: Path, data: bytes, *, lasting: bool = True) -> None:
    """Put a file of one user in place, whole or not at all, readable for nobody else.

    One that is not ``lasting`` can be made again, and no command waits for the disk because of it.

    Raises:
        DiskError: it could not be written; what was there before stands.
    """
    draft = path.with_name(f".{path.name}.{os.getpid()}.new")
    try:
        draft.unlink(missing_ok=True)
        create_file(draft, data, mode=0o600, lasting=lasting)
        draft.rename(path)
        if lasting:
            sync_folder(path.parent)
    except OSError as problem:
        with suppress(OSError):
            draft.unlink()
        raise DiskError(path=str(path), reason=problem.strerror) from None


def claim_private(path: Path) -> bool:
    """Make an empty file of one user; tell whether it is new.

    Raises:
        DiskError: it cannot be made.
    """
    try:
        create_file(path, b"", mode=0o600, lasting=False)
    except FileExistsError:
        return False
    except OSError as problem:
        raise DiskError(path=str(path), reason=problem.strerror) from None
    return True


def private_folder(path: Path) -> Path:
    """Make a folder that only its owner may enter, unless it is there already.

    Raises:
        DiskError: it cannot be made.
    """
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as problem:
        raise DiskError(path=str(path), reason=problem.strerror) from None
    return path


def own_folder(path: Path) -> Path:
    """Make a private folder where others may make some too, or take the one that is there, if it is ours alone.

    Raises:
        UnsafePermissionsError: somebody else made it, or others may enter it.
        DiskError: it cannot be made.
    """
    facts = private_folder(path).lstat()
    if not stat.S_ISDIR(facts.st_mode) or facts.st_mode & 0o077 or facts.st_uid != os.getuid():
        raise UnsafePermissionsError(path=str(path))
    return path


def shared_folder(path: Path) -> Path:
    """Make a store's folder, or take an empty one: for its owner and one group, nobody else.

    Raises:
        DiskError: it cannot be made or its rights not be set.
    """
    try:
        path.mkdir(mode=0o770, parents=True, exist_ok=True)
        if stat.S_IMODE(path.stat().st_mode) != _SHARED:  # only its owner can change rights that are wrong
            path.chmod(_SHARED)
    except OSError as problem:
        raise DiskError(path=str(path), reason=problem.strerror) from None
    return path
