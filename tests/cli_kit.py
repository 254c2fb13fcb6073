"""A kit for tests of the whole program: the installed `ballerup`, run as a process of its own in a home of its own.

There is never a terminal: a new session has none, so a question that somebody should answer fails instead of waiting.
"""

import hashlib
import json
import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import invented
import pytest
import quick_start
from filelock import FileLock
from quick_start import PROGRAM
from store_kit import joining

from ballerup_cli.services.cases import casework
from ballerup_cli.services.forms.pipeline import CREATE
from ballerup_cli.services.store import founding, identity, records, workspace
from ballerup_cli.services.store.moment import Moment
from ballerup_cli.services.store.workspace import Workspace
from ballerup_cli.storage.store.commit import commit, writing
from ballerup_cli.storage.text import codec

EXAMPLES = Path(__file__).parent.parent / "templates" / "examples"
ROOT = os.geteuid() == 0
DERIVED = ("cache", "state/memo.json", "store/access-", "store/.access-")
MEMORY = Path("/dev/shm")  # noqa: S108

WRITTEN = Moment(at="2026-06-21T10:00:00+02:00", today=date(2026, 6, 21))
"""When the ready store was written; `--today` of the tests lies around it."""

Form = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """What came back: exit code, stdout and stderr."""

    code: int
    out: str
    err: str

    def json(self) -> Any:
        return json.loads(self.out)


@dataclass(frozen=True, slots=True)
class Home:
    """One user's home: configuration, state, cache, store, temporary folder, and the folder commands are run in."""

    path: Path
    environment: dict[str, str] = field(default_factory=dict)

    @classmethod
    def make(cls, path: Path) -> "Home":
        for name in ("work", "tmp"):
            (path / name).mkdir(parents=True)
        return cls(path)

    @property
    def store(self) -> Path:
        return self.path / "store"

    @property
    def work(self) -> Path:
        return self.path / "work"

    @property
    def identity(self) -> Path:
        return self.path / "config" / "identity.age"

    @property
    def anchor(self) -> Path:
        (found,) = (self.path / "state").glob("*/anchor.json")
        return found

    def environ(self) -> dict[str, str]:
        return {
            "PATH": os.environ["PATH"],
            "HOME": str(self.path),
            "TMPDIR": str(self.path / "tmp"),
            "BALLERUP_CONFIG_DIR": str(self.path / "config"),
            "BALLERUP_STATE_DIR": str(self.path / "state"),
            "BALLERUP_CACHE_DIR": str(self.path / "cache"),
            "BALLERUP_LANG": "en",
            "PYTHONPATH": os.environ.get("PYTHONPATH", ""),  # where other sources are tried
        } | self.environment

    def command(self, *arguments: object) -> list[str]:
        return [str(PROGRAM), *map(str, arguments)]

    def run(self, *arguments: object, typed: str | bytes | None = None, **environment: str) -> Answer:
        """Run a command; whatever it is, it must not fail unexpectedly nor write for a terminal."""
        code, out, err = quick_start.run(
            self.command(*arguments),
            typed.encode() if isinstance(typed, str) else typed or b"",
            {name: value for name, value in (self.environ() | environment).items() if value},
            self.work,
        )
        answer = Answer(code=code, out=out.decode(), err=err.decode())
        assert answer.code != 1, answer.err
        assert "Traceback" not in answer.err, answer.err
        assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f]", answer.out + answer.err), (
            "no colour, no control characters"
        )
        return answer

    def ok(self, *arguments: object, typed: str | bytes | None = None, **environment: str) -> str:
        answer = self.run(*arguments, typed=typed, **environment)
        assert answer.code == 0, answer
        return answer.out

    def fails(self, code: int, *arguments: object, typed: str | bytes | None = None, **environment: str) -> str:
        """Run a command that must fail: nothing on stdout, nothing changed anywhere; returns what stderr says."""
        before = self.everything()
        answer = self.run(*arguments, typed=typed, **environment)
        assert answer.code == code, answer
        assert answer.out == ""
        assert re.search("^ballerup: (error|fejl): ", answer.err, re.MULTILINE)
        assert self.everything() == before
        return answer.err

    def write(self, step: str, number: str | None, form: Form) -> Answer:
        """Hand a form in as JSON on stdin."""
        return self.run(step, *([number] if number else []), "--from", "-", typed=json.dumps(form))

    def show(self, number: str) -> Any:
        return json.loads(self.ok("show", number, "--format", "json"))

    def workspace(self) -> Workspace:
        """The store, opened in this process: to look at it quickly, or to write what no command writes."""
        places = identity.Places(config=self.path / "config", state=self.path / "state")
        return workspace.open_workspace(places, folder=None, identity=None, passphrase=lambda: "")

    def workspace_at(self, folder: Path) -> Workspace:
        """A copy of the store, opened in this process."""
        places = identity.Places(config=self.path / "config", state=self.path / "state")
        return workspace.open_workspace(places, folder=folder, identity=None, passphrase=lambda: "")

    def case(self, number: str) -> Any:
        """What `show` says, read in this process."""
        workspace = self.workspace()
        return records.sheet(workspace, records.open_case(workspace, records.find_number(workspace, number)))

    def everything(self) -> dict[str, tuple[int, str]]:
        """Every file and folder below this home: its rights and a digest; not what is only worked out, nor looks."""
        found = {str(path.relative_to(self.path)): _seen(path) for path in sorted(self.path.rglob("*"))}
        return {name: seen for name, seen in found.items() if not name.startswith(DERIVED)}

    def sealed(self) -> list[Path]:
        return sorted(self.store.glob("*.age"))

    def copied(self, path: Path, *without: str) -> "Home":
        """A home just like this one, elsewhere; its configuration names its own store."""
        shutil.copytree(self.path, path, symlinks=True, ignore=shutil.ignore_patterns(*without))
        config = path / "config" / "config.yaml"
        config.write_text(config.read_text().replace(str(self.path), str(path)))
        return Home(path)


def _seen(path: Path) -> tuple[int, str]:
    content = hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""
    return path.lstat().st_mode, content


# --- a store that is ready --------------------------------------------------------------------------------------------

GROUNDLESS = invented.assess(grounds=False)

CASES: dict[str, tuple[tuple[str, Form], ...]] = {
    "2026-0001": invented.BEFORE["received"],
    "2026-0002": invented.BEFORE["screened"],
    "2026-0003": invented.BEFORE["accepted"],
    "2026-0004": invented.BEFORE["assessed"],
    "2026-0005": (
        ("create", invented.create(referrer={"member": "hedegaardsskolen"}, received="2026-04-02T09:00")),
        *invented.BEFORE["planned"][1:],
    ),
    "2026-0006": invented.BEFORE["closed"],
    "2026-0007": (
        ("create", invented.create(referrer={"other": "citizen"})),
        ("triage", invented.police("blocked")),
    ),
    "2026-0008": (*invented.BEFORE["screened"], ("triage", invented.joint("no-basis"))),
    "2026-0009": (*invented.BEFORE["accepted"], ("assess", GROUNDLESS)),
    "2025-0001": (("create", invented.create(received="2025-12-30", referrer={"member": "headspace"})),),
}
"""The cases of the ready store: each state, each gate, and one of the year before."""


def ready(path: Path) -> Home:
    """Make a home with a store in which `CASES` are written (in this process, so that it is quick)."""
    home = Home.make(path)
    places = identity.Places(config=path / "config", state=path / "state")
    founder = founding.Founder(name="anna", passphrase=None)
    at = "2026-01-01T12:00:00+01:00"
    workspace, _ = founding.init(places, home.store, founder, recovery_file=path / "recovery.txt", language=None, at=at)
    for number, written in CASES.items():
        for step, body in written:
            (document,) = codec.read_forms(json.dumps(body).encode())
            if step == CREATE:
                (taken,) = casework.open_concerns(workspace, [document], WRITTEN)
            else:
                taken = casework.take(workspace, step, number, document, WRITTEN)
            assert taken.case.number == number
    return home


LOOKS = "*access-*"
"""Looks at the ready store, which tests share: whoever takes a copy of it wants none of the others'."""


def take_in(home: Home, name: str) -> None:
    """Let somebody become a coordinator of the home's store, with a key of the kit."""
    store = home.workspace().store
    with writing(store):
        commit(store, [joining(name)], at=WRITTEN.at, reseal=True)


def once(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], object]) -> Path:
    """Let the first of all workers make a folder that the others only look at."""
    root = factory.getbasetemp()
    root = root.parent if "PYTEST_XDIST_WORKER" in os.environ else root
    with FileLock(root / f"{name}.lock"):
        if not (root / f"{name}.made").exists():
            make(root / name)
            (root / f"{name}.made").touch()
    return root / name


# --- damage -----------------------------------------------------------------------------------------------------------


def flip(path: Path, at: int = -1) -> None:
    """Change one byte, by default the one in the middle."""
    data = bytearray(path.read_bytes())
    data[len(data) // 2 if at < 0 else at] ^= 1
    path.write_bytes(data)


@contextmanager
def small_disk(path: Path, size: str = "1m") -> Iterator[Path]:
    """A file system of its own at `path`, in memory, that is soon full."""
    path.mkdir(exist_ok=True)
    if (
        not ROOT
        or subprocess.run(
            ["mount", "-t", "tmpfs", "-o", f"size={size},mode=700", "none", path], capture_output=True, check=False
        ).returncode
    ):
        pytest.skip("a small disk can only be mounted by root")
    try:
        yield path
    finally:
        subprocess.run(["umount", "--lazy", path], check=True)


def fill_up(disk: Path) -> Path:
    """Leave no room on a small disk."""
    filler = disk / "filler"
    with filler.open("wb", buffering=0) as file:
        for size in (4096, 1):
            try:
                while True:
                    file.write(b"0" * size)
            except OSError:
                continue
    return filler


def read_only(disk: Path, *, on: bool = True) -> None:
    """Make a small disk read-only, or writable again."""
    subprocess.run(["mount", "-o", f"remount,{'ro' if on else 'rw'}", disk], check=True)
