"""Requests: a right that somebody uses, from its coming in to the answer, and the register of a year."""

from collections.abc import Callable
from typing import Any

import click

from ballerup_cli.cli.forms.filling import fill, options
from ballerup_cli.cli.forms.task import How, Task
from ballerup_cli.cli.ui import tables, terminal
from ballerup_cli.cli.ui.params import Argument, CaseParam, Command, Group, command, option
from ballerup_cli.cli.ui.render import FORMATS, listing
from ballerup_cli.cli.ui.session import Session
from ballerup_cli.cli.ui.text import _, date, language
from ballerup_cli.core.entry import Body
from ballerup_cli.errors import N_, Finding
from ballerup_cli.services.forms import form
from ballerup_cli.services.rights import requests
from ballerup_cli.services.store import records

Write = Callable[[bytes, str], str]


def _fill(session: Session, step: str, case: str | None, number: str | None, write: Write, how: How) -> str:
    """Let a form be filled in and say what came of it."""
    name = f"request-{step}"

    def blank(body: Body) -> str:
        return form.render(name, language(), body)

    def check(text: str) -> list[Finding]:
        return requests.check_form(step, number, text)

    return fill(session, Task(name=name, number=case, form=blank, check=check, write=write), how)


@click.pass_obj
def _open(session: Session, /, case: str | None = None, **where: Any) -> None:
    workspace = session.workspace
    number = records.find_number(workspace, case) if case else None

    def write(data: bytes, source: str) -> str:
        return requests.open_request(workspace, number, data, session.moment, source)

    made = _fill(session, requests.OPEN, number, None, write, How(**where))
    terminal.put(made)
    row = requests.find(workspace, made)
    terminal.note(_("to be answered by {day}; then 'ballerup request answer {request}'", day=row["due"], request=made))


@click.pass_obj
def _decide(session: Session, /, request: str, **where: Any) -> None:
    workspace = session.workspace
    row = requests.find(workspace, request, unanswered=True)
    number = row["request"]

    def write(data: bytes, source: str) -> str:
        return str(requests.decide(workspace, number, data, session.moment, source)["due"])

    due = _fill(session, requests.DECIDE, row["case"], number, write, How(**where))
    terminal.put(_("{request}: to be answered by {day}", request=number, day=due))


@click.pass_obj
def _answer(session: Session, /, request: str, **where: Any) -> None:
    workspace = session.workspace
    row = requests.find(workspace, request, unanswered=True)
    number = row["request"]

    def write(data: bytes, source: str) -> str:
        return str(requests.answer(workspace, number, data, session.moment, source)["outcome"])

    outcome = _fill(session, requests.ANSWER, row["case"], number, write, How(**where))
    terminal.put(f"{number}: {form.vocabulary_choices(language())['request-outcome'][outcome]}")
    if row["case"]:
        terminal.note(_("the letter: 'ballerup document {case} answer'", case=row["case"]))


@command(
    "list",
    example="ballerup request list --year 2026 --format csv",
    help=N_("List the requests: what was asked for, when it came and was answered, and what was refused; never who."),
)
@option("--year", type=click.IntRange(2000, 2999), metavar=N_("YEAR"), help=N_("only those received in this year"))
@option("--format", "form_", type=click.Choice(FORMATS), default="table", help=N_("how to print it"))
@click.pass_obj
def _list(session: Session, year: int | None, form_: str) -> None:
    """Print the register."""
    rows = requests.rows(session.workspace, None if year is None else str(year))
    session.tell_shut()
    words = form.vocabulary_choices(language())
    if form_ == "table":
        rows = [{**row, **_spoken(row, words)} for row in rows]
    terminal.put(listing(rows, tables.REQUESTS, form_, width=terminal.width()))


def _spoken(row: requests.Row, words: form.Choices) -> requests.Row:
    days = {name: date(row[name]) if row[name] else None for name in ("received", "due", "answered")}
    outcome = words["request-outcome"].get(row["outcome"] or "")
    return {**days, "kind": words["request-kind"][row["kind"]], "outcome": outcome}


def _command(
    name: str, callback: Callable[..., None], params: list[click.Parameter], help_: str, example: str
) -> Command:
    return Command(name, callback=callback, params=[*params, *options()], help=help_, example=example)


_CASE = Argument(["case"], type=CaseParam(), required=False)
_NUMBER = Argument(["request"], metavar="REQUEST")

COMMANDS = [
    Group(
        "request",
        commands={
            "open": _command(
                "open",
                _open,
                [_CASE],
                N_("Write down that somebody uses a right, about a case or none; prints its number."),
                "ballerup request open 2026-0001 --from request.yaml",
            ),
            "list": _list,
            "decide": _command(
                "decide",
                _decide,
                [_NUMBER],
                N_("Decide passage by passage what is given and withheld, or that the answer takes longer."),
                "ballerup request decide R2026-001 --from decision.yaml",
            ),
            "answer": _command(
                "answer",
                _answer,
                [_NUMBER],
                N_("Write down the answer: its clock stops, and the case may be erased again."),
                "ballerup request answer R2026-001 --from answer.yaml",
            ),
        },
        help=N_("A right somebody uses: access, correction, erasure, restriction, objection, party access."),
        section=N_("Rights"),
    )
]
