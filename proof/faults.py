"""Fault injection: a save whose every system call on the user's files fails once, and disks that take only a part.

`strace` lets the n-th call of the real command return an error. A limit on the size of files makes writes short: the
system takes what fits and refuses the rest.
"""

import json
import re
import resource
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

from cli_kit import Answer, Home

from proof.calls import call, contents
from proof.tally import Ask, NotHereError, Tally

CALLS = "%file,%desc"
"""All calls that take a path or an open file."""
ERRORS = ("EIO", "ENOSPC", "EINTR")
WORD = "Kolibri"
NOTE = json.dumps({"text": WORD})
SAID = {0, 31, 33, 40, 43, 41, 42}
"""What a command may end with when the disk fails it: done, unreadable, missing, or the disk's own codes."""
STEADY = {"PYTHONHASHSEED": "0", "PYTHONDONTWRITEBYTECODE": "1"}
"""So that the n-th call is the same one each time."""
STRACE = ("strace", "-f", "--seccomp-bpf", "-y", "-qq", "-o")
_LINE = re.compile(r"^(?:\d+ +)?(\w+)\((.*)")


def run(ask: Ask, tally: Tally, origin: Home) -> None:
    """Let ``rounds`` of the calls fail (0: every one), and as many writes be short."""
    if not may_trace(ask.place):
        raise NotHereError("strace is missing or ptrace is not allowed")
    home = origin.copied(ask.place / "faults")
    kept = shutil.copytree(home.path, ask.place / "kept", symlinks=True)
    faults = [(name, number, error) for name, number in _calls(home, ask.place) for error in ERRORS]
    chosen = ask.dice("faults").sample(faults, min(ask.rounds, len(faults))) if ask.rounds else faults
    for name, number, error in chosen:
        inject = (*STRACE, str(ask.place / "trace"), "-e", f"trace={name}")
        fault = (*inject, "-e", f"inject={name}:error={error}:when={number}")
        _suffer(home, kept, tally, f"{name} {number} {error}", fault)
    for size in ask.dice("short").sample(range(12_000), ask.rounds or 120):
        _suffer(home, kept, tally, f"short at {size}", (), lambda size=size: _limit(size))
        tally.count("short writes")


def _limit(size: int) -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))


def may_trace(place: Path) -> bool:
    words = ["strace", "-f", "-o", str(place / "trace"), "true"]
    return bool(shutil.which("strace")) and subprocess.run(words, capture_output=True, check=False).returncode == 0


def _calls(home: Home, place: Path) -> Iterator[tuple[str, int]]:
    """Trace one save; give the ordinal of each call that touches the user's files."""
    log = place / "trace"
    _note(home, (*STRACE, str(log), "-e", f"trace={CALLS}"), None)
    seen: dict[str, int] = {}
    for line in log.read_text(errors="replace").splitlines():
        if not (found := _LINE.match(line)):
            continue
        seen[found[1]] = seen.get(found[1], 0) + 1
        if _is_of_user(home, found[2]):
            yield found[1], seen[found[1]]


def _note(home: Home, before: tuple[str, ...], limit: Callable[[], None] | None) -> Answer:
    ended = subprocess.run(
        [*before, *home.command("note", "2026-0001", "--from", "-")],
        input=NOTE.encode(),
        capture_output=True,
        env=home.environ() | STEADY,
        cwd=home.work,
        timeout=60,
        check=False,
        preexec_fn=limit,
    )
    return Answer(code=ended.returncode, out=ended.stdout.decode(), err=ended.stderr.decode())


def _hit(home: Home, log: Path) -> bool:
    """Tell whether the call that failed was one on the user's files."""
    lines = log.read_text(errors="replace").splitlines()
    return any("(INJECTED)" in line and _is_of_user(home, line) for line in lines)


def _is_of_user(home: Home, line: str) -> bool:
    return any(f"{home.path}/{part}" in line for part in ("store", "config", "state", "cache", "tmp"))


def _suffer(
    home: Home, kept: Path, tally: Tally, fault: str, before: tuple[str, ...], limit: Callable[[], None] | None = None
) -> None:
    shutil.rmtree(home.path)
    shutil.copytree(kept, home.path, symlinks=True)
    old = contents(home)["cases/2026-0001"]
    answer = _note(home, before, limit)
    if before and not _hit(home, Path(before[before.index("-o") + 1])):
        tally.count("faults that met another call, not counted")
        return
    tally.count("faults injected", bool(before))
    tally.count("the save went through" if answer.code == 0 else "the save said that it failed")
    tally.expect(answer.code in SAID, fault, "exit code", answer.code, answer.err[-300:])
    tally.expect(WORD not in answer.err, fault, "a word of the record in the message")
    tally.expect(call(home, "verify").code == 0, fault, "false alarm", answer)
    now = contents(home)["cases/2026-0001"]
    tally.expect(now - old in ((1,) if answer.code == 0 else (0, 1)), fault, "lost or doubled", answer)
    again = call(home, "note", "2026-0001", "--from", "-", typed=NOTE)
    tally.expect(again.code == 0 and contents(home)["cases/2026-0001"] == now + 1, fault, "cannot be repeated", again)
    left = [path.name for path in home.path.rglob("*") if path.is_file() and WORD.encode() in path.read_bytes()]
    tally.expect(not left, fault, "plaintext left", left)
