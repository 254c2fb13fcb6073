"""What every command shares: the user's folders, the open store, the moment, the passphrase.

Only here are the clock and the environment's folders read.
"""

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar
from zoneinfo import ZoneInfo

from platformdirs import PlatformDirs

from ballerup_cli.cli.ui import memory, terminal
from ballerup_cli.cli.ui.text import _, plural
from ballerup_cli.errors import PassphraseWantedError, WrongPassphraseError
from ballerup_cli.services.keys import vault
from ballerup_cli.services.keys.identity import Places, read_passphrase
from ballerup_cli.services.keys.unlocking import unlocked
from ballerup_cli.services.store.moment import Moment
from ballerup_cli.services.store.workspace import Workspace, open_workspace

if TYPE_CHECKING:
    from ballerup_cli.services.forms.understanding import Reader

T = TypeVar("T")

_ZONE = ZoneInfo("Europe/Copenhagen")
_TRIES = 3


@dataclass
class Session:
    """What the global options and the environment say; the store is opened when a command first asks for it.

    ``clock`` stands in for the clock of the computer where the demonstration plays a year.
    """

    places: Places
    store: Path | None = None
    identity: Path | None = None
    passphrase_file: Path | None = None
    day: date | None = None
    lang: str | None = None
    clock: Moment | None = None

    @cached_property
    def workspace(self) -> Workspace:
        """The open store.

        Raises:
            BallerupError: 30-33 and 40-43; an alarm about any of its files comes first.
        """
        workspace = self.open_unchecked()
        for alarm in workspace.store.alarms():
            raise alarm
        return workspace

    def open_unchecked(self, accept: int = 0) -> Workspace:
        """Open the store without looking at the names in its folder: for ``verify``, which reports them all."""
        told: dict[str, Any] = {
            "folder": self.store,
            "identity": self.key,
            "passphrase": self.passphrase,
            "accept": accept,
        }
        workspace = self.patiently(partial(open_workspace, self.places, **told))
        workspace.watched = terminal.watched
        return workspace

    def open_copy(self, folder: Path) -> Workspace:
        """Open a copy of the store, which may be older than what was seen here, and is never written."""
        told: dict[str, Any] = {"folder": folder, "identity": self.key, "passphrase": self.passphrase, "as_copy": True}
        return self.patiently(partial(open_workspace, self.places, **told))

    @property
    def key(self) -> Path | None:
        """The identity file to open the store with: the one asked for, or one that was unlocked for some hours."""
        if self.identity or self.runtime is None:
            return self.identity
        return unlocked(self.places.identity, self.runtime, datetime.now(_ZONE))

    @property
    def runtime(self) -> Path | None:
        """This user's folder in memory for opened keys, None where there is no memory to put it in."""
        folder = memory.folder()
        return folder and folder / f"ballerup-{os.getuid()}"

    def look(self, what: str, cases: Sequence[str], purpose: str) -> None:
        """Write a look into the log before anything is shown.

        Raises:
            BallerupError: it cannot be written, and nothing may be shown.
        """
        if self.workspace.store.copy:
            terminal.note(_("this is a copy: its log is not written, so this look stands nowhere"))
        else:
            from ballerup_cli.services.rights import access

            access.record_lookup(self.workspace, what, cases, purpose, self.moment)

    def tell_shut(self) -> None:
        """Say how many cases are in no list and no count, because they are shielded from this user."""
        store = self.workspace.store
        if count := store.shielded_count():
            terminal.note(
                plural(
                    "{count} case not counted: it is shielded from you",
                    "{count} cases not counted: they are shielded from you",
                    count,
                )
            )

    @property
    def reader(self) -> "Reader":
        """What is needed to understand what people type: the day, and the members of Pladen by name."""
        from ballerup_cli.services.forms.reading import reader

        return reader(self.workspace, self.moment, beginnings=True)

    def until(self, hours: int) -> datetime:
        """Return the moment so many hours from now."""
        return datetime.now(_ZONE) + timedelta(hours=hours)

    @property
    def moment(self) -> Moment:
        """This moment; ``--today`` moves only the day that clocks are held against."""
        if self.clock:
            return self.clock
        now = datetime.now(_ZONE)
        return Moment(at=now.isoformat(timespec="seconds"), today=self.day or now.date())

    def patiently(self, opened: Callable[[], T]) -> T:
        """Return what the passphrase opens; one mistyped on the terminal is asked for again, three times in all.

        Raises:
            WrongPassphraseError: none of them fits, or the one in the file or the keyring does not.
        """
        for left in reversed(range(_TRIES)):
            try:
                return opened()
            except WrongPassphraseError:
                if self.passphrase_file or not left or vault.kept(self.places, self.identity) is not None:
                    raise
                terminal.note(_("this is not the passphrase; once more"))
        raise AssertionError

    def passphrase(self) -> str:
        """Return the identity's passphrase, from its file, the system's keyring or the terminal.

        Raises:
            PassphraseWantedError: there is neither.
            CannotReadError, UnsafePermissionsError: the file is there, but cannot or must not be used.
        """
        if self.passphrase_file:
            return read_passphrase(self.passphrase_file)
        if (kept := vault.kept(self.places, self.identity)) is not None:
            return kept
        if not terminal.can_answer():
            raise PassphraseWantedError
        return terminal.passphrase(_("passphrase:"))


def places(environ: Mapping[str, str]) -> Places:
    """Return the user's folders: from the environment, else where the platform keeps such things."""
    usual = PlatformDirs("ballerup", appauthor=False)
    return Places(
        config=Path(environ.get("BALLERUP_CONFIG_DIR") or usual.user_config_dir),
        state=Path(environ.get("BALLERUP_STATE_DIR") or usual.user_state_dir),
        cache=Path(environ.get("BALLERUP_CACHE_DIR") or usual.user_cache_dir),
    )
