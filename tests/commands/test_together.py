"""Cases that belong together: linked, split off a group, handed over; and persons known before."""

import json
from datetime import date

import invented
from cli_kit import Home, take_in

from ballerup_cli.services.cases import casework

GROUP = invented.create(
    subject={"kind": "group"},
    referrer={"member": "klub-nord", "name": "Ronja Prøvesen", "contact": "kontoret", "wants_feedback": True},
    observations=[
        {"text": "Samles ved stationen", "sign": "omgang"},
        {"text": "Bar ens jakker", "sign": "symboler", "source": "first-hand"},
    ],
)


def test_linked_cases_name_each_other_and_once_only(town: Home) -> None:
    answer = town.write("link", "2026-0003", {"related": ["2026-0001", "2026-0007"], "reason": "Samme dreng"})
    assert answer.code == 0, answer
    assert town.case("2026-0003")["related"] == ["2026-0001", "2026-0007"]
    assert town.case("2026-0001")["related"] == ["2026-0003"]
    assert town.case("2026-0007")["related"] == ["2026-0003"], "a closed case is told too"
    assert town.case("2026-0001")["links"][0]["form"] == {"related": ["2026-0003"]}, "the reason stays where it stands"
    before = town.case("2026-0001")
    assert town.write("link", "2026-0003", {"related": ["2026-0001"]}).code == 0
    assert town.case("2026-0001") == before
    assert "2026-0003" in town.ok("show", "2026-0001")
    assert town.run("verify").code == 0


def test_a_link_to_nothing_or_to_itself_is_refused_and_many_are_asked_about(town: Home) -> None:
    form = json.dumps({"related": ["2026-0099"]})
    assert "no such case" in town.fails(12, "link", "2026-0003", "--from", "-", typed=form)
    form = json.dumps({"related": ["2026-0003"]})
    assert "this is the case itself" in town.fails(12, "link", "2026-0003", "--from", "-", typed=form)
    form = json.dumps({"related": ["2026-0001", "2026-0002", "2026-0004"]})
    assert "4 existing cases" in town.fails(2, "link", "2026-0003", "--from", "-", typed=form)
    town.ok("link", "2026-0003", "--from", "-", "--yes", typed=form)
    assert town.case("2026-0004")["related"] == ["2026-0003"]


def test_a_group_is_split_into_persons_who_keep_what_was_seen(town: Home) -> None:
    group = town.ok("create", "--from", "-", typed=json.dumps(GROUP)).strip()
    persons = [
        {"subject": {"kind": "person", "name": "Tænkt Tænktesen", "age_band": "18-plus"}},
        {
            "subject": {"kind": "person", "name": "Opdigt Opdigtsen", "age_band": "18-plus"},
            "observations": [{"text": "Talte for gruppen"}],
        },
    ]
    typed = "\n".join(json.dumps(person) for person in persons)
    first, second = town.ok("create", "--part-of", group, "--from", "-", typed=typed).split()
    one, two = town.case(first), town.case(second)
    assert [item["text"] for item in one["observations"]] == ["Samles ved stationen", "Bar ens jakker"]
    assert [item["text"] for item in two["observations"]] == ["Talte for gruppen"]
    assert one["referrer"] == {"member": "klub-nord"}, "the referrer is told once, and named once"
    assert (one["concern"], one["received"]) == (GROUP["concern"], town.case(group)["received"])
    assert one["related"] == [group] and town.case(group)["related"] == [first, second]
    assert town.case(group)["state"] == "received"


def test_a_person_known_before_is_told_by_number_only(town: Home) -> None:
    known = {"kind": "person", "name": "Tænkt Tænktesen", "born": "1990-01-01", "cpr": "010190-0000"}
    concern = invented.create(subject=known)
    first = town.ok("create", "--from", "-", typed=json.dumps(concern)).strip()
    other = invented.create(subject={"kind": "person", "name": "En Anden", "cpr": "0101900000"})
    answer = town.run("create", "--from", "-", typed=json.dumps(other))
    assert f"the same CPR number is known from {first}" in answer.err
    twin = invented.create(subject={"kind": "person", "born": "1990-01-01"})
    answer = town.run("create", "--from", "-", typed=json.dumps(twin))
    assert f"the same date of birth is known from {first}" in answer.err
    assert "Tænkt" not in answer.err and "0190" not in answer.err
    answer = town.run("create", "--from", "-", typed=json.dumps({**twin, "related": [first]}))
    assert "known from" in answer.err and first not in answer.err, "a case that is named is no news"
    stream = json.dumps(invented.create(subject={"kind": "person", "name": "Ny Nyhansen"}))
    answer = town.run("create", "--from", "-", typed=f"{stream}\n{stream}")
    numbers = answer.out.split()
    assert f"known from {numbers[1]}" in answer.err and f"known from {numbers[0]}" in answer.err


def test_a_case_is_handed_to_a_coordinator_and_listed_under_the_name(town: Home) -> None:
    assert town.case("2026-0003")["responsible"] == "anna"
    form = json.dumps({"to": "bo", "reason": "Barsel"})
    words = town.fails(12, "hand-over", "2026-0003", "--from", "-", typed=form)
    assert "no coordinator of this store; there are: anna" in words
    take_in(town, "bo")
    assert town.ok("hand-over", "2026-0003", "--from", "-", typed=form).startswith("2026-0003")
    assert town.case("2026-0003")["responsible"] == "bo"
    assert "Barsel" in town.ok("show", "2026-0003")
    lines = json.loads(town.ok("list", "--responsible", "anna", "--format", "json"))
    assert "2026-0003" not in {line["case"] for line in lines} and len(lines) > 3
    (line,) = json.loads(town.ok("list", "--responsible", "bo", "--format", "json"))
    assert line["case"] == "2026-0003"


def test_all_cases_of_a_coordinator_are_handed_over_at_once_but_not_unasked(town: Home) -> None:
    take_in(town, "bo")
    form = json.dumps({"to": "bo", "reason": "Barsel"})
    assert "10 existing cases" in town.fails(2, "hand-over", "--all-of", "anna", "--from", "-", typed=form)
    assert "name a case" in town.fails(2, "hand-over", "--all-of", "nobody", "--from", "-", typed=form)
    assert "name a case" in town.fails(2, "hand-over", "--from", "-", typed=form)
    said = town.ok("hand-over", "--all-of", "anna", "--yes", "--from", "-", typed=form)
    assert len(said.splitlines()) == 10
    assert all(town.case(number)["responsible"] == "bo" for number in town.workspace().store.cases())
    assert town.run("verify").code == 0


def test_the_closing_gives_a_sentence_for_the_referrer_that_reveals_nothing(town: Home) -> None:
    wants = invented.create(referrer={"member": "klub-nord", "wants_feedback": True})
    number = town.ok("create", "--from", "-", typed=json.dumps(wants)).strip()
    closed = town.write("triage", number, invented.police("blocked"))
    assert "to the referrer, and it reveals nothing: Thank you" in closed.err
    assert number not in closed.err.partition("reveals nothing")[2]
    silent = town.write("triage", "2026-0001", invented.police("blocked"))
    assert "to the referrer" not in silent.err


def test_the_police_gate_brings_up_the_disclosure_and_its_form_knows_it(town: Home) -> None:
    answer = town.write("triage", "2026-0001", invented.police())
    assert "'ballerup share 2026-0001'" in answer.err
    workspace = town.workspace()
    moment = casework.Moment(at="2026-06-21T10:00:00+02:00", today=date(2026, 6, 21))
    known = casework.known(workspace, "share", "2026-0001", moment)
    assert known["direction"] == "given" and known["date"] == invented.police()["decided"]
    assert "Vestegns Politi" in known["party"]["organisation"]
