"""The check: what is odd, late or missing in the cases, and which fields nobody uses."""

from collections.abc import Iterator
from typing import Any

import click

from ballerup_cli.cli.ui import tables, terminal
from ballerup_cli.cli.ui.params import FOUND, command, option
from ballerup_cli.cli.ui.render import FORMATS, listing
from ballerup_cli.cli.ui.session import Session
from ballerup_cli.cli.ui.text import _, describe, language
from ballerup_cli.core.cases.checks import CaseWarning
from ballerup_cli.errors import N_
from ballerup_cli.services.cases import checking
from ballerup_cli.services.forms import form
from ballerup_cli.services.forms.pipeline import CREATE

EFFECTS = {"refuses": N_("refuses"), "warns": N_("warns"), "found": N_("looks back")}
"""What a rule does when it is broken."""


@command(
    "check",
    section=N_("The store"),
    example="ballerup check\nballerup check --explain",
    help=N_("Look for what is odd, late or missing in the cases, and what would mend it; ends with 3 if there is any."),
)
@option(
    "--minimise",
    is_flag=True,
    help=N_("list what closed cases no longer need, and fields nobody uses, instead"),
)
@option(
    "--explain", is_flag=True, help=N_("print every rule instead: what it does, why, and the law or plan behind it")
)
@option("--format", "form_", type=click.Choice(FORMATS), default="table", help=N_("how to print it"))
@click.pass_context
def check(ctx: click.Context, minimise: bool, explain: bool, form_: str) -> None:
    """Print the findings."""
    session: Session = ctx.obj
    rows: list[dict[str, Any]]
    if explain:
        rows = [_reason(row, form_) for row in checking.explained()]
        terminal.put(listing(rows, tables.RULES, form_, width=terminal.width()))
        return
    session.tell_shut()
    if minimise:
        rows = list(_superfluous(session, form_))
        terminal.put(listing(rows, tables.SUPERFLUOUS, form_, width=terminal.width()))
        return
    rows = list(_rows(checking.check(session.workspace, session.moment), form_))
    if rows or form_ != "table":
        columns = [column for column in tables.CHECKED if form_ == "table" or column.key != "what"]
        terminal.put(listing(rows, columns, form_, width=terminal.width()))
    else:
        terminal.note(_("nothing is odd, late or missing"))
    if rows:
        ctx.exit(FOUND)


def _superfluous(session: Session, form_: str) -> Iterator[dict[str, Any]]:
    """Give a row for each field of a closed case that nothing needs, then for each field that nobody uses."""
    for case, field in checking.needless_fields(session.workspace):
        remedy = f"ballerup redact {case}" if form_ == "table" else "redact"
        yield {"case": case, "entry": 1, "step": CREATE, "field": field, "remedy": remedy}
    for step, field in checking.unused(session.workspace):
        yield {"case": None, "entry": None, "step": step, "field": field, "remedy": None}


def _reason(row: dict[str, Any], form_: str) -> dict[str, Any]:
    """Tell of a rule in the language chosen; what it does is a code for programs."""
    effect = _(EFFECTS[row["effect"]]) if form_ == "table" else row["effect"]
    read = tables.read(row["read"]) if form_ == "table" else row["read"]
    return {**row, "effect": effect, "why": _(row["why"]), "source": _(row["source"]), "read": read}


def _rows(found: Iterator[CaseWarning], form_: str) -> Iterator[dict[str, Any]]:
    """Give a row a finding: codes for programs, words for people; never what a record says."""
    steps = form.vocabulary_choices(language())["step"]
    for odd in found:
        field = ".".join(str(step + 1) if isinstance(step, int) else step for step in odd.finding.path) or None
        row = {"case": odd.case, "entry": odd.entry, "step": odd.step, "rule": odd.rule, "field": field}
        if form_ != "table":
            yield {**row, "remedy": odd.remedy}
            continue
        remedy = f"ballerup {odd.remedy} {odd.case}" if odd.remedy else None
        yield {**row, "step": steps[odd.step], "what": describe(odd.finding)[0], "remedy": remedy}


COMMANDS = [check]
