"""What may be printed beside all that was published: the same paper, a sum of what is out and the rest, or nothing.

Concerns of different days have nothing to do with each other, so reports of different days, each controlled by itself,
tell nothing together that they do not tell alone. A period that holds published ones is their sum and that of the days
between; one that cuts a published one would tell of what it leaves out. Hiding counts belongs to ``disclosure``.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import date, timedelta

from ballerup_cli.core.reports.adding import Page, Row, add
from ballerup_cli.core.reports.report import Period

Count = Callable[[Period], Row]

_LENGTHS = (1, 3, 6, 12)  # months: a month, a quarter, half a year, a year


def is_aligned(period: Period) -> bool:
    """Tell whether a period is a calendar month, quarter, half-year or year."""
    first, after = date.fromisoformat(period.start), date.fromisoformat(period.end) + timedelta(days=1)
    months = len(period.months())
    return first.day == after.day == 1 and months in _LENGTHS and (first.month - 1) % months == 0


def period_of(page: Page) -> Period:
    """Return the period of a report."""
    return Period(start=page["period"]["from"], end=page["period"]["to"])


def cuts(period: Period, published: Sequence[Page]) -> bool:
    """Tell whether a period holds a part of a published one, and not all of it."""
    return any(_meet(period, other) and not _holds(period, other) for other in map(period_of, published))


def meets(period: Period, published: Sequence[Page]) -> bool:
    """Tell whether a period has a day that is in a published one."""
    return any(_meet(period, period_of(page)) for page in published)


def beside(period: Period, published: Sequence[Page], true: Count, controlled: Count, hidden: Count) -> Row:
    """Return the report of a period that may be printed beside those published.

    ``true``, ``controlled`` and ``hidden`` make the report of any period: with all counts, with what may be printed
    where nothing else was, and with none.
    """
    if same := [page for page in published if period_of(page) == period]:
        return dict(same[0])
    if cuts(period, published):
        return hidden(period)
    within = [page for page in published if _meet(period, period_of(page))]
    if not within:
        return controlled(period)
    outer = [page for page in within if not _is_inside(page, within)]
    rest = [controlled(gap) for gap in _between(period, sorted(map(period_of, outer), key=lambda part: part.start))]
    return add(true(period), [*outer, *rest])


def _is_inside(page: Page, pages: Sequence[Page]) -> bool:
    """Tell whether another page holds all of a page's period: a year that was published after one of its months."""
    return any(_holds(period_of(other), period_of(page)) for other in pages if other is not page)


def _meet(one: Period, other: Period) -> bool:
    return one.start <= other.end and other.start <= one.end


def _holds(outer: Period, inner: Period) -> bool:
    return outer.start <= inner.start and inner.end <= outer.end


def _between(period: Period, parts: Sequence[Period]) -> Iterator[Period]:
    """Give the days of a period that are in none of the parts, which come by date and do not meet."""
    start = date.fromisoformat(period.start)
    for part in parts:
        last = date.fromisoformat(part.start) - timedelta(days=1)
        if start <= last:
            yield Period(start=start.isoformat(), end=last.isoformat())
        start = date.fromisoformat(part.end) + timedelta(days=1)
    if start.isoformat() <= period.end:
        yield Period(start=start.isoformat(), end=period.end)
