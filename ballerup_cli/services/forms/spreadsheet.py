"""Spreadsheets to rows of text, CSV and XLSX, bounded, values only; and rows to an XLSX.

What a column means belongs to ``mapping``. A row has the number that the spreadsheet program shows beside it.
"""

import codecs
import csv
import io
import re
import warnings
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import field
from datetime import date, datetime, time
from typing import Any

from ballerup_cli.errors import N_, BadSpreadsheetError, NoWorkbookError
from ballerup_cli.storage.text.codec import LARGEST_FORM
from ballerup_cli.values import value

LARGEST = LARGEST_FORM
MOST_ROWS = 100_000

Row = tuple[int, list[str]]
"""The row's number and its cells, from the first column on; no empty cells at its end."""

_MOST_UNPACKED = 64 * 2**20
_MOST_TEXT = 64 * 2**20  # one text of an XLSX can stand in any number of cells
_MOST_COLUMNS = 256
_LAST_ROW = 2**20  # of any spreadsheet program
_FORMULA = ("=", "+", "-", "@")
_DELIMITERS = ";,\t"
_ZIP = b"PK\x03\x04"


@value
class Table:
    """What a person sees of a spreadsheet: its rows, and what is hidden in it and left out."""

    rows: list[Row] = field(repr=False)
    hidden_rows: tuple[int, ...] = ()
    hidden_sheets: int = 0


def read(data: bytes, source: str, *, sheet: str | None = None, header: int = 1, hidden: bool = False) -> Table:
    """Return the rows from the one with the columns' names on, empty ones left out; ``hidden`` ones only when wanted.

    Raises:
        BadSpreadsheetError: it is none, is too large, or has no such sheet or row.
    """
    if len(data) > LARGEST:
        raise BadSpreadsheetError(file=source, reason=_TOO_LARGE)
    is_book = data.startswith(_ZIP)
    items, unseen, sheets = _xlsx(data, source, sheet) if is_book else (_csv(data, source, header), set[int](), 0)
    found = [(number, cut) for number, cells in items if number >= header and (cut := _cut(cells))]
    left_out = set() if hidden else unseen & {number for number, _ in found}
    rows = [(number, cells) for number, cells in found if number not in left_out]
    if not rows or rows[0][0] != header:
        raise BadSpreadsheetError(file=source, reason=N_("the row that should hold the columns' names is empty"))
    if len(rows) > MOST_ROWS + 1:
        raise BadSpreadsheetError(file=source, reason=_TOO_LARGE)
    return Table(rows=rows, hidden_rows=tuple(sorted(left_out)), hidden_sheets=sheets)


_TOO_LARGE = N_("too large")


def write(rows: Iterable[Sequence[Any]]) -> bytes:
    """Write rows as one sheet; the first holds the names of the columns, and no text is taken for a formula.

    Raises:
        NoWorkbookError: the library that writes them is not installed.
    """
    try:
        import openpyxl
    except ImportError:
        raise NoWorkbookError from None
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("ballerup")
    sheet.freeze_panes = "A2"
    for row in rows:
        sheet.append([f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA) else cell for cell in row])
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def _cut(cells: Sequence[str]) -> list[str]:
    filled = len(cells)
    while filled and not cells[filled - 1].strip():
        filled -= 1
    return [cell.replace("_x000D_", "").replace("\r\n", "\n").replace("\r", "\n") for cell in cells[:filled]]


# --- CSV --------------------------------------------------------------------------------------------------------------


def _csv(data: bytes, source: str, header: int) -> list[tuple[int, list[str]]]:
    text, word = _marked(_text(data, source))
    csv.field_size_limit(LARGEST)  # the whole file is no larger; the library's own limit is an error of its own
    delimiter = word or max(_DELIMITERS, key=lambda mark: _width(text, mark, header))
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        return [(number, cells) for number, cells in enumerate(lines, 1) if any(cells)]
    except csv.Error:
        raise BadSpreadsheetError(
            file=source, reason=N_("quotation marks that do not fit"), line=lines.line_num
        ) from None


def _text(data: bytes, source: str) -> str:
    """Read what a spreadsheet program writes: UTF-8 or UTF-16, or what Danish reads best as, from an older Excel.

    A text that was taken for Windows-1252 once and saved as UTF-8 is read as what it was.
    """
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        codes = ["utf-16"]
    else:
        is_mac = _danish(data, "mac_roman") > _danish(data, "cp1252")
        codes = ["utf-8-sig", "mac_roman" if is_mac else "cp1252"]
    for code in codes:
        try:
            text = data.decode(code)
        except UnicodeDecodeError:
            continue
        return _read_once(text) if code.startswith("utf") else text
    raise BadSpreadsheetError(file=source, reason=N_("neither UTF-8 nor Windows-1252"))


def _danish(data: bytes, code: str) -> int:
    """Count the letters that a Danish text has beyond ASCII, if these bytes are one in a character set."""
    return sum(sign in "æøåÆØÅéÉäöüÄÖÜ" for sign in data.decode(code, errors="replace"))


def _read_once(text: str) -> str:
    try:
        return text.encode("cp1252").decode("utf-8")
    except UnicodeError:
        return text


def _marked(text: str) -> tuple[str, str]:
    """Return a text without a first line that only tells Excel the delimiter, which shows no such row; and that."""
    first, _, rest = text.partition("\n")
    found = re.fullmatch(r'"?sep=([;,\t])"?\r?', first, re.IGNORECASE)
    return (rest, found[1]) if found else (text, "")


def _width(text: str, delimiter: str, header: int) -> int:
    """Count the columns that the header row has with this delimiter."""
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    return next((len(cells) for number, cells in enumerate(lines, 1) if number == header), 0)


# --- XLSX -------------------------------------------------------------------------------------------------------------


def _xlsx(data: bytes, source: str, sheet: str | None) -> tuple[list[tuple[int, list[str]]], set[int], int]:
    """Return the rows of a sheet, by default the first that is seen, which of them are hidden, and how many sheets."""
    try:
        import openpyxl
    except ImportError:
        openpyxl = None
    if not (openpyxl and openpyxl.DEFUSEDXML):  # without it, a file of a few lines can fill the memory
        raise BadSpreadsheetError(file=source, reason=N_("XLSX needs the extra 'xlsx'; save the sheet as CSV"))
    try:
        _check_size(data, source)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about what we do not look at: colours, rules, charts
            book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, keep_links=False)
            page = _sheet(book, source, sheet)
            page.reset_dimensions()  # what a sheet says of its size is not to be relied on
            lines = page.iter_rows(min_row=1, max_row=_LAST_ROW, values_only=True)
            sheets = sum(other.sheet_state != _SEEN for other in book.worksheets if other is not page)
            return _bounded(enumerate(lines, 1), source), _hidden_rows(page), sheets
    except BadSpreadsheetError:
        raise
    except Exception:  # a damaged file can fail in openpyxl anywhere and in any way
        raise BadSpreadsheetError(file=source, reason=N_("damaged, or not XLSX")) from None


def _check_size(data: bytes, source: str) -> None:
    """Refuse a file that would unpack to more than we want; what it says is also all that is unpacked."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        if sum(member.file_size for member in archive.infolist()) > _MOST_UNPACKED:
            raise BadSpreadsheetError(file=source, reason=_TOO_LARGE)


def _sheet(book: Any, source: str, name: str | None) -> Any:
    if name and name not in book.sheetnames:
        raise BadSpreadsheetError(file=source, reason=N_("it has no sheet of the name that the mapping gives"))
    seen = [page for page in book.worksheets if page.sheet_state == _SEEN]
    return book[name] if name else (seen or book.worksheets)[0]


_SEEN = "visible"
_ROW = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}row"


def _hidden_rows(page: Any) -> set[int]:
    """Return the numbers of the rows that somebody hid, or that a filter does."""
    from openpyxl.xml.functions import iterparse

    hidden, number = set[int](), 0
    with page._get_source() as source:
        for _event, row in iterparse(source):
            if row.tag == _ROW:
                number = int(row.get("r", number + 1))
                if row.get("hidden") in ("1", "true"):
                    hidden.add(number)
                row.clear()
    return hidden


def _bounded(lines: Iterable[tuple[int, Sequence[Any]]], source: str) -> list[tuple[int, list[str]]]:
    rows: list[tuple[int, list[str]]] = []
    size = 0
    for number, line in lines:
        if line.count(None) == len(line):
            continue
        cells = ["" if cell is None else _shown(cell) for cell in line[:_MOST_COLUMNS]]
        size += sum(map(len, cells))
        if size > _MOST_TEXT or len(rows) > MOST_ROWS:
            raise BadSpreadsheetError(file=source, reason=_TOO_LARGE)
        if any(cells):
            rows.append((number, cells))
    return rows


def _shown(cell: Any) -> str:
    """Return a value as text; what is neither text, number, date nor yes or no is a formula."""
    match cell:
        case str():
            return cell
        case bool():
            return "true" if cell else "false"
        case float() if cell.is_integer():
            return str(int(cell))
        case int() | float():
            return str(cell)
        case datetime() if cell.time() == time():
            return cell.date().isoformat()
        case datetime():
            return cell.isoformat(timespec="minutes")
        case date():
            return cell.isoformat()
        case time():
            return cell.isoformat(timespec="minutes")
    return "="
