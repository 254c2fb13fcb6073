"""One model for every output: each cell of each table, in every format, is the cell of the JSON."""

import csv
import io
import json
import re
from pathlib import Path
from typing import Any

import docx
import openpyxl
import pytest
from cli_kit import Home

from ballerup_cli.cli.ui.rollups import LONG

YEAR = ("report", "--from", "2026-01-01", "--to", "2026-12-31")
KINDS = [("--internal",), (), ("--years", "3"), ("--compare", "--internal")]


def page_of(home: Home, words: tuple[str, ...]) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(home.ok(*YEAR, *words, "--format", "json"))
    return found


def beside(page: dict[str, Any]) -> list[dict[str, Any]]:
    return [page[name] for name in ("previous",) if name in page] + page.get("years", [])[:-1]


def expected(page: dict[str, Any]) -> dict[str, list[list[str]]]:
    """The cells of each table by its title, straight from the JSON, in the order of its rows."""
    before = beside(page)
    found = {}
    titles = {"by_tier": "Per level of effort", "by_sector": "Per sector", "by_outcome": "Closed with outcome"}
    for section, title in titles.items():
        names = [name for name in ("received", "open", "closed", "activities") if name in page[section][0]]
        rows = []
        for at, row in enumerate(page[section]):
            cells = [row[name] for name in names] + [other[section][at][names[0]] for other in before]
            if page["controlled"] or any(cells):
                rows.append([".." if cell is None else str(cell) for cell in cells])
        found[title] = rows
    flow = [*page["flow"].items(), ("persons", page["persons"]["received"])]
    others = [[*other["flow"].values(), other["persons"]["received"]] for other in before]
    cells = [[count, *(other[at] for other in others)] for at, (_, count) in enumerate(flow)]
    found["What came and what went"] = [
        [".." if n is None else str(n) for n in row] for row in cells if page["controlled"] or any(row)
    ]
    return {title: rows for title, rows in found.items() if rows}


@pytest.mark.parametrize("words", KINDS)
def test_html_and_text_print_the_cells_of_the_json(ready_home: Home, words: tuple[str, ...]) -> None:
    page = page_of(ready_home, words)
    html = ready_home.ok(*YEAR, *words, "--format", "html")
    text = ready_home.ok(*YEAR, *words)
    for title, rows in expected(page).items():
        part = html.split(f"<h3>{title}</h3>")[1].split("<h3>")[0].split("<tbody>")[1].split("</tbody>")[0]
        printed = [re.findall(r"<td[^>]*>([^<]*)</td>", row) for row in part.split("<tr>")[1:]]
        assert printed == rows, title
        lines = text.split(f"\n{title}\n")[1].split("\n\n")[0]
        numbers = [re.findall(r"(?<![\w.])(?:\.\.|\d+)(?![\w.])", line)[-len(rows[0]) :] for line in lines.split("\n")]
        assert [line for line in numbers if len(line) == len(rows[0])][-len(rows) :] == rows, title


@pytest.mark.parametrize("words", KINDS[:3])
def test_a_word_document_prints_the_cells_of_the_json(ready_home: Home, tmp_path: Path, words: tuple[str, ...]) -> None:
    page, target = page_of(ready_home, words), tmp_path / "aar.docx"
    ready_home.ok(*YEAR, *words, "--format", "docx", "--out", target)
    tables = [[[cell.text for cell in row.cells] for row in table.rows] for table in docx.Document(str(target)).tables]
    for title, rows in expected(page).items():
        assert any([row[1:] for row in table[1:]] == rows for table in tables), title


@pytest.mark.parametrize("words", KINDS)
def test_long_formats_hold_the_same_rows(ready_home: Home, tmp_path: Path, words: tuple[str, ...]) -> None:
    lines = [json.loads(line) for line in ready_home.ok(*YEAR, *words, "--format", "ndjson").splitlines()]
    target = tmp_path / "aar.xlsx"
    ready_home.ok(*YEAR, *words, "--format", "xlsx", "--out", target)
    head, *rows = openpyxl.load_workbook(target).active.iter_rows(values_only=True)
    assert list(head) == [column.key for column in LONG]
    assert [dict(zip(head, row, strict=True)) for row in rows] == [
        {name: None if value == "" else value for name, value in line.items()} for line in lines
    ]
    excel = ready_home.ok(*YEAR, *words, "--format", "csv", "--excel")
    assert excel.startswith("\ufeff")
    danish = list(csv.DictReader(io.StringIO(excel[1:]), delimiter=";"))
    assert [row["count"] for row in danish] == [line["count"] for line in lines]
    for row, line in zip(danish, lines, strict=True):
        assert row["value"] == ("" if line["value"] is None else f"{line['value']:g}".replace(".", ","))
    assert {row["municipality_code"] for row in danish} == {"151"}


def test_charts_end_in_the_rows_own_totals(ready_home: Home) -> None:
    page = page_of(ready_home, ())
    for form in (("--chart",), ("--format", "svg")):
        made = ready_home.ok(*YEAR, *form, LC_ALL="C.UTF-8")
        assert "DRAFT" in made
    text = ready_home.ok(*YEAR, "--chart", LC_ALL="C.UTF-8")
    part = text.split("Per level of effort\n")[1].split("\n\n")[0].splitlines()
    drawn = [re.search(r" (\d+|\.\.)(?:\s+█+)?$", line) for line in part if "level" in line]
    assert [found[1] for found in drawn if found][-4:] == [str(row["received"]) for row in page["by_tier"]]


def test_the_trend_sheet_prints_cells_of_the_page_of_its_half_year(ready_home: Home) -> None:
    days = ("--from", "2026-01-01", "--to", "2026-06-30")
    page = json.loads(ready_home.ok("report", *days, "--format", "json"))
    sheet = json.loads(ready_home.ok("netvaerk", *days, "--format", "json"))
    assert sheet["received"] == page["totals"]["received"]
    assert sheet["measures"] == [{"measure": row["measure"], "cases": row["received"]} for row in page["by_measure"]]
    assert [row["received"] for row in sheet["by_tier"]] == [row["received"] for row in page["by_tier"]]


def test_years_stand_beside_each_other(ready_home: Home) -> None:
    page = page_of(ready_home, ("--years", "5"))
    assert [one["period"]["from"][:4] for one in page["years"]] == ["2022", "2023", "2024", "2025", "2026"]
    html = ready_home.ok(*YEAR, "--years", "5", "--format", "html")
    assert "Years beside each other" in html
    assert re.findall(r">(20\d\d)</th>", html)[:4]
