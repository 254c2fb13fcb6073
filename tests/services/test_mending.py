"""A form that was typed in haste is read as it was meant, and no word of it is lost."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cli_kit import Home
from hypothesis import given, settings
from hypothesis import strategies as st

from ballerup_cli.cli.forms.editor import annotate, strip
from ballerup_cli.errors import InvalidFormError
from ballerup_cli.services.forms import mending
from ballerup_cli.storage.text import codec

OURS = mending.printed("create")


def meant(text: str, *, file: bool = True) -> tuple[Any, list[tuple[int | None, str]]]:
    written, mends = mending.mended("create", text, OURS, file=file)
    return codec.read_forms(written.encode())[0].value, [(mend.line, mend.message) for mend in mends]


@pytest.mark.parametrize(
    ("typed", "value", "mend"),
    [
        ("subject:\n\tkind: person", {"subject": {"kind": "person"}}, (2, mending.TAB)),
        ('received:"2026-03-02"', {"received": "2026-03-02"}, (1, mending.BLANK)),
        ("modtaget:2026-03-02", {"modtaget": "2026-03-02"}, (1, mending.BLANK)),
        ("tried: Vi sagde: kom", {"tried": "Vi sagde: kom"}, (1, mending.QUOTED)),
        (
            "referrer: {other: citizen, contact: kl. 13:20}",
            {"referrer": {"other": "citizen", "contact": "kl. 13:20"}},
            None,
        ),
        (
            "referrer: {other: citizen, contact: Ring: efter kl. 13}",
            {"referrer": {"other": "citizen", "contact": "Ring: efter kl. 13"}},
            (1, mending.QUOTED),
        ),
        ("channel: “mail”", {"channel": "mail"}, (1, mending.QUOTES)),
        ("concern: |-\nHan gik", {"concern": "Han gik"}, (2, mending.INDENTED)),
        (
            "concern: |-\n  Han gik\nsin: vej\n  hjem\ntried: x",
            {"concern": "Han gik\nsin: vej\nhjem", "tried": "x"},
            ...,
        ),
        ("bekymring: |-\nHan gik\n#3 på listen\ntried: x", {"bekymring": "Han gik\n#3 på listen", "tried": "x"}, ...),
    ],
)
def test_what_can_only_mean_one_thing_is_mended(typed: str, value: Any, mend: Any) -> None:
    try:
        found, mends = meant(typed)
    except InvalidFormError:
        pytest.fail("not mended")
    if mend is ...:
        found, mends = meant(f"{typed}\nreceived:x")  # something that no strict reading takes
        found.pop("received")
    elif mend:
        assert mends == [mend]
    assert found == value


def test_a_name_that_stands_twice_is_asked_about_at_its_line() -> None:
    with pytest.raises(InvalidFormError) as refused:
        meant("concern: |-\nHan gik\ntried: hjem\ntried: |-\n  Et brev\n")
    assert [(found.line, found.message) for found in refused.value.findings] == [(4, "this field stands here twice")]


@pytest.mark.parametrize(
    "typed", ['a: "open', "received: 2.3.26 # i går: nej", "concern: |-\n  rigtigt\n  sat: op\n", "tried: [a: b"]
)
def test_what_could_mean_two_things_or_reads_strictly_is_left(typed: str) -> None:
    assert mending.mended("create", typed, OURS, file=True) == (typed, [])


STRAY = "concern: |-\n  Han gik\n#3 på listen\ntried: |-\n#4 på listen\nplace:\n  # hvor\n  text: |-\n"


def test_in_a_file_a_line_with_a_hash_after_a_text_warns_and_in_the_editor_it_is_text() -> None:
    assert meant(STRAY)[1] == [(3, mending.COMMENT), (5, mending.COMMENT)]
    assert meant(STRAY, file=False)[0] == {
        "concern": "Han gik\n#3 på listen",
        "tried": "#4 på listen",
        "place": {"text": ""},
    }


@pytest.mark.parametrize("language", mending.LANGUAGES)
def test_a_form_as_it_was_printed_is_left_as_it_is(language: str) -> None:
    from ballerup_cli.services.forms.form import render

    printed = render("create", language, {"concern": "To\nlinjer"})
    for file in (True, False):
        assert mending.mended("create", printed, OURS, file=file) == (printed, [])


WORDS = st.lists(
    st.sampled_from(["han", "gik", "»nej«", "#3", "kl.", "13:20", "sagde:", "a-b", "-", "'x'", "*"]),
    min_size=1,
    max_size=5,
)
LINES = st.lists(WORDS.map(" ".join), min_size=1, max_size=4)
DAMAGES: tuple[Callable[[list[str]], list[str]], ...] = (
    lambda text: ["concern: |-", *text],
    lambda text: ["concern: |-", f"  {text[0]}", *text[1:]],
    lambda text: ["concern: |-", *(f"\t{line}" for line in text)],
    lambda text: [*("observations:", "  - text: |-"), *text],
    lambda text: [*("place:", "\ttext: |-"), *(f" {line}" for line in text)],
    lambda text: [f"tried: Ord: {' '.join(text)}"],
    lambda text: [f"place: {{text: Ord: {' '.join(text)}}}"],
)


@given(text=LINES, damage=st.sampled_from(DAMAGES), file=st.booleans())
@settings(max_examples=50)
def test_no_word_is_lost(text: list[str], damage: Callable[[list[str]], list[str]], file: bool) -> None:
    """Every word that was typed is in a value, or the form is refused, or the warning names the line it stands in."""
    lines = [*damage(text), "received:2026-03-02"]
    written, mends = mending.mended("create", "\n".join(lines), OURS, file=file)
    try:
        (document,) = codec.read_forms(written.encode())
    except InvalidFormError:
        return
    warned = {mend.line for mend in mends if mend.message == mending.COMMENT}
    typed = [word for at, line in enumerate(lines[:-1], 1) if at not in warned for word in line.split()]
    kept = re.sub(r"\\[nt]", " ", repr(document.value))
    assert not [
        word for word in typed if word.strip("{}-:|\"'") not in kept and not word.endswith(":") and word != "|-"
    ]


def test_a_mended_file_is_written_and_each_mend_is_said_with_its_line(place: Path, ready_home: Home) -> None:
    home = ready_home.copied(place / "home")
    form = 'received:"2026-03-02T14:30"\nmodtaget af: municipality\nreferrer: {other: citizen, contact: kl. 13:20}\n'
    form += "subject:\n\tkind: person\nbekymring: |-\nHan sagde: nej\n#3 på listen\n"
    done = home.run("create", "--from", "-", typed=form)
    assert done.code == 0, done.err
    assert [line for line in done.err.splitlines() if re.match(r"ballerup: -:[1578]:1: ", line)]
    shown = home.run("show", done.out.strip(), "--format", "json")
    assert "Han sagde: nej\\n#3 på listen" in shown.out


def test_the_editor_shows_what_was_mended_at_its_line() -> None:
    shown = annotate("a: 1\nb: 2", [(1, "wrong")], [(2, "mended")])
    assert shown.split("\n")[1:] == ["#! wrong", "a: 1", "#= mended", "b: 2"]
    assert strip(shown, [(1, "wrong")], [(2, "mended")]) == "a: 1\nb: 2"
