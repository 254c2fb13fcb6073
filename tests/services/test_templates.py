"""A municipality's own templates: taken where they are set, refused where they are broken, no way around escapes."""

import json

import pytest
from cli_kit import Home

from ballerup_cli.services.documents import documents, templates
from ballerup_cli.storage.text import codec, schema
from proof.calls import call

RECEIPT = "# Tak for din henvendelse, {{ us.unit }}\n\nVi har fået den den {{ sheet.received | day }}.\n"


def put(home: Home, name: str, text: str | None, language: str = "da") -> str:
    told = {"templates": {name: {language: text}}}
    return home.ok("settings", "set", "--from", "-", typed=json.dumps(told))


def refused(home: Home, text: str, name: str = "receipt") -> str:
    form = codec.encode({"late_after_days": 5, "templates": {name: {"da": text}}})
    return home.fails(12, "settings", "set", "--from", "-", typed=form)


def made(home: Home, name: str, language: str = "da") -> str:
    return home.ok("--lang", language, "document", "2026-0005", name, "--plain")


def test_the_settings_list_every_document_that_can_have_a_template() -> None:
    assert tuple(schema.defaults()["templates"]) == templates.NAMES
    assert {language for texts in schema.defaults()["templates"].values() for language in texts} == {"da", "en"}


def test_a_letter_is_written_in_the_municipalitys_own_words_and_back(town: Home) -> None:
    shipped = made(town, "receipt")
    put(town, "receipt", RECEIPT)
    assert made(town, "receipt").startswith("Tak for din henvendelse, Den Lille Enhed\n====")
    assert "Vi har fået den den 02.04.2026." in made(town, "receipt")
    assert "Tak for din" not in made(town, "receipt", "en")
    assert town.run("verify").code == 0
    put(town, "receipt", None)
    assert made(town, "receipt") == shipped


@pytest.mark.parametrize("name", ["action-card", "record-of-processing"])
def test_what_is_about_no_case_has_templates_too(town: Home, name: str) -> None:
    put(town, name, "# Vores egen, {{ today if today is defined else municipality }}\n")
    command = ["action-card"] if name == "action-card" else ["dpo", name]
    assert town.ok("--lang", "da", *command).startswith("Vores egen, ")


@pytest.mark.long
@pytest.mark.parametrize("language", ["da", "en"])
@pytest.mark.parametrize("name", templates.NAMES)
def test_every_shipped_template_could_be_set_as_it_is_printed(ready_home: Home, name: str, language: str) -> None:
    workspace = ready_home.workspace()
    (document,) = codec.read_forms(templates.form(workspace, name, language).encode())
    assert document.value == {"templates": {name: {language: documents.shipped(name, language)}}}
    assert list(templates.faults(workspace, document.value)) == []


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("# Titel\n\n{% if sheet.tier %}\n", 3, "it cannot be read"),
        ("# Titel\n\n{{ us.municpality }}\n", 3, "it asks for something that is not there"),
        ("# Titel\n{{ navn }}\n", 2, "it asks for something that is not there"),
        ("# Titel\n\n\n{{ form.cooperation }}\n", 4, "it asks for something that is not there"),
        ("# Titel\n{{ today | datoo }}\n", 2, "it cannot be read"),
        ("# Titel\n{{ us.__class__.__mro__ }}\n", 2, "it does what no template may"),
        ("# Titel\n{{ 1 / 0 }}\n", 2, "it does not work"),
        ("{% include 'case-sheet' %}", 1, "it does not work"),
    ],
)
def test_a_broken_template_is_refused_when_it_is_set_at_its_line(town: Home, text: str, line: int, words: str) -> None:
    said = refused(town, text)
    assert f"template 'receipt', line {line}: {words}" in said
    assert said.startswith("-:4:"), "the line of the settings that holds it"


def test_a_template_without_a_title_and_one_of_no_document_are_refused(town: Home) -> None:
    assert "a document needs a title" in refused(town, "Kære borger\n")
    assert "nearest:" in refused(town, "# Brev\n", "letter")


def test_what_only_some_cases_know_is_refused_on_the_day_it_is_set(town: Home) -> None:
    assert "asks for something" in refused(town, "# Kære {{ sheet.subject.name }}\n")
    put(town, "receipt", "# Kære {{ sheet.subject.name | default('borger') }}\n")
    assert made(town, "receipt").startswith("Kære borger")


def test_one_that_fails_later_is_an_error_of_its_own_and_quotes_nothing(town: Home) -> None:
    told = {"templates": {"receipt": {"da": "# Til {{ us[sheet.concern] }}\n"}}}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(templates, "faults", lambda _workspace, _told: [])
        assert call(town, "settings", "set", "--from", "-", typed=json.dumps(told)).code == 0
    said = town.fails(12, "--lang", "da", "document", "2026-0005", "receipt", "--plain")
    assert "skabelonen 'receipt', linje 1: den spørger efter noget, der ikke er der" in said
    assert "vold" not in said


def test_what_a_record_says_stays_text_in_a_template_of_ones_own(ready_home: Home) -> None:
    facts = {**next(templates._trials(ready_home.workspace(), "receipt", "da")), "today": "<script>*x*</script>\n# y"}
    for inner in ("{{ today }}", "{% set a %}{{ today }}{% endset %}{{ a }}", "{{ today | safe }}"):
        made = documents.read(documents.fill_own("receipt", f"# T\n\n{inner}\n", "da", facts), "da")
        page = documents.as_html(made)
        assert "<script>*" not in page and "<em>" not in page and page.count("<h1>") == 1


def test_the_settings_show_the_first_line_of_a_template(town: Home) -> None:
    put(town, "receipt", RECEIPT)
    shown = town.ok("settings", "show", "--own", BALLERUP_LANG="da")
    assert "# Tak for din henvendelse" in " ".join(shown.split()) and "Vi har fået" not in shown
