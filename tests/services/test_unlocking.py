"""A key kept open for some hours: in memory only, until its time is up or it is locked, and honoured everywhere."""

from datetime import datetime, timedelta, timezone

import pytest
from cli_kit import Home

from ballerup_cli.cli.ui.memory import in_memory, mounts
from ballerup_cli.errors import UnsafePermissionsError
from ballerup_cli.services.keys import unlocking

NOW = datetime(2026, 6, 21, 10, tzinfo=timezone(timedelta(hours=2)))


@pytest.fixture
def wrapped(place) -> Home:
    """A store whose key has a passphrase, and a runtime folder of its own."""
    if not in_memory(str(place), mounts()):
        pytest.skip("no folder in memory on this machine")
    home = Home.make(place / "home")
    run = home.path / "run"
    run.mkdir(mode=0o700)
    home.environment["XDG_RUNTIME_DIR"] = str(run)
    phrase = home.path / "phrase"
    phrase.write_text("en lang sætning\n")
    phrase.chmod(0o600)
    recovery = ("--recovery-file", home.path / "recovery.txt")
    home.ok("--passphrase-file", phrase, "init", home.store, "--as", "anna", *recovery)
    return home


def test_an_unlocked_key_is_asked_for_once_until_it_is_locked(wrapped):
    wrapped.fails(30, "list")
    wrapped.ok("--passphrase-file", wrapped.path / "phrase", "unlock", "--for", "1h")
    wrapped.ok("list")
    wrapped.ok("verify")
    (kept,) = (wrapped.path / "run").rglob("*.identity")
    assert (kept.stat().st_mode & 0o777, kept.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    wrapped.ok("lock")
    assert not [*(wrapped.path / "run").iterdir()]
    wrapped.fails(30, "list")
    assert "nothing was unlocked" in wrapped.ok("lock")


def test_a_wrong_passphrase_unlocks_nothing(wrapped):
    (wrapped.path / "phrase").write_text("en anden sætning\n")
    wrapped.fails(30, "--passphrase-file", wrapped.path / "phrase", "unlock")
    assert not [*(wrapped.path / "run").rglob("*.identity")]


@pytest.mark.parametrize("hours", ["0", "25h", "en", "8 h", "-1h"])
def test_a_time_that_is_none(wrapped, hours):
    wrapped.fails(2, "unlock", "--for", hours)


def test_a_key_whose_time_is_up_is_taken_away(wrapped, tmp_path):
    phrase, runtime = "en lang sætning", tmp_path / "mine"
    unlocking.unlock(wrapped.identity, runtime, NOW, lambda: phrase)
    kept = unlocking.unlocked(wrapped.identity, runtime, NOW - timedelta(seconds=1))
    assert kept is not None
    assert kept.exists()
    assert unlocking.unlocked(wrapped.identity, runtime, NOW) is None
    assert not kept.exists()


@pytest.mark.parametrize(
    "first", ["# until: \n", "# until: 2026\n", "# until: 2026-06-22\n", "", "# until: 9999-01-01\n"]
)
def test_a_key_without_a_moment_is_taken_away(wrapped, tmp_path, first):
    runtime = tmp_path / "mine"
    unlocking.unlock(wrapped.identity, runtime, NOW + timedelta(hours=1), lambda: "en lang sætning")
    kept = unlocking.unlocked(wrapped.identity, runtime, NOW)
    kept.write_text(first + kept.read_text().partition("\n")[2])
    assert unlocking.unlocked(wrapped.identity, runtime, NOW) is None
    assert not kept.exists()


def test_a_folder_that_others_may_enter_is_refused(wrapped, tmp_path):
    runtime = tmp_path / "mine"
    runtime.mkdir()
    runtime.chmod(0o755)
    for call in (unlocking.unlocked, lambda *told: unlocking.unlock(*told, lambda: "en lang sætning")):
        with pytest.raises(UnsafePermissionsError):
            call(wrapped.identity, runtime, NOW)


def test_a_folder_that_is_a_link_is_refused(wrapped, tmp_path):
    (tmp_path / "theirs").mkdir(mode=0o700)
    (tmp_path / "mine").symlink_to(tmp_path / "theirs")
    with pytest.raises(UnsafePermissionsError):
        unlocking.unlock(wrapped.identity, tmp_path / "mine", NOW, lambda: "en lang sætning")


def test_a_mistyped_passphrase_renews_nothing(wrapped):
    wrapped.ok("--passphrase-file", wrapped.path / "phrase", "unlock")
    mistyped = wrapped.path / "mistyped"
    mistyped.write_text("en lang sætnig\n")
    mistyped.chmod(0o600)
    wrapped.fails(30, "--passphrase-file", mistyped, "keys", "rotate", "--yes")
    wrapped.ok("verify")


def test_renewed_keys_are_not_left_unlocked(wrapped):
    given = ("--passphrase-file", wrapped.path / "phrase")
    wrapped.ok(*given, "unlock")
    wrapped.ok(*given, "keys", "rotate", "--yes")
    assert not [*(wrapped.path / "run").rglob("*.identity")]
    wrapped.ok(*given, "verify")
