"""The table of what is measured on a store: groups of commands that take turns, ours and others'.

A group's first command is the floor F where start-up counts. What a result should be stands in ``goals``.
"""

import json
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from bench.cases import TODAY, concerns
from bench.generate import FRESH, Office
from bench.peers import PEERS, SAMPLE, Peer, Record, environment
from bench.profile import imports
from bench.run import ROUNDS, Command, FailedError, in_turn
from bench.synced import synced

FLOOR = "floor"
"""A Python process that only imports what no command can do without."""
_IMPORTS = (
    "import click, sqlite3, hashlib, hmac, json, re; "
    "from cryptography.hazmat.primitives.asymmetric import ed25519, mlkem, x25519; "
    "from cryptography.hazmat.primitives import hashes, hpke; "
    "from cryptography.hazmat.primitives.ciphers import aead; "
    "from cryptography.hazmat.primitives.kdf import hkdf"
)
_NOTE = {"text": "Mor ringer og fortæller, at skolen har holdt et møde, og at det går bedre."}
_CLEAR = {"gate": "police", "outcome": "clear", "decided": str(TODAY), "reason": "Intet taler imod."}
PROFILED = 1_000
"""The largest store in which imports are told apart: what they take depends on no size."""
_FOUND = frozenset({0, 3})  # what `due` and `verify` may end with

Results = dict[str, Any]
Filled = list[tuple[Peer, Path]]
"""Other programs, each with the folder in which it has the records."""


class Bench:
    """An office of one size with its watch key, and what is run in it."""

    def __init__(self, folder: Path, size: int, seed: int = 1) -> None:
        self.office, self.cron, self.size = Office(folder / "office"), Office(folder / "cron"), size
        old, *fresh = [plan.number for plan in concerns(size, seed, FRESH)][-FRESH:]
        self.old, self.fresh = old, fresh
        self.forms = {"note": folder / "note.json", "triage": folder / "triage.json"}

    def make(self) -> float:
        """Make all of it; return how long the store took."""
        plain = self.office.path.with_name("plain.ndjson")
        words = [sys.executable, "-m", "bench.generate", str(self.size), str(self.office.path), "--plain", str(plain)]
        made = Command(words=words, environment=_environment(self.office)).run()
        for name, body in (("note", _NOTE), ("triage", _CLEAR)):
            self.forms[name].write_text(json.dumps(body))
            self.forms[name].chmod(0o600)
        self._welcome()
        return float(made["wall"])

    def _welcome(self) -> None:
        """Let cron in, with a watch key; and make the index."""
        card, code = self.cron.path.with_name("card.yaml"), self.cron.path.with_name("code.txt")
        card.write_text(_told(self.cron, "keys", "new", "--as", "cron", "--no-passphrase"))
        code.write_text(_told(self.office, "members", "add", "--from", card, "--role", "watch", "--yes"))
        _told(self.cron, "members", "join", self.office.store, "--from", code)
        _told(self.office, "list", "--format", "csv")

    # --- the groups ---

    def looks(self) -> dict[str, Command]:
        """What is asked all day, with a warm index."""
        return {
            FLOOR: self.floor(),
            "due": self.ours("due", office=self.cron),
            "due --format csv": self.ours("due", "--format", "csv", office=self.cron),
            "list": self.ours("list"),
            "list --format csv": self.ours("list", "--format", "csv"),
            "report": self.ours("report", "--internal", "--from", "2022-01-01"),
            "show": self.ours("show", self.old),
        }

    def steps(self) -> dict[str, Command]:
        """One step of one case."""
        note, triage = (("--from", str(self.forms[name])) for name in ("note", "triage"))
        return {
            FLOOR: self.floor(),
            "note": self.ours("note", self.old, *note),
            "triage": self.ours("triage", *triage, each=[(number,) for number in self.fresh]),
        }

    def profiled(self) -> dict[str, Command]:
        """Return what start-up is most of."""
        note = self.ours("note", self.old, "--from", str(self.forms["note"]))
        return {name: command for name, command in self.looks().items() if name != FLOOR} | {"note": note}

    def whole(self) -> dict[str, Command]:
        """What reads every case, and the same by the bare libraries."""
        bare = [sys.executable, "-m", "bench.bare", str(self.office.store), str(self.office.places.identity)]
        return {
            "verify": self.ours("verify", is_watched=True),
            "bare libraries": Command(words=bare, environment=_environment(self.office)),
            "rebuild": self.ours("list", "--format", "csv", before=self.forget, is_watched=True),
        }

    def rotation(self) -> dict[str, Command]:
        """What seals every case anew."""
        return {"keys rotate": self.ours("keys", "rotate", "--yes", is_watched=True)}

    def floor(self) -> Command:
        """Return F."""
        return Command(words=[sys.executable, "-c", _IMPORTS], environment=_environment(self.office))

    def ours(self, *words: str, office: Office | None = None, **more: Any) -> Command:
        """Return a command of ours, run by the coordinator unless another office is named."""
        office = office or self.office
        line = [*_ballerup(), "--today", str(TODAY), *words]
        return Command(words=line, environment=_environment(office), ends=_FOUND, **more)

    def forget(self) -> None:
        """Take the index away."""
        shutil.rmtree(self.office.places.cache or "", ignore_errors=True)


GROUPS: Mapping[str, Callable[[Bench], dict[str, Command]]] = {
    "looks": Bench.looks,
    "steps": Bench.steps,
    "whole": Bench.whole,
    "rotation": Bench.rotation,
}
"""In this order: what changes the store comes after what only looks at it."""


def measure(folder: Path, size: int, patience: float) -> Results:
    """Make a store of a size and the same records for the others, and measure all groups."""
    bench = Bench(folder, size)
    made = bench.make()
    files = [path.stat().st_size for path in bench.office.store.glob("*.age")]
    peers, left_out = _filled(folder)
    told: Results = {"files": len(files), "bytes": sum(files), "made": made, "left_out": left_out, "groups": {}}
    told["sample"] = min(SAMPLE, size + FRESH)
    for name, group in GROUPS.items():
        commands = group(bench)
        for peer, at in peers:
            commands |= peer.commands(name, at)
        told["groups"][name] = in_turn(commands, patience)
    if size <= PROFILED:
        told["imports"] = {name: imports(command, bench.floor()) for name, command in bench.profiled().items()}
    told["synced"] = synced(bench.ours("note", bench.old, "--from", str(bench.forms["note"])), folder)
    _end(peers)
    return told


def measure_seal(folder: Path) -> Results:
    """Measure sealing and opening one record; others that are programs of their own start anew each time."""
    peers, _ = _filled(folder, only="seal")
    spent: dict[str, list[dict[str, float]]] = {}
    for _ in range(ROUNDS):
        lines = [[sys.executable, "-m", "bench.seal"], *(shlex.split(peer.timed) for peer, _ in peers if peer.timed)]
        for line in lines:
            said = subprocess.run(line, capture_output=True, check=True, cwd=Path(__file__).parent.parent)
            for name, wall in json.loads(said.stdout).items():
                spent.setdefault(name, []).append({"wall": wall})
        for peer, at in peers:
            for label, command in peer.commands("seal", at).items():
                spent.setdefault(label, []).append(command.run())
    _end(peers)
    return spent


def _filled(folder: Path, only: str = "") -> tuple[Filled, dict[str, str]]:
    """Let every other program take in the records; say why one is left out."""
    peers, left_out = list[tuple[Peer, Path]](), dict[str, str]()
    for peer in PEERS:
        at = folder / peer.name.replace(" ", "-")
        try:
            if not peer.is_here:
                raise FailedError("not on this machine")
            if only and not (only in peer.groups or peer.timed):
                continue
            at.mkdir(parents=True)
            peer.fill(at, _records(folder / "plain.ndjson"))
            peers.append((peer, at))
        except FailedError as failure:
            left_out[peer.name] = str(failure)
    return peers, left_out


def _records(file: Path) -> Iterator[Record]:
    if file.exists():
        with file.open() as lines:
            yield from map(json.loads, lines)


def _end(peers: Filled) -> None:
    for peer, at in peers:
        if peer.end:
            subprocess.run(peer.end.split(), env=environment(at), check=False, capture_output=True)


def _ballerup() -> Sequence[str]:
    return [str(Path(sys.executable).with_name("ballerup"))]


def _environment(office: Office) -> dict[str, str]:
    root = str(Path(__file__).parent.parent)
    return {"PATH": "/usr/bin:/bin", "HOME": str(office.path), "PYTHONPATH": root, **office.environment}


def _told(office: Office, *words: object) -> str:
    line = [*_ballerup(), *map(str, words)]
    return subprocess.run(line, env=_environment(office), check=True, capture_output=True, text=True).stdout
