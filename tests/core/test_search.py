"""Search finds all the words in one case, however they are spelt, and says where they stand, never what is there."""

import json

import invented
import pytest
from cli_kit import Home

from ballerup_cli.core.cases.search import find, words


def places(text: str, **changed: object) -> list[tuple[str, str]]:
    case = invented.case(("create", invented.create(**changed)), ("note", invented.note(text="Ringede til Åse")))
    return [(row["entry"], row["field"]) for row in find(case, words(text))]


@pytest.mark.parametrize(
    ("typed", "written"),
    [
        ("åse", "AASE"), ("aase", "Åse"), ("AASE", "a\u030ase"), ("søren", "Soeren"), ("SOEREN", "Søren"),
        ("pær", "Paer"), ("PAER", "pær"), ("straße", "STRASSE"), ("ﬁlm", "film"), ("prøve", "Åse Prøvesen"),
        ("010190-0000", "0101900000"), ("0101900000", "010190-0000"), ("0000", "010190-0000"),
        ("fod­bold", "fodbold"),
    ],
)  # fmt: skip
def test_a_word_is_found_in_any_spelling_and_within_others(typed, written):
    assert (1, "concern") in places(typed, concern=f"Ord og {written} og mere")


def test_all_of_the_words_must_occur_in_the_case_but_not_in_one_field():
    assert places("jakke ringede") == [(1, "observations.2.text"), (2, "text")]
    assert places("jakke cykel") == []
    assert places("   ") == []


def test_a_field_is_told_once_with_its_path_counted_from_one():
    guardians = [{"name": "Bo"}, {"name": "Eva Eva Opdigtet"}]
    assert places("eva", subject={"kind": "person", "guardians": guardians}) == [(1, "subject.guardians.2.name")]


def test_the_number_of_a_case_is_a_text_too():
    assert places("2026-0001") == [(None, None)]


def test_a_row_says_where_and_nothing_else():
    (row,) = find(invented.case_in("screened"), words("klub-nord"))
    assert row == {
        "case": "2026-0001", "state": "screened", "received": "2026-03-02T10:00:00+01:00",
        "step": "create", "entry": 1, "field": "referrer.member",
    }  # fmt: skip


# --- the command ------------------------------------------------------------------------------------------------------


def test_the_words_come_from_a_pipe_and_rows_are_sorted(town: Home) -> None:
    for number in ("1", "3"):
        town.ok("note", number, "--from", "-", typed=json.dumps({"text": "Talte med Aase Sælsom om cyklen"}))
    told = json.loads(town.ok("search", "--from", "-", "--format", "json", typed="ÅSE saelsom\n"))
    assert [(row["case"], row["step"], row["field"]) for row in told] == [
        ("2026-0001", "note", "text"),
        ("2026-0003", "note", "text"),
    ]
    assert [*told[0]] == ["case", "state", "received", "step", "entry", "field"]
    shown = town.ok("search", "--from", "-", typed="sælsom")
    assert shown.splitlines()[0].split() == ["case", "state", "step", "field"]
    assert "Aase" not in shown
    assert json.loads(town.ok("search", "--from", "-", "--state", "accepted", "--format", "json", typed="sælsom")) == [
        told[1]
    ]


def test_nothing_found_is_no_failure(ready_home: Home) -> None:
    answer = ready_home.run("search", "--from", "-", typed="hverken-eller")
    assert (answer.code, answer.out) == (0, "")
    assert "no case holds all of the words" in answer.err
    assert ready_home.ok("search", "--from", "-", "--format", "json", typed="hverken-eller") == "[]\n"


@pytest.mark.parametrize("typed", ["", "  \n", "et\nto\n", "x" * 1001, b"\xff\xfe"])
def test_one_line_of_words_is_wanted(ready_home: Home, typed: str | bytes) -> None:
    assert "--from" in ready_home.fails(2, "search", "--from", "-", typed=typed)


def test_words_are_never_an_argument_and_never_asked_of_a_pipe(ready_home: Home) -> None:
    assert "Sælsom" not in ready_home.fails(2, "search", "Sælsom")
    assert "terminal" in ready_home.fails(2, "search", typed="Sælsom")
