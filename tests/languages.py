"""Which language a screen speaks, told by words that only one of the two has: no list is kept by hand.

The words of a language are those of its texts: catalogue, labels, settings, forms, documents. A word that only English
texts have must not stand on a Danish screen, nor the other way round; codes, names and what a record says may.
"""

import json
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from catalogue import read

from ballerup_cli.cli.main import main
from ballerup_cli.core.words import WORDS
from ballerup_cli.storage import computed
from ballerup_cli.storage.text import codec, schema

ROOT = Path(__file__).parent.parent
LANGUAGES = ("da", "en")

_WORD = re.compile(r"(?:--)?[a-zæøå_]+(?:-[a-zæøå_]+)*")
_MARKS = re.compile(r"^ballerup: (error|hint|warning): ", re.MULTILINE)  # the same for every program that reads them
_A_WORD = "(?:" + "|".join(word for words in WORDS.values() for word in words) + ")"
_NOT_READ = re.compile(
    r"<style>.*?</style>|<\?xml.*?\?>|<[a-z/!][^>]*>|&[a-z#0-9]+;"  # what a browser reads
    r"|\S*/\S+|[\w-]+(?:\.(?:age|yaml|csv|txt|pdf|html|ics|svg|xlsx|service|timer|json))+\b"  # a file system
    rf"|\b\w*\d\w*\b|\b(?:{_A_WORD}\s+){{2,9}}{_A_WORD}\b",  # and what people compare: a fingerprint
    re.DOTALL,
)
_BROKEN = re.compile(r"(?<=[a-zæøå])-\n\s*")  # a word that goes on in the next line
_FACT = re.compile(r"\{[a-z_]+\}|\{%.*?%\}|\{\{.*?\}\}")


def strangers(screen: str, language: str, content: Collection[str] = ()) -> set[str]:
    """Return the words of a screen that only the other language has; ``content`` are words of what a record says."""
    return (words(_NOT_READ.sub(" ", _MARKS.sub("", screen))) & only(language)) - set(content)


def words(text: str) -> set[str]:
    """Return the words of a text, small; a code with a hyphen is one word."""
    return set(_WORD.findall(_BROKEN.sub("-", text.lower())))


def leaves(value: Any) -> Iterator[str]:
    """Give every text within a form."""
    inner = value.values() if isinstance(value, Mapping) else value if isinstance(value, list | tuple) else ()
    for part in inner:
        yield from leaves(part)
    if isinstance(value, str):
        yield value


@cache
def shipped() -> frozenset[str]:
    """Return the words of the concerns that are shipped, which are told in Danish."""
    forms = (ROOT / "templates" / "examples").rglob("*.yaml")
    return frozenset().union(*(words(text) for form in forms for text in leaves(_read(form))))


def _read(form: Path) -> list[Any]:
    return [document.value for document in codec.read_forms(form.read_bytes())]


@cache
def only(language: str) -> frozenset[str]:
    """Return the words that only the other language has and that are no code, field, command or option."""
    (other,) = set(LANGUAGES) - {language}
    return frozenset(_spoken(other) - _spoken(language) - _codes())


@cache
def _spoken(language: str) -> frozenset[str]:
    return frozenset().union(*map(words, _texts(language)))


def _texts(language: str) -> Iterable[str]:
    for message in filter(lambda message: message.id, read()):
        told = message.string if language == "da" else message.id
        yield from (_FACT.sub(" ", text) for text in ([told] if isinstance(told, str) else told))
    yield from _labels(schema.vocabulary(), language)
    yield from _labels(schema.defaults(), language)
    yield from _labels(computed.decoded(schema.resource("schemas/names.yaml")), language)
    for path in (ROOT / "templates").glob("*.yaml"):
        yield from re.findall(rf"^ *#{language} (.*)", path.read_text(), re.MULTILINE)
    for path in (ROOT / "templates" / "documents").glob(f"*.{language}.md"):
        yield _FACT.sub(" ", path.read_text())


def _labels(value: Any, language: str) -> Iterator[str]:
    if isinstance(value, Mapping):
        for name, part in value.items():
            if isinstance(part, str) and name == language:
                yield part
            yield from _labels(part, language)


@cache
def _codes() -> frozenset[str]:
    """Return the words that are the same in both languages: codes, fields, commands, members of Pladen."""
    found = set[str]()
    forms = {*(ROOT / "schemas").glob("*.schema.json")} - {ROOT / "schemas" / "report.schema.json"}  # for programs only
    for path in forms:
        found.update(_fields(json.loads(path.read_text())))
    found.update(leaves(schema.vocabulary()["pladen"]))
    found.update(_names(schema.vocabulary()), _names(schema.defaults()), _commands(main))
    return frozenset().union(*map(words, found))


def _fields(part: Any) -> Iterator[str]:
    """Give the fields of a schema and the codes they take."""
    if isinstance(part, Mapping):
        yield from part.get("properties", ())
        yield from (str(code) for code in (*part.get("enum", ()), part.get("const", "")))
    for inner in part.values() if isinstance(part, Mapping) else part if isinstance(part, list) else ():
        yield from _fields(inner)


def _names(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        for name, part in value.items():
            yield str(name)
            yield from _names(part)


def _commands(command: Any) -> Iterator[str]:
    yield command.name or ""
    for option in command.params:
        yield from option.opts
    for below in getattr(command, "commands", {}).values():
        yield from _commands(below)
