"""Files on the disk: what is read, what is written, who may see it, and the lock."""

import errno
import os
import resource
import signal
import socket
import stat
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import pytest

from ballerup_cli.errors import (
    CannotReadError,
    DiskError,
    MissingFileError,
    NoStoreError,
    StoreLockedError,
    UnsafePermissionsError,
)
from ballerup_cli.storage.files import (
    Folder,
    create_file,
    own_folder,
    private_folder,
    read_file,
    shared_folder,
    write_private,
)


def mode(path):
    return path.stat().st_mode & 0o7777


def names(folder):
    return [path.name for path in folder.iterdir()]


@contextmanager
def umask(value):
    before = os.umask(value)
    try:
        yield
    finally:
        os.umask(before)


@contextmanager
def disk_with_room_for(size):
    """Let no file of this process grow beyond ``size``, as a full disk does."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    ignored = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, ignored)


@pytest.fixture
def file(tmp_path):
    create_file(tmp_path / "file", b"content", mode=0o640)
    return tmp_path / "file"


# --- reading ----------------------------------------------------------------------------------------------------------


def test_a_file_is_read_whole(file):
    assert read_file(file) == b"content"
    assert read_file(file, limit=7) == b"content"


@pytest.mark.parametrize("call", ["open", "fstat"])
def test_a_file_that_another_machine_replaces_meanwhile_is_opened_anew(file, monkeypatch, call):
    """A network file system says that the old one is gone; two machines with one store found it (`make proof`)."""
    left, real = [2], getattr(os, call)

    def stale(*told):
        left[0] -= 1
        if left[0] >= 0:
            raise OSError(errno.ESTALE, os.strerror(errno.ESTALE))
        return real(*told)

    monkeypatch.setattr(os, call, stale)
    assert read_file(file) == b"content"
    left[0] = 1000
    with pytest.raises(CannotReadError):
        read_file(file)
    left[0] = 0


def test_a_missing_file_is_named_as_it_is_shown(tmp_path):
    with pytest.raises(MissingFileError, match="register: missing"):
        read_file(tmp_path / "x", shown="register")


def a_link(path):
    path.with_name("target").write_bytes(b"x")
    path.symlink_to(path.with_name("target"))


def a_dead_link(path):
    path.symlink_to(path.with_name("nowhere"))


def a_folder(path):
    path.mkdir(mode=0o750)


def a_pipe(path):
    os.mkfifo(path, 0o640)


def a_socket(path):
    with socket.socket(socket.AF_UNIX) as one:
        one.bind(str(path))
    path.chmod(0o640)


def a_large_file(path):
    path.touch(0o640)
    os.truncate(path, 1 << 40)


def something_below_a_file(path):
    path.parent.rmdir()
    path.parent.write_bytes(b"")


@pytest.mark.parametrize(
    "make", [a_link, a_dead_link, a_folder, a_pipe, a_socket, a_large_file, something_below_a_file]
)
def test_only_plain_files_of_a_sane_size_are_read(tmp_path, make):
    (tmp_path / "folder").mkdir()
    path = tmp_path / "folder" / "file"
    make(path)
    opened = len(list(Path("/proc/self/fd").iterdir()))
    with pytest.raises(CannotReadError):
        read_file(path)
    assert len(list(Path("/proc/self/fd").iterdir())) == opened


def test_a_file_over_the_limit_is_not_read(file):
    with pytest.raises(CannotReadError, match="too large"):
        read_file(file, limit=6)


@pytest.mark.parametrize("bits", [0o1, 0o2, 0o4, 0o7])
def test_a_file_open_to_everybody_is_not_read(file, bits):
    file.chmod(0o640 | bits)
    with pytest.raises(UnsafePermissionsError):
        read_file(file)
    file.chmod(0o660)
    assert read_file(file) == b"content"


# --- writing ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("mask", [0o000, 0o022, 0o077])
def test_rights_do_not_depend_on_the_umask(tmp_path, mask):
    with umask(mask):
        folder = Folder(shared_folder(tmp_path / "store"))
        folder.create("case", b"x")
        with folder.locked():
            pass
        private = private_folder(tmp_path / "private")
        write_private(private / "identity", b"x")
    assert mode(folder.path) == 0o2770
    assert mode(folder.path / "case") == 0o640
    assert mode(folder.path / ".lock") == 0o660
    assert mode(private) == 0o700
    assert mode(private / "identity") == 0o600


def test_a_folder_among_those_of_others_is_ours_alone(tmp_path, monkeypatch):
    ours = own_folder(tmp_path / "ours")
    assert mode(ours) == 0o700 and own_folder(ours) == ours
    (tmp_path / "open").mkdir()
    (tmp_path / "open").chmod(0o710)
    (tmp_path / "link").symlink_to(ours)
    for name in ("open", "link"):
        with pytest.raises(UnsafePermissionsError):
            own_folder(tmp_path / name)
    monkeypatch.setattr(os, "getuid", lambda: ours.stat().st_uid + 1)
    with pytest.raises(UnsafePermissionsError):
        own_folder(ours)


def test_why_a_file_cannot_be_read_is_said(tmp_path, file):
    (tmp_path / "link").symlink_to(file)
    os.mkfifo(tmp_path / "pipe", 0o640)
    told = {"link": "a link", "file/below": "Not a directory", "pipe": "not a plain file"}
    for path, reason in ((tmp_path / name, reason) for name, reason in told.items()):
        with pytest.raises(CannotReadError) as refused:
            read_file(path)
        assert refused.value.facts["reason"] == reason


def test_only_what_lasts_waits_for_the_disk(tmp_path, monkeypatch):
    folders = []
    monkeypatch.setattr(os, "fsync", lambda handle: folders.append(stat.S_ISDIR(os.fstat(handle).st_mode)))
    create_file(tmp_path / "a", b"x", mode=0o640)
    write_private(tmp_path / "b", b"x")
    assert folders == [False, False, True]
    create_file(tmp_path / "c", b"x", mode=0o640, lasting=False)
    write_private(tmp_path / "d", b"x", lasting=False)
    assert len(folders) == 3


def test_a_file_as_large_as_may_be_is_read(file):
    assert read_file(file, limit=7) == b"content"
    with pytest.raises(CannotReadError):
        read_file(file, limit=6)


def test_a_new_file_replaces_none_and_follows_no_link(tmp_path, file):
    (tmp_path / "link").symlink_to(tmp_path / "nowhere")
    for name in ("file", "link"):
        with pytest.raises(FileExistsError):
            create_file(tmp_path / name, b"other", mode=0o640)
    assert read_file(file) == b"content"
    assert not (tmp_path / "nowhere").exists()


@pytest.mark.parametrize("room", [0, 1, 5000, 99_999])
def test_a_file_that_does_not_fit_leaves_nothing(tmp_path, room):
    with disk_with_room_for(room), pytest.raises(OSError, match=os.strerror(errno.EFBIG)):
        create_file(tmp_path / "file", bytes(100_000), mode=0o640)
    assert names(tmp_path) == []


@pytest.mark.parametrize("room", [0, 1, 5000, 99_999])
def test_a_private_file_is_replaced_whole_or_stays(tmp_path, room):
    path = tmp_path / "anchor.json"
    write_private(path, b"before")
    with disk_with_room_for(room), pytest.raises(DiskError):
        write_private(path, bytes(100_000))
    assert read_file(path) == b"before"
    assert names(tmp_path) == ["anchor.json"]
    write_private(path, b"after")
    assert read_file(path) == b"after"


def test_a_private_file_that_cannot_take_its_place_leaves_no_draft(tmp_path):
    (tmp_path / "taken").mkdir()
    with pytest.raises(DiskError):
        write_private(tmp_path / "taken", b"x")
    assert names(tmp_path) == ["taken"]


def test_a_private_file_replaces_a_link_and_not_what_it_leads_to(tmp_path, file):
    (tmp_path / "link").symlink_to(file)
    write_private(tmp_path / "link", b"mine")
    assert read_file(file) == b"content"
    assert read_file(tmp_path / "link") == b"mine"


def test_a_draft_left_by_a_crash_is_in_nobodys_way(tmp_path):
    (tmp_path / f".anchor.json.{os.getpid()}.new").write_bytes(b"torn")
    write_private(tmp_path / "anchor.json", b"x")
    assert names(tmp_path) == ["anchor.json"]


@pytest.mark.parametrize("make", [private_folder, shared_folder])
def test_a_folder_in_the_place_of_a_file_cannot_be_made(file, make):
    with pytest.raises(DiskError):
        make(file / "folder")
    with pytest.raises(DiskError):
        make(file)


# --- folders ----------------------------------------------------------------------------------------------------------


def test_names_are_plain_names(tmp_path):
    folder = Folder(tmp_path)
    folder.create("a", b"1")
    folder.create(".b.new", b"2")
    folder.rename(".b.new", "b")
    folder.rename("b", "a")
    folder.unlink("nothing")
    folder.sync()
    assert (folder.names(), folder.read("a")) == ({"a"}, b"2")
    folder.unlink("a")
    assert folder.names() == frozenset()


def test_a_folder_that_is_not_there(tmp_path, file):
    for path in (tmp_path / "nowhere", file, file / "below"):
        with pytest.raises(NoStoreError):
            Folder(path).check_rights()
    with pytest.raises(MissingFileError):
        Folder(tmp_path / "nowhere").names()
    with pytest.raises(CannotReadError):
        Folder(file).names()
    (tmp_path / "round").symlink_to(tmp_path / "round")
    with pytest.raises(CannotReadError):
        Folder(tmp_path / "round").check_rights()


@pytest.mark.parametrize("bits", [0o1, 0o2, 0o4])
def test_a_folder_open_to_everybody(tmp_path, bits):
    folder = Folder(shared_folder(tmp_path / "store"))
    folder.check_rights()
    folder.path.chmod(0o2770 | bits)
    with pytest.raises(UnsafePermissionsError):
        folder.check_rights()


# --- the lock ---------------------------------------------------------------------------------------------------------

HOLD = """
import sys
from pathlib import Path
from ballerup_cli.storage.files import Folder
with Folder(Path(sys.argv[1])).locked():
    print("held", flush=True)
    sys.stdin.read()
"""


@contextmanager
def somebody_who_writes(path):
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as other:
        assert other.stdout.readline() == b"held\n"
        try:
            yield other
        finally:
            other.stdin.close()


def test_one_writer_at_a_time(tmp_path):
    folder = Folder(tmp_path, patience=0.05)
    with somebody_who_writes(tmp_path):
        with pytest.raises(StoreLockedError) as caught, folder.locked():
            pass
        assert caught.value.exit_code == 41
    with folder.locked():
        pass


def test_a_writer_that_is_killed_keeps_no_lock(tmp_path):
    with somebody_who_writes(tmp_path) as other:
        other.kill()
        other.wait()
        with Folder(tmp_path, patience=5).locked():
            pass


def test_the_lock_is_let_go_after_an_error(tmp_path):
    folder = Folder(tmp_path, patience=0.05)
    with pytest.raises(ZeroDivisionError), folder.locked():
        raise ZeroDivisionError
    with folder.locked():
        pass


@pytest.mark.parametrize("make", [a_link, a_dead_link, a_folder])
def test_a_lock_that_is_no_file_is_refused(tmp_path, make):
    make(tmp_path / ".lock")
    before = {path: path.read_bytes() for path in tmp_path.iterdir() if path.is_file()}
    with pytest.raises(DiskError), Folder(tmp_path, patience=0.05).locked():
        pass
    assert {path: path.read_bytes() for path in tmp_path.iterdir() if path.is_file()} == before
