"""What the command line is made of: click's commands, options and types, in the language chosen.

Texts are given in English (marked with ``N_``) where a command is declared, and translated when they are read. No
message here repeats an argument that was not understood: it could be somebody's name. What commands do is not here.
"""

import datetime
import re
from collections.abc import Iterable
from functools import partial
from typing import Any, TypeVar

import click
from click.shell_completion import CompletionItem

from ballerup_cli.cli.ui.aliases import DESTROYING, command_of
from ballerup_cli.cli.ui.text import _, language
from ballerup_cli.errors import N_
from ballerup_cli.services.forms.form import vocabulary_choices
from ballerup_cli.services.store.identity import RECOVERY

FOUND = 3
"""The exit code of a check that found something."""

_Value = TypeVar("_Value")

# Headings and placeholders that click or its callers write in English.
_CLICKS_OWN = (
    N_("Options"),
    N_("Positional arguments"),
    N_("[OPTIONS]"),
    N_("COMMAND [ARGS]..."),
    N_("[COMMAND] [ARGS]..."),
    N_("CASE"),
    N_("CASE..."),
    N_("CODE"),
    N_("COPY"),
    N_("DATE"),
    N_("DAYS"),
    N_("DIMENSION"),
    N_("DIR"),
    N_("FILE"),
    N_("FILE..."),
    N_("KEY"),
    N_("NAME"),
    N_("NUMBER"),
    N_("SHELL"),
    N_("STEP"),
    N_("TEXT"),
)


class _Words:
    """A text kept in English and read in the language chosen."""

    def __set_name__(self, _owner: type, name: str) -> None:
        self.slot = f"_english_{name}"

    def __get__(self, thing: Any, _owner: type | None = None) -> str | None:
        english = thing.__dict__.get(self.slot)
        return _(english) if english else None

    def __set__(self, thing: Any, english: str | None) -> None:
        thing.__dict__[self.slot] = english


def _words() -> Any:
    return _Words()  # click declares the same attributes as plain texts


class Formatter(click.HelpFormatter):
    """click's help pages with translated headings."""

    def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
        """Write the line that shows how to call the command."""
        super().write_usage(prog, args, prefix or _("Usage:") + " ")

    def write_heading(self, heading: str) -> None:
        """Write the heading of a section."""
        super().write_heading(_(heading))


class Context(click.Context):
    """A context that writes help with translated headings."""

    formatter_class = Formatter


class Option(click.Option):
    """An option with a translated help text and placeholder."""

    help = _words()
    metavar = _words()

    def get_help_record(self, ctx: click.Context) -> tuple[str, str] | None:
        """Give the option's line in the help, with its default."""
        record = super().get_help_record(ctx)
        if record is None:
            return None
        extra = self.get_help_extra(ctx)
        notes = [_("default: {default}", default=extra["default"])] if "default" in extra else []
        notes += [_("required")] if self.required else []
        return record[0], f"{self.help or ''}  [{'; '.join(notes)}]" if notes else self.help or ""


class Argument(click.Argument):
    """An argument with a translated help text and placeholder."""

    help = _words()
    metavar = _words()


class Command(click.Command):
    """A command with translated help, an example under it, and the ``section`` of the overview it belongs to."""

    context_class = Context
    help = _words()
    epilog = _words()
    short_help = _words()
    options_metavar = _words()

    def __init__(self, *args: Any, section: str = "", example: str = "", **settings: Any) -> None:
        super().__init__(*args, **settings)
        self.section = section
        self.example = example

    def get_help_option(self, ctx: click.Context) -> click.Option | None:
        """Give the option ``--help`` in the language chosen."""
        option = super().get_help_option(ctx)
        if option is not None:
            option.help = _("show this help")
        return option

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Read the arguments; a surplus one is counted, not quoted."""
        strict, ctx.allow_extra_args = not ctx.allow_extra_args, True
        try:
            rest = super().parse_args(ctx, args)
        except click.UsageError as problem:
            problem.ctx = problem.ctx or ctx  # click's parser does not say which command it was
            raise
        if rest and strict and not isinstance(self, click.Group) and not ctx.resilient_parsing:
            raise click.UsageError(_("too many arguments; content comes from a form, never from arguments"), ctx=ctx)
        return rest

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """End the help with the example."""
        super().format_epilog(ctx, formatter)
        if self.example:
            with formatter.section(N_("Example")):
                formatter.write("".join(f"  {line}\n" for line in self.example.splitlines()))


class Group(Command, click.Group):
    """A command with commands under it, shown in their order and under the headings of their sections."""

    command_class = Command
    group_class = type
    subcommand_metavar = _words()

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Find a command by its name, or by the Danish word for it."""
        return super().get_command(ctx, cmd_name) or super().get_command(ctx, command_of(cmd_name))

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  (click passes it)
        """Give the commands in the order they were added."""
        return list(self.commands)

    def sections(self) -> dict[str, list[click.Command]]:
        """Give the commands that are not hidden, by section."""
        found: dict[str, list[click.Command]] = {}
        for command in self.commands.values():
            if not command.hidden:
                found.setdefault(getattr(command, "section", "") or N_("Commands"), []).append(command)
        return found

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """Write every section with its commands, one a line."""
        widest = max((len(name) for name in self.commands), default=0)
        for section, commands in self.sections().items():
            with formatter.section(section):
                rows = [(command.name or "", command.help or "") for command in commands]
                formatter.write_dl([(name.ljust(widest), text) for name, text in rows])

    def overview(self, ctx: click.Context) -> str:
        """Give the short page for the bare program name: what it is, and the names of the commands by section."""
        formatter = ctx.make_formatter()
        formatter.write_text(self.help or "")
        formatter.write_paragraph()
        sections = self.sections()
        formatter.write_dl(
            [(_(title), " ".join(c.name or "" for c in commands)) for title, commands in sections.items()]
        )
        formatter.write_paragraph()
        formatter.write_text(
            _("'{program} COMMAND --help' explains a command and shows an example", program=ctx.command_path)
        )
        return formatter.getvalue()


command = partial(click.command, cls=Command)
group = partial(click.group, cls=Group)
option = partial(click.option, cls=Option)
argument = partial(click.argument, cls=Argument)


class _Own(click.ParamType[_Value]):
    """A type whose name is also the placeholder in the help."""

    def get_metavar(self, *_where: object, **_named: object) -> str:
        """Give the placeholder."""
        return _(self.name)


class CaseParam(_Own[str]):
    """A case number as people type it: 7, 2026-7 or 2026-0007. Which case it names is decided elsewhere."""

    name = N_("CASE")

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Check the shape only."""
        if not re.fullmatch(r"([0-9]{4}-)?[0-9]{1,9}", value):
            raise Refused(_("a case number looks like 7, 2026-7 or 2026-0007"), ctx=ctx, param=param)
        return value

    def shell_complete(
        self,
        ctx: click.Context,
        param: click.Parameter,  # noqa: ARG002  (click passes it)
        incomplete: str,
    ) -> list[CompletionItem]:
        """Give the cases there are."""
        from ballerup_cli.cli.ui.completion import case_numbers

        return case_numbers(ctx, incomplete)


class DateParam(_Own[datetime.date]):
    """A day, written YYYY-MM-DD."""

    name = N_("DATE")

    def convert(
        self, value: str | datetime.date, param: click.Parameter | None, ctx: click.Context | None
    ) -> datetime.date:
        """Read the day."""
        if isinstance(value, datetime.date):
            return value
        try:
            if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
                return datetime.date.fromisoformat(value)
        except ValueError:
            pass  # a day that does not exist
        from ballerup_cli.services.forms.understanding import read_date  # for a day as people write it

        if meant := read_date(value, datetime.date.today(), {"date"}):
            return datetime.date.fromisoformat(meant)
        raise Refused(_("a date looks like 2026-03-20"), ctx=ctx, param=param)


class NameParam(click.ParamType[str]):
    """A short name, as it stands in the records and on the machine."""

    name = "name"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Check the spelling; the recovery key's name is its own."""
        if not re.fullmatch("[a-z][a-z0-9-]{0,31}", value) or value == RECOVERY:
            raise Refused(_("a short name has small letters, digits and hyphens, such as anna"), ctx=ctx, param=param)
        return value


class HoursParam(_Own[int]):
    """A time in whole hours, written 8h; a day at most."""

    name = N_("HOURS")

    def convert(self, value: str | int, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Read the hours."""
        found = re.fullmatch("([1-9]|1[0-9]|2[0-4])h?", str(value))
        if not found:
            raise Refused(_("a time looks like 8h; 24h at most"), ctx=ctx, param=param)
        return int(found[1])


class CodeParam(click.ParamType[str]):
    """A code of one list of the vocabulary."""

    name = "code"

    def __init__(self, listed_in: str) -> None:
        self.listed_in = listed_in

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Check that there is such a code."""
        codes, danish = (vocabulary_choices(each)[self.listed_in] for each in ("en", "da"))
        if value in codes:
            return value
        from ballerup_cli.services.forms.understanding import Reader  # for a label

        labels = {code: (label, danish[code]) for code, label in codes.items()}
        if meant := Reader(beginnings=True).code(labels, value, closed=True):
            return meant
        choices = list(danish.values() if language() == "da" else codes)
        raise Refused(_("choose one of {choices}", choices=choices), ctx=ctx, param=param)

    def shell_complete(
        self,
        ctx: click.Context,  # noqa: ARG002  (click passes it)
        param: click.Parameter,  # noqa: ARG002
        incomplete: str,
    ) -> list[CompletionItem]:
        """Give the codes with their labels in the language chosen."""
        labels = vocabulary_choices(language())[self.listed_in]
        return [CompletionItem(code, help=label) for code, label in labels.items() if code.startswith(incomplete)]


class MemberParam(click.ParamType[str]):
    """The code of a member of the network; whether there is one is decided where Pladen is known."""

    name = "code"

    def convert(
        self,
        value: str,
        param: click.Parameter | None,  # noqa: ARG002  (click passes it)
        ctx: click.Context | None,  # noqa: ARG002
    ) -> str:
        """Take the word as it is."""
        return value

    def shell_complete(
        self,
        ctx: click.Context,
        param: click.Parameter,  # noqa: ARG002  (click passes it)
        incomplete: str,
    ) -> list[CompletionItem]:
        """Give the members there are."""
        from ballerup_cli.cli.ui.completion import members

        return members(ctx, incomplete)


class Refused(click.BadParameter):
    """A value that one of our own types refuses, with a message that is translated already."""


def explain(problem: click.UsageError) -> tuple[str, str]:
    """Put click's complaint into our words: the message and the hint. No argument is repeated."""
    path = problem.ctx.command_path if problem.ctx else "ballerup"
    hint = _("'{command} --help' shows how", command=path)
    match problem:
        case click.NoSuchCommand():
            offered = [name for name in problem.possibilities or () if name not in DESTROYING]
            return _("no such command") + nearest(offered), hint
        case click.NoSuchOption():
            return _("no such option") + nearest(problem.possibilities), hint
        case click.exceptions.NoArgsIsHelpError():
            return _("a command is missing"), hint
        case click.BadOptionUsage():
            return _misused(problem), hint
        case click.BadParameter():
            name = _name(problem)
            return (f"{name}: " if name else "") + _fault(problem), hint
        case _:
            return problem.message, hint


def nearest(possibilities: Iterable[str] | None) -> str:
    """Give the words that offer what may have been meant, or nothing."""
    names = list(possibilities or ())
    return "; " + _("did you mean {names}?", names=names) if names else ""


def _name(problem: click.BadParameter) -> str:
    if isinstance(problem.param_hint, str):
        return problem.param_hint
    if isinstance(problem.param, click.Argument):
        return _(problem.param.human_readable_name)
    return max(problem.param.opts, key=len) if problem.param else ""


def _misused(problem: click.BadOptionUsage) -> str:
    known = problem.ctx.command.params if problem.ctx else []
    for option in known:
        if isinstance(option, click.Option) and problem.option_name in (*option.opts, *option.secondary_opts):
            words = _("takes no value") if option.is_flag else _("a value is missing")
            return f"{problem.option_name}: {words}"
    return _("an option is not understood")


def _fault(problem: click.BadParameter) -> str:
    if isinstance(problem, Refused):
        return problem.message
    if isinstance(problem, click.MissingParameter):
        return _("missing")
    kind = problem.param.type if problem.param else None
    match kind:
        case click.Choice():
            return _("choose one of {choices}", choices=list(kind.choices))
        case click.IntRange(min=int(lowest), max=int(highest)):
            return _("a whole number from {lowest} to {highest}", lowest=lowest, highest=highest)
        case click.IntRange(min=int(lowest)):
            return _("a whole number, {lowest} or more", lowest=lowest)
        case click.types.IntParamType():
            return _("a whole number is wanted")
        case click.Path() | click.File():
            return _("no such file or folder, or it cannot be read")
        case _:
            return _("not understood")


PURPOSE = option(
    "--purpose",
    type=CodeParam("purpose"),
    default="case-work",
    metavar="CODE",
    help=N_("why you look, for the log: case-work, stand-in, data-subject, oversight or maintenance"),
)
"""Why somebody reads: asked of every command that shows what a record says (GDPR art. 5(1)(b))."""
