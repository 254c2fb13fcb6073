"""YAML and JSON to plain values and back: the only module that knows how text becomes values.

Plain values are strings, booleans, None, whole numbers, lists and mappings with string keys. Reading goes over the
events of libyaml, so that everything a form has no use for (aliases, anchors, tags, duplicate keys, dates, deep nests)
is refused at its line and column. What fields there are and which values they take belongs to ``schema``.

No error of this module holds any text of a form or record: not in its message, its facts, its cause or its context.
That is why nothing is raised inside an ``except`` block here.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import field, replace
from functools import cache
from operator import attrgetter
from typing import Any
from unicodedata import category

from ballerup_cli.core.entry import Body
from ballerup_cli.errors import N_, Finding, InvalidFormError
from ballerup_cli.storage.text.json_forms import as_yaml
from ballerup_cli.values import value

Path = tuple[str | int, ...]
Mark = tuple[int, int]

LARGEST_FORM = 10 * 2**20
_LARGEST_BODY = 4 * LARGEST_FORM  # writing a form back escapes quotes and indents lines
_DEEPEST = 32
_MOST_FINDINGS = 50

# Control characters, line separators, byte order marks, surrogates and noncharacters: invisible, and read back
# differently by different programs (docs/format.md). Line feed and tab are text.
_FORBIDDEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufdd0-\ufdef\ud800-\udfff"
    + "".join(chr(plane << 16 | low) for plane in range(17) for low in (0xFFFE, 0xFFFF))
    + "]"
)
_INVISIBLE = N_("the invisible character {character} is not allowed")
_DIGITS = re.compile(r"-?[0-9]+")
_COMMENT = re.compile(r"[ \t]+#(\S?)")
_SMALL_NUMBER = re.compile(r"-?(0|[1-9][0-9]{0,8})")
_WORDS = {"true": True, "false": False, "null": None, "~": None, "": None}
_PLAIN_KEY = re.compile(r"(?!(true|false|null)$)[a-z][a-z0-9_-]*")


@value
class Document:
    """One form: its plain value, and where (line, column, counted from 1) each of its fields and items begins."""

    value: Any = field(repr=False)
    marks: Mapping[Path, Mark] = field(repr=False)


def read_forms(data: bytes) -> list[Document]:
    """Read what people and programs hand in: a YAML stream, JSON, an array of JSON objects or NDJSON.

    Raises:
        InvalidFormError: with a finding, line and column for everything that is wrong.
    """
    text, findings = _text(data, LARGEST_FORM)
    documents: list[Document] = []
    for number, document in enumerate([] if findings else _documents(text, findings), 1):
        documents.append(document)
        if not isinstance(document.value, dict) or not document.value:
            findings.append(replace(_finding(N_("no fields here"), document.marks[()]), document=number))
        if len(findings) >= _MOST_FINDINGS:
            break
    if not documents and not findings:
        findings.append(_finding(N_("the form is empty"), (1, 1)))
    if len(documents) == 1:
        findings = [replace(finding, document=None) for finding in findings]
    if findings:
        raise InvalidFormError(
            findings=sorted(findings, key=attrgetter("line", "column"))
        )  # one without a place is alone
    return documents


def encode(body: Body) -> bytes:
    """Write ``body`` as one YAML mapping that a person can read and every YAML reader reads back unchanged.

    Raises:
        RuntimeError: what was written does not read back; a bug, and nothing may be stored.
    """
    written = "".join(f"{line}\n" for line in _lines(body)).encode(errors="replace")  # noticed below
    try:
        same = decode(written) == body
    except ValueError:
        same = False
    if not same:
        raise RuntimeError("a body does not read back as it was written")
    return written


def decode(data: bytes) -> Any:
    """Read the one mapping that ``encode`` wrote.

    Raises:
        ValueError: it is anything else.
    """
    text, findings = _text(data, _LARGEST_BODY)
    documents = [] if findings else [*_documents(text, findings)]
    if findings or len(documents) != 1 or not isinstance(documents[0].value, dict):
        raise ValueError("not one mapping as this program writes it")
    return documents[0].value


# --- bytes to text ----------------------------------------------------------------------------------------------------


def _text(data: bytes, largest: int) -> tuple[str, list[Finding]]:
    """Return the text of ``data``, or what keeps it from being text."""
    if len(data) > largest:
        return "", [_finding(N_("larger than {limit} MiB"), None, limit=largest // 2**20)]
    text = data.decode("utf-8-sig", errors="surrogateescape").replace("\r\n", "\n")
    bad = _forbidden(text)
    if not bad:
        return text, []
    place = (text.count("\n", 0, bad.start()) + 1, bad.start() - text.rfind("\n", 0, bad.start()))
    if category(bad[0]) == "Cs":  # what a byte that is no UTF-8 was read as
        return "", [_finding(N_("not UTF-8 here; save the file with the encoding UTF-8"), place)]
    return "", [_finding(_INVISIBLE, place, character=_name(bad[0]))]


def _forbidden(text: str) -> re.Match[str] | None:
    if text.replace("\n", "").replace("\t", "").isprintable():  # ten times faster, and true of nearly every text
        return None
    return _FORBIDDEN.search(text)


def invisible(text: str) -> Finding | None:
    """Find the first character that no form may hold."""
    bad = _forbidden(text)
    return _finding(_INVISIBLE, None, character=_name(bad[0])) if bad else None


def _finding(message: str, place: Mark | None, **facts: object) -> Finding:
    line, column = place or (None, None)
    return Finding(message=message, facts=facts, line=line, column=column)


def _name(character: str) -> str:
    return f"U+{ord(character):04X}"


# --- text to values ---------------------------------------------------------------------------------------------------

_REASONS = (  # how problems of libyaml begin, and what a coordinator can do about them
    (("found unexpected ':'",), N_("between brackets a text with a colon must stand in quotes")),
    (("mapping values are not",), N_("a text with a colon must stand in quotes, or the indentation is wrong")),
    (("could not find expected ':'",), N_("a field needs a colon after its name")),
    (("found unexpected",), N_("a quotation mark is opened here and never closed")),
    (("did not find expected ','",), N_("a bracket is opened here and never closed, or a comma is missing")),
    (("did not find expected node",), N_("a bracket is not closed, or there is a comma too many")),
    (
        ("did not find expected key", "did not find expected <document start>"),
        N_("the indentation or the quotes do not fit the lines around this one"),
    ),
    (
        ("did not find expected '-'", "block sequence entries"),
        N_("the indentation does not fit the lines around this one"),
    ),
    (("found a tab",), N_("a tab cannot indent; use blanks")),
    (("did not find expected comment",), N_("after | or |- the text goes on the lines below, indented")),
    (
        ("found character that", "did not find expected alphabetic"),
        N_("a text that begins with this sign must stand in quotes"),
    ),
    (("found unknown escape",), N_("a backslash between double quotes must be written twice")),
    (("found invalid Unicode",), N_("half of a pair of escaped characters (surrogates) is missing")),
)
_OPENED = (  # the place that helps is where it begins
    "found unexpected",
    "did not find expected ','",
    "did not find expected alphabetic",
    "did not find expected comment",
    "could not find expected ':'",
)


class _StopReadingError(Exception):
    """The text cannot be read any further; the reason stands among the findings."""


@cache
def _libyaml() -> tuple[Any, type[Exception]]:
    """Return libyaml's parser and what it raises; YAML() itself looks for plug-ins on the disk each time."""
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    return YAML(typ="safe", pure=False).Parser, YAMLError


def _documents(text: str, findings: list[Finding]) -> Iterator[Document]:
    """Yield the documents of ``text`` as far as they can be read; a list at the top holds one document an item."""
    with suppress(_StopReadingError):
        yield from _Reader(text, findings).documents()


class _Reader:
    """Builds plain values from the events of libyaml, notes where they stand and what is wrong with them."""

    def __init__(self, text: str, findings: list[Finding]) -> None:
        self.text, self.lines_above = as_yaml(text)
        parser, self.error = _libyaml()
        self.parser = parser(self.text)
        self.findings = findings
        self.marks: dict[Path, Mark] = {}

    def documents(self) -> Iterator[Document]:
        while (event := self.next()) is not None:
            name = type(event).__name__
            if name == "SequenceStartEvent":
                while (item := self.item()) is not None:
                    yield self.document(item)
            elif name in ("MappingStartEvent", "ScalarEvent", "AliasEvent"):
                yield self.document(event)

    def document(self, event: Any) -> Document:
        self.marks = {(): self.place(event.start_mark)}
        return Document(value=self.value(event, ()), marks=self.marks)

    def value(self, event: Any, path: Path) -> Any:
        if len(path) > _DEEPEST:
            self.note(N_("nested too deeply"), event)
            raise _StopReadingError
        match type(event).__name__:
            case "MappingStartEvent":
                return self.mapping(path)
            case "SequenceStartEvent":
                return self.sequence(path)
            case "ScalarEvent":
                return self.scalar(event)
        return None  # an alias, noted as it came

    def mapping(self, path: Path) -> dict[str, Any]:
        values: dict[str, Any] = {}
        while (event := self.item()) is not None:
            key = self.value(event, (*path, ""))
            if not isinstance(key, str) or (key == "<<" and not event.style):
                self.note(N_("the name of a field must be a text"), event)
                key = ""
            elif key in values:
                self.note(N_("this field stands here twice"), event)
            self.marks.setdefault((*path, key), self.place(event.start_mark))
            values[key] = self.value(self.next(), (*path, key))
        return values

    def sequence(self, path: Path) -> list[Any]:
        values: list[Any] = []
        while (event := self.item()) is not None:
            item = (*path, len(values))
            self.marks[item] = self.place(event.start_mark)
            values.append(self.value(event, item))
        return values

    def scalar(self, event: Any) -> Any:
        """Resolve plain words and small numbers; all else, dates too, stays the text that was typed."""
        text: str = event.value.replace("\r\n", "\n")
        if bad := _forbidden(text):  # came through an escape
            self.note(_INVISIBLE, event, character=_name(bad[0]))
        if event.style:
            return text
        comment = _COMMENT.match(self.text, event.end_mark.index)
        if comment and (comment[1] or " " in text):  # not a comment after a code, but text such as: Blok #3
            self.note(N_("what follows # would be lost; put the text in quotes"), event)
        if text in _WORDS:
            return _WORDS[text]
        if _SMALL_NUMBER.fullmatch(text):
            return int(text)
        if _DIGITS.fullmatch(text):  # a CPR or telephone number would lose its leading zero (docs/format.md)
            self.note(N_("a number with leading zeros or many digits must stand in quotes"), event)
        return text

    def item(self) -> Any:
        """Return the next event, or None where the mapping or list ends."""
        event = self.next()
        return None if type(event).__name__ in ("MappingEndEvent", "SequenceEndEvent") else event

    def next(self) -> Any:
        """Return the next event, or None at the end of the stream."""
        try:
            event = self.parser.get_event()
        except self.error as error:
            self.findings.append(self.syntax(error))
        else:
            if refusal := _refusal(event):
                self.note(refusal, event)
            return event
        raise _StopReadingError

    def syntax(self, error: Any) -> Finding:
        """Say what libyaml stumbled over in words of our own, at the place that helps."""
        problem, mark = str(error.problem), error.problem_mark
        if problem.startswith(_OPENED):
            mark = error.context_mark or mark
        if self.text.startswith("\t", mark.index):
            problem = "found a tab"
        reason = next((ours for theirs, ours in _REASONS if problem.startswith(theirs)), None)
        line, column = self.place(mark)
        end = self.text.count("\n") + 1  # libyaml sees one line more than there is
        return _finding(reason or N_("this cannot be read as YAML"), (min(line, end), column))

    def place(self, mark: Any) -> Mark:
        return (mark.line + 1 - self.lines_above, mark.column + 1)

    def note(self, message: str, event: Any, **facts: object) -> None:
        self.findings.append(_finding(message, self.place(event.start_mark), **facts))
        if len(self.findings) >= _MOST_FINDINGS:
            raise _StopReadingError


def _refusal(event: Any) -> str | None:
    """Return why this event has no place in a form: all of these let a text mean something else than it says."""
    if type(event).__name__ == "AliasEvent":
        return N_("a text that begins with * means a reference; put it in quotes")
    if getattr(event, "anchor", None):
        return N_("a text that begins with & means a label; put it in quotes")
    if getattr(event, "tag", None):
        return N_("a text that begins with ! means a type; put it in quotes")
    if getattr(event, "version", None) or getattr(event, "tags", None):
        return N_("a line that begins with % is not allowed")
    return None


# --- values to text ---------------------------------------------------------------------------------------------------


def _lines(value: Any) -> Iterator[str]:
    """Yield the lines of ``value``; whoever holds it indents all but the first.

    Written out here, not by ruamel: its block style does not read back for some texts, and libyaml's escapes emoji.
    """
    if isinstance(value, Mapping) and value:
        for key, item in value.items():
            name = key if _PLAIN_KEY.fullmatch(key) else _quoted(key)
            first, *rest = _lines(item)
            nested = isinstance(item, Mapping | list) and item
            yield from _indented([f"{name}:", first, *rest] if nested else [f"{name}: {first}", *rest])
    elif isinstance(value, list) and value:
        for item in value:
            first, *rest = _lines(item)
            yield from _indented([f"- {first}", *rest])
    elif isinstance(value, str) and _reads_as_block(value):
        yield "|-" if value[-1] != "\n" else "|+" if value.endswith("\n\n") else "|"
        yield from value.removesuffix("\n").split("\n")
    else:
        yield _scalar(value)


def _indented(lines: Sequence[str]) -> Iterator[str]:
    yield lines[0]
    yield from (f"  {line}" if line else line for line in lines[1:])


def _reads_as_block(text: str) -> bool:
    """Tell whether block style keeps ``text``: several lines, the first not empty, none beginning with a blank."""
    return "\n" in text and text[0] != "\n" and not re.search(r"^[ \t]", text, re.MULTILINE)


def _scalar(value: Any) -> str:
    match value:
        case str():
            return _quoted(value)
        case bool() | None:
            return json.dumps(value)
        case int():
            return str(value)
        case Mapping():
            return "{}"
        case list():
            return "[]"
    raise TypeError(f"not a plain value: {type(value).__name__}")


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)  # every escape of JSON means the same in YAML
