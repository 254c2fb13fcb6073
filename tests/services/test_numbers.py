"""A number means the same thing for ever: whatever is corrected, taken out, checked or followed up, in any order.

Held against a tiny model that knows of each number only the text it was given last, its status and its history.
"""

import json
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import invented
import pytest
from cli_kit import WRITTEN

from ballerup_cli.errors import IllegalStepError, InvalidFormError
from ballerup_cli.services.cases import casework
from ballerup_cli.services.store import founding, identity, records
from ballerup_cli.services.store.workspace import Workspace
from ballerup_cli.services.upkeep import audit, backup
from ballerup_cli.storage.store.store import case_journal
from ballerup_cli.storage.text import codec

KINDS = ("observation", "risk", "measure")


@pytest.fixture
def workspace(place: Path) -> Workspace:
    founder = founding.Founder(name="anna", passphrase=None)
    places = identity.Places(config=place / "config", state=place / "state")
    return founding.init(places, place / "store", founder, recovery_file=place / "rec", language=None, at=WRITTEN.at)[0]


@dataclass
class Told:
    """What the model knows of one number: where its text stands, the text, and what was said of it since."""

    place: tuple[int, str]
    text: str | None
    said: list[str] = field(default_factory=list)


class Life:
    """One case, the model of its numbers, and the moves that may change it."""

    def __init__(self, workspace: Workspace, chance: random.Random) -> None:
        self.workspace, self.chance = workspace, chance
        self.words = self.done = 0
        self.model: dict[str, dict[int, Told]] = {kind: {} for kind in KINDS}
        self.struck: set[str] = set()
        form = invented.create(observations=[{"text": self.word()} for _ in range(3)])
        (taken,) = casework.open_concerns(workspace, [document(form)], WRITTEN)
        self.number = taken.case.number
        self.given("observation", 1, form["observations"], "observations.{}.text")
        self.write("triage", invented.police())
        self.write("triage", invented.joint())
        risks, new = [self.word() for _ in range(2)], [{"text": self.word()}]
        self.write("assess", invented.assess(risks=risks, observations=[2, *new]))
        self.given("risk", 4, [{"text": risk} for risk in risks], "risks.{}")
        self.given("observation", 4, new, "observations.{}.text", after=1)
        self.plans = [0]
        self.measures([invented.measure("other", text=self.word()) for _ in range(3)])

    def word(self) -> str:
        self.words += 1
        return f"ord{self.words}x"

    def write(self, step: str, form: Any) -> bool:
        try:
            casework.take(self.workspace, step, self.number, document(form), WRITTEN)
        except (InvalidFormError, IllegalStepError):
            return False
        self.done += 1
        return True

    @property
    def entries(self) -> int:
        return len(self.workspace.store.entries(case_journal(self.number)))

    def given(self, kind: str, entry: int, items: Any, path: str, after: int = 0) -> None:
        for place, item in enumerate(items, start=after + 1):
            told = Told(place=(entry, path.format(place)), text=item["text"])
            self.model[kind][len(self.model[kind]) + 1] = told

    def measures(self, wanted: list[Any]) -> None:
        if self.write("plan", invented.plan(*wanted)):
            self.given("measure", self.entries, wanted, "measures.{}.text")

    # --- moves ---

    def note(self) -> None:
        new = [{"text": self.word()} for _ in range(self.chance.randint(1, 2))]
        if self.write("note", invented.note(observations=new)):
            self.given("observation", self.entries, new, "observations.{}.text")

    def check(self) -> None:
        number = self.chance.choice([*self.model["observation"]])
        status = self.chance.choice(["confirmed", "refuted", "disputed"])
        if self.write("note", invented.note(checked=[{"observation": number, "status": status}])):
            self.model["observation"][number].said.append(status)

    def follow(self) -> None:
        number = self.chance.choice([*self.model["measure"]])
        status = self.chance.choice(["ongoing", "completed", "stopped"])
        if self.write("follow-up", invented.follow_up({"number": number, "status": status})):
            self.model["measure"][number].said.append(status)

    def replan(self) -> None:
        self.measures([invented.measure("other", text=self.word())])

    def correct(self) -> None:
        told, (entry, path) = self.any()
        word = self.word()
        if told.text and self.write("correct", invented.correct(path, word, entry=entry)):
            told.text = word

    def remove(self) -> None:
        told, (entry, path) = self.any()
        form = invented.correct(path.removesuffix(".text"), entry=entry)
        del form["value"]
        if told.text and self.write("correct", form):
            told.text = None

    def redact(self) -> None:
        told, (entry, path) = self.any()
        item = self.chance.random() < 0.5
        if not self.write("redact", invented.redact(path.removesuffix(".text") if item else path, entry=entry)):
            return
        self.struck.add(told.text or "")
        marked = told.text and next((shown for shown in self.shown(told) if shown), None)
        told.text = "[…]" if marked == "[…]" else None

    def shown(self, told: Told) -> Iterator[str]:
        for kind, items in self.model.items():
            for number, other in items.items():
                if other is told:
                    yield self.seen(kind).get(number, ("", []))[0]

    def any(self) -> tuple[Told, tuple[int, str]]:
        told = self.chance.choice([told for items in self.model.values() for told in items.values()])
        return told, told.place

    # --- what must hold ---

    def seen(self, kind: str) -> dict[int, tuple[str, list[str]]]:
        sheet = records.sheet(self.workspace, records.open_case(self.workspace, self.number))
        return {
            item["number"]: (item["text"], [said["status"] for said in item.get("history", ())])
            for item in sheet[f"{kind}s"]
        }

    def agree(self) -> None:
        for kind, items in self.model.items():
            wanted = {number: (told.text, told.said) for number, told in items.items() if told.text}
            assert self.seen(kind) == wanted, kind
        held = "".join(record.body.decode() for record in self.workspace.store.records(case_journal(self.number)))
        assert not [word for word in self.struck if word and word in held], "taken out everywhere"


MOVES: tuple[Callable[[Life], None], ...] = (
    *(Life.note, Life.check, Life.follow, Life.replan),
    *(Life.correct, Life.correct, Life.remove, Life.redact, Life.redact),
)


def test_whatever_is_amended_every_text_keeps_its_number_its_status_and_its_history(
    workspace: Workspace, place: Path
) -> None:
    lives = [Life(workspace, random.Random(seed)) for seed in range(4)]  # noqa: S311  (the same lives each time)
    for life in lives:
        for _ in range(12):
            life.chance.choice(MOVES)(life)
            life.agree()
    assert sum(life.done for life in lives) > 10 * len(lives)
    assert [fault.finding for fault in audit.verify(workspace)] == []
    assert backup.back_up(workspace, place / "copy").files > len(lives)


def document(form: Any) -> codec.Document:
    (read,) = codec.read_forms(json.dumps(form).encode())
    return read
