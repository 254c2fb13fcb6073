"""The invented concerns of templates/examples: sound, lawful in their order, and together covering the domain."""

import re
from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from ballerup_cli.core.cases.case import Case
from ballerup_cli.core.cases.clocks import due_on
from ballerup_cli.core.cases.rules import Context
from ballerup_cli.core.cases.steps import STEPS, advance, breaches, oddities, permit
from ballerup_cli.core.entry import Entry
from ballerup_cli.core.network.pladen import fold_pladen
from ballerup_cli.core.vocabulary import Vocabulary
from ballerup_cli.services.store.calendar import Calendar
from ballerup_cli.storage.text import codec, schema

ROOT = Path(__file__).parents[2] / "templates" / "examples"
FOLDERS = sorted(path.name for path in ROOT.iterdir() if path.is_dir())
CONCERNS = [name for name in FOLDERS if name != "00-walk"]
FILES = sorted(ROOT.glob("*/*"))
TODAY = "2026-11-20"

VOCABULARY = Vocabulary.from_dict(schema.vocabulary())
PLADEN = fold_pladen([Entry(number=1, step="found", at=TODAY, by="anna", body={"members": VOCABULARY.starters})])
CONTEXT = Context(pladen=PLADEN, vocabulary=VOCABULARY, today=TODAY)


@cache
def forms(folder: str) -> list[tuple[str, Any]]:
    """Every form of a folder in its order, as its step and its settled value."""
    ordered = sorted((ROOT / folder).glob("*.yaml"), key=lambda path: int(path.name.split("-")[0]))
    return [(step_of(path), schema.settle(step_of(path), read(path))) for path in ordered]


def step_of(path: Path) -> str:
    return path.stem.split("-", 1)[1]


def read(path: Path) -> Any:
    (document,) = codec.read_forms(path.read_bytes())
    return document.value


@cache
def folded(folder: str) -> Case:
    """The case after all its forms, each permitted and without breaches where it stands."""
    case, at = None, ""
    for number, (step, body) in enumerate(forms(folder), start=1):
        permit(step, case, body)
        assert breaches(step, case, body, CONTEXT) == [], (folder, number)
        at = body.get(STEPS[step].happened or "", at)
        entry = Entry(number=number, step=step, at=at, by="anna", body=body)
        case = advance(case or Case(number="2026-0001"), entry)
    assert case is not None
    return case


def bodies(step: str) -> list[Any]:
    return [body for folder in FOLDERS for name, body in forms(folder) if name == step]


def cases() -> list[Case]:
    return [folded(folder) for folder in CONCERNS]


def texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for item in value.values() if isinstance(value, dict) else value:
            yield from texts(item)


def due(case: Case) -> list[date]:
    calendar, settings = Calendar(schema.defaults()), schema.defaults()
    return [date.fromisoformat(item.due[:10]) for item in due_on(case, settings, calendar)]


# --- each form --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_every_form_is_sound_as_it_is_typed(path):
    assert re.fullmatch(r"[0-9]{1,2}-[a-z-]+\.yaml", path.name)
    assert path.read_text(encoding="utf-8").startswith("# ")
    value = read(path)
    assert schema.check(step_of(path), schema.settle(step_of(path), value)) == []
    assert schema.settle(step_of(path), value).keys() == value.keys(), "an example leaves out what it does not say"


@pytest.mark.parametrize("folder", FOLDERS)
def test_the_forms_of_a_folder_count_up_and_sort_as_they_are_entered(folder):
    assert re.fullmatch(r"[0-9]{2}(-[a-z]+)+", folder)
    names = sorted(path.name for path in (ROOT / folder).iterdir())
    assert [int(name.split("-")[0]) for name in names] == list(range(1, len(names) + 1))
    assert step_of(Path(names[0])) == "create"


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_no_form_holds_anything_that_looks_like_a_cpr_or_telephone_number(path):
    text = path.read_text(encoding="utf-8")
    assert not re.search(r"\d{6}-?\d{4}", text)
    assert set(re.findall(r"\b\d\d ?\d\d ?\d\d ?\d\d\b", text)) <= {"00 00 00 00"}
    assert "cpr" not in text


@pytest.mark.parametrize("folder", FOLDERS)
def test_every_step_is_lawful_and_the_days_run_forward(folder):
    case = folded(folder)
    days = [body[STEPS[step].happened][:10] for step, body in forms(folder) if STEPS[step].happened]
    assert days == sorted(days)
    assert case.received_day == days[0] and days[-1] <= TODAY


def test_the_newest_concern_is_odd_for_its_open_notice_and_older_ones_for_the_disclosure_that_nobody_wrote():
    odd = {}
    for folder in FOLDERS:
        case = None
        for number, (step, body) in enumerate(forms(folder), start=1):
            for finding in oddities(step, case, body, CONTEXT):
                if finding.path[-1:] != ("protected",):  # two live at addresses that are kept back
                    odd.setdefault(folder, []).append((step, finding.path))
            case = advance(case or Case(number=""), Entry(number=number, step=step, at=TODAY, by="", body=body))
    told = {folder for folder in FOLDERS if odd.get(folder) == [("triage", ())]}
    assert {folder for folder in told if folded(folder).intake["received_by"] == "police"} == set()
    assert {folder: odd[folder] for folder in odd.keys() - told} == {CONCERNS[-1]: [("create", ("notice", "status"))]}
    assert "00-walk" not in odd, "the walk writes it down"


def test_the_words_are_worth_reading():
    for folder in CONCERNS:
        assert len(folded(folder).intake["concern"]) > 200, folder
    for body in bodies("assess"):
        assert len(body["conclusion"]) > 60
    lengths = [sum(map(len, texts(body))) for body in bodies("assess")]
    assert sorted(lengths)[1] > 1000  # all but the walk's, which fits a terminal


def test_no_code_is_written_where_danish_belongs():
    for step, body in ((step, body) for folder in FOLDERS for step, body in forms(folder)):
        for name in ("concern", "conclusion", "reason", "proportionality", "cooperation", "evaluated", "tried"):
            assert not re.search(r"\b(aa|oe|ae)\w*-|under-18|18-plus", body.get(name, "")), step


# --- together ---------------------------------------------------------------------------------------------------------


def test_there_are_enough_concerns_in_the_order_they_came():
    received = [folded(folder).received_day for folder in CONCERNS]
    assert len(CONCERNS) >= 14
    assert received == sorted(received)
    assert {day[:4] for day in received} == {"2026"}
    assert len({day[:7] for day in received}) >= 9


def test_persons_and_groups_of_every_age():
    kinds = {(case.intake["subject"]["kind"], case.age_band) for case in cases()}
    assert kinds >= {("person", "under-18"), ("person", "18-plus"), ("group", "under-18")}
    assert {band for _, band in kinds} == set(VOCABULARY.codes("age-band"))


def test_every_state_gate_and_tier():
    assert {case.state for case in cases()} == set(VOCABULARY.codes("state"))
    assert {item["gate"] for case in cases() for item in case.closings} == {None, *VOCABULARY.codes("gate")}
    assert {case.tier for case in cases()} == {None, *VOCABULARY.codes("tier")}


def test_the_last_gate_is_met_with_a_plan_and_by_nobody_who_moves_or_declines():
    told = [item for case in cases() for item in case.closings]
    assert {(item["state"], item["outcome"]) for item in told if item["gate"] == "plan"} >= {("planned", "completed")}
    cut_short = {(item["state"], item["outcome"]) for item in told if item["closed_before"] == "plan"}
    assert cut_short >= {("planned", "moved"), ("assessed", "declined")}


def test_every_other_way_to_end_is_there():
    outcomes = {item["outcome"] for case in cases() for item in case.closings}
    assert outcomes >= {"police-takes-over", "no-basis", "unfounded", "handed-over"}


def test_a_closed_case_is_opened_again_and_keeps_its_old_gate():
    reopened = [case for case in cases() if case.written("reopen")]
    assert [(case.state, case.closings[0]["gate"]) for case in reopened] == [("planned", "joint")]


def test_every_ring_with_members_refers_and_some_members_more_than_once():
    members = Counter(case.intake["referrer"].get("member") for case in cases())
    rings = {PLADEN.members[code].ring for code in members if code}
    assert rings == {member.ring for member in PLADEN.members.values()}
    assert {code for code, count in members.items() if code and count > 1} == {
        "hedegaardsskolen",
        "klub-nord",
        "headspace",
        "tec-ballerup",
    }


def test_referrers_outside_pladen():
    others = {case.intake["referrer"].get("other") for case in cases()}
    assert others >= {"self", "relative", "citizen", "colleague", "anonymous", "police"}


def test_every_attention_point_and_every_kind_of_observation():
    seen = [item for case in cases() for item in case.observations]
    assert {item["sign"] for item in seen if "sign" in item} == set(VOCABULARY.codes("sign"))
    assert {item["source"] for item in seen} == set(VOCABULARY.codes("source"))
    assert {item["status"] for item in seen} == set(VOCABULARY.codes("observation-status"))


def test_no_assessment_cites_what_was_refuted():
    for case in cases():
        refuted = {item["number"] for item in case.observations if item["status"] == "refuted"}
        for entry in case.written("assess"):
            assert not refuted & set(entry.body.get("observations", ()))


def test_both_catalogues_are_used_up():
    chosen = {item["measure"] for case in cases() for item in case.measures}
    for measure in VOCABULARY.codes("measure"):
        if VOCABULARY.term("measure", measure)["catalogue"] != "none":
            assert measure in chosen, measure


def test_every_dimension_is_written_on_somewhere():
    written = {name for body in bodies("assess") for name in body.get("dimensions", {})}
    assert written == set(VOCABULARY.codes("dimension"))


def test_what_the_team_recommends_is_later_granted_or_refused():
    asked = {(folder, measure["measure"]) for folder in CONCERNS for measure in recommended(folder)}
    settled = {
        (folder, item["measure"]): item["visitation"]
        for folder in CONCERNS
        for item in folded(folder).measures
        if (folder, item["measure"]) in asked
    }
    assert set(settled.values()) == {"recommended", "granted", "refused"}
    assert list(settled.values()).count("granted") >= 3


def recommended(folder: str) -> Iterator[Any]:
    for step, body in forms(folder):
        if step == "plan":
            yield from (item for item in body["measures"] if item.get("visitation") == "recommended")


def test_a_revised_plan_continues_its_measures():
    for folder in CONCERNS:
        plans = [body for step, body in forms(folder) if step == "plan"]
        if len(plans) > 1:
            assert len(folded(folder).measures) == len(plans[0]["measures"]), folder
            assert all(item["in_plan"] for item in folded(folder).measures), folder


def test_sessions_are_planned_and_held():
    measures = [item for case in cases() for item in case.measures]
    assert any(item.get("sessions_planned") == item["sessions_held"] > 0 for item in measures)
    assert any(item.get("sessions_planned", 0) > item["sessions_held"] > 0 for item in measures)


def test_every_provision_is_one_the_municipality_can_rest_on():
    named = {item["provision"] for case in cases() for item in case.measures}
    assert named == {
        "almen indsats",
        "barnets lov § 32",
        "barnets lov § 46",
        "serviceloven § 85",
        "serviceloven § 99",
        "serviceloven § 107",
    }


def test_the_statutory_plan_fits_the_age():
    for case in cases():
        for entry in case.written("plan"):
            kind = entry.body.get("statutory_plan", {}).get("kind")
            assert kind not in (("handleplan-141",) if case.under_18 else ("barnets-plan", "ungeplan"))
    kinds = {body["statutory_plan"]["kind"] for body in bodies("plan") if "statutory_plan" in body}
    assert kinds >= {"barnets-plan", "ungeplan", "handleplan-141", "none"}


def test_contacts_of_every_important_kind():
    about = {body["about"] for body in bodies("contact")}
    assert about >= {"notice-assessed", "receipt", "information", "exception", "feedback", "consent", "conversation"}
    (exception,) = (body for body in bodies("contact") if body["about"] == "exception")
    assert exception.keys() >= {"provision", "reason", "review"}


def test_one_concern_is_acute_and_says_what_was_done():
    acute = [case.intake for case in cases() if case.intake.get("acute")]
    assert len(acute) == 1 and acute[0]["acute_action"]


def test_a_closed_plan_answers_for_everything():
    for case in [*cases(), folded("00-walk")]:
        if case.closing and case.closing["gate"] == "plan":
            answered = Counter(
                name for answer in case.closing["answers"] for name in answer if name not in ("answer", "note")
            )
            assert answered["observation"] == len(case.observations)
            assert answered["risk"] == len(case.risks)
            assert answered["measure"] == len(case.measures)


def test_on_the_day_of_the_demonstration_some_is_overdue_and_some_comes_within_a_week():
    today = date.fromisoformat(TODAY)
    days = {folder: due(folded(folder)) for folder in FOLDERS}
    late = {folder for folder, when in days.items() if any(day < today for day in when)}
    soon = {folder for folder, when in days.items() if any(today <= day <= today + timedelta(days=7) for day in when)}
    running = {folder for folder in CONCERNS if folded(folder).state != "closed"}
    assert len(late & running) >= 3 and len(soon & running) >= 3
    assert running - late, "not everybody is late"


# --- the walk ---------------------------------------------------------------------------------------------------------


def test_the_walk_takes_every_step_of_the_flow_once():
    assert [step for step, _ in forms("00-walk")] == [
        "create",
        "contact",
        "share",
        "contact",
        "triage",
        "triage",
        "contact",
        "assess",
        "plan",
        "follow-up",
        "close",
    ]
    case = folded("00-walk")
    assert (case.state, case.tier, case.closings[-1]["outcome"]) == ("closed", "foregribende", "completed")
    assert case.intake["referrer"]["member"] == "hedegaardsskolen"
    assert len(case.measures) == 2


def test_the_walk_fits_a_terminal_form_by_form():
    for path in (ROOT / "00-walk").iterdir():
        lines = path.read_text(encoding="utf-8").splitlines()
        assert len(lines) <= 23 and max(map(len, lines)) <= 80, path.name
