"""The picture of the network: its rings as an SVG drawing, and as a page that says the same in nested lists.

Where everything stands is computed in ``picture``. Built as trees of elements, so that every text is escaped;
black on white, without a script or anything from elsewhere.
"""

from collections.abc import Sequence
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from ballerup_cli.core.network.picture import LINE, SIZE, Label, draw
from ballerup_cli.services.store.workspace import Workspace
from ballerup_cli.storage.text import schema
from ballerup_cli.values import value

_FONT = "Helvetica, Arial, 'Liberation Sans', sans-serif"
_SMALLER = 0.75  # what stands under a ring's title
_EDGE = 6  # around the outermost circle
_POLICY = "default-src 'none'; style-src 'unsafe-inline'"


@value
class Plate:
    """One ring in words: its label, its roles, and the names of its members."""

    code: str
    label: str
    roles: tuple[str, ...]
    names: tuple[str, ...]


@value
class Words:
    """What is said besides: title, description, what stands in an empty ring, and the headings of the lists."""

    language: str
    title: str
    description: str
    empty: str
    roles: str
    members: str


def plates(workspace: Workspace, day: str, language: str) -> list[Plate]:
    """Return the rings from the centre outwards with the members there are on ``day``, those of one sector together."""
    words = workspace.vocabulary
    sectors = words.codes("sector")
    members = sorted(workspace.pladen.present(day), key=lambda member: (sectors.index(member.sector), member.code))
    return [
        Plate(
            code=ring,
            label=_capital(words.label("ring", ring, language)),
            roles=tuple(words.term("ring", ring)["roles"][language]),
            names=tuple(member.name for member in members if member.ring == ring),
        )
        for ring in words.codes("ring")
    ]


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def svg(rings: Sequence[Plate], words: Words) -> str:
    """Draw the rings; title and description tell it all to those who do not see it."""
    picture = _drawing(rings, words)
    picture.set("xml:lang", words.language)
    indent(picture)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{tostring(picture, encoding="unicode")}\n'


def page(rings: Sequence[Plate], words: Words) -> str:
    """Write one page of HTML with the picture and, beside it, the rings with their roles and members as lists."""
    root = Element("html", {"lang": words.language})
    head = SubElement(root, "head")
    SubElement(head, "meta", {"charset": "utf-8"})
    SubElement(head, "meta", {"http-equiv": "Content-Security-Policy", "content": _POLICY})
    SubElement(head, "meta", {"name": "viewport", "content": "width=device-width, initial-scale=1"})
    _put(head, "title", words.title)
    _put(head, "style", "".join(schema.resource(f"templates/documents/{name}.css").decode() for name in _STYLES))
    main = SubElement(SubElement(root, "body"), "main")
    _put(main, "h1", words.title)
    sides = SubElement(main, "div")
    SubElement(sides, "figure").append(_drawing(rings, words))
    listed = SubElement(sides, "ol", {"class": "rings"})
    for ring in rings:
        _tell(SubElement(listed, "li"), ring, words)
    indent(root)
    return f"<!doctype html>\n{tostring(root, encoding='unicode', method='html')}\n"


_STYLES = ("page", "picture")


def _tell(item: Element, ring: Plate, words: Words) -> None:
    """Tell one ring: what is asked of its members, and who they are."""
    _put(item, "h2", ring.label)
    for heading, texts, kind in ((words.roles, ring.roles, "roles"), (words.members, ring.names, "names")):
        _put(item, "h3", heading)
        inner = SubElement(item, "ul", {"class": kind}) if texts else item
        for text in texts:
            _put(inner, "li", text)
        if not texts:
            _put(item, "p", words.empty)


# --- The drawing ------------------------------------------------------------------------------------------------------


def _drawing(rings: Sequence[Plate], words: Words) -> Element:
    drawn = draw([(ring.code, _title(ring, words), ring.names) for ring in rings])
    reach = drawn[-1].radius + _EDGE
    box = " ".join(_number(value) for value in (-reach, -reach, 2 * reach, 2 * reach))
    picture = Element("svg", {"xmlns": "http://www.w3.org/2000/svg", "viewBox": box, "lang": words.language})
    picture.attrib |= {"role": "img", "aria-labelledby": "picture-title picture-description"}
    picture.attrib |= {"font-family": _FONT, "text-anchor": "middle"}
    _put(picture, "title", words.title, id="picture-title")
    _put(picture, "desc", _described(rings, words), id="picture-description")
    for ring in reversed(drawn):
        circle = {"r": _number(ring.radius), "fill": "#fff", "stroke": "#000", "stroke-width": "1.5"}
        SubElement(picture, "circle", circle)
    for ring in drawn:
        _write(picture, ring.title, bold=True)
        for name in ring.names:
            _frame(picture, name)
            _write(picture, name)
    return picture


def _title(ring: Plate, words: Words) -> tuple[str, ...]:
    return (ring.label,) if ring.names else (ring.label, words.empty)


def _described(rings: Sequence[Plate], words: Words) -> str:
    item = (f"{ring.label}: {', '.join(ring.names) or words.empty}." for ring in rings)
    return " ".join([words.description, *item])


def _frame(picture: Element, label: Label) -> None:
    left, top = label.x - label.width / 2, label.y - label.height / 2
    numbers = {"x": left, "y": top, "width": label.width, "height": label.height, "rx": SIZE / 2}
    body = {name: _number(value) for name, value in numbers.items()}
    SubElement(picture, "rect", {**body, "fill": "#fff", "stroke": "#000", "stroke-width": "0.75"})


def _write(picture: Element, label: Label, *, bold: bool = False) -> None:
    """Write the lines of a label under one another; of a title, only the first is large and bold."""
    for number, line in enumerate(label.lines):
        middle = label.y + (number - (len(label.lines) - 1) / 2) * label.size * LINE
        size = label.size * (_SMALLER if bold and number else 1)
        weight = {"font-weight": "bold"} if bold and not number else {}
        place = {"x": _number(label.x), "y": _number(middle + size * 0.35), "font-size": _number(size)}
        _put(picture, "text", line, **place, **weight)


def _number(value: float) -> str:
    return f"{value:.1f}"


def _put(parent: Element, tag: str, text: str, **attributes: str) -> None:
    SubElement(parent, tag, attributes).text = text
