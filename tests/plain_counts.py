"""A second, plain way to count a year: straight from what was written, with loops and nothing of the program's core."""

from collections.abc import Iterable
from typing import Any

Written = tuple[str, dict[str, Any]]
Seen = dict[str, Any]

SHUT = {"blocked": "police-takes-over", "no-basis": "no-basis", "elsewhere": "handed-over"}
GATE = {"received": "police", "screened": "joint", "accepted": "assessment", "assessed": "plan", "planned": "plan"}
DECIDES = {
    "received": ("police-takes-over",),
    "screened": ("no-basis", "unfounded"),
    "accepted": ("no-basis", "unfounded"),
}
CUT_SHORT = ("entered-in-error", "moved", "deceased")
STATE_AFTER = {"create": "received", "assess": "assessed", "plan": "planned"}
SEVERAL = ("sign", "measure")


def seen(journal: Iterable[Written], pladen: dict[str, dict[str, Any]]) -> Seen:
    """What one journal says, code by code."""
    found: Seen = {
        "tier": "unassessed",
        "sign": set(),
        "measure": set(),
        "reached": set(),
        "gate": None,
        "outcome": None,
        "turns": [],
    }
    state = ""
    for step, body in journal:
        marks = body.get("observations", ()) if step != "close" else ()
        found["sign"] |= {told["sign"] for told in marks if "sign" in told}
        if outcome := ended(step, body):
            decides = step != "close" or outcome in DECIDES.get(state, ())
            decides |= step == "close" and state == "planned" and outcome not in CUT_SHORT
            found |= {"gate": GATE[state] if decides else None, "outcome": outcome}
            found["turns"].append("closed")
            continue
        state = STATE_AFTER.get(step, state)
        if step == "create":
            known = pladen.get(body["referrer"].get("member"), {})
            found |= {"month": body["received"][:7], "age_band": body["subject"].get("age_band", "unknown")}
            found |= {name: known.get(of) for name, of in (("member", "code"), ("ring", "ring"), ("sector", "sector"))}
        if step == "triage":
            state = "screened" if body["gate"] == "police" else "accepted"
        if step == "plan":
            found["measure"] |= {told["measure"] for told in body["measures"]}
        if step in ("assess", "follow-up"):
            found["tier"] = body.get("tier", found["tier"])
        if step == "reopen":
            found |= {"gate": None, "outcome": None}
            found["turns"].append("reopened")
        found["reached"].add(state)
    return found


def ended(step: str, body: dict[str, Any]) -> str | None:
    """The outcome by which a step closes its case, None when it goes on."""
    if step == "triage":
        return SHUT.get(body["outcome"])
    if step == "assess":
        return None if body["grounds"] else "no-basis"
    return body["outcome"] if step == "close" else None


def open_or_closed(cases: list[Seen]) -> dict[str, int]:
    closed = len([case for case in cases if case["outcome"]])
    return {"received": len(cases), "open": len(cases) - closed, "closed": closed}


def having(cases: list[Seen], name: str, code: Any) -> list[Seen]:
    if name in SEVERAL:
        return [case for case in cases if code in case[name]]
    if name in ("gate", "outcome"):
        return [case for case in cases if case["outcome"] and case[name] == code]
    return [case for case in cases if case[name] == code]
