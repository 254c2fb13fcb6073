"""The report as PDF/UA, read by another library: all that is drawn is told, with headings and words."""

import os
from collections.abc import Iterator
from importlib.util import find_spec
from itertools import pairwise
from typing import Any

import pytest
from cli_kit import Home

pytestmark = pytest.mark.skipif(
    "INTEROP" not in os.environ and find_spec("pikepdf") is None,
    reason="pikepdf is not installed: 'make interop' does it",
)
YEAR = ("report", "--from", "2026-01-01", "--to", "2026-12-31", "--format", "pdf")
SHOWS = {"Tj", "TJ", "'", '"', "f", "f*", "F", "B", "B*", "b", "b*", "S", "s", "sh", "Do"}


@pytest.fixture(scope="module", params=["da", "en"])
def made(request: pytest.FixtureRequest, ready_home: Home, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    import pikepdf

    target = tmp_path_factory.mktemp("pdf") / f"{request.param}.pdf"
    ready_home.ok("--lang", request.param, *YEAR, "--internal", "--out", target)
    with pikepdf.open(target) as pdf:
        assert str(pdf.Root.Lang) == request.param
        yield pdf


def elements(node: Any) -> Iterator[Any]:
    """Every element of the structure below one, as it is read out."""
    import pikepdf

    kids = node.get("/K", [])
    for kid in kids if isinstance(kids, pikepdf.Array) else [kids]:
        if isinstance(kid, pikepdf.Dictionary) and "/S" in kid:
            yield kid
            yield from elements(kid)


def test_the_document_has_a_title_that_is_shown(made: Any) -> None:
    assert bool(made.Root.MarkInfo.Marked) and bool(made.Root.ViewerPreferences.DisplayDocTitle)
    with made.open_metadata() as about:
        assert about["dc:title"].endswith("Ballerup Kommune 2026") and about["pdfuaid:part"] == "1"


def test_headings_go_down_one_level_at_a_time(made: Any) -> None:
    levels = [
        int(str(each.S)[2:])
        for each in elements(made.Root.StructTreeRoot)
        if str(each.S)[1:2] == "H" and str(each.S)[2:].isdigit()
    ]
    assert levels[0] == 1 and levels.count(1) == 1 and len(levels) > 10
    assert all(after <= before + 1 for before, after in pairwise(levels))


def test_every_picture_is_told_and_every_table_has_headings(made: Any) -> None:
    found = list(elements(made.Root.StructTreeRoot))
    told = [str(each.Alt) for each in found if each.S == "/Figure"]
    assert len(told) > 5 and all(": " in words and words.endswith(".") for words in told)
    tables = [each for each in found if each.S == "/Table"]
    assert len(tables) == len(told) + 1  # the page for the committee has a table and no picture
    for table in tables:
        rows = [[cell.S for cell in row.K] for row in elements(table) if row.S == "/TR"]
        assert len({len(row) for row in rows}) == 1 and set(rows[0]) == {"/TH"}
    heads = [each for each in found if each.S == "/TH"]
    assert all(any(told.get("/Scope") == "/Column" for told in each.A) for each in heads)


def test_nothing_is_drawn_that_is_neither_told_nor_decoration(made: Any) -> None:
    import pikepdf

    for page in made.pages:
        depth: list[bool] = []
        for operands, operator in pikepdf.parse_content_stream(page):
            if str(operator) in ("BDC", "BMC"):
                depth.append(str(operands[0]) == "/Artifact" or (len(operands) > 1 and "/MCID" in operands[1]))
            elif str(operator) == "EMC":
                depth.pop()
            assert str(operator) not in SHOWS or any(depth), operator
