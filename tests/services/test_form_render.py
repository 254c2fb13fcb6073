"""Forms of the steps: one language, the choices beside the fields, what is known filled in; always readable YAML."""

from importlib import resources
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ballerup_cli.services.forms.form import fill, render, vocabulary_choices
from ballerup_cli.storage.text.codec import read_forms

STEPS = sorted(
    path.name.removesuffix(".yaml")
    for path in (resources.files("ballerup_cli") / "templates").iterdir()
    if path.name.endswith(".yaml") and path.name != "profile.yaml"  # which is a profile too
)
LISTS = {"colour": {"red": "rød", "dark-blue": "mørkeblå"}}
TEMPLATE = """\
#da Hvornår (skal udfyldes)
#en When (required)
received: ""

#da Hvem
#en Who
subject:
  #: colour
  kind: ""
  #da
  #en
  name: ""
  guardians:
    #da en af gangen
    #en one at a time
    - name: ""
      contact: ""
tags: []
acute: false
"""


def value_of(form: str) -> dict:
    (document,) = read_forms(form.encode())
    return document.value


def test_one_language_is_kept_and_the_choices_stand_beside_the_field():
    form = fill(TEMPLATE, "da", LISTS, {})
    assert form.startswith('# Hvornår (skal udfyldes)\nreceived: ""\n\n# Hvem\nsubject:\n')
    assert '  #   red        rød\n  #   dark-blue  mørkeblå\n  kind: ""\n  #\n  name: ""\n' in form
    assert "When" not in form and "#da" not in form and "#en" not in form and "#:" not in form
    assert "# When (required)\n" in fill(TEMPLATE, "en", LISTS, {})


def test_known_values_replace_what_is_empty_and_nothing_else():
    known = {"received": "2026-03-02T14:30", "subject": {"kind": "red"}, "acute": True}
    form = fill(TEMPLATE, "en", LISTS, known)
    assert value_of(form) == {
        "received": "2026-03-02T14:30",
        "subject": {"kind": "red", "name": "", "guardians": [{"name": "", "contact": ""}]},
        "tags": [],
        "acute": True,
    }
    assert form.count("#") == fill(TEMPLATE, "en", LISTS, {}).count("#")


def test_a_known_list_replaces_the_empty_item_and_keeps_its_comments():
    people = [{"name": "Person Nul", "contact": "a: b # c"}, {"name": "Person Nit"}]
    form = fill(TEMPLATE, "en", LISTS, {"subject": {"guardians": people}, "tags": ["x", "- y"]})
    assert value_of(form)["subject"]["guardians"] == people
    assert value_of(form)["tags"] == ["x", "- y"]
    assert "  # one at a time\n  guardians:" in form
    assert value_of(form)["acute"] is False


def test_a_field_that_the_form_has_not_is_a_bug_and_never_dropped():
    with pytest.raises(KeyError, match="colour"):
        fill(TEMPLATE, "en", LISTS, {"subject": {"colour": "red"}})


texts = st.text(st.characters(exclude_categories=("Cs", "Cc", "Cn", "Zl", "Zp"), include_characters="\n\t")).filter(
    lambda text: "\ufeff" not in text
)


@given(name=texts, tags=st.lists(texts))
def test_any_text_comes_back_as_it_was(name, tags):
    value = value_of(fill(TEMPLATE, "da", LISTS, {"subject": {"name": name}, "tags": tags}))
    assert (value["subject"]["name"], value["tags"]) == (name, tags)


@pytest.mark.parametrize("language", ["da", "en"])
@pytest.mark.parametrize("step", STEPS)
def test_every_form_is_readable_and_speaks_one_language(step, language):
    form = render(step, language)
    assert value_of(form)
    assert "#da" not in form and "#en" not in form and "#:" not in form


@pytest.mark.parametrize("step", STEPS)
def test_both_languages_have_the_same_fields_and_as_many_comments(step):
    assert value_of(render(step, "da")) == value_of(render(step, "en"))
    template = (resources.files("ballerup_cli") / "templates" / f"{step}.yaml").read_text(encoding="utf-8")
    assert template.count("#da ") == template.count("#en ")


@pytest.mark.parametrize("language", ["da", "en"])
@pytest.mark.parametrize("step", STEPS)
def test_no_line_is_cut_by_an_editor_of_80_columns(step, language):
    assert max(map(len, render(step, language).splitlines())) <= 80


def test_a_long_label_goes_on_under_itself():
    form = fill("#: list\nfield: x\n", "da", {"list": {"code": "ord " * 25, "other": "kort"}}, {})
    first, second, *rest = form.splitlines()
    assert (first[:14], second[:14]) == ("#   code   ord", "#          ord")
    assert rest == ["#   other  kort", "field: x"]


@pytest.mark.parametrize("step", STEPS)
def test_every_field_at_the_top_can_be_filled_in_and_keeps_the_others(step):
    empty = value_of(render(step, "da"))
    for name in empty:
        filled = value_of(render(step, "da", {name: ["kendt"]}))
        assert filled == {**empty, name: ["kendt"]}


EXAMPLES = sorted(Path(str(resources.files("ballerup_cli"))).glob("templates/examples/*/*.yaml"))


def holds(value: object, known: object) -> bool:
    if isinstance(known, dict) and isinstance(value, dict):
        return all(holds(value.get(name), item) for name, item in known.items())
    return value == known


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_every_example_can_be_what_is_known(path):
    step = path.stem.split("-", 1)[1]
    (document,) = read_forms(path.read_bytes())
    form = value_of(render(step, "en", document.value))
    assert holds(form, document.value)
    assert form.keys() == value_of(render(step, "en")).keys()


def test_members_of_pladen_replace_the_starters():
    assert "hedegaardsskolen" in vocabulary_choices("da")["pladen"]
    assert vocabulary_choices("en")["state"]["received"] == "received"
