"""Adding up reports: the truth lies within every range, a row's own total bounds it, and nothing counts twice."""

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest
from cli_kit import Home
from hypothesis import given, settings
from hypothesis import strategies as st
from towns import draw_of
from worlds import SECTORS, count, fact, towns

from ballerup_cli.core.reports.combine import combine, overlapping, places_of
from ballerup_cli.core.reports.disclosure.rounding import control, withheld
from ballerup_cli.storage.text import schema

YEAR = ("report", "--from", "2026-01-01", "--to", "2026-12-31")


def paper(report: dict[str, Any], **about: Any) -> dict[str, Any]:
    return {"municipality": "Tænkt Kommune", "code": "999", **report, "by_activity": [], **about}


def truth(report: dict[str, Any]) -> dict[Any, int]:
    """Every count as it is, by the place a sum has it under."""
    open_page = {**report, "by_activity": []}
    return {place: low for place, (low, _) in places_of(open_page, exact=True).items()}


@settings(deadline=None, max_examples=20)
@given(st.lists(towns(), min_size=1, max_size=3), st.integers(0, 99))
def test_the_truth_lies_within_every_range(some: list[Any], key: int):
    reports = [paper(count(*town)) for town in some]
    sums = combine([control(report, draw_of(key), SECTORS) for report in reports])
    for place, (low, high) in sums.items():
        true = sum(truth(report).get(place, 0) for report in reports)
        assert low <= true, place
        assert high is None or true <= high, place


def test_what_is_printed_around_a_count_bounds_it():
    page = control(paper(count([*[fact(4)] * 9, *[fact(1)] * 30])), draw_of(1), SECTORS)
    row = next(row for row in page["by_tier"] if row["tier"] == "foregribende")
    low, high = places_of(page)["by_tier", "foregribende", "open"]
    assert high is not None and high <= row["received"] + 4
    assert low >= 0


def test_a_withheld_page_has_no_bounds_and_keeps_none_of_the_others():
    blank = withheld(paper(count([fact(4)] * 9)), SECTORS)
    assert places_of(blank)["totals", None, "received"] == (0, None)
    assert combine([blank])["by_tier", "foregribende", "received"] == (0, None)


def test_a_row_that_one_report_lacks_is_unknown_there():
    page = control(paper(count([fact(2, closed=True)] * 20)), draw_of(1), SECTORS)
    older = {**page, "by_gate": page["by_gate"][:-1]}
    low, high = combine([page, older])["by_gate", None, "closed"]
    assert low == 0 and high is not None and high > places_of(page)["by_gate", None, "closed"][1]


def test_a_ring_that_only_one_town_has_counts_there_alone():
    page = control(paper(count([fact(2, closed=True)] * 20)), draw_of(1), SECTORS)
    elsewhere = {**page, "code": "999", "by_ring": [row for row in page["by_ring"] if row["ring"] is None]}
    place = ("by_ring", "plade-2", "received")
    assert combine([page, elsewhere])[place] == places_of(page)[place]


@pytest.mark.parametrize(
    ("start", "end", "twice"),
    [
        ("2026-07-01", "2026-12-31", False),
        ("2026-06-30", "2026-12-31", True),
        ("2026-02-01", "2026-02-28", True),
        ("2025-01-01", "2025-12-31", False),
        ("2025-01-01", "2026-01-01", True),
    ],
)
def test_two_reports_of_a_municipality_share_no_day_whatever_it_calls_itself(start: str, end: str, twice: bool):
    half = {"from": "2026-01-01", "to": "2026-06-30"}
    pages = [
        {"municipality": "Tænkt Kommune", "code": "999", "period": half},
        {"municipality": "Tænkt kommune", "code": "999", "period": {"from": start, "to": end}},
        {"municipality": "Anden Tænkt Kommune", "code": "998", "period": half},
    ]
    assert (overlapping(pages) is not None) == twice


# --- The command ------------------------------------------------------------------------------------------------------


@pytest.fixture
def papers(ready_home: Home, tmp_path: Path) -> list[Path]:
    report = json.loads(ready_home.ok(*YEAR, "--format", "json"))
    files = []
    for name, code in (("Ballerup Kommune", "151"), ("Tænkt Kommune", "999")):
        files.append(tmp_path / f"{name[:3]}.json")
        files[-1].write_text(json.dumps({**report, "municipality": name, "code": code}))
    return files


def test_reports_of_several_municipalities_are_added_up(ready_home: Home, papers: list[Path]) -> None:
    said = json.loads(ready_home.ok("report", "combine", *papers, "--format", "json"))
    assert [row["municipality"] for row in said["reports"]] == ["Ballerup Kommune", "Tænkt Kommune"]
    counts = {(row["section"], row["code"], row["count"]): (row["low"], row["high"]) for row in said["counts"]}
    low, high = counts["totals", None, "received"]
    assert low <= 18 <= high
    assert not any(section == "by_member" for section, *_rest in counts)
    assert f"received {low}–{high}" in ready_home.ok("report", "combine", *papers)
    rows = [*csv.DictReader(io.StringIO(ready_home.ok("report", "combine", *papers, "--format", "csv")))]
    assert len(rows) == len(counts)


def test_no_store_is_needed_and_all_rows_leave_as_one_data_set(home: Home, papers: list[Path], tmp_path: Path) -> None:
    import duckdb

    assert "Tænkt Kommune" in home.ok("report", "combine", *papers)
    target = tmp_path / "all.parquet"
    home.ok("report", "combine", *papers, "--format", "parquet", "--out", target)
    rows = duckdb.read_parquet(str(target)).fetchall()
    assert {row[0] for row in rows} == {"151", "999"}


def test_no_concern_counts_twice(ready_home: Home, papers: list[Path]) -> None:
    refused = ready_home.run("report", "combine", papers[0], papers[0])
    assert (refused.code, refused.out) == (2, "") and "Ballerup Kommune" in refused.err


@pytest.mark.parametrize("content", ["", "[]", "{}", "[" * 100_000, '{"controlled": true}', "\x00", " " * (5 << 20)])
def test_what_is_no_report_is_refused(home: Home, tmp_path: Path, content: str) -> None:
    (tmp_path / "x.json").write_text(content)
    refused = home.run("report", "combine", tmp_path / "x.json")
    assert (refused.code, refused.out) == (2, "") and "no controlled report" in refused.err


def test_many_are_read_by_several_processes_and_a_bad_one_is_named(ready_home: Home, place: Path) -> None:
    report = json.loads(ready_home.ok(*YEAR, "--format", "json"))
    files = [place / f"{number}.json" for number in range(101)]
    for path in files:
        path.write_text(json.dumps({**report, "municipality": path.stem, "code": path.stem}))
    said = json.loads(ready_home.ok("report", "combine", *files, "--format", "json"))
    assert [row["municipality"] for row in said["reports"]] == [path.stem for path in files]
    files[70].write_text("{}")
    refused = ready_home.run("report", "combine", *files)
    assert (refused.code, refused.out) == (2, "") and str(files[70]) in refused.err


def test_true_counts_are_not_added_up(ready_home: Home, tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text(ready_home.ok(*YEAR, "--internal", "--format", "json"))
    assert "no controlled report" in ready_home.run("report", "combine", tmp_path / "x.json").err


@pytest.mark.parametrize(
    "words", ["", "--internal", "--compare", "--years 3", "--by tier --by month", "--as-of 2026-06-21"]
)
def test_every_report_is_as_its_schema_says(ready_home: Home, words: str) -> None:
    assert schema.check("report", json.loads(ready_home.ok(*YEAR, *words.split(), "--format", "json"))) == []
