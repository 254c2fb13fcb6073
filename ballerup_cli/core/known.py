"""What is already known when a form is opened, so that nobody types it twice: one function a step that knows anything.

The form itself, with its comments and choices, belongs to ``services.form``.
"""

from collections.abc import Callable, Mapping
from typing import Any

from ballerup_cli.core.case import NEXT_GATE, Case
from ballerup_cli.core.entry import Body
from ballerup_cli.core.rules import answerable

Known = Callable[[Case, str, Mapping[str, Any]], Body]
"""From the case (blank for a new one), the moment and the settings to the fields that can be filled in."""


def nothing(_case: Case, _now: str, _settings: Mapping[str, Any]) -> Body:
    """Know nothing."""
    return {}


def intake(_case: Case, now: str, _settings: Mapping[str, Any]) -> Body:
    """Know the moment; most concerns are written down when they come."""
    return {"received": now[:16], "received_by": "municipality"}


def triage(case: Case, now: str, _settings: Mapping[str, Any]) -> Body:
    """Know which gate is next."""
    return {"gate": NEXT_GATE[case.state], "decided": now[:10]}


def assess(_case: Case, now: str, settings: Mapping[str, Any]) -> Body:
    """Know the core group (a setting)."""
    group = [{**member, "role": "core-group"} for member in settings["core_group"]]
    return {"held": now[:10], **({"participants": group} if group else {})}


def plan(case: Case, now: str, _settings: Mapping[str, Any]) -> Body:
    """Know the plan that is revised."""
    latest = case.latest("plan")
    return {**(latest.body if latest else {}), "decided": now[:10]}


def follow_up(case: Case, now: str, _settings: Mapping[str, Any]) -> Body:
    """Know the measures of the plan and how they stood."""
    measures = [
        {"number": item["number"], "status": item["status"], "sessions_held": item["sessions_held"]}
        for item in case.measures
        if item["in_plan"]
    ]
    return {"held": now[:10], **({"measures": measures} if measures else {})}


def close(case: Case, now: str, _settings: Mapping[str, Any]) -> Body:
    """Know everything that was once raised: each wants one word."""
    answers = [{kind: item["number"], "answer": ""} for kind, items in answerable(case).items() for item in items]
    return {"closed": now[:10], **({"answers": answers} if answers else {})}
