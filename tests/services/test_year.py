"""A year in the life of a coordinator, day by day: every clock fires on the day a calendar on paper says, and stops.

The deadlines below were counted by hand in the Danish calendars of 2023-2027. Days off that lie on their way:

    2023  5 May store bededag (the last one)      2024  29 February; 26 April is an ordinary Friday
    2026  2, 3 and 6 April Easter, 14 May Ascension Day, 25 May Whit Monday, 25 December a Friday
    2026  29 March the clocks go forward          2027  1 January a Friday

Everything is said to the program as a coordinator says it, in files, without a terminal; only its clock is set.
"""

import csv
import io
import json
import re
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import invented
import pytest

from ballerup_cli.cli.main import _guarded, main
from ballerup_cli.cli.ui.session import Session
from ballerup_cli.cli.ui.text import set_language
from ballerup_cli.services.store.identity import Places
from ballerup_cli.services.store.moment import Moment

ZONE = ZoneInfo("Europe/Copenhagen")
ADULT = {"kind": "person", "age_band": "18-plus"}
CHILD = {"kind": "person", "born": "2011-06-01"}
GROUP = {"kind": "group"}
NOT_NEEDED = {"notice": {"status": "not-needed"}}


class Office:
    """One coordinator's desk, at whatever day the test says it is."""

    def __init__(self, folder: Path, output: pytest.CaptureFixture[str]) -> None:
        self.folder, self.output, self.files = folder, output, 0
        self.day = "2026-01-02"
        self.said = self.complained = ""

    def run(self, *words: str, form: Any = None, text: str = "", code: int = 0, at: str = "10:00") -> str:
        """Run a command on the day it is; a form is handed in as a file."""
        if form is not None or text:
            self.files += 1
            path = self.folder / f"form-{self.files}.yaml"
            forms = form if isinstance(form, list) else [form]
            path.write_text(text or "\n---\n".join(json.dumps(part) for part in forms), encoding="utf-8")
            words = (*words, "--from", str(path))
        today = date.fromisoformat(self.day)
        moment = datetime.combine(today, datetime.strptime(at, "%H:%M").time(), tzinfo=ZONE)
        places = Places(config=self.folder / "config", state=self.folder / "state")
        session = Session(places, clock=Moment(at=moment.isoformat(), today=today))
        ended = _guarded(lambda: main.main(list(words), obj=session, standalone_mode=False, prog_name="ballerup"))
        self.said, self.complained = self.output.readouterr()
        assert ended == code, (words, ended, self.said, self.complained)
        return self.said

    def json(self, *words: str) -> Any:
        return json.loads(self.run(*words, "--format", "json"))

    # --- what a coordinator does, each on its day ---------------------------------------------------------------------

    def concern(self, day: str, **told: Any) -> str:
        """Take in a concern on the day it came."""
        self.day = day
        form = invented.create(**{"received": told.pop("received", f"{day}T10:00"), **told})
        return self.run("create", form=form).strip()

    def take(self, day: str, step: str, case: str, form: Mapping[str, Any], code: int = 0) -> str:
        self.day = day
        return self.run(step, case, form=dict(form), code=code)

    def contact(self, day: str, case: str, about: str, **told: Any) -> None:
        self.take(day, "contact", case, {**invented.contact(about, day), "at": f"{day}T09:00", **told})

    def police(self, day: str, case: str, outcome: str = "clear") -> None:
        self.take(day, "triage", case, invented.police(outcome, decided=day))

    def joint(self, day: str, case: str, outcome: str = "accept") -> None:
        self.take(day, "triage", case, invented.joint(outcome, decided=day))

    def accepted(self, *days: str, **told: Any) -> str:
        """Take in a concern and bring it as far as the days go: received, police, joint, assessed, planned."""
        case = self.concern(days[0], **told)
        for day, step in zip(days[1:], (self.police, self.joint, self.assess, self.plan), strict=False):
            step(day, case)
        return case

    def assess(self, day: str, case: str, **told: Any) -> None:
        self.take(day, "assess", case, invented.assess(held=day, **told))

    def plan(self, day: str, case: str, *measures: Any, **told: Any) -> None:
        given = {"decided": day, "follow_up": _later(day, 60), **told}
        self.take(day, "plan", case, invented.plan(*(measures or (invented.measure(starts=_later(day, 14)),)), **given))

    # --- what the calendar says ---------------------------------------------------------------------------------------

    def due(self, case: str | None, clock: str, about: str | None = None, within: int = 4000) -> list[str]:
        rows = self.json("due", "--within", str(within))
        wanted = (case, clock, about)
        return [row["due"] for row in rows if (row["case"], row["clock"], row["about"]) == wanted]

    def fires(self, case: str | None, clock: str, last: str, about: str | None = None) -> None:
        """The clock runs out at the end of `last`: that day it is due, the day after it is overdue."""
        assert last in self.due(case, clock, about), (case, clock, self.due(case, clock, about))
        now = self.day
        for day, overdue in ((last, False), (_later(last, 1), True)):
            self.day = day
            said = self.run("due", "--check", "--quiet", "--format", "json", code=3 if self._late(day) else 0)
            rows = json.loads(said)
            assert overdue == any((row["case"], row["clock"], row["due"]) == (case, clock, last) for row in rows), day
        self.day = now

    def _late(self, day: str) -> bool:
        rows = self.json("due", "--within", "0")
        return any(
            row["days_overdue"] > 0 or (len(row["due"]) > 10 and row["due"][:16] < f"{day}T10:00") for row in rows
        )

    def stopped(self, case: str | None, clock: str, about: str | None = None) -> None:
        assert self.due(case, clock, about) == []


def _later(day: str, days: int) -> str:
    return (date.fromisoformat(day) + timedelta(days=days)).isoformat()


def test_a_year_in_the_life(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    set_language("en")
    office = Office(tmp_path, capsys)
    found = ("init", str(tmp_path / "store"), "--as", "anna", "--no-passphrase", "--recovery-file")
    office.run(*found, str(tmp_path / "recovery.txt"))
    network_begins(office)
    cases = winter(office)
    spring(office, cases)
    autumn(office, cases)
    archive_is_imported(office)
    the_year_is_reported(office, cases)


def network_begins(office: Office) -> None:
    """The plans that hold, and the first clocks, which hang on no case."""
    adopted = {"document": "beredskab", "version": "2022", "adopted": "2022-12-15", "adopted_by": "Kommunalbestyrelsen"}
    office.run("beredskab", "adopt", form=adopted)
    office.run("beredskab", "adopt", form={"document": "handlingsplan", "version": "2", "adopted": "2025-09-30"})
    office.fires(None, "beredskab", "2026-12-15")
    office.fires(None, "konference", "2026-09-30")
    office.fires(None, "member-contact", "2027-01-02", "klub-nord")
    office.fires(None, "restore-proof", "2026-04-02")
    office.fires(None, "log-sample", "2026-04-02")
    for day, shown in (("2026-06-14", False), ("2026-06-15", True)):
        office.day = day
        assert shown == any(row["clock"] == "beredskab" for row in office.json("due")), "it warns half a year ahead"
    office.day = "2026-02-04"
    talk = {"kind": "oplaeg", "date": "2026-02-04", "members": ["klub-nord"], "held": True, "participants": 14}
    office.run("activity", "add", form=talk)
    office.run("activity", "add", form={"kind": "konference", "date": "2026-09-24", "audience": ["plade-2"]})
    office.fires(None, "member-contact", "2027-02-04", "klub-nord")
    office.fires(None, "member-contact", "2027-01-02", "klub-syd")


def winter(office: Office) -> dict[str, str]:
    """Every gate once, and the clocks of the first weeks."""
    child = office.concern("2026-01-05", subject=CHILD, referrer={"member": "klub-nord", "wants_feedback": True})
    assert office.due(child, "child-assessment") == ["2026-01-06T10:00:00+01:00"]
    office.fires(child, "receipt", "2026-01-13")  # 6 7 8 9 12 13
    office.fires(child, "notice", "2026-01-06")
    office.fires(child, "police-answer", "2026-01-12")
    office.fires(child, "information", "2026-02-05")
    office.contact("2026-01-06", child, "notice")
    office.stopped(child, "notice")
    office.contact("2026-01-06", child, "notice-assessed")
    office.stopped(child, "child-assessment")
    office.contact("2026-01-08", child, "receipt")
    office.stopped(child, "receipt")
    office.take("2026-01-07", "share", child, invented.share(date="2026-01-07"))
    office.police("2026-01-12", child)
    office.stopped(child, "police-answer")
    office.fires(child, "joint-talk", "2026-01-26")  # 13-16 19-23 26
    office.joint("2026-01-26", child)
    office.stopped(child, "joint-talk")
    office.fires(child, "core-group", "2026-02-23")  # four weeks of five
    office.contact("2026-02-03", child, "information")
    office.stopped(child, "information")

    blocked = office.concern("2026-01-12", subject=ADULT, referrer={"member": "hedegaardsskolen"})
    office.police("2026-01-14", blocked, "blocked")
    office.fires(blocked, "retention", "2026-01-14")
    office.fires(blocked, "information", "2026-02-12")

    talked = office.accepted("2026-01-14", "2026-01-16", subject=ADULT, referrer={"other": "citizen"})
    office.joint("2026-01-28", talked, "no-basis")
    office.fires(talked, "retention", "2026-07-28")

    passed_on = office.accepted("2026-01-15", "2026-01-19", subject=CHILD, **NOT_NEEDED)
    office.joint("2026-01-29", passed_on, "elsewhere")
    office.fires(passed_on, "retention", "2026-07-29")

    groundless = office.accepted("2026-01-20", "2026-01-22", "2026-01-30", subject=ADULT)
    left = office.concern("2026-02-02", subject=ADULT, referrer={"member": "talent"})

    agenda = office.run("meeting", "open", child, groundless, "--on", "2026-02-20")
    assert child in agenda and groundless in agenda
    office.day = "2026-02-20"
    minutes = [
        {"case": child, "step": "assess", **invented.assess(held="2026-02-20")},
        {"case": groundless, "step": "assess", **invented.assess(grounds=False, held="2026-02-20")},
    ]
    office.run("meeting", "minutes", "1", form=minutes)
    office.stopped(child, "core-group")
    office.fires(child, "plan", "2026-05-20")
    office.fires(groundless, "retention", "2026-08-20")

    office.plan(
        "2026-03-02",
        child,
        invented.measure("mentor", starts="2026-03-16", sessions_planned=10),
        follow_up="2026-04-07",
        evaluation="2026-09-01",
    )
    office.stopped(child, "plan")
    office.fires(child, "child-plan", "2026-06-02")
    office.fires(child, "measure-start", "2026-03-16")
    office.fires(child, "first-follow-up", "2026-06-16")
    office.fires(child, "follow-up", "2026-04-07")
    office.fires(child, "evaluation", "2026-09-01")
    return {"child": child, "talked": talked, "groundless": groundless, "left": left, "blocked": blocked}


def spring(office: Office, cases: dict[str, str]) -> None:
    """Easter, the clocks going forward, Ascension Day and Whitsun; people ask for what they have a right to."""
    child = cases["child"]
    night = office.concern("2026-03-28", received="2026-03-28T14:00", subject=CHILD)
    assert office.due(night, "child-assessment") == ["2026-03-29T15:00:00+02:00"], "24 hours, one of them skipped"
    easter = office.concern("2026-03-30", subject=ADULT)
    office.fires(easter, "police-answer", "2026-04-09")  # 31 1 7 8 9
    told = {"number": 1, "status": "ongoing", "sessions_held": 2}
    office.take("2026-04-07", "follow-up", child, invented.follow_up(told, held="2026-04-07", next="2026-06-30"))
    office.stopped(child, "measure-start")
    office.stopped(child, "first-follow-up")
    office.fires(child, "follow-up", "2026-06-30")

    office.day = "2026-04-01"
    office.run("proof", "add", form={"what": "restore-proof", "done": "2026-04-01"})
    office.fires(None, "restore-proof", "2026-07-01")
    office.fires(None, "log-sample", "2026-04-02")

    ascension = office.concern("2026-05-13", subject=ADULT)
    office.fires(ascension, "police-answer", "2026-05-21")  # 15 18 19 20 21
    whitsun = office.concern("2026-05-22", subject=ADULT)
    office.fires(whitsun, "police-answer", "2026-06-01")  # 26 27 28 29 1
    constitution = office.concern("2026-06-03", subject=ADULT)
    office.fires(constitution, "police-answer", "2026-06-10")  # 4 5 8 9 10: 5 June is a working day unless set

    unnamed = office.concern("2026-05-26", subject=CHILD, referrer={"other": "anonymous"})
    office.stopped(unnamed, "receipt")
    office.fires(unnamed, "notice", "2026-05-27")
    gang = office.concern("2026-05-27", subject=GROUP, **NOT_NEEDED)
    office.stopped(gang, "information")

    grows = office.concern("2026-02-10", subject={"kind": "person", "born": "2008-09-15"}, **NOT_NEEDED)
    office.fires(grows, "turns-18", "2026-03-15")
    office.take("2026-03-14", "note", grows, {"text": "Ringede", "when": "2026-03-14"})
    assert office.due(grows, "turns-18") == ["2026-03-15"], "a note before the day settles nothing"
    office.take("2026-03-15", "note", grows, {"text": "Talte om voksenlivet", "when": "2026-03-15"})
    office.stopped(grows, "turns-18")
    freed = office.concern("2026-02-11", subject={**ADULT, "release": "2026-10-01"})
    office.fires(freed, "release", "2026-09-01")

    silent = office.concern("2026-01-31", subject=ADULT)
    office.fires(silent, "information", "2026-02-28")  # there is no 31 February
    office.contact(
        "2026-02-20", silent, "exception", provision="databeskyttelsesloven § 22", reason="Politiet beder om ro"
    )
    office.stopped(silent, "information")
    office.fires(silent, "exception-review", "2026-05-20")
    told = {"provision": "databeskyttelsesloven § 22", "reason": "Fortsat ro", "review": "2026-06-10"}
    office.contact("2026-05-12", silent, "exception", **told)
    office.fires(silent, "exception-review", "2026-06-10")
    office.contact("2026-06-09", silent, "information")
    office.stopped(silent, "exception-review")
    office.contact("2026-05-31", silent, "request")
    office.fires(silent, "request", "2026-06-30")  # there is no 31 June
    office.contact("2026-06-20", silent, "answer")
    office.stopped(silent, "request")

    refuse_what_must_be_refused(office, cases)


def refuse_what_must_be_refused(office: Office, cases: dict[str, str]) -> None:
    """A retired member, the network that never hears of persons, and a member who is no party."""
    child = cases["child"]
    office.day = "2026-05-29"
    office.run("pladen", "retire", form={"code": "talent", "until": "2026-05-31"})
    office.concern("2026-05-30", subject=ADULT, referrer={"member": "talent"})
    office.day = "2026-06-01"
    office.run("create", form=invented.create(received="2026-06-01T09:00", referrer={"member": "talent"}), code=12)
    assert "has left the network" in office.complained
    office.take("2026-06-02", "share", child, invented.share(party={"organisation": "Infohus Netværk"}), code=12)
    stranger = {"organisation": "Klub Syd", "member": "klub-syd"}
    office.take("2026-06-02", "share", child, invented.share(party=stranger), code=12)
    refused = invented.share(direction="refused", party={"organisation": "Infohus Netværk"}, date="2026-06-02")
    office.take("2026-06-02", "share", child, refused)
    rows = office.json("disclosures", "--from", "2026-01-01", "--to", "2026-12-31")
    assert [(row["date"], row["direction"]) for row in rows] == [("2026-01-07", "given"), ("2026-06-02", "refused")]
    assert rows[0]["citation"].endswith("stk. 2, jf. stk. 1, nr. 1")


def autumn(office: Office, cases: dict[str, str]) -> None:
    """The plan revised, a second meeting, the conference missed and held, a reopening, and the end of a course."""
    child = cases["child"]
    office.plan(
        "2026-05-18",
        child,
        invented.measure("mentor", starts="2026-03-16", sessions_planned=10),
        invented.measure("fastholdelse", starts="2026-08-17", sessions_planned=4),
        follow_up="2026-06-30",
        evaluation="2026-09-01",
        statutory_plan={"kind": "barnets-plan", "reference": "2026-123"},
    )
    office.stopped(child, "child-plan")
    office.fires(child, "measure-start", "2026-08-17")

    declined = office.accepted("2026-06-08", "2026-06-10", "2026-06-15", subject=ADULT)
    office.assess("2026-06-22", declined)
    office.fires(declined, "plan", "2026-09-22")
    agenda = office.json("meeting", "open", "--on", "2026-06-30", "--within", "0")
    assert child in json.dumps(agenda)
    office.day = "2026-06-30"
    told = [{"number": 1, "status": "ongoing", "sessions_held": 5}, {"number": 2, "status": "not-started"}]
    minutes = [
        {"case": child, "step": "follow-up", **invented.follow_up(*told, held="2026-06-30", next="2026-09-01")},
    ]
    office.run("meeting", "minutes", "2", form=minutes)
    office.fires(child, "follow-up", "2026-09-01")
    office.take("2026-07-02", "close", declined, invented.close("declined", closed="2026-07-02"))
    office.stopped(declined, "plan")
    office.fires(declined, "retention", "2028-07-02")  # gate D at the level foregribende, though no plan began

    office.day = "2026-10-01"
    assert office.due(None, "konference") == ["2026-09-30"], "planned is not held"
    office.run("activity", "edit", form={"number": 2, "date": "2026-10-22", "held": True, "participants": 61})
    office.fires(None, "konference", "2027-10-22")
    office.fires(None, "member-contact", "2027-10-22", "klub-syd")

    done = [{"number": 1, "status": "completed", "sessions_held": 10}, {"number": 2, "status": "ongoing"}]
    kept = invented.follow_up(
        *done, held="2026-09-01", next=None, reason="Planen slutter til jul", evaluated="Målet er nær"
    )
    office.take("2026-09-01", "follow-up", child, kept)
    for clock in ("follow-up", "evaluation", "measure-start"):
        office.stopped(child, clock)

    office.take("2026-08-03", "reopen", cases["talked"], {"reason": "Der er kommet nyt"})
    office.stopped(cases["talked"], "retention")
    office.fires(cases["talked"], "joint-talk", "2026-08-17")  # 4-7 10-14 17
    office.joint("2026-08-14", cases["talked"], "no-basis")
    office.fires(cases["talked"], "retention", "2027-02-14")

    mistake = office.concern("2026-09-02", subject=ADULT)
    office.take("2026-09-02", "close", mistake, invented.close("entered-in-error", closed="2026-09-02"))
    for day in ("2026-09-07", "2026-09-14", "2026-09-21", "2026-10-05", "2026-10-12", "2026-10-19"):
        office.concern(day, subject=ADULT, referrer={"member": "headspace"}, received_by="police")
    for day in ("2026-11-02", "2026-11-09", "2026-11-16", "2026-11-23"):
        office.concern(day, subject=ADULT, referrer={"member": "headspace"}, received_by="police")
    new_year = office.concern("2026-12-23", subject=ADULT)
    office.fires(new_year, "police-answer", "2026-12-31")  # 24 28 29 30 31

    answers = [{"observation": n, "answer": "addressed"} for n in (1, 2)]
    answers += [{"risk": 1, "answer": "addressed"}, *({"measure": n, "answer": "addressed"} for n in (1, 2))]
    office.take("2026-12-21", "close", child, invented.close(closed="2026-12-21", answers=answers))
    assert "it reveals nothing" in office.complained
    office.fires(child, "feedback", "2026-12-29")  # 22 23 24 28 29
    office.fires(child, "retention", "2028-12-21")
    office.contact("2026-12-28", child, "feedback")
    office.stopped(child, "feedback")


IMPORTED = 200
BAD = {7: "Dato", 23: "Hvem", 58: "Dato", 91: "Art", 120: "Hvad", 155: "Hvem", 199: "Art"}
"""The rows of the old spreadsheet that cannot be taken in, and the column that is to blame."""


def archive_is_imported(office: Office) -> None:
    """Two hundred rows of an old spreadsheet, seven of them bad; leap day and the last store bededag among them."""
    office.day = "2026-12-28"
    sheet = office.folder / "old.csv"
    sheet.write_bytes(_spreadsheet().encode("cp1252"))
    mapping = office.folder / "map.yaml"
    mapping.write_text(MAPPING, encoding="utf-8")
    before = len(office.json("list"))
    office.run("import", str(sheet), "--map", str(mapping), "--dry-run", code=3)
    assert len(office.json("list")) == before
    numbers = office.run("import", str(sheet), "--map", str(mapping), code=3).split()
    complained = office.complained
    assert len(numbers) == IMPORTED - len(BAD)
    assert len(office.json("list")) == before + len(numbers)
    assert {int(row) for row in re.findall(r"row (\d+)", complained)} == set(BAD)
    assert "Hemmeligheden" not in complained, "no cell is ever quoted"
    received = {
        line["received"][:10]: line["case"] for line in office.json("list") if line["case"][:4] in ("2023", "2024")
    }
    office.fires(received["2023-05-03"], "police-answer", "2023-05-11")  # 4 8 9 10 11: 5 May was store bededag
    office.fires(received["2024-04-24"], "police-answer", "2024-05-01")  # 25 26 29 30 1: 26 April was none any more
    office.fires(received["2024-01-31"], "information", "2024-02-29")
    office.fires(received["2024-02-29"], "information", "2024-03-29")


MAPPING = """
dates: [DD-MM-YYYY]
fields:
  received: Dato
  received_by: {value: municipality}
  referrer.member: {column: Hvem, codes: {Klub Nord: klub-nord, Headspace: headspace, Klub Vest: klub-vest}}
  subject.kind: {column: Art, codes: {Person: person, Gruppe: group}}
  subject.age_band: {value: 18-plus}
  concern: Hvad
  reference: Journal
"""


def _spreadsheet() -> str:
    days = {1: "03-05-2023", 2: "24-04-2024", 3: "31-01-2024", 4: "29-02-2024"}
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";")
    writer.writerow(["Dato", "Hvem", "Art", "Hvad", "Journal"])
    for number in range(1, IMPORTED + 1):
        row = {
            "Dato": days.get(number, f"{number % 28 + 1:02}-{number % 12 + 1:02}-2025"),
            "Hvem": "Headspace" if number % 3 else "Klub Nord",
            "Art": "Person",
            "Hvad": f"Hemmeligheden nummer {number}, som kun står i sagen",
            "Journal": f"GL-{number:04}",
        }
        wrong = {"Dato": "31-02-2025", "Hvem": "Klub Vest", "Art": "Hemmeligheden", "Hvad": ""}
        if number + 1 in BAD:
            row[BAD[number + 1]] = wrong[BAD[number + 1]]
        writer.writerow(row.values())
    return text.getvalue()


def the_year_is_reported(office: Office, cases: dict[str, str]) -> None:
    """The counts of the year agree with those made by hand on the way."""
    office.day = "2026-12-31"
    assert office.run("verify")
    report = office.json("report", "--from", "2026-01-01", "--to", "2026-12-31", "--internal")
    received = [line for line in office.json("list") if line["received"].startswith("2026")]
    assert len(received) == 30
    assert report["totals"] == {"received": 29, "open": 23, "closed": 6}, "one was entered in error"
    tiers = {row["tier"]: (row["received"], row["activities"]) for row in report["by_tier"]}
    assert tiers == {
        "forebyggende": (0, 2),
        "foregribende": (2, 0),
        "indgribende": (0, 0),
        "unassessed": (27, 0),
    }
    members = {row["member"]: row["received"] for row in report["by_member"] if row["received"]}
    assert members["talent"] == 2, "what a retired member referred stays counted"
    assert {row["gate"]: row["closed"] for row in report["by_gate"]} == {
        "police": 1,
        "joint": 2,
        "assessment": 1,
        "plan": 1,
        None: 1,
    }, "who declined before there was a plan closed at no gate"
    assert report["funnel"]["planned"] == 1
    assert cases["left"] in {line["case"] for line in office.json("list", "--member", "talent")}
