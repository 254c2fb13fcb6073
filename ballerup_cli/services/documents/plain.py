"""Entries in plain language: each field under the words its form asks with, each code by its label; names left out.

Who is not the person the case is about stays unnamed, and so does whoever came with the concern (GDPR art. 15(4)).
"""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from functools import cache
from typing import Any

from ballerup_cli.core.entry import Entry
from ballerup_cli.services.forms import form
from ballerup_cli.services.forms.questions import Field, fields
from ballerup_cli.storage.text import schema

REFERRER, OTHERS = "referrer", "others"
"""Who is left out, by the codes of the list ``masked``."""

_OWN = ("subject",)
_REFERRER = (REFERRER,)
_AWARE = ("aware",)
_TELLING = ("name", "contact")
_OTHERS = {("consent", "by"), ("place", "member"), ("place", "text")}
_LEFT_OUT = {"da": "[udeladt]", "en": "[left out]"}
_YES_NO = {"da": {True: "ja", False: "nej"}, "en": {True: "yes", False: "no"}}
_DAY = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})(?:T([0-9]{2}:[0-9]{2})\S*)?")
_EXTRA = re.compile(r",? (?:fx|e\.g\.|mindst|at least) |[:,] (?:skriv|write|enten|either) |\? |\. ")
_TEXT = "text"
_MIDNIGHT = "00:00"  # of a day that was told without a time
_ONE_LINE_ON = re.compile(r"(?<!\n)\n(?!\n)")


def plain(entry: Entry, language: str, named: Collection[str] = ()) -> list[tuple[str, str]]:
    """Return what an entry says as lines of label and text, in the order it was written; ``named`` are not left out.

    What people wrote in their own words stands as they wrote it: who hands it out reads it first.
    """
    return list(_lines(entry.body, _fields(entry.step, language), language, (), named))


@cache
def _fields(step: str, language: str) -> Mapping[str, Field]:
    return {part.name: part for part in fields(form.render(step, language))}


def _lines(
    body: Mapping[str, Any],
    known: Mapping[str, Field],
    language: str,
    above: tuple[str, ...],
    named: Collection[str],
) -> Iterator[tuple[str, str]]:
    for name, value in body.items():
        part = known.get(name)
        label = _label(part, name, language)
        for item in value if isinstance(value, list) else [value]:
            if isinstance(item, Mapping):
                inner = (
                    {field.name: field if field.words else _as(part, field) for field in part.fields} if part else {}
                )
                yield from _lines(item, inner, language, (*above, name), named)
            elif _masked(name, above) in {None, *named}:
                yield label, _said(item, part, language, above)
            else:
                yield label, _LEFT_OUT[language]


def _label(part: Field | None, name: str, language: str) -> str:
    """Return the question's first sentence without its case and its example, else what such a field is called."""
    words = part.words.removeprefix("* ") if part else ""
    words = words.partition(": ")[2] or words if part and part.conditional else words
    words = _EXTRA.split(words)[0].rstrip("?.:") or _called(name, language)
    return words[:1].upper() + words[1:]


def _as(group: Field, inner: Field) -> Field:
    """Return a field of a group; a text without words of its own is what the group asks for."""
    return replace(inner, words=group.words) if inner.name == _TEXT and not inner.words else inner


def _called(name: str, language: str) -> str:
    terms = schema.vocabulary()
    term = terms["field"].get(name) or terms["dimension"].get(name)
    return str(term[language]) if term else name


def _masked(name: str, above: tuple[str, ...]) -> str | None:
    """Tell whom a field would name, None for what names nobody or the person concerned."""
    if above[:1] == _REFERRER:
        return REFERRER
    return OTHERS if (above not in ((), _OWN) and name in _TELLING) or (*above, name) in _OTHERS else None


def _said(value: Any, part: Field | None, language: str, above: tuple[str, ...]) -> str:
    if isinstance(value, bool):
        return _YES_NO[language][value]
    choices = form.vocabulary_choices(language)["knowledge"] if above == _AWARE else part.choices if part else {}
    said = str(choices.get(str(value), value))
    return _day(said, language) if _DAY.fullmatch(said) else _ONE_LINE_ON.sub(" ", said.strip())


def _day(moment: str, language: str) -> str:
    year, month, day, clock = _DAY.fullmatch(moment).groups(default="")  # type: ignore[union-attr]
    clock = clock if clock != _MIDNIGHT else ""
    return f"{day}.{month}.{year} {clock}".strip() if language == "da" else f"{year}-{month}-{day} {clock}".strip()
