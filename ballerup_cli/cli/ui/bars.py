"""Charts on a terminal: bars of plain signs, as wide as the terminal allows."""

import textwrap
from collections.abc import Iterator, Sequence

from ballerup_cli.core.reports.charts import Bar, Chart

_BLOCKS, _PLAIN = "█▒░▓", "#=-:"  # a sign for each part of a bar, and those every terminal has
_LABEL = 0.4  # of the width, at most
_GAP = 2
_MOST = 4  # signs for one concern


def draw(charts: Sequence[Chart], width: int, *, blocks: bool) -> str:
    """Write charts under one another, each with its sentence; ``blocks`` tells whether the terminal has block signs."""
    return "\n".join("\n".join(_lines(chart, width, _BLOCKS if blocks else _PLAIN)) + "\n" for chart in charts)


def _lines(chart: Chart, width: int, signs: str) -> Iterator[str]:
    yield chart.title
    yield from textwrap.wrap(chart.sentence, width)
    if len(chart.parts) > 1:
        keys = [f"{sign} {part}" for sign, part in zip(signs, chart.parts, strict=False)]
        yield from textwrap.wrap("   ".join(key.replace(" ", "\xa0") for key in keys), width)
    label = min(max((len(bar.label) for bar in chart.bars), default=0), int(width * _LABEL))
    number = max((len(chart.said(bar.total)) for bar in chart.bars), default=0)
    room = max(1, width - label - number - 2 * _GAP)
    for bar in chart.bars:
        *above, last = textwrap.wrap(bar.label, label) or [""]
        yield from above
        drawn = _bar(bar, chart.longest, room, signs)
        yield f"{last.ljust(label)}{' ' * _GAP}{chart.said(bar.total).rjust(number)}{' ' * _GAP}{drawn}".rstrip()


def _bar(bar: Bar, longest: int, room: int, signs: str) -> str:
    """Draw a bar to scale, each part of it at least one sign long; nothing where a part is hidden."""
    if bar.total is None:
        return ""
    scale = min(_MOST, room / max(longest, 1))
    parts = zip(bar.counts, signs, strict=False)
    return "".join(sign * max(1, round(count * scale)) for count, sign in parts if count)[:room]
