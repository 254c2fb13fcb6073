"""A key that others have: a new period begins, and nothing the old key opens or could have signed is left unsaid."""

import json
import shutil
from pathlib import Path

import pytest
from cli_kit import Home
from store_kit import found_office
from test_membership import identity, newcomer, opened, small

from ballerup_cli.errors import ForkError
from ballerup_cli.services.store.identity import open_holder

__all__ = ["small"]


@pytest.fixture
def anna(small: Path, place: Path) -> Home:
    return Home(small).copied(place / "anna")


def leaked(home: Home) -> dict[str, int]:
    return dict(home.workspace().store.register.leaked)


def found(home: Home) -> dict[str, str | None]:
    return {row["check"]: row["place"] for row in json.loads(home.run("doctor", "--format", "json").out)}


def signing(home: Home) -> str:
    return open_holder(home.identity, lambda: "").key.public


def test_a_renewal_for_a_leak_is_noted_and_opens_nothing_to_the_old_key(anna: Home) -> None:
    old, key = identity(anna), signing(anna)
    answer = anna.run("keys", "rotate", "--compromised", "--yes")
    assert answer.code == 0 and "72 hours" in answer.err and "a new period begins" in answer.err
    assert leaked(anna) == {key: anna.workspace().store.register.number}
    assert opened(anna, old) == set()
    assert "a key of anna leaked; register 3 gave it up" in anna.run("keys", "show").err
    assert anna.ok("verify")


def test_a_renewal_without_a_leak_says_nothing_of_one(anna: Home) -> None:
    answer = anna.run("keys", "rotate", "--yes")
    assert "72 hours" not in answer.err and leaked(anna) == {}
    assert "leaked" not in anna.run("keys", "show").err


def test_copies_that_the_leaked_key_opens_are_named_until_they_are_made_anew(anna: Home, tmp_path: Path) -> None:
    anna.ok("backup", tmp_path / "copy")
    told = anna.run("keys", "rotate", "--compromised", "--yes").err
    assert f"{tmp_path / 'copy'} (register 2" in told and "destroy it" in told
    assert found(anna)["leaked-copy"] == str(tmp_path / "copy")
    anna.ok("backup", tmp_path / "copy")
    assert "leaked-copy" not in found(anna)


def test_the_paper_leaks_too(anna: Home, tmp_path: Path) -> None:
    key = open_holder(anna.path / "recovery.txt", lambda: "").key.public
    anna.ok("keys", "rotate", "--recovery", tmp_path / "paper.txt", "--compromised", "--yes")
    assert [*leaked(anna)] == [key]
    assert "a key of recovery leaked" in anna.run("keys", "show").err


def test_a_colleagues_stolen_machine(anna: Home) -> None:
    bodil = newcomer(anna, "bodil")
    key = signing(bodil)
    anna.ok("members", "remove", "bodil", "--compromised", "--yes")
    assert [*leaked(anna)] == [key]
    assert opened(anna, identity(bodil)) == set()


def test_a_copy_from_before_says_who_could_have_written_it(anna: Home, tmp_path: Path) -> None:
    bodil, key = newcomer(anna, "bodil"), signing(anna)
    bodil.ok("backup", tmp_path / "copy")
    anna.ok("keys", "rotate", "--compromised", "--yes")
    assert "keys of anna leaked" not in bodil.run("verify").err
    assert "keys of anna leaked" in bodil.run("--store", tmp_path / "copy", "verify").err
    assert "keys of anna leaked since" in bodil.run("restore", tmp_path / "copy", "--yes").err
    assert [*leaked(bodil)] == [key], "going back forgets no leak"
    assert "leaked-key" not in found(bodil), "nor does it bring the key back: the members of today stand"
    assert bodil.ok("verify")


def test_a_copy_brought_back_where_the_store_is_gone_opens_to_the_leaked_key_again(anna: Home, tmp_path: Path) -> None:
    bodil = newcomer(anna, "bodil")
    bodil.ok("backup", tmp_path / "copy")
    anna.ok("keys", "rotate", "--compromised", "--yes")
    bodil.ok("verify")
    shutil.rmtree(bodil.workspace().store.folder.path)
    bodil.ok("restore", tmp_path / "copy", "--yes")
    assert found(bodil)["leaked-key"] == "anna"
    bodil.ok("members", "remove", "anna", "--yes")
    assert "leaked-key" not in found(bodil)
    assert bodil.ok("verify")


def test_a_register_that_forgets_a_leak_is_another_history(place: Path) -> None:
    office = found_office(place / "office")
    office.write("anna", leaked="ed25519:" + "A" * 43 + "=")
    office.open("bo")
    office.put_register(office.next_register(by="anna", leaked={}), "anna")
    with pytest.raises(ForkError):
        office.open("bo")
