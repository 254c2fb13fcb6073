"""The calendar file: read back by a calendar, one event a deadline, the same event when the deadline moves."""

import os
import re
import subprocess
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from cli_kit import Home
from icalendar import Calendar
from invented import follow_up

from ballerup_cli.cli.ui import ics, text
from ballerup_cli.cli.ui.session import Session
from ballerup_cli.services.cases import casework, deadlines, meeting
from ballerup_cli.services.cases.calendar_export import Event, to_calendar
from ballerup_cli.services.store.moment import Moment
from ballerup_cli.services.store.workspace import Workspace
from ballerup_cli.storage.text import codec

NOW = Moment(at="2026-06-22T12:00:00+02:00", today=date(2026, 6, 22))
LATER = Moment(at="2026-06-23T08:30:00+02:00", today=date(2026, 6, 23))
COPENHAGEN = ZoneInfo("Europe/Copenhagen")


@pytest.fixture(autouse=True)
def english():
    text.set_language("en")
    yield
    text.set_language("en")


def calendar(workspace: Workspace, moment: Moment = NOW, within: int = 365) -> str:
    session = Session(None, clock=moment)
    session.__dict__["workspace"] = workspace
    return ics.calendar(session, deadlines.due(workspace.store, moment, within), within)


def events(written: str) -> dict[str, list[tuple[str, date]]]:
    """Every event by its name: identity and start."""
    found: dict[str, list[tuple[str, date]]] = {}
    for event in Calendar.from_ical(written).walk("VEVENT"):
        found.setdefault(str(event["summary"]), []).append((str(event["uid"]), event.decoded("dtstart")))
    return found


def test_every_deadline_is_one_event_and_its_own(ready_home: Home) -> None:
    workspace = ready_home.workspace()
    lines = deadlines.due(workspace.store, NOW, 365)
    found = events(calendar(workspace))
    assert sum(map(len, found.values())) == len(lines) > 20
    identities = [uid for items in found.values() for uid, _ in items]
    assert len(set(identities)) == len(identities)
    assert found["2026-0005 · follow-up"][0][1] == date(2026, 6, 1)
    assert found["contact with a member of the network · klub-nord"][0][1] == date(2027, 1, 1)


def test_a_moment_is_danish_time_and_a_day_is_a_day(ready_home: Home) -> None:
    start = events(calendar(ready_home.workspace()))["2026-0001 · assessment of the child notice"][0][1]
    assert start == datetime(2026, 3, 3, 10, tzinfo=COPENHAGEN)
    written = calendar(ready_home.workspace())
    assert "DTSTART;TZID=Europe/Copenhagen:20260303T100000\r\n" in written
    assert "TZID:Europe/Copenhagen\r\n" in written
    assert "DTSTART;VALUE=DATE:20260601\r\n" in written


def test_a_deadline_that_moves_stays_the_same_event(town: Home) -> None:
    workspace = town.workspace()
    before = events(calendar(workspace))["2026-0005 · follow-up"]
    (document,) = codec.read_forms(codec.encode(follow_up(held="2026-06-22")))
    casework.take(workspace, "follow-up", "2026-0005", document, NOW)
    after = events(calendar(workspace, LATER))["2026-0005 · follow-up"]
    assert [uid for uid, _ in before] == [uid for uid, _ in after]
    assert (before[0][1], after[0][1]) == (date(2026, 6, 1), date(2026, 9, 1))


def test_a_deadline_keeps_its_identity_for_life_and_is_cancelled_when_settled(town: Home, tmp_path: Path) -> None:
    workspace = Workspace(town.workspace().store, tmp_path / "cache")
    subject = ("2026-0005", "measure-start", "")
    both = [Event(when=day, summary="2026-0005", subject=subject) for day in ("2026-06-25", "2026-07-01")]

    def told(*due: Event, until: str = "2026-12-31") -> dict[str, tuple[str, bool, int]]:
        read = Calendar.from_ical(to_calendar(workspace, due, NOW, until)).walk("VEVENT")
        return {
            str(event["uid"]): (str(event.decoded("dtstart")), "STATUS" in event, int(event["sequence"]))
            for event in read
        }

    first, second = told(*both)
    assert told(both[1]) == {first: ("2026-06-25", True, 1), second: ("2026-07-01", False, 0)}
    moved = Event(when="2026-08-01", summary="2026-0005", subject=subject)
    assert told(both[1], moved)[second] == ("2026-07-01", False, 0)
    assert told(both[1], moved)[first] == ("2026-08-01", False, 2), "what comes back is the same event"
    assert told(until="2026-07-15") == {second: ("2026-07-01", True, 1)}, "what was not asked for is not cancelled"
    assert told(moved)[first] == ("2026-08-01", False, 2)


def test_each_deadline_has_its_alarm_in_time(ready_home: Home) -> None:
    for event in Calendar.from_ical(calendar(ready_home.workspace())).walk("VEVENT"):
        (alarm,) = event.walk("VALARM")
        assert alarm.decoded("trigger").total_seconds() < 0


def test_a_stamp_is_the_moment_passed_in_and_nothing_else_differs(ready_home: Home) -> None:
    first, second = calendar(ready_home.workspace()), calendar(ready_home.workspace(), LATER)
    assert "DTSTAMP:20260622T100000Z\r\n" in first
    assert "DTSTAMP:20260623T063000Z\r\n" in second
    assert re.sub("DTSTAMP:.*", "", first) == re.sub("DTSTAMP:.*", "", second)


def test_lines_are_folded_and_end_as_the_standard_says(ready_home: Home) -> None:
    long = Event(when="2026-06-25", summary="2026-0001 · " + "æøå, og; mere " * 12, subject=("2026-0001", "plan", ""))
    written = to_calendar(ready_home.workspace(), [long], NOW)
    assert written.endswith("END:VCALENDAR\r\n")
    assert "\n" not in written.replace("\r\n", "")
    assert max(len(line.encode()) for line in written.split("\r\n")) <= 75
    assert [*events(written)] == [long.summary]


def test_nothing_but_numbers_and_clocks_is_in_it(ready_home: Home) -> None:
    parts = {
        str(name) for event in Calendar.from_ical(calendar(ready_home.workspace())).walk("VEVENT") for name in event
    }
    assert parts == {"UID", "SEQUENCE", "DTSTAMP", "DTSTART", "SUMMARY", "TRANSP"}


def test_nothing_due_is_a_calendar_all_the_same(ready_home: Home) -> None:
    written = to_calendar(ready_home.workspace(), [], NOW)
    assert events(written) == {}
    assert [*Calendar.from_ical(written).walk("VTIMEZONE")]


def test_meetings_ahead_are_in_it_and_those_behind_are_not(town: Home) -> None:
    workspace = town.workspace()
    for day in ("2026-06-21", "2026-06-22", "2026-07-22", "2026-07-23"):
        meeting.open_meeting(workspace, [], date.fromisoformat(day), 0, NOW)
    found = {
        name: days[0][1] for name, days in events(calendar(workspace, within=30)).items() if name.startswith("meeting")
    }
    assert found == {"meeting 2: core group": date(2026, 6, 22), "meeting 3: core group": date(2026, 7, 22)}


def test_the_language_chosen_names_the_events(ready_home: Home) -> None:
    text.set_language("da")
    assert "2026-0005 · opfølgning" in events(calendar(ready_home.workspace()))


def test_the_command_writes_the_bytes_of_a_calendar_file(ready_home: Home) -> None:
    def run(*words: str) -> subprocess.CompletedProcess[bytes]:
        command = ready_home.command("--today", "2026-06-22", "due", "--format", "ics", *words)
        return subprocess.run(
            command, capture_output=True, env=ready_home.environ(), check=False, stdin=subprocess.DEVNULL
        )

    year, week = run(), run("--within", "7")
    assert year.stdout.startswith(b"BEGIN:VCALENDAR\r\n") and year.stdout.endswith(b"END:VCALENDAR\r\n")
    assert len(events(year.stdout.decode())) > len(events(week.stdout.decode())) > 0
    assert run("--check").returncode == 3
    refused = run("--explain")
    assert (refused.returncode, refused.stdout) == (2, b"")
    assert os.linesep.encode() in refused.stderr
