"""What one user has seen of a store: kept outside of it, so that an older or another history is noticed.

The rules stand in docs/format.md; when they are asked belongs to ``store``.
"""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ballerup_cli.errors import (
    N_,
    CannotReadError,
    ForkError,
    JumpError,
    MissingFileError,
    NoAnchorError,
    RollbackError,
    WentBackError,
)
from ballerup_cli.storage.files import locked, private_folder, read_file, write_private
from ballerup_cli.storage.store.members import Roster
from ballerup_cli.storage.store.register import GoingBack, Register
from ballerup_cli.values import value


@value
class Anchor:
    """The last register accepted, this user's own last one, the member journal's end, and numbers never to reuse.

    ``seen`` is the last register of each signer, this user's own last one among them. ``pending`` is the register of a
    save under way: a crash may leave it committed without this anchor knowing, and the next writer then names it as our
    last.
    """

    number: int
    digest: str
    seen: Mapping[str, tuple[int, str]] = field(default_factory=dict)
    pending: tuple[int, str] | None = None
    members: tuple[int, str]
    erased: Mapping[str, tuple[str, str]] = field(default_factory=dict)  # case: month and provision
    leaked: Mapping[str, int] = field(default_factory=dict)  # signing key that others have: register that gave it up
    logged: str = ""  # the first month of which access journals are kept
    accepted: tuple[GoingBack, ...] = ()  # every going back of the store
    next: Mapping[str, int] = field(default_factory=dict)  # year: next serial

    def check(self, register: Register, roster: Roster, me: str) -> None:
        """Refuse a store that is older than this anchor or of another history.

        Raises:
            NoAnchorError: nothing was seen yet, and this is not the register that was being saved.
            RollbackError: the register is older.
            ForkError: it is not a successor of what was seen.
            WentBackError: because somebody took an older one, and says so.
            JumpError: its number is far ahead.
        """
        if register.goes_back and (register.number, register.digest) == self.pending:
            return  # the going back that we ourselves were writing down, finished but for this anchor
        if not self.number and (register.number, register.digest) != self.pending:
            raise NoAnchorError(number=register.number, at=register.at[:10], by=register.by)
        if register.number < self.number:
            raise RollbackError(number=register.number, anchored=self.number)
        if register.number > self.number + MOST_AHEAD:
            raise JumpError(number=register.number, by=register.by)
        self._refuse_going_back(register)
        count, head = self.members
        if any(
            (
                register.number == self.number + 1 and register.previous != self.digest,
                not all(row in register.accepted for row in self.accepted),
                not self._own_stands(register, me),
                not self._all_remembered(_signers(register)),
                count and roster.heads[count - 1 : count] != (head,),
                not self.erased.keys() <= register.erased.keys(),
                not self.leaked.keys() <= register.leaked.keys(),
                register.logged < self.logged,
            )
        ):
            raise ForkError(number=register.number)

    def _refuse_going_back(self, register: Register) -> None:
        """Refuse a store that was brought back behind this anchor, and name who did.

        Raises:
            WentBackError: it was.
        """
        if register.number == self.number:
            return
        for back in register.accepted:
            is_new = back.case is None and back not in self.accepted
            if is_new and back.taken < self.number < back.number:
                facts = {"by": back.by, "at": back.at[:16], "taken": back.taken, "given_up": back.given_up}
                raise WentBackError(number=register.number, **facts)

    def _own_stands(self, register: Register, me: str) -> bool:
        """Tell whether the last register of ours that this one knows is exactly our last."""
        own = self.seen.get(me)
        mine = {own, self.pending}
        return own is None or (register.number, register.digest) in mine or register.seen.get(me) in mine

    def _all_remembered(self, known: Mapping[str, tuple[int, str]]) -> bool:
        """Tell whether nobody's last register has gone back or changed: this holds for users who never write, too."""
        return all(
            name in known and (known[name] == last or known[name][0] > last[0]) for name, last in self.seen.items()
        )

    def moved(self, register: Register, roster: Roster) -> "Anchor":
        """Return the anchor after ``register`` was accepted."""
        return Anchor(
            number=register.number,
            digest=register.digest,
            seen=_signers(register),
            pending=self.pending if self.pending and self.pending[0] > register.number else None,
            members=(len(roster.heads), roster.heads[-1]),
            erased=register.erased,
            leaked=register.leaked,
            logged=register.logged,
            accepted=register.accepted,
            next=next_numbers(register, self.next),
        )

    def to_bytes(self) -> bytes:
        """Return the anchor as it stands in its file, and in the code by which a new member joins."""
        content = {
            "number": self.number,
            "digest": self.digest,
            "seen": dict(self.seen),
            "pending": self.pending,
            "members": self.members,
            "erased": dict(self.erased),
            "leaked": dict(self.leaked),
            "logged": self.logged,
            "accepted": self.accepted,
            "next": dict(self.next),
        }
        return json.dumps(content).encode() + b"\n"


def _signers(register: Register) -> dict[str, tuple[int, str]]:
    return {**register.seen, register.by: (register.number, register.digest)}


_LAST_SEEN = "register.age"

MOST_AHEAD = 1_000_000
"""A register may be so many numbers ahead: one that jumps to the end of them would let nobody write any more."""

BLANK = Anchor(number=0, digest="", members=(0, ""))
"""The anchor of somebody who has seen nothing: moved to a register, it takes that one as the newest."""


def next_numbers(register: Register, known: Mapping[str, int]) -> dict[str, int]:
    """Return for each year the next case number, above all that are in use, erased or known to have been."""
    numbers = dict(known)
    cases = [name.removeprefix("cases/") for name in register.journals if name.startswith("cases/")]
    for case in (*cases, *register.erased):
        year, serial = case.split("-")
        following = int(serial) + 1
        numbers[year] = max(numbers.get(year, following), following)
    return numbers


@dataclass(frozen=True, slots=True)
class AnchorFile:
    """The anchor on the disk: ``<state>/<store identity>/anchor.json``."""

    path: Path

    def load(self) -> Anchor | None:
        """Return the anchor, or None when there is none.

        Raises:
            CannotReadError: it is there and unreadable; it is never taken for missing.
        """
        try:
            return read_anchor(read_file(self.path, limit=1 << 24))
        except MissingFileError:
            return None
        except ValueError:
            raise CannotReadError(path=str(self.path), reason=N_("not an anchor")) from None

    def save(self, anchor: Anchor) -> None:
        """Put the anchor in place.

        Raises:
            DiskError: it could not be written.
            StoreLockedError: another command of the same user keeps moving it.
        """
        with self._locked():
            self._write(anchor)

    def last_seen(self) -> bytes:
        """Return the sealed bytes of the last register that was believed.

        Raises:
            MissingFileError: they are not at hand.
        """
        return read_file(self.path.with_name(_LAST_SEEN), limit=1 << 28)

    def keep(self, raw: bytes) -> None:
        """Keep a register's sealed bytes beside the anchor that names it: by them it can be told what is lost.

        Raises:
            DiskError, StoreLockedError: as ``save``.
        """
        with self._locked():
            write_private(self.path.with_name(_LAST_SEEN), raw)

    def move(self, register: Register, roster: Roster) -> None:
        """Move the anchor on to ``register``, unless another command of the same user was quicker.

        Raises:
            DiskError, StoreLockedError: as ``save``.
        """
        with self._locked():
            anchor = self.load()
            if anchor is not None and anchor.number < register.number:
                self._write(anchor.moved(register, roster))

    @contextmanager
    def _locked(self) -> Iterator[None]:
        with locked(private_folder(self.path.parent) / ".lock", mode=0o600, needed=False):
            yield

    def _write(self, anchor: Anchor) -> None:
        write_private(self.path, anchor.to_bytes())


def read_anchor(data: bytes) -> Anchor:
    """Read an anchor; the mirror of ``Anchor.to_bytes``.

    Raises:
        ValueError: it is none.
    """
    try:
        content = json.loads(data)
        return Anchor(
            number=int(content["number"]),
            digest=str(content["digest"]),
            seen={str(name): _pair(last) for name, last in content["seen"].items()},
            pending=_pair(content["pending"]) if content["pending"] else None,
            members=_pair(content["members"]),
            erased={str(case): (str(month), str(rule)) for case, (month, rule) in content["erased"].items()},
            leaked={str(key): int(number) for key, number in content.get("leaked", {}).items()},
            logged=str(content.get("logged", "")),
            accepted=tuple(GoingBack._make(row) for row in content.get("accepted", ())),
            next={str(year): int(serial) for year, serial in content["next"].items()},
        )
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError):
        raise ValueError("not an anchor") from None


def _pair(value: Any) -> tuple[int, str]:
    number, mark = value
    return int(number), str(mark)
