"""A correction is a second way to write a form, and no easier one; what two amendments leave is a sound case.

Without a store: a form of every step and every example of it, each field of it amended.
"""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import invented
import pytest

from ballerup_cli.core.cases.amend import GONE, amended, find, put, whole
from ballerup_cli.core.cases.case import Case
from ballerup_cli.core.cases.steps import STEPS, advance, breaches, fold, permit
from ballerup_cli.core.entry import Body, Entry
from ballerup_cli.errors import IllegalStepError
from ballerup_cli.services.cases import amending
from ballerup_cli.storage.text import codec, schema

EXAMPLES = Path(__file__).parent.parent / "examples" / "valid"
BY_HAND = ("correct", "redact", "undo")
CONTEXT = invented.context(
    today="2026-06-21", coordinators=("anna", "bo"), openers=("anna", "bo"), has_case=lambda _: True
)
OTHER = {"string": "Noget andet", "integer": 2}


def forms() -> Iterator[Any]:
    for step in (step for step in STEPS if step not in BY_HAND):
        for file in sorted((EXAMPLES / step).glob("*.yaml")):
            body = schema.settle(step, codec.read_forms(file.read_bytes())[0].value)
            if (found := before(step, body)) is not None:
                yield pytest.param(step, body, found, id=f"{step} {file.stem}")


def before(step: str, body: Body) -> Case | None:
    """Return a case in which the form can be written, None when there is none here."""
    for state in ("", *invented.BEFORE):
        case = Case(number="2026-0001") if not state else invented.case_in(state)
        if writable(case, step, body):
            return case
    return None


def writable(case: Case, step: str, body: Body) -> bool:
    try:
        permit(step, case, body)
    except IllegalStepError:
        return False
    return not schema.check(step, body) and not breaches(step, case, body, CONTEXT)


def write(case: Case, step: str, body: Body) -> Case:
    """Write a form as the services do, and read it as it will be from the store."""
    entry = Entry(number=len(case.originals) + 1, step=step, at=invented.moment("2026-06-21"), by="anna", body=body)
    return amending.after(case, amending.entries_of(case, entry, CONTEXT))


def try_to(case: Case, step: str, form: Body) -> Case | None:
    """Amend the case if that is allowed."""
    form = amending.settled(case, form) if step == "correct" else form
    if schema.check(step, form) or breaches(step, case, form, CONTEXT) or amending.faults(step, case, form, CONTEXT):
        return None
    return write(case, step, form)


def leaves(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    if path:
        yield path
    for key, part in inner:
        yield from leaves(part, (*path, key))


def spelled(path: tuple[Any, ...]) -> str:
    return ".".join(str(step + 1) if isinstance(step, int) else step for step in path)


def others(step: str, path: tuple[Any, ...], told: Any) -> Iterator[Any]:
    """Give other values for a field, right and wrong ones: texts, days, moments without offset, codes, numbers."""
    codes = [code for part in schema.speaking_of(step, path) for code in part.get("enum", ())]
    yield from [code for code in codes if code != told][:2]
    yield from (
        ["Noget andet", "2026-03-04", "2026-03-04T23:30", "klub-syd", "2026-0007"] if isinstance(told, str) else ()
    )
    yield from (["2026-0007"] if told is None else ())
    yield from ([not told] if isinstance(told, bool) else [1, 9] if isinstance(told, int) else ())


FORMS = list(forms())


def sound(case: Case) -> list[Any]:
    """Return what `verify` would say of it: of every entry as it is stored, and of the sheet."""
    found = [fold(case.number, case.originals) != case]
    told = (
        (entry.step, {name: value for name, value in entry.body.items() if name != "instead"})
        for entry in (*case.originals, *amended(case.originals)[0])
    )
    found += [schema.check(step, whole(body)) for step, body in told]
    return [*filter(None, [*found, schema.check("case", case.to_dict())])]


@pytest.mark.parametrize(("step", "body", "case"), FORMS)
def test_a_corrected_form_is_one_written_that_way(step: str, body: Body, case: Case) -> None:
    written = write(case, step, body)
    number, tried = len(written.originals), 0
    form = written.originals[-1].body
    for path in leaves(form):
        for value in others(step, path, find(form, path)):
            wanted = whole(schema.settle(step, put(form, path, value)))
            corrected = try_to(written, "correct", invented.correct(spelled(path), value, entry=number))
            if corrected is None:
                by_hand = path[-1] == "number" or path[0] in ("for", "shielded") or path[:2] == ("shield", "for")
                other_year = step == "create" and wanted.get("received", "")[:4] != "2026"
                assert by_hand or other_year or not writable(case, step, wanted), spelled(path)
                continue
            tried += 1
            assert writable(case, step, wanted), (spelled(path), "as it would be refused when it is written")
            assert amended(corrected.originals)[0][number - 1].body == wanted
            straight = write(case, step, wanted)
            ours = replace(corrected, entries=(), originals=(), struck=())
            assert ours == replace(straight, entries=(), originals=(), struck=()), spelled(path)
            assert corrected.entries[number - 1] == straight.entries[number - 1]
    assert tried


@pytest.mark.parametrize(("step", "body", "case"), FORMS)
def test_any_two_amendments_leave_a_sound_case(step: str, body: Body, case: Case) -> None:
    written = write(case, step, body)
    number, done = len(written.originals), 0
    form = written.originals[-1].body
    paths = [*leaves(form)]
    for path in paths[len(step) % 3 :: 3] if len(paths) > 9 else paths:
        right = [invented.correct(spelled(path), value, entry=number) for value in others(step, path, find(form, path))]
        kinds = {
            "correct": next((one for one in right if try_to(written, "correct", one)), invented.correct("nothing")),
            "remove": {
                name: item for name, item in invented.correct(spelled(path), entry=number).items() if name != "value"
            },
            "redact": invented.redact(spelled(path), entry=number),
            "above": invented.redact(spelled(path[:-1] or path), entry=number),
        }
        steps = {"remove": "correct", "above": "redact"}
        for one, first in kinds.items():
            once = try_to(written, steps.get(one, one), first)
            if once is None:
                continue
            assert not sound(once), (spelled(path), one)
            for two, second in kinds.items():
                twice = try_to(once, steps.get(two, two), second)
                if twice is not None:
                    done += 1
                    assert not sound(twice), (spelled(path), one, two)
                    if one == "correct" and second["path"] == first["path"] and two in ("redact", "above"):
                        assert "Noget andet" not in str([entry.body for entry in twice.originals])
    assert done


def test_contexts_are_those_of_the_day_and_of_the_entries_before() -> None:
    """What came later neither forbids nor allows what an entry says: checked only knows what was there."""
    first = write(
        invented.case_in("accepted"), "note", invented.note(checked=[{"observation": 1, "status": "refuted"}])
    )
    later = write(first, "note", invented.note(observations=[{"text": "Set igen"}]))
    form = invented.correct("checked.1.observation", 3, entry=len(first.originals))
    assert try_to(later, "correct", form) is None, "number three did not exist then"
    assert try_to(later, "correct", {**form, "value": 2}) is not None


def test_an_unknown_member_is_no_referrer_by_correction_either() -> None:
    assert try_to(invented.case_in("received"), "correct", invented.correct("referrer.member", "klub-maane")) is None
    assert try_to(invented.case_in("received"), "correct", invented.correct("referrer.member", "klub-syd")) is not None


def test_a_case_stays_in_the_year_of_its_number() -> None:
    assert try_to(invented.case_in("received"), "correct", invented.correct("received", "2025-03-02")) is None


@pytest.mark.parametrize("path", ["value", "path", "entry", "instead.concern"])
def test_what_an_amendment_does_is_not_corrected(path: str) -> None:
    case = invented.case_in("received", ("correct", invented.correct()), ("redact", invented.redact(instead={})))
    for number in (2, 3):
        assert try_to(case, "correct", invented.correct(path, "Andet", entry=number)) is None


def test_signed_nonsense_about_other_entries_has_no_effect() -> None:
    case = invented.case_in("received")
    for form in (invented.correct(entry=999999999), invented.correct("concern.1"), invented.correct("observations.9")):
        entry = Entry(number=2, step="correct", at=invented.moment("2026-06-21"), by="anna", body=form)
        assert advance(case, entry).observations == case.observations


def test_a_later_step_is_not_made_impossible() -> None:
    case = invented.case_in("assessed")
    with pytest.raises(IllegalStepError):
        write(case, "correct", invented.correct("outcome", "blocked", entry=2))
    assert put({"a": 1}, ("a",), GONE) == {}
