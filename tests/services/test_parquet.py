"""The report as Parquet: the same counts as elsewhere, and an engine of others adds a folder of them up as we do."""

import json
from pathlib import Path
from typing import Any

import duckdb
import pytest
from cli_kit import Home
from engines import SQL, by_duckdb

from ballerup_cli.cli.ui import rollups
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
    assert rows == lines
    assert {(row["municipality_code"], row["controlled"]) for row in rows} == {("151", "--internal" not in words)}


def test_another_engine_adds_up_what_is_printed(ready_home: Home, tmp_path: Path) -> None:
    page = json.loads(ready_home.ok(*YEAR, "--format", "json"))
    pages = [{**page, "code": str(number)} for number in range(3)]
    (tmp_path / "all.parquet").write_bytes(parquet.as_parquet(row for one in pages for row in rollups.long(one)))
    sums = by_duckdb(tmp_path)
    for row in rollups.long(page):
        if row["section"] != "by_member":
            place = (row["section"], row["code"], row["count"])
            assert sums[place] == (None if row["value"] is None else 3 * row["value"]), place


def test_the_query_is_the_one_that_the_docs_give() -> None:
    docs = Path(__file__).parents[2] / "docs" / "report.md"
    assert SQL.format(folder="reports").strip().rstrip(";") in docs.read_text()
