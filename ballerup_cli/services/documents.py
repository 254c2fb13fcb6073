"""Documents: a small Markdown template and facts become one document, and that becomes text or a page of HTML.

A template is ``templates/documents/<name>.<language>.md``. Every value put into it is escaped, so that no text of a
record can become structure, HTML, a link or an image. The PDF belongs to ``typeset``; what a document says, to its
template and to whoever gathers its facts.
"""

import re
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from typing import Any

from ballerup_cli.storage import schema

Node = Any
"""One node of markdown-it's syntax tree: its type, its children, its content."""

BREAK = "\u2028"
"""Stands for a new line within a text until the document is written; no record holds it (docs/format.md)."""

_PUNCTUATION = re.compile(r"([!-/:-@\[-`{-~])")  # what Markdown takes a backslash before
_BREAKS = re.compile(r"\r\n|[\n\r\u2028\u2029]")
_UNSEEN = re.compile("[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")  # controls, and marks that turn the writing
# All that templates need, and nothing that could fetch something, hold HTML, or show a text without its escapes.
_RULES = ["heading", "list", "hr", "table", "emphasis", "escape", "newline"]
_GAP = 2  # blanks between the columns of a table
_NARROW = 20  # columns that words need
_CONTENT_POLICY = "default-src 'none'; style-src 'unsafe-inline'"


@dataclass(frozen=True, kw_only=True, slots=True)
class Picture:
    """One SVG picture that the program drew, and what is said in its place where it is not seen."""

    svg: str = field(repr=False)
    title: str
    description: str = field(repr=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class Document:
    """A document as blocks: ``head`` up to the first heading of the second level, then the picture, then ``body``."""

    title: str = field(repr=False)
    language: str
    head: Sequence[Node] = field(repr=False)
    body: Sequence[Node] = field(repr=False)
    picture: Picture | None = None
    columns: int = 1
    """In how many columns the body is set; more than one means small print too."""


def compose(
    name: str, language: str, facts: Mapping[str, Any], *, picture: Picture | None = None, columns: int = 1
) -> Document:
    """Fill the template ``name`` with facts.

    Raises:
        FileNotFoundError: there is no such template.
        jinja2.UndefinedError: it wants a fact that is not given; a bug.
    """
    template = schema.resource(f"templates/documents/{name}.{language}.md").decode()
    return read(fill(template, language, facts), language, picture=picture, columns=columns)


def fill(template: str, language: str, facts: Mapping[str, Any]) -> str:
    """Fill a template; what is left is Markdown in which every value is only text.

    Besides jinja2's own filters there are ``label(list)`` for a code and ``day`` for a date.

    Raises:
        jinja2.UndefinedError: it wants a fact that is not given.
    """
    from jinja2 import StrictUndefined
    from jinja2.sandbox import SandboxedEnvironment  # a municipality may bring templates of its own

    def label(code: str, name: str) -> str:
        return str(schema.vocabulary()[name].get(code, {}).get(language, code))

    def day(moment: str) -> str:
        return ".".join(reversed(moment[:10].split("-"))) if language == "da" else moment[:10]

    environment = SandboxedEnvironment(
        undefined=StrictUndefined, finalize=_inert, trim_blocks=True, lstrip_blocks=True, autoescape=False
    )
    environment.filters |= {"label": label, "day": day}
    return environment.from_string(template).render(facts)


def _inert(value: object) -> str:
    """Write a value as Markdown that is only text, on one line."""
    text = "" if value is None else str(value).strip().replace("\t", " ")
    return _PUNCTUATION.sub(r"\\\1", _UNSEEN.sub("\ufffd", _BREAKS.sub(BREAK, text)))


def read(text: str, language: str, *, picture: Picture | None = None, columns: int = 1) -> Document:
    """Read Markdown; its first heading is the title."""
    from markdown_it.tree import SyntaxTreeNode

    tokens = _markdown().parse(text)
    for token in tokens:
        if token.type == "th_open":
            token.attrSet("scope", "col")
    blocks = SyntaxTreeNode(tokens).children
    headings = [block for block in blocks if block.type == "heading"]
    cut = next((at for at, block in enumerate(blocks) if block.tag == "h2"), len(blocks))
    title = words(headings[0]) if headings else ""
    return Document(
        title=title, language=language, head=blocks[:cut], body=blocks[cut:], picture=picture, columns=columns
    )


def _markdown() -> Any:
    from markdown_it import MarkdownIt

    return MarkdownIt("zero").enable(_RULES)


def words(node: Node) -> str:
    """Return the text within a node, new lines as they were typed."""
    if node.type == "text":
        return str(node.content).replace(BREAK, "\n")
    ending = {"softbreak": " ", "hardbreak": "\n"}.get(node.type, "")
    return ending or "".join(words(child) for child in node.children)


# --- HTML -------------------------------------------------------------------------------------------------------------


def as_html(document: Document) -> str:
    """Write one page that needs nothing else: no script, no file, no network."""
    style = schema.resource("templates/documents/page.css").decode()
    parts = [_html(document.head), *_figure(document.picture), *_columns(document)]
    return (
        f'<!doctype html>\n<html lang="{document.language}">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_CONTENT_POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(document.title)}</title>\n<style>\n{style}</style>\n</head>\n"
        f"<body>\n<main>\n{''.join(parts)}</main>\n</body>\n</html>\n"
    )


def _columns(document: Document) -> Iterator[str]:
    body = _html(document.body)
    yield f'<div class="columns">\n{body}</div>\n' if document.columns > 1 else body


def _html(blocks: Sequence[Node]) -> str:
    markdown = _markdown()
    tokens = [token for block in blocks for token in block.to_tokens()]
    return str(markdown.renderer.render(tokens, markdown.options, {})).replace(BREAK, "<br>")


def _figure(picture: Picture | None) -> Iterator[str]:
    """Put the picture into the page itself, with its title and description for those who hear it."""
    if picture is not None:
        drawing = picture.svg[picture.svg.index("<svg") + len("<svg") :]
        attributes, _, content = drawing.partition(">")
        told = (
            f'<title id="picture-title">{escape(picture.title)}</title>'
            f'<desc id="picture-description">{escape(picture.description)}</desc>'
        )
        opening = f'<svg role="img" aria-labelledby="picture-title picture-description"{attributes}>'
        yield f"<figure>\n{opening}{told}{content}\n</figure>\n"


# --- text -------------------------------------------------------------------------------------------------------------


def as_text(document: Document, width: int = 80) -> str:
    """Write it for a terminal of ``width`` columns."""
    picture = document.picture
    told = [textwrap.fill(f"{picture.title}: {picture.description}", width)] if picture else []
    head, body = ([_plain(block, width) for block in blocks] for blocks in (document.head, document.body))
    return "\n\n".join([*head, *told, *body]) + "\n"


def _plain(node: Node, width: int) -> str:
    match node.type:
        case "heading":
            return (
                f"{_wrapped(words(node), width)}\n{('=' if node.tag == 'h1' else '-') * min(len(words(node)), width)}"
            )
        case "bullet_list" | "ordered_list":
            return "\n".join(_items(node, width))
        case "table":
            return "\n".join(_rows(node, width))
        case "hr":
            return "-" * width
        case _:
            return _wrapped(words(node), width)


def _items(node: Node, width: int) -> Iterator[str]:
    first = int(node.attrs.get("start", 1))
    for number, item in enumerate(node.children, first):
        mark = f"{number:2}. " if node.type == "ordered_list" else "- "
        inner = "\n".join(_plain(block, width - len(mark)) for block in item.children)
        yield mark + textwrap.indent(inner, " " * len(mark))[len(mark) :]


def _rows(node: Node, width: int) -> Iterator[str]:
    """Write the rows of a table under each other; the first column takes what the others leave.

    Where that is too little for words, each row is written cell by cell, with the heading before each.
    """
    rows = [[words(cell) for cell in row.children] for part in node.children for row in part.children]
    others = [max(len(cell) for cell in column) for column in list(zip(*rows, strict=True))[1:]]
    wanted = max(len(line) for row in rows for line in row[0].split("\n"))
    room = width - sum(others) - _GAP * len(others)
    if room < min(wanted, _NARROW):
        yield from _records(rows, width)
        return
    for row in rows:
        *above, last = _wrapped(row[0], min(room, wanted)).split("\n")
        yield from above
        cells = [last.ljust(min(room, wanted)), *(cell.rjust(wide) for cell, wide in zip(row[1:], others, strict=True))]
        yield (" " * _GAP).join(cells)


def _records(rows: Sequence[Sequence[str]], width: int) -> Iterator[str]:
    """Write a table that is too wide row by row, a blank line between them."""
    headings, *rest = rows
    for number, row in enumerate(rest):
        yield from [""] if number else []
        yield from (_wrapped(f"{heading}: {cell}", width) for heading, cell in zip(headings, row, strict=True))


def _wrapped(text: str, width: int) -> str:
    return "\n".join(textwrap.fill(line, width) for line in text.split("\n"))
