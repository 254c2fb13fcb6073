"""Documents: the action card, papers about a case, the yearly list of what was shared, the sheet for Infohus Netværk.

What they say belongs to the services and to ``templates/documents``. What is about a case leaves sealed, or is logged.
"""

import re
from datetime import date
from pathlib import Path
from typing import BinaryIO

import click

from ballerup_cli.cli.forms.filling import read
from ballerup_cli.cli.ui import tables, terminal
from ballerup_cli.cli.ui.delivery import as_bytes, deliver, refuse_place, written
from ballerup_cli.cli.ui.params import FOUND, PURPOSE, CaseParam, DateParam, Refused, argument, command, option
from ballerup_cli.cli.ui.render import FORMATS, Row, as_json, listing
from ballerup_cli.cli.ui.session import Session
from ballerup_cli.cli.ui.text import _, describe, language, plural
from ballerup_cli.errors import N_, BallerupError
from ballerup_cli.services.documents import card, letters, outgoing, papers
from ballerup_cli.services.documents.letter_facts import GUARDIANS, SUBJECT, Ask
from ballerup_cli.services.forms.form import vocabulary_choices
from ballerup_cli.services.reports import trends
from ballerup_cli.services.rights import exporting
from ballerup_cli.services.rights.unmasking import unmask as name_others
from ballerup_cli.services.store import lookups, records
from ballerup_cli.services.store.moment import Moment

_DOCUMENT = ("text", "html", "pdf", "docx")
_ACCESS = "access"

_out = option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help=N_("write it to FILE, a new one that only you can read"),
)
_form = option("--format", "form", type=click.Choice(_DOCUMENT), default="text", help=N_("how to write it"))
_from = option("--from", "start", type=DateParam(), metavar="DATE", help=N_("first day of the period"))
_to = option("--to", "end", type=DateParam(), metavar="DATE", help=N_("last day of the period"))


@command(
    "action-card",
    section=N_("Network"),
    example="ballerup action-card --format pdf --out actioncard.pdf",
    help=N_("Make the action card: one page with the attention points and what to do, for every employee."),
)
@_form
@_out
@click.pass_obj
def action_card(session: Session, form: str, out: Path | None) -> None:
    """Write the card."""
    deliver(session, written(card.compose(session.workspace, language()), form), out)


class ToParam(click.ParamType[str]):
    """Whom a letter is written to."""

    name = "to"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Take ``subject``, ``guardians`` or one of them by number."""
        if value == SUBJECT or re.fullmatch(rf"{GUARDIANS}(\.[1-9][0-9]?)?", value):
            return value
        return self.fail(_("subject, guardians, or one of them, such as guardians.1"), param, ctx)


@command(
    "document",
    section=N_("Case work"),
    example="ballerup document 2026-0001 slip --format pdf --out slip.pdf.age\nage -d -i identity.age slip.pdf.age",
    help=N_(
        "Make a document about a case, such as the slip of what was shared under § 115. It is shown on a terminal; in "
        "a file it is sealed to your own key, and any age program from 1.3 on opens it with your identity."
    ),
)
@argument("case", type=CaseParam(), required=False)
@argument(
    "kind",
    type=click.Choice(list(papers.PAPERS)),
    required=False,
    metavar=N_("[KIND]"),
    help=N_(
        "slip, information, receipt, feedback, invitation, consent, hearing, decision, answer, plan, minutes, "
        "case-sheet, chronology or access"
    ),
)
@option(
    "--all",
    "due",
    type=click.Choice(sorted(papers.CLOCKS)),
    metavar=N_("KIND"),
    help=N_("one for each case that it is due for, in the folder --out: each is written, or refused, by itself"),
)
@option("--entry", type=click.IntRange(1), metavar="NUMBER", help=N_("made from this entry; else from the latest"))
@option(
    "--to",
    type=ToParam(),
    metavar=N_("WHOM"),
    help=N_("a letter to the person (subject), the guardians, or one of them (guardians.1); else by the age of today"),
)
@option(
    "--draft",
    type=click.File("rb"),
    metavar="FILE",
    help=N_("the plan that is not decided yet and somebody is heard about (- for standard input)"),
)
@_form
@option(
    "--out",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help=N_("write it to FILE, a new one that only you can read"),
)
@option("--plain", is_flag=True, help=N_("leave it unsealed; that it left is written in the log"))
@PURPOSE
@click.pass_context
def document(
    ctx: click.Context,
    case: str | None,
    kind: str | None,
    entry: int | None,
    form: str,
    out: Path | None,
    plain: bool,
    purpose: str,
    to: str | None = None,
    draft: BinaryIO | None = None,
    unmask: BinaryIO | None = None,
    due: str | None = None,
) -> None:
    """Write the document: to the terminal, sealed into a file, or in plain text once the log says so."""
    session: Session = ctx.obj
    if due:
        _refuse_beside_all(case, out, entry or draft)
        failed = _all_due(session, due, out or Path(), form, to or "", plain=plain, purpose=purpose)
        ctx.exit(FOUND if failed else 0)
    if case is None or kind is None:
        raise Refused(_("missing: a case and the kind of document, or --all and the kind"), param_hint="CASE")
    workspace = session.workspace
    number = records.find_number(workspace, case)
    if out is None and not plain and not (terminal.interactive() and form == "text"):
        raise Refused(_("missing: a document about a case is sealed into a file"), param_hint="--out")
    today = session.moment.today.isoformat()
    named = name_others(workspace, number, *_say(unmask, session)) if unmask else ()
    ask = Ask(to=to or "", draft=letters.draft_of(*read(draft)) if draft else None)
    made = papers.compose(workspace, kind, number, entry, language(), today, named, ask)
    for finding in made.warnings:
        terminal.warn(finding, number)
    data = written(made.document, form)
    refuse_place(session, data, out)
    session.record_lookup("document", [number], purpose)
    if kind == _ACCESS:
        terminal.note(_("read it before you hand it out: what people wrote in their own words may name others"))
    if plain:
        lookups.document_left(workspace, number, kind, made.entry, session.moment)
    elif out is not None:
        data = outgoing.sealed(workspace, as_bytes(data))
    deliver(session, data, out)


def _refuse_beside_all(case: str | None, out: Path | None, own: object) -> None:
    """Refuse what is about one case."""
    if case is not None or own:
        raise Refused(_("with it no case, entry or draft is named"), param_hint="--all")
    if out is None or out.is_file():
        raise Refused(_("missing: the folder that the documents are written into"), param_hint="--out")


def _all_due(session: Session, kind: str, folder: Path, form: str, to: str, *, plain: bool, purpose: str) -> list[str]:
    """Write the document for each case that it is due for; give those that it could not be written for."""
    if exporting.is_in_store(session.workspace, folder):
        raise Refused(_("the folder of the store holds nothing else"), param_hint="--out")
    numbers = papers.waiting(session.workspace, kind)
    outgoing.make_folder(folder)
    refused = []
    for number in numbers:
        try:
            _one_due(session, number, kind, folder, form, to, plain=plain, purpose=purpose)
        except BallerupError as problem:
            refused.append(number)
            terminal.note(f"{number}: {' '.join(describe(problem))}")
    count = len(numbers) - len(refused)
    written_of = plural("{count} document written", "{count} documents written", count)
    terminal.note(f"{written_of}, {_('{count} refused', count=len(refused))}")
    return refused


def _one_due(
    session: Session, number: str, kind: str, folder: Path, form: str, to: str, *, plain: bool, purpose: str
) -> None:
    """Write one of many, logged like one of its own; its file's name is free before anything is logged."""
    workspace = session.workspace
    path = folder / f"{number}-{kind}.{'txt' if form == 'text' else form}{'' if plain else '.age'}"
    outgoing.refuse_existing(path)
    made = papers.compose(workspace, kind, number, None, language(), session.moment.today.isoformat(), (), Ask(to=to))
    for finding in made.warnings:
        terminal.warn(finding, number)
    data = as_bytes(written(made.document, form))
    session.record_lookup("document", [number], purpose)
    if plain:
        lookups.document_left(workspace, number, kind, made.entry, session.moment)
    outgoing.save(path, data if plain else outgoing.sealed(workspace, data))
    terminal.put(str(path))


@command(
    _ACCESS,
    section=N_("Rights"),
    example="ballerup access 2026-0001 --format pdf --out access.pdf.age",
    help=N_(
        "Make the package a person has a right to (GDPR art. 15): all that is written; "
        "fields with names of others are left out."
    ),
)
@argument("case", type=CaseParam())
@_form
@_out
@option("--plain", is_flag=True, help=N_("leave it unsealed; that it left is written in the log"))
@option(
    "--unmask",
    type=click.File("rb"),
    metavar="FILE",
    help=N_("name the referrer or others, for the reason in the form 'unmask' (- for standard input); it is logged"),
)
@click.pass_context
def access_package(
    ctx: click.Context, case: str, form: str, out: Path | None, plain: bool, unmask: BinaryIO | None
) -> None:
    """Write the document of that name."""
    body = {"entry": None, "form": form, "out": out, "plain": plain, "purpose": "data-subject", "unmask": unmask}
    ctx.invoke(document, case=case, kind=_ACCESS, **body)


@command(
    "dpo",
    section=N_("Rights"),
    example="ballerup dpo record-of-processing --format pdf --out article-30.pdf",
    help=N_("Make a document for the data protection officer from this store's settings; it is about no case."),
)
@argument("kind", type=click.Choice(papers.OFFICER))
@_form
@_out
@click.pass_obj
def for_officer(session: Session, kind: str, form: str, out: Path | None) -> None:
    """Write the record of processing, or the impact assessment."""
    today = session.moment.today.isoformat()
    deliver(session, written(papers.for_officer(session.workspace, kind, language(), today), form), out)


@command(
    "disclosures",
    section=N_("Looking"),
    example="ballerup disclosures --from 2026-01-01 --to 2026-12-31 --format csv",
    help=N_("List what was shared or refused in a period, this calendar year by default: never what it said."),
)
@_from
@_to
@option("--format", "form", type=click.Choice(FORMATS), default="table", help=N_("how to print it"))
@click.pass_obj
def disclosures(session: Session, start: date | None, end: date | None, form: str) -> None:
    """Print the list."""
    year = session.moment.today.year
    first, last = _period(start or date(year, 1, 1), end or date(year, 12, 31))
    rows = papers.disclosures(session.workspace, first.isoformat(), last.isoformat())
    session.tell_shut()
    shown = [_spoken(row) for row in rows] if form == "table" else rows
    terminal.put(listing(shown, tables.DISCLOSURES, form, width=terminal.width()))


def _spoken(row: Row) -> Row:
    """Say direction and basis in words, for people."""
    words = vocabulary_choices(language())
    basis = row["citation"] or row["provision"] or words["basis"][row["basis"]]
    return {**row, "direction": words["direction"][row["direction"]], "citation": basis}


@command(
    "netvaerk",
    section=N_("Network"),
    example="ballerup form netvaerk > words.yaml\nballerup netvaerk --text words.yaml --format pdf --out trends.pdf",
    help=N_(
        "Make the anonymous trend sheet for Infohus Netværk: controlled counts of this half-year or of a period, and "
        "words of your own, which are refused when they carry a name, a case number or a CPR number."
    ),
)
@_from
@_to
@option("--text", "source", type=click.File("rb"), metavar="FILE", help=N_("words of your own (- for standard input)"))
@option("--format", "form", type=click.Choice([*_DOCUMENT, "json"]), default="text", help=N_("how to write it"))
@_out
@click.pass_obj
def netvaerk(
    session: Session, start: date | None, end: date | None, source: BinaryIO | None, form: str, out: Path | None
) -> None:
    """Write the sheet."""
    workspace, today = session.workspace, session.moment.today
    usual = trends.half_year(today)
    first, last = _period(start or usual[0], end or usual[1])
    words = trends.read_words(workspace, *read(source)) if source else {}
    content = trends.sheet(workspace, first, last, today, words)
    session.tell_shut()
    made = as_json(content) if form == "json" else written(trends.document(workspace, content, language()), form)
    deliver(session, made, out)


def _say(source: BinaryIO, session: Session) -> tuple[bytes, Moment, str]:
    data, name = read(source)
    return data, session.moment, name


def _period(start: date, end: date) -> tuple[date, date]:
    if end < start:
        raise Refused(_("the last day lies before the first"), param_hint="--to")
    return start, end


COMMANDS = [action_card, document, access_package, for_officer, disclosures, netvaerk]
