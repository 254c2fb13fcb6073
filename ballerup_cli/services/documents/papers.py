"""THE table of documents about a case, and the facts that each of them tells; and the list of what was shared.

Templates stand in ``templates/documents``; how a document is written belongs to ``documents`` and ``typeset``.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import field
from typing import Any

from ballerup_cli.core.cases.case import Case
from ballerup_cli.core.cases.sharing import citation
from ballerup_cli.core.cases.steps import STEPS
from ballerup_cli.core.entry import Entry
from ballerup_cli.errors import Finding, RestrictedError, UnknownEntryError
from ballerup_cli.services.cases.erased import erased_disclosures
from ballerup_cli.services.documents import documents, letter_facts, letters
from ballerup_cli.services.documents.documents import Document
from ballerup_cli.services.documents.letter_facts import Ask, disclosure
from ballerup_cli.services.documents.sheet import Reader, Section
from ballerup_cli.services.store.lookups import log
from ballerup_cli.services.store.records import cases, open_case
from ballerup_cli.services.store.workspace import Workspace
from ballerup_cli.storage.store.store import case_of
from ballerup_cli.values import value

Facts = Mapping[str, Any]


@value
class Paper:
    """One row of the table: a code of the list ``paper``, the steps whose entries it is made from, and its facts."""

    name: str
    steps: tuple[str, ...] = tuple(STEPS)
    usual: tuple[str, ...] = ()
    """The steps whose latest entry it is made from where none is named; all of them, if empty."""
    facts: Callable[[Workspace, Case, Entry, "Asked"], Facts]


@value
class Composed:
    """A document, the number of the entry it was made from, and what its sender must know first."""

    document: Document = field(repr=False)
    entry: int
    warnings: tuple[Finding, ...] = ()


@value
class Asked:
    """What is asked for beside the case: the language, the day, and what a letter wants to know."""

    language: str
    today: str
    ask: Ask | None = None


def compose(
    workspace: Workspace,
    kind: str,
    number: str,
    entry: int | None,
    language: str,
    today: str,
    named: Collection[str] = (),
    ask: Ask | None = None,
) -> "Composed":
    """Return a document about a case: made from the latest entry of its steps unless one is named.

    ``named`` are those who are not left out of a package for the person concerned (``sheet``); ``ask`` is what a
    letter wants to know beside the case.

    Raises:
        UnknownCaseError, UnknownEntryError: there is no such case; the case has no such entry.
        RestrictedError: the case may only be kept, and this is not about that.
        LetterUnfitError, LetterLacksError: the letter would not be true, or not be whole.
        BallerupError: the case cannot be read.
    """
    paper, case = PAPERS[kind], open_case(workspace, number)
    if case.restricted and kind not in WHILE_RESTRICTED:
        raise RestrictedError(case=number, step=kind, state=case.state, possible=())
    chosen = [item for item in case.entries if item.step in paper.steps and entry in (None, item.number)]
    if not chosen:
        raise UnknownEntryError(case=number)
    latest = ([item for item in chosen if item.step in paper.usual] or chosen)[-1]
    body = facts(workspace, kind, case, latest, language, today, named, ask)
    if kind in letters.LETTERS:
        letters.require(kind, case, body)
    made = documents.compose(kind, language, body, own=workspace.settings["templates"])
    return Composed(document=made, entry=latest.number, warnings=tuple(_warnings(kind, case, body)))


def waiting(workspace: Workspace, kind: str) -> list[str]:
    """Return the cases that a paper is due for, overdue or not yet: those whose clock of its name runs."""
    rows = workspace.store.register.journals
    cases = {name: case_of(name) for name, row in rows.items() if kind in {clock for clock, _when, _about in row.due}}
    readable = {*workspace.store.readable()}
    return sorted(case for case in cases.values() if case in readable)


def _warnings(kind: str, case: Case, body: Facts) -> Iterator[Finding]:
    if kind in LEAVES_FOR_SUBJECT:
        yield from letters.warnings(case, kind, body)


LEAVES_FOR_SUBJECT = frozenset({"access", "information", "hearing", "decision", "answer"})
"""What is sent to somebody, with names or addresses of the case in it."""

CLOCKS = frozenset({"information"})
"""The papers that a clock of the same name waits for."""

WHILE_RESTRICTED = frozenset({"access", "answer"})
"""What may leave while a case may only be kept: what the person concerned has a right to all the same."""


def facts(
    workspace: Workspace,
    kind: str,
    case: Case,
    entry: Entry,
    language: str,
    today: str,
    named: Collection[str] = (),
    ask: Ask | None = None,
) -> Facts:
    """Return what the template of a document may tell of a case, made from one of its entries."""
    reader = Reader(workspace, language, kind, named)
    order = by_time if kind == CHRONOLOGY else None
    read = {"told": reader.sections(case, order), "struck": reader.struck(case), "section": reader.section(case, entry)}
    body = {"case": case.number, "entry": entry.number, "today": today, **read}
    return {**body, **PAPERS[kind].facts(workspace, case, entry, Asked(language=language, today=today, ask=ask))}


def chronology(workspace: Workspace, case: Case, language: str, today: str) -> Document:
    """Return a case as one page in the order in which it all happened, to be read where the case is."""
    body = facts(workspace, CHRONOLOGY, case, case.entries[-1], language, today)
    return documents.compose(CHRONOLOGY, language, body, own=workspace.settings["templates"])


def in_time(workspace: Workspace, case: Case, content: Facts) -> Facts:
    """Return the sheet of ``show`` with its entries and forms in the order in which it all happened."""
    read = Reader(workspace, "en").sections(case, by_time)
    order = {section.entry.number: at for at, section in enumerate(read)}
    lists = {name: sorted(content[name], key=lambda item: order[item["entry"]]) for name in ("entries", "forms")}
    return {**content, **lists}


def by_time(section: Section) -> tuple[str, int]:
    """Order entries by the day or moment they tell of."""
    return section.happened, section.entry.number


def slip(workspace: Workspace, _case: Case, entry: Entry, asked: Asked) -> Facts:
    """Tell what was shared, with whom and on which basis: under the case's number, without the subject's name."""
    share, settings, language = entry.body, workspace.settings, asked.language
    party, us = share["party"], f"{settings['municipality']}, {settings['authorities']['unit'][language]}"
    function = party.get("function", "")
    if function in workspace.vocabulary.codes("function"):
        function = workspace.vocabulary.label("function", function, language)
    them = ", ".join(part for part in (party["organisation"], function) if part)
    sender, receiver = (them, us) if share["direction"] == "received" else (us, them)
    return {**_basis(workspace, share), **share, "sender": sender, "receiver": receiver}


def letter(workspace: Workspace, case: Case, entry: Entry, asked: Asked) -> Facts:
    """Tell everything of the case and of us that a letter, a sheet or minutes may need."""
    return letter_facts.facts(workspace, case, entry, asked.language, asked.today, asked.ask)


def package(workspace: Workspace, case: Case, entry: Entry, asked: Asked) -> Facts:
    """Tell all that is written of somebody, in order and in plain language, without the names of others (art. 15)."""
    seen = [row for row in log(workspace, case.number) if row["purpose"]]
    return {**letter(workspace, case, entry, asked), "looks": seen}


_MEETINGS = ("assess", "follow-up", "note")
CHRONOLOGY = "chronology"

PAPERS: Mapping[str, Paper] = {
    paper.name: paper
    for paper in (
        Paper(name="slip", steps=("share",), facts=slip),
        *(Paper(name=row.name, steps=row.steps or tuple(STEPS), facts=letter) for row in letters.LETTERS.values()),
        Paper(name="plan", steps=("plan",), facts=letter),
        Paper(name="minutes", usual=_MEETINGS, facts=letter),
        Paper(name="case-sheet", facts=package),
        Paper(name=CHRONOLOGY, facts=letter),
        Paper(name="access", facts=package),
    )
}


OFFICER = ("record-of-processing", "impact-assessment")
"""Documents for the data protection officer, about no case: GDPR articles 30 and 35."""


def for_officer(workspace: Workspace, kind: str, language: str, today: str) -> Document:
    """Return a document that says what this store does with data, from its own settings."""
    body = officer_facts(workspace, language, today)
    return documents.compose(kind, language, body, own=workspace.settings["templates"])


def officer_facts(workspace: Workspace, language: str, today: str) -> Facts:
    """Return what those documents may tell."""
    settings = workspace.settings
    names = {code: item[language] for code, item in settings["authorities"].items()}
    return {
        "today": today,
        "us": {
            **names,
            **letter_facts.sentences(workspace, language),
            **{key: settings[key] for key in ("municipality", "letterhead", "contacts")},
        },
        "log_months": settings["log_months"],
        "clocks": [{"clock": name, "source": item["source"][language]} for name, item in settings["clocks"].items()],
        "rules": [_rule(item, language) for item in settings["retention"].values()],
        "keys": len(list(workspace.store.roster.current())),
    }


def _rule(body: Mapping[str, Any], language: str) -> Facts:
    return {**body, "label": body["label"][language], "source": body["source"][language]}


def disclosures(workspace: Workspace, start: str, end: str) -> list[dict[str, Any]]:
    """Return what was shared or refused from ``start`` to ``end``, by date: never what it said, nor about whom.

    Raises:
        BallerupError: a case is missing, damaged or forged; nothing is left out silently.
    """
    rows = [
        {"case": case.number, "citation": None, "provision": None, **disclosure(workspace, entry.body)}
        for case in cases(workspace)
        for entry in case.written("share")
    ]
    rows += erased_disclosures(workspace)
    return sorted((row for row in rows if start <= row["date"] <= end), key=lambda row: (row["date"], row["case"]))


def _basis(workspace: Workspace, share: Mapping[str, Any]) -> dict[str, str | None]:
    return {"citation": citation(share, workspace.settings, workspace.vocabulary), "provision": share.get("provision")}
