"""The tables of a report: one model for every output, which text, charts, documents and spreadsheets print.

Each cell is a count of the page as it stands there, its own total among them; nothing is added up here. What is counted
and what is rounded is decided elsewhere.
"""

import textwrap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from ballerup_cli.cli.ui.render import Column, listing
from ballerup_cli.cli.ui.text import _, date, language
from ballerup_cli.core.reports.report import NO_GATE
from ballerup_cli.core.reports.tables import COUNTS as NAMES
from ballerup_cli.core.vocabulary import Vocabulary
from ballerup_cli.errors import N_
from ballerup_cli.values import value

Content = Mapping[str, Any]
Cell = int | float | str | None
"""A count, None where it is withheld, or a word where there can be none."""

COUNTS = {
    "received": N_("received"),
    "open": N_("open"),
    "closed": N_("closed"),
    "activities": N_("activities"),
    "planned": N_("planned"),
    "held": N_("held"),
    "participants": N_("participants"),
}
WITHHELD = ".."
"""Stands for a count that is withheld, as in official statistics."""

_NONE = "–"

_COHORT = N_("Concerns received in the period, as they stand today.")
_SEVERAL = N_("Concerns received in the period; one may have several, or none.")
_ENDED = N_("Concerns received in the period that are closed today.")
# The sections in the order of the page: key of the section and of its rows, heading, heading of the first column, the
# lists that name the codes in it, and what it counts.
SECTIONS = (
    ("by_tier", "tier", N_("Per level of effort"), N_("level"), ("tier", "no-tier"), _COHORT),
    ("by_member", "member", N_("Per referring member of the network"), N_("member"), (), _COHORT),
    ("by_ring", "ring", N_("Per ring"), N_("ring"), ("ring",), _COHORT),
    ("by_sector", "sector", N_("Per sector"), N_("sector"), ("sector",), _COHORT),
    ("by_month", "month", N_("Per month"), N_("month"), (), _COHORT),
    ("by_age_band", "age_band", N_("Per age band"), N_("age"), ("age-band",), _COHORT),
    ("by_sign", "sign", N_("Per attention point"), N_("attention point"), ("sign",), _SEVERAL),
    ("by_measure", "measure", N_("Per measure"), N_("measure"), ("measure",), _SEVERAL),
    ("by_gate", "gate", N_("Closed at gate"), N_("gate"), ("gate",), _ENDED),
    ("by_outcome", "outcome", N_("Closed with outcome"), N_("outcome"), ("outcome",), _ENDED),
    ("by_activity", "kind", N_("Activities in the networks"), N_("kind"), ("activity",), N_("They are about nobody.")),
)
FLOW = {
    "open_at_start": N_("open when the period began"),
    "received": N_("received"),
    "closed": N_("closed"),
    "reopened": N_("taken up again"),
    "open_at_end": N_("open when the period ended"),
}
CONDUCT = {
    "police_answer": N_("days to the answer of the police"),
    "decision": N_("days to the first decision"),
    "follow_ups": N_("follow-ups on time"),
    "measures": N_("measures started on time"),
    "feedback": N_("feedback given to referrers who wanted it"),
    "least_intrusive": N_("plans that chose the least intrusive measure"),
}


@value
class Page:
    """How a report is written: the labels, and the width."""

    words: Vocabulary
    width: int

    def label(self, name: str, code: str) -> str:
        """Return a code's label in the language chosen."""
        return self.words.label(name, code, language())


@value
class Line:
    """One row of a table: its code, what people call it, and its cells."""

    code: str | None
    label: str
    cells: Sequence[Cell]

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing in any cell."""
        return all(cell in (0, "", _NONE) for cell in self.cells)


@value
class Table:
    """A table as every output prints it: what it counts in a sentence, its headings, and its rows."""

    key: str
    title: str
    about: str
    head: str
    columns: Sequence[str]
    rows: Sequence[Line]


def tables(content: Content, page: Page) -> list[Table]:
    """Return the tables of a report, with columns of the period before and of other years where those were asked for.

    A row of nothing is left out where counts are true; where they are rounded a 0 says 0 to 4, and stands.
    """
    found = _plain(content, page)
    for heading, other in _beside(content):
        there = {table.key: table for table in _plain(other, page)}
        found = [_joined(table, there[table.key], heading) for table in found]
    if is_withheld(content):
        found = [table for table in found if table.key == "by_activity"]
    keep = content["controlled"]
    cut = [
        replace(table, rows=[row for row in table.rows if (keep and table.key != "by_activity") or not row.is_empty])
        for table in found
    ]
    return [table for table in cut if table.rows]


def _plain(content: Content, page: Page) -> list[Table]:
    """Return the tables of one period, with every row."""
    sections = [_section(content, about, page) for about in SECTIONS]
    tiers, members, *others = sections
    return [_flow(content), tiers, members, _levels(content, page), *others, _funnel(content, page), _conduct(content)]


def _section(content: Content, about: tuple[str, str, str, str, tuple[str, ...], str], page: Page) -> Table:
    section, key, title, head, lists, counted = about
    rows = content[section]
    names = [name for name in COUNTS if rows and name in rows[0]]
    lines = [
        Line(code=row[key], label=name_of(row, key, lists, page), cells=[row[name] for name in names]) for row in rows
    ]
    headings = [_(COUNTS[name]) for name in names]
    return Table(key=section, title=_(title), about=_(counted), head=_(head), columns=headings, rows=lines)


def _levels(content: Content, page: Page) -> Table:
    """Return members by level of effort, after the row's own total."""
    tiers = [row["tier"] for row in content["by_tier"]]
    lines = [
        Line(
            code=row["member"],
            label=name_of(row, "member", (), page),
            cells=[row["received"], *(row["tiers"][tier] for tier in tiers)],
        )
        for row in content["by_member"]
    ]
    headings = [name_of({"tier": tier}, "tier", ("tier", "no-tier"), page) for tier in tiers]
    return Table(
        key="tiers",
        title=_("Levels of effort per referring member"),
        about=_(_COHORT),
        head=_("member"),
        columns=[_("received"), *headings],
        rows=lines,
    )


def _flow(content: Content) -> Table:
    rows = [Line(code=name, label=_(FLOW[name]), cells=[count]) for name, count in content["flow"].items()]
    persons = Line(
        code="persons", label=_("persons the received concerns are about"), cells=[content["persons"]["received"]]
    )
    return Table(
        key="flow",
        title=_("What came and what went"),
        about=_("What happened in the period, whenever the concern was received."),
        head=_("in the period"),
        columns=[_("concerns")],
        rows=[*rows, persons],
    )


def _funnel(content: Content, page: Page) -> Table:
    funnel = content["funnel"]
    states = [
        Line(code=state, label=page.label("state", state), cells=[count])
        for state, count in funnel.items()
        if state != "closed"
    ]
    gates = [
        Line(code=f"closed/{gate}", label=gate_name(None if gate == NO_GATE else gate, page), cells=[count])
        for gate, count in funnel["closed"].items()
    ]
    return Table(
        key="funnel",
        title=_("How far the concerns came"),
        about=_(_COHORT),
        head=_("ever reached"),
        columns=[_("concerns")],
        rows=[*states, *gates],
    )


def _conduct(content: Content) -> Table:
    """Return what was kept, what was due, and days in the median."""
    lines = [
        Line(code=name, label=_(CONDUCT[name]), cells=_kept(figures)) for name, figures in content["conduct"].items()
    ]
    return Table(
        key="conduct",
        title=_("Conduct of the authority"),
        about=_("Concerns received in the period; a word is kept in its time or not."),
        head=_("kept to our word"),
        columns=[_("kept"), _("counted"), _("median days")],
        rows=lines,
    )


def _kept(figures: Mapping[str, Any]) -> list[Cell]:
    whole, part = figures.values()
    if "median_days" not in figures:
        return [part, whole, ""]
    return ["", whole, _NONE if whole == 0 else part]


def _beside(content: Content) -> Iterator[tuple[str, Content]]:
    """Give what stands beside a report, each under its heading."""
    if "previous" in content:
        yield _("before"), content["previous"]
    yield from ((days_of(other), other) for other in content.get("years", ())[:-1])


def days_of(content: Content) -> str:
    """Write the days of a report, a whole year as its number."""
    start, end = content["period"]["from"], content["period"]["to"]
    year = str(start[:4])
    return year if (start, end) == (f"{year}-01-01", f"{year}-12-31") else f"{date(start)}–{date(end)}"


def _joined(table: Table, other: Table, heading: str) -> Table:
    """Put the first column of another period's table beside a table; months meet by their number in the year."""

    def place(code: str | None) -> str | None:
        return code[5:] if table.key == "by_month" and code else code

    there = {place(row.code): row.cells[0] for row in other.rows}
    empty: Cell = 0 if table.key != "conduct" else ""
    rows = [replace(row, cells=[*row.cells, there.get(place(row.code), empty)]) for row in table.rows]
    return replace(table, columns=[*table.columns, heading], rows=rows)


# --- as text ----------------------------------------------------------------------------------------------------------


def report(content: Content, page: Page, form: str) -> str:
    """Write a report: tables under headings for people, one long table of counts for programs."""
    if form != "table":
        return listing(list(long(content)), LONG, form)
    parts = (
        [_crossed(content, page)] if "crossed" in content else [_text(table, page) for table in tables(content, page)]
    )
    return "\n".join([_wrapped(top(content), page.width), *parts])


def _text(table: Table, page: Page) -> str:
    head = _wrapped(f"{table.title}\n{table.about}\n", page.width)
    return f"{head}{_listed(table.rows, table.head, table.columns, page)}"


def _wrapped(text: str, width: int) -> str:
    return "".join(f"{part}\n" for line in text.splitlines() for part in textwrap.wrap(line, width) or [""])


def _listed(rows: Sequence[Line], head: str, columns: Sequence[str], page: Page) -> str:
    names = [str(number) for number in range(len(columns))]
    lines = [{"label": row.label, **{n: shown(cell) for n, cell in zip(names, row.cells, strict=True)}} for row in rows]
    headings = [Column(key=name, heading=heading) for name, heading in zip(names, columns, strict=True)]
    return listing(lines, [Column(key="label", heading=head), *headings], "table", width=page.width)


def shown(cell: Cell) -> Cell:
    """Return what stands in a cell: a count as it is, a median as the language writes it, or a mark."""
    if cell is None:
        return WITHHELD
    if isinstance(cell, float):
        return f"{cell:g}".replace(".", "," if language() == "da" else ".")
    return cell


def top(content: Content) -> str:
    """Write what stands over all tables: the period, the totals, and what kind of counts these are."""
    lines = [_headed(content), status(content)]
    if "as_of" in content:
        lines.append(_("as it was known on {day}", day=date(content["as_of"])))
    for heading, other in _beside(content):
        days = days_of(other)
        lines.append(f"{heading if heading == days else f'{heading} ({days})'}: {_sums(other)}")
    lines.extend(method(content))
    return "".join(f"{line}\n" for line in lines if line)


def status(content: Content) -> str:
    """Say whether a report is out, of which date and revision, or a draft; nothing of one that stays in the house."""
    if "published" not in content:
        return _("DRAFT: not published.") if content["controlled"] else ""
    item = content["published"]
    said = _("Published {day}, revision {revision}.", day=date(item["on"]), revision=item["revision"])
    if "replaces" not in item:
        return said
    before = item["replaces"]
    again = _("It replaces revision {revision} of {day}.", revision=before["revision"], day=date(before["on"]))
    return f"{said} {again}"


def is_withheld(content: Content) -> bool:
    """Tell whether no count of a report leaves the house."""
    return content["totals"]["received"] is None


def method(content: Content) -> list[str]:
    """Say how counts are rounded, and what that means for whoever reads them."""
    if not content["controlled"]:
        return []
    if is_withheld(content):
        return [
            _(
                "All counts are withheld (..): only a calendar month, quarter, half-year, year or whole years leave "
                "the house."
            )
        ]
    lines = [
        _("Every count is rounded up or down to 0, 5, 10, 15 … by a secret draw, so that no single case can be seen."),
        _("A count can be up to 4 too high or too low: 0 says 0 to 4, 5 says 1 to 9, 10 says 6 to 14."),
        _("Each sum is rounded by itself, so rows do not add up. 100 or more received in all stand exactly."),
    ]
    if any(row["value"] is None for row in long(content) if row["count"] != "median_days"):
        lines.append(_("A count that is withheld stands as .."))
    return lines


def _headed(content: Content) -> str:
    period = content["period"]
    head = _("Concerns received {start} to {end}", start=date(period["from"]), end=date(period["to"]))
    return f"{head}\n{_sums(content)}"


def _sums(content: Content) -> str:
    return ", ".join(f"{_(COUNTS[name])} {shown(count)}" for name, count in content["totals"].items())


def _crossed(content: Content, page: Page) -> str:
    """Write the crossed table, the dimension with more codes downwards; codes without any concern are left out."""
    crossed = content["crossed"]
    some = [row for row in crossed["rows"] if row[crossed["count"]] != 0]
    down, across = sorted(crossed["by"], key=lambda name: -len({row[name] for row in some}))
    about = {key: (name, lists) for _section, key, _title, name, lists, _counted in SECTIONS}
    names = {row["member"]: row["name"] for row in content["by_member"]}
    title = f"{_(about[down][0])} × {_(about[across][0])}, {_(COUNTS[crossed['count']])}"
    if all(row[crossed["count"]] is None for row in crossed["rows"]):
        return f"{title}\n{_('Withheld: only levels by member leave the house.')}\n"

    def label(name: str, code: str | None) -> str:
        return names.get(code) or name_of({name: code}, name, about[name][1], page)

    counts = {(row[down], row[across]): row[crossed["count"]] for row in crossed["rows"]}
    columns = list(dict.fromkeys(row[across] for row in some))
    rows = [
        Line(code=code, label=label(down, code), cells=[counts[code, other] for other in columns])
        for code in dict.fromkeys(row[down] for row in some)
    ]
    heads = [label(across, code) for code in columns]
    if across == "month" and len({code[:4] for code in columns}) == 1:
        heads = [code[5:] for code in columns]  # twelve months of one year fit a terminal
    return f"{title}\n{_listed(rows, about[down][0], heads, page)}"


def name_of(row: Mapping[str, Any], key: str, lists: Sequence[str], page: Page) -> str:
    """Return what people call the code of a row."""
    code = row[key]
    if key == "gate":
        return gate_name(code, page)
    if code is None:
        return _("outside the network")
    found = next((name for name in lists if code in page.words.codes(name)), None)
    return page.label(found, code) if found else str(row.get("name", code))


def gate_name(code: str | None, page: Page) -> str:
    """Return what people call a gate, and a closing that no gate decided."""
    return page.label("gate", code) if code else _("closed before a gate decided")


# --- sums of several reports ------------------------------------------------------------------------------------------

_SUMS = tuple(Column(key=name, heading=name) for name in ("section", "code", "count", "low", "high"))


def combined(content: Content, words: Vocabulary, form: str, *, width: int) -> str:
    """Write sums of reports, a range where a count is not told exactly in one of them."""
    if form != "table":
        return listing(content["counts"], _SUMS, form)
    page = Page(words=words, width=width)
    found: dict[str, dict[Any, dict[str, Any]]] = {}
    for row in content["counts"]:
        found.setdefault(row["section"], {}).setdefault(row["code"], {})[row["count"]] = _range(row["low"], row["high"])
    whole = _headed({"period": content["period"], "totals": found["totals"][None]})
    reports = [
        Line(code=None, label=row["municipality"], cells=[f"{date(row['from'])} – {date(row['to'])}", *_three(row)])
        for row in content["reports"]
    ]
    columns = [_("days"), *(_(COUNTS[name]) for name in ("received", "open", "closed"))]
    parts = [f"{whole}\n", f"{_('Reports')}\n{_listed(reports, _('municipality'), columns, page)}"]
    for section, key, title, head, lists, _about in SECTIONS:
        rows = [(name_of({key: code}, key, lists, page), counts) for code, counts in found.get(section, {}).items()]
        some = [(label, counts) for label, counts in rows if any(count != 0 for count in counts.values())]
        if some:
            names = [name for name in COUNTS if name in some[0][1]]
            lines = [Line(code=None, label=label, cells=[counts.get(name) for name in names]) for label, counts in some]
            parts.append(f"{_(title)}\n{_listed(lines, head, [_(COUNTS[name]) for name in names], page)}")
    ends = (
        ("funnel", _("How far the concerns came"), {state: page.label("state", state) for state in found["funnel"]}),
        ("flow", _("What came and what went"), {name: _(label) for name, label in FLOW.items()}),
    )
    for section, title, labels in ends:
        lines = [Line(code=code, label=labels[code], cells=[c["cases"]]) for code, c in found[section].items()]
        parts.append(f"{title}\n{_listed(lines, _('in the period'), [_('concerns')], page)}")
    return "\n".join(parts)


def _three(row: Mapping[str, Any]) -> list[Cell]:
    return [row[name] for name in ("received", "open", "closed")]


def _range(low: int, high: int | None) -> int | str:
    """Write a sum: a number, from–to, or at least so many."""
    if high is None:
        return f"≥{low}"
    return low if low == high else f"{low}–{high}"


# --- for programs -----------------------------------------------------------------------------------------------------

LONG = tuple(
    Column(key=name, heading=name)
    for name in ("municipality_code", "municipality", "from", "to", "revision", "published", "controlled")
) + tuple(Column(key=name, heading=name) for name in ("section", "code", "count", "value"))


def long(content: Content, before: str = "") -> Iterator[dict[str, Any]]:
    """Give one row a count: whose it is, of which days and revision, section, code, which count, value."""
    item = content.get("published", {})
    about = {
        "municipality_code": content["code"],
        "municipality": content["municipality"],
        **content["period"],
        "revision": item.get("revision"),
        "published": item.get("on"),
        "controlled": content["controlled"],
    }
    for section, code, name, number in _counted(content):
        yield {**about, "section": f"{before}{section}", "code": code, "count": name, "value": number}
    if "previous" in content:
        yield from long(content["previous"], "previous/")
    for other in content.get("years", ())[:-1]:
        yield from long(other, before)


def _counted(content: Content) -> Iterator[tuple[str, str | None, str, Any]]:
    for name, number in content["totals"].items():
        yield "totals", None, name, number
    for section, key, *_rest in SECTIONS:
        for row in content[section]:
            counts = {name: row[name] for name in NAMES if name in row} | row.get("tiers", {})
            yield from ((section, row[key], name, number) for name, number in counts.items())
    if "crossed" in content:
        crossed = content["crossed"]
        one, other = crossed["by"]
        yield from ((f"{one}/{other}", row[one], row[other] or "", row[crossed["count"]]) for row in crossed["rows"])
    for section in ("funnel", "flow", "persons", "conduct"):
        for code, found in content[section].items():
            for name, count in found.items() if isinstance(found, Mapping) else [("cases", found)]:
                yield section, code, name, count
