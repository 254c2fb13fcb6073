"""A chart as values: bars, the sentence that says what they show, and the table they are drawn from."""

from collections.abc import Sequence

from ballerup_cli.values import value


@value
class Bar:
    """One bar: its label, the count it is as long as (None where that is withheld), and what is written at its end."""

    label: str
    count: int | None
    said: str


@value
class Chart:
    """Bars under a title, with what they count on their axis, and the table beside: headings and written cells."""

    title: str
    about: str
    sentence: str
    axis: str
    bars: Sequence[Bar]
    head: str
    columns: Sequence[str]
    rows: Sequence[tuple[str, Sequence[str]]]
    line: bool = False
    """Whether the bars are points of a line, one a year."""

    @property
    def longest(self) -> int:
        """The length of the longest bar."""
        return max((bar.count or 0 for bar in self.bars), default=0)

    @property
    def shows(self) -> bool:
        """Whether there is anything to be drawn: a count that is not withheld, nor 0."""
        return self.longest > 0
