"""The doctor: every finding with its place and remedy, on a machine that has it, and silence on one that has not."""

import json
import os
import resource
import sys
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from cli_kit import MEMORY, WRITTEN, Home

from ballerup_cli.services.store.identity import Places
from ballerup_cli.services.store.moment import Moment
from ballerup_cli.services.upkeep import health

SOUND = health.Machine(
    home=Path("/home/anna"), umask=0o077, memory=MEMORY, swaps="Filename Type Size\n", core=1, core_pattern="core"
)


def machine(**changed: object) -> set[tuple[str, str | None]]:
    return {(ill.check, ill.place) for ill in health.examine_machine(replace(SOUND, **changed))}


def test_a_sound_machine_has_no_finding():
    assert machine() == set()
    assert machine(core=0) == set()
    assert machine(umask=None) == set(), "what cannot be known is no finding"
    assert machine(swaps="Filename Type Size\n/dev/zram0 partition 1 0 -2\n/dev/dm-1 partition 1 0 -3\n") == set()


@pytest.mark.parametrize(
    ("changed", "found"),
    [
        ({"memory": None}, ("memory", None)),
        ({"swaps": "Filename Type Size\n/dev/sda2 partition 1 0 -2\n"}, ("swap", "/dev/sda2")),
        ({"core": 4096}, ("core-dumps", None)),
        ({"core": resource.RLIM_INFINITY}, ("core-dumps", None)),
        ({"core": 0, "core_pattern": "|/usr/share/apport/apport %p"}, ("core-dumps", None)),
        ({"umask": 0o022}, ("umask", None)),
    ],
)
def test_what_a_machine_leaks_is_found(changed, found):
    assert machine(**changed) == {found}


def checks(home: Home, **moment: str) -> dict[str, str | None]:
    answer = home.run("doctor", "--format", "json")
    assert answer.code == 3, answer
    return {row["check"]: row["place"] for row in json.loads(answer.out)}


def of_store(home: Home, at: str = WRITTEN.at, day: date = WRITTEN.today, house: str = "/home/anna") -> set[str]:
    workspace, machine = home.workspace(), replace(SOUND, home=Path(house))
    places = Places(config=home.path / "config", state=home.path / "state")
    return {ill.check for ill in health.examine_store(workspace, places, machine, Moment(at=at, today=day))}


def test_the_findings_of_a_fresh_store(town: Home):
    found = checks(town)
    assert found["one-root"] == str(town.path), "the test's home holds keys and records"
    assert {"passphrase", "watch", "backup"} <= found.keys()
    assert "permissions" not in found


def test_a_file_open_to_others_is_named_though_the_store_cannot_be_opened(town: Home):
    town.identity.chmod(0o640)
    assert checks(town)["permissions"] == str(town.identity)
    town.identity.chmod(0o644)
    answer = town.run("doctor", "--format", "json")
    assert answer.code == 42
    assert {"check": "permissions", "place": str(town.identity)} in json.loads(answer.out)


def test_damage_is_never_hidden_behind_a_finding(town: Home):
    (town.store / "pladen.yaml.age").unlink()
    assert town.run("doctor").code == 33


def test_a_backup_ends_its_finding_until_it_is_old(town: Home):
    assert "backup" in of_store(town)
    town.ok("backup", town.path / "copy")
    at = town.workspace().store.register.at
    assert "backup" not in of_store(town, at=at)
    assert "backup" in of_store(town, at="2027-03-01T10:00:00+01:00", day=date(2027, 3, 1))


def test_proofs_are_wanted_when_they_are_too_old(town: Home):
    proofs = {"restore-proof", "log-sample", "key-drill"}
    assert not proofs & of_store(town, day=date.fromisoformat(town.workspace().network.founded))
    assert proofs <= of_store(town, day=date(2027, 6, 1))
    town.ok("keys", "drill", "--recovery-file", town.path / "recovery.txt")
    assert "key-drill" not in of_store(town, day=date(2026, 12, 1))


def test_a_store_from_the_future_tells_of_a_wrong_clock(town: Home):
    assert "clock" in of_store(town, at="2026-01-01T10:00:00+01:00")
    assert "clock" not in of_store(town, at=town.workspace().store.register.at)


def test_keys_and_records_apart_are_no_finding(town: Home):
    assert "one-root" not in of_store(town)
    assert "one-root" in of_store(town, house=str(town.path))


def dumped(code: str) -> bool:
    """Let a Python die by a signal where dumps are allowed; tell whether the kernel says it left one."""
    allow = "import resource as r; h = r.getrlimit(r.RLIMIT_CORE)[1]; r.setrlimit(r.RLIMIT_CORE, (h, h)); "
    call = [sys.executable, "-c", f"{allow}{code}; import os; os.abort()"]
    status = os.waitpid(os.posix_spawn(sys.executable, call, os.environ), 0)[1]
    assert os.WIFSIGNALED(status)
    return os.WCOREDUMP(status)


def test_a_crash_leaves_no_image_of_the_memory(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    if not dumped("pass"):
        pytest.skip("this machine takes no core dumps")
    assert not dumped("from ballerup_cli.cli.ui.memory import leave_no_dump; leave_no_dump()")
