"""The page for the morning: four blocks that always fit one screen, however much there is."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import click

from ballerup_cli.cli.commands.drafts import tell as tell_drafts
from ballerup_cli.cli.ui import terminal
from ballerup_cli.cli.ui.params import command, option
from ballerup_cli.cli.ui.render import as_json
from ballerup_cli.cli.ui.session import Session
from ballerup_cli.cli.ui.tables import when
from ballerup_cli.cli.ui.text import _, date, language
from ballerup_cli.errors import N_
from ballerup_cli.services.cases.today import today as page
from ballerup_cli.services.forms import form as forms

_WIDTH, _HEIGHT = 80, 23  # a screen of 24 lines keeps one for the prompt
_GAP = 2
_NARROW = 6  # what is left of a text that must be cut

Row = Mapping[str, Any]
Cells = tuple[str, str, str]
"""A line of any block: the case, what it is about, and when."""


@command(
    "today",
    section=N_("Looking"),
    example="ballerup today",
    help=N_("One screen for the morning: overdue, this week, waiting for others, new."),
)
@option("--format", "form", type=click.Choice(["table", "json"]), default="table", help=N_("how to print it"))
@click.pass_obj
def today(session: Session, form: str) -> None:
    """Print the page."""
    content = page(session.workspace, session.moment)
    session.tell_shut()
    terminal.put(as_json(content) if form == "json" else screen(content, terminal.width()))
    tell_drafts(session)


def screen(content: Mapping[str, Sequence[Row]], width: int) -> str:
    """Write the four blocks, each with as many of its lines as there is room for."""
    width = min(width, _WIDTH)
    shares = _shares([len(rows) for rows in content.values()], _HEIGHT - (2 * len(content) - 1))
    # The last line of a block that is too long says how much more there is.
    fitting = {
        name: rows if len(rows) <= share else rows[: share - 1]
        for (name, rows), share in zip(content.items(), shares, strict=True)
    }
    cells = {name: [_CELLS[name](row) for row in rows] for name, rows in fitting.items()}
    widths = _widths([line for lines in cells.values() for line in lines], width)
    blocks = []
    for name, lines in cells.items():
        count, hidden = len(content[name]), len(content[name]) - len(lines)
        more = [_("… and {count} more: {command}", count=hidden, command=_COMMANDS[name])] if hidden else []
        heading = f"{_(_HEADINGS[name])}: {count or _('nothing')}"
        blocks.append([heading, *(_line(line, widths) for line in lines), *more])
    return "\n".join("".join(f"{_cut(line, width)}\n" for line in block) for block in blocks)


def _shares(wanted: Sequence[int], room: int) -> list[int]:
    """Share lines out one by one, to each block that wants more, until all have enough or none is left."""
    given = [0 for _block in wanted]
    while room > 0 and (short := [at for at, most in enumerate(wanted) if given[at] < most]):
        given[min(short, key=lambda at: given[at])] += 1
        room -= 1
    return given


def _widths(lines: Sequence[Cells], width: int) -> tuple[int, int]:
    """Give the columns of cases and of texts their widths: texts give way."""
    case, text, day = (max((len(line[at]) for line in lines), default=0) for at in range(3))
    return case, min(text, max(_NARROW, width - case - day - 2 * _GAP))


def _line(cells: Cells, widths: tuple[int, int]) -> str:
    case, text, day = cells
    return (" " * _GAP).join((case.ljust(widths[0]), _cut(text, widths[1]).ljust(widths[1]), day)).rstrip()


def _cut(text: str, width: int) -> str:
    return text if len(text) <= width else text[: width - 1] + "…"


def _due(row: Row) -> Cells:
    clock = forms.vocabulary_choices(language())["clock"][row["clock"]]
    about = f": {row['about']}" if row["about"] else ""
    return row["case"] or "–", clock + about, when(row["days_overdue"])


def _waiting(row: Row) -> Cells:
    clocks = forms.vocabulary_choices(language())["clock"]
    return row["case"], clocks.get(row["for"]) or _("answer on a measure"), _("since {day}", day=date(row["since"]))


def _new(row: Row) -> Cells:
    return row["case"], forms.vocabulary_choices(language())["state"][row["state"]], date(row["received"][:10])


_HEADINGS = {
    "overdue": N_("Overdue"),
    "week": N_("This week"),
    "waiting": N_("Waiting for others"),
    "new": N_("New"),
}
_CELLS: Mapping[str, Callable[[Row], Cells]] = {"overdue": _due, "week": _due, "waiting": _waiting, "new": _new}
_COMMANDS = {"overdue": "ballerup due", "week": "ballerup due", "waiting": "ballerup list", "new": "ballerup list"}

COMMANDS = [today]
