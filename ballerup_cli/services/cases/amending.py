"""Corrections and redactions: what they leave of the entry they are about, and whether that is still a sound form.

Which entry and field may be amended is ``core``'s to say. A correction is a second way to write a form, so the whole
form as corrected goes through all that a form goes through when it is typed.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import reduce
from itertools import product
from typing import Any, NamedTuple

from ballerup_cli.core.cases.amend import (
    CORRECT,
    GONE,
    REDACT,
    Path,
    amended,
    corrections,
    find,
    path_of,
    put,
    typed,
    whole,
)
from ballerup_cli.core.cases.case import Case
from ballerup_cli.core.cases.fold import numbered
from ballerup_cli.core.cases.rules import EXTENDED_ALONE, Context, confirmers
from ballerup_cli.core.cases.steps import advance, before, breaches, fold, oddities
from ballerup_cli.core.entry import Body, Entry
from ballerup_cli.errors import N_, Finding, IllegalStepError
from ballerup_cli.storage.text import schema

_TAKEN_OUT = "[…]"
"""What stands for a text that was redacted where a form cannot do without one."""


class Written(NamedTuple):
    """One entry that a form brings about; ``redacts`` is the number of the entry whose body goes, 0 for none."""

    entry: Entry
    redacts: int = 0


def settled(case: Case, body: Body) -> Body:
    """Return a correction with its value as the form that it corrects spells it: a moment has its offset.

    Nothing in the place of a value is a value where the form knows ``null``; else it takes the field away.
    """
    form = {name: value for name, value in body.items() if (name, value) != ("value", None)}
    number, path = body["entry"], path_of(body["path"])
    if "value" not in body or not 1 <= number <= len(case.originals):
        return form
    item = amended(case.originals)[0][number - 1]
    if body["value"] is None and not _may_be_null(item.step, path):
        return form
    with suppress(LookupError, FileNotFoundError):
        return {**form, "value": find(schema.settle_amended(item.step, put(item.body, path, body["value"])), path)}
    return {**form, "value": body["value"]}


def _may_be_null(step: str, path: Path) -> bool:
    return any("null" in part.get("type", ()) for part in schema.speaking_of(step, path))


def faults(step: str, case: Case, body: Body, context: Context) -> list[Finding]:
    """Find why the entry amended would not be a sound form, or the case not hold together."""
    if step == REDACT:
        return [] if _redactions(case, body) is not None else [Finding(message=_NEEDED, path=("path",))]
    item, form = amended(case.originals)[0][body["entry"] - 1], corrected_form(case, body)
    if "value" in body and not _stands(form, path_of(body["path"])):
        found = [Finding(message=N_("nothing stands there in that entry"))]
    else:
        found = _unsound(case, item, form, context)
    if not found and not _holds(case.number, [*case.originals, _next(case, step, body)], ()):
        found = [Finding(message=N_("the case would not hold together: a later step would not have been possible"))]
    return [replace(finding, path=("value" if "value" in body else "path",)) for finding in found]


_NEEDED = N_("the entry cannot do without this field; correct it instead")


def _unsound(case: Case, entry: Entry, form: Body, context: Context) -> list[Finding]:
    """Find what is wrong with the whole form as corrected: as if it were written that way on its own day."""
    found = schema.check(entry.step, typed(entry.step, form))
    if found:
        return found
    early, then = _then(case, entry, context)
    known = breaches(entry.step, early, whole(entry.body), then)  # what is no fault of the correction
    found = [finding for finding in breaches(entry.step, early, whole(form), then) if finding not in known]
    if not found and entry.number == 1 and case.received_day[:4] != str(form["received"])[:4]:
        found = [Finding(message=N_("the number of a case is of the year it was received; write it down anew instead"))]
    return found


def corrected_form(case: Case, body: Body) -> Body:
    """Return the form of an entry as one more correction leaves it."""
    item = amended(case.originals)[0][body["entry"] - 1]
    form: Body = put(item.body, path_of(body["path"]), body.get("value", GONE))
    return form


def _next(case: Case, step: str, body: Body) -> Entry:
    return Entry(number=len(case.originals) + 1, step=step, at=case.originals[-1].at, by="", body=body)


def odd(case: Case, body: Body, context: Context) -> list[Finding]:
    """Find what is odd but lawful in the form as corrected, and was not before."""
    item, form = amended(case.originals)[0][body["entry"] - 1], corrected_form(case, body)
    early, then = _then(case, item, context)
    known = oddities(item.step, early, whole(item.body), then)
    found = [finding for finding in oddities(item.step, early, whole(form), then) if finding not in known]
    return [replace(finding, path=("value" if "value" in body else "path",)) for finding in found]


def _then(case: Case, entry: Entry, context: Context) -> tuple[Case, Context]:
    """Return the case and the day that an entry was written in."""
    return before(case, entry.number), replace(context, today=entry.at[:10], me=entry.by)


def entries_of(case: Case, entry: Entry, context: Context) -> list[Written]:
    """Return what is written for a form: a redaction for each entry that holds the text, else the form itself.

    A plan has the numbers of its measures, and a third extension whether it waits for another member.
    """
    if entry.step == "extend" and len(case.written("extend")) >= EXTENDED_ALONE:
        return [Written(replace(entry, body={**entry.body, "waits": bool(confirmers(case, context))}))]
    if entry.step == "plan":
        return [Written(replace(entry, body={**entry.body, "measures": numbered(case, entry.body["measures"])}))]
    if entry.step != REDACT:
        return [Written(entry)]
    return _redacted(case, entry, _redactions(case, entry.body) or {})


def taken_out(case: Case, entry: Entry) -> list[Written]:
    """Return the redactions that take out all of a form that it can do without; ``entry`` says why."""
    number = entry.body["entry"]
    left = {number: case.originals[number - 1].body}
    places = [(number, name) for name in left[number]]
    places += [(written.number, "value") for written in corrections(case.originals, number, ())]
    for holder, name in places:
        body = left.get(holder, case.originals[holder - 1].body)
        gone = {**left, holder: put(body, (name,), GONE)}
        is_sound = _holds(case.number, _with(case, gone), {number, holder})
        left = gone if is_sound else {**left, holder: put(body, (name,), _TAKEN_OUT)}
    return _redacted(
        case,
        entry,
        {written: (entry.body["path"] if written == number else "value", body) for written, body in left.items()},
    )


def _redacted(case: Case, entry: Entry, left_of: Mapping[int, tuple[str, Body]]) -> list[Written]:
    written: list[Written] = []
    for number, (path, left) in left_of.items():
        instead = reduce(_wrapped, _earlier(case, number), left)
        body = {**entry.body, "entry": number, "path": path, "instead": instead}
        item = replace(entry, number=entry.number + len(written), body=body)
        written.append(Written(item, _holder(case, number)))
    return written


def after(case: Case, written: Sequence[Written]) -> Case:
    """Return the case with the entries, read as they will be from the store.

    Raises:
        IllegalStepError: what is amended makes a later entry impossible.
    """
    if not written[0].redacts:
        return reduce(advance, (entry for entry, _ in written), case)
    left = {entry.body["entry"]: _innermost(entry.body["instead"]) for entry, _ in written}
    return fold(case.number, [*_with(case, left), *(entry for entry, _ in written)])


def _innermost(instead: Any) -> Any:
    while isinstance(instead, Mapping) and "instead" in instead:
        instead = instead["instead"]
    return instead


def _holder(case: Case, number: int) -> int:
    """Return the number of the entry whose body goes: the one named, or the redaction that holds what is left of it."""
    return next((entry.number for entry in reversed(list(_earlier(case, number)))), number)


def _earlier(case: Case, number: int) -> Iterator[Entry]:
    """Give the redactions of an entry so far."""
    return (entry for entry in case.originals if entry.step == REDACT and entry.body["entry"] == number)


def _wrapped(left: Body, redaction: Entry) -> Body:
    return {**redaction.body, "instead": left}


def _redactions(case: Case, body: Body) -> dict[int, tuple[str, Body]] | None:
    """Return, for every entry that holds the text, where it stands there and what is left: a form each, and a case.

    The text stands in the entry as it was written and in what later corrections put in its place. Where a form needs a
    text, a mark stands in its place.
    """
    number, path = body["entry"], path_of(body["path"])
    places = {number: path} if _stands(case.originals[number - 1].body, path) else {}
    places |= {entry.number: ("value",) for entry in corrections(case.originals, number, path)}
    touched = {*places} | {
        int(case.originals[entry - 1].body["entry"]) for entry in places if case.originals[entry - 1].step == CORRECT
    }
    for marked in product((GONE, _TAKEN_OUT), repeat=min(len(places), 2)):
        left = {
            entry: put(case.originals[entry - 1].body, place, marked[0] if entry == number else marked[-1])
            for entry, place in places.items()
        }
        if all(_items_stay(form, places[entry]) for entry, form in left.items()) and _holds(
            case.number, _with(case, left), touched
        ):
            return {entry: (body["path"] if entry == number else "value", form) for entry, form in left.items()}
    return None


def _items_stay(form: Body, path: Path) -> bool:
    """Tell whether an item whose text was taken out still is one: it keeps its status and history."""
    above = (path[: index + 1] for index, step in enumerate(path[:-1]) if isinstance(step, int))
    return all(_stands(form, item) for item in above)


def _stands(body: Body, path: Path) -> bool:
    with suppress(LookupError):
        find(body, path)
        return True
    return False


def _with(case: Case, left: Mapping[int, Body]) -> list[Entry]:
    return [replace(entry, body=left.get(entry.number, entry.body)) for entry in case.originals]


def _holds(number: str, entries: Sequence[Entry], touched: Collection[int]) -> bool:
    """Tell whether the entries make a case, and those that were touched, as written and as corrected, a sound form."""
    try:
        fold(number, entries)
    except (IllegalStepError, LookupError, TypeError, ValueError):
        return False
    return not any(
        schema.check(entry.step, typed(entry.step, entry.body))
        for entry in (*entries, *amended(entries)[0])
        if entry.number in touched
    )
