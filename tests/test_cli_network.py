"""The network from the command line: written, listed, counted, due; and refused with the store unchanged."""

import json

from cli_kit import Home

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
