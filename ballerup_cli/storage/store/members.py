"""Who holds keys: the roster folded from the member journal, which is believed from the store's identity onwards.

A member entry must be signed by somebody who was a member just before it (docs/format.md). Clocks, files and the
sealing itself belong elsewhere.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from ballerup_cli.errors import N_
from ballerup_cli.storage.crypto.signing import PUBLIC
from ballerup_cli.storage.store.journal import BY, BadJournalError, Head, Record, check_chain, check_signature
from ballerup_cli.values import value

JOURNAL = "members"

FOUND, JOIN, LEAVE, RENEW = "found", "join", "leave", "renew"
"""The steps of the member journal: the founder with the recovery key; who comes; who leaves; a member's new keys."""

WRITERS = frozenset({"coordinator"})
RECOVERY = "recovery"
KEEPERS = frozenset({"coordinator", RECOVERY})
READERS = frozenset({"coordinator", "reader", "recovery"})
"""Roles that sign records; that sign members and the register; that open records. ``watch`` is in none of them."""


_FIELDS = {
    "name": re.compile(BY),
    "role": re.compile("coordinator|reader|recovery|watch"),
    "recipient": re.compile("age1pq1[0-9a-z]+"),
    "signing": re.compile(PUBLIC),
}


class OtherIdentityError(BadJournalError):
    """The member journal of another store."""


class UnreadableError(ValueError):
    """A believed entry that does not say what a member entry says; its only argument is the entry's number."""


@value
class Member:
    """One key holder; ``since`` and ``until`` are the first and last register numbers he may write on top of.

    ``joined`` is the ``since`` of the first of his keys: whoever renews them himself, or by the recovery key, is the
    same person still; a name that somebody else gave new keys, or that came back, may be another one.
    """

    name: str
    role: str
    recipient: str = field(repr=False)
    signing: str
    since: int
    joined: int = 0
    until: int | None = None

    def to_dict(self) -> dict[str, str]:
        """Return what the member journal says of him."""
        return {"name": self.name, "role": self.role, "recipient": self.recipient, "signing": self.signing}


@dataclass(frozen=True, slots=True)
class Roster:
    """The members there ever were, and the head digests of the journal that tells of them."""

    members: tuple[Member, ...]
    heads: tuple[str, ...]

    def current(self, roles: frozenset[str] | None = None) -> Iterator[Member]:
        """Give the members of today, those of ``roles`` only."""
        return (m for m in self.members if m.until is None and (roles is None or m.role in roles))

    def key_of(self, head: Head) -> str | None:
        """Return the key that had to sign a record's entry (docs/format.md: a member at that register number).

        Whom a journal is sealed to, the recovery key can say too: else a case would be lost with the last of them.
        """
        return self._key_of(head, KEEPERS if head.readers else WRITERS)

    def reader_key_of(self, head: Head) -> str | None:
        """Return the key that had to sign a look: of whoever could open records at that register number."""
        return self._key_of(head, READERS)

    def _key_of(self, head: Head, roles: frozenset[str]) -> str | None:
        for member in self.members:
            fits = member.since <= head.register and (member.until is None or head.register <= member.until)
            if member.name == head.by and member.role in roles and fits:
                return member.signing
        return None

    def openers(self, item: tuple[Sequence[str], int] | None) -> Iterator[Member]:
        """Give the members who open a record: all of ``READERS``, or those that ``journal.readers`` says.

        The recovery key opens all. A name counts for who bore it at the register it was written on.
        """
        for member in self.current(READERS):
            if item is None or member.role == RECOVERY or (member.name in item[0] and member.joined <= item[1]):
                yield member

    def keeper(self, name: str) -> str | None:
        """Return the key by which ``name`` signs registers now."""
        return next((m.signing for m in self.current(KEEPERS) if m.name == name), None)

    def named(self, signing: str) -> Member | None:
        """Return the present member with this signing key."""
        return next((m for m in self.current() if m.signing == signing), None)


def fold(records: Sequence[Record], pin: str, decode: Callable[[bytes], Any]) -> Roster:
    """Fold the member journal into a roster; a body is only decoded once its entry is believed.

    ``pin`` is the store's identity: it names the founder's first entry, and each later one must be signed by somebody
    who could keep the store just before it.

    Raises:
        OtherIdentity: the first entry is not the pinned one.
        BadJournal: a chain, a signature or a step does not hold.
        Unreadable: the body of an entry that holds cannot be understood.
    """
    if identity_of(records) != pin:
        raise OtherIdentityError(N_("another store"))
    check_chain(records, stores=["", *[pin] * (len(records) - 1)], name=JOURNAL)
    members: tuple[Member, ...] = ()
    for record in records:
        if members:
            check_signature(record.head, _keeper_at(members, record.head))
        members = _apply(members, record.head, _people(record, decode))
        if record.head.entry == 1:  # its digest is pinned; the founder's key is what it founds
            check_signature(record.head, members[0].signing)
    return Roster(members, tuple(record.head.digest() for record in records))


def identity_of(records: Sequence[Record]) -> str:
    """Return the identity of the store whose member journal this is."""
    return records[0].head.digest().removeprefix("sha256:")


def _keeper_at(members: Sequence[Member], head: Head) -> str | None:
    return next((m.signing for m in members if m.name == head.by and m.until is None and m.role in KEEPERS), None)


def _people(record: Record, decode: Callable[[bytes], Any]) -> list[dict[str, Any]]:
    """Return what an entry says of each member it is about: all fields of those who come, the name of who leaves."""
    head = record.head
    fields = ["name"] if head.step == LEAVE else list(_FIELDS)
    try:
        body = decode(record.body)
        people = body["members"] if head.step == FOUND else [body]
        if all({*person} == {*fields} and all(_FIELDS[f].fullmatch(person[f]) for f in fields) for person in people):
            return list(people)
    except (ValueError, KeyError, TypeError):
        pass
    raise UnreadableError(head.entry)


def _apply(members: tuple[Member, ...], head: Head, people: Sequence[dict[str, Any]]) -> tuple[Member, ...]:
    names = [person["name"] for person in people]
    present = {member.name for member in members if member.until is None}
    if head.step == FOUND and not members and names and len({*names}) == len(names):
        return tuple(Member(since=0, **person) for person in people)
    if head.step == JOIN and members and present.isdisjoint(names):
        return (*members, *(_comes(head.register + 1, person) for person in people))
    if head.step == LEAVE and present.issuperset(names):
        return _without(members, names, head.register)
    if head.step == RENEW and all(_stands(members, person) for person in people):
        renewed = (_renewed(members, head, person) for person in people)
        return (*_without(members, names, head.register), *renewed)
    raise BadJournalError(N_("a step that is not possible"))


def _comes(since: int, person: dict[str, Any]) -> Member:
    return Member(since=since, joined=since, **person)


def _renewed(members: Sequence[Member], head: Head, person: dict[str, Any]) -> Member:
    """Return a member with new keys: the same person only when he, or the recovery key, says so himself."""
    present = {member.name: member for member in members if member.until is None}
    new = _comes(head.register + 1, person)
    himself = head.by == person["name"] or present[head.by].role == RECOVERY
    return replace(new, joined=present[new.name].joined) if himself else new


def _without(members: tuple[Member, ...], names: Sequence[str], register: int) -> tuple[Member, ...]:
    """Return the members after those of ``names`` left; their old keys sign nothing on top of a later register."""
    return tuple(replace(m, until=register) if m.name in names and m.until is None else m for m in members)


def _stands(members: Sequence[Member], person: dict[str, Any]) -> bool:
    """Tell whether new keys are for a present member in the role he has: a renewal makes nobody a coordinator."""
    return any((m.name, m.role, m.until) == (person["name"], person["role"], None) for m in members)
