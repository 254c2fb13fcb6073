"""Clocks: periods on a hand-written calendar, and when each clock of a case starts, moves and stops."""

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from invented import (
    CALENDAR,
    REOPEN,
    SETTINGS,
    HolidaysByHand,
    assess,
    case,
    case_in,
    close,
    contact,
    create,
    extend,
    follow_up,
    joint,
    measure,
    note,
    plan,
    police,
    request,
)

from ballerup_cli.core.cases.case import Case
from ballerup_cli.core.cases.clocks import CLOCKS, due_on, retention_rule, unanswered
from ballerup_cli.core.deadlines import Due
from ballerup_cli.core.entry import Body
from ballerup_cli.core.periods import add, is_working_day
from ballerup_cli.storage.text import schema


def due(subject: Case, settings: Any = SETTINGS) -> dict[str, str]:
    """the deadlines by clock; a test that expects two of one clock asks due_on itself"""
    found = due_on(subject, settings, CALENDAR)
    assert len({item.clock for item in found}) == len(found)
    return {item.clock: item.due for item in found}


def after(length: int, unit: str, anchor: str) -> str:
    return add(anchor, {"length": length, "unit": unit}, CALENDAR)


# --- Periods ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("anchor", "days", "ends"),
    [
        ("2026-03-02", 1, "2026-03-03"),
        ("2026-03-06", 1, "2026-03-09"),  # Friday: day one is Monday
        ("2026-03-07", 1, "2026-03-09"),  # Saturday
        ("2026-03-02", 5, "2026-03-09"),
        ("2026-04-01", 1, "2026-04-07"),  # over Easter
        ("2026-03-30", 6, "2026-04-10"),
        ("2023-05-04", 1, "2023-05-08"),  # store bededag was a holiday on 5 May 2023
        ("2024-04-25", 1, "2024-04-26"),  # the day that would have been store bededag in 2024 is a working day
        ("2026-12-23", 3, "2026-12-29"),  # 24 December counts unless the settings say otherwise
        ("2026-12-31", 1, "2027-01-04"),
        ("2024-02-28", 1, "2024-02-29"),
        ("2026-03-02", 0, "2026-03-02"),
    ],
)
def test_working_days_begin_the_day_after_and_skip_weekends_and_holidays(anchor: str, days: int, ends: str):
    assert after(days, "working-days", anchor) == ends


def test_saturdays_count_where_the_municipality_says_so():
    class WithSaturdays(HolidaysByHand):
        saturdays = True

    assert add("2026-03-06", {"length": 1, "unit": "working-days"}, WithSaturdays()) == "2026-03-07"
    assert add("2026-03-07", {"length": 1, "unit": "working-days"}, WithSaturdays()) == "2026-03-09"
    assert add("2026-12-25", {"length": 1, "unit": "working-days"}, WithSaturdays()) == "2026-12-28"


@pytest.mark.parametrize(
    ("anchor", "length", "unit", "ends"),
    [
        ("2026-01-31", 1, "months", "2026-02-28"),
        ("2024-01-31", 1, "months", "2024-02-29"),
        ("2026-01-31", 3, "months", "2026-04-30"),
        ("2026-11-30", 3, "months", "2027-02-28"),
        ("2026-12-15", 1, "months", "2027-01-15"),
        ("2026-03-31", -1, "months", "2026-02-28"),
        ("2026-01-15", -6, "months", "2025-07-15"),
        ("2024-02-29", 1, "years", "2025-02-28"),
        ("2024-02-29", 4, "years", "2028-02-29"),
        ("2026-02-27", 3, "days", "2026-03-02"),
        ("2026-03-02T22:30:00+01:00", 1, "months", "2026-04-02"),
        ("2026-03-02T14:30:00+01:00", 24, "hours", "2026-03-03T14:30:00+01:00"),
        ("2026-03-28T14:30:00+01:00", 24, "hours", "2026-03-29T15:30:00+02:00"),
        ("2026-10-24T13:00:00+02:00", 24, "hours", "2026-10-25T12:00:00+01:00"),
    ],
)
def test_months_clamp_to_their_last_day_and_hours_end_at_a_moment(anchor: str, length: int, unit: str, ends: str):
    assert after(length, unit, anchor) == ends


def test_an_unknown_unit_is_no_period():
    with pytest.raises(ValueError, match="fortnights"):
        after(1, "fortnights", "2026-03-02")


@given(st.dates(date(2023, 1, 1), date(2026, 12, 1)), st.integers(1, 30))
def test_a_deadline_in_working_days_is_one_and_has_so_many_before_it(anchor: date, length: int):
    ends = date.fromisoformat(after(length, "working-days", anchor.isoformat()))
    days = [anchor + timedelta(days=passed) for passed in range(1, (ends - anchor).days + 1)]
    assert is_working_day(ends, CALENDAR)
    assert sum(is_working_day(day, CALENDAR) for day in days) == length


@pytest.mark.parametrize(
    ("ends", "today", "late"),
    [("2026-03-03", "2026-03-03", 0), ("2026-03-03", "2026-03-04", 1), ("2026-03-03T14:30:00+01:00", "2026-03-01", -2)],
)
def test_a_day_is_overdue_from_the_day_after(ends: str, today: str, late: int):
    assert Due(clock="receipt", due=ends).days_overdue(today) == late


# --- The table --------------------------------------------------------------------------------------------------------


def test_every_clock_of_a_case_has_a_length_a_label_and_one_row():
    elsewhere = {
        "request",
        "correction",
        "beredskab",
        "konference",
        "member-contact",
        "restore-proof",
        "log-sample",
        "breach",
    }
    names = [clock.name for clock in CLOCKS]
    assert len(set(names)) == len(names)
    assert set(names) | elsewhere == set(SETTINGS["clocks"]) == set(schema.vocabulary()["clock"])


def test_due_is_sorted_and_tells_each_deadline_once():
    planned = case_in(
        "assessed", ("plan", plan(measure(), measure("mentor"), measure("botilbud", starts="2026-05-15")))
    )
    found = due_on(planned, SETTINGS, CALENDAR)
    assert [item.due for item in found] == sorted(item.due for item in found)
    assert [item.due for item in found if item.clock == "measure-start"] == ["2026-04-15", "2026-05-15"]
    assert all(item.about is None for item in found)


ADULT = {"kind": "person", "born": "1990-01-01"}
GROUP = {"kind": "group", "age_band": "18-plus"}


def received(*more: tuple[str, Body], **changed: Any) -> Case:
    return case(("create", create(**changed)), *more)


def test_what_a_concern_on_a_child_starts():
    assert due(received()) == {
        "child-assessment": "2026-03-03T10:00:00+01:00",
        "notice": "2026-03-03",
        "police-answer": "2026-03-09",
        "receipt": "2026-03-10",
        "information": "2026-04-02",
        "turns-18": "2027-11-17",
    }


def test_what_a_concern_on_an_adult_and_on_a_group_starts():
    assert due(received(subject=ADULT)) == {"police-answer": "2026-03-09", "information": "2026-04-02"}
    assert due(received(subject=GROUP)) == {"police-answer": "2026-03-09"}


def test_an_unknown_age_is_treated_as_under_18():
    assert set(due(received(subject={"kind": "person"}))) == {
        "child-assessment", "notice", "police-answer", "receipt", "information",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("status", "running"),
    [
        ("sent", {"child-assessment", "receipt"}),
        ("not-needed", set()),
        ("pending", {"child-assessment", "receipt", "notice"}),
    ],
)
def test_the_clocks_of_the_notice_follow_its_status(status: str, running: set[str]):
    now = due(received(notice={"status": status}))
    assert {"child-assessment", "receipt", "notice"} & set(now) == running


def test_an_anonymous_referrer_gets_no_receipt():
    now = due(received(referrer={"other": "anonymous"}))
    assert "receipt" not in now and "child-assessment" in now


@pytest.mark.parametrize(
    ("about", "stops"),
    [
        ("notice-assessed", {"child-assessment"}),
        ("receipt", {"receipt"}),
        ("notice", {"notice"}),
        ("information", {"information"}),
        ("conversation", set()),
    ],
)
def test_a_contact_stops_its_own_clock_and_no_other(about: str, stops: set[str]):
    assert set(due(received())) - set(due(received(("contact", contact(about, "2026-03-03"))))) == stops


def test_an_exception_stops_information_and_is_reviewed_until_the_person_is_told():
    hidden = contact("exception", "2026-03-10", provision="§ 22")
    assert due(received(("contact", hidden)))["exception-review"] == "2026-06-10"
    assert "information" not in due(received(("contact", hidden)))
    own = {**hidden, "review": "2026-04-01"}
    assert due(received(("contact", own)))["exception-review"] == "2026-04-01"
    again = contact("exception", "2026-04-01")
    assert due(received(("contact", own), ("contact", again)))["exception-review"] == "2026-07-01"
    told = contact("information", "2026-04-02")
    assert "exception-review" not in due(received(("contact", own), ("contact", again), ("contact", told)))
    written_late = due(received(("contact", told), ("contact", hidden)))
    assert "exception-review" not in written_late


def test_each_gate_stops_the_clock_that_waits_for_it_and_starts_the_next():
    waiting = ("police-answer", "joint-talk", "core-group", "plan")

    def now(state: str) -> dict[str, str]:
        return {clock: day for clock, day in due(case_in(state)).items() if clock in waiting}

    assert now("received") == {"police-answer": "2026-03-09"}
    assert now("screened") == {"joint-talk": "2026-03-19"}
    assert now("accepted") == {"core-group": "2026-04-10"}  # over Easter
    assert now("assessed") == {"plan": "2026-06-20"}
    assert now("planned") == {}


def test_a_deadline_moves_with_its_anchor_and_with_the_settings():
    assert due(received(received="2026-03-03T10:00:00+01:00"))["police-answer"] == "2026-03-10"
    longer = {**SETTINGS, "clocks": {**SETTINGS["clocks"], "police-answer": {"length": 2, "unit": "months"}}}
    assert due(received(), longer)["police-answer"] == "2026-05-02"


# --- Plan and follow-up -----------------------------------------------------------------------------------------------


def planned(*more: tuple[str, Body], **changed: Any) -> Case:
    return case_in("assessed", ("plan", plan(**changed)), *more)


def test_what_a_plan_for_a_child_starts():
    now = due(planned(evaluation="2026-12-01"))
    assert now["child-plan"] == "2026-07-01"
    assert now["measure-start"] == "2026-04-15"
    assert now["first-follow-up"] == "2026-07-15"
    assert now["follow-up"] == "2026-06-01"
    assert now["evaluation"] == "2026-12-01"


def test_the_first_follow_up_counts_from_the_first_start_alone():
    two = [measure(starts="2026-05-15"), measure("mentor", starts="2026-04-20")]
    assert [
        item.due for item in due_on(planned(measures=two), SETTINGS, CALENDAR) if item.clock == "first-follow-up"
    ] == ["2026-07-20"]


def test_the_statutory_plan_stops_its_clock_in_the_first_plan_or_a_revision():
    named = {"statutory_plan": {"kind": "barnets-plan"}}
    assert "child-plan" not in due(planned(**named))
    assert "child-plan" not in due(planned(("plan", plan(decided="2026-05-01", **named))))
    assert due(planned(("plan", plan(decided="2026-05-01"))))["child-plan"] == "2026-07-01"


def test_the_plan_of_an_adult_needs_no_child_plan():
    adult = case(
        *(("create", create(subject=ADULT)), ("triage", police()), ("triage", joint()), ("assess", assess())),
        ("plan", plan()),
    )
    assert "child-plan" not in due(adult)


@pytest.mark.parametrize(
    ("changed", "waits"),
    [
        ({}, True),
        ({"visitation": "granted"}, True),
        ({"visitation": "refused"}, False),
        ({"visitation": "recommended", "starts": None}, False),
    ],
)
def test_a_measure_waits_for_its_start_unless_refused_or_without_a_day(changed: dict[str, Any], waits: bool):
    told = {name: value for name, value in {**measure(), **changed}.items() if value is not None}
    assert ("measure-start" in due(planned(measures=[told]))) == waits


def test_a_follow_up_with_another_status_stops_the_start_and_the_first_follow_up():
    still = due(planned(("follow-up", follow_up({"number": 1, "status": "not-started"}))))
    assert still["measure-start"] == "2026-04-15" and "first-follow-up" not in still
    assert "measure-start" not in due(planned(("follow-up", follow_up())))


def test_a_measure_that_a_revision_left_out_no_longer_waits():
    later = measure("mentor", starts="2026-05-15")
    now = due(planned(("plan", plan(later, decided="2026-04-10"))))
    assert (now["measure-start"], now["first-follow-up"]) == ("2026-05-15", "2026-08-15")


def test_the_follow_up_date_is_the_one_set_last():
    assert due(planned(("follow-up", follow_up())))["follow-up"] == "2026-09-01"
    assert "follow-up" not in due(planned(("follow-up", follow_up(next=None, reason="Slut"))))
    same_day = planned(("follow-up", follow_up(held="2026-04-01", next="2026-05-01")))
    assert due(same_day)["follow-up"] == "2026-05-01"
    held_before_it_was_set = planned(
        ("plan", plan(decided="2026-05-10", follow_up="2026-07-01")), ("follow-up", follow_up(held="2026-05-09"))
    )
    assert due(held_before_it_was_set)["follow-up"] == "2026-07-01"


def test_an_evaluation_is_settled_by_a_follow_up_that_evaluates():
    def evaluation(*told: Body) -> str | None:
        written = [("follow-up", form) for form in told]
        return due(planned(*written, evaluation="2026-07-01")).get("evaluation")

    assert evaluation(follow_up()) == "2026-07-01"
    assert evaluation(follow_up(evaluated="Det går godt")) is None
    assert evaluation(follow_up(evaluated="Det går godt", next_evaluation="2026-12-01")) == "2026-12-01"
    assert evaluation(follow_up(next_evaluation="2026-08-01")) == "2026-08-01"


# --- Closing and after ------------------------------------------------------------------------------------------------

FEEDBACK = {"referrer": {"member": "klub-nord", "wants_feedback": True}}


def closed(outcome: str = "no-basis", *more: tuple[str, Body], feedback: Body | None = None, **changed: Any) -> Case:
    told = {"feedback": feedback} if feedback else {}
    return received(("close", close(outcome, **told)), *more, **changed)


def test_closing_stops_everything_but_what_is_owed_afterwards():
    requests = [("contact", contact("request", "2026-06-01"))]
    open_case = received(*requests, **FEEDBACK)
    shut = received(*requests, ("close", close("no-basis")), **FEEDBACK)
    assert "police-answer" in due(open_case)
    assert due(shut) == {
        "child-assessment": "2026-03-03T10:00:00+01:00",
        "notice": "2026-03-03",
        "receipt": "2026-03-10",
        "feedback": "2026-06-26",
        "request": "2026-07-01",
        "information": "2026-04-02",
        "retention": "2026-09-20",
    }


OWED = {"child-assessment", "receipt", "notice"}
SUBJECTS = {
    "child": {"kind": "person", "born": "2010-05-17"},
    "unknown": {"kind": "person"},
    "group": {"kind": "group"},
}


@pytest.mark.parametrize("who", [*SUBJECTS, "adult"])
@pytest.mark.parametrize("outcome", schema.vocabulary()["outcome"])
@pytest.mark.parametrize("answers", [(), ("receipt",), ("notice", "notice-assessed"), ("notice-not-needed",)])
def test_closing_silences_nothing_that_is_owed_to_a_child(who: str, outcome: str, answers: tuple[str, ...]):
    """whatever the outcome: what ran before the closing runs after it, but for the dead, errors and groups"""
    told = [("contact", contact(about, "2026-03-04")) for about in answers]
    subject = SUBJECTS.get(who, ADULT)
    before = OWED & set(due(received(*told, subject=subject)))
    nobody = who == "group" or outcome in ("deceased", "entered-in-error")
    shut = received(*told, ("close", close(outcome)), subject=subject)
    assert OWED & set(due(shut)) == (set() if nobody else before)
    assert set(unanswered(shut)) == (set() if nobody else before)
    later = received(("close", close(outcome)), *told, subject=subject)
    assert OWED & set(due(later)) == (set() if nobody else before)


def test_a_record_goes_no_earlier_than_the_answer_to_a_child():
    late = contact("notice-not-needed", "2026-11-02")
    assert due(closed("police-takes-over", ("contact", late)))["retention"] == "2026-11-02"
    assert (
        due(closed("no-basis", ("contact", {**late, "at": "2026-06-21T10:00:00+02:00"})))["retention"] == "2026-09-20"
    )


@pytest.mark.parametrize("outcome", ["deceased", "entered-in-error"])
def test_nobody_is_left_to_inform(outcome: str):
    shut = closed(outcome, ("contact", contact("exception", "2026-03-10")))
    assert not {"information", "exception-review"} & set(due(shut))
    assert "information" not in due(closed(outcome))


def test_the_last_word_on_a_notice_counts():
    not_needed, sent = contact("notice-not-needed", "2026-03-04"), contact("notice", "2026-03-05")
    both = received(("contact", sent), ("contact", not_needed))  # written in another order than they happened
    assert both.notice == {"status": "sent", "at": sent["at"]}
    assert OWED & set(due(both)) == {"child-assessment", "receipt"}
    citizen = received(("contact", contact("notice", "2026-03-05", **{"with": "subject"})))
    assert citizen.notice == {"status": "pending"}


def test_what_was_not_told_and_what_is_to_be_put_right_outlive_the_closing():
    """The rights of those concerned do not end with the case (GDPR art. 14 and 16)."""
    hidden, wrong = contact("exception", "2026-03-10"), contact("request", "2026-03-05")
    owed = due(closed("no-basis", ("contact", hidden), ("contact", wrong)))
    assert (owed["exception-review"], owed["request"]) == ("2026-06-10", "2026-04-05")


def test_feedback_is_owed_to_whoever_wants_it_and_can_be_reached():
    assert due(closed(**FEEDBACK))["feedback"] == "2026-06-26"
    assert "feedback" not in due(closed())
    assert "feedback" not in due(closed(referrer={"other": "anonymous", "wants_feedback": True}))


def test_feedback_is_given_by_a_contact_from_the_closing_on_or_told_in_it():
    assert "feedback" not in due(closed("no-basis", ("contact", contact("feedback", "2026-06-20")), **FEEDBACK))
    assert "feedback" not in due(closed(feedback={"status": "given"}, **FEEDBACK))
    assert "feedback" in due(closed(feedback={"status": "pending"}, **FEEDBACK))
    earlier = received(("contact", contact("feedback", "2026-04-01")), ("close", close()), **FEEDBACK)
    assert "feedback" in due(earlier)


@pytest.mark.parametrize(("day", "settled"), [("2026-06-19", False), ("2026-06-20", True)])
def test_feedback_written_before_the_closing_counts_from_its_day_on(day: str, settled: bool):
    early = received(("contact", contact("feedback", day)), ("close", close()), **FEEDBACK)
    assert ("feedback" not in due(early)) == settled
    written_after = closed("no-basis", ("contact", contact("feedback", day)), **FEEDBACK)
    assert "feedback" not in due(written_after)


def test_feedback_is_owed_again_after_a_second_closing():
    written = [
        ("contact", contact("feedback", "2026-06-20")),
        ("reopen", REOPEN),
        ("close", close(closed="2026-07-01")),
    ]
    assert due(closed("other", *written, **FEEDBACK))["feedback"] == "2026-07-08"


def test_a_request_runs_until_its_own_answer_and_as_it_was_put_off():
    first, second = request(), request("party-access", "R2026-002")
    both = received(first[0], second[0])
    told = [(item.due, item.about) for item in due_on(both, SETTINGS, CALENDAR) if item.clock == "request"]
    assert told == [("2026-03-13", "R2026-002"), ("2026-04-04", "R2026-001")]
    longer = {"number": "R2026-001", "extended": {"until": "2026-06-04", "reason": "Sagen er lang"}}
    later = received(first[0], second[0], ("request-decide", longer), second[2])
    told = [(item.due, item.about) for item in due_on(later, SETTINGS, CALENDAR) if item.clock == "request"]
    assert told == [("2026-06-04", "R2026-001")]
    assert "request" not in due(received(*first))


def test_a_request_noted_as_a_contact_is_to_be_answered_all_the_same():
    asked = ("contact", contact("request", "2026-03-05"))
    assert due(received(asked))["request"] == "2026-04-05"
    assert "request" not in due(received(asked, ("contact", contact("answer", "2026-03-10"))))


ADULT_BAND = {"kind": "person", "age_band": "18-plus"}
CHILD_BAND = {"kind": "person", "age_band": "under-18"}


@pytest.mark.parametrize(
    ("subject", "outcome", "rule", "ends"),
    [
        (ADULT_BAND, "police-takes-over", "police", "2026-06-20"),
        (ADULT_BAND, "no-basis", "no-basis", "2026-12-20"),
        (CHILD_BAND, "no-basis", "no-basis", "2026-09-20"),
        (CHILD_BAND, "unfounded", "unfounded", "2026-09-20"),
        (CHILD_BAND, "handed-over", "handed-over", "2026-12-20"),
    ],
)
def test_retention_follows_outcome_and_gate(subject: Body, outcome: str, rule: str, ends: str):
    shut = closed(outcome, subject=subject)
    assert retention_rule(shut, SETTINGS) == rule
    assert due(shut)["retention"] == ends


@pytest.mark.parametrize(
    ("tier", "rule", "ends"),
    [
        ("forebyggende", "other", "2026-12-20"),
        ("foregribende", "plan-foregribende", "2028-06-20"),
        ("indgribende", "plan-indgribende", "2031-06-20"),
    ],
)
def test_retention_after_a_plan_follows_the_level_of_effort(tier: str, rule: str, ends: str):
    before = (
        ("create", create(subject=ADULT)),
        ("triage", police()),
        ("triage", joint()),
        ("assess", assess(tier=tier)),
    )
    shut = case(*before, ("plan", plan()), ("close", close()))
    assert retention_rule(shut, SETTINGS) == rule
    assert due(shut)["retention"] == ends


def test_the_last_of_several_extensions_counts_and_none_from_before_the_closing():
    written = [("extend", extend(until=until)) for until in ("2027-06-30", "2028-06-30", "2027-12-31")]
    assert due(closed("no-basis", *written))["retention"] == "2027-12-31"
    again = [("reopen", REOPEN), ("close", close("no-basis", closed="2026-07-01"))]
    assert due(closed("no-basis", *written, *again, subject=ADULT_BAND))["retention"] == "2027-01-01"


def test_the_record_of_a_child_is_looked_at_when_it_turns_18():
    born = {"kind": "person", "born": "2008-07-15"}
    assert due(closed("handed-over", subject=born))["retention"] == "2026-07-15"
    on_the_day = {"kind": "person", "born": "2008-06-20"}
    assert due(closed("handed-over", subject=on_the_day))["retention"] == "2026-12-20"


def test_a_reopening_starts_the_waiting_anew_and_brings_back_what_was_not_done():
    now = due(case(("create", create()), ("close", close("other")), ("reopen", REOPEN), day="2026-06-22"))
    assert now["police-answer"] == "2026-06-29"
    assert now["child-assessment"] == "2026-03-03T10:00:00+01:00"
    assert "retention" not in now


# --- Days that come by themselves -------------------------------------------------------------------------------------


def test_turning_18_is_prepared_half_a_year_ahead_but_not_before_receipt():
    assert due(received())["turns-18"] == "2027-11-17"
    soon = {"kind": "person", "born": "2008-04-01"}
    assert due(received(subject=soon))["turns-18"] == "2026-03-02"
    assert "turns-18" not in due(received(subject={"kind": "person", "born": "2008-03-02"}))


def test_a_plan_or_note_after_it_stops_turns_18():
    soon = {"kind": "person", "born": "2008-12-01"}
    assert due(received(subject=soon))["turns-18"] == "2026-06-01"
    before, on = (note(when=f"2026-{day}T10:00:00+02:00") for day in ("05-31", "06-01"))
    assert "turns-18" in due(received(("note", before), subject=soon))
    assert "turns-18" not in due(received(("note", on), subject=soon))
    assert "turns-18" not in due(received(("note", note()), subject=soon))


def test_a_release_is_prepared_a_month_ahead():
    leaving = {**ADULT, "release": "2026-08-31"}
    assert due(received(subject=leaving))["release"] == "2026-07-31"
    assert "release" not in due(received(subject={**ADULT, "release": "2026-03-01"}))
    for soon in ("2026-03-02", "2026-03-12"):
        assert due(received(subject={**ADULT, "release": soon}))["release"] == "2026-03-02"


def test_a_plan_without_a_day_was_decided_before_what_followed_it():
    """Whoever writes down afterwards may leave out when it was decided; its date is settled all the same."""
    planned = plan(follow_up="2026-08-01")
    planned.pop("decided", None)
    held = follow_up(held="2026-08-01", next=None, reason="Målet er nået")
    assert "follow-up" not in due(case_in("assessed", ("plan", planned), ("follow-up", held)))
    again = follow_up(held="2026-08-01", next="2026-10-01")
    assert due(case_in("assessed", ("plan", planned), ("follow-up", again)))["follow-up"] == "2026-10-01"


# --- Small truths -----------------------------------------------------------------------------------------------------


def test_a_measure_that_was_refused_waits_for_nobody_and_begins_nothing():
    refused = {name: value for name, value in measure(visitation="refused").items() if name != "starts"}
    assert schema.check("plan", plan(refused)) == []
    now = due(planned(measures=[measure(visitation="refused")]))
    assert not {"measure-start", "first-follow-up"} & set(now)


def test_a_withdrawn_consent_is_due_at_once_until_the_plan_is_revised():
    given = {"consent": {"status": "given", "by": "far"}}
    withdrawn = ("contact", contact("withdrawal", "2026-05-04", **{"with": "guardians"}))
    found = planned(withdrawn, **given)
    assert due(found)["consent"] == "2026-05-04"
    assert found.to_dict()["plan"]["consent"] == {"status": "withdrawn", "by": "far"}
    for later in (("plan", plan(decided="2026-05-10")), ("contact", contact("consent", "2026-05-06"))):
        assert "consent" not in due(planned(withdrawn, later, **given))
    assert "consent" not in due(planned(withdrawn, ("close", close()), **given))


@pytest.mark.parametrize("typed", ["2026-03-29T02:30", "2026-10-25T02:30", "2026-10-25T02:00:00"])
def test_a_moment_that_the_clock_skips_or_repeats_is_named_and_not_moved(typed: str):
    found = schema.check("contact", {"at": typed, "with": "subject", "about": "conversation"})
    assert [finding.path for finding in found] == [("at",)]
    assert "offset" in found[0].message
    for told in (f"{typed}+02:00", typed.replace("T02", "T03").replace("02:00:00", "03:00:00")):
        assert schema.check("contact", {"at": told, "with": "subject", "about": "conversation"}) == []
