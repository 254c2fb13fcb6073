"""Adding up reports of different concerns: a sum is printed where all its parts are, and hidden where one of them is.

So a sum tells nothing that its parts did not tell. Which parts there are is decided by whoever adds.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

Row = dict[str, Any]
Page = Mapping[str, Any]

TABLES: Mapping[str, str] = {
    "by_tier": "tier",
    "by_member": "member",
    "by_ring": "ring",
    "by_sector": "sector",
    "by_month": "month",
    "by_age_band": "age_band",
    "by_sign": "sign",
    "by_measure": "measure",
    "by_gate": "gate",
    "by_outcome": "outcome",
    "by_activity": "kind",
}
"""The tables of a report, each with the name of the code in its rows."""

COUNTS = ("received", "open", "closed", "activities", "planned", "held", "participants", "tiers")
"""The counts that rows have; all else in a row is its code and what is known of it."""


def add(form: Page, parts: Sequence[Page]) -> Row:
    """Return the sum of reports, each of other concerns, with the period and the rows of ``form``, a report of all."""
    there = {name: key for name, key in TABLES.items() if name in form}
    tables = {name: _rows(key, form[name], [part[name] for part in parts]) for name, key in there.items()}
    conduct = {name: _conduct([part["conduct"][name] for part in parts]) for name in form["conduct"]}
    totals, funnel = (_sum([part[name] for part in parts]) for name in ("totals", "funnel"))
    return {**form, "controlled": True, **tables, "totals": totals, "funnel": funnel, "conduct": conduct}


def plus(counts: Iterable[int | None]) -> int | None:
    """Return the sum, None where one of the counts is hidden."""
    told = list(counts)
    return None if None in told else sum(count for count in told if count is not None)


def _sum(parts: Sequence[Mapping[str, Any]]) -> Row:
    """Add counts of the same names, those of a mapping within too."""
    values = {name: [part[name] for part in parts] for name in parts[0]}
    return {name: _sum(told) if isinstance(told[0], Mapping) else plus(told) for name, told in values.items()}


def _rows(key: str, form: Sequence[Row], tables: Sequence[Sequence[Row]]) -> list[Row]:
    """Add the rows of each code; a table without one had nothing to count there, and a new one stands at the end."""
    by_code = [{row[key]: row for row in table} for table in tables]
    known = {row[key]: row for table in (*tables, form) for row in table}
    codes = dict.fromkeys([*(row[key] for row in form), *known])
    return [_row(known[code], [rows[code] for rows in by_code if code in rows]) for code in codes]


def _row(about: Row, rows: Sequence[Row]) -> Row:
    if not rows:
        return about
    told = _sum([{name: row[name] for name in COUNTS if name in row} for row in rows])
    return {**about, **told}


def _conduct(figures: Sequence[Row]) -> Row:
    """Add figures; a median of several reports is unknown unless one of them has all the cases."""
    if "median_days" not in figures[0]:
        return _sum(figures)
    some = [told for told in figures if told["cases"] != 0]
    median = some[0]["median_days"] if len(some) == 1 else None
    return {"cases": plus(told["cases"] for told in figures), "median_days": median}
