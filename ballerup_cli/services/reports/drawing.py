"""Charts as SVG, drawn by Vega-Lite: dark bars with their numbers, or a line of years, for screens and paper.

Nothing is fetched and no script is left in the drawing. What a chart says belongs to ``charts``; how it is told to
those who do not see it, to ``documents``.
"""

import json
import re
import textwrap
from collections.abc import Mapping, Sequence
from typing import Any

from ballerup_cli.core.reports.charts import Chart
from ballerup_cli.errors import NoChartsError

_WIDTH = 420  # of the bars, in pixels; labels and numbers come beside it
_LINE = 14
_LABEL = 32  # signs in a line of a label
_LINES = 2  # of a label; the whole of it stands in the table beside
_FILL = "#17365c"
_LINE_OF_TEXT = 90  # signs in a line of a sentence
_DOTS = 192  # in an inch, for paper; a pixel of the drawing is a 96th of one
_POINTS = 72  # in an inch: what the library takes a pixel for
_PIXELS = 96
_FONT = "Liberation Sans, Arial, Helvetica, sans-serif"
_TAG = re.compile(r"<[^<>]+>")
_OWN_WORDS = re.compile(r' (?:role|aria-[a-z]+)="[^"]*"')
_CONFIG = {
    "font": _FONT,
    "view": {"stroke": None},
    "axis": {
        "labelFontSize": 12,
        "labelColor": "#111",
        "domainColor": "#5b6b7d",
        "tickColor": "#5b6b7d",
        "titleFontSize": 12,
        "titleFontWeight": "normal",
        "titleColor": "#111",
    },
    "text": {"fontSize": 12},
    "title": {"anchor": "start", "frame": "group", "fontSize": 15, "subtitleFontSize": 12},
}


def svg(chart: Chart) -> str:
    """Draw a chart.

    Raises:
        NoChartsError: the library that draws is not installed.
    """
    return _drawn(_spec(chart))


def png(drawing: str) -> bytes:
    """Return a drawing in dots, fine enough for paper, that says how large it is meant.

    Raises:
        NoChartsError: the library that draws is not installed.
    """
    return bytes(_library().svg_to_png(drawing, scale=_POINTS / _PIXELS, ppi=_DOTS))


def sheet(charts: Sequence[Chart], head: str) -> str:
    """Draw charts under one another, each under its title and sentence, the whole under a heading of several lines.

    Raises:
        NoChartsError: the library that draws is not installed.
    """
    lines = [[chart.about, *textwrap.wrap(chart.sentence, _LINE_OF_TEXT)] for chart in charts]
    titles = [{"text": chart.title, "subtitle": items} for chart, items in zip(charts, lines, strict=True)]
    specs = [{**_spec(chart), "title": items} for chart, items in zip(charts, titles, strict=True)]
    over = [line for items in head.strip().split("\n") for line in textwrap.wrap(items, _LINE_OF_TEXT)]
    whole = {"text": over[0], "subtitle": over[1:]}
    return _drawn({"title": whole, "vconcat": specs, "spacing": 40, "padding": 16})


def _drawn(spec: Mapping[str, Any]) -> str:
    """Draw on white, so that dark letters are read on any ground; Vega's own words for screen readers are English."""
    whole = {"background": "#fff", "config": _CONFIG, **spec}
    drawing = str(_library().vegalite_to_svg(whole, allowed_base_urls=[]))
    return _TAG.sub(lambda tag: _OWN_WORDS.sub("", tag[0]), drawing)


def _library() -> Any:
    try:
        import vl_convert
    except ImportError:
        raise NoChartsError from None
    return vl_convert


def _spec(chart: Chart) -> dict[str, Any]:
    """Return the chart in Vega-Lite's grammar: bars, or a line of years, and the number at the end of each."""
    return _line(chart) if chart.line else _bars(chart)


def _scale(chart: Chart) -> dict[str, Any]:
    """Return the axis of the counts, from 0, under its title."""
    ticks = {"tickMinStep": 1, "format": "d", "gridColor": "#d5dbe2", "labelFlush": False}
    domain = {"domain": [0, max(chart.longest, 1)], "nice": False}
    return {"field": "count", "type": "quantitative", "title": chart.axis, "scale": domain, "axis": ticks}


def _bars(chart: Chart) -> dict[str, Any]:
    labels = [textwrap.wrap(bar.label, _LABEL, max_lines=_LINES, placeholder=" …") or [""] for bar in chart.bars]
    label = f"{json.dumps(labels)}[datum.value]"
    up = {"condition": {"test": f"length({label}) > 1", "value": -_LINE / 2}, "value": 0}  # to the middle of the bar
    down = {"labelExpr": label, "labelOffset": up, "labelLimit": 0, "ticks": False, "labelPadding": 8}
    across = _scale(chart)
    values = [{"bar": number, "count": bar.count or 0, "said": bar.said} for number, bar in enumerate(chart.bars)]
    return {
        "width": _WIDTH,
        "height": {"step": max(24, _LINE * max((len(label) for label in labels), default=1) + 8)},
        "data": {"values": values},
        "encoding": {
            "y": {"field": "bar", "type": "ordinal", "title": None, "axis": down, "scale": {"padding": 0.2}},
            "x": across,
        },
        "layer": [
            {"mark": {"type": "bar", "fill": _FILL}},
            {
                "mark": {"type": "text", "align": "left", "dx": 5, "fontWeight": "bold"},
                "encoding": {"text": {"field": "said", "type": "nominal"}},
            },
        ],
    }


def _line(chart: Chart) -> dict[str, Any]:
    """Return points joined by a line, one a year; a gap where a count is withheld."""
    values = [
        {"bar": number, "label": bar.label, "count": bar.count, "said": bar.said}
        for number, bar in enumerate(chart.bars)
        if bar.count is not None
    ]
    labels = {"labelExpr": f"{json.dumps([bar.label for bar in chart.bars])}[datum.value]", "labelAngle": 0}
    return {
        "width": _WIDTH,
        "height": 180,
        "data": {"values": values},
        "encoding": {
            "x": {"field": "bar", "type": "ordinal", "title": chart.head, "axis": labels},
            "y": _scale(chart),
        },
        "layer": [
            {"mark": {"type": "line", "color": _FILL, "point": {"color": _FILL, "size": 60}}},
            {
                "mark": {"type": "text", "dy": -12, "fontWeight": "bold"},
                "encoding": {"text": {"field": "said", "type": "nominal"}},
            },
        ],
    }
