"""The one way every form takes: read, settled, held to its schema, then to its rules; what is wrong is said at once.

What a row's rules are belongs to the table it comes from (``core``'s steps and pages) or to the service that writes it;
how it is written to ``commit``. A form that is refused leaves nothing behind.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from ballerup_cli.core.cases.steps import STEPS
from ballerup_cli.core.network.kinds import PAGES
from ballerup_cli.errors import N_, Finding, InvalidFormError
from ballerup_cli.services.forms import understanding
from ballerup_cli.services.forms.understanding import Reader
from ballerup_cli.storage.text import codec, schema
from ballerup_cli.storage.text.codec import Document
from ballerup_cli.values import value

CREATE = next(iter(STEPS))
ERASE, UNMASK, TRENDS, MINUTES = "erase", "unmask", "netvaerk", "meeting-item"
SETTINGS, PROFILE = "settings", "profile"

Rule = Callable[[Document], Iterable[Finding]]
"""From a settled form to what it must not say."""


@value
class FormKind:
    """One row: a kind of form by its name; whether a stream of them is taken; whether a schema says what it holds."""

    name: str
    is_stream: bool = False
    has_schema: bool = True


KINDS: Mapping[str, FormKind] = {
    kind.name: kind
    for kind in (
        *(FormKind(name=name, is_stream=name == CREATE) for name in STEPS),
        *(FormKind(name=name, is_stream=True) for name in PAGES),
        FormKind(name=ERASE),
        FormKind(name=UNMASK),
        FormKind(name=TRENDS),
        FormKind(name=SETTINGS, has_schema=False),  # the shipped settings are their own schema
        FormKind(name=PROFILE),
        FormKind(name=MINUTES, is_stream=True),
    )
}
"""Every kind of form there is to fill in."""


def read(name: str, data: bytes, source: str = "") -> list[Document]:
    """Read what was typed or handed in: one form, or a stream where the kind takes one.

    Raises:
        InvalidFormError: with the place of everything that is wrong.
    """
    try:
        documents = codec.read_forms(data)
    except InvalidFormError as invalid:
        raise InvalidFormError(findings=invalid.findings, step=name, source=source) from None
    if len(documents) > 1 and not KINDS[name].is_stream:
        line, column = documents[1].marks[()]
        extra = Finding(message=N_("one form only; a stream of them is for 'create'"), line=line, column=column)
        raise InvalidFormError(findings=[extra], step=name, source=source)
    return documents


def read_one(name: str, data: bytes, source: str = "") -> Document:
    """Read a form of a kind of which one is taken at a time.

    Raises:
        InvalidFormError: with the place of everything that is wrong.
    """
    (document,) = read(name, data, source)
    return document


def judged(
    name: str,
    document: Document,
    *rules: Rule,
    reader: Reader | None = None,
    meant: Callable[[Document], Document] = lambda document: document,
) -> tuple[Document, list[Finding]]:
    """Return a form settled, and what is wrong with it: by its schema, else by the first rule that finds something.

    ``reader`` knows the day and the members; ``meant`` is what a kind of form still has to say of what was typed.
    """
    found: list[Finding] = []
    if KINDS[name].has_schema:
        document, found = understanding.settled(name, document, reader or Reader())
        document = meant(document)
        found = found or schema.check(name, document.value)
    for rule in rules:
        found = found or list(rule(document))
    return document, [finding if finding.line else schema.place(document, finding) for finding in found]


def refuse(name: str, found: Sequence[tuple[int, Finding]], count: int, source: str = "") -> None:
    """Refuse ``count`` forms in which something is wrong, each finding with the number of its form.

    Raises:
        InvalidFormError: something is.
    """
    if found:
        placed = [replace(finding, document=serial if count > 1 else None) for serial, finding in found]
        in_order = sorted(placed, key=lambda found: (found.document or 0, found.line or 0, found.column or 0))
        raise InvalidFormError(findings=in_order, step=name, source=source)


def sound(name: str, document: Document, source: str, *rules: Rule) -> dict[str, Any]:
    """Return what a form says that breaks neither its schema nor its rules.

    Raises:
        InvalidFormError: with the place of everything that is wrong.
    """
    document, found = judged(name, document, *rules)
    refuse(name, [(1, finding) for finding in found], 1, source)
    return dict(document.value)


def findings(judge: Callable[[], object]) -> list[Finding]:
    """Return everything for which a form would be refused; nothing is written."""
    try:
        judge()
    except InvalidFormError as invalid:
        return list(invalid.findings)
    return []
