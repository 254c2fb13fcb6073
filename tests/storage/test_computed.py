"""What is kept from one command to the next: found again, never needed, and never in the way."""

import json

import pytest

from ballerup_cli.storage import computed


@pytest.fixture(autouse=True)
def command(monkeypatch):
    """Begin a command that knows nothing; call it to begin another one."""

    def begin():
        monkeypatch.setattr(computed, "_before", {})
        monkeypatch.setattr(computed, "_used", {})

    begin()
    return begin


def ask(key, answer):
    """Ask what a key stands for; tell the answer and whether it had to be worked out."""
    found = []
    told = computed.get_or_compute(key, lambda: found.append(key) or answer)
    return told, bool(found)


def test_what_was_worked_out_is_kept_for_the_next_command(tmp_path, command):
    assert [ask("a", 1), ask("a", 1)] == [(1, True), (1, False)]
    computed.save(tmp_path / "memo.json")
    command()
    computed.load(tmp_path / "memo.json")
    assert ask("a", 2) == (1, False)


def test_what_was_not_used_this_time_is_kept_too(tmp_path, command):
    path = tmp_path / "memo.json"
    ask("a", 1)
    computed.save(path)
    command()
    computed.load(path)
    ask("b", 2)
    computed.save(path)
    assert list(json.loads(path.read_bytes()).items()) == [("b", 2), ("a", 1)], "those used last come first"


def test_nothing_is_written_where_nothing_is_new_or_nobody_has_a_store(tmp_path, command):
    path = tmp_path / "memo.json"
    ask("a", 1)
    computed.save(path)
    before = path.stat().st_ino
    command()
    computed.load(path)
    ask("a", 1)
    computed.save(path)
    assert path.stat().st_ino == before
    ask("b", 2)
    computed.save(tmp_path / "state" / "memo.json")
    assert not (tmp_path / "state").exists()


@pytest.mark.parametrize("damaged", [None, b"", b"[", b"[1]", b"7", b"\xff", b"[" * 100_000])
def test_what_is_missing_or_damaged_is_worked_out_again(tmp_path, damaged):
    path = tmp_path / "memo.json"
    if damaged is not None:
        path.write_bytes(damaged)
        path.chmod(0o600)
    computed.load(path)
    assert ask("a", 1) == (1, True)
