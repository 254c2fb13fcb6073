"""Accepting an older store: what is given up with it, and that somebody chose so, stands in the next register."""

from ballerup_cli.storage.store.anchor import BLANK
from ballerup_cli.storage.store.commit import commit, writing
from ballerup_cli.storage.store.store import Store, case_journal
from ballerup_cli.values import value


@value
class Accepted:
    """A register taken as the newest: what it is, what was seen here before, and which cases are lost by it."""

    number: int
    at: str
    by: str
    anchored: int
    lost: tuple[str, ...]


def accept(store: Store, *, at: str) -> Accepted:
    """Write down, in the next register, that the one ``store`` was opened at is the newest there is.

    Raises:
        BallerupError: the store cannot be written.
    """
    anchor, taken = store.keeper.load() or BLANK, store.register
    lost = [f"{year}-{serial:04d}" for year, end in sorted(anchor.next.items()) for serial in range(1, end)]
    lost = [case for case in lost if case_journal(case) not in taken.journals and case not in taken.erased]
    with writing(store):
        commit(store, [], at=at, accepted=(anchor.number, taken.number))
    return Accepted(number=taken.number, at=taken.at, by=taken.by, anchored=anchor.number, lost=tuple(lost))
