"""The system's keyring: the passphrase of an identity, kept by the desktop until it is taken out again.

The identity itself stays where it is, wrapped. Without a mark beside the configuration no keyring is asked.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from ballerup_cli.errors import NoKeyringError, NothingToKeepError
from ballerup_cli.services.store.identity import Places, is_wrapped, open_holder
from ballerup_cli.storage.files import write_private

_SERVICE = "ballerup"
_NONE = ("keyring.backends.fail", "keyring.backends.null", "keyrings.alt")  # keep nothing, or keep it in the open


def keep(places: Places, passphrase: Callable[[], str]) -> None:
    """Keep the passphrase of this user's identity, once it has opened it.

    Raises:
        NothingToKeepError: the identity has no passphrase.
        NoIdentityError, WrongPassphraseError, CannotReadError, UnsafePermissionsError: it cannot be opened so.
        NoKeyringError: there is no keyring, or it refuses.
    """
    if not is_wrapped(places.identity):
        raise NothingToKeepError(file=str(places.identity))
    ring, problem = _ring()
    text = passphrase()
    open_holder(places.identity, lambda: text)
    try:
        ring.set_password(_SERVICE, _account(places), text)
    except problem:
        raise NoKeyringError from None
    write_private(_mark(places), b"")


def kept(places: Places, identity: Path | None) -> str | None:
    """Return the passphrase that is kept for this user's identity; None for any other, or where none can be had."""
    if not _mark(places).exists() or identity not in (None, places.identity):
        return None
    try:
        ring, problem = _ring()
    except NoKeyringError:
        return None
    try:
        found: str | None = ring.get_password(_SERVICE, _account(places))
    except problem:
        return None
    return found


def forget(places: Places) -> bool:
    """Take the passphrase out of the keyring; tell whether one was kept.

    Raises:
        NoKeyringError: the keyring cannot be reached, and may still hold it.
    """
    if not _mark(places).exists():
        return False
    ring, problem = _ring()
    try:
        if ring.get_password(_SERVICE, _account(places)) is not None:
            ring.delete_password(_SERVICE, _account(places))
    except problem:
        raise NoKeyringError from None
    _mark(places).unlink()
    return True


def _ring() -> tuple[Any, type[Exception]]:
    """Return the keyring that the system offers, and what it raises."""
    try:
        import keyring
        from keyring.errors import KeyringError
    except ImportError:
        raise NoKeyringError from None
    ring = keyring.get_keyring()
    parts = getattr(ring, "backends", [ring])  # several in one: the first that answers is asked
    if not parts or any(type(part).__module__.startswith(_NONE) for part in parts):
        raise NoKeyringError
    return ring, KeyringError


def _mark(places: Places) -> Path:
    return places.config / "keyring"


def _account(places: Places) -> str:
    return str(places.identity.absolute())
