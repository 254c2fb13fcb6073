"""Which concerns are about the same person, so that persons can be counted beside concerns.

The same CPR number is the same person; the same name is, unless a CPR number or a date of birth says otherwise.
"""

from collections.abc import Iterable, Mapping, Sequence, Set
from typing import NamedTuple

from ballerup_cli.core.cases.case import Case
from ballerup_cli.core.cases.facts import Facts
from ballerup_cli.core.cases.oddities import telling

DUPLICATE = "duplicate_of"
"""The mark of a concern that is the same as another one, whatever it is called there."""


class Concern(NamedTuple):
    """A concern that is counted, with what tells whom it is about, as ``oddities.telling`` does."""

    number: str
    facts: Facts
    telling: Sequence[tuple[str, str]]


def marks(case: Case) -> list[tuple[str, str]]:
    """Return what tells whom a case is about, and of which other case somebody said that it is a duplicate."""
    return [*telling(case.intake["subject"]), *([(DUPLICATE, case.duplicate_of)] if case.duplicate_of else [])]


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


def _chains(concerns: Iterable[Concern]) -> list[list[Concern]]:
    """Return the concerns about each person, in the order they come."""
    chains: list[list[Concern]] = []
    known: dict[tuple[str, str], list[list[Concern]]] = {}
    for concern in concerns:
        marks = [mark for mark in concern.telling if mark[0] in ("cpr", "name")]
        near = [chain for mark in marks for chain in known.get(mark, ())]
        chain = next((chain for chain in near if all(_is_same(concern, other) for other in chain)), None)
        if chain is None:
            chain = []
            chains.append(chain)
        chain.append(concern)
        for mark in marks:
            if not any(chain is other for other in known.setdefault(mark, [])):
                known[mark].append(chain)
    return _with_duplicates(chains)


def _with_duplicates(chains: list[list[Concern]]) -> list[list[Concern]]:
    """Return the chains with each concern that somebody marked as a duplicate in the chain of the other one."""
    at = {concern.number: chain for chain in chains for concern in chain}
    for number, original in [(concern.number, _duplicate_of(concern)) for chain in chains for concern in chain]:
        one, other = at[number], at.get(original, at[number])
        if one is not other:
            other.extend(one)
            other.sort(key=lambda concern: (concern.facts.received, concern.number))
            at |= {concern.number: other for concern in one}
    return list({id(chain): chain for chain in at.values()}.values())


def _duplicate_of(concern: Concern) -> str:
    return dict(concern.telling).get(DUPLICATE, "")


def _is_same(one: Concern, other: Concern) -> bool:
    here: Mapping[str, str] = dict(one.telling)
    there: Mapping[str, str] = dict(other.telling)
    both = here.keys() & there.keys()
    if "cpr" in both:
        return here["cpr"] == there["cpr"]
    return all(here[mark] == there[mark] for mark in both - {"name", DUPLICATE})
