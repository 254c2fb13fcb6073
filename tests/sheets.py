"""An invented spreadsheet of concerns from before the tool, as CSV from a Danish Excel and as XLSX.

Of its 200 rows 7 are bad, each in its own way.
"""

import csv
import io
import zipfile
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

HEADER = ["Journalnummer", "Modtaget", "Henvender", "Person eller gruppe", "Navn", "Født", "Haster", "Bekymring",
          "Set eller hørt", "Gruppens størrelse", "Bemærkning"]  # fmt: skip

MAP = """\
sheet: Bekymringer
dates: [DD-MM-ÅÅÅÅ, "DD-MM-YYYY HH:MM"]
fields:
  received: Modtaget
  received_by: {value: municipality}
  referrer.member:
    column: Henvender
    codes: {Klub Nord: klub-nord, Hedegårdsskolen: hedegaardsskolen}
  referrer.other:
    column: Henvender
    codes: {Mor: relative, Anonym: anonymous}
  subject.kind:
    column: Person eller gruppe
    codes: {Person: person, Gruppe: group}
    default: person
  subject.name: Navn
  subject.born: Født
  group_size: Gruppens størrelse
  acute: Haster
  concern: Bekymring
  observations.1.text: Set eller hørt
  observations.1.source: {value: second-hand}
  reference: Journalnummer
"""

BAD: Mapping[int, tuple[str, str]] = {
    11: ("Modtaget", "31-02-2026"),
    42: ("Henvender", "Klub Vest"),
    57: ("Bekymring", ""),
    83: ("Haster", "måske"),
    101: ("Født", "i foråret"),
    150: ("Gruppens størrelse", "en håndfuld"),
    199: ("Navn", "Tom\x00Eksempel"),
}
"""For each bad row, by the number that the spreadsheet program shows, its bad cell."""

Rows = list[dict[str, Any]]


def rows(count: int = 200) -> Rows:
    """Make the rows; the first has the number 2, under the header."""
    return [_row(number) for number in range(2, count + 2)]


def good_rows(count: int) -> Rows:
    """Make as many rows, without the bad ones among them."""
    return [row for number, row in enumerate(rows(count), 2) if number not in BAD]


def _row(number: int) -> dict[str, Any]:
    group = number % 10 == 0
    day = date(2026, 1 + number % 6, 1 + number % 28)
    row = {
        "Journalnummer": f"26-{number:05d}",
        "Modtaget": datetime(day.year, day.month, day.day, 14, 30) if number % 3 else day,
        "Henvender": ("Klub Nord", "Hedegårdsskolen", "Mor", "Anonym")[number % 4],
        "Person eller gruppe": "Gruppe" if group else ("Person", "")[number % 2],
        "Navn": f"Gruppe {number} ved søen" if group else f"Åse Prøvesen {number}",
        "Født": None if group else date(2009, 1 + number % 12, 1 + number % 27),
        "Haster": ("ja", "nej", "")[number % 3],
        "Bekymring": f"Siger, at vold er i orden;\nførst i klubben, så i skolen ({number})",
        "Set eller hørt": "Råbte \"nok er nok\"" if number % 2 else "",
        "Gruppens størrelse": 6 if group else None,
        "Bemærkning": "uden for kortet",
    }  # fmt: skip
    if number in BAD:
        column, cell = BAD[number]
        row[column] = cell
    return row


def as_csv(told: Rows, *, delimiter: str = ";", encoding: str = "cp1252") -> bytes:
    """Write what a Danish Excel saves as CSV."""
    text = io.StringIO()
    writer = csv.writer(text, delimiter=delimiter, lineterminator="\r\n")
    writer.writerow(HEADER)
    writer.writerows([_typed(row[name]) for name in HEADER] for row in told)
    return text.getvalue().encode(encoding)


def _typed(value: Any) -> str:
    match value:
        case None:
            return ""
        case datetime():
            return value.strftime("%d-%m-%Y %H:%M")
        case date():
            return value.strftime("%d-%m-%Y")
    return str(value)


def as_xlsx(told: Rows, *, title: str = "Bekymringer") -> bytes:
    """Write the same as a workbook: dates as dates, numbers as numbers."""
    return workbook([HEADER, *([row[name] for name in HEADER] for row in told)], title=title)


def workbook(lines: Sequence[Sequence[Any]], *, title: str = "Bekymringer") -> bytes:
    from openpyxl import Workbook

    book = Workbook()
    page = book.active
    page.title = title
    for line in lines:
        page.append([cell.replace("\x00", "\u2028") if isinstance(cell, str) else cell for cell in line])
    data = io.BytesIO()
    book.save(data)
    return data.getvalue()


def repacked(data: bytes, changes: Mapping[str, bytes]) -> bytes:
    """Replace parts of a workbook, or add some."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in {*old.namelist(), *changes}:
            new.writestr(name, changes[name] if name in changes else old.read(name))
    return out.getvalue()
