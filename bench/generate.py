"""Stores of any size, made of invented cases by lot from a seed; and the same cases as plain records for others.

From Python: ``make(Path("/dev/shm/office"), 1000)`` returns an ``Office``: folders, environment, the open store. From
a shell, in a checkout: ``.venv/bin/python -m bench.generate 1000 /dev/shm/office`` makes one and prints the lines by
which ``ballerup`` looks at it.
"""

import argparse
import json
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

from ballerup_cli.services.store import founding, records, workspace
from ballerup_cli.services.store.founding import Founder
from ballerup_cli.services.store.identity import Places
from ballerup_cli.services.store.workspace import Workspace
from ballerup_cli.storage.parallel import parallel_map
from ballerup_cli.storage.store.commit import Change, commit, writing
from ballerup_cli.storage.store.journal import Draft
from ballerup_cli.storage.store.store import case_journal
from bench.cases import FIRST, TODAY, Plan, concerns, moment

MEMORY = Path("/dev/shm")  # noqa: S108
"""Where stores are made, if it is there: what is measured is this program, not a disk."""
FRESH = 16
"""So many cases more are there, whatever the size: an old one, and others that came in yesterday. The commands that are
about one case work on these."""

_BATCH = 5_000  # cases a save: what is sealed is in memory until it is written


@dataclass(frozen=True)
class Office:
    """One user's folders around a store."""

    path: Path

    @property
    def places(self) -> Places:
        """Configuration with the identity, state and cache."""
        return Places(config=self.path / "config", state=self.path / "state", cache=self.path / "cache")

    @property
    def store(self) -> Path:
        """The folder of the sealed files."""
        return self.path / "store"

    @property
    def environment(self) -> Mapping[str, str]:
        """What leads a command to this office."""
        folders = {"CONFIG": self.places.config, "STATE": self.places.state, "CACHE": self.places.cache}
        return {f"BALLERUP_{name}_DIR": str(folder) for name, folder in folders.items()} | {"BALLERUP_LANG": "en"}

    def workspace(self) -> Workspace:
        """Open the store."""
        return workspace.open_workspace(self.places, folder=None, identity=None, passphrase=lambda: "")


def make(path: Path, size: int, *, seed: int = 1, fresh: int = FRESH) -> Office:
    """Make an office with a store of so many cases, and ``fresh`` ones more.

    Raises:
        BallerupError: there is something already, or the disk is full.
    """
    office = Office(path)
    founder = Founder(name="anna", passphrase=None)
    founded = moment(FIRST)
    workspace, _ = founding.init(
        office.places, office.store, founder, recovery_file=path / "recovery.txt", language=None, at=founded
    )
    plans = concerns(size, seed, fresh)
    while some := [*islice(plans, _BATCH)]:
        with writing(workspace.store):
            commit(workspace.store, [*parallel_map(partial(_change, workspace), some)], at=moment(TODAY))
    return office


def _change(workspace: Workspace, plan: Plan) -> Change:
    concern = plan.concern()
    case = concern.case
    due = tuple((item.clock, item.due, item.about) for item in records.clocks(workspace, case))
    drafts = [Draft(step=entry.step, at=entry.at, body=entry.body) for entry in concern.entries]
    return Change(journal=case_journal(case.number), drafts=drafts, state=case.state, due=due)


def plain(size: int, *, seed: int = 1, fresh: int = FRESH) -> Iterator[dict[str, Any]]:
    """Give the same cases as plain records: codes, days, a line that tells them apart, and all their text."""
    return parallel_map(_record, concerns(size, seed, fresh))


def _record(plan: Plan) -> dict[str, Any]:
    concern = plan.concern()
    case, (_step, told, _body) = concern.case, concern.written[-1]
    return {
        "number": case.number,
        "received": case.received_day,
        "state": case.state,
        "tier": case.tier,
        "member": case.intake["referrer"].get("member"),
        "due": str(told + timedelta(days=30)),
        "title": case.intake["concern"].partition("\n")[0],
        "text": "\n".join(text for entry in case.entries for text in _texts(entry.body)),
    }


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping | list):
        for inner in value.values() if isinstance(value, Mapping) else value:
            yield from _texts(inner)


def main() -> None:
    """Make a store where the command line says."""
    words = argparse.ArgumentParser(prog="python -m bench.generate", description=__doc__.partition("\n")[0])
    words.add_argument("size", type=int)
    words.add_argument("folder", type=Path)
    words.add_argument("--seed", type=int, default=1)
    words.add_argument("--plain", type=Path, metavar="FILE", help="write the cases as JSON lines, too")
    told = words.parse_args()
    office = make(told.folder.absolute(), told.size, seed=told.seed)
    if told.plain:
        with told.plain.open("w") as lines:
            lines.writelines(json.dumps(record) + "\n" for record in plain(told.size, seed=told.seed))
    sys.stdout.writelines(f"export {name}={value}\n" for name, value in office.environment.items())
    sys.stdout.write(f"ballerup --today {TODAY} due\n")


if __name__ == "__main__":
    main()
