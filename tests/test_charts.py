"""Charts: they say what the tables say, fit the terminal, and never draw what is hidden."""

import re
from typing import Any

import pytest
from cli_kit import Home
from hypothesis import given
from hypothesis import strategies as st
from invented import VOCABULARY
from worlds import count, fact, towns

from ballerup_cli.cli.bars import draw
from ballerup_cli.cli.charts import by_aim
from ballerup_cli.cli.rollups import Page
from ballerup_cli.cli.text import set_language
from ballerup_cli.core.charts import Bar, Chart
from ballerup_cli.core.disclosure import control

PAGE = Page(words=VOCABULARY, width=80, hidden="<5")
COUNTS = st.none() | st.integers(0, 400)
YEAR = ("report", "--from", "2026-01-01", "--to", "2026-12-31")


def chart(*bars: Bar, **more: Any) -> Chart:
    plain = {
        "title": "Efter måned",
        "sentence": "Flest: maj: 3.",
        "head": "måned",
        "parts": ["modtaget"],
        "hidden": "<5",
    }
    return Chart(**{**plain, "bars": bars, **more})


@pytest.fixture(autouse=True)
def english() -> None:
    set_language("en")


# --- Bars -------------------------------------------------------------------------------------------------------------


def test_bars_are_to_scale_and_a_hidden_one_is_not_drawn():
    drawn = draw([chart(Bar(label="maj", counts=[3]), Bar(label="juni", counts=[None]))], 40, blocks=True)
    assert drawn.splitlines() == ["Efter måned", "Flest: maj: 3.", "maj    3  ████████████", "juni  <5"]


def test_parts_of_a_bar_have_signs_of_their_own_that_are_explained():
    bars = [Bar(label="maj", counts=[2, 1]), Bar(label="juni", counts=[1, None])]
    lines = draw([chart(*bars, parts=["åbne", "lukkede"])], 40, blocks=False).splitlines()
    assert lines[2:] == ["#\xa0åbne   =\xa0lukkede", "maj    3  ########====", "juni  <5"]


@given(st.lists(st.lists(COUNTS, min_size=2, max_size=2), min_size=1), st.integers(20, 120), st.booleans())
def test_no_line_is_wider_than_the_terminal(told: list[list[int | None]], width: int, blocks: bool):
    bars = [Bar(label="et navn, der er langt nok til at blive brudt", counts=counts) for counts in told]
    drawn = draw([chart(*bars, parts=["åbne", "lukkede"])], width, blocks=blocks)
    assert max(map(len, drawn.splitlines())) <= width
    assert blocks or set(drawn) <= set(chart().title + "".join(map(chr, range(32, 127))) + "åbne\xa0\n")


@given(st.lists(st.integers(0, 400), min_size=1), st.integers(30, 120))
def test_a_longer_bar_counts_more(told: list[int], width: int):
    lines = draw([chart(*(Bar(label="x", counts=[n]) for n in told))], width, blocks=False).splitlines()[2:]
    drawn = {n: line.count("#") for n, line in zip(told, lines, strict=True)}
    assert [drawn[n] for n in sorted(drawn)] == sorted(drawn.values())
    assert all(bool(n) == bool(length) for n, length in drawn.items())


# --- What is drawn ----------------------------------------------------------------------------------------------------


def charts(report: dict[str, Any]) -> dict[str, Chart]:
    told = by_aim({**report, "by_activity": []}, PAGE)
    return {one.title: one for some in told.values() for one in some}


def test_each_chart_has_a_sentence_that_is_true():
    found = charts(count([*[fact(4, member="klub-nord")] * 3, *[fact(1, closed=True)] * 2]))
    assert found["Per level of effort"].sentence == "Most: the anticipatory level: 3."
    assert found["How far the concerns came"].sentence == "0 of 5 came as far as: case plan under way."
    assert [bar.counts for bar in found["Per month"].bars] == [[3, 2]]
    assert found["Per referring member of Pladen"].parts[1] == "the anticipatory level"
    assert "Closed at gate" in found and "Per measure" not in found


def test_conduct_is_what_was_kept_of_what_was_due():
    planned = fact(5, follow_ups=2, follow_ups_on_time=1)
    (bar, *_others) = charts(count([planned]))["Conduct of the authority"].bars
    assert (bar.label, bar.counts) == ("follow-ups on time", [1, 1])
    assert charts(count([planned]))["Conduct of the authority"].sentence == "Kept 2 of 3 times."


@given(towns(), st.integers(3, 6))
def test_a_controlled_report_draws_nothing_small(town: Any, smallest: int):
    page = control(count(*town), smallest)
    for one in charts(page).values():
        for bar in one.bars:
            assert all(told is None or not 0 < told < smallest for told in bar.counts)
        if any(bar.total is None for bar in one.bars):
            assert "hidden" in one.sentence


# --- The command ------------------------------------------------------------------------------------------------------


def test_charts_in_a_pipe_are_controlled(ready_home: Home) -> None:
    text = ready_home.ok(*YEAR, "--chart")
    assert "Per month\nAll counts are hidden" in text and "<5" in text
    words = (*YEAR, "--chart", "--internal")
    assert re.search(r"^the anticipatory level +3 +█+$", ready_home.ok(*words, LC_ALL="C.UTF-8"), re.MULTILINE)
    plain = ready_home.ok(*words, LC_ALL="C")
    assert re.search(r"^the anticipatory level +3 +#+$", plain, re.MULTILINE), "a terminal may have letters only"


@pytest.mark.parametrize("words", [("--format", "json"), ("--by", "tier", "--by", "ring")])
def test_charts_are_drawn_of_the_whole_report(ready_home: Home, words: tuple[str, ...]) -> None:
    refused = ready_home.run(*YEAR, "--chart", *words)
    assert (refused.code, refused.out) == (2, "") and "--chart" in refused.err
