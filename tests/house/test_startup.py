"""What a command reads before it works: few modules of our own, and of the heavy libraries only those it needs."""

import subprocess
import sys
from pathlib import Path

import pytest
from cli_kit import Home

from ballerup_cli.cli.main import main

PACKAGE = Path(__file__).parents[2] / "ballerup_cli"
WORK = """
import sys
from ballerup_cli.cli import main
sys.argv = ["ballerup", *sys.argv[1:]]
try:
    main.run()
finally:
    sys.stderr.write("modules: " + " ".join(sys.modules))
"""
HEAVY = {
    "ruamel.yaml",
    "jsonschema",
    "holidays",
    "icalendar",
    "jinja2",
    "markdown_it",
    "tabulate",
    "typst",
    "docx",
}
MOST = {"--version": 43, "due": 55, "list": 65, "show": 72}  # modules of our own: read what raises one of these
NEEDED = {
    "--version": set(),
    "due": {"ruamel.yaml", "tabulate"},
    "list": {"ruamel.yaml", "tabulate"},
    "show": {"ruamel.yaml", "tabulate"},
}


def _is_room(name: str) -> bool:
    """Tell a folder of ours, which holds a line of text, from a module."""
    return (PACKAGE / Path(*name.split(".")[1:]) / "__init__.py").is_file() and name != "ballerup_cli"


def modules(home: Home, *arguments: object) -> set[str]:
    ended = subprocess.run(
        [sys.executable, "-c", WORK, *map(str, arguments)],
        capture_output=True,
        text=True,
        env=home.environ(),
        check=False,
    )
    assert ended.returncode in {0, 3}, ended.stderr
    read = set(ended.stderr.rsplit("modules: ", 1)[1].split())
    return {name for name in read if not (name.startswith("ballerup_cli.") and _is_room(name))}


@pytest.mark.parametrize("command", NEEDED)
def test_a_command_reads_little(town: Home, command: str) -> None:
    arguments = {"--version": ["--version"], "show": ["show", "2026-0001"]}.get(command, [command])
    town.ok(*arguments)  # what is worked out once
    read = modules(town, *arguments)
    ours = {name for name in read if name.split(".")[0] == "ballerup_cli"}
    assert len(ours) <= MOST[command], sorted(ours)
    assert HEAVY & read == NEEDED[command]


def test_crons_line_parses_no_yaml(town: Home, place: Path) -> None:
    cron = Home.make(place / "cron")
    (place / "cron.yaml").write_text(cron.ok("keys", "new", "--as", "cron", "--no-passphrase"))
    (place / "code.txt").write_text(
        town.ok("members", "add", "--from", place / "cron.yaml", "--role", "watch", "--yes")
    )
    cron.ok("members", "join", town.store, "--from", place / "code.txt")
    cron.run("due", "--check")
    assert HEAVY & modules(cron, "due", "--check", "--quiet") == {"tabulate"}
    town.run("triage", "2026-0001", "--from", "-", typed="{")  # fails, and leaves what cron knows as it is
    assert HEAVY & modules(cron, "due", "--check", "--format", "csv") == set()


def test_what_is_remembered_is_worked_out_again_when_lost_or_damaged(town: Home) -> None:
    shown = town.ok("list")
    memo = town.path / "state" / "memo.json"
    for damaged in (b"", b"[", b"[]", b"{}", memo.read_bytes()[:-1]):
        memo.write_bytes(damaged)
        assert town.ok("list") == shown
    memo.unlink()
    assert town.ok("list") == shown


def test_every_command_is_found_where_it_lives() -> None:
    assert {name: main.get_command(None, name) for name in main.commands} == dict(main.commands)
    assert main.get_command(None, "no-such-command") is None
