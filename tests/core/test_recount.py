"""Every number of a report, and of any two dimensions crossed, counted a second time straight from the journals."""

from itertools import permutations
from typing import Any

import invented
import plain_counts as plain
from hypothesis import given, settings
from hypothesis import strategies as st
from invented import VOCABULARY, assess, case, close, create, follow_up, joint, measure, plan, police
from plain_counts import Written
from worlds import STATES

from ballerup_cli.core.cases.facts import Facts, facts
from ballerup_cli.core.reports.crossing import DIMENSIONS, cross
from ballerup_cli.core.reports.report import Period, report

YEAR = Period(start="2026-01-01", end="2026-12-31")
PLADEN = invented.pladen()
MEMBERS = {code: member.to_dict() for code, member in PLADEN.members.items()}
SIGNS = st.lists(st.sampled_from(VOCABULARY.codes("sign")), max_size=3)


@st.composite
def journals(draw: st.DrawFn) -> list[Written]:
    """A case that goes some steps of its way, perhaps closes where it is, and perhaps is taken up again."""
    observations = [{"sign": sign, "text": "Set i klubben"} for sign in draw(SIGNS)] + [{"text": "Går tidligt"}]
    member = draw(st.sampled_from([None, "klub-nord", "headspace", "hedegaardsskolen", "nobody-any-more"]))
    intake = create(
        received=f"2026-{draw(st.integers(1, 12)):02d}-10T10:00:00+01:00",
        referrer={"member": member} if member else {"function": "nabo"},
        subject={"kind": "person", **draw(st.sampled_from([{}, {"age_band": "18-plus"}, {"age_band": "under-18"}]))},
        observations=observations,
    )
    level, other = (draw(st.sampled_from(VOCABULARY.codes("tier"))) for _ in range(2))
    measures = [
        measure(name) for name in draw(st.lists(st.sampled_from(["mentor", "botilbud", "aflastning"]), min_size=1))
    ]
    way: list[Written] = [
        ("create", intake),
        ("triage", police(draw(st.sampled_from(["clear", "clear", "blocked"])))),
        ("triage", joint(draw(st.sampled_from(["accept", "accept", "no-basis", "elsewhere"])))),
        ("assess", assess(grounds=draw(st.sampled_from([True, True, False])), tier=level)),
        ("plan", plan(*measures)),
        ("follow-up", follow_up(**draw(st.sampled_from([{}, {"tier": other}])))),
    ]
    told = way[: draw(st.integers(1, len(way)))]
    stops = [
        n for n, (step, body) in enumerate(told) if body.get("outcome") in plain.SHUT or body.get("grounds") is False
    ]
    if stops:
        told = told[: stops[0] + 1]
    elif draw(st.booleans()):
        told.append(("close", close(draw(st.sampled_from(["completed", "moved", "other"])))))
        stops = [len(told)]
    return [*told, ("reopen", invented.REOPEN)] if stops and draw(st.booleans()) else told


def both(written: list[list[Written]]) -> tuple[dict[str, Any], list[Facts], list[plain.Seen]]:
    """The report with the facts it counts, and what the plain way sees."""
    told = [facts(case(*journal)) for journal in written]
    counted = [found for found in told if found is not None]
    return report(counted, YEAR, VOCABULARY, PLADEN, "2026-12-31"), counted, [plain.seen(j, MEMBERS) for j in written]


@settings(deadline=None)
@given(st.lists(journals(), max_size=12))
def test_every_number_of_every_table_is_what_a_plain_count_finds(written: list[list[Written]]):
    found, _, cases = both(written)
    assert found["totals"] == plain.open_or_closed(cases)
    for name in DIMENSIONS:
        for row in found[f"by_{name}"]:
            told = plain.open_or_closed(plain.having(cases, name, row[name]))
            assert {count: row[count] for count in told if count in row} == {c: n for c, n in told.items() if c in row}
    for row in found["by_member"]:
        own = plain.having(cases, "member", row["member"])
        assert row["tiers"] == {tier: len(plain.having(own, "tier", tier)) for tier in row["tiers"]}
    assert [found["funnel"][state] for state in STATES] == [sum(s in c["reached"] for c in cases) for s in STATES]
    assert found["funnel"]["closed"] == {
        gate: len(plain.having(cases, "gate", None if gate == "none" else gate)) for gate in found["funnel"]["closed"]
    }
    turns = [turn for one in cases for turn in one["turns"]]
    left = len([one for one in cases if not one["outcome"]])
    came = {"open_at_start": 0, "received": len(cases), "open_at_end": left}
    assert found["flow"] == came | {name: turns.count(name) for name in ("closed", "reopened")}


@settings(deadline=None, max_examples=25)
@given(st.lists(journals(), max_size=12))
def test_any_two_dimensions_crossed_are_what_a_plain_count_finds(written: list[list[Written]]):
    found, counted, cases = both(written)
    for by in permutations(DIMENSIONS, 2):
        crossed = cross(found, counted, PLADEN, by)
        assert crossed["by"] == list(by)
        for row in crossed["rows"]:
            inside = plain.having(plain.having(cases, by[0], row[by[0]]), by[1], row[by[1]])
            assert row[crossed["count"]] == plain.open_or_closed(inside)[crossed["count"]], (by, row)


@settings(deadline=None)
@given(st.lists(journals(), max_size=12))
def test_crossed_tables_add_up_to_their_margins(written: list[list[Written]]):
    found, counted, _ = both(written)
    for one, other in permutations(("tier", "member", "ring", "sector", "month", "age_band"), 2):
        crossed = cross(found, counted, PLADEN, (one, other))["rows"]
        for row in found[f"by_{one}"]:
            assert sum(cell["received"] for cell in crossed if cell[one] == row[one]) == row["received"]
