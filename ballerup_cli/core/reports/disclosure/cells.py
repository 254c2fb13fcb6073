"""The counts of a report as cells with names of their own, and how they hang together.

The same count has the same name wherever it stands: the row of March on a page of the year is all that was received in
the report of March, and a ring with one member is that member. Rounding belongs to ``rounding``.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from ballerup_cli.core.cases.case import NEXT_GATE
from ballerup_cli.core.periods import last_day
from ballerup_cli.core.reports.tables import SPLIT, TABLES

Row = dict[str, Any]
Page = Mapping[str, Any]
Cell = tuple[str, ...]
"""The days, what is counted there, and which count."""

Sectors = Mapping[str, str] | None
"""The sector of each member; None where that is not known."""

STANDING = ("received",)
"""The counts that nothing but a late entry moves; open and closed are of the day they are counted."""
_ADDING_UP = ("by_tier", "by_member", "by_ring", "by_sector", "by_month", "by_age_band")
_OUTSIDE, _NOBODY = "outside", "nobody"


class Relation(NamedTuple):
    """Cells whose sum is at least that of others, or equal to it."""

    more: Sequence[Cell]
    less: Sequence[Cell]
    equal: bool = True


def span(page: Page) -> str:
    """Return the days of a report as they stand in the names of its cells."""
    return f"{page['period']['from']}/{page['period']['to']}"


def places(page: Page, sectors: Sectors) -> Iterator[tuple[Row, str, Cell]]:
    """Give every count that may tell of a person: what holds it, under which name, and its cell."""
    names = _names(page, sectors)
    whole = (span(page), "all")
    yield from ((page["totals"], name, (*whole, name)) for name in page["totals"])
    for table, key in names:
        for row, base in zip(page[table], names[table, key], strict=True):
            yield from ((row, name, (*base, name)) for name in ("received", *SPLIT) if name in row)
            tiers = row.get("tiers", {})
            yield from ((tiers, tier, (*base, "tier", tier)) for tier in tiers)
    funnel = page["funnel"]
    yield funnel, "received", (*whole, "received")
    yield from ((funnel, state, (span(page), "reached", state)) for state in NEXT_GATE if state != "received")
    yield from ((funnel["closed"], gate, _gate(page, gate)) for gate in funnel["closed"])
    yield from ((page["flow"], name, _of_flow(page, name)) for name in page["flow"])
    yield from ((page["persons"], name, (span(page), "persons", name)) for name in page["persons"])
    for name, figures in page["conduct"].items():
        counts = [figure for figure in figures if figure != "median_days"]
        yield from ((figures, figure, (span(page), "conduct", name, figure)) for figure in counts)


def relations(page: Page, sectors: Sectors) -> Iterator[Relation]:
    """Give all that a reader knows of how the counts of one report hang together."""
    whole = (span(page), "all")
    names = _names(page, sectors)
    rows = {table: names[table, key] for table, key in names}
    for base in (whole, *(base for table in _ADDING_UP for base in rows[table])):
        yield Relation([(*base, "received")], [(*base, name) for name in SPLIT])
    for table in _ADDING_UP:
        for name in ("received", *SPLIT):
            yield Relation([(*whole, name)], [(*base, name) for base in rows[table]])
    for table in ("by_gate", "by_outcome"):
        yield Relation([(*whole, "closed")], [(*base, "closed") for base in rows[table]])
    yield from _of_members(page, rows, sectors)
    yield from _of_the_way(page, rows)
    yield from _of_conduct(page)


def is_sum_of_members(cell: Cell) -> bool:
    """Tell whether a cell adds up several members, as rings and sectors do."""
    return cell[1] == "from" and " " in cell[2]


def _names(page: Page, sectors: Sectors) -> dict[tuple[str, str], list[Cell]]:
    """Return the names of the rows of each table."""
    return {
        (table, key): [_name(page, table, row[key], sectors) for row in page[table]]
        for table, key in TABLES.items()
        if table != "by_activity"
    }


def _name(page: Page, table: str, code: str | None, sectors: Sectors) -> Cell:
    if table == "by_month":
        return f"{code}-01/{last_day(str(code))}", "all"
    if table in ("by_member", "by_ring", "by_sector") and (sectors is not None or table != "by_sector"):
        return span(page), "from", " ".join(_members(page, table, code, sectors))
    return span(page), table, code or "none"


def _members(page: Page, table: str, code: str | None, sectors: Sectors) -> list[str]:
    """Return which members a row adds up."""
    if code is None:
        return [_OUTSIDE]
    if table == "by_member":
        return [code]
    members = [row for row in page["by_member"] if row["member"] is not None]
    within = [
        row["member"]
        for row in members
        if code == (row["ring"] if table == "by_ring" else (sectors or {}).get(row["member"]))
    ]
    return sorted(within) or [_NOBODY]


def _gate(page: Page, gate: str) -> Cell:
    return span(page), "by_gate", gate, "closed"


def _of_flow(page: Page, name: str) -> Cell:
    return (span(page), "all", name) if name == "received" else (span(page), "flow", name)


def _of_members(page: Page, rows: Mapping[str, Sequence[Cell]], sectors: Sectors) -> Iterator[Relation]:
    """Give rings and sectors as sums of members, and levels by member with both their margins."""
    members = dict(zip([row["member"] for row in page["by_member"]], rows["by_member"], strict=True))
    for table in ("by_ring", "by_sector")[: 1 if sectors is None else 2]:
        for row, base in zip(page[table], rows[table], strict=True):
            within = [members[code] for code in _members(page, table, row[table[3:]], sectors) if code in members]
            if within != [base] and row[table[3:]] is not None:
                yield from (
                    Relation([(*base, name)], [(*one, name) for one in within]) for name in ("received", *SPLIT)
                )
    tiers = [row["tier"] for row in page["by_tier"]]
    for base in rows["by_member"]:
        yield Relation([(*base, "received")], [(*base, "tier", tier) for tier in tiers])
    for tier, base in zip(tiers, rows["by_tier"], strict=True):
        yield Relation([(*base, "received")], [(*one, "tier", tier) for one in rows["by_member"]])


def _of_the_way(page: Page, rows: Mapping[str, Sequence[Cell]]) -> Iterator[Relation]:
    """Give the funnel, which no concern comes up again; whoever was assessed has a level; and what came and went."""
    days = span(page)
    received = (days, "all", "received")
    reached = [received, *((days, "reached", state) for state in NEXT_GATE if state != "received")]
    for before, after, gate in zip(reached, reached[1:], NEXT_GATE.values(), strict=False):
        closed = [_gate(page, gate)] if gate != "plan" else []
        yield Relation([before], [after, *closed], equal=False)
    yield Relation([reached[-2]], [_gate(page, "plan")], equal=False)
    yield Relation([received], [reached[3], (*rows["by_tier"][-1], "received")])
    yield Relation([reached[3]], [(*base, "received") for base in rows["by_tier"][:-1]])
    signs, measures = ([(*base, "received") for base in rows[table]] for table in ("by_sign", "by_measure"))
    yield from (Relation([received], [sign], equal=False) for sign in signs)
    yield from (Relation([reached[-1]], [measure], equal=False) for measure in measures)
    yield Relation(measures, [reached[-1]], equal=False)
    yield Relation([received], [(days, "persons", "received")], equal=False)
    start, closed_then, again, end = (
        _of_flow(page, name) for name in ("open_at_start", "closed", "reopened", "open_at_end")
    )
    yield Relation([start, received, again], [closed_then, end])


def _of_conduct(page: Page) -> Iterator[Relation]:
    for name, figures in page["conduct"].items():
        whole, part = ((span(page), "conduct", name, figure) for figure in figures)
        if part[-1] != "median_days":
            yield Relation([whole], [part], equal=False)
        if whole[-1] in ("cases", "plans") or name == "feedback":
            yield Relation([(span(page), "all", "received")], [whole], equal=False)


def standing(cells: Iterable[Cell]) -> list[Cell]:
    """Return the cells that say the same of the same days whenever they are counted, but for late entries."""
    return [cell for cell in cells if cell[-1] in STANDING and cell[1] in ("all", "from", "by_age_band")]
