"""The case flow through the command: gates, closing and reopening, levels of effort, contacts, and what is refused."""

import json
from typing import Any

import invented
import pytest
from cli_kit import GROUNDLESS, Home

ADULT = invented.create(subject={"kind": "person", "name": "Vibe Voksen", "age_band": "18-plus"})


def done(home: Home, step: str, number: str, form: Any) -> Any:
    """Take a step that must succeed and return the case as it is then."""
    answer = home.write(step, number, form)
    assert answer.code == 0, answer
    return home.case(number)


def refused(home: Home, code: int, step: str, number: str | None, form: Any) -> str:
    return home.fails(code, step, *([number] if number else []), "--from", "-", typed=json.dumps(form))


# --- gates ------------------------------------------------------------------------------------------------------------


def test_gate_a_the_police_cannot_let_it_be_handled(town: Home) -> None:
    case = done(town, "triage", "1", invented.police("blocked"))
    assert (case["state"], case["gate"], case["closing"]["outcome"]) == ("closed", "police", "police-takes-over")


@pytest.mark.parametrize(("outcome", "closing"), [("no-basis", "no-basis"), ("elsewhere", "handed-over")])
def test_gate_b_no_basis_after_the_joint_talk(town: Home, outcome: str, closing: str) -> None:
    case = done(town, "triage", "2", invented.joint(outcome))
    assert (case["state"], case["gate"], case["closing"]["outcome"]) == ("closed", "joint", closing)


def test_gate_c_no_basis_after_analysis(town: Home) -> None:
    case = done(town, "assess", "3", GROUNDLESS)
    assert (case["state"], case["gate"], case["tier"]) == ("closed", "assessment", None)
    assert case["closing"]["outcome"] == "no-basis"


def test_gate_d_the_plan_has_ended_and_what_is_unanswered_is_told(town: Home) -> None:
    answer = town.write("close", "5", invented.close())
    assert "warning: 2026-0005: answers: no answer for observation 1, 2" in answer.err
    assert "no answer for risk 1" in answer.err
    assert "no answer for measure 1" in answer.err
    case = town.case("5")
    assert (case["state"], case["gate"]) == ("closed", "plan")


@pytest.mark.parametrize(
    ("number", "gate"), [("1", "police"), ("2", "joint"), ("3", "assessment"), ("4", "plan"), ("5", "plan")]
)
def test_close_is_possible_in_every_open_state_before_that_states_next_gate(town: Home, number: str, gate: str) -> None:
    case = done(town, "close", number, invented.close("moved"))
    assert (case["state"], case["gate"], case["closed_before"]) == ("closed", None, gate)
    assert case["closing"]["closed"] == "2026-06-20"


def test_an_adult_who_declines_is_closed_from_assessed_before_the_plans_gate(town: Home) -> None:
    number = town.write("create", None, ADULT).out.strip()
    for step, form in (("triage", invented.police()), ("triage", invented.joint()), ("assess", invented.assess())):
        done(town, step, number, form)
    case = done(town, "close", number, invented.close("declined"))
    assert (case["gate"], case["closed_before"]) == (None, "plan")
    assert (case["tier"], case["closing"]["outcome"]) == ("foregribende", "declined")


# --- reopen, note, contact --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("number", "state", "gate"),
    [
        ("6", "planned", "plan"),
        ("7", "received", "police"),
        ("8", "screened", "joint"),
        ("9", "accepted", "assessment"),
    ],
)
def test_reopening_returns_to_the_state_before_and_keeps_the_gate_visible(
    town: Home, number: str, state: str, gate: str
) -> None:
    case = done(town, "reopen", number, invented.REOPEN)
    assert (case["state"], case["gate"], case["closing"]) == (state, None, None)
    assert [closing["gate"] for closing in case["closings"]] == [gate]
    assert not {item["clock"] for item in case["due"]} & {"retention", "feedback"}


def test_notes_and_contacts_are_possible_in_every_state_closed_too(town: Home) -> None:
    for number in ("1", "6"):
        case = done(town, "note", number, invented.note(observations=[{"text": "Smiler igen"}]))
        assert [item["text"] for item in case["observations"]][-1] == "Smiler igen"
        case = done(town, "contact", number, invented.contact("conversation", "2026-06-20"))
        assert case["contacts"][-1]["form"]["about"] == "conversation"
    assert case["state"] == "closed"


def test_contacts_stop_their_clocks(town: Home) -> None:
    def clocks(case: Any) -> set[str]:
        return {item["clock"] for item in case["due"]}

    matters = {
        "notice": "notice",
        "notice-assessed": "child-assessment",
        "receipt": "receipt",
        "information": "information",
    }
    assert clocks(town.case("1")) >= set(matters.values())
    for about, clock in matters.items():
        assert clock not in clocks(done(town, "contact", "1", invented.contact(about, "2026-03-02")))
    case = done(town, "contact", "1", invented.contact("exception", "2026-03-03", review="2026-04-01"))
    assert {"clock": "exception-review", "due": "2026-04-01"} in case["due"]


# --- what the state does not allow ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("number", "step", "form", "hint"),
    [
        ("1", "assess", invented.assess(), "possible now: triage, close, note, contact"),
        ("1", "plan", invented.plan(), "triage"),
        ("3", "triage", invented.police(), "assess"),
        ("4", "follow-up", invented.follow_up(), "plan"),
        ("5", "reopen", invented.REOPEN, "close"),
        ("6", "close", invented.close(), "reopen"),
        ("1", "triage", invented.joint(), "the next gate is police"),
        ("2", "triage", invented.police(), "the next gate is joint"),
    ],
)
def test_an_illegal_step_and_a_form_for_another_gate_end_with_11(
    ready_home: Home, number: str, step: str, form: Any, hint: str
) -> None:
    said = refused(ready_home, 11, step, number, form)
    assert f"2026-000{number}" in said
    assert hint in said.partition("hint: ")[2]


def test_an_illegal_step_is_told_even_when_its_form_is_wrong(ready_home: Home) -> None:
    ready_home.fails(11, "plan", "1", "--from", "-", typed="goals: []")


# --- levels of effort -------------------------------------------------------------------------------------------------


def test_a_level_is_given_with_grounds_and_changed_by_follow_ups_with_a_reason(town: Home) -> None:
    assert "tier" in refused(town, 12, "follow-up", "5", invented.follow_up(tier="indgribende"))
    change = {"tier": "indgribende", "tier_reason": "Er set i miljøet"}
    assert "proportionality" in refused(town, 12, "follow-up", "5", invented.follow_up(**change))
    case = done(town, "follow-up", "5", invented.follow_up(**change, proportionality="Mindre er prøvet"))
    assert case["tier"] == "indgribende"
    assert [line["case"] for line in json.loads(town.ok("list", "--tier", "indgribende", "--format", "json"))] == [
        "2026-0005"
    ]
    report = json.loads(
        town.ok("report", "--from", "2026-01-01", "--to", "2026-12-31", "--internal", "--format", "json")
    )
    assert {row["tier"]: row["received"] for row in report["by_tier"]}["indgribende"] == 1
    case = done(town, "follow-up", "5", invented.follow_up(tier="forebyggende", tier_reason="Er faldet til ro"))
    assert case["tier"] == "forebyggende"


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"risks": []}, "risks"),
        ({"resources": ["", ""]}, "resources"),
        ({"tier": "unassessed"}, "tier: unknown code; nearest: "),
        ({"observations": [3]}, "observations 1: the case has no such number"),
        ({"score": 7}, "unknown field"),
    ],
)
def test_an_assessment_that_says_too_little_or_too_much_is_refused(ready_home: Home, form: Any, said: str) -> None:
    assert said in refused(ready_home, 12, "assess", "3", invented.assess(**form))


# --- observations, measures, plans ------------------------------------------------------------------------------------


def test_what_is_refuted_is_shown_so_and_cannot_be_cited(town: Home) -> None:
    case = done(town, "note", "3", invented.note(checked=[{"observation": 1, "status": "refuted"}]))
    assert [item["status"] for item in case["observations"]] == ["refuted", "claimed"]
    assert "refuted" in refused(town, 12, "assess", "3", invented.assess(observations=[1]))
    case = done(town, "assess", "3", invented.assess(observations=[2, {"text": "Har fået en ven"}]))
    assert [item["number"] for item in case["observations"]] == [1, 2, 3]


def test_unfounded_needs_its_core_refuted(town: Home) -> None:
    assert "unfounded" in refused(town, 12, "close", "1", invented.close("unfounded"))
    answers = [{"observation": 1, "answer": "refuted"}]
    assert done(town, "close", "1", invented.close("unfounded", answers=answers))["closing"]["outcome"] == "unfounded"


def test_a_plan_can_be_revised_but_its_coordinator_changes_only_with_a_reason(town: Home) -> None:
    other = {"name": "Rolf Rådgiversen", "function": "ssp"}
    assert "coordinator_reason" in refused(town, 12, "plan", "5", invented.plan(coordinator=other))
    case = done(
        town, "plan", "5", invented.plan(invented.measure("mentor"), coordinator=other, coordinator_reason="Orlov")
    )
    assert [item["number"] for item in case["measures"]] == [1, 2]
    assert case["state"] == "planned"
    unknown = invented.follow_up({"number": 9, "status": "ongoing"})
    assert "measures 1 number: the case has no such number; it has 2" in refused(town, 12, "follow-up", "5", unknown)
    case = done(town, "follow-up", "5", invented.follow_up({"number": 2, "status": "ongoing", "sessions_held": 3}))
    assert case["measures"][1]["sessions_held"] == 3


def test_no_next_follow_up_needs_its_reason(town: Home) -> None:
    assert "reason" in refused(town, 12, "follow-up", "5", invented.follow_up(next=None))
    case = done(town, "follow-up", "5", invented.follow_up(next=None, reason="Sagen afsluttes"))
    assert "follow-up" not in {item["clock"] for item in case["due"]}


# --- Ballerup-Pladen --------------------------------------------------------------------------------------------------


def test_an_unknown_member_is_refused_with_the_nearest(ready_home: Home) -> None:
    said = refused(ready_home, 12, "create", None, invented.create(referrer={"member": "hedegaardskolen"}))
    assert "referrer member: no member of the network has this code; nearest: hedegaardsskolen" in said
    assert "hedegaardskolen" not in said


def test_a_member_who_has_left_can_refer_no_more_but_keeps_its_cases(town: Home) -> None:
    town.ok("pladen", "retire", "--from", "-", typed="code: klub-nord\nuntil: 2026-06-01\n")
    said = refused(town, 12, "create", None, invented.create(received="2026-06-01T09:00"))
    assert "this member has left the network; nearest: klub-" in said
    late = town.write("create", None, invented.create(received="2026-05-31T16:00")).out.strip()
    assert town.case(late)["referrer"]["member"] == "klub-nord", "it was there when the concern came"
    assert town.case("1")["referrer"]["member"] == "klub-nord"
    assert len(json.loads(town.ok("list", "--member", "klub-nord", "--format", "json"))) == 8
    assert town.ok("verify")


# --- odd but lawful ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("number", "step", "form", "warning"),
    [
        ("1", "triage", invented.police(decided="2026-02-01"), "dated before the concern was received"),
        ("1", "triage", invented.police(decided="2031-02-01"), "dated in the future"),
        ("1", "triage", invented.police("blocked"), "under 18 and no child notice sent"),
        (
            "4",
            "plan",
            invented.plan(invented.measure("botilbud")),
            "measures 1 measure: from the catalogue for another age",
        ),
        ("3", "assess", invented.assess(), "view_of_subject: neither the person's own view nor why it is missing"),
    ],
)
def test_odd_but_lawful_input_is_written_and_warned_of(
    town: Home, number: str, step: str, form: Any, warning: str
) -> None:
    answer = town.write(step, number, form)
    assert answer.code == 0
    assert f"ballerup: warning: 2026-000{number}: {warning}" in answer.err


def test_the_caseload_of_each_coordinator_is_counted_in_the_house_only(town: Home) -> None:
    year = ("report", "--from", "2026-01-01", "--to", "2026-12-31", "--by", "responsible")
    told = json.loads(town.ok(*year, "--internal", "--format", "json"))
    assert told["by_responsible"] == [{"responsible": "anna", "received": 9, "open": 5, "closed": 4}]
    assert "anna" in town.ok(*year, "--internal")
    assert "--internal" in town.fails(2, *year)
