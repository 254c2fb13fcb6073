"""What a report counts about one case: codes, days and plain counts, with no name, text or number of a person.

The counts themselves belong to ``report``. Facts need no today, so they can be kept beside the case they come from.
"""

from collections.abc import Iterator, Sequence
from datetime import date
from itertools import accumulate, zip_longest
from typing import Any, NamedTuple

from ballerup_cli.core.cases.case import Case, Item
from ballerup_cli.core.cases.clocks import closed_for_referrer, feedback_settled, follow_up_date, is_to_start, reviews
from ballerup_cli.core.entry import Body

UNCOUNTED = "entered-in-error"
"""The one outcome that takes a case out of every count."""


class Facts(NamedTuple):
    """One case as reports see it; as JSON, in the order of its fields, it is kept in the index."""

    received: str
    member: str | None
    tier: str | None
    age_band: str
    signs: Sequence[str]
    measures: Sequence[str]
    """What was ever planned, each code once."""
    reached: Sequence[str]
    """The open states the case has ever been in."""
    gate: str | None
    outcome: str | None
    """Gate and outcome of the closing in force; both None while the case is open, the gate where nobody decided one."""
    police_answer_days: int | None
    decision_days: int | None
    """Days until it was decided whether the case is taken on: the joint gate, or a closing before it."""
    follow_ups: int
    follow_ups_on_time: int
    next_follow_up: str | None
    """The date that is set and not yet held, which counts as late once it is past."""
    measures_followed: int
    measures_on_time: int
    feedback_wanted: bool
    feedback_given: bool
    least_intrusive: bool | None
    """What the latest plan says of itself; None when it says nothing."""
    starts_waiting: Sequence[str] = ()
    """The first days of measures that nobody has followed up since; the one of a closed case counts as late."""
    state: str = ""
    closed_before: str | None = None
    """The gate that came next when the case closed and nobody had decided."""
    closings: Sequence[str] = ()
    reopenings: Sequence[str] = ()
    """The days of every closing and reopening, none before what came before it."""
    others: Sequence[str] = ()
    """The days of concerns about the same person that count for it where they lie in the period too."""

    @property
    def closed(self) -> bool:
        """Whether a closing is in force; not every one has a gate."""
        return self.outcome is not None


def facts(case: Case) -> Facts | None:
    """Return what is counted about the case, None when it is outside all counts."""
    closing = case.closing or {}
    if closing.get("outcome") == UNCOUNTED:
        return None
    kept = list(_follow_ups_on_time(case))
    started = [on_time for measure in case.measures for on_time in _started_on_time(measure)]
    waiting = [measure["starts"] for measure in case.measures if _is_unseen(measure)]
    started += [False for day in waiting if closing and day <= closing["closed"]]
    before = _heard_before(case)
    wanted = any(closed_for_referrer(case)) or before
    plan = case.latest("plan")
    days = list(accumulate(_turns(case), max, initial=case.received_day))[1:]
    return Facts(
        received=case.received_day,
        member=case.intake["referrer"].get("member"),
        tier=case.tier,
        age_band=case.age_band,
        signs=tuple(sorted({item["sign"] for item in case.observations if "sign" in item})),
        measures=tuple(sorted({item["measure"] for item in case.measures})),
        reached=case.reached,
        gate=closing.get("gate"),
        outcome=closing.get("outcome"),
        police_answer_days=_days_to_police_answer(case),
        decision_days=_days_to_decision(case),
        follow_ups=len(kept),
        follow_ups_on_time=sum(kept),
        next_follow_up=None if closing else next(iter(follow_up_date(case)), None),
        measures_followed=len(started),
        measures_on_time=sum(started),
        feedback_wanted=wanted,
        feedback_given=before or (wanted and feedback_settled(case, "")),
        least_intrusive=plan.body.get("least_intrusive") if plan else None,
        closings=tuple(days[::2]),
        reopenings=tuple(days[1::2]),
        starts_waiting=() if closing else tuple(waiting),
        state=case.state,
        closed_before=closing.get("closed_before"),
    )


_DAYS = ("closings", "reopenings", "others")


def counter(found: Facts) -> Body:
    """Return what stays of an erased case, so that reports count as before: codes, counts and its month, no day."""
    body: dict[str, Any] = {**found._asdict(), "received": found.received[:7]}
    body |= {name: tuple(day[:7] for day in body[name]) for name in _DAYS}
    known = {name: value for name, value in body.items() if value is not None and name != "starts_waiting"}
    return {name: list(value) if isinstance(value, tuple) else value for name, value in known.items()}


def counted(body: Body) -> Facts:
    """Return the facts of an erased case; the first of its month stands for its day."""
    row: dict[str, Any] = dict.fromkeys(Facts._fields) | dict(body)
    row |= {name: tuple(row[name] or ()) for name in ("signs", "measures", "reached", "starts_waiting")}
    row |= {name: tuple(f"{month}-01" for month in row[name] or ()) for name in _DAYS}
    return Facts(**{**row, "received": f"{body['received']}-01"})


def _heard_before(case: Case) -> bool:
    """Tell whether a referrer who wanted it heard how the case had closed before it was taken up again."""
    earlier = case.closings[:-1] if case.closing else case.closings
    contacts = [entry for entry in case.written("contact") if entry.body["about"] == "feedback"]
    heard = any(
        closing.get("feedback", {}).get("status", "pending") != "pending"
        or any(entry.number > closing["entry"] or entry.body["at"] >= closing["closed"] for entry in contacts)
        for closing in earlier
    )
    return heard and bool(case.intake["referrer"].get("wants_feedback"))


def _turns(case: Case) -> Iterator[str]:
    """Give the days of closings and reopenings, by turns."""
    again = [entry.at[:10] for entry in case.written("reopen")]
    for closing, reopened in zip_longest(case.closings, again):
        yield closing["closed"]
        if reopened:
            yield reopened


def _days_to_police_answer(case: Case) -> int | None:
    days = [entry.body["decided"] for entry in case.written("triage") if entry.body["gate"] == "police"]
    return _days_to(case, days)


def _days_to_decision(case: Case) -> int | None:
    days = [entry.body["decided"] for entry in case.written("triage") if entry.body["gate"] == "joint"]
    return _days_to(case, sorted([*days[:1], *(closing["closed"] for closing in case.closings[:1])]))


def _days_to(case: Case, days: list[str]) -> int | None:
    """Count the days from receipt to the first of ``days``; a decision dated before it took none."""
    if not days:
        return None
    return max(0, (date.fromisoformat(days[0]) - date.fromisoformat(case.received_day)).days)


def _follow_ups_on_time(case: Case) -> Iterator[bool]:
    """Tell of each follow-up whether it was held by the date that was set for it."""
    agreed: str | None = None
    for entry in reviews(case):
        if entry.step == "follow-up":
            yield agreed is None or entry.body["held"] <= agreed
        agreed = entry.body.get("next", entry.body.get("follow_up"))


def _started_on_time(measure: Item) -> Iterator[bool]:
    """Tell whether the measure had started when it was first followed up after its first day."""
    seen = [said for said in measure["history"] if said["held"] >= measure.get("starts", said["held"])]
    if seen:
        yield seen[0]["status"] != "not-started"
    elif measure["status"] != "not-started":
        yield True  # begun before its day, and not followed up since


def _is_unseen(measure: Item) -> bool:
    """Tell whether a measure is to start and nobody has said yet that it did."""
    return is_to_start(measure) and measure["status"] == "not-started" and not [*_started_on_time(measure)]
