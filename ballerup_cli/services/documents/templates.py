"""Templates of a municipality's own, which stand in its settings: which there can be, and whether one can be filled in.

Before one is set it is filled in with every concern that is shipped, and with a request in it: what fails there would
fail on a real case. How a template is filled in belongs to ``documents``.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from ballerup_cli.core.cases.case import Case
from ballerup_cli.core.cases.steps import fold
from ballerup_cli.core.entry import Body, Entry
from ballerup_cli.errors import N_, BadTemplateError, Finding
from ballerup_cli.services.cases import examples
from ballerup_cli.services.documents import card, documents, papers
from ballerup_cli.services.store.workspace import Workspace
from ballerup_cli.storage.text import codec

TEMPLATES = "templates"
NAMES = (*papers.PAPERS, *papers.OFFICER, card.CARD)
"""The documents whose words a municipality can choose; the same as in ``schemas/settings.yaml``."""

_NUMBER, _DAY = "2026-0001", "2026-01-01"

_OPEN: Body = {"number": "R2026-001", "kind": "access", "requester": {"who": "subject"}, "received": _DAY}
_WITHHELD: Body = {"decision": "withheld", "provision": "§ 22", "reason": "-"}
_ANSWER: Body = {"number": "R2026-001", "answered": _DAY, "outcome": "partly"}
_REQUESTS: tuple[Mapping[str, Body], ...] = (
    {"request-open": _OPEN, "request-answer": _ANSWER},
    {
        "request-open": {
            **_OPEN,
            "kind": "party-access",
            "requester": {"who": "guardian", "name": "-", "contact": "-"},
        },
        "request-decide": {
            "number": "R2026-001",
            "decisions": [_WITHHELD, {**_WITHHELD, "entry": 1, "field": "concern"}],
            "extended": {"until": _DAY, "reason": "-"},
        },
        "request-answer": {
            **_ANSWER,
            "reasons": "-",
            "told": [{"organisation": "-"}, {"organisation": "-", "at": _DAY}],
        },
    },
)
"""A right that somebody uses, as short and as long as it can be told: no concern that is shipped has one."""


def form(workspace: Workspace, name: str, language: str) -> str:
    """Return a template, the store's own or else the shipped one, as settings that can be changed and set."""
    own = workspace.settings[TEMPLATES][name][language]
    return codec.encode({TEMPLATES: {name: {language: own or documents.shipped(name, language)}}}).decode()


def faults(workspace: Workspace, body: Mapping[str, Any]) -> Iterator[Finding]:
    """Find the templates among settings that cannot be filled in, each with its place."""
    for name, texts in (body.get(TEMPLATES) or {}).items():
        for language, text in (texts or {}).items():
            if text:
                yield from _faults(workspace, name, language, text)


def _faults(workspace: Workspace, name: str, language: str, text: str) -> Iterator[Finding]:
    """Fill in one template again and again, until it fails; look for the title in what came of it."""
    path, filled = (TEMPLATES, name, language), ""
    try:
        for facts in _trials(workspace, name, language):
            filled = documents.fill_own(name, text, language, facts)
    except BadTemplateError as bad:
        yield Finding(message=bad.message, facts=bad.facts, path=path)
        return
    if not documents.read(filled, language).title:
        yield Finding(message=N_("a document needs a title: a line that begins with '# '"), path=path)


def _cases() -> Iterator[Case]:
    """Give the case of every concern that is shipped, of one that says nothing it need not, and some with a request."""
    bare, walk = (examples.as_case(examples.walk(), _NUMBER, bare=bare) for bare in (True, False))
    yield from (bare, walk, *(examples.as_case(concern, _NUMBER) for concern in examples.concerns()))
    yield from (_asked(case, request) for case, request in zip((bare, walk), _REQUESTS, strict=True))


def _asked(case: Case, request: Mapping[str, Body]) -> Case:
    """Return a case in which somebody uses a right besides."""
    at, first = case.entries[-1].at, len(case.entries) + 1
    more = (
        Entry(number=no, step=step, at=at, by="", body=body) for no, (step, body) in enumerate(request.items(), first)
    )
    return fold(_NUMBER, [*case.entries, *more])


def _trials(workspace: Workspace, name: str, language: str) -> Iterator[Mapping[str, Any]]:
    """Give the facts for a template from every entry, of every concern that is shipped, that can make the document."""
    if name == card.CARD:
        yield card.facts(workspace, language)
    elif name in papers.OFFICER:
        yield papers.officer_facts(workspace, language, _DAY)
    else:
        for case in _cases():
            for entry in case.entries:
                if entry.step in papers.PAPERS[name].steps:
                    yield papers.facts(workspace, name, case, entry, language, _DAY)
