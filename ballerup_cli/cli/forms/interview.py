"""A form as prompts, for whoever has the other one on the phone: one question at a time, with a way back.

At the end all answers stand on one page, each with a number to change it. Which questions there are, and in which
order, belongs to ``questions``.
"""

import json
import shutil
import textwrap
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ballerup_cli.cli.ui import terminal
from ballerup_cli.cli.ui.reading import BrokenOffError, read_answer
from ballerup_cli.cli.ui.text import _, date, describe, language
from ballerup_cli.errors import N_, Finding
from ballerup_cli.services.forms import understanding as names
from ballerup_cli.services.forms.conditions import EACH
from ballerup_cli.services.forms.form import vocabulary_choices
from ballerup_cli.services.forms.people import read_person, write_person
from ballerup_cli.services.forms.questions import Field, Interview, Path, Question, dotted, is_person
from ballerup_cli.services.forms.understanding import Reader
from ballerup_cli.values import value

BACK, CLEAR, ASK = "<", "-", "?"
_HELP = N_(
    "Enter skips or keeps what stands in brackets, {back} goes back, {clear} empties; a line ending with \\ goes on, "
    "one ending with + asks for another of the same kind"
)
_MORE, _WRITE, _LATER = frozenset({"m", "mere", "more"}), frozenset({"", "g", "gem", "w", "write"}), frozenset({"q"})
_WIDEST = 78
_COLUMN = 24

Check = Callable[[str], Sequence[Finding]]
"""What is wrong with a form as text."""
Fault = Callable[[Path, Any], Finding | None]
"""What is wrong with one answer."""


class LaterError(Exception):
    """The user wants to write the form another time."""


@value
class Asking:
    """What an interview needs besides its questions: the checks, a place for each answer, and how answers are read."""

    check: Check
    fault: Fault
    keep: Callable[[], None]
    reader: Reader


def ask(sitting: Interview, asking: Asking) -> str:
    """Put the questions until the form is whole and nothing is wrong with it; return it as text.

    Raises:
        NoTerminalError: nobody can be asked.
        BrokenOffError, LaterError: the user has given up; every answer was kept.
    """
    say(_(_HELP, back=BACK, clear=CLEAR))
    before: Finding | None = None
    while True:
        answered = False
        while (question := sitting.question()) is not None:
            _answer(sitting, question, asking)
            answered = True
        text = json.dumps(sitting.body, ensure_ascii=False, indent=1)
        findings = asking.check(text)
        if findings and answered and findings[0] != before:
            before = findings[0]
            say(describe(before)[0])
            sitting.reopen(before.path)
            if sitting.question() is not None:
                continue
        if _page(sitting, findings):
            return text


# --- one question -----------------------------------------------------------------------------------------------------


def _answer(sitting: Interview, question: Question, asking: Asking) -> None:
    """Put one question and keep its answer; a wrong one leads back to the same question."""
    error, first = "", True
    while True:
        try:
            typed = _put(sitting, question, error, whole=first)
        except BrokenOffError as end:
            _keep_typed(sitting, question, end.text, asking)
            raise
        if typed == BACK:
            sitting.back()
            return
        first = False
        try:
            error = _take(sitting, question, typed, asking)
        except ValueError:
            error = _("not understood")
        except BaseException:
            _keep_typed(sitting, question, typed, asking)
            raise
        if not error:
            asking.keep()
            return


def _keep_typed(sitting: Interview, question: Question, typed: str, asking: Asking) -> None:
    """Keep what was typed of an answer that was never taken."""
    if typed and question.ask == "value":
        sitting.offered[question.path] = typed
        asking.keep()


def _take(sitting: Interview, question: Question, typed: str, asking: Asking) -> str:
    """Keep an answer; return what is wrong with it instead, if anything is."""
    if question.ask == "item":
        sitting.answer(question, _yes(typed) if typed else False)
        return ""
    if typed == CLEAR:
        return _empty(sitting, question)
    return _filled(sitting, question, typed, asking) if typed else _skip(sitting, question)


def _skip(sitting: Interview, question: Question) -> str:
    if question.must and question.default in (None, ""):
        return _("this one is needed")
    sitting.answer(question, None)
    return ""


def _filled(sitting: Interview, question: Question, typed: str, asking: Asking) -> str:
    more, all_next, note = False, False, ""
    if isinstance(question.path[-1], int) and typed.endswith("+"):
        more, typed = True, typed[:-1].rstrip()
    if question.point and (sitting.name, dotted(question.path[:-1])) in EACH:
        typed, note, all_next = _with_note(typed)
    value = _understood(sitting, question, typed, asking.reader)
    if value is None:
        return _empty(sitting, question)
    if found := asking.fault(question.place, value):
        return describe(found)[0]
    if question.about.name == "member" and value not in _choices(sitting, question):
        return _("no member of the network has this name or code")
    _keep(sitting, question, value, note)
    if more:
        sitting.open((*question.path[:-1], int(question.path[-1]) + 1))
    if all_next:
        _all_next(sitting, question, value)
    return ""


def _all_next(sitting: Interview, question: Question, value: Any) -> None:
    """Give all points that follow the same answer."""
    while (following := sitting.question()) and following.path[:1] == question.path[:1]:
        _keep(sitting, following, value, "")


def _keep(sitting: Interview, question: Question, value: Any, note: str) -> None:
    sitting.answer(question, value)
    if note:
        sitting.answers[(*question.path[:-1], "note")] = note


def _with_note(typed: str) -> tuple[str, str, bool]:
    """Read "1 talte med klubben" as an answer and a note, and "1*" as the answer to all that follow."""
    word, _blank, note = typed.partition(" ")
    if word.rstrip("*").isdecimal():
        return word.rstrip("*"), note.strip(), word.endswith("*")
    return typed.rstrip("*"), "", typed.endswith("*")


def _empty(sitting: Interview, question: Question) -> str:
    if question.must and not names.takes_nothing(sitting.name, question.place):
        return _("this one is needed")
    sitting.clear(question)
    return ""


def _put(sitting: Interview, question: Question, error: str, *, whole: bool) -> str:
    """Say what is asked and read the answer; a wrong one is asked for again below the choices that stand there."""
    about, choices = question.about, _choices(sitting, question)
    name = names.label(sitting.name, question.place, language())
    if question.ask == "item":
        say(error)
        return read_answer(_("{name}: another one? [y/N]", name=_capital(name)))
    typed = ""
    if whole:
        say("\n" + (_pointed(question) if question.point else _capital(about.words or name)))
        if is_person(about.fields):
            say(_("in one line: {fields}; ? lists the functions", fields=_fields(sitting, question)))
        else:
            typed = _list(list(choices.values()))
    if typed:
        return typed
    if error:
        say(error)
    old = "" if question.default in (None, "") else f" [{_said(question.default, choices)}]"
    while (typed := read_answer(f"{name}{old}:", [*choices, *choices.values()])) == ASK:
        if typed := _list(list(choices.values())):
            return typed
        say("" if choices else _(_HELP, back=BACK, clear=CLEAR))
    return typed


def _pointed(question: Question) -> str:
    return f"{question.point}\n{question.about.words}".rstrip()


def _fields(sitting: Interview, question: Question) -> str:
    order = [each for each in ("function", "organisation", "name", "role") if each in _inner(question.about)]
    return ", ".join(names.label(sitting.name, (each,), language()) for each in order)


def _inner(about: Field) -> list[str]:
    return [each.name for each in about.fields]


def _choices(sitting: Interview, question: Question) -> Mapping[str, str]:
    """Return the codes with their labels that a question offers."""
    about = question.about
    if question.ask == "item":
        return {}
    if (sitting.name, question.path) == ("triage", ("outcome",)):
        return vocabulary_choices(language())[f"{sitting.body.get('gate', 'police')}-outcome"]
    if is_person(about.fields):
        return vocabulary_choices(language())["function"]
    if about.choices and "text" not in about.kind:
        return about.choices
    codes = names.codes_of(sitting.name, question.place)
    return {code: names.code_label(code, codes, language()) for code in codes}


def _understood(sitting: Interview, question: Question, typed: str, reader: Reader) -> Any:
    """Return what an answer means: a number of the list, a code or its label, yes or no, a day, or the words as typed.

    Raises:
        ValueError: it is none of what was asked for.
    """
    choices = list(_choices(sitting, question))
    if is_person(question.about.fields):
        return read_person(sitting.name, question.place, typed, _inner(question.about), reader, choices)
    if typed.isdecimal() and choices:
        if not 0 < int(typed) <= len(choices):
            raise ValueError(len(choices))
        return choices[int(typed) - 1]
    value = reader.value_of(sitting.name, question.place, typed)
    if question.about.kind == "plain" and value == typed and typed.isdecimal():
        return int(typed)
    return value


def _yes(typed: str) -> bool:
    """Read yes or no.

    Raises:
        ValueError: it is neither.
    """
    value = names.yes_or_no(typed)
    if value is None:
        raise ValueError(len(typed))
    return value


# --- all answers ------------------------------------------------------------------------------------------------------


def _page(sitting: Interview, findings: Sequence[Finding]) -> bool:
    """Show all answers on one page and do what is chosen; tell whether the form is to be written.

    Raises:
        LaterError: another time.
    """
    rows = list(sitting.rows)
    terminal.tell("\n" + _("These are the answers; nothing is written yet:"))
    for number, row in enumerate(rows, 1):
        terminal.tell(f" {number:2} {_row(sitting, row)}")
    for finding in findings:
        say(f" !  {describe(finding)[0]}")
    error = ""
    while True:
        if error:
            say(error)
        chosen = read_answer(_("number = change, m = more, Enter = write, q = keep as a draft:"))
        word, error = chosen.lower(), ""
        if word in _LATER:
            raise LaterError
        if word == BACK:
            sitting.back()
            return False
        if word in _WRITE and not findings:
            return True
        if word.isdecimal() and 0 < int(word) <= len(rows):
            sitting.reopen(rows[int(word) - 1].path)
            return False
        if word in _MORE:
            _more(sitting)
            return False
        error = _("something is to be mended first") if word in _WRITE else _("not understood")


def _row(sitting: Interview, row: Question) -> str:
    name = place(sitting.name, row.path)
    value = " ".join(_said(row.default, _choices(sitting, row)).split())
    return f"{name:{_COLUMN}} {textwrap.shorten(value, _WIDEST - _COLUMN - 5, placeholder=' …')}"


def place(form: str, path: Path) -> str:
    """Return the name of a field with the part it belongs to: "henvender: medlem", "mål 2"."""
    words: list[str] = []
    for at, step in enumerate(path):
        if isinstance(step, str):
            words.append(names.label(form, path[: at + 1], language()))
        elif words:
            words[-1] += f" {step + 1}" if at and not isinstance(path[at - 1], int) else f" {step}"
    return textwrap.shorten(": ".join(words[-2:]), _COLUMN, placeholder="…")


def _more(sitting: Interview) -> None:
    """Open a part of the form that was not asked about."""
    parts = sitting.optional()
    labels = [_capital(names.label(sitting.name, (part.name,), language())) for part in parts]
    terminal.tell("\n" + _("What more do you know?"))
    chosen = _list(labels)
    while True:
        chosen = chosen or read_answer(_("number or name, or Enter for none:"), labels)
        if chosen in ("", BACK):
            return
        wanted = names.folded(chosen)
        near = [
            part
            for part, label in zip(parts, labels, strict=True)
            if wanted in (names.folded(part.name), names.folded(label))
        ]
        if chosen.isdecimal() and 0 < int(chosen) <= len(parts):
            near = [parts[int(chosen) - 1]]
        if near:
            sitting.open((near[0].name,))
            return
        chosen = ""
        say(_("not understood"))


# --- on the screen ----------------------------------------------------------------------------------------------------


def say(text: str) -> None:
    """Write a text to the terminal, broken between words."""
    for line in text.split("\n"):
        terminal.tell("\n".join(textwrap.wrap(line, _WIDEST)) if line else "")


def _list(labels: Sequence[str]) -> str:
    """Number the choices, in columns where they are short, a screen at a time; return what was typed meanwhile."""
    if not labels:
        return ""
    widest = min(max(map(len, labels)), _WIDEST - 5) + 5
    columns = max(1, min(4, _WIDEST // widest)) if len(labels) > 6 else 1
    rows = -(-len(labels) // columns)
    shown = [
        f"{number:4} {textwrap.shorten(label, _WIDEST - 6, placeholder=' …')}" for number, label in enumerate(labels, 1)
    ]
    lines = ["".join(f"{cell:{widest + 1}}" for cell in shown[row::rows]).rstrip() for row in range(rows)]
    room = max(shutil.get_terminal_size().lines - 7, 5)
    while len(lines) > room:
        terminal.tell("\n".join(lines[:room]))
        lines = lines[room:]
        if typed := read_answer(_("Enter shows the rest:")):
            return typed
    terminal.tell("\n".join(lines))
    return ""


def _said(value: Any, choices: Mapping[str, str]) -> str:
    """Return a value as the reader writes it."""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, Mapping):
        labels = {**vocabulary_choices(language())["function"], **vocabulary_choices(language())["participant-role"]}
        return write_person(value, labels)
    if value is None:
        return "–"
    return choices.get(str(value)) or date(str(value))


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
