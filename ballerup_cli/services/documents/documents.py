"""Documents: a small Markdown template and facts become one document, and that becomes text or a page of HTML.

A template is ``templates/documents/<name>.<language>.md``, or a text of the store's settings in its place. Every value
put into it is escaped, so that no text of a record can become structure, HTML, a link or an image. The PDF belongs to
``typeset``; what a document says, to its template and to whoever gathers its facts.
"""

import re
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import field, replace
from functools import lru_cache
from html import escape
from traceback import walk_tb
from typing import Any

from ballerup_cli.errors import N_, BadTemplateError
from ballerup_cli.storage.text import schema
from ballerup_cli.values import value

Node = Any
"""One node of markdown-it's syntax tree: its type, its children, its content."""

Own = Mapping[str, Mapping[str, str]]
"""Templates of a store's own, by name and language; an empty one stands for the one that is shipped."""

BREAK = "\u2028"
"""Stands for a new line within a text until the document is written; no record holds it (docs/format.md)."""

_PUNCTUATION = re.compile(r"([!-/:-@\[-`{-~])")  # what Markdown takes a backslash before
_BREAKS = re.compile(r"\r\n|[\n\r\u2028\u2029]")
_QUOTED = re.compile(r"'([a-z][a-z0-9_]*)'")
_UNSEEN = re.compile("[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")  # controls, and marks that turn the writing
# All that templates need, and nothing that could fetch something, hold HTML, or show a text without its escapes.
_RULES = ["heading", "list", "hr", "table", "emphasis", "escape", "newline"]
_GAP = 2  # blanks between the columns of a table
_NARROW = 20  # columns that words need
_MANY = 5  # columns of a table: more than a narrow screen has room for
_CONTENT_POLICY = "default-src 'none'; style-src 'unsafe-inline'"


@value
class Picture:
    """One SVG picture that the program drew, and what is said in its place where it is not seen."""

    svg: str = field(repr=False)
    title: str
    description: str = field(repr=False)
    png: bytes = field(default=b"", repr=False)
    """The same in dots, for word processors; empty where it is only told there."""


@value
class Document:
    """A document as blocks: ``head`` up to the first heading of the second level, then the picture, then ``body``.

    Where there are ``figures``, the rules across the body stand for them, one after the other.
    """

    title: str = field(repr=False)
    language: str
    head: Sequence[Node] = field(repr=False)
    body: Sequence[Node] = field(repr=False)
    picture: Picture | None = None
    figures: Sequence[Picture] = ()
    columns: int = 1
    """In how many columns the body is set; more than one means small print too."""


def compose(
    name: str,
    language: str,
    facts: Mapping[str, Any],
    *,
    own: Own | None = None,
    picture: Picture | None = None,
    figures: Sequence[Picture] = (),
    columns: int = 1,
) -> Document:
    """Fill the template ``name`` with facts: one of the store's ``own``, or else the one that is shipped.

    Raises:
        FileNotFoundError: there is no such template.
        BadTemplateError: the store's own one cannot be filled in.
        jinja2.UndefinedError: the shipped one wants a fact that is not given; a bug.
    """
    text = (own or {}).get(name, {}).get(language)
    made = fill_own(name, text, language, facts) if text else fill(shipped(name, language), language, facts)
    return replace(read(made, language, picture=picture, columns=columns), figures=tuple(figures))


def shipped(name: str, language: str) -> str:
    """Return a template as it is shipped.

    Raises:
        FileNotFoundError: there is no such template.
    """
    return schema.resource(f"templates/documents/{name}.{language}.md").decode()


def fill_own(name: str, text: str, language: str, facts: Mapping[str, Any]) -> str:
    """Fill a template that a municipality wrote.

    Raises:
        BadTemplateError: it cannot be filled in, for whatever reason; the message names the line and quotes no fact.
    """
    from jinja2.exceptions import SecurityError, TemplateSyntaxError, UndefinedError

    try:
        return fill(text, language, facts)
    except Exception as problem:  # a template is a program of somebody's own, and fails in ways of its own
        reasons = {
            TemplateSyntaxError: N_("it cannot be read"),
            UndefinedError: N_("it asks for something that is not there"),
            SecurityError: N_("it does what no template may"),
        }
        reason = next((words for kind, words in reasons.items() if isinstance(problem, kind)), N_("it does not work"))
        raise BadTemplateError(name=name, line=_line(problem), reason=reason, what=_asked(problem, text)) from None


def _line(problem: Exception) -> int:
    """Return the line of a template that a failure comes from."""
    steps = walk_tb(problem.__traceback__)
    lines = [line for frame, line in steps if frame.f_code.co_filename == "<template>"]
    return int(getattr(problem, "lineno", None) or (lines or [1])[-1])


def _asked(problem: Exception, text: str) -> str | None:
    """Return the name that was asked for in vain, if it is the template's own word."""
    named = _QUOTED.findall(str(problem))
    return named[-1] if named and named[-1] in text else None


def fill(template: str, language: str, facts: Mapping[str, Any]) -> str:
    """Fill a template; what is left is Markdown in which every value is only text.

    Besides jinja2's own filters there are ``label(list)`` for a code, ``day`` and ``moment`` for a date, and ``period``
    for a length with its unit.

    Raises:
        jinja2.UndefinedError: it wants a fact that is not given.
    """
    return str(_compiled(template, language).render(facts))


@lru_cache(maxsize=32)
def _compiled(template: str, language: str) -> Any:
    from jinja2 import StrictUndefined
    from jinja2.sandbox import SandboxedEnvironment  # a municipality may bring templates of its own

    def label(code: str, name: str) -> str:
        return str(schema.vocabulary()[name].get(code, {}).get(language, code))

    def day(moment: str) -> str:
        return ".".join(reversed(moment[:10].split("-"))) if language == "da" else moment[:10]

    environment = SandboxedEnvironment(
        undefined=StrictUndefined, finalize=_inert, trim_blocks=True, lstrip_blocks=True, autoescape=False
    )

    def moment(body: str) -> str:
        return f"{day(body)} {body[11:16].replace(':', '.' if language == 'da' else ':')}".strip()

    def period(body: Mapping[str, Any]) -> str:
        unit = schema.vocabulary()["unit"][body["unit"]]
        return f"{body['length']} {unit['one'][language] if body['length'] == 1 else unit[language]}"

    environment.filters |= {"label": label, "day": day, "moment": moment, "period": period}
    return environment.from_string(template)


def _inert(value: object) -> str:
    """Write a value as Markdown that is only text, on one line."""
    text = "" if value is None else str(value).strip().replace("\t", " ")
    return _PUNCTUATION.sub(r"\\\1", _UNSEEN.sub("\ufffd", _BREAKS.sub(BREAK, text)))


def read(text: str, language: str, *, picture: Picture | None = None, columns: int = 1) -> Document:
    """Read Markdown; its first heading is the title."""
    from markdown_it.tree import SyntaxTreeNode

    tokens = _markdown().parse(text)
    _scope(tokens)
    blocks = SyntaxTreeNode(tokens).children
    headings = [block for block in blocks if block.type == "heading"]
    cut = next((at for at, block in enumerate(blocks) if block.tag == "h2"), len(blocks))
    title = words(headings[0]) if headings else ""
    return Document(
        title=title, language=language, head=blocks[:cut], body=blocks[cut:], picture=picture, columns=columns
    )


def _scope(tokens: Sequence[Any]) -> None:
    """Say of each heading what it belongs to; the first cell of a row, if it says anything, is the row's heading."""
    for number, token in enumerate(tokens):
        if token.type == "th_open":
            token.attrSet("scope", "col")
        if token.type == "td_open" and tokens[number - 1].type == "tr_open" and tokens[number + 1].content:
            token.tag = tokens[number + 2].tag = "th"
            token.attrSet("scope", "row")


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
    first = [_figure(document.picture, "picture")] if document.picture else []
    parts = [_html(document.head), *first, *_columns(document)]
    return (
        f'<!doctype html>\n<html lang="{document.language}">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_CONTENT_POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(document.title)}</title>\n<style>\n{style}</style>\n</head>\n"
        f"<body>\n<main>\n{''.join(parts)}</main>\n</body>\n</html>\n"
    )


def _columns(document: Document) -> Iterator[str]:
    body = "".join(_illustrated(document)) if document.figures else _html(document.body)
    yield f'<div class="columns">\n{body}</div>\n' if document.columns > 1 else body


def _html(blocks: Sequence[Node]) -> str:
    markdown = _markdown()
    written = (str(markdown.renderer.render(block.to_tokens(), markdown.options, {})) for block in blocks)
    return "".join(map(_scrolled, blocks, written)).replace(BREAK, "<br>")


def _scrolled(block: Node, written: str) -> str:
    """Let a wide table be moved sideways by itself, also from the keyboard, so that the page around it never is."""
    heads: Sequence[Node] = block.children[0].children[0].children if block.type == "table" else []
    if len(heads) < _MANY:
        return written
    return f'<div class="wide" role="group" tabindex="0" aria-label="{escape(words(heads[0]))}">\n{written}</div>\n'


def _illustrated(document: Document) -> Iterator[str]:
    for number, (blocks, figure) in enumerate(parts_of(document), 1):
        yield _html(blocks)
        yield _figure(figure, f"figure-{number}") if figure else ""


def parts_of(document: Document) -> Iterator[tuple[Sequence[Node], Picture | None]]:
    """Give the body in parts, each with the figure that stands after it."""
    figures, start = iter(document.figures), 0
    for end, block in enumerate(document.body):
        if document.figures and block.type == "hr":
            yield document.body[start:end], next(figures, None)
            start = end + 1
    yield document.body[start:], None


def _figure(picture: Picture, name: str) -> str:
    return f"<figure>\n{described(picture, name)}\n</figure>\n"


def described(picture: Picture, name: str) -> str:
    """Return a picture with its title and description within, for those who hear it; ``name`` makes its own names."""
    drawing = picture.svg[picture.svg.index("<svg") + len("<svg") :]
    attributes, _, content = drawing.partition(">")
    words = (
        f'<title id="{name}-title">{escape(picture.title)}</title>'
        f'<desc id="{name}-description">{escape(picture.description)}</desc>'
    )
    return f'<svg role="img" aria-labelledby="{name}-title {name}-description"{attributes}>{words}{content}'


# --- text -------------------------------------------------------------------------------------------------------------


def as_text(document: Document, width: int = 80) -> str:
    """Write it for a terminal of ``width`` columns."""
    picture = document.picture
    items = [textwrap.fill(f"{picture.title}: {picture.description}", width)] if picture else []
    head, body = ([_plain(block, width) for block in blocks] for blocks in (document.head, document.body))
    return "\n\n".join([*head, *items, *body]) + "\n"


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
