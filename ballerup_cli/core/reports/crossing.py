"""Counts by two dimensions at once: true ones from the cases, and of a controlled report what stands on its page."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import product
from typing import Any

from ballerup_cli.core.cases.facts import Facts
from ballerup_cli.core.network.pladen import Pladen

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


def cross_page(page: Mapping[str, Any], by: Sequence[str]) -> Row:
    """Return the crossed table of a page under control: levels by member as they stand on it, all else None.

    Raises:
        ValueError: these are not two different dimensions.
    """
    tiers = {row["member"]: row["tiers"] for row in page["by_member"]}

    def printed(*codes: Code) -> int | None:
        wanted = dict(zip(by, codes, strict=True))
        count: int | None = tiers[wanted["member"]][wanted["tier"]] if {*by} == {"member", "tier"} else None
        return count

    return _table(page, by, printed)


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
