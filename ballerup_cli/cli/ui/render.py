"""Results as text: listings as table, JSON, NDJSON, CSV or TSV, and single values as JSON.

Only tables are meant for people: their headings are translated and their dates written the way the language does. Which
rows and columns there are is not decided here, and nothing is printed.
"""

import csv
import io
import json
import re
import textwrap
from collections.abc import Mapping, Sequence
from typing import Any

from ballerup_cli.cli.ui.terminal import clean, escape
from ballerup_cli.cli.ui.text import _, date
from ballerup_cli.values import value

FORMATS = ("table", "json", "ndjson", "csv", "tsv")

Row = Mapping[str, Any]

_GAP = 2  # blanks between the columns of a table
_NARROW = 6  # a column of words is not made narrower than this
_RIGID = re.compile(r"[0-9.:<\-– ]*")
_NUMBER = re.compile(r"-[0-9]+([.,][0-9]+)?")
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")  # what spreadsheets take for the start of one


@value
class Column:
    """One column: the key in every row and in machine formats, the English heading in tables, what stands for None.

    A table, for which a terminal has little room, leaves out what is not ``in_table``.
    """

    key: str
    heading: str = ""
    missing: str = ""
    in_table: bool = True


def listing(rows: Sequence[Row], columns: Sequence[Column], form: str, *, width: int = 80) -> str:
    """Write ``rows`` with the fields of ``columns``; ``width`` is the terminal's and binds tables only."""
    if form == "table":
        return _table(rows, [column for column in columns if column.in_table], width)
    chosen = [{column.key: row.get(column.key) for column in columns} for row in rows]
    if form == "json":
        return as_json(chosen)
    if form == "ndjson":
        return "".join(as_json(row, indent=None) + "\n" for row in chosen)
    return (_csv if form == "csv" else _tsv)(chosen, [column.key for column in columns])


def as_json(value: Any, *, indent: int | None = 2) -> str:
    """Write ``value`` as JSON that is safe to print, its keys in their order."""
    return escape(json.dumps(value, ensure_ascii=False, indent=indent))


# --- for spreadsheets and other programs ------------------------------------------------------------------------------


def _csv(rows: Sequence[Row], keys: Sequence[str]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(keys)
    writer.writerows([clean(_inert(_plain(row[key])), keep="\n\t") for key in keys] for row in rows)
    return text.getvalue()


def danish_csv(rows: Sequence[Row], columns: Sequence[Column]) -> bytes:
    """Write rows as a Danish Excel opens them: semicolons, decimal commas, and a mark that says UTF-8."""
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";", lineterminator="\n")
    writer.writerow([column.key for column in columns])
    for row in rows:
        values = [row.get(column.key) for column in columns]
        plain = [f"{v:g}".replace(".", ",") if isinstance(v, float) else _inert(_plain(v)) for v in values]
        writer.writerow([clean(cell, keep="\n\t") for cell in plain])
    return text.getvalue().encode("utf-8-sig")


def _tsv(rows: Sequence[Row], keys: Sequence[str]) -> str:
    lines = [keys, *([clean(" ".join(_inert(_plain(row[key])).split())) for key in keys] for row in rows)]
    return "".join("\t".join(line) + "\n" for line in lines)


def _plain(value: Any) -> str:
    if isinstance(value, str):  # first, since most are
        return value.replace("\r\n", "\n")
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case list() | tuple() if all(isinstance(item, (str, int)) for item in value):
            return " ".join(str(item) for item in value)
        case _:
            return json.dumps(value, ensure_ascii=False)


def _inert(cell: str) -> str:
    """Keep a spreadsheet from taking a text for a formula."""
    return f"'{cell}" if cell.startswith(_FORMULA) and not _NUMBER.fullmatch(cell) else cell


# --- for people -------------------------------------------------------------------------------------------------------


def _table(rows: Sequence[Row], columns: Sequence[Column], width: int) -> str:
    if not rows:
        return ""
    from tabulate import tabulate  # reads its own version from disk: 70 ms that only tables should cost

    headings = [_(column.heading) for column in columns]
    cells = [[_shown(row.get(column.key), column) for column in columns] for row in rows]
    widths = _fit([headings, *cells], width - _GAP * (len(columns) - 1))
    if sum(widths) + _GAP * (len(columns) - 1) > width:
        return "\n".join(_record(headings, line, width) for line in cells)
    numeric = [all(isinstance(row.get(c.key), int | float | None) for row in rows) for c in columns]
    # The headings are rows too: tabulate makes a column with a heading of its own wider than it need be.
    lines = [_wrapped(headings, widths), ["-" * wide for wide in widths], *(_wrapped(line, widths) for line in cells)]
    alignment = ["right" if is_numeric else "left" for is_numeric in numeric]
    text = tabulate(lines, tablefmt="plain", disable_numparse=True, colalign=alignment)
    return "\n".join(line.rstrip() for line in text.split("\n")) + "\n"


def _shown(value: Any, column: Column) -> str:
    if value is None:
        return column.missing
    return date(clean(" ".join(words(value).split())))


def words(value: Any) -> str:
    """Say a nested value in words: what a mapping holds, one after the other; the items of a list of them apart."""
    if isinstance(value, Mapping):
        return ", ".join(words(inner) for inner in value.values() if inner not in (None, ""))
    if isinstance(value, list | tuple):
        return ("; " if any(isinstance(item, Mapping) for item in value) else ", ").join(map(words, value))
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return str(value)


def _fit(lines: Sequence[Sequence[str]], room: int) -> list[int]:
    """Give each column its width: while they need too much room, the one that can best do with less gives.

    Lines are broken between words first; if that is not enough, words are broken, but no number, date or case number.
    """
    columns = list(zip(*lines, strict=True))
    widths = [max(1, *(len(cell) for cell in column)) for column in columns]
    longest = [max(1, *(len(word) for cell in column for word in cell.split())) for column in columns]
    rigid = [all(_RIGID.fullmatch(cell) for cell in column[1:]) for column in columns]
    narrow = [word if is_rigid else min(word, _NARROW) for word, is_rigid in zip(longest, rigid, strict=True)]
    for floors in (longest, narrow):
        while sum(widths) > room and widths != floors:
            giver = max(range(len(widths)), key=lambda at: (widths[at] - floors[at], at))
            widths[giver] -= 1
    return widths


def _record(headings: Sequence[str], cells: Sequence[str], width: int) -> str:
    """Write a row field by field, for a terminal too narrow for the table."""
    lines = [part for pair in zip(headings, cells, strict=True) for part in textwrap.wrap(": ".join(pair), width)]
    return "".join(f"{line}\n" for line in lines)


def _wrapped(cells: Sequence[str], widths: Sequence[int]) -> list[str]:
    fitted = zip(cells, widths, strict=True)
    return [cell if len(cell) <= wide else _broken(cell, wide) for cell, wide in fitted]


def _broken(cell: str, wide: int) -> str:
    """Break a text into lines; a word that is longer than a line begins on one of its own."""
    parts = [part for word in cell.split() for part in textwrap.wrap(word, wide)]
    return "\n".join(textwrap.wrap(" ".join(parts), wide))
