"""The network from the command line: written, listed, counted, due; and refused with the store unchanged."""

import json
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from cli_kit import WRITTEN, Home
from store_kit import change, found_office

from ballerup_cli.services.cases import deadlines
from ballerup_cli.services.network import network
from ballerup_cli.services.store.moment import Moment
from ballerup_cli.storage.text import codec, schema

TALK = "kind: oplaeg\ndate: 2026-03-12\ntopic: Bekymringstegn\nmembers: [klub-nord]\nheld: true\nparticipants: 17\n"
STAFF = "code: klub-nord-personale\nname: Personalet i Klub Nord\nring: plade-3\nsector: club\nparent: klub-nord\n"


def rows(home: Home, *words: str) -> list[dict[str, object]]:
    return json.loads(home.ok(*words, "--format", "json"))


def test_members_come_change_and_leave(town: Home) -> None:
    town.ok("pladen", "add", "--from", "-", typed=STAFF)
    town.ok("pladen", "edit", "--from", "-", typed="code: klub-nord-personale\nambassador: klubleder\n")
    town.ok("pladen", "retire", "--from", "-", typed="code: talent\nuntil: 2026-06-30\n")
    told = {row["code"]: row for row in rows(town, "pladen", "list")}
    assert told["klub-nord-personale"]["ambassador"] == "klubleder"
    assert told["klub-nord-personale"]["parent"] == "klub-nord"
    assert told["talent"]["until"] == "2026-06-30"
    assert [row["ring"] for row in rows(town, "pladen", "list")][:2] == ["centrum", "plade-2"]
    assert town.run("verify").code == 0


def test_a_stream_is_written_whole_or_not_at_all(town: Home) -> None:
    words = town.fails(12, "pladen", "add", "--from", "-", typed=f"{STAFF}---\n{STAFF}")
    assert "7:1" in words or "6:1" in words


def test_activities_are_numbered_listed_and_counted_as_preventive(town: Home) -> None:
    assert town.ok("activity", "add", "--from", "-", typed=TALK) == "1\n"
    assert town.ok("activity", "add", "--from", "-", typed="kind: konference\ndate: 2026-10-08\n") == "2\n"
    town.ok("activity", "edit", "--from", "-", typed="number: 2\nheld: true\n")
    assert [row["held"] for row in rows(town, "activity", "list")] == [True, True]
    words = ("report", "--from", "2026-01-01", "--to", "2026-12-31", "--internal", "--format", "json")
    tiers = {row["tier"]: row["activities"] for row in json.loads(town.ok(*words))["by_tier"]}
    assert tiers == {"forebyggende": 2, "foregribende": 0, "indgribende": 0, "unassessed": 0}


def test_what_is_due_names_the_member_and_no_case(town: Home) -> None:
    town.ok("activity", "add", "--from", "-", typed=TALK)
    adopted = "document: beredskab\nversion: '2026'\nadopted: 2026-06-22\n"
    town.ok("beredskab", "adopt", "--from", "-", typed=adopted)
    assert rows(town, "beredskab", "show")[0]["version"] == "2026"
    told = rows(town, "--today", "2026-03-01", "due", "--within", "2000")
    network = {(row["clock"], row["about"]): row["due"] for row in told if row["case"] is None}
    assert network["member-contact", "klub-nord"] == "2027-03-12"
    assert network["beredskab", None] == "2030-06-22"


def test_an_unknown_member_is_refused_with_the_nearest(town: Home) -> None:
    assert "klub-nord" in town.fails(12, "pladen", "retire", "--from", "-", typed="code: klubnord\nuntil: 2026-06-30\n")
    assert "klub-nord" in town.fails(12, "activity", "add", "--from", "-", typed=TALK.replace("klub-nord", "klubnord"))


def on(day: str) -> Moment:
    return replace(WRITTEN, today=date.fromisoformat(day))


def write(home: Home, page: str, text: str) -> None:
    """Write forms in this process, so that it is quick."""
    network.write(home.workspace(), page, codec.read_forms(text.encode()), WRITTEN)


@pytest.mark.parametrize("kind", schema.vocabulary()["activity"])
def test_every_kind_of_activity_can_be_written(town: Home, kind: str) -> None:
    write(town, "activity-add", f"kind: {kind}\ndate: 2026-03-12\nheld: true\nparticipants: 3\n")
    assert [row["kind"] for row in network.activities(town.workspace())] == [kind]


CARDS = """\
kind: actioncard
date: 2026-02-01
topic: "2026-1"
audience: [plade-2]
held: true
---
kind: actioncard
date: 2026-05-01
topic: "2026-2"
members: [klub-nord, headspace]
held: true
---
"""


def test_who_received_which_action_card_when(town: Home) -> None:
    write(town, "activity-add", CARDS + TALK)

    def cards(*filters: str) -> list[tuple[object, ...]]:
        told = rows(town, "activity", "list", "--kind", "actioncard", *filters)
        return [(row["date"], row["topic"], row["members"]) for row in told]

    first, second = ("2026-02-01", "2026-1", None), ("2026-05-01", "2026-2", ["klub-nord", "headspace"])
    assert cards() == [first, second]
    assert cards("--member", "klub-nord") == [first, second]
    assert cards("--member", "fgu") == [first]
    assert cards("--from", "2026-02-02") == [second]
    assert cards("--to", "2026-04-30", "--from", "2026-02-01") == [first]
    assert "klub-nord" in town.fails(2, "activity", "list", "--member", "klubnord")
    assert [row["kind"] for row in rows(town, "activity", "list", "--member", "klub-nord")].count("oplaeg") == 1


def test_care_lists_those_too_long_without_and_all_on_demand(town: Home) -> None:
    write(town, "activity-add", CARDS + TALK)
    everybody = rows(town, "--today", "2026-06-21", "pladen", "care", "--all")
    keys = ["member", "name", "ring", "talk", "action_card", "version", "contact", "due"]
    assert all(list(row) == keys for row in everybody)
    assert [row["due"] for row in everybody] == sorted(str(row["due"]) for row in everybody)
    wanting = {row["member"] for row in rows(town, "--today", "2026-06-21", "pladen", "care")}
    assert {row["member"] for row in everybody} - wanting == {"klub-nord"}


def test_other_networks_come_change_and_end(town: Home) -> None:
    town.ok("networks", "add", "--from", "-", typed="code: ssp-lokalraad\nname: SSP-lokalråd\n")
    town.ok("networks", "edit", "--from", "-", typed="code: ssp-lokalraad\npurpose: Trivsel\n")
    town.ok("networks", "retire", "--from", "-", typed="code: ssp-lokalraad\nuntil: 2027-01-01\n")
    assert rows(town, "networks", "list") == [
        {
            "code": "ssp-lokalraad",
            "name": "SSP-lokalråd",
            "purpose": "Trivsel",
            "represented_by": None,
            "since": None,
            "until": "2027-01-01",
        }
    ]
    assert "ssp-lokalraad" in town.fails(12, "networks", "edit", "--from", "-", typed="code: ssp-lokalrad\n")
    assert town.run("verify").code == 0


def test_a_proof_starts_its_clock_anew(town: Home) -> None:
    def clocks() -> dict[object, object]:
        told = deadlines.due(town.workspace().store, on("2026-01-02"), 3650)
        return {line["clock"]: line["due"] for line in told if line["case"] is None and line["about"] is None}

    assert clocks() == {"restore-proof": "2026-04-01", "log-sample": "2026-04-01"}
    town.ok("proof", "add", "--from", "-", typed="what: log-sample\ndone: 2026-06-15\nby: leder\n")
    assert clocks() == {"restore-proof": "2026-04-01", "log-sample": "2026-09-15"}
    assert rows(town, "proof", "list") == [{"what": "log-sample", "done": "2026-06-15", "by": "leder", "note": None}]


# --- plans ------------------------------------------------------------------------------------------------------------

ADOPTED = "document: beredskab\nversion: '2026'\nadopted: 2026-06-22\n"


def test_who_adopted_a_plan_is_written_down_as_it_is_called_that_day(town: Home) -> None:
    write(town, "beredskab-adopt", f"{ADOPTED}---\n{ADOPTED}adopted_by: Økonomiudvalget\n")
    told = [row["adopted_by"] for row in network.adoptions(town.workspace())]
    assert told == ["Kommunalbestyrelsen", "Økonomiudvalget"]


def test_the_preparedness_plan_is_listed_from_six_months_before(town: Home) -> None:
    write(town, "beredskab-adopt", ADOPTED)
    store = town.workspace().store

    def listed(day: str, within: int = 7) -> list[object]:
        return [line["days_overdue"] for line in deadlines.due(store, on(day), within) if line["clock"] == "beredskab"]

    assert listed("2029-12-21") == []
    assert listed("2029-12-22") == [-182]
    assert listed("2030-06-22") == [0]
    assert listed("2029-12-21", within=183) == [-183]
    assert listed("2029-01-01", within=3650) == [-537]


def test_the_warning_is_as_long_as_the_settings_say_and_as_shipped_for_a_key_that_cannot_read_them(
    tmp_path: Path,
) -> None:
    office = found_office(tmp_path / "office")
    warn = {"clocks": {"beredskab": {"warn": {"length": 1, "unit": "months"}}}}
    plans = change("plans", {"version": "1"}, due=(("beredskab", "2030-06-22", None),))
    office.write("anna", change("settings", {"set": warn}, step="set"), plans)

    def listed(name: str, day: str) -> bool:
        lines = deadlines.due(office.open(name), on(day), 7)
        return any(line["clock"] == "beredskab" for line in lines)

    assert [listed("anna", day) for day in ("2029-12-22", "2030-05-21", "2030-05-22")] == [False, False, True]
    assert [listed("cron", day) for day in ("2029-12-21", "2029-12-22")] == [False, True]


# --- picture and report -----------------------------------------------------------------------------------------------


def test_the_picture_holds_those_who_are_members_that_day_and_goes_into_a_new_file(town: Home) -> None:
    write(town, "pladen-retire", "code: talent\nuntil: 2026-06-30\n")
    before, after = (town.ok("--today", day, "pladen", "picture") for day in ("2026-06-29", "2026-06-30"))
    assert ">Talent<" in before and ">Talent<" not in after
    assert before.startswith("<?xml") and "Ballerup-Pladen on 2026-06-29" in before
    words = ("--lang", "da", "--today", "2026-06-29", "pladen", "picture", "--format", "html", "--out", "pladen.html")
    assert town.ok(*words) == ""
    page = (town.work / "pladen.html").read_text()
    assert '<html lang="da">' in page and "<h2>Plade 2</h2>" in page and "opdaterer Ballerup-Pladen" in page
    assert "pladen.html" in town.fails(2, *words)


@pytest.mark.parametrize("controlled", [[], ["--internal"]])
def test_the_report_counts_the_activities_of_each_kind(town: Home, controlled: list[str]) -> None:
    write(town, "activity-add", f"{TALK}---\nkind: konference\ndate: 2026-10-08\n")
    words = ("report", "--from", "2026-01-01", "--to", "2026-12-31", *controlled)
    told = json.loads(town.ok(*words, "--format", "json"))["by_activity"]
    assert [row["kind"] for row in told] == [*schema.vocabulary()["activity"]]
    assert told[:2] == [
        {"kind": "oplaeg", "planned": 0, "held": 1, "participants": 17},
        {"kind": "konference", "planned": 1, "held": 0, "participants": 0},
    ]
    table = town.ok(*words)
    assert "Activities in the networks" in table and "conference" in table and "action card" not in table
    assert "by_activity,oplaeg,participants,17" in town.ok(*words, "--format", "csv")


def test_a_breach_that_is_reported_late_says_why(town: Home) -> None:
    late = "discovered: 2026-03-02T09:00\nwhat: Et brev kom forkert ud\nreported: 2026-03-06T09:00\n"
    assert "72" in town.fails(12, "breach", "add", "--from", "-", typed=late)
    assert town.ok("breach", "add", "--from", "-", typed=late + "reason: Opdaget i en weekend\n") == "1\n"
    assert town.ok("breach", "add", "--from", "-", typed=late[: late.index("reported")]) == "2\n"
    town.fails(12, "breach", "edit", "--from", "-", typed="number: 2\nreported: 2026-03-06T09:00\n")


def test_a_breach_runs_for_72_hours_until_it_is_reported_or_its_reason_stands(town: Home) -> None:
    told = "discovered: 2026-03-27T15:00\nwhat: Et brev gik til en forkert adresse\n"
    assert town.ok("breach", "add", "--from", "-", typed=told) == "1\n"
    assert town.ok("breach", "add", "--from", "-", typed=told) == "2\n"
    due = [
        row["due"] for row in rows(town, "--today", "2026-03-27", "due", "--within", "10") if row["clock"] == "breach"
    ]
    assert due == ["2026-03-30T16:00:00+02:00"] * 2, "72 hours, one of them skipped in March"
    town.ok("breach", "edit", "--from", "-", typed="number: 1\nreported: 2026-03-28T09:00\n")
    town.ok("breach", "edit", "--from", "-", typed="number: 2\nreason: Ingen risiko, brevet kom uåbnet tilbage\n")
    assert not [row for row in rows(town, "due", "--within", "9999") if row["clock"] == "breach"]
    assert [row["number"] for row in rows(town, "breach", "list")] == [1, 2]
    assert "there are 2 breaches" in town.fails(12, "breach", "edit", "--from", "-", typed="number: 3\n")
    assert town.run("verify").code == 0
