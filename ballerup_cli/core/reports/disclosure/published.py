"""What published pages say of the counts of another: the same days counted again, and days within days.

Only counts that stand still are held against each other: how many were received, by whom they were referred, and of
which age. Rounding belongs to ``rounding``.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta

from ballerup_cli.core.reports.disclosure.cells import Cell, Page, Relation, Sectors, span, standing
from ballerup_cli.core.reports.report import Period

Range = tuple[int, int]
Left = Callable[[Page, Sectors], Mapping[Cell, Range]]

_LENGTHS = (1, 3, 6)  # months within a year: a month, a quarter, half a year
_YEAR = 12


def is_aligned(period: Period) -> bool:
    """Tell whether a period is a calendar month, quarter, half-year, year, or some whole years."""
    first, after = date.fromisoformat(period.start), date.fromisoformat(period.end) + timedelta(days=1)
    months = len(period.months())
    if not first.day == after.day == 1:
        return False
    return months % _YEAR == 0 and first.month == 1 if months >= _YEAR else _fits(first.month, months)


def _fits(month: int, months: int) -> bool:
    return months in _LENGTHS and (month - 1) % months == 0


def held_against(
    days: str, cells: Iterable[Cell], before: Sequence[Page], sectors: Sectors, left: Left
) -> tuple[dict[Cell, Range], list[Relation]]:
    """Return what is left of the counts on published pages, and how the cells of a page of some days hang on them.

    ``left`` says what one page alone leaves of each of its counts.
    """
    out: dict[tuple[str, ...], dict[str, Cell]] = {}
    known: dict[Cell, Range] = {}
    for number, page in enumerate(before):
        if not _meet(days, span(page)):
            continue
        for cell, ends in left(page, sectors).items():
            if standing([cell]):
                kept = ("published", str(number), *cell)
                known[kept] = ends
                out.setdefault(cell[1:], {})[cell[0]] = kept
    return known, [relation for cell in standing(cells) for relation in _within(cell, out.get(cell[1:], {}))]


def _within(cell: Cell, out: Mapping[str, Cell]) -> Iterator[Relation]:
    """Relate a cell to the same count of other days: the same, those within, and those around it."""
    days = cell[0]
    if days in out:
        yield Relation([cell], [out[days]], equal=False)  # later entries only add
    for length in sorted({_length(other) for other in out if _inside(other, days) and other != days}):
        parts = [other for other in out if _length(other) == length and _inside(other, days)]
        whole = sum(map(_days, parts)) == _days(days)
        yield Relation([cell], [out[other] for other in parts], equal=whole)
    for other in out:
        if _inside(days, other) and other != days:
            beside = [part for part in out if part != days and _length(part) == _length(days) and _inside(part, other)]
            yield Relation([out[other]], [cell, *(out[part] for part in beside)], equal=False)


def _ends(days: str) -> tuple[str, str]:
    start, end = days.split("/")
    return start, end


def _meet(one: str, other: str) -> bool:
    return one[:10] <= other[11:] and other[:10] <= one[11:]


def _inside(inner: str, outer: str) -> bool:
    return outer[:10] <= inner[:10] and inner[11:] <= outer[11:]


def _length(days: str) -> int:
    start, end = _ends(days)
    return len(Period(start=start, end=end).months())


def _days(days: str) -> int:
    start, end = map(date.fromisoformat, _ends(days))
    return (end - start).days + 1
