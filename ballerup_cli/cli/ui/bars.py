"""Charts on a terminal: bars of plain signs, as wide as the terminal allows."""

import textwrap
from collections.abc import Iterator, Sequence

from ballerup_cli.core.reports.charts import Chart

_BLOCK, _PLAIN = "█", "#"
_LABEL = 0.4  # of the width, at most
_GAP = 2
_MOST = 4  # signs for one concern


def draw(charts: Sequence[Chart], width: int, *, blocks: bool) -> str:
    """Write charts under one another, each with its sentence; ``blocks`` tells whether the terminal has block signs."""
    sign = _BLOCK if blocks else _PLAIN
    return "\n".join("\n".join(_lines(chart, width, sign)) + "\n" for chart in charts)


def _lines(chart: Chart, width: int, sign: str) -> Iterator[str]:
    yield chart.title
    for sentence in (chart.about, chart.sentence):
        yield from textwrap.wrap(sentence, width)
    label = min(max((len(bar.label) for bar in chart.bars), default=0), int(width * _LABEL))
    number = max((len(bar.said) for bar in chart.bars), default=0)
    room = max(1, width - label - number - 2 * _GAP)
    scale = min(_MOST, room / max(chart.longest, 1))
    for bar in chart.bars:
        *above, last = textwrap.wrap(bar.label, label) or [""]
        yield from above
        drawn = sign * max(1, round(bar.count * scale)) if bar.count else ""
        yield f"{last.ljust(label)}{' ' * _GAP}{bar.said.rjust(number)}{' ' * _GAP}{drawn[:room]}".rstrip()
