"""Corrections and redactions: what they leave of the entry they are about, and whether that is still a sound form.

Which entry and field may be amended is ``core``'s to say.
"""

from collections.abc import Iterator
from dataclasses import replace
from functools import reduce

from ballerup_cli.core.cases.amend import REDACT, amendment, path_of, put
from ballerup_cli.core.cases.case import Case
from ballerup_cli.core.cases.steps import advance, fold
from ballerup_cli.core.entry import Body, Entry
from ballerup_cli.errors import N_, Finding, IllegalStepError
from ballerup_cli.storage.text import schema

_TAKEN_OUT = "[…]"
"""What stands for a text that was redacted where a form cannot do without one."""


def faults(step: str, case: Case, body: Body) -> list[Finding]:
    """Find why the entry amended would not be a sound form, or the case not hold together."""
    if step == REDACT:
        return [] if _redacted(case, body) is not None else [Finding(message=_NEEDED, path=("path",))]
    told = case.originals[body["entry"] - 1]
    found = schema.check(told.step, amendment(step, body, told.body))
    if not found and not _holds(case.number, [*case.originals, _next(case, step, body)]):
        found = [Finding(message=N_("the case would not hold together: a later step would not have been possible"))]
    return [replace(finding, path=("value" if "value" in body else "path",)) for finding in found]


_NEEDED = N_("the entry cannot do without this field; correct it instead")


def completed(step: str, case: Case, body: Body) -> Body:
    """Return a form as it is written: a redaction with what is left of the entry it is about."""
    if step != REDACT:
        return body
    return {**body, "instead": reduce(_wrapped, _earlier(case, body["entry"]), _redacted(case, body))}


def after(case: Case, entry: Entry) -> Case:
    """Return the case with one more entry, read as it will be from the store.

    Raises:
        IllegalStepError: what is amended makes a later entry impossible.
    """
    if entry.step != REDACT:
        return advance(case, entry)
    left = _redacted(case, entry.body) or {}
    return fold(case.number, [*_with(case, entry.body["entry"], left), entry])


def takes_the_place_of(step: str, case: Case, body: Body) -> int:
    """Return the number of the entry whose body goes: the one named, or the redaction that holds what is left of it."""
    if step != REDACT:
        return 0
    return next((entry.number for entry in reversed(list(_earlier(case, body["entry"])))), int(body["entry"]))


def _earlier(case: Case, number: int) -> Iterator[Entry]:
    """Give the redactions of an entry so far."""
    return (entry for entry in case.originals if entry.step == REDACT and entry.body["entry"] == number)


def _wrapped(left: Body | None, redaction: Entry) -> Body:
    return {**redaction.body, "instead": left}


def _redacted(case: Case, body: Body) -> Body | None:
    """Return what is left: without the field, or with a mark in its place where the form needs a text."""
    told = case.originals[body["entry"] - 1]
    for left in (amendment(REDACT, body, told.body), dict(put(told.body, path_of(body["path"]), _TAKEN_OUT))):
        if _holds(case.number, _with(case, told.number, left)):
            return left
    return None


def _with(case: Case, number: int, body: Body) -> list[Entry]:
    return [replace(told, body=body) if told.number == number else told for told in case.originals]


def _next(case: Case, step: str, body: Body) -> Entry:
    return Entry(number=len(case.originals) + 1, step=step, at=case.originals[-1].at, by="", body=body)


def _holds(number: str, entries: list[Entry]) -> bool:
    """Tell whether the entries still make a case, and each of them, as corrected, a sound form."""
    try:
        case = fold(number, entries)
    except (IllegalStepError, LookupError, TypeError, ValueError):
        return False
    return not any(schema.check(told.step, told.body) for told in case.entries if told.step != REDACT)
