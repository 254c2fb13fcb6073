"""Words looked for in cases: all of them must occur in one case, and what is told is where, never what stands there.

A word is found inside others too, whatever its case and spelling: å and aa are the same, æ and ae, ø and oe, and a CPR
number with or without its hyphen.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ballerup_cli.core.cases.case import Case
from ballerup_cli.core.same import fold

Row = dict[str, Any]


def words(text: str) -> tuple[str, ...]:
    """Return the words to look for, each once, in the spelling that is compared."""
    return tuple(dict.fromkeys(word for word in map(fold, text.split()) if word))


def find(case: Case, wanted: Sequence[str]) -> list[Row]:
    """Return the places of a case where any of the words occurs, none unless all of them do somewhere in it."""
    places = [(place, found) for place, text in texts(case) if (found := _found(text, wanted))]
    if not wanted or set(wanted) - {word for _, found in places for word in found}:
        return []
    body = {"case": case.number, "state": case.state, "received": case.intake["received"]}
    return [{**body, **place} for place, _ in places]


def _found(text: str, wanted: Sequence[str]) -> list[str]:
    return [word for word in wanted if word in text]


def texts(case: Case) -> Iterator[tuple[Row, str]]:
    """Give every text of a case as it is compared, with its place: the number, then entry by entry, field by field."""
    yield {"step": None, "entry": None, "field": None}, fold(case.number)
    for entry in case.entries:
        fields = sorted(_fields(entry.body, ()))
        place = {"step": entry.step, "entry": entry.number}
        yield from (({**place, "field": path}, fold(text)) for path, text in fields)


def _fields(value: Any, path: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping):
        for name, inner in value.items():
            yield from _fields(inner, (*path, str(name)))
    elif isinstance(value, Sequence) and not isinstance(value, str):
        for number, inner in enumerate(value, 1):
            yield from _fields(inner, (*path, str(number)))
    elif isinstance(value, str):
        yield ".".join(path), value
