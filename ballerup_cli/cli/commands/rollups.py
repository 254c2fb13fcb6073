"""The roll-ups of a report: tables under headings for people, one long table of counts for programs.

What is counted and what is hidden is decided elsewhere.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ballerup_cli.cli.ui.render import Column, listing
from ballerup_cli.cli.ui.text import _, date, language
from ballerup_cli.core.vocabulary import Vocabulary
from ballerup_cli.errors import N_
from ballerup_cli.values import value

COUNTS = {
    "received": N_("received"),
    "open": N_("open"),
    "closed": N_("closed"),
    "activities": N_("activities"),
    "planned": N_("planned"),
    "held": N_("held"),
    "participants": N_("participants"),
}
_BEFORE = "before"  # the column of the period before
# The sections in the order of the page: key of the section and of its rows, heading, heading of the first column, and
# the lists that name the codes in it.
SECTIONS = (
    ("by_tier", "tier", N_("Per level of effort"), N_("level"), ("tier", "no-tier")),
    ("by_member", "member", N_("Per referring member of the network"), N_("member"), ()),
    ("by_ring", "ring", N_("Per ring"), N_("ring"), ("ring",)),
    ("by_sector", "sector", N_("Per sector"), N_("sector"), ("sector",)),
    ("by_month", "month", N_("Per month"), N_("month"), ()),
    ("by_age_band", "age_band", N_("Per age band"), N_("age"), ("age-band",)),
    ("by_sign", "sign", N_("Per attention point"), N_("attention point"), ("sign",)),
    ("by_measure", "measure", N_("Per measure"), N_("measure"), ("measure",)),
    ("by_gate", "gate", N_("Closed at gate"), N_("gate"), ("gate",)),
    ("by_outcome", "outcome", N_("Closed with outcome"), N_("outcome"), ("outcome",)),
    ("by_activity", "kind", N_("Activities in the networks"), N_("kind"), ("activity",)),
)


@value
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


def page_for(content: Mapping[str, Any], words: Vocabulary, *, width: int, smallest: int) -> Page:
    """Return how a report is written; what was published keeps the limit it was published with."""
    limit = content.get("published", {}).get("smallest", smallest)
    return Page(words=words, width=width, hidden=f"<{limit}")


def report(content: Mapping[str, Any], page: Page, form: str) -> str:
    """Write a report: tables under headings for people, one long table of counts for programs."""
    if form != "table":
        return listing(list(long(content)), _LONG, form)
    if "crossed" in content:
        parts = [top(content, page), _crossed(content, page)]
    else:
        sections = [_section(content, about, page) for about in SECTIONS]
        ends = [_funnel(content["funnel"], page), _conduct(content["conduct"], page)]
        parts = [top(content, page), *sections, *ends]
    return "\n".join(part for part in parts if part)


def top(content: Mapping[str, Any], page: Page) -> str:
    """Write what stands over all tables: the period, the totals, and what kind of counts these are."""
    lines = [_headed(content, page)]
    if "as_of" in content:
        lines.append(_("as it was known on {day}", day=date(content["as_of"])))
    if "published" in content:
        lines.append(_("as it was published on {day}", day=date(content["published"]["on"])))
    if "previous" in content:
        lines.append(_("before: {what}", what=_headed(content["previous"], page).replace("\n", ", ")))
    if content["controlled"]:
        note = N_("{hidden} is a count that is hidden: it is small, or a small one could be computed from it.")
        lines.append(_(note, hidden=page.hidden))
    return "".join(f"{line}\n" for line in lines)


def _headed(content: Mapping[str, Any], page: Page) -> str:
    period = content["period"]
    head = _("Concerns received {start} to {end}", start=date(period["from"]), end=date(period["to"]))
    counts = ", ".join(f"{_(COUNTS[name])} {_count(value, page)}" for name, value in content["totals"].items())
    return f"{head}\n{counts}"


def _section(content: Mapping[str, Any], about: tuple[str, str, str, str, tuple[str, ...]], page: Page) -> str:
    """Write one section: rows without any concern are left out, and a second table holds the levels of effort."""
    section, key, heading, name, lists = about
    shown = [
        {**row, **row.get("tiers", {}), key: name_of(row, key, lists, page)}
        for row in _beside(content, section, key)
        if any(row[count] != 0 for count in (*COUNTS, _BEFORE) if count in row)
    ]
    if not shown:
        return ""
    counts = {count: label for count, label in {**COUNTS, _BEFORE: N_("before")}.items() if count in shown[0]}
    levels = {tier: tier for tier in page.words.codes("tier")} | dict.fromkeys(
        page.words.codes("no-tier"), N_("without a level")
    )
    text = f"{_(heading)}\n{page.table(shown, key, name, counts)}"
    return text + (f"\n{page.table(shown, key, name, levels)}" if "tiers" in shown[0] else "")


def _beside(content: Mapping[str, Any], section: str, key: str) -> list[Mapping[str, Any]]:
    """Return the rows of a section, each with its first count of the period before; months have none before them."""
    if "previous" not in content or key == "month":
        return list(content[section])
    main = next(count for count in COUNTS if count in content[section][0])
    before = {row[key]: row[main] for row in content["previous"][section]}
    return [{**row, _BEFORE: before.get(row[key], 0)} for row in content[section]]


def _crossed(content: Mapping[str, Any], page: Page) -> str:
    """Write the crossed table, the dimension with more codes downwards; codes without any concern are left out."""
    crossed = content["crossed"]
    told = [row for row in crossed["rows"] if row[crossed["count"]] != 0]
    down, across = sorted(crossed["by"], key=lambda name: -len({row[name] for row in told}))
    about = {key: (name, lists) for _section, key, _title, name, lists in SECTIONS}
    names = {row["member"]: row["name"] for row in content["by_member"]}

    def label(name: str, code: str | None) -> str:
        return names.get(code) or name_of({name: code}, name, about[name][1], page)

    counts = {(row[down], row[across]): row[crossed["count"]] for row in crossed["rows"]}
    columns = {f"={row[across]}": row[across] for row in told}
    rows = [
        {down: label(down, code), **{key: counts[code, other] for key, other in columns.items()}}
        for code in dict.fromkeys(row[down] for row in told)
    ]
    heads = {key: label(across, code) for key, code in columns.items()}
    if across == "month" and len({code[:4] for code in columns.values()}) == 1:
        heads = {key: code[5:] for key, code in columns.items()}  # twelve months of one year fit a terminal
    title = f"{_(about[down][0])} × {_(about[across][0])}, {_(COUNTS[crossed['count']])}"
    return f"{title}\n{page.table(rows, down, about[down][0], heads)}"


def name_of(row: Mapping[str, Any], key: str, lists: Sequence[str], page: Page) -> str:
    """Return what people call the code of a row."""
    code = row[key]
    if code is None:
        return _("outside the network")
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
    lines = [{"what": _(CONDUCT[name]), "kept": _kept(values, page)} for name, values in conduct.items()]
    columns = [Column(key="what", heading=N_("kept to our word")), Column(key="kept", heading=N_("how often"))]
    return f"{_('Conduct of the authority')}\n{listing(lines, columns, 'table', width=page.width)}"


CONDUCT = {
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


# --- sums of several reports ------------------------------------------------------------------------------------------

_SUMS = tuple(Column(key=name, heading=name) for name in ("section", "code", "count", "low", "high"))


def combined(content: Mapping[str, Any], words: Vocabulary, form: str, *, width: int) -> str:
    """Write sums of reports, a range where a count is hidden in one of them."""
    if form != "table":
        return listing(content["counts"], _SUMS, form)
    page = Page(words=words, width=width, hidden="–")
    told: dict[str, dict[Any, dict[str, Any]]] = {}
    for row in content["counts"]:
        told.setdefault(row["section"], {}).setdefault(row["code"], {})[row["count"]] = _range(row["low"], row["high"])
    whole = _headed({"period": content["period"], "totals": told["totals"][None]}, page)
    reports = [{**row, "days": f"{date(row['from'])} – {date(row['to'])}"} for row in content["reports"]]
    columns = {"days": N_("days"), **{name: COUNTS[name] for name in ("received", "open", "closed")}}
    parts = [f"{whole}\n", f"{_('Reports')}\n{page.table(reports, 'municipality', N_('municipality'), columns)}"]
    for section, key, title, head, lists in SECTIONS:
        rows = [
            {key: name_of({key: code}, key, lists, page), **counts} for code, counts in told.get(section, {}).items()
        ]
        shown = [row for row in rows if any(count != 0 for name, count in row.items() if name != key)]
        if shown:
            counts = {name: label for name, label in COUNTS.items() if name in shown[0]}
            parts.append(f"{_(title)}\n{page.table(shown, key, head, counts)}")
    states = [{"what": page.label("state", code), **counts} for code, counts in told["funnel"].items()]
    funnel = page.table(states, "what", N_("ever reached"), {"cases": N_("concerns")})
    return "\n".join([*parts, f"{_('How far the concerns came')}\n{funnel}"])


def _range(low: int, high: int | None) -> int | str:
    """Write a sum: a number, from–to, or at least so many."""
    if high is None:
        return f"≥{low}"
    return low if low == high else f"{low}–{high}"


# --- for programs -----------------------------------------------------------------------------------------------------

_LONG = tuple(Column(key=name, heading=name) for name in ("section", "code", "count", "value"))


def long(content: Mapping[str, Any], before: str = "") -> Iterator[dict[str, Any]]:
    """Give one row a count: section, code, which count, value (empty where it is hidden)."""
    for section, code, name, count in _counted(content):
        yield {"section": f"{before}{section}", "code": code, "count": name, "value": count}
    if "previous" in content:
        yield from long(content["previous"], "previous/")


def _counted(content: Mapping[str, Any]) -> Iterator[tuple[str, str | None, str, Any]]:
    for name, count in content["totals"].items():
        yield "totals", None, name, count
    for section, key, *_rest in SECTIONS:
        for row in content[section]:
            counts = {name: row[name] for name in COUNTS if name in row} | row.get("tiers", {})
            yield from ((section, row[key], name, value) for name, value in counts.items())
    if "crossed" in content:
        crossed = content["crossed"]
        one, other = crossed["by"]
        yield from ((f"{one}/{other}", row[one], row[other] or "", row[crossed["count"]]) for row in crossed["rows"])
    for section in ("funnel", "conduct"):
        for code, counts in content[section].items():
            for name, count in counts.items() if isinstance(counts, Mapping) else [("cases", counts)]:
                yield section, code, name, count
