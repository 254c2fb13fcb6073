"""A right somebody uses: from its coming in to the yearly register, in a case and beside the cases."""

import json
from typing import Any

import invented
import pytest
from cli_kit import WRITTEN, Home

from ballerup_cli.services.cases import deadlines

CASE, GONE = "2026-0001", "2026-0007"
KINDS = ("access", "correction", "erasure", "restriction", "objection", "party-access")
MARK = "Rørspurv Opdigtet"
DUE = {"party-access": "2026-06-30"}


def asked(kind: str = "access", **changed: Any) -> dict[str, Any]:
    return {"kind": kind, "requester": {"who": "subject", "name": MARK}, "received": "2026-06-19"} | changed


def opened(home: Home, form: dict[str, Any], *case: str) -> str:
    return home.ok("request", "open", *case, "--from", "-", typed=json.dumps(form)).strip()


def take(home: Home, what: str, number: str, form: dict[str, Any]) -> str:
    return home.ok("request", what, number, "--from", "-", typed=json.dumps(form))


def waiting(home: Home) -> list[tuple[str | None, str, str]]:
    lines = json.loads(home.ok("--today", "2026-06-22", "due", "--within", "60", "--format", "json"))
    return [(line["case"], line["about"], line["due"]) for line in lines if line["clock"] == "request"]


@pytest.mark.parametrize("case", [CASE, None])
def test_a_request_of_each_kind_from_its_coming_in_to_the_yearly_register(town: Home, case: str | None) -> None:
    where = [case] if case else []
    numbers = [opened(town, asked(kind), *where) for kind in KINDS]
    assert numbers == [f"R2026-{serial:03d}" for serial in range(1, 7)]
    due = {number: DUE.get(kind, "2026-07-19") for number, kind in zip(numbers, KINDS, strict=True)}
    assert sorted(waiting(town)) == sorted((case, number, day) for number, day in due.items())
    passage = {
        "entry": 1,
        "decision": "withheld",
        "provision": "databeskyttelseslovens § 22",
        "reason": "Andres forhold",
    }
    for number in numbers:
        take(town, "decide", number, {"decisions": [{"decision": "given"}, passage]})
        assert "partly" in take(town, "answer", number, {"answered": "2026-06-30", "reasons": "Det meste kan ses"})
    assert waiting(town) == []
    told = town.ok("request", "list", "--year", "2026", "--format", "json")
    assert MARK not in told
    rows = json.loads(told)
    assert [(row["request"], row["kind"], row["case"]) for row in rows] == [
        (number, kind, case) for number, kind in zip(numbers, KINDS, strict=True)
    ]
    assert {(row["received"], row["answered"], row["days"], row["outcome"], row["refused"]) for row in rows} == {
        ("2026-06-19", "2026-06-30", 11, "partly", True)
    }
    assert all(row["provisions"] == ["databeskyttelseslovens § 22"] for row in rows)
    assert json.loads(town.ok("request", "list", "--year", "2025", "--format", "json")) == []
    assert town.run("verify").code == 0


def test_an_answer_may_take_longer_with_a_reason_and_is_given_once(town: Home) -> None:
    number = opened(town, asked(), CASE)
    take(town, "decide", number, {"extended": {"until": "2026-09-19", "reason": "Sagen er lang"}})
    assert waiting(town) == [] and "2026-09-19" in town.ok("request", "list", "--format", "json")
    town.fails(12, "request", "answer", number, "--from", "-", typed=json.dumps({"answered": "2026-06-30"}))
    refused = {"answered": "2026-06-30", "outcome": "refused"}
    town.fails(12, "request", "answer", number, "--from", "-", typed=json.dumps(refused))
    take(town, "answer", number, {"answered": "2026-06-30", "outcome": "granted"})
    town.fails(11, "request", "answer", number, "--from", "-", typed=json.dumps({"answered": "2026-06-30"}))
    town.fails(10, "request", "decide", "R2026-099", "--from", "-", typed="{}")
    town.fails(12, "request", "open", CASE, "--from", "-", typed=json.dumps({"kind": "access"}))
    assert opened(town, asked(), CASE) == "R2026-002"


def test_an_open_request_holds_up_erasure_until_it_is_answered(town: Home) -> None:
    number = opened(town, asked("erasure"), GONE)
    form = json.dumps({"archive": "discarded", "rule": "arkivloven § 21", "reason": "Udløbet"})
    assert number in town.fails(11, "erase", GONE, "--from", "-", "--yes", typed=form)
    gone = {row["case"] for row in json.loads(town.ok("retention", "--within", "3650", "--format", "json"))}
    assert GONE not in gone
    take(town, "answer", number, {"answered": "2026-06-30", "outcome": "granted"})
    assert town.run("erase", GONE, "--from", "-", "--yes", typed=form).code == 0
    (row,) = json.loads(town.ok("request", "list", "--format", "json"))
    assert (row["case"], row["outcome"]) == (GONE, "granted")
    assert town.run("verify").code == 0


def test_everybody_who_has_what_was_corrected_is_to_be_told_one_deadline_each(town: Home) -> None:
    assert town.write("share", "2026-0002", invented.share(party={"organisation": "Opdigtet Klinik"})).code == 0
    assert town.write("correct", "2026-0002", invented.correct()).code == 0

    def owed() -> int:
        return sum(item["clock"] == "correction" for item in town.case("2026-0002")["due"])

    assert owed() == 2, "the police of the first gate, and the clinic"
    assert town.write("share", "2026-0002", invented.share(party={"organisation": "opdigtet klinik"})).code == 0
    assert owed() == 1
    number = opened(town, asked("correction"), "2026-0002")
    police = {"organisation": "Københavns Vestegns Politi", "at": "2026-06-20"}
    take(town, "answer", number, {"answered": "2026-06-30", "outcome": "granted", "told": [police]})
    assert owed() == 0
    assert town.run("verify").code == 0


def test_whoever_heard_of_a_restriction_in_a_contact_is_owed_it_no_more(town: Home) -> None:
    assert town.write("share", "2026-0002", invented.share(party={"organisation": "Opdigtet Klinik"})).code == 0
    assert town.write("restrict", "2026-0002", invented.restrict()).code == 0

    def owed() -> int:
        return sum(item["clock"] == "correction" for item in town.case("2026-0002")["due"])

    assert owed() == 2
    for told, left in (({"with": "police"}, 1), ({"organisation": "Opdigtet Klinik, afsnit B"}, 0)):
        assert town.write("contact", "2026-0002", invented.contact("correction", "2026-06-20", **told)).code == 0
        assert owed() == left


def test_of_a_shielded_case_only_its_readers_see_the_row(town: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    opened(town, asked(), CASE)
    store = town.workspace().store

    def rows() -> list[str]:
        return [line["about"] for line in deadlines.due(store, WRITTEN, 60) if line["clock"] == "request"]

    assert rows() == ["R2026-001"]
    monkeypatch.setattr(type(store), "opens", lambda _store, case: case != CASE)
    assert rows() == []
