"""Case work: one command for each row of the table of steps, fed from a file, a pipe or the editor."""

from typing import BinaryIO

import click

from ballerup_cli.cli import editor, terminal
from ballerup_cli.cli.params import Argument, CaseParam, Command, Option
from ballerup_cli.cli.render import date
from ballerup_cli.cli.session import Session
from ballerup_cli.cli.text import _, language
from ballerup_cli.core.steps import STEPS, Step
from ballerup_cli.errors import N_, BallerupError, FormLeft
from ballerup_cli.services import casework, drafts, form
from ballerup_cli.services.casework import CREATE, Taken

_SECTION = N_("Case work")
_RESUME = N_("this form was left finished but unwritten; write it now?")
_MOST = 10 * 2**20 + 1  # one more than a form may hold, so that a larger one is noticed without being read


def _command(step: Step) -> Command:
    case = [] if step.name == CREATE else [Argument(["case"], type=CaseParam())]
    source = Option(
        ["--from", "source"],
        type=click.File("rb"),
        metavar="FILE",
        help=N_("read the form from FILE (- for standard input) instead of opening it in the editor"),
    )
    disk = Option(
        ["--disk"], is_flag=True, help=N_("let the editor's file lie on a disk where there is no memory folder")
    )

    @click.pass_obj
    def run(session: Session, source: BinaryIO | None, disk: bool, case: str | None = None) -> None:
        number = casework.find_number(session.desk, case) if case else None
        if source:
            for taken in _write(session, step.name, number, source.read(_MOST), _shown(source)):
                _tell(taken, step.name, session.moment.today.isoformat())
        else:
            taken = _ask(session, step.name, number, disk=disk)
            _tell(taken, step.name, session.moment.today.isoformat())

    example = f"ballerup {step.name}{'' if step.name == CREATE else ' 2026-0001'} --from {step.name}.yaml"
    return Command(
        step.name, callback=run, params=[*case, source, disk], help=step.help, section=_SECTION, example=example
    )


def _write(session: Session, step: str, number: str | None, data: bytes, source: str) -> list[Taken]:
    documents = casework.read_forms(data, step, source)
    if number is None:
        return casework.open_concerns(session.desk, documents, session.moment, source)
    return [casework.take(session.desk, step, number, documents[0], session.moment, source)]


def _ask(session: Session, step: str, number: str | None, *, disk: bool) -> Taken:
    """Let the user fill in the form, and write it; whatever happens, the text is kept until it is written."""
    desk, moment = session.desk, session.moment
    text = drafts.resume(desk, step, number)
    if text is None:
        legend = "".join(f"# {line}\n" for line in casework.legend(desk, number))
        text = legend + form.render(step, language(), casework.known(desk, step, number, moment), _choices(session))
    elif not casework.check_form(desk, step, number, text, moment) and terminal.confirm(_(_RESUME)):
        return _finish(session, step, number, text)
    edited = editor.edit(text, lambda typed: casework.check_form(desk, step, number, typed, moment), disk=disk)
    if edited.changed:
        drafts.keep(desk, step, number, edited.text)
    if edited.signal:
        raise click.exceptions.Exit(128 + edited.signal)
    if not edited.finished:
        raise FormLeft(kept=_("the text is kept, sealed; the same command takes it up again") if edited.changed else "")
    return _finish(session, step, number, edited.text)


def _finish(session: Session, step: str, number: str | None, text: str) -> Taken:
    """Write a form that is kept as a draft; only then is the draft dropped."""
    try:
        (taken,) = _write(session, step, number, text.encode(), "")
    except BallerupError:
        terminal.note(_("the text is kept, sealed; the same command takes it up again"))
        raise
    drafts.drop(session.desk, step, number)
    return taken


def _choices(session: Session) -> form.Choices:
    members = session.desk.pladen.current(session.moment.today.isoformat())
    return {"pladen": {member.code: member.name for member in members}}


def _tell(taken: Taken, step: str, today: str) -> None:
    """Say what came of it: the new number alone, or the case's state and its next deadline."""
    for finding in taken.warnings:
        terminal.warn(finding, taken.case.number)
    if step == CREATE:
        terminal.put(taken.case.number)
        return
    state = form.vocabulary_choices(language())["state"][taken.case.state]
    terminal.put(f"{taken.case.number}: {state}{_next(taken, today)}")


def _next(taken: Taken, today: str) -> str:
    if not taken.due:
        return ""
    item = taken.due[0]
    clock = form.vocabulary_choices(language())["clock"][item.clock]
    words = N_("overdue: {clock} {day}") if item.due[:10] < today else N_("next: {clock} {day}")
    return "; " + _(words, clock=clock, day=date(item.due))


def _shown(source: BinaryIO) -> str:
    name = str(getattr(source, "name", ""))
    return "-" if name in ("<stdin>", "0") else name.rsplit("/", 1)[-1]


COMMANDS = [_command(step) for step in STEPS.values()]
