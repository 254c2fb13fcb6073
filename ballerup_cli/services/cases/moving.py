"""Moving a note that was written in the wrong case: taken out there, written down in the right one, in one save.

What a redaction leaves is ``amending``'s; how a step is checked and written, ``casework``'s.
"""

from collections.abc import Iterator

from ballerup_cli.core.cases.amend import amended, is_hole, typed, undone
from ballerup_cli.core.cases.case import Case
from ballerup_cli.core.entry import Body, Entry
from ballerup_cli.errors import N_, Finding, InvalidFormError
from ballerup_cli.services.cases import casework
from ballerup_cli.services.cases.casework import StepResult
from ballerup_cli.services.store import records
from ballerup_cli.services.store.moment import Moment
from ballerup_cli.services.store.workspace import Workspace
from ballerup_cli.storage.store.commit import writing

NOTE = "note"


def move(workspace: Workspace, source: str, entry: int, target: str, moment: Moment, reason: str) -> list[StepResult]:
    """Write a note of one case in another one and take it out where it stands; its own day stays beside it.

    Raises:
        InvalidFormError: it is no note, others refer to it, or more people would read it than may.
        BallerupError: one of the cases cannot be opened by this user, or the store not be written.
    """
    with writing(workspace.store):
        here, there = records.open_case(workspace, source), records.open_case(workspace, target)
        if found := list(_hindrances(here, entry, there)):
            raise InvalidFormError(findings=[Finding(message=message) for message in found], step=NOTE)
        written = amended(here.originals)[0][entry - 1]
        taken = [
            casework.result_of(workspace, NOTE, there, {"when": written.at, **typed(NOTE, written.body)}, moment),
            casework.taken_out(workspace, here, entry, reason, moment),
        ]
        casework.write(workspace, taken, moment)
    return taken


def _hindrances(here: Case, number: int, there: Case) -> Iterator[str]:
    """Say why a note cannot be moved."""
    facts = next((entry for entry in here.originals if entry.number == number and entry.step == NOTE), None)
    if facts is None or number in undone(here.originals):
        yield N_("there is no note of this number in the case")
        return
    if here.number == there.number:
        yield N_("this is the case itself")
    if here.shield and not (there.shield and {*there.shield["for"]} <= {*here.shield["for"]}):
        yield N_("the other case is read by people from whom this one is shielded")
    if "checked" in typed(NOTE, facts.body) or set(_cited(here, number)) & {
        item["number"] for item in here.observations if item["entry"] == number
    }:
        yield N_("other entries refer to what it says, or it refers to them")


def _cited(case: Case, number: int) -> Iterator[int]:
    """Give the numbers of observations that other entries check, answer or cite."""
    for entry in case.entries:
        if entry.number != number:
            yield from _numbers(entry)


def _numbers(entry: Entry) -> Iterator[int]:
    body: Body = entry.body
    answers = (*body.get("answers", ()), *body.get("closing", {}).get("answers", ()))
    for item in (*body.get("checked", ()), *answers):
        if not is_hole(item) and "observation" in item:
            yield int(item["observation"])
    yield from (item for item in body.get("observations", ()) if isinstance(item, int))
