"""The schemas say what the domain says: valid examples pass, invalid ones fail where they say, and nobody is scored."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from ballerup_cli.core.network.kinds import PAGES
from ballerup_cli.storage.text import codec, schema

FOLDER = Path(__file__).parents[2] / "schemas"
EXAMPLES = Path(__file__).parents[1] / "examples"
SCHEMAS = {path.name.removesuffix(".schema.json"): json.loads(path.read_text()) for path in FOLDER.glob("*.json")}
STEPS = [step for step in schema.vocabulary()["step"] if step != "restored"]  # which nobody fills in
FORMS = [*STEPS, *PAGES, "import-map", "pladen-found", "meeting-open", "meeting-minutes", "meeting-item"]
FORMS += ["log-document", "log-unmask", "log-expire", "access-look", "netvaerk", "unmask", "published-add"]
FORMS += ["requests-open", "requests-extend", "requests-answer"]

# Names and codes that would put somebody above or below somebody else.
RANKED = (
    "score scores points sum total rank ranking rating rate level grade colour color percent percentage weight "
    "priority severity probability likelihood danger dangerousness urgency index low medium high red yellow green "
    "niveau farve procent prioritet alvor point lav middel hoej roed gul groen"
)
# Counts and references that the forms have: they tell how many or which one, never how much of a danger.
COUNTS = {"group_size"}
REFERENCES = {"observation", "risk", "measure"}


def fields(node: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Every place of a value that the schema speaks about, with what it says; ``[]`` is an item, ``*`` any name."""
    if not isinstance(node, dict):
        return
    yield path, node
    for name, inner in node.get("properties", {}).items():
        yield from fields(inner, (*path, name))
    yield from fields(node.get("items"), (*path, "[]"))
    yield from fields(node.get("additionalProperties"), (*path, "*"))
    for rule in ("then", "else"):
        yield from fields(node.get(rule), path)
    for part in node.get("allOf", []):
        yield from fields(part, path)


def is_leaf(node: Any) -> bool:
    return bool({"type", "enum", "const", "format"} & set(node)) and not {"properties", "items"} & set(node)


def scores(inlined: Any) -> list[str]:
    """Where a schema would take a number, or name a rank, on a person or group."""
    found = []
    for path, node in fields(inlined):
        names = [*path, *(code for code in node.get("enum", []) if isinstance(code, str))]
        if set(RANKED.split()) & {word for name in names for word in re.split("[-_ ]", name)}:
            found.append(f"{'.'.join(path)}: a rank")
        counted = path and (path[-1] in COUNTS | REFERENCES or path == ("observations", "[]"))
        if is_leaf(node) and not counted and any(schema.compiled(node).is_valid(value) for value in (1, 0, 0.5)):
            found.append(f"{'.'.join(path)}: a number")
    return found


def inlined(name: str) -> Any:
    return schema.inlined(SCHEMAS[name])


# --- the schemas as such ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", [*SCHEMAS])
def test_a_schema_is_valid_by_its_own_standard(name):
    assert SCHEMAS[name]["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert SCHEMAS[name]["$id"] == f"{name}.schema.json"
    Draft202012Validator.check_schema(SCHEMAS[name])


def test_every_step_has_a_schema():
    assert set(FORMS) < set(SCHEMAS)


@pytest.mark.parametrize("name", FORMS)
def test_no_schema_takes_a_field_it_does_not_know(name):
    for path, node in fields(inlined(name)):
        if "properties" in node and "type" in node:
            assert node["additionalProperties"] is False, path
            assert set(node.get("required", [])) <= set(node["properties"]), path
        elif node.get("type") == "object":
            assert {"propertyNames", "additionalProperties"} <= set(node), path


def test_every_code_list_that_a_schema_names_is_in_the_vocabulary_and_none_is_repeated():
    text = "".join(json.dumps(document) for document in SCHEMAS.values())
    named = set(re.findall(r'vocabulary#/\$defs/([a-z0-9-]+)"', text))
    words = schema.vocabulary()
    assert named and named <= {*words, "staff-ring"}
    lists = {name: set(codes) for name, codes in words.items() if isinstance(codes, dict)}
    for name in FORMS:
        for path, node in fields(SCHEMAS[name]):
            assert not any(codes == set(node.get("enum", [])) for codes in lists.values()), path


@pytest.mark.parametrize("name", ["create", "triage", "assess"])
def test_nobody_is_scored(name):
    assert scores(inlined(name)) == []


@pytest.mark.parametrize(
    ("field", "rule"),
    [
        ("concern_score", {"type": "string"}),
        ("how_much", {"type": "integer"}),
        ("share", {"type": "number"}),
        ("either", {"type": ["string", "integer"]}),
        ("marker", {"enum": ["low", "high"]}),
        ("marker", {"enum": [1, 2, 3]}),
        ("inside", {"type": "array", "items": {"type": "object", "properties": {"how_much": {"type": "integer"}}}}),
    ],
)
def test_a_score_in_any_disguise_is_noticed(field, rule):
    changed = inlined("assess")
    assert scores({**changed, "properties": {**changed["properties"], field: rule}})


# --- the examples -----------------------------------------------------------------------------------------------------


def examples(kind: str) -> list[Any]:
    paths = sorted((EXAMPLES / kind).glob("*/*.yaml"))
    return [pytest.param(path, id=f"{path.parent.name}/{path.stem}") for path in paths]


def settled(path: Path) -> Any:
    (document,) = codec.read_forms(path.read_bytes())
    return schema.settle(path.parent.name, document.value)


@pytest.mark.parametrize("path", examples("valid"))
def test_a_valid_example_passes(path):
    assert schema.check(path.parent.name, settled(path)) == []


FAULTS = (
    *("", " ", "x", "x\n", "a b", "Æ", "\ud800", "2026-02-30", "2026-02-28", "2026-02", "2026-0001", 5001 * "a"),
    *(None, True, False, 0, 1, 1.0, -1, 0.5, 10**30, float("nan"), [], {}, ["x", "x"], [1, True], {"x": "y"}),
)
A_FORM = 40  # faults, drawn by lot; up to 1,200 a form were tried once


def faulty(value: Any) -> Iterator[Any]:
    """Give the value with one fault put in, at every place: another value, a field more or less, an item twice."""
    yield from FAULTS
    if isinstance(value, dict):
        yield {**value, "unheard_of": "x"}
        yield {**value, 1: "x"}
        for key, item in value.items():
            yield {name: other for name, other in value.items() if name != key}
            yield from ({**value, key: changed} for changed in faulty(item))
    if isinstance(value, list):
        yield [*value, *value[:1]]
        for at, item in enumerate(value):
            yield from ([*value[:at], changed, *value[at + 1 :]] for changed in faulty(item))


@pytest.mark.parametrize("path", examples("valid"))
def test_the_quick_validator_takes_nothing_that_the_other_refuses(path):
    name, all_faults = path.parent.name, [*faulty(settled(path))]
    for value in Random(path.name).sample(all_faults, min(A_FORM, len(all_faults))):  # noqa: S311
        is_sound = schema._is_sound(name, value)
        assert not is_sound or not schema.find_faults(schema._validator(name), value), value
    assert schema._is_sound(name, settled(path))  # else nothing is gained


@pytest.mark.parametrize("path", examples("invalid"))
def test_an_invalid_example_fails_at_the_place_and_by_the_rule_it_names(path):
    place, rule = (line.partition(": ")[2] for line in path.read_text().splitlines()[:2])
    (document,) = codec.read_forms(path.read_bytes())
    (finding,) = schema.check(path.parent.name, document.value)
    assert ".".join(map(str, finding.path)) == place
    assert finding.message.startswith(rule)


@pytest.mark.parametrize("name", FORMS)
def test_every_schema_has_examples_of_both_kinds(name):
    for kind in ("valid", "invalid"):
        assert any((EXAMPLES / kind / name).glob("*.yaml"))


@pytest.mark.parametrize("name", FORMS)
def test_every_field_stands_in_a_valid_example(name):
    used = {field for path in (EXAMPLES / "valid" / name).glob("*.yaml") for field in settled(path)}
    assert used == set(SCHEMAS[name]["properties"])


@pytest.mark.parametrize("name", FORMS)
def test_every_required_field_is_missed_when_it_is_left_out(name):
    for path in sorted((EXAMPLES / "valid" / name).glob("*.yaml")):
        value = settled(path)
        for field in SCHEMAS[name]["required"]:
            without = {key: item for key, item in value.items() if key != field}
            assert (field,) in [finding.path for finding in schema.check(name, without)]
