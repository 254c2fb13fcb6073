"""Listings: one set of rows in five formats, harmless in a terminal and in a spreadsheet."""

import csv
import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ballerup_cli.cli.ui.render import FORMATS, Column, as_json, listing
from ballerup_cli.cli.ui.terminal import clean
from ballerup_cli.cli.ui.text import date, set_language

COLUMNS = [
    Column(key="case", heading="case"),
    Column(key="received", heading="received"),
    Column(key="days", heading="days"),
    Column(key="text", heading="text", missing="–"),
]
ROWS = [
    {"case": "2026-0001", "received": "2026-03-20", "days": -3, "text": "Klub Nord", "name": "never asked for"},
    {"case": "2026-0012", "received": "2026-03-02T14:30:00+01:00", "days": 12, "text": None},
]


@pytest.fixture(autouse=True)
def english():
    set_language("en")
    yield
    set_language("en")


def test_a_table_is_for_people():
    assert listing(ROWS, COLUMNS, "table") == (
        "case       received          days  text\n"
        "---------  ----------------  ----  ---------\n"
        "2026-0001  2026-03-20          -3  Klub Nord\n"
        "2026-0012  2026-03-02 14:30    12  –\n"
    )


def test_a_danish_table_writes_dates_the_danish_way():
    set_language("da")
    assert date("2026-03-20") == "20.03.2026"
    assert date("2026-03-02T14:30:00+01:00") == "02.03.2026 14:30"
    assert date("2026-0001") == "2026-0001"
    assert "20.03.2026" in listing(ROWS, COLUMNS, "table")


@pytest.mark.parametrize("form", [form for form in FORMATS if form != "table"])
def test_machine_formats_do_not_know_the_language_or_the_width(form):
    danish = (set_language("da"), listing(ROWS, COLUMNS, form, width=10))[1]
    set_language("en")
    assert danish == listing(ROWS, COLUMNS, form)
    assert "never asked for" not in danish


def test_json_and_ndjson_hold_the_same_rows():
    rows = json.loads(listing(ROWS, COLUMNS, "json"))
    assert rows[0] == {"case": "2026-0001", "received": "2026-03-20", "days": -3, "text": "Klub Nord"}
    assert rows[1]["text"] is None
    assert [json.loads(line) for line in listing(ROWS, COLUMNS, "ndjson").splitlines()] == rows


def test_nothing_to_list():
    assert listing([], COLUMNS, "table") == ""
    assert listing([], COLUMNS, "json") == "[]"
    assert listing([], COLUMNS, "ndjson") == ""
    assert listing([], COLUMNS, "csv") == "case,received,days,text\n"
    assert listing([], COLUMNS, "tsv") == "case\treceived\tdays\ttext\n"


@pytest.mark.parametrize("text", ["=1+1", "+45", "-x", "-1+1", "@a", "\tx", "\rx", "＝1"])
def test_no_cell_is_a_formula(text):
    rows = [{"case": text}]
    (_heading, (cell,)) = csv.reader(io.StringIO(listing(rows, COLUMNS[:1], "csv")))
    assert cell[0] == "'"
    assert listing(rows, COLUMNS[:1], "tsv").splitlines()[1][0] == "'"


@pytest.mark.parametrize("value", [-3, -2.5, "-3", "-2,5", "2026-0001"])
def test_numbers_stay_numbers(value):
    (_heading, (cell,)) = csv.reader(io.StringIO(listing([{"case": value}], COLUMNS[:1], "csv")))
    assert cell == str(value)


def test_values_that_are_no_text_in_separated_formats():
    row = {"case": ["a", "b"], "received": True, "days": None, "text": {"a": 1}}
    assert listing([row], COLUMNS, "csv").splitlines()[1] == 'a b,true,,"{""a"": 1}"'
    assert listing([row], COLUMNS, "tsv").splitlines()[1] == 'a b\ttrue\t\t{"a": 1}'


def test_json_says_the_same_without_anything_a_terminal_obeys():
    text = "\x1b[2J\x9b31m \u202eevil\u2066 \x7f æøå \u2028"
    assert json.loads(as_json(text)) == text
    assert clean(as_json(text)) == as_json(text)


anything = st.text(st.characters(codec="utf-8"), max_size=60)


@given(
    st.lists(st.fixed_dictionaries({"case": anything, "text": anything}), min_size=1, max_size=4), st.integers(8, 100)
)
def test_no_line_of_a_table_is_wider_than_the_terminal_nor_obeyed_by_it(rows, width):
    table = listing(rows, [COLUMNS[0], COLUMNS[3]], "table", width=width)
    assert all(len(line) <= width for line in table.split("\n"))
    assert clean(table) == table


@given(st.lists(st.fixed_dictionaries({"case": anything, "text": anything}), max_size=4))
def test_separated_lines_have_their_cells(rows):
    lines = listing(rows, [COLUMNS[0], COLUMNS[3]], "tsv").split("\n")
    assert [line.count("\t") for line in lines[:-1]] == [1] * (len(rows) + 1)
    read = list(csv.reader(io.StringIO(listing(rows, [COLUMNS[0], COLUMNS[3]], "csv"), newline="")))
    assert [len(row) for row in read] == [2] * (len(rows) + 1)


def test_a_terminal_too_narrow_for_the_table_gets_one_field_a_line():
    assert listing(ROWS, COLUMNS, "table", width=24) == (
        "case: 2026-0001\nreceived: 2026-03-20\ndays: -3\ntext: Klub Nord\n"
        "\n"
        "case: 2026-0012\nreceived: 2026-03-02 14:30\ndays: 12\ntext: –\n"
    ).replace("received: 2026-03-02 14:30", "received: 2026-03-02\n14:30")


def test_a_long_heading_is_wrapped_rather_than_words_broken():
    columns = [Column(key="n", heading="days overdue"), Column(key="t", heading="t")]
    lines = listing([{"n": 1, "t": "foregribende"}], columns, "table", width=21).splitlines()
    assert lines == ["   days  t", "overdue", "-------  ------------", "      1  foregribende"]


def test_case_numbers_and_dates_are_not_broken_while_words_can_give():
    rows = [{"case": "2026-0001", "received": "2026-03-20", "days": 1, "text": "hedegaardsskolen og klub nord"}]
    lines = listing(rows, COLUMNS, "table", width=45).splitlines()
    assert lines[2].startswith("2026-0001  2026-03-20     1  ")
    assert max(len(line) for line in lines) <= 45


def test_a_word_longer_than_its_column_begins_on_a_line_of_its_own():
    """Its first letters behind another word would read as a word of their own."""
    told = [{"case": "2026-0001", "text": "brud på persondatasikkerheden"}]
    columns = [Column(key="case", heading="case"), Column(key="text", heading="text")]
    *_, first, second, _rest = listing(told, columns, "table", width=24).splitlines()
    assert first.split() == ["2026-0001", "brud", "på"]
    assert second.split() == ["persondatasik"]
