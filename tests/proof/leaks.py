"""A trace of the system calls of real commands: no word of a record is written but to the terminal and to memory.

Every text field of every form holds a word of its own kind. The trace shows what is written, to what, which programs
are called with which arguments and environment, and which names are opened.
"""

import json
import re
import shutil
import subprocess
from pathlib import Path

import invented
from cli_kit import Home, take_in
from test_leaks import CANARY, FORMS

from ballerup_cli.cli.memory import in_memory, mounts
from proof.calls import call
from proof.faults import may_trace
from proof.tally import Ask, NotHere, Tally

CALLS = "write,pwrite64,writev,pwritev,sendto,sendmsg,execve,openat,creat,rename,link,symlink,mkdir,setxattr,prctl"
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
_LINE = re.compile(r"^(?:\d+ +)?(\w+)\((.*)")


def run(ask: Ask, tally: Tally, origin: Home) -> None:
    """Trace ``rounds`` steps and as many looks; 0 means all."""
    if not may_trace(ask.place):
        raise NotHere("strace is missing or ptrace is not allowed")
    home = origin.copied(ask.place / "leaks")
    take_in(home, "bo")
    number = "2026-0010"
    steps = [[step, *([] if step == "create" else [number]), "--from", "-"] for step, _ in FORMS]
    forms = [json.dumps(form) for _, form in FORMS]
    for place, (words, form) in enumerate(zip(steps, forms, strict=True)):
        if not ask.rounds or place in (0, *ask.dice("steps").sample(range(len(FORMS)), ask.rounds)):
            _trace(home, tally, ask.place, words, form)
        else:
            assert call(home, *words, typed=form).code == 0, words
    broken = json.dumps(invented.create(concern=CANARY, received_by=CANARY, subject={CANARY: CANARY}))
    _trace(home, tally, ask.place, ["create", "--from", "-"], broken)
    looks = [look.replace("N", number, 1) if " N" in look else look for look in LOOKS]
    for look in ask.dice("looks").sample(looks, ask.rounds) if ask.rounds else looks:
        _trace(home, tally, ask.place, look.replace("Kanariefugl", CANARY).split(), "")
    left = [path.name for path in home.path.rglob("*") if path.is_file() and CANARY.encode() in path.read_bytes()]
    tally.expect(not left, "left in files", left)
    shutil.rmtree(home.path)


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
    for line in log.read_text(errors="replace").splitlines():
        if found := _LINE.match(line):
            tally.count("system calls looked at")
            tally.expect(CANARY not in found[2] or _may_see(words, found[1], found[2]), words, found[1], found[2][:120])
    tally.count("commands traced")


def _may_see(words: list[str], call: str, arguments: str) -> bool:
    """Tell whether a call that carries a word goes to standard output or error, or to a folder in memory."""
    if call == "execve":
        return any(CANARY in word for word in words)  # `search` was given it by its user
    target = re.match(r"(\d+)<([^>]*)>", arguments)
    if not call.startswith(("write", "pwrite")) or not target:
        return False
    return target[2].startswith("pipe:") or in_memory(str(Path(target[2]).parent), mounts())
