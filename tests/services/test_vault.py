"""The system's keyring: it gives the passphrase where it was told to keep it, and nothing else changes."""

import json
import sys
from pathlib import Path

import pytest
from cli_kit import Home

from ballerup_cli.errors import NoKeyringError
from ballerup_cli.services.keys import vault
from ballerup_cli.services.store.identity import Places

pytestmark = pytest.mark.long

PHRASE = "en lang sætning"
TESTS = str(Path(__file__).parents[1])


@pytest.fixture
def wrapped(place: Path) -> Home:
    """A store whose key has a passphrase, on a machine with a keyring."""
    home = Home.make(place / "home")
    ring = {"PYTHON_KEYRING_BACKEND": "fake_keyring.Keyring", "FAKE_KEYRING": str(place / "ring.json")}
    home.environment.update(ring, PYTHONPATH=TESTS, XDG_RUNTIME_DIR="/nowhere")
    phrase(home, PHRASE)
    recovery = ("--recovery-file", home.path / "recovery.txt")
    home.ok("--passphrase-file", home.path / "phrase", "init", home.store, "--as", "anna", *recovery)
    return home


def phrase(home: Home, text: str) -> tuple[str, Path]:
    (home.path / "phrase").write_text(f"{text}\n")
    (home.path / "phrase").chmod(0o600)
    return "--passphrase-file", home.path / "phrase"


def ring(home: Home) -> dict[str, str]:
    return json.loads((home.path.parent / "ring.json").read_text())


def test_the_passphrase_is_kept_until_it_is_locked(wrapped: Home) -> None:
    wrapped.fails(30, "list")
    told = wrapped.run(*phrase(wrapped, PHRASE), "unlock", "--keyring")
    assert told.code == 0 and PHRASE not in told.out + told.err
    assert ring(wrapped) == {f"ballerup {wrapped.identity}": PHRASE}
    assert wrapped.identity.read_bytes().startswith(b"age-encryption.org/"), "the key stays wrapped"
    wrapped.ok("list")
    wrapped.ok("keys", "rotate", "--yes")
    wrapped.ok("list")
    wrapped.ok("lock")
    assert ring(wrapped) == {}
    wrapped.fails(30, "list")
    assert "nothing was unlocked" in wrapped.ok("lock")


def test_a_wrong_passphrase_is_not_kept(wrapped: Home) -> None:
    wrapped.fails(30, *phrase(wrapped, "en anden"), "unlock", "--keyring")
    assert not (wrapped.path.parent / "ring.json").exists()
    wrapped.fails(30, "list")


def test_a_new_passphrase_takes_the_old_one_out(wrapped: Home) -> None:
    wrapped.ok(*phrase(wrapped, PHRASE), "unlock", "--keyring")
    (wrapped.path / "new").write_text("en helt ny\n")
    (wrapped.path / "new").chmod(0o600)
    wrapped.ok("keys", "passphrase", "--new-passphrase-file", wrapped.path / "new")
    assert ring(wrapped) == {}
    wrapped.fails(30, "list")


def test_without_a_passphrase_there_is_nothing_to_keep(wrapped: Home) -> None:
    wrapped.ok(*phrase(wrapped, PHRASE), "keys", "passphrase", "--no-passphrase")
    wrapped.fails(2, *phrase(wrapped, PHRASE), "unlock", "--keyring")


def test_a_keyring_that_is_shut_is_passed_over_and_not_forgotten(wrapped: Home) -> None:
    wrapped.ok(*phrase(wrapped, PHRASE), "unlock", "--keyring")
    (wrapped.path.parent / "shut").touch()
    wrapped.fails(30, "list")
    wrapped.ok(*phrase(wrapped, PHRASE), "list")
    wrapped.fails(2, "lock")
    (wrapped.path.parent / "shut").unlink()
    wrapped.ok("lock")
    assert ring(wrapped) == {}


@pytest.mark.parametrize("backend", ["keyring.backends.fail.Keyring", "keyring.backends.null.Keyring"])
def test_what_keeps_nothing_is_no_keyring(wrapped: Home, backend: str) -> None:
    wrapped.fails(2, *phrase(wrapped, PHRASE), "unlock", "--keyring", PYTHON_KEYRING_BACKEND=backend)


def test_another_identity_gets_no_passphrase_from_it(wrapped: Home) -> None:
    wrapped.ok(*phrase(wrapped, PHRASE), "unlock", "--keyring")
    other = wrapped.path / "other.age"
    other.write_bytes(wrapped.identity.read_bytes())
    other.chmod(0o600)
    wrapped.fails(30, "--identity", other, "list")


def test_without_the_library_nothing_is_kept(wrapped: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "keyring", None)
    places = Places(config=wrapped.path / "config", state=wrapped.path / "state")
    with pytest.raises(NoKeyringError):
        vault.keep(places, lambda: PHRASE)
    assert vault.kept(places, None) is None and vault.forget(places) is False
    (places.config / "keyring").touch()
    assert vault.kept(places, None) is None
