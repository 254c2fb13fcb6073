"""A morning in one process: the commands of any other day, the passphrase once, and an end whenever the key ends."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pexpect
import pytest
from cli_kit import Home
from test_asking import call

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="needs a pseudo terminal of Linux")
PROMPT = "ballerup> "


@contextmanager
def shell(home: Home, *words: str) -> Iterator["pexpect.spawn[str]"]:
    with call(home, "shell", *words) as child:
        child.setwinsize(500, 80)  # what is shown fits, and needs no pager
        child.expect_exact(PROMPT)
        yield child


def type_in(child: "pexpect.spawn[str]", line: str) -> str:
    """Type a command, and give what it printed before the next prompt."""
    child.sendline(line)
    child.expect_exact(PROMPT)
    return child.before


def last_words(child: "pexpect.spawn[str]") -> str:
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 0
    return child.before


def test_commands_are_typed_without_the_name_of_the_program(town: Home) -> None:
    with shell(town) as child:
        assert "2026-0001" in type_in(child, "list")
        assert "2026-0001" in type_in(child, "ballerup list --format csv")
        assert "no such command" in type_in(child, "lits")
        assert "no such case" in type_in(child, "show 99")
        assert "quotation mark" in type_in(child, "show '1")
        assert "when the shell is begun" in type_in(child, "--today 2026-01-01 list")
        assert "this is the shell" in type_in(child, "shell")
        child.sendline("exit")
        last_words(child)


def test_what_is_written_in_it_is_seen_by_the_next_command(town: Home) -> None:
    (town.work / "note.yaml").write_text("text: Ringede til klubben\n")
    with shell(town) as child:
        assert "2026-0001" in type_in(child, "note 1 --from note.yaml")
        assert "Ringede til klubben" in type_in(child, "show 1")
        town.ok("note", "1", "--from", "-", typed="text: Skrevet i et andet vindue\n")
        assert "Skrevet i et andet vindue" in type_in(child, "show 1")
        child.sendeof()
        last_words(child)


def test_the_passphrase_is_asked_for_once(home: Home) -> None:
    with call(home, "init", str(home.store), "--as", "anna", "--recovery-file", "r.txt") as child:
        for _turn in range(2):
            child.expect_exact(":")
            child.sendline("sesam luk dig op nu")
        child.expect(pexpect.EOF)
    with call(home, "shell") as child:
        child.expect_exact("passphrase:")
        child.sendline("sesam luk dig op nu")
        child.expect_exact(PROMPT)
        for _turn in range(2):
            assert "passphrase" not in type_in(child, "list")
        home.run("lock")
        child.sendline("list")
        assert "locked or renewed elsewhere" in last_words(child)


def test_a_renewed_key_ends_it_at_the_next_command(town: Home) -> None:
    with shell(town) as child:
        town.ok("keys", "rotate", "--yes")
        child.sendline("list")
        assert "locked or renewed elsewhere" in last_words(child)


def test_a_pause_ends_it_and_clears_the_screen(town: Home) -> None:
    program = (
        "import sys; from ballerup_cli.cli.commands import shell; from ballerup_cli.cli import main\n"
        "shell._SECONDS = 1; sys.argv = ['ballerup', '--lang', 'en', 'shell', '--idle', '1']; main.run()"
    )
    with call(town, "-c", program, program=sys.executable) as child:
        child.expect_exact(PROMPT)
        said = last_words(child)
    assert "\x1b[2J" in said and "the key is closed" in said


def test_tab_completes_numbers_of_cases(town: Home) -> None:
    with shell(town) as child:
        child.send("show 2026-\t")
        child.expect("2026-[^0-9]*000")
        child.sendcontrol("c")
        child.expect_exact(PROMPT)
        child.sendline("exit")
        last_words(child)


def test_it_wants_a_terminal(town: Home) -> None:
    town.fails(2, "shell")
