"""A sealed SQLite image in a user's own cache: one row a journal, as of one revision of its file; derived, disposable.

It is sealed to its user alone and signed by him; nothing else of it is ever on the disk. One that is missing,
damaged, another's or of another edition is empty, and is filled again. What the rows say belongs to the services.
"""

import sqlite3
import weakref
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from ballerup_cli.errors import BallerupError
from ballerup_cli.storage.crypto.age import seal, unseal
from ballerup_cli.storage.crypto.signing import holds
from ballerup_cli.storage.files import private_folder, read_file, write_private
from ballerup_cli.storage.store.store import Holder, Store, case_of, file_of

_KIND = "ballerup/index/1"
_LARGEST = 1 << 31


class Image:
    """Rows of plain values under the names of journals; each is true as long as the register names its revision."""

    def __init__(self, path: Path | None, holder: Holder, edition: str, columns: Sequence[str]) -> None:
        """Take up what the file holds; ``edition`` tells of which program and columns, None for ``path`` keeps none."""
        self._path, self._holder, self._columns = path, holder, (*columns,)
        self._head = f"{_KIND} {edition} {' '.join(columns)}\n".encode()
        self._base = sqlite3.connect(":memory:")
        weakref.finalize(self, self._base.close)  # nobody says when an image is done with
        # One that cannot be taken up is written over: what it holds might have been erased since.
        self._changed = path is not None and path.exists()
        with suppress(BallerupError, ValueError, sqlite3.Error):
            self._take_up()
            self._changed = False
        names = "".join(f", {name}" for name in self._columns)
        self._base.execute(f"CREATE TABLE IF NOT EXISTS rows (name TEXT PRIMARY KEY, mark, seen{names})")
        self._base.execute("PRAGMA secure_delete = ON")  # what is erased must not stay in a free page

    def stale(self, store: Store) -> tuple[list[str], list[BallerupError]]:
        """Return the cases whose row is missing or of another revision; rows of cases gone or shut are taken out.

        A file that looks as it did when it was read is taken for unchanged; any other is hashed. One that is not what
        was written has no row; what is wrong with it comes beside.
        """
        known = {name: (mark, seen) for name, mark, seen in self._base.execute("SELECT name, mark, seen FROM rows")}
        cases = _revisions(store)
        for name in known.keys() - cases.keys():
            self._change("DELETE FROM rows WHERE name = ?", name)
        same, damaged = [name for name, now in cases.items() if known.get(name, ("",))[0] == now], list[BallerupError]()
        for name in same:
            if (seen := store.folder.seen(file_of(name))) == known[name][1]:
                continue
            try:
                store.check_file(name)
                self._change("UPDATE rows SET seen = ? WHERE name = ?", seen, name)
            except BallerupError as wrong:
                damaged.append(wrong)
                self._change("DELETE FROM rows WHERE name = ?", name)
        return sorted(cases.keys() - {*same}), damaged

    def put(self, store: Store, name: str, seen: str, values: Sequence[Any]) -> None:
        """Put in the row of a journal that was just read; ``seen`` is how its file looked before."""
        row = (name, store.register.journals[name].now, seen, *values)
        self._change(f"REPLACE INTO rows VALUES ({', '.join('?' * len(row))})", *row)  # noqa: S608  (question marks only)

    def drop_stale(self, store: Store) -> None:
        """Take out every row that is not of a case as it stands."""
        cases = _revisions(store)
        for name, mark in self._base.execute("SELECT name, mark FROM rows").fetchall():
            if cases.get(name) != mark:
                self._change("DELETE FROM rows WHERE name = ?", name)

    def read(self, *columns: str) -> list[tuple[Any, ...]]:
        """Return these columns of every row, by name."""
        return self._base.execute(f"SELECT {', '.join(columns)} FROM rows ORDER BY name").fetchall()  # noqa: S608

    def holding(self, column: str, words: Sequence[str]) -> list[str]:
        """Return the names of the rows in whose column every word occurs."""
        found = " AND ".join(f"instr({column}, ?) > 0" for _ in words) or "0"
        rows = self._base.execute(f"SELECT name FROM rows WHERE {found} ORDER BY name", (*words,))  # noqa: S608
        return [name for (name,) in rows]

    def save(self) -> None:
        """Keep the image, if anything in it is new; where nothing can be kept, it is filled again next time."""
        if self._path is None or not self._changed:
            return
        self._base.commit()
        self._base.execute("VACUUM")
        data = self._head + self._base.serialize()
        signed = self._holder.key.sign(data).encode() + b"\n" + data
        with suppress(BallerupError):
            private_folder(self._path.parent)
            write_private(self._path, seal(signed, [self._holder.identity.recipient]), lasting=False)

    def _take_up(self) -> None:
        if self._path is None:
            return
        signature, _, data = unseal(read_file(self._path, limit=_LARGEST), [self._holder.identity]).partition(b"\n")
        if not data.startswith(self._head) or not holds(self._holder.key.public, signature.decode("ascii"), data):
            raise ValueError
        self._base.deserialize(data[len(self._head) :])

    def _change(self, statement: str, *values: Any) -> None:
        self._base.execute(statement, values)
        self._changed = True


def _revisions(store: Store) -> dict[str, str]:
    """Return the digest of each case that this user may open."""
    rows = store.register.journals.items()
    return {name: row.now for name, row in rows if (case := case_of(name)) and store.opens(case)}
