"""What other programs rely on: the keys, types, order and codes that `show`, `list`, `due` and `report` print."""

import csv
import io
import json
import re
from collections import Counter
from typing import Any

import invented
import pytest
from cli_kit import CASES, Home

from ballerup_cli.storage.text import schema

TIERS = ["forebyggende", "foregribende", "indgribende", "unassessed"]
GATES = ["police", "joint", "assessment", "plan"]
DAY = r"\d{4}-\d{2}-\d{2}"
MOMENT = DAY + r"T\d{2}:\d{2}:\d{2}[+-]\d{2}:\d{2}"


def json_of(home: Home, *arguments: object) -> Any:
    return json.loads(home.ok(*arguments, "--format", "json"))


# --- show -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("number", "state", "tier", "gate"),
    [
        ("2026-0001", "received", None, None),
        ("2026-0005", "planned", "foregribende", None),
        ("2026-0006", "closed", "foregribende", "plan"),
        ("2026-0007", "closed", None, "police"),
    ],
)
def test_show_prints_the_folded_case(ready_home: Home, number: str, state: str, tier: str, gate: str) -> None:
    case = ready_home.show(number)
    assert (case["case"], case["state"], case["tier"], case["gate"]) == (number, state, tier, gate)
    assert re.fullmatch(MOMENT, case["received"])
    for key, kind in (("referrer", dict), ("subject", dict), ("observations", list), ("measures", list)):
        assert isinstance(case[key], kind)
    for item in case["due"]:
        assert item.keys() == {"clock", "due"}
        assert re.fullmatch(f"{DAY}|{MOMENT}", item["due"])
    assert case["due"] == sorted(case["due"], key=lambda item: item["due"])
    for position, (entry, (step, _)) in enumerate(zip(case["entries"], CASES[number], strict=True), 1):
        assert entry.keys() == {"entry", "step", "at", "by"}
        assert (entry["entry"], entry["step"], entry["by"]) == (position, step, "anna")
        assert re.fullmatch(MOMENT, entry["at"])
    assert schema.check("case", case) == []


@pytest.mark.parametrize("lang", ["da", "en"])
def test_show_as_a_page_holds_what_was_written_and_fits_the_terminal(ready_home: Home, lang: str) -> None:
    page = ready_home.ok("--lang", lang, "show", "2026-0006", COLUMNS="72")
    assert "Truede to drenge ved klubben" in page
    assert "Målet er nået" in page
    assert ("lukket" if lang == "da" else "closed") in page
    assert max(map(len, page.splitlines())) <= 72


# --- list -------------------------------------------------------------------------------------------------------------


def test_list_has_one_line_a_case_by_number(ready_home: Home) -> None:
    cases = json_of(ready_home, "list")
    keys = ["case", "state", "tier", "member", "ring", "received", "closed", "next_due"]
    assert all(list(line) == keys for line in cases)
    assert [line["case"] for line in cases] == sorted(CASES)
    by_number = {line["case"]: line for line in cases}
    planned, closed, citizen = (by_number[f"2026-000{serial}"] for serial in (5, 6, 7))
    assert planned["member"] == "hedegaardsskolen"
    assert planned["ring"] == "plade-2"
    assert planned["closed"] is None
    assert planned["next_due"] == min(item["due"] for item in ready_home.show("5")["due"])
    assert closed["closed"] == "2026-06-20"
    assert (citizen["member"], citizen["ring"]) == (None, None)


@pytest.mark.parametrize(
    ("filters", "serials"),
    [
        (["--state", "planned"], ["2026-0005"]),
        (["--state", "closed"], ["2026-0006", "2026-0007", "2026-0008", "2026-0009"]),
        (["--tier", "foregribende"], ["2026-0004", "2026-0005", "2026-0006"]),
        (["--member", "headspace"], ["2025-0001"]),
        (["--state", "planned", "--tier", "foregribende", "--member", "hedegaardsskolen"], ["2026-0005"]),
    ],
)
def test_list_filters(ready_home: Home, filters: list[str], serials: list[str]) -> None:
    assert [line["case"] for line in json_of(ready_home, "list", *filters)] == serials


def test_list_refuses_codes_there_are_none_of_and_offers_the_nearest(ready_home: Home) -> None:
    assert "hedegaardsskolen" in ready_home.fails(2, "list", "--member", "hedegaardskolen")
    assert "planned" in ready_home.fails(2, "list", "--state", "plqn")
    assert "foregribende" in ready_home.fails(2, "list", "--tier", "high")


def test_no_listing_shows_a_name(town: Home) -> None:
    town.write("create", None, invented.create(subject={"kind": "person", "name": "Peter Opdigtet"}))
    for command in (["list"], ["due", "--within", "9999"]):
        assert "Peter" not in town.ok(*command)
    assert not re.search(r"Peter|20\d\d-\d{4}", town.ok("report", "--internal"))


@pytest.mark.parametrize("command", [["list"], ["due", "--within", "9999"]])
def test_all_formats_say_the_same(ready_home: Home, command: list[str]) -> None:
    said = {form: ready_home.ok(*command, "--format", form) for form in ("json", "ndjson", "csv", "tsv", "table")}
    rows = json.loads(said["json"])
    assert rows
    assert [json.loads(line) for line in said["ndjson"].splitlines()] == rows
    plain = [{key: "" if value is None else str(value) for key, value in row.items()} for row in rows]
    assert list(csv.DictReader(io.StringIO(said["csv"]))) == plain
    assert list(csv.DictReader(io.StringIO(said["tsv"]), delimiter="\t", quoting=csv.QUOTE_NONE)) == plain
    assert all((row["case"] or "–") in said["table"] for row in rows)


def test_no_table_is_wider_than_the_terminal(ready_home: Home) -> None:
    for command in (["list"], ["due", "--within", "9999"], ["report", "--internal"]):
        table = ready_home.ok("--lang", "da", *command, COLUMNS="60")
        assert max(map(len, table.splitlines())) <= 60


# --- due --------------------------------------------------------------------------------------------------------------


def test_every_clock_is_explained_with_its_source(ready_home: Home) -> None:
    rows = {row["clock"]: row for row in json_of(ready_home, "due", "--explain")}
    assert set(rows) == set(schema.vocabulary()["clock"])
    assert (rows["receipt"]["length"], rows["receipt"]["unit"], rows["receipt"]["source"]) == (
        6,
        "working-days",
        "barnets lov § 137",
    )
    assert "hverdage" in ready_home.ok("--lang", "da", "due", "--explain")


def test_each_citation_says_when_it_was_read_or_that_nobody_confirmed_it(town: Home) -> None:
    for command in ("due", "check"):
        rows = json_of(town, command, "--explain")
        own = ("own rule", "egen regel")
        assert {row["read"] for row in rows if row["source"] not in own} == {"not-confirmed"}
        assert {row["read"] for row in rows if row["source"] in own} == {None}
    assert "not confirmed" in town.ok("check", "--explain") and "not confirmed" in town.ok("settings", "show")
    assert "bekræftet" in town.ok("--lang", "da", "due", "--explain")
    town.ok("settings", "set", "--from", "-", "--yes", typed='{"clocks": {"receipt": {"read": "2026-03-02"}}}')
    rows = {row["clock"]: row for row in json_of(town, "due", "--explain")}
    assert (rows["receipt"]["read"], rows["notice"]["read"]) == ("2026-03-02", None)


def test_due_is_sorted_and_counts_days(ready_home: Home) -> None:
    rows = json_of(ready_home, "--today", "2026-03-09", "due", "--within", "60")
    assert all(list(row) == ["case", "clock", "due", "days_overdue", "about"] for row in rows)
    assert [row["due"] for row in rows] == sorted(row["due"] for row in rows)
    assert {row["about"] for row in rows} == {None}
    of_first = {row["clock"]: row for row in rows if row["case"] == "2026-0001"}
    assert of_first["police-answer"] == {
        "case": "2026-0001", "clock": "police-answer", "due": "2026-03-09", "days_overdue": 0, "about": None
    }  # fmt: skip
    assert of_first["child-assessment"]["due"] == "2026-03-03T10:00:00+01:00"
    assert of_first["child-assessment"]["days_overdue"] == 6
    assert of_first["information"]["due"] == "2026-04-02"
    assert of_first["information"]["days_overdue"] == -24


def test_due_shows_what_is_overdue_and_the_next_seven_days(ready_home: Home) -> None:
    days = [row["days_overdue"] for row in json_of(ready_home, "--today", "2026-06-03", "due")]
    assert min(days) >= -7
    assert max(days) > 0
    everything = json_of(ready_home, "--today", "2026-06-03", "due", "--within", "36500")
    assert {row["clock"] for row in everything} >= {"follow-up", "retention", "turns-18"}
    assert len(everything) > len(days)


def test_due_check_tells_overdue_by_its_exit_code(ready_home: Home) -> None:
    early = ready_home.run("--today", "2025-12-30", "due", "--check", "--quiet")
    assert (early.code, early.out, early.err) == (0, "", "")
    late = ready_home.run("--today", "2026-03-09", "due", "--check", "--quiet")
    assert (late.code, late.err) == (3, "")
    assert "2026-0001" in late.out
    assert ready_home.run("--today", "2026-03-09", "due").code == 0
    assert ready_home.run("--today", "2026-03-09", "due", "--check", "--format", "json").code == 3


def test_a_day_is_overdue_from_the_day_after(ready_home: Home) -> None:
    def overdue(day: str) -> set[tuple[str, str]]:
        rows = json_of(ready_home, "--today", day, "due", "--quiet", "--within", "0")
        return {(row["case"], row["clock"]) for row in rows}

    assert ("2026-0001", "police-answer") not in overdue("2026-03-09")
    assert ("2026-0001", "police-answer") in overdue("2026-03-10")


def test_due_writes_nothing_in_the_store(town: Home) -> None:
    before = {path.name: path.read_bytes() for path in town.store.iterdir()}
    town.run("due", "--check")
    assert {path.name: path.read_bytes() for path in town.store.iterdir()} == before


# --- report -----------------------------------------------------------------------------------------------------------

YEAR = ("report", "--from", "2026-01-01", "--to", "2026-12-31")


def test_a_report_with_true_counts_has_every_section(ready_home: Home) -> None:
    said = json_of(ready_home, *YEAR, "--internal")
    assert said["period"] == {"from": "2026-01-01", "to": "2026-12-31"}
    assert said["controlled"] is False
    assert said["totals"] == {"received": 9, "open": 5, "closed": 4}
    tiers = {row["tier"]: row for row in said["by_tier"]}
    assert list(tiers) == TIERS
    assert all(list(row) == ["tier", "received", "open", "closed", "activities"] for row in said["by_tier"])
    assert tiers["foregribende"] == {
        "tier": "foregribende", "received": 3, "open": 2, "closed": 1, "activities": 0
    }  # fmt: skip
    assert tiers["indgribende"]["received"] == tiers["forebyggende"]["received"] == 0
    assert tiers["unassessed"]["received"] == 6
    members = {row["member"]: row for row in said["by_member"]}
    assert len(members) == len(said["by_member"])
    assert len(members) == 22 + 1
    assert members["klub-nord"] == {
        "member": "klub-nord", "name": "Klub Nord", "ring": "plade-2", "received": 7, "open": 4, "closed": 3,
        "tiers": {"forebyggende": 0, "foregribende": 2, "indgribende": 0, "unassessed": 5},
    }  # fmt: skip
    assert (members[None]["received"], members[None]["ring"]) == (1, None)
    assert said["funnel"] == {
        "received": 9, "screened": 7, "accepted": 5, "assessed": 3, "planned": 2,
        "closed": {"police": 1, "joint": 1, "assessment": 1, "plan": 1, "none": 0},
    }  # fmt: skip
    assert {row["gate"]: row["closed"] for row in said["by_gate"]} == {**dict.fromkeys(GATES, 1), None: 0}
    for section in ("by_ring", "by_sector", "by_month", "by_outcome"):
        assert said[section]
    assert [row["month"] for row in said["by_month"]] == [f"2026-{month:02d}" for month in range(1, 13)]
    assert isinstance(said["conduct"], dict)


def test_the_sections_of_a_report_add_up(ready_home: Home) -> None:
    said = json_of(ready_home, "report", "--from", "2025-01-01", "--to", "2026-12-31", "--internal")
    assert said["totals"]["received"] == len(CASES)
    for section in ("by_tier", "by_member", "by_ring", "by_sector", "by_month"):
        for count in ("received", "open", "closed"):
            assert sum(row[count] for row in said[section]) == said["totals"][count], (section, count)
    levels = Counter[str]()
    for row in said["by_member"]:
        levels.update(row["tiers"])
    assert levels == {row["tier"]: row["received"] for row in said["by_tier"]}
    assert sum(row["closed"] for row in said["by_outcome"]) == said["totals"]["closed"]


def test_the_period_goes_by_the_day_of_receipt_and_is_this_year_by_default(ready_home: Home) -> None:
    assert (
        json_of(ready_home, "report", "--from", "2025-12-30", "--to", "2025-12-30", "--internal")["totals"]["received"]
        == 1
    )
    assert (
        json_of(ready_home, "report", "--from", "2025-12-31", "--to", "2025-12-31", "--internal")["totals"]["received"]
        == 0
    )
    said = json_of(ready_home, "--today", "2025-06-01", "report", "--internal")
    assert said["period"] == {"from": "2025-01-01", "to": "2025-12-31"}
    assert said["totals"]["received"] == 1


def test_a_period_that_ends_before_it_begins_is_a_slip(ready_home: Home) -> None:
    assert "--to" in ready_home.fails(2, "report", "--from", "2026-12-31", "--to", "2026-01-01")


def test_two_dimensions_are_crossed(ready_home: Home) -> None:
    said = json_of(ready_home, *YEAR, "--by", "tier", "--by", "member", "--internal")
    assert (said["crossed"]["by"], said["crossed"]["count"]) == (["tier", "member"], "received")
    told = {(row["tier"], row["member"]): row["received"] for row in said["crossed"]["rows"]}
    assert told == {(t, row["member"]): n for row in said["by_member"] for t, n in row["tiers"].items()}
    text = ready_home.ok("--lang", "en", *YEAR, "--by", "tier", "--by", "member", "--internal")
    assert "member × level, received" in text and "Per month" not in text
    lines = ready_home.ok(*YEAR, "--by", "gate", "--by", "month", "--internal", "--format", "csv").splitlines()
    assert "gate/month,police,2026-03,1" in {",".join(line.split(",")[-4:]) for line in lines}


def test_a_crossed_table_in_a_pipe_is_controlled(ready_home: Home) -> None:
    said = json_of(ready_home, *YEAR, "--by", "gate", "--by", "member")
    assert {row["closed"] for row in said["crossed"]["rows"]} <= {None, 0}
    assert None in {row["closed"] for row in said["crossed"]["rows"]}


@pytest.mark.parametrize("by", [("tier",), ("tier", "tier"), ("tier", "ring", "month")])
def test_two_different_dimensions_are_crossed(ready_home: Home, by: tuple[str, ...]) -> None:
    assert "--by" in ready_home.fails(2, *YEAR, *(word for name in by for word in ("--by", name)))


def test_the_period_before_stands_beside(ready_home: Home) -> None:
    said = json_of(ready_home, *YEAR, "--compare", "--internal")
    assert said["previous"]["period"] == {"from": "2025-01-01", "to": "2025-12-31"}
    assert said["previous"]["totals"]["received"] == 1
    days = json_of(ready_home, "report", "--from", "2026-01-05", "--to", "2026-01-14", "--compare", "--internal")
    assert days["previous"]["period"] == {"from": "2025-12-26", "to": "2026-01-04"}
    quarter = json_of(ready_home, "report", "--from", "2026-04-01", "--to", "2026-06-30", "--compare")
    assert quarter["previous"]["period"] == {"from": "2026-01-01", "to": "2026-03-31"}
    assert quarter["previous"]["controlled"] is True
    text = ready_home.ok("--lang", "en", *YEAR, "--compare", "--internal")
    assert re.search(r"^before \(2025\): received 1,", text, re.MULTILINE)
    assert re.search(r"closed +before$", text, re.MULTILINE)
    assert ",previous/totals,,received,1" in ready_home.ok(*YEAR, "--compare", "--internal", "--format", "csv")


def test_what_was_known_on_a_day(town: Home) -> None:
    """The store was written on 21 June; what is written today was not known then."""
    before = json_of(town, *YEAR, "--internal")
    assert town.write("close", "2026-0001", invented.close("moved")).code == 0
    assert town.write("restrict", "2026-0005", invented.restrict()).code == 0
    now, then = (json_of(town, *YEAR, "--internal", *words) for words in ((), ("--as-of", "2026-06-21")))
    assert now["totals"] == {"received": 8, "open": 3, "closed": 5}
    assert then["as_of"] == "2026-06-21"
    assert then["totals"] == {"received": 8, "open": 4, "closed": 4}, "what is restricted by now is not used"
    assert before["totals"] == {"received": 9, "open": 5, "closed": 4}
    assert json_of(town, *YEAR, "--internal", "--as-of", "2026-06-20")["totals"]["received"] == 0
    assert "as it was known on 2026-06-21" in town.ok(*YEAR, "--internal", "--as-of", "2026-06-21")


def test_what_was_known_of_a_case_before_it_was_erased_is_gone(town: Home) -> None:
    closed = json_of(town, "list", "--state", "closed")[0]
    form = json.dumps({"archive": "discarded", "rule": "art. 17", "reason": "Udløbet"})
    town.ok("erase", closed["case"], "--from", "-", "--yes", typed=form)
    words = (*YEAR, "--internal")
    assert json_of(town, *words, "--as-of", "2999-12-31") == json_of(town, *words) | {"as_of": "2999-12-31"}
    assert closed["received"][:7] in town.fails(2, *words, "--as-of", "2026-06-21")


DAY = r"\d{4}-\d{2}(-\d{2})?"
LABELS = r"[Pp]lade.[123]|§+ [\d–\s]+|(?m:^2$)"
"""Where labels have numbers; one of them breaks its line between Plade 1 and 2."""


def numbers(value: Any) -> list[int]:
    if isinstance(value, dict):
        return [number for item in value.values() for number in numbers(item)]
    if isinstance(value, list):
        return [number for item in value for number in numbers(item)]
    return [value] if isinstance(value, int) and not isinstance(value, bool) else []


def test_a_report_in_a_pipe_is_controlled(ready_home: Home) -> None:
    for words in (YEAR, ("report", "--from", "2025-01-01", "--to", "2026-12-31")):
        said = json_of(ready_home, *words)
        assert said["controlled"] is True
        assert not {1, 2, 3, 4} & set(numbers(said)), "a small count is shown"
        assert (said["scheme"], said["base"]) == ("rounded", 5)
        assert {row["received"] % 5 for row in said["by_member"] if row["received"] is not None} == {0}
        assert [row["tier"] for row in said["by_tier"]] == TIERS
    for form in ("table", "csv"):
        text = ready_home.ok(*YEAR, "--format", form)
        text = text.partition("\n\n")[2] or text  # above the tables it is said what rounding means, in numbers
        text = re.sub(r"^(days to|.*median_days).*$", "", text, flags=re.MULTILINE)  # days, no counts
        counts = re.findall(r"(?<![\d.<-])[1-4](?![\d.-])", re.sub(f"{DAY}|{LABELS}", "", text))
        assert counts == [], (form, text)
    assert "rounded" in ready_home.ok(*YEAR)


def test_a_concern_entered_in_error_is_outside_all_counts(town: Home) -> None:
    assert town.write("close", "2026-0001", invented.close("entered-in-error")).code == 0
    assert json_of(town, *YEAR, "--internal")["totals"] == {"received": 8, "open": 4, "closed": 4}
    assert town.show("2026-0001")["state"] == "closed"
