"""The manual: one page for ``man`` for each command, made from the very help the command prints.

It holds no text of its own; a page is in the language chosen.
"""

import re
from collections.abc import Iterator
from pathlib import Path

import click

from ballerup_cli import __version__
from ballerup_cli.cli.ui import terminal
from ballerup_cli.cli.ui.params import argument, command
from ballerup_cli.cli.ui.text import _, language
from ballerup_cli.errors import N_


def pages(root: click.Command) -> Iterator[tuple[str, str]]:
    """Give every page as its file's name and its text, for the program itself and each of its commands."""
    for ctx in _contexts(click.Context(root, info_name="ballerup")):
        name = ctx.command_path.replace(" ", "-")
        yield f"{name}.1", _page(name, ctx)


def _contexts(ctx: click.Context) -> Iterator[click.Context]:
    yield ctx
    if isinstance(ctx.command, click.Group):
        for name, below in ctx.command.commands.items():
            yield from _contexts(type(ctx)(below, info_name=name, parent=ctx))


def _page(name: str, ctx: click.Context) -> str:
    about = (ctx.command.help or "").split("\n")[0]
    head = f'.TH "{name.upper()}" "1" "" "ballerup {__version__}" "ballerup"'
    parts = [
        (_("NAME"), f"{name} \\- {_plain(about)}"),
        (_("SYNOPSIS"), f"\\fB{ctx.command_path}\\fR {_plain(' '.join(ctx.command.collect_usage_pieces(ctx)))}"),
        (_("DESCRIPTION"), _plain(ctx.command.help or "")),
        (_("OPTIONS"), _options(ctx)),
        (_("COMMANDS"), _below(ctx)),
        (_("EXAMPLE"), _example(ctx.command)),
    ]
    return head + "\n" + "".join(f".SH {title}\n{text}\n" for title, text in parts if text)


def _options(ctx: click.Context) -> str:
    items = [record for param in ctx.command.get_params(ctx) if (record := param.get_help_record(ctx))]
    return "\n".join(f".TP\n\\fB{_plain(names)}\\fR\n{_plain(text)}" for names, text in items)


def _below(ctx: click.Context) -> str:
    commands = ctx.command.commands.values() if isinstance(ctx.command, click.Group) else ()
    return "\n".join(f".TP\n\\fB{below.name}\\fR\n{_plain(below.help or '')}" for below in commands)


def _example(made: click.Command) -> str:
    example = getattr(made, "example", "")
    return f".nf\n{_plain(example)}\n.fi" if example else ""


def _plain(text: str) -> str:
    """Keep words from being taken for roff: its escapes, and what stands first on a line."""
    return re.sub(r"^([.'])", r"\\&\1", text.replace("\\", "\\e").replace("-", "\\-"), flags=re.MULTILINE)


@command(
    "manual",
    section=N_("The store"),
    example="ballerup manual ~/.local/share/man/man1",
    help=N_("Write a manual page for 'man' for every command into DIR, in the language chosen."),
)
@argument("directory", metavar="DIR", type=click.Path(path_type=Path, file_okay=False, exists=True))
@click.pass_context
def manual(ctx: click.Context, directory: Path) -> None:
    """Write the pages; pages of an earlier version are replaced."""
    written = dict(pages(ctx.find_root().command))
    for name, text in written.items():
        (directory / name).write_text(text, encoding="utf-8")
        (directory / name).chmod(0o644)  # a manual is for everybody
    terminal.put(
        _("{count} pages in {folder}, language {language}", count=len(written), folder=directory, language=language())
    )


COMMANDS = [manual]
