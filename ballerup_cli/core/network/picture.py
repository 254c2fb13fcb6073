"""The geometry of the picture of the network: rings around one another, and where each name stands in them.

Pure numbers: the centre of the picture is (0, 0), y points down, a unit is a pixel. How wide a text is can only be
estimated, on the safe side, since nobody knows the reader's font. Drawing belongs to ``picture``.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import accumulate, combinations, pairwise
from math import cos, hypot, pi, sin

from ballerup_cli.values import value

SIZE = 14
"""The size of a name; a ring's title is ``TITLE`` as large."""
TITLE = 1.2
LINE = 1.25
"""The height of a line, in sizes of its letters."""

_WIDEST = 118  # a name that is wider goes on in a second line, or a third
_MOST_LINES = 3
_HANGING = 1.15  # how much a short word may add to one that is wider than that anyway
_PADDING = (8, 5)  # between a name and the edge of its box
_GAP = 7  # between two boxes, at least
_MARGIN = 12  # between a box and the circles around it
_GROWTH = 1.03  # how much longer the next circle is that is tried
_MANY = 30  # from so many labels on, two circles are tried as well
_NARROW, _WIDE = frozenset("fijlrtI.,:;'()|/- "), frozenset("mwMWÆŒ@%&")


@value
class Label:
    """A text of some lines in a box; ``x`` and ``y`` are the middle of the box."""

    lines: tuple[str, ...]
    width: float
    height: float
    size: float
    x: float = 0
    y: float = 0

    def at(self, angle: float, radius: float) -> "Label":
        """Return the label with its middle on a circle, at an angle that runs clockwise from the top."""
        return replace(self, x=radius * sin(angle), y=-radius * cos(angle))

    def farthest(self) -> float:
        """Return how far the box reaches from the centre of the picture."""
        return hypot(abs(self.x) + self.width / 2, abs(self.y) + self.height / 2)

    def depth(self, other: "Label", gap: float = 0) -> float:
        """Return how far two boxes reach into each other, or into the gap between them; 0 or less when they do not."""
        across = (self.width + other.width) / 2 + gap - abs(self.x - other.x)
        return min(across, (self.height + other.height) / 2 + gap - abs(self.y - other.y))


@value
class Ring:
    """One ring: how far it reaches, its title, and the names in it."""

    code: str
    radius: float
    title: Label
    names: tuple[Label, ...]


def draw(rings: Sequence[tuple[str, Sequence[str], Sequence[str]]]) -> tuple[Ring, ...]:
    """Place the rings, given as code, lines of the title and names, from the centre outwards."""
    drawn: list[Ring] = []
    for code, title, names in rings:
        labels = [_titled(title), *map(named, names)]
        placed = _around(labels, drawn[-1].radius) if drawn else _stacked(labels)
        drawn.append(Ring(code=code, radius=_reach(placed) + _MARGIN, title=placed[0], names=tuple(placed[1:])))
    return tuple(drawn)


def _reach(labels: Sequence[Label]) -> float:
    return max(label.farthest() for label in labels)


# --- One text ---------------------------------------------------------------------------------------------------------


def named(name: str) -> Label:
    """Return the box of a name, in as few lines as it needs."""
    return _boxed(wrapped(name), SIZE)


def _titled(lines: Sequence[str]) -> Label:
    return _boxed(tuple(lines), SIZE * TITLE)


def _boxed(lines: tuple[str, ...], size: float) -> Label:
    across, along = _PADDING
    width = max(width_of(line, size) for line in lines)
    return Label(lines=lines, width=width + 2 * across, height=len(lines) * size * LINE + 2 * along, size=size)


def width_of(text: str, size: float) -> float:
    """Estimate how wide a text is in an ordinary sans-serif font, rather too wide than too narrow."""
    return sum(size * (0.38 if sign in _NARROW else 0.95 if sign in _WIDE else _plain(sign)) for sign in text)


def _plain(sign: str) -> float:
    return 0.74 if sign.isupper() else 0.6


def wrapped(text: str) -> tuple[str, ...]:
    """Break a text between words into the fewest lines that are narrow enough, as even as can be."""
    words = text.split()
    room = max(_WIDEST, _HANGING * _widest(words))
    best: tuple[str, ...] = (text,)
    for lines in range(1, min(len(words), _MOST_LINES) + 1):
        best = min(_broken(words, lines), key=_widest)
        if _widest(best) <= room:
            break
    return best


def _broken(words: Sequence[str], lines: int) -> Iterator[tuple[str, ...]]:
    for breaks in combinations(range(1, len(words)), lines - 1):
        yield tuple(" ".join(words[start:end]) for start, end in pairwise((0, *breaks, len(words))))


def _widest(lines: Sequence[str]) -> float:
    return max(width_of(line, SIZE) for line in lines)


# --- One ring ---------------------------------------------------------------------------------------------------------


def _stacked(labels: Sequence[Label]) -> list[Label]:
    """Place labels under one another around the centre of the picture."""
    top = -(sum(label.height for label in labels) + _GAP * (len(labels) - 1)) / 2
    placed: list[Label] = []
    for label in labels:
        placed.append(replace(label, y=top + label.height / 2))
        top += label.height + _GAP
    return placed


def _around(labels: Sequence[Label], inner: float) -> list[Label]:
    """Place labels around ``inner``, the first at the top, on as many circles as reach the least far."""
    return min((_on_circles(labels, inner, number) for number in range(1, 2 + len(labels) // _MANY)), key=_reach)


def _on_circles(labels: Sequence[Label], inner: float, number: int) -> list[Label]:
    """Place labels on the smallest circles that have room for them all, from the outermost inwards."""
    title, *names = labels
    width, height = (max((getattr(name, side) for name in names), default=0) for side in ("width", "height"))
    apart = hypot(width, height) + _GAP  # two boxes whose middles are that far apart cannot overlap
    radius = inner + _MARGIN + max(title.height, width) / 2
    while True:
        radii = [radius + apart * circle for circle in reversed(range(number))]
        placed = [_walk(share, way, _GAP) for share, way in zip(_shared(labels, radii), radii, strict=True)]
        if all(placed):
            return [label for share, way in zip(placed, radii, strict=True) for label in _loosened(share or [], way)]
        radius *= _GROWTH


def _shared(labels: Sequence[Label], radii: Sequence[float]) -> Iterator[Sequence[Label]]:
    """Share labels out among circles: as many to each as its part of the whole way round."""
    ends = [round(len(labels) * way / sum(radii)) for way in accumulate(radii, initial=0)]
    return (labels[start:end] for start, end in pairwise(ends))


def _loosened(labels: list[Label], radius: float) -> list[Label]:
    """Place labels again with the widest gaps their circle has room for, so that they stand evenly."""
    narrow, wide = float(_GAP), 2 * radius
    while wide - narrow > 1:
        gap = (narrow + wide) / 2
        if looser := _walk(labels, radius, gap):
            labels, narrow = looser, gap
        else:
            wide = gap
    return labels


def _walk(labels: Sequence[Label], radius: float, gap: float) -> list[Label] | None:
    """Place each label as soon after the one before as the gap allows; None when the circle is too short."""
    placed = [labels[0].at(0, radius)]
    angle = 0.0
    for label in labels[1:]:
        box = label.at(angle, radius)
        while depth := next((deep for other in reversed(placed) if (deep := box.depth(other, gap)) > 0), 0.0):
            angle += max(depth, 1) / radius  # a shorter way would not be out of it yet
            if angle > 2 * pi:
                return None
            box = label.at(angle, radius)
        placed.append(box)
    return placed
