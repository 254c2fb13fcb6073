"""The report as Parquet: the same counts as elsewhere, and an engine of others adds a folder of them up as we do."""

import json
from pathlib import Path
from typing import Any

import duckdb
import pytest
from cli_kit import Home
from engines import SQL, by_duckdb

from ballerup_cli.cli.commands import rollups
from ballerup_cli.core.reports.combining import combine
from ballerup_cli.services.reports import parquet

YEAR = ("report", "--from", "2026-01-01", "--to", "2026-12-31")


def rows_of(file: Path) -> list[dict[str, Any]]:
    told = duckdb.read_parquet(str(file))
    return [dict(zip(told.columns, row, strict=True)) for row in told.fetchall()]


@pytest.mark.parametrize("words", [(), ("--internal",), ("--compare", "--internal")])
def test_a_parquet_file_holds_what_ndjson_holds(ready_home: Home, tmp_path: Path, words: tuple[str, ...]) -> None:
    file = tmp_path / "report.parquet"
    ready_home.ok(*YEAR, *words, "--format", "parquet", "--out", file)
    lines = [json.loads(line) for line in ready_home.ok(*YEAR, *words, "--format", "ndjson").splitlines()]
    rows = rows_of(file)
    assert [{name: row[name] for name in ("section", "code", "count", "value")} for row in rows] == lines
    assert {row["controlled"] for row in rows} == {"--internal" not in words}
    assert {(row["municipality"], row["from"], row["to"]) for row in rows} == {
        ("Ballerup Kommune", "2026-01-01", "2026-12-31")
    }


def test_another_engine_adds_up_what_we_add_up(ready_home: Home, tmp_path: Path) -> None:
    page = json.loads(ready_home.ok(*YEAR, "--format", "json"))
    open_page = json.loads(ready_home.ok(*YEAR, "--internal", "--format", "json"))
    pages = [{**told, "municipality": f"Town {number}"} for number, told in enumerate((open_page, open_page, page))]
    for number, told in enumerate(pages):
        (tmp_path / f"{number}.parquet").write_bytes(parquet.as_parquet(told, list(rollups.long(told))))
    sums = by_duckdb(tmp_path)
    ours = combine(pages)
    known = {place: low for place, (low, high) in ours.items() if low == high}
    printed = {place: value for place, value in sums.items() if value is not None and place in ours}
    assert len(printed) > 5 and len(known) >= len(printed)
    assert {place: known.get(place) for place in printed} == printed
    assert all(sums[place] is None for place in ours.keys() - known.keys())


def test_the_query_is_the_one_that_the_docs_give() -> None:
    docs = Path(__file__).parents[2] / "docs" / "report.md"
    assert SQL.format(folder="reports").strip().rstrip(";") in docs.read_text()
