"""The other programs: how each takes in the same records, and the commands that do what ours do.

None of them does all that ours does: todoman, taskwarrior and jrnl keep plain text, pass and age seal file by file and
sign nothing, SQLCipher seals one database. What is not on this machine is left out and named.
"""

import json
import os
import shlex
import shutil
import subprocess
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from bench.run import Command, FailedError

Record = dict[str, Any]
SAMPLE = 100
"""So many files stand for all where a program takes them one by one."""

_OWN = Path(__file__).parent.parent / ".venv" / "peers" / "bin"
_PATH = f"{_OWN}:{os.environ.get('PATH', os.defpath)}"
_LONGEST = 300.0  # seconds until a command of another program is given up
_SECRET = "correct horse battery staple"  # noqa: S105  (it guards invented records)


@dataclass(frozen=True, kw_only=True)
class Peer:
    """Another program; ``{at}`` in its commands is a folder of its own with the records in it."""

    name: str
    program: str
    version: str
    fill: Callable[[Path, Iterable[Record]], None]
    groups: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """Its commands by the group of ours they take turns with, and by their label; ``whole`` is ``SAMPLE`` files."""
    timed: str = ""
    """A command that prints how long it took to seal and open one record, without starting."""
    end: str = ""
    """What ends what it left running."""

    @property
    def is_here(self) -> bool:
        """Whether this machine has it."""
        return shutil.which(self.program, path=_PATH) is not None

    def told_version(self) -> str:
        """Return what it says of its version."""
        words = shlex.split(self.version)
        said = subprocess.run(words, capture_output=True, text=True, check=False, env={"PATH": _PATH, "HOME": "/tmp"})  # noqa: S108
        return next((word for line in said.stdout.splitlines() for word in line.split() if "." in word), "?").strip(
            "v,"
        )

    def commands(self, group: str, at: Path) -> dict[str, Command]:
        """Return its commands of a group, by their label."""
        return {label: command(line, at) for label, line in self.groups.get(group, {}).items()}


def command(line: str, at: Path) -> Command:
    """Return a command line with its folder put in."""
    return Command(words=shlex.split(line.replace("{at}", str(at))), environment=environment(at), longest=_LONGEST)


def environment(at: Path) -> dict[str, str]:
    """Return what every one of them is run with."""
    own = {"HOME": at, "GNUPGHOME": at / "gnupg", "PASSWORD_STORE_DIR": at / "store"}
    return {"PATH": _PATH, "LANG": "C.UTF-8", **{name: str(folder) for name, folder in own.items()}}


def _do(at: Path, line: str, typed: str | None = None) -> None:
    words = shlex.split(line.replace("{at}", str(at)))
    done = partial(subprocess.run, words, input=typed, text=True, env=environment(at), cwd=at, capture_output=True)
    try:
        done(check=True, timeout=2 * _LONGEST)
    except subprocess.SubprocessError:
        raise FailedError(f"{words[0]} did not take in its records") from None


# --- how each takes the records in ------------------------------------------------------------------------------------


def _todoman(at: Path, records: Iterable[Record]) -> None:
    (at / "cases").mkdir()
    for record in records:
        told = {"UID": record["number"], "DTSTAMP": f"{_digits(record['received'])}T120000Z"}
        told |= {"DUE;VALUE=DATE": _digits(record["due"]), "SUMMARY": _escaped(record["title"])}
        told |= {"DESCRIPTION": _escaped(record["text"])}
        lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:bench", "BEGIN:VTODO"]
        lines += [*(f"{name}:{value}" for name, value in told.items()), "END:VTODO", "END:VCALENDAR", ""]
        (at / "cases" / f"{record['number']}.ics").write_text("\r\n".join(lines), newline="")
    places = {"path": f"{at}/*", "default_list": "cases", "cache_path": f"{at}/cache.db", "date_format": "%Y-%m-%d"}
    (at / "config.py").write_text("".join(f"{name} = {value!r}\n" for name, value in places.items()))


def _escaped(text: str) -> str:
    for sign in "\\,;":
        text = text.replace(sign, f"\\{sign}")
    return text.replace("\n", "\\n")


def _digits(day: str) -> str:
    return day.replace("-", "")


def _jrnl(at: Path, records: Iterable[Record]) -> None:
    with (at / "journal.txt").open("w") as journal:
        for record in records:
            journal.write(f"[{record['received']} 12:00] {record['title']}\n{record['text']}\n\n")
    told = {"version": "4.6", "journals": {"default": {"journal": f"{at}/journal.txt"}}, "editor": "", "encrypt": False}
    told |= {"colors": dict.fromkeys(("body", "date", "tags", "title"), "none"), "default_hour": 9, "default_minute": 0}
    told |= {"highlight": False, "indent_character": "|", "linewrap": 79, "tagsymbols": "@", "template": False}
    told |= {"timeformat": "%F %R"}
    (at / "jrnl.yaml").write_text("".join(f"{name}: {json.dumps(value)}\n" for name, value in told.items()))


def _taskwarrior(at: Path, records: Iterable[Record]) -> None:
    (at / "taskrc").write_text(f"data.location={at}/tasks\nconfirmation=off\n")
    (at / "tasks").mkdir()
    with (at / "import.json").open("w") as lines:
        lines.writelines(json.dumps(_task(record)) + "\n" for record in records)
    _do(at, "task rc:{at}/taskrc import {at}/import.json")


def _task(record: Record) -> Record:
    received = f"{_digits(record['received'])}T120000Z"
    told = {"entry": received, "description": record["text"].replace("\n", " ")}
    return {
        "uuid": str(uuid.uuid5(uuid.NAMESPACE_OID, record["number"])),
        "status": "pending",
        "description": record["title"],
        "entry": received,
        "due": f"{_digits(record['due'])}T000000Z",
        "annotations": [told],
    }


_COLUMNS = ("number", "received", "state", "tier", "member", "due", "title")


def _sqlite(at: Path, records: Iterable[Record]) -> None:
    import sqlite3

    base = sqlite3.connect(at / "plain.db")
    base.execute(f"CREATE TABLE cases ({', '.join(_COLUMNS)})")
    base.execute("CREATE TABLE texts (number, text)")
    for record in records:
        marks = ", ".join("?" * len(_COLUMNS))
        base.execute(f"INSERT INTO cases VALUES ({marks})", [record[name] for name in _COLUMNS])  # noqa: S608
        base.execute("INSERT INTO texts VALUES (?, ?)", (record["number"], record["text"]))
    base.commit()
    base.close()


def _sqlcipher(at: Path, records: Iterable[Record]) -> None:
    _sqlite(at, records)
    statements = f"ATTACH '{at}/sealed.db' AS sealed KEY '{_SECRET}'; SELECT sqlcipher_export('sealed');"
    _do(at, "sqlcipher {at}/plain.db", statements)
    (at / "plain.db").unlink()
    (at / "group.sql").write_text(f"PRAGMA key = '{_SECRET}'; {_GROUP};\n")


def _pass(at: Path, records: Iterable[Record]) -> None:
    (at / "gnupg").mkdir(mode=0o700)
    _do(at, "gpg --batch --quiet --passphrase '' --quick-generate-key bench default default never")
    _do(at, "pass init bench")
    for record in _few(records):
        _do(at, f"pass insert --multiline {record['number']}", record["text"])
    (at / "record").write_bytes(_RECORD)


def _age(at: Path, records: Iterable[Record]) -> None:
    _do(at, "age-keygen -o {at}/key")
    _do(at, "sh -c 'age-keygen -y {at}/key > {at}/public'")
    for number, record in enumerate(_few(records), 1):
        _do(at, f"age -R {{at}}/public -o {{at}}/{number}.age", record["text"])
    (at / "record").write_bytes(_RECORD)


def _few(records: Iterable[Record]) -> Iterator[Record]:
    return (record for record, _ in zip(records, range(SAMPLE), strict=False))


def _nothing(_at: Path, _records: Iterable[Record]) -> None:
    """Seals what is in memory, and takes in no records."""


_RECORD = bytes(8 * 1024)
_ALL_OF_PASS = "sh -c 'for f in {at}/store/*.gpg; do pass show $(basename $f .gpg); done'"  # noqa: S105
_GROUP = "SELECT tier, member, state, count(*) FROM cases GROUP BY tier, member, state"
_EACH = "SELECT number, state, tier, member, received, due FROM cases"

PEERS: Sequence[Peer] = (
    Peer(
        name="todoman",
        program="todo",
        version="todo --version",
        fill=_todoman,
        groups={
            "looks": {"todoman list": "todo --config {at}/config.py list"},
            "steps": {"todoman new": "todo --config {at}/config.py new 'Ring til skolen'"},
        },
    ),
    Peer(
        name="jrnl",
        program="jrnl",
        version="jrnl --version",
        fill=_jrnl,
        groups={
            "looks": {"jrnl --short": "jrnl --config-file {at}/jrnl.yaml --short"},
            "steps": {"jrnl TEXT": "jrnl --config-file {at}/jrnl.yaml 'today: Ring til skolen.'"},
        },
    ),
    Peer(
        name="taskwarrior",
        program="task",
        version="task --version",
        fill=_taskwarrior,
        groups={
            "looks": {"task list": "task rc:{at}/taskrc list"},
            "steps": {"task add": "task rc:{at}/taskrc add 'Ring til skolen'"},
        },
    ),
    Peer(
        name="sqlite-utils",
        program="sqlite-utils",
        version="sqlite-utils --version",
        fill=_sqlite,
        groups={
            "looks": {
                "sqlite-utils, every row": f"sqlite-utils query --csv {{at}}/plain.db '{_EACH}'",
                "sqlite-utils, GROUP BY": f"sqlite-utils query --table {{at}}/plain.db '{_GROUP}'",
            }
        },
    ),
    Peer(
        name="SQLCipher",
        program="sqlcipher",
        version="sqlcipher :memory: 'PRAGMA cipher_version'",
        fill=_sqlcipher,
        groups={"looks": {"sqlcipher, GROUP BY": "sqlcipher -init {at}/group.sql {at}/sealed.db ''"}},
    ),
    Peer(
        name="pass with GnuPG",
        program="pass",
        version="pass version",
        fill=_pass,
        end="gpgconf --kill all",
        groups={
            "looks": {"pass show": "sh -c 'pass show $(ls {at}/store | head -n 1 | cut -d. -f1)'"},
            "steps": {"pass insert": "sh -c 'pass insert --force --multiline new < {at}/record'"},
            "seal": {"gpg": "sh -c 'gpg -q --yes -r bench -o {at}/sealed -e {at}/record && gpg -q -d {at}/sealed'"},
            "whole": {"pass show, in a loop": _ALL_OF_PASS},
        },
    ),
    Peer(
        name="age",
        program="age",
        version="age --version",
        fill=_age,
        groups={
            "looks": {"age -d": "age -d -i {at}/key {at}/1.age"},
            "seal": {"age": "sh -c 'age -R {at}/public -o {at}/sealed {at}/record && age -d -i {at}/key {at}/sealed'"},
            "whole": {"age -d, in a loop": "sh -c 'for f in {at}/*.age; do age -d -i {at}/key $f; done'"},
        },
    ),
    Peer(
        name="pyrage",
        program=str(_OWN / "python"),
        version=f"{_OWN}/python -c 'import importlib.metadata as told; print(told.version(\"pyrage\"))'",
        fill=_nothing,
        timed=f"{_OWN}/python {Path(__file__).parent / 'x25519.py'}",
    ),
)
