"""What is known when a form is opened is filled in: the day, the last plan, who was told, what was seen and stands."""

from typing import Any

import pytest
from invented import SETTINGS, case, case_in, create, follow_up, joint, measure, plan, police, share

from ballerup_cli.core.cases import prefill
from ballerup_cli.core.cases.case import Case

NOW = "2026-06-21T10:15:30+02:00"
TODAY = "2026-06-21"
BLANK = Case(number="")


@pytest.mark.parametrize(
    ("step", "before", "told"),
    [
        ("intake", BLANK, {"received": "2026-06-21T10:15", "received_by": "municipality"}),
        ("triage", case_in("received"), {"gate": "police", "decided": TODAY}),
        ("triage", case_in("screened"), {"gate": "joint", "decided": TODAY}),
        ("assess", case_in("accepted"), {"held": TODAY}),
        ("plan", case_in("assessed"), {"decided": TODAY}),
        ("plan", case_in("planned"), {**plan(), "decided": TODAY}),
        ("follow_up", case_in("assessed"), {"held": TODAY}),
        ("close", case(("create", {**create(), "observations": []})), {"closed": TODAY}),
    ],
)
def test_a_form_knows_the_day_and_what_the_case_says(step: str, before: Case, told: dict[str, Any]) -> None:
    assert getattr(prefill, step)(before, NOW, {**SETTINGS, "core_group": []}) == told


def test_an_assessment_knows_the_core_group() -> None:
    told = prefill.assess(BLANK, NOW, {**SETTINGS, "core_group": [{"function": "ssp"}]})
    assert told["participants"] == [{"function": "ssp", "role": "core-group"}]


def test_the_first_disclosure_is_the_one_to_the_police() -> None:
    asked = [("create", create()), ("triage", police(asked="2026-03-03")), ("triage", joint())]
    first = prefill.share(case(*asked), NOW, SETTINGS)
    assert (first["direction"], first["date"]) == ("given", "2026-03-03")
    assert first["party"]["organisation"] == SETTINGS["authorities"]["police"]["da"]
    assert prefill.share(case_in("screened"), NOW, SETTINGS)["date"] == police()["decided"]
    again = [("reopen", {"reason": "Nyt"}), ("triage", police(asked="2026-06-01"))]
    blocked = [("create", create()), ("triage", police("blocked", asked="2026-03-03")), *again]
    assert prefill.share(case(*blocked), NOW, SETTINGS)["date"] == "2026-03-03"
    by_police = case(("create", create(received_by="police")), ("triage", police()))
    for later in (case_in("received"), case(*asked, ("share", share())), by_police):
        assert prefill.share(later, NOW, SETTINGS) == {"date": TODAY}


def test_a_person_split_off_a_group_takes_what_was_seen_and_stands_and_no_name() -> None:
    intake = create(
        subject={"kind": "group", "name": "Drengene ved søen"},
        referrer={"member": "klub-nord", "function": "klub", "name": "Vibe Eksempel", "wants_feedback": True},
        shield={"for": ["anna"], "reason": "En kollega"},
    )
    refuted = ("note", {"text": "Set efter", "checked": [{"observation": 2, "status": "refuted"}]})
    group = case(("create", intake), refuted)
    assert prefill.part_of(group) == {
        **{name: intake[name] for name in ("received", "received_by", "concern")},
        "referrer": {"member": "klub-nord", "function": "klub"},
        "subject": {"kind": "person"},
        "observations": [{**intake["observations"][0], "status": "claimed"}],
        "related": ["2026-0001"],
        "shield": intake["shield"],
    }
    bare = prefill.part_of(
        case(("create", {**intake, "observations": []}), ("shield", {"shielded": False, "reason": "x"}))
    )
    assert "observations" not in bare and "shield" not in bare


def test_a_correction_knows_who_was_told_and_each_once() -> None:
    shared = [share(party={"organisation": name}, direction=way) for name, way in SHARED]
    told = case_in("received", *(("share", form) for form in shared))
    assert prefill.correct(told, NOW, SETTINGS) == {"tell": ["Politiet", "Skolen"]}
    assert prefill.correct(case_in("received"), NOW, SETTINGS) == {}


SHARED = (("Politiet", "given"), ("Skolen", "given"), ("Politiet", "given"), ("Kommunen", "received"))


def test_a_follow_up_knows_the_measures_in_the_plan_as_they_stood() -> None:
    followed = ("follow-up", follow_up({"number": 1, "status": "ongoing", "sessions_held": 3}))
    revised = ("plan", plan(measure("mentor"), decided="2026-06-02"))
    assert prefill.follow_up(case_in("planned", followed), NOW, SETTINGS) == {
        "held": TODAY,
        "measures": [{"number": 1, "status": "ongoing", "sessions_held": 3}],
    }
    told = prefill.follow_up(case_in("planned", followed, revised), NOW, SETTINGS)
    assert told["measures"] == [{"number": 2, "status": "not-started", "sessions_held": 0}]


def test_a_closing_knows_everything_that_was_once_raised() -> None:
    told = prefill.close(case_in("planned"), NOW, SETTINGS)
    asked = [(kind, number) for answer in told["answers"] for kind, number in answer.items() if kind != "answer"]
    assert asked == [("observation", 1), ("observation", 2), ("risk", 1), ("measure", 1)]
