"""DOCX is opened again: headings, lists, tables and language are those of the document, and text stays text."""

import io
import zipfile
from typing import Any

import docx
import pytest
from cli_kit import Home
from docx.oxml.ns import qn
from test_documents import ATTACKS, document
from test_documents import words as plain

from ballerup_cli.services.documents import word
from ballerup_cli.services.documents.documents import BREAK, Document, Picture, read, shipped

PAGE = """# Titel

Et **vigtigt** og *stille* ord
på to linjer

---

## Mål

- en
- to
  - to a

3. tre
4. fire

## Mere

1. igen

| Hvad | Antal |
|:--|--:|
| æbler | 3 |
"""


def opened(made: Document) -> Any:
    return docx.Document(io.BytesIO(word.as_docx(made)))


def numbering(paragraph: Any, made: Any) -> tuple[int, int | None]:
    """The numbering a paragraph has of its own, and where it begins."""
    number = paragraph._p.pPr.numPr.numId.val
    (start,) = made.part.numbering_part.element.num_having_numId(number).findall(f".//{qn('w:startOverride')}")
    return number, int(start.get(qn("w:val")))


def test_the_page_has_the_structure_of_the_template() -> None:
    made = opened(read(PAGE, "da"))
    told = [(line.style.name, line.text) for line in made.paragraphs]
    assert told == [
        ("Heading 1", "Titel"),
        ("Normal", "Et vigtigt og stille ord på to linjer"),
        ("Normal", "⁂"),
        ("Heading 2", "Mål"),
        *(("List Bullet", "en"), ("List Bullet", "to"), ("List Bullet 2", "to a")),
        *(("List Number", "tre"), ("List Number", "fire")),
        ("Heading 2", "Mere"),
        ("List Number", "igen"),
    ]
    looks = [(run.text, run.bold, run.italic) for run in made.paragraphs[1].runs]
    assert ("vigtigt", True, None) in looks and ("stille", None, True) in looks


def test_every_numbered_list_begins_where_it_says() -> None:
    made = opened(read(PAGE, "da"))
    three, four, again = (numbering(line, made) for line in made.paragraphs if line.style.name == "List Number")
    assert three == four and three[1] == 3 and again[1] == 1 and again[0] != three[0]


def test_a_table_has_headings_and_numbers_stand_to_the_right() -> None:
    (table,) = opened(read(PAGE, "da")).tables
    assert [[cell.text for cell in row.cells] for row in table.rows] == [["Hvad", "Antal"], ["æbler", "3"]]
    assert table.rows[0]._tr.trPr.find(qn("w:tblHeader")) is not None
    assert [cell.paragraphs[0].alignment for cell in table.rows[1].cells] == [0, 2]


@pytest.mark.parametrize(("language", "tongue"), [("da", "da-DK"), ("en", "en-GB")])
def test_it_says_its_language_and_title_and_nothing_of_who_and_when(language: str, tongue: str) -> None:
    made = opened(read(PAGE, language))
    about = made.core_properties
    assert (about.title, about.language, about.author, about.comments) == ("Titel", tongue, "", "")
    assert (about.created, about.modified, about.last_modified_by) == (None, None, "")
    assert [found.get(qn("w:val")) for found in made.styles.element.iter(qn("w:lang"))] == [tongue]


@pytest.mark.parametrize("attack", ATTACKS)
def test_what_a_record_says_stays_text(attack: str) -> None:
    made = opened(document(attack))
    told = [line.text for line in made.paragraphs] + [cell.text for table in made.tables for cell in table._cells]
    assert plain(" ".join(told)).count(plain(attack)) >= 6
    assert not made.element.findall(f".//{qn('w:hyperlink')}") and not made.element.findall(f".//{qn('w:instrText')}")


def test_nothing_in_it_points_outside() -> None:
    with zipfile.ZipFile(io.BytesIO(word.as_docx(read(PAGE, "da")))) as package:
        links = [name for name in package.namelist() if name.endswith(".rels")]
        assert links and not any(b'TargetMode="External"' in package.read(name) for name in links)


def test_new_lines_stay_and_what_xml_has_no_room_for_is_marked() -> None:
    made = opened(read(f"# T\n\nen{BREAK}to \ufffe\x01\n", "da"))
    assert made.paragraphs[1].text == "en\nto \ufffd\ufffd"


def test_a_picture_is_told_and_columns_begin_below_the_head() -> None:
    picture = Picture(svg="<svg/>", title="Ringe", description="Fire ringe")
    made = opened(read("# T\n\nfør\n\n## A\n\nefter\n", "da", picture=picture, columns=2))
    told = [line.text for line in made.paragraphs]
    assert told == ["T", "før", "Ringe: Fire ringe", "", "A", "efter"], "the blank one ends the head"
    columns = [section._sectPr.find(qn("w:cols")).get(qn("w:num")) for section in made.sections]
    assert columns == [None, "2"]


def test_the_commands_write_it_sealed_or_for_everybody(town: Home) -> None:
    out = town.work / "card.docx"
    town.ok("--lang", "da", "action-card", "--format", "docx", "--out", out)
    card = docx.Document(str(out))
    heading = shipped("action-card", "da").split("\n# ")[1].split("\n")[0]
    assert heading in [line.text for line in card.paragraphs if line.style.name == "Heading 1"]
    town.ok("document", "2026-0005", "plan", "--format", "docx", "--out", "plan.docx.age")
    assert (town.work / "plan.docx.age").read_bytes().startswith(b"age-encryption.org/v1")
    town.ok("document", "2026-0005", "plan", "--format", "docx", "--out", "plan.docx", "--plain")
    lines = [line.text for line in docx.Document(str(town.work / "plan.docx")).paragraphs]
    assert any(line.endswith("Flere venner i klubben") for line in lines)
