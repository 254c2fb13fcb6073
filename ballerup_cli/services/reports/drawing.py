"""Charts as SVG, drawn by Vega-Lite: bars that differ in lightness, with their numbers, for screens and paper.

Nothing is fetched and no script is left in the drawing. What a chart says belongs to ``charts``; how it is told to
those who do not see it, to ``documents``.
"""

import json
import re
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ballerup_cli.core.reports.charts import Bar, Chart
from ballerup_cli.errors import NoChartsError

_WIDTH = 420  # of the bars, in pixels; labels and numbers come beside it
_LINE = 14
_LABEL = 32  # signs in a line of a label
_LINES = 2  # of a label; the whole of it stands in the table beside
_FILLS = ("#17365c", "#7e99bd", "#d3dce8", "#ffffff")
_ON_DARK = 1  # so many fills want a light number
_LINE_OF_TEXT = 90  # signs in a line of a sentence
_DIGIT = 9
_DOTS = 192  # in an inch, for paper; a pixel of the drawing is a 96th of one
_POINTS = 72  # in an inch: what the library takes a pixel for
_PIXELS = 96
_FONT = "Liberation Sans, Arial, Helvetica, sans-serif"
_TAG = re.compile(r"<[^<>]+>")
_OWN_WORDS = re.compile(r' (?:role|aria-[a-z]+)="[^"]*"')
_CONFIG = {
    "font": _FONT,
    "view": {"stroke": None},
    "axis": {"labelFontSize": 12, "labelColor": "#111", "domainColor": "#5b6b7d", "tickColor": "#5b6b7d"},
    "legend": {"labelFontSize": 12, "labelColor": "#111", "labelLimit": 0},
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


def sheet(charts: Sequence[Chart]) -> str:
    """Draw charts under one another, each under its title and sentence.

    Raises:
        NoChartsError: the library that draws is not installed.
    """
    titles = [{"text": chart.title, "subtitle": textwrap.wrap(chart.sentence, _LINE_OF_TEXT)} for chart in charts]
    specs = [{**_spec(chart), "title": told} for chart, told in zip(charts, titles, strict=True)]
    apart = {"scale": {"fill": "independent"}, "legend": {"fill": "independent"}}
    return _drawn({"vconcat": specs, "resolve": apart, "spacing": 40, "padding": 16})


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
    """Return the chart in Vega-Lite's grammar: segments, the numbers in them, and the number at the end of each bar."""
    many = len(chart.parts) > 1
    labels = [textwrap.wrap(bar.label, _LABEL, max_lines=_LINES, placeholder=" …") or [""] for bar in chart.bars]
    across = {"type": "quantitative", "title": None, "scale": {"domain": [0, max(chart.longest, 1)], "nice": False}}
    ticks = {"tickMinStep": 1, "format": "d", "gridColor": "#d5dbe2", "labelFlush": False}
    label = f"{json.dumps(labels)}[datum.value]"
    up = {"condition": {"test": f"length({label}) > 1", "value": -_LINE / 2}, "value": 0}  # to the middle of the bar
    down = {"labelExpr": label, "labelOffset": up, "labelLimit": 0, "ticks": False, "labelPadding": 8}
    legend = {"title": None, "orient": "bottom", "direction": "horizontal", "columns": 2, "symbolStrokeColor": "#111"}
    fills = {"domain": list(range(len(chart.parts))), "range": list(_FILLS[: len(chart.parts)])}
    named = {**legend, "labelExpr": f"{json.dumps(list(chart.parts))}[datum.value]"}
    fill = {"field": "part", "type": "ordinal", "scale": fills, "legend": named if many else None}
    segment = {"field": "count", "stack": "zero", **across, "axis": ticks}
    ink = {"condition": {"test": f"datum.part < {_ON_DARK}", "value": "#fff"}, "value": "#111"}
    order = {"field": "part", "type": "ordinal"}
    return {
        "width": _WIDTH,
        "height": {"step": max(24, _LINE * max((len(label) for label in labels), default=1) + 8)},
        "encoding": {"y": {"field": "bar", "type": "ordinal", "title": None, "axis": down, "scale": {"padding": 0.2}}},
        "layer": [
            {
                "data": {"values": [*_segments(chart)]},
                "mark": {"type": "bar", "stroke": "#111", "strokeWidth": 0.75},
                "encoding": {"x": segment, "fill": fill, "order": order},
            },
            {
                "data": {"values": [*_segments(chart)] if many else []},
                "mark": {"type": "text"},
                "encoding": {
                    "x": {**segment, "bandPosition": 0.5},
                    "text": {"field": "said", "type": "nominal"},
                    "color": ink,
                    "order": order,
                    "detail": {"field": "part"},
                },
            },
            {
                "data": {"values": [_end(chart, number, bar) for number, bar in enumerate(chart.bars)]},
                "mark": {"type": "text", "align": "left", "dx": 5, "fontWeight": "bold"},
                "encoding": {"x": {"field": "count", **across}, "text": {"field": "said", "type": "nominal"}},
            },
        ],
    }


def _segments(chart: Chart) -> Iterator[dict[str, Any]]:
    """Give the parts of the bars that are not hidden; a part too short for its number goes without it."""
    for number, bar in enumerate(chart.bars):
        for part, count in enumerate(bar.counts if bar.total is not None else ()):
            if count:
                has_room = count * _WIDTH / chart.longest > _DIGIT * len(str(count))
                yield {"bar": number, "part": part, "count": count, "said": str(count) if has_room else ""}


def _end(chart: Chart, number: int, bar: Bar) -> dict[str, Any]:
    return {"bar": number, "count": bar.total or 0, "said": chart.said(bar.total)}
