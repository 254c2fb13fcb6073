"""Documents as tagged PDF (PDF/UA-1), set by typst in memory: no file is written and nothing is fetched.

All text goes into typst as string literals, never as markup, so nothing in it can be a command. What a document is
belongs to ``documents``.
"""

import re
from collections.abc import Sequence

from ballerup_cli.errors import NoTypesetterError
from ballerup_cli.services.documents.documents import BREAK, Document, Node, Picture, parts_of
from ballerup_cli.storage.text import schema

_ROW = 0x100  # characters without a font are given up by rows of 256: a whole script costs few attempts
_COMMON = 0x20  # rows up to this one hold the letters of Europe and general punctuation
_ATTEMPTS = 100
_FEW = 3  # columns beside the first that leave it room, however long their headings are
_NOWHERE = "/dev/null"  # the folder whose files typst could read, were it told to: no folder at all
_NO_FONT = re.compile(r'text `"(.*)"` could not be displayed', re.DOTALL)
_NAMED = re.compile(r"\\u\{([0-9a-f]+)\}")


def as_pdf(document: Document) -> bytes:
    """Set a document; a character that no font at hand has is named by its number.

    Raises:
        NoTypesetterError: typst is not installed.
    """
    text = source(document)
    for _ in range(_ATTEMPTS):
        data, missing = _compile(text)
        if data:
            return data
        # Of a sign that only changes another one typst names the blank beside it: then all but common signs go.
        missing = missing or {ord(sign) // _ROW for sign in text if ord(sign) // _ROW > _COMMON}
        text = "".join(f"[U+{ord(sign):04X}]" if ord(sign) // _ROW in missing else sign for sign in text)
    raise RuntimeError("typst refuses the document")


def _compile(text: str) -> tuple[bytes, set[int]]:
    """Return the PDF, or the rows of Unicode it lacks a font for; typst's own message quotes the text."""
    try:
        import typst
    except ImportError:
        raise NoTypesetterError from None
    try:
        # typst's types want the root to be bytes when the input is
        made = typst.compile(text.encode(), root=_NOWHERE, format="pdf", pdf_standards="ua-1")  # type: ignore[call-overload]
        return bytes(made), set()
    except typst.TypstError as problem:
        quoted = _NO_FONT.search(problem.message)
    signs = _NAMED.sub(lambda name: chr(int(name[1], 16)), quoted[1]) if quoted else ""
    return b"", {ord(sign) // _ROW for sign in signs if not sign.isascii()}


def source(document: Document) -> str:
    """Write a document as typst: the shipped layout, then the blocks."""
    layout = schema.resource("templates/documents/page.typ").decode()
    facts = f"#let title = {_literal(document.title)}\n#let language = {_literal(document.language)}\n"
    body = "".join(_part(blocks, figure) for blocks, figure in parts_of(document))
    if document.columns > 1:
        body = f"#block(above: 1.5em, columns({document.columns}, gutter: 8mm)[\n{body}])\n"
    dense = f"#let dense = {str(document.columns > 1).lower()}\n"
    first = _image(document.picture, "100%") if document.picture else ""
    return facts + dense + layout + _blocks(document.head) + first + body


def _part(blocks: Sequence[Node], figure: Picture | None) -> str:
    """Set blocks and the figure after them, on one page with the sentence before it and the table that follows."""
    if figure is None:
        return _blocks(blocks)
    *others, sentence = blocks
    return (
        f"{_blocks(others)}#block(sticky: true)[{_set(sentence)}]\n\n#block(sticky: true)[{_image(figure, 'auto')}]\n\n"
    )


def _image(picture: Picture, width: str) -> str:
    alt = _literal(f"{picture.title}: {picture.description}")
    return f'#image(bytes({_literal(picture.svg)}), format: "svg", alt: {alt}, width: {width});\n\n'


def _blocks(nodes: Sequence[Node]) -> str:
    return "".join(f"{_set(node)}\n\n" for node in nodes)


def _set(node: Node) -> str:
    """Write one node; whatever else there may be is only what is in it."""
    match node.type:
        case "text":
            return "#linebreak();".join(f"#{_literal(line)};" for line in node.content.split(BREAK))
        case "softbreak":
            return '#" ";'
        case "hardbreak":
            return "#linebreak();"
        case "strong" | "em":
            return f"#{'emph' if node.type == 'em' else node.type}[{_within(node)}];"
        case "heading":
            return f"#heading(level: {node.tag[1:]})[{_within(node)}];"
        case "bullet_list":
            return f"#list({_items(node)});"
        case "ordered_list":
            return f"#enum(start: {int(node.attrs.get('start', 1))}, {_items(node)});"
        case "table":
            return _table(node)
        case "hr":
            return "#rule;"
        case _:
            return _within(node)


def _within(node: Node) -> str:
    return "".join(_set(child) for child in node.children)


def _items(node: Node) -> str:
    return ", ".join(f"[{_within(item)}]" for item in node.children)


def _table(node: Node) -> str:
    head, *rest = [row for part in node.children for row in part.children]
    others = len(head.children) - 1
    widths = ", ".join(["1fr" if others <= _FEW else "auto", *["auto"] * others])
    aligned = ", ".join("right" if "right" in cell.attrs.get("style", "") else "left" for cell in head.children)
    cells = "".join(f"{_items(row)},\n" for row in rest)
    return f"#table(columns: ({widths},), align: ({aligned},), table.header({_items(head)}),\n{cells});"


def _literal(text: str) -> str:
    """Write a text as a typst string literal: a backslash before the two signs that mean something in one."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
