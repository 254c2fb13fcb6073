"""What is already known when a form is opened, so that nobody types it twice: one function a step that knows anything.

The form itself, with its comments and choices, belongs to ``services.form``.
"""

from collections.abc import Callable, Mapping
from typing import Any

from ballerup_cli.core.case import NEXT_GATE, Case
from ballerup_cli.core.entry import Body
from ballerup_cli.core.rules import answerable

Known = Callable[[Case, str, Mapping[str, Any]], Body]
"""From the case (blank for a new one), today and the settings to the fields that can be filled in."""


def nothing(_case: Case, _today: str, _settings: Mapping[str, Any]) -> Body:
    """Know nothing."""
    return {}


def intake(_case: Case, today: str, _settings: Mapping[str, Any]) -> Body:
    """Know the day; most concerns are written down when they come."""
    return {"received": today, "received_by": "municipality"}


def triage(case: Case, today: str, _settings: Mapping[str, Any]) -> Body:
    """Know which gate is next."""
    return {"gate": NEXT_GATE[case.state], "decided": today}


def assess(_case: Case, today: str, settings: Mapping[str, Any]) -> Body:
    """Know the core group (a setting)."""
    group = [{**member, "role": "core-group"} for member in settings["core_group"]]
    return {"held": today, **({"participants": group} if group else {})}


def plan(case: Case, today: str, _settings: Mapping[str, Any]) -> Body:
    """Know the plan that is revised."""
    latest = case.latest("plan")
    return {**(latest.body if latest else {}), "decided": today}


def follow_up(case: Case, today: str, _settings: Mapping[str, Any]) -> Body:
    """Know the measures of the plan and how they stood."""
    measures = [
        {"number": item["number"], "status": item["status"], "sessions_held": item["sessions_held"]}
        for item in case.measures
        if item["in_plan"]
    ]
    return {"held": today, **({"measures": measures} if measures else {})}


def close(case: Case, today: str, _settings: Mapping[str, Any]) -> Body:
    """Know everything that was once raised: each wants one word."""
    answers = [{kind: item["number"], "answer": ""} for kind, items in answerable(case).items() for item in items]
    return {"closed": today, **({"answers": answers} if answers else {})}
