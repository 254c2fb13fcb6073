"""A long page on a terminal goes through `less`, which keeps no history and starts nothing; elsewhere it is printed."""

import shutil

import pexpect
import pytest
from cli_kit import PROGRAM, Home

pytestmark = pytest.mark.skipif(not shutil.which("less"), reason="needs less")


def shown(home: Home, lines: int, **environment: str) -> "pexpect.spawn[str]":
    return pexpect.spawn(
        str(PROGRAM),
        ["show", "2026-0005"],
        env=home.environ() | {"TERM": "xterm"} | environment,
        cwd=str(home.work),
        encoding="utf-8",
        dimensions=(lines, 80),
        timeout=20,
    )


def test_a_page_longer_than_the_screen_waits_and_leaves_no_history(town: Home) -> None:
    child = shown(town, 10)
    child.expect(r"\n:")
    child.send("!touch escaped\r")
    child.expect("not available")
    child.send("\r")
    child.send("qqq")  # whatever was opened meanwhile, the help too
    child.expect(pexpect.EOF)
    assert child.wait() == 0
    assert not (town.work / "escaped").exists(), "no other program is started"
    assert not [path for path in town.path.rglob("*") if "less" in path.name]


@pytest.mark.parametrize("environment", [{"PAGER": "cat"}, {"PAGER": ""}])
def test_who_wants_no_pager_gets_none(ready_home: Home, environment: dict[str, str]) -> None:
    child = shown(ready_home, 10, **environment)
    child.expect(pexpect.EOF)
    assert child.wait() == 0


def test_a_page_that_fits_is_printed(ready_home: Home) -> None:
    child = shown(ready_home, 500)
    child.expect(pexpect.EOF)
    assert child.wait() == 0
