"""Accounts of their own on one machine, each a real user of its kernel: two coordinators, cron, and a stranger."""

import json
import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import click
import invented
import pytest
from cli_kit import ROOT, Home
from test_membership import NOTE, identity, opened

import ballerup_cli
from ballerup_cli.storage.store.store import REGISTER

pytestmark = pytest.mark.long

GROUP = 61_000
ANNA, BODIL, CECILIE, CRON, STRANGER = range(61_001, 61_006)
CASE = "2026-0001"
NOTES = 6
SYSTEMS = f"/usr/bin/python3.{sys.version_info.minor}"
"""An interpreter that everybody may run, where the one that runs this lies in somebody's home."""


@dataclass(frozen=True, slots=True)
class Account(Home):
    """A home whose commands run as a user of their own; all but a stranger are in the store's group."""

    user: int = 0
    groups: tuple[int, ...] = (GROUP,)
    machine: Path = field(default=Path())

    @property
    def store(self) -> Path:
        return self.machine / "srv" / "store"

    def environ(self) -> dict[str, str]:
        return Home.environ(self) | {"PATH": f"{self.machine / 'bin'}:{os.environ['PATH']}", "LOGNAME": self.path.name}

    def command(self, *arguments: object) -> list[str]:
        return [*self.as_user(), "ballerup", *map(str, arguments)]

    def as_user(self) -> list[str]:
        groups = ",".join(map(str, self.groups))
        return ["setpriv", f"--reuid={self.user}", f"--regid={self.user}", f"--groups={groups}", "--"]

    def shell(self, line: str) -> subprocess.CompletedProcess[str]:
        told = {"capture_output": True, "text": True, "env": self.environ(), "cwd": self.path}
        return subprocess.run([*self.as_user(), "sh", "-c", line], check=False, **told)


@pytest.fixture
def machine(place: Path) -> Path:
    """A folder of the group in which a store can be made, and the program where everybody finds it."""
    if not ROOT or not shutil.which("setpriv"):
        pytest.skip("only root with setpriv can be several users")
    place.chmod(0o711)
    shared = place / "srv"
    shared.mkdir()
    os.chown(shared, 0, GROUP)
    shared.chmod(0o2775)
    (place / "bin").mkdir()
    program = place / "bin" / "ballerup"
    packages = [str(Path(module.__file__).parent.parent) for module in (ballerup_cli, click)]
    _enter(packages)
    call = '-c "from ballerup_cli.cli.main import run; run()" "$@"'
    program.write_text(f"#!/bin/sh\nPYTHONPATH={':'.join(packages)} exec {_interpreter()} {call}\n")
    program.chmod(0o755)
    return place


def _enter(packages: Sequence[str]) -> None:
    """Skip where another user may not enter a folder the program lies in, such as its owner's own checkout."""
    for folder in packages:
        tried = [*Account(Path(), user=STRANGER).as_user(), "sh", "-c", f"cd '{folder}'"]
        if subprocess.run(tried, capture_output=True, check=False).returncode:
            pytest.skip(f"another user cannot enter {folder}")


def _interpreter() -> str:
    """An interpreter that a user other than root may run, with its library."""
    for python in (str(Path(sys.executable).resolve()), SYSTEMS):
        tried = [*Account(Path(), user=STRANGER).as_user(), "sh", "-c", f"{python} -c 'import json, ssl, sqlite3'"]
        if not subprocess.run(tried, capture_output=True, check=False).returncode:
            return python
    pytest.skip("another user cannot run the interpreter from where it is installed")


def account(machine: Path, name: str, user: int, groups: tuple[int, ...] = (GROUP,)) -> Account:
    Home.make(machine / name)
    home = Account(machine / name, user=user, groups=groups, machine=machine)
    for folder in (home.path, *home.path.iterdir()):
        os.chown(folder, user, user)
        folder.chmod(0o700)
    return home


@pytest.fixture
def anna(machine: Path) -> Account:
    home = account(machine, "anna", ANNA)
    home.ok("init", home.store, "--as", "anna", "--no-passphrase", "--recovery-file", home.path / "recovery.txt")
    home.ok("create", "--from", "-", typed=json.dumps(invented.create()))
    return home


def joined(anna: Account, machine: Path, name: str, user: int, role: str = "coordinator") -> Account:
    home = account(machine, name, user)
    card = home.ok("keys", "new", "--as", name, "--no-passphrase")
    code = anna.ok("members", "add", "--from", "-", "--role", role, "--yes", typed=card)
    home.ok("members", "join", anna.store, "--from", "-", typed=code)
    return home


def notes(home: Account) -> list[str]:
    return [entry["by"] for entry in home.show(CASE)["entries"] if entry["step"] == "note"]


def test_two_coordinators_work_at_the_same_time(anna: Account, machine: Path) -> None:
    bodil = joined(anna, machine, "bodil", BODIL)
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda home: home.write("note", CASE, NOTE), [anna, bodil] * NOTES))
    assert {answer.code for answer in answers} == {0}
    assert sorted(notes(bodil)) == ["anna"] * NOTES + ["bodil"] * NOTES
    owners = {(file.stat().st_uid, file.stat().st_gid, oct(file.stat().st_mode)) for file in anna.sealed()}
    assert owners <= {(user, GROUP, "0o100640") for user in (ANNA, BODIL)} and len(owners) == 2
    assert anna.ok("verify") and bodil.ok("verify")


def test_cron_mails_an_overdue_number_and_opens_no_case(anna: Account, machine: Path) -> None:
    watch = joined(anna, machine, "watch", CRON, "watch")
    *settings, line = watch.shell("ballerup cron print --as crontab").stdout.splitlines()
    assert all("=" in setting for setting in settings)
    alone = ["env", "-i", f"HOME={watch.path}", *settings, "sh", "-c", line.split(maxsplit=5)[5]]
    mail = watch.shell(shlex.join(alone))  # as cron runs it
    assert mail.returncode == 3, mail
    assert CASE in mail.stdout and "Tænk" not in mail.stdout
    assert watch.run("show", CASE).code == 30
    assert watch.write("note", CASE, NOTE).code == 30
    assert opened(anna, identity(watch)) == {REGISTER, "members.yaml.age"}
    assert watch.shell(f"cat {anna.identity}").returncode != 0, "it reads nobody's keys"


def test_whoever_leaves_opens_nothing_more_and_takes_nothing_over(anna: Account, machine: Path) -> None:
    bodil, watch = joined(anna, machine, "bodil", BODIL), joined(anna, machine, "watch", CRON, "watch")
    assert watch.run("due").code == 0
    assert bodil.shell(f"cp -r {anna.store} {bodil.path}/kept").returncode == 0
    anna.ok("members", "remove", "bodil", "--yes")
    assert anna.write("note", CASE, NOTE).code == 0
    assert watch.run("due").code == 0
    anna.ok("backup", anna.path / "copy")
    assert opened(anna, identity(bodil)) == set()
    bodil.fails(30, "list")
    # Nobody has taken him out of the group yet: he puts back the store in which he was a member, and writes on.
    assert bodil.shell(f"cp --remove-destination {bodil.path}/kept/* {anna.store}/").returncode == 0
    assert bodil.write("note", CASE, NOTE).code == 0
    anna.fails(32, "list")
    watch.fails(32, "due", "--check", "--quiet")
    assert anna.run("restore", anna.path / "copy", "--yes").code == 0
    assert anna.ok("verify") and watch.run("due").code == 0
    assert notes(anna) == ["anna"]
    bodil.fails(30, "list")


def test_a_lost_only_coordinator_is_replaced_with_the_recovery_key_alone(anna: Account, machine: Path) -> None:
    cecilie = account(machine, "cecilie", CECILIE)
    paper, pin = cecilie.path / "recovery.txt", anna.anchor.parent.name
    shutil.copy(anna.path / "recovery.txt", paper)
    os.chown(paper, CECILIE, CECILIE)
    shutil.rmtree(anna.path)
    held = ("--recovery-file", paper, "--pin", pin, "--as", "cecilie", "--no-passphrase", "--yes")
    cecilie.ok("members", "recover", cecilie.store, *held)
    cecilie.ok("members", "remove", "anna", "--yes")
    assert cecilie.write("note", CASE, NOTE).code == 0
    assert cecilie.ok("verify")


def test_a_stranger_on_the_machine_does_not_even_see_a_file(anna: Account, machine: Path) -> None:
    stranger = account(machine, "stranger", STRANGER, groups=(STRANGER,))
    assert stranger.shell(f"ls {anna.store}").returncode != 0
    assert stranger.shell(f"cat {anna.store}/{REGISTER}").returncode != 0
    assert stranger.shell(f"touch {anna.store}/x").returncode != 0
