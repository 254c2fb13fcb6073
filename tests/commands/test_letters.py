"""Every document about every kind of case, in both languages and forms; and what none of them may tell."""

import json
import re
from pathlib import Path
from typing import Any

import invented
import pytest
from cli_kit import Home

from ballerup_cli.errors import LetterLacksError, LetterUnfitError, UnknownEntryError
from ballerup_cli.services.documents import documents, papers, typeset
from ballerup_cli.services.documents.letter_facts import Ask
from ballerup_cli.services.documents.papers import PAPERS
from ballerup_cli.services.store.workspace import Workspace
from ballerup_cli.storage.text import schema

TODAY = "2026-06-22"
CONTACTS = {"contacts": {"phone": "00 00 00 00", "dpo": {"email": "dpo@example.org"}}}
BIRD = "Rørspurven"
TELLING = invented.create(
    referrer={"member": "klub-nord", "function": "klubleder", "name": f"{BIRD} En", "contact": f"{BIRD} to"},
    subject={
        "kind": "person",
        "name": f"{BIRD} Tre",
        "born": "2012-01-01",
        "guardians": [{"name": f"{BIRD} Fire", "contact": f"{BIRD} fem"}],
    },
    place={"text": f"{BIRD} seks"},
    concern=f"{BIRD} syv",
    observations=[{"text": f"{BIRD} otte"}],
)


def reachable(home: Home) -> Workspace:
    """The home's store, whose settings say how to reach us."""
    workspace = home.workspace()
    vars(workspace)["settings"] = schema.layered(dict(workspace.settings), CONTACTS)
    return workspace


def text(home: Home, kind: str, case: str, language: str = "da") -> str:
    document = papers.compose(reachable(home), kind, case, None, language, TODAY).document
    return documents.as_text(document, 80)


@pytest.fixture
def told(town: Home) -> tuple[Home, str]:
    case = town.ok("create", "--from", "-", typed=json.dumps(TELLING)).strip()
    return town, case


@pytest.mark.parametrize("language", ["da", "en"])
@pytest.mark.parametrize("kind", PAPERS)
def test_every_document_is_whole_for_every_case(ready_home: Home, kind: str, language: str) -> None:
    workspace, made = reachable(ready_home), 0
    for case in workspace.store.cases():
        try:
            document = papers.compose(workspace, kind, case, None, language, TODAY).document
        except (UnknownEntryError, LetterUnfitError, LetterLacksError):
            continue
        made += 1
        page = documents.as_html(document)
        assert f'<html lang="{language}">' in page and "<script" not in page and "undefined" not in page.lower()
        assert case in documents.as_text(document, 80)
    assert made or kind in ("slip", "minutes", "hearing", "decision", "feedback", "answer")


@pytest.mark.parametrize("kind", PAPERS)
def test_every_document_is_an_accessible_page(told: tuple[Home, str], kind: str) -> None:
    home, case = told
    steps = [("share", invented.share()), ("triage", invented.police()), ("triage", invented.joint())]
    plan = invented.plan(invented.measure(reason="Der er brug for en voksen"))
    ended = [("close", invented.close())] if kind == "feedback" else []
    if kind == "answer":
        asked = [
            json.dumps({name: told for name, told in form.items() if name != "number"})
            for _, form in invented.request()
        ]
        home.ok("request", "open", case, "--from", "-", typed=asked[0])
        home.ok("request", "decide", "R2026-001", "--from", "-", typed=asked[1])
        home.ok("request", "answer", "R2026-001", "--from", "-", typed=asked[2])
    for step, form in (*steps, ("assess", invented.assess()), ("plan", plan), *ended):
        assert home.write(step, case, form).code == 0
    document = papers.compose(reachable(home), kind, case, None, "da", TODAY, ask=Ask(draft=plan)).document
    pdf = typeset.as_pdf(document)
    assert pdf.startswith(b"%PDF-") and b"/StructTreeRoot" in pdf


@pytest.mark.parametrize("kind", ["receipt", "feedback", "information", "consent"])
def test_letters_tell_nothing_of_the_case_but_to_whom_they_are_written(told: tuple[Home, str], kind: str) -> None:
    home, case = told
    if kind == "feedback":
        assert home.write("close", case, invented.close("other")).code == 0
    page = text(home, kind, case)
    addressed = {
        "receipt": {"En"},
        "feedback": {"En"},
        "information": {"Tre", "Fire", "fem"},
        "consent": {"Tre", "Fire"},
    }[kind]
    assert set(re.findall(rf"{BIRD} (\w+)", page)) == addressed
    assert "Klub Nord" not in page


def test_the_referrer_is_told_the_sentence_that_reveals_nothing(told: tuple[Home, str]) -> None:
    home, case = told
    assert home.write("close", case, invented.close("other")).code == 0
    assert schema.defaults()["sentences"]["feedback"]["da"] in " ".join(text(home, "feedback", case).split())


def test_access_gives_all_that_is_written_but_who_others_are(told: tuple[Home, str]) -> None:
    home, case = told
    page = text(home, "access", case)
    assert all(f"{BIRD} {word}" in page for word in ("Tre", "syv", "otte"))
    assert not any(f"{BIRD} {word}" in page for word in ("En", "to", "Fire", "fem", "seks"))
    assert "Klub Nord" not in page and "klubleder" not in page.lower()
    assert "[udeladt]" in page


def test_what_was_corrected_is_marked_wrong_and_what_was_taken_out_is_gone(told: tuple[Home, str]) -> None:
    home, case = told
    assert home.write("correct", case, invented.correct("concern", "Noget andet")).code == 0
    page = text(home, "access", case)
    assert "må ikke bruges" in page and f"{BIRD} syv" in page and "Noget andet" in page
    assert home.write("redact", case, invented.redact("observations.1.text")).code == 0
    assert f"{BIRD} otte" not in text(home, "access", case)


def test_codes_are_said_in_words(told: tuple[Home, str]) -> None:
    home, case = told
    for language, words in (("da", "den kommunale tovholder"), ("en", "the municipal coordinator")):
        page = text(home, "case-sheet", case, language)
        assert words in page
        assert not re.search(r"received_by|under-18|first-hand", page)


def test_a_child_has_guardians_who_sign_and_a_grown_up_has_none(told: tuple[Home, str]) -> None:
    home, case = told
    grown = invented.create(subject={"kind": "person", "age_band": "18-plus"})
    other = home.ok("create", "--from", "-", typed=json.dumps(grown)).strip()
    assert "Forældremyndighedsindehaver" in text(home, "consent", case)
    assert "Forældremyndighedsindehaver" not in text(home, "consent", other)
    assert "§ 137" in text(home, "receipt", case) and "§ 137" not in text(home, "receipt", other)


def test_the_plan_shows_sessions_held_beside_those_planned(town: Home) -> None:
    plan = invented.plan(invented.measure("mentor", sessions_planned=8))
    assert town.write("plan", "2026-0004", plan).code == 0
    held: Any = invented.follow_up({"number": 1, "status": "ongoing", "sessions_held": 3})
    assert town.write("follow-up", "2026-0004", held).code == 0
    assert "3/8" in text(town, "plan", "2026-0004")


def test_access_leaves_sealed_or_is_logged(told: tuple[Home, str]) -> None:
    home, case = told
    home.fails(2, "access", case)
    answer = home.run("access", case, "--out", "access.age")
    assert "contacts.phone is not set" in answer.err and "contacts.dpo.email is not set" in answer.err
    assert answer.code == 0 and "read it before you hand it out" in answer.err
    assert Path(home.work / "access.age").read_bytes().startswith(b"age-encryption.org/v1")
    assert BIRD in home.ok("access", case, "--plain")
    log = [entry.body for entry in home.workspace().store.entries("log")]
    assert [(told["case"], told["document"]) for told in log] == [(case, "access")]
    assert home.run("verify").code == 0


@pytest.mark.parametrize("language", ["da", "en"])
@pytest.mark.parametrize("kind", papers.OFFICER)
def test_the_officer_s_documents_say_what_the_settings_say(ready_home: Home, kind: str, language: str) -> None:
    workspace = ready_home.workspace()
    document = papers.for_officer(workspace, kind, language, TODAY)
    page = documents.as_html(document)
    for rule in schema.defaults()["retention"].values():
        assert rule["label"][language].partition('"')[0] in page
    assert typeset.as_pdf(document).startswith(b"%PDF-")
    assert not any(case in page for case in workspace.store.cases())


def test_others_are_named_only_for_a_reason_that_is_written_down(told: tuple[Home, str]) -> None:
    home, case = told
    why = {"named": ["referrer"], "rule": "artikel 15, stk. 4", "reason": "Den, der henvendte sig, har sagt ja"}
    masked = home.ok("access", case, "--plain")
    page = home.ok("access", case, "--plain", "--unmask", "-", typed=json.dumps(why))
    shown = {word for word in ("En", "to", "Fire", "fem", "seks") if f"{BIRD} {word}" in page}
    assert shown and not any(f"{BIRD} {word}" in masked for word in shown)
    both = {**why, "named": ["referrer", "others"]}
    page = home.ok("access", case, "--plain", "--unmask", "-", typed=json.dumps(both))
    assert "[left out]" not in page and all(f"{BIRD} {word}" in page for word in ("En", "to", "Fire", "fem", "seks"))
    log = [entry.body for entry in home.workspace().store.entries("log") if entry.step == "unmask"]
    assert log == [{"case": case, **why}, {"case": case, **both}]
    assert home.run("verify").code == 0


def test_a_reason_is_wanted_and_names_nobody(told: tuple[Home, str]) -> None:
    home, case = told
    for changed in ({"reason": ""}, {"named": ["everybody"]}, {"reason": "Ringede om 0101900000"}):
        why = {"named": ["referrer"], "rule": "artikel 15, stk. 4", "reason": "Har sagt ja", **changed}
        home.fails(12, "access", case, "--plain", "--unmask", "-", typed=json.dumps(why))


def test_the_letters_that_are_due_are_written_in_one_go_each_by_itself(told: tuple[Home, str]) -> None:
    home, case = told
    home.ok("settings", "set", "--from", "-", typed=json.dumps(CONTACTS))
    waiting = papers.waiting(home.workspace(), "information")
    answer = home.run("document", "--all", "information", "--out", "breve")
    names = [Path(line).name for line in answer.out.splitlines()]
    refused = set(re.findall(r"^ballerup: (20\d\d-\d{4}): ", answer.err, re.MULTILINE))
    assert case in waiting and len(waiting) > 1 and f"{case}-information.txt.age" in names
    assert {name[:9] for name in names} == {*waiting} - refused
    assert answer.code == (3 if refused else 0) and BIRD not in answer.err
    assert f"{len(names)} document" in answer.err and f"{len(refused)} refused" in answer.err
    assert sorted(path.name for path in (home.work / "breve").iterdir()) == names
    assert [look["what"] for look in json.loads(home.ok("log", "show", case, "--format", "json"))][-1] == "document"
    again = home.run("document", "--all", "information", "--out", "breve")
    assert (again.code, again.out) == (3, ""), "nothing is written over"


def test_all_letters_go_with_no_case_and_want_a_folder(told: tuple[Home, str]) -> None:
    home, case = told
    assert "--all" in home.fails(2, "document", case, "--all", "information", "--out", "breve")
    assert "--out" in home.fails(2, "document", "--all", "information")
    home.fails(2, "document", "--all", "slip", "--out", "breve")
    assert "CASE" in home.fails(2, "document", case)
