"""The invented concerns that are shipped: read them, and write them into a store as if they had happened day by day."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from copy import copy
from dataclasses import field
from datetime import date, datetime, time
from functools import partial
from importlib.resources import files
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from ballerup_cli.core.cases.case import Case
from ballerup_cli.core.cases.steps import STEPS, fold
from ballerup_cli.core.entry import Entry
from ballerup_cli.services.cases import casework
from ballerup_cli.services.forms.pipeline import CREATE
from ballerup_cli.services.store.moment import Moment
from ballerup_cli.services.store.workspace import Workspace
from ballerup_cli.storage.text import codec, schema
from ballerup_cli.values import value

WALK = "00-walk"
"""The concern that the demonstration walks through; all others are there before."""

_ZONE = ZoneInfo("Europe/Copenhagen")


@value
class Form:
    """One filled-in form: its step, its file, and the day it was written."""

    step: str
    path: Path
    day: str
    text: str = field(repr=False)

    @property
    def moment(self) -> Moment:
        """Noon of its day."""
        day = date.fromisoformat(self.day)
        return Moment(at=datetime.combine(day, time(12), tzinfo=_ZONE).isoformat(), today=day)


def concerns() -> Iterator[list[Form]]:
    """Give every shipped concern but the walk, as forms in the order of their steps."""
    return (forms(folder) for folder in _folders() if folder.name != WALK)


def walk() -> list[Form]:
    """Return the forms of the concern that is walked through."""
    return next(forms(folder) for folder in _folders() if folder.name == WALK)


def _folders() -> list[Path]:
    shipped = Path(str(files("ballerup_cli").joinpath("templates", "examples")))
    return sorted(path for path in shipped.iterdir() if path.is_dir())


def forms(folder: Path) -> list[Form]:
    """Return the forms of one concern; a form that names no day was written on the day of the one before it."""
    found: list[Form] = []
    for path in sorted(folder.glob("*.yaml")):
        step, text = path.stem.partition("-")[2], path.read_text(encoding="utf-8")
        happened = codec.read_forms(text.encode())[0].value.get(STEPS[step].happened)
        found.append(Form(step=step, path=path, day=happened[:10] if happened else found[-1].day, text=text))
    return found


def as_case(concern: Sequence[Form], number: str, *, bare: bool = False) -> Case:
    """Return the case that a whole concern makes, without a store; a ``bare`` one says nothing that it need not."""
    return fold(number, [_entry(at, form, bare=bare) for at, form in enumerate(concern, 1)])


def _entry(number: int, form: Form, *, bare: bool) -> Entry:
    (document, *_) = codec.read_forms(form.text.encode())
    body = schema.settle(form.step, document.value)
    body = _least(body, lambda less: not schema.check(form.step, less)) if bare else body
    return Entry(number=number, step=form.step, at=form.moment.at, by="", body=body)


def _least(part: Any, fits: Callable[[Any], bool]) -> Any:
    """Return a form, or a part of one, without all that it can do without."""
    for name in list(part) if isinstance(part, Mapping) else range(len(part)):
        if isinstance(part, Mapping) and fits(less := {key: part[key] for key in part if key != name}):
            part = less
        elif isinstance(part[name], Mapping | list):
            part = _put(part, name, _least(part[name], partial(_fits_within, fits, part, name)))
    return part


def _fits_within(fits: Callable[[Any], bool], part: Any, name: Any, inner: Any) -> bool:
    return fits(_put(part, name, inner))


def _put(part: Any, name: Any, value: Any) -> Any:
    changed = copy(part)
    changed[name] = value
    return changed


def write(workspace: Workspace, concern: list[Form]) -> str:
    """Write a whole concern and return its number.

    Raises:
        BallerupError: a form is not valid, or the store cannot be written.
    """
    number = ""
    for form in concern:
        documents = casework.read_forms(form.text.encode(), form.step, form.path.name)
        if form.step == CREATE:
            number = casework.open_concerns(workspace, documents, form.moment)[0].case.number
        else:
            casework.take(workspace, form.step, number, documents[0], form.moment)
    return number
