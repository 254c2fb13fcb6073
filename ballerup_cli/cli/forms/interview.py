"""A form as prompts, for whoever has the other one on the phone: one question at a time, skippable, with a way back.

Which questions there are, and in which order, belongs to ``questions``.
"""

import json
from collections.abc import Callable, Sequence
from typing import Any

from ballerup_cli.cli.ui import terminal
from ballerup_cli.cli.ui.text import _, describe
from ballerup_cli.errors import N_, Finding
from ballerup_cli.services.forms.questions import Field, Interview, Path, Question

BACK = "<"
_HELP = N_("Enter skips or keeps what stands in brackets; {back} goes back; a long text ends with an empty line")
_BOOLEANS = {"j": True, "ja": True, "y": True, "yes": True, "true": True, "n": False, "nej": False, "no": False}
_BOOLEANS |= {"false": False}

Check = Callable[[str], Sequence[Finding]]
"""What is wrong with a form as text."""
Fault = Callable[[Path, Any], Finding | None]
"""What is wrong with one answer."""


def ask(sitting: Interview, check: Check, fault: Fault) -> str:
    """Put the questions until the form is whole and nothing is wrong with it; return it as text.

    Raises:
        NoTerminalError: nobody can be asked.
        EOFError, KeyboardInterrupt: the user has given up; ``sitting.body`` is what was answered.
    """
    terminal.tell(_(_HELP, back=BACK))
    while True:
        while (question := sitting.question()) is not None:
            _answer(sitting, question, fault)
        text = json.dumps(sitting.body, ensure_ascii=False, indent=1)
        findings = check(text)
        if not findings:
            return text
        terminal.tell(describe(findings[0])[0])
        sitting.back_to(findings[0].path)


def _answer(sitting: Interview, question: Question, fault: Fault) -> None:
    """Put one question and keep its answer; a wrong one leads back to the same question."""
    told = _put(question)
    if told == BACK:
        del sitting.answers[-1:]
        return
    try:
        value = _understood(question, told)
    except ValueError:
        terminal.tell(_("not understood"))
        return
    found = fault(question.path, value) if question.ask == "value" and value is not None else None
    if found:
        terminal.tell(describe(found)[0])
    elif value is None and question.ask == "value" and _must(question):
        terminal.tell(_("this one is needed"))
    else:
        sitting.answers.append(value)


def _must(question: Question) -> bool:
    """Tell whether a question cannot be skipped: one that is required, and of a list of texts the first."""
    about = question.about
    once = about is not None and (about.kind != "lines" or question.path[-1] == 0)
    return bool(about and about.required and once and question.default is None)


def _put(question: Question) -> str:
    """Say what is asked and read the answer."""
    if question.ask == "menu":
        terminal.tell("\n" + _("What more do you know?"))
        _list({part.name: _first(part.words) or part.name for part in question.parts})
        return terminal.ask(_("number, or Enter to write it:"))
    about = question.about
    assert about is not None  # noqa: S101  (only a menu has none)
    if question.ask == "item":
        return terminal.ask(f"\n{_first(about.words) or about.name}. " + _("One to write down? [y/N]"))
    terminal.tell(f"\n{about.words or about.name}")
    _list(about.choices)
    if about.kind == "text":
        return "\n".join(_several(f"{about.name}{_shown(question)}:"))
    return terminal.ask(f"{about.name}{_shown(question)}:")


def _several(label: str) -> list[str]:
    """Read lines until an empty one."""
    lines = [terminal.ask(label)]
    while lines[-1] and lines != [BACK]:
        lines.append(terminal.ask(" …"))
    return [line for line in lines if line]


def _list(choices: Any) -> None:
    for number, (code, label) in enumerate(choices.items(), 1):
        terminal.tell(f"  {number:2} {label or code}")


def _shown(question: Question) -> str:
    return "" if question.default is None else f" [{question.default}]"


def _first(words: str) -> str:
    """Return the first sentence of a question's words: enough for a line of a menu."""
    return words.split(". ")[0].split("? ")[0].rstrip(".?:")


def _understood(question: Question, told: str) -> Any:
    """Return what an answer means: a number of the list, a code, yes or no, a count, or the words themselves.

    Raises:
        ValueError: it is none of what was asked for.
    """
    if not told:
        return None
    if question.ask == "item":
        return _BOOLEANS[told.lower()] if told.lower() in _BOOLEANS else _no(told)
    choices: Sequence[str] = [part.name for part in question.parts] or list(_choices(question.about))
    if told.isdecimal() and 0 < int(told) <= len(choices):
        return choices[int(told) - 1]
    if question.ask == "menu":
        return told if told in choices else _no(told)
    if question.about and question.about.kind == "plain":
        return _BOOLEANS.get(told.lower(), int(told) if told.isdecimal() else told)
    return told


def _no(told: str) -> Any:
    raise ValueError(len(told))


def _choices(about: Field | None) -> Sequence[str]:
    return list(about.choices) if about else ()
