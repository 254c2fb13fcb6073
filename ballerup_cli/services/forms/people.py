"""A person in one line: function, organisation, name, and as what somebody takes part."""

from collections.abc import Mapping, Sequence
from typing import Any

from ballerup_cli.services.forms.understanding import Reader
from ballerup_cli.storage.text.codec import Path

_ORDER = ("function", "organisation", "name")
_ROLE = "role"
_USUAL = "core-group"


def read_person(
    form: str, path: Path, text: str, names: Sequence[str], reader: Reader, functions: Sequence[str]
) -> Any:
    """Return the fields of a person written as "function, organisation, name"; a role may stand anywhere.

    A number stands for a function of the list.

    Raises:
        ValueError: there is no function of that number, or there are more parts than fields.
    """
    parts = [part.strip() for part in text.split(",") if part.strip()]
    person: dict[str, Any] = {}
    if _ROLE in names:
        roles = {part: reader.value_of(form, (*path, _ROLE), part) for part in parts}
        items = [part for part in parts if roles[part] in ("core-group", "invited")]
        person[_ROLE] = roles[items[0]] if items else _USUAL
        parts = [part for part in parts if part not in items]
    fields = [name for name in _ORDER if name in names]
    if not parts or len(parts) > len(fields):
        raise ValueError(len(parts))
    for name, part in zip(fields, parts, strict=False):
        person[name] = _function(part, form, path, reader, functions) if name == "function" else part
    return person


def _function(part: str, form: str, path: Path, reader: Reader, functions: Sequence[str]) -> Any:
    if not part.isdecimal():
        return reader.value_of(form, (*path, "function"), part)
    if not 0 < int(part) <= len(functions):
        raise ValueError(len(functions))
    return functions[int(part) - 1]


def write_person(person: Mapping[str, Any], labels: Mapping[str, str]) -> str:
    """Write a person in one line, codes as their labels."""
    return ", ".join(labels.get(str(person[name]), str(person[name])) for name in (*_ORDER, _ROLE) if person.get(name))
