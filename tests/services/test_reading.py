"""What is written can be read: every text field of every step is on every page, or masked for a reason."""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from cli_kit import Home

from ballerup_cli.core.cases import fold as folds
from ballerup_cli.core.cases.case import Case
from ballerup_cli.core.cases.steps import STEPS, Step
from ballerup_cli.core.entry import Entry
from ballerup_cli.services.documents.sheet import MASKS, OMITTED, OTHERS, REFERRER, Line, Reader
from ballerup_cli.storage.text import schema

PAGES = ("show", "chronology", "minutes", "plan", "case-sheet", "access")


def marked(step: str) -> tuple[dict[str, Any], dict[str, str]]:
    """Return a form with a mark of its own in every field that holds free text, and where each mark is."""
    marks: dict[str, str] = {}
    return {name: _value(step, (name,), marks) for name in schema.fields(step)}, marks


def _value(step: str, path: tuple[str | int, ...], marks: dict[str, str]) -> Any:
    parts = schema.speaking_of(step, path)
    kinds = {kind for part in parts for kind in _kinds(part)}
    if codes := [part["enum"] for part in parts if "enum" in part]:
        return codes[0][0]
    if "object" in kinds:
        names = dict.fromkeys(name for part in parts for name in part.get("properties", {}))
        keys = [code for part in parts for code in part.get("propertyNames", {}).get("enum", ())]
        return {name: _value(step, (*path, name), marks) for name in [*names, *keys]}
    if "array" in kinds:
        return [_value(step, (*path, 0), marks), _value(step, (*path, 1), marks)]
    formats = {part["format"] for part in parts if "format" in part} - {"text", "line"}
    if formats & {"moment", "date", "date-or-month"}:
        return "2026-03-02"
    if "boolean" in kinds:
        return True
    if kinds & {"integer", "number"}:
        return 1
    if "case" in formats:
        return "2026-0001"
    marks[f"mærke{len(marks)}x"] = ".".join(map(str, path))
    return f"mærke{len(marks) - 1}x"


def _kinds(part: Mapping[str, Any]) -> Iterator[str]:
    kind = part.get("type", ())
    yield from [kind] if isinstance(kind, str) else kind


@pytest.fixture(scope="module")
def reading(ready_store: Home) -> Any:
    return ready_store.workspace()


@pytest.fixture(scope="module")
def ready_store(tmp_path_factory: pytest.TempPathFactory) -> Home:
    from cli_kit import ready

    return ready(tmp_path_factory.mktemp("sheet"))


def text_of(lines: list[Line] | Any) -> str:
    return "\n".join(f"{line.label}: {line.text}" for line in lines)


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("step", STEPS)
def test_what_is_written_is_read_on_every_page_or_its_reason_is_listed(reading: Any, step: str, page: str) -> None:
    body, marks = marked(step)
    entry = Entry(number=1, step=step, at="2026-03-02T10:00:00+01:00", by="anna", body=body)
    case = Case(number="2026-0001", entries=(entry,), originals=(entry,))
    read = text_of(Reader(reading, "da", page).section(case, entry).lines)
    assert marks or step in ("hand-over", "confirm")  # a note of a confirmation may be left out
    rows = [*MASKS.get(page, ()), *OMITTED[""], *OMITTED.get(page, ())]
    for mark, path in marks.items():
        listed = [
            row for row in rows if row.holds(step, ".".join(name for name in path.split(".") if not name.isdigit()))
        ]
        assert (mark in read) != bool(listed), f"{page}: {step}.{path}"
        assert all(len(row.why) > 20 for row in listed)


@pytest.mark.parametrize("language", ["da", "en"])
@pytest.mark.parametrize("step", STEPS)
def test_no_code_stands_where_it_has_a_label(reading: Any, step: str, language: str) -> None:
    body, _marks = marked(step)
    entry = Entry(number=1, step=step, at="2026-03-02T10:00:00+01:00", by="anna", body=body)
    case = Case(number="2026-0001", entries=(entry,), originals=(entry,))
    read = text_of(Reader(reading, language).section(case, entry).lines)
    labels = reading.vocabulary.lists
    for path in schema.paths(step):
        lists = [part for part in schema.speaking_of(step, path) if part.get("list") in labels and "enum" in part]
        said = [labels[part["list"]][part["enum"][0]][language] for part in lists]
        assert not said or any(label in read for label in said), path


def test_who_is_named_for_a_reason_stands_there_again(reading: Any) -> None:
    body, _marks = marked("create")
    entry = Entry(number=1, step="create", at="2026-03-02T10:00:00+01:00", by="anna", body=body)
    case = Case(number="2026-0001", entries=(entry,), originals=(entry,))
    name = body["referrer"]["name"]
    assert name not in text_of(Reader(reading, "da", "access").section(case, entry).lines)
    assert name not in text_of(Reader(reading, "da", "access", (OTHERS,)).section(case, entry).lines)
    assert name in text_of(Reader(reading, "da", "access", (REFERRER,)).section(case, entry).lines)


def test_a_step_that_is_added_is_read_without_any_further_change(reading: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    step = Step(name="visit", help="A visit.", states=frozenset({"received"}), fold=folds.keep, happened="when")
    monkeypatch.setitem(dict(STEPS), "visit", step)
    added = {"type": "object", "properties": {"seen": {"type": "string"}, "when": {"type": "string"}}}
    real = schema.speaking_of
    monkeypatch.setattr(
        schema,
        "speaking_of",
        lambda name, path: ([added] if not path else [{}]) if name == "visit" else real(name, path),
    )
    entry = Entry(
        number=1, step="visit", at="2026-03-02T10:00:00+01:00", by="anna", body={"when": "x", "seen": "mærke"}
    )
    case = Case(number="2026-0001", entries=(entry,), originals=(entry,))
    (section,) = Reader(reading, "da").sections(case)
    assert [line.text for line in section.lines] == ["mærke", "x"]
    assert section.title == "visit"


def test_a_refuted_observation_says_so_before_anything_else(reading: Any) -> None:
    body = {"observations": [{"text": "mærke"}]}
    entry = Entry(number=1, step="note", at="2026-03-02T10:00:00+01:00", by="anna", body=body)
    observation = {"number": 4, "entry": 1, "text": "mærke", "status": "refuted", "history": ()}
    case = Case(number="2026-0001", entries=(entry,), originals=(entry,), observations=(observation,))
    (line,) = Reader(reading, "da").section(case, entry).lines
    assert line.text == "4. [AFKRÆFTET] mærke"


def test_parties_read_as_sentences_and_groups_as_blocks(reading: Any) -> None:
    body = {
        "decided_by": [{"function": "politi", "organisation": "Vestegnen", "name": "Bo Betjentsen"}],
        "consent": {"status": "given", "at": "2026-03-01"},
    }
    entry = Entry(number=1, step="plan", at="2026-03-02T10:00:00+01:00", by="anna", body=body)
    case = Case(number="2026-0001", entries=(entry,), originals=(entry,))
    lines = {line.label: line.text for line in Reader(reading, "da").section(case, entry).lines}
    assert lines == {
        "Besluttet af": "politi, Vestegnen (Bo Betjentsen)",
        "Samtykke": "status: givet\ngivet den: 01.03.2026",
    }


def test_a_correction_is_read_beside_what_was_wrong(reading: Any) -> None:
    entry = Entry(number=3, step="note", at="2026-03-02T10:00:00+01:00", by="anna", body={"text": "ret"})
    struck = {"entry": 3, "path": "text", "by": 4, "value": "vrang"}
    case = Case(number="2026-0001", entries=(entry,), originals=(entry,), struck=(struck,))
    (line,) = Reader(reading, "da").struck(case)
    assert line.text == "vrang"
    assert line.label.startswith("3. notat: notat")
