"""A state machine over the whole command line, held against a model of plain values.

Hypothesis chooses what is typed: lawful and unlawful steps, bad forms, corrections, redactions, restrictions, erasures,
backups and restores, members who come and go, renewals of keys. After every command `list`, `show`, `due`, `search`,
`report` and `members list` say as JSON what the model says. The model knows nothing of the program: states and days are
written down by hand from the plan's case flow, and counts are counted anew (tests/plain_counts.py).
"""

import json
import shutil
import traceback
from collections import Counter
from collections.abc import Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from pathlib import Path
from typing import Any
from unittest import mock
from zoneinfo import ZoneInfo

import hypothesis
import invented
import plain_counts
from cli_kit import Answer, Home
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test
from test_lives import FORMS, GATES

from ballerup_cli.cli.ui import session
from proof.calls import call
from proof.readers import joined
from proof.tally import Ask, Tally

NOW = datetime(2026, 6, 21, 12, tzinfo=ZoneInfo("Europe/Copenhagen"))
"""When all of it is written and looked at: a Sunday."""
STEPS = {2: 20}
"""So many commands make one life of a store in a short run of so many lives."""
MANY = 60
ILLEGAL, NO_CASE, INVALID, USAGE, OTHER_KEYS = 11, 10, 12, 2, 30
MEMBERS = ("klub-nord", "hedegaardsskolen", "headspace")
YEARS = {"2026": ("2026-03-02", "2026-04-02", "2026-03-09"), "2025": ("2025-12-30", "2026-01-30", "2026-01-07")}
"""Of each year the day of receipt; a month later, when the person is to be told; five working days later."""
WAITS = {
    "screened": [("joint-talk", "2026-03-19")],
    "accepted": [("core-group", "2026-04-10")],
    "assessed": [("plan", "2026-06-20")],
}
"""What a case in such a state waits for, by the days that the forms in tests/invented.py have."""
AGAIN = {
    "received": [("police-answer", "2026-06-26")],
    "screened": [("joint-talk", "2026-07-03")],
    "accepted": [("core-group", "2026-07-21")],
    "assessed": [("plan", "2026-09-21")],
}
"""The same after a reopening: five and ten working days, one and three months, from then on."""
KEPT = {
    **{("close", state): "2026-12-20" for state in ("screened", "accepted")},
    **{("close", state): "2028-06-20" for state in ("assessed", "planned")},
    ("close", "received"): "2026-06-20",
    ("police blocked", "received"): "2026-03-05",
    ("joint elsewhere", "screened"): "2026-09-10",
    ("no grounds", "accepted"): "2026-09-20",
}
"""How long a case is kept, by the form that closed it and the state it was in: at once, six months, two years."""
KEPT_WITH_LEVEL = "2028-06-20"
BAD: tuple[tuple[tuple[str, ...], str, int], ...] = (
    (("note", "2023-0001", "--from", "-"), '{"text": "x"}', NO_CASE),
    (("show", "2026-9999"), "", NO_CASE),
    (("create", "--from", "-"), '{"received": "i går"}', INVALID),
    (("create", "--from", "-"), "received: [\n", INVALID),
    (("create", "--from", "-"), "", INVALID),
    (("list", "--state", "ukendt"), "", USAGE),
    (("note", "--from", "-"), "", USAGE),
    (("erase", "2023-0001", "--from", "-", "--yes"), '{"archive": "discarded", "rule": "x", "reason": "x"}', NO_CASE),
    (("settings", "set", "--from", "-"), '{"ukendt": 1}', INVALID),
    (("restore", "intet", "--yes"), "", 40),
)
"""What is mistyped, and how it ends."""
WORK = {"triage", "assess", "plan", "follow-up"}
"""Steps that work on a case, and wait while it may only be kept."""
ERASE = {"archive": "discarded", "rule": "art. 17", "reason": "Udløbet"}


@dataclass
class File:
    """One case as the model knows it."""

    number: str
    year: str
    member: str
    words: dict[str, str]
    state: str = "received"
    before: str = ""
    shut_by: str = ""
    tier: str | None = None
    restricted: bool = False
    told: bool = False
    follow_up: str = ""
    begun: bool = False
    reopened: bool = False
    written: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    entries: list[tuple[str, str]] = field(default_factory=list)
    texts: dict[str, list[str]] = field(default_factory=lambda: {"notes": [], "shares": []})

    def due(self) -> list[tuple[str, str]]:
        """Return clock and day of all that is to come."""
        _, month, police = YEARS[self.year]
        clocks = [] if self.told else [("information", month)]
        if self.state == "closed":
            kept = KEPT_WITH_LEVEL if self.shut_by == "close" and self.tier else KEPT[self.shut_by, self.before]
            return sorted([*clocks, ("retention", kept)])
        first = {**WAITS, "received": [("police-answer", police)]}
        clocks += (AGAIN if self.reopened else first).get(self.state, [])
        if self.state == "planned":
            clocks.append(("follow-up", self.follow_up))
            clocks += [] if self.begun else [("measure-start", "2026-04-15"), ("first-follow-up", "2026-07-15")]
        return sorted(clocks)

    def closed(self) -> str | None:
        days = {"police blocked": "2026-03-05", "joint elsewhere": "2026-03-10", "no grounds": "2026-03-20"}
        return days.get(self.shut_by, "2026-06-20") if self.state == "closed" else None


@dataclass
class World:
    """All that a store holds, and that is remembered of it."""

    files: dict[str, File] = field(default_factory=dict)
    erased: dict[str, list[tuple[str, dict[str, Any]]]] = field(default_factory=dict)
    members: set[str] = field(default_factory=lambda: {"anna", "recovery"})


class Machine(RuleBasedStateMachine):
    """What can be typed, and what must then be true."""

    origin: Home
    place: Path
    counts: Counter[str]

    def __init__(self) -> None:
        super().__init__()
        self.place = type(self).place / f"life-{self.counts['lives']}"
        self.home = self.origin.copied(self.place / "anna")
        self.counts["lives"] += 1
        self.world, self.copy = World(), World()
        self.serials: Counter[str] = Counter()
        self.touched, self.marks, self.backups, self.renewed = "", 0, 0, False
        self.colleague: tuple[str, Home] | None = None

    def teardown(self) -> None:
        looked = call(self.home, "verify")
        assert looked.code == 0, looked
        shutil.rmtree(self.place)

    # --- what is typed ------------------------------------------------------------------------------------------------

    def typed(self, *words: str, form: object = None, by: Home | None = None) -> Answer:
        self.counts["commands"] += 1
        return call(by or self.home, *words, typed=json.dumps(form) if form is not None else "")

    def some(self, pick: int) -> File:
        return self.world.files[sorted(self.world.files)[pick % len(self.world.files)]]

    def mark(self) -> str:
        self.marks += 1
        return f"Mærke{self.marks}slut"

    @rule(year=st.sampled_from(sorted(YEARS)), member=st.sampled_from(MEMBERS), many=st.integers(1, 2))
    def create(self, year: str, member: str, many: int) -> None:
        forms, files = [], []
        for _ in range(many):
            words = {"concern": self.mark(), "observations.2.text": self.mark()}
            form = invented.create(
                received=YEARS[year][0],
                referrer={"member": member},
                subject={"kind": "person", "age_band": "18-plus"},
                concern=words["concern"],
                observations=[{"sign": "truer", "text": "Set"}, {"text": words["observations.2.text"]}],
            )
            self.serials[year] += 1
            number = f"{year}-{self.serials[year]:04d}"
            files.append(File(number, year, member, words, written=[("create", form)], entries=[("create", "anna")]))
            forms.append(form)
        answer = self.typed("create", "--from", "-", form=forms if many > 1 else forms[0])
        assert (answer.code, answer.out.split()) == (0, [file.number for file in files]), answer
        self.world.files |= {file.number: file for file in files}
        self.touched = files[-1].number

    @precondition(lambda self: self.world.files)
    @rule(pick=st.integers(0, 99), form=st.sampled_from(sorted(FORMS)))
    def step(self, pick: int, form: str) -> None:
        """Write a form whether the case allows it or not."""
        self.write(self.some(pick), form)

    @precondition(lambda self: self.world.files)
    @rule(pick=st.integers(0, 99), which=st.integers(0, 99))
    def lawful_step(self, pick: int, which: int) -> None:
        file = self.some(pick)
        fitting = sorted(name for name, (*_, leads) in FORMS.items() if file.state in leads)
        self.write(file, fitting[which % len(fitting)])

    def write(self, file: File, name: str) -> None:
        step, form, leads = FORMS[name]
        answer = self.typed(step, file.number, "--from", "-", form=form)
        self.touched = file.number
        if file.state not in leads or (file.restricted and step in WORK):
            assert answer.code == ILLEGAL, (name, file.state, answer)
            return
        assert answer.code == 0, (name, file.state, answer)
        self.note_down(file, step, form)
        if name == "reopen":
            file.state, file.before, file.shut_by = file.before, "", ""
        elif leads[file.state] == "closed" != file.state:
            file.before, file.state, file.shut_by = file.state, "closed", name
        else:
            file.state = leads[file.state]
        if step not in ("note", "contact", "follow-up"):
            file.reopened = step == "reopen"
        file.tier = form.get("tier", file.tier)
        file.told |= name == "contact"
        file.begun |= name == "follow-up"
        file.follow_up = form.get("follow_up") or form.get("next") or file.follow_up
        if name == "note":
            file.texts["notes"].append(form["text"])

    def note_down(self, file: File, step: str, form: dict[str, Any], by: str = "anna") -> None:
        file.written.append((step, form))
        file.entries.append((step, by))

    @precondition(lambda self: self.world.files)
    @rule(pick=st.integers(0, 99))
    def share(self, pick: int) -> None:
        file, form = self.some(pick), invented.share(content=self.mark())
        answer = self.typed("share", file.number, "--from", "-", form=form)
        assert answer.code == (ILLEGAL if file.restricted else 0), answer
        self.touched = file.number
        if not file.restricted:
            self.note_down(file, "share", form)
            file.texts["shares"].append(form["content"])

    @precondition(lambda self: self.world.files)
    @rule(pick=st.integers(0, 99))
    def correct(self, pick: int) -> None:
        """Put the concern right: what stood there is found no more, unless it was taken out for good."""
        file, word = self.some(pick), self.mark()
        answer = self.typed("correct", file.number, "--from", "-", form=invented.correct(value=word))
        assert answer.code == 0, answer
        self.note_down(file, "correct", {})
        file.words["concern"], self.touched = word, file.number

    @precondition(lambda self: self.world.files)
    @rule(pick=st.integers(0, 99))
    def redact(self, pick: int) -> None:
        file = self.some(pick)
        assert self.typed("redact", file.number, "--from", "-", form=invented.redact()).code == 0
        self.note_down(file, "redact", {})
        file.words.pop("observations.2.text", None)
        self.touched = file.number

    @precondition(lambda self: self.world.files)
    @rule(pick=st.integers(0, 99), on=st.booleans())
    def restrict(self, pick: int, on: bool) -> None:
        file = self.some(pick)
        answer = self.typed("restrict", file.number, "--from", "-", form=invented.restrict(restricted=on))
        assert answer.code == 0, answer
        self.note_down(file, "restrict", {})
        file.restricted, self.touched = on, file.number

    @precondition(lambda self: self.world.files)
    @rule(pick=st.integers(0, 99))
    def erase(self, pick: int) -> None:
        file = self.some(pick)
        answer = self.typed("erase", file.number, "--from", "-", "--yes", form=ERASE)
        possible = file.state == "closed" and not file.restricted
        assert answer.code == (0 if possible else ILLEGAL), (file.state, file.restricted, answer)
        if possible:
            self.world.erased[file.number] = self.world.files.pop(file.number).written
            assert self.typed("show", file.number).code == NO_CASE
            self.touched = ""

    @rule(which=st.sampled_from(BAD))
    def mistype(self, which: tuple[tuple[str, ...], str, int]) -> None:
        words, typed, code = which
        self.counts["commands"] += 1
        answer = call(self.home, *words, typed=typed)
        assert (answer.code, answer.out) == (code, ""), (words, answer)

    @rule()
    def backup(self) -> None:
        self.backups += 1
        assert self.typed("backup", str(self.place / "usb")).code == 0
        self.copy, self.renewed = deepcopy(self.world), False

    @precondition(lambda self: self.backups)
    @rule()
    def restore(self) -> None:
        """What was erased since stays erased, and no number is used again."""
        answer = self.typed("restore", str(self.place / "usb"), "--yes")
        assert answer.code == (OTHER_KEYS if self.renewed else 0), answer
        if self.renewed:  # the keys of before open it, or the recovery key
            return
        gone, self.world = self.world.erased, deepcopy(self.copy)
        self.world.erased = gone
        self.world.files = {number: file for number, file in self.world.files.items() if number not in gone}
        self.touched, self.colleague = "", None

    @rule(paper=st.booleans())
    def renew_keys(self, paper: bool) -> None:
        self.marks += 1
        more = ["--recovery", str(self.place / f"paper-{self.marks}")] if paper else []
        assert self.typed("keys", "rotate", *more, "--yes").code == 0
        self.renewed |= not paper

    @precondition(lambda self: not self.colleague)
    @rule()
    def take_somebody_in(self) -> None:
        self.marks += 1
        name = f"bo{self.marks}"
        home = joined(self.home, Home.make(self.place / name), self.home.store, "coordinator", name)
        self.world.members.add(name)
        self.colleague = name, home

    @precondition(lambda self: self.colleague and self.world.files)
    @rule(pick=st.integers(0, 99))
    def let_him_write(self, pick: int) -> None:
        assert self.colleague
        (name, home), file = self.colleague, self.some(pick)
        form = invented.note(text=self.mark())
        answer = self.typed("note", file.number, "--from", "-", form=form, by=home)
        assert answer.code == 0, answer
        self.note_down(file, "note", form, by=name)
        file.texts["notes"].append(form["text"])
        self.touched = file.number

    @precondition(lambda self: self.colleague)
    @rule()
    def let_him_go(self) -> None:
        assert self.colleague
        name, home = self.colleague
        assert self.typed("members", "remove", name, "--yes").code == 0
        assert self.typed("list", by=home).code == OTHER_KEYS, "who has left sees nothing new"
        self.world.members.remove(name)
        self.colleague = None

    # --- what is seen -------------------------------------------------------------------------------------------------

    def seen(self, *words: str, typed: str = "", codes: Sequence[int] = (0,)) -> Any:
        self.counts["looks"] += 1
        answer = call(self.home, *words, "--format", "json", typed=typed)
        assert answer.code in codes, (words, answer)
        return json.loads(answer.out)

    @invariant()
    def all_agrees(self) -> None:
        self.lists_agree()
        self.deadlines_agree()
        self.sheet_agrees()
        self.search_agrees()
        self.counts_agree()
        self.members_agree()

    def lists_agree(self) -> None:
        files = sorted(self.world.files.values(), key=lambda file: file.number)
        for restricted, option in ((False, ()), (True, ("--restricted",))):
            rows = self.seen("list", *option)
            told = [(row["case"], row["state"], row["tier"], row["member"], row["received"][:10]) for row in rows]
            wanted = [file for file in files if file.restricted == restricted]
            _same(told, [(file.number, file.state, file.tier, file.member, YEARS[file.year][0]) for file in wanted])
            _same([row["closed"] for row in rows], [file.closed() for file in wanted])
            next_due = [min((day for _, day in file.due()), default=None) for file in wanted]
            _same([row["next_due"] for row in rows], next_due)

    def deadlines_agree(self) -> None:
        rows = self.seen("due", "--within", "9000", "--check", codes=(0, 3))
        told = sorted((row["case"], row["clock"], row["due"]) for row in rows if row["case"])
        _same(told, sorted((file.number, *due) for file in self.world.files.values() for due in file.due()))

    def sheet_agrees(self) -> None:
        if not (file := self.world.files.get(self.touched)):
            return
        sheet = self.seen("show", file.number)
        _same((sheet["state"], sheet["tier"], sheet["restricted"]), (file.state, file.tier, file.restricted))
        _same(sheet["gate"], (GATES[file.before] if file.state == "closed" else None))
        _same(sheet["concern"], file.words["concern"])
        _same([(entry["step"], entry["by"]) for entry in sheet["entries"]], file.entries)
        _same([entry["form"]["text"] for entry in sheet["notes"]], file.texts["notes"])
        _same([entry["form"]["content"] for entry in sheet["shares"]], file.texts["shares"])

    def search_agrees(self) -> None:
        """The newest mark is found where it stands, and nowhere else."""
        word = f"Mærke{self.marks}slut"
        if self.marks:
            rows = self.seen("search", "--from", "-", typed=word)
            wanted = {file.number for file in self.world.files.values() if _has(file, word)}
            _same({row["case"] for row in rows}, wanted)

    def counts_agree(self) -> None:
        page = self.seen("report", "--from", "2026-01-01", "--to", "2026-12-31", "--internal")
        journals = [file.written for file in self.world.files.values() if not file.restricted]
        journals += self.world.erased.values()
        pladen = {code: {"code": code} for code in MEMBERS}
        cases = [plain_counts.seen(journal, pladen) for journal in journals if _is_of(journal, "2026")]
        _same(page["totals"], plain_counts.open_or_closed(cases))
        for section, name in (("by_tier", "tier"), ("by_member", "member"), ("by_gate", "gate")):
            for row in page[section]:
                counted = plain_counts.open_or_closed(plain_counts.having(cases, name, row[name]))
                _same({key: row.get(key, count) for key, count in counted.items()}, counted)

    def members_agree(self) -> None:
        rows = self.seen("members", "list")
        _same({row["name"] for row in rows if row["until"] is None}, self.world.members)


def _same(told: object, wanted: object) -> None:
    assert told == wanted, f"{told} instead of {wanted}"


def _has(file: File, word: str) -> bool:
    texts = [*file.words.values(), *file.texts["notes"], *file.texts["shares"]]
    return word in texts


def _is_of(journal: list[tuple[str, dict[str, Any]]], year: str) -> bool:
    return str(journal[0][1]["received"]).startswith(year)


def run(ask: Ask, tally: Tally, origin: Home) -> None:
    """Let ``rounds`` stores live; each is a store of its own with nothing in it."""
    empty = Home.make(ask.place / "empty")
    paper = ask.place / "paper"
    assert call(empty, "init", empty.store, "--as", "anna", "--no-passphrase", "--recovery-file", paper).code == 0

    @hypothesis.seed(ask.seed)
    class Lives(Machine):
        pass

    Lives.origin, Lives.place, Lives.counts = empty, ask.place, tally.counts
    try:
        with mock.patch.object(session, "datetime", _Now):
            _live(Lives, ask.rounds)
    except AssertionError as broken:
        where = traceback.extract_tb(broken.__traceback__)[-1]
        tally.broke("store and model disagree", where.line, *broken.args, *getattr(broken, "__notes__", ()))


class _Now(datetime):
    """A clock that stands still."""

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> "_Now":
        return cls.fromtimestamp(NOW.timestamp(), tz)


def _live(lives: type[Machine], rounds: int) -> None:
    run_state_machine_as_test(
        lives,
        settings=settings(
            max_examples=rounds,
            stateful_step_count=STEPS.get(rounds, MANY),
            deadline=None,
            database=None,
            phases=(Phase.generate,),
            suppress_health_check=list(HealthCheck),
        ),
    )
