"""The roll-ups: true counts of a period, the funnel, and the conduct of the authority."""

import json
from typing import Any

import invented
import pytest
from hypothesis import given
from invented import (
    REOPEN,
    assess,
    case,
    case_in,
    close,
    contact,
    create,
    follow_up,
    joint,
    measure,
    pladen,
    plan,
    police,
)
from worlds import NETWORK, QUARTER, STATES, TIERS, VOCABULARY, count, fact, towns

from ballerup_cli.core.cases.facts import Facts, counted, counter, facts
from ballerup_cli.core.network.pladen import Member, Pladen
from ballerup_cli.core.reports.report import Period, report


def by(rows: list[dict[str, Any]], name: str) -> dict[Any, dict[str, Any]]:
    return {row[name]: {key: value for key, value in row.items() if key != name} for row in rows}


def sums(rows: list[dict[str, Any]], *names: str) -> list[int]:
    return [sum(row[name] for row in rows) for name in names]


# --- The shape --------------------------------------------------------------------------------------------------------


def test_an_empty_period_still_has_every_level_gate_and_member():
    found = count([])
    assert found["totals"] == {"received": 0, "open": 0, "closed": 0}
    assert [row["tier"] for row in found["by_tier"]] == [*TIERS, "unassessed"]
    assert all(row[name] == 0 for row in found["by_tier"] for name in ("received", "open", "closed", "activities"))
    assert [row["member"] for row in found["by_member"]] == ["klub-nord", "klub-syd", "tovholder", None]
    assert [row["gate"] for row in found["by_gate"]] == ["police", "joint", "assessment", "plan", None]
    assert found["controlled"] is False
    assert found["period"] == {"from": "2026-01-01", "to": "2026-03-31"}


def test_the_keys_are_those_of_the_contract_and_all_is_json():
    found = count([fact(5, closed=True, member="klub-nord")])
    assert list(found) == [
        *("period", "controlled", "totals", "by_tier", "by_member", "by_ring", "by_sector", "by_month"),
        *("by_age_band", "by_sign", "by_measure", "by_gate", "by_outcome", "funnel", "flow", "persons", "conduct"),
    ]
    assert list(found["by_tier"][0]) == ["tier", "received", "open", "closed", "activities"]
    assert list(found["by_member"][0]) == ["member", "name", "ring", "received", "open", "closed", "tiers"]
    assert list(found["funnel"]) == [*STATES, "closed"]
    assert json.loads(json.dumps(found)) == found


def test_the_period_selects_by_the_day_of_receipt_both_ends_within():
    days = ("2025-12-31", "2026-01-01", "2026-03-31", "2026-04-01")
    found = count([fact(received=day) for day in days])
    assert found["totals"]["received"] == 2
    assert [(row["month"], row["received"]) for row in found["by_month"]] == [
        ("2026-01", 1),
        ("2026-02", 0),
        ("2026-03", 1),
    ]


def test_months_over_the_turn_of_a_year():
    assert Period(start="2025-11-15", end="2026-02-01").months() == ["2025-11", "2025-12", "2026-01", "2026-02"]


@pytest.mark.parametrize(
    ("start", "end", "before"),
    [
        ("2026-01-01", "2026-03-31", ("2025-10-01", "2025-12-31")),
        ("2026-02-01", "2026-02-28", ("2026-01-01", "2026-01-31")),
        ("2026-03-10", "2026-03-16", ("2026-03-03", "2026-03-09")),
        ("2026-03-01", "2026-03-10", ("2026-02-19", "2026-02-28")),
        ("2026-02-02", "2026-03-01", ("2026-01-05", "2026-02-01")),
        ("2026-03-15", "2026-03-31", ("2026-02-26", "2026-03-14")),
    ],
)
def test_the_period_before_is_as_many_months_or_as_many_days(start: str, end: str, before: tuple[str, str]):
    assert Period(start=start, end=end).before() == Period(start=before[0], end=before[1])


def test_levels_members_rings_and_sectors():
    found = count(
        [
            fact(5, member="klub-nord", tier="indgribende"),
            fact(4, member="klub-nord", closed=True),
            fact(1, member="klub-syd"),
            fact(2, member="tovholder"),
            fact(2),
        ],
        activities={"forebyggende": 7},
    )
    assert by(found["by_tier"], "tier")["forebyggende"] == {"received": 0, "open": 0, "closed": 0, "activities": 7}
    assert by(found["by_tier"], "tier")["unassessed"] == {"received": 3, "open": 3, "closed": 0, "activities": 0}
    assert by(found["by_member"], "member")["klub-nord"] == {
        "name": "Klub-Nord",
        "ring": "plade-2",
        "received": 2,
        "open": 1,
        "closed": 1,
        "tiers": {"forebyggende": 0, "foregribende": 1, "indgribende": 1, "unassessed": 0},
    }
    assert by(found["by_member"], "member")[None]["received"] == 1
    assert {row["ring"]: row["received"] for row in found["by_ring"]} == {
        "centrum": 1,
        "plade-1": 0,
        "plade-2": 3,
        "plade-3": 0,
        None: 1,
    }
    assert {row["sector"]: row["received"] for row in found["by_sector"]} == {"club": 3, "employment": 1, None: 1}


def test_members_long_gone_are_left_out_and_those_who_left_within_the_period_stay():
    def listed(until: str) -> bool:
        member = Member(code="vognporten", name="Vognporten", ring="plade-2", sector="social", until=until)
        return len(count([], network=Pladen(members={**NETWORK.members, "vognporten": member}))["by_member"]) == 5

    assert not listed("2026-01-01")
    assert listed("2026-01-02")
    assert listed("2027-01-01")


def test_a_row_never_tells_that_a_member_long_gone_referred_somebody():
    gone = Member(code="vognporten", name="Vognporten", ring="plade-2", sector="social", until="2025-12-31")
    network = Pladen(members={**NETWORK.members, "vognporten": gone})
    found = count([fact(member="vognporten")], network=network)
    assert [row["member"] for row in found["by_member"]] == ["klub-nord", "klub-syd", "tovholder", None]
    assert by(found["by_member"], "member")[None]["received"] == 1
    assert [row["sector"] for row in found["by_sector"]] == ["club", "employment", None]


def test_a_sign_counts_once_in_a_concern():
    found = count([fact(signs=("truer", "rejse")), fact(signs=("truer",)), fact()])
    assert [row["sign"] for row in found["by_sign"]] == list(VOCABULARY.codes("sign"))
    assert {row["sign"]: row["received"] for row in found["by_sign"] if row["received"]} == {"rejse": 1, "truer": 2}


def test_the_funnel_counts_how_far_each_concern_ever_came():
    found = count([fact(1), fact(1, closed=True), fact(3), fact(5, closed=True)])
    assert found["funnel"] == {
        "received": 4,
        "screened": 2,
        "accepted": 2,
        "assessed": 1,
        "planned": 1,
        "closed": {"police": 1, "joint": 0, "assessment": 0, "plan": 1, "none": 0},
    }


@given(towns())
def test_every_table_adds_up_to_the_totals(town: tuple[list[Facts], Period, Pladen]):
    found = count(*town)
    totals = found["totals"]
    assert totals["received"] == totals["open"] + totals["closed"] == len(town[0])
    for name in ("by_tier", "by_member", "by_ring", "by_sector", "by_month", "by_age_band"):
        assert sums(found[name], "received", "open", "closed") == list(totals.values())
    for name in ("by_gate", "by_outcome"):
        assert sums(found[name], "closed") == [totals["closed"]]
    for row in found["by_member"]:
        assert sum(row["tiers"].values()) == row["received"]
    for row in found["by_tier"]:
        assert sum(member["tiers"][row["tier"]] for member in found["by_member"]) == row["received"]
    funnel = found["funnel"]
    assert [funnel[state] for state in STATES] == sorted((funnel[state] for state in STATES), reverse=True)
    assert by(found["by_tier"], "tier")["unassessed"]["received"] == funnel["received"] - funnel["assessed"]
    assert funnel["closed"] == {row["gate"] or "none": row["closed"] for row in found["by_gate"]}
    flow = found["flow"]
    assert flow["open_at_start"] + flow["received"] + flow["reopened"] == flow["closed"] + flow["open_at_end"]


def test_what_came_and_went_is_counted_whenever_it_was_received():
    old = {"received": "2025-05-01"}
    cases = [
        fact(5, closed=True, closings=("2026-02-01",), **old),
        fact(5, closed=True, closings=("2025-06-01", "2026-03-01"), reopenings=("2026-01-05",), **old),
        fact(5, closed=True, closings=("2025-06-01",), **old),
        fact(5, **old),
        fact(2, closed=True, closings=("2026-01-20",)),
        fact(2, closed=True, closings=("2026-05-20",)),
    ]
    flow = {"open_at_start": 2, "received": 2, "closed": 3, "reopened": 1, "open_at_end": 2}
    assert count(cases)["flow"] == flow


def test_a_closing_that_no_gate_decided_has_a_row_of_its_own():
    found = count([fact(2, closed=True, gate=None), fact(2)])
    assert found["totals"] == {"received": 2, "open": 1, "closed": 1}
    assert found["by_gate"][-1] == {"gate": None, "closed": 1}
    assert found["funnel"]["closed"]["none"] == 1


def test_a_person_counts_once_however_many_concerns_come_in():
    cases = [fact(), fact(received="2026-02-10", others=("2026-01-10",)), fact(others=("2025-01-10",))]
    assert count(cases)["persons"] == {"received": 2}


# --- From a case to its facts -----------------------------------------------------------------------------------------


def test_a_case_entered_in_error_is_outside_all_counts_until_reopened():
    wrong = [("create", create()), ("close", close("entered-in-error"))]
    assert facts(case(*wrong)) is None
    assert facts(case(*wrong, ("reopen", REOPEN))) is not None
    assert "entered-in-error" not in {row["outcome"] for row in count([])["by_outcome"]}


def told(*written: Any, state: str = "planned") -> Facts:
    found = facts(case_in(state, *written))
    assert found is not None
    return found


def test_facts_are_codes_and_days_only():
    found = told(("follow-up", follow_up()), ("close", close("stopped")))
    assert (found.received, found.member, found.tier, found.age_band) == (
        *("2026-03-02", "klub-nord", "foregribende", "under-18"),
    )
    assert (found.gate, found.outcome, found.signs) == ("plan", "stopped", ("truer",))
    assert found.reached == STATES
    assert not any(word in repr(found) for word in ("2026-0001", "jakke", "Vibe", "anna"))


def test_days_to_the_police_answer_and_to_the_decision():
    found = told()
    assert (found.police_answer_days, found.decision_days) == (3, 8)
    assert told(("triage", police("blocked")), state="received").decision_days == 3
    waiting = told(state="received")
    assert (waiting.police_answer_days, waiting.decision_days) == (None, None)
    early = told(("triage", police(decided="2026-02-27")), state="received")
    assert early.police_answer_days == 0


def test_a_second_look_does_not_change_the_first_answer():
    again = [("triage", police("blocked")), ("reopen", REOPEN), ("triage", police(decided="2026-06-22"))]
    assert told(*again, state="received").police_answer_days == 3
    assert told(*again, ("triage", joint(decided="2026-06-25")), state="received").decision_days == 3


def test_a_second_closing_dated_before_the_first_does_not_change_the_decision():
    again = [("close", close()), ("reopen", REOPEN), ("close", close(closed="2026-03-04"))]
    assert told(*again, state="received").decision_days == 110
    joints = [("triage", joint("no-basis")), ("reopen", REOPEN), ("triage", joint(decided="2026-03-06"))]
    assert told(*joints, state="screened").decision_days == 8


def test_what_stays_of_an_erased_case_tells_its_month_and_no_day():
    found = told(("follow-up", follow_up()))
    kept = counter(found)
    assert kept["received"] == "2026-03"
    assert counted(kept) == found._replace(received="2026-03-01")


@pytest.mark.parametrize(("today", "missed"), [("2026-06-01", 0), ("2026-06-02", 1)])
def test_a_follow_up_is_missed_from_the_day_after_it_was_due(today: str, missed: int):
    assert told().next_follow_up == "2026-06-01"
    found = report([told()], Period(start="2026-01-01", end="2026-12-31"), VOCABULARY, NETWORK, today)
    assert found["conduct"]["follow_ups"] == {"due": missed, "on_time": 0}


def test_follow_ups_on_time():
    late = follow_up(held="2026-09-02", next=None, reason="Slut")
    found = told(("follow-up", follow_up()), ("follow-up", late))
    assert (found.follow_ups, found.follow_ups_on_time, found.next_follow_up) == (2, 1, None)
    assert told().next_follow_up == "2026-06-01"
    assert told(("close", close())).next_follow_up is None


@pytest.mark.parametrize(
    ("held", "status", "followed", "on_time"),
    [
        ("2026-04-15", "ongoing", 1, 1),
        ("2026-04-15", "not-started", 1, 0),
        ("2026-04-14", "not-started", 0, 0),
    ],
)
def test_measures_started_on_time(held: str, status: str, followed: int, on_time: int):
    found = told(("follow-up", follow_up({"number": 1, "status": status}, held=held)))
    assert (found.measures_followed, found.measures_on_time) == (followed, on_time)


def test_feedback_counts_only_where_it_is_wanted():
    wants = create(referrer={"member": "klub-nord", "wants_feedback": True})
    written = [("create", wants), ("close", close())]

    def feedback(*more: Any) -> tuple[bool, bool]:
        found = facts(case(*written, *more))
        assert found is not None
        return found.feedback_wanted, found.feedback_given

    assert feedback() == (True, False)
    assert feedback(("contact", contact("feedback", "2026-06-20"))) == (True, True)
    assert told(("close", close()), ("contact", contact("feedback", "2026-06-20"))).feedback_given is False


def test_conduct_is_counts_and_medians_of_the_authority():
    missed = told()
    chosen = told(("plan", plan(measure(), least_intrusive=True)), ("follow-up", follow_up()), ("close", close()))
    found = count([missed, chosen, fact(received="2026-03-02")], Period(start="2026-03-01", end="2026-03-31"))
    assert found["conduct"] == {
        "police_answer": {"cases": 2, "median_days": 3},
        "decision": {"cases": 2, "median_days": 8},
        "follow_ups": {"due": 2, "on_time": 1},
        "measures": {"due": 2, "on_time": 1},
        "feedback": {"due": 0, "given": 0},
        "least_intrusive": {"plans": 1, "chosen": 1},
    }
    assert count([])["conduct"]["decision"] == {"cases": 0, "median_days": None}
    even = count([fact(2, police_answer_days=days) for days in (1, 2)])["conduct"]["police_answer"]
    assert even == {"cases": 2, "median_days": 1.5}


def test_the_whole_starting_network_has_its_rows():
    found = count([], network=pladen())
    assert len(found["by_member"]) == 23
    assert [row["member"] for row in found["by_member"]][:2] == ["baltorpskolen", "boligsociale"]
    assert found["by_member"][-1] == {
        "member": None,
        "name": None,
        "ring": None,
        "received": 0,
        "open": 0,
        "closed": 0,
        "tiers": {"forebyggende": 0, "foregribende": 0, "indgribende": 0, "unassessed": 0},
    }


def test_an_assessment_without_grounds_counts_as_unassessed():
    found = facts(case_in("accepted", ("assess", assess(grounds=False))))
    assert found is not None and found.tier is None
    assert by(count([found], QUARTER)["by_tier"], "tier")["unassessed"]["closed"] == 1


def test_feedback_before_a_reopening_counts():
    intake = invented.create(referrer={"member": "klub-nord", "name": "Vibe Eksempel", "wants_feedback": True})
    closed = (("create", intake), ("close", invented.close("other")))
    heard = ("contact", invented.contact("feedback", "2026-06-21"))
    again = ("reopen", invented.REOPEN)
    for written, told in (
        ((*closed, again), (False, False)),
        ((*closed, heard, again), (True, True)),
        (closed, (True, False)),
    ):
        found = facts(invented.case(*written))
        assert found is not None and (found.feedback_wanted, found.feedback_given) == told
