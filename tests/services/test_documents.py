"""Documents say what a record says and nothing more: no text of a record becomes structure, code, link or picture."""

import re
import sys
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jinja2 import UndefinedError
from jinja2.exceptions import SecurityError

from ballerup_cli.cli.ui.hints import hint_for
from ballerup_cli.errors import NoTypesetterError
from ballerup_cli.services.documents.documents import BREAK, Document, Picture, as_html, as_text, fill, read
from ballerup_cli.services.documents.typeset import as_pdf, source
from ballerup_cli.storage.text import schema

TEMPLATE = """\
# Titel {{ told }}

Før {{ told }} efter
{{ told }}

- **Felt:** {{ told }}
1. {{ told }}

| A | B |
|:--|--:|
| {{ told }} | 1 |

## Mere

{{ told }}
"""
ATTACKS = [
    "# x",
    "x\n# y",
    "\n\n## y\n\n- z\n\n    indented",
    "- x",
    "1. x",
    "> x",
    "x\n===",
    "---",
    "![](http://example.org/x.png)",
    "[x](http://example.org)",
    "<http://example.org>",
    "http://example.org",
    "[x]: http://example.org\n[x]",
    "<script>alert(1)</script>",
    "</p><img src=x onerror=alert(1)>",
    "</title><script>",
    "&lt;b&gt; &#60;b&#62;",
    "`x` ```\nx\n```",
    "*x* **x** _x_ ~~x~~",
    "| x | y |\n|---|---|\n| 1 | 2 |",
    "x | y",
    '#import "x" #read("/etc/passwd") #eval("1")',
    "$x$ @x <x> = x",
    '"; #panic("x"); "',
    "\\",
    "\\\\",
    'x\\"',
    "{{ 7 * 7 }} {% raw %} {# x #}",
    "%[ #[ ]; #{",
]
LITERAL = re.compile(r'"(?:[^"\\]|\\.)*"', re.DOTALL)


def document(told: str) -> Document:
    return read(fill(TEMPLATE, "da", {"told": told}), "da")


class Page(HTMLParser):
    """The tags of a page, and its text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, tuple[tuple[str, str | None], ...]]] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.text += "\n" if tag == "br" else ""
        if tag != "br":
            self.tags.append((tag, tuple(attrs)))

    def handle_endtag(self, tag: str) -> None:
        self.tags.append((f"/{tag}", ()))

    def handle_data(self, data: str) -> None:
        self.text += data


def literals(told: str) -> list[str]:
    found = [text[1:-1].replace('\\"', '"').replace("\\\\", "\\") for text in LITERAL.findall(source(document(told)))]
    return [text for text in found if text]


def skeleton(told: str) -> str:
    """What of the typst source is markup: all literals and line breaks taken out."""
    return LITERAL.sub('""', source(document(told))).replace('#"";', "").replace("#linebreak();", "")


def words(text: str) -> str:
    return " ".join(text.split())


# --- nothing gets in --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("attack", ATTACKS)
def test_a_page_has_the_same_tags_whatever_a_record_says(attack: str) -> None:
    page = Page(as_html(document(attack)))
    assert page.tags == Page(as_html(document("ord"))).tags
    assert words(page.text).count(words(attack)) == 8  # the title of the page among them


@pytest.mark.parametrize("attack", ATTACKS)
def test_in_typst_whatever_a_record_says_is_a_literal(attack: str) -> None:
    assert skeleton(attack) == skeleton("ord")
    said = words(" ".join(literals(attack)))
    assert said.count(words(attack)) == 8
    assert as_pdf(document(attack)).startswith(b"%PDF-1.")


@pytest.mark.parametrize("attack", ATTACKS)
def test_as_text_it_stands_as_it_was_written(attack: str) -> None:
    assert words(as_text(document(attack), 500)).count(words(attack)) >= 7


@given(st.text())
def test_no_text_at_all_changes_the_structure(told: str) -> None:
    assert Page(as_html(document(f"x{told}"))).tags == Page(as_html(document("x"))).tags
    assert skeleton(f"x{told}") == skeleton("x")


@settings(max_examples=30, deadline=None)
@given(st.text())
def test_every_text_can_be_set(told: str) -> None:
    assert as_pdf(document(told or "x")).startswith(b"%PDF-1.")


def test_a_sign_that_only_changes_another_one_is_named_too() -> None:
    for told in ("\U0001f3fb", "x \U0001f3fb", "\U0001f3fb\u0301", "\ufe0f\u200d"):
        assert as_pdf(document(told)).startswith(b"%PDF-1.")


def test_a_sign_without_a_font_is_named_and_none_is_lost() -> None:
    assert as_pdf(document("\u4e2d\U0001f600 \u0645 \ufdfa")).startswith(b"%PDF-1.")


def test_marks_that_turn_the_writing_are_shown() -> None:
    assert "\u202e" not in as_html(document("abc\u202edef")) + source(document("abc\u202edef"))


def test_new_lines_are_kept() -> None:
    made = document("en\nto")
    assert "en<br>to" in as_html(made) and "en\nto" in as_text(made) and '#"en";#linebreak();#"to";' in source(made)
    assert BREAK not in as_html(made) + as_text(made) + source(made)


# --- templates --------------------------------------------------------------------------------------------------------


def test_a_fact_that_is_not_given_is_noticed() -> None:
    with pytest.raises(UndefinedError):
        fill("{{ missing }}", "da", {})


@pytest.mark.parametrize("way", ["''.__class__.__mro__", "told.__init__.__globals__", "''.format.__globals__"])
def test_a_template_cannot_get_out_of_its_box(way: str) -> None:
    with pytest.raises((SecurityError, UndefinedError)):
        fill(f"{{{{ {way} }}}}", "da", {"told": "x"})


def test_a_template_has_no_raw_html_links_pictures_or_code() -> None:
    page = as_html(
        read('# T\n\n<b>x</b> [a](b) ![a](b) `c` <http://x>\n\n```\nd\n```\n\n<script src="x"></script>\n', "da")
    )
    assert {tag for tag, _ in Page(page).tags}.isdisjoint({"b", "a", "img", "code", "pre", "script"})


def test_labels_and_days_are_said_in_the_language() -> None:
    template = '{{ "given" | label("direction") }} {{ "2026-03-02T10:00" | day }} {{ "own" | label("direction") }}'
    assert fill(template, "da", {}) == r"givet 02\.03\.2026 own"
    assert fill(template, "en", {}) == r"given 2026\-03\-02 own"


# --- the page ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["da", "en"])
def test_a_page_needs_nothing_else_and_says_its_language(language: str) -> None:
    page = as_html(read("# Et & to\n\nx\n", language))
    assert f'<html lang="{language}">' in page and "<title>Et &amp; to</title>" in page
    assert not re.search(r"\b(src|href)=|url\(|@import|https?:|javascript", page, re.IGNORECASE)
    assert "size: A4" in page and "default-src 'none'" in page


def test_headings_of_a_table_belong_to_their_columns_and_rows() -> None:
    page = as_html(read("| A | B |\n|--|--:|\n| 1 **x** | 2 |\n| | 3 |\n", "da"))
    assert page.count('scope="col"') == 2
    assert '<th scope="row">1 <strong>x</strong></th>\n<td style="text-align:right">2</td>' in page
    assert '<td></td>\n<td style="text-align:right">3</td>' in page, "an empty cell is no heading"


def test_a_wide_table_moves_by_itself_and_a_narrow_one_stands_still() -> None:
    def page(many: int) -> str:
        return as_html(read(f"|{' K & Å |' * many}\n|{'--|' * many}\n|{' 1 |' * many}\n", "da"))

    assert '<div class="wide" role="group" tabindex="0" aria-label="K &amp; Å">\n<table>' in page(5)
    assert "tabindex" not in page(4)


def test_a_figure_stays_with_its_sentence_and_its_table() -> None:
    made = replace(read("# T\n\n## Del\n\nx\n\nFlest.\n\n---\n\n| A |\n|--|\n| 1 |\n", "da"), figures=[DRAWN])
    text = source(made)
    assert text.count("#block(sticky: true)") == 2 and '#block(sticky: true)[#"Flest.";]' in text
    assert "p:has(+ figure), figure:has(+ table, + .wide) { break-after: avoid; }" in as_html(made)
    assert b"/Figure" in as_pdf(made)


def test_a_list_goes_on_from_its_first_number() -> None:
    made = read("11. a\n12. b\n", "da")
    assert '<ol start="11">' in as_html(made) and "#enum(start: 11," in source(made) and "11. a\n12. b" in as_text(made)


def test_text_fits_the_terminal() -> None:
    made = read(
        "# " + "lang " * 30 + "\n\n- " + "ord " * 60 + "\n\n| A | B |\n|:--|--:|\n| " + "celle " * 30 + " | 7 |\n", "da"
    )
    assert max(map(len, as_text(made, 60).splitlines())) <= 60


# --- the picture ------------------------------------------------------------------------------------------------------

SVG = (
    '<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><rect width="9" height="9"/></svg>'
)


DRAWN = Picture(svg=SVG, title="Søjler", description="Flest.")


def test_a_picture_stands_before_the_first_part_and_is_told_to_those_who_do_not_see_it() -> None:
    picture = Picture(svg=SVG, title="Søjler <1>", description='Flest i "marts"')
    made = read("# T\n\nx\n\n## Del\n\ny\n", "da", picture=picture)
    page = as_html(made)
    assert '<svg role="img" aria-labelledby="picture-title picture-description"' in page and "<?xml" not in page
    assert '<title id="picture-title">Søjler &lt;1&gt;</title>' in page
    assert page.index("<p>x</p>") < page.index("<svg") < page.index("<h2>")
    assert 'Søjler <1>: Flest i "marts"' in as_text(made)
    assert r'alt: "Søjler <1>: Flest i \"marts\""' in source(made)
    assert b"/Figure" in as_pdf(made)


# --- the PDF ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["da", "en"])
def test_a_pdf_is_tagged_and_says_that_it_is_accessible(language: str) -> None:
    data = as_pdf(read("# Titel\n\nx\n\n| A | B |\n|--|--|\n| 1 | 2 |\n", language))
    assert b"/StructTreeRoot" in data and b"/Marked true" in data
    assert re.search(rf"/Lang ?\({language}\)".encode(), data)
    assert re.search(rb"<pdfuaid:part>1</pdfuaid:part>", data)
    assert b"Titel" in data  # the title stands in the metadata
    assert not re.search(rb"/(URI|JavaScript|EmbeddedFile|Launch)\b", data)


def test_without_typst_it_is_said_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "typst", None)
    with pytest.raises(NoTypesetterError) as failure:
        as_pdf(document("x"))
    assert "ballerup[pdf]" in hint_for(type(failure.value))


def test_every_document_is_there_in_both_languages() -> None:
    for name in ("action-card", "slip", "netvaerk"):
        texts = [schema.resource(f"templates/documents/{name}.{language}.md").decode() for language in ("da", "en")]
        assert texts[0].count("{{") == texts[1].count("{{") and texts[0].count("\n#") == texts[1].count("\n#")


def test_a_pdf_is_made_in_no_folder_and_leaves_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    monkeypatch.setenv("TMPDIR", str(gone))
    gone.rmdir()
    assert as_pdf(document("x")).startswith(b"%PDF-1.")
    monkeypatch.chdir(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_table_too_wide_for_its_words_is_written_cell_by_cell() -> None:
    made = read(f"# T\n\n| Hvad | Hvem |\n|:--|:--|\n| {'ord ' * 9} | {'navn ' * 15} |\n| a | b |\n", "da")
    *first, blank, what, who = as_text(made, 80).splitlines()
    assert (blank, what, who) == ("", "Hvad: a", "Hvem: b") and max(map(len, first)) <= 80
