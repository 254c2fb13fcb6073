"""THE table of documents about a case, and the facts that each of them tells; and the list of what was shared.

Templates stand in ``templates/documents``; how a document is written belongs to ``documents`` and ``typeset``.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ballerup_cli.core.case import Case
from ballerup_cli.core.entry import Entry
from ballerup_cli.core.sharing import citation
from ballerup_cli.errors import UnknownEntry
from ballerup_cli.services import documents
from ballerup_cli.services.documents import Document
from ballerup_cli.services.records import cases, open_case
from ballerup_cli.services.workspace import Workspace

Facts = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True, slots=True)
class Paper:
    """One row of the table: a code of the list ``paper``, the step whose entries it is made from, and its facts."""

    name: str
    step: str
    facts: Callable[[Workspace, Case, Entry, str], Facts]


def compose(desk: Workspace, kind: str, number: str, entry: int | None, language: str) -> tuple[Document, int]:
    """Return a document about a case, and the entry it was made from: the latest of its step unless one is named.

    Raises:
        UnknownCase, UnknownEntry: there is no such case; the case has no such entry.
        BallerupError: the case cannot be read.
    """
    paper, case = PAPERS[kind], open_case(desk, number)
    told = [item for item in case.written(paper.step) if entry in (None, item.number)]
    if not told:
        raise UnknownEntry(case=number)
    facts = {"case": number, "entry": told[-1].number, **paper.facts(desk, case, told[-1], language)}
    return documents.compose(paper.name, language, facts), told[-1].number


def slip(desk: Workspace, _case: Case, entry: Entry, language: str) -> Facts:
    """Tell what was shared, with whom and on which basis: under the case's number, without the subject's name."""
    share, settings = entry.body, desk.settings
    party, us = share["party"], f"{settings['municipality']}, {settings['authorities']['unit'][language]}"
    function = party.get("function", "")
    if function in desk.vocabulary.codes("function"):
        function = desk.vocabulary.label("function", function, language)
    them = ", ".join(part for part in (party["organisation"], function) if part)
    sender, receiver = (them, us) if share["direction"] == "received" else (us, them)
    return {**_basis(desk, share), **share, "sender": sender, "receiver": receiver}


PAPERS: Mapping[str, Paper] = {paper.name: paper for paper in (Paper(name="slip", step="share", facts=slip),)}


def disclosures(desk: Workspace, start: str, end: str) -> list[dict[str, Any]]:
    """Return what was shared or refused from ``start`` to ``end``, by date: never what it said, nor about whom.

    Raises:
        BallerupError: a case is missing, damaged or forged; nothing is left out silently.
    """
    rows = [_disclosure(desk, case.number, entry.body) for case in cases(desk) for entry in case.written("share")]
    return sorted((row for row in rows if start <= row["date"] <= end), key=lambda row: (row["date"], row["case"]))


def _disclosure(desk: Workspace, number: str, share: Mapping[str, Any]) -> dict[str, Any]:
    told = {name: share[name] for name in ("date", "direction", "basis")}
    return {"case": number, "organisation": share["party"]["organisation"], **told, **_basis(desk, share)}


def _basis(desk: Workspace, share: Mapping[str, Any]) -> dict[str, str | None]:
    return {"citation": citation(share, desk.settings, desk.vocabulary), "provision": share.get("provision")}
