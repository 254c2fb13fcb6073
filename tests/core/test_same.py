"""One folding of spellings, and what a CPR number says."""

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from invented import case, create

from ballerup_cli.core.cases.case import age_on, birthday
from ballerup_cli.core.same import born_of, cpr, fold, names

WORDS = st.lists(st.text("abcåæøÅÆØé1", min_size=1, max_size=6), min_size=1, max_size=3)
JOINTS = st.sampled_from([" ", "  ", "-", "\u2013", "\u2011", "\u00a0", " - ", "\u00ad ", "\u200b-"])
FORMS = st.sampled_from(["NFC", "NFD", "NFKC", "NFKD"])


@given(WORDS, JOINTS, FORMS, st.booleans())
@settings(max_examples=50)
def test_whatever_a_word_processor_makes_of_words_they_are_the_same(
    words: list[str], joint: str, form: str, loud: bool
) -> None:
    plain = " ".join(words)
    typed = unicodedata.normalize(form, joint.join(words))
    typed = typed.upper() if loud else typed
    assert fold(typed) == fold(plain)
    assert fold(fold(typed)) == fold(typed)
    assert names(f"hele {typed}et i Vest", plain)


def test_letters_of_old_spellings_are_the_same() -> None:
    assert fold("Måløvhøj Skole") == fold("MAALOEVHOEJ-SKOLE") == "maaloevhoej skole"
    assert fold("Ærø") != fold("Aro")
    assert not names("Klub Nord", "")


@pytest.mark.parametrize(
    "typed",
    [
        "0101901234",
        "010190-1234",
        "010190\u20131234",
        "010190 1234",
        " 010190\u22121234\u200b",
        "\uff10\uff11\uff10\uff11\uff19\uff10-\uff11\uff12\uff13\uff14",
    ],
)
def test_a_cpr_number_is_kept_in_one_spelling(typed: str) -> None:
    assert cpr(typed) == "010190-1234"
    assert fold(typed) == "0101901234"


@pytest.mark.parametrize("typed", ["", "010190123", "01019012345", "3201901234", "0113901234", "9201901234", "x"])
def test_what_is_no_cpr_number(typed: str) -> None:
    assert cpr(typed) is None


@pytest.mark.parametrize(
    ("number", "born"),
    [
        ("0101901234", "1990-01-01"),
        ("0101124234", "2012-01-01"),
        ("0101374234", "1937-01-01"),
        ("0101369234", "2036-01-01"),
        ("0101579234", "1957-01-01"),
        ("0101575234", "2057-01-01"),
        ("0101588234", "1858-01-01"),
        ("6101901234", "1990-01-01"),  # a replacement number: the day plus 60
        ("9101901234", "1990-01-31"),
        ("010190ABCD", None),
        ("3102901234", None),
        ("2902011234", None),
    ],
)
def test_the_date_of_birth_that_a_cpr_number_says(number: str, born: str | None) -> None:
    assert born_of(number, "2099-01-01") == born


def test_nobody_is_born_after_the_receipt() -> None:
    assert born_of("0101369234", "2026-11-20") is None


def test_the_age_comes_from_the_cpr_number_where_no_birthday_is_written() -> None:
    grown = case(("create", create(subject={"kind": "person", "cpr": "010190-1234"})))
    assert (grown.age_band, grown.to_dict()["under_18"]) == ("18-plus", False)
    child = case(("create", create(subject={"kind": "person", "cpr": "010112-4234"})))
    assert (child.age_band, child.under_18_on("2030-01-01")) == ("under-18", False)
    assert child.to_dict(today="2029-12-31")["under_18"] and not child.to_dict(today="2030-01-01")["under_18"]
    unknown = case(("create", create(subject={"kind": "person", "cpr": "010190-ABCD"})))
    assert (unknown.age_band, unknown.under_18) == ("unknown", True)


@given(st.dates(), st.integers(1, 99))
@settings(max_examples=50)
def test_a_birthday_is_the_first_day_of_an_age(born, age: int) -> None:
    if born.year + age > 9998:
        return
    day = birthday(born.isoformat(), age)
    assert age_on(born.isoformat(), day) == age
    before = type(born).fromordinal(type(born).fromisoformat(day).toordinal() - 1).isoformat()
    assert age_on(born.isoformat(), before) == age - 1


def test_29_february_has_one_rule() -> None:
    assert birthday("2008-02-29", 18) == "2026-03-01"
    assert (age_on("2008-02-29", "2026-02-28"), age_on("2008-02-29", "2026-03-01")) == (17, 18)
