"""Many municipalities: invented ones publish a page a month; what `report combine` makes of them is held against truth.

Each has members, levels and a pace of its own, and rounds by a key of its own. The truth is a plain count of what was
invented; every sum is a range that the truth lies in. Engines of others, where they are installed, read the same pages
as one Parquet data set and must print the sums of what is printed, and none where something is withheld.
"""

import json
import os
import random
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from itertools import product
from pathlib import Path
from typing import Any

from cli_kit import Home
from engines import ENGINES, Place
from invented import VOCABULARY
from towns import draw_of
from worlds import fact

from ballerup_cli.cli.ui import rollups
from ballerup_cli.core.cases.case import NEXT_GATE
from ballerup_cli.core.cases.facts import UNCOUNTED, Facts
from ballerup_cli.core.network.pladen import Member, Pladen
from ballerup_cli.core.reports.combine import places_of
from ballerup_cli.core.reports.disclosure.rounding import control
from ballerup_cli.core.reports.report import Period, report
from ballerup_cli.services.reports import parquet
from proof.tally import Ask, Tally

ALL, YEARS, FIRST = 98, 10, 2017
CODES = {name: VOCABULARY.codes(name) for name in ("ring", "sector", "tier", "age-band", "sign", "measure", "activity")}
OUTCOMES = [code for code in VOCABULARY.codes("outcome") if code != UNCOUNTED]
STATES = tuple(NEXT_GATE)
NO_SUMS = ("activities", "median_days")
"""Of no concern here: none is held at a level, and medians add up to nothing."""
_OTHER = ("flow", "persons")
"""What a page of a month counts that the invented concerns do not say."""
Page = dict[str, Any]


def run(ask: Ask, tally: Tally, origin: Home) -> None:
    """Let ``rounds`` municipalities publish, as many of ten years as they are of all; add up, and compare."""
    years = range(FIRST, FIRST + max(1, YEARS * ask.rounds // ALL))
    folder, truth, printed, hidden = ask.place / "pages", Counter[Place](), Counter[Place](), set[Place]()
    folder.mkdir(parents=True)
    rows: list[Page] = []
    for number in range(ask.rounds):
        town = invent(number, ask.dice("town", number))
        for year, month in product(years, range(1, 13)):
            page, told = town.publish(year, month)
            _hold(page, told, tally)
            truth.update(told)
            _gather(page, printed, hidden)
            (folder / f"{number:02}-{year}-{month:02}.json").write_text(json.dumps(page, ensure_ascii=False))
            rows += rollups.long(page)
    (folder / "all.parquet").write_bytes(parquet.as_parquet(rows))
    tally.count("municipalities", ask.rounds)
    _compare(_combined(origin, folder, tally), truth, tally)
    for name in ENGINES:
        _engine(name, folder, printed, hidden, tally)


# --- inventing --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Town:
    """One municipality: its network, how much is going on in it, and the key it rounds by."""

    name: str
    dice: random.Random
    network: Pladen
    pace: float
    closing: float
    key: int

    def publish(self, year: int, month: int) -> tuple[Page, Counter[Place]]:
        """The page of a month, controlled, and the truth about it."""
        first = f"{year}-{month:02}-01"
        after = f"{year + month // 12}-{month % 12 + 1:02}-01"
        period = Period(start=first, end=Period(start=after, end=after).before().end)
        cases = [self._case(f"{year}-{month:02}-{self.dice.randint(1, 28):02}") for _ in range(self._many())]
        held = [self._activity(kind) for kind in CODES["activity"]]
        true = {
            "municipality": self.name,
            "code": f"{self.key:03}",
            **report(cases, period, VOCABULARY, self.network, after),
            "by_activity": held,
        }
        sectors = {code: member.sector for code, member in self.network.members.items()}
        page = control(true, draw_of(self.key), sectors)
        told = Counter(place for case in cases for place in tell(case, self.network))
        told.update({("by_activity", row["kind"], name): row[name] for row in held for name in row if name != "kind"})
        return {**page, "published": {"on": after, "revision": 1}}, told

    def _many(self) -> int:
        return round(self.dice.expovariate(1 / self.pace))

    def _case(self, day: str) -> Facts:
        dice, depth = self.dice, self.dice.randint(1, len(STATES))
        planned, closed = depth == len(STATES), self.dice.random() < self.closing
        follow_ups, started = (dice.randint(0, 3) * planned for _ in range(2))
        wanted = closed and dice.random() < 0.5
        return fact(
            depth,
            closed=closed,
            received=day,
            member=dice.choice([None, *self.network.members]),
            tier=dice.choice(CODES["tier"]),
            age_band=dice.choice(CODES["age-band"]),
            signs=tuple(dice.sample(CODES["sign"], dice.randint(0, 3))),
            measures=tuple(dice.sample(CODES["measure"], dice.randint(1, 2))) if planned else (),
            outcome=dice.choice(OUTCOMES) if closed else None,
            follow_ups=follow_ups,
            follow_ups_on_time=dice.randint(0, follow_ups),
            measures_followed=started,
            measures_on_time=dice.randint(0, started),
            feedback_wanted=wanted,
            feedback_given=wanted and dice.random() < 0.7,
            least_intrusive=dice.choice([None, True, False]) if planned else None,
        )

    def _activity(self, kind: str) -> Page:
        held = self.dice.choice([0, 0, 0, 1, 2])
        return {"kind": kind, "planned": self.dice.choice([0, 1]), "held": held, "participants": 12 * held}


def invent(number: int, dice: random.Random) -> Town:
    """A municipality of its own: from a concern in some months to dozens a month."""
    members = [
        Member(
            code=f"medlem-{one}",
            name=f"Tænkt {one}",
            ring=dice.choice(CODES["ring"]),
            sector=dice.choice(CODES["sector"]),
        )
        for one in range(dice.randint(2, 9))
    ]
    network = Pladen(members={member.code: member for member in members})
    pace, closing = dice.lognormvariate(1.8, 1), dice.uniform(0.2, 0.9)
    return Town(f"Tænkt Kommune {number:02}", dice, network, pace, closing, number)


def tell(case: Facts, network: Pladen) -> Iterator[Place]:
    """Every count of a report that a case is one of, told without any of the program's counting."""
    member = network.members.get(case.member or "")
    state, untiered = "closed" if case.closed else "open", VOCABULARY.codes("no-tier")[0]
    for name in ("received", state):
        yield "totals", None, name
        yield "by_tier", case.tier or untiered, name
        yield "by_ring", member and member.ring, name
        yield "by_sector", member and member.sector, name
        yield "by_month", case.received[:7], name
        yield "by_age_band", case.age_band, name
    yield from (("by_sign", code, "received") for code in case.signs)
    yield from (("by_measure", code, "received") for code in case.measures)
    yield from (("funnel", code, "cases") for code in case.reached)
    if case.gate:
        yield from (("by_gate", case.gate, "closed"), ("by_outcome", case.outcome, "closed"))
    yield from _conduct(case)


def _conduct(case: Facts) -> Iterator[Place]:
    told = {
        ("police_answer", "cases"): case.police_answer_days is not None,
        ("decision", "cases"): case.decision_days is not None,
        ("follow_ups", "due"): case.follow_ups,
        ("follow_ups", "on_time"): case.follow_ups_on_time,
        ("measures", "due"): case.measures_followed,
        ("measures", "on_time"): case.measures_on_time,
        ("feedback", "due"): case.feedback_wanted,
        ("feedback", "given"): case.feedback_given,
        ("least_intrusive", "plans"): case.least_intrusive is not None,
        ("least_intrusive", "chosen"): case.least_intrusive is True,
    }
    yield from (("conduct", *place) for place, many in told.items() for _ in range(many))


# --- adding up --------------------------------------------------------------------------------------------------------


def _cells(page: Page) -> Iterator[tuple[Place, int | None]]:
    """Every count of a page that can be added up, as a reader of its long table finds it."""
    for row in rollups.long(page):
        place = row["section"], row["code"], row["count"]
        if place[0] != "by_member" and place[:2] != ("funnel", "closed") and place[2] not in NO_SUMS:
            yield place, row["value"]


def _gather(page: Page, printed: Counter[Place], hidden: set[Place]) -> None:
    for place, value in _cells(page):
        printed[place] += value or 0
        if value is None:
            hidden.add(place)


def _hold(page: Page, told: Counter[Place], tally: Tally) -> None:
    """The truth about a page lies within what it leaves open."""
    tally.count("pages")
    for place, (low, high) in places_of(page).items():
        fits = low <= told[place] and (high is None or told[place] <= high)
        where = page["municipality"], page["period"]["from"], place
        tally.expect(fits or place[2] in NO_SUMS or place[0] in _OTHER, "a page leaves out the truth", *where)


def _combined(home: Home, folder: Path, tally: Tally) -> dict[Place, tuple[int, int | None]]:
    """What the command prints about all the pages; how long and how much memory it takes is noted."""
    files, start = sorted(folder.glob("*.json")), time.monotonic()
    with (folder / "sums").open("w+b") as out:
        command = home.command("report", "combine", *files, "--format", "json")
        process = subprocess.Popen(command, env=home.environ(), stdout=out)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        tally.expect(process.returncode == 0, "the command ended with", process.returncode)
        seconds = time.monotonic() - start
        out.seek(0)
        rows = json.load(out)["counts"]
    tally.notes.append(f"combine: {len(files):,} files in {seconds:.1f} s, {usage.ru_maxrss // 1024} MiB at most")
    return {(row["section"], row["code"], row["count"]): (row["low"], row["high"]) for row in rows}


def _compare(sums: dict[Place, tuple[int, int | None]], truth: Counter[Place], tally: Tally) -> None:
    told = {place: bounds for place, bounds in sums.items() if place[2] not in NO_SUMS and place[0] not in _OTHER}
    tally.expect(truth.keys() <= told.keys(), "counts are missing", truth.keys() - told.keys())
    for place, (low, high) in told.items():
        tally.count("sums")
        tally.expect(low <= truth[place] and (high is None or truth[place] <= high), "not the truth", place)


def _engine(name: str, folder: Path, printed: Counter[Place], hidden: set[Place], tally: Tally) -> None:
    """The same pages in an engine of others: the same sums where nothing is withheld, and none where something is."""
    if find_spec(name) is None:
        tally.notes.append(f"{name} is not installed here")
        return
    start = time.monotonic()
    sums = ENGINES[name](folder)
    tally.notes.append(f"{name}: the same pages as one Parquet data set in {time.monotonic() - start:.1f} s")
    for place in printed.keys() | hidden:
        tally.expect(sums[place] == (None if place in hidden else printed[place]), name, place, sums[place])
