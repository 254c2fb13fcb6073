"""The roll-ups of a period: facts to true counts, the funnel, and the conduct of the authority.

Every count here is true and meant for the coordinator; what may leave the house goes through ``disclosure`` first.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, timedelta
from statistics import median
from typing import Any, TypeVar

from ballerup_cli.core.cases.case import NEXT_GATE
from ballerup_cli.core.cases.facts import UNCOUNTED, Facts
from ballerup_cli.core.network.pladen import Member, Pladen
from ballerup_cli.core.periods import months_after
from ballerup_cli.core.vocabulary import Vocabulary
from ballerup_cli.values import value

Row = dict[str, Any]

NO_GATE = "none"
"""What the funnel calls a closing that no gate decided; its row of ``by_gate`` has no code."""


@value
class Period:
    """The days from ``start`` to ``end``, both within."""

    start: str
    end: str

    def has(self, day: str) -> bool:
        """Tell whether the day lies in the period."""
        return self.start <= day <= self.end

    def before(self) -> "Period":
        """Return the period before, as long: as many whole months where this one is whole months, else days."""
        first, last = date.fromisoformat(self.start), date.fromisoformat(self.end)
        after = last + timedelta(days=1)
        whole = first.day == after.day == 1
        start = months_after(first, -len(self.months())) if whole else first - (after - first)
        return Period(start=start.isoformat(), end=(first - timedelta(days=1)).isoformat())

    def years_before(self, number: int) -> "Period":
        """Return the same days of another year, so many before."""
        start, end = (date.fromisoformat(day) for day in (self.start, self.end))
        after = months_after(end + timedelta(days=1), -12 * number)
        return Period(start=months_after(start, -12 * number).isoformat(), end=(after - timedelta(days=1)).isoformat())

    def months(self) -> list[str]:
        """Return the months the period touches, as YYYY-MM."""
        first, last = (int(day[:4]) * 12 + int(day[5:7]) - 1 for day in (self.start, self.end))
        return [f"{month // 12:04d}-{month % 12 + 1:02d}" for month in range(first, last + 1)]


def report(
    rows: Iterable[Facts],
    period: Period,
    vocabulary: Vocabulary,
    pladen: Pladen,
    today: str,
    activities: Mapping[str, int] | None = None,
) -> Row:
    """Count the concerns received in the period; ``activities`` holds the number of activities of a tier."""
    everyone = list(rows)
    cases = [case for case in everyone if period.has(case.received)]
    closed = [case for case in cases if case.closed]
    return {
        "period": {"from": period.start, "to": period.end},
        "controlled": False,
        "totals": _counts(cases),
        **_by_effort(cases, vocabulary, activities or {}),
        **_by_referrer(cases, vocabulary, pladen, period),
        "by_month": _split("month", period.months(), cases, lambda case: case.received[:7]),
        "by_age_band": _split("age_band", vocabulary.codes("age-band"), cases, lambda case: case.age_band),
        "by_sign": _by_several("sign", vocabulary, (case.signs for case in cases)),
        "by_measure": _by_several("measure", vocabulary, (case.measures for case in cases)),
        "by_gate": _closed_by("gate", (*vocabulary.codes("gate"), None), closed, lambda case: case.gate),
        "by_outcome": _closed_by("outcome", _outcomes(vocabulary), closed, lambda case: case.outcome),
        "funnel": _funnel(cases, vocabulary),
        "flow": _flow(everyone, period),
        "persons": {"received": sum(not any(map(period.has, case.others)) for case in cases)},
        "conduct": _conduct(cases, today),
    }


def tier_codes(vocabulary: Vocabulary) -> tuple[str, ...]:
    """Return the levels of effort, and last what a case without one counts as."""
    return (*vocabulary.codes("tier"), *vocabulary.codes("no-tier"))


# --- Counts of concerns -----------------------------------------------------------------------------------------------


def _counts(cases: Sequence[Facts]) -> Row:
    """Return how many were received, are open and are closed."""
    closed = sum(case.closed for case in cases)
    return {"received": len(cases), "open": len(cases) - closed, "closed": closed}


def _split(
    name: str, codes: Iterable[str | None], cases: Sequence[Facts], code: Callable[[Facts], str | None]
) -> list[Row]:
    """Return one row a code, in the order of the codes, those without a case too."""
    groups: dict[str | None, list[Facts]] = {}
    for case in cases:
        groups.setdefault(code(case), []).append(case)
    return [{name: wanted, **_counts(groups.get(wanted, []))} for wanted in codes]


def _by_effort(cases: Sequence[Facts], vocabulary: Vocabulary, activities: Mapping[str, int]) -> Row:
    codes = tier_codes(vocabulary)
    rows = _split("tier", codes, cases, lambda case: case.tier or codes[-1])
    return {"by_tier": [{**row, "activities": activities.get(row["tier"], 0)} for row in rows]}


def _by_referrer(cases: Sequence[Facts], vocabulary: Vocabulary, pladen: Pladen, period: Period) -> Row:
    """Return members, rings and sectors; whoever refers from outside the network counts in the last row, with no code.

    Which rows there are must not depend on counts: the mere row of a member long retired would tell of a referral. So
    every member is listed that there was at any time since the period began, and every sector one of them is in. Who
    had left before is outside the network.
    """
    listed = pladen.current(period.start)
    known = {member.code: member for member in listed}
    sectors = [sector for sector in vocabulary.codes("sector") if sector in {member.sector for member in listed}]

    def of_member(name: str) -> Callable[[Facts], str | None]:
        return lambda case: getattr(known[case.member], name) if case.member in known else None

    return {
        "by_member": _by_member(cases, tier_codes(vocabulary), listed, of_member("code")),
        "by_ring": _split("ring", (*vocabulary.codes("ring"), None), cases, of_member("ring")),
        "by_sector": _split("sector", (*sectors, None), cases, of_member("sector")),
    }


def _by_member(
    cases: Sequence[Facts], tiers: tuple[str, ...], listed: Sequence[Member], code: Callable[[Facts], str | None]
) -> list[Row]:
    rows = _split("member", (*(member.code for member in listed), None), cases, code)
    levels = Counter((code(case), case.tier or tiers[-1]) for case in cases)
    about = {member.code: {"name": member.name, "ring": member.ring} for member in listed}
    return [
        {
            "member": row["member"],
            **about.get(row["member"], {"name": None, "ring": None}),
            **{name: count for name, count in row.items() if name != "member"},
            "tiers": {tier: levels[row["member"], tier] for tier in tiers},
        }
        for row in rows
    ]


def _by_several(name: str, vocabulary: Vocabulary, items: Iterable[Iterable[str]]) -> list[Row]:
    """Return in how many concerns each code was told; one concern may have several, or none."""
    tally = _tally(vocabulary.codes(name), (code for codes in items for code in codes))
    return [{name: code, "received": count} for code, count in tally.items()]


# --- Counts of closings -----------------------------------------------------------------------------------------------


def _outcomes(vocabulary: Vocabulary) -> list[str]:
    return [code for code in vocabulary.codes("outcome") if code != UNCOUNTED]


def _closed_by(
    name: str, codes: Iterable[str | None], cases: Sequence[Facts], code: Callable[[Facts], str | None]
) -> list[Row]:
    return [{name: wanted, "closed": count} for wanted, count in _tally(codes, map(code, cases)).items()]


def _funnel(cases: Sequence[Facts], vocabulary: Vocabulary) -> Row:
    """Return how many ever came into each state of the case flow, and at which gate the closed ones closed."""
    reached = _tally(NEXT_GATE, (state for case in cases for state in case.reached))
    gates = (*vocabulary.codes("gate"), NO_GATE)
    return {**reached, "closed": _tally(gates, (case.gate or NO_GATE for case in cases if case.closed))}


def _flow(cases: Sequence[Facts], period: Period) -> Row:
    """Return what was open when the period began, what came and went in it, whenever received, and what was left."""
    known = [case for case in cases if case.received < period.start]
    before = sum(1 - _before(case.closings, period) + _before(case.reopenings, period) for case in known)
    received = sum(period.has(case.received) for case in cases)
    closed, again = (
        sum(period.has(day) for case in cases for day in getattr(case, name)) for name in ("closings", "reopenings")
    )
    left = before + received + again - closed
    return {"open_at_start": before, "received": received, "closed": closed, "reopened": again, "open_at_end": left}


def _before(days: Iterable[str], period: Period) -> int:
    return sum(day < period.start for day in days)


Code = TypeVar("Code", str, str | None)


def _tally(codes: Iterable[Code], items: Iterable[Code]) -> dict[Code, int]:
    """Count what is told under each code, 0 where nothing is."""
    counter = Counter(items)
    return {code: counter[code] for code in codes}


# --- Conduct ----------------------------------------------------------------------------------------------------------


def _conduct(cases: Sequence[Facts], today: str) -> Row:
    """Return how the authority kept its own deadlines; never anything about a person."""
    missed = sum(case.next_follow_up is not None and case.next_follow_up < today for case in cases)
    late = sum(day < today for case in cases for day in case.starts_waiting)
    said = [case.least_intrusive for case in cases if case.least_intrusive is not None]
    return {
        "police_answer": _days([case.police_answer_days for case in cases]),
        "decision": _days([case.decision_days for case in cases]),
        "follow_ups": {
            "due": sum(case.follow_ups for case in cases) + missed,
            "on_time": sum(case.follow_ups_on_time for case in cases),
        },
        "measures": {
            "due": sum(case.measures_followed for case in cases) + late,
            "on_time": sum(case.measures_on_time for case in cases),
        },
        "feedback": {
            "due": sum(case.feedback_wanted for case in cases),
            "given": sum(case.feedback_given for case in cases),
        },
        "least_intrusive": {"plans": len(said), "chosen": sum(said)},
    }


def _days(days: Iterable[int | None]) -> Row:
    known = [count for count in days if count is not None]
    return {"cases": len(known), "median_days": median(known) if known else None}
