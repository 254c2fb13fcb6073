"""The roll-ups of a report: tables under headings for people, one long table of counts for programs.

What is counted and what is hidden is decided elsewhere.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ballerup_cli.cli.render import Column, date, listing
from ballerup_cli.cli.text import _, language
from ballerup_cli.core.vocabulary import Vocabulary
from ballerup_cli.errors import N_

_COUNTS = {
    "received": N_("received"),
    "open": N_("open"),
    "closed": N_("closed"),
    "activities": N_("activities"),
    "planned": N_("planned"),
    "held": N_("held"),
    "participants": N_("participants"),
}
# The sections in the order of the page: key of the section and of its rows, heading, heading of the first column, and
# the lists that name the codes in it.
_SECTIONS = (
    ("by_tier", "tier", N_("Per level of effort"), N_("level"), ("tier", "no-tier")),
    ("by_member", "member", N_("Per referring member of Pladen"), N_("member"), ()),
    ("by_ring", "ring", N_("Per ring"), N_("ring"), ("ring",)),
    ("by_sector", "sector", N_("Per sector"), N_("sector"), ("sector",)),
    ("by_month", "month", N_("Per month"), N_("month"), ()),
    ("by_age_band", "age_band", N_("Per age band"), N_("age"), ("age-band",)),
    ("by_sign", "sign", N_("Per attention point"), N_("attention point"), ("sign",)),
    ("by_gate", "gate", N_("Closed at gate"), N_("gate"), ("gate",)),
    ("by_outcome", "outcome", N_("Closed with outcome"), N_("outcome"), ("outcome",)),
    ("by_activity", "kind", N_("Activities in the networks"), N_("kind"), ("activity",)),
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Page:
    """How a report is written: the labels, the width, and what stands for a count that is hidden."""

    words: Vocabulary
    width: int
    hidden: str

    def label(self, name: str, code: str) -> str:
        """Return a code's label in the language chosen."""
        return self.words.label(name, code, language())

    def table(self, rows: Sequence[Mapping[str, Any]], key: str, heading: str, counts: Mapping[str, str]) -> str:
        """Write a table: what is counted, and its counts."""
        columns = [Column(key=name, heading=label, missing=self.hidden) for name, label in counts.items()]
        return listing(rows, [Column(key=key, heading=heading), *columns], "table", width=self.width)


def report(content: Mapping[str, Any], words: Vocabulary, form: str, *, width: int, smallest: int) -> str:
    """Write a report: tables under headings for people, one long table of counts for programs."""
    if form != "table":
        return listing(list(_long(content)), _LONG, form)
    page = Page(words=words, width=width, hidden=f"<{smallest}")
    sections = [_section(content[key], row, title, head, lists, page) for key, row, title, head, lists in _SECTIONS]
    parts = [_top(content, page), *sections, _funnel(content["funnel"], page), _conduct(content["conduct"], page)]
    return "\n".join(part for part in parts if part)


def _top(content: Mapping[str, Any], page: Page) -> str:
    period = content["period"]
    head = _("Concerns received {start} to {end}", start=date(period["from"]), end=date(period["to"]))
    counts = ", ".join(f"{_(_COUNTS[name])} {_count(value, page)}" for name, value in content["totals"].items())
    note = N_("{hidden} is a count that is hidden: it is small, or a small one could be computed from it.")
    return f"{head}\n{counts}\n" + (_(note, hidden=page.hidden) + "\n" if content["controlled"] else "")


def _section(
    rows: Sequence[Mapping[str, Any]], key: str, heading: str, name: str, lists: Sequence[str], page: Page
) -> str:
    """Write one section: rows without any concern are left out, and a second table holds the levels of effort."""
    shown = [
        {**row, **row.get("tiers", {}), key: _name(row, key, lists, page)}
        for row in rows
        if any(row[count] != 0 for count in _COUNTS if count in row)
    ]
    if not shown:
        return ""
    counts = {count: label for count, label in _COUNTS.items() if count in shown[0]}
    levels = {tier: tier for tier in page.words.codes("tier")} | {"unassessed": N_("without a level")}
    text = f"{_(heading)}\n{page.table(shown, key, name, counts)}"
    return text + (f"\n{page.table(shown, key, name, levels)}" if "tiers" in shown[0] else "")


def _name(row: Mapping[str, Any], key: str, lists: Sequence[str], page: Page) -> str:
    code = row[key]
    if code is None:
        return _("outside Pladen")
    found = next((name for name in lists if code in page.words.codes(name)), None)
    return page.label(found, code) if found else str(row.get("name", code))


def _count(value: Any, page: Page) -> str:
    return page.hidden if value is None else str(value)


def _funnel(funnel: Mapping[str, Any], page: Page) -> str:
    states = [{"what": page.label("state", state), "cases": funnel[state]} for state in funnel if state != "closed"]
    gates = [{"what": page.label("gate", gate), "cases": count} for gate, count in funnel["closed"].items()]
    table = page.table([*states, *gates], "what", N_("ever reached"), {"cases": N_("concerns")})
    return f"{_('How far the concerns came')}\n{table}"


def _conduct(conduct: Mapping[str, Any], page: Page) -> str:
    lines = [{"what": _(_CONDUCT[name]), "kept": _kept(values, page)} for name, values in conduct.items()]
    columns = [Column(key="what", heading=N_("kept to our word")), Column(key="kept", heading=N_("how often"))]
    return f"{_('Conduct of the authority')}\n{listing(lines, columns, 'table', width=page.width)}"


_CONDUCT = {
    "police_answer": N_("days to the answer of the police"),
    "decision": N_("days to the first decision"),
    "follow_ups": N_("follow-ups on time"),
    "measures": N_("measures started on time"),
    "feedback": N_("feedback given to referrers who wanted it"),
    "least_intrusive": N_("plans that chose the least intrusive measure"),
}


def _kept(values: Mapping[str, Any], page: Page) -> str:
    if "median_days" in values:
        days = "–" if values["median_days"] is None else f"{values['median_days']:g}"
        days = days.replace(".", ",") if language() == "da" else days
        return _("median {days}, counted: {cases}", days=days, cases=_count(values["cases"], page))
    whole, part = values.values()
    return _("{part} of {whole}", part=_count(part, page), whole=_count(whole, page))


# --- for programs -----------------------------------------------------------------------------------------------------

_LONG = tuple(Column(key=name, heading=name) for name in ("section", "code", "count", "value"))


def _long(content: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Give one row a count: section, code, which count, value (empty where it is hidden)."""
    for name, value in content["totals"].items():
        yield {"section": "totals", "code": None, "count": name, "value": value}
    for section, key, *_rest in _SECTIONS:
        for row in content[section]:
            counts = {name: row[name] for name in _COUNTS if name in row} | row.get("tiers", {})
            for name, value in counts.items():
                yield {"section": section, "code": row[key], "count": name, "value": value}
    for section in ("funnel", "conduct"):
        for code, value in content[section].items():
            for name, count in value.items() if isinstance(value, Mapping) else [("", value)]:
                yield {"section": section, "code": code, "count": name, "value": count}
