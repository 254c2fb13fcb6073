"""The look over the whole store for what is odd, late or missing, and for fields that nobody uses.

What is odd in one case is ``checks``'s to say; whether the files are as they were written, ``audit``'s.
"""

from collections.abc import Iterator
from typing import Any

from ballerup_cli.core.cases import checks
from ballerup_cli.core.cases.checks import CaseWarning, look_back
from ballerup_cli.core.cases.needless import needless
from ballerup_cli.core.cases.rules import OWN, UNCONFIRMED
from ballerup_cli.core.cases.steps import STEPS
from ballerup_cli.services.cases.casework import rule_context
from ballerup_cli.services.store.moment import Moment
from ballerup_cli.services.store.records import cases
from ballerup_cli.services.store.workspace import Workspace
from ballerup_cli.storage.text import schema


def check(workspace: Workspace, moment: Moment) -> Iterator[CaseWarning]:
    """Give everything that is odd in any case, by number and entry.

    Raises:
        BallerupError: a case is missing, damaged or forged; nothing is left out silently.
    """
    context, late = rule_context(workspace, moment), workspace.settings["late_after_days"]
    for case in cases(workspace):
        yield from look_back(case, context, late)


def needless_fields(workspace: Workspace) -> list[tuple[str, str]]:
    """Return the fields of closed cases' intakes that nothing needs any more, by case.

    Raises:
        BallerupError: a case is missing, damaged or forged; nothing is left out silently.
    """
    return [(case.number, path) for case in cases(workspace) for path in needless(case, workspace.settings)]


def explained() -> list[dict[str, Any]]:
    """Return every rule of the steps' forms: its name, what it does, for which steps, why, and where it comes from."""
    return [
        {
            "rule": why.name,
            "effect": effect,
            "steps": steps,
            "why": why.words,
            "source": why.source,
            "read": None if why.source == OWN else UNCONFIRMED,
            "remedy": why.remedy,
        }
        for why, effect, steps in checks.explained()
    ]


def unused(workspace: Workspace) -> list[tuple[str, str]]:
    """Return the fields, by step, that no entry of any case has: what nobody needs should not be asked for.

    A step that was never taken says nothing of its fields (GDPR art. 5(1)(c)).
    """
    used: dict[str, set[str]] = {}
    for case in cases(workspace):
        for entry in case.originals:
            used.setdefault(entry.step, set()).update(entry.body)
    return [
        (step, name)
        for step in STEPS
        for name in (schema.fields(step) if step in used else ())
        if name not in used[step]
    ]
