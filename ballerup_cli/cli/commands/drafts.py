"""Forms that lie unfinished: which there are, and to go on with one, look at it, or throw it away."""

from collections.abc import Sequence
from typing import Any

import click

from ballerup_cli.cli.ui import tables, terminal
from ballerup_cli.cli.ui.params import Argument, Group, Option, command, group, option
from ballerup_cli.cli.ui.render import FORMATS, listing
from ballerup_cli.cli.ui.session import Session
from ballerup_cli.cli.ui.text import _, date, language, plural
from ballerup_cli.core.cases.steps import STEPS
from ballerup_cli.errors import N_
from ballerup_cli.services.forms import drafts as forms
from ballerup_cli.services.forms.form import vocabulary_choices

_SECTION = N_("Case work")
_NUMBER = Argument(["number"], type=click.IntRange(min=1), metavar="NUMBER")


@group(
    "drafts",
    section=_SECTION,
    invoke_without_command=True,
    example="ballerup drafts\nballerup drafts continue 2",
    help=N_("List the forms that were left unfinished; continue, show or throw away one of them."),
)
@option("--format", "form", type=click.Choice(FORMATS), default="table", help=N_("how to print it"))
@click.pass_context
def drafts(ctx: click.Context, form: str) -> None:
    """Print the drafts."""
    if ctx.invoked_subcommand is not None:
        return
    session: Session = ctx.obj
    rows = [_row(session, draft, form) for draft in forms.in_store(session.workspace)]
    if not rows and form == "table":
        terminal.note(_("no draft lies here"))
        return
    terminal.put(listing(rows, tables.DRAFTS, form, width=terminal.width()))
    if form == "table":
        terminal.note(_("go on with one: 'ballerup drafts continue {number}'", number=rows[0]["number"]))


def _row(session: Session, draft: forms.FormDraft, form: str) -> dict[str, Any]:
    opens = forms.opens(session.workspace, draft)
    row = {"number": draft.number, "form": draft.form, "case": draft.case, "at": draft.at, "opens": opens}
    if form != "table":
        return row
    name = vocabulary_choices(language())["step"].get(draft.form, draft.form)
    said = name if opens else _("{form} (does not open with this key)", form=name)
    return {**row, "form": said, "at": date(draft.at)}


def tell(session: Session) -> None:
    """Say how many drafts lie here, if any do."""
    if count := len(forms.in_store(session.workspace)):
        words = plural("{count} draft lies unfinished", "{count} drafts lie unfinished", count)
        terminal.note(f"{words}: 'ballerup drafts'")


def _continue(ctx: click.Context, number: int) -> None:
    """Go on with the form of a draft."""
    session: Session = ctx.obj
    draft = forms.find(session.workspace, number)
    forms.read(session.workspace, draft)
    from ballerup_cli.cli.forms.task import How

    how = How(resumed=number)
    if draft.form in STEPS:
        from ballerup_cli.cli.commands import case

        case.write_one(session, draft.form, draft.case, how)
        return
    terminal.refuse(
        _("this draft belongs to another command"),
        _("'ballerup {command}' takes it up", command=draft.form.replace("-", " ", 1)),
    )
    ctx.exit(2)


def _show(session: Session, number: int) -> None:
    """Print what a draft holds."""
    draft = forms.find(session.workspace, number)
    content = forms.read(session.workspace, draft)
    terminal.put(content.text if content.text is not None else _answers(content))


def _answers(content: forms.Content) -> str:
    from ballerup_cli.cli.forms.interview import place

    return "\n".join(f"{place('', path)}: {value}" for path, value in content.answers.items())


def _throw(session: Session, number: int, yes: bool) -> None:
    """Throw a draft away."""
    draft = forms.find(session.workspace, number)
    terminal.agreed(_("throw draft {number} away for good?", number=number), yes=yes)
    forms.drop(draft)


def _under(parent: Group, name: str, run: Any, help_: str, extra: Sequence[Option] = ()) -> None:
    made = command(name, help=help_, example=f"ballerup drafts {name} 2")(run)
    made.params = [_NUMBER, *extra]
    parent.add_command(made)


_YES = Option(["--yes"], is_flag=True, help=N_("agree beforehand"))
_under(drafts, "continue", click.pass_context(_continue), N_("Go on with a form that was left unfinished."))
_under(drafts, "show", click.pass_obj(_show), N_("Show what was typed in a form that was left unfinished."))
_under(drafts, "throw", click.pass_obj(_throw), N_("Throw away what was typed in an unfinished form."), [_YES])

COMMANDS = [drafts]
