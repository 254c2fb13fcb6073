"""What a closed case no longer needs: who came, once he has heard; of what others have now, all but the reference."""

from typing import Any

import pytest
from invented import SETTINGS, case, close, contact, create, joint, police

from ballerup_cli.core.cases.needless import needless

INTAKE = create(
    referrer={"member": "klub-nord", "name": "Vibe Eksempel", "contact": "vibe@eksempel.example"},
    place={"text": "Ved søen"},
)


def told(*more: Any, **changed: Any) -> list[str]:
    return list(needless(case(("create", INTAKE | changed), *more), SETTINGS))


@pytest.mark.parametrize(
    ("written", "paths"),
    [
        ([("close", close("no-basis"))], ["referrer.name", "referrer.contact"]),
        ([("close", close("unfounded"))], ["referrer.name", "referrer.contact"]),
        (
            [("triage", police("blocked"))],
            ["referrer.name", "referrer.contact", "concern", "observations", "place.text"],
        ),
        (
            [("triage", police()), ("triage", joint("elsewhere"))],
            ["referrer.name", "referrer.contact", "concern", "observations", "place.text"],
        ),
        ([("triage", police()), ("close", close("completed"))], []),
        ([], []),
    ],
)
def test_what_is_needless_follows_how_it_closed_and_names_what_is_there(written: Any, paths: list[str]):
    assert told(*written) == paths


def test_who_came_is_needed_until_he_has_heard():
    wants = {"referrer": {**INTAKE["referrer"], "wants_feedback": True}}
    shut = ("close", close("no-basis"))
    assert told(shut, **wants) == []
    assert told(shut, ("contact", contact("feedback", "2026-06-20")), **wants) == ["referrer.name", "referrer.contact"]
    assert told(("close", close("no-basis", feedback={"status": "given"})), **wants) != []
