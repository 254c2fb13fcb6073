"""Adding up reports: the truth lies within every range, what all print is a number, and nothing counts twice."""

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest
from cli_kit import Home
from hypothesis import given
from hypothesis import strategies as st
from worlds import count, fact, towns

from ballerup_cli.core.reports.combining import combine, overlapping, places
from ballerup_cli.core.reports.disclosure.control import control
from ballerup_cli.storage.text import schema

YEAR = ("report", "--from", "2026-01-01", "--to", "2026-12-31")


def paper(report: dict[str, Any], **about: Any) -> dict[str, Any]:
    return {"municipality": "Tænkt Kommune", **report, "by_activity": [], **about}


@given(st.lists(towns(), min_size=1, max_size=4), st.integers(3, 6))
def test_the_truth_lies_within_every_range(some: list[Any], smallest: int):
    reports = [paper(count(*town)) for town in some]
    true = combine(reports)
    assert all(low == high for low, high in true.values())
    sums = combine([control(report, smallest) for report in reports])
    assert list(sums) == list(true)
    for place, (low, high) in sums.items():
        assert low <= true[place][0], place
        assert high is None or true[place][0] <= high, place


@given(towns(), towns(), st.integers(3, 6))
def test_what_all_print_is_a_number_and_what_one_hides_is_not_made_up(one: Any, other: Any, smallest: int):
    papers = [control(paper(count(*town)), smallest) for town in (one, other)]
    lows = [places(each) for each in papers]
    for place, (low, high) in combine(papers).items():
        told = [each.get(place, (0, 0)) for each in lows]
        assert low == sum(bounds[0] for bounds in told)
        assert (low == high) == all(bounds[0] == bounds[1] for bounds in told)


def test_a_hidden_count_is_at_most_what_the_printed_ones_leave():
    page = control(paper(count([*[fact(4)] * 9, *[fact(1, tier="x")] * 30])), 5)
    hidden = {
        **page,
        "by_tier": [{**row, "received": None} if row["received"] == 9 else row for row in page["by_tier"]],
    }
    assert places(hidden)["by_tier", "foregribende", "received"] == (0, 9)
    full = {**hidden, "totals": {**hidden["totals"], "received": 30}}
    assert places(full)["by_tier", "foregribende", "received"] == (0, 0)
    nothing = {**hidden, "totals": {"received": None, "open": None, "closed": None}}
    assert places(nothing)["by_tier", "foregribende", "received"] == (0, None)


def test_what_is_hidden_of_the_conduct_and_the_funnel_lies_below_what_came_before():
    page = paper(count([fact(9)] * 3))
    conduct = {
        **page["conduct"],
        "police_answer": {"cases": None, "median_days": 4},
        "follow_ups": {"due": None, "on_time": None},
        "measures": {"due": 3, "on_time": None},
    }
    funnel = {**page["funnel"], "screened": None, "accepted": 2, "assessed": None}
    found = places({**page, "conduct": conduct, "funnel": funnel})
    received = page["totals"]["received"]
    assert found["conduct", "police_answer", "cases"] == (0, received)
    assert found["conduct", "follow_ups", "due"] == found["conduct", "follow_ups", "on_time"] == (0, None)
    assert found["conduct", "measures", "on_time"] == (0, 3)
    assert not any(name == "median_days" for _, _, name in found)
    assert found["funnel", "screened", "cases"] == (0, page["funnel"]["received"])
    assert (found["funnel", "accepted", "cases"], found["funnel", "assessed", "cases"]) == ((2, 2), (0, 2))
    assert ("funnel", "closed", "cases") not in found


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
def test_two_reports_of_a_municipality_share_no_day(start: str, end: str, twice: bool):
    pages = [
        {"municipality": "Tænkt Kommune", "period": {"from": "2026-01-01", "to": "2026-06-30"}},
        {"municipality": "Tænkt Kommune", "period": {"from": start, "to": end}},
        {"municipality": "Anden Tænkt Kommune", "period": {"from": "2026-01-01", "to": "2026-06-30"}},
    ]
    assert overlapping(pages) == ("Tænkt Kommune" if twice else None)


# --- The command ------------------------------------------------------------------------------------------------------


@pytest.fixture
def papers(ready_home: Home, tmp_path: Path) -> list[Path]:
    report = json.loads(ready_home.ok(*YEAR, "--format", "json"))
    files = []
    for name in ("Ballerup Kommune", "Tænkt Kommune"):
        files.append(tmp_path / f"{name[:3]}.json")
        files[-1].write_text(json.dumps({**report, "municipality": name}))
    return files


def test_reports_of_several_municipalities_are_added_up(ready_home: Home, papers: list[Path]) -> None:
    said = json.loads(ready_home.ok("report", "combine", *papers, "--format", "json"))
    assert [told["municipality"] for told in said["reports"]] == ["Ballerup Kommune", "Tænkt Kommune"]
    counts = {(row["section"], row["code"], row["count"]): (row["low"], row["high"]) for row in said["counts"]}
    assert counts["totals", None, "received"] == (18, 18)
    assert counts["totals", None, "open"] == (0, 18)
    assert not any(section == "by_member" for section, *_rest in counts)
    text = ready_home.ok("report", "combine", *papers)
    assert "received 18, open 0–18, closed 0–18" in text and "Tænkt Kommune" in text
    rows = [*csv.DictReader(io.StringIO(ready_home.ok("report", "combine", *papers, "--format", "csv")))]
    assert rows[0] == {"section": "totals", "code": "", "count": "received", "low": "18", "high": "18"}
    assert len(rows) == len(counts)


def test_no_store_is_needed(home: Home, papers: list[Path]) -> None:
    assert "received 18" in home.ok("report", "combine", *papers)


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
        path.write_text(json.dumps({**report, "municipality": path.stem}))
    said = json.loads(ready_home.ok("report", "combine", *files, "--format", "json"))
    assert [told["municipality"] for told in said["reports"]] == [path.stem for path in files]
    assert said["counts"][0] == {"section": "totals", "code": None, "count": "received", "low": 909, "high": 909}
    files[70].write_text("{}")
    refused = ready_home.run("report", "combine", *files)
    assert (refused.code, refused.out) == (2, "") and str(files[70]) in refused.err


def test_true_counts_are_not_added_up(ready_home: Home, tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text(ready_home.ok(*YEAR, "--internal", "--format", "json"))
    assert "no controlled report" in ready_home.run("report", "combine", tmp_path / "x.json").err


@pytest.mark.parametrize("words", ["", "--internal", "--compare", "--by tier --by month", "--as-of 2026-06-21"])
def test_every_report_is_as_its_schema_says(ready_home: Home, words: str) -> None:
    assert schema.check("report", json.loads(ready_home.ok(*YEAR, *words.split(), "--format", "json"))) == []
