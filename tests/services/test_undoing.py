"""Ways back that lose nothing: the last entry undone, a note moved, a duplicate marked, an extension confirmed."""

import json
from typing import Any

import invented
import pytest
from cli_kit import Home, take_in
from test_membership import newcomer

CASE, OTHER = "2026-0005", "2026-0003"


def written(home: Home, step: str, form: Any, case: str = CASE) -> Any:
    answer = home.write(step, case, form)
    assert answer.code == 0, answer
    return home.case(case)


def unlike(told: Any) -> dict[str, Any]:
    return {name: told[name] for name in ("state", "tier", "gate", "plan", "measures", "due", "notes", "closing")}


@pytest.mark.parametrize(
    ("step", "form"),
    [
        ("note", invented.note()),
        ("close", invented.close()),
        ("plan", invented.plan(invented.measure("mentor"))),
        ("follow-up", invented.follow_up()),
        ("correct", invented.correct("follow_up", "2026-07-01", entry=5)),
        ("contact", invented.contact("information", "2026-03-03")),
    ],
)
def test_ones_own_last_entry_is_undone_and_stays_struck(town: Home, step: str, form: Any) -> None:
    before = town.case(CASE)
    written(town, step, form)
    told = written(town, "undo", invented.UNDO)
    assert unlike(told) == unlike(before)
    assert {item["entry"] for item in told["struck"]} == {len(before["entries"]) + 1}
    assert [entry["step"] for entry in told["entries"]][-2:] == [step, "undo"]
    assert town.run("verify").code == 0
    assert invented.UNDO["reason"] in json.dumps(told["undoings"], ensure_ascii=False)
    assert "cannot be undone" in town.fails(12, "undo", CASE, "--from", "-", typed=json.dumps(invented.UNDO))


def test_the_numbers_of_what_was_undone_stay_holes(town: Home) -> None:
    written(town, "note", invented.note(observations=[{"text": "Set en gang"}]))
    number = town.case(CASE)["observations"][-1]["number"]
    told = written(town, "undo", invented.UNDO)
    assert told["removed"] == [{"kind": "observation", "number": number, "entry": 6}]
    told = written(town, "note", invented.note(observations=[{"text": "Set igen"}]))
    assert told["observations"][-1]["number"] == number + 1


@pytest.mark.parametrize(
    ("step", "form"),
    [
        ("share", invented.share()),
        ("redact", invented.redact()),
        ("restrict", invented.restrict()),
        ("shield", invented.shield("anna")),
    ],
)
def test_what_others_rely_on_is_not_undone(town: Home, step: str, form: Any) -> None:
    written(town, step, form)
    assert "cannot be undone" in town.fails(12, "undo", CASE, "--from", "-", typed=json.dumps(invented.UNDO))


def test_nobody_undoes_a_colleagues_entry_nor_an_intake(town: Home) -> None:
    bo = newcomer(town, "bodil")
    written(town, "note", invented.note())
    answer = bo.write("undo", CASE, invented.UNDO)
    assert answer.code == 12 and "not your own" in answer.err
    new = town.ok("create", "--from", "-", typed=json.dumps(invented.create())).strip()
    assert "cannot be undone" in town.fails(12, "undo", new, "--from", "-", typed=json.dumps(invented.UNDO))


def test_an_undone_entry_is_not_corrected_and_may_still_be_taken_out(town: Home) -> None:
    written(town, "note", invented.note(text="Lærken"))
    written(town, "undo", invented.UNDO)
    form = json.dumps(invented.correct("text", entry=6))
    assert "was undone" in town.fails(12, "correct", CASE, "--from", "-", typed=form)
    assert "Lærken" not in json.dumps(written(town, "redact", invented.redact("text", entry=6)), ensure_ascii=False)
    assert town.run("verify").code == 0


# --- move -------------------------------------------------------------------------------------------------------------


def test_a_note_in_the_wrong_case_is_moved(town: Home) -> None:
    written(town, "note", invented.note(text="Lærken", observations=[{"text": "Lærken fløj"}]))
    written(town, "correct", invented.correct("text", "Lærken sang", entry=6))
    town.ok("note", CASE, "--move", "6", "--to", OTHER)
    here, there = town.case(CASE), town.case(OTHER)
    assert "Lærken" not in json.dumps(here, ensure_ascii=False)
    assert there["notes"][-1]["form"]["text"] == "Lærken sang"
    assert there["observations"][-1]["text"] == "Lærken fløj"
    assert here["removed"], "its number stays a hole"
    assert town.run("verify").code == 0


@pytest.mark.parametrize("target", [CASE, "2026-0001"])
def test_a_note_is_not_moved_where_others_read_it_nor_to_itself(town: Home, target: str) -> None:
    take_in(town, "bo")
    written(town, "note", invented.note())
    written(town, "shield", invented.shield("anna"))
    town.fails(12, "note", CASE, "--move", "6", "--to", target)


def test_a_note_that_others_refer_to_stays(town: Home) -> None:
    told = written(town, "note", invented.note(observations=[{"text": "Set en gang"}]))
    check = {"observation": told["observations"][-1]["number"], "status": "confirmed"}
    written(town, "note", invented.note(checked=[check]))
    assert "refer" in town.fails(12, "note", CASE, "--move", "6", "--to", OTHER)
    assert town.run("note", CASE, "--move", "6").code == 2


# --- duplicates, extensions -------------------------------------------------------------------------------------------


def test_a_duplicate_is_marked_and_unmarked(town: Home) -> None:
    assert written(town, "link", {"duplicate_of": OTHER})["duplicate_of"] == OTHER
    assert CASE in town.case(OTHER)["related"]
    assert written(town, "link", {"duplicate_of": None})["duplicate_of"] is None
    assert town.write("link", CASE, {"duplicate_of": CASE}).code == 12
    assert town.write("link", CASE, {"reason": "Samme"}).code == 12


def test_a_duplicate_is_still_a_concern_and_counts_as_one_person(town: Home) -> None:
    def counted() -> tuple[int, int]:
        words = ("report", "--from", "2026-01-01", "--to", "2026-12-31", "--internal", "--format", "json")
        page = json.loads(town.ok(*words))
        return page["totals"]["received"], page["persons"]["received"]

    received, persons = counted()
    written(town, "link", {"duplicate_of": OTHER})
    assert counted() == (received, persons - 1)
    written(town, "link", {"duplicate_of": None})
    assert counted() == (received, persons)


def test_a_third_extension_counts_once_another_member_confirmed_it(town: Home) -> None:
    case = "2026-0006"
    bo = newcomer(town, "bodil")
    for until in ("2030-01-01", "2031-01-01"):
        written(town, "extend", invented.extend(until=until), case)

    def retention() -> list[str]:
        return [item["due"] for item in town.case(case)["due"] if item["clock"] == "retention"]

    answer = town.write("extend", case, invented.extend(until="2032-01-01"))
    assert answer.code == 0 and "--confirm" in answer.err
    assert retention() == ["2031-01-01"]
    assert "somebody else" in town.fails(12, "extend", case, "--confirm")
    bo.ok("extend", case, "--confirm")
    assert retention() == ["2032-01-01"]
    assert "already" in bo.run("extend", case, "--confirm").err
    assert town.run("verify").code == 0


def test_one_alone_names_a_second_person_who_is_somebody_else(town: Home) -> None:
    case = "2026-0006"
    for until in ("2030-01-01", "2031-01-01"):
        written(town, "extend", invented.extend(until=until), case)
    assert town.write("extend", case, invented.extend(until="2032-01-01")).code == 12
    assert town.write("extend", case, invented.extend(until="2032-01-01", second_person="Anna")).code == 12
    written(town, "extend", invented.extend(until="2032-01-01", second_person="Centerchefen"), case)
    assert "third-extension-is-confirmed" in town.run("check", "--format", "json").out
    assert town.run("verify").code == 0
