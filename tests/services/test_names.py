"""Every field that a form can have is called something in both languages, and a list of codes is known by its name."""

import pytest

from ballerup_cli.core.cases.steps import STEPS
from ballerup_cli.services.forms import names
from ballerup_cli.storage.text import schema


@pytest.mark.parametrize("step", STEPS)
def test_every_field_has_a_noun_in_both_languages(step: str) -> None:
    dimensions = schema.vocabulary()["dimension"]
    for path in schema.paths(step):
        row = names.row_of(step, path) or dimensions.get(path[-1])
        assert row and row["da"] and row["en"], f"{step}: {'.'.join(path)} has no row in schemas/names.yaml"


@pytest.mark.parametrize("step", STEPS)
def test_siblings_have_different_nouns(step: str) -> None:
    for language in ("da", "en"):
        said = [(path[:-1], names.noun(step, path, language)) for path in schema.paths(step) if path[-1] != "not_heard"]
        assert len(set(said)) == len(said), sorted(item for item in said if said.count(item) > 1)


def test_a_schema_knows_the_list_that_a_code_is_of() -> None:
    (part,) = [part for part in schema.speaking_of("create", ("observations", 0, "sign")) if "list" in part]
    assert part["list"] == "sign"
