"""Spreadsheets are read as they come from Danish and other programs, within bounds, and never obeyed."""

import io
import re
import zipfile
from datetime import date, datetime, time

import pytest
from sheets import HEADER, as_csv, as_xlsx, repacked, rows, workbook

from ballerup_cli.errors import BadSpreadsheetError
from ballerup_cli.services.forms import spreadsheet
from ballerup_cli.services.forms.spreadsheet import read

TOLD = [["Navn", "Sagt"], ["Åse Prøvesen", 'Nok; og\nmere, "tak"'], ["Bo Opdigtet", "Ø"]]
CSV = 'Navn;Sagt\r\nÅse Prøvesen;"Nok; og\r\nmere, ""tak"""\r\nBo Opdigtet;Ø\r\n'


def reason(data: bytes, **more: object) -> str:
    with pytest.raises(BadSpreadsheetError) as refused:
        read(data, "ark", **more)
    return str(refused.value.facts["reason"])


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
@pytest.mark.parametrize("delimiter", [";", ",", "\t"])
def test_csv_is_read_in_either_encoding_with_either_delimiter(encoding, delimiter):
    lines = [[f'"{cell.replace(chr(34), 2 * chr(34))}"' for cell in line] for line in TOLD]
    data = "\r\n".join(delimiter.join(line) for line in lines).encode(encoding)
    assert read(data, "ark") == [*enumerate(TOLD, 1)]


def test_rows_have_the_numbers_that_the_program_shows_and_empty_ones_are_left_out():
    assert read(f"\n;\n{CSV};;\n\nSlut;\n".encode(), "ark", header=3) == [*enumerate(TOLD, 3), (8, ["Slut"])]


def test_xlsx_says_the_same():
    assert read(workbook(TOLD), "ark") == [*enumerate(TOLD, 1)]
    assert read(as_xlsx(rows(5)), "ark")[0] == (1, HEADER)


def test_values_of_xlsx_become_text():
    line = [date(2026, 3, 2), datetime(2026, 3, 2, 14, 30), time(9, 5), 5, 5.0, 5.25, True, None, "tekst"]
    (_, names), (_, cells) = read(workbook([["a"], line]), "ark")
    assert names == ["a"]
    assert cells == ["2026-03-02", "2026-03-02T14:30", "09:05", "5", "5", "5.25", "true", "", "tekst"]


def test_a_formula_is_shown_as_one_and_never_reckoned():
    assert read(workbook([["a"], ["=1+1"], ['=HYPERLINK("http://x.example")']]), "ark")[1][1] == ["=1+1"]


def test_another_sheet_is_read_when_it_is_named():
    assert read(workbook(TOLD, title="Ark1"), "ark", sheet="Ark1")[0] == (1, TOLD[0])
    assert "no sheet" in reason(workbook(TOLD), sheet="Ark2")


def test_bytes_that_are_no_spreadsheet_are_refused():
    assert "neither UTF-8" in reason(b"Navn;\x81\xff\n")
    assert "quotation marks" in reason(b'Navn;Sagt\n"Bo;Nok\nEva;Ja\n')
    assert "damaged" in reason(b"PK\x03\x04 and nothing more")
    assert "damaged" in reason(as_xlsx(rows(1))[:-40])
    assert "names is empty" in reason(b"")
    assert "names is empty" in reason(CSV.encode(), header=9)


def test_a_file_is_refused_that_is_too_large_or_has_too_many_rows():
    assert reason(b"a" * (spreadsheet.LARGEST + 1)) == "too large"
    assert reason(b"a\n" * (spreadsheet.MOST_ROWS + 2)) == "too large"
    assert len(read(b"a\n" * (spreadsheet.MOST_ROWS + 1), "ark")) == spreadsheet.MOST_ROWS + 1


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
    assert read(shared(f'<sst xmlns="{space}"><si><t>Åse</t></si></sst>'.encode()), "ark")[0][1] == ["Åse", "Sagt"]


@pytest.mark.parametrize("part", ["xl/workbook.xml", "xl/worksheets/sheet1.xml", "xl/styles.xml"])
def test_entities_are_never_expanded(part):
    assert "damaged" in reason(repacked(workbook(TOLD), {part: LAUGHS}))
    assert "damaged" in reason(shared(LAUGHS))


def test_a_sheet_that_says_it_is_endless_is_read_to_its_last_row():
    page = zipfile.ZipFile(io.BytesIO(workbook(TOLD))).read("xl/worksheets/sheet1.xml")
    endless = page.replace(b'ref="A1:B3"', b'ref="A1:XFD1048576"').replace(b'<row r="3"', b'<row r="1048000"')
    assert endless != page
    told = read(repacked(workbook(TOLD), {"xl/worksheets/sheet1.xml": endless.replace(b'r="A3"', b"")}), "ark")
    assert [number for number, _ in told][:2] == [1, 2]


def test_the_same_200_rows_come_out_of_both_kinds():
    plain, book = read(as_csv(rows()), "ark"), read(as_xlsx(rows()), "ark")
    assert len(plain) == len(book) == 201
    assert [cells[HEADER.index("Bekymring")] for _, cells in plain] == [
        cells[HEADER.index("Bekymring")] for _, cells in book
    ]
