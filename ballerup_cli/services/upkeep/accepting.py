"""Accepting an older store: what is given up with it, and that somebody chose so, stands in the next register."""

from collections.abc import Mapping
from contextlib import suppress

from ballerup_cli.errors import BallerupError
from ballerup_cli.storage.store import register as registers
from ballerup_cli.storage.store.anchor import BLANK, Anchor
from ballerup_cli.storage.store.commit import Taken, commit, writing
from ballerup_cli.storage.store.register import Row
from ballerup_cli.storage.store.store import REGISTER, Store, case_journal, case_of, open_sealed
from ballerup_cli.values import value


@value
class Losses:
    """A register that may be taken as the newest, what was seen here before, and what is lost by taking it.

    ``lost`` gives for each case how many entries are lost, 0 where nothing here can tell.
    """

    number: int
    at: str
    by: str
    anchored: int
    lost: Mapping[str, int]


def losses(store: Store) -> Losses:
    """Tell what taking the register that ``store`` was opened at would lose; nothing is changed."""
    anchor, taken = store.keeper.load() or BLANK, store.register
    known = _last_seen(store, anchor)
    cases = {f"{year}-{serial:04d}" for year, end in anchor.next.items() for serial in range(1, end)}
    lost = {case: _entries(known, case) for case in cases if case_journal(case) not in taken.journals}
    lost |= {
        case: known[name].entries - row.entries
        for name, row in taken.journals.items()
        if (case := case_of(name)) and name in known and known[name].entries > row.entries
    }
    left = {case: lost[case] for case in sorted(lost) if case not in taken.erased and case not in anchor.erased}
    return Losses(number=taken.number, at=taken.at, by=taken.by, anchored=anchor.number, lost=left)


def accept(store: Store, found: Losses, *, at: str) -> None:
    """Write down, in the next register, that the one ``store`` was opened at is the newest there is.

    Raises:
        BallerupError: the store cannot be written.
    """
    with writing(store):
        commit(store, [], at=at, accepted=Taken(given_up=found.anchored, taken=found.number, lost=found.lost))


def _last_seen(store: Store, anchor: Anchor) -> Mapping[str, Row]:
    """Return the rows of the last register that was believed here, none when it is not at hand any more."""
    with suppress(BallerupError, registers.BadRegisterError):
        sealed = store.keeper.last_seen()
        found = registers.read(open_sealed(sealed, REGISTER, store.holder), known=anchor.digest).register
        if found.digest == anchor.digest:
            return found.journals
    return {}


def _entries(known: Mapping[str, Row], case: str) -> int:
    row = known.get(case_journal(case))
    return row.entries if row else 0
