"""The picture of Ballerup-Pladen: nothing overlaps, everything lies inside, and whoever cannot see it hears it all."""

import re
from dataclasses import replace
from itertools import combinations, pairwise
from math import hypot
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ballerup_cli.core.network.picture import Label, Ring, draw, named, width_of, wrapped
from ballerup_cli.services.network.picture import Plate, Words, page, svg
from ballerup_cli.storage.text import schema

STARTER = [member["name"] for member in schema.vocabulary()["pladen"]]
SIXTY = [*STARTER[1:], *(f"Boligforeningen ved Skoven {number}" for number in range(39))]
WORDS = Words(
    language="da",
    title="Ballerup-Pladen den 21.06.2026",
    description="Ringe uden om hinanden.",
    empty="ingen medlemmer endnu",
    roles="Opgaver",
    members="Medlemmer",
)


def plates(*names: list[str]) -> list[Plate]:
    codes = schema.vocabulary()["ring"]
    return [
        Plate(code=code, label=term["da"], roles=tuple(term["roles"]["da"]), names=tuple(told))
        for (code, term), told in zip(codes.items(), names, strict=True)
    ]


def drawn(*names: list[str]) -> tuple[Ring, ...]:
    rings = plates(*names)
    return draw([(ring.code, (ring.label,), ring.names) for ring in rings])


def boxes(rings: tuple[Ring, ...]) -> list[Label]:
    return [label for ring in rings for label in (ring.title, *ring.names)]


def nearest(box: Label) -> float:
    """How near the box comes to the centre of the picture."""
    return hypot(max(abs(box.x) - box.width / 2, 0), max(abs(box.y) - box.height / 2, 0))


def assert_sound(rings: tuple[Ring, ...]) -> None:
    assert not [(one.lines, other.lines) for one, other in combinations(boxes(rings), 2) if one.depth(other) > 0]
    inner = 0.0
    for ring in rings:
        for box in (ring.title, *ring.names):
            assert nearest(box) >= inner or ring is rings[0]
            assert box.farthest() <= ring.radius
        assert ring.radius > inner
        inner = ring.radius


# --- geometry ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "names",
    [
        ([STARTER[0]], [], STARTER[1:], []),
        ([STARTER[0]], [], SIXTY, []),
        ([STARTER[0]], [], [f"Klub {number}" for number in range(90)], []),
        ([STARTER[0]], STARTER[1:5], STARTER[1:], [f"Personalet i {name}" for name in STARTER[1:]]),
        ([], [], [], []),
        (STARTER, ["A"], ["En klub med et navn, der aldrig vil høre op igen"], []),
    ],
    ids=["starter", "sixty", "several circles", "all rings", "nobody", "crowded centre"],
)
def test_no_box_overlaps_another_and_each_lies_in_its_ring(names):
    assert_sound(drawn(*names))


def test_what_stands_in_the_centre_stands_around_it():
    (centre, *_) = drawn(STARTER[:5], [], [], [])
    stack = [centre.title, *centre.names]
    assert stack[0].y - stack[0].height / 2 == pytest.approx(-(stack[-1].y + stack[-1].height / 2))
    gaps = [below.y - above.y - (below.height + above.height) / 2 for above, below in pairwise(stack)]
    assert min(gaps) == pytest.approx(max(gaps)) and min(gaps) > 0
    assert {label.x for label in stack} == {0}


def test_wide_letters_are_taken_as_wide_and_all_have_room():
    assert [width_of(letter, 10) for letter in "Minne"] == pytest.approx([9.5, 3.8, 6, 6, 6])
    assert width_of("N", 10) == pytest.approx(7.4)
    label = named("Klub")
    assert (label.width, label.height) == pytest.approx((width_of("Klub", 14) + 16, 14 * 1.25 + 10))


def test_a_box_reaches_as_far_as_its_farthest_corner():
    box = Label(lines=("A",), width=10, height=6, size=5)
    assert box.farthest() == pytest.approx(hypot(5, 3))
    for x, y in ((7, 9), (-7, 9), (7, -9), (-7, -9)):
        assert replace(box, x=x, y=y).farthest() == pytest.approx(hypot(12, 12))


def test_boxes_reach_into_each_other_as_far_as_the_shorter_way_out():
    box = Label(lines=("A",), width=10, height=6, size=5)
    for x, y, depth in ((0, 0, 6), (8, 0, 2), (0, 5, 1), (10, 0, 0), (0, 6, 0), (13, 9, -3), (-8, -1, 2)):
        assert box.depth(replace(box, x=x, y=y)) == replace(box, x=x, y=y).depth(box) == depth
        assert box.depth(replace(box, x=x, y=y), gap=1) == depth + 1


@pytest.mark.parametrize("text", ["Klub Nord", "Psykiatrisk Center Ballerup"])
def test_a_box_is_as_high_as_its_lines_and_has_room_on_all_sides(text):
    label, single = named(text), named("Klub")
    line = single.size * 1.25
    assert label.height - single.height == pytest.approx((len(label.lines) - 1) * line)
    assert single.height > line
    assert label.width - max(width_of(each, label.size) for each in label.lines) == pytest.approx(
        single.width - width_of("Klub", single.size)
    )


@settings(max_examples=25, deadline=None)
@given(
    st.lists(
        st.lists(st.text("abcMWiæøå -", min_size=1, max_size=40).filter(str.strip), max_size=8), min_size=4, max_size=4
    )
)
def test_whatever_the_names_are(names):
    assert_sound(drawn(*names))


def test_the_rings_grow_with_their_members():
    reach = [drawn([STARTER[0]], [], SIXTY[:count], [])[-1].radius for count in (0, 1, 21, 40, 60)]
    assert all(fewer < more for fewer, more in pairwise(reach))


def test_names_stand_around_the_whole_circle():
    ring = drawn([STARTER[0]], [], STARTER[1:], [])[2]
    sides = {(box.x > 0, box.y > 0) for box in ring.names}
    assert len(sides) == 4
    assert abs(sum(box.x for box in ring.names) / len(ring.names)) < ring.radius / 10


def test_long_names_are_broken_between_words_into_three_lines_at_most():
    assert wrapped("Klub Nord") == ("Klub Nord",)
    assert wrapped("Kommunal infohustovholder") == ("Kommunal", "infohustovholder")
    assert wrapped("Personalet i Hedegårdsskolen") == ("Personalet i", "Hedegårdsskolen")
    assert len(wrapped("Psykiatrisk Center Ballerup, afdelingen for unge mellem 15 og 25 år")) == 3


@pytest.mark.parametrize("name", STARTER)
def test_breaking_a_name_loses_no_word_and_the_box_holds_every_line(name):
    label = named(name)
    assert " ".join(label.lines) == name
    assert label.width > max(width_of(line, label.size) for line in label.lines)


# --- drawing ----------------------------------------------------------------------------------------------------------

RINGS = plates([STARTER[0]], [], STARTER[1:], [])
NAMESPACE = {"svg": "http://www.w3.org/2000/svg"}


def elements(text: str, tag: str) -> list[ElementTree.Element]:
    return ElementTree.fromstring(text).findall(f".//svg:{tag}", NAMESPACE)  # noqa: S314  (our own)


def numbers(element: ElementTree.Element, *names: str) -> list[float]:
    return [float(element.get(name, "")) for name in names]


@pytest.mark.parametrize("names", [STARTER[1:], SIXTY], ids=["starter", "sixty"])
def test_every_box_and_circle_lies_inside_the_view(names):
    text = svg(plates([STARTER[0]], [], names, []), WORDS)
    left, top, wide, high = map(float, ElementTree.fromstring(text).get("viewBox", "").split())  # noqa: S314
    framed = [numbers(rect, "x", "y", "width", "height") for rect in elements(text, "rect")]
    assert len(framed) == len(names) + 1
    for x, y, width, height in framed:
        assert left <= x and x + width <= left + wide and top <= y and y + height <= top + high
    for one, other in combinations(framed, 2):
        apart = one[0] + one[2] <= other[0] or other[0] + other[2] <= one[0]
        assert apart or one[1] + one[3] <= other[1] or other[1] + other[3] <= one[1]
    assert all(radius <= wide / 2 for circle in elements(text, "circle") for radius in numbers(circle, "r"))


def test_the_picture_says_what_it_shows_to_those_who_hear_it():
    root = ElementTree.fromstring(svg(RINGS, WORDS))  # noqa: S314
    assert (root.get("role"), root.get("lang")) == ("img", "da")
    told = {child.get("id"): child.text or "" for child in root if child.get("id")}
    title, description = (told[name] for name in root.get("aria-labelledby", "").split())
    assert title == WORDS.title
    assert all(name in description for name in STARTER)
    assert description.count("ingen medlemmer endnu") == 2


def test_every_member_and_every_empty_ring_is_written_in_the_picture():
    lines = " ".join(text.text or "" for text in elements(svg(RINGS, WORDS), "text"))
    assert all(name in lines for name in STARTER)
    assert lines.count("ingen medlemmer endnu") == 2


def test_it_is_black_on_white_and_needs_nothing_from_elsewhere():
    for text in (svg(RINGS, WORDS), page(RINGS, WORDS)):
        assert set(re.findall('(?:fill|stroke)="([^"]*)"', text)) == {"#fff", "#000"}
        assert not re.search(r"<script|<link|<image|<use|href|url\(|@import|\bon[a-z]+=", text)
        assert set(re.findall(r"https?://[^\"' ]*", text)) == {NAMESPACE["svg"]}


def test_a_name_is_text_and_never_markup():
    sly = '<script>x</script> & "Co" ]]> <!--'
    rings = [*RINGS[:3], replace(RINGS[3], names=(sly,))]
    assert sly in ElementTree.fromstring(svg(rings, WORDS)).findtext("svg:desc", "", NAMESPACE)  # noqa: S314
    assert "<script" not in page(rings, WORDS)


def test_the_page_tells_every_ring_with_its_roles_and_members_in_lists():
    text = page(RINGS, WORDS)
    assert text.startswith('<!doctype html>\n<html lang="da">')
    told = text[text.index('<ol class="rings">') :]
    places = [told.index(f"<h2>{ring.label}</h2>") for ring in RINGS]
    assert places == sorted(places)
    for item in (*STARTER, *(role for ring in RINGS for role in ring.roles)):
        assert f"<li>{item}</li>" in told
    assert told.count("<p>ingen medlemmer endnu</p>") == 2
    assert "@media print" in text
