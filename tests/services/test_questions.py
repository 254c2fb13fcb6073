"""Forms as questions: every field can be asked, every answer stays with its field, and nothing typed is lost."""

from collections.abc import Iterator
from random import Random
from typing import Any

import pytest

from ballerup_cli.core.cases.steps import STEPS
from ballerup_cli.core.network.kinds import PAGES
from ballerup_cli.services.forms import form
from ballerup_cli.services.forms.conditions import WANTED
from ballerup_cli.services.forms.drafts import Content
from ballerup_cli.services.forms.questions import Field, Interview, fields, is_person
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


def asked(sitting: Interview) -> tuple[str | int, ...] | None:
    question = sitting.question()
    return question.path if question else None


def give(sitting: Interview, *answers: Any) -> None:
    for answer in answers:
        question = sitting.question()
        assert question is not None
        sitting.answer(question, answer)


def interview(name: str, known: dict[str, Any] | None = None, **more: Any) -> Interview:
    return Interview(name, read(name), known or {}, **more)


RECEIVED = {"received": "2026-03-02T14:30", "received_by": "municipality"}


@pytest.mark.parametrize("name", [*STEPS, *PAGES])
def test_what_a_schema_requires_is_asked_for(name: str) -> None:
    required = {found.path[:1] for found in schema.check(name, {}) if found.path}
    sitting = interview(name)
    paths = set()
    for _ in range(60):
        if (question := sitting.question()) is None:
            break
        paths.add(question.path[:1])
        word = {"function": "x"} if is_person(question.about.fields) else "x"
        sitting.answer(question, False if question.ask == "item" else word)
    assert required - {("closing",)} <= paths


def test_the_answers_become_the_form_and_what_is_known_is_not_asked() -> None:
    sitting = interview("create", RECEIVED)
    give(sitting, "klub-nord", "person", "Slår")
    assert sitting.question() is None
    sitting.open(("observations",))
    give(sitting, "Slog en dreng", "truer", None, None, None, False)
    assert sitting.question() is None
    assert sitting.body == {
        **RECEIVED,
        "referrer": {"member": "klub-nord"},
        "subject": {"kind": "person"},
        "concern": "Slår",
        "observations": [{"text": "Slog en dreng", "sign": "truer"}],
    }


def test_a_question_that_becomes_wanted_is_asked_and_no_answer_slides() -> None:
    """What was answered later stays where it belongs, and comes back when the condition holds again."""
    sitting = interview("assess", {"held": "2026-06-01", "participants": [{"role": "core-group"}]})
    give(sitting, "God til fodbold", False, "Siger ikke noget", "Det mindste", "Samlet")
    assert sitting.question() is None and "tier" not in sitting.body
    sitting.reopen(("grounds",))
    give(sitting, True)
    assert asked(sitting) == ("tier",)
    give(sitting, "foregribende", "Kan miste sine venner")
    assert sitting.question() is None
    assert (sitting.body["risks"], sitting.body["conclusion"]) == (["Kan miste sine venner"], "Samlet")
    sitting.reopen(("grounds",))
    give(sitting, False)
    assert sitting.question() is None
    assert "risks" not in sitting.body and sitting.content.answers["risks", 0] == "Kan miste sine venner"
    sitting.reopen(("grounds",))
    give(sitting, True)
    assert sitting.question() is None and sitting.body["tier"] == "foregribende"


def test_going_back_offers_what_was_typed_and_enter_keeps_it() -> None:
    sitting = interview("create", RECEIVED)
    give(sitting, None, "citizen", "person")
    sitting.back()
    question = sitting.question()
    assert question and (question.path, question.default) == (("subject", "kind"), "person")
    sitting.back()
    assert asked(sitting) == ("referrer", "other")
    give(sitting, "relative", None, "Slår")
    assert sitting.question() is None
    assert (sitting.body["referrer"], sitting.body["subject"]) == ({"other": "relative"}, {"kind": "person"})


def test_known_points_are_asked_for_in_turn_and_their_numbers_are_never_typed() -> None:
    known = {"held": "2026-06-01", "measures": [{"number": 1, "status": "ongoing", "sessions_held": 2}]}
    sitting = interview("follow-up", known, points={("measure", 1): "Indsats 1: mentor"})
    question = sitting.question()
    assert question and (question.path, question.point) == (("measures", 0, "status"), "Indsats 1: mentor")
    give(sitting, "completed", "2026-09-01")
    assert sitting.question() is None
    assert sitting.body["measures"] == [{"number": 1, "status": "completed", "sessions_held": 2}]


def test_a_closing_asks_one_question_a_point() -> None:
    points = {("observation", 1): "en", ("observation", 3): "tre", ("risk", 1): "r", ("measure", 2): "m"}
    sitting = interview("close", {"closed": "2026-06-01"}, points=points)
    give(sitting, "completed", "Forløbet er slut", "addressed", "refuted", "stands", "addressed")
    assert sitting.question() is None
    assert sitting.body["answers"] == [
        {"observation": 1, "answer": "addressed"},
        {"observation": 3, "answer": "refuted"},
        {"risk": 1, "answer": "stands"},
        {"measure": 2, "answer": "addressed"},
    ]


def test_a_list_goes_on_where_more_is_wanted() -> None:
    sitting = interview("plan", {"decided": "2026-06-01"})
    give(sitting, {"function": "leder"}, {"function": "mentor"}, {"function": "ssp"}, "Mål et")
    sitting.open(("goals", 1))
    assert asked(sitting) == ("goals", 1)
    give(sitting, "Mål to", "mentor", "almen indsats", "Ungerådgivningen", "2026-07-01", True)
    assert asked(sitting) == ("measures", 1, "measure")
    sitting.back()
    assert asked(sitting) == ("measures", 1), "and one more was wanted, which can be taken back"
    give(sitting, False, "Deltager", "Det mindste", "2026-09-01")
    assert sitting.question() is None
    assert (sitting.body["goals"], len(sitting.body["measures"])) == (["Mål et", "Mål to"], 1)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("name", [*STEPS])
def test_a_walk_that_goes_back_and_forth_ends_with_each_answer_in_its_field(name: str, seed: int) -> None:
    """Answers say which field they were given to: none may stand elsewhere, none is asked twice, none is lost."""
    dice = Random(f"{name} {seed}")  # noqa: S311
    points = {("observation", 1): "en", ("risk", 1): "to", ("measure", 4): "fire"}
    sitting = interview(name, points=points)
    typed: dict[tuple[str | int, ...], str] = {}
    for turn in range(150):
        question = sitting.question()
        if question is None:
            if turn > 60 or not (parts := sitting.optional()):
                break
            sitting.open((dice.choice(parts).name,))
            continue
        if question.ask == "item":
            sitting.answer(question, turn < 30 and dice.random() < 0.5)
        elif turn < 90 and dice.random() < 0.2:
            sitting.back()
        elif typed.get(question.path) and dice.random() < 0.8:
            assert question.default == typed[question.path], "what was typed is offered again"
            sitting.answer(question, None)
        elif not question.must and dice.random() < 0.2:
            sitting.answer(question, None)
        else:
            typed[question.path] = "/".join(map(str, question.path))
            sitting.answer(question, typed[question.path])
    assert sitting.question() is None, "no dead end"
    answers = sitting.content.answers
    assert {path: value for path, value in answers.items() if path in typed} == typed, "nothing lost or elsewhere"
    for row in sitting.rows:
        assert row.default == typed.get(row.path, row.default)


def test_a_draft_takes_up_where_it_was_left() -> None:
    sitting = interview("create", RECEIVED)
    give(sitting, None, "citizen")
    again = interview("create", RECEIVED)
    again.take_up(Content.decode(sitting.content.encode()))
    assert asked(again) == ("subject", "kind")
    assert again.body["referrer"] == {"other": "citizen"}


def test_every_field_that_is_needed_only_sometimes_says_when() -> None:
    def conditional(parts: tuple[Field, ...], above: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
        for part in parts:
            if part.conditional:
                yield (*above, part.name)
            yield from conditional(part.fields, (*above, part.name))

    without = {
        (name, ".".join(path))
        for name in STEPS
        for path in conditional(read(name), ())
        if ".".join(path) not in WANTED.get(name, {})
    }
    assert without == UNCONDITIONAL


UNCONDITIONAL = {
    ("create", "referrer.member"),
    ("triage", "closing.outcome"),
    ("assess", "closing.outcome"),
    ("assess", "view_of_subject"),
}
"""Asked about and skipped at will; what the case wants of them, its rules say."""
