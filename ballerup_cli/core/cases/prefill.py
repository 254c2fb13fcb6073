"""What is already known when a form is opened, so that nobody types it twice: one function a step that knows anything.

The form itself, with its comments and choices, belongs to ``form``.
"""

from collections.abc import Callable, Mapping
from typing import Any

from ballerup_cli.core.cases.case import NEXT_GATE, SHIELD, Case
from ballerup_cli.core.cases.rules import answerable
from ballerup_cli.core.entry import Body

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


def share(case: Case, now: str, settings: Mapping[str, Any]) -> Body:
    """Know the first disclosure: the police were told of a concern so that they could answer."""
    police = [entry for entry in case.written("triage") if entry.body["gate"] == "police"]
    if not police or case.written("share") or case.intake["received_by"] != "municipality":
        return {"date": now[:10]}
    body = police[0].body
    party = {"organisation": settings["authorities"]["police"]["da"], "function": "politi"}
    return {"direction": "given", "party": party, "date": body.get("asked", body["decided"])}


def part_of(group: Case) -> Body:
    """Know of a person what a group's case knows: how it came in, and what was seen and stands; no name but its own.

    The referrer's own name and wish to hear stay with the group: nobody is told twice.
    """
    body = {name: group.intake[name] for name in _INHERITED if name in group.intake}
    referrer = {name: group.intake["referrer"][name] for name in _REFERRER if name in group.intake["referrer"]}
    seen = [
        {name: item[name] for name in _OBSERVED if name in item}
        for item in group.observations
        if item["status"] != "refuted"
    ]
    observations = {"observations": seen} if seen else {}
    shield = {SHIELD: {name: group.shield[name] for name in ("for", "reason")}} if group.shield else {}
    about = {"referrer": referrer, "subject": {"kind": "person"}, **observations, "related": [group.number]}
    return {**body, **about, **shield}


_INHERITED = ("received", "received_by", "channel", "place", "concern")
_REFERRER = ("member", "other", "function", "relation")
_OBSERVED = ("sign", "text", "when", "source", "status")


def correct(case: Case, _now: str, _settings: Mapping[str, Any]) -> Body:
    """Know who was told: each of them is to hear what was wrong (GDPR art. 19)."""
    given = (
        entry.body["party"]["organisation"] for entry in case.written("share") if entry.body["direction"] == "given"
    )
    items = list(dict.fromkeys(given))
    return {"tell": items} if items else {}


def assess(_case: Case, now: str, settings: Mapping[str, Any]) -> Body:
    """Know the core group (a setting)."""
    group = [{**member, "role": "core-group"} for member in settings["core_group"]]
    return {"held": now[:10], **({"participants": group} if group else {})}


def confirm(case: Case, _now: str, _settings: Mapping[str, Any]) -> Body:
    """Know the extension that waits, else the last there is."""
    entries = case.written("extend")
    waiting = [entry.number for entry in entries if entry not in case.extensions] or [entry.number for entry in entries]
    return {"entry": waiting[-1]} if waiting else {}


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
