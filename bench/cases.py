"""Invented cases: what is written about one, step by step, and how far it has come by its age.

The older a case, the further it is. Young ones are open as far as their age lets them be, or were found to have no
basis; old ones went through a plan and are closed, and are still to be kept.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from ballerup_cli.core.cases.case import Case
from ballerup_cli.core.cases.steps import fold
from ballerup_cli.core.entry import Body, Entry
from bench.words import name, prose, sentence

TODAY = date(2026, 11, 20)
"""The day the cases are looked at from."""
FIRST = date(2022, 1, 3)
OPEN = 0.1
"""The share of all cases that is open, about."""

_ZONE = ZoneInfo("Europe/Copenhagen")

_AFTER = {"create": 0, "contact": 3, "police": 7, "joint": 19, "assess": 44, "plan": 68, "follow-up": 120, "close": 140}
_OF_PERSON = ("create", "contact", "police", "joint", "assess", "plan", "follow-up", "close")
_OF_GROUP = ("create", "police", "joint", "assess", "plan", "follow-up", "close")
_NO_BASIS = ("create", "contact", "note", "police", "note", "joint")
_FORGOTTEN = 0.01  # of those closed: their time is up, and nobody has looked
_NOTICED = 0.1  # of the children: their notices are to be answered
_TWO_YEARS = 700  # days; a little less: at the anticipatory level nothing is kept for longer
_MEMBERS = (
    *("baltorpskolen", "hedegaardsskolen", "maaloevhoej-skole", "skovlunde-skole", "skovvejens-skole", "klub-maaloev"),
    *("klub-nord", "klub-syd", "klub-skovlunde", "brydehuset", "den-kommunale-ungeindsats", "fgu", "tec-ballerup"),
    *("psykiatrisk-center", "boligsociale", "headspace"),
)
_SIGNS = ("opsoeger-materiale", "truer", "udbreder", "optagethed", "foragt", "symboler", "omgang", "isolation")
_MEASURES = {
    True: ("bekymringssamtale", "fastholdelse", "stoette-i-hjemmet", "kontaktperson"),
    False: ("opsoegende-vejledning", "stoettekontaktperson", "mentor", "vejledningsforloeb"),
}


@dataclass(frozen=True, kw_only=True)
class Concern:
    """One invented case: its number and what was written, each with its day."""

    number: str
    written: tuple[tuple[str, date, Body], ...] = field(repr=False)

    @property
    def entries(self) -> list[Entry]:
        """The entries as the store will hold them."""
        told = enumerate(self.written, 1)
        return [Entry(number=n, step=step, at=moment(day), by="anna", body=body) for n, (step, day, body) in told]

    @property
    def case(self) -> Case:
        """The case as it stands."""
        return fold(self.number, self.entries)


def concerns(count: int, seed: int, fresh: int = 0) -> Iterator["Plan"]:
    """Give so many cases, from the oldest to the newest, and ``fresh`` ones more: an old one, others of yesterday."""
    span, serials = (TODAY - FIRST).days, Counter[int]()
    days = (FIRST + timedelta(days=span * index // count) for index in range(count))
    for day in (*days, *[FIRST, *[TODAY - timedelta(days=1)] * (fresh - 1)][:fresh]):
        serials[day.year] += 1
        yield Plan(f"{day.year}-{serials[day.year]:04d}", day, seed)


@dataclass(frozen=True)
class Plan:
    """A case that is to be made: small, so that another process can make it."""

    number: str
    day: date
    seed: int

    def concern(self) -> Concern:
        """Make it."""
        dice = Random(f"{self.seed}/{self.number}")
        return Concern(number=self.number, written=(*_Course(dice, self.day).written(),))


class _Course:
    """One case while it is made."""

    def __init__(self, dice: Random, received: date) -> None:
        self.dice, self.received = dice, received
        self.pace, self.age = dice.uniform(0.7, 1.02), (TODAY - received).days
        self.is_group, self.is_child = dice.random() < 0.4, dice.random() < 0.6
        self.is_short = self.age < 150 and dice.random() < 0.5
        self.is_over = self.is_short or self.age > _days_open(dice)
        forgotten = dice.random() < _FORGOTTEN
        both_fit = self.age < _TWO_YEARS or forgotten
        self.tier = dice.choice(["foregribende", "indgribende"]) if both_fit else "indgribende"

    def written(self) -> Iterator[tuple[str, date, Body]]:
        """Give the steps it has come to."""
        for word in self.steps():
            day = self.day(word)
            if day <= TODAY - timedelta(days=1) or word == "create":
                step = "triage" if word in ("police", "joint") else word
                yield step, day, getattr(self, word.replace("-", "_"))(day)

    def steps(self) -> tuple[str, ...]:
        if self.is_short:
            return _NO_BASIS
        course = _OF_GROUP if self.is_group else _OF_PERSON
        if not self.is_over:
            return course[:-1]
        return tuple(step for step in course if step != "follow-up" or (self.is_group and self.dice.random() < 0.5))

    def day(self, word: str) -> date:
        return self.received + timedelta(days=round(_AFTER.get(word, 5) * self.pace))

    def text(self, kind: str, length: int) -> str:
        return prose(self.dice, kind, length)

    def lines(self, kind: str, count: int) -> list[str]:
        return [sentence(self.dice, kind) for _ in range(count)]

    # --- the forms ---

    def create(self, day: date) -> Body:
        return {
            "received": moment(day),
            "received_by": self.dice.choice(["municipality", "municipality", "police"]),
            "channel": self.dice.choice(["phone", "meeting", "email", "form"]),
            "referrer": self.referrer(),
            "subject": self.subject(),
            "concern": self.text("concern", 700),
            "observations": [self.observation(day, sign) for sign in self.dice.sample(_SIGNS, self.dice.randint(1, 3))],
            "resources": self.lines("strength", 2),
            "aware": {"subject": "yes", "reaction": self.text("told", 100)},
            **({} if self.dice.random() < _NOTICED else {"notice": {"status": "not-needed"}}),
        }

    def referrer(self) -> Body:
        if self.dice.random() < 0.2:
            return {"other": self.dice.choice(["relative", "citizen", "self"]), "wants_feedback": True}
        return {"member": self.dice.choice(_MEMBERS), "function": "ssp-laerer"}

    def subject(self) -> Body:
        if self.is_group:
            return {"kind": "group", "age_band": "under-18" if self.is_child else "18-plus"}
        years = (date(2009, 8, 1), date(2013, 12, 31)) if self.is_child else (date(1972, 1, 1), date(2002, 12, 31))
        born = years[0] + timedelta(days=self.dice.randrange((years[1] - years[0]).days))
        return {"kind": "person", "name": name(self.dice), "born": born.isoformat()}

    def observation(self, day: date, sign: str) -> Body:
        seen = (day - timedelta(days=self.dice.randint(1, 40))).isoformat()
        source = self.dice.choice(["first-hand", "second-hand", "online"])
        return {"text": sentence(self.dice, "seen"), "sign": sign, "when": seen, "source": source}

    def contact(self, day: date) -> Body:
        told = "guardians" if self.is_child else "subject"
        return {"at": moment(day), "with": told, "about": "information", "text": self.text("told", 150)}

    def note(self, day: date) -> Body:
        return {"when": moment(day), "text": self.text("told", 700)}

    def police(self, day: date) -> Body:
        reason = self.text("reason", 300)
        return {"gate": "police", "outcome": "clear", "decided": day.isoformat(), "reason": reason}

    def joint(self, day: date) -> Body:
        outcome = "no-basis" if self.is_short else "accept"
        told = {"gate": "joint", "outcome": outcome, "decided": day.isoformat(), "reason": self.text("reason", 400)}
        if self.is_short:
            return told
        return {**told, "conditions": self.text("measured", 100), "proportionality": self.text("measured", 200)}

    def assess(self, day: date) -> Body:
        heard = {} if self.is_group else {"view_of_subject": {"text": self.text("told", 200)}}
        return {
            "held": day.isoformat(),
            "participants": [
                {"role": "core-group", "function": "infohustovholder", "name": name(self.dice)},
                {"role": "invited", "function": "ssp-laerer"},
            ],
            "observations": [1],
            "dimensions": {
                word: self.text("weighed", 200) for word in ("relationships", "network-leisure", "education-work")
            },
            "risks": self.lines("risk", 2),
            "resources": self.lines("strength", 2),
            **heard,
            "grounds": True,
            "tier": self.tier,
            "proportionality": self.text("measured", 200),
            "conclusion": self.text("weighed", 400),
        }

    def plan(self, day: date) -> Body:
        first, second = self.dice.sample(_MEASURES[self.is_child], 2)
        child = {"statutory_plan": {"kind": "ungeplan"}} if self.is_child else {}
        return {
            "decided": day.isoformat(),
            "decided_by": [{"function": "myndighedssagsbehandler", "name": name(self.dice)}],
            "coordinator": {"function": "ssp", "name": name(self.dice)},
            "team": [{"function": "ssp-laerer"}, {"function": "ssp"}],
            "goals": self.lines("goal", 3),
            "measures": [self.measure(first, day), self.measure(second, day)],
            "cooperation": self.text("told", 200),
            **child,
            "least_intrusive": True,
            "proportionality": self.text("measured", 200),
            "follow_up": (day + timedelta(days=75)).isoformat(),
        }

    def measure(self, kind: str, day: date) -> Body:
        return {
            "measure": kind,
            "text": sentence(self.dice, "goal"),
            "provision": "almen indsats",
            "authority": "Ballerup Kommune",
            "starts": (day + timedelta(days=50)).isoformat(),
            "sessions_planned": self.dice.randint(3, 12),
        }

    def follow_up(self, day: date) -> Body:
        following = max(day + timedelta(days=80), TODAY + timedelta(days=self.dice.randint(-4, 70)))
        return {
            "held": day.isoformat(),
            "measures": [
                {"number": number, "status": "ongoing", "sessions_held": 2, "note": self.text("done", 200)}
                for number in (1, 2)
            ],
            "evaluated": self.text("done", 300),
            "next": following.isoformat(),
        }

    def close(self, day: date) -> Body:
        answers: list[dict[str, Any]] = [{"observation": 1, "answer": "addressed", "note": self.text("done", 100)}]
        answers += [{"risk": number, "answer": "addressed"} for number in (1, 2)]
        answers += [{"measure": number, "answer": "addressed", "note": self.text("done", 100)} for number in (1, 2)]
        return {
            "closed": day.isoformat(),
            "outcome": self.dice.choice(["completed", "completed", "completed", "stopped", "moved"]),
            "reason": self.text("done", 300),
            "answers": answers,
            "feedback": {"status": "given", "at": moment(day)},
        }


def moment(day: date) -> str:
    """Return noon of a day, as the store writes it."""
    return datetime.combine(day, time(12), tzinfo=_ZONE).isoformat()


def _days_open(dice: Random) -> float:
    """Return how old a case is when it closes: so that about ``OPEN`` of all are open, and none before its plan."""
    span = (TODAY - FIRST).days * OPEN
    return max(150.0, dice.uniform(0.5, 2.5) * span)
