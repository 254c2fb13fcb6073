"""A form as questions, one at a time: what its commented text asks, and which question comes next.

The questions stand in the form alone: its comments are their words, its marks say which of them must be asked. How a
question is put to somebody belongs to the command line; what an answer may be, to the schemas.
"""

import copy
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import field, replace
from typing import Any

from ballerup_cli.services.forms.conditions import ASKED_ANYWAY, EACH, MUST, holds
from ballerup_cli.services.forms.drafts import Content
from ballerup_cli.values import value

Path = tuple[str | int, ...]
Points = Mapping[tuple[str, int], str]
"""What a case holds and a form asks about: the kind and number of each point, with its text."""

_LISTS = ("list", "lines")
_REFERENCES = ("number", "observation", "risk", "measure")
_POINTS = ("observation", "risk", "measure")
_EACH = ("answers", "checked")
_PERSON = frozenset({"role", "function", "organisation", "name"})

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
    """What is asked now: a ``value``, or whether there is another ``item``; ``point`` is the text it is about."""

    ask: str
    path: Path
    about: Field
    default: Any = field(default=None, repr=False)
    must: bool = False
    point: str = field(default="", repr=False)

    @property
    def place(self) -> Path:
        """Where the schema speaks of it: a point of the case is an item of a list there."""
        if len(self.path) > 3 and self.path[-3] in _POINTS and self.path[-4] in _EACH:
            return (*self.path[:-3], 0, self.path[-1])
        return self.path


def is_person(fields: Sequence[Field]) -> bool:
    """Tell whether these are the fields of one person, who is asked for in one line."""
    names = {each.name for each in fields}
    return "function" in names and len(names) > 1 and names <= _PERSON


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


# --- the interview ----------------------------------------------------------------------------------------------------


class Interview:
    """One form being answered. Every answer is kept under the path of its field, and under no other.

    The questions are gone through from the top each time: which there are depends on the answers. What a condition
    hides leaves the form, not the answers.
    """

    def __init__(
        self,
        name: str,
        form: Sequence[Field],
        known: Mapping[str, Any],
        points: Points | None = None,
        absent: Collection[str] = (),
    ) -> None:
        self.name, self.known, self.points = name, known, points or {}
        self.form = [part for part in form if part.name not in absent]
        self.answers: dict[Path, Any] = {}
        self.skipped: set[Path] = set()
        self.opened: list[Path] = []
        """Optional parts that were asked for, and further items of lists."""
        self.offered: dict[Path, Any] = {}
        """What was answered before somebody went back."""
        self.again: set[Path] = set()
        """Known fields that are asked about all the same."""
        self.rows: list[Question] = []
        """The questions that were answered, or whose answer is known, in order."""
        self.body: dict[str, Any] = {}
        self._next: Question | None = None
        self._before: Path | None = None
        self._point = ""

    def take_up(self, content: Content) -> None:
        """Go on with the answers of a draft."""
        self.answers, self.skipped, self.opened = dict(content.answers), set(content.skipped), list(content.opened)
        for path in content.again:
            self._ask_again(path)

    @property
    def content(self) -> Content:
        """The answers so far, as a draft keeps them."""
        answers = {**self.offered, **self.answers}  # what is being changed is not lost meanwhile
        return Content(
            answers=answers, skipped=sorted(self.skipped, key=str), opened=self.opened, again=[*self.offered]
        )

    def question(self) -> Question | None:
        """Return the first question that is neither answered nor skipped, None when there is none; renew ``body``."""
        self.body, self.rows, self._next, self._before = copy.deepcopy(dict(self.known)), [], None, None
        for part in self.form:
            if self._wanted(part, (), self.body) or part.name in self.known:
                self._part(part, self.body, (), whole=(part.name,) in self.opened)
        empty = [name for name, value in self.body.items() if value in (None, {}, []) and (name,) not in self.answers]
        for name in empty:
            del self.body[name]
        return self._next

    def answer(self, question: Question, value: Any) -> None:
        """Keep an answer under its field; None skips the question, or keeps what is known."""
        path = question.path
        before = self.offered.pop(path, None)
        self.again.discard(path)
        if question.ask == "item" and value:
            self.opened.append(path)
        elif value is not None and question.ask == "value":
            self.answers[path] = value
        elif before is not None:
            self.answers[path] = before
        else:
            self.skipped.add(path)

    def clear(self, question: Question) -> None:
        """Take away what stands in a field, also what was known beforehand."""
        self.offered.pop(question.path, None)
        self.again.discard(question.path)
        self.answers[question.path] = None

    def back(self) -> None:
        """Go back to the question before; what was answered there is offered again."""
        self.question()
        if (path := self._before) is None:
            return
        if path in self.opened and path not in self.answers and path not in self.skipped:
            self.opened.remove(path)
        else:
            self._ask_again(path)

    def reopen(self, path: Path) -> None:
        """Ask again about a field; one that nobody asked for is asked about from now on."""
        self.question()
        asked = [row.path for row in self.rows if row.path[: len(path)] == path or path[: len(row.path)] == row.path]
        for each in asked:
            self._ask_again(each)
        if not asked:
            self.skipped -= {each for each in self.skipped if each[:1] == path[:1]}
            self.open(path[:1])

    def open(self, path: Path) -> None:
        """Ask about an optional part, or about one more item of a list."""
        if path not in self.opened:
            self.opened.append(path)
        elif (part := next((part for part in self.form if (part.name,) == path), None)) and part.kind in _LISTS:
            self.skipped -= {each for each in self.skipped if each[:1] == path}
            self.opened.append((*path, self._count(path, self.body.get(part.name))))

    def optional(self) -> list[Field]:
        """Return the parts that can still be opened."""
        return [
            part for part in self.form if part.kind in _LISTS or ((part.name,) not in self.opened and self._more(part))
        ]

    def _more(self, part: Field) -> bool:
        return holds(self.name, (part.name,), self.body, self.body) is not False and (
            not part.required or any(not child.required for child in part.fields)
        )

    def _ask_again(self, path: Path) -> None:
        if path in self.answers:
            self.offered[path] = self.answers.pop(path)
        self.skipped.discard(path)
        self.again.add(path)

    def _wanted(self, part: Field, path: Path, here: Mapping[str, Any], *, whole: bool = False) -> bool:
        """Tell whether a field is asked about: needed, or asked for, and no condition forbids it."""
        condition = holds(self.name, (*path, part.name), self.body, here)
        if condition is False:
            return False
        wanted = part.required or part.conditional or bool(condition) or (self.name, part.name) in MUST
        return wanted or whole or (*path, part.name) in self.opened

    def _part(self, part: Field, into: dict[str, Any], path: Path, *, whole: bool) -> None:
        """Go through one field and put what is answered into ``into``."""
        here = (*path, part.name)
        match part.kind:
            case "group" if not is_person(part.fields):
                inside = into.get(part.name)
                into[part.name] = value = dict(inside) if isinstance(inside, Mapping) else {}
                self._group(part, value, here, whole=whole)
                self._point = ""
            case "list" if (self.name, dotted(here)) in EACH:
                into[part.name] = self._each(part, here)
            case "list" | "lines":
                must = self._must(part, here, into)
                into[part.name] = self._items(part, list(into.get(part.name) or []), here, whole=whole, must=must)
            case _:
                into[part.name] = self._ask(part, here, into.get(part.name), must=self._must(part, here, into))
        if into[part.name] in (None, "", {}, []) and not (into[part.name] is None and here in self.answers):
            del into[part.name]

    def _must(self, part: Field, path: Path, here: Mapping[str, Any]) -> bool:
        return part.required or (part.conditional and bool(holds(self.name, path, self.body, here)))

    def _group(self, part: Field, value: dict[str, Any], path: Path, *, whole: bool) -> None:
        self._point = self.points.get(("measure", value.get("number", 0)), "")
        for child in part.fields:
            needed = not any(each.required or each.conditional for each in part.fields)
            if child.name in _REFERENCES and isinstance(value.get(child.name), int):
                continue  # the number of a point is the case's
            if child.name in value or self._wanted(child, path, value, whole=whole or needed):
                self._part(child, value, path, whole=whole)
            else:
                value.pop(child.name, None)

    def _each(self, part: Field, path: Path) -> list[Any]:
        """Ask one question about each point of the case; those without an answer are left out."""
        name, kinds = EACH[self.name, dotted(path)]
        asked = next(child for child in part.fields if child.name == name)
        must = (self.name, dotted(path)) in MUST
        found: list[Any] = []
        for (kind, number), text in self.points.items():
            here = (*path, kind, number)
            if kind in kinds and (value := self._ask(asked, (*here, name), None, must=must, point=text)):
                note = self.answers.get((*here, "note"))
                found.append({kind: number, name: value} | ({"note": note} if note else {}))
        return found

    def _items(self, part: Field, given: list[Any], path: Path, *, whole: bool, must: bool) -> list[Any]:
        """Go through the items of a list: those that are known, and as many more as are wanted."""
        found: list[Any] = []
        at = 0
        while self._is_item(part, path, at, given):
            if (*path, at) in self.opened and self._next is None:
                self._before = (*path, at)
            value = given[at] if at < len(given) else None
            here = (*path, at)
            if part.kind == "lines" or is_person(part.fields):
                value = self._ask(part, here, value, must=must and not at)
            else:
                value = dict(value) if isinstance(value, Mapping) else {}
                self._group(part, value, here, whole=(whole and not part.required) or here in self.opened)
                self._point = ""
            if value in (None, {}, ""):
                if at >= len(given):
                    break
            else:
                found.append(value)
            at += 1
        return found

    def _is_item(self, part: Field, path: Path, at: int, given: Sequence[Any]) -> bool:
        here = (*path, at)
        if at < len(given) or at == 0 or here in self.opened or self._answered(here):
            return True
        if part.kind == "lines" or is_person(part.fields) or given or self._next is not None:
            return False
        if here in self.skipped:
            self._before = here
            return False
        self._next = Question(ask="item", path=here, about=part)
        return False

    def _answered(self, path: Path) -> bool:
        return any(each[: len(path)] == path for each in self.answers)

    def _count(self, path: Path, value: Any) -> int:
        given = len(value) if isinstance(value, list) else 0
        return max([given, *(int(each[len(path)]) + 1 for each in self.answers if _is_item_of(each, path))])

    def _ask(self, part: Field, path: Path, given: Any, *, must: bool, point: str = "") -> Any:
        """Return the answer that stands for a field, or what is known; where neither does, it is what comes next."""
        known = given not in (None, "")
        offered = self.offered.get(path, given if known else None)
        question = Question(ask="value", path=path, about=part, default=offered, must=must, point=point or self._point)
        settled = path in self.answers or path in self.skipped
        if not settled and (not known or path in self.again or self._anyway(path)):
            self._next = self._next or question
            return given if known else None
        if settled and self._next is None:
            self._before = path
        value = self.answers.get(path, given)
        if path in self.answers or known:
            self.rows.append(replace(question, default=value))
        return value

    def _anyway(self, path: Path) -> bool:
        return (self.name, dotted(path)) in ASKED_ANYWAY


def dotted(path: Path) -> str:
    """Return a path without the numbers of its items."""
    return ".".join(step for step in path if isinstance(step, str))


def _is_item_of(path: Path, above: Path) -> bool:
    return len(path) > len(above) and path[: len(above)] == above and isinstance(path[len(above)], int)
