"""What the fields of forms are called: a short noun in each language, for reading and beside each field that is asked.

The nouns stand in ``schemas/names.yaml``. Codes have their labels in the vocabulary.
"""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from ballerup_cli.storage import computed
from ballerup_cli.storage.text import schema


def noun(form: str, path: Sequence[str | int], language: str) -> str:
    """Return what the field at ``path`` of a form is called; its code in plain letters where nobody named it."""
    row = row_of(form, path)
    return str(row[language]) if row else str(path[-1]).replace("_", " ").replace("-", " ")


def row_of(form: str, path: Sequence[str | int]) -> Mapping[str, str] | None:
    """Return the nouns of a field in both languages: of its place in the form, else those that hold everywhere."""
    names = [step for step in path if isinstance(step, str)]
    shipped = _shipped()
    found: Mapping[str, str] | None = shipped["forms"].get(form, {}).get(".".join(names))
    return found or shipped["default"].get(names[-1])


@cache
def _shipped() -> Mapping[str, Any]:
    return dict(computed.decoded(schema.resource("schemas/names.yaml")))
