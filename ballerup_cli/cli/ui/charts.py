"""The charts of a report: which there are, under which aim of the action plan, and the sentence each comes with."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Any

from ballerup_cli.cli.commands.rollups import CONDUCT, COUNTS, SECTIONS, Page, name_of
from ballerup_cli.cli.ui.text import _, plural
from ballerup_cli.core.reports.charts import Bar, Chart
from ballerup_cli.errors import N_

Content = Mapping[str, Any]

_ABOUT = {section: (key, title, head, lists) for section, key, title, head, lists in SECTIONS}
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


def by_aim(content: Content, page: Page) -> dict[str, list[Chart]]:
    """Return the charts under the four aims of the action plan, those without any concern left out."""
    states = ("open", "closed")
    effort = [
        _of(content, page, "by_tier", "received"),
        _months(content, page, *states),
        _funnel(content, page),
        _of(content, page, "by_gate", "closed"),
        _of(content, page, "by_outcome", "closed"),
        _of(content, page, "by_measure", "received"),
        _conduct(content, page),
    ]
    found = {
        N_("An effective, systematic effort across the organisation"): effort,
        N_("Skills to recognise signs"): [_of(content, page, "by_activity", "held")],
        N_("An overview of the networks"): [_levels(content, page), _of(content, page, "by_ring", *states)],
        N_("Coordination across fields"): [_of(content, page, "by_sector", *states)],
    }
    return {_(aim): [chart for chart in charts if chart.bars] for aim, charts in found.items()}


def _of(content: Content, page: Page, section: str, *counts: str) -> Chart:
    """Return the chart of one table: a bar a row, a part a count."""
    key, title, head, lists = _ABOUT[section]
    rows = [row for row in content[section] if any(row[count] != 0 for count in counts)]
    bars = [Bar(label=name_of(row, key, lists, page), counts=[row[count] for count in counts]) for row in rows]
    return _chart(title, head, [_(COUNTS[count]) for count in counts], bars, page, _most)


def _months(content: Content, page: Page, *counts: str) -> Chart:
    """Return the months by name, those without any concern too: a gap in time is to be seen."""
    _key, title, head, _lists = _ABOUT["by_month"]
    rows = content["by_month"]
    years = {row["month"][:4] for row in rows}
    some = any(row[count] != 0 for row in rows for count in counts)
    bars = [Bar(label=_month(row["month"], years), counts=[row[count] for count in counts]) for row in rows if some]
    return _chart(title, head, [_(COUNTS[count]) for count in counts], bars, page, _most)


def _month(code: str, years: Collection[str]) -> str:
    """Return a month's name, with its year where there are several."""
    name = _(_MONTHS[int(code[5:]) - 1])
    return name if len(years) == 1 else f"{name} {code[:4]}"


def _levels(content: Content, page: Page) -> Chart:
    """Return members by level of effort."""
    key, title, head, lists = _ABOUT["by_member"]
    rows = [row for row in content["by_member"] if row["received"] != 0]
    levels = [row["tier"] for row in content["by_tier"]]
    bars = [Bar(label=name_of(row, key, lists, page), counts=[row["tiers"][tier] for tier in levels]) for row in rows]
    parts = [name_of({"tier": tier}, "tier", ("tier", "no-tier"), page) for tier in levels]
    return _chart(title, head, parts, bars, page, _most)


def _funnel(content: Content, page: Page) -> Chart:
    states = {state: count for state, count in content["funnel"].items() if state != "closed"}
    bars = [Bar(label=page.label("state", state), counts=[count]) for state, count in states.items()]
    told = bars if states["received"] != 0 else []
    return _chart(N_("How far the concerns came"), N_("ever reached"), [_("concerns")], told, page, _came)


def _conduct(content: Content, page: Page) -> Chart:
    """Return what was kept and what was not, of all that was due; medians are no bars."""
    bars = []
    for name, figures in content["conduct"].items():
        whole, kept = figures.values()
        if "median_days" not in figures and whole != 0:
            missed = None if whole is None or kept is None else whole - kept
            bars.append(Bar(label=_(CONDUCT[name]), counts=[kept, missed]))
    return _chart(N_("Conduct of the authority"), N_("kept to our word"), [_("kept"), _("not kept")], bars, page, _kept)


def _chart(
    title: str, head: str, parts: Sequence[str], bars: Sequence[Bar], page: Page, say: Callable[[Sequence[Bar]], str]
) -> Chart:
    sentence = " ".join([*_told(bars, say), *_silent(bars)])
    return Chart(title=_(title), sentence=sentence, head=_(head), parts=parts, bars=bars, hidden=page.hidden)


# --- The sentences ----------------------------------------------------------------------------------------------------


def _told(bars: Sequence[Bar], say: Callable[[Sequence[Bar]], str]) -> Iterator[str]:
    shown = [bar for bar in bars if bar.total is not None]
    if shown and (sentence := say(shown)):
        yield sentence


def _silent(bars: Sequence[Bar]) -> Iterator[str]:
    """Say how many bars are hidden, so that nobody takes them for nothing."""
    hidden = sum(bar.total is None for bar in bars)
    if hidden and hidden == len(bars):
        yield _("All counts are hidden: they are small, or small ones could be computed from them.")
    elif hidden:
        yield plural("{count} bar is hidden.", "{count} bars are hidden.", hidden)


def _most(bars: Sequence[Bar]) -> str:
    """Name the longest bar, or those that are equally long."""
    most = max(bar.total or 0 for bar in bars)
    names = [bar.label for bar in bars if bar.total == most]
    if most == 0:
        return _("None.")
    if len(names) > _MANY:
        return _("The longest bars are equally long: {most} each.", most=most)
    if len(names) == 1:
        return _("Most: {name} ({most}).", name=names[0], most=most)
    several = _("{names} and {last}", names=", ".join(names[:-1]), last=names[-1])
    return _("Most: {names} ({most} each).", names=several, most=most)


def _came(bars: Sequence[Bar]) -> str:
    """Say how many came to the last state that is shown."""
    first, last = bars[0], bars[-1]
    if last is first:
        return ""
    return _("{last} of {first} came as far as: {state}.", last=last.total, first=first.total, state=last.label)


def _kept(bars: Sequence[Bar]) -> str:
    """Say how often a word was kept, over all that is shown."""
    kept = sum(bar.counts[0] or 0 for bar in bars)
    return _("Kept {kept} of {whole} times.", kept=kept, whole=sum(bar.total or 0 for bar in bars))
