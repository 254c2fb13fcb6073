"""Random lives of cases over the services, held against a tiny model of states: the store agrees, and stays clean."""

import json
import random
from collections import Counter
from datetime import date
from pathlib import Path

import invented
import pytest

from ballerup_cli.errors import IllegalStepError, InvalidFormError, UnknownCaseError
from ballerup_cli.services.cases import casework, lists
from ballerup_cli.services.store import founding, identity, records, workspace
from ballerup_cli.services.store.moment import Moment
from ballerup_cli.services.upkeep import audit
from ballerup_cli.storage.text import codec

pytestmark = pytest.mark.long

TODAY = Moment(at="2026-06-30T12:00:00+02:00", today=date(2026, 6, 30))

# What each form does in each state, written down by hand from the plan's case flow: the state it leads to, and the gate
# where it closes. Whatever is not here must be refused.
GATES = {"received": "police", "screened": "joint", "accepted": "assessment", "assessed": "plan", "planned": "plan"}
FORMS: dict[str, tuple[str, invented.Body, dict[str, str]]] = {
    "police clear": ("triage", invented.police(), {"received": "screened"}),
    "police blocked": ("triage", invented.police("blocked"), {"received": "closed"}),
    "joint accept": ("triage", invented.joint(), {"screened": "accepted"}),
    "joint elsewhere": ("triage", invented.joint("elsewhere"), {"screened": "closed"}),
    "grounds": ("assess", invented.assess(), {"accepted": "assessed"}),
    "no grounds": ("assess", invented.assess(grounds=False), {"accepted": "closed"}),
    "plan": ("plan", invented.plan(), {"assessed": "planned", "planned": "planned"}),
    "follow-up": ("follow-up", invented.follow_up(), {"planned": "planned"}),
    "close": ("close", invented.close("moved"), dict.fromkeys(GATES, "closed")),
    "note": ("note", invented.note(), {state: state for state in (*GATES, "closed")}),
    "contact": (
        "contact",
        invented.contact("information", "2026-03-03"),
        {state: state for state in (*GATES, "closed")},
    ),
}
FORMS["reopen"] = ("reopen", invented.REOPEN, {"closed": ""})  # back to where the case was

YEARS = ("2024", "2025", "2026")


class World:
    """A store, and the model of its cases: state, state before the closing, how many entries."""

    def __init__(self, root: Path, chance: random.Random) -> None:
        self.chance = chance
        self.tried: Counter[tuple[str, str]] = Counter()
        self.places = identity.Places(config=root / "config", state=root / "state")
        founder = founding.Founder(name="anna", passphrase=None)
        self.workspace, _ = founding.init(
            self.places, root / "store", founder, recovery_file=root / "rec", language=None, at=TODAY.at
        )
        self.model: dict[str, tuple[str, str, int]] = {}
        self.registers = 1

    def create(self) -> None:
        years = self.chance.choices(YEARS, k=self.chance.choice((1, 2)))
        taken = casework.open_concerns(self.workspace, [intake(year) for year in years], TODAY)
        for year, one in zip(years, taken, strict=True):
            serial = 1 + sum(number.startswith(year) for number in self.model)
            assert one.case.number == f"{year}-{serial:04d}"
            self.model[one.case.number] = ("received", "", 1)
        self.registers += 1

    def create_with_one_that_is_wrong(self) -> None:
        with pytest.raises(InvalidFormError):
            casework.open_concerns(self.workspace, [intake("2025"), document({"received": "2025-03-02"})], TODAY)

    def lawful(self) -> None:
        number, state, before, entries = self.any_case()
        step, form, leads = FORMS[self.any_form(state, lawful=True)]
        casework.take(self.workspace, step, number, document(form), TODAY)
        after = leads[state] or before
        self.model[number] = (after, state if after == "closed" != state else before, entries + 1)
        self.registers += 1

    def unlawful(self) -> None:
        number, state, *_ = self.any_case()
        step, form, _ = FORMS[self.any_form(state, lawful=False)]
        with pytest.raises(IllegalStepError):
            casework.take(self.workspace, step, number, document(form), TODAY)

    def invalid(self) -> None:
        with pytest.raises(InvalidFormError):
            casework.take(self.workspace, "note", self.any_case()[0], document({"tekst": "x"}), TODAY)

    def unknown(self) -> None:
        with pytest.raises(UnknownCaseError):
            casework.take(self.workspace, "note", "2023-0001", document({"text": "x"}), TODAY)

    def come_back(self) -> None:
        """Open the store as another process would: nothing that counts is only in memory."""
        self.workspace = workspace.open_workspace(self.places, folder=None, identity=None, passphrase=lambda: "")

    def any_case(self) -> tuple[str, str, str, int]:
        number = self.chance.choice(sorted(self.model))
        return number, *self.model[number]

    def any_form(self, state: str, *, lawful: bool) -> str:
        """Choose among the forms that were tried least in this state."""
        fitting = [name for name, (*_, leads) in FORMS.items() if (state in leads) == lawful]
        name = min(fitting, key=lambda name: (self.tried[state, name], self.chance.random()))
        self.tried[state, name] += 1
        return name

    def agree(self) -> None:
        register = self.workspace.store.register
        assert register.number == self.registers, "one commit for each that was taken, none for what was refused"
        assert self.workspace.store.cases() == sorted(self.model)
        for case in records.cases(self.workspace):
            state, before, entries = self.model[case.number]
            assert (case.state, len(case.entries)) == (state, entries)
            assert register.journals[f"cases/{case.number}"].state == state
            closing = case.closing or {}
            gate = closing.get("gate") or closing.get("closed_before")
            assert gate == (GATES[before] if state == "closed" else None)
        lines = {line["case"]: line["state"] for line in lists.rows(self.workspace, {})}
        assert lines == {number: state for number, (state, _, _) in self.model.items()}


MOVES = {
    World.lawful: 60,
    World.unlawful: 20,
    World.create: 2,
    World.come_back: 5,
    World.create_with_one_that_is_wrong: 4,
    World.invalid: 4,
    World.unknown: 4,
}


@pytest.mark.parametrize("seed", range(2))
def test_the_store_agrees_with_the_model_of_states(seed: int, place: Path) -> None:
    chance = random.Random(seed)  # noqa: S311  (the same lives each time)
    world = World(place, chance)
    world.create()
    for move in chance.choices(list(MOVES), weights=list(MOVES.values()), k=250):
        move(world)
    world.agree()
    world.come_back()
    world.agree()
    assert list(audit.verify(world.workspace)) == []
    assert {state for state, _ in world.tried} == {*GATES, "closed"}, "these lives were too short"


def intake(year: str) -> codec.Document:
    return document(invented.create(received=f"{year}-03-02"))


def document(form: invented.Body) -> codec.Document:
    (read,) = codec.read_forms(json.dumps(form).encode())
    return read
