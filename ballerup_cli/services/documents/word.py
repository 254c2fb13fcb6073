"""Documents as DOCX, for whoever goes on writing in a word processor: real headings, lists and tables, in one language.

All text goes in as text, never as markup or a field. What a document is belongs to ``documents``.
"""

import io
import re
from collections.abc import Sequence
from typing import Any

from ballerup_cli.errors import NoWordProcessorError
from ballerup_cli.services.documents.documents import BREAK, Document, Node, Picture, parts_of, words

_TONGUES = {"da": "da-DK", "en": "en-GB"}
_UNFIT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")  # what XML has no room for
_PAGE = (210, 297)  # A4, in millimetres
_MARGIN = 20
_NARROW_MARGIN = 12
_DEEPEST = 3  # of the default layout's lists


def as_docx(document: Document) -> bytes:
    """Write a document.

    Raises:
        NoWordProcessorError: python-docx is not installed.
    """
    try:
        import docx
    except ImportError:
        raise NoWordProcessorError from None
    made = docx.Document()
    _prepare(made, document)
    if document.columns > 1:
        _small(made)
    _blocks(made, document.head)
    _picture(made, document.picture)
    if document.columns > 1:
        _columns(made, document.columns)
    for blocks, figure in parts_of(document):
        _blocks(made, blocks)
        _picture(made, figure)
    data = io.BytesIO()
    made.save(data)
    return data.getvalue()


def _prepare(made: Any, document: Document) -> None:
    """Set title, language and paper; of author and day only what the document tells itself is known."""
    from docx.oxml.ns import qn
    from docx.shared import Mm

    item, tongue = made.core_properties, _TONGUES[document.language]
    item.title, item.language, item.author, item.comments = _fit(document.title)[:255], tongue, "", ""
    item._element.remove_all("dcterms:created", "dcterms:modified")
    made.styles.element.find(f".//{qn('w:rPrDefault')}//{qn('w:lang')}").set(qn("w:val"), tongue)
    (section,) = made.sections
    section.page_width, section.page_height = (Mm(side) for side in _PAGE)
    section.left_margin = section.right_margin = section.top_margin = section.bottom_margin = Mm(_MARGIN)


def _small(made: Any) -> None:
    """Set small print close together, so that what stands in columns is one page here as in PDF."""
    from docx.shared import Mm, Pt

    (section,) = made.sections
    section.left_margin = section.right_margin = section.top_margin = section.bottom_margin = Mm(_NARROW_MARGIN)
    sizes = {"Normal": 8, "Heading 1": 13, "Heading 2": 10, "Heading 3": 8.5, "List Number": 8, "List Bullet": 8}
    for name, size in sizes.items():
        style = made.styles[name]
        style.font.size = Pt(size)
        style.paragraph_format.space_before = Pt(3 if name.startswith("Heading") else 0)
        style.paragraph_format.space_after = Pt(1.5)
        style.paragraph_format.line_spacing = 1.0


def _picture(made: Any, picture: Picture | None) -> None:
    """Show a picture that there is in dots, and tell it to those who do not see it; an SVG alone is told to all."""
    from docx.shared import Mm

    if picture is None:
        return
    text = _fit(f"{picture.title}: {picture.description}")
    if not picture.png:
        made.add_paragraph(text)
        return
    shape = made.add_picture(io.BytesIO(picture.png))
    shape._inline.docPr.set("descr", text)
    shrink = min(1, Mm(_PAGE[0] - 2 * _MARGIN) / shape.width)
    shape.width, shape.height = (round(side * shrink) for side in (shape.width, shape.height))
    for paragraph in made.paragraphs[-2:]:  # the sentence, the picture and the table below stay on one page
        paragraph.paragraph_format.keep_with_next = True


def _columns(made: Any, count: int) -> None:
    """Set what follows in columns, on the same page."""
    from docx.enum.section import WD_SECTION
    from docx.oxml.ns import qn

    section = made.add_section(WD_SECTION.CONTINUOUS)
    section._sectPr.find(qn("w:cols")).set(qn("w:num"), str(count))


def _blocks(made: Any, nodes: Sequence[Node]) -> None:
    from docx.enum.text import WD_BREAK

    for node in nodes:
        match node.type:
            case "heading":
                _runs(made.add_heading(level=int(node.tag[1:])), node)
            case "bullet_list" | "ordered_list":
                _list(made, node, 1)
            case "table":
                _table(made, node)
            case "hr" if len(made.sections) > 1:
                made.add_paragraph().add_run().add_break(WD_BREAK.COLUMN)
            case "hr":
                made.add_paragraph("⁂").alignment = 1
            case _:
                _runs(made.add_paragraph(), node)


def _list(made: Any, node: Node, depth: int) -> None:
    """Write the items; a list in a list is set in, and every numbered one counts from its own start."""
    kind = "List Bullet" if node.type == "bullet_list" else "List Number"
    style = kind if depth == 1 else f"{kind} {min(depth, _DEEPEST)}"
    numbers = _numbers(made, style, int(node.attrs.get("start", 1))) if node.type == "ordered_list" else None
    for item in node.children:
        for block in item.children:
            if block.type in ("bullet_list", "ordered_list"):
                _list(made, block, depth + 1)
                continue
            paragraph = made.add_paragraph(style=style)
            if numbers is not None:
                paragraph._p.get_or_add_pPr().get_or_add_numPr().get_or_add_numId().val = numbers
            _runs(paragraph, block)


def _numbers(made: Any, style: str, start: int) -> int:
    """Return a numbering of its own, which begins at ``start``."""
    kept = made.part.numbering_part.element
    used = made.styles[style].element.pPr.numPr.numId.val
    number = kept.add_num(kept.num_having_numId(used).abstractNumId.val)
    number.add_lvlOverride(ilvl=0).add_startOverride(start)
    return int(number.numId)


def _table(made: Any, node: Node) -> None:
    """Write the rows; the first is marked as the headings, which are said again on each page."""
    rows = [row.children for part in node.children for row in part.children]
    table = made.add_table(len(rows), len(rows[0]), style="Table Grid")
    for cells, item in zip(table.rows, rows, strict=True):
        for cell, content in zip(cells.cells, item, strict=True):
            (paragraph,) = cell.paragraphs
            paragraph.alignment = 2 if "right" in str(content.attrs.get("style", "")) else 0
            _runs(paragraph, content, bold=content.type == "th")
    from docx.oxml import OxmlElement

    table.rows[0]._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))


def _runs(paragraph: Any, node: Node, *, bold: bool = False, italic: bool = False) -> None:
    """Write what is in a node, in runs of one look each."""
    if node.type in ("text", "softbreak", "hardbreak"):
        text = {"softbreak": " ", "hardbreak": "\n"}.get(node.type) or words(node)
        run = paragraph.add_run(_fit(text))
        run.bold, run.italic = bold or None, italic or None
    for child in node.children:
        _runs(paragraph, child, bold=bold or node.type == "strong", italic=italic or node.type == "em")


def _fit(text: str) -> str:
    return _UNFIT.sub("\ufffd", text.replace(BREAK, "\n"))
