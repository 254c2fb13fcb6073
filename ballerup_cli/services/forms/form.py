"""The commented form of a step: its template in one language, the choices beside the fields, what is known filled in.

How the user fills it in belongs to the command line; what a form may say, to the schemas.
"""

import re
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any

from ballerup_cli.errors import Finding, InvalidFormError
from ballerup_cli.storage.text import codec, schema

Choices = Mapping[str, Mapping[str, str]]
"""For each list of the vocabulary its codes with their labels."""

_WIDEST = 80
_OTHERS = re.compile(r"( *)#(da|en|:)(?: (.*))?")
_EACH = re.compile(r"( *)#each (\S+)")
"""Stands for one text of each code of a list."""
_FIELD = re.compile(r"( *)([a-z_-]+):(?: .*)?")


def render(step: str, language: str, known: Mapping[str, Any] | None = None, choices: Choices | None = None) -> str:
    """Give the form of ``step`` in ``language`` with the fields of ``known`` filled in.

    ``choices`` replaces lists of the vocabulary, such as the starter members of the network by the members there are.

    Raises:
        KeyError: ``known`` has a field that the form has not; a bug.
    """
    template = schema.resource(f"templates/{step}.yaml").decode()
    return fill(template, language, {**_offered(language), **(choices or {})}, known or {})


def shipped_settings(own: Mapping[str, Any]) -> str:
    """Give what a store has set, above all that could be set, as comments."""
    shipped = schema.resource("schemas/settings.yaml").decode()
    text = codec.encode(own).decode() if own else ""
    return text + "\n" + "".join(f"# {line}".rstrip() + "\n" for line in shipped.splitlines())


def fill(template: str, language: str, lists: Choices, known: Mapping[str, Any]) -> str:
    """Give ``template`` in one language, with its lists of choices written out and ``known`` filled in."""
    lines = [line for text in template.splitlines() for line in _spoken(text, language, lists)]
    return "".join(f"{line}\n" for line in _filled(lines, known))


def typed(name: str, text: str) -> Mapping[str, Any]:
    """Return the fields that a form already has, nothing when it cannot be read."""
    from ballerup_cli.services.forms import understanding  # which few commands need

    with suppress(InvalidFormError):
        (document, *_) = codec.read_forms(text.encode())
        settled = understanding.settled(name, document, understanding.Reader())[0].value
        return settled if isinstance(settled, dict) else {}
    return {}


def find_fault(name: str, path: Sequence[str | int], value: Any) -> Finding | None:
    """Return what is wrong with one field of a form by its schema alone, None when nothing is."""
    body: Any = value
    for step in reversed(path):
        body = [body] if isinstance(step, int) else {step: body}
    place = tuple(0 if isinstance(step, int) else step for step in path)
    return next(
        (found for found in schema.check(name, schema.settle(name, body)) if found.path[: len(place)] == place), None
    )


def _offered(language: str) -> Choices:
    """Give every list without the codes that were retired: they have labels still, and nobody is to choose them."""
    words = schema.vocabulary()
    return {
        name: {
            code: label for code, label in labels.items() if name == "pladen" or not words[name][code].get("retired")
        }
        for name, labels in vocabulary_choices(language).items()
    }


def vocabulary_choices(language: str) -> Choices:
    """Give every list of the vocabulary as codes with their labels."""
    words = dict(schema.vocabulary())
    members = {"pladen": {member["code"]: member["name"] for member in words.pop("pladen")}}
    return members | {name: {code: entry[language] for code, entry in codes.items()} for name, codes in words.items()}


def _spoken(line: str, language: str, lists: Choices) -> Iterator[str]:
    """Keep a comment in this language, drop one in another, write out a list of choices."""
    if each := _EACH.fullmatch(line):
        yield from (f"{each[1]}{code}: |-" for code in lists[each[2]])
        return
    found = _OTHERS.fullmatch(line)
    if not found:
        yield line
        return
    indent, mark, text = found.groups(default="")
    if mark == language:
        yield from _comment(f"{indent}# ", text)
    elif mark == ":":
        codes = lists[text]
        widest = max((len(code) for code in codes), default=0)
        for code, label in codes.items():
            yield from _comment(f"{indent}#   ", label, f"{code:{widest}}  ")


def _comment(mark: str, text: str, first: str = "") -> list[str]:
    """Give a comment, broken between words: an editor on a narrow terminal cuts what is longer."""
    following = " " * len(first)
    broken = textwrap.wrap(first + text, _WIDEST - len(mark), subsequent_indent=following, break_long_words=False)
    return [f"{mark}{line}" for line in broken] or [mark.rstrip()]


def _filled(lines: Sequence[str], known: Mapping[str, Any]) -> list[str]:
    """Give ``lines``, all of one mapping, with the fields of ``known`` put in."""
    filled: list[str] = []
    left = dict(known)
    at = 0
    while at < len(lines):
        field = _FIELD.fullmatch(lines[at])
        end = _end(lines, at) if field else at + 1
        if field and field[2] in left:
            filled += _put(lines[at:end], field[1], field[2], left.pop(field[2]))
        else:
            filled += lines[at:end]
        at = end
    if left:
        raise KeyError(f"the form has no field {', '.join(sorted(left))}")
    return filled


def _put(block: Sequence[str], indent: str, name: str, value: Any) -> list[str]:
    """Give the field's lines with ``value`` in its place; comments about the items of a list move above it."""
    body = block[1:]
    fields = [line for line in body if line.strip() and not line.lstrip().startswith("#")]
    if isinstance(value, Mapping) and value and fields and _FIELD.fullmatch(fields[0]):
        return [block[0], *_filled(body, value)]
    comments = [f"{indent}{line.strip()}" for line in body if line.lstrip().startswith("#")]
    written = codec.encode({name: value}).decode().splitlines()
    return [*comments, *(f"{indent}{line}" if line else line for line in written)]


def _end(lines: Sequence[str], at: int) -> int:
    """Give the line after the field that begins at ``at``: all that is indented deeper, and its items."""
    depth = _depth(lines[at])
    end = at + 1
    for index in range(at + 1, len(lines)):
        line = lines[index]
        if line.strip() and _depth(line) <= depth and not (_depth(line) == depth and line.lstrip().startswith("- ")):
            break
        if line.strip():
            end = index + 1
    return end


def _depth(line: str) -> int:
    return len(line) - len(line.lstrip(" "))
