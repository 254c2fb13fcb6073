"""The charts of a report: which there are, under which aim of the action plan, and the sentence each comes with.

Each is drawn of the first column of a table, and nothing is added up for it.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from ballerup_cli.cli.ui.rollups import Cell, Line, Page, Table, days_of, shown, tables
from ballerup_cli.cli.ui.text import _
from ballerup_cli.core.reports.charts import Bar, Chart
from ballerup_cli.errors import N_

Content = Mapping[str, Any]

_MANY = 3  # names that a sentence has room for
_MONTHS = (
    N_("January"),
    N_("February"),
    N_("March"),
    N_("April"),
    N_("May"),
    N_("June"),
    N_("July"),
    N_("August"),
    N_("September"),
    N_("October"),
    N_("November"),
    N_("December"),
)
AIMS = (
    (
        N_("An effective, systematic effort across the organisation"),
        (
            "years",
            "flow",
            "by_tier",
            "by_month",
            "by_age_band",
            "by_sign",
            "funnel",
            "by_gate",
            "by_outcome",
            "by_measure",
        ),
    ),
    (N_("Skills to recognise signs"), ("by_activity",)),
    (N_("An overview of the networks"), ("by_member", "tiers", "by_ring")),
    (N_("Coordination across fields"), ("by_sector", "conduct")),
)
"""The aims of the action plan, each with the tables that answer it."""


def by_aim(content: Content, page: Page) -> dict[str, list[Chart]]:
    """Return the charts under the four aims of the action plan."""
    found = {table.key: _chart(table, content) for table in tables(content, page)}
    if "years" in content:
        found["years"] = _years(content)
    return {_(aim): [found[key] for key in keys if key in found] for aim, keys in AIMS}


def _chart(table: Table, content: Content) -> Chart:
    """Return the chart of one table; where nothing is there to be drawn, the table stands alone."""
    rows = [(_label(table, row, content), row) for row in table.rows]
    bars = [
        Bar(label=label, count=_drawn(row.cells[0]), said=_end(table, row.cells))
        for label, row in rows
        if row.cells[0] != ""
    ]
    return Chart(
        title=table.title,
        about=table.about,
        sentence=" ".join(_sentences(table, bars)),
        axis=table.columns[0],
        bars=bars,
        head=table.head,
        columns=table.columns,
        rows=[(label, [str(shown(cell)) for cell in row.cells]) for label, row in rows],
    )


def _years(content: Content) -> Chart:
    """Return the concerns received year by year, as a line."""
    rows = [(days_of(page), list(page["totals"].values())) for page in content["years"]]
    return Chart(
        title=_("Years beside each other"),
        about=_("Concerns received in each period, as they stand today."),
        sentence="",
        axis=_("received"),
        bars=[Bar(label=label, count=_drawn(cells[0]), said=str(shown(cells[0]))) for label, cells in rows],
        head=_("period"),
        columns=[_("received"), _("open"), _("closed")],
        rows=[(label, [str(shown(cell)) for cell in cells]) for label, cells in rows],
        line=True,
    )


def _drawn(cell: Cell) -> int | None:
    return cell if isinstance(cell, int) else None


def _end(table: Table, cells: Sequence[Cell]) -> str:
    if table.key == "conduct":
        return _("{part} of {whole}", part=shown(cells[0]), whole=shown(cells[1]))
    return str(shown(cells[0]))


def _label(table: Table, row: Line, content: Content) -> str:
    if table.key != "by_month":
        return row.label
    return _month(str(row.code), {month["month"][:4] for month in content["by_month"]})


def _month(code: str, years: Collection[str]) -> str:
    """Return a month's name, with its year where there are several."""
    name = _(_MONTHS[int(code[5:]) - 1])
    return name if len(years) == 1 else f"{name} {code[:4]}"


# --- The sentences ----------------------------------------------------------------------------------------------------


def _sentences(table: Table, bars: Sequence[Bar]) -> Iterator[str]:
    printed = [bar for bar in bars if bar.count is not None]
    if not printed and bars:
        yield _("All of it is withheld.")
    elif table.key not in ("flow", "funnel", "conduct") and max((bar.count or 0 for bar in printed), default=0):
        yield _most(printed)


def _most(bars: Sequence[Bar]) -> str:
    """Name the longest bar, or those that are equally long."""
    most = max(bar.count or 0 for bar in bars)
    names = [bar.label for bar in bars if bar.count == most]
    if len(names) > _MANY:
        return _("The longest bars are equally long: {most} each.", most=most)
    if len(names) == 1:
        return _("Most: {name} ({most}).", name=names[0], most=most)
    several = _("{names} and {last}", names=", ".join(names[:-1]), last=names[-1])
    return _("Most: {names} ({most} each).", names=several, most=most)
