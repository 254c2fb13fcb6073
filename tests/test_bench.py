"""The benchmarks measure what they say: their stores are lawful."""

from collections import Counter
from pathlib import Path

from ballerup_cli.services import audit
from bench.cases import OPEN, concerns
from bench.generate import FRESH, make, plain


def test_a_generated_store_is_as_if_it_had_been_worked_in(place: Path) -> None:
    desk = make(place / "office", 20).desk()
    assert list(audit.verify(desk)) == []
    assert len(desk.store.cases()) == 20 + FRESH


def test_the_same_seed_gives_the_same_cases_and_another_one_others() -> None:
    assert list(plain(10)) == list(plain(10))
    assert [row["text"] for row in plain(10)] != [row["text"] for row in plain(10, seed=2)]


def test_cases_are_as_large_and_as_many_are_open_as_the_benchmarks_say() -> None:
    made = [plan.concern() for plan in concerns(300, 1)]
    assert 5.5 <= sum(len(concern.written) for concern in made) / 300 <= 6.8
    assert 5_000 <= sum(len(row["text"]) for row in plain(300, fresh=0)) / 300 <= 7_000
    states = Counter(concern.case.state for concern in made)
    assert OPEN / 2 <= 1 - states["closed"] / 300 <= 2 * OPEN
    assert {concern.case.tier for concern in made} == {None, "foregribende", "indgribende"}
