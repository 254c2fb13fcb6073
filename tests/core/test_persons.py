"""Persons beside concerns: who is the same, and that an erasure moves no count of them."""

from itertools import combinations

from worlds import count, fact

from ballerup_cli.core.cases.facts import Facts, counted, counter
from ballerup_cli.core.cases.persons import DUPLICATE, Concern, with_others
from ballerup_cli.core.reports.report import Period

MONTHS = ("2026-01", "2026-02", "2026-03")
PERIODS = [Period(start=f"{first}-01", end=f"{last}-28") for n, first in enumerate(MONTHS) for last in MONTHS[n:]]


def concern(number: int, month: str, *telling: tuple[str, str]) -> Concern:
    return Concern(f"2026-{number:04d}", fact(received=f"{month}-10"), telling)


def persons(facts: list[Facts], period: Period) -> int:
    return int(count(facts, period)["persons"]["received"])


def test_the_same_number_or_name_is_one_person_unless_something_says_otherwise():
    rows = [
        concern(1, "2026-01", ("cpr", "1"), ("name", "mikkel opdigtet")),
        concern(2, "2026-01", ("name", "mikkel opdigtet")),
        concern(3, "2026-02", ("cpr", "2"), ("name", "mikkel opdigtet")),
        concern(4, "2026-02", ("name", "anna opfundet"), ("born", "2001-01-01")),
        concern(5, "2026-03", ("name", "anna opfundet"), ("born", "2002-01-01")),
        concern(6, "2026-03"),
        concern(7, "2026-03"),
    ]
    whole = Period(start="2026-01-01", end="2026-03-31")
    assert persons(list(with_others(rows).values()), whole) == 6


def test_a_duplicate_counts_once_and_stays_a_concern():
    rows = [concern(1, "2026-01"), concern(2, "2026-02", (DUPLICATE, "2026-0001"))]
    page = count(list(with_others(rows).values()), Period(start="2026-01-01", end="2026-03-31"))
    assert (page["totals"]["received"], page["persons"]["received"]) == (2, 1)


def test_an_erasure_of_any_of_a_persons_concerns_moves_no_count_of_any_period():
    rows = [concern(n, month, ("cpr", "1")) for n, month in enumerate(MONTHS, 1)]
    before = [persons(list(with_others(rows).values()), period) for period in PERIODS]
    assert before == [1] * len(PERIODS)
    for size in (1, 2, 3):
        for going in combinations(rows, size):
            gone, kept = [], rows
            for one in going:  # one after the other, as they are erased
                found = with_others(kept, {one.number})
                gone.append(counted(counter(found[one.number])))
                kept = [row for row in kept if row is not one]
            facts = [*gone, *with_others(kept).values()]
            assert [persons(facts, period) for period in PERIODS] == before, [one.number for one in going]
            together = with_others(rows, {one.number for one in going})
            left = [row for row in rows if row not in going]
            facts = [counted(counter(together[one.number])) for one in going] + [*with_others(left).values()]
            assert [persons(facts, period) for period in PERIODS] == before, [one.number for one in going]
