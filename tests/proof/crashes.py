"""Crash enumeration on the real code: every command, every crash point, every subset of what was not synced.

There is no list of commands: each runs the example of its own help (tests/test_help_examples.py, where a command
without one fails), and what it does to files decides whether it writes. After each crash the next command finds the
old or the new state, without an alarm, and the command can be repeated.
"""

import json
import shlex
import shutil
from pathlib import Path

from cli_kit import Answer, Home, take_in
from test_help_examples import AGREED, ALL, ASKS, BEFORE, ELSEWHERE, ENDS, FORMS, IN_STATE

from ballerup_cli.errors import BallerupError
from proof.calls import call, contents
from proof.recorder import Image, Recorder, crashes_of
from proof.tally import Ask, Tally

LEFT_OUT = {
    "init": "founding is enumerated in tests/test_crash.py",
    "demo": "makes a store of its own, as init does",
    "form": "prints",
    "completion": "prints",
    "manual": "writes pages about the program",
    "netvaerk": "writes a document only",
    **dict.fromkeys(sorted(ELSEWHERE - {"init"}), "begins on a machine that knows no store yet"),
}
"""Commands that write nothing into a store that exists, with the reason."""
INSTEAD = {
    "import": "ballerup import concerns.csv --map map.yaml --yes",
}
"""Where the example of the help only looks, or asks."""
SMALL = 6
"""So many states are tried of each command in a short run; a long one tries all."""
OUTPUTS = {"tmp"}
"""Folders of a home that are not looked into: what lies there may go at any time."""
ROWS = (
    "Modtaget;Henvender;Person eller gruppe;Navn;CPR;Født;Haster;Bekymring;Set eller hørt;Journalnummer\n"
    "02-03-2026;Klub Nord;person;Tænkt Tænktesen;;;nej;En bekymring;Noget set;1\n"
)


def runnable(name: str) -> str:
    """The line of a command's example that can be run without a shell and does the command's work."""
    lines = [line for line in INSTEAD.get(name, ALL[name]).splitlines() if line.startswith("ballerup ")]
    return next((line for line in reversed(lines) if not set(line) & set(">|$<")), "")


def words(home: Home, line: str, name: str) -> list[str]:
    line += " --yes" if name in AGREED else ""
    line = line.replace("--recovery-file recovery.txt", f"--recovery-file {home.path}/recovery.txt")
    line = line.replace("/media/usb", str(home.path / "usb")).replace("2026-0001", IN_STATE.get(name, "2026-0001"))
    return shlex.split(line.replace("~", str(home.path)))[1:]


def prepared(origin: Home, path: Path, name: str) -> Home:
    """A home in which the command's example can run."""
    home = origin.copied(path)
    for form, value in FORMS.items():
        (home.work / f"{form}.yaml").write_text(json.dumps(value))
    (home.work / "ssp.yaml").write_text(json.dumps({"code": "ssp", "name": "SSP"}))
    (home.work / "concerns.csv").write_text(ROWS)
    (home.work / "map.yaml").write_text(call(home, "form", "import-map").out)
    (home.path / "usb").mkdir()
    for line in BEFORE.get(name, ()):
        assert call(home, *line.format(usb=home.path / "usb").split()).code == 0, line
    if name in ("hand-over", "members remove"):
        take_in(home, "bo" if name == "hand-over" else "bodil")
    if name == "members add":
        elsewhere = Home(
            home.path, {f"BALLERUP_{part}_DIR": str(home.path / "usb" / part) for part in ("CONFIG", "STATE")}
        )
        (home.work / "bodil.yaml").write_text(call(elsewhere, "keys", "new", "--as", "bodil", "--no-passphrase").out)
    return home


def image_of(home: Home) -> Image:
    files = (path for path in home.path.rglob("*") if path.is_file() and path.name != ".lock")
    return {str(path): path.read_bytes() for path in files if path.relative_to(home.path).parts[0] not in OUTPUTS}


class Stage:
    """One home at one path, put into any state."""

    def __init__(self, home: Home) -> None:
        self.home = home
        self.folders = {path: path.stat().st_mode for path in (home.path, *home.path.rglob("*")) if path.is_dir()}
        self.modes = {str(path): path.stat().st_mode for path in home.path.rglob("*") if path.is_file()}

    def set(self, image: Image) -> None:
        shutil.rmtree(self.home.path)
        for folder, mode in sorted(self.folders.items()):
            folder.mkdir()
            folder.chmod(mode & 0o7777)
        for path, data in image.items():
            Path(path).parent.mkdir(mode=0o770, parents=True, exist_ok=True)
            Path(path).write_bytes(data)
            kept = 0o640 if Path(path).parent == self.home.store else 0o600
            Path(path).chmod(self.modes.get(path, kept) & 0o777)


def run(ask: Ask, tally: Tally, origin: Home) -> None:
    """Try each command; ``rounds`` of 0 means all states of all commands, else so many commands, a few states each."""
    names = [name for name in ALL if name not in LEFT_OUT]
    chosen = ask.dice("commands").sample(names, min(ask.rounds, len(names))) if ask.rounds else names
    for name in sorted(chosen):
        _try(ask, tally, prepared(origin, ask.place / name.replace(" ", "-"), name), name)


def _try(ask: Ask, tally: Tally, home: Home, name: str) -> None:
    line, stage, start = runnable(name), Stage(home), image_of(home)
    old, first, recorder = contents(home), None, Recorder(home.path)
    with recorder.installed():
        first = call(home, *words(home, line, name))
    tally.expect(
        first.code == (2 if line in ASKS else ENDS.get(name, 0)), name, "its example fails", first.code, first.err
    )
    tally.count("commands")
    if not recorder.ops:
        return
    tally.count("commands that write")
    new = contents(home)
    states = list(crashes_of(start, recorder.ops, ask.dice(name)))
    if ask.rounds:
        states = ask.dice(name, "states").sample(states, min(SMALL, len(states)))
    for number, image in enumerate(states):
        stage.set(image)
        tally.count("states")
        if wrong := _wrong(home, words(home, line, name), first, (old, new)):
            tally.broke(name, f"state {number}", wrong)
    shutil.rmtree(home.path)


def _wrong(home: Home, said: list[str], first: Answer, states: tuple[dict[str, int], dict[str, int]]) -> str:
    """Do what comes after a crash; return what is not as it should be."""
    old, new = states
    looked = call(home, "verify")
    if looked.code:
        return f"false alarm {looked.code}: {looked.out}{looked.err}"
    try:
        found = contents(home)
        if found not in (old, new):
            return f"neither old nor new: {found}"
        again = call(home, *said)
        if again.code == 1 or (found == old and again.code not in (first.code, 2 if "--out" in said else first.code)):
            return f"cannot be repeated: {again.code} {again.err}"
        if found == old != new and contents(home) != new:
            return "repeated, and not as new"
        noted = call(home, "note", "2026-0002", "--from", "-", typed='{"text": "Ringede"}')
        drafts = [path.name for path in home.store.iterdir() if path.name.endswith(".new")]
        return f"a draft is left or the next save fails: {drafts} {noted}" if drafts or noted.code else ""
    except BallerupError as alarm:
        return f"false alarm {alarm.exit_code}"
