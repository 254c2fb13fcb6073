"""Charts: they say what the tables say, fit the terminal, and never draw what is hidden."""

import re
import sys
from pathlib import Path
from typing import Any

import docx
import pytest
from cli_kit import Home
from defusedxml import ElementTree
from docx.shared import Mm
from hypothesis import given, settings
from hypothesis import strategies as st
from invented import VOCABULARY
from towns import draw_of
from worlds import SECTORS, count, fact, towns

from ballerup_cli.cli.ui.bars import draw
from ballerup_cli.cli.ui.charts import by_aim
from ballerup_cli.cli.ui.rollups import Page
from ballerup_cli.cli.ui.text import set_language
from ballerup_cli.core.reports.charts import Bar, Chart
from ballerup_cli.core.reports.disclosure.rounding import control
from ballerup_cli.core.reports.report import Period
from ballerup_cli.errors import NoChartsError
from ballerup_cli.services.reports.drawing import svg

PAGE = Page(words=VOCABULARY, width=80)
COUNTS = st.none() | st.integers(0, 400)
YEAR = ("report", "--from", "2026-01-01", "--to", "2026-12-31")


def bar(label: str, number: int | None) -> Bar:
    return Bar(label=label, count=number, said=".." if number is None else str(number))


def chart(*bars: Bar, **more: Any) -> Chart:
    plain = {
        "title": "Efter måned",
        "about": "",
        "sentence": "Flest: maj: 3.",
        "axis": "modtaget",
        "head": "måned",
        "columns": ["modtaget"],
        "rows": [],
    }
    return Chart(**{**plain, "bars": bars, **more})


@pytest.fixture(autouse=True)
def english() -> None:
    set_language("en")


# --- Bars -------------------------------------------------------------------------------------------------------------


def test_bars_are_to_scale_and_a_withheld_one_is_not_drawn():
    drawn = draw([chart(bar("maj", 3), bar("juni", None))], 40, blocks=True)
    assert drawn.splitlines() == ["Efter måned", "Flest: maj: 3.", "maj    3  ████████████", "juni  .."]


@given(st.lists(COUNTS, min_size=1), st.integers(20, 120), st.booleans())
def test_no_line_is_wider_than_the_terminal(told: list[int | None], width: int, blocks: bool):
    bars = [bar("et navn, der er langt nok til at blive brudt", number) for number in told]
    drawn = draw([chart(*bars)], width, blocks=blocks)
    assert max(map(len, drawn.splitlines())) <= width
    assert blocks or set(drawn) <= set(chart().title + "".join(map(chr, range(32, 127))) + "\n")


@given(st.lists(st.integers(0, 400), min_size=1), st.integers(30, 120))
def test_a_longer_bar_counts_more(told: list[int], width: int):
    lines = draw([chart(*(bar("x", n) for n in told))], width, blocks=False).splitlines()[2:]
    drawn = {n: line.count("#") for n, line in zip(told, lines, strict=True)}
    assert [drawn[n] for n in sorted(drawn)] == sorted(drawn.values())
    assert all(bool(n) == bool(length) for n, length in drawn.items())


# --- What is drawn ----------------------------------------------------------------------------------------------------


def charts(report: dict[str, Any]) -> dict[str, Chart]:
    told = by_aim({**report, "by_activity": []}, PAGE)
    return {one.title: one for some in told.values() for one in some}


def test_each_chart_has_a_sentence_that_is_true():
    found = charts(count([*[fact(4, member="klub-nord")] * 3, *[fact(1, closed=True)] * 2]))
    assert found["Per level of effort"].sentence == "Most: the anticipatory level (3)."
    assert [(one.label, one.count) for one in found["Per month"].bars] == [("January", 5)]
    assert found["Levels of effort per referring member"].columns[2] == "the anticipatory level"
    assert "Closed at gate" in found and "Per measure" not in found


def test_months_have_names_and_the_sentence_reads_them():
    quarter = charts(count([fact(), fact(received="2026-03-10")]))["Per month"]
    assert quarter.sentence == "Most: January and March (1 each)."
    winter = charts(count([fact(received="2025-12-10")], Period(start="2025-12-01", end="2026-01-31")))["Per month"]
    assert [one.label for one in winter.bars] == ["December 2025"]


def test_conduct_is_what_was_kept_of_what_was_due():
    planned = fact(5, follow_ups=2, follow_ups_on_time=1)
    (first, *_others) = charts(count([planned]))["Conduct of the authority"].bars
    assert (first.label, first.count, first.said) == ("follow-ups on time", 1, "1 of 2")


@settings(max_examples=20, deadline=None)
@given(towns(), st.integers(0, 99))
def test_a_controlled_report_draws_the_cells_of_its_page_and_says_nothing_that_reads_as_none(town: Any, key: int):
    page = control(count(*town), draw_of(key), SECTORS)
    found = charts(page)
    assert [one.count for one in found["Per level of effort"].bars] == [row["received"] for row in page["by_tier"]]
    assert not any("None" in one.sentence for one in found.values())


# --- Drawings ---------------------------------------------------------------------------------------------------------


def texts(drawing: str) -> list[str]:
    return [node.text or "" for node in ElementTree.fromstring(drawing).iter() if node.tag.endswith("}text")]


def test_a_drawing_has_its_labels_and_numbers_and_nothing_from_elsewhere():
    bars = [bar("Åben <anonym> rådgivning", 9), bar("juni", None)]
    drawing = svg(chart(*bars))
    assert {"Åben <anonym> rådgivning", "juni", "9", "..", "modtaget"} <= set(texts(drawing))
    assert not re.search(r"<script|<style|<image|<!|href|url\(|on[a-z]+=", drawing)
    assert not re.search(r" (role|aria-[a-z]+)=", drawing), "what is told of it is told in one place, in one language"
    assert re.search(r'^<svg [^>]+><rect [^>]+fill="#fff"/>', drawing), "dark letters stand on white"
    assert set(re.findall(r"https?://[^\"]+", drawing)) <= {
        "http://www.w3.org/2000/svg",
        "http://www.w3.org/1999/xlink",
    }
    assert svg(chart(*bars)) == drawing


def test_years_are_a_line_with_its_numbers_and_a_gap_is_no_zero():
    drawing = svg(chart(bar("2024", 20), bar("2025", None), bar("2026", 30), line=True))
    assert {"2024", "2026", "20", "30", "modtaget", "måned"} <= set(texts(drawing)) and ".." not in texts(drawing)


def test_a_label_of_two_lines_stands_in_the_middle_of_its_bar():
    one, two = "juni", "et navn, der er langt nok til at blive brudt"
    drawing = svg(chart(bar(one, 2), bar(two, 2)))
    bars = [float(y) + float(high) / 2 for y, high in re.findall(r'd="M0,([0-9.]+)h420v([0-9.]+)h-420Z" fill', drawing)]
    labels = [float(y) for y in re.findall(r'text-anchor="end" transform="translate\(-8,([0-9.]+)\)', drawing)]
    middle = labels[0] - bars[0]
    assert abs(labels[1] + 14 / 2 - bars[1] - middle) < 1


def test_two_bars_of_one_name_stay_two():
    assert texts(svg(chart(bar("Klub", 6), bar("Klub", 7)))).count("Klub") == 2


def test_without_the_library_it_is_said_how_to_get_it(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "vl_convert", None)
    with pytest.raises(NoChartsError):
        svg(chart(bar("maj", 3)))


# --- The report for a committee ---------------------------------------------------------------------------------------

AIMS = {
    "en": ["1. An effective, systematic effort", "2. Skills", "3. An overview", "4. Coordination"],
    "da": ["1. En effektiv og systematisk indsats", "2. Opkvalificering", "3. Et overblik", "4. Koordination"],
}


@pytest.mark.parametrize("lang", AIMS)
def test_each_chart_stands_beside_its_table_and_its_sentence(ready_home: Home, lang: str) -> None:
    page = ready_home.ok("--lang", lang, *YEAR, "--format", "html", "--internal")
    assert [told for told in AIMS[lang] if f"<h2>{told}" not in page] == []
    parts = [part for part in page.split("<h3>")[1:] if "<figure>" in part]
    assert len(parts) > 5
    for part in parts:
        title, svg_title, table = re.search(
            r"^(.+?)</h3>\n<p>.+?</p>\n<figure>\n<svg.+?<title id=\"[a-z0-9-]+\">(.+?)</title>"
            r"<desc id=\"[a-z0-9-]+\">.+?</desc>.+?</svg>\n</figure>\n(?:<div [^>]+>\n)?<table>(.+?)</table>",
            part,
            re.DOTALL,
        ).groups()
        assert title == svg_title
        numbers = re.findall(r"</th>\n<td[^>]*>(\d+)</td>", table)
        drawn = re.findall(r">(\d+)(?: (?:of|af) \d+)?</text>", part)
        assert not set(numbers) - set(drawn), "the first column of the table is in the drawing"
    assert "<script" not in page and "default-src 'none'" in page
    assert len(re.findall(r'id="(.+?)"', page)) == len(set(re.findall(r'id="(.+?)"', page)))


def test_what_leaves_as_a_document_is_controlled(ready_home: Home) -> None:
    page = ready_home.ok(*YEAR, "--format", "html")
    assert "no personal data" in page and "internal use only" not in page and "by a secret draw" in page
    assert "internal use only" in ready_home.ok(*YEAR, "--format", "html", "--internal")


def test_the_report_as_pdf_is_tagged_and_its_pictures_are_told(ready_home: Home, tmp_path: Path) -> None:
    target = tmp_path / "aar.pdf"
    ready_home.ok(*YEAR, "--format", "pdf", "--internal", "--out", target)
    data = target.read_bytes()
    assert b"<pdfuaid:part>1</pdfuaid:part>" in data and data.count(b"/Figure") > 5
    assert not re.search(rb"/(URI|JavaScript|EmbeddedFile|Launch)\b", data)


def test_the_report_for_a_word_processor_shows_its_pictures_and_tells_them(ready_home: Home, tmp_path: Path) -> None:
    target = tmp_path / "aar.docx"
    ready_home.ok(*YEAR, "--format", "docx", "--internal", "--out", target)
    made = docx.Document(str(target))
    told = [shape._inline.docPr.get("descr") for shape in made.inline_shapes]
    assert any(text.startswith("Per level of effort: Most: without a level (6).") for text in told)
    assert len(made.tables) >= len(told) > 5
    assert [p.text for p in made.paragraphs if p.text == "⁂"] == [], "what stands for a picture is not seen"
    widths = {shape.width for shape in made.inline_shapes}
    assert 100 < min(widths) / Mm(1) < max(widths) / Mm(1) <= 170, "letters are of one size in all of them"
    sentence = next(p for p in made.paragraphs if p.text.endswith("Most: without a level (6)."))
    assert sentence.paragraph_format.keep_with_next, "no page ends between a sentence and its picture"


def test_all_charts_as_one_picture_tell_what_they_show(ready_home: Home) -> None:
    drawing = ready_home.ok(*YEAR, "--format", "svg", "--internal")
    root = ElementTree.fromstring(drawing)
    assert root.attrib["role"] == "img" and root.attrib["aria-labelledby"] == "sheet-title sheet-description"
    assert "Per level of effort: Most: without a level (6)." in (root[1].text or "")
    assert "Per level of effort" in texts(drawing)


# --- The command ------------------------------------------------------------------------------------------------------


def test_charts_in_a_pipe_are_controlled(ready_home: Home) -> None:
    text = ready_home.ok(*YEAR, "--chart")
    assert "by a secret draw" in text and "DRAFT" in text
    words = (*YEAR, "--chart", "--internal")
    assert re.search(r"^the anticipatory level +3 +█+$", ready_home.ok(*words, LC_ALL="C.UTF-8"), re.MULTILINE)
    plain = ready_home.ok(*words, LC_ALL="C")
    assert re.search(r"^the anticipatory level +3 +#+$", plain, re.MULTILINE), "a terminal may have letters only"


@pytest.mark.parametrize("words", [("--format", "json"), ("--by", "tier", "--by", "ring")])
def test_charts_are_drawn_of_the_whole_report(ready_home: Home, words: tuple[str, ...]) -> None:
    refused = ready_home.run(*YEAR, "--chart", *words)
    assert (refused.code, refused.out) == (2, "") and "--chart" in refused.err
