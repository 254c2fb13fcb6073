"""the network: the network's members, folded from its journal.

Activities and other networks do not belong here, nor does any person: a member is an organisation or a function.
"""

from collections.abc import Iterable, Mapping
from dataclasses import field
from typing import Any

from ballerup_cli.core.entry import Entry
from ballerup_cli.core.same import fold
from ballerup_cli.values import value


@value
class Member:
    """One member of the network; retired by a date in ``until``, never deleted."""

    code: str
    name: str
    ring: str
    sector: str
    contact: str | None = None
    ambassador: str | None = None
    since: str | None = None
    until: str | None = None
    parent: str | None = None

    def is_current(self, day: str) -> bool:
        """Tell whether the membership has not ended by ``day``; the day it ends is the first one outside."""
        return self.until is None or self.until > day

    def to_dict(self) -> dict[str, str | None]:
        """Return every field, those left out as None."""
        return {name: getattr(self, name) for name in self.__dataclass_fields__}


@value
class Pladen:
    """All members there ever were, by code, in the order of the codes."""

    members: Mapping[str, Member] = field(default_factory=dict)

    def current(self, day: str) -> tuple[Member, ...]:
        """Return the members whose membership has not ended by ``day``."""
        return tuple(member for member in self.members.values() if member.is_current(day))

    def present(self, day: str) -> tuple[Member, ...]:
        """Return the members there are on ``day``: come, and not gone."""
        return tuple(member for member in self.current(day) if (member.since or day) <= day)

    def named(self, word: str) -> str:
        """Return the code of the member of this code or name; any other word as it is."""
        return next((code for code, member in self.members.items() if fold(member.name) == fold(word)), word)

    def nearest(self, code: str, day: str) -> tuple[str, ...]:
        """Return the codes of current members that look most like ``code``."""
        import difflib  # for a slip of the pen only

        codes = [member.code for member in self.current(day)]
        return tuple(difflib.get_close_matches(code, codes, cutoff=0.4))

    def to_dict(self) -> dict[str, Any]:
        """Return the members as a list of plain mappings."""
        return {"members": [member.to_dict() for member in self.members.values()]}


def fold_pladen(entries: Iterable[Entry]) -> Pladen:
    """Fold the journal: the first entry names the members it begins with, each other one what is new about one."""
    known: dict[str, dict[str, Any]] = {}
    for entry in entries:
        for item in entry.body.get("members", [entry.body]):
            news = {name: value for name, value in item.items() if name in Member.__dataclass_fields__}
            known[item["code"]] = {**known.get(item["code"], {}), **news}
    return Pladen(members={code: Member(**known[code]) for code in sorted(known)})
