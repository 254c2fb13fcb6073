"""A chart as values: bars of one or more parts, and the sentence that says what it shows. It is drawn elsewhere."""

from collections.abc import Sequence

from ballerup_cli.core.reports.adding import plus
from ballerup_cli.values import value


@value
class Bar:
    """One bar: its label, and a count for each part of the chart, None where it is hidden."""

    label: str
    counts: Sequence[int | None]

    @property
    def total(self) -> int | None:
        """The whole length, None where a part of it is hidden."""
        return plus(self.counts)


@value
class Chart:
    """Bars under a title, with the headings of what they count and of their parts."""

    title: str
    sentence: str
    head: str
    parts: Sequence[str]
    bars: Sequence[Bar]
    hidden: str
    """What stands for a count that is hidden."""

    @property
    def longest(self) -> int:
        """The length of the longest bar whose counts are all there."""
        return max((bar.total or 0 for bar in self.bars), default=0)

    @property
    def shows(self) -> bool:
        """Whether there is anything to be drawn: a count that is not hidden, nor 0."""
        return any(count for bar in self.bars for count in bar.counts)

    def said(self, count: int | None) -> str:
        """Write a count, or what stands for it."""
        return self.hidden if count is None else str(count)
