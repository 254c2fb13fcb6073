"""A form as questions, one at a time: what its commented text asks, and which question comes next.

The questions stand in the form alone: its comments are their words, its marks say which of them must be asked. How a
question is put to somebody belongs to the command line; what an answer may be, to the schemas.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import field
from functools import partial
from typing import Any

from ballerup_cli.values import value

Path = tuple[str | int, ...]

_LINE = re.compile(r"( *)(- )?(?:([a-z_-]+):(?: (.*))?|\"\")")
_COMMENT = re.compile(r" *# ?(.*)")
_CHOICE = re.compile(r"  ([a-z0-9-]+)  +(.*)")
_GOES_ON = "   "
_MARK = re.compile(r"\* ?((?:når|when) )?")


@value
class Field:
    """One field of a form; ``fields`` are those of a group, or of each item of a list."""

    name: str
    words: str
    choices: Mapping[str, str] = field(default_factory=dict)
    required: bool = False
    conditional: bool = False
    """Needed only in the case that its words begin with."""
    kind: str = "line"
    """``line``, ``text`` (several lines), ``plain`` (yes, no or a number), ``group``, ``list`` or ``lines``."""
    fields: "tuple[Field, ...]" = ()


@value
class Question:
    """What is asked now: a ``value``, whether there is another ``item``, or which part comes next (``menu``)."""

    ask: str
    path: Path
    about: Field | None = None
    default: Any = field(default=None, repr=False)
    parts: tuple[Field, ...] = ()


# --- the form, read ---------------------------------------------------------------------------------------------------


def fields(form: str) -> tuple[Field, ...]:
    """Read the fields of an empty form in one language, with the comments above each as its words."""
    return tuple(_fields(list(_lines(form)), 0))


@value
class _Line:
    depth: int
    name: str
    is_item: bool
    value: str
    comments: tuple[str, ...]


def _lines(form: str) -> Iterator[_Line]:
    """Give the lines with fields; a blank line ends what comments speak of."""
    comments: list[str] = []
    for text in form.splitlines():
        line, comment = _LINE.fullmatch(text), _COMMENT.fullmatch(text)
        if line:
            indent, dash, name, value = line.groups(default="")
            depth = len(indent) + len(dash)
            yield _Line(depth=depth, name=name, is_item=bool(dash), value=value, comments=tuple(comments))
        elif comment:
            comments.append(comment[1])
            continue
        comments = []


def _fields(lines: Sequence[_Line], at: int) -> Iterator[Field]:
    """Give the fields of one depth, each with all that is indented deeper."""
    while at < len(lines):
        end = next((n for n in range(at + 1, len(lines)) if lines[n].depth <= lines[at].depth), len(lines))
        yield _field(lines[at], lines[at + 1 : end])
        at = end


def _field(line: _Line, inner: Sequence[_Line]) -> Field:
    words, choices = _spoken(line.comments)
    mark = _MARK.match(words)
    return Field(
        name=line.name,
        words=words.removeprefix("* "),
        choices=choices,
        required=bool(mark and not mark[1]),
        conditional=bool(mark and mark[1]),
        kind=_kind(line, inner),
        fields=tuple(_fields(inner, 0)) if inner and inner[0].name else (),
    )


def _spoken(comments: Sequence[str]) -> tuple[str, dict[str, str]]:
    """Tell the words of a question from the choices listed below it; a label too long for one line goes on below."""
    words: list[str] = []
    choices: dict[str, str] = {}
    for text in comments:
        if found := _CHOICE.fullmatch(text):
            choices[found[1]] = found[2]
        elif choices and text.startswith(_GOES_ON):
            last = next(reversed(choices))
            choices[last] = f"{choices[last]} {text.strip()}"
        else:
            words.append(text)
    return " ".join(words).strip(), choices


def _kind(line: _Line, inner: Sequence[_Line]) -> str:
    if inner:
        return ("list" if inner[0].name else "lines") if inner[0].is_item else "group"
    return {'""': "line", "|-": "text"}.get(line.value, "plain")


# --- the sitting ------------------------------------------------------------------------------------------------------


class Interview:
    """One form being answered: the answers so far, and what they add up to.

    The way through a form depends on its answers, so each question is found by going the whole way anew; going back
    is forgetting the last answer.
    """

    def __init__(self, form: Sequence[Field], known: Mapping[str, Any]) -> None:
        self.form, self.known = form, known
        self.answers: list[Any] = []
        self.wanted: set[str | int] = set()
        """Fields of the form that turned out to be needed."""
        self.asked: list[Path] = []
        self.body: dict[str, Any] = {}

    def question(self) -> Question | None:
        """Return the next question, None when all are answered; ``body`` is what is known by then."""
        self.asked, self.body = [], dict(self.known)
        try:
            self._whole()
        except _UnansweredError as question:
            return question.args[0]  # type: ignore[no-any-return]
        return None

    def back_to(self, path: Path) -> None:
        """Forget the answers from the question about ``path`` on; where nobody asked for it, ask from now on."""
        self.question()
        near = [n for n, asked in enumerate(self.asked) if asked and asked == path[: len(asked)]]
        if not near:
            self.wanted.update(path[:1])
        menu = [n for n, asked in enumerate(self.asked) if not asked]
        self.answers = self.answers[: (near or menu or [0])[-1]]

    def _whole(self) -> None:
        for part in _needed(self.form):
            self._part(part, self.body, (), self.known, whole=False)
        parts = [part for part in self.form if not part.required or _has_more(part)]
        for part in [part for part in parts if part.name in self.wanted]:
            parts.remove(part)
            self._part(part, self.body, (), self.body, whole=True)
        while parts and (name := self._ask(Question(ask="menu", path=(), parts=tuple(parts)))) is not None:
            part = next(part for part in parts if part.name == name)
            parts.remove(part)
            self._part(part, self.body, (), self.body, whole=True)

    def _part(self, part: Field, into: Any, path: Path, known: Mapping[str, Any], *, whole: bool) -> None:
        """Ask for one field and put the answer into ``into``; of one that is broken off, what was answered."""
        here, given = (*path, part.name), known.get(part.name)
        match part.kind:
            case "group":
                told: Any = dict(given or {})
                ask = partial(self._group, part, told, here, whole=whole)
            case "list":
                told = list(given or [])
                ask = partial(self._items, part, told, here, whole=whole)
            case "lines":
                told = list(given or [])
                ask = partial(self._texts, part, told, here)
            case _:
                answer = self._ask(Question(ask="value", path=here, about=part, default=given))
                _put(into, part.name, given if answer is None else answer)
                return
        try:
            ask()
        finally:
            _put(into, part.name, told)

    def _group(self, part: Field, told: dict[str, Any], path: Path, *, whole: bool) -> None:
        given = dict(told)
        for child in part.fields if whole else _needed(part.fields):
            self._part(child, told, path, given, whole=whole)

    def _items(self, part: Field, told: list[Any], path: Path, *, whole: bool) -> None:
        known, at = len(told), 0
        while at < known or self._more(part, path, at):
            told[at:] = [dict(item) for item in told[at:]] or [{}]
            self._group(part, told[at], (*path, at), whole=whole or at >= known)
            at += 1

    def _texts(self, part: Field, told: list[Any], path: Path) -> None:
        while (text := self._ask(Question(ask="value", path=(*path, len(told)), about=part))) is not None:
            told.append(text)

    def _more(self, part: Field, path: Path, at: int) -> bool:
        """Ask for another item; the first of a list that must have one needs no asking."""
        if at == 0 and part.required:
            return True
        return bool(self._ask(Question(ask="item", path=(*path, at), about=part)))

    def _ask(self, question: Question) -> Any:
        if len(self.asked) == len(self.answers):
            raise _UnansweredError(question)
        self.asked.append(question.path)
        return self.answers[len(self.asked) - 1]


class _UnansweredError(Exception):
    """A question that has no answer yet."""


def _needed(parts: Sequence[Field]) -> list[Field]:
    """Return the fields that are needed; where each is only sometimes, one of them is."""
    return [part for part in parts if part.required] or [part for part in parts if part.conditional]


def _has_more(part: Field) -> bool:
    return any(not child.required for child in part.fields)


def _put(into: Any, name: str, value: Any) -> None:
    if value not in (None, {}, []):
        into[name] = value
