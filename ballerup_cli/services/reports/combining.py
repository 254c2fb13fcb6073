"""Published reports of several municipalities, read from files and added up; no store is opened for it."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ballerup_cli.core.reports.combine import Place, Range, overlapping, places_of, total
from ballerup_cli.core.vocabulary import Vocabulary
from ballerup_cli.errors import CannotReadError, CountedTwiceError, NoReportError
from ballerup_cli.storage.parallel import parallel_map
from ballerup_cli.storage.text import schema

_MOST = 4 << 20  # bytes of one report
REPORT = "report"

Pages = Sequence[Mapping[str, Any]]


def read_all(files: Sequence[Path]) -> Pages:
    """Return the controlled reports that files hold, each municipality and day once.

    Raises:
        CannotReadError: a file cannot be read.
        NoReportError: a file holds no controlled report.
        CountedTwiceError: two of them are of the same municipality and share days.
    """
    return [page for page, _ in _read_and_counted(files)]


def combined(files: Sequence[Path]) -> dict[str, Any]:
    """Return the sums of controlled reports, with a range for each count, as ``report combine --format json`` prints.

    Raises:
        BallerupError: as ``read_all``.
    """
    found = _read_and_counted(files)
    rows = [
        {"section": section, "code": code, "count": name, "low": low, "high": high}
        for (section, code, name), (low, high) in total(counts for _, counts in found).items()
    ]
    days = [day for page, _ in found for day in page["period"].values()]
    about = ("municipality", "code")
    items = [{**{n: page[n] for n in about}, **page["period"], **page["totals"]} for page, _ in found]
    return {"period": {"from": min(days), "to": max(days)}, "reports": items, "counts": rows}


def words() -> Vocabulary:
    """Return the codes with their labels, for which no store is needed either."""
    return Vocabulary.from_dict(schema.vocabulary())


def _read_and_counted(files: Sequence[Path]) -> list[tuple[Mapping[str, Any], dict[Place, Range]]]:
    found = list(parallel_map(_counted, files))
    if municipality := overlapping(page for page, _ in found):
        raise CountedTwiceError(municipality=municipality)
    return found


def _counted(path: Path) -> tuple[Mapping[str, Any], dict[Place, Range]]:
    page = _read(path)
    return page, places_of(page)


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
