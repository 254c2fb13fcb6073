"""What entries add up to: states, numbers, statuses, closings, and the case sheet."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from invented import (
    BEFORE,
    REOPEN,
    assess,
    case,
    case_in,
    close,
    contact,
    correct,
    create,
    entries,
    extend,
    follow_up,
    hand_over,
    joint,
    link,
    measure,
    note,
    plan,
    police,
    redact,
    request,
    restrict,
    share,
    shield,
)

from ballerup_cli.core.cases.case import NEXT_GATE, Case, age_on
from ballerup_cli.core.cases.steps import STEPS, advance, fold, permit, possible
from ballerup_cli.core.entry import Body
from ballerup_cli.errors import IllegalStepError
from ballerup_cli.storage.text import schema


def numbers(items: Any) -> list[int]:
    return [item["number"] for item in items]


def test_a_case_is_in_its_first_state_since_the_day_of_receipt():
    assert case_in("received").since == "2026-03-02"


def test_a_plan_that_does_not_say_when_was_decided_on_the_day_it_was_written():
    undated = {name: value for name, value in plan().items() if name != "decided"}
    assert case_in("assessed", ("plan", undated)).since == "2026-06-21"


DECIDED = {
    "received": {"police-takes-over"},
    "screened": {"no-basis", "unfounded"},
    "accepted": {"no-basis", "unfounded"},
    "assessed": set(),
    "planned": {*schema.vocabulary()["outcome"]} - {"entered-in-error", "moved", "deceased"},
}
"""By which outcomes of `close` a gate is decided (the action plan and domain.md); nobody decides by any other."""


@pytest.mark.parametrize("state", DECIDED)
@pytest.mark.parametrize("outcome", schema.vocabulary()["outcome"])
def test_a_gate_is_what_somebody_decided_and_not_where_a_case_stood(state: str, outcome: str):
    sheet = case_in(state, ("close", close(outcome))).to_dict()
    decided = outcome in DECIDED[state]
    wanted = (NEXT_GATE[state], None) if decided else (None, NEXT_GATE[state])
    assert (sheet["state"], sheet["gate"], sheet["closed_before"]) == ("closed", *wanted)
    again = case_in(state, ("close", close(outcome)), ("reopen", REOPEN)).to_dict()
    assert (again["state"], again["gate"], again["closed_before"]) == (state, None, None)
    assert (again["closings"][0]["gate"], again["closings"][0]["closed_before"]) == wanted


# --- The case flow ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("state", "written", "gate", "outcome", "closed"),
    [
        ("received", ("triage", police("blocked")), "police", "police-takes-over", "2026-03-05"),
        ("screened", ("triage", joint("no-basis")), "joint", "no-basis", "2026-03-10"),
        ("screened", ("triage", joint("elsewhere")), "joint", "handed-over", "2026-03-10"),
        ("accepted", ("assess", assess(grounds=False)), "assessment", "no-basis", "2026-03-20"),
        ("planned", ("close", close()), "plan", "completed", "2026-06-20"),
        ("screened", ("triage", joint("elsewhere", closing={"outcome": "other"})), "joint", "other", "2026-03-10"),
    ],
)
def test_every_gate_closes_with_its_own_outcome_unless_told(
    state: str, written: tuple[str, Body], gate: str, outcome: str, closed: str
):
    sheet = case_in(state, written).to_dict()
    assert (sheet["state"], sheet["gate"]) == ("closed", gate)
    assert sheet["closing"]["outcome"] == outcome
    assert sheet["closing"]["closed"] == closed
    assert sheet["closing"]["reason"]


@pytest.mark.parametrize("state", [state for state in BEFORE if state != "closed"])
def test_reopening_returns_to_the_state_before_and_the_old_gate_stays_visible(state: str):
    again = case_in(state, ("close", close("other")), ("reopen", REOPEN))
    assert again.state == state
    assert again.since == "2026-06-21"
    sheet = again.to_dict()
    assert sheet["gate"] is None and sheet["closing"] is None
    assert [closing["state"] for closing in sheet["closings"]] == [state]
    assert sheet["reopenings"] == [{"entry": len(BEFORE[state]) + 2, "form": REOPEN}]


def test_a_level_is_given_with_grounds_and_changed_by_a_follow_up():
    assert case_in("accepted").tier is None
    assert case_in("accepted", ("assess", assess(grounds=False, tier="foregribende"))).tier is None
    assert case_in("assessed").tier == "foregribende"
    assert case_in("planned", ("follow-up", follow_up(tier="indgribende"))).tier == "indgribende"
    assert case_in("planned", ("follow-up", follow_up())).tier == "foregribende"


# --- Observations -----------------------------------------------------------------------------------------------------


def test_observations_count_up_over_the_whole_case_and_begin_as_claimed():
    later = case_in(
        "accepted",
        ("note", note(observations=[{"text": "Ny", "status": "confirmed"}])),
        ("assess", assess(observations=[1, {"text": "Endnu en"}])),
        ("plan", plan()),
        ("follow-up", follow_up(observations=[{"text": "Den sidste"}])),
    )
    assert numbers(later.observations) == [1, 2, 3, 4, 5]
    assert [item["status"] for item in later.observations] == ["claimed", "claimed", "confirmed", "claimed", "claimed"]
    assert [item["entry"] for item in later.observations] == [1, 1, 4, 5, 7]


def test_a_check_changes_the_status_and_the_history_keeps_every_telling():
    checks = [[{"observation": 1, "status": status, "note": "Set igen"}] for status in ("confirmed", "disputed")]
    checked = case_in("received", *(("note", note(checked=check)) for check in checks))
    first, second = checked.observations
    assert first["status"] == "disputed"
    assert [said["status"] for said in first["history"]] == ["confirmed", "disputed"]
    assert [said["entry"] for said in first["history"]] == [2, 3]
    assert (second["status"], second["history"]) == ("claimed", ())


def test_an_observation_answered_as_refuted_is_refuted():
    answers = [{"observation": 1, "answer": "refuted", "note": "En anden dreng"}, {"risk": 1, "answer": "refuted"}]
    closed = case_in("planned", ("close", close(answers=answers)))
    assert [item["status"] for item in closed.observations] == ["refuted", "claimed"]
    assert closed.observations[0]["history"] == ({"entry": 6, "status": "refuted", "note": "En anden dreng"},)


def test_a_check_on_a_number_nobody_has_changes_nothing():
    before = case_in("received")
    assert case_in("received", ("note", note(checked=[{"observation": 9, "status": "refuted"}]))).observations == (
        before.observations
    )


# --- Measures ---------------------------------------------------------------------------------------------------------


def revised(first: list[Body], *more: Body) -> list[tuple[int, str, bool]]:
    """first plan's measures, then those of the revision; what the case then has"""
    result = case_in("assessed", ("plan", plan(*first)), ("plan", plan(*more)))
    return [(item["number"], item["measure"], item["in_plan"]) for item in result.measures]


def test_a_revision_keeps_the_number_of_a_measure_that_is_in_substance_the_same():
    later = measure(starts="2026-05-01", responsible="Skolen", sessions_planned=5, text="To gange om ugen")
    assert revised([measure()], later) == [(1, "kontaktperson", True)]
    assert revised([measure(), measure("mentor")], measure("mentor"), measure()) == [
        (1, "kontaktperson", True),
        (2, "mentor", True),
    ]


@pytest.mark.parametrize("changed", [{"provision": "§ 46"}, {"authority": "Regionen"}, {"measure": "mentor"}])
def test_a_revision_on_other_grounds_is_a_new_measure_and_the_old_one_stays_with_its_number(changed: Body):
    assert [kept[::2] for kept in revised([measure()], {**measure(), **changed})] == [(1, False), (2, True)]


def test_two_measures_of_other_are_told_apart_by_their_text():
    old = [measure("other", text="Fodbold"), measure("other", text="Musik")]
    assert revised(old, measure("other", text="Musik"), measure("other", text="Teater")) == [
        (1, "other", False),
        (2, "other", True),
        (3, "other", True),
    ]


def test_two_alike_are_matched_by_what_they_share_before_what_is_left():
    first, second = measure("mentor", responsible="Den ene"), measure("mentor", responsible="Den anden")
    assert revised([first, second], second) == [(1, "mentor", False), (2, "mentor", True)]
    assert revised([first], first, second) == [(1, "mentor", True), (2, "mentor", True)]


def test_a_measure_that_comes_back_takes_its_number_status_and_history_back():
    held = follow_up({"number": 1, "status": "ongoing", "sessions_held": 3})
    again = case_in("planned", ("follow-up", held), ("plan", plan(measure("mentor"))), ("plan", plan()))
    kontakt, mentor = again.measures
    assert (kontakt["number"], kontakt["in_plan"], mentor["in_plan"]) == (1, True, False)
    assert (kontakt["status"], kontakt["sessions_held"], len(kontakt["history"])) == ("ongoing", 3, 1)


def test_sessions_are_told_in_all_so_the_last_word_counts():
    told = [{"number": 1, "status": "ongoing", "sessions_held": 3}, {"number": 1, "status": "ongoing"}]
    after = case_in("planned", *(("follow-up", follow_up(said)) for said in told)).measures[0]
    assert (after["sessions_held"], after["status"]) == (3, "ongoing")
    assert case_in("planned").measures[0]["sessions_held"] == 0
    assert case_in("planned").measures[0]["status"] == "not-started"


def test_risks_of_a_second_assessment_go_on_counting():
    again = case_in(
        "accepted",
        ("assess", assess(grounds=False, risks=["En", "To"])),
        ("reopen", REOPEN),
        ("assess", assess(risks=["Tre"])),
    )
    assert [(risk["number"], risk["text"]) for risk in again.risks] == [(1, "En"), (2, "To"), (3, "Tre")]


# --- Age and notice ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("born", "day", "age"),
    [
        ("2008-03-02", "2026-03-01", 17),
        ("2008-03-02", "2026-03-02", 18),
        ("2008-02-29", "2026-02-28", 17),
        ("2008-02-29", "2026-03-01", 18),
        ("2008-02-29", "2028-02-29", 20),
    ],
)
def test_age(born: str, day: str, age: int):
    assert age_on(born, day) == age


@pytest.mark.parametrize(
    ("subject", "band", "under_18"),
    [
        ({"kind": "person", "born": "2008-03-03"}, "under-18", True),
        ({"kind": "person", "born": "2008-03-02"}, "18-plus", False),
        ({"kind": "person", "born": "2008-03-02", "age_band": "under-18"}, "18-plus", False),
        ({"kind": "person", "age_band": "18-plus"}, "18-plus", False),
        ({"kind": "person"}, "unknown", True),
        ({"kind": "group", "age_band": "mixed"}, "mixed", True),
    ],
)
def test_the_age_band_follows_the_date_of_birth_on_the_day_of_receipt(subject: Body, band: str, under_18: bool):
    received = case(("create", create(subject=subject)))
    assert (received.age_band, received.under_18) == (band, under_18)
    assert received.to_dict()["subject"] == {**subject, "age_band": band}


def test_the_notice_is_pending_under_18_until_a_contact_says_it_was_sent():
    assert case(("create", create())).notice == {"status": "pending"}
    assert case(("create", create(subject={"kind": "person", "age_band": "18-plus"}))).notice is None
    told = {"status": "pending", "by": "us", "reason": "Venter på skolen"}
    sent = case(("create", create(notice=told)), ("contact", contact("notice", "2026-03-03")))
    assert sent.notice == {**told, "status": "sent", "at": "2026-03-03T10:00:00+01:00"}


# --- The sheet --------------------------------------------------------------------------------------------------------


def test_the_sheet_has_the_keys_that_checks_rely_on():
    sheet = case_in("planned").to_dict(due=[{"clock": "follow-up", "due": "2026-06-01"}])
    assert sheet["case"] == "2026-0001"
    assert sheet["entries"][3] == {"entry": 4, "step": "assess", "at": "2026-06-21T10:00:00+02:00", "by": "anna"}
    assert sheet["due"] == [{"clock": "follow-up", "due": "2026-06-01"}]
    assert sheet["plan"] == plan() and sheet["assessment"] == assess()
    assert {"case", "state", "tier", "gate", "received", "referrer", "subject", "observations", "measures"} < set(sheet)


def test_a_case_prints_no_word_of_its_forms():
    assert "jakke" not in repr(case_in("closed"))
    assert "Opdigtet" not in repr(case(("create", create(subject={"kind": "person", "name": "Aage Opdigtet"}))))


# --- Random legal walks -----------------------------------------------------------------------------------------------

OBSERVATION = st.fixed_dictionaries({"text": st.sampled_from(["Set i klubben", "Hørt i gården"])})
OBSERVED = st.fixed_dictionaries(
    {},
    optional={
        "observations": st.lists(OBSERVATION, min_size=1, max_size=3),
        "checked": st.lists(
            st.fixed_dictionaries(
                {"observation": st.integers(1, 4), "status": st.sampled_from(["confirmed", "refuted", "disputed"])}
            ),
            min_size=1,
            max_size=2,
        ),
    },
)
MEASURE = st.builds(
    measure,
    st.sampled_from(["kontaktperson", "mentor", "botilbud"]),
    provision=st.sampled_from(["§ 32", "almen indsats"]),
    starts=st.sampled_from(["2026-04-15", "2026-05-15"]),
)
TOLD = st.fixed_dictionaries(
    {"number": st.integers(1, 4), "status": st.sampled_from(["not-started", "ongoing", "completed", "stopped"])},
    optional={"sessions_held": st.integers(0, 9)},
)
ABOUT = st.sampled_from(list(schema.vocabulary()["contact-about"]))


def forms(name: str, now: Case) -> st.SearchStrategy[Body]:
    """Forms of one step that the state allows."""
    if name == "triage":
        blocks = st.sampled_from([police(), police("blocked")])
        joins = st.sampled_from([joint(), joint("no-basis"), joint("elsewhere", closing={"outcome": "other"})])
        return st.builds(dict, blocks if now.state == "received" else joins).flatmap(
            lambda form: OBSERVED.map(lambda observed: form | observed)
        )
    if name == "assess":
        told = st.booleans().map(lambda grounds: assess(grounds=grounds, risks=["Det ene", "Det andet"]))
        return told.flatmap(lambda form: OBSERVED.map(lambda observed: form | observed))
    if name == "plan":
        return st.lists(MEASURE, min_size=1, max_size=4).map(lambda measures: plan(*measures))
    if name == "follow-up":
        told = st.lists(TOLD, min_size=1, max_size=3).map(lambda measures: follow_up(*measures))
        return told.flatmap(lambda form: OBSERVED.map(lambda observed: form | observed))
    if name == "note":
        return OBSERVED.map(lambda observed: note() | observed)
    if name == "contact":
        return ABOUT.map(lambda about: contact(about, "2026-03-09"))
    if name == "close":
        answer = st.fixed_dictionaries({"observation": st.integers(1, 3), "answer": st.just("refuted")})
        return st.lists(answer, max_size=2).map(lambda answers: close(answers=answers) if answers else close())
    plain = {
        "create": create(),
        "reopen": REOPEN,
        "extend": extend(),
        "confirm": {"entry": 9},
        "share": share(),
        "correct": correct(),
        "restrict": restrict(restricted=False),
        "shield": shield("anna"),
        "redact": redact(),
        "link": link(),
        "hand-over": hand_over(),
        **dict(request()),
    }
    return st.just(plain[name])


@st.composite
def walks(draw: st.DrawFn) -> list[tuple[str, Body]]:
    now, written = Case(number="2026-0001"), list[tuple[str, Body]]()
    for _ in range(draw(st.integers(1, 14))):
        name = draw(st.sampled_from([step for step in possible(now) if step != "undo"]))
        form = draw(forms(name, now))
        permit(name, now, form)
        written.append((name, form))
        now = advance(now, entries(written)[-1])
    return written


def same_beginning(before: Any, after: Any, *fields: str) -> bool:
    """the items before are still there, in place, with these fields unchanged"""
    return len(before) <= len(after) and all(
        old.get(field) == new.get(field) for old, new in zip(before, after, strict=False) for field in fields
    )


@given(walks())
def test_no_number_ever_changes_and_nothing_ever_leaves_a_case(written: list[tuple[str, Body]]):
    now = Case(number="2026-0001")
    for entry in entries(written):
        after = advance(now, entry)
        assert same_beginning(now.observations, after.observations, "number", "text", "entry")
        assert same_beginning(now.risks, after.risks, "number", "text", "entry")
        assert same_beginning(now.measures, after.measures, "number", "measure", "provision", "authority", "entry")
        assert same_beginning(now.closings, after.closings, "entry", "gate", "outcome", "state")
        for items in (after.observations, after.risks, after.measures):
            assert numbers(items) == list(range(1, len(items) + 1))
        now = after


@given(walks(), st.data())
def test_the_fold_of_a_prefix_is_a_prefix_of_the_fold(written: list[tuple[str, Body]], data: st.DataObject):
    journal = entries(written)
    cut = data.draw(st.integers(0, len(journal)))
    now = fold("2026-0001", journal[:cut])
    for entry in journal[cut:]:
        now = advance(now, entry)
    assert now == fold("2026-0001", journal)
    assert now.originals == tuple(journal)


@given(walks())
def test_every_sheet_satisfies_its_schema_and_goes_through_json(written: list[tuple[str, Body]]):
    for name, form in written:
        assert schema.check(name, form) == []
    sheet = case(*written).to_dict(due=[{"clock": "receipt", "due": "2026-03-10"}])
    assert schema.check("case", sheet) == []
    assert json.loads(json.dumps(sheet)) == sheet


@given(walks())
def test_folding_leaves_the_forms_as_they_were(written: list[tuple[str, Body]]):
    before = json.dumps(written)
    case(*written).to_dict()
    assert json.dumps(written) == before


@given(walks(), st.sampled_from(list(STEPS)))
def test_after_any_walk_a_step_is_possible_or_illegal(written: list[tuple[str, Body]], name: str):
    now = case(*written)
    if name in possible(now) or (now.state and not STEPS[name].commanded):
        permit(name, now, {})
    else:
        with pytest.raises(IllegalStepError):
            permit(name, now, {})


def test_the_schema_of_the_sheet_refuses_what_the_sheet_does_not_have():
    sheet = case_in("closed").to_dict()
    assert schema.check("case", sheet) == []
    assert schema.check("case", {**sheet, "score": 3})
    assert schema.check("case", {name: value for name, value in sheet.items() if name != "observations"})
