"""The forms ask for exactly what the schemas take, explain it in both languages, and mark what is required."""

import re
from collections.abc import Iterator
from typing import Any

import pytest

from ballerup_cli.core.network.kinds import PAGES
from ballerup_cli.storage.text import codec, schema
from ballerup_cli.storage.text.codec import Document

STEPS = [*(step for step in schema.vocabulary()["step"] if step != "restored"), *PAGES, "netvaerk", "unmask"]
COMMENT = re.compile(r" *#(da|en|:) (\S.*)")
OPTIONAL = ("#da ---------- valgfrit ----------", "#en ---------- optional ----------")


def lines(step: str) -> list[str]:
    """Return the lines of a template, one for each code where it asks for a text of each."""
    words = schema.vocabulary()
    text = schema.resource(f"templates/{step}.yaml").decode()
    for name in re.findall(r"#each (\S+)", text):
        text = text.replace(f"  #each {name}\n", "".join(f"  {code}: |-\n" for code in words[name]))
    return text.splitlines()


def form(step: str) -> Document:
    (document,) = codec.read_forms("".join(f"{line}\n" for line in lines(step)).encode())
    return document


def rules(step: str) -> Any:
    return schema.inlined(document(step))


def document(step: str) -> Any:
    (document,) = codec.read_forms(schema.resource(f"schemas/{step}.schema.json"))
    return document.value


def parts(node: Any) -> Iterator[dict[str, Any]]:
    """The schema and whatever in it speaks about the same value."""
    if isinstance(node, dict):
        yield node
        for rule in ("then", "else"):
            yield from parts(node.get(rule))
        for part in node.get("allOf", []):
            yield from parts(part)


def field_rules(schemas: list[Any]) -> dict[str, list[Any]]:
    """For each field of a mapping all that the schemas say about it."""
    found: dict[str, list[Any]] = {}
    for node in (part for whole in schemas for part in parts(whole)):
        for name, inner in node.get("properties", {}).items():
            found.setdefault(name, []).append(inner)
        for name in node.get("propertyNames", {}).get("enum", []):
            found.setdefault(name, []).append(node["additionalProperties"])
    return found


def item_rules(schemas: list[Any]) -> list[Any]:
    return [part["items"] for whole in schemas for part in parts(whole) if "items" in part]


def walk(value: Any, schemas: list[Any], path: tuple[str | int, ...] = ()) -> Iterator[tuple[Any, Any, list[Any]]]:
    """Every field and item of an empty form: path, value, what the schema says about it."""
    yield path, value, schemas
    if isinstance(value, dict):
        known = field_rules(schemas)
        for name, inner in value.items():
            yield from walk(inner, known.get(name, []), (*path, name))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from walk(inner, item_rules(schemas), (*path, index))


def block_above(text: list[str], line: int) -> list[str]:
    """The comment lines that stand directly above a line (counted from 1)."""
    start = line - 1
    while start and COMMENT.fullmatch(text[start - 1]):
        start -= 1
    return text[start : line - 1]


def blocks(text: list[str]) -> Iterator[list[str]]:
    block: list[str] = []
    for line in [*text, ""]:
        if line.lstrip().startswith("#"):
            block.append(line)
        elif block:
            yield block
            block = []


def starred(block: list[str]) -> dict[str, list[str]]:
    said = [COMMENT.fullmatch(line) for line in block]
    return {lang: [m[2] for m in said if m and m[1] == lang and m[2].startswith("* ")] for lang in ("da", "en")}


@pytest.mark.parametrize("step", STEPS)
def test_a_form_has_the_fields_of_its_schema_at_every_depth_and_no_other(step):
    for path, value, schemas in walk(form(step).value, [rules(step)]):
        if isinstance(value, dict):
            assert set(value) == set(field_rules(schemas)), path
        elif isinstance(value, list):
            assert len(value) == 1, path
            assert item_rules(schemas), path
        else:
            assert not field_rules(schemas) and not item_rules(schemas), path


@pytest.mark.parametrize("step", STEPS)
def test_an_empty_form_holds_nothing_and_misses_what_is_required(step):
    value = schema.settle(step, form(step).value)
    assert value == {}
    missing = sorted(rules(step)["required"])
    assert [finding.path for finding in schema.check(step, value)] == [(name,) for name in missing]


@pytest.mark.parametrize("step", STEPS)
def test_every_comment_has_both_languages(step):
    for block in blocks(lines(step)):
        said = [COMMENT.fullmatch(line) for line in block]
        assert all(said), block
        spoken = [(m[1], m[2]) for m in said if m and m[1] != ":"]
        assert [lang for lang, _ in spoken] == ["da", "en"] * (len(spoken) // 2), block
        for (_, danish), (_, english) in zip(spoken[::2], spoken[1::2], strict=True):
            assert danish != english
            assert danish.startswith("* ") == english.startswith("* ")


@pytest.mark.parametrize("step", STEPS)
def test_every_list_of_choices_is_in_the_vocabulary_and_stands_before_its_first_use(step):
    words, text, document = schema.vocabulary(), lines(step), form(step)
    shown = {line.split("#: ")[1]: number for number, line in reversed([*enumerate(text, 1)]) if "#: " in line}
    assert set(shown) <= set(words)
    used = set()
    for path, _, schemas in walk(document.value, [rules(step)]):
        for codes in (part["enum"] for whole in schemas for part in parts(whole) if "enum" in part):
            names = [name for name in shown if [*words[name]] == codes]
            assert any(shown[name] < document.marks[path][0] for name in names), path
            used |= set(names)
    assert used | {"pladen", "dimension", "function"} >= set(shown)


@pytest.mark.parametrize("step", STEPS)
def test_what_is_required_is_marked_and_what_is_marked_is_required(step):
    text, document = lines(step), form(step)
    for path, value, schemas in walk(document.value, [rules(step)]):
        if not isinstance(value, dict):
            continue
        always = {name for whole in schemas for part in unconditional(whole) for name in part.get("required", [])}
        perhaps = {name for whole in schemas for part in parts(whole) for name in part.get("required", [])}
        for name in value:
            stars = starred(block_above(text, document.marks[(*path, name)][0]))
            if name in always:
                assert stars["da"] and stars["en"], (path, name)
            if stars["da"]:
                assert name in perhaps or stars["da"][0].startswith("* når"), (path, name)


def unconditional(node: Any) -> Iterator[dict[str, Any]]:
    """The schema and the parts of it that hold without a condition."""
    yield node
    for part in node.get("allOf", []):
        if "if" not in part:
            yield from unconditional(part)


@pytest.mark.parametrize("step", STEPS)
def test_required_fields_come_first(step):
    text, document = lines(step), form(step)
    marked = [text.index(line) for line in OPTIONAL if line in text]
    required = rules(step)["required"]
    if not marked:
        assert set(document.value) == set(required)
        return
    first, last = marked
    assert last == first + 1
    for name in document.value:
        below = document.marks[(name,)][0] > last
        assert not (below and name in required), name


def test_the_hints_the_domain_asks_for_are_given():
    create, triage = "\n".join(lines("create")), "\n".join(lines("triage"))
    assert "Skriv, hvad der er set" in create
    assert "Gruppe ved Klub Nord, forår 2026" in create
    assert "ikke en tjekliste, kun en hjælp" in create and "not a checklist, only a help" in create
    assert "ingen oplysninger om efterforskning" in triage and "no investigation details" in triage
