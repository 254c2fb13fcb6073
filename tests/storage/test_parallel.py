"""Many things are worked on at once, as if one after the other; and nobody works on when the program was killed."""

import errno
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from cli_kit import Home

from ballerup_cli.errors import NoIdentityError, SystemFailedError
from ballerup_cli.storage import parallel
from ballerup_cli.storage.parallel import parallel_map

ALONE = len(os.sched_getaffinity(0)) == 1


def square(number: int) -> int:
    if number == 217:
        raise NoIdentityError(file="nowhere")
    return number * number


def test_work_is_spread_in_order() -> None:
    assert list(parallel_map(square, range(200))) == [number * number for number in range(200)]


def test_work_fails_as_it_would_alone() -> None:
    done = []
    with pytest.raises(NoIdentityError) as caught:
        done.extend(parallel_map(square, range(300)))
    assert caught.value.facts == {"file": "nowhere"}


@pytest.mark.skipif(ALONE, reason="one processor")
def test_it_is_really_spread() -> None:
    assert os.getpid() not in {*parallel_map(lambda _: os.getpid(), range(200))}


def test_a_store_sealed_anew_by_several_processes_is_whole(town: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    before = {path.name: path.read_bytes() for path in town.sealed()}
    monkeypatch.setattr(parallel, "_FEW", 2)
    workspace = town.workspace()
    from ballerup_cli.storage.store.commit import commit, writing

    with writing(workspace.store):
        commit(workspace.store, [], at="2026-06-22T10:00:00+02:00", reseal=True)
    after = {path.name: path.read_bytes() for path in town.sealed()}
    assert before.keys() == after.keys() and not {name for name in after if after[name] == before[name]}
    assert town.run("verify").code == 0


ENDLESS = """
import os, time
from ballerup_cli.storage.parallel import parallel_map
def work(n):
    if n < 2:
        print(os.getpid(), flush=True)
    time.sleep(0.01)
list(parallel_map(work, range(200_000)))
"""


@pytest.mark.skipif(ALONE, reason="one processor")
def test_nobody_works_on_when_the_program_was_killed(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", ENDLESS], stdout=subprocess.PIPE, text=True) as program:
        assert program.stdout is not None
        workers = {int(program.stdout.readline()), int(program.stdout.readline())}
        program.send_signal(signal.SIGKILL)
    deadline = time.monotonic() + 10
    while left := [worker for worker in workers if _lives(worker)]:
        assert time.monotonic() < deadline, left
        time.sleep(0.1)


def _lives(process: int) -> bool:
    try:
        return "Z" not in Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False


@pytest.mark.skipif(ALONE, reason="one processor")
def test_no_semaphore_is_needed_as_where_there_is_no_shared_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    import _multiprocessing

    def refuse(*_: object) -> None:
        raise OSError(errno.EROFS, "Read-only file system")

    monkeypatch.setattr(_multiprocessing, "SemLock", refuse)
    assert list(parallel_map(square, range(200))) == [number * number for number in range(200)]


@pytest.mark.skipif(ALONE, reason="one processor")
@pytest.mark.parametrize("allowed", [0, 1])
def test_where_no_process_may_be_started_one_does_it_all(monkeypatch: pytest.MonkeyPatch, allowed: int) -> None:
    fork, forked = os.fork, list[int]()

    def limited() -> int:
        if len(forked) == allowed:
            raise BlockingIOError(errno.EAGAIN, "Resource temporarily unavailable")
        forked.append(fork())
        return forked[-1]

    monkeypatch.setattr(os, "fork", limited)
    assert set(parallel_map(lambda _: os.getpid(), range(200))) == {os.getpid()}
    assert len(forked) == allowed and not any(map(_lives, forked))


def killed(number: int) -> int:
    if number == 50:
        os.kill(os.getpid(), signal.SIGKILL)
    return number


@pytest.mark.skipif(ALONE, reason="one processor")
def test_a_process_that_is_killed_ends_the_work_and_nobody_waits_for_it() -> None:
    with pytest.raises(SystemFailedError) as failed:
        list(parallel_map(killed, range(200)))
    assert failed.value.facts == {"reason": "one of the program's processes was killed"}
