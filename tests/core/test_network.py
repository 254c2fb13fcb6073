"""The network: what is written about Pladen, activities, other networks, plans and proofs, and what is due of it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from invented import CALENDAR

from ballerup_cli.core.entry import Entry
from ballerup_cli.core.network.kinds import PAGES
from ballerup_cli.core.network.network import (
    activities_by_kind,
    activities_by_tier,
    care,
    due_on_network,
    fold_network,
    last_reached,
    reaches,
)
from ballerup_cli.storage.text import schema

STARTER = {"members": schema.vocabulary()["pladen"]}


def entry(step, **body):
    return Entry(number=1, step=step, at="2026-01-05T12:00:00+01:00", by="anna", body=body)


def network(pladen=(), activities=(), plans=(), networks=(), proofs=()):
    found = Entry(number=1, step="found", at="2026-01-05T12:00:00+01:00", by="anna", body=STARTER)
    journals = {"activities": activities, "plans": plans, "networks": networks, "proofs": proofs}
    return fold_network({"pladen": [found, *pladen], **{name: list(told) for name, told in journals.items()}})


def refused(name, body, known=None):
    return [finding.path for rule in PAGES[name].rules for finding in rule(body, known or network())]


def due(known, clock):
    items = due_on_network(known, schema.defaults(), CALENDAR)
    return {item.about: item.due for item in items if item.clock == clock}


def talk(date, **more):
    return entry("add", kind="oplaeg", date=date, **more)


def test_every_page_has_a_schema_and_a_form():
    for name in PAGES:
        assert schema.resource(f"schemas/{name}.schema.json")
        assert schema.resource(f"templates/{name}.yaml")


def test_a_code_is_never_used_twice():
    taken = {"code": "headspace", "name": "Headspace", "ring": "plade-2", "sector": "civil-society"}
    assert refused("pladen-add", taken) == [("code",)]
    gone = network([entry("retire", code="headspace", until="2026-06-30")])
    assert refused("pladen-add", taken, gone) == [("code",)]
    assert refused("pladen-add", {**taken, "code": "ny-klub"}) == []


def test_staff_belong_to_somebody_there_is():
    staff = {"code": "klub-nord-personale", "name": "Personalet", "ring": "plade-3", "sector": "club"}
    assert [finding.path for finding in schema.check("pladen-add", staff)] == [("parent",)]
    assert refused("pladen-add", {**staff, "parent": "klub-nordpol"}) == [("parent",)]
    assert refused("pladen-add", {**staff, "parent": "klub-nord"}) == []


@pytest.mark.parametrize("name", ["pladen-edit", "pladen-retire"])
def test_only_a_known_member_changes_or_leaves(name):
    assert refused(name, {"code": "ukendt"}) == [("code",)]
    assert refused(name, {"code": "talent"}) == []


def test_a_retired_member_stays_with_its_name_and_takes_a_last_day():
    known = network([entry("retire", code="talent", until="2026-06-30", reason="Nedlagt")])
    member = known.pladen.members["talent"]
    assert (member.name, member.until) == ("Talent", "2026-06-30")
    assert member.is_current("2026-06-29") and not member.is_current("2026-06-30")


def test_what_was_never_proved_counts_from_the_day_the_store_was_founded():
    proof = {"what": "log-sample", "done": "2026-03-01"}
    assert network().founded == network().proved("log-sample") == "2026-01-05"
    assert network(proofs=[entry("add", **proof)]).proved("log-sample") == "2026-03-01"


def test_what_is_due_of_the_network_comes_in_one_order():
    items = due_on_network(network(), schema.defaults(), CALENDAR)
    assert list(items) == sorted(items, key=lambda item: (item.due, item.clock, item.about or ""))
    contacts = [item.about for item in items if item.clock == "member-contact"]
    assert contacts == sorted(contacts) and len(contacts) > 5


def test_activities_are_numbered_and_an_edit_changes_what_it_names():
    known = network(activities=[talk("2026-02-01"), talk("2026-03-01"), entry("edit", number=2, held=True)])
    assert [(item["number"], item["date"], item["held"]) for item in known.activities] == [
        (1, "2026-02-01", False),
        (2, "2026-03-01", True),
    ]
    assert refused("activity-edit", {"number": 3}, known) == [("number",)]
    assert refused("activity-edit", {"number": 2}, known) == []
    assert refused("activity-add", {"members": ["klub-nord", "ukendt"]}) == [("members", 1)]


def test_only_what_was_held_in_the_period_counts_and_as_preventive():
    held = [talk(day, held=True) for day in ("2025-12-31", "2026-01-01", "2026-12-31", "2027-01-01")]
    known = network(activities=[*held, talk("2026-05-05")])
    assert activities_by_tier(known, "2026-01-01", "2026-12-31") == {"forebyggende": 2}


def test_a_member_of_plade_2_is_due_a_year_after_it_was_last_reached():
    fresh = due(network(), "member-contact")
    assert set(fresh.values()) == {"2027-01-05"}
    assert set(fresh) == {row["code"] for row in STARTER["members"] if row["ring"] == "plade-2"}
    known = network(
        [entry("retire", code="talent", until="2026-06-30"), entry("edit", code="fgu", since="2025-08-01")],
        [talk("2026-03-12", held=True, members=["klub-nord"]), talk("2026-04-01", members=["klub-syd"])],
    )
    told = due(known, "member-contact")
    assert "talent" not in told
    assert (told["klub-nord"], told["klub-syd"], told["fgu"]) == ("2027-03-12", "2027-01-05", "2026-08-01")
    everybody = network(activities=[talk("2026-09-01", held=True, audience=["plade-2"])])
    assert set(due(everybody, "member-contact").values()) == {"2027-09-01"}


def test_the_conference_is_due_a_year_after_the_last_or_after_the_plan_that_promises_it():
    assert due(network(), "konference") == {}
    plan = entry("adopt", document="handlingsplan", version="1", adopted="2024-02-29")
    assert due(network(plans=[plan]), "konference") == {None: "2025-02-28"}
    held = entry("add", kind="konference", date="2026-10-08", held=True)
    missed = entry("add", kind="konference", date="2027-10-08", held=False)
    for several in ({"plans": [plan, plan]}, {"activities": [held, held]}):
        assert (
            len(
                [
                    item
                    for item in due_on_network(network(**several), schema.defaults(), CALENDAR)
                    if item.clock == "konference"
                ]
            )
            == 1
        )
    assert due(network(plans=[plan], activities=[held, missed]), "konference") == {None: "2027-10-08"}


def test_the_preparedness_plan_is_due_four_years_after_its_last_adoption():
    plans = [
        entry("adopt", document="beredskab", version="2", adopted="2026-06-22"),
        entry("adopt", document="beredskab", version="1", adopted="2022-06-20"),
        entry("adopt", document="handlingsplan", version="9", adopted="2026-09-01"),
    ]
    found = [
        item for item in due_on_network(network(plans=plans), schema.defaults(), CALENDAR) if item.clock == "beredskab"
    ]
    assert [item.due for item in found] == ["2030-06-22"]


def test_each_proof_is_due_three_months_after_the_last_one_or_after_the_founding_of_the_store():
    def told(known):
        return {name: due(known, name) for name in ("restore-proof", "log-sample")}

    assert told(network()) == {"restore-proof": {None: "2026-04-05"}, "log-sample": {None: "2026-04-05"}}
    done = [
        entry("add", what="restore-proof", done="2026-11-30", by="leder"),
        entry("add", what="restore-proof", done="2026-03-01"),
    ]
    assert told(network(proofs=done)) == {"restore-proof": {None: "2027-02-28"}, "log-sample": {None: "2026-04-05"}}


def test_every_proof_has_a_clock_of_its_name_but_that_of_the_recovery_key():
    """How often the paper is taken out of the safe is for its keepers to say: no clock asks for it."""
    assert {item.clock for item in due_on_network(network(), schema.defaults(), CALENDAR)} == {
        "member-contact",
        *schema.vocabulary()["proof"].keys() - {"key-drill"},
    }


# --- who adopts a plan ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("document", "authority"), [("beredskab", "council"), ("handlingsplan", "committee")])
def test_who_adopts_a_plan_is_known_unless_the_form_says_otherwise(document, authority):
    settings = schema.defaults()
    known = PAGES["beredskab-adopt"].known({"document": document}, settings)
    assert known == {"adopted_by": settings["authorities"][authority]["da"]}


def test_only_a_known_breach_changes():
    known = fold_network({"pladen": [entry("found", **STARTER)], "breaches": [entry("add", discovered="2026-03-01")]})
    assert refused("breach-edit", {"number": 1}, known) == []
    assert refused("breach-edit", {"number": 2}, known) == [("number",)]


def test_a_breach_is_due_until_it_was_reported_or_has_its_reason():
    def told(*changes):
        breaches = [entry("add", discovered="2026-03-01T10:00:00+01:00"), *changes]
        return due(fold_network({"pladen": [entry("found", **STARTER)], "breaches": breaches}), "breach")

    assert told() == told(entry("edit", number=1, told="yes")) == {None: "2026-03-04T10:00:00+01:00"}
    assert told(entry("edit", number=1, reported="2026-03-02")) == told(entry("edit", number=1, reason="Ingen")) == {}


@pytest.mark.parametrize(("code", "nearest"), [("klub-nor", "klub-nord"), ("0", "-")])
def test_a_code_nobody_has_is_refused_with_the_nearest_or_none(code, nearest):
    (finding,) = (found for rule in PAGES["pladen-edit"].rules for found in rule({"code": code}, network()))
    assert finding.facts["nearest"].split(", ")[0] == nearest


# --- other networks ---------------------------------------------------------------------------------------------------

SSP = {"code": "ssp-lokalraad", "name": "SSP-lokalråd", "purpose": "Trivsel"}


def test_a_network_changes_and_ends_but_keeps_its_code_for_ever():
    known = network(
        networks=[
            entry("add", **SSP),
            entry("edit", code="ssp-lokalraad", represented_by="leder, Den Lille Enhed"),
            entry("retire", code="ssp-lokalraad", until="2026-06-30"),
        ]
    )
    assert known.networks["ssp-lokalraad"] == {
        **SSP,
        "represented_by": "leder, Den Lille Enhed",
        "until": "2026-06-30",
    }
    assert refused("networks-add", SSP, known) == [("code",)]
    assert refused("networks-add", SSP) == []


@pytest.mark.parametrize("name", ["networks-edit", "networks-retire"])
def test_only_a_known_network_changes_or_ends(name):
    assert refused(name, {"code": "ssp-lokalraad"}) == [("code",)]
    assert refused(name, {"code": "ssp-lokalraad"}, network(networks=[entry("add", **SSP)])) == []


# --- care -------------------------------------------------------------------------------------------------------------


def cared_for(known, day):
    return {row["member"]: row for row in care(known, schema.defaults(), CALENDAR, day)}


def test_care_tells_what_each_organisation_last_got():
    known = network(
        activities=[
            talk("2026-03-12", held=True, members=["klub-nord"]),
            entry("add", kind="actioncard", date="2026-04-01", topic="2026-1", held=True, audience=["plade-2"]),
            entry("add", kind="actioncard", date="2026-05-01", topic="2026-2", held=True, members=["klub-nord"]),
            entry("add", kind="kursus", date="2026-06-01", held=True, members=["klub-nord"]),
            talk("2026-07-01", members=["klub-nord"]),
        ]
    )
    told = cared_for(known, "2026-08-01")
    assert told["klub-nord"] == {
        "member": "klub-nord",
        "name": "Klub Nord",
        "ring": "plade-2",
        "talk": "2026-03-12",
        "action_card": "2026-05-01",
        "version": "2026-2",
        "contact": "2026-06-01",
        "due": "2027-06-01",
        "wanting": False,
    }
    assert [told["fgu"][name] for name in ("talk", "action_card", "version", "contact")] == [
        None,
        "2026-04-01",
        "2026-1",
        "2026-04-01",
    ]
    assert told["fgu"]["wanting"]
    assert "tovholder" not in told


def test_care_wants_whatever_is_too_old_from_the_day_after():
    held = [
        talk("2026-03-12", held=True, audience=["plade-2"]),
        entry("add", kind="actioncard", date="2026-05-01", topic="1", held=True, audience=["plade-2"]),
    ]
    known = network(activities=held)
    wanting = [day for day in ("2027-03-12", "2027-03-13") if cared_for(known, day)["fgu"]["wanting"]]
    assert wanting == ["2027-03-13"]


def test_care_is_for_those_who_are_there_and_the_longest_ago_comes_first():
    known = network(
        [
            entry("retire", code="talent", until="2026-06-30"),
            entry("add", code="ny-klub", name="Ny Klub", ring="plade-1", sector="club", since="2026-09-01"),
            entry("edit", code="fgu", since="2025-08-01"),
        ]
    )
    before, after = (list(cared_for(known, day)) for day in ("2026-06-29", "2026-09-01"))
    assert "talent" in before and "talent" not in after
    assert "ny-klub" not in before and "ny-klub" in after
    assert after[0] == "fgu" and after[-1] == "ny-klub" and after[1:-1] == sorted(after[1:-1])


CODES = [row["code"] for row in STARTER["members"]]
ACTIVITIES = st.lists(
    st.builds(
        lambda day, members, audience: talk(day, held=True, members=members, audience=audience),
        st.dates().map(lambda day: day.isoformat()),
        st.lists(st.sampled_from(CODES), max_size=3),
        st.lists(st.sampled_from(["centrum", "plade-2", "plade-3"]), max_size=2),
    ),
    max_size=12,
)


@given(ACTIVITIES)
def test_who_was_last_reached_is_the_same_as_asking_each_activity(activities):
    known = network(activities=activities)
    slow = {}
    for code, member in known.pladen.members.items():
        reached = [activity for activity in known.held() if reaches(activity, code, member.ring)]
        slow |= {code: reached[-1]} if reached else {}
    assert last_reached(known.pladen, known.held()) == slow


# --- counts -----------------------------------------------------------------------------------------------------------


def test_activities_are_counted_for_each_kind_in_a_period():
    written = [
        talk("2026-01-01", held=True, participants=17),
        talk("2026-12-31", held=True),
        talk("2026-06-01", participants=9),
        talk("2025-12-31", held=True, participants=50),
        entry("add", kind="videndeling", date="2026-02-02", held=True, participants=4),
    ]
    kinds = ["oplaeg", "konference", "videndeling"]
    assert activities_by_kind(network(activities=written), kinds, "2026-01-01", "2026-12-31") == [
        {"kind": "oplaeg", "planned": 1, "held": 2, "participants": 17},
        {"kind": "konference", "planned": 0, "held": 0, "participants": 0},
        {"kind": "videndeling", "planned": 0, "held": 1, "participants": 4},
    ]
