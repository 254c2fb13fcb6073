"""Crash enumeration on the real code: every command, every crash point, every subset of what was not synced.

There is no list of commands: each runs the example of its own help (tests/house/test_help_examples.py, where a command
without one fails), and what it does to files decides whether it writes. A command whose example writes nothing has to
stand among those that only look. After each crash the next command finds the old or the new state, without an alarm,
and the command can be repeated.
"""

import json
import shlex
import shutil
from pathlib import Path

from cli_kit import Answer, Home, take_in
from test_help_examples import AGREED, ALL, ASKS, BEFORE, ELSEWHERE, ENDS, FORMS, IN_STATE
from test_log import looked_long_ago

from ballerup_cli.errors import BallerupError
from proof.calls import call, contents
from proof.recorder import Image, Recorder, crashes_of
from proof.tally import Ask, Tally

LEFT_OUT = {
    "demo": "makes a store of its own, as init does",
    "form": "prints",
    "completion": "prints",
    "manual": "writes pages about the program",
    "netvaerk": "writes a document only",
}
"""Commands that write nothing into a store that exists, with the reason."""
INSTEAD = {
    "import": "ballerup import concerns.csv --map map.yaml --yes",
    "keys new": "ballerup keys new --as bodil",
    "settings template": "ballerup settings template receipt",
}
"""Where the example of the help only looks, asks, or needs a shell."""
FURTHER = {
    "due, changed": "ballerup due --changed",
    "hand-over, all": "ballerup hand-over --all-of anna --from hand-over.yaml --yes",
    "keys rotate, paper": "ballerup keys rotate --recovery paper.txt --yes",
    "keys rotate, leaked": "ballerup keys rotate --compromised --yes",
    "members remove, leaked": "ballerup members remove bodil --compromised --yes",
    "report, internal": "ballerup report --internal",
    "report, published": "ballerup report --from 2026-01-01 --to 2026-03-31 --publish",
}
"""Options by which a command writes something else than its example does."""
ONLY_LOOKS = {
    *("activity list", "beredskab show", "breach list", "check", "cron print", "cron setup", "disclosures", "doctor"),
    *("due", "keys passphrase", "keys show", "list", "lock", "log sample", "log show", "meeting list", "meeting show"),
    *("members list", "networks list", "pladen care", "pladen list", "proof list", "report", "report combine"),
    *("retention", "search", "settings show", "settings template", "today", "unlock", "verify"),
}
"""Commands that leave the store as it is, but for the index in the cache, which can be made again."""
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
    told = FURTHER.get(name) or INSTEAD.get(name) or ALL[name]
    lines = [line for line in told.splitlines() if line.startswith("ballerup ")]
    return next((line for line in reversed(lines) if not set(line) & set(">|$<")), "")


def words(home: Home, line: str, name: str) -> list[str]:
    line += " --yes" if name in AGREED else ""
    line = line.replace(" --as", " --no-passphrase --as") if name in ELSEWHERE else line
    line = line.replace("/srv/ballerup/store", str(home.store)).replace(" PIN ", f" {home.anchor.parent.name} ")
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
    command = name.partition(",")[0]
    if command in ("hand-over", "members remove"):
        take_in(home, "bo" if command == "hand-over" else "bodil")
    if name in ("members add", "members join"):
        card = call(elsewhere(home), "keys", "new", "--as", "bodil", "--no-passphrase").out
        (home.work / "bodil.yaml").write_text(card)
    if name == "log expire":
        looked_long_ago(home)
    if name == "members join":
        (home.work / "code.txt").write_text(call(home, "members", "add", "--from", "bodil.yaml", "--yes").out)
    return home


def elsewhere(home: Home) -> Home:
    """A machine that knows no store yet, which lies in the same home."""
    return Home(home.path, {f"BALLERUP_{part}_DIR": str(home.path / "usb" / part) for part in ("CONFIG", "STATE")})


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
    names = [name for name in (*ALL, *FURTHER) if name not in LEFT_OUT]
    chosen = ask.dice("commands").sample(names, min(ask.rounds, len(names))) if ask.rounds else names
    for name in sorted(chosen):
        _try(ask, tally, prepared(origin, ask.place / name.replace(" ", "-"), name), name)


def _try(ask: Ask, tally: Tally, home: Home, name: str) -> None:
    line, stage, start = runnable(name), Stage(home), image_of(home)
    actor = elsewhere(home) if name in ELSEWHERE else home
    old, first, recorder = contents(home), None, Recorder(home.path)
    with recorder.installed():
        first = call(actor, *words(home, line, name))
    tally.expect(
        first.code == (2 if line in ASKS else ENDS.get(line, 0)), name, "its example fails", first.code, first.err
    )
    tally.count("commands")
    writes = any(not Path(op.path).is_relative_to(home.path / "cache") for op in recorder.ops)
    tally.expect(writes != (name in ONLY_LOOKS), name, "it writes" if writes else "its example writes nothing")
    if not recorder.ops:
        return
    tally.count("commands that write", writes)
    new = contents(home)
    states = list(crashes_of(start, recorder.ops, ask.dice(name)))
    if ask.rounds:
        states = ask.dice(name, "states").sample(states, min(SMALL, len(states)))
    for number, image in enumerate(states):
        stage.set(image)
        tally.count("states")
        if wrong := _wrong(home, actor, words(home, line, name), first, (old, new)):
            tally.broke(name, f"state {number}", wrong)
    shutil.rmtree(home.path)


def _wrong(
    home: Home, actor: Home, said: list[str], first: Answer, states: tuple[dict[str, int], dict[str, int]]
) -> str:
    """Do what comes after a crash; return what is not as it should be."""
    old, new = states
    looked = call(home, "verify")
    if looked.code:
        return f"false alarm {looked.code}: {looked.out}{looked.err}"
    try:
        found = contents(home)
        if found not in (old, new):
            return f"neither old nor new: {found}"
        again = call(actor, *said)
        if again.code != first.code:  # a file that is there is never overwritten: somebody names another one
            again = call(actor, *_into_another_file(said))
        done = actor is not home and _has_begun(actor)
        if again.code == 1 or (found == old and again.code not in (first.code, 2 if done else first.code)):
            return f"cannot be repeated: {again.code} {again.err}"
        if found == old != new and contents(home) != new:
            return "repeated, and not as new"
        noted = call(home, "note", "2026-0002", "--from", "-", typed='{"text": "Ringede"}')
        drafts = [path.name for path in home.store.iterdir() if path.name.endswith(".new")]
        return f"a draft is left or the next save fails: {drafts} {noted}" if drafts or noted.code else ""
    except BallerupError as alarm:
        return f"false alarm {alarm.exit_code}"


def _into_another_file(said: list[str]) -> list[str]:
    written = ("--out", "--recovery", *(["--recovery-file"] if said[0] == "init" else []))
    named = {place + 1 for place, word in enumerate(said) if word in written}
    return [f"{word}.again" if place in named else word for place, word in enumerate(said)]


def _has_begun(actor: Home) -> bool:
    """Tell whether the other machine knows a store and opens it, or has its keys: then there is nothing to repeat."""
    return (actor.path / "usb" / "CONFIG" / "identity.age").exists() or call(actor, "list").code == 0
