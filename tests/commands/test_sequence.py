"""The calls of the documentation in order, without a terminal: from a new store to a closed case, and the forms."""

import json
import os
import re
import stat
from datetime import datetime
from pathlib import Path
from typing import Any

import invented
import pytest
from cli_kit import EXAMPLES, Home

from ballerup_cli.core.cases.steps import STEPS
from ballerup_cli.services.forms.understanding import Reader, understood
from ballerup_cli.storage.text import codec, schema

WALK = EXAMPLES / "00-walk"
PIN = re.compile("[0-9a-f]{64}\n")


def init(home: Home, *more: str) -> str:
    return home.ok("init", home.store, "--as", "anna", "--no-passphrase", "--recovery-file", "rec.txt", *more)


# The case flow as the contract's calls write it: command, form, and what `show` says afterwards.
YAML_WALK = (
    ("triage", "05-triage.yaml", "screened", None, None),
    ("triage", "06-triage.yaml", "accepted", None, None),
    ("assess", "08-assess.yaml", "assessed", "foregribende", None),
    ("plan", "09-plan.yaml", "planned", "foregribende", None),
    ("follow-up", "10-follow-up.yaml", "planned", "foregribende", None),
    ("close", "11-close.yaml", "closed", "foregribende", "plan"),
)
JSON_WALK: tuple[tuple[str, Any, str, str | None, str | None], ...] = (
    ("triage", invented.police(), "screened", None, None),
    ("triage", invented.joint(), "accepted", None, None),
    ("assess", invented.assess(), "assessed", "foregribende", None),
    ("plan", invented.plan(), "planned", "foregribende", None),
    ("follow-up", invented.follow_up(), "planned", "foregribende", None),
    ("close", invented.close(), "closed", "foregribende", "plan"),
)


def test_the_whole_sequence_with_yaml_forms_from_files(home: Home) -> None:
    assert PIN.fullmatch(init(home))
    for path in WALK.iterdir():
        (home.work / path.name).write_bytes(path.read_bytes())
    assert home.ok("create", "--from", "01-create.yaml") == "2026-0001\n"
    for step, form, state, tier, gate in YAML_WALK:
        said = home.ok(step, "2026-0001", "--from", form)
        assert said.startswith("2026-0001: ")
        case = home.case("2026-0001")
        assert (case["state"], case["tier"], case["gate"]) == (state, tier, gate)
    assert [entry["step"] for entry in case["entries"]] == ["create", *(step for step, *_ in YAML_WALK)]
    assert home.show("2026-0001") == case
    assert schema.check("case", case) == []
    (line,) = json.loads(home.ok("list", "--format", "json"))
    assert (line["case"], line["state"], line["tier"]) == ("2026-0001", "closed", "foregribende")
    assert {row["clock"] for row in json.loads(home.ok("due", "--within", "4000", "--format", "json"))} >= {"retention"}
    report = json.loads(
        home.ok("report", "--from", "2026-01-01", "--to", "2026-12-31", "--internal", "--format", "json")
    )
    assert report["totals"] == {"received": 1, "open": 0, "closed": 1}
    assert "everything as it was written" in home.ok("verify")


def test_the_whole_sequence_with_json_forms_from_standard_input(home: Home) -> None:
    init(home)
    created = home.write("create", None, invented.create())
    assert (created.code, created.out) == (0, "2026-0001\n")
    for step, form, state, tier, gate in JSON_WALK:
        said = home.write(step, "1", form)
        assert (said.code, said.out.partition(":")[0]) == (0, "2026-0001")
        case = home.case("2026-1")
        assert (case["state"], case["tier"], case["gate"]) == (state, tier, gate)
    assert home.ok("verify")


def test_the_same_form_in_yaml_and_json_gives_the_same_case(home: Home, tmp_path: Path) -> None:
    init(home)
    source = WALK / "01-create.yaml"
    (document,) = codec.read_forms(source.read_bytes())
    home.ok("create", "--from", source)
    home.ok("create", "--from", "-", typed=json.dumps(document.value))
    from_file, typed = home.case("1"), home.case("2")
    for case in (from_file, typed):
        del case["case"], case["entries"]
    assert from_file == typed


# --- streams ----------------------------------------------------------------------------------------------------------


def received(day: str) -> invented.Body:
    return invented.create(received=day, subject={"kind": "person", "age_band": "18-plus"})


@pytest.mark.parametrize(
    "stream",
    [
        "---\n".join(codec.encode(received(day)).decode() for day in ("2026-03-02", "2025-12-31", "2026-03-04")),
        json.dumps([received(day) for day in ("2026-03-02", "2025-12-31", "2026-03-04")]),
        "".join(json.dumps(received(day)) + "\n" for day in ("2026-03-02", "2025-12-31", "2026-03-04")),
    ],
    ids=["yaml", "json-array", "ndjson"],
)
def test_a_stream_prints_one_number_a_line_and_is_one_commit(town: Home, stream: str) -> None:
    before = town.workspace().store.register.number
    said = town.run("create", "--from", "-", typed=stream)
    assert (said.code, said.out) == (0, "2026-0010\n2025-0002\n2026-0011\n")
    assert town.workspace().store.register.number == before + 1


def test_an_invalid_third_document_writes_nothing_and_is_named(town: Home) -> None:
    good = codec.encode(received("2026-03-02")).decode()
    bad = good.replace('received_by: "municipality"', 'received_by: "mayor"')
    said = town.fails(12, "create", "--from", "-", typed="---\n".join([good, good, bad]))
    line = 2 * (good.count("\n") + 1) + 2
    assert f"-:{line}:1: document 3: received_by: unknown code; nearest: municipality, police" in said
    assert "mayor" not in said


def test_only_create_takes_a_stream(town: Home) -> None:
    note = codec.encode({"text": "Ringede"}).decode()
    said = town.fails(12, "note", "1", "--from", "-", typed=f"{note}---\n{note}")
    assert "-:3:1: one form only" in said


# --- numbers ----------------------------------------------------------------------------------------------------------


def test_numbers_may_be_shortened(ready_home: Home) -> None:
    for typed in ("0001", "2026-1"):
        assert ready_home.show(typed)["case"] == "2026-0001"
    assert ready_home.show("2025-1")["case"] == "2025-0001"


def test_a_serial_alone_is_the_newest_case_that_has_it(town: Home) -> None:
    assert town.write("create", None, received("2027-01-02")).out == "2027-0001\n"
    assert town.case("1")["case"] == "2027-0001"


@pytest.mark.parametrize("typed", ["99", "2031-1", "2026-99999"])
def test_an_unknown_case_is_refused_with_the_nearest_numbers(ready_home: Home, typed: str) -> None:
    said = ready_home.fails(10, "show", typed)
    assert re.search(r"hint: nearest numbers: 202[56]-00\d\d, ", said)


def test_what_is_no_number_is_a_slip_and_is_not_repeated(ready_home: Home) -> None:
    said = ready_home.fails(2, "show", "Peter-Opdigtet")
    assert "2026-0007" in said
    assert "Peter" not in said


def test_the_year_of_a_number_is_the_year_it_was_received(home: Home) -> None:
    init(home)
    assert home.write("create", None, received("2024-12-31T23:59")).out == "2024-0001\n"
    assert home.write("create", None, received("2026-01-01T00:00")).out == "2026-0001\n"
    # The year in Copenhagen counts, whatever offset the moment was written with.
    assert home.write("create", None, received("2025-12-31T23:30:00+00:00")).out in ("2025-0001\n", "2026-0002\n")


# --- founding ---------------------------------------------------------------------------------------------------------


def test_init_writes_identity_configuration_recovery_key_and_anchor(home: Home) -> None:
    pin = init(home).strip()
    config, recovery = home.path / "config", home.work / "rec.txt"
    assert sorted(path.name for path in config.iterdir()) == ["config.yaml", "identity.age"]
    assert (config / "config.yaml").read_text() == f'store: "{home.store}"\npin: "{pin}"\n'
    secrets = set()
    for key in (home.identity, recovery):
        *comments, secret = key.read_text().splitlines()
        assert all(comment.startswith("# ") for comment in comments)
        assert secret.startswith("AGE-SECRET-KEY-PQ-1")
        secrets.add(secret)
    assert len(secrets) == 2
    assert "# public key: age1pq1" in home.identity.read_text()
    assert len(recovery.read_text()) < 200, "short enough to be written down"
    for path in (home.identity, recovery, config / "config.yaml", home.anchor):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    for path in (config, home.path / "state", home.anchor.parent):
        assert stat.S_IMODE(path.stat().st_mode) == 0o700
    assert home.anchor.parent.name == pin
    assert stat.S_IMODE(home.store.stat().st_mode) == 0o2770
    assert {stat.S_IMODE(path.stat().st_mode) for path in home.sealed()} == {0o640}
    names = {"members.yaml.age", "pladen.yaml.age", "settings.yaml.age", "register.age"}
    assert {path.name for path in home.sealed()} == names


def test_init_says_where_the_recovery_key_is_but_never_shows_it(home: Home) -> None:
    said = home.run("init", home.store, "--as", "anna", "--no-passphrase", "--recovery-file", "rec.txt")
    assert PIN.fullmatch(said.out)
    assert "rec.txt" in said.err
    for file in (home.identity, home.work / "rec.txt"):
        assert file.read_text().split()[-1] not in said.out + said.err


def test_without_a_terminal_and_a_file_for_the_recovery_key_nothing_is_founded(home: Home) -> None:
    home.fails(2, "init", home.store, "--as", "anna", "--no-passphrase")
    assert not home.store.exists()


def test_a_folder_with_the_keys_in_it_is_never_made_a_store(home: Home) -> None:
    """A home folder would be opened to a group, and its keys be backed up with the records they open."""
    mode = home.path.stat().st_mode
    home.fails(2, "init", home.path, "--as", "anna", "--no-passphrase", "--recovery-file", "rec.txt")
    home.fails(2, "init", home.store, "--as", "anna", "--no-passphrase", "--recovery-file", home.store / "rec.txt")
    assert home.path.stat().st_mode == mode
    assert not home.store.exists()


def test_without_a_terminal_and_a_passphrase_nothing_is_founded(home: Home) -> None:
    said = home.fails(30, "init", home.store, "--as", "anna", "--recovery-file", "rec.txt")
    assert "--passphrase-file" in said


def test_init_never_overwrites(home: Home) -> None:
    init(home)
    words = ("init", home.store, "--as", "anna", "--no-passphrase", "--recovery-file", "rec2.txt")
    assert "config.yaml" in home.fails(2, *words)
    (home.path / "config" / "config.yaml").unlink()
    assert "identity.age" in home.fails(2, *words)
    home.identity.unlink()
    assert "register.age" in home.fails(2, *words)
    (home.store / "register.age").unlink()
    assert str(home.store) in home.fails(2, *words)
    for path in home.sealed():
        path.unlink()
    assert "rec.txt" in home.fails(2, *words[:-1], "rec.txt")


def test_the_recovery_key_must_not_lie_in_the_store(home: Home) -> None:
    words = ("init", home.store, "--as", "anna", "--no-passphrase", "--recovery-file")
    home.fails(2, *words, home.store / "rec.txt")
    (home.work / "link").symlink_to(home.path)
    home.fails(2, *words, home.work / "link" / "store" / "rec.txt")


@pytest.mark.parametrize("blocked", ["store", "rec.txt"])
def test_an_init_that_fails_leaves_no_key_behind_and_can_be_repeated(home: Home, blocked: str) -> None:
    (home.path / "file").write_text("")
    places = {"store": home.store, "rec.txt": home.path / "rec.txt"} | {blocked: home.path / "file" / blocked}
    words = ("init", places["store"], "--as", "anna", "--no-passphrase", "--recovery-file", places["rec.txt"])
    answer = home.run(*words)
    assert answer.code == 43, answer
    assert not home.identity.exists()
    assert not (home.path / "rec.txt").exists()
    assert home.ok("init", home.store, *words[2:-1], home.path / "rec.txt")


@pytest.mark.parametrize("name", ["Anna", "recovery"])
def test_a_short_name_is_one_plain_word(home: Home, name: str) -> None:
    home.fails(2, "init", home.store, f"--as={name}", "--no-passphrase", "--recovery-file", "rec.txt")


# --- which store ------------------------------------------------------------------------------------------------------


def test_store_option_and_variable_name_a_store_that_was_moved(town: Home) -> None:
    moved = town.path / "moved"
    town.store.rename(moved)
    town.fails(40, "list")
    assert "2026-0001" in town.ok("--store", moved, "list")
    assert "2026-0001" in town.ok("list", BALLERUP_STORE=str(moved))
    new = json.dumps(received("2026-05-01"))
    assert "--adopt" in town.fails(32, "--store", moved, "create", "--from", "-", typed=new), "it is read, as a copy is"
    town.ok("--store", moved, "restore", moved, "--adopt")
    assert town.ok("create", "--from", "-", typed=new) == "2026-0010\n"
    assert town.ok("--store", moved, "verify", BALLERUP_STORE="/nowhere")


def test_an_identity_elsewhere_is_used_when_named(town: Home) -> None:
    elsewhere = town.path / "key"
    town.identity.rename(elsewhere)
    assert str(town.identity) in town.fails(30, "list")
    assert town.ok("--identity", elsewhere, "list")


def test_a_relative_store_is_found_from_any_folder(home: Home) -> None:
    init_words = ("init", "cases", "--as", "anna", "--no-passphrase", "--recovery-file", "rec.txt")
    home.ok(*init_words)
    os.rename(home.work, home.path / "elsewhere")  # noqa: PTH104
    (home.path / "work").mkdir()
    home.fails(40, "list")
    assert f'store: "{home.work / "cases"}"' in (home.path / "config" / "config.yaml").read_text()


# --- entries, stdout and stderr ---------------------------------------------------------------------------------------


def test_warnings_go_to_stderr_and_the_number_stands_alone(town: Home) -> None:
    child = invented.create(subject={"kind": "person", "name": "Peter Opdigtet", "born": "2010-05-17"})
    first, second = town.write("create", None, child), town.write("create", None, child)
    assert first.out == "2026-0010\n"
    assert second.out == "2026-0011\n"
    assert "ballerup: warning: 2026-0010: notice status: the statutory child notice is not answered" in first.err
    assert "the same name is known from 2026-0010" in second.err
    assert "Opdigtet" not in first.err + second.err


def test_an_entry_says_who_wrote_it_and_when_whatever_today_is_set_to(town: Home) -> None:
    town.ok("--today", "2030-01-01", "note", "1", "--from", "-", typed='{"text": "Ringede"}')
    entry = town.case("1")["entries"][-1]
    assert (entry["entry"], entry["step"], entry["by"]) == (2, "note", "anna")
    at = datetime.fromisoformat(entry["at"])
    assert abs((datetime.now(at.tzinfo) - at).total_seconds()) < 120
    assert at.utcoffset()


@pytest.mark.parametrize("step", list(STEPS))
def test_every_step_has_a_form_that_reads_as_one_empty_document(home: Home, step: str) -> None:
    form = home.ok("--lang", "da", "form", step)
    document, _twice = understood(step, codec.read_forms(form.encode())[0], Reader())
    assert set(document.value) == set(json.loads(schema.resource(f"schemas/{step}.schema.json"))["properties"])
    assert re.search("[æøå]", form)


def test_the_form_is_printed_in_both_languages_with_the_choices(home: Home) -> None:
    assert re.search("klub-nord +Klub Nord", home.ok("--lang", "en", "form", "create"))
    assert home.ok("--lang", "en", "form", "create") != home.ok("--lang", "da", "form", "create")


def test_without_a_form_and_a_terminal_a_step_asks_for_one(town: Home) -> None:
    assert "--from" in town.fails(2, "create")
    assert "--from" in town.fails(2, "triage", "1")


def test_the_overview_lists_every_command_and_fits_a_screen(home: Home) -> None:
    overview = home.ok()
    steps = [step.name for step in STEPS.values() if step.commanded]
    for name in (*steps, "show", "list", "due", "report", "verify", "init", "form", "demo"):
        assert re.search(rf"\b{name}\b", re.sub(r"-\n +", "-", overview)), "a line may end at a hyphen"
    assert len(overview.splitlines()) <= 24
    assert "Example" in home.ok("create", "--help")


def test_danish_is_spoken_unless_something_else_is_wanted(home: Home) -> None:
    danish = home.ok(BALLERUP_LANG="", LC_ALL="C")
    assert "Sagsarbejde" in danish
    assert home.ok(BALLERUP_LANG="", LC_ALL="en_DK.UTF-8") == home.ok("--lang", "en") != danish
