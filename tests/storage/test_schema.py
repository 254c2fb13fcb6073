"""Every broken rule is one finding with its place and the way out, and never a word of the form."""

import json
import re
import traceback
from collections.abc import Iterator
from importlib.resources import files
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ballerup_cli.errors import Finding
from ballerup_cli.storage.text import schema
from ballerup_cli.storage.text.codec import decode, encode, read_forms
from ballerup_cli.storage.text.schema import check, compiled, find_faults, inlined, place, settle, settle_form

CANARY = "kanariefugl"
SHIPPED = sorted(
    file.name.removesuffix(".schema.json")
    for file in files("ballerup_cli").joinpath("schemas").iterdir()
    if file.name.endswith(".schema.json")
)

FORM = """\
received: 2026-03-02 14:30
received_by: municipality
referrer:
  member: klub-nord
subject:
  kind: person
  name: "Prøve Prøvesen"
concern: |
  Der er set noget ved klubben.
"""


def told(found: list[Finding]) -> list[tuple[str, str]]:
    """Return each finding as path and sentence."""
    return [(".".join(map(str, finding.path)), finding.message.format(**finding.facts)) for finding in found]


def faults(form: str, name: str = "create") -> list[tuple[int | None, int | None, str]]:
    """Return where and why a form breaks its schema; the canary in it must not be told."""
    document = settle_form(name, read_forms(form.encode())[0])
    found = [place(document, finding) for finding in check(name, document.value)]
    assert CANARY not in repr(found)
    return [(finding.line, finding.column, finding.message.format(**finding.facts)) for finding in found]


def by_rule(rule: dict[str, Any], value: Any) -> list[str]:
    found = find_faults(compiled({"properties": {"field": rule}}), {"field": value})
    assert CANARY not in repr(found)
    assert all(finding.path == ("field",) for finding in found)
    return [finding.message.format(**finding.facts) for finding in found]


# --- bad input --------------------------------------------------------------------------------------------------------


def test_a_complete_form_has_no_faults() -> None:
    assert faults(FORM) == []


@pytest.mark.parametrize(
    ("form", "fault"),
    [
        (
            FORM.replace("received_by:", "recieved_by:"),
            (2, 1, "unknown field recieved_by; nearest: received_by, received"),
        ),
        (FORM + f"{CANARY}: x\n", (10, 1, "unknown field; nearest: aware, channel, tried")),
        (FORM + f'"{CANARY} {CANARY}": x\n', (10, 1, "unknown field; nearest: related, channel, resources")),
        (FORM + f"concern_{CANARY}: x\n", (10, 1, "unknown field; nearest: concern, channel, aware")),
        (FORM.replace("  name:", "  navn:"), (7, 3, "unknown field; nearest: name, contact, age_band")),
        (FORM + "concernab: x\n", (10, 1, "unknown field concernab; nearest: concern")),
        (FORM + "concernabc: x\n", (10, 1, "unknown field; nearest: concern, notice, observations")),
        (FORM + f"channel: {CANARY}\n", (10, 1, "unknown code; nearest: phone, meeting, letter, email, form, other")),
        (FORM + "channel: telephone\n", (10, 1, "unknown code; nearest: phone")),
        (FORM + "observations:\n  - sign: våben\n    text: x\n", (11, 5, "unknown code; nearest: vaaben")),
        (
            FORM + f"observations:\n  - sign: {CANARY}\n    text: x\n",
            (11, 5, "unknown code; 'ballerup form' prints them all"),
        ),
        (FORM + "observations:\n  - sign: truer\n", (11, 5, "missing field text")),
        (FORM + 'observations:\n  - sign: truer\n    text: ""\n', (12, 5, "missing field text")),
        (FORM.replace("2026-03-02 14:30", "2. marts 2026"), (1, 1, schema._FORMATS["moment"][1])),
        (FORM.replace("2026-03-02 14:30", "2026-02-30"), (1, 1, schema._FORMATS["moment"][1])),
        (FORM + "resources: en bror\n", (10, 1, "must be a list, each item on a line that begins with -")),
        (FORM + "resources:\n  - 12\n", (11, 5, "must be text in quotes")),
        (FORM + "resources:\n  - Godt: at han kommer\n", (11, 5, "must be text in quotes")),
        (FORM + "acute: ja\n", (10, 1, "must be true or false, without quotes")),
        (FORM + 'group_size: "4"\n', (10, 1, "must be a whole number, without quotes")),
        (FORM + "place: Klub Nord\n", (10, 1, "must have fields of its own")),
        (FORM + "related: [2026-7]\n", (10, 11, "must be a case number, such as 2026-0007")),
        (FORM.replace("kind: person", 'kind: person\n  cpr: "320190-0000"'), (7, 3, "is no possible CPR number")),
        (FORM.replace("kind: person", 'kind: group\n  cpr: "010190-0000"'), (7, 3, "not allowed here")),
        (FORM.replace("klub-nord", "Klub Nord"), (4, 3, "must be a code: small letters, digits and hyphens")),
        (FORM.replace('"Prøve Prøvesen"', f'"{CANARY}\\nto linjer"'), (7, 3, "must be one line of text")),
        (re.sub(r"concern: .*", 'concern: ""\n', FORM, flags=re.DOTALL), (8, 1, "missing field concern")),
        (re.sub(r"concern: .*", "", FORM, flags=re.DOTALL), (1, 1, "missing field concern")),
        (re.sub(r"concern: .*", 'concern: "  "\n', FORM, flags=re.DOTALL), (8, 1, "must not be empty")),
    ],
)
def test_bad_input_is_told_once_at_its_place(form: str, fault: tuple[int, int, str]) -> None:
    assert fault in faults(form)
    others = [other for other in faults(form) if other != fault and other[2] != "missing field received_by"]
    assert others == []


def test_findings_come_sorted_by_path_and_once_each() -> None:
    found = told(check("create", {"subject": {"kind": "group", "cpr": 1, "born": "x"}, "resources": [1, "x", 2]}))
    assert found == [
        ("concern", "missing field concern"),
        ("received", "missing field received"),
        ("received_by", "missing field received_by"),
        ("referrer", "missing field referrer"),
        ("resources.0", "must be text in quotes"),
        ("resources.2", "must be text in quotes"),
        ("subject.born", schema._FORMATS["date"][1]),
        ("subject.cpr", "must be text in quotes"),
    ]


def test_an_assessment_of_worries_alone_is_refused() -> None:
    form = "held: 2026-03-20\nrisks: [x]\nresources: []\n"
    assert (3, 1, "missing field resources") in faults(form, "assess")


def test_a_dimension_that_is_none_is_an_unknown_field() -> None:
    found = faults(f"dimensions:\n  {CANARY}: x\n  familiy: x\n", "assess")
    assert [fault for fault in found if fault[0] in (2, 3)] == [
        (2, 3, "unknown field; nearest: crime, personality, relationships"),
        (3, 3, "unknown field familiy; nearest: family"),
    ]


def test_half_a_character_hides_no_other_fault() -> None:
    whole, half = (told(check("create", {"concern": "x", "resources": [text, 1]})) for text in ("x", "\ud800"))
    assert half == whole != []


def test_an_endless_form_of_faults_ends_soon() -> None:
    value = {f"felt {n} {CANARY * 1000}": n for n in range(2000)}
    found = check("create", value)
    assert len(found) == 50
    assert CANARY not in repr(found)


@pytest.mark.parametrize(
    ("rule", "value", "said"),
    [
        ({"type": ["string", "null"]}, 7, "must be text in quotes"),
        ({"const": True}, False, "must be true"),
        ({"enum": ["yes", "no"]}, 7, "unknown code; nearest: yes, no"),
        ({"minItems": 2}, [CANARY], "at least 2 needed here"),
        ({"maxItems": 1}, [CANARY, 1], "at most 1 allowed here"),
        ({"minLength": 1}, "", "must not be empty"),
        ({"maxLength": 3}, CANARY, "must not be longer than 3 signs"),
        ({"minimum": 1}, 0, "must be at least 1"),
        ({"maximum": 1}, 2, "must be at most 1"),
        ({"minProperties": 1}, {}, "at least 1 of its fields needed"),
        ({"uniqueItems": True}, [CANARY, CANARY], "the same stands here twice"),
        ({"pattern": "^[0-9]$"}, CANARY, "is not in the form that is asked for"),
        ({"not": {}}, CANARY, "not allowed here"),
        ({"contains": {"const": 1}}, [CANARY], "not allowed here"),
    ],
)
def test_each_rule_has_its_own_words(rule: dict[str, Any], value: Any, said: str) -> None:
    assert by_rule(rule, value) == [said]


# --- formats ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "good", "bad"),
    [
        (
            "date",
            "2028-02-29 1999-12-31",
            "2026-02-29 2026-2-3 20260302 0026-03-02 2026-03 2026-03-02T10:00 02-03-2026",
        ),
        ("date-or-month", "2026-02-28 2026-03", "2026-13 2026 2026-02-30 2026-W10"),
        (
            "moment",
            "2026-03-02 2026-03-02T14:30 2026-03-02T14:30:05Z 2026-03-02T14:30+01:00",
            "2026-03-02T24:00 14:30 i-går",
        ),
        ("case", "2026-0001 2026-12345", "2026-1 26-0001 2026-0001x"),
        ("code", "klub-nord fgu x2", "Klub klub_nord klubå"),
        ("cpr", "010190-0000 0101900000", "320190-0000 010190-00001 010190"),
    ],
)
def test_formats_take_what_exists_and_nothing_else(name: str, good: str, bad: str) -> None:
    for text in good.split():
        assert by_rule({"format": name}, text) == []
    for text in bad.split():
        assert by_rule({"format": name}, text) == [schema._FORMATS[name][1]]


def test_text_and_lines_are_not_blank() -> None:
    assert by_rule({"format": "text"}, "a\nb") == []
    assert by_rule({"format": "text"}, " \n\t") == ["must not be empty"]
    assert by_rule({"format": "line"}, "a b") == []
    assert by_rule({"format": "line"}, " ") == by_rule({"format": "line"}, "a\nb") == ["must be one line of text"]


def test_formats_leave_other_types_to_the_type_rule() -> None:
    assert by_rule({"format": "date"}, 7) == by_rule({"format": "line"}, True) == []


# --- places -----------------------------------------------------------------------------------------------------------


def test_a_finding_is_placed_at_its_field_or_the_nearest_around_it() -> None:
    (document,) = read_forms(b"concern: x\nsubject:\n  kind: person\n  residence: {a: 1}\nlist:\n  - a: 1\n")

    def at(*path: str | int) -> tuple[int | None, int | None]:
        placed = place(document, Finding(message="", path=path))
        return placed.line, placed.column

    assert at() == (1, 1)
    assert at("received") == (1, 1)
    assert at("subject") == (2, 1)
    assert at("subject", "name") == (2, 1)
    assert at("subject", "kind") == (3, 3)
    assert at("subject", 1) == (4, 3)
    assert at("subject", 1, 0) == (4, 15)
    assert at("list", 0, "a") == (6, 5)
    assert at("list", 1, "a") == (5, 1)


# --- settle -----------------------------------------------------------------------------------------------------------


def test_what_was_left_empty_is_left_out_at_every_depth() -> None:
    value = {
        "received": "2026-03-02",
        "channel": "",
        "place": {"member": "", "text": None},
        "subject": {"kind": "person", "guardians": [{"name": "", "contact": ""}], "residence": {"protected": False}},
        "observations": [{"sign": "", "text": ""}, {"text": "set", "when": ""}],
        "resources": ["", "en bror"],
        "related": [],
        "tried": None,
    }
    assert settle("create", value) == {
        "received": "2026-03-02T00:00:00+01:00",
        "subject": {"kind": "person", "residence": {"protected": False}},
        "observations": [{"text": "set"}],
        "resources": ["en bror"],
    }


def test_nothing_stays_where_the_schema_means_nothing() -> None:
    assert settle("follow-up", {"next": None, "reason": None}) == {"next": None}
    assert settle("follow-up", {"next": ""}) == {}


def test_zero_and_false_are_answers() -> None:
    assert settle("create", {"group_size": 0, "acute": False}) == {"group_size": 0, "acute": False}


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("2026-03-02", "2026-03-02T00:00:00+01:00"),
        ("2026-07-02 08:05", "2026-07-02T08:05:00+02:00"),
        ("2026-03-02T14:30:59", "2026-03-02T14:30:59+01:00"),
        ("2026-03-01T23:30Z", "2026-03-02T00:30:00+01:00"),
        ("2026-03-02T14:30+01:00", "2026-03-02T14:30:00+01:00"),
        ("2026-03-29 02:30", "2026-03-29 02:30"),
        ("2026-10-25 02:30", "2026-10-25 02:30"),
        ("2026-02-30", "2026-02-30"),
        (CANARY, CANARY),
    ],
)
def test_moments_have_one_spelling_in_danish_time(typed: str, stored: str) -> None:
    assert settle("create", {"received": typed, "notice": {"at": typed}}) == {
        "received": stored,
        "notice": {"at": stored},
    }
    assert settle("create", {"concern": typed}) == {"concern": typed}


def test_unknown_fields_are_kept_for_the_check() -> None:
    assert settle("create", {CANARY: {"a": "b"}}) == {CANARY: {"a": "b"}}


SCRAP = st.recursive(
    st.sampled_from(["", "x", None, 0, False, "2026-03-02"]),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["text", "sign", "subject", "at"]), inner)
    ),
)
SCRAPS = st.dictionaries(st.sampled_from(["received", "subject", "observations", "resources", "notice", "x"]), SCRAP)


@given(SCRAPS)
def test_settling_twice_changes_nothing_more(value: dict[str, Any]) -> None:
    once = settle("create", value)
    assert settle("create", once) == once
    assert settle("create", once) is not value


@given(SCRAPS.filter(bool))
def test_every_finding_of_a_settled_form_has_a_place(value: dict[str, Any]) -> None:
    (document,) = read_forms(encode(value))
    settled = settle_form("create", document)
    assert settled.value == settle("create", value)
    for finding in check("create", settled.value):
        assert place(settled, finding).line


def test_marks_move_with_the_items_that_stay() -> None:
    form = 'resources:\n  - ""\n  - 12\nobservations:\n  - text: ""\n  - text: x\n    sign: truerr\n'
    assert [fault for fault in faults(form) if "missing" not in fault[2]] == [
        (7, 5, "unknown code; nearest: truer"),
        (3, 5, "must be text in quotes"),
    ]


# --- what is shipped --------------------------------------------------------------------------------------------------


def inner(node: Any) -> Iterator[dict[str, Any]]:
    if isinstance(node, dict):
        yield node
    for part in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from inner(part)


@pytest.mark.parametrize("name", SHIPPED)
def test_shipped_schemas_are_schemas_whose_references_and_formats_exist(name: str) -> None:
    from jsonschema import Draft202012Validator

    whole = json.loads(schema.resource(f"schemas/{name}.schema.json"))
    Draft202012Validator.check_schema(whole)
    flat = inlined(whole)
    assert not any("$ref" in node for node in inner(flat))
    formats = {node["format"] for node in inner(flat) if isinstance(node.get("format"), str)}
    assert formats <= set(schema._FORMATS)


@pytest.mark.parametrize("name", [name for name in SHIPPED if name != "case"])  # nobody types a case sheet
def test_shipped_schemas_use_no_rule_without_words_of_its_own(name: str) -> None:
    unspoken = {
        "anyOf",
        "oneOf",
        "contains",
        "dependentRequired",
        "unevaluatedProperties",
        "patternProperties",
        "multipleOf",
    }
    for node in inner(json.loads(schema.resource(f"schemas/{name}.schema.json"))):
        assert not unspoken & set(node)


def test_code_lists_come_from_the_vocabulary() -> None:
    flat = inlined({"properties": {"sign": {"$ref": "vocabulary#/$defs/sign"}}})
    assert flat["properties"]["sign"] == {"enum": list(schema.vocabulary()["sign"]), "list": "sign"}


def test_rules_beside_a_reference_hold_too() -> None:
    flat = inlined(
        {"$defs": {"texts": {"type": "array"}}, "properties": {"a": {"$ref": "#/$defs/texts", "minItems": 1}}}
    )
    assert told(find_faults(compiled(flat), {"a": []})) == [("a", "at least 1 needed here")]
    assert told(find_faults(compiled(flat), {"a": 1})) == [
        ("a", "must be a list, each item on a line that begins with -")
    ]


def test_what_speaks_of_a_place_is_found_and_of_no_other() -> None:
    def allowed(*path: str | int) -> list[str]:
        return [
            rule for part in schema.speaking_of("create", path) for rule in ("enum", "format", "type") if rule in part
        ]

    assert allowed("observations", 0, "sign") == ["enum"]
    assert allowed("observations") == ["type"]
    assert allowed("nowhere") == allowed("observations", "sign") == allowed("concern", 0) == []


def test_a_reference_to_elsewhere_is_never_fetched() -> None:
    with pytest.raises(FileNotFoundError) as caught:
        inlined({"$ref": "https://example.org/schema.json#/$defs/x"})
    assert "example.org" in "".join(traceback.format_exception_only(caught.value))


def test_settings_and_vocabulary_are_plain_values() -> None:
    assert decode(encode(schema.defaults())) == schema.defaults()
    assert decode(encode(schema.vocabulary())) == schema.vocabulary()
