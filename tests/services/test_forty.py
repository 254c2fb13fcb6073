"""A year of forty concerns in an invented town, played day by day: every count is what a plain count finds.

Each concern is a life: what happens on which day after it came. The lives are played side by side as the days come, and
a ledger is kept beside them of what each case says once it says what it should: what was undone is struck in it, what
was corrected stands corrected.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path
from statistics import median
from typing import Any

import invented
import nordrup
import plain_counts as plain
import pytest
from test_year import GROUP, Office

from ballerup_cli.cli.ui.text import set_language
from ballerup_cli.core.reports.crossing import DIMENSIONS
from ballerup_cli.storage.text import schema

pytestmark = pytest.mark.long

MEMBERS = {
    "tovholder": {"code": "tovholder", "ring": "kerne", "sector": "employment"},
    "nordskolen": {"code": "nordskolen", "ring": "mellem", "sector": "school"},
    "havnen": {"code": "havnen", "ring": "ydre", "sector": "club"},
}
STATES = ("received", "screened", "accepted", "assessed", "planned")
LEFT = "2026-10-01"
"""The first day on which the club is no member any more."""
Step = tuple[str, str, dict[str, Any], int]
Life = Iterator[Step]
"""Day, command, form and exit code; the first is the intake."""


def later(day: str, days: int) -> str:
    return (date.fromisoformat(day) + timedelta(days=days)).isoformat()


# --- lives ------------------------------------------------------------------------------------------------------------


def begun(day: str, gates: int = 0, *, age: str = "18-plus", **told: Any) -> Life:
    """A concern that goes through so many gates, a few days each."""
    born = {"born": "2011-06-01"} if age == "under-18" else {}
    told = {"subject": {"kind": "person", "age_band": age, **born}, "received": f"{day}T10:00", **told}
    yield day, "create", nordrup.create(**told), 0
    yield from [
        (later(day, 3), "triage", invented.police(decided=later(day, 3)), 0),
        (later(day, 8), "triage", invented.joint(decided=later(day, 8)), 0),
        (later(day, 15), "assess", nordrup.assess(held=later(day, 15)), 0),
        (later(day, 20), "plan", planned(day), 0),
    ][:gates]


def planned(day: str) -> dict[str, Any]:
    return nordrup.plan(later(day, 25), decided=later(day, 20), follow_up=later(day, 50), least_intrusive=True)


def closed(day: str, outcome: str, **told: Any) -> Step:
    return day, "close", invented.close(outcome, closed=day, **told), 0


def whole_course(day: str) -> Life:
    """From the call to the closing, followed up in time once and late once, with feedback to the school."""
    wanted = {"member": "nordskolen", "wants_feedback": True}
    yield from begun(day, 4, age="under-18", referrer=wanted)
    for held, after in ((48, 90), (95, 140)):
        told = invented.follow_up(held=later(day, held), next=later(day, after))
        yield later(day, held), "follow-up", told, 0
    answers = [{"observation": n, "answer": "addressed"} for n in (1, 2)]
    answers += [{"risk": 1, "answer": "addressed"}, {"measure": 1, "answer": "addressed"}]
    yield closed(later(day, 120), "completed", answers=answers)
    yield later(day, 122), "contact", invented.contact("feedback", later(day, 122)), 0


def police_take_over(day: str) -> Life:
    yield from begun(day)
    yield later(day, 2), "triage", invented.police("blocked", decided=later(day, 2)), 0


def no_basis(day: str) -> Life:
    """The gates are tried in the wrong order first, and refused."""
    yield from begun(day)
    yield later(day, 1), "assess", nordrup.assess(held=later(day, 1)), 11
    yield later(day, 1), "plan", planned(day), 11
    yield later(day, 4), "triage", invented.police(decided=later(day, 4)), 0
    yield later(day, 9), "triage", invented.joint("no-basis", decided=later(day, 9)), 0


def elsewhere(day: str) -> Life:
    yield from begun(day, 1, age="under-18")
    yield later(day, 9), "triage", invented.joint("elsewhere", decided=later(day, 9)), 0


def groundless(day: str) -> Life:
    yield from begun(day, 2, referrer={"other": "citizen"})
    yield later(day, 12), "assess", nordrup.assess(held=later(day, 12), grounds=False, tier=None, risks=None), 0


def dies(day: str) -> Life:
    yield from begun(day, 2)
    yield closed(later(day, 12), "deceased")


def moves_away(day: str) -> Life:
    """A child's notice stays unanswered when the family moves."""
    yield from begun(day, 0, age="under-18")
    yield closed(later(day, 5), "moved")


def declines(day: str) -> Life:
    yield from begun(day, 3)
    yield closed(later(day, 30), "declined")


def group(day: str) -> Life:
    yield from begun(day, 4, subject=GROUP)


def undone(day: str) -> Life:
    """A gate decided in the wrong case, taken back the same day."""
    yield from begun(day)
    wrong = later(day, 2)
    yield wrong, "triage", invented.police("blocked", decided=wrong), 0
    yield wrong, "undo", invented.UNDO, 0
    yield later(day, 3), "triage", invented.police(decided=later(day, 3)), 0


def taken_up_again(day: str) -> Life:
    yield from begun(day, 1)
    yield later(day, 8), "triage", invented.joint("no-basis", decided=later(day, 8)), 0
    yield later(day, 40), "reopen", invented.REOPEN, 0
    yield later(day, 45), "triage", invented.joint(decided=later(day, 45)), 0


def by_mistake(day: str) -> Life:
    yield from begun(day)
    yield closed(later(day, 1), "entered-in-error")


def grows_up(day: str) -> Life:
    """Under 18 the day it came, 18 when the plan is made: no child's plan is owed."""
    born = f"{int(day[:4]) - 18}{later(day, 10)[4:]}"
    yield from begun(day, 4, subject={"kind": "person", "born": born})
    yield later(day, 11), "note", {"text": "Talte om voksenlivet", "when": later(day, 11)}, 0


def typed_late(day: str) -> Life:
    """What the club said on a day when it was a member, typed weeks after; notes are dated back."""
    first, *_ = begun(day, referrer={"member": "havnen"})
    yield later(day, 20), *first[1:]
    yield later(day, 30), "note", {"text": "Ringede til klubben", "when": later(day, 22)}, 0


def corrected(day: str) -> Life:
    """It came a month before what was typed first."""
    yield from begun(day, 1)
    yield later(day, 10), "correct", invented.correct("received", f"{later(day, -31)}T10:00"), 0


def kept_longer(day: str) -> Life:
    """Kept longer three times, the third time with a second person."""
    yield from begun(day, 1)
    yield later(day, 8), "triage", invented.joint("no-basis", decided=later(day, 8)), 0
    for turn in (1, 2, 3):
        told = invented.extend(until=later(day, 200 + 100 * turn), second_person="Lederen")
        yield later(day, 150 + turn), "extend", told, 0


KINDS: tuple[Callable[[str], Life], ...] = (
    *(whole_course, police_take_over, no_basis, elsewhere, groundless, dies, moves_away, declines),
    *(group, undone, taken_up_again, by_mistake, grows_up, typed_late, corrected, kept_longer),
)


def year() -> Iterator[Life]:
    """Forty concerns, one every eight days from February on, of every kind by turns."""
    for number in range(40):
        yield KINDS[number % len(KINDS)](later("2026-02-02", 8 * number))


# --- the town ---------------------------------------------------------------------------------------------------------


class Town(Office):
    """The office of the invented town, and the ledger that is kept beside it by hand."""

    def __init__(self, folder: Path, output: pytest.CaptureFixture[str]) -> None:
        super().__init__(folder, output)
        self.ledger: dict[str, list[plain.Written]] = {}
        self.typed: dict[str, list[str]] = {}
        self.same: set[str] = set()

    def run(self, *words: str, **told: Any) -> str:
        said = super().run(*words, **told)
        assert not nordrup.OURS.findall(self.said + self.complained), words
        return said

    def play(self, lives: list[Life]) -> None:
        """Let the days of the year come, each with what happens in it, and look around at each month's end."""
        steps = [(step, life) for life, told in enumerate(lives) for step in told]
        steps.sort(key=lambda step: step[0][0])
        numbers: dict[int, str] = {}
        for month in range(2, 13):
            last = f"2026-{month:02d}-{(date(2026 + month // 12, month % 12 + 1, 1) - timedelta(days=1)).day}"
            while steps and steps[0][0][0] <= last:
                step, life = steps.pop(0)
                numbers[life] = self.live(step, numbers.get(life, ""))
            self.month_ends(last, ("da", "en")[month % 2])
        self.after = steps

    def live(self, step: Step, case: str) -> str:
        self.day, command, form, code = step
        form = {name: value for name, value in form.items() if value is not None}
        said = self.run(command, *([case] if case else []), form=form, code=code).strip()
        case = case or said
        if not code:
            self.note_down(case, command, form)
        return case

    def note_down(self, case: str, command: str, form: dict[str, Any]) -> None:
        """Keep the ledger: what the case says once it says what it should."""
        told = self.ledger.setdefault(case, [])
        if command == "undo":
            told.pop()
        elif command == "correct":
            told[0] = (told[0][0], {**told[0][1], form["path"]: form["value"]})
        elif command == "create":
            subject = {"age_band": "under-18", **form["subject"]} if "born" in form["subject"] else form["subject"]
            told.append((command, {**form, "subject": subject}))
        else:
            told.append((command, form))
            if command == "reopen":
                told[-1] = (command, {**form, "day": self.day})

    def month_ends(self, day: str, language: str) -> None:
        self.day = day
        assert {row["case"] for row in self.json("due", "--within", "3000")} <= {*self.ledger, None}
        assert self.run("--lang", language, "today")
        self.run("--lang", language, "report", "--internal")
        self.run("--lang", language, "verify")
        set_language("en")
        self.counts_are_right()

    # --- the plain count ----------------------------------------------------------------------------------------------

    def counts_are_right(self) -> None:
        """Hold every count of the year's report against the ledger."""
        found = self.json("report", "--from", "2026-01-01", "--to", "2026-12-31", "--internal")
        known = {case: told for case, told in self.ledger.items() if not _mistaken(told)}
        cases = [plain.seen(told, MEMBERS) for told in known.values()]
        assert found["totals"] == plain.open_or_closed(cases), self.day
        for name in DIMENSIONS:
            for row in found[f"by_{name}"]:
                told = plain.open_or_closed(plain.having(cases, name, row[name]))
                shown = {count: row[count] for count in told if count in row}
                assert shown == {count: told[count] for count in shown}, (self.day, name, row)
        for row in found["by_member"]:
            own = plain.having(cases, "member", row["member"])
            assert row["tiers"] == {tier: len(plain.having(own, "tier", tier)) for tier in row["tiers"]}
        assert [found["funnel"][state] for state in STATES] == [sum(s in c["reached"] for c in cases) for s in STATES]
        gates = Counter(case["gate"] or "none" for case in cases if case["outcome"])
        assert {gate: count for gate, count in found["funnel"]["closed"].items() if count} == gates
        turns = Counter(turn for case in cases for turn in case["turns"])
        left = sum(not case["outcome"] for case in cases)
        came = {"open_at_start": 0, "received": len(cases), "open_at_end": left}
        assert found["flow"] == came | {name: turns[name] for name in ("closed", "reopened")}
        assert found["persons"] == {"received": len(cases) - len(self.same & {*known})}
        assert found["conduct"] == conduct([*known.values()], self.day)


def _mistaken(told: list[plain.Written]) -> bool:
    return told[-1][1].get("outcome") == "entered-in-error"


def _day_of(body: dict[str, Any]) -> str:
    return next(str(body[name]) for name in ("closed", "decided", "held") if name in body)


def conduct(journals: list[list[plain.Written]], today: str) -> dict[str, Any]:
    """How the authority kept its own deadlines, counted as one would with a pencil."""
    count: Counter[str] = Counter()
    waits: dict[str, list[int]] = {"police_answer": [], "decision": []}
    for told in journals:
        came = date.fromisoformat(told[0][1]["received"][:10])
        police = [body["decided"] for step, body in told if step == "triage" and body["gate"] == "police"][:1]
        joint = [body["decided"] for step, body in told if step == "triage" and body["gate"] == "joint"]
        ends = [_day_of(body) for step, body in told if plain.ended(step, body)]
        for name, days in (("police_answer", police), ("decision", sorted([*joint[:1], *ends[:1]]))):
            waits[name] += [(date.fromisoformat(day) - came).days for day in days[:1]]
        agreed = ""
        for step, body in told:
            if step == "follow-up":
                count["follow-ups"] += 1
                count["held in time"] += body["held"] <= agreed
            agreed = body.get("next", body.get("follow_up", agreed))
        if agreed and agreed < today and not plain.seen(told, MEMBERS)["outcome"]:
            count["follow-ups"] += 1
        plans = [body for step, body in told if step == "plan"]
        held = [body for step, body in told if step == "follow-up"]
        if plans and (held or plans[-1]["measures"][0]["starts"] < today):
            count["measures"] += 1
            count["started in time"] += bool(held)
        count["plans"] += len(plans)
        wanted = told[0][1]["referrer"].get("wants_feedback", False) and bool(ends)
        count["feedback"] += wanted
        count["given"] += wanted and told[-1][1].get("about") == "feedback"
    return {
        **{name: {"cases": len(days), "median_days": median(days) if days else None} for name, days in waits.items()},
        "follow_ups": {"due": count["follow-ups"], "on_time": count["held in time"]},
        "measures": {"due": count["measures"], "on_time": count["started in time"]},
        "feedback": {"due": count["feedback"], "given": count["given"]},
        "least_intrusive": {"plans": count["plans"], "chosen": count["plans"]},
    }


# --- the year ---------------------------------------------------------------------------------------------------------


def test_forty_concerns_of_a_year_are_counted_as_by_hand(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    set_language("en")
    town = Town(tmp_path, capsys)
    words = ("init", str(tmp_path / "store"), "--as", "anna", "--no-passphrase", "--recovery-file")
    town.run(*words, str(tmp_path / "recovery.txt"), "--profile", str(nordrup.PROFILE))
    town.day = "2026-01-15"
    town.run("pladen", "retire", form={"code": "havnen", "until": LEFT})
    try:
        town.play([*year()])
        finish(town)
    finally:
        schema.speak([])


def finish(town: Town) -> None:
    """What is not a step of one life: a duplicate, who has left, a child's notice that nobody answered."""
    town.day = "2026-12-31"
    assert len(town.ledger) == 40
    one, other = [case for case, told in town.ledger.items() if told[0][1]["subject"] == GROUP][:2]
    town.run("link", other, form={"duplicate_of": one, "reason": "Den samme gruppe"})
    town.same.add(other)
    late = nordrup.create(received=f"{LEFT}T10:00", referrer={"member": "havnen"})
    town.run("create", form=late, code=12)
    (moved, *_) = [case for case, told in town.ledger.items() if told[-1][1].get("outcome") == "moved"]
    assert {row["clock"] for row in town.json("due", "--within", "0") if row["case"] == moved} >= {"child-assessment"}
    town.month_ends("2026-12-31", "da")
