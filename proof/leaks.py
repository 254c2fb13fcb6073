"""A trace of the system calls of real commands: no word of a record is written but to the terminal and to memory.

Every text field of every form holds a word of its own kind. The trace shows what is written, to what, which programs
are called with which arguments and environment, which names are opened, and that no image of the memory may be left.
On a terminal nothing is said to it that a window, a tab or a history would keep. And a store is spoilt in every way
that the program has an error for: no message tells a word.
"""

import json
import os
import pty
import re
import shutil
import subprocess
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import invented
from cli_kit import Home, take_in
from sheets import MAP, as_csv, good_rows
from test_leaks import CANARY, FORMS, REQUEST

from ballerup_cli.cli.ui.memory import in_memory, mounts
from proof.calls import call
from proof.faults import may_trace
from proof.tally import Ask, NotHereError, Tally

CALLS = (
    "write,pwrite64,writev,pwritev,sendto,sendmsg,execve,openat,creat,rename,link,symlink,mkdir,setxattr,"
    "prctl,prlimit64"
)
LOOKS = (
    *(
        "show N",
        "show N --format json",
        "list",
        "list --format csv",
        "due --within 4000",
        "today",
        "search Kanariefugl",
    ),
    *("report --from 2026-01-01 --to 2026-12-31", "verify", "check", "disclosures --from 2026-01-01 --to 2026-12-31"),
    *("access N --format md --out access.md.age", "document N slip --out slip.age", "export N --out exported"),
    *("backup ../usb", "restore ../usb --prove", "show 2099-0001", "retention --within 4000"),
)
"""Looks, papers and copies of the case N; what fails must not tell either."""
ON_TERMINAL = ("show N", "list --names", "search --state received", "today", "due", "report", "members list", "check")
KEPT_BY_TERMINALS = (b"\x1b]", b"\x1bP", b"\x1b^", b"\x1b_", b"\x1bk", b"\x9d", b"\x90")
"""How a terminal is told a title, a link, the clipboard, or anything else that outlives the screen."""
NO_DUMP = re.compile(r"RLIMIT_CORE, \{rlim_cur=[01],")
_LINE = re.compile(r"^(?:\d+ +)?(\w+)\((.*)")


def run(ask: Ask, tally: Tally, origin: Home) -> None:
    """Trace ``rounds`` steps and as many looks; 0 means all."""
    if not may_trace(ask.place):
        raise NotHereError("strace is missing or ptrace is not allowed")
    home = origin.copied(ask.place / "leaks")
    take_in(home, "bo")
    number = "2026-0010"
    steps = [[*_called(step, number), "--from", "-"] for step, _ in FORMS]
    forms = [json.dumps(form) for _, form in FORMS]
    for place, (words, form) in enumerate(zip(steps, forms, strict=True)):
        if not ask.rounds or place in (0, *ask.dice("steps").sample(range(len(FORMS)), ask.rounds)):
            _trace(home, tally, ask.place, words, form)
        else:
            assert call(home, *words, typed=form).code == 0, words
    if not ask.rounds:
        _bring_in(home, tally, ask.place)
    broken = json.dumps(invented.create(concern=CANARY, received_by=CANARY, subject={CANARY: CANARY}))
    _trace(home, tally, ask.place, ["create", "--from", "-"], broken)
    looks = [look.replace("N", number, 1) if " N" in look else look for look in LOOKS]
    for look in ask.dice("looks").sample(looks, ask.rounds) if ask.rounds else looks:
        _trace(home, tally, ask.place, look.replace("Kanariefugl", CANARY).split(), "")
    for look in ask.dice("terminal").sample(ON_TERMINAL, ask.rounds) if ask.rounds else ON_TERMINAL:
        _on_terminal(home, tally, look.replace("N", number, 1).split())
    _nothing_left(home, tally, "anything")
    for name in ask.dice("spoilt").sample(sorted(SPOILT), ask.rounds) if ask.rounds else SPOILT:
        _spoil(home, tally, ask.place / "spoilt", name, number)
    shutil.rmtree(home.path)


def _called(step: str, number: str) -> list[str]:
    """Return the command of a step with the case, or the request, that it is about."""
    if step == "create":
        return [step]
    command = step.split("-") if step.startswith("request-") else [step]
    return [*command, REQUEST if step in ("request-decide", "request-answer") else number]


def _bring_in(home: Home, tally: Tally, place: Path) -> None:
    """Trace an import over several processes; the sheet itself lies there in plain text, and goes."""
    named = [row | {"Navn": CANARY, "Bekymring": CANARY} for row in good_rows(250)]
    (home.work / "ark.csv").write_bytes(as_csv(named))
    (home.work / "kort.yaml").write_text(MAP)
    _trace(home, tally, place, ["import", "ark.csv", "--map", "kort.yaml"], "")
    tally.expect(len(home.sealed()) > len(named), "not brought in")
    (home.work / "ark.csv").unlink()


def _nothing_left(home: Home, tally: Tally, after: str) -> None:
    left = [path.name for path in home.path.rglob("*") if path.is_file() and CANARY.encode() in path.read_bytes()]
    tally.expect(not left, "left in files", after, left)


def _on_terminal(home: Home, tally: Tally, words: list[str]) -> None:
    """Run a command at a terminal and read all that it says to it."""
    terminal, inside = pty.openpty()
    environment = home.environ() | {"TERM": "xterm-256color", "PAGER": "cat"}
    tied = {"stdin": inside, "stdout": inside, "stderr": inside, "cwd": home.work, "env": environment}
    with subprocess.Popen(home.command(*words), start_new_session=True, **tied) as process:
        os.close(inside)
        screen = b""
        with suppress(OSError):  # the program has ended and taken its side with it
            while chunk := os.read(terminal, 4096):
                screen += chunk
                if screen.endswith((b": ", b":\x1b[K")):  # a question: nobody answers
                    os.write(terminal, b"\x04")
    os.close(terminal)
    told = [mark for mark in KEPT_BY_TERMINALS if mark in screen]
    tally.expect(bool(screen) and not told, "told to the terminal", words, told, process.returncode)
    tally.count("commands at a terminal")


# --- failures ---------------------------------------------------------------------------------------------------------


def _damaged(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def _older(home: Home) -> None:
    """Roll the whole folder back behind what was seen."""
    before = {path: path.read_bytes() for path in home.store.iterdir()}
    assert call(home, "note", "2026-0001", "--from", "-", typed='{"text": "Ringede"}').code == 0
    for path, data in before.items():
        path.write_bytes(data)


SPOILT: dict[str, Callable[[Home], object]] = {
    "no key": lambda home: home.identity.unlink(),
    "a key that is none": lambda home: home.identity.write_text(f"{CANARY}\n"),
    "no register": lambda home: (home.store / "register.age").unlink(),
    "a damaged register": lambda home: _damaged(home.store / "register.age"),
    "no members": lambda home: (home.store / "members.yaml.age").unlink(),
    "no case": lambda home: (home.store / "2026-0010.yaml.age").unlink(),
    "a damaged case": lambda home: _damaged(home.store / "2026-0010.yaml.age"),
    "another case": lambda home: shutil.copy(home.store / "2026-0001.yaml.age", home.store / "2026-0010.yaml.age"),
    "a damaged index": lambda home: [_damaged(path) for path in (home.path / "cache").rglob("*.age")],
    "an older store": _older,
    "no store": lambda home: shutil.rmtree(home.store),
    "a store open to everybody": lambda home: home.store.chmod(0o777),
    "no anchor": lambda home: home.anchor.unlink(),
    "an anchor that is none": lambda home: home.anchor.write_text(CANARY),
    "a configuration that is none": lambda home: (home.path / "config" / "config.yaml").write_text(f"{CANARY}: ["),
    "a folder for the index that is none": lambda home: (
        shutil.rmtree(home.path / "cache", ignore_errors=True),
        (home.path / "cache").write_text(""),
    ),
}
"""Ways in which a store can be spoilt, so that commands fail in the ways they have."""
TRIED = (
    *("create --from -", "note N --from -", "share N --from -", "correct N --from -", "show N", "show N --format json"),
    *("list --format json", "search --from -", "check", "report --internal", "access N --plain --out a.txt", "verify"),
    *(
        "document N slip --plain --out b.md",
        "export N --out exported",
        "erase N --from - --yes",
        "restore ../usb --yes",
    ),
)


def _spoil(home: Home, tally: Tally, place: Path, name: str, number: str) -> None:
    """Spoil a store and call everything that handles records."""
    spoilt = home.copied(place)
    SPOILT[name](spoilt)
    planted = name.endswith("is none")  # what was written there to spoil it is no leak of ours
    forms = {step: json.dumps(form) for step, form in FORMS} | {"search": CANARY}
    for line in TRIED:
        words = line.replace("N", number, 1).split()
        answer = call(spoilt, *words, typed=forms.get(words[0], json.dumps({CANARY: CANARY})))
        tally.count("commands on a spoilt store")
        tally.count("refused", answer.code not in (0, 3))
        tally.expect(answer.code != 1, "a bug", name, words, answer.err[-300:])
        tally.expect(CANARY not in answer.err, "in a message", name, words)
        tally.expect(CANARY not in answer.out or words[0] in ("show", "search"), "in what is printed", name, words)
    for kind in ("a.txt", "b.md"):  # asked for in plain text
        (spoilt.work / kind).unlink(missing_ok=True)
    if not planted:
        _nothing_left(spoilt, tally, name)
    shutil.rmtree(place)


def _trace(home: Home, tally: Tally, place: Path, words: list[str], typed: str) -> None:
    log = place / "leaks.trace"
    before = (
        "strace",
        "-f",
        "--seccomp-bpf",
        "-y",
        "-qq",
        "-v",
        "-s",
        "400000",
        "-o",
        str(log),
        "-e",
        f"trace={CALLS}",
    )
    told = {"input": typed.encode(), "capture_output": True, "env": home.environ(), "cwd": home.work, "timeout": 120}
    ended = subprocess.run([*before, *home.command(*words)], check=False, **told)
    tally.expect(ended.returncode != 1, "a bug", words, ended.stderr[-300:])
    asked = words[0] in ("show", "disclosures", "search") and ended.returncode == 0
    tally.expect(CANARY.encode() not in ended.stderr, "on stderr", words)
    tally.expect(asked or CANARY.encode() not in ended.stdout, "on stdout, where nobody asked", words)
    dumps = True
    for line in log.read_text(errors="replace").splitlines():
        if found := _LINE.match(line):
            tally.count("system calls looked at")
            dumps = dumps and not NO_DUMP.search(found[2])
            tally.expect(CANARY not in found[2] or _may_see(words, found[1], found[2]), words, found[1], found[2][:120])
    tally.expect(not dumps, "a crash may leave an image of the memory", words)
    tally.count("commands traced")


def _may_see(words: list[str], call: str, arguments: str) -> bool:
    """Tell whether a call that carries a word goes to standard output or error, or to a folder in memory."""
    if call == "execve":
        return any(CANARY in word for word in words)  # `search` was given it by its user
    target = re.match(r"(\d+)<([^>]*)>", arguments)
    if not call.startswith(("write", "pwrite")) or not target:
        return False
    return target[2].startswith("pipe:") or in_memory(str(Path(target[2]).parent), mounts())
