"""Case work: one command for each row of the table of steps."""

import sys
from collections.abc import Callable
from dataclasses import replace
from typing import Any, TypeVar

import click

from ballerup_cli.cli.forms.filling import fill, options
from ballerup_cli.cli.forms.task import How, Task
from ballerup_cli.cli.ui import terminal
from ballerup_cli.cli.ui.params import Argument, CaseParam, Command, Option, Refused
from ballerup_cli.cli.ui.session import Session
from ballerup_cli.cli.ui.text import _, date, describe, language
from ballerup_cli.core.cases.amend import REDACT
from ballerup_cli.core.cases.case import shield_of
from ballerup_cli.core.cases.steps import STEPS, Step
from ballerup_cli.core.entry import Body
from ballerup_cli.errors import N_, Finding, ManyCasesError
from ballerup_cli.services.cases import casework, lists, moving
from ballerup_cli.services.cases.casework import HAND_OVER, Form, StepResult
from ballerup_cli.services.cases.moving import NOTE
from ballerup_cli.services.forms import form
from ballerup_cli.services.forms.pipeline import CREATE
from ballerup_cli.services.store import records

T = TypeVar("T")

_SECTION = N_("Case work")


def _command(step: Step) -> Command:
    of_one = step.name not in (CREATE, HAND_OVER)
    case = [] if step.name == CREATE else [Argument(["case"], type=CaseParam(), required=of_one)]

    @click.pass_obj
    def run(
        session: Session,
        /,
        yes: bool,
        case: str | None = None,
        part_of: str | None = None,
        all_of: str | None = None,
        confirm: bool = False,
        move: int | None = None,
        to: str | None = None,
        **where: Any,
    ) -> None:
        how = How(**where)
        number = records.find_number(session.workspace, case) if case else None
        if confirm and number:
            tell(session, casework.confirm(session.workspace, number, session.moment), "confirm")
            return
        if number and (move or to):
            _move(session, number, move, to)
            return
        group = records.find_number(session.workspace, part_of) if part_of else None
        if step.name == HAND_OVER and number is None:
            asked = _for_all(session, step.name, all_of or "", agreed=yes)
        else:
            asked = task(session, step.name, number, group=group, agreed=yes)
        _write(session, asked, how)

    example = f"ballerup {step.name}{'' if step.name == CREATE else ' 2026-0001'} --from {step.name}.yaml"
    return Command(
        step.name,
        callback=run,
        params=[*case, *_MORE.get(step.name, ()), *options(), YES],
        help=step.help,
        section=_SECTION,
        example=example,
    )


def _move(session: Session, source: str, entry: int | None, to: str | None) -> None:
    """Move a note to the case it belongs in, and say how both cases stand."""
    if entry is None or to is None:
        raise Refused(_("--move and --to belong together"), param_hint="--move")
    target, reason = records.find_number(session.workspace, to), _("a note written here by mistake was removed")
    there, here = moving.move(session.workspace, source, entry, target, session.moment, reason)
    tell(session, there, NOTE)
    tell(session, here, REDACT)


def _write(session: Session, asked: Task[list[StepResult]], how: How) -> None:
    written = fill(session, asked, how)
    for taken in written:
        tell(session, taken, asked.name)
    if how.source is None:
        _offer(session, written, how)


def write_one(session: Session, step: str, number: str | None, how: How) -> None:
    """Let the user fill in the form of one step, write it and say what came of it."""
    _write(session, task(session, step, number), how)


_PART_OF = Option(
    ["--part-of"],
    type=CaseParam(),
    metavar="CASE",
    help=N_("a concern on one person of this group's case: what is known there is filled in, and both are linked"),
)
_ALL_OF = Option(
    ["--all-of"], metavar="NAME", help=N_("every case that this coordinator answers for (a short name), not one")
)
_CONFIRM = Option(
    ["--confirm"], is_flag=True, help=N_("confirm the third extension that another member wrote; it asks for no form")
)
_MOVE = Option(
    ["--move"],
    type=click.IntRange(min=1),
    metavar="ENTRY",
    help=N_("a note that was written in this case by mistake is taken out here and written in the case of --to"),
)
_TO = Option(["--to"], type=CaseParam(), metavar="CASE", help=N_("the case that a note belongs in"))
_MORE = {NOTE: [_MOVE, _TO], CREATE: [_PART_OF], HAND_OVER: [_ALL_OF], "extend": [_CONFIRM]}
YES = Option(["--yes"], is_flag=True, help=N_("agree beforehand when several existing cases change"))


def task(
    session: Session, step: str, number: str | None, *, group: str | None = None, agreed: bool = False
) -> Task[list[StepResult]]:
    """Return the form of a step of one case, or of a new one."""
    workspace, moment = session.workspace, session.moment
    row = casework.inherited(workspace, group) if group else {}

    def heading() -> str:
        return "".join(f"# {line}\n" for line in casework.legend(workspace, number, language()))

    def known() -> Body:
        return {**casework.known(workspace, step, number, moment), **row}

    def blank(body: Body) -> str:
        return form.render(step, language(), body, choices(session))

    def write(data: bytes, source: str) -> list[StepResult]:
        documents = casework.read_forms(data, step, source, row if source else {})  # in the editor it stands there
        if number is None:
            return agree(
                lambda yes: casework.open_concerns(workspace, documents, moment, source, agreed=yes), yes=agreed
            )
        return agree(
            lambda yes: [casework.take(workspace, step, number, documents[0], moment, source, agreed=yes)], yes=agreed
        )

    def check(text: str) -> list[Finding]:
        return casework.check_form(workspace, step, number, text, moment)

    def points() -> dict[tuple[str, int], str]:
        return casework.points(workspace, number, language()) if number else {}

    return Task(
        name=step,
        number=number,
        form=blank,
        check=check,
        write=write,
        known=known,
        heading=heading,
        points=points,
        absent=lambda: casework.absent(workspace, number) if number else (),
    )


def _for_all(session: Session, step: str, name: str, *, agreed: bool) -> Task[list[StepResult]]:
    """Return the form of a step that is written into every case a coordinator answers for."""
    workspace, moment = session.workspace, session.moment
    numbers = lists.answered_for(workspace, name)
    session.tell_shut()
    if not numbers:
        raise Refused(_("name a case, or a coordinator who answers for one"), param_hint="--all-of")

    def write(data: bytes, source: str) -> list[StepResult]:
        (document,) = casework.read_forms(data, step, source)
        forms = [Form(step=step, number=number, document=document) for number in numbers]
        return agree(lambda yes: casework.take_many(workspace, forms, moment, source, agreed=yes), yes=agreed)

    return replace(task(session, step, numbers[0]), number=None, write=write, heading=str)


def agree(write: Callable[[bool], list[T]], *, yes: bool) -> list[T]:
    """Write; when that changes several existing cases, ask first."""
    try:
        return write(yes)
    except ManyCasesError as many:
        if not terminal.interactive() or not terminal.confirm(f"{describe(many)[0]}; {_('write it?')}"):
            raise
        return write(True)


def choices(session: Session) -> form.Choices:
    """Return the lists of a form that this store has its own of: the present members of the network."""
    members = session.workspace.pladen.current(session.moment.today.isoformat())
    return {"pladen": {member.code: member.name for member in members}}


def _offer(session: Session, written: list[StepResult], how: How) -> None:
    """Offer the form of the step that a warning names."""
    for taken in written:
        number = taken.case.number
        for step in [str(finding.facts["step"]) for finding in taken.warnings if "step" in finding.facts]:
            if terminal.interactive() and terminal.confirm(_("write '{step} {case}' now?", step=step, case=number)):
                for following in fill(session, task(session, step, number), how):
                    tell(session, following, step)


def tell(session: Session, taken: StepResult, step: str) -> None:
    """Say what came of it: the new number alone, or the case's state and its next deadline."""
    today = session.moment.today.isoformat()
    for finding in taken.warnings:
        terminal.warn(finding, taken.case.number)
    if step == CREATE:
        terminal.put(taken.case.number)
        _tell_next(taken)
        return
    state = form.vocabulary_choices(language())["state"][taken.case.state]
    terminal.put(f"{taken.case.number}: {state}{_next(taken, today)}")
    _tell_next(taken)
    if step == REDACT:
        terminal.note(_("copies of the store still hold it until they are made anew"))
    if taken.case.shield and shield_of(taken.written[-1].entry):
        terminal.note(_("copies made before now, and whoever kept one, still open what was in them"))
    if taken.case.closing and taken.case.closing["entry"] == taken.written[-1].entry.number and _owes_feedback(taken):
        sentence = session.workspace.settings["sentences"]["feedback"][language()]
        terminal.note(_("to the referrer, and it reveals nothing: {sentence}", sentence=sentence))


def _tell_next(taken: StepResult) -> None:
    """Name the next step as the command to type, to whoever sits at the terminal."""
    following = _FOLLOWING.get(taken.case.state)
    if following and sys.stderr.isatty():
        serial = taken.case.number.partition("-")[2].lstrip("0")
        terminal.note(_("next: '{command}'", command=f"ballerup {following} {serial}"))


_FOLLOWING = {
    "received": "triage",
    "screened": "triage",
    "accepted": "assess",
    "assessed": "plan",
    "planned": "follow-up",
}


def _owes_feedback(taken: StepResult) -> bool:
    return any(item.clock == "feedback" for item in taken.due)


def _next(taken: StepResult, today: str) -> str:
    if not taken.due:
        return ""
    item = taken.due[0]
    clock = form.vocabulary_choices(language())["clock"][item.clock]
    words = N_("overdue: {clock} {day}") if item.due[:10] < today else N_("next: {clock} {day}")
    return "; " + _(words, clock=clock, day=date(item.due))


COMMANDS = [_command(step) for step in STEPS.values() if step.commanded]
