"""A case that may only be kept is nowhere else; an erased one is gone, and what was done still answers."""

import json

import invented
import pytest
from cli_kit import Home

CASE, GONE, OPEN = "2026-0005", "2026-0007", "2026-0001"
ERASE = {"archive": "discarded", "rule": "kassationsbestemmelsen, afsnit 4", "reason": "Udløbet"}


@pytest.fixture
def held(town: Home) -> Home:
    assert town.write("note", CASE, invented.note(text="Rørsangeren sang")).code == 0
    assert CASE in town.ok("search", "--from", "-", typed="Rørsangeren")
    assert town.write("restrict", CASE, invented.restrict()).code == 0
    return town


def test_a_restricted_case_is_in_no_search_agenda_minutes_document_or_export(held: Home) -> None:
    assert CASE not in held.ok("search", "--from", "-", typed="Rørsangeren")
    held.fails(11, "meeting", "open", "--on", "2026-07-01", CASE)
    made = held.ok("meeting", "open", "--on", "2026-07-01", "--within", "400", "--format", "json")
    assert CASE not in made
    for words in (("plan",), ("case-sheet",), ("receipt",), ("information",)):
        held.fails(11, "document", CASE, *words, "--plain")
    held.fails(11, "export", CASE, "--out", "out", "--plain")
    held.fails(11, "close", CASE, "--from", "-", typed=json.dumps(invented.close()))
    assert "Rørsangeren" in held.ok("access", CASE, "--plain"), "what the person has a right to all the same"


def test_lifting_asks_whether_the_person_was_told(held: Home) -> None:
    lifted = invented.restrict(restricted=False)
    assert "lifted without a word" in held.write("restrict", CASE, lifted).err
    assert held.write("restrict", CASE, invented.restrict()).code == 0
    assert "lifted without a word" not in held.write("restrict", CASE, lifted | {"told": "2026-06-21"}).err


def test_whoever_has_it_can_be_told_while_it_is_restricted(held: Home) -> None:
    held.fails(11, "share", CASE, "--from", "-", typed=json.dumps(invented.share()))
    told = invented.share(basis="statute", provision="databeskyttelsesforordningen artikel 19")
    assert held.write("share", CASE, told).code == 0


def test_what_was_done_in_an_erased_case_still_answers_without_the_person(town: Home) -> None:
    party = {"organisation": "Opdigtet Klinik"}
    assert town.write("share", GONE, invented.share(party=party)).code == 0
    before = json.loads(town.ok("disclosures", "--format", "json"))
    told = town.run("erase", GONE, "--from", "-", "--yes", typed=json.dumps(ERASE))
    assert told.code == 0
    assert "2 recipients to be told" in told.err and "art. 19" in told.err
    assert "Opdigtet Klinik" in told.out and "Politi" in told.out, (
        "who is to be told is a result, named once it is gone"
    )
    assert "Opdigtet Klinik" not in told.err and "Politi" not in told.err
    assert json.loads(town.ok("disclosures", "--format", "json")) == before
    (row,) = json.loads(town.ok("retention", "--done", "--format", "json"))
    assert (row["case"], row["rule"], row["archive"]) == (GONE, ERASE["rule"], "discarded")
    assert town.workspace().store.register.erased[GONE][1] == row["code"] == "police"
    assert town.run("verify").code == 0


def test_it_is_said_how_early_an_erasure_is_and_the_archive_gives_a_receipt(town: Home) -> None:
    form = ERASE | {"archive": "preserved"}
    assert "receipt" in town.fails(12, "erase", "2026-0008", "--from", "-", "--yes", typed=json.dumps(form))
    told = town.run(
        "--today",
        "2026-05-01",
        "erase",
        "2026-0008",
        "--from",
        "-",
        "--yes",
        typed=json.dumps({**form, "receipt": "nr. 7"}),
    )
    assert told.code == 0 and "before its time is up" in told.err
    assert town.workspace().store.register.erased["2026-0008"][1] == "other"


def test_a_protected_address_is_named_before_it_leaves_and_in_check(town: Home) -> None:
    residence = {"municipality": "Ballerup", "protected": True}
    subject = {"kind": "person", "name": "Barn Opdigtet", "born": "2012-05-05", "contact": "Hemmelig Vej 1"}
    form = json.dumps(invented.create(subject={**subject, "residence": residence}))
    case = town.ok("create", "--from", "-", typed=form).strip()
    answer = town.run("document", case, "access", "--plain", "--out", "a.txt")
    assert answer.code == 0 and "protected" in answer.err
    answer = town.run("check")
    assert any(case in line and "protected" in line for line in (answer.out + answer.err).splitlines())
