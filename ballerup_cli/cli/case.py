"""Case work: one command for each row of the table of steps."""

from typing import BinaryIO

import click

from ballerup_cli.cli import terminal
from ballerup_cli.cli.filling import Task, fill, options
from ballerup_cli.cli.params import Argument, CaseParam, Command
from ballerup_cli.cli.render import date
from ballerup_cli.cli.session import Session
from ballerup_cli.cli.text import _, language
from ballerup_cli.core.steps import STEPS, Step
from ballerup_cli.errors import N_, Finding
from ballerup_cli.services import casework, form
from ballerup_cli.services.casework import CREATE, Taken

_SECTION = N_("Case work")


def _command(step: Step) -> Command:
    case = [] if step.name == CREATE else [Argument(["case"], type=CaseParam())]

    @click.pass_obj
    def run(session: Session, source: BinaryIO | None, disk: bool, case: str | None = None) -> None:
        number = casework.find_number(session.desk, case) if case else None
        for taken in fill(session, _task(session, step.name, number), source, disk=disk):
            _tell(taken, step.name, session.moment.today.isoformat())

    example = f"ballerup {step.name}{'' if step.name == CREATE else ' 2026-0001'} --from {step.name}.yaml"
    return Command(
        step.name, callback=run, params=[*case, *options()], help=step.help, section=_SECTION, example=example
    )


def _task(session: Session, step: str, number: str | None) -> Task[list[Taken]]:
    desk, moment = session.desk, session.moment

    def blank() -> str:
        legend = "".join(f"# {line}\n" for line in casework.legend(desk, number, language()))
        return legend + form.render(step, language(), casework.known(desk, step, number, moment), choices(session))

    def write(data: bytes, source: str) -> list[Taken]:
        documents = casework.read_forms(data, step, source)
        if number is None:
            return casework.open_concerns(desk, documents, moment, source)
        return [casework.take(desk, step, number, documents[0], moment, source)]

    def check(text: str) -> list[Finding]:
        return casework.check_form(desk, step, number, text, moment)

    return Task(name=step, number=number, blank=blank, check=check, write=write)


def choices(session: Session) -> form.Choices:
    """Return the lists of a form that this store has its own of: the present members of Pladen."""
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


COMMANDS = [_command(step) for step in STEPS.values()]
