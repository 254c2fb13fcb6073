"""Every kind of form takes one way: what is wrong is said with its place, and nothing is written of it."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import invented
import pytest
from cli_kit import WRITTEN, Home

from ballerup_cli.errors import IllegalStepError, InvalidFormError
from ballerup_cli.services.cases import casework, meeting
from ballerup_cli.services.cases.casework import Form
from ballerup_cli.services.forms import pipeline
from ballerup_cli.services.forms.pipeline import CREATE, ERASE, KINDS, MINUTES, PROFILE, SETTINGS, TRENDS, UNMASK
from ballerup_cli.services.network import network
from ballerup_cli.services.reports import trends
from ballerup_cli.services.rights import erasure, unmasking
from ballerup_cli.services.store.workspace import Workspace
from ballerup_cli.services.upkeep import profile, settings
from ballerup_cli.storage.text import schema

CASE, CLOSED = "2026-0005", "2026-0006"
EXAMPLES = Path(__file__).parents[1] / "examples" / "valid"
OPEN_TO = {
    "triage": "2026-0001",
    "assess": "2026-0003",
    "plan": "2026-0004",
    **dict.fromkeys(("reopen", "extend", "confirm"), CLOSED),
}


def submit(workspace: Workspace, name: str, data: bytes) -> Any:
    """Hand in a form of any kind as its command does."""
    others: dict[str, Callable[[], Any]] = {
        SETTINGS: lambda: settings.change(workspace, data, WRITTEN),
        PROFILE: lambda: profile.read(data),
        ERASE: lambda: erasure.erase(workspace, [CLOSED], data, WRITTEN),
        UNMASK: lambda: unmasking.unmask(workspace, CASE, data, WRITTEN),
        TRENDS: lambda: trends.read_words(workspace, data),
        MINUTES: lambda: minutes(workspace, data),
        CREATE: lambda: casework.open_concerns(workspace, casework.read_forms(data, CREATE), WRITTEN),
    }
    if name in others:
        return others[name]()
    if name in network.PAGES:
        return network.write(workspace, name, network.read_forms(data, name), WRITTEN)
    (document,) = casework.read_forms(data, name)
    return casework.take(workspace, name, OPEN_TO.get(name, CASE), document, WRITTEN)


def minutes(workspace: Workspace, data: bytes) -> Any:
    held = meeting.Meeting(number=1, date="2026-06-20", agenda={CASE: ()})
    return casework.take_many(workspace, meeting.read_minutes(held, data), WRITTEN)


def example(name: str) -> dict[str, Any]:
    """Return a form of this kind that its schema takes; settings have no schema of their own."""
    if name == SETTINGS:
        return {"smallest_count": 6}
    if name == PROFILE:
        return {"municipality": "Opfundet Kommune"}
    if name == MINUTES:
        return {"case": CASE, "step": "note", **invented.note()}
    (document, *_) = pipeline.read(name, min((EXAMPLES / name).glob("*.yaml")).read_bytes())
    return dict(document.value)


def hostile(name: str) -> dict[str, bytes]:
    """Return what must be refused of any kind of form."""
    form = example(name)
    first = next(iter(form))
    told = json.dumps(form).encode()
    return {
        "two documents": told + b"\n" + told,
        "an unknown field": json.dumps({**form, "ukendt_felt_her": "x"}).encode(),
        "a mapping in the place of all": json.dumps({field: {"a": {"b": "c"}} for field in form}).encode(),
        "a text in the place of a form": b'"Bare en tekst"',
        "a list in the place of a form": b"[1, 2]",
        "an empty file": b"",
        "the same field twice": f"{first}: x\n{first}: y\n".encode(),
        "no YAML": b"a: [",
        "no text": b"\xff\xfe\x00",
    }


@pytest.mark.parametrize("name", [*KINDS])
def test_no_kind_of_form_takes_what_is_hostile(town: Home, name: str) -> None:
    workspace = town.workspace()
    before = workspace.store.register.number
    for what, data in hostile(name).items():
        if what == "two documents" and (KINDS[name].is_stream or not example(name)):
            continue
        with pytest.raises(InvalidFormError) as refused:
            submit(workspace, name, data)
        assert refused.value.exit_code == 12
        assert refused.value.findings, what
        assert all(
            found.line or not data.strip() or "utf" in found.message.lower() for found in refused.value.findings
        ), what
    workspace.store.reload()
    assert workspace.store.register.number == before, "nothing was written"


@pytest.mark.parametrize("name", [name for name, kind in KINDS.items() if kind.has_schema])
def test_a_missing_field_is_named_at_its_place(town: Home, name: str) -> None:
    workspace, form = town.workspace(), example(name)
    for field in json.loads(schema.resource(f"schemas/{name}.schema.json")).get("required", ()):
        without = {key: told for key, told in form.items() if key != field}
        with pytest.raises(InvalidFormError) as refused:
            submit(workspace, name, json.dumps(without or {"ukendt": "x"}).encode())
        assert (field,) in [found.path for found in refused.value.findings]


def test_a_stream_is_judged_one_form_after_the_other(town: Home) -> None:
    """Two of one code pass no check that the save would fail, and each is named by its number."""
    form = json.dumps({"code": "nyt", "name": "Nyt netværk"})
    found = network.check_form(town.workspace(), "networks-add", f"{form}\n{form}", WRITTEN)
    assert [(one.document, one.path) for one in found] == [(2, ("code",))]
    with pytest.raises(InvalidFormError) as refused:
        submit(town.workspace(), "networks-add", f"{form}\n{form}".encode())
    assert [(one.document, one.path) for one in refused.value.findings] == [(2, ("code",))]
    assert submit(town.workspace(), "networks-add", form.encode()).networks["nyt"]


def test_a_second_document_of_settings_is_refused_and_not_dropped(town: Home) -> None:
    answer = town.run("settings", "set", "--from", "-", typed="smallest_count: 6\n---\nsmallest_count: 7\n")
    assert answer.code == 12 and "one form only" in answer.err


def test_a_form_for_a_case_that_was_closed_meanwhile_is_refused(town: Home) -> None:
    workspace = town.workspace()
    casework.take(workspace, "close", CASE, document("close", invented.close()), WRITTEN)
    for step, form in (("follow-up", invented.follow_up()), ("plan", invented.plan())):
        with pytest.raises(IllegalStepError):
            casework.take(workspace, step, CASE, document(step, form), WRITTEN)
    with pytest.raises(IllegalStepError):
        minutes(workspace, json.dumps({"case": CASE, "step": "follow-up", **invented.follow_up()}).encode())
    casework.take(workspace, "reopen", CLOSED, document("reopen", invented.REOPEN), WRITTEN)
    with pytest.raises(IllegalStepError):
        submit(workspace, ERASE, json.dumps(example(ERASE)).encode())
    several = [
        Form(step="note", number=number, document=document("note", invented.note())) for number in (CASE, CLOSED)
    ]
    assert len(casework.take_many(workspace, several, WRITTEN)) == 2


def document(name: str, form: Any) -> Any:
    return pipeline.read_one(name, json.dumps(form).encode())
