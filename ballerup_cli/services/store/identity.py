"""Keys: one user's folders, and the identity that lies in them, opened and wrapped.

Where a store comes from belongs to ``founding``; the formats belong to ``storage``.
"""

import stat
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from ballerup_cli.errors import (
    CannotReadError,
    KeyInStoreError,
    MissingFileError,
    NoIdentityError,
    PassphraseWantedError,
    UnsafePermissionsError,
    WrongKeyError,
    WrongPassphraseError,
)
from ballerup_cli.storage import computed
from ballerup_cli.storage.crypto.age import (
    HybridIdentity,
    ScryptIdentity,
    ScryptRecipient,
    identity_text,
    read_identities,
    seal,
    unseal,
)
from ballerup_cli.storage.files import read_file
from ballerup_cli.storage.store.anchor import AnchorFile
from ballerup_cli.storage.store.store import Holder
from ballerup_cli.values import value

_SEALED = b"age-encryption.org/"

COORDINATOR, RECOVERY = "coordinator", "recovery"
"""The role that keeps a store, and the role and name of the key on paper."""


@value
class Places:
    """The folders of one user, never in the store: configuration with the identity, state with the anchors, a cache."""

    config: Path
    state: Path
    cache: Path | None = None

    @property
    def configuration(self) -> Path:
        """The configuration file."""
        return self.config / "config.yaml"

    @property
    def identity(self) -> Path:
        """The identity file."""
        return self.config / "identity.age"

    @property
    def next_identity(self) -> Path:
        """The identity that is to take the place of the other one: there only while keys are renewed."""
        return self.config / "identity-next.age"

    def recall(self) -> None:
        """Take up what earlier commands worked out and need not be worked out again."""
        computed.load(self._memo)

    def remember(self) -> None:
        """Keep what this command worked out for those to come."""
        computed.save(self._memo)

    @property
    def _memo(self) -> Path:
        return self.state / "memo.json"  # cron may write there, too

    def adopt_next(self) -> None:
        """Put the next identity in the place of the old one; another command of this user may have done so."""
        with suppress(FileNotFoundError):
            self.next_identity.replace(self.identity)

    def keeper(self, pin: str) -> AnchorFile:
        """Return this user's anchor of the store with identity ``pin``."""
        return AnchorFile(self.state / pin / "anchor.json")


def open_holder(path: Path, passphrase: Callable[[], str]) -> Holder:
    """Return the key holder of an identity file; ``passphrase`` is only asked when the file is wrapped.

    Raises:
        NoIdentityError: the file is missing or holds none.
        WrongPassphraseError: it does not fit.
        CannotReadError, UnsafePermissionsError: as they say.
    """
    try:
        data = read_file(path, limit=1 << 16)
    except MissingFileError:
        raise NoIdentityError(file=str(path)) from None
    if data.startswith(_SEALED):
        try:
            data = unseal(data, [ScryptIdentity(passphrase=passphrase())])
        except WrongKeyError:
            raise WrongPassphraseError(file=str(path)) from None
    try:
        (identity,) = read_identities(data)
    except (ValueError, NoIdentityError):
        raise NoIdentityError(file=str(path)) from None
    return Holder.of(identity)


class KeptOpen:
    """Identities that were opened once and stay open in this process's memory, while their files are what they were."""

    def __init__(self) -> None:
        self._opened: dict[Path, tuple[object, Holder]] = {}

    def open(self, path: Path, passphrase: Callable[[], str]) -> Holder:
        """Return the key holder of an identity file as ``open_holder`` does; the passphrase is asked for once."""
        known = self._opened.get(path)
        if known is None or known[0] != stamp(path):
            known = self._opened[path] = (stamp(path), open_holder(path, passphrase))
        return known[1]

    @property
    def stands(self) -> bool:
        """Tell whether every identity that was opened still lies in its file."""
        return all(before == stamp(path) for path, (before, _holder) in self._opened.items())


def stamp(path: Path) -> tuple[int, int] | None:
    """Return what tells a file from one that was put in its place, None when there is none."""
    try:
        facts = path.stat()
    except OSError:
        return None
    return facts.st_ino, facts.st_mtime_ns


def read_passphrase(path: Path) -> str:
    """Return the passphrase that the first line of a file holds; it may be a pipe.

    Raises:
        PassphraseWantedError: the file is empty.
        CannotReadError, UnsafePermissionsError: it cannot be read, or everybody can.
    """
    try:
        facts = path.stat()
        if stat.S_ISREG(facts.st_mode) and facts.st_mode & stat.S_IRWXO:
            raise UnsafePermissionsError(path=str(path))
        text = path.read_text(encoding="utf-8", errors="replace").partition("\n")[0].rstrip("\r")
    except OSError as problem:
        raise CannotReadError(path=str(path), reason=problem.strerror) from None
    if not text:
        raise PassphraseWantedError
    return text


def refuse_in_store(store: Path, *keys: Path) -> None:
    """Refuse keys that would lie in the folder of the records they open, and be backed up with them.

    Raises:
        KeyInStoreError: one would; a home folder taken for a store would be opened to a group besides.
    """
    for key in keys:
        if store.resolve() in key.resolve().parents:
            raise KeyInStoreError(path=str(key))


def wrapped(identity: bytes, passphrase: str | None) -> bytes:
    """Return an identity file's text under a passphrase, or as it is where there is none."""
    return identity if passphrase is None else seal(identity, [ScryptRecipient(passphrase=passphrase)])


def is_wrapped(path: Path) -> bool:
    """Tell whether an identity file wants a passphrase.

    Raises:
        MissingFileError, CannotReadError, UnsafePermissionsError: as they say.
    """
    return read_file(path, limit=1 << 16).startswith(_SEALED)


def identity_file(identity: HybridIdentity, owner: str, at: str) -> bytes:
    """Return the text of an identity file, as age reads it."""
    lines = (f"# ballerup: {owner}, {at[:10]}", f"# public key: {identity.recipient.text}", identity_text(identity))
    return "".join(f"{line}\n" for line in lines).encode()


def recovery_text(identity: HybridIdentity, at: str) -> bytes:
    """Return an identity file short enough to be written down: a public key alone would fill a page."""
    return f"# ballerup: recovery key, {at[:10]}\n{identity_text(identity)}\n".encode()


def member_row(name: str, role: str, holder: Holder) -> dict[str, str]:
    """Return what the member journal says of somebody who comes, or of his new keys."""
    recipient = holder.identity.recipient.text
    return {"name": name, "role": role, "recipient": recipient, "signing": holder.key.public}
