"""The trend sheet for Infohus Netværk: controlled counts of a period, and words that carry nothing about a person."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from ballerup_cli.core.reports.report import Period
from ballerup_cli.services.documents import documents
from ballerup_cli.services.documents.anonymity import find_identifiers
from ballerup_cli.services.documents.documents import Document
from ballerup_cli.services.forms import pipeline
from ballerup_cli.services.reports.statistics import Question, report
from ballerup_cli.services.store.workspace import Workspace

FORM = "netvaerk"

Sheet = Mapping[str, Any]


def half_year(today: date) -> tuple[date, date]:
    """Return the first and the last day of the half-year a day lies in."""
    year = today.year
    return (date(year, 1, 1), date(year, 6, 30)) if today.month <= 6 else (date(year, 7, 1), date(year, 12, 31))


def read_words(workspace: Workspace, data: bytes, source: str = "") -> Mapping[str, str]:
    """Read the words of the sheet, unless they say too much.

    Raises:
        InvalidFormError: with the place of everything that is wrong; a name is never quoted.
    """
    document, text = pipeline.read_one(FORM, data, source), data.decode("utf-8-sig", errors="replace")
    return pipeline.sound(FORM, document, source, lambda settled: find_identifiers(workspace, settled, text))


def sheet(workspace: Workspace, start: date, end: date, today: date, words: Mapping[str, str]) -> Sheet:
    """Return the sheet as ``netvaerk --format json`` prints it: cells of the controlled report, and no other count.

    Raises:
        BallerupError: a case is missing, damaged or forged; nothing is left out silently.
    """
    first, last = start.isoformat(), end.isoformat()
    counted = report(workspace, Question(period=Period(start=first, end=last), today=today, controlled=True))
    return {
        "period": counted["period"],
        "controlled": counted["controlled"],
        "received": counted["totals"]["received"],
        "by_tier": [{name: row[name] for name in ("tier", "received")} for row in counted["by_tier"]],
        "by_sign": [{name: row[name] for name in ("sign", "received")} for row in counted["by_sign"]],
        "activities": [{name: row[name] for name in ("kind", "held")} for row in counted["by_activity"]],
        "measures": [{"measure": row["measure"], "cases": row["received"]} for row in counted["by_measure"]],
        "trends": words.get("trends"),
        "methods": words.get("methods"),
    }


def document(workspace: Workspace, content: Sheet, language: str) -> Document:
    """Return the sheet as a document."""
    settings = workspace.settings
    names = {name: words[language] for name, words in settings["authorities"].items()}
    return documents.compose(
        FORM,
        language,
        {
            **names,
            **content,
            "municipality": settings["municipality"],
            "hidden": "..",
        },
    )
