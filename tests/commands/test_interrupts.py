"""Ctrl-C, a closed window: the program ends at once with nothing half done, and never takes it for anything else.

An interrupt that strikes while native code or an import waits comes out of there as something else. Each of these plays
one such moment: in place of one function of the program, one that strikes itself, as a user might at that moment.
"""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from cli_kit import MEMORY, Home
from test_asking import answer, call, ended

PLAYED = """
import os, signal, sys
from cryptography.exceptions import InvalidTag
import ballerup_cli.{module} as module
from ballerup_cli.__main__ import run

def strike(*_arguments, **_named):
    try:
        os.kill(os.getpid(), signal.{how})
        for _ in range(1000):
            pass
    except KeyboardInterrupt:
        raise {problem}("in its place") from None
    return genuine(*_arguments, **_named)

genuine, module.{name} = module.{name}, strike
sys.argv[0] = "ballerup"
run()
"""
STOPPED = "ballerup: stopped; nothing is half done\n"


def played(home: Home, *words: str, module: str, name: str, problem: str, how: str = "SIGINT") -> list[str]:
    """Give the command line of a program that is struck where ``name`` is called, which has ``problem`` with that."""
    program = PLAYED.format(module=module, name=name, problem=problem, how=how)
    return [sys.executable, "-c", program, "--lang", "en", *words]


def run(home: Home, command: list[str], **environment: str) -> tuple[int, str, str]:
    """Run a command line to its end, with a note to write; give its exit code and what it said on both streams."""
    done = subprocess.run(
        command,
        input='{"text": "Ringede"}',
        capture_output=True,
        env=home.environ() | environment,
        cwd=home.work,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout, done.stderr


@pytest.mark.parametrize(
    ("module", "name", "problem"),
    [
        ("storage.crypto.age", "_suite", "InvalidTag"),
        ("storage.text.schema", "_quick", "ValueError"),
        ("services.cases.casework", "take", "BaseException"),
        ("storage.store.commit", "_view", "RuntimeError"),
    ],
)
def test_an_interrupt_is_never_taken_for_anything_else(town: Home, module: str, name: str, problem: str) -> None:
    command = played(town, "note", "2026-0001", "--from", "-", module=module, name=name, problem=problem)
    assert run(town, command) == (130, "", STOPPED)
    assert town.ok("verify")
    assert "Ringede" not in town.ok("show", "2026-0001")


@pytest.mark.parametrize("how", ["SIGINT", "SIGHUP", "SIGTERM"])
def test_an_answer_that_is_being_checked_is_kept_when_the_window_is_closed(town: Home, how: str) -> None:
    command = played(
        town, "create", "--ask", module="cli.forms.by_hand", name="find_fault", problem="BaseException", how=how
    )
    with call(town, *command[1:], program=command[0]) as child:
        answer(child, ["klub-nord"])
        said, code = ended(child)
    assert code == 130, said
    assert "the text is kept, sealed" in said
    assert [path.name for path in (town.path / "state").glob("*/draft-*.age")] == ["draft-1-new-create.age"]


def test_what_was_answered_is_kept_however_often_one_is_told_to_end(town: Home) -> None:
    """A shell that is told that its window was closed tells its programs once more."""
    command = played(
        town, "create", "--ask", module="services.forms.drafts", name="begin", problem="BaseException", how="SIGHUP"
    )
    with call(town, *command[1:], program=command[0]) as child:
        answer(child, ["klub-nord"])
        child.expect(":")
        child.kill(signal.SIGHUP)
        said, code = ended(child)
    assert code == 130, said
    assert list((town.path / "state").glob("*/draft-*.age"))


def test_a_failure_of_the_program_itself_costs_no_answer(town: Home) -> None:
    program = PLAYED.format(module="cli.forms.interview", name="_understood", problem="", how="").replace(
        "os.kill(os.getpid(), signal.)", "raise LookupError"
    )
    with call(town, "-c", program, "--lang", "en", "create", "--ask", program=sys.executable) as child:
        answer(child, ["klub-nord"])
        said, code = ended(child)
    assert code == 1, said
    assert "the text is kept, sealed" in said and "LookupError" in said
    assert list((town.path / "state").glob("*/draft-*.age"))


def test_nothing_is_said_to_be_kept_that_could_not_be(town: Home) -> None:
    program = PLAYED.format(module="services.forms.drafts", name="begin", problem="", how="").replace(
        "os.kill(os.getpid(), signal.)", "raise LookupError"
    )
    with call(town, "-c", program, "--lang", "en", "create", "--ask", program=sys.executable) as child:
        answer(child, ["klub-nord"])
        said, code = ended(child)
    assert code == 1, said
    assert "the text is kept" not in said and "LookupError" in said


@pytest.mark.skipif(not MEMORY.is_dir(), reason="no folder in memory here")
def test_an_interrupted_proof_of_a_copy_leaves_nothing_in_memory(town: Home, tmp_path: Path) -> None:
    copy, memory = tmp_path / "copy", town.path / "memory"
    town.ok("backup", copy)
    memory.mkdir()
    made = memory.stat().st_mtime_ns
    command = played(
        town, "restore", str(copy), "--prove", module="storage.store.copies", name="copy", problem="OSError"
    )
    assert run(town, command, XDG_RUNTIME_DIR=str(memory)) == (130, "", STOPPED)
    assert not list(memory.iterdir())
    assert memory.stat().st_mtime_ns != made, "something lay there"


def test_where_an_interrupt_is_ignored_it_stays_so(town: Home) -> None:
    command = played(
        town, "note", "2026-0001", "--from", "-", module="services.cases.casework", name="take", problem="OSError"
    )
    assert run(town, ["env", "--ignore-signal=INT", *command])[0] == 0
    assert "Ringede" in town.ok("show", "2026-0001")


def test_an_interrupt_before_the_program_is_loaded_says_nothing(town: Home) -> None:
    early = "import os, signal, ballerup_cli.__main__\nos.kill(os.getpid(), signal.SIGINT)\n"
    assert run(town, [sys.executable, "-c", early]) == (-signal.SIGINT, "", "")


def test_a_cleanup_that_fails_stops_none_of_the_others(town: Home) -> None:
    """The terminal may be gone by then, and the folder in memory must go all the same."""
    program = (
        "import os, signal\nfrom ballerup_cli.cli.ui import interrupts\ninterrupts.begin()\n"
        "with interrupts.cleanup(lambda: os.write(1, b'wiped')), interrupts.cleanup(lambda: os.write(99, b'')):\n"
        "    os.kill(os.getpid(), signal.SIGINT)\n"
    )
    code, out, err = run(town, [sys.executable, "-c", program])
    assert (code, out) == (130, "wiped"), err


def test_the_cursor_that_a_bar_hides_is_shown_again(town: Home) -> None:
    command = played(town, "verify", module="services.upkeep.audit", name="_journal_faults", problem="OSError")
    program = "import ballerup_cli.cli.ui.terminal as terminal\nterminal._MANY = 0\n" + command[2]
    with call(town, command[1], program, *command[3:], program=command[0]) as child:
        said, code = ended(child)
    assert code == 130, said
    assert said.rindex("\x1b[?25h") > said.rindex("\x1b[?25l")
    assert said.endswith(STOPPED.replace("\n", "\r\n"))


def test_in_the_pager_an_interrupt_is_the_pagers(town: Home, tmp_path: Path) -> None:
    pager = tmp_path / "less"
    pager.write_text("#!/bin/sh\ncat\nkill -INT $PPID\necho 'the pager goes on'\n")
    pager.chmod(0o755)
    path = Home(town.path, {**town.environment, "PATH": f"{tmp_path}:{os.environ['PATH']}", "LINES": "3"})
    with call(path, "show", "2026-0001") as child:
        said, code = ended(child)
    assert code == 0, said
    assert said.endswith("the pager goes on\r\n")
