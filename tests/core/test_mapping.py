"""A row becomes a form: paths, dates, codes, yes and no, constants; a cell that means nothing is never quoted."""

from typing import Any

import pytest

from ballerup_cli.core.cases.mapping import Source, date_pattern, fill


def source(path: tuple[str | int, ...], kind: str = "text", column: int = 1, **more: Any) -> Source:
    return Source(path=path, kind=kind, column=column, **more)


def value(*cells: str, sources: list[Source], dates: tuple[str, ...] = ()) -> Any:
    filled = fill(7, cells, sources, [found for pattern in dates if (found := date_pattern(pattern))])
    assert filled.unreadable == ()
    return filled.value


def refusal(cell: str, kind: str = "text", **more: Any) -> str:
    filled = fill(7, [cell], [source(("subject", "name"), kind, **more)], [])
    (finding,) = filled.unreadable
    assert (finding.path, finding.line, finding.column) == (("subject", "name"), 7, 1)
    assert cell not in str(finding)
    assert filled.value == {"subject": {"name": ""}}
    return finding.message


@pytest.mark.parametrize(
    ("pattern", "cell", "told"),
    [
        ("DD-MM-YYYY", "2-3-2026", "2026-03-02"),
        ("DD.MM.YYYY", "02.03.2026", "2026-03-02"),
        ("dd-mm-åååå", "02-03-2026", "2026-03-02"),
        ("D/M YYYY", None, None),
        ("DD-MM-YYYY HH:MM", "02-03-2026 9.05", "2026-03-02T09:05"),
        ("DD-MM-ÅÅÅÅ TT:MM", "02-03-2026 14:30:59", "2026-03-02T14:30"),
        ("MM/YYYY", "3/2026", "2026-03"),
        ("YYYYMMDD", "20260302", "2026-03-02"),
        ("DD-MM-YYYY", "31-02-2026", "2026-02-31"),  # for the schema to refuse
        ("DD-MM-YYYY", "2026-03-02", "2026-03-02"),
        ("DD-MM-YYYY", "2026-03-02T14:30", "2026-03-02T14:30"),
    ],
)
def test_a_date_is_read_in_the_patterns_of_the_mapping_and_as_iso(pattern, cell, told):
    if cell is None:
        assert date_pattern(pattern) is None
    else:
        assert value(cell, sources=[source(("received",), "date")], dates=(pattern,)) == {"received": told}


@pytest.mark.parametrize(
    "pattern", ["DD-MM-YY", "YYYY", "MM-MM-YYYY", "DD-MM-YYYY.*", "(YYYY-MM", "", "DD. marts YYYY"]
)
def test_a_pattern_is_made_of_its_parts_and_marks_only(pattern):
    found = date_pattern(pattern)
    assert found is None or not found.fullmatch("02-03-2026 x")


def test_patterns_are_tried_in_order():
    told = value("02-03-2026", sources=[source(("received",), "date")], dates=("MM-DD-YYYY", "DD-MM-YYYY"))
    assert told == {"received": "2026-02-03"}


@pytest.mark.parametrize("cell", ["ja", "JA", "x", "true", "1", "sand"])
def test_yes_is_said_in_many_ways(cell):
    assert value(cell, sources=[source(("acute",), "yes-no")]) == {"acute": True}


@pytest.mark.parametrize("cell", ["nej", "Nej", "false", "0", "falsk"])
def test_so_is_no(cell):
    assert value(cell, sources=[source(("acute",), "yes-no")]) == {"acute": False}


def test_yes_no_or_text_takes_both():
    there = [source(("subject", "interpreter"), "yes-no-or-text")]
    assert value("ja", sources=there) == {"subject": {"interpreter": True}}
    assert value("somali", sources=there) == {"subject": {"interpreter": "somali"}}


def test_a_cpr_number_that_lost_its_zero_as_a_number_gets_it_back():
    assert value("101900000", sources=[source(("cpr",), "cpr")]) == {"cpr": "0101900000"}


@pytest.mark.parametrize(
    ("cell", "kind", "words"),
    [
        ("måske", "yes-no", "yes or no"),
        ("fem", "number", "whole number"),
        ("5,5", "number", "whole number"),
        ("i foråret", "date", "not a date"),
        ('=HYPERLINK("http://x.example")', "text", "a formula"),
        ("=A1\n+B1", "text", "a formula"),
        ("#I/T", "text", "a formula"),
        ("#VÆRDI!", "text", "a formula"),
        ("#DIV/0!", "text", "a formula"),
        ("a" * 32_768, "text", "longer than a cell"),
    ],
)
def test_a_cell_that_means_nothing_is_told_of_without_its_words(cell, kind, words):
    assert words in refusal(cell, kind)


def test_the_longest_cell_there_is_is_read():
    cell = "a" * 32_767  # as much as a cell of Excel holds
    assert value(cell, sources=[source(("concern",))]) == {"concern": cell}


@pytest.mark.parametrize("cell", ["- har sagt det før", "+45 00 00 00 00", "@klubben", "#nokernok", "a = b"])
def test_what_only_looks_like_a_formula_is_text(cell):
    assert value(cell, sources=[source(("concern",))]) == {"concern": cell}


def test_a_word_without_a_code_is_refused_and_blanks_and_capitals_do_not_matter():
    codes = {"klub nord": "klub-nord", "ukendt": ""}
    there = source(("referrer", "member"), codes=codes, fallback="headspace")
    assert value(" Klub  NORD", sources=[there]) == {"referrer": {"member": "klub-nord"}}
    assert value("Ukendt", sources=[there]) == {"referrer": {"member": ""}}
    assert value("", sources=[there]) == {"referrer": {"member": "headspace"}}
    assert "not among the codes" in refusal("Klub Vest", codes=codes)


def test_fields_that_share_a_column_each_take_what_they_have_a_code_for():
    both = frozenset({"klub nord", "mor"})
    there = [
        source(("referrer", "member"), codes={"klub nord": "klub-nord"}, elsewhere=both),
        source(("referrer", "other"), codes={"mor": "relative"}, elsewhere=both),
    ]
    assert value("Klub Nord", sources=there) == {"referrer": {"member": "klub-nord", "other": ""}}
    assert value("Mor", sources=there) == {"referrer": {"member": "", "other": "relative"}}


def test_items_of_a_list_close_their_gaps_and_keep_their_columns():
    there = [source(("observations", 4, "text"), column=2), source(("observations", 1, "text"), column=1)]
    filled = fill(7, ["a", "b"], there, [])
    assert filled.value == {"observations": [{"text": "a"}, {"text": "b"}]}
    assert filled.columns["observations", 1, "text"] == 2
    assert filled.columns["observations",] == 0


def test_a_constant_makes_no_item_of_its_own():
    there = [
        source(("observations", 0, "text")),
        source(("observations", 0, "source"), column=0, fallback="document"),
        source(("received_by",), column=0, fallback="police"),
    ]
    assert value("Råbte", sources=there)["observations"] == [{"text": "Råbte", "source": "document"}]
    told = value("", sources=there)
    assert told == {"observations": [{"text": "", "source": ""}], "received_by": "police"}
    assert value(sources=there) == told
