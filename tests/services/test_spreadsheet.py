"""Spreadsheets are read as they come from Danish and other programs, within bounds, and never obeyed."""

import io
import re
import zipfile
from datetime import date, datetime, time

import openpyxl
import pytest
from sheets import HEADER, as_csv, as_xlsx, repacked, rows, workbook

from ballerup_cli.errors import BadSpreadsheetError
from ballerup_cli.services.forms import spreadsheet
from ballerup_cli.services.forms.spreadsheet import read

TOLD = [["Navn", "Sagt"], ["Åse Prøvesen", 'Nok; og\nmere, "tak"'], ["Bo Opdigtet", "Ø"]]
CSV = 'Navn;Sagt\r\nÅse Prøvesen;"Nok; og\r\nmere, ""tak"""\r\nBo Opdigtet;Ø\r\n'


def rows_of(data, source, **more):
    return read(data, source, **more).rows


def reason(data: bytes, **more: object) -> str:
    with pytest.raises(BadSpreadsheetError) as refused:
        rows_of(data, "ark", **more)
    return str(refused.value.facts["reason"])


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
@pytest.mark.parametrize("delimiter", [";", ",", "\t"])
def test_csv_is_read_in_either_encoding_with_either_delimiter(encoding, delimiter):
    lines = [[f'"{cell.replace(chr(34), 2 * chr(34))}"' for cell in line] for line in TOLD]
    data = "\r\n".join(delimiter.join(line) for line in lines).encode(encoding)
    assert rows_of(data, "ark") == [*enumerate(TOLD, 1)]


def test_rows_have_the_numbers_that_the_program_shows_and_empty_ones_are_left_out():
    assert rows_of(f"\n;\n{CSV};;\n\nSlut;\n".encode(), "ark", header=3) == [*enumerate(TOLD, 3), (8, ["Slut"])]


def test_xlsx_says_the_same():
    assert rows_of(workbook(TOLD), "ark") == [*enumerate(TOLD, 1)]
    assert rows_of(as_xlsx(rows(5)), "ark")[0] == (1, HEADER)


def test_values_of_xlsx_become_text():
    line = [date(2026, 3, 2), datetime(2026, 3, 2, 14, 30), time(9, 5), 5, 5.0, 5.25, True, None, "tekst"]
    (_, names), (_, cells) = rows_of(workbook([["a"], line]), "ark")
    assert names == ["a"]
    assert cells == ["2026-03-02", "2026-03-02T14:30", "09:05", "5", "5", "5.25", "true", "", "tekst"]


def test_a_formula_is_shown_as_one_and_never_reckoned():
    assert rows_of(workbook([["a"], ["=1+1"], ['=HYPERLINK("http://x.example")']]), "ark")[1][1] == ["=1+1"]


def test_another_sheet_is_read_when_it_is_named():
    assert rows_of(workbook(TOLD, title="Ark1"), "ark", sheet="Ark1")[0] == (1, TOLD[0])
    assert "no sheet" in reason(workbook(TOLD), sheet="Ark2")


def test_bytes_that_are_no_spreadsheet_are_refused():
    assert "neither UTF-8" in reason(b"Navn;\x8d\xf0\n")
    assert "quotation marks" in reason(b'Navn;Sagt\n"Bo;Nok\nEva;Ja\n')
    assert "damaged" in reason(b"PK\x03\x04 and nothing more")
    assert "damaged" in reason(as_xlsx(rows(1))[:-40])
    assert "names is empty" in reason(b"")
    assert "names is empty" in reason(CSV.encode(), header=9)


def test_a_file_is_refused_that_is_too_large_or_has_too_many_rows():
    assert reason(b"a" * (spreadsheet.LARGEST + 1)) == "too large"
    assert reason(b"a\n" * (spreadsheet.MOST_ROWS + 2)) == "too large"
    assert len(rows_of(b"a\n" * (spreadsheet.MOST_ROWS + 1), "ark")) == spreadsheet.MOST_ROWS + 1


def test_a_zip_bomb_is_not_unpacked():
    bomb = repacked(workbook(TOLD), {"xl/worksheets/sheet1.xml": b" " * (65 * 2**20)})
    assert len(bomb) < 2**20
    assert reason(bomb) == "too large"


def test_a_zip_that_lies_about_its_size_gives_no_more_than_it_says():
    bomb = bytearray(repacked(workbook(TOLD), {"xl/sharedStrings.xml": b"<sst>" + b" " * (65 * 2**20)}))
    for mark, field in ((b"PK\x01\x02", 24), (b"PK\x03\x04", 22)):
        at = bomb.find(mark)
        while at >= 0:
            bomb[at + field : at + field + 4] = (1000).to_bytes(4, "little")
            at = bomb.find(mark, at + 4)
    assert "damaged" in reason(bytes(bomb))


def test_one_text_in_very_many_cells_is_too_large():
    assert reason(workbook([["a"] * 50, *([["x" * 32_000] * 50] * 45)])) == "too large"


LAUGHS = (
    '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e0 "ha">'
    + "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 12))
    + "]><x>&e11;</x>"
).encode()


def shared(strings: bytes) -> bytes:
    """A workbook like Excel's own, whose texts stand in a part of their own."""
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"
    with zipfile.ZipFile(io.BytesIO(workbook(TOLD))) as book:
        types = book.read("[Content_Types].xml").replace(
            b"</Types>", f'<Override PartName="/xl/sharedStrings.xml" ContentType="{kind}"/></Types>'.encode()
        )
        page = re.sub(rb"<c r=.A1.*?</c>", b'<c r="A1" t="s"><v>0</v></c>', book.read("xl/worksheets/sheet1.xml"))
    parts = {"[Content_Types].xml": types, "xl/worksheets/sheet1.xml": page, "xl/sharedStrings.xml": strings}
    return repacked(workbook(TOLD), parts)


def test_shared_texts_are_found():
    space = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    assert rows_of(shared(f'<sst xmlns="{space}"><si><t>Åse</t></si></sst>'.encode()), "ark")[0][1] == ["Åse", "Sagt"]


@pytest.mark.parametrize("part", ["xl/workbook.xml", "xl/worksheets/sheet1.xml", "xl/styles.xml"])
def test_entities_are_never_expanded(part):
    assert "damaged" in reason(repacked(workbook(TOLD), {part: LAUGHS}))
    assert "damaged" in reason(shared(LAUGHS))


def test_a_sheet_that_says_it_is_endless_is_read_to_its_last_row():
    page = zipfile.ZipFile(io.BytesIO(workbook(TOLD))).read("xl/worksheets/sheet1.xml")
    endless = page.replace(b'ref="A1:B3"', b'ref="A1:XFD1048576"').replace(b'<row r="3"', b'<row r="1048000"')
    assert endless != page
    told = rows_of(repacked(workbook(TOLD), {"xl/worksheets/sheet1.xml": endless.replace(b'r="A3"', b"")}), "ark")
    assert [number for number, _ in told][:2] == [1, 2]


def test_the_same_200_rows_come_out_of_both_kinds():
    plain, book = rows_of(as_csv(rows()), "ark"), rows_of(as_xlsx(rows()), "ark")
    assert len(plain) == len(book) == 201
    assert [cells[HEADER.index("Bekymring")] for _, cells in plain] == [
        cells[HEADER.index("Bekymring")] for _, cells in book
    ]


# --- what the person sees ---------------------------------------------------------------------------------------------


def hiding(*hidden_rows: int, sheet: str = "visible") -> bytes:
    book = openpyxl.Workbook()
    first, second = book.active, book.create_sheet("Det man ser")
    first.sheet_state = sheet
    for page, name in ((first, "skjult"), (second, "synlig")):
        for number in range(1, 5):
            page.append(["Navn"] if number == 1 else [f"{name} {number}_x000D_"])
        for number in hidden_rows:
            page.row_dimensions[number].hidden = True
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def test_the_first_sheet_that_is_seen_is_read_and_hidden_rows_are_named():
    found = read(hiding(3, sheet="hidden"), "ark")
    assert [cells for _, cells in found.rows] == [["Navn"], ["synlig 2"], ["synlig 4"]]
    assert (found.hidden_rows, found.hidden_sheets) == ((3,), 1)
    assert read(hiding(sheet="veryHidden"), "ark").rows[1][1] == ["synlig 2"]
    assert read(hiding(), "ark").rows[1][1] == ["skjult 2"], "which is not hidden here"
    wanted = read(hiding(3), "ark", hidden=True)
    assert (len(wanted.rows), wanted.hidden_rows) == (4, ())


@pytest.mark.parametrize("code", ["utf-8", "utf-8-sig", "utf-16", "cp1252", "mac_roman"])
def test_a_danish_text_is_read_as_it_was_written(code: str):
    text = "Navn;Sagt\nSøren Påfundet;Ærligt talt\n"
    assert read(text.encode(code), "ark").rows[1][1] == ["Søren Påfundet", "Ærligt talt"]


def test_a_text_that_was_read_wrongly_once_is_read_as_it_was():
    text = "Navn;Sagt\nSøren;x\n".encode().decode("cp1252").encode()
    assert read(text, "ark").rows[1][1] == ["Søren", "x"]


def test_a_line_that_tells_excel_the_delimiter_is_no_row():
    told = read(b"sep=;\r\nNavn;Sagt, i dag\r\nAda;x\r\n", "ark").rows
    assert told == [(1, ["Navn", "Sagt, i dag"]), (2, ["Ada", "x"])]
