"""Invented facts for the tests of report and disclosure: small towns in which anything may have happened."""

from typing import Any

from hypothesis import strategies as st
from invented import VOCABULARY

from ballerup_cli.core.cases.case import NEXT_GATE
from ballerup_cli.core.cases.facts import Facts
from ballerup_cli.core.network.pladen import Member, Pladen
from ballerup_cli.core.reports.report import Period, report

STATES = tuple(NEXT_GATE)
TIERS = VOCABULARY.codes("tier")
QUARTER = Period(start="2026-01-01", end="2026-03-31")
MONTH = Period(start="2026-01-01", end="2026-01-31")

NETWORK = Pladen(
    members={
        code: Member(code=code, name=code.title(), ring=ring, sector=sector)
        for code, ring, sector in (
            ("klub-nord", "plade-2", "club"),
            ("klub-syd", "plade-2", "club"),
            ("tovholder", "centrum", "employment"),
        )
    }
)
NOBODY = Pladen()
SECTORS = {code: member.sector for code, member in NETWORK.members.items()}


def fact(depth: int = 1, *, closed: bool = False, tier: str = "foregribende", **changed: Any) -> Facts:
    """One case that came into the first ``depth`` states."""
    plain = Facts(
        received="2026-01-10",
        member=None,
        tier=tier if depth >= 4 else None,
        age_band="under-18",
        signs=(),
        measures=("mentor",) if depth == 5 else (),
        reached=STATES[:depth],
        gate=NEXT_GATE[STATES[depth - 1]] if closed else None,
        outcome="no-basis" if closed else None,
        police_answer_days=3 if depth > 1 else None,
        decision_days=8 if depth > 2 or closed else None,
        follow_ups=0,
        follow_ups_on_time=0,
        next_follow_up=None,
        measures_followed=0,
        measures_on_time=0,
        feedback_wanted=False,
        feedback_given=False,
        least_intrusive=depth == 5 or None,
    )
    return plain._replace(**changed)


@st.composite
def facts(draw: st.DrawFn, members: tuple[str | None, ...]) -> Facts:
    depth, closed = draw(st.integers(1, 5)), draw(st.booleans())
    planned = depth == 5
    follow_ups = draw(st.integers(0, 2)) if planned else 0
    measures = draw(st.integers(0, 2)) if planned else 0
    wanted = closed and draw(st.booleans())
    return fact(
        depth,
        closed=closed,
        tier=draw(st.sampled_from(TIERS[1:])),
        received=draw(st.sampled_from(["2026-01-10", "2026-02-10"])),
        member=draw(st.sampled_from(members)),
        age_band=draw(st.sampled_from(["under-18", "18-plus"])),
        signs=draw(st.sampled_from([(), ("truer",), ("rejse", "truer")])),
        measures=draw(st.sampled_from([("mentor",), ("botilbud",), ("botilbud", "mentor")])) if planned else (),
        outcome=draw(st.sampled_from(["no-basis", "completed"])) if closed else None,
        follow_ups=follow_ups,
        follow_ups_on_time=draw(st.integers(0, follow_ups)),
        measures_followed=measures,
        measures_on_time=draw(st.integers(0, measures)),
        feedback_wanted=wanted,
        feedback_given=wanted and draw(st.booleans()),
        least_intrusive=draw(st.sampled_from([None, True, False])) if planned else None,
        police_answer_days=3 if depth > 1 or (closed and draw(st.booleans())) else None,
    )


@st.composite
def towns(draw: st.DrawFn) -> tuple[list[Facts], Period, Pladen]:
    """Cases, period and network; few kinds of cases and many of each, so that large and small counts meet."""
    period = draw(st.sampled_from([QUARTER, MONTH]))
    network = draw(st.sampled_from([NETWORK, NETWORK, NOBODY]))
    kinds = draw(st.lists(facts((None, *network.members)), min_size=1, max_size=5))
    cases = [kind for kind in kinds for _ in range(draw(st.sampled_from([1, 2, 3, 4, 5, 6, 9])))]
    return [case for case in cases if period.has(case.received)], period, network


def count(cases: list[Facts], period: Period = QUARTER, network: Pladen = NETWORK, **known: Any) -> dict[str, Any]:
    return report(cases, period, VOCABULARY, network, "2026-06-30", **known)


def leaves(value: Any, path: tuple[str | int, ...] = ()) -> dict[tuple[str | int, ...], Any]:
    """Every count of a report by its place; names, codes and days are not counts."""
    if isinstance(value, dict):
        return {place: leaf for key, inner in value.items() for place, leaf in leaves(inner, (*path, key)).items()}
    if isinstance(value, list):
        return {place: leaf for n, inner in enumerate(value) for place, leaf in leaves(inner, (*path, n)).items()}
    words = {
        "from",
        "to",
        "controlled",
        "member",
        "name",
        "ring",
        "sector",
        "tier",
        "month",
        "age_band",
        "sign",
        "gate",
        "outcome",
        "measure",
        "by",
        "count",
    }
    return {} if path[-1] in words else {path: value}
