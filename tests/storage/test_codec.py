"""Text survives the way into a file and back; what a form cannot hold is refused at its place, without a word of it."""

import json
import traceback
from collections.abc import Iterator

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ballerup_cli.errors import InvalidFormError
from ballerup_cli.storage.text.codec import Document, decode, encode, invisible, read_forms

CANARY = "kanariefugl"

TEXT = st.text(
    st.characters(exclude_categories=["Cc", "Cs", "Cn", "Zl", "Zp"], exclude_characters="\ufeff")
    | st.sampled_from("\n\n\t  #:-.|>\"'\\&*!%@`{}[],?~\u00a0æøå😀\ue000\U0010fffd")
)
LEAF = TEXT | st.booleans() | st.none() | st.integers(-999_999_999, 999_999_999)
KEY = st.sampled_from(["concern", "follow_up", "null", "true", "---", "...", "#", "- x", "<<", "", "07"]) | TEXT.filter(
    lambda text: len(json.dumps(text)) < 1000  # YAML: a key that is not marked with ? has at most 1,024 signs
)
VALUE = st.recursive(LEAF, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEY, inner, max_size=4))
BODY = st.dictionaries(KEY, VALUE, min_size=1, max_size=6)


def refused(data: bytes | str) -> list[tuple[int | None, int | None, str]]:
    """Return where and why ``data`` is refused; the canary in it must have left no trace in the error."""
    with pytest.raises(InvalidFormError) as caught:
        read_forms(data.encode() if isinstance(data, str) else data)
    error = caught.value
    assert error.__cause__ is None
    assert error.__context__ is None
    said = [str(error), repr(error), *traceback.format_exception(error)]
    said += [f"{finding!r} {finding.message.format(**finding.facts)}" for finding in error.findings]
    assert CANARY not in "".join(said)
    return [(found.line, found.column, found.message.format(**found.facts)) for found in error.findings]


def values(data: bytes | str) -> list[object]:
    return [document.value for document in read_forms(data.encode() if isinstance(data, str) else data)]


# --- round trips ------------------------------------------------------------------------------------------------------


@given(BODY)
@example({"a": "\n"})
@example({"a": "\n\n\n"})
@example({"a": " leading\nblank"})
@example({"a": "x\n\tleading tab"})
@example({"a": "x\n\n\n"})
@example({"a": "x\n#\n---\n...\n", "b": "y \nz\t\n"})
@example({"a": ["x\ny", ["x\ny\n", []], {"b": "x\ny\n\n", "c": {}}]})
@example({"a": "æøå " * 5000})
@example({"a": "true", "b": "null", "c": "~", "d": "", "e": "0101901234", "f": "2026-03-02"})
def test_every_body_reads_back_as_it_was_written(body: dict[str, object]) -> None:
    data = encode(body)
    assert decode(data) == body
    assert list(decode(data)) == list(body)
    assert values(data) == [body]


@given(BODY)
def test_a_body_holds_nothing_that_frames_a_journal(body: dict[str, object]) -> None:
    for line in encode(body).split(b"\n"):
        assert not line.startswith((b"---", b"...", b"#", b"%"))


@settings(max_examples=40, deadline=None)
@given(BODY)
def test_another_yaml_reader_reads_the_same(body: dict[str, object]) -> None:
    from ruamel.yaml import YAML

    assert YAML(typ="safe", pure=True).load(encode(body)) == body


@settings(deadline=None)
@given(st.lists(BODY, min_size=1, max_size=3), st.booleans())
def test_programs_may_hand_in_json_in_every_arrangement(bodies: list[dict[str, object]], ascii_only: bool) -> None:
    each = [json.dumps(body, ensure_ascii=ascii_only) for body in bodies]
    assert values("\n".join(each) + "\n") == bodies
    assert values(f"[{','.join(each)}]") == bodies
    assert values("".join(each)) == bodies
    assert values("\n".join(json.dumps(body, ensure_ascii=ascii_only, indent=2) for body in bodies)) == bodies


def test_many_lines_are_written_as_a_person_would() -> None:
    body = {
        "concern": "Set ved klubben.\n\nIgen om fredagen 😀.\n",
        "resources": ["en bror"],
        "acute": False,
        "tier": None,
    }
    written = """\
concern: |
  Set ved klubben.

  Igen om fredagen 😀.
resources:
  - "en bror"
acute: false
tier: null
"""
    assert encode(body).decode() == written


@pytest.mark.parametrize("value", ["bell\x07", "half \ud83d", "next\x85line", "\u2028", 10**12, {"\x00": "x"}])
def test_what_does_not_read_back_is_never_written(value: object) -> None:
    with pytest.raises(RuntimeError) as caught:
        encode({"text": [CANARY, value]})
    assert CANARY not in "".join(traceback.format_exception(caught.value))
    assert caught.value.__context__ is None


def test_only_plain_values_are_written() -> None:
    with pytest.raises(TypeError, match="not a plain value: float"):
        encode({"text": 1.5})


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"- a\n",
        b"a: 1\n---\nb: 2\n",
        b"a: \xff" + CANARY.encode(),
        b'a: "' + CANARY.encode(),
        b"a: &x " + CANARY.encode(),
        b'a: "\\x07' + CANARY.encode() + b'"',
    ],
)
def test_anything_but_one_mapping_is_no_body(data: bytes) -> None:
    with pytest.raises(ValueError, match="not one mapping") as caught:
        decode(data)
    assert caught.value.__context__ is None
    assert CANARY not in "".join(traceback.format_exception(caught.value))


# --- what forms may look like -----------------------------------------------------------------------------------------


def test_only_words_for_yes_no_nothing_and_small_numbers_are_more_than_text() -> None:
    form = "[true, false, null, ~, , 7, -7, 0, 123456789]\n"
    assert values(f"a: {form.replace(', ,', ',')}b:\n") == [
        {"a": [True, False, None, None, 7, -7, 0, 123456789], "b": None}
    ]


@pytest.mark.parametrize(
    "text",
    ["2026-03-02", "2026-03-02 14:30", "10:30", "0x1F", "1.5", "1_000", "yes", "no", "True", "NULL", "12 34 56 78"],
)
def test_everything_else_stays_as_typed(text: str) -> None:
    assert values(f"a: {text}\n") == [{"a": text}]


def test_a_stream_is_many_documents_with_lines_counted_over_the_whole_file() -> None:
    first, second = read_forms(b"# two\na: x\n---\nb:\n  - c: y\n")
    assert first == Document(value={"a": "x"}, marks={(): (2, 1), ("a",): (2, 1)})
    assert second.value == {"b": [{"c": "y"}]}
    assert second.marks == {(): (4, 1), ("b",): (4, 1), ("b", 0): (5, 5), ("b", 0, "c"): (5, 5)}


def test_places_in_json_are_those_of_the_file() -> None:
    first, second = read_forms(b'{"a": "\\ud83d\\ude00", "b": 1}\n {"c":\n 2}')
    assert first.value == {"a": "😀", "b": 1}
    assert first.marks[("b",)] == (1, 23)
    assert second.marks == {(): (2, 2), ("c",): (2, 3)}


def test_an_escaped_backslash_hides_no_surrogate_pair() -> None:
    assert values('{"a": "\\\\\\ud83d\\ude00"}') == [{"a": "\\😀"}]
    assert values('{"a": "\\\\ud83d"}') == [{"a": "\\ud83d"}]
    assert values("a: '\\ud83d\\ude00'") == [{"a": "\\ud83d\\ude00"}]


def test_a_byte_order_mark_and_lines_of_windows_are_taken_in() -> None:
    assert values(b"\xef\xbb\xbfa: |\r\n  x\r\n  y\r\n") == [{"a": "x\ny\n"}]
    assert values('{"a": "x\\r\\ny"}') == [{"a": "x\ny"}]


# --- what is refused, and where ---------------------------------------------------------------------------------------

QUOTE = "a quotation mark is opened here and never closed"
BRACKET = "a bracket is opened here and never closed, or a comma is missing"
COLON = "a text with a colon must stand in quotes, or the indentation is wrong"
INDENT = "the indentation or the quotes do not fit the lines around this one"
SIGN = "a text that begins with this sign must stand in quotes"
TAB = "a tab cannot indent; use blanks"
DIGITS = "a number with leading zeros or many digits must stand in quotes"
LOST = "what follows # would be lost; put the text in quotes"


@pytest.mark.parametrize(
    ("form", "place_and_reason"),
    [
        (f'a: x\nb: "{CANARY}\nc: x\n', (2, 4, QUOTE)),
        (f"a: '{CANARY}\n---\nb: 1\n", (1, 4, QUOTE)),
        (f"a: {{b: kl. 13:20, c: {CANARY}}}\n", (1, 8, "between brackets a text with a colon must stand in quotes")),
        (f"a: [1, 2\n{CANARY}: x\n", (1, 4, BRACKET)),
        (f"a: [{CANARY}\n", (1, 4, BRACKET)),
        (f"a: [{CANARY},", (1, 1, "a bracket is not closed, or there is a comma too many")),
        (f"a: > {CANARY}\n", (1, 4, "after | or |- the text goes on the lines below, indented")),
        (f"a: x\n- {CANARY}\n", (2, 1, INDENT)),
        (f"a: han sagde: {CANARY}\n", (1, 13, COLON)),
        (f'a: "{CANARY}" {CANARY}\n', (1, len(CANARY) + 7, INDENT)),
        (f"a:\n  - {CANARY}\n b: 1\n", (3, 2, INDENT)),
        (f"a: x\n{CANARY}\nb: 1\n", (2, 1, "a field needs a colon after its name")),
        (f"a: @{CANARY}\n", (1, 4, SIGN)),
        (f"a: **{CANARY}**\n", (1, 4, SIGN)),
        (f"a:\n\tb: {CANARY}\n", (2, 1, TAB)),
        (f'a: "C:\\q{CANARY}"\n', (1, 7, "a backslash between double quotes must be written twice")),
        (f'{{"a": "\\ud83d {CANARY}"}}', (1, 10, "half of a pair of escaped characters (surrogates) is missing")),
        (f"a: &{CANARY} x\n", (1, 4, "a text that begins with & means a label; put it in quotes")),
        (f"a: *{CANARY}\n", (1, 4, "a text that begins with * means a reference; put it in quotes")),
        (f"a: !{CANARY} x\n", (1, 4, "a text that begins with ! means a type; put it in quotes")),
        (f"%YAML 1.2\n---\na: {CANARY}\n", (1, 1, "a line that begins with % is not allowed")),
        (f"{CANARY}: x\nb: y\n{CANARY}: z\n", (3, 1, "this field stands here twice")),
        (f"<<: {{a: {CANARY}}}\n", (1, 1, "the name of a field must be a text")),
        (f"a: {{1: {CANARY}}}\n", (1, 5, "the name of a field must be a text")),
        (f"? [{CANARY}]\n: x\n", (1, 3, "the name of a field must be a text")),
        ("a: 0101901234\n", (1, 4, DIGITS)),
        ("a:\n  - 1234567890\n", (2, 5, DIGITS)),
        ('{"cpr": 1234567890}', (1, 9, DIGITS)),
        ("a: -007\n", (1, 4, DIGITS)),
        (f"a: {CANARY} bor i blok # 3\n", (1, 4, LOST)),
        (f"a: Blok #{CANARY}\n", (1, 4, LOST)),
        (f"a: 1\nb: {CANARY}\x1b[2J\n", (2, len(CANARY) + 4, "the invisible character U+001B is not allowed")),
        (f"\na: {CANARY}\x1b\n", (2, len(CANARY) + 4, "the invisible character U+001B is not allowed")),
        (f"a: {CANARY}\rb\n", (1, len(CANARY) + 4, "the invisible character U+000D is not allowed")),
        (f"a: æ\u2028{CANARY}\n", (1, 5, "the invisible character U+2028 is not allowed")),
        (f'a: x\nb: "{CANARY}\\N"\n', (2, 4, "the invisible character U+0085 is not allowed")),
        (f'{{"a": "{CANARY}\\u0000"}}', (1, 7, "the invisible character U+0000 is not allowed")),
        (f'{{"{CANARY}\\ufeff": 1}}', (1, 2, "the invisible character U+FEFF is not allowed")),
        (f"a: {CANARY}\U0001ffff\n", (1, len(CANARY) + 4, "the invisible character U+1FFFF is not allowed")),
        (f"a: {CANARY}\U0010fffe\n", (1, len(CANARY) + 4, "the invisible character U+10FFFE is not allowed")),
        (f"a: {'[' * 40}{CANARY}{']' * 40}\n", (1, 36, "nested too deeply")),
        ("[" * 100_000, (1, 35, "nested too deeply")),
        ("", (1, 1, "the form is empty")),
        (f"# {CANARY}\n", (1, 1, "the form is empty")),
        ("[]", (1, 1, "the form is empty")),
        (f"a: x\n---\n{CANARY}\n", (3, 1, "no fields here")),
        (f'[{{"a": 1}}, "{CANARY}"]', (1, 12, "no fields here")),
        ("a: x\n---\n", (3, 1, "no fields here")),
    ],
)
def test_what_a_form_cannot_hold_is_refused_at_its_place(form: str, place_and_reason: tuple[int, int, str]) -> None:
    assert refused(form) == [place_and_reason]


def test_a_form_without_fields_is_named_by_its_number_in_the_stream() -> None:
    with pytest.raises(InvalidFormError) as caught:
        read_forms(b"a: x\n---\n---\nb: y\n---\n- 1\n")
    assert [finding.document for finding in caught.value.findings] == [2, 4]
    for form, numbers in ((b"- 1\n", [None]), (b"a: x\n---\n- 1\n", [2])):
        with pytest.raises(InvalidFormError) as caught:
            read_forms(form)
        assert [finding.document for finding in caught.value.findings] == numbers


def test_bytes_that_are_not_utf8_are_named_by_line_and_column() -> None:
    reason = "not UTF-8 here; save the file with the encoding UTF-8"
    assert refused(f"a: x\nb: æ{CANARY}".encode() + b"\xe6") == [(2, len(CANARY) + 5, reason)]
    assert refused(f"a: {CANARY}".encode("utf-16")) == [(1, 1, reason)]


def test_a_text_of_another_source_is_held_against_the_same_characters() -> None:
    found = invisible(f"{CANARY}\u2028\x1b")
    assert found and found.facts == {"character": "U+2028"}
    assert invisible("æ\t😀\n") is None


def test_a_form_does_not_show_what_was_typed_as_a_name_either() -> None:
    assert CANARY not in repr(read_forms(f"{CANARY}: {{{CANARY}: {CANARY}}}".encode()))


def test_the_largest_form_there_is_is_read() -> None:
    form = b"a: b\n"
    whole = form + b"#" * (10 * 2**20 - len(form))
    assert values(whole) == [{"a": "b"}]
    assert refused(whole + b"#") == [(None, None, "larger than 10 MiB")]


def test_an_empty_form_is_told_at_its_beginning() -> None:
    for form in ("", "# only a comment\n"):
        assert refused(form) == [(1, 1, "the form is empty")]


def test_a_form_of_20_megabytes_is_refused_unread() -> None:
    assert refused(f'a: "{CANARY}'.encode() + b"x" * (20 * 2**20) + b'"') == [(None, None, "larger than 10 MiB")]


def test_all_faults_are_told_at_once_but_not_endlessly() -> None:
    assert [line for line, _, _ in refused("a: 01\nb: *x\nc: !y z\nb: 1\n")] == [1, 2, 3, 4]
    assert [column for _, column, _ in refused("[[*a], !b c]")] == [2, 3, 8, 8]
    assert len(refused("[" + "[]," * 100_000 + "]")) == 50
    assert len(refused("a: [" + "*x ," * 100_000 + "]")) == 50


def broken_forms() -> Iterator[str]:
    """Cut a form at every place, and put every sign with a meaning there."""
    form = f"subject:\n  name: \"{CANARY}\"\n  kind: 'person'\nlist:\n  - {CANARY}\nflow: {{a: [x, y]}}\ntext: |\n  x\n"
    for cut in range(len(form)):
        yield form[:cut]
        for sign in "\t\"'[]{}:,-?|>&*!%@`#\\":
            yield form[:cut] + sign + form[cut:]


def test_a_form_broken_anywhere_is_refused_at_a_place_in_it_and_never_quoted() -> None:
    seen = set()
    for form in broken_forms():
        try:
            read_forms(form.encode())
        except InvalidFormError as error:
            assert all(1 <= (finding.line or 0) <= form.count("\n") + 1 for finding in error.findings)
            assert CANARY not in f"{error!r} {error.findings!r}"
            seen |= {finding.message for finding in error.findings}
    assert {QUOTE, BRACKET, COLON, INDENT, SIGN, TAB} <= seen
