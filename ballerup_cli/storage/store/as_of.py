"""A store as it was known on a day: each journal up to the last entry that was written by then.

What was erased since is gone, and what was redacted since is read as it is left.
"""

from collections.abc import Iterator
from itertools import takewhile

from ballerup_cli.core.entry import Entry
from ballerup_cli.core.network.network import PLADEN
from ballerup_cli.errors import MalformedRecordError
from ballerup_cli.storage.store.store import Store


class Earlier(Store):
    """A store seen from a day on which less was written; it is read only."""

    def __init__(self, store: Store, day: str) -> None:
        super().__init__(store.folder, store.keeper, store.pin, store.holder, store.view)
        self.day = day

    def entries(self, name: str) -> list[Entry]:
        """Return a journal's entries written by the day, none when it began later; Pladen is there from the start.

        Raises:
            BallerupError: as of the whole journal.
        """
        return self._then(name, super().entries(name))

    def readable_entries(self, name: str) -> Iterator[Entry | MalformedRecordError]:
        """Give a journal's entries written by the day, one by one.

        Raises:
            BallerupError: as of the whole journal.
        """
        yield from self._then(name, [entry for entry in super().readable_entries(name) if isinstance(entry, Entry)])

    def _then(self, name: str, entries: list[Entry]) -> list[Entry]:
        known = list(takewhile(lambda entry: entry.at[:10] <= self.day, entries))
        return known or (entries[:1] if name == PLADEN else [])
