"""When a field of a form is asked about: what neither the schema nor the form's own text can say.

Each row is a place in a form and a condition on the answers so far. A condition that holds makes an optional field
wanted; one that does not hides it.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

Condition = Callable[[Mapping[str, Any], Mapping[str, Any]], bool]
"""Of the whole form and of the mapping that the field stands in."""


def _is(path: str, *values: Any) -> Condition:
    return lambda body, _here: _dig(body, path) in values


def _here(name: str, *values: Any) -> Condition:
    return lambda _body, here: here.get(name) in values


def _lacks(name: str) -> Condition:
    return lambda _body, here: here.get(name) in (None, "")


def _not(condition: Condition) -> Condition:
    return lambda body, here: not condition(body, here)


def _has(path: str) -> Condition:
    return lambda body, _here: _dig(body, path) not in (None, "")


def _dig(body: Mapping[str, Any], path: str) -> Any:
    value: Any = body
    for step in path.split("."):
        value = value.get(step) if isinstance(value, Mapping) else None
    return value


_person = _is("subject.kind", "person")
_named = _not(_here("other", "anonymous"))
_no_next: Condition = lambda body, _here: "next" in body and body["next"] is None  # noqa: E731
_view: dict[str, Condition] = {"not_heard": _lacks("text"), "reason": _here("not_heard", True)}

WANTED: Mapping[str, Mapping[str, Condition]] = {
    "create": {"referrer.other": _lacks("member")},
    "triage": {"proportionality": _is("outcome", "accept")},
    "assess": {
        "tier": _is("grounds", True),
        "risks": _is("grounds", True),
        **{f"view_of_subject.{name}": condition for name, condition in _view.items()},
        **{f"view_of_guardians.{name}": condition for name, condition in _view.items()},
    },
    "plan": {
        "measures.text": _here("measure", "other"),
        "measures.starts": _not(_here("visitation", "recommended", "refused")),
    },
    "follow-up": {
        "reason": _no_next,
        "tier_reason": _has("tier"),
        "proportionality": _has("tier"),
        **{f"view_of_subject.{name}": condition for name, condition in _view.items()},
        **{f"view_of_guardians.{name}": condition for name, condition in _view.items()},
    },
    "close": {"handed_to": _is("outcome", "handed-over")},
    "contact": {"reason": _is("about", "exception"), "provision": _is("about", "exception")},
    "share": {"provision": _is("basis", "statute")},
    "shield": {"for": _is("shielded", True)},
}
"""Fields that are asked about when this holds, and else are not there."""

HIDDEN: Mapping[str, Mapping[str, Condition]] = {
    "create": {
        "referrer.name": _named,
        "referrer.contact": _named,
        "referrer.wants_feedback": _named,
        "subject.cpr": _person,
        "subject.born": _person,
        "subject.guardians": _person,
        "subject.age_band": _lacks("born"),
        "group_size": _is("subject.kind", "group"),
        "place.text": _lacks("member"),
        "acute_action": _is("acute", True),
        "notice.at": _here("status", "sent"),
        "notice.reason": _here("status", "not-needed"),
    },
    "triage": {"closing": _is("outcome", "blocked", "no-basis", "elsewhere")},
    "assess": {"closing": _is("grounds", False)},
}
"""Optional fields that are there only when this holds."""

EACH: Mapping[tuple[str, str], tuple[str, tuple[str, ...]]] = {
    ("close", "answers"): ("answer", ("observation", "risk", "measure")),
    **{(step, "closing.answers"): ("answer", ("observation", "risk", "measure")) for step in ("triage", "assess")},
    **{(step, "checked"): ("status", ("observation",)) for step in ("triage", "assess", "follow-up", "note")},
}
"""Lists whose items come from the case, one question each: the field that is asked for, and of which points."""

MUST = frozenset({("close", "answers")})
"""Lists of which every item wants an answer."""

ASKED_ANYWAY = frozenset({("follow-up", "measures.status")})
"""Fields that are asked about although something is known: what is known is how it stood before."""


def holds(form: str, path: Sequence[str | int], body: Mapping[str, Any], here: Mapping[str, Any]) -> bool | None:
    """Tell whether the field's condition holds; None where it has none, or only one that hides it and does not."""
    place = ".".join(step for step in path if isinstance(step, str))
    if wanted := WANTED.get(form, {}).get(place):
        return wanted(body, here)
    hidden = HIDDEN.get(form, {}).get(place)
    return False if hidden and not hidden(body, here) else None
