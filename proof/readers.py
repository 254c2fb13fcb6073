"""Readers: keys are renewed again and again while a colleague, and the same user in a second window, look and look.

Nobody sees anything but the store as it is, and there is no false alarm, whatever moment the renewal is at. A command
that was running with the very keys that are renewed may say that they do not open the register any more.
"""

import json
import os
import time
from pathlib import Path

from cli_kit import Home

from proof.calls import call
from proof.tally import Ask, Tally

WINDOW, OTHER_KEYS = "window", 30
LOOKS = (("verify",), ("list",), ("show", "2026-0001"), ("report", "--internal"))


def run(ask: Ask, tally: Tally, origin: Home) -> None:
    """Renew keys so many times under the eyes of two readers."""
    home = origin.copied(ask.place / "anna")
    colleague, over = joined(home, Home.make(ask.place / "bodil"), home.store, "reader"), ask.place / "over"
    readers = {
        who: _looking(reader, over, ask.place / f"{who}.json") for who, reader in ((WINDOW, home), ("bodil", colleague))
    }
    for _ in range(ask.rounds):
        done = call(home, "keys", "rotate", "--yes")
        tally.expect(done.code == 0, "a renewal fails", done.code, done.err)
        tally.count("renewals")
    over.touch()
    for who, child in readers.items():
        tally.expect(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0, "a reader fell off", who)
        for words, code, told in json.loads((ask.place / f"{who}.json").read_text()):
            renewed = who == WINDOW and code == OTHER_KEYS
            tally.expect(code == 0 or renewed, "a reader was refused", who, words, code, told)
            tally.count("looks with keys that went" if renewed else "looks")


def joined(home: Home, colleague: Home, store: Path, role: str, name: str = "bodil") -> Home:
    """Let somebody become a member with a role, who sees the store at a path of his own."""
    card, code = colleague.path / "card.yaml", colleague.path / "code.txt"
    card.write_text(call(colleague, "keys", "new", "--as", name, "--no-passphrase").out)
    code.write_text(call(home, "members", "add", "--from", card, "--role", role, "--yes").out)
    joins = call(colleague, "members", "join", store, "--from", code)
    assert joins.code == 0, joins
    return colleague


def _looking(home: Home, over: Path, told: Path) -> int:
    child = os.fork()
    if child:
        return child
    try:
        looks = []
        while not over.exists():
            words = LOOKS[len(looks) % len(LOOKS)]
            answer = call(home, *words)
            looks.append((words, answer.code, answer.out[-300:] + answer.err if answer.code else ""))
            time.sleep(0.01)
        told.write_text(json.dumps(looks))
        os._exit(0)
    finally:
        os._exit(1)
