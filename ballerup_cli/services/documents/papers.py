"""THE table of documents about a case, and the facts that each of them tells; and the list of what was shared.

Templates stand in ``templates/documents``; how a document is written belongs to ``documents`` and ``typeset``.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

from ballerup_cli.core.cases.amend import REDACT
from ballerup_cli.core.cases.case import Case
from ballerup_cli.core.cases.clocks import retention_rule
from ballerup_cli.core.cases.sharing import citation
from ballerup_cli.core.cases.steps import STEPS
from ballerup_cli.core.entry import Entry
from ballerup_cli.errors import UnknownEntryError
from ballerup_cli.services.cases.meeting import meetings
from ballerup_cli.services.documents import documents
from ballerup_cli.services.documents.documents import Document
from ballerup_cli.services.documents.plain import plain
from ballerup_cli.services.rights.access import log
from ballerup_cli.services.store.records import cases, open_case, sheet
from ballerup_cli.services.store.workspace import Workspace

Facts = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True, slots=True)
class Paper:
    """One row of the table: a code of the list ``paper``, the steps whose entries it is made from, and its facts."""

    name: str
    steps: tuple[str, ...] = tuple(STEPS)
    facts: Callable[[Workspace, Case, Entry, str], Facts]


def compose(
    workspace: Workspace,
    kind: str,
    number: str,
    entry: int | None,
    language: str,
    today: str,
    named: Collection[str] = (),
) -> tuple[Document, int]:
    """Return a document about a case, and the entry it was made from: the latest of its steps unless one is named.

    ``named`` are those who are not left out of a package for the person concerned (``plain``).

    Raises:
        UnknownCaseError, UnknownEntryError: there is no such case; the case has no such entry.
        BallerupError: the case cannot be read.
    """
    paper, case = PAPERS[kind], open_case(workspace, number)
    chosen = [item for item in case.entries if item.step in paper.steps and entry in (None, item.number)]
    if not chosen:
        raise UnknownEntryError(case=number)
    latest = chosen[-1]
    told = facts(workspace, kind, case, latest, language, today, named)
    return documents.compose(kind, language, told, own=workspace.settings["templates"]), latest.number


def facts(
    workspace: Workspace, kind: str, case: Case, entry: Entry, language: str, today: str, named: Collection[str] = ()
) -> Facts:
    """Return what the template of a document may tell of a case, made from one of its entries."""
    told = {"case": case.number, "entry": entry.number, "today": today, "told": _in_plain(case, language, named)}
    return {**told, **PAPERS[kind].facts(workspace, case, entry, language)}


def slip(workspace: Workspace, _case: Case, entry: Entry, language: str) -> Facts:
    """Tell what was shared, with whom and on which basis: under the case's number, without the subject's name."""
    share, settings = entry.body, workspace.settings
    party, us = share["party"], f"{settings['municipality']}, {settings['authorities']['unit'][language]}"
    function = party.get("function", "")
    if function in workspace.vocabulary.codes("function"):
        function = workspace.vocabulary.label("function", function, language)
    them = ", ".join(part for part in (party["organisation"], function) if part)
    sender, receiver = (them, us) if share["direction"] == "received" else (us, them)
    return {**_basis(workspace, share), **share, "sender": sender, "receiver": receiver}


def letter(workspace: Workspace, case: Case, entry: Entry, language: str) -> Facts:
    """Tell everything of the case and of us that a letter, a sheet or minutes may need."""
    names = {code: told[language] for code, told in workspace.settings["authorities"].items()}
    given = (
        share.body["party"]["organisation"] for share in case.written("share") if share.body["direction"] == "given"
    )
    return {
        "sheet": sheet(workspace, case),
        "form": entry.body,
        "step": entry.step,
        "written": entry.at,
        "under_18": case.under_18,
        "us": {**names, "municipality": workspace.settings["municipality"], **workspace.settings["action_card"]},
        "feedback": workspace.settings["sentences"]["feedback"][language],
        "kept": _kept(workspace, case, language),
        "receivers": list(dict.fromkeys(given)),
        "meeting": _meeting(workspace, case.number),
    }


def package(workspace: Workspace, case: Case, entry: Entry, language: str) -> Facts:
    """Tell all that is written of somebody, in order and in plain language, without the names of others (art. 15)."""
    seen = [row for row in log(workspace, case.number) if row["purpose"]]
    return {**letter(workspace, case, entry, language), "looks": seen}


def _in_plain(case: Case, language: str, named: Collection[str]) -> list[Facts]:
    return [{"entry": item, "lines": plain(item, language, named)} for item in case.entries if item.step != REDACT]


def _kept(workspace: Workspace, case: Case, language: str) -> str:
    """Name the rule of retention: of the closing, or the one that an ordinary course would have."""
    rules = workspace.settings["retention"]
    rule = rules[retention_rule(case, workspace.settings)] if case.closing else rules["plan-foregribende"]
    return str(rule["label"][language])


def _meeting(workspace: Workspace, number: str) -> str | None:
    """Return the day of the latest meeting that has the case on its agenda."""
    days = [told.date for told in meetings(workspace) if number in told.agenda]
    return max(days, default=None)


_MINUTES = ("assess", "follow-up", "note")

PAPERS: Mapping[str, Paper] = {
    paper.name: paper
    for paper in (
        Paper(name="slip", steps=("share",), facts=slip),
        Paper(name="information", facts=letter),
        Paper(name="receipt", facts=letter),
        Paper(name="feedback", facts=letter),
        Paper(name="invitation", facts=letter),
        Paper(name="consent", facts=letter),
        Paper(name="hearing", facts=letter),
        Paper(name="plan", steps=("plan",), facts=letter),
        Paper(name="minutes", steps=_MINUTES, facts=letter),
        Paper(name="case-sheet", facts=package),
        Paper(name="access", facts=package),
    )
}


OFFICER = ("record-of-processing", "impact-assessment")
"""Documents for the data protection officer, about no case: GDPR articles 30 and 35."""


def for_officer(workspace: Workspace, kind: str, language: str, today: str) -> Document:
    """Return a document that says what this store does with data, from its own settings."""
    told = officer_facts(workspace, language, today)
    return documents.compose(kind, language, told, own=workspace.settings["templates"])


def officer_facts(workspace: Workspace, language: str, today: str) -> Facts:
    """Return what those documents may tell."""
    settings = workspace.settings
    names = {code: told[language] for code, told in settings["authorities"].items()}
    return {
        "today": today,
        "us": {**names, "municipality": settings["municipality"]},
        "clocks": [{"clock": name, "source": told["source"][language]} for name, told in settings["clocks"].items()],
        "rules": [_rule(told, language) for told in settings["retention"].values()],
        "keys": len(list(workspace.store.roster.current())),
    }


def _rule(told: Mapping[str, Any], language: str) -> Facts:
    return {**told, "label": told["label"][language], "source": told["source"][language]}


def disclosures(workspace: Workspace, start: str, end: str) -> list[dict[str, Any]]:
    """Return what was shared or refused from ``start`` to ``end``, by date: never what it said, nor about whom.

    Raises:
        BallerupError: a case is missing, damaged or forged; nothing is left out silently.
    """
    rows = [
        _disclosure(workspace, case.number, entry.body) for case in cases(workspace) for entry in case.written("share")
    ]
    return sorted((row for row in rows if start <= row["date"] <= end), key=lambda row: (row["date"], row["case"]))


def _disclosure(workspace: Workspace, number: str, share: Mapping[str, Any]) -> dict[str, Any]:
    told = {name: share[name] for name in ("date", "direction", "basis")}
    return {"case": number, "organisation": share["party"]["organisation"], **told, **_basis(workspace, share)}


def _basis(workspace: Workspace, share: Mapping[str, Any]) -> dict[str, str | None]:
    return {"citation": citation(share, workspace.settings, workspace.vocabulary), "provision": share.get("provision")}
