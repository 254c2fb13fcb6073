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
from ballerup_cli.errors import NoHomeError, PassphraseWantedError, UnknownFileError, WrongPassphraseError
from ballerup_cli.services.keys import vault
from ballerup_cli.services.keys.unlocking import unlocked
from ballerup_cli.services.store.identity import Places, open_holder, read_passphrase
from ballerup_cli.services.store.moment import Moment
from ballerup_cli.services.store.workspace import OpenKey, Workspace, is_of_a_case, open_workspace

if TYPE_CHECKING:
    from ballerup_cli.services.forms.understanding import Reader

T = TypeVar("T")

_ZONE = ZoneInfo("Europe/Copenhagen")
_TRIES = 3


@dataclass
class Session:
    """What the global options and the environment say; the store is opened when a command first asks for it.

    ``clock`` stands in for the clock of the computer where the demonstration plays a year; ``open_key`` opens an
    identity, or keeps one open for a morning.
    """

    folders: Places | None
    store: Path | None = None
    identity: Path | None = None
    passphrase_file: Path | None = None
    day: date | None = None
    lang: str | None = None
    clock: Moment | None = None
    open_key: OpenKey = open_holder

    @property
    def places(self) -> Places:
        """This user's folders.

        Raises:
            NoHomeError: some of them can't be found, and the environment does not say where they are.
        """
        if self.folders is None:
            raise NoHomeError(names=[name for name in _FOLDERS if not os.environ.get(name)])
        return self.folders

    @cached_property
    def workspace(self) -> Workspace:
        """The open store.

        Raises:
            BallerupError: 30-33 and 40-43.
        """
        workspace = self.open_unchecked()
        for alarm in workspace.store.alarms():
            if isinstance(alarm, UnknownFileError):
                workspace.leave_out(alarm)
            else:  # whatever needs the file will say so again, and stop
                workspace.notice(alarm)
        self.witnessed(workspace)
        return workspace

    def witnessed(self, workspace: Workspace) -> None:
        """Say so when this machine's clock is behind the newest register."""
        from ballerup_cli.services.store import witness

        if wrong := witness.testify(workspace, self.moment):
            terminal.warn(wrong)

    def ended(self, code: int) -> int:
        """Name what is wrong with single cases, beside which the command went on; return what it ends with.

        Damage outranks what a check found; a step that was written is written, and ends with 0.
        """
        workspace: Workspace | None = self.__dict__.get("workspace")
        if workspace is None:
            return code
        for wrong in workspace.noticed.values():
            terminal.fail(wrong)
        cases = [wrong for file in workspace.left_out if is_of_a_case(wrong := workspace.noticed[file])]
        if count := sum(not isinstance(wrong, UnknownFileError) for wrong in cases):
            terminal.note(
                plural(
                    "{count} case not counted: it cannot be read",
                    "{count} cases not counted: they cannot be read",
                    count,
                )
            )
        if workspace.store.written:
            return code
        return max([code, *(workspace.noticed[file].exit_code for file in workspace.left_out)])

    def open_unchecked(self, accept: int = 0) -> Workspace:
        """Open the store without looking at the names in its folder: for ``verify``, which reports them all."""
        return self._opened(self.store, accept=accept)

    def open_configured(self) -> Workspace:
        """Open the configured store, whatever folder was asked for."""
        return self._opened(None)

    def open_moved(self, folder: Path) -> Workspace:
        """Open a folder that is to be the store from now on, as it lies there."""
        return self._opened(folder, as_store=True)

    def open_copy(self, folder: Path) -> Workspace:
        """Open a copy of the store, which may be older than what was seen here, and is never written."""
        return self._opened(folder, as_copy=True)

    def _opened(self, folder: Path | None, **more: Any) -> Workspace:
        body = {"identity": self.key, "passphrase": self.passphrase, "open_key": self.open_key, **more}
        workspace = self.patiently(partial(open_workspace, self.places, folder=folder, **body))
        workspace.watched = terminal.watched
        return workspace

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

    def record_lookup(self, what: str, cases: Sequence[str], purpose: str) -> None:
        """Write a look into the log before anything is shown.

        Raises:
            BallerupError: it cannot be written, and nothing may be shown.
        """
        if self.workspace.store.copy:
            terminal.note(_("this is a copy: its log is not written, so this look stands nowhere"))
        else:
            from ballerup_cli.services.store import lookups

            lookups.record_lookup(self.workspace, what, cases, purpose, self.moment)

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
        """What is needed to understand what people type: the day, and the members of the network by name."""
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


_FOLDERS = {
    "BALLERUP_CONFIG_DIR": "user_config_dir",
    "BALLERUP_STATE_DIR": "user_state_dir",
    "BALLERUP_CACHE_DIR": "user_cache_dir",
}
"""The variables that say where a user's folders are, and what the platform calls the usual ones."""


def places(environ: Mapping[str, str]) -> Places | None:
    """Return the user's folders: from the environment, else where the platform keeps such things.

    None where neither says it: a user without a home, such as an account of a service.
    """
    found = [environ.get(name) or _usual(attribute) for name, attribute in _FOLDERS.items()]
    config, state, cache = (Path(folder) if folder else None for folder in found)
    return Places(config=config, state=state, cache=cache) if config and state else None


def _usual(attribute: str) -> str | None:
    if home() is None:
        return None
    return str(getattr(PlatformDirs("ballerup", appauthor=False), attribute))


def home() -> Path | None:
    """Return this user's home folder, None where there is none."""
    try:
        return Path.home()
    except (KeyError, RuntimeError):
        return None
