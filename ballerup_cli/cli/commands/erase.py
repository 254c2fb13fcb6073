"""Erase closed cases for good, after saying what that means."""

from collections.abc import Iterable, Mapping
from typing import Any

import click

from ballerup_cli.cli.forms.filling import fill, options
from ballerup_cli.cli.forms.task import How, Task
from ballerup_cli.cli.ui import terminal
from ballerup_cli.cli.ui.params import Argument, CaseParam, Command, Option
from ballerup_cli.cli.ui.session import Session
from ballerup_cli.cli.ui.text import _, language, plural
from ballerup_cli.core.entry import Body
from ballerup_cli.errors import N_, Finding
from ballerup_cli.services.forms import form
from ballerup_cli.services.forms.pipeline import ERASE
from ballerup_cli.services.rights import erasure
from ballerup_cli.services.store import records


@click.pass_obj
def _erase(session: Session, /, cases: tuple[str, ...], yes: bool, **where: Any) -> None:
    """Erase cases and print their certificates."""
    workspace = session.workspace
    numbers = list(dict.fromkeys(records.find_number(workspace, case) for case in cases))

    owed: list[Mapping[str, Any]] = []

    def blank(body: Body) -> str:
        return form.render(ERASE, language(), body)

    def write(data: bytes, source: str) -> list[dict[str, Any]]:
        for number, clocks in erasure.still_owed(workspace, numbers).items():
            terminal.note(_("{case}: owed to a child and not answered: {clocks}", case=number, clocks=clocks))
        owed[:] = erasure.consequences(workspace, numbers, language(), session.moment)
        _say_what_it_means(owed)
        terminal.agreed(_("erase {cases} for good?", cases=numbers), yes=yes)
        return erasure.erase(workspace, numbers, data, session.moment, source)

    def check(text: str) -> list[Finding]:
        return erasure.check_form(workspace, text)

    asked = Task(name=ERASE, number=numbers[0], form=blank, check=check, write=write)
    archives = form.vocabulary_choices(language())["archive"]
    for row in fill(session, asked, How(**where)):
        words = N_("{case} is erased: {archive}; {rule}. Its counts stay, nothing else of it does.")
        terminal.put(_(words, case=row["case"], archive=archives[row["archive"]], rule=row["rule"]))
    for gone in owed:  # a result, and the last chance: once it is erased, no record says who they are
        for recipient in gone["recipients"]:
            words = N_("{case}: to be told by {day} that it is gone: {recipient}")
            terminal.put(_(words, case=gone["case"], day=gone["until"], recipient=recipient))
    terminal.note(_("copies of the store still hold it until they are made anew"))


def _say_what_it_means(owed: Iterable[Mapping[str, Any]]) -> None:
    """Say how early it is, and how many are to be told that it is gone; they are named once it is."""
    for row in owed:
        if row["early"] > 0:
            terminal.note(
                plural(
                    "{case}: {count} day before its time is up",
                    "{case}: {count} days before its time is up",
                    row["early"],
                    case=row["case"],
                )
            )
        if count := len(row["recipients"]):
            terminal.note(
                plural(
                    "{case}: {count} recipient to be told by {day} (GDPR art. 19)",
                    "{case}: {count} recipients to be told by {day} (GDPR art. 19)",
                    count,
                    case=row["case"],
                    day=row["until"],
                )
            )


_erase_command = Command(
    ERASE,
    callback=_erase,
    params=[
        Argument(["cases"], metavar="CASE...", type=CaseParam(), nargs=-1, required=True),
        *options(),
        Option(["--yes"], is_flag=True, help=N_("agree beforehand")),
    ],
    section=N_("Rights"),
    example="ballerup erase 2026-0007 --from erase.yaml --yes",
    help=N_("Erase closed cases for good, for one reason; numbers, certificates and nameless counts stay."),
)


COMMANDS = [_erase_command]
