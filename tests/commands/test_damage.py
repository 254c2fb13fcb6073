"""Damage and signed nonsense stop only themselves: everything else is listed, counted, written, copied and restored."""

import json
import random
from pathlib import Path
from typing import Any

import invented
import pytest
from cli_kit import WRITTEN, Home, flip
from store_kit import Office

from ballerup_cli.services.store.workspace import Workspace
from ballerup_cli.storage.crypto.age import parse_recipient, seal
from ballerup_cli.storage.crypto.signing import digest
from ballerup_cli.storage.store import journal
from ballerup_cli.storage.store.commit import Change, commit, writing
from ballerup_cli.storage.store.journal import STRUCK, Draft, Head
from ballerup_cli.storage.store.members import READERS
from ballerup_cli.storage.store.store import REGISTER, file_of

CASE, FILE = "2026-0003", "2026-0003.yaml.age"
RETENTION = ("retention", "--within", "36500")
LISTS = [("list",), ("today",), ("report", "--internal"), ("search", "--from", "-"), RETENTION, ("check",)]


def write_foreign(workspace: Workspace, name: str, step: str, body: bytes, **head: Any) -> None:
    """Sign an entry as a member, and a register that names it, by nothing but the format: not our own writer."""
    store = workspace.store
    facts = {"entry": 0, "store": store.pin, "journal": name, "step": step, "at": WRITTEN.at, "by": store.me.name}
    told = Head(**{**facts, "follows": "", "register": store.register.number, "body": "", **head})  # type: ignore[arg-type]
    records = store.records(name)
    if body == STRUCK:
        number, follows = len(records) + 1, records[-1].head.digest()
        lines = Head(**{**facts, "entry": number, "follows": follows, "register": told.register, "body": digest(body)})  # type: ignore[arg-type]
        signed = journal.replace(lines, signature=store.holder.key.sign(b"ballerup/entry/1\n" + lines.lines()))
        records = [*records, journal.Record(head=signed, body=body)]
    else:
        records = journal.extend(records, told, body, store.holder.key)
    data = seal(journal.join(records), [parse_recipient(m.recipient) for m in store.roster.current(READERS)])
    row = store.register.journals[name]
    new = row._replace(now=digest(data), was=row.now, entries=len(records), head=records[-1].head.digest())
    old = store.register
    office = Office(store.folder.path.parent, store.pin)
    seen = {**old.seen, old.by: (old.number, old.digest)}
    content = journal.replace(
        old, number=old.number + 1, previous=old.digest, seen=seen, journals={**old.journals, name: new}
    ).sign(store.holder.key)
    store.keeper.save(journal.replace(store.keeper.load(), pending=(content.number, content.digest)))
    office.put(file_of(name), data)
    office.put(REGISTER, seal(content.to_bytes(), [parse_recipient(m.recipient) for m in store.roster.current()]))


NONSENSE = {
    "a mark that redacts nothing": ("note", STRUCK),
    "a correction of an entry far away": ("correct", b'entry: 999999999\npath: "concern"\nvalue: "x"\nreason: "y"\n'),
    "an unknown step": ("frobnicate", b'text: "kanariefugl"\n'),
    "no mapping": ("note", b'- "kanariefugl"\n'),
    "no YAML": ("note", b"{{{ kanariefugl\n"),
    "a wrong kind": ("follow-up", b"measures: 3\nheld: []\n"),
    "a redaction of nothing": ("redact", b'entry: 1\npath: "nowhere.7"\nreason: "x"\n'),
    "a date that is none": ("triage", b'gate: "police"\noutcome: "clear"\ndecided: "2026-99-99"\nreason: "x"\n'),
}


@pytest.mark.parametrize("what", NONSENSE)
def test_signed_nonsense_in_a_case_is_a_finding_and_stops_nothing(town: Home, what: str) -> None:
    step, body = NONSENSE[what]
    before = town.show(CASE)
    write_foreign(town.workspace(), f"cases/{CASE}", step, body)
    entry = len(before["entries"]) + 1
    found = town.run("verify")
    assert found.code == 3 and all(line.startswith(f"{FILE}: ") for line in found.out.splitlines()), found
    assert str(entry) in found.out
    shown = town.run("show", CASE, "--format", "json")
    assert shown.code in (20, 21) and FILE in shown.err
    assert {**shown.json(), "due": []} == {**before, "due": []}, "it has no effect on the case"
    for command in LISTS:
        assert town.run(*command, typed="skole").code in (0, 3), command
    assert "kanariefugl" not in found.out + found.err + shown.out + shown.err
    assert town.write("note", CASE, invented.note()).code == 0
    copy = town.path / "copy"
    town.ok("backup", copy)
    town.ok("restore", copy, "--prove")
    assert town.run("restore", copy, "--yes").code == 0
    assert town.run("verify").out == found.out, "carried as it is"


@pytest.mark.parametrize(
    ("name", "step", "body"),
    [
        ("settings", "set", b'set: "kanariefugl"\n'),
        ("settings", "frobnicate", b"x: 1\n"),
        ("settings", "set", STRUCK),
        ("pladen", "edit", b'code: "kanariefugl"\nring: 7\n'),
        ("pladen", "add", b"members: 3\n"),
    ],
)
def test_signed_nonsense_about_no_case_is_a_finding_and_stops_nothing(
    town: Home, name: str, step: str, body: bytes
) -> None:
    before = town.ok("list")
    write_foreign(town.workspace(), name, step, body)
    found = town.run("verify")
    assert found.code == 3 and found.out.startswith(f"{name}.yaml.age: ")
    assert town.ok("list") == before
    for command in [*LISTS, ("show", CASE), ("due",)]:
        assert town.run(*command, typed="skole").code in (0, 3), command
    assert town.write("note", CASE, invented.note()).code == 0
    town.ok("backup", town.path / "copy")
    town.ok("restore", town.path / "copy", "--yes")


def test_no_signed_bytes_whatever_end_a_command_unexpectedly(town: Home) -> None:
    """Every body is some form of ours, bent by chance; `Home.run` refuses exit 1."""
    chance = random.Random(24)  # noqa: S311
    forms = [invented.create(), invented.plan(), invented.note(), invented.police(), invented.assess()]
    steps = ["create", "plan", "note", "triage", "assess", "correct", "redact", "shield", "restrict", "close", "reopen"]
    for _ in range(25):
        body = dict(chance.choice(forms))
        for field in chance.sample(sorted(body), min(2, len(body))):
            body[field] = chance.choice([None, [], {}, 999999999, "x", [[]], {"number": -1}, True])
        text = "".join(f"{name}: {json.dumps(value)}\n" for name, value in body.items()).encode()
        number = f"2026-000{chance.randint(1, 9)}"
        write_foreign(town.workspace(), f"cases/{number}", chance.choice(steps), text)
    assert town.run("verify").code == 3
    for command in [*LISTS, ("due", "--check"), *(("show", f"2026-000{number}") for number in range(1, 10))]:
        assert town.run(*command, typed="skole").code in (0, 3, 20, 21), command
    town.ok("backup", town.path / "copy")


def test_a_case_that_cannot_be_folded_can_be_erased(town: Home) -> None:
    """Its intake makes no sense: it is left out of all lists, and must not stay for ever."""
    workspace = town.workspace()
    with writing(workspace.store):
        body = {"kanariefugl": "x"}
        commit(
            workspace.store,
            [Change(journal="cases/2026-0010", drafts=[Draft(step="create", at=WRITTEN.at, body=body)])],
            at=WRITTEN.at,
        )
    assert town.run("show", "10").code == 21
    listed = town.run("list", "--format", "json")
    assert (listed.code, len(listed.json())) == (21, 10)
    form = json.dumps({"archive": "discarded", "rule": "art. 17", "reason": "Udløbet"})
    town.ok("erase", "10", "--from", "-", "--yes", typed=form)
    assert town.ok("verify") and town.ok("list")


# --- damage -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def copy(town: Home) -> Path:
    town.ok("backup", town.path / "copy")
    return town.path / "copy"


@pytest.fixture(params=["changed", "gone"])
def hurt(town: Home, copy: Path, request: pytest.FixtureRequest) -> int:
    """One damaged case beside a whole copy; the code it stands for."""
    assert copy
    if request.param == "gone":
        (town.store / FILE).unlink()
        return 33
    flip(town.store / FILE)
    return 31


def test_one_damaged_case_stops_only_itself(town: Home, hurt: int) -> None:
    for command in [*(one for one in LISTS if one != RETENTION), ("due", "--check")]:
        answer = town.run(*command, typed="skole")
        assert (answer.code, FILE in answer.err) == (hurt, True), (command, answer)
    listed = town.run("list", "--format", "json")
    assert len(listed.json()) == 9 and CASE not in {row["case"] for row in listed.json()}
    assert "1 case not counted: it cannot be read" in listed.err
    assert town.run("due", "--check").out, "overdue deadlines hide behind no damage"
    assert town.run("show", "2026-0002").code == 0
    assert town.run("show", CASE).code == hurt
    new = town.run("create", "--from", "-", typed=json.dumps(invented.create()))
    assert (new.code, new.out) == (0, "2026-0010\n"), "a step that was written ends with 0"
    assert FILE in new.err
    assert town.write("note", CASE, invented.note()).code == hurt
    assert town.run("report", "--publish", "--from", "2026-01-01", "--to", "2026-12-31").code == hurt
    out = town.work / "report.html"
    assert town.run("report", "--format", "html", "--out", out).code == hurt and not out.exists()


def test_a_backup_goes_on_and_keeps_its_own_last_good_file(town: Home, copy: Path, hurt: int) -> None:
    kept = (copy / FILE).read_bytes()
    assert town.write("note", "2026-0001", invented.note()).code == 0
    answer = town.run("backup", copy)
    assert answer.code == hurt and FILE in answer.err
    assert (copy / FILE).read_bytes() == kept
    assert len(json.loads(town.run("--store", copy, "show", "1", "--format", "json").out)["entries"]) == 2


def test_one_case_comes_back_and_the_others_lose_nothing(town: Home, copy: Path, hurt: int) -> None:
    assert hurt
    assert town.write("note", "2026-0001", invented.note()).code == 0
    assert "0 are lost" in town.run("restore", copy, "--case", "3").err
    assert town.ok("verify")
    assert len(town.show("1")["entries"]) == 2
    town.fails(2, "restore", copy, "--case", CASE)
    town.fails(2, "restore", copy, "--case", "1")
    town.fails(10, "restore", copy, "--case", "77")


def test_what_is_lost_of_one_case_is_asked_for_and_signed(town: Home, copy: Path) -> None:
    assert town.write("note", CASE, invented.note()).code == 0
    flip(town.store / FILE)
    before = len(town.case("2026-0001")["entries"])
    assert "1 are lost" in town.fails(2, "restore", copy, "--case", CASE)
    town.ok("restore", copy, "--case", CASE, "--yes")
    assert [entry["step"] for entry in town.show(CASE)["entries"]][-1] == "restored"
    assert town.ok("verify") and len(town.case("2026-0001")["entries"]) == before
    assert town.write("note", CASE, invented.note()).code == 0
    assert town.ok("verify")


def test_somebody_can_be_let_go_around_a_damaged_case(town: Home, copy: Path) -> None:
    flip(town.store / FILE)
    broken = (town.store / FILE).read_bytes()
    assert copy
    town.ok("keys", "rotate", "--yes")
    assert (town.store / FILE).read_bytes() == broken, "carried as it lies"
    assert town.run("show", "1").code == 0


def test_a_case_is_not_brought_back_from_what_nobody_signed(town: Home, copy: Path) -> None:
    flip(town.store / FILE)
    flip(copy / FILE)
    assert town.run("restore", copy, "--case", CASE, "--yes").code == 31
    (copy / FILE).write_bytes((copy / "2026-0001.yaml.age").read_bytes())
    assert town.run("restore", copy, "--case", CASE, "--yes").code == 31
