"""Disclosure control under attack: no hidden count may be computed back from anything the same report prints."""

from collections import defaultdict
from collections.abc import Callable, Iterator
from functools import cache, partial
from itertools import combinations, combinations_with_replacement, product
from typing import Any

import pinned_pages
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from invented import VOCABULARY
from worlds import NETWORK, NOBODY, QUARTER, SECTORS, STATES, TIERS, count, fact, leaves, towns

from ballerup_cli.core.cases.case import NEXT_GATE
from ballerup_cli.core.cases.facts import UNCOUNTED, Facts
from ballerup_cli.core.network.pladen import Pladen
from ballerup_cli.core.reports.disclosure.control import control
from ballerup_cli.core.reports.report import Period

Place = tuple[str | int, ...]
Control = Callable[[dict[str, Any], int], dict[str, Any]]

# What belongs together in a case: one group can change, or be exchanged with another case, without the others.
GROUPS: tuple[tuple[str, ...], ...] = (
    ("tier", "reached"),
    ("outcome", "feedback_wanted", "feedback_given"),
    ("member",),
    ("received",),
    ("age_band",),
    ("signs",),
    ("follow_ups", "follow_ups_on_time"),
    ("measures_followed", "measures_on_time"),
    ("measures",),
    ("least_intrusive",),
    ("decision_days",),
    ("police_answer_days",),
)
ONLY_CLOSED = {"feedback_wanted": False, "feedback_given": False}
ONLY_PLANNED = {name: 0 for group in GROUPS[6:8] for name in group} | {"least_intrusive": None, "measures": ()}
MEASURES = VOCABULARY.codes("measure")


def shaped(case: Facts, changes: dict[str, Any]) -> Facts:
    """the case with changes, and what follows from them as it must then be"""
    new = case._replace(**changes)
    gate = NEXT_GATE[new.reached[-1]] if new.outcome else None
    answered = (
        3 if len(new.reached) > 1 else new.police_answer_days
    )  # one closed at once, or since reopened, may have it
    decided = 8 if len(new.reached) > 2 or new.outcome else new.decision_days  # one since reopened may have it
    nothing = ({} if len(new.reached) == 5 else ONLY_PLANNED) | ({} if new.outcome else ONLY_CLOSED)
    nothing |= {"measures": new.measures or MEASURES[:1]} if len(new.reached) == 5 else {}
    return new._replace(gate=gate, police_answer_days=answered, decision_days=decided, **nothing)


def options(network: Pladen, period: Period) -> list[list[dict[str, Any]]]:
    """other values for each group"""
    stages = [(case.tier, case.reached) for case in (fact(d, tier=tier) for d in range(1, 6) for tier in TIERS)]
    wanted = product(["no-basis", "completed"], [True], [False, True])
    ends = [(None, False, False), ("moved", False, False), *wanted]
    parts = [(0, 0), (1, 0), (1, 1), (2, 0), (2, 1), (2, 2)]
    columns: list[list[tuple[Any, ...]]] = [
        stages,
        ends,
        [(member,) for member in (None, *network.members)],
        [(f"{month}-10",) for month in period.months()],
        [(band,) for band in VOCABULARY.codes("age-band")],
        [((),), *(((sign,),) for sign in VOCABULARY.codes("sign"))],
        parts,
        parts,
        [*(((code,),) for code in MEASURES), (MEASURES,)],
        [(None,), (False,), (True,)],
        [(None,), (8,)],
        [(None,), (3,)],
    ]
    return [
        [dict(zip(names, values, strict=True)) for values in column]
        for names, column in zip(GROUPS, columns, strict=True)
    ]


LIVELY = [dict(zip(GROUPS[group], (1, 1), strict=True)) for group in (6, 7)] + [{"least_intrusive": True}]
LIVELY += [{"measures": (code,)} for code in VOCABULARY.codes("measure")]

UNDECIDED = {"decision_days": None}
OUTCOMES = [code for code in VOCABULARY.codes("outcome") if code != UNCOUNTED]


def neighbours(cases: list[Facts], network: Pladen, period: Period) -> Iterator[tuple[list[Facts], list[Facts]]]:
    """other towns close by, as what leaves and what comes: one case more, one changed, two that exchange something"""
    stages, ends, *others = options(network, period)
    changes = [change for group in others for change in group] + [{"outcome": outcome} for outcome in OUTCOMES]
    changes += [dict(zip(GROUPS[1][1:], told, strict=True)) for told in ((False, False), (True, False), (True, True))]
    changes += [stage | member for stage, member in product(stages, others[0])]
    steps = [one | two | three | four for one, two, three, four in product(stages, ends, *others[-2:])]
    lively = [step | change for step in steps if len(step["reached"]) == 5 for change in LIVELY]
    changes += [*steps, *lively]
    yield from (([], [kind]) for base in (fact(5), fact(5, closed=True)) for kind in {shaped(base, c) for c in changes})
    for case in set(cases):
        yield from (([case], [other]) for other in {shaped(case, change) for change in changes})
    for one, other in combinations(sorted(set(cases), key=repr), 2):
        for taken in product([False, True], repeat=6):
            names = [name for group, take in zip(GROUPS, taken, strict=False) if take for name in group]
            mine, theirs = ({name: getattr(case, name) for name in names} for case in (one, other))
            yield [one, other], [shaped(one, theirs), shaped(other, mine)]
            yield [one, other], [shaped(one, theirs | UNDECIDED), shaped(other, mine | UNDECIDED)]


def counts(report: dict[str, Any]) -> dict[Place, Any]:
    return {place: leaf for place, leaf in leaves(report).items() if place[-1] != "median_days"}


@cache
def counted(case: Facts, period: Period, with_network: bool) -> dict[Place, int]:
    """what one case adds to a report"""
    found = counts(count([case], period, NETWORK if with_network else NOBODY))
    return {place: leaf for place, leaf in found.items() if leaf}


def computed_back(
    cases: list[Facts], period: Period, network: Pladen, smallest: int, controlled: Control
) -> set[Place]:
    """the hidden counts for which no town close by prints the same report with another count there"""
    printed = counts(controlled(count(cases, period, network), smallest))
    hidden = {place for place, leaf in printed.items() if leaf is None}
    for leaving, coming in neighbours(cases, network, period) if hidden else ():
        change: dict[Place, int] = defaultdict(int)
        for sign, moved in ((-1, leaving), (1, coming)):
            for case in moved:
                for place, leaf in counted(case, period, network is NETWORK).items():
                    change[place] += sign * leaf
        changed = {place for place, by in change.items() if by}
        if changed and all(printed[place] is None for place in changed):
            hidden -= changed
        if not hidden:
            break
    return hidden


def small_ones_only(report: dict[str, Any], smallest: int) -> dict[str, Any]:
    """the naive control: hide what is small and nothing else"""

    def hide(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: hide(inner) for key, inner in value.items()}
        if isinstance(value, list):
            return [hide(inner) for inner in value]
        return None if isinstance(value, int) and 0 < value < smallest else value

    return {key: hide(value) if key != "period" else value for key, value in report.items()}


# --- The attack -------------------------------------------------------------------------------------------------------


def test_the_attack_finds_what_a_naive_control_gives_away():
    cases = [*[fact(1, member="klub-nord")] * 6, *[fact(1, closed=True, member="klub-syd")] * 2]
    leaked = computed_back(cases, QUARTER, NETWORK, 5, small_ones_only)
    assert ("totals", "closed") in leaked
    assert ("by_member", 1, "received") in leaked


@settings(deadline=None, max_examples=50)
@given(towns(), st.integers(3, 6), st.sampled_from([None, SECTORS]))
def test_no_hidden_count_can_be_computed_back(
    town: tuple[list[Facts], Period, Pladen], smallest: int, sectors: dict[str, str] | None
):
    assert computed_back(*town, smallest, partial(control, sectors=sectors)) == set()


@pytest.mark.parametrize("members", [("klub-nord", None), ("klub-nord", "tovholder")])
def test_not_even_by_knowing_every_rule_of_the_control(members: tuple[str | None, str | None]):
    """Of all towns of up to 5 such cases, those that print the same differ in every count they hide."""
    kinds = [fact(depth, closed=closed, member=m) for depth in (1, 4) for closed in (False, True) for m in members]
    towns_by_page: dict[str, list[dict[Place, Any]]] = defaultdict(list)
    hidden: dict[str, set[Place]] = {}
    for size in range(6):
        for cases in combinations_with_replacement(kinds, size):
            found = count(list(cases))
            page = counts(control(found, 3))
            hidden[repr(page)] = {place for place, leaf in page.items() if leaf is None}
            towns_by_page[repr(page)].append(counts(found))
    can_vary = {place for kind in kinds for place in counted(kind, QUARTER, True) if place[0] != "conduct"}
    assert len(towns_by_page) > 50
    for page_key, towns_that_print_it in towns_by_page.items():
        for place in hidden[page_key] & can_vary:
            assert len({town[place] for town in towns_that_print_it}) > 1, place


# --- What is hidden and what stays ------------------------------------------------------------------------------------


@given(towns(), st.integers(3, 6))
def test_no_small_count_is_printed_and_no_printed_one_is_changed(
    town: tuple[list[Facts], Period, Pladen], smallest: int
):
    found = count(*town)
    page = control(found, smallest)
    assert page["controlled"] is True and found["controlled"] is False
    true, printed = leaves(found), leaves(page)
    assert true.keys() == printed.keys()
    for place, leaf in printed.items():
        if place[-1] in ("activities", "median_days"):
            continue
        assert leaf is None or leaf == true[place]
        assert leaf is None or not 0 < leaf < smallest
    for figures in page["conduct"].values():
        assert figures.get("cases") or figures.get("median_days") is None


@given(towns())
def test_one_number_has_one_face_wherever_it_stands(town: tuple[list[Facts], Period, Pladen]):
    page = control(count(*town), 5)
    assert page["funnel"]["received"] == page["totals"]["received"]
    assert page["funnel"]["closed"] == {row["gate"]: row["closed"] for row in page["by_gate"]}


def test_an_empty_or_large_town_is_printed_whole():
    large = [fact(5, closed=closed, member=m) for closed in (False, True) for m in (None, *NETWORK.members)] * 10
    for cases in ([], large):
        found = count(cases)
        assert control(found, 5) == {**found, "controlled": True}


def test_a_small_total_hides_every_count():
    page = control(count([fact(1)] * 4, activities={"forebyggende": 2}), 5)
    printed = {place for place, leaf in leaves(page).items() if leaf is not None}
    empty_rings = {("by_ring", ring, name) for ring in (1, 3) for name in ("received", "open", "closed")}
    assert printed == empty_rings | {("by_tier", n, "activities") for n in range(4)}
    assert page["by_tier"][0]["activities"] == 2


def test_a_small_level_hides_the_levels_and_leaves_the_totals():
    page = control(count([*[fact(4)] * 20, *[fact(1)] * 2, *[fact(4, closed=True)] * 20]), 5)
    assert page["totals"] == {"received": 42, "open": 22, "closed": 20}
    assert [row["received"] for row in page["by_tier"]] == [None] * 4
    assert page["funnel"]["assessed"] is None


def test_a_small_state_of_the_funnel_hides_the_funnel_and_the_levels():
    page = control(count([*[fact(4)] * 20, *[fact(5)] * 2]), 5)
    assert [page["funnel"][state] for state in STATES] == [22, None, None, None, None]
    assert [row["received"] for row in page["by_tier"]] == [None] * 4


def test_a_small_gate_hides_the_gates_and_keeps_the_levels():
    page = control(count([*[fact(4)] * 20, *[fact(1)] * 8, *[fact(4, closed=True)] * 20, fact(1, closed=True)]), 5)
    assert [row["received"] for row in page["by_tier"]] == [0, 40, 0, 9]
    assert [row["open"] for row in page["by_tier"]] == [0, None, 0, None]
    assert [row["closed"] for row in page["by_gate"]] == [None, 0, 0, None]


def test_a_level_by_member_is_printed_where_its_margins_tell_it_and_hidden_where_they_do_not():
    cases = [*[fact(4, member="klub-nord")] * 18, *[fact(4, member="klub-syd")] * 9]
    assert control(count(cases), 5)["by_member"][0]["tiers"]["foregribende"] == 18
    page = control(count([*cases, *[fact(1, member="klub-nord")] * 10, fact(1, member="klub-syd")]), 5)
    assert [row["received"] for row in page["by_member"]] == [28, 10, 0, 0]
    assert page["by_member"][1]["tiers"] == {
        "forebyggende": 0,
        "foregribende": None,
        "indgribende": 0,
        "unassessed": None,
    }


def test_where_nothing_is_open_the_funnel_would_tell_the_gates():
    depths = {1: 8, 2: 9, 3: 3, 4: 10}
    cases = [fact(depth, closed=True) for depth, times in depths.items() for _ in range(times)]
    page = control(count(cases), 5)
    assert computed_back(cases, QUARTER, NETWORK, 5, control) == set()
    assert [row["closed"] for row in page["by_gate"]] == [None] * 4
    assert page["funnel"]["accepted"] is None and page["funnel"]["received"] == 30


def test_levels_by_member_would_tell_how_many_of_a_member_are_closed():
    """klub-nord has the assessed cases and nothing else, so what is closed of the level is closed of klub-nord"""
    halves = [fact(4, member="klub-nord"), fact(4, member="klub-nord", closed=True)] * 10
    halves += [fact(1, member="klub-syd"), fact(1, member="klub-syd", closed=True)] * 8
    cases = [*halves, *[fact(1, member="tovholder")] * 7, fact(1, member="tovholder", closed=True)]
    page = control(count(cases), 5)
    assert computed_back(cases, QUARTER, NETWORK, 5, control) == set()
    assert page["by_tier"][1]["closed"] == 10
    assert page["by_member"][0]["received"] == 20 and page["by_member"][0]["closed"] is None
    assert page["by_member"][0]["tiers"]["foregribende"] is None


def test_the_sole_row_of_a_table_follows_the_totals():
    page = control(count([*[fact(1)] * 9, *[fact(1, closed=True)] * 2], network=NOBODY), 5)
    assert page["by_member"][0]["received"] == page["by_ring"][-1]["received"] == 11
    assert page["by_member"][0]["open"] is None and page["totals"]["open"] is None


def test_conduct_hides_what_is_small_and_what_leaves_little_over():
    late = [fact(5, follow_ups=1, follow_ups_on_time=0)] * 2
    cases = [*[fact(5, follow_ups=1, follow_ups_on_time=1)] * 10, *late, *[fact(5, closed=True)] * 6]
    wants = [fact(5, closed=True, feedback_wanted=True, feedback_given=True)] * 2
    page = control(count(cases + wants), 5)["conduct"]
    assert page["follow_ups"] == {"due": 12, "on_time": None}
    assert page["feedback"] == {"due": None, "given": None}
    assert page["police_answer"] == {"cases": 20, "median_days": 3}


@pytest.mark.parametrize("smallest", [0, 1, 2])
def test_a_limit_below_3_is_refused(smallest: int):
    with pytest.raises(ValueError, match=str(smallest)):
        control(count([]), smallest)


def test_what_was_hidden_once_stays_hidden_alike():
    pinned = pinned_pages.FILE.read_text().split()
    changed = [number for number, told in enumerate(pinned_pages.digests()) if told != pinned[number]]
    assert changed == [], "towns whose pages change; see tests/pinned_pages.py"


def test_where_all_came_equally_far_all_that_closed_closed_there():
    level, other = TIERS[:2]
    some = [fact(5, tier=level)] * 6 + [fact(5, tier=level, closed=True)] * 6 + [fact(5, tier=other, closed=True)] * 6
    page = control(count([*some, *[fact(5, tier=other)] * 2]), 5)
    assert [row["closed"] for row in page["by_gate"]] == [0, 0, 0, 12]
    assert {row["closed"] for row in page["by_tier"] if row["received"]} == {None}


def test_the_report_given_is_left_as_it_was():
    found = count([fact(1)] * 2)
    before = repr(found)
    control(found, 5)
    assert repr(found) == before
    assert STATES[0] in found["funnel"]
