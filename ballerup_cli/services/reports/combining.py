"""Published reports of several municipalities, read from files and added up; no store is opened for it."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ballerup_cli.core.reports.combining import Place, Range, overlapping, places, plus
from ballerup_cli.core.vocabulary import Vocabulary
from ballerup_cli.errors import CannotReadError, CountedTwiceError, NoReportError
from ballerup_cli.storage.parallel import parallel_map
from ballerup_cli.storage.text import schema

_MOST = 4 << 20  # bytes of one report
REPORT = "report"


def combined(files: Sequence[Path]) -> dict[str, Any]:
    """Return the sums of controlled reports, with a range for each count, as ``report combine --format json`` prints.

    Raises:
        CannotReadError: a file cannot be read.
        NoReportError: a file holds no controlled report.
        CountedTwiceError: two of them are of the same municipality and share days.
    """
    pages: list[dict[str, Any]] = []
    sums: dict[Place, Range] = {}
    for about, counts in parallel_map(_counted, files):
        pages.append(about)
        plus(sums, counts)
    if municipality := overlapping(pages):
        raise CountedTwiceError(municipality=municipality)
    rows = [
        {"section": section, "code": code, "count": name, "low": low, "high": high}
        for (section, code, name), (low, high) in sums.items()
    ]
    days = [day for page in pages for day in page["period"].values()]
    told = [{"municipality": page["municipality"], **page["period"], **page["totals"]} for page in pages]
    return {"period": {"from": min(days), "to": max(days)}, "reports": told, "counts": rows}


def words() -> Vocabulary:
    """Return the codes with their labels, for which no store is needed either."""
    return Vocabulary.from_dict(schema.vocabulary())


def _counted(path: Path) -> tuple[dict[str, Any], dict[Place, Range]]:
    """Return whose report a file holds, of which days, with its totals; and its counts."""
    page = _read(path)
    return {name: page[name] for name in ("municipality", "period", "totals")}, places(page)


def _read(path: Path) -> Mapping[str, Any]:
    try:
        with path.open("rb") as file:
            data = file.read(_MOST + 1)
    except OSError as problem:
        raise CannotReadError(path=str(path), reason=problem.strerror) from None
    try:
        content = json.loads(data if len(data) <= _MOST else b"")
    except (ValueError, RecursionError):
        raise NoReportError(path=str(path)) from None
    if schema.check(REPORT, content) or not content["controlled"]:
        raise NoReportError(path=str(path))
    return dict(content)
