"""The report as a document for a committee: the aims of the action plan one by one, each chart with its table.

The counts come from ``statistics``, the charts and their sentences from whoever asks.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from ballerup_cli.core.reports.charts import Chart
from ballerup_cli.services.documents import documents
from ballerup_cli.services.documents.documents import Document, Picture
from ballerup_cli.services.reports import drawing
from ballerup_cli.services.store.workspace import Workspace

YEARLY = "yearly"


def document(
    workspace: Workspace,
    content: Mapping[str, Any],
    aims: Mapping[str, Sequence[Chart]],
    says: Mapping[str, Any],
    language: str,
    *,
    dots: bool = False,
) -> Document:
    """Return the report of a period, with the charts under each aim.

    ``says`` holds what is written over them: the ``status`` of the report, and the sentences of its ``method``. With
    ``dots`` there are pictures that a word processor shows.

    Raises:
        NoChartsError: the library that draws is not installed.
    """
    settings = workspace.settings
    names = {name: words[language] for name, words in settings["authorities"].items()}
    charts = [chart for some in aims.values() for chart in some]
    figures = [_figure(chart, dots=dots) for chart in charts if chart.shows]
    held = {name: sum(row[name] for row in content["by_activity"]) for name in ("held", "participants")}
    facts = {
        **names,
        **says,
        "municipality": settings["municipality"],
        "period": content["period"],
        "year": _year(content["period"]),
        "totals": content["totals"],
        "persons": content["persons"]["received"],
        "flow": content["flow"],
        "controlled": content["controlled"],
        "held": held,
        "answered": _days(content["conduct"]["police_answer"], language),
        "decided": _days(content["conduct"]["decision"], language),
        "aims": [{"title": aim, "charts": [_written(chart) for chart in some]} for aim, some in aims.items()],
    }
    return documents.compose(YEARLY, language, facts, figures=figures)


def picture(aims: Mapping[str, Sequence[Chart]], title: str) -> str:
    """Return all charts as one SVG picture, which tells what it shows.

    Raises:
        NoChartsError: the library that draws is not installed.
    """
    charts = [chart for some in aims.values() for chart in some if chart.shows]
    description = " ".join(f"{chart.title}: {chart.sentence} {_bars(chart)}." for chart in charts)
    drawn = Picture(svg=drawing.sheet(charts, title), title=title, description=description)
    return documents.described(drawn, "sheet") + "\n"


def _year(period: Mapping[str, str]) -> str | None:
    """Return the year that a period is, None where it is none."""
    year = period["from"][:4]
    return year if (period["from"], period["to"]) == (f"{year}-01-01", f"{year}-12-31") else None


def _bars(chart: Chart) -> str:
    return ", ".join(f"{bar.label} {bar.said}" for bar in chart.bars)


def _days(figures: Mapping[str, Any], language: str) -> str | None:
    """Write a median as the language does; None where there is none, or none to be printed."""
    days = figures["median_days"]
    return None if days is None else f"{days:g}".replace(".", "," if language == "da" else ".")


def _figure(chart: Chart, *, dots: bool) -> Picture:
    svg = drawing.svg(chart)
    png = drawing.png(svg) if dots else b""
    return Picture(svg=svg, title=chart.title, description=f"{chart.sentence} {_bars(chart)}.".strip(), png=png)


def _written(chart: Chart) -> dict[str, Any]:
    """Return a chart as its table: what is written in each cell."""
    return {
        "title": chart.title,
        "about": chart.about,
        "sentence": chart.sentence,
        "head": chart.head,
        "columns": chart.columns,
        "rows": [{"label": label, "cells": cells} for label, cells in chart.rows],
        "drawn": chart.shows,
    }
