"""A form that no YAML reader takes, written anew where it can only mean one thing: line by line, so that places stay.

Driven by the table of fields: what names a field at its own depth is a field, all else below a text is text. What reads
strictly is left as it stands but for typographic quotes around a whole value. No word is ever lost; what could mean two
things is left to the person, and the strict reading says where.
"""

import json
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress

from ballerup_cli.errors import N_, Finding, InvalidFormError
from ballerup_cli.services.forms import form as forms
from ballerup_cli.services.forms.understanding import LANGUAGES, names_field
from ballerup_cli.storage.text import codec
from ballerup_cli.storage.text.codec import Path

TAB = N_("a tab was read as two blanks")
BLANK = N_("a blank was put after the colon")
QUOTED = N_("the text was put in quotes")
QUOTES = N_("the curly quotes around the text were taken off")
INDENTED = N_("the text was indented under its field")
COMMENT = N_("this line begins with # and is no part of the text above; indent it if it belongs there")

_FIELD = re.compile(r"(?P<before> *+(?:- ++)*+)(?P<name>\"[^\"]*\"|[^\W\d_][^:\"#]*+):(?P<rest>.*)")
_BLOCK = re.compile(r"[|>][0-9+-]{0,2}")
_HEADER = re.compile(r"(?P<before> *+(?:- ++)*+)(?P<name>[^#:\"]+:|\"[^\"]*\":|) *[|>][0-9+-]{0,2} *")
_CURLY = re.compile(r"[“”„»«](?P<text>[^“”„»«\"]*)[“”„»«]")
_MAYBE_CURLY = re.compile(r": *[“”„»«]")
_SPECIAL = tuple("\"'[]{}|>&*!%@`#,?")
_LONGEST = 4096  # what stands between two braces
_CHOICE = "#   "  # how a form lists its choices

Ours = Callable[[str], bool]
"""Whether a line that begins with # is one that the program printed."""


def printed(form: str, shown: str = "") -> Ours:
    """Return what knows the comments of a form: those that were ``shown``, else of its template in either language."""
    lines = {line.strip() for line in shown.splitlines()}
    for language in LANGUAGES:
        with suppress(FileNotFoundError):
            lines.update(line.strip() for line in forms.render(form, language).splitlines())
    return lambda line: line.strip() in lines or line.strip().startswith((_CHOICE, "#!", "#=")) or line.strip() == "#"


def mended(form: str, text: str, ours: Ours, *, file: bool) -> tuple[str, list[Finding]]:
    """Return ``text`` with what could only mean one thing set right, and what was done at which line.

    In a ``file`` a line of one's own that begins with # is a comment, and said to be; in an editor's form it is text.
    """
    if text.lstrip()[:1] in ("{", "["):  # a program's
        return text, []
    lines = text.split("\n")
    strays = list(_strays(lines, ours)) if "#" in text else []
    if _reads(text) and not _MAYBE_CURLY.search(text) and (file or not strays):
        return text, [Finding(message=COMMENT, line=at) for at in strays]
    mender = _Mender(form, ours, lines, file=file)
    written = "\n".join(mender.written())
    notes = [Finding(message=COMMENT, line=at) for at in _strays(written.split("\n"), ours)] if file else []
    return written, sorted((*mender.mends, *notes), key=lambda mend: mend.line or 0)


def _reads(text: str) -> bool:
    try:
        codec.read_forms(text.encode(errors="surrogateescape"))
    except InvalidFormError:
        return False
    return True


def _depth(line: str) -> int:
    return len(line) - len(line.lstrip(" "))


def _is_comment(line: str) -> bool:
    return line.lstrip(" ").startswith("#")


def _strays(lines: Sequence[str], ours: Ours) -> Iterator[int]:
    """Yield the lines, counted from 1, that follow a text, begin with # and are not the program's own."""
    depth: int | None = None
    for at, line in enumerate(lines, 1):
        if not line.strip() or (depth is not None and _depth(line) > depth):
            continue
        if _is_comment(line):
            if depth is not None and not ours(line):
                yield at
            continue
        found = _HEADER.fullmatch(line)
        depth = None if not found else len(found["before"]) if found["name"] else _depth(line)


class _Mender:
    """Goes through the lines of a form once and keeps where in the form it is."""

    def __init__(self, form: str, ours: Ours, lines: Sequence[str], *, file: bool) -> None:
        self.form = form
        self.ours = ours
        self.file = file
        self.lines = lines
        self.levels: list[tuple[float, Path]] = [(-1, ())]
        self.mends: list[Finding] = []

    def written(self) -> Iterator[str]:
        at = 0
        while at < len(self.lines):
            line = self.untabbed(at)
            if line.startswith("---"):
                self.levels = [(-1, ())]
            found = None if not line.strip() or _is_comment(line) else self.field(line)
            if not found:
                yield line
                at += 1
                continue
            self.levels = self.entered(found)
            yield self.one_line(found, at)
            at += 1
            if _BLOCK.fullmatch(found["rest"].strip()):
                end = self.end(at, len(found["before"]))
                yield from self.text(at, end, len(found["before"]))
                at = end

    def note(self, message: str, at: int) -> None:
        self.mends.append(Finding(message=message, line=at + 1))

    def untabbed(self, at: int, *, say: bool = True) -> str:
        line = self.lines[at]
        body = line.lstrip(" \t")
        if not body or "\t" not in line[: len(line) - len(body)]:
            return line
        if say:
            self.note(TAB, at)
        return line[: len(line) - len(body)].replace("\t", "  ") + body

    # --- fields -------------------------------------------------------------------------------------------------------

    def field(self, line: str) -> re.Match[str] | None:
        """Return the field that a line names at its own depth."""
        found = _FIELD.fullmatch(line)
        return found if found and names_field(self.form, self.parent(found), found["name"].strip(' "')) else None

    def levels_above(self, before: str) -> list[tuple[float, Path]]:
        """Return the mappings and lists that a line lies in; each hyphen opens an item of the list above it."""
        levels = list(self.levels)
        for column in (at for at, sign in enumerate(before) if sign == "-"):
            while levels[-1][0] > column:
                levels.pop()
            levels.append((column + 0.5, (*levels[-1][1], 0)))
        while levels[-1][0] >= len(before):
            levels.pop()
        return levels

    def parent(self, found: re.Match[str]) -> Path:
        return self.levels_above(found["before"])[-1][1]

    def entered(self, found: re.Match[str]) -> list[tuple[float, Path]]:
        levels = self.levels_above(found["before"])
        path = (*levels[-1][1], names_field(self.form, levels[-1][1], found["name"].strip(' "')))
        return [*levels, (len(found["before"]), path)]

    def one_line(self, found: re.Match[str], at: int) -> str:
        """Return a field's line with its value written anew where it needs it."""
        rest = found["rest"]
        line = found[0][: found.start("rest") - found.start()]
        if rest and rest[0] not in " \t":
            self.note(BLANK, at)
            rest = f" {rest}"
        typed = rest.strip()
        new, message = self.meant(typed)
        if message:
            self.note(message, at)
            return f"{line} {new}"
        return line + rest

    def meant(self, typed: str) -> tuple[str, str]:
        """Return a value on one line as it has to be written, and what was done to it."""
        if curly := _CURLY.fullmatch(typed):
            return _quoted(curly["text"]), QUOTES
        if typed.startswith("{") and typed.endswith("}") and len(typed) < _LONGEST and not _reads(f"a: {typed}"):
            pairs = self.pairs(typed[1:-1])
            return (f"{{{', '.join(pairs)}}}", QUOTED) if pairs else (typed, "")
        if typed.startswith(_SPECIAL) or " #" in typed or not (": " in typed or typed.endswith(":")):
            return typed, ""
        return _quoted(typed), QUOTED

    def pairs(self, inside: str) -> list[str]:
        """Return the fields between two braces, their texts in quotes; none when it is not sure what they are."""
        path = self.levels[-1][1]
        starts = [
            found
            for found in re.finditer(r"(?:^|, *) *([^\W\d_][\w -]*?) *:(?: |(?=\"))", inside)
            if names_field(self.form, path, found[1])
        ]
        if (
            not starts
            or starts[0].start()
            or len({names_field(self.form, path, found[1]) for found in starts}) < len(starts)
        ):
            return []
        ends = [*(found.start() for found in starts[1:]), len(inside)]
        values = [inside[found.end() : end].strip() for found, end in zip(starts, ends, strict=True)]
        if any(re.search(r"[\[\]{}\"']|,(?=\s*\S+:)", value) and not _reads(f"a: {value}") for value in values):
            return []
        return [
            f"{found[1]}: {value if _plain(value) else _quoted(value)}"
            for found, value in zip(starts, values, strict=True)
        ]

    # --- texts of several lines ---------------------------------------------------------------------------------------

    def end(self, start: int, depth: int) -> int:
        """Return the line after a text that begins at ``start``: where a field, an item or a comment of ours stands."""
        at, last, loose = start, start, False
        while at < len(self.lines):
            line = self.untabbed(at, say=False)
            if line.strip():
                if _depth(line) <= depth:
                    if self.ends(line, loose=loose):
                        break
                    loose = True
                last = at + 1
            at += 1
        return last

    def ends(self, line: str, *, loose: bool) -> bool:
        if line.startswith("---"):
            return True
        if _is_comment(line):
            return self.ours(line) or (self.file and not loose)
        is_item = line.lstrip().startswith("- ") and any(level == _depth(line) + 0.5 for level, _path in self.levels)
        return is_item or self.field(line) is not None

    def text(self, start: int, end: int, depth: int) -> Iterator[str]:
        """Yield the lines of a text, indented below its field."""
        lines = [self.untabbed(at, say=False) for at in range(start, end)]
        first = next((_depth(line) for line in lines if line.strip()), 0)
        if [*lines] == [*self.lines[start:end]] and all(
            _depth(line) >= first > depth for line in lines if line.strip()
        ):
            yield from lines
            return
        wanted, begun = depth + 2, False
        for at, line in enumerate(lines, start):
            cut = min(_depth(line), wanted) if begun and _depth(line) > depth else _depth(line)
            new = " " * wanted + line[cut:] if line.strip() else line
            if line.strip() and not begun:
                begun = True
                self.note(INDENTED, at)
            yield new


def _plain(text: str) -> bool:
    """Tell whether a value between braces is read as it stands."""
    return text.startswith(('"', "'")) or text in ("", "null", "true", "false") or text.isdecimal()


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
