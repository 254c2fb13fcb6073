"""What people type becomes what is stored: names, labels and days in either language, and only what is certain."""

from datetime import date
from typing import Any

import pytest

from ballerup_cli.core.cases.steps import STEPS
from ballerup_cli.core.network.kinds import PAGES
from ballerup_cli.services.forms import form
from ballerup_cli.services.forms.understanding import Reader, code_of, in_words, label, path_of, read_date, understood
from ballerup_cli.storage.text import codec, schema

TODAY = date(2026, 12, 1)
READER = Reader(today=TODAY, pladen={"klub-nord": "Klub Nord"})


def read(name: str, text: str) -> tuple[Any, list[str]]:
    (document,) = codec.read_forms(text.encode())
    meant, findings = understood(name, document, READER)
    return meant.value, [finding.message for finding in findings]


@pytest.mark.parametrize("name", [*STEPS, *PAGES])
def test_every_field_is_known_by_its_danish_name_in_any_spelling(name: str) -> None:
    for path in schema.paths(name):
        danish = label(name, path, "da")
        for spelled in (danish, danish.upper(), danish.replace(" ", "_"), danish.replace("ø", "oe").replace("å", "aa")):
            assert code_of(name, inside(name, path[:-1]), spelled) == path[-1], (path, spelled)


def inside(name: str, path: tuple[str, ...]) -> tuple[str | int, ...]:
    """The same place with the number of an item wherever there is a list."""
    place: tuple[str | int, ...] = ()
    for step in path:
        place = (*place, step)
        if any("items" in part for part in schema.speaking_of(name, place)):
            place = (*place, 0)
    return place


@pytest.mark.parametrize(
    ("typed", "kind", "meant"),
    [
        ("28.11.2026", "date", "2026-11-28"),
        ("28.11.2026 14.30", "moment", "2026-11-28T14:30"),
        ("28/11/2026 kl. 9", "moment", "2026-11-28T09:00"),
        ("2. maj 2026", "date", "2026-05-02"),
        ("i går", "date", "2026-11-30"),
        ("i dag 14:05", "moment", "2026-12-01T14:05"),
        ("november 2026", "date-or-month", "2026-11"),
        ("1.2.26", "date", None),
        ("31.2.2026", "date", None),
        ("28.11.2026 14.30", "date", None),
        ("2026-13-01", "date", None),
        ("28.11.", "date", None),
    ],
)
def test_a_day_is_understood_or_left_to_its_writer(typed: str, kind: str, meant: str | None) -> None:
    assert read_date(typed, TODAY, {kind}) == meant


def test_a_danish_form_is_stored_in_codes() -> None:
    told, findings = read(
        "create",
        "Modtaget: 28.11.2026 14.30\nmodtaget-af: Den kommunale tovholder\n"
        "henvender: {medlem: klub nord, ønsker tilbagemelding: ja}\n"
        "person: {person eller gruppe: Person, foedt: 14.5.2010}\nbekymring: Ja\nhaster: nej\n"
        "iagttagelser:\n  - {set eller hørt: Noget, kilde: selv set eller hørt, hvornår: november 2026}\n",
    )
    assert findings == []
    assert told == {
        "received": "2026-11-28T14:30",
        "received_by": "municipality",
        "referrer": {"member": "klub-nord", "wants_feedback": True},
        "subject": {"kind": "person", "born": "2010-05-14"},
        "concern": "Ja",
        "acute": False,
        "observations": [{"text": "Noget", "source": "first-hand", "when": "2026-11"}],
    }


def test_both_names_of_one_field_stand_there_twice() -> None:
    for text in ("received: x\nmodtaget: y\n", "modtaget: x\nreceived: y\n", "modtaget: x\nMODTAGET: y\n"):
        assert read("create", text)[1] == ["this field stands here twice"]


@pytest.mark.parametrize("name", [*STEPS, *PAGES])
def test_a_danish_form_says_the_same_as_the_code(name: str) -> None:
    (empty,) = codec.read_forms(form.render(name, "da").encode())
    danish = in_words(name, form.render(name, "da"), "da")
    assert read(name, danish) == (empty.value, [])
    assert len(danish.splitlines()) == len(form.render(name, "da").splitlines())


def test_the_text_of_a_form_is_never_taken_for_a_field() -> None:
    known = {"received": "2026-11-28T14:30", "concern": "received: i går\nkind: person", "acute": True}
    danish = in_words("create", form.render("create", "da", known), "da")
    assert "modtaget: 28.11.2026 14.30\n" in danish and "\n  received: i går\n" in danish and "haster: ja\n" in danish
    assert read("create", danish)[0]["concern"] == known["concern"]


def test_the_path_of_a_field_is_read_in_danish_too() -> None:
    assert path_of("create", "person.født") == "subject.born"
    assert path_of("create", "iagttagelser.2.set eller hørt") == "observations.2.text"
    assert path_of("create", "observations.2.text") == "observations.2.text"
