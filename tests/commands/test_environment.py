"""What the machine lacks is named, and what can be done without it goes on: a home, locks, a mounted disk, rights."""

import errno
import fcntl
import json
from pathlib import Path
from typing import Any

import invented
import pytest
from cli_kit import Home

from ballerup_cli.cli.main import _guarded, main
from ballerup_cli.cli.ui import session as sessions
from ballerup_cli.cli.ui.render import FORMATS, listing, words
from ballerup_cli.cli.ui.session import Session, places
from ballerup_cli.cli.ui.tables import ADOPTIONS
from ballerup_cli.services.store.identity import Places

HERE = {"BALLERUP_CONFIG_DIR": "/c", "BALLERUP_STATE_DIR": "/s", "BALLERUP_CACHE_DIR": "/k"}


def called(*arguments: str, folders: Places | None) -> int:
    return _guarded(lambda: main.main(list(arguments), obj=Session(folders), standalone_mode=False))


@pytest.fixture
def homeless(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_home() -> Path:
        raise RuntimeError

    monkeypatch.setattr(sessions.Path, "home", no_home)
    for name in HERE:
        monkeypatch.delenv(name, raising=False)


@pytest.mark.usefixtures("homeless")
def test_without_a_home_the_three_folders_are_enough_and_what_is_missing_is_named(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert places({}) is None
    assert places(HERE) == Places(config=Path("/c"), state=Path("/s"), cache=Path("/k"))
    assert places({**HERE, "BALLERUP_CACHE_DIR": ""}) == Places(config=Path("/c"), state=Path("/s"), cache=None)
    for shown in (["--help"], ["--version"], [], ["list", "--help"], ["form", "create"]):
        assert called(*shown, folders=None) == 0
    capsys.readouterr()
    for command in (["list"], ["doctor"], ["due", "--check", "--quiet"], ["verify"]):
        assert called(*command, folders=None) == 40
        said = capsys.readouterr().err
        assert all(name in said for name in HERE)


def test_a_store_without_locks_is_read_and_not_written(town: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    def flock(_file: int, _how: int) -> None:
        raise OSError(errno.ENOSYS, "Function not implemented")

    monkeypatch.setattr(fcntl, "flock", flock)
    folders = Places(config=town.path / "config", state=town.path / "state")
    before = sorted(path.name for path in town.store.iterdir() if not path.name.startswith((".access", "access")))
    form = town.work / "form.yaml"
    form.write_text(json.dumps(invented.create()), encoding="utf-8")
    assert called("create", "--from", str(form), folders=folders) == 43
    assert called("list", folders=folders) == 0
    assert called("show", "2026-0001", folders=folders) == 0
    assert called("due", "--check", "--quiet", folders=folders) == 3
    assert before == sorted(
        path.name for path in town.store.iterdir() if not path.name.startswith((".access", "access"))
    )


def test_files_open_to_everybody_are_all_named_at_once(town: Home) -> None:
    some = [*town.store.glob("register*"), *sorted(town.store.glob("2026-000[12]*"))]
    for path in some:
        path.chmod(0o644)
    said = town.fails(42, "list")
    assert all(str(path) in said for path in some)


def test_a_store_that_is_away_is_not_to_be_founded_anew(town: Home) -> None:
    town.store.rename(town.path / "elsewhere")
    said = town.fails(40, "list")
    assert "mounted" in said and "init" not in said
    town.store.mkdir(mode=0o700)  # where a disk would be mounted
    assert "mounted" in town.fails(40, "list")


# --- nested values ----------------------------------------------------------------------------------------------------

GROUP: list[dict[str, str]] = [{"function": "ssp", "organisation": "Ungdomsskolen"}, {"function": "politi"}]


@pytest.mark.parametrize("value", [GROUP, GROUP[0], ["a", "b"], {"a": {"b": GROUP}}, [[1, 2], []], True, None, 3])
def test_a_nested_value_is_said_in_words(value: Any) -> None:
    assert not set("{}[]'") & set(words(value) if value is not None else "")
    for form in FORMATS:
        assert listing([{"work_group": value, "document": "beredskab"}], ADOPTIONS, form)


def test_an_adoption_with_its_work_group_is_shown(town: Home) -> None:
    adopted = {"document": "beredskab", "version": "2026", "adopted": "2026-02-23", "work_group": GROUP}
    form = json.dumps({**adopted, "consulted": ["Ungdomsrådet"]})
    town.ok("beredskab", "adopt", "--from", "-", typed=form)
    (shown,) = json.loads(town.ok("beredskab", "show", "--format", "json"))
    assert (shown["work_group"], shown["consulted"]) == (GROUP, ["Ungdomsrådet"])
    assert town.ok("beredskab", "show")
    town.ok("settings", "set", "--from", "-", typed=json.dumps({"core_group": GROUP}))
    assert "ssp, Ungdomsskolen; politi" in town.ok("settings", "show", "--own")
