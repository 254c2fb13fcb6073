"""Meetings of the core group: the agenda to the day, and minutes that each case keeps for itself."""

import json
from datetime import date
from itertools import product

import pytest
from cli_kit import Home
from invented import BEFORE, CALENDAR, SETTINGS, case, follow_up, joint, note
from test_filling import at_the_keyboard, kept, memory

from ballerup_cli.core.cases.clocks import CLOCKS, due_on
from ballerup_cli.core.cases.meeting import Meeting, Standing, call, fold_meetings, lines
from ballerup_cli.core.cases.steps import possible
from ballerup_cli.core.deadlines import Due
from ballerup_cli.core.entry import Entry
from ballerup_cli.errors import IllegalStepError, InvalidFormError, MovedOnError, UnknownMeetingError
from ballerup_cli.services.cases import meeting
from ballerup_cli.services.store.moment import Moment
from ballerup_cli.services.upkeep import audit
from ballerup_cli.storage.store.commit import Change, commit, writing
from ballerup_cli.storage.store.journal import Draft

NOW = Moment(at="2026-06-22T12:00:00+02:00", today=date(2026, 6, 22))
EARLY = date(2026, 1, 10)
"""A day on which one case of the ready store has something due: the police's answer of 2025-0001."""
SOME = ONE, TWO = "2026-0003", "2026-0005"

FOLLOWED = {**follow_up(held="2026-06-22"), "case": "2026-0005", "step": "follow-up"}
NOTED = {"case": "2026-0003", "text": "Skolen kommer med"}


def standing(*due: tuple[str, str], state: str = "planned") -> Standing:
    return Standing(state=state, due=tuple(Due(clock=clock, due=day) for clock, day in due))


def stream(*documents: object) -> bytes:
    return "\n---\n".join(json.dumps(document) for document in documents).encode()


def opened(home: Home, *chosen: str) -> Meeting:
    return meeting.open_meeting(home.workspace(), chosen or ("2025-0001", *SOME), EARLY, 0, NOW)


def refused(home: Home, *documents: object) -> list[tuple[int | None, tuple[str | int, ...]]]:
    """What is wrong in which document; nothing is written."""
    workspace = home.workspace()
    before = home.everything()
    found = meeting.find(workspace, 1)
    with pytest.raises(InvalidFormError) as refusal:
        meeting.write_minutes(workspace, found, meeting.read_minutes(found, stream(*documents)), NOW)
    assert home.everything() == before
    return [(finding.document, finding.path) for finding in refusal.value.findings]


# --- the agenda -------------------------------------------------------------------------------------------------------


def test_the_core_group_can_do_something_about_these_clocks():
    told = (
        "police-answer joint-talk core-group plan child-plan consent measure-start first-follow-up follow-up evaluation"
    )
    assert {clock.name for clock in CLOCKS if clock.step} == {*told.split(), "turns-18", "release"}


@pytest.mark.parametrize(
    ("day", "clocks"),
    [("2026-05-01", ["plan"]), ("2026-07-05", ["plan"]), ("2026-07-06", ["plan"]), ("2026-07-07", None)],
)
def test_a_case_is_called_up_to_the_last_day_and_no_further(day, clocks):
    agenda = call({"2026-0001": standing(("plan", day))}, [], "2026-07-06")
    assert agenda.get("2026-0001") == clocks


def test_a_moment_counts_as_its_day():
    late = standing(("core-group", "2026-07-06T23:59:00+02:00"))
    assert call({"2026-0001": late}, [], "2026-07-06") == {"2026-0001": ["core-group"]}


def test_a_clock_of_others_calls_no_case_but_a_chosen_one_comes_all_the_same():
    known = {
        "2026-0002": standing(("retention", "2026-01-01"), state="closed"),
        "2026-0001": standing(("receipt", "2026-01-01"), ("follow-up", "2026-09-01")),
    }
    assert call(known, [], "2026-07-06") == {}
    assert list(call(known, ["2026-0002", "2026-0001"], "2026-07-06").items()) == [("2026-0001", []), ("2026-0002", [])]


def test_two_deadlines_of_one_clock_are_one_reason():
    known = {"2026-0001": standing(("measure-start", "2026-04-01"), ("measure-start", "2026-05-01"))}
    assert call(known, [], "2026-07-06") == {"2026-0001": ["measure-start"]}


@pytest.mark.parametrize("state", BEFORE)
def test_the_step_proposed_is_possible(state):
    subject = case(*BEFORE[state])
    found = Standing(state=state, due=due_on(subject, SETTINGS, CALENDAR))
    wanted = {
        "received": "triage",
        "screened": "triage",
        "accepted": "assess",
        "assessed": "plan",
        "planned": "follow-up",
    }
    assert found.step == wanted.get(state, "note")
    assert found.step in possible(subject)


def test_a_case_with_nothing_but_a_birthday_ahead_gets_a_note():
    assert standing(("turns-18", "2026-07-01")).step == "note"
    assert standing(("turns-18", "2026-07-01"), ("evaluation", "2026-12-01")).step == "follow-up"
    assert standing().step == "note"


def test_minutes_go_to_the_meeting_they_name_and_add_up():
    def entry(step: str, **body: object) -> Entry:
        return Entry(number=1, step=step, at="2026-06-22T12:00:00+02:00", by="anna", body=body)

    first, second, third = (
        entry("open", number=number, date=f"2026-0{number}-01", cases=[{"case": ONE}, {"case": TWO}])
        for number in (1, 2, 3)
    )
    minutes = [entry("minutes", number=2, held="2026-02-02", cases=[case]) for case in (TWO, ONE)]
    told = fold_meetings([first, second, *minutes, third])
    assert [meeting.number for meeting in told] == [1, 2, 3]
    assert [(meeting.held, meeting.written) for meeting in told] == [(None, ()), ("2026-02-02", (TWO, ONE)), (None, ())]
    assert [meeting.unwritten for meeting in told] == [(ONE, TWO), (), (ONE, TWO)]


def test_an_agenda_shows_its_cases_as_they_stand_now():
    opening = {
        "number": 1,
        "date": "2026-06-25",
        "cases": [{"case": "2026-0001", "clocks": ["plan"]}, {"case": "2026-0009"}],
    }
    entries = [
        Entry(number=1, step="open", at=NOW.at, by="anna", body=opening),
        Entry(
            number=2,
            step="minutes",
            at=NOW.at,
            by="anna",
            body={"number": 1, "held": "2026-06-26", "cases": ["2026-0001"]},
        ),
    ]
    (found,) = fold_meetings(entries)
    assert (found.held, found.written, found.unwritten) == ("2026-06-26", ("2026-0001",), ("2026-0009",))
    now = {"2026-0001": standing(("follow-up", "2026-08-01"), ("plan", "2026-09-01"))}
    (line,) = lines(found, now)
    assert (line["due"], line["step"], line["written"]) == ([{"clock": "plan", "due": "2026-09-01"}], "follow-up", True)


def test_a_meeting_is_opened_on_exact_days(town: Home):
    workspace = town.workspace()
    called = {
        (on, within): list(meeting.open_meeting(workspace, [], date.fromisoformat(on), within, NOW).agenda)
        for on, within in (
            ("2026-04-09", 0),
            ("2026-04-10", 0),
            ("2026-04-09", 1),
            ("2026-04-14", 0),
            ("2026-04-15", 0),
        )
    }
    assert [len(cases) for cases in called.values()] == [0, 1, 1, 1, 2]
    assert called["2026-04-15", 0] == ["2026-0003", "2026-0005"], "none that waits for gate A or B"
    assert list(meeting.open_meeting(workspace, [], date.max, 36500, NOW).agenda)


def test_what_is_kept_of_an_agenda_is_numbers_and_clocks_in_a_sealed_journal_that_verifies(town: Home):
    found = opened(town)
    workspace = town.workspace()
    (entry,) = workspace.store.entries("meetings")
    called = [{"case": "2025-0001", "clocks": ["police-answer"]}, *({"case": number} for number in SOME)]
    assert entry.body == {"number": 1, "date": "2026-01-10", "cases": called}
    assert list(found.agenda) == ["2025-0001", *SOME]
    assert list(audit.verify(workspace)) == []
    assert (town.store / "meetings.yaml.age").read_bytes().startswith(b"age-encryption.org/v1\n")


def test_a_word_on_a_case_in_the_journal_of_meetings_is_a_fault(town: Home):
    workspace = town.workspace()
    body = {"number": 1, "date": "2026-06-22", "cases": [{"case": "2026-0003", "text": "Skolen kommer med"}]}
    with writing(workspace.store):
        commit(
            workspace.store, [Change(journal="meetings", drafts=[Draft(step="open", at=NOW.at, body=body)])], at=NOW.at
        )
    (fault,) = audit.verify(workspace)
    assert (fault.file, fault.entry) == ("meetings.yaml.age", 1)


# --- minutes ----------------------------------------------------------------------------------------------------------


def test_minutes_are_split_so_that_each_case_keeps_its_own_words_in_one_save(town: Home):
    words = {"2025-0001": "Kanariefugl-et", "2026-0003": "Kanariefugl-to", "2026-0005": "Kanariefugl-tre"}
    found = opened(town)
    workspace = town.workspace()
    before = workspace.store.register
    documents = [
        {"case": "2025-0001", "text": words["2025-0001"]},
        {"case": "2026-0003", "step": "note", "text": words["2026-0003"]},
        {**FOLLOWED, "evaluated": words["2026-0005"]},
    ]
    forms = meeting.read_minutes(found, stream(*documents))
    taken = meeting.write_minutes(workspace, found, forms, NOW, held=date(2026, 1, 11), present=["ssp", "politi"])
    assert [(item.case.number, item.case.entries[-1].step) for item in taken] == [
        ("2025-0001", "note"), ("2026-0003", "note"), ("2026-0005", "follow-up"),
    ]  # fmt: skip
    now = workspace.store.register
    assert now.number == before.number + 1
    changed = {name for name, row in now.journals.items() if row != before.journals.get(name)}
    assert changed == {"cases/2025-0001", "cases/2026-0003", "cases/2026-0005", "meetings"}
    for (number, word), journal in product(words.items(), now.journals):
        sung = any(word in str(entry.body) for entry in workspace.store.entries(journal))
        assert sung == (journal == f"cases/{number}"), (word, journal)
    kept = workspace.store.entries("meetings")[-1]
    assert (kept.step, kept.body) == (
        "minutes",
        {"number": 1, "held": "2026-01-11", "participants": ["ssp", "politi"], "cases": sorted(words)},
    )
    assert list(audit.verify(workspace)) == []


def test_the_state_and_deadlines_that_follow_stand_in_the_register(town: Home):
    found = opened(town, "2026-0002", "2026-0005")
    gate = {**joint(decided="2026-06-22"), "case": "2026-0002", "step": "triage"}
    meeting.write_minutes(town.workspace(), found, meeting.read_minutes(found, stream(gate, FOLLOWED)), NOW)
    rows = town.workspace().store.register.journals
    assert rows["cases/2026-0002"].state == "accepted"
    assert ("follow-up", "2026-09-01", None) in rows["cases/2026-0005"].due


def test_whatever_is_wrong_is_named_by_document_and_nothing_is_written(town: Home):
    opened(town)
    assert refused(town, NOTED, {**FOLLOWED, "next": "snart"}) == [(2, ("next",))]
    assert refused(town, FOLLOWED, {"case": "2026-0003"}) == [(2, ("text",))]
    assert refused(town, NOTED, {**FOLLOWED, "case": "2025-0001"}) == [(2, ())]  # no follow-up without a plan
    assert refused(town, NOTED, {"text": "hvem?"}) == [(2, ("case",))]
    assert refused(town, NOTED, {"case": 7, "text": "hvem?"}) == [(2, ("case",))]
    assert refused(town, NOTED, {"case": "2026-0005", "step": "middag"}) == [(2, ("step",))]
    assert refused(town, NOTED, {"case": "2026-0005", "step": "create"}) == [(2, ("step",))]


def test_one_case_comes_once_and_only_when_it_is_on_the_agenda(town: Home):
    found = opened(town)
    assert refused(town, NOTED, FOLLOWED, NOTED) == [(3, ("case",))]
    assert refused(town, {**NOTED, "case": "2026-0004"}) == [(None, ("case",))]
    meeting.write_minutes(town.workspace(), found, meeting.read_minutes(found, stream(NOTED)), NOW)
    assert refused(town, NOTED) == [(None, ("case",))]
    again = meeting.find(town.workspace(), 1)
    meeting.write_minutes(town.workspace(), again, meeting.read_minutes(again, stream(FOLLOWED)), NOW)
    assert meeting.find(town.workspace(), 1).written == ("2026-0003", "2026-0005")


def test_a_step_that_is_not_possible_is_refused_as_the_step_itself_would_be(town: Home):
    found = opened(town)
    forms = meeting.read_minutes(found, stream({**FOLLOWED, "case": "2026-0003"}))
    with pytest.raises(IllegalStepError):
        meeting.write_minutes(town.workspace(), found, forms, NOW)


def test_an_unknown_meeting_is_named(town: Home):
    opened(town)
    assert meeting.find(town.workspace(), 1).date == "2026-01-10"
    with pytest.raises(UnknownMeetingError):
        meeting.find(town.workspace(), 2)


def test_two_cases_that_are_linked_in_one_sitting_name_each_other(town: Home):
    found = opened(town)
    linked = {"case": "2026-0003", "step": "link", "related": ["2026-0005"]}
    meeting.write_minutes(town.workspace(), found, meeting.read_minutes(found, stream(linked, FOLLOWED)), NOW)
    assert town.case("2026-0005")["related"] == ["2026-0003"]
    assert list(audit.verify(town.workspace())) == []


# --- the commands -----------------------------------------------------------------------------------------------------


def test_a_meeting_from_agenda_to_minutes(town: Home):
    today = ("--today", "2026-06-22")
    told = json.loads(town.ok(*today, "meeting", "open", "6", "--on", "2026-06-25", "--format", "json"))
    assert (told["meeting"], told["date"], told["held"]) == (1, "2026-06-25", None)
    by_case = {line["case"]: line for line in told["cases"]}
    assert by_case["2026-0003"] == {
        "case": "2026-0003", "state": "accepted", "due": [{"clock": "core-group", "due": "2026-04-10"}],
        "step": "assess", "written": False,
    }  # fmt: skip
    assert (by_case["2026-0006"]["state"], by_case["2026-0006"]["due"]) == ("closed", [])
    text = town.ok(*today, "meeting", "show", "1")
    assert text.startswith(f"meeting 1, 2026-06-25: {len(by_case)} cases\n")
    assert max(map(len, text.splitlines())) <= 80
    typed = stream(NOTED, FOLLOWED)
    said = town.ok(*today, "meeting", "minutes", "1", "--from", "-", "--present", "ssp", typed=typed)
    assert [line.partition(":")[0] for line in said.splitlines()] == ["2026-0003", "2026-0005"]
    (row,) = json.loads(town.ok("meeting", "list", "--format", "json"))
    assert (row["meeting"], row["held"], row["written"]) == (1, "2026-06-25", ["2026-0003", "2026-0005"])
    town.ok("verify")
    assert "document 2" not in town.fails(12, "meeting", "minutes", "1", "--from", "-", typed=stream(NOTED))
    assert "meeting list" in town.fails(10, "meeting", "show", "9")


def test_more_than_three_cases_want_a_yes(town: Home):
    opened(town, "2026-0001", "2026-0002", "2026-0003", "2026-0004")
    typed = stream(*({**note(), "case": f"2026-000{serial}"} for serial in range(1, 5)))
    assert "--yes" in town.fails(2, "meeting", "minutes", "1", "--from", "-", typed=typed)
    assert len(town.ok("meeting", "minutes", "1", "--from", "-", "--yes", typed=typed).splitlines()) == 4


def test_nobody_can_sit_without_a_terminal(town: Home):
    opened(town)
    assert "--from" in town.fails(2, "meeting", "minutes", "1")


# --- at the keyboard --------------------------------------------------------------------------------------------------

# Passes the first case over (as it is), and the second (emptied); types a note or a follow-up in what comes then.
SITTING = """
text = form.read_text()
if "2025-0001" in text:
    sys.exit()
if "2026-0003" in text:
    form.write_text("")
else:
    assert text.startswith("# 3/3: 2026-0005, case plan under way")
    assert "status: \\"not-started\\"" in text
    form.write_text(text.replace('next: ""', 'next: "2026-09-01"').replace("not-started", "ongoing"))
"""
# Fills in the first, and gives the second up with a mistake in it.
ABANDONED = """
text = form.read_text()
if "2025-0001" in text:
    form.write_text("gate: police\\noutcome: clear\\ndecided: 2026-06-22\\nreason: Kanariefugl\\n")
elif "unknown" not in text:
    form.write_text("unknown: x\\n")
"""


@memory
def test_a_sitting_writes_what_was_filled_in_and_passes_the_others_over(town: Home):
    opened(town)
    assert at_the_keyboard(town, SITTING, "meeting", "minutes", "1", "--present", "ssp") == 0
    assert meeting.find(town.workspace(), 1).written == ("2026-0005",)
    assert town.case("2026-0005")["measures"][0]["status"] == "ongoing"
    assert kept(town) == []


@memory
def test_a_sitting_that_is_abandoned_keeps_every_form_and_writes_nothing(town: Home):
    opened(town)
    before = town.workspace().store.register.number
    assert at_the_keyboard(town, ABANDONED, "meeting", "minutes", "1") == 130
    assert town.workspace().store.register.number == before
    drafts = sorted(name.split("-", 2)[2] for name in kept(town))  # draft-<n>-<case>-<step>
    assert drafts == ["2025-0001-triage.age", "2026-0003-assess.age"]


@memory
def test_a_sitting_in_which_nothing_is_filled_in_writes_nothing(town: Home):
    opened(town)
    assert at_the_keyboard(town, "sys.exit()", "meeting", "minutes", "1") == 130
    assert meeting.find(town.workspace(), 1).held is None
    assert kept(town) == []


def test_minutes_written_by_somebody_else_meanwhile_are_not_written_twice(town: Home) -> None:
    workspace = town.workspace()
    number = meeting.open_meeting(workspace, ["2026-0003"], EARLY, 0, NOW).number
    late = town.workspace()
    forms = meeting.read_minutes(meeting.find(late, number), stream(NOTED))
    there = meeting.find(late, number)
    meeting.write_minutes(workspace, meeting.find(workspace, number), forms, NOW)
    with pytest.raises(MovedOnError):
        meeting.write_minutes(late, there, forms, NOW)
    assert len(town.case("2026-0003")["notes"]) == 1
