"""Invented forms and ready-made cases for the tests of the core: no files, only plain values."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from ballerup_cli.core.cases.case import Case
from ballerup_cli.core.cases.rules import Context
from ballerup_cli.core.cases.steps import fold
from ballerup_cli.core.entry import Body, Entry
from ballerup_cli.core.network.pladen import Pladen, fold_pladen
from ballerup_cli.core.vocabulary import Vocabulary
from ballerup_cli.storage.text import schema

VOCABULARY = Vocabulary.from_dict(schema.vocabulary())
SETTINGS = schema.defaults()
TODAY = "2026-06-30"


class HolidaysByHand:
    """Public holidays as a person would write them on the wall, store bededag only while it was one."""

    saturdays = False
    days = frozenset(
        {"2023-04-06", "2023-04-07", "2023-04-10", "2023-05-05", "2023-05-18", "2023-05-29"}
        | {"2024-03-28", "2024-03-29", "2024-04-01", "2024-05-09", "2024-05-20"}
        | {"2026-01-01", "2026-04-02", "2026-04-03", "2026-04-06", "2026-05-14", "2026-05-25"}
        | {"2026-12-25", "2026-12-26", "2027-01-01"}
    )

    def local(self, moment: datetime) -> datetime:
        return moment.astimezone(ZoneInfo("Europe/Copenhagen"))

    def is_holiday(self, day: date) -> bool:
        return day.isoformat() in self.days


CALENDAR = HolidaysByHand()


def pladen(*changes: Body) -> Pladen:
    added = Entry(number=1, step="found", at=moment("2026-01-01"), by="anna", body={"members": VOCABULARY.starters})
    later = [
        Entry(number=number, step="edit", at=moment("2026-01-02"), by="anna", body={"members": [change]})
        for number, change in enumerate(changes, start=2)
    ]
    return fold_pladen([added, *later])


def context(**known: Any) -> Context:
    return Context(**{"pladen": pladen(), "vocabulary": VOCABULARY, "today": TODAY, **known})


def moment(day: str) -> str:
    return f"{day}T10:00:00+{'02' if '04' <= day[5:7] <= '10' else '01'}:00"


def create(**changed: Any) -> Body:
    return {
        "received": moment("2026-03-02"),
        "received_by": "municipality",
        "referrer": {"member": "klub-nord"},
        "subject": {"kind": "person", "born": "2010-05-17"},
        "concern": "Han siger, at vold er i orden.",
        "observations": [{"sign": "truer", "text": "Truede to drenge ved klubben"}, {"text": "Går i sort jakke"}],
    } | changed


def police(outcome: str = "clear", **changed: Any) -> Body:
    return {"gate": "police", "outcome": outcome, "decided": "2026-03-05", "reason": "Ikke noget i vejen"} | changed


def joint(outcome: str = "accept", **changed: Any) -> Body:
    enough = {"proportionality": "En samtale er nok"} if outcome == "accept" else {}
    return {"gate": "joint", "outcome": outcome, "decided": "2026-03-10", "reason": "Drøftet", **enough} | changed


def assess(*, grounds: bool = True, **changed: Any) -> Body:
    level = {"tier": "foregribende", "risks": ["Kan blive trukket længere ind"]} if grounds else {}
    return {
        "held": "2026-03-20",
        "participants": [{"role": "core-group", "function": "ssp"}],
        "resources": ["Træner fodbold"],
        "grounds": grounds,
        "proportionality": "En mentor er nok",
        "conclusion": "Støtte i fritiden",
        **level,
    } | changed


def measure(name: str = "kontaktperson", **changed: Any) -> Body:
    return {"measure": name, "provision": "§ 32", "authority": "Ballerup", "starts": "2026-04-15"} | changed


def plan(*measures: Body, **changed: Any) -> Body:
    return {
        "decided": "2026-04-01",
        "decided_by": [{"function": "leder"}],
        "coordinator": {"name": "Vibe Eksempel", "function": "ssp"},
        "team": [{"function": "ssp"}],
        "goals": ["Flere venner i klubben"],
        "measures": list(measures or (measure(),)),
        "cooperation": "Familien er med",
        "proportionality": "Det mindste, der kan virke",
        "follow_up": "2026-06-01",
    } | changed


def follow_up(*told: Body, **changed: Any) -> Body:
    told = told or ({"number": 1, "status": "ongoing"},)
    return {"held": "2026-06-01", "measures": list(told), "next": "2026-09-01"} | changed


def close(outcome: str = "completed", **changed: Any) -> Body:
    return {"closed": "2026-06-20", "outcome": outcome, "reason": "Målet er nået"} | changed


def contact(about: str, day: str, **changed: Any) -> Body:
    return {"at": moment(day), "with": _WHOM.get(about, "other"), "about": about} | _WHY.get(about, {}) | changed


_WHOM = {"notice": "child-services", "receipt": "referrer", "information": "subject", "feedback": "referrer"}
_WHY = {
    "exception": {"provision": "databeskyttelsesloven § 22"},
    "notice-not-needed": {"reason": "Familien har en sag"},
}


def share(**changed: Any) -> Body:
    return {
        "direction": "given",
        "party": {"organisation": "Københavns Vestegns Politi"},
        "basis": "rpl-115-ssp",
        "necessity": "Politiet skal vide, om der er grunde imod",
        "content": "At der er en bekymring, og hvad der er set",
        "date": "2026-03-03",
        "not_for_investigation": True,
    } | changed


def extend(**changed: Any) -> Body:
    return {"until": "2027-06-30", "necessity": "En klagesag verserer"} | changed


def correct(path: str = "concern", value: Any = "Han sagde noget andet", **changed: Any) -> Body:
    return {"entry": 1, "path": path, "value": value, "reason": "Skrevet forkert af"} | changed


def redact(path: str = "observations.2.text", **changed: Any) -> Body:
    return {"entry": 1, "path": path, "reason": "En udenforstående"} | changed


def restrict(**changed: Any) -> Body:
    return {"restricted": True, "reason": "Indsigelse"} | changed


def shield(*names: str, **changed: Any) -> Body:
    told = {"shielded": bool(names), "reason": "Sagen angår en kollegas familie"}
    return told | ({"for": list(names)} if names else {}) | changed


def link(*numbers: str, **changed: Any) -> Body:
    return {"related": list(numbers or ("2026-0003",))} | changed


def hand_over(**changed: Any) -> Body:
    return {"to": "bo", "reason": "Barsel fra 1. juni"} | changed


def request(kind: str = "access", number: str = "R2026-001", **answered: Any) -> "list[Written]":
    """A right somebody uses, from its coming in to the answer."""
    requester = {"who": "guardian", "name": "Mor Opdigtet"}
    withheld = {
        "entry": 1,
        "decision": "withheld",
        "provision": "forvaltningslovens § 15 b",
        "reason": "Andres forhold",
    }
    told = {"answered": "2026-03-20", "outcome": "partly", "reasons": "Det meste kan ses", **answered}
    return [
        ("request-open", {"number": number, "kind": kind, "requester": requester, "received": "2026-03-04"}),
        ("request-decide", {"number": number, "decisions": [{"decision": "given"}, withheld]}),
        ("request-answer", {"number": number, **told}),
    ]


def note(**changed: Any) -> Body:
    return {"text": "Ringede til skolen"} | changed


REOPEN = {"reason": "Der er kommet nyt"}
UNDO = {"reason": "Skrevet i den forkerte sag"}
CONFIRM = {"entry": 9}

Written = tuple[str, Body]

BEFORE: dict[str, tuple[Written, ...]] = {
    "received": (("create", create()),),
    "screened": (("create", create()), ("triage", police())),
    "accepted": (("create", create()), ("triage", police()), ("triage", joint())),
    "assessed": (("create", create()), ("triage", police()), ("triage", joint()), ("assess", assess())),
    "planned": (
        *(("create", create()), ("triage", police()), ("triage", joint()), ("assess", assess())),
        ("plan", plan()),
    ),
}
"""The shortest way into each open state."""
BEFORE["closed"] = (*BEFORE["planned"], ("close", close()))


def entries(written: Iterable[Written], day: str = "2026-06-21") -> list[Entry]:
    """Make entries, all written on one day."""
    return [
        Entry(number=number, step=step, at=moment(day), by="anna", body=body)
        for number, (step, body) in enumerate(written, start=1)
    ]


def case(*written: Written, day: str = "2026-06-21") -> Case:
    return fold("2026-0001", entries(written, day))


def case_in(state: str, *more: Written) -> Case:
    return case(*BEFORE[state], *more)
