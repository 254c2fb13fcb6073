"""Forms as questions: every field of every form can be asked, required ones first, and going back forgets."""

from typing import Any

import pytest

from ballerup_cli.core.cases.steps import STEPS
from ballerup_cli.core.network.kinds import PAGES
from ballerup_cli.services.forms import form
from ballerup_cli.services.forms.questions import Field, Interview, fields
from ballerup_cli.storage.text import codec, schema


def read(name: str, language: str = "en") -> tuple[Field, ...]:
    return fields(form.render(name, language))


def names(parts: tuple[Field, ...], above: str = "") -> set[str]:
    inner = [names(part.fields, f"{above}{part.name}.") for part in parts]
    return {f"{above}{part.name}" for part in parts}.union(*inner)


def written(value: Any, above: str = "") -> set[str]:
    """The names of the fields of a form as YAML reads it."""
    if isinstance(value, list):
        return set().union(*(written(item, above) for item in value))
    if not isinstance(value, dict):
        return set()
    return {f"{above}{name}" for name in value}.union(*(written(v, f"{above}{n}.") for n, v in value.items()))


@pytest.mark.parametrize("language", ["da", "en"])
@pytest.mark.parametrize("name", [*STEPS, *PAGES])
def test_every_field_of_a_form_can_be_asked(name: str, language: str) -> None:
    (document,) = codec.read_forms(form.render(name, language).encode())
    assert names(read(name, language)) == written(document.value)


@pytest.mark.parametrize("language", ["da", "en"])
def test_long_labels_are_whole_and_no_part_of_the_question(language: str) -> None:
    (observations,) = [part for part in read("create", language) if part.name == "observations"]
    (sign,) = [part for part in observations.fields if part.name == "sign"]
    assert sign.choices == form.vocabulary_choices(language)["sign"]
    assert len(sign.words) < 60


@pytest.mark.parametrize("name", [*STEPS, *PAGES])
def test_what_a_schema_requires_is_asked_for_first(name: str) -> None:
    sitting = Interview(read(name), {})
    asked = answer_all(sitting, "0", most=60)
    required = {found.path for found in schema.check(name, {}) if found.path}
    assert {path[:1] for path in asked} == required - {("closing",)}


def answer_all(sitting: Interview, word: str, most: int) -> list[tuple[str | int, ...]]:
    """Give every question up to the menu the same answer."""
    asked = []
    while (question := sitting.question()) is not None and question.ask != "menu" and len(asked) < most:
        asked.append(question.path)
        ends = question.ask == "item" or (question.about and question.about.kind == "lines" and question.path[-1] == 1)
        sitting.answers.append(None if ends else word)
    return asked


def give(sitting: Interview, *told: Any) -> None:
    for answer in told:
        assert sitting.question() is not None
        sitting.answers.append(answer)


def test_the_answers_become_the_form_and_the_menu_opens_what_is_optional() -> None:
    sitting = Interview(read("create"), {"received": "2026-03-02T14:30", "received_by": "municipality"})
    give(sitting, None, None, "klub-nord", None, "person", "Slår", "observations")
    give(sitting, True, "Slog en dreng", "truer", None, None, None, None, None)
    assert sitting.question() is None
    assert sitting.body == {
        "received": "2026-03-02T14:30",
        "received_by": "municipality",
        "referrer": {"member": "klub-nord"},
        "subject": {"kind": "person"},
        "concern": "Slår",
        "observations": [{"text": "Slog en dreng", "sign": "truer"}],
    }


def test_what_was_asked_once_is_not_offered_again() -> None:
    sitting = Interview(read("create"), {})
    give(sitting, "2026-03-02", "police", None, "citizen", "person", "Slår")
    before = {part.name for part in sitting.question().parts}
    assert {"subject", "referrer", "observations", "channel"} <= before
    assert not {"received", "concern"} & before
    give(sitting, "channel", "phone")
    assert {part.name for part in sitting.question().parts} == before - {"channel"}


def test_going_back_forgets_the_last_answer_and_a_fault_leads_to_its_question() -> None:
    sitting = Interview(read("create"), {})
    give(sitting, "2026-03-02", "police", None, "citizen", "person", "Slår", None)
    assert sitting.question() is None
    sitting.back_to(("subject", "kind"))
    assert sitting.question().path == ("subject", "kind")
    assert sitting.body == {"received": "2026-03-02", "received_by": "police", "referrer": {"other": "citizen"}}
    give(sitting, "person", "Slår", None)
    sitting.back_to(("resources", 0))
    assert sitting.question().path == ("resources", 0), "nobody asked for it before, so it is asked now"


def test_known_items_of_a_list_are_gone_through_before_another_is_asked_for() -> None:
    known = {"held": "2026-06-01", "measures": [{"number": 1, "status": "ongoing", "sessions_held": 2}]}
    sitting = Interview(read("follow-up"), known)
    give(sitting, None, None, "completed", None, "2026-09-01", None)
    assert sitting.question() is None
    assert sitting.body["measures"] == [{"number": 1, "status": "completed", "sessions_held": 2}]
    assert sitting.body["next"] == "2026-09-01"
