"""The account that watches deadlines: set up by the printed steps, run by the printed line, closed in by its unit."""

import configparser
import json
import re
import shlex
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import invented
import pytest
from cli_kit import PROGRAM, ROOT, Home

from ballerup_cli.services.keys import watching
from ballerup_cli.storage.store.commit import commit, writing


@pytest.fixture
def office(tmp_path) -> Home:
    return founded(tmp_path / "anna")


def founded(path: Path) -> Home:
    home = Home.make(path)
    home.ok("init", home.store, "--as", "anna", "--no-passphrase", "--recovery-file", home.path / "recovery.txt")
    home.ok("create", "--from", "-", typed=json.dumps(invented.create()))
    return home


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that other accounts may enter, unlike those that pytest makes."""
    with tempfile.TemporaryDirectory(prefix="ballerup-test-") as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


def printed(home: Home, form: str) -> str:
    return home.ok("cron", "print", "--as", form, PATH=f"{PROGRAM.parent}:/usr/bin:/bin")


def test_the_line_for_cron_is_the_documented_one(office):
    lines = printed(office, "crontab").splitlines()
    assert lines[-1] == f"0 7 * * 1-5  {PROGRAM} due --check --quiet"
    assert f"BALLERUP_STATE_DIR={office.path}/state" in lines


def test_the_unit_runs_the_same_and_may_write_its_state_only(office):
    unit = configparser.ConfigParser(strict=False, interpolation=None)
    unit.optionxform = str
    unit.read_string(printed(office, "ballerup-due.service"))
    service = unit["Service"]
    assert service["ExecStart"] == f"{PROGRAM} due --check --quiet"
    assert service["ReadWritePaths"] == f'"{office.path}/state"'
    assert service["ReadOnlyPaths"] == f'"{office.store}"'


def test_the_mail_goes_to_a_named_reader_in_a_told_charset(office):
    lines = office.ok("cron", "print", "--mail", "anna@example.dk").splitlines()
    assert "MAILTO=anna@example.dk" in lines and 'CONTENT_TYPE="text/plain; charset=UTF-8"' in lines
    assert any(re.fullmatch(r"MAILTO=\S+", line) for line in printed(office, "crontab").splitlines())
    assert "OnFailure=ballerup-due-mail.service" in printed(office, "ballerup-due.service").splitlines()
    mail = office.ok("cron", "print", "--as", "ballerup-due-mail.service", "--mail", "anna@example.dk")
    assert "charset=UTF-8" in mail and mail.rstrip().endswith(" sh anna@example.dk")
    setup = office.run("cron", "setup", "--mail", "anna@example.dk")
    assert setup.out.rstrip().endswith("--mail anna@example.dk") and "goes to anna@example.dk" in setup.err
    for address in ("a b@example.dk", "-oQ/tmp", "anna@example.dk,bo", "anna\nX=1", "50%"):
        office.fails(2, "cron", "print", "--mail", address)


@pytest.mark.parametrize("name", ["plain", "two words", "50% of it", 'it\'s "so"', "back\\slash"])
def test_odd_paths_reach_cron_and_systemd_as_they_are(office, tmp_path, name):
    """Cron ends a command at a bare %, and neither reads a blank as part of a name."""
    folder = tmp_path / name
    told = {"config": folder, "state": folder, "store": folder, "program": folder / "ballerup", "reader": "anna"}
    facts = {key: str(value) for key, value in told.items()} | {"account": "watch", "language": "da"}
    *_settings, line = watching.filled("crontab", facts).splitlines()
    command = re.sub(r"\\%", "%", line.split(maxsplit=5)[5])
    assert not re.search(r"(?<!\\)%", line)
    assert shlex.split(command) == [facts["program"], "due", "--check", "--quiet"]
    service = watching.filled("ballerup-due.service", facts)
    started = re.search("^ExecStart=(.*)$", service, re.MULTILINE)[1].replace("%%", "%")
    assert shlex.split(started)[0] == facts["program"]
    assert f'ReadOnlyPaths="{name_in_unit(folder)}"' in service.splitlines()


def name_in_unit(path: Path) -> str:
    return str(path).replace("\\", r"\\").replace('"', r"\"").replace("%", "%%")


def test_a_mail_has_fifty_lines_and_a_count(town):
    words = ("--today", "2027-06-01", "due", "--check", "--quiet")
    rows = town.run(*words, "--format", "json").json()
    lines = town.run(*words).out.splitlines()
    assert len(rows) > 50
    assert len(lines) == 51 and lines[-1] == f"… and {len(rows) + 2 - 50} more"
    assert len(town.run("--today", "2027-06-01", "due").out.splitlines()) > 51


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="needs systemd-analyze")
def test_systemd_takes_the_units_and_finds_little_exposed(office, tmp_path):
    for form in ("ballerup-due.service", "ballerup-due.timer"):
        (tmp_path / form).write_text(printed(office, form))
    checked = subprocess.run(
        ["systemd-analyze", "security", "--offline=true", "--threshold=20", tmp_path / "ballerup-due.service"],
        capture_output=True,
        text=True,
        check=False,
    )
    if "unrecognized option" in checked.stderr:
        pytest.skip("this systemd-analyze does not judge files")
    assert checked.returncode == 0, checked.stdout[-400:] + checked.stderr


@pytest.mark.skipif(not ROOT or not shutil.which("useradd"), reason="accounts can only be made by root")
def test_the_printed_steps_make_an_account_that_sees_deadlines_only(open_folder):
    """Two accounts of the system: what one may do with the store's files is decided by the kernel, not by us."""
    account = "ballerup-test-watch"
    group = "ballerup-test-group"
    office = founded(open_folder / "anna")
    office.path.chmod(0o755)
    steps = office.ok("cron", "setup", "--account", account)
    subprocess.run(["groupadd", "--force", group], check=True)
    try:
        for path in (office.store, *office.store.iterdir()):
            shutil.chown(path, group=group)
        _walk(steps, office, account, group)
    finally:
        subprocess.run(["userdel", "--remove", "--force", account], check=False, capture_output=True)
        subprocess.run(["groupdel", group], check=False, capture_output=True)


def _walk(steps: str, office: Home, account: str, group: str) -> None:
    made, card, add, join, _line = steps.splitlines()
    assert made.split()[:2] == ["sudo", "useradd"]
    subprocess.run(["useradd", "--system", "--create-home", "--groups", group, account], check=True)
    home = Path(f"~{account}").expanduser()

    def watch(*arguments: object, typed: str = "") -> subprocess.CompletedProcess[str]:
        call = ["runuser", "-u", account, "--", "env", f"HOME={home}", "BALLERUP_LANG=en", PROGRAM, *arguments]
        given = {"input": typed, "capture_output": True, "text": True, "cwd": "/", "check": False}
        return subprocess.run([str(part) for part in call], **given)

    if watch("--version").returncode:
        pytest.skip("the program is closed to other accounts")
    assert "keys new --as watch --no-passphrase" in card
    code = office.ok("members", "add", "--from", "-", "--role", "watch", "--yes", typed=watch(*_words(card)).stdout)
    assert "members add" in add
    assert "members join" in join
    assert watch("members", "join", office.store, "--from", "-", typed=code).returncode == 0
    due = watch("due", "--check", "--quiet")
    assert (due.returncode, "2026-0001" in due.stdout) == (3, True)
    assert watch("show", "1").returncode == 30


def _words(line: str) -> list[str]:
    words = line.partition(" > ")[0].split()
    return words[words.index("keys") :]


def test_what_changed_is_told_once_and_again_when_it_falls_due(office):
    def told(day: str) -> list[str]:
        answer = office.run("--today", day, "due", "--check", "--changed", "--quiet", "--format", "json")
        return [line["clock"] for line in json.loads(answer.out)]

    assert told("2026-03-02") == []
    first = told("2026-06-01")
    assert first and told("2026-06-01") == []
    later = told("2027-06-01")
    assert later and not set(later) & set(first)
    office.ok("create", "--from", "-", typed=json.dumps(invented.create()))
    assert told("2027-06-01"), "another case's deadlines are new"


def test_what_could_not_be_remembered_is_told_again(office):
    words = ("--today", "2026-06-01", "due", "--changed", "--format", "json")
    assert json.loads(office.ok(*words)) and json.loads(office.ok(*words)) == []
    office.anchor.with_name("due.json").write_text("[[1]")
    assert json.loads(office.ok(*words))


def test_a_store_that_nobody_writes_to_is_warned_of(office):
    words = ("due", "--check", "--quiet")
    assert "nobody has written" not in office.run(*words).err
    at = date.fromisoformat(office.workspace().store.register.at[:10])
    for days, warned in ((30, False), (31, True)):
        answer = office.run("--today", (at + timedelta(days=days)).isoformat(), *words)
        assert ("nobody has written" in answer.err) == warned


def test_a_machine_whose_clock_is_behind_is_told_so(town: Home) -> None:
    """On a laptop after a sleep, `due --check --quiet` was silent with 0, and a note dated before its intake taken."""
    workspace = town.workspace()
    ahead = datetime.now(UTC) + timedelta(hours=3)
    with writing(workspace.store):
        commit(workspace.store, [], at=ahead.isoformat(timespec="seconds"))
    assert "clock is behind" in town.run("list").err
    answer = town.run("--today", "2025-01-01", "due", "--check", "--quiet", "--format", "json")
    assert answer.code == 3 and [line["clock"] for line in answer.json()] == ["clock"]
    assert town.run("--today", "2025-01-01", "due", "--check", "--quiet").out
    with writing(workspace.store):
        commit(workspace.store, [], at=(ahead + timedelta(days=3)).isoformat(timespec="seconds"))
    answer = town.run("--today", "2025-01-01", "due", "--check", "--quiet")
    assert (answer.code, answer.out) == (0, "") and "by anna is dated" in answer.err, "that is no witness"
