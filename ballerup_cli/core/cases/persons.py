"""Which concerns are about the same person, so that persons can be counted beside concerns.

A concern that is marked as a duplicate is about the person of the other. The same CPR number is the same person; the
same name is, unless a CPR number or a date of birth says otherwise.
"""

from collections.abc import Iterable, Mapping, Sequence, Set
from typing import NamedTuple

from ballerup_cli.core.cases.facts import Facts


class Concern(NamedTuple):
    """A concern that is counted, with what tells whom it is about, as ``oddities.telling`` does."""

    number: str
    facts: Facts
    telling: Sequence[tuple[str, str]]
    duplicate_of: str | None = None


def with_others(concerns: Iterable[Concern], going: Set[str] = frozenset()) -> dict[str, Facts]:
    """Return the facts of each concern, with the days of others by which its person is counted already.

    That is the one before it; and of a concern that is ``going`` to be erased the next that stays, since nobody knows
    of that one any more what came before.
    """
    found: dict[str, Facts] = {}
    for chain in _chains(sorted(concerns, key=lambda concern: (concern.facts.received, concern.number))):
        for place, concern in enumerate(chain):
            before = [chain[place - 1].facts.received] if place else []
            after = [other.facts.received for other in chain[place + 1 :] if other.number not in going]
            others = [*before, *(after[:1] if concern.number in going else [])]
            found[concern.number] = concern.facts._replace(others=tuple(others))
    return found


def _chains(concerns: Sequence[Concern]) -> list[list[Concern]]:
    """Return the concerns about each person, in the order they come."""
    chains: list[list[Concern]] = []
    marked = {(one.number, one.duplicate_of) for one in concerns if one.duplicate_of}
    pairs = marked | {(other, one) for one, other in marked}
    known: dict[tuple[str, str], list[list[Concern]]] = {}
    for concern in concerns:
        marks = [mark for mark in concern.telling if mark[0] in ("cpr", "name")]
        twins = (chain for chain in chains if any((concern.number, other.number) in pairs for other in chain))
        near = [chain for mark in marks for chain in known.get(mark, ())]
        alike = (chain for chain in near if all(_is_same(concern, other) for other in chain))
        chain = next(twins if pairs else iter(()), None) or next(alike, None)
        if chain is None:
            chain = []
            chains.append(chain)
        chain.append(concern)
        for mark in marks:
            if not any(chain is other for other in known.setdefault(mark, [])):
                known[mark].append(chain)
    return chains


def _is_same(one: Concern, other: Concern) -> bool:
    here: Mapping[str, str] = dict(one.telling)
    there: Mapping[str, str] = dict(other.telling)
    both = here.keys() & there.keys()
    if "cpr" in both:
        return here["cpr"] == there["cpr"]
    return all(here[mark] == there[mark] for mark in both - {"name"})
