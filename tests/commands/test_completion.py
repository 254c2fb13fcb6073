"""What a shell completes and what `man` shows: made from the commands there are, and nothing asked or written."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from cli_kit import Home

from ballerup_cli.cli.main import main


def completed(home: Home, *words: str) -> list[str]:
    """Ask as bash does: the words so far, and which of them is being typed."""
    typed = " ".join(["ballerup", *words])
    asked = {"_BALLERUP_COMPLETE": "bash_complete", "COMP_WORDS": typed, "COMP_CWORD": str(len(words))}
    answer = home.run(**asked)
    assert (answer.code, answer.err) == (0, "")
    return [line.partition(",")[2] for line in answer.out.split()]


def test_case_numbers_complete_newest_first_and_by_serial(ready_home: Home) -> None:
    numbers = completed(ready_home, "show", "2026-")
    assert numbers == sorted(numbers, reverse=True) and len(numbers) == 9
    assert completed(ready_home, "triage", "3") == ["2026-0003"]
    assert completed(ready_home, "show", "2024") == []


def test_codes_commands_and_options_complete(ready_home: Home) -> None:
    assert completed(ready_home, "list", "--state", "p") == ["planned"]
    assert completed(ready_home, "list", "--member", "klub-n") == ["klub-nord"]
    assert completed(ready_home, "fol") == ["follow-up"]
    assert "--part-of" in completed(ready_home, "create", "--p")


def test_nothing_is_asked_written_or_said_where_there_is_no_store(home: Home) -> None:
    before = home.everything()
    assert completed(home, "show", "2026-") == []
    assert home.everything() == before


def test_a_key_with_a_passphrase_completes_no_numbers_and_asks_for_none(home: Home) -> None:
    (home.path / "secret").write_text("hemmelig nok\n")
    (home.path / "secret").chmod(0o600)
    home.ok(
        *("--passphrase-file", home.path / "secret", "init", home.store, "--as", "anna"),
        *("--recovery-file", home.path / "recovery.txt"),
    )
    assert completed(home, "show", "2026-") == []


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_script_of_each_shell_is_sound(home: Home, shell: str) -> None:
    script = home.ok("completion", shell)
    assert "_BALLERUP_COMPLETE" in script
    if shutil.which(shell):
        subprocess.run([shell, "-n"], input=script.encode(), check=True, timeout=20)


def commands(command: object, path: str = "ballerup") -> list[str]:
    below = getattr(command, "commands", {})
    return [path, *(name for key, inner in below.items() for name in commands(inner, f"{path} {key}"))]


@pytest.mark.parametrize("language", ["da", "en"])
def test_every_command_has_a_manual_page_in_both_languages(home: Home, language: str) -> None:
    folder = home.work / "man"
    folder.mkdir()
    home.ok("--lang", language, "manual", folder)
    assert {path.name for path in folder.iterdir()} == {f"{name.replace(' ', '-')}.1" for name in commands(main)}
    for page in folder.iterdir():
        text = page.read_text()
        assert re.match(r'\.TH "BALLERUP', text)
        assert ("\n.SH BRUG\n" in text) == (language == "da")
    if shutil.which("man"):
        shown = subprocess.run(
            ["man", "-l", folder / "ballerup-due.1"],
            capture_output=True,
            check=True,
            timeout=20,
            env={"PATH": "/usr/bin:/bin", "MANWIDTH": "100", "LC_ALL": "C.UTF-8"},
        )
        assert "--within" in shown.stdout.decode() and shown.stderr == b""


def test_no_word_of_a_help_is_taken_for_a_command_of_the_page(home: Home) -> None:
    folder: Path = home.work / "man"
    folder.mkdir()
    home.ok("manual", folder)
    macros = {
        line.split(" ")[0]
        for page in folder.iterdir()
        for line in page.read_text().split("\n")
        if line[:1] in {".", "'"}
    }
    assert macros == {".TH", ".SH", ".TP", ".nf", ".fi"}
