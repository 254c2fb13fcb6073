"""Changing one field of a form that is written: finding it by its path, putting something else there, taking it away.

A path is written as people count: ``observations.2.text`` is the text of the second observation. What is taken out of
a list leaves a hole, so that everything after it keeps its number: ``null`` in the place of a text, and in the place of
a mapping an empty one, or one with nothing but the number it was given. Nobody but the journal, the fold and the paths
meets a hole: whoever reads a form reads it ``whole``.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any

from ballerup_cli.core.entry import Body, Entry

Path = tuple[str | int, ...]

GONE = object()
"""Put in a field's place, it takes the field away."""

CORRECT, REDACT, UNDO = "correct", "redact", "undo"

NEVER_UNDONE = frozenset({"create", "share", "shield", "restrict", "extend", REDACT, UNDO})
NEVER_UNDONE |= {"request-open", "request-decide", "request-answer", "restored"}
"""The steps that are never undone: what others were told or rely on, and what cannot come back."""

_BY_TOOL = {REDACT: "instead", "extend": "waits"}
"""What the tool adds to a form: no schema of a form knows it."""

_NUMBER = "number"


def path_of(written: str) -> Path:
    """Read a path; its numbers count from 1."""
    return tuple(int(step) - 1 if step.isdecimal() else step for step in written.split("."))


def is_hole(item: Any) -> bool:
    """Tell whether an item of a list is only the place of one that was taken out."""
    return item is None or (isinstance(item, Mapping) and item.keys() <= {_NUMBER})


def whole(body: Any) -> Any:
    """Return a form as people read it: without holes, and without what has nothing but holes in it."""
    if isinstance(body, Mapping):
        read = {name: whole(value) for name, value in body.items()}
        return {name: value for name, value in read.items() if value not in ([], {}) or body[name] == value}
    if isinstance(body, list):
        return [whole(item) for item in body if not is_hole(item)]
    return body


def find(body: Any, path: Path) -> Any:
    """Return what stands at a path.

    Raises:
        LookupError: nothing does, or only a hole.
    """
    for step in path:
        if isinstance(step, int):
            is_there = isinstance(body, list) and 0 <= step < len(body) and not is_hole(body[step])
        else:
            is_there = isinstance(body, Mapping) and step in body
        if not is_there:
            raise LookupError(len(path))
        body = body[step]
    return body


def put(body: Any, path: Path, value: Any) -> Any:
    """Return a copy of ``body`` with ``value`` at the path; where that leads nowhere, everything stays as it is.

    What has nothing left in it goes too, a list but for its holes.
    """
    try:
        find(body, path[:-1] if value is not GONE and isinstance(path[-1], str) else path)
        changed = _put(body, path, value)
    except (LookupError, TypeError, AttributeError):
        return body
    return {} if changed is GONE else changed


def _put(body: Any, path: Path, value: Any) -> Any:
    if not path:
        return _emptied(body) if value is GONE else value
    step, rest = path[0], path[1:]
    if isinstance(step, int):
        changed = _put(body[step], rest, value)
        return [*body[:step], _hole(body[step]) if changed is GONE else changed, *body[step + 1 :]]
    changed = _put(body.get(step), rest, value)
    fields = {**body, step: changed}
    return {name: item for name, item in fields.items() if item is not GONE} or GONE


def _emptied(value: Any) -> Any:
    """Return what stays of a value that is taken away: of a list its holes, else nothing."""
    return [_hole(item) for item in value] if isinstance(value, list) and value else GONE


def _hole(item: Any) -> Any:
    """Return the hole an item leaves; the number it was given stays its own for ever."""
    if isinstance(item, Mapping):
        return {_NUMBER: item[_NUMBER]} if _NUMBER in item else {}
    return None


def typed(step: str, body: Body) -> Body:
    """Return a form as somebody typed it: without holes, and without what the tool added."""
    read: Body = whole({name: value for name, value in body.items() if name != _BY_TOOL.get(step)})
    return read


def undone(entries: Sequence[Entry]) -> dict[int, int]:
    """Return the numbers of the entries that were undone, each with the number of the entry that undid it."""
    pairs = pairwise(entries)
    return {
        entry.number: later.number for entry, later in pairs if later.step == UNDO and entry.step not in NEVER_UNDONE
    }


def amended(entries: Sequence[Entry]) -> tuple[list[Entry], list[dict[str, Any]]]:
    """Return the entries with every correction among them put in its place, and what is struck by which entry."""
    fixed, gone = {entry.number: entry for entry in entries}, undone(entries)
    struck: list[dict[str, Any]] = []
    for entry in entries:
        if (
            entry.step == CORRECT
            and entry.number not in gone
            and (written := fixed.get(entry.body["entry"]))
            and written.number < entry.number
        ):
            path, was = path_of(entry.body["path"]), {"entry": written.number, "path": entry.body["path"]}
            struck.append({**was, "by": entry.number, **_standing(written.body, path)})
            body = put(written.body, path, entry.body.get("value", GONE))
            fixed[written.number] = replace(written, body=body)
    for number, by in gone.items():
        body = typed(fixed[number].step, fixed[number].body)
        struck += [{"entry": number, "path": name, "by": by, "value": value} for name, value in body.items()]
    return list(fixed.values()), struck


def _standing(body: Body, path: Path) -> dict[str, Any]:
    try:
        return {"value": whole(find(body, path))}
    except LookupError:
        return {}


def corrections(entries: Iterable[Entry], number: int, path: Path) -> list[Entry]:
    """Return the corrections that have put something at a path of an entry, or below it."""
    return [
        entry
        for entry in entries
        if entry.step == CORRECT
        and entry.body["entry"] == number
        and "value" in entry.body
        and path_of(entry.body["path"])[: len(path)] == path
    ]
