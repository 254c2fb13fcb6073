"""The network: what is written about Pladen, activities and adopted plans, and what is due of it."""

import pytest
from invented import CALENDAR

from ballerup_cli.core.entry import Entry
from ballerup_cli.core.network import PAGES, activities_by_tier, due_on_network, fold_network
from ballerup_cli.storage import schema

STARTER = {"members": schema.vocabulary()["pladen"]}


def entry(step, **body):
    return Entry(number=1, step=step, at="2026-01-05T12:00:00+01:00", by="anna", body=body)


def network(pladen=(), activities=(), plans=()):
    found = Entry(number=1, step="found", at="2026-01-05T12:00:00+01:00", by="anna", body=STARTER)
    return fold_network({"pladen": [found, *pladen], "activities": list(activities), "plans": list(plans)})


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


def test_staff_on_plade_3_belong_to_somebody_there_is():
    staff = {"code": "klub-nord-personale", "name": "Personalet", "ring": "plade-3", "sector": "club"}
    assert refused("pladen-add", staff) == [("parent",)]
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


def test_activities_are_numbered_and_an_edit_changes_what_it_names():
    known = network(activities=[talk("2026-02-01"), talk("2026-03-01"), entry("edit", number=2, held=True)])
    assert [(item["number"], item["date"], item["held"]) for item in known.activities] == [
        (1, "2026-02-01", False),
        (2, "2026-03-01", True),
    ]
    assert refused("activity-edit", {"number": 3}, known) == [("number",)]
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
    assert due(network(plans=[plan], activities=[held, missed]), "konference") == {None: "2027-10-08"}


def test_the_preparedness_plan_is_due_four_years_after_its_last_adoption():
    plans = [
        entry("adopt", document="beredskab", version="2", adopted="2026-06-22"),
        entry("adopt", document="beredskab", version="1", adopted="2022-06-20"),
        entry("adopt", document="handlingsplan", version="9", adopted="2026-09-01"),
    ]
    assert due(network(plans=plans), "beredskab") == {None: "2030-06-22"}
