"""The words of the domain are all there, in both languages, and the settings speak of the same things."""

import re

import pytest

from ballerup_cli.core.vocabulary import Vocabulary
from ballerup_cli.storage.text import schema

WORDS = Vocabulary.from_dict(schema.vocabulary())
SETTINGS = schema.defaults()
COUNTS = {
    "step": 23, "state": 6, "gate": 4, "triage-gate": 2, "tier": 3, "sign": 15, "dimension": 9, "measure": 18,
    "function": 25, "ring": 4, "sector": 12, "channel": 6, "received-by": 2, "referrer": 8, "kind": 2, "age-band": 4,
    "source": 4, "observation-status": 4, "knowledge": 3, "notice-status": 3, "notice-by": 2, "police-outcome": 2,
    "joint-outcome": 3, "outcome": 11, "answer": 4, "feedback-status": 4, "participant-role": 2, "visitation": 4,
    "measure-status": 4, "consent-status": 4, "hearing-status": 4, "statutory-plan": 5, "contact-with": 6,
    "contact-about": 14, "clock": 27, "activity": 8,
}  # fmt: skip
TERMS = [(name, code) for name in WORDS.lists for code in WORDS.codes(name)]
MEMBERS = (
    "tovholder baltorpskolen hedegaardsskolen maaloevhoej-skole skovlunde-skole skovvejens-skole kasperskolen "
    "klub-maaloev klub-nord klub-syd klub-skovlunde sundhedshuset brydehuset mentorkorps den-kommunale-ungeindsats fgu "
    "tec-ballerup talent psykiatrisk-center boligsociale headspace vognporten"
)


@pytest.mark.parametrize(("name", "count"), COUNTS.items())
def test_a_list_has_as_many_codes_as_the_domain_names(name, count):
    assert len(WORDS.codes(name)) == count


@pytest.mark.parametrize(("name", "code"), TERMS)
def test_every_code_is_a_code_and_has_a_label_in_both_languages(name, code):
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", code)
    for lang in ("da", "en"):
        label = WORDS.label(name, code, lang)
        assert label == label.strip() != ""
        assert not label.endswith(".")


def test_every_label_is_translated_but_names_and_words_that_are_the_same():
    same = {WORDS.label(*term, "da") for term in TERMS if WORDS.label(*term, "da") == WORDS.label(*term, "en")}
    assert same == {"Plade 1", "Plade 2", "Plade 3", "18+", "person", "e-mail", "organisation", "status"}


def test_the_attention_points_stand_in_full_and_in_order():
    signs = WORDS.codes("sign")
    assert signs[0] == "voldsparathed" and signs[10] == "vaaben" and signs[-1] == "familie"
    groups = [WORDS.term("sign", code)["group"] for code in signs]
    assert groups == ["individual"] * 10 + ["social"] * 5
    assert set(groups) == set(WORDS.codes("sign-group"))
    assert WORDS.label("sign", "rejse", "da") == (
        "Viser interesse for at rejse til udlandet og deltage i konflikter eller træningsaktiviteter, "
        "hvor ekstreme grupper er involveret"
    )
    assert WORDS.label("sign", "symboler", "da") == (
        "Udviser tilknytning til ekstreme budskaber gennem sin påklædning, sit udseende "
        "eller brug af totalitære symboler"
    )
    assert WORDS.label("sign", "afbryder", "da") == (
        "Afbryder uddannelse, opsiger job og anden tilknytning til det omgivende samfund"
    )
    assert WORDS.label("sign", "familie", "da") == "Familien er dysfunktionel"


def test_both_catalogues_are_whole():
    catalogues = [WORDS.term("measure", code)["catalogue"] for code in WORDS.codes("measure")]
    assert [catalogues.count(name) for name in WORDS.codes("catalogue")] == [7, 7, 4]
    assert WORDS.label("measure", "aflastning", "da") == "aflastningsordninger (nu støtteophold, barnets lov § 32)"
    assert WORDS.label("measure", "boligstoette", "da") == "støtte til bedre boligforhold"


def test_the_levels_are_levels_of_effort_and_having_none_is_no_level():
    assert WORDS.codes("tier") == ("forebyggende", "foregribende", "indgribende")
    assert WORDS.codes("no-tier") == ("unassessed",)
    for code in WORDS.codes("tier"):
        term = WORDS.term("tier", code)
        assert all(term[side][lang] for side in ("whom", "aim") for lang in ("da", "en"))


def test_states_and_gates_are_called_what_the_plan_calls_them():
    assert [WORDS.label("state", code, "da") for code in WORDS.codes("state")] == [
        "modtaget",
        "afklaret med politiet",
        "til analyse i Infohus Kommune",
        "vurderet",
        "handleplan i gang",
        "lukket",
    ]
    assert [WORDS.term("gate", code)["letter"] for code in WORDS.codes("gate")] == ["A", "B", "C", "D"]
    assert set(WORDS.codes("triage-gate")) < set(WORDS.codes("gate"))


def test_every_ring_has_its_roles_in_both_languages():
    for code in WORDS.codes("ring"):
        roles = WORDS.term("ring", code)["roles"]
        assert len(roles["da"]) == len(roles["en"]) > 0
    assert "opdaterer Ballerup-Pladen" in WORDS.term("ring", "centrum")["roles"]["da"]


def test_pladen_starts_with_its_members_and_plade_1_and_3_empty():
    assert [member["code"] for member in WORDS.starters] == MEMBERS.split()
    rings = [member["ring"] for member in WORDS.starters]
    assert [rings.count(ring) for ring in WORDS.codes("ring")] == [1, 0, 21, 0]
    assert schema.check("pladen-found", {"members": [*WORDS.starters]}) == []


def test_the_schools_have_a_function_as_contact_and_codes_follow_the_names():
    schools = [member for member in WORDS.starters if member["sector"] == "school"]
    assert [member["contact"] for member in schools] == ["SSP-lærer"] * 6
    letters = str.maketrans({"æ": "ae", "ø": "oe", "å": "aa", " ": "-"})
    shortened = {"tovholder", "psykiatrisk-center", "boligsociale"}
    for member in WORDS.starters:
        assert member["code"] in shortened or member["name"].lower().translate(letters) == member["code"]


@pytest.mark.parametrize("clock", WORDS.codes("clock"))
def test_every_clock_has_a_length_and_says_where_it_comes_from(clock):
    setting = SETTINGS["clocks"][clock]
    assert setting["unit"] in {"hours", "working-days", "days", "months", "years", "as-set"}
    assert isinstance(setting["length"], int)
    for text in ("starts", "stops", "source"):
        assert setting[text]["da"] and setting[text]["en"]


def test_the_settings_know_no_clock_that_the_vocabulary_has_not():
    assert [*SETTINGS["clocks"]] == [*WORDS.codes("clock")]


def test_periods_that_a_law_or_the_plan_sets():
    clocks = SETTINGS["clocks"]
    told = {name: (clocks[name]["length"], clocks[name]["unit"], clocks[name]["source"]["da"]) for name in clocks}
    assert told["child-assessment"] == (24, "hours", "barnets lov § 136")
    assert told["receipt"] == (6, "working-days", "barnets lov § 137")
    assert told["information"] == (1, "months", "databeskyttelsesforordningen artikel 14")
    assert told["beredskab"] == (4, "years", "barnets lov § 15")
    assert told["turns-18"][:2] == (-6, "months")


def test_other_settings_as_shipped():
    assert SETTINGS["core_group"] == []
    assert set(SETTINGS["working_days"].values()) == {False}
    assert all(name["da"] and name["en"] for name in SETTINGS["authorities"].values())


def test_every_retention_period_has_a_label_an_action_and_a_source():
    retention = SETTINGS["retention"]
    told = {name: (rule["length"], rule["unit"], rule["action"]) for name, rule in retention.items()}
    assert told == {
        "police": (0, "days", "erase"),
        "no-basis": (6, "months", "erase"),
        "unfounded": (6, "months", "erase"),
        "before-gate": (6, "months", "erase"),
        "entered-in-error": (0, "days", "erase"),
        "handed-over": (6, "months", "erase"),
        "plan-foregribende": (2, "years", "review"),
        "plan-indgribende": (5, "years", "review"),
        "other": (6, "months", "erase"),
        "turned-18": (0, "days", "review"),
    }
    assert all(rule[text][lang] for rule in retention.values() for text in ("label", "source") for lang in ("da", "en"))
    assert retention["no-basis"]["under_18"] == retention["unfounded"]["under_18"] == {"length": 3, "unit": "months"}
