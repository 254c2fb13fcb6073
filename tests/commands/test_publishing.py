"""Publishing: a period goes out once and stays as it was; all that is out together tells no count that is hidden."""

import json
from collections import defaultdict
from collections.abc import Callable, Iterator
from functools import partial
from itertools import combinations_with_replacement, permutations, product
from typing import Any

import invented
import pytest
from cli_kit import Home
from hypothesis import example, given, settings
from hypothesis import strategies as st
from test_disclosure import Place, counted, counts, neighbours
from worlds import NETWORK, SECTORS, count, fact, facts

from ballerup_cli.core.cases.facts import Facts
from ballerup_cli.core.reports.adding import add
from ballerup_cli.core.reports.disclosure.control import blank, control
from ballerup_cli.core.reports.disclosure.published import beside, cuts, period_of
from ballerup_cli.core.reports.report import Period

JANUARY, FEBRUARY, MARCH, QUARTER, HALF = (
    Period(start=start, end=end)
    for start, end in (
        ("2026-01-01", "2026-01-31"),
        ("2026-02-01", "2026-02-28"),
        ("2026-03-01", "2026-03-31"),
        ("2026-01-01", "2026-03-31"),
        ("2026-01-01", "2026-06-30"),
    )
)
PERIODS = (JANUARY, FEBRUARY, MARCH, QUARTER, HALF)
REST = Period(start="2026-02-01", end="2026-03-31")

Page = dict[str, Any]
Beside = Callable[..., Page]


def out(cases: list[Facts], wanted: list[Period], smallest: int, how: Beside = beside) -> list[Page]:
    """what goes out when periods are published one after the other; the last is only printed in a pipe"""
    published: list[Page] = []
    true = partial(count, cases)
    for period in wanted:
        if how is beside and cuts(period, published) and period is not wanted[-1]:
            continue  # refused
        page = how(
            period,
            published,
            true,
            lambda some: control(true(some), smallest, (), SECTORS),
            lambda some: blank(true(some)),
        )
        published.append(page)
    return published


def alone(
    period: Period, _published: list[Page], _true: object, controlled: Callable[[Period], Page], _hidden: object
) -> Page:
    """the naive way: each report is controlled, and held against no other"""
    return controlled(period)


def towns_close_by(cases: list[Facts], period: Period) -> Iterator[tuple[list[Facts], list[Facts]]]:
    """other towns that differ anywhere, and in each month alone: cases more or changed, or that exchange something"""
    yield from neighbours(cases, NETWORK, period)
    for month in period.months():
        own = [case for case in cases if case.received[:7] == month]
        moved = {"received": f"{month}-10"}
        for leaving, coming in neighbours(own, NETWORK, JANUARY):
            yield leaving, [case._replace(**moved) for case in coming]


def computed_back(cases: list[Facts], pages: list[Page], smallest: int) -> set[tuple[Period, Place]]:
    """the small counts of any period for which no town close by has another count there and all that is out the same"""
    asked = [*map(period_of, pages), *PERIODS, REST]
    secret = {
        (period, place)
        for period in asked
        for place, told in counts(count(cases, period)).items()
        if isinstance(told, int) and 0 < told < smallest and place[-1] != "activities"
    }
    printed = [(period_of(page), {place for place, told in counts(page).items() if told is not None}) for page in pages]
    for leaving, coming in towns_close_by(cases, QUARTER) if secret else ():
        change = {period: changed(leaving, coming, period) for period in asked}
        if all(not change[period] & told for period, told in printed):
            secret -= {(period, place) for period in asked for place in change[period]}
        if not secret:
            break
    return secret


def changed(leaving: list[Facts], coming: list[Facts], period: Period) -> set[Place]:
    """the counts of a period's report that change when some cases leave and others come"""
    change: dict[Place, int] = defaultdict(int)
    for sign, moved in ((-1, leaving), (1, coming)):
        for case in moved:
            told = counted(case, period, True) if period.has(case.received) else {}
            for place, by in told.items():
                change[place] += sign * by
    return {place for place, by in change.items() if by}


# --- The attack -------------------------------------------------------------------------------------------------------

TELLING = [*[fact(1)] * 6, fact(1, received="2026-02-10")]
"""January has 6 concerns and the quarter 7: who reads both knows of the one that came after January."""


def test_two_reports_that_are_held_against_nothing_tell_what_lies_between():
    told = computed_back(TELLING, out(TELLING, [JANUARY, QUARTER], 5, alone), 5)
    assert (REST, ("totals", "received")) in told
    assert computed_back(TELLING, out(TELLING, [JANUARY, QUARTER], 5), 5) == set()


@st.composite
def towns(draw: st.DrawFn) -> list[Facts]:
    """Cases of three months; few kinds of cases and many of each, so that large and small counts meet."""
    kinds = draw(st.lists(facts((None, "klub-nord", "tovholder")), min_size=1, max_size=4))
    months = [draw(st.sampled_from(["2026-01-10", "2026-02-10", "2026-03-10"])) for _ in kinds]
    many = [draw(st.sampled_from([1, 2, 3, 5, 6, 9])) for _ in kinds]
    return [kind._replace(received=month) for kind, month, n in zip(kinds, months, many, strict=True) for _ in range(n)]


@settings(deadline=None, max_examples=20)
@given(towns(), st.permutations(PERIODS), st.integers(1, len(PERIODS)), st.integers(3, 6))
@example(TELLING, [JANUARY, QUARTER, *PERIODS], 2, 5)
def test_all_that_is_published_together_tells_no_small_count(
    cases: list[Facts], order: list[Period], many: int, smallest: int
):
    assert computed_back(cases, out(cases, order[:many], smallest), smallest) == set()


@pytest.mark.parametrize("order", [[JANUARY, QUARTER], [JANUARY, FEBRUARY, QUARTER], [QUARTER, JANUARY]])
def test_not_even_by_knowing_every_rule_of_publishing(order: list[Period]):
    """Of all towns of up to 6 such cases, those whose reports print the same differ in every small count they hide."""
    months = ("2026-01-10", "2026-02-10")
    kinds = [
        fact(closed=closed, member=m, received=month)
        for closed, m, month in product((False, True), ("klub-nord", None), months)
    ]
    alike: dict[str, list[list[dict[Place, Any]]]] = defaultdict(list)
    hidden: dict[str, list[set[Place]]] = {}
    for size in range(7):
        for cases in combinations_with_replacement(kinds, size):
            pages = [counts(page) for page in out(list(cases), order, 3)]
            true = [counts(count(list(cases), period)) for period in order]
            hidden[repr(pages)] = [{place for place, told in page.items() if told is None} for page in pages]
            alike[repr(pages)].append(true)
    assert len(alike) > 50
    for printed, towns_alike in alike.items():
        if min(town[order.index(QUARTER)]["totals", "received"] for town in towns_alike) > 5:
            continue  # another town that prints the same may have more cases than were tried
        for number, places in enumerate(hidden[printed]):
            for place in places:
                told = {town[number][place] for town in towns_alike}
                assert len(told) > 1 or not 0 < told.pop() < 3, (order[number], place)


# --- Sums -------------------------------------------------------------------------------------------------------------


@given(towns())
def test_true_reports_of_the_parts_add_up_to_that_of_the_whole(cases: list[Facts]):
    """Medians apart, which no sum can tell."""
    whole = count(cases, QUARTER)
    parts = [count(cases, period) for period in (JANUARY, FEBRUARY, MARCH)]
    assert counts(add(whole, parts)) == counts({**whole, "controlled": True})


@given(towns(), st.integers(3, 6))
def test_a_period_over_published_ones_prints_nothing_small_and_nothing_untrue(cases: list[Facts], smallest: int):
    for order in permutations((JANUARY, MARCH)):
        page = counts(out(cases, [*order, QUARTER], smallest)[-1])
        true = counts(count(cases, QUARTER))
        assert page.keys() == true.keys()
        for place, told in page.items():
            assert told is None or told == true[place]
            assert told is None or place[-1] == "activities" or not 0 < told < smallest


# --- The command ------------------------------------------------------------------------------------------------------

YEAR = ("--from", "2026-01-01", "--to", "2026-12-31")
MONTH = ("--from", "2026-01-01", "--to", "2026-01-31")


def report(home: Home, *words: str) -> Any:
    return json.loads(home.ok("report", *words, "--format", "json"))


def take_in(home: Home, day: str, many: int) -> None:
    form = json.dumps(invented.create(received=f"2026-{day}T10:00:00+01:00", subject={"kind": "group"}))
    home.ok("create", "--from", "-", typed="\n---\n".join([form] * many))


def test_a_published_month_is_printed_again_as_it_was(town: Home) -> None:
    take_in(town, "01-20", 8)
    first = report(town, *MONTH, "--publish")
    assert first["controlled"] is True and first["totals"]["received"] == 8
    assert first["published"]["smallest"] == 5
    take_in(town, "01-21", 3)
    assert report(town, *MONTH, "--internal")["totals"]["received"] == 11
    assert report(town, *MONTH) == report(town, *MONTH, "--publish") == first
    assert first["published"]["on"] in town.ok("report", *MONTH)
    assert town.run("verify").code == 0


def test_a_page_that_leaves_unpublished_says_that_nothing_is_held_against_it(town: Home) -> None:
    said = {
        name: town.run("report", *YEAR, *words).err
        for name, words in {"piped": (), "true": ("--internal",), "published": ("--publish",), "again": ()}.items()
    }
    told = {name for name, err in said.items() if "not published: later reports are held against published" in err}
    assert told == {"piped"}
    assert "not published" in town.run("report", *MONTH, "--format", "pdf", "--out", "x.pdf").err


def test_the_year_over_a_published_month_is_their_sum_with_the_rest(town: Home) -> None:
    take_in(town, "01-20", 8)
    report(town, *MONTH, "--publish")
    take_in(town, "01-21", 3)
    assert report(town, *YEAR, "--internal")["totals"]["received"] == 20
    assert report(town, *YEAR)["totals"]["received"] == 17, "what was published stays as it was"
    assert town.fails(2, "report", "--from", "2026-01-01", "--to", "2026-01-15", "--publish")
    half = report(town, "--from", "2026-01-01", "--to", "2026-01-15")
    assert half["totals"]["received"] is None, "a part of what was published would tell of the others"


def test_members_without_a_concern_are_told_beside_those_with_few(town: Home) -> None:
    true, page = report(town, *YEAR, "--internal"), report(town, *YEAR)
    rows = [(row["received"], told["received"]) for row, told in zip(true["by_member"], page["by_member"], strict=True)]
    assert {told for count, told in rows if count == 0} == {0}
    assert {told for count, told in rows if 0 < count < 5} == {None}


def test_nothing_is_published_of_what_was_published_as_a_whole(town: Home) -> None:
    report(town, *YEAR, "--publish")
    assert "2026-01-01–2026-12-31" in town.fails(2, "report", *MONTH, "--publish")
    assert report(town, *MONTH)["totals"] == {"received": None, "open": None, "closed": None}
    assert report(town, *YEAR, "--as-of", "2026-06-21")["totals"]["received"] is None


def test_what_is_published_holds_no_person(town: Home) -> None:
    report(town, *YEAR, "--publish")
    (entry,) = town.workspace().store.entries("published")
    assert (entry.step, list(entry.body)) == ("add", ["report"])
    names = {row["name"] for row in json.loads(entry.body["report"])["by_member"]}
    assert "Klub Nord" in names
    assert not any(word in entry.body["report"] for word in ("2026-0001", "anna", "jakke"))


@pytest.mark.parametrize(
    "words", [("--internal",), ("--as-of", "2026-06-21"), ("--compare",), ("--by", "tier", "--by", "ring")]
)
def test_only_the_whole_report_is_published(town: Home, words: tuple[str, ...]) -> None:
    assert "--publish" in town.fails(2, "report", *YEAR, "--publish", *words)
    assert "published" not in town.workspace().store.register.journals


@pytest.mark.parametrize(
    "days", [("2026-01-02", "2026-01-31"), ("2026-02-01", "2026-04-30"), ("2026-01-01", "2026-05-31")]
)
def test_only_calendar_periods_are_published(town: Home, days: tuple[str, str]) -> None:
    assert "calendar month" in town.fails(2, "report", "--from", days[0], "--to", days[1], "--publish")
