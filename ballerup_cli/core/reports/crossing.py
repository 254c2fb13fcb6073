"""Counts by two dimensions at once: true ones from the cases, and of a controlled report what its own page tells.

A crossed table under control adds nothing: each of its counts follows from counts that stand on the page, or is hidden.
So whoever reads it knows no more than the page told before, whichever two dimensions are asked for.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import product
from typing import Any

from ballerup_cli.core.cases.facts import Facts
from ballerup_cli.core.network.pladen import Pladen
from ballerup_cli.core.reports.adding import plus

Row = dict[str, Any]
Code = str | None

DIMENSIONS = ("tier", "member", "ring", "sector", "month", "gate", "outcome", "age_band", "sign", "measure")
"""What a report counts by, and can cross."""

_REFERRER = {"member", "ring", "sector"}


def counted(by: Sequence[str]) -> str:
    """Return what a crossed table counts: closed concerns where it asks how they closed, else those received."""
    return "closed" if {"gate", "outcome"} & {*by} else "received"


def cross(report: Mapping[str, Any], cases: Iterable[Facts], pladen: Pladen, by: Sequence[str]) -> Row:
    """Count the cases of a report by two dimensions; a concern with several attention points counts under each.

    Raises:
        ValueError: these are not two different dimensions.
    """
    places, untiered = _places(report, pladen), report["by_tier"][-1]["tier"]
    tally = Counter(pair for case in cases for pair in product(*(_codes(case, name, places, untiered) for name in by)))
    return _table(report, by, lambda one, other: tally[one, other])


def beside_tiers(report: Mapping[str, Any], cases: Sequence[Facts], pladen: Pladen) -> list[int]:
    """Return what the levels of effort by member may tell beside the other tables: how those of a member ended.

    How many of a member's at a level are open, or closed, and how many of a member's closed at a gate.
    """
    open_ones = [case for case in cases if not case.closed]
    closed = [case for case in cases if case.closed]
    tables = (cross(report, part, pladen, ("member", "tier")) for part in (open_ones, closed))
    gates = cross(report, closed, pladen, ("member", "gate"))
    return [row[table["count"]] for table in (*tables, gates) for row in table["rows"]]


def cross_page(page: Mapping[str, Any], pladen: Pladen, by: Sequence[str]) -> Row:
    """Return the crossed table of a controlled report: zeros of empty rows, sums over members, all else None.

    Raises:
        ValueError: these are not two different dimensions.
    """
    count, places = counted(by), _places(page, pladen)
    margins = {name: {row[name]: row.get(count, row.get("received")) for row in page[f"by_{name}"]} for name in by}
    members = page["by_member"]

    def told(*codes: Code) -> int | None:
        if any(margins[name][code] == 0 for name, code in zip(by, codes, strict=True)):
            return 0
        wanted = dict(zip(by, codes, strict=True))
        tier = wanted.pop("tier", None)
        if not wanted.keys() <= _REFERRER:
            return None
        rows = [row for row in members if all(places[row["member"]][name] == code for name, code in wanted.items())]
        return plus(row["tiers"][tier] if tier else row["received"] for row in rows)

    return _table(page, by, told)


def _table(report: Mapping[str, Any], by: Sequence[str], cell: Callable[..., int | None]) -> Row:
    if len(by) != 2 or len({*by} & {*DIMENSIONS}) != 2:
        raise ValueError(by)
    pairs = product(*([row[name] for row in report[f"by_{name}"]] for name in by))
    count = counted(by)
    rows = [{**dict(zip(by, pair, strict=True)), count: cell(*pair)} for pair in pairs]
    return {"by": list(by), "count": count, "rows": rows}


def _places(report: Mapping[str, Any], pladen: Pladen) -> Mapping[Code, Mapping[str, Code]]:
    """Return ring and sector of each member the report lists; whoever is outside the network has neither."""
    listed = [row["member"] for row in report["by_member"] if row["member"] is not None]
    rings = {row["member"]: row["ring"] for row in report["by_member"]}
    within = {code: {"member": code, "ring": rings[code], "sector": pladen.members[code].sector} for code in listed}
    return {**within, None: dict.fromkeys(_REFERRER)}


def _codes(case: Facts, name: str, places: Mapping[Code, Mapping[str, Code]], untiered: str) -> Sequence[Code]:
    """Return under which codes of a dimension a case counts: one, several, or none; ``untiered`` is no level."""
    match name:
        case "sign" | "measure":
            return case.signs if name == "sign" else case.measures
        case "member" | "ring" | "sector":
            return (places[case.member if case.member in places else None][name],)
        case "tier":
            return (case.tier or untiered,)
        case "month":
            return (case.received[:7],)
        case "gate" | "outcome":
            return () if not case.closed else (getattr(case, name),)
        case _:
            return (getattr(case, name),)
