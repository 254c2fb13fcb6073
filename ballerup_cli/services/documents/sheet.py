"""THE sheet: what is written is read from the schema, in its order, by the nouns of its fields and the labels of codes.

Every page about a case is this one reading: ``show``, the chronology, the case sheet, minutes, the plan, and what the
person concerned is given. They differ in what they mask (``MASKS``) and leave out (``OMITTED``); both say why. How a
page is laid out belongs to the templates and to the command line.
"""

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ballerup_cli.core.cases.amend import path_of
from ballerup_cli.core.cases.case import Case
from ballerup_cli.core.cases.steps import STEPS
from ballerup_cli.core.entry import Entry
from ballerup_cli.core.vocabulary import Vocabulary
from ballerup_cli.services.forms.names import noun
from ballerup_cli.services.store.workspace import Workspace
from ballerup_cli.storage.text import schema

Path = tuple[str | int, ...]

REFERRER, OTHERS = "referrer", "others"
"""Who is left out, by the codes of the list ``masked``."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    """One field of an entry: what it is called, and what it says; a list or a group reads as small blocks."""

    label: str
    text: str = field(repr=False)
    path: Path = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Section:
    """One entry as it is read: its step, when it happened and when it was written, and its lines."""

    entry: Entry
    title: str
    happened: str
    lines: Sequence[Line] = field(repr=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """Fields that a page masks or leaves out: of which step (any if empty), which path, of whom, and why."""

    path: str
    why: str
    step: str = ""
    whom: str = OTHERS

    def holds(self, step: str, names: str) -> bool:
        """Tell whether the row speaks of a field, or of something around it."""
        return self.step in ("", step) and bool(re.fullmatch(rf"(?:{self.path})(?:\..*)?", names))


_ART_15 = "GDPR art. 15(4): it names somebody else than the person concerned"
_SOURCE = "GDPR art. 15(4): it tells who came with the concern"

NAMELESS = (
    Row(step="create", path="referrer", whom=REFERRER, why=_SOURCE),
    Row(step="create", path="place", why=_SOURCE),
    Row(step="create", path=r"subject\.guardians\.(name|contact)", why=_ART_15),
    Row(path=r"(participants|decided_by|team|coordinator)\.(name|contact)", why=_ART_15),
    Row(path=r"consent\.by", why=_ART_15),
)

MASKS: Mapping[str, Sequence[Row]] = {"case-sheet": NAMELESS, "access": NAMELESS}
"""What stands as left out on a page, in place of what was written; a page that is not here masks nothing."""

_KEPT = Row(step="redact", path="instead", why="what is left of an entry stands in that entry's own place")
_POINTS = Row(step="redact", path=".*", why="it points at what was taken out for somebody's sake")

OMITTED: Mapping[str, Sequence[Row]] = {"": (_KEPT,), "case-sheet": (_POINTS,), "access": (_POINTS,)}
"""What does not stand on a page at all; '' is every page."""

_LEFT_OUT = {"da": "[udeladt]", "en": "[left out]"}
_YES_NO = {"da": {True: "ja", False: "nej"}, "en": {True: "yes", False: "no"}}
_NONE = {"da": "ingen", "en": "none"}
_WRONG = {"da": "FORKERT, MÅ IKKE BRUGES", "en": "WRONG, NOT TO BE USED"}
_DAY = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})(?:T([0-9]{2}:[0-9]{2})\S*)?")
_MIDNIGHT = "00:00"  # of a day that was told without a time
_ONE_LINE_ON = re.compile(r"(?<!\n)\n(?!\n)")
_PARTY = {"role", "function", "organisation", "member", "name"}
_HEAD = ("measure", "text")
_SHORT = 60
_NUMBER = "number"


class Reader:
    """Reads entries of one store in one language, as one page masks and leaves out what they say."""

    def __init__(self, workspace: Workspace, language: str, page: str = "", named: Collection[str] = ()) -> None:
        """Take the page by its code; ``named`` are those whom it names although it masks them."""
        self.language, self._words = language, workspace.vocabulary
        self._members = {code: member.name for code, member in workspace.pladen.members.items()}
        self._masks = [row for row in MASKS.get(page, ()) if row.whom not in named]
        self._omitted = [*OMITTED[""], *(OMITTED.get(page, ()) if page else ())]

    def sections(self, case: Case, order: Callable[[Section], Any] | None = None) -> list[Section]:
        """Return all entries of a case, in the order they were written or in another one."""
        found = [self.section(case, entry) for entry in case.entries]
        shown = [section for section in found if section.lines or not section.entry.body]
        return sorted(shown, key=order) if order else shown

    def section(self, case: Case, entry: Entry) -> Section:
        """Return one entry as it is read."""
        step = STEPS.get(entry.step)
        happened = str(entry.body.get(step.happened or "", entry.at) if step else entry.at)
        return Section(
            entry=entry, title=self._title(entry.step), happened=happened, lines=list(self._lines(case, entry))
        )

    def struck(self, case: Case) -> list[Line]:
        """Return what corrections have put something else in place of: wrong, and not to be used."""
        return [self._struck(case, item) for item in case.struck]

    def day(self, moment: str) -> str:
        """Return a day or a moment as people write it in this language."""
        return _day(moment, self.language)

    def place(self, step: str, path: Path) -> str:
        """Say in words where a field stands in a form."""
        names = [noun(step, path[: at + 1], self.language) for at, name in enumerate(path) if isinstance(name, str)]
        numbers = [str(name + 1) for name in path if isinstance(name, int)]
        return " ".join([", ".join(names), *numbers])

    def _title(self, step: str) -> str:
        terms = self._words.lists["step"]
        return str(terms[step][self.language]) if step in terms else step

    def _lines(self, case: Case, entry: Entry) -> Iterator[Line]:
        for name, value in self._ordered(entry.step, (), entry.body):
            path: Path = (name,)
            if not self._is_omitted(entry.step, path):
                text = self._pointed(case, entry) if _points(entry.step, name) else ""
                text = text or self._text(entry.step, path, value, self._marks(case, entry, name))
                yield Line(label=_capital(self._noun(entry.step, path)), text=text, path=path)

    def _pointed(self, case: Case, entry: Entry) -> str:
        """Say in words which field of another entry is meant; '' where it says none that there is."""
        meant = next((written for written in case.originals if written.number == entry.body.get("entry")), None)
        return self.place(meant.step, path_of(entry.body["path"])) if meant else ""

    def _ordered(self, step: str, path: Path, body: Mapping[str, Any]) -> list[tuple[str, Any]]:
        """Return the fields of a form in the order of its schema; what it does not know comes last."""
        known = [name for part in _parts(step, path) for name in part.get("properties", {})]
        order = {name: at for at, name in enumerate(dict.fromkeys(known))}
        order = order or {code: at for at, code in enumerate(self._words.lists.get(_keys(step, path), ()))}
        return sorted(body.items(), key=lambda item: order.get(item[0], len(order)))

    def _noun(self, step: str, path: Path) -> str:
        """Return what a field is called; a field that is a code by its label."""
        codes = _keys(step, path[:-1])
        labels = _labels(self._words, codes, self.language)
        return labels.get(str(path[-1])) or noun(step, path, self.language)

    def _marks(self, case: Case, entry: Entry, name: str) -> list[str]:
        """Return what stands before each item of a list: its number, and that it was refuted; nothing for most."""
        refuted = self._words.label("observation-status", "refuted", self.language).upper()
        return [
            f"{item['number']}. " + (f"[{refuted}] " if item.get("status") == "refuted" else "")
            for item in _numbered(case, entry, name)
        ]

    def _text(self, step: str, path: Path, value: Any, marks: Sequence[str] = ()) -> str:
        """Say what a field holds: a value, the blocks of a group, or one block for each item of a list."""
        if self._is_masked(step, path):
            return _LEFT_OUT[self.language]
        if isinstance(value, Mapping):
            return self._party(step, path, value) or self._group(step, path, value, between="\n")
        if not isinstance(value, list):
            return self._said(step, path, value)
        items = [self._item(step, (*path, at), item) for at, item in enumerate(value)]
        if len(items) == 1 and not marks and "\n" not in items[0]:
            return items[0]
        known = iter(marks if len(marks) == sum(map(_is_new, value)) else ())
        starts = [next(known, _mark(item)) if _is_new(item) else _mark(item) for item in value]
        return "\n".join(_hung(start, item) for start, item in zip(starts, items, strict=True))

    def _item(self, step: str, path: Path, value: Any) -> str:
        if isinstance(value, Mapping):
            return self._party(step, path, value) or self._block(step, path, value)
        said = self._said(step, path, value)
        return said if _is_new(value) else f"{noun(step, ('observation',), self.language)} {said}"

    def _party(self, step: str, path: Path, value: Mapping[str, Any]) -> str:
        """Say a party as a sentence; '' when it is none."""
        if not value or set(value) - _PARTY:
            return ""
        parts = [
            self._text(step, (*path, name), value[name])
            for name in ("function", "organisation", "member")
            if name in value
        ]
        whole = ", ".join(dict.fromkeys(parts))
        name = self._text(step, (*path, "name"), value["name"]) if "name" in value else ""
        said = f"{whole} ({name})" if whole and name else whole or name
        role = self._text(step, (*path, "role"), value["role"]) if "role" in value else ""
        return f"{said}; {role}" if said and role else said or role

    def _block(self, step: str, path: Path, value: Mapping[str, Any]) -> str:
        """Say one item of a list: first what it is or what was seen, then all that is known of it."""
        heads = [self._text(step, (*path, name), value[name]) for name in _HEAD if _is_head(name, value)]
        rest = {name: item for name, item in value.items() if not (_is_head(name, value) or name == _NUMBER)}
        return "\n".join(part for part in (": ".join(heads), self._group(step, path, rest, between="; ")) if part)

    def _group(self, step: str, path: Path, value: Mapping[str, Any], *, between: str) -> str:
        """Say the fields of a group, the short ones beside one another."""
        said = [
            (self._noun(step, (*path, name)), self._text(step, (*path, name), item))
            for name, item in self._ordered(step, path, value)
            if not self._is_omitted(step, (*path, name))
        ]
        if len(said) == 1 and "text" in value:
            return said[0][1]
        pieces = [(f"{label}:\n{text}" if "\n" in text else f"{label}: {text}") for label, text in said]
        short = [piece for piece in pieces if "\n" not in piece and len(piece) <= _SHORT]
        return "\n".join(part for part in (between.join(short), *(p for p in pieces if p not in short)) if part)

    def _said(self, step: str, path: Path, value: Any) -> str:
        if isinstance(value, bool):
            return _YES_NO[self.language][value]
        if value is None:
            return _NONE[self.language]
        text = str(value)
        if label := self._label(step, path, text):
            return label
        return _day(text, self.language) if _DAY.fullmatch(text) else _ONE_LINE_ON.sub(" ", text.strip())

    def _label(self, step: str, path: Path, code: str) -> str | None:
        """Return the label of a code, by whichever of the lists that the schema names for its place holds it."""
        for name in (part["list"] for part in _parts(step, path) if "list" in part):
            labels = self._members if name == "pladen" else _labels(self._words, name, self.language)
            if code in labels:
                return labels[code]
        return None

    def _is_masked(self, step: str, path: Path) -> bool:
        return any(row.holds(step, _names(path)) for row in self._masks)

    def _is_omitted(self, step: str, path: Path) -> bool:
        return any(row.holds(step, _names(path)) for row in self._omitted)

    def _struck(self, case: Case, item: Mapping[str, Any]) -> Line:
        entry = next(written for written in case.originals if written.number == item["entry"])
        path = path_of(item["path"]) if item.get("path") else ()
        place = f"{entry.number}. {self._title(entry.step)}: {self.place(entry.step, path)}".rstrip(": ")
        value = item.get("value")
        text = (
            "" if value is None else self._text(entry.step, path, value) if path else self._item(entry.step, (), value)
        )
        return Line(label=f"{place} [{_WRONG[self.language]}]", text=text, path=path)


def _points(step: str, name: str) -> bool:
    """Tell whether a field is the path of a field in another entry."""
    return any(part.get("format") == "path" for part in _parts(step, (name,)))


def _numbered(case: Case, entry: Entry, name: str) -> Sequence[Mapping[str, Any]]:
    """Return what the case gave numbers to in a list of an entry, in order; nothing where it gave none."""
    if name == "measures" and entry == case.latest("plan"):
        return [item for item in case.measures if item["in_plan"]]
    items = {"observations": case.observations, "risks": case.risks}.get(name, ())
    return [item for item in items if item["entry"] == entry.number]


def _is_new(value: Any) -> bool:
    """Tell an item that is written here from the number of one that stands elsewhere."""
    return not isinstance(value, int)


def _mark(item: Any) -> str:
    """Return what stands before an item that the case gave no number here: the one that it names itself, or a dash."""
    return f"{item[_NUMBER]}. " if isinstance(item, Mapping) and _NUMBER in item else "– "


def _hung(start: str, text: str) -> str:
    """Let what belongs to an item go on below its first word."""
    return start + text.replace("\n", "\n" + " " * len(re.match(r"\S+ ", start)[0]))  # type: ignore[index]


def _is_head(name: str, value: Mapping[str, Any]) -> bool:
    return name in _HEAD and isinstance(value.get(name), str)


def _parts(step: str, path: Path) -> list[Mapping[str, Any]]:
    try:
        return schema.speaking_of(step, path)
    except FileNotFoundError:
        return []


def _keys(step: str, path: Path) -> str:
    """Return the list whose codes are the fields of a group, '' when they are no codes."""
    lists = (part["propertyNames"].get("list", "") for part in _parts(step, path) if "propertyNames" in part)
    return next(iter(lists), "")


def _labels(words: Vocabulary, name: str, language: str) -> Mapping[str, str]:
    return {code: str(term[language]) for code, term in words.lists.get(name, {}).items()}


def _names(path: Path) -> str:
    return ".".join(step for step in path if isinstance(step, str))


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _day(moment: str, language: str) -> str:
    year, month, day, clock = _DAY.fullmatch(moment).groups(default="")  # type: ignore[union-attr]
    clock = clock if clock != _MIDNIGHT else ""
    return f"{day}.{month}.{year} {clock}".strip() if language == "da" else f"{year}-{month}-{day} {clock}".strip()
