"""The guided first hour on a terminal: an empty home becomes a store that takes a first concern by its questions."""

import re
import sys
from pathlib import Path

import pytest
from cli_kit import Home
from test_asking import answer, call, ended

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="needs a pseudo terminal of Linux")


def test_an_empty_home_becomes_a_store_in_danish(tmp_path: Path) -> None:
    home = Home.make(tmp_path / "home")
    strong = "sne lampe orkide banjo"
    with call(home, "start", lang="da") as child:
        screen = answer(child, ["Anna!", "anna", str(home.store), "", "abc", "abc"])
        child.expect("hurtigt fundet")
        screen += answer(child, ["n", strong, strong, "00 00 00 00", "opdigtet@example.org", ""])
        said, code = ended(child)
    assert code == 0, said
    assert "ballerup keys sheet" in said and "ballerup unlock" in said
    shown = [line for line in re.sub("\r", "", screen + said).split("\n") if str(home.path) not in line]
    assert max(map(len, shown)) <= 80, shown
    assert (home.path / "config" / "recovery.txt").exists() and home.sealed()
    with call(home, "start", lang="da") as child:
        said, code = ended(child)
    assert code == 0 and "bliver, som det er" in said


def test_without_a_terminal_it_does_nothing(tmp_path: Path) -> None:
    home = Home.make(tmp_path / "home")
    assert "no terminal" in home.fails(2, "start")
