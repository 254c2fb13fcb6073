"""Bad input: place and reason on stderr, the right exit code, nothing changed, and no word of the form quoted."""

import fcntl
import json
import re
import shutil
import signal
import stat
import subprocess
import tempfile
from pathlib import Path

import invented
import pytest
from cli_kit import LOOKS, PROGRAM, ROOT, Home, fill_up, read_only, small_disk

from ballerup_cli.storage.text import codec

CANARY = "kanariefugl"

GOOD = f"""\
received: "2026-03-02T14:30"
received_by: "municipality"
referrer:
  member: "klub-nord"
subject:
  kind: "person"
  name: "{CANARY}"
concern: |-
  Ser film, hvor vold bliver hyldet. {CANARY}
observations:
  - sign: "truer"
    text: "{CANARY} på gangen"
"""


def changed(old: str, new: str) -> str:
    assert old in GOOD
    return GOOD.replace(old, new)


TWICE = "-:{}: this field stands here twice"
FORMS = {
    "broken-yaml": (changed('på gangen"', "på gangen"), r"-:12:11: a quotation mark is opened here"),
    "bracket-left-open": (changed('kind: "person"', f"kind: [{CANARY}"), r"-:6:9: a bracket is opened here"),
    "duplicate-key": (changed('received_by', f"received: {CANARY}\nreceived_by"), TWICE.format("2:1")),
    "duplicate-inside": (changed('"person"', f'"person"\n  kind: "{CANARY}"'), TWICE.format("7:3")),
    "alias": (changed(f'text: "{CANARY} på gangen"', f"text: *{CANARY}"), r"-:12:11: .*\* means a reference"),
    "anchor": (changed('"person"', f"&{CANARY} person"), r"-:6:9: .*& means a label"),
    "unknown-field": (changed("concern: |-", f"{CANARY}: x\nconcern: |-"), r"-:8:1: .*unknown field; nearest: "),
    "wrong-code": (changed('"truer"', '"true"'), r"-:11:5: observations 1 sign: unknown code; nearest: truer"),
    "wrong-code-like-no-other": (changed('"truer"', f'"{CANARY}"'), r"-:11:5: observations 1 sign: unknown code; "),
    "wrong-code-on-top": (changed('"municipality"', '"municipal"'), r"-:2:1: received_by: unknown code; nearest: mun"),
    "wrong-date": (changed("2026-03-02T14:30", "2026-02-30T14:30"), r"-:1:1: received: "),
    "missing-field": (changed('received_by: "municipality"\n', ""), r"-:1:1: missing field received_by"),
    "missing-inside": (changed('  kind: "person"\n', ""), r"-:5:1: subject: missing field kind"),
    "leading-zeros": (changed('"person"', '"person"\n  cpr: 0101901234'), r"-:7:8: .*must stand in quotes"),
    "perhaps-as-truth": (changed("concern: |-", "acute: måske\nconcern: |-"), r"-:8:1: acute: "),
    "control-character": (changed("på gangen", "på\x07gangen"), r"-:12:\d+: the invisible character U\+0007"),
    "text-instead-of-fields": (f"{CANARY}\n", r"-:1:1: .*no fields here"),
    "nothing": ("", r"-:1:1: the form is empty"),
    "broken-json": ('{"received": "2026-03-02", "concern": "' + CANARY + '}', r"-:1:\d+: "),
    "person-and-group": (changed('"person"', '"group"\n  born: "2010-05-17"'), r"-:7:3: subject born: "),
    "deep-nest": ("concern: " + "[" * 400 + CANARY + "]" * 400, r"-:1:\d+: "),
}  # fmt: skip


@pytest.mark.parametrize("name", FORMS)
def test_a_form_that_is_wrong_is_refused_at_its_place(ready_home: Home, name: str) -> None:
    form, said = FORMS[name]
    words = ready_home.fails(12, "create", "--from", "-", typed=form)
    assert re.search(said, words), words
    assert CANARY not in words
    assert re.search(r"error: the form is not valid.*\n.*hint: 'ballerup form create'", words)


def test_a_good_form_is_taken(town: Home) -> None:
    assert town.ok("create", "--from", "-", typed=GOOD) == "2026-0010\n"
    assert town.case("10")["subject"]["name"] == CANARY


def test_all_that_is_wrong_is_told_at_once_and_in_order(ready_home: Home) -> None:
    form = GOOD.replace("klub-nord", "klub-nrd").replace('"truer"', '"true"').replace('"person"', '"persona"')
    words = ready_home.fails(12, "create", "--from", "-", typed=form)
    assert [int(line) for line in re.findall(r"^-:(\d+):", words, re.MULTILINE)] == sorted(
        int(line) for line in re.findall(r"^-:(\d+):", words, re.MULTILINE)
    )
    assert len(re.findall(r"nearest: (?:person|truer)", words)) == 2


def test_the_error_names_the_file(ready_home: Home, tmp_path: Path) -> None:
    form = tmp_path / "concern.yaml"
    form.write_text(FORMS["wrong-code"][0])
    assert ready_home.fails(12, "create", "--from", form).startswith("concern.yaml:11:")


def test_errors_are_told_in_danish_too(ready_home: Home) -> None:
    words = ready_home.fails(12, "--lang", "da", "create", "--from", "-", typed=FORMS["wrong-code"][0])
    assert "iagttagelser 1 opmærksomhedspunkt: ukendt kode; nærmeste: truer" in words
    assert "formularen" in words


def test_a_form_that_is_not_utf_8_is_refused_at_its_place(ready_home: Home) -> None:
    words = ready_home.fails(12, "create", "--from", "-", typed=GOOD.encode("cp1252"))
    assert re.search(r"-:12:\d+: not UTF-8 here; save the file with the encoding UTF-8", words)
    ready_home.fails(12, "create", "--from", "-", typed=GOOD.encode("utf-16"))


def test_a_form_with_a_byte_order_mark_and_windows_lines_is_taken(town: Home) -> None:
    assert town.ok("create", "--from", "-", typed=("\ufeff" + GOOD.replace("\n", "\r\n")).encode()) == "2026-0010\n"
    assert "\r" not in json.dumps(town.case("10"))


def test_a_form_of_twenty_megabytes_is_refused(ready_home: Home) -> None:
    big = GOOD.replace("Ser film", "Ser film " * (20 * 2**20 // 9))
    assert "larger than 10 MiB" in ready_home.fails(12, "create", "--from", "-", typed=big)


def test_an_assessment_without_resources_is_refused(ready_home: Home) -> None:
    worries = {name: value for name, value in invented.assess().items() if name != "resources"}
    form = codec.encode(worries).decode()
    assert "missing field resources" in ready_home.fails(12, "assess", "3", "--from", "-", typed=form)


def test_a_form_that_is_not_there_is_a_slip(ready_home: Home) -> None:
    ready_home.fails(2, "create", "--from", "nowhere.yaml")
    ready_home.fails(2, "create", "--from", str(ready_home.path))


def test_content_given_as_an_argument_is_refused_and_not_repeated(ready_home: Home) -> None:
    for words in (("create", CANARY), ("note", "1", CANARY), ("show", "1", CANARY), (CANARY,), ("list", f"--{CANARY}")):
        assert CANARY not in ready_home.fails(2, *words)


# --- keys -------------------------------------------------------------------------------------------------------------


def test_a_wrong_passphrase_and_none_at_all_end_with_30(home: Home, tmp_path: Path) -> None:
    right, wrong = tmp_path / "right", tmp_path / "wrong"
    for file in (right, wrong):
        file.write_text(f"{file.name} {CANARY}\n")
        file.chmod(0o600)
    words = ("init", home.store, "--as", "anna", "--recovery-file", "rec.txt")
    home.ok("--passphrase-file", right, *words)
    assert home.identity.read_bytes().startswith(b"age-encryption.org/v1\n-> scrypt ")
    assert CANARY not in home.fails(30, "--passphrase-file", wrong, "list")
    assert "--passphrase-file" in home.fails(30, "list")
    assert home.ok("create", "--from", "-", typed=GOOD, BALLERUP_PASSPHRASE_FILE=str(right)) == "2026-0001\n"
    right.chmod(0o644)
    assert str(right) in home.fails(42, "--passphrase-file", right, "list")
    wrong.write_bytes(b"\n")
    home.fails(30, "--passphrase-file", wrong, "list")


def test_an_identity_that_is_none_or_somebody_elses_ends_with_30(town: Home, home: Home) -> None:
    home.ok("init", home.store, "--as", "berit", "--no-passphrase", "--recovery-file", "rec.txt")
    town.fails(30, "--identity", home.identity, "list")
    town.fails(30, "--identity", town.work / "none", "list")
    (town.work / "nonsense").write_text("hej\n")
    (town.work / "nonsense").chmod(0o600)
    town.fails(30, "--identity", town.work / "nonsense", "list")


# --- stores -----------------------------------------------------------------------------------------------------------


def test_no_store_ends_with_40_and_says_how_to_make_one(home: Home, town: Home) -> None:
    for command in (("show", "1"), ("verify",)):
        assert "ballerup init DIR --as NAME" in home.fails(40, *command)
    assert "ballerup init" in home.fails(40, "create", "--from", "-", typed=GOOD)
    shutil.rmtree(town.store)
    town.fails(40, "due", "--check", "--quiet")
    town.fails(40, "--store", town.path / "elsewhere", "list")


def test_a_configuration_that_is_none_ends_with_40(town: Home) -> None:
    for text in ("store: [", "pin: x\n", f'store: "{town.store}"\n', "\x00"):
        (town.path / "config" / "config.yaml").write_text(text)
        assert "config.yaml" in town.fails(40, "list")


def test_another_store_under_the_configured_name_is_not_taken_for_ours(town: Home, home: Home) -> None:
    home.ok("init", home.store, "--as", "anna", "--no-passphrase", "--recovery-file", "rec.txt")
    answer = town.run("--store", home.store, "list")
    assert answer.code in (30, 32), answer
    assert answer.out == ""


def test_world_readable_files_and_folders_end_with_42(town: Home) -> None:
    places = [
        town.store,
        town.store / "register.age",
        town.store / "members.yaml.age",
        town.store / "2026-0001.yaml.age",
    ]
    for path in (*places, town.identity, town.path / "config" / "config.yaml", town.anchor):
        before = stat.S_IMODE(path.stat().st_mode)
        path.chmod(before | 0o004)
        words = town.fails(42, "show", "1")
        assert str(path) in words
        assert f"chmod o-rwx {path}" in words
        path.chmod(before)
    assert town.ok("show", "1")


# --- disks ------------------------------------------------------------------------------------------------------------


def test_a_store_locked_by_another_writer_ends_with_41_and_readers_do_not_wait(town: Home) -> None:
    with (town.store / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        pipes = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
        with subprocess.Popen(
            town.command("note", "1", "--from", "-"), env=town.environ(), start_new_session=True, **pipes
        ) as waiting:
            for command in (("show", "1"), ("due",), ("verify",)):
                assert town.ok(*command)
            said = waiting.communicate(b"text: Ringede\n", timeout=60)
        assert (waiting.returncode, said[0]) == (41, b"")
        assert b"another command is writing" in said[1]
    assert len(town.case("1")["entries"]) == 1
    assert town.ok("note", "1", "--from", "-", typed="text: Ringede\n")


@pytest.fixture
def disk_town(ready_home: Home, tmp_path: Path):  # type: ignore[no-untyped-def]
    """The ready store on a small disk of its own; configuration and state lie elsewhere."""
    with small_disk(tmp_path / "disk") as disk:
        town = ready_home.copied(tmp_path / "town", LOOKS)
        shutil.copytree(town.store, disk / "store")
        config = town.path / "config" / "config.yaml"
        config.write_text(config.read_text().replace(str(town.store), str(disk / "store")))
        shutil.rmtree(town.store)
        town.store.symlink_to(disk / "store")
        yield town, disk


def test_a_read_only_folder_ends_with_43_and_can_still_be_read(disk_town: tuple[Home, Path]) -> None:
    town, disk = disk_town
    read_only(disk)
    words = town.fails(43, "create", "--from", "-", typed=GOOD)
    assert str(disk / "store") in words
    assert "Read-only file system" in words
    for command in (("list",), ("due",), ("verify",)):
        assert town.ok(*command)
    town.fails(43, "show", "1")  # what cannot be logged is not shown
    read_only(disk, on=False)
    assert town.ok("create", "--from", "-", typed=GOOD) == "2026-0010\n"


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_a_full_disk_ends_with_43_and_leaves_nothing_behind(disk_town: tuple[Home, Path]) -> None:
    town, disk = disk_town
    before = contents(disk / "store")
    filler = fill_up(disk)
    assert "No space left on device" in town.fails(43, "create", "--from", "-", typed=GOOD)
    with filler.open("r+b") as file:  # room for one of the files, not for all
        file.truncate(filler.stat().st_size - 12 * 1024)
    town.fails(43, "create", "--from", "-", typed=GOOD)
    assert contents(disk / "store") == before
    filler.unlink()
    assert town.ok("create", "--from", "-", typed=GOOD) == "2026-0010\n"
    assert town.ok("verify")


def test_a_full_disk_under_the_state_ends_with_43_before_anything_is_saved(ready_home: Home, tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk") as disk:
        town = ready_home.copied(tmp_path / "town", LOOKS)
        shutil.copytree(town.path / "state", disk / "state")
        filler = fill_up(disk)
        before = contents(town.store)
        answer = town.run("create", "--from", "-", typed=GOOD, BALLERUP_STATE_DIR=str(disk / "state"))
        assert answer.code == 43, answer
        assert answer.out == ""
        assert contents(town.store) == before
        filler.unlink()
        assert town.ok("create", "--from", "-", typed=GOOD, BALLERUP_STATE_DIR=str(disk / "state")) == "2026-0010\n"


def test_founding_on_a_full_disk_leaves_nothing_in_the_way(home: Home, tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk") as disk:
        filler = fill_up(disk)
        words = ("init", disk / "store", "--as", "anna", "--no-passphrase", "--recovery-file", "rec.txt")
        assert home.run(*words).code == 43
        filler.unlink()
        assert home.ok(*words)


@pytest.mark.skipif(not ROOT or not shutil.which("setpriv"), reason="another user can only be played by root")
def test_a_store_one_may_not_enter_ends_with_43(ready_home: Home) -> None:
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        town = ready_home.copied(Path(folder) / "town")
        for path in (town.path / "config", town.path / "state"):
            subprocess.run(["chown", "-R", "65534:65534", path], check=True)
        nobody = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
        if subprocess.run([*nobody, PROGRAM, "--version"], capture_output=True, check=False).returncode:
            pytest.skip("others may not run the program")
        town.path.chmod(0o755)
        command = [*nobody, *town.command("list")]
        ended = subprocess.run(command, capture_output=True, env=town.environ(), cwd="/", text=True, check=False)
    assert ended.returncode == 43, ended
    assert "Permission denied" in ended.stderr
    assert "register.age" in ended.stderr


# --- signals and pipes ------------------------------------------------------------------------------------------------


def test_a_reader_that_has_seen_enough_is_no_failure(ready_home: Home) -> None:
    script = f"{PROGRAM} --lang en due --within 9999 --format ndjson | head -n 1"
    ended = subprocess.run(
        ["bash", "-c", f"set -o pipefail; {script}"],
        capture_output=True, env=ready_home.environ(), start_new_session=True, check=False,
    )  # fmt: skip
    assert (ended.returncode, ended.stderr) == (0, b"")


def test_a_standard_output_that_is_full_is_not_taken_for_success(ready_home: Home) -> None:
    with Path("/dev/full").open("wb") as full:
        ended = subprocess.run(
            ready_home.command("list"), stdout=full, stderr=subprocess.PIPE, env=ready_home.environ(), check=False
        )
    assert ended.returncode == 43, ended
    assert b"Traceback" not in ended.stderr


@pytest.mark.parametrize(("closed", "code"), [("<&-", 2), (">&-", 43), ("2>&-", 0)])
def test_a_stream_that_is_closed_is_no_surprise(town: Home, closed: str, code: int) -> None:
    """A form is asked of a closed stdin, a list cannot be printed, and no file takes the stream's number."""
    command = "create" if code == 2 else "list"
    before = town.everything()
    ended = subprocess.run(
        ["bash", "-c", f"{PROGRAM} {command} {closed}"],
        capture_output=True,
        env=town.environ(),
        cwd=town.work,
        check=False,
    )
    assert ended.returncode == code, ended
    assert town.everything() == before


def test_ctrl_c_while_a_form_is_read_ends_with_130_and_changes_nothing(town: Home) -> None:
    before = town.everything()
    pipes = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
    with subprocess.Popen(
        town.command("create", "--from", "-"), env=town.environ(), start_new_session=True, **pipes
    ) as process:
        assert process.stdin
        process.stdin.write(
            GOOD.encode() + b"#" * 2**18
        )  # more than a pipe holds: once it is written, it is being read
        process.stdin.flush()
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=30)
    assert (process.returncode, out) == (130, b"")
    assert err.strip() == b"ballerup: stopped; nothing is half done"
    assert town.everything() == before


def test_writers_at_the_same_time_wait_for_each_other(town: Home) -> None:
    command = [*town.command("create", "--from", "-")]
    pipes = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
    writers = [subprocess.Popen(command, env=town.environ(), start_new_session=True, **pipes) for _ in range(3)]
    said = [writer.communicate(GOOD.encode(), timeout=60) for writer in writers]
    assert sorted(out for out, _ in said) == [b"2026-0010\n", b"2026-0011\n", b"2026-0012\n"], said
    assert town.ok("verify")


def test_days_at_the_edge_of_the_calendar_are_no_surprise(ready_home: Home) -> None:
    assert ready_home.ok("--today", "9999-12-31", "due", "--within", "36500")
    assert ready_home.run("--today", "0001-01-01", "due").code == 0
