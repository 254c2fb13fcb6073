"""Founding: identity, recovery key and a new store with its members, Pladen starter and settings."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import field
from pathlib import Path

from ballerup_cli.core.entry import Entry
from ballerup_cli.core.network.network import PLADEN, due_on_network, fold_network
from ballerup_cli.core.profile import Profile, members_of, settings_of
from ballerup_cli.errors import AlreadyThereError, DiskError
from ballerup_cli.services.store import cell_key
from ballerup_cli.services.store.calendar import Calendar
from ballerup_cli.services.store.identity import (
    COORDINATOR,
    RECOVERY,
    Places,
    identity_file,
    member_row,
    recovery_text,
    refuse_in_store,
    wrapped,
)
from ballerup_cli.services.store.workspace import SETTINGS, Workspace, configure
from ballerup_cli.storage.crypto.age import HybridIdentity
from ballerup_cli.storage.files import Folder, private_folder, shared_folder, write_private
from ballerup_cli.storage.store import commit
from ballerup_cli.storage.store.commit import Change
from ballerup_cli.storage.store.journal import Draft
from ballerup_cli.storage.store.store import REGISTER, Holder, Store
from ballerup_cli.storage.text import schema
from ballerup_cli.storage.text.schema import layered
from ballerup_cli.values import value


@value
class Founder:
    """Who founds a store: a short name, and the passphrase that wraps the identity file (None: left plain)."""

    name: str
    passphrase: str | None = field(repr=False)


def init(
    places: Places,
    path: Path,
    founder: Founder,
    *,
    recovery_file: Path | None,
    language: str | None,
    at: str,
    profile: Profile | None = None,
) -> tuple[Workspace, str]:
    """Found a store with members, network and settings of a profile; return it and the recovery key, to be shown once.

    Raises:
        AlreadyThereError, KeyInStoreError, DiskError, SaveUnsureError: as they say.
    """
    own = settings_of(profile) if profile else {}
    schema.speak([own])
    settings, starter = (
        layered(schema.defaults(), own),
        {"members": members_of(profile or {}, schema.shipped_profile())},
    )
    network = fold_network({PLADEN: [Entry(number=1, step="found", at=at, by=founder.name, body=starter)]})
    clocks = due_on_network(network, settings, Calendar(settings))
    due = tuple((item.clock, item.due, item.about) for item in clocks)
    changes = [
        Change(journal=PLADEN, drafts=[Draft(step="found", at=at, body=starter)], due=due),
        Change(journal=SETTINGS, drafts=[Draft(step="set", at=at, body={"set": own, cell_key.FIELD: cell_key.new()})]),
    ]
    store, recovery = _found(places, path.absolute(), founder, changes, recovery_file=recovery_file, at=at)
    configure(places, store.folder.path, store.pin, language)
    return Workspace(store), recovery


def _found(
    places: Places, path: Path, founder: Founder, changes: Sequence[Change], *, recovery_file: Path | None, at: str
) -> tuple[Store, str]:
    """Make identity, recovery key and store; return the store and the recovery key's file text, to be shown once.

    Raises:
        AlreadyThereError: something of it exists; nothing is ever overwritten.
        KeyInStoreError: a key would lie beside the records it opens.
        DiskError, SaveUnsureError: the disk failed.
    """
    _refuse_existing(places, path, recovery_file)
    me, spare = HybridIdentity.generate(), HybridIdentity.generate()
    recovery = recovery_text(spare, at)
    founding = {
        "members": [
            member_row(founder.name, COORDINATOR, Holder.of(me)),
            member_row(RECOVERY, RECOVERY, Holder.of(spare)),
        ]
    }
    try:
        _write_keys(places, founder, identity_file(me, founder.name, at), recovery_file, recovery)
        store = commit.found(Folder(shared_folder(path)), places.keeper, Holder.of(me), founding, changes, at=at)
    except DiskError:  # nothing was founded, so the keys open nothing and would only be in the way next time
        for key in (places.identity, *([recovery_file] if recovery_file else [])):
            with suppress(OSError):
                key.unlink()
        raise
    return store, recovery.decode()


def _refuse_existing(places: Places, path: Path, recovery_file: Path | None) -> None:
    sealed = [path / name for name in (Folder(path).names() if path.exists() else ()) if name.endswith(".age")]
    wanted = [places.configuration, places.identity, path / REGISTER, *([recovery_file] if recovery_file else [])]
    for file in (*wanted, *sorted(sealed)):
        if file.exists() or file.is_symlink():
            raise AlreadyThereError(path=str(file))
    refuse_in_store(path, places.identity, *([recovery_file] if recovery_file else []))


def _write_keys(places: Places, founder: Founder, identity: bytes, recovery_file: Path | None, recovery: bytes) -> None:
    private_folder(places.config)
    if recovery_file:
        write_private(recovery_file, recovery)
    write_private(places.identity, wrapped(identity, founder.passphrase))
