"""Changing one field of a form that is written: finding it by its path, putting something else there, taking it away.

A path is written as people count: ``observations.2.text`` is the text of the second observation.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from ballerup_cli.core.entry import Body, Entry

Path = tuple[str | int, ...]

GONE = object()
"""Put in a field's place, it takes the field away."""


def path_of(written: str) -> Path:
    """Read a path; its numbers count from 1."""
    return tuple(int(step) - 1 if step.isdecimal() else step for step in written.split("."))


def find(body: Any, path: Path) -> Any:
    """Return what stands at a path.

    Raises:
        LookupError: nothing does.
    """
    for step in path:
        is_there = (
            0 <= step < len(body)
            if isinstance(step, int) and isinstance(body, Sequence)
            else isinstance(body, Mapping) and step in body
        )
        if not is_there or isinstance(body, str):
            raise LookupError(len(path))
        body = body[step]
    return body


def put(body: Any, path: Path, value: Any) -> Any:
    """Return a copy of ``body`` with ``value`` at the path, which is there or is a field of something that is."""
    if not path:
        return value
    step, rest = path[0], path[1:]
    if isinstance(step, int):
        items = [put(item, rest, value) if at == step else item for at, item in enumerate(body)]
        return [item for item in items if item is not GONE]
    inner = put(body.get(step, {}), rest, value)
    return {**{name: item for name, item in body.items() if name != step}, **({} if inner is GONE else {step: inner})}


def corrected(entries: Sequence[Entry]) -> list[Entry]:
    """Return the entries with every correction among them put in its place."""
    fixed = {entry.number: entry for entry in entries}
    for entry in entries:
        if entry.step == CORRECT and entry.body["entry"] in fixed:
            told = fixed[entry.body["entry"]]
            body = put(told.body, path_of(entry.body["path"]), entry.body.get("value", GONE))
            fixed[told.number] = Entry(number=told.number, step=told.step, at=told.at, by=told.by, body=body)
    return list(fixed.values())


CORRECT, REDACT = "correct", "redact"


def amendment(step: str, body: Body, told: Body) -> Body:
    """Return the form of another entry as a correction or a redaction would leave it."""
    return dict(put(told, path_of(body["path"]), body.get("value", GONE) if step == CORRECT else GONE))
