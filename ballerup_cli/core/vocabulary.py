"""The words of the domain: every code with its labels, as the shipped vocabulary gives them.

Reading the file belongs to ``schema``; which field takes which list is said by the schemas.
"""

from collections.abc import Mapping
from typing import Any, Self

from ballerup_cli.values import value

Term = Mapping[str, Any]
"""One code's entry: its labels ``da`` and ``en`` and what its list adds, e.g. ``group`` or ``catalogue``."""

STARTERS = "pladen"
"""The one part of the vocabulary that is no list of codes: the members a new store starts with."""


@value
class Vocabulary:
    """Lists of codes in the order in which they are shown, and the starting members of the network."""

    lists: Mapping[str, Mapping[str, Term]]
    starters: tuple[Mapping[str, str], ...]

    @classmethod
    def from_dict(cls, value: Mapping[str, Any]) -> Self:
        """Build the vocabulary from the plain values of ``vocabulary.yaml``."""
        lists = {name: terms for name, terms in value.items() if name != STARTERS}
        return cls(lists=lists, starters=tuple(value[STARTERS]))

    def codes(self, name: str) -> tuple[str, ...]:
        """Return the codes of one list, in order."""
        return tuple(self.lists[name])

    def term(self, name: str, code: str) -> Term:
        """Return everything the vocabulary says about one code."""
        return self.lists[name][code]

    def label(self, name: str, code: str, lang: str) -> str:
        """Return a code's label in one language (``da`` or ``en``)."""
        return str(self.lists[name][code][lang])
