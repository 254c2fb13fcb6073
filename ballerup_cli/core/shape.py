"""Whether what a municipality sets fits what is shipped: the same names, the same kinds of values, lawful lengths.

The shipped settings are the only list of what can be set; nothing here names a setting but for what must never be.
"""

import difflib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ballerup_cli.errors import N_, Finding

Path = tuple[str | int, ...]

LEAST = {"late_after_days": 0, "log_months": 12}
"""Numbers that may not be smaller: a log that is soon gone proves nothing."""

_PERSON = {"function", "organisation", "name"}
_KINDS = {bool: N_("must be true or false, without quotes"), int: N_("must be a whole number, without quotes")}


def faults(item: Any, shipped: Any, units: Sequence[str], path: Path = ()) -> Iterator[Finding]:
    """Find what cannot be set, place by place; ``None`` goes back to what is shipped."""
    if item is None:
        return
    if isinstance(shipped, Mapping):
        yield from _mapping(item, shipped, units, path)
    elif isinstance(shipped, list):
        yield from _people(item, path)
    elif path[-1] == "unit" and item not in units:
        facts = {"codes": ", ".join(units)}
        yield Finding(message=N_("unknown code; nearest: {codes}"), path=path, facts=facts)
    elif type(item) is not type(shipped):
        yield Finding(message=_KINDS.get(type(shipped), N_("must be text in quotes")), path=path)
    elif isinstance(item, int) and item < LEAST.get(str(path[-1]), item):
        yield Finding(message=N_("must be at least {limit}"), path=path, facts={"limit": LEAST[str(path[-1])]})


def _mapping(item: Any, shipped: Mapping[str, Any], units: Sequence[str], path: Path) -> Iterator[Finding]:
    if not isinstance(item, Mapping):
        yield Finding(message=N_("must have fields of its own"), path=path)
        return
    for name, value in item.items():
        if name in shipped:
            yield from faults(value, shipped[name], units, (*path, name))
        else:
            nearest = difflib.get_close_matches(name, shipped, cutoff=0)
            facts = {"field": name, "fields": ", ".join(nearest)}
            yield Finding(message=N_("unknown field {field}; nearest: {fields}"), path=(*path, name), facts=facts)
    whole = {**shipped, **item}
    if whole.get("unit") == "working-days" and isinstance(whole.get("length"), int) and whole["length"] < 0:
        yield Finding(message=N_("must be at least {limit}"), path=(*path, "length"), facts={"limit": 0})


def _people(items: Any, path: Path) -> Iterator[Finding]:
    """The one list there is names people by function, organisation and name."""
    for index, person in enumerate(items if isinstance(items, list) else [items]):
        fits = isinstance(person, Mapping) and person.keys() <= _PERSON
        if not fits or not all(isinstance(word, str) for word in person.values()):
            facts = {"fields": ", ".join(sorted(_PERSON))}
            yield Finding(message=N_("unknown field; nearest: {fields}"), path=(*path, index), facts=facts)
