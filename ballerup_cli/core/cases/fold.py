"""What each step does to a case: one function a step, from a case and an entry to the next case.

Whether the step is legal and the form sound is asked before, in ``steps`` and ``rules``; a reference to a number that
does not exist changes nothing here.

A body may have holes, where something was taken out of a list (``amend``): they count, and say nothing else.
A measure keeps its number through a revision of the plan when it is in substance the same: the same measure resting on
the same provision, decided by the same authority (for ``other`` also with the same text). One that is left out stays on
the case with its number and ``in_plan`` false; one that comes back takes its number back.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import count
from typing import Any

from ballerup_cli.core.cases.amend import is_hole, whole
from ballerup_cli.core.cases.case import NEXT_GATE, NUMBERED, Case, Item
from ballerup_cli.core.entry import Body, Entry

Fold = Callable[[Case, Entry], Case]


def receive(case: Case, entry: Entry) -> Case:
    """Open the case with the concern."""
    case = _note_resources(_observe(case, entry), entry)
    return _enter(case, "received", entry.body["received"][:10])


def triage(case: Case, entry: Entry) -> Case:
    """Pass the police gate or the joint gate, or close there."""
    body = entry.body
    case = _observe(case, entry)
    if body["outcome"] in TRIAGE_CLOSINGS:
        return _shut(case, entry, body["decided"], body.get("closing", {}), body["reason"])
    return _enter(case, "screened" if body["outcome"] == "clear" else "accepted", body["decided"])


def assess(case: Case, entry: Entry) -> Case:
    """Write down the assessment; without grounds the case closes."""
    body = entry.body
    case = _note_resources(_observe(case, entry), entry)
    case = _number(case, "risk", (text and {"text": text} for text in body.get("risks", ())), entry)
    if not body["grounds"]:
        return _shut(case, entry, body["held"], body.get("closing", {}), body["conclusion"])
    return replace(_enter(case, "assessed", body["held"]), tier=body["tier"])


def plan(case: Case, entry: Entry) -> Case:
    """Start the case plan, or revise it."""
    case = _plan_measures(case, entry)
    return case if case.state == "planned" else _enter(case, "planned", plan_day(entry))


def follow_up(case: Case, entry: Entry) -> Case:
    """Write down how the measures go, and perhaps another level of effort."""
    body = entry.body
    row = {status["number"]: status for status in body["measures"] if not is_hole(status)}
    measures = tuple(_followed(measure, row.get(measure["number"]), entry) for measure in case.measures)
    return replace(_observe(case, entry), measures=measures, tier=body.get("tier", case.tier))


def close(case: Case, entry: Entry) -> Case:
    """Close the case, at the gate that is decided by it or before any."""
    return _shut(case, entry, entry.body["closed"], entry.body, entry.body["reason"])


def reopen(case: Case, entry: Entry) -> Case:
    """Take the case back to the state before its closing, from today on."""
    return _enter(case, case.closings[-1]["state"], entry.at[:10])


def note(case: Case, entry: Entry) -> Case:
    """Keep the note, and what it adds or says about observations."""
    return _observe(case, entry)


def undo(case: Case, entry: Entry) -> Case:
    """Leave an entry out; the numbers it gave stay as holes, so that none is given to anything else."""
    body = entry.body
    items = body.get("observations", ())
    case = _number(case, "observation", [{} for item in items if isinstance(item, Mapping)], entry)
    case = _number(case, "risk", [None for _ in body.get("risks", ())], entry)
    known = {item["number"] for item in case.measures} | {
        hole["number"] for hole in case.holes if hole["kind"] == "measure"
    }
    gone = {item["number"] for item in body.get("measures", ()) if "number" in item} - known
    holes = tuple({"kind": "measure", "number": number, "entry": entry.number} for number in sorted(gone))
    return replace(case, holes=(*case.holes, *holes))


def keep(case: Case, _: Entry) -> Case:
    """Keep the entry as it is: clocks, the sheet and the case itself read it from the entries."""
    return case


TRIAGE_CLOSINGS: Mapping[str, str] = {
    "blocked": "police-takes-over",
    "no-basis": "no-basis",
    "elsewhere": "handed-over",
}
"""The outcomes of a triage that close the case, each with the outcome of the closing when the form names none."""


def plan_day(entry: Entry) -> str:
    """Return the day a plan was decided: by default the day it was written."""
    return str(entry.body.get("decided", entry.at[:10]))


def _enter(case: Case, state: str, day: str) -> Case:
    reached = case.reached if state in case.reached else (*case.reached, state)
    return replace(case, state=state, since=day, reached=reached)


def _shut(case: Case, entry: Entry, day: str, closing: Body, reason: str) -> Case:
    """Close the case; whatever the closing leaves out follows from the gate."""
    outcome = closing.get("outcome", TRIAGE_CLOSINGS.get(entry.body.get("outcome", ""), "no-basis"))
    gate = decided_gate(case.state, entry.step, outcome)
    record = {
        **{name: value for name, value in whole(closing).items() if name not in ("observations", "checked")},
        "entry": entry.number,
        "gate": gate,
        "closed_before": None if gate else NEXT_GATE[case.state],
        "state": case.state,
        "closed": day,
        "outcome": outcome,
        "reason": closing.get("reason", reason),
    }
    refuted = [
        {"observation": answer["observation"], "status": "refuted", **_pick(answer, "note")}
        for answer in closing.get("answers", ())
        if "observation" in answer and answer["answer"] == "refuted"
    ]
    return replace(
        case,
        state="closed",
        since=day,
        observations=_checked(case.observations, refuted, entry),
        closings=(*case.closings, record),
    )


def decided_gate(state: str, step: str, outcome: str) -> str | None:
    """Return the gate that somebody decided by closing a case, None where the closing decided none.

    A triage or an assessment that closes is its gate's decision. ``close`` is one where its outcome says what the gate
    asks; at the end of a plan unless the course was cut short by what nobody decides.
    """
    if step != "close":
        return NEXT_GATE[state]
    if state == "planned":
        return None if outcome in _CUT_SHORT else NEXT_GATE[state]
    return NEXT_GATE[state] if outcome in _DECISIONS.get(state, ()) else None


_CUT_SHORT = frozenset({"entered-in-error", "moved", "deceased"})
_NO_GROUNDS = frozenset({"no-basis", "unfounded"})
_DECISIONS: Mapping[str, frozenset[str]] = {
    "received": frozenset({"police-takes-over"}),
    "screened": _NO_GROUNDS,
    "accepted": _NO_GROUNDS,
}


def _observe(case: Case, entry: Entry) -> Case:
    """Take in what the entry says about known observations, then its new ones; a number among them only cites one."""
    case = replace(case, observations=_checked(case.observations, entry.body.get("checked", ()), entry))
    new = (item for item in entry.body.get("observations", ()) if isinstance(item, Mapping))
    facts = ({} if is_hole(item) else {"status": "claimed", **item, "history": ()} for item in new)
    return _number(case, "observation", facts, entry)


def _checked(observations: tuple[Item, ...], checks: Iterable[Body], entry: Entry) -> tuple[Item, ...]:
    said = {check["observation"]: check for check in checks if not is_hole(check)}
    return tuple(_with_status(item, said.get(item["number"]), entry) for item in observations)


def _with_status(item: Item, body: Body | None, entry: Entry) -> Item:
    """Return the item with the status it is told to have; the history keeps every telling."""
    if body is None:
        return item
    said = {"entry": entry.number, **_pick(body, "status", "note")}
    return {**item, "status": body["status"], "history": (*item["history"], said)}


def _note_resources(case: Case, entry: Entry) -> Case:
    items = tuple({"text": text, "entry": entry.number} for text in entry.body.get("resources", ()) if text)
    return replace(case, resources=(*case.resources, *items))


def _number(case: Case, kind: str, items: Iterable[Body | None], entry: Entry) -> Case:
    """Number the items on from all there ever were; one that was taken out keeps its number as a hole."""
    new: list[Item] = []
    holes: list[Item] = []
    for number, item in enumerate(items, start=case.next_number(kind)):
        if item:
            new.append({"number": number, "entry": entry.number, **item})
        else:
            holes.append({"kind": kind, "number": number, "entry": entry.number})
    name = NUMBERED[kind]
    changed: dict[str, Any] = {name: (*getattr(case, name), *new), "holes": (*case.holes, *holes)}
    return replace(case, **changed)


def _plan_measures(case: Case, entry: Entry) -> Case:
    """Take in the measures of this plan, known and new, each under its number; one left out has ``in_plan`` false."""
    wanted = {item["number"]: item for item in numbered(case, entry.body["measures"])}
    body = {number: item for number, item in wanted.items() if not is_hole(item)}
    known = {item["number"] for item in case.measures}
    measures = [_replanned(item, body.get(item["number"])) for item in case.measures]
    measures += [_new_measure(item, entry) for number, item in body.items() if number not in known]
    gone = wanted.keys() - body.keys() - known - {hole["number"] for hole in case.holes if hole["kind"] == "measure"}
    holes = tuple({"kind": "measure", "number": number, "entry": entry.number} for number in sorted(gone))
    return replace(case, measures=tuple(measures), holes=(*case.holes, *holes))


def numbered(case: Case, wanted: Sequence[Body]) -> list[Body]:
    """Return the measures of a plan with their numbers: as written, else of the one it continues, else the next.

    They are written with the plan: what is corrected or taken out later moves none.
    """
    written = {item["number"] for item in wanted if "number" in item}
    free = [item for item in case.measures if item["number"] not in written]
    numbers = _continued(free, wanted)
    new = count(max([case.next_number("measure"), *(number + 1 for number in written)]))
    return [
        item if "number" in item else {"number": numbers.get(i) or next(new), **item} for i, item in enumerate(wanted)
    ]


def _new_measure(measure: Body, entry: Entry) -> Item:
    own = {"number": measure["number"], "entry": entry.number, "in_plan": True}
    return {**own, "status": "not-started", "sessions_held": 0, **measure, "history": ()}


def _replanned(item: Item, wanted: Body | None) -> Item:
    """Return the measure as the revised plan has it: number, status and history stay, the rest is written anew."""
    if wanted is None:
        return {**item, "in_plan": False}
    own = _pick(item, "number", "entry", "status", "sessions_held", "history")
    return {**own, "in_plan": True, **wanted}


def _continued(known: Sequence[Item], wanted: Sequence[Body]) -> dict[int, int]:
    """Find which wanted measure (by index) continues which known one (by number), best matches first."""
    free, found = list(known), dict[int, int]()
    for same in (_word_for_word, _in_substance):
        for index, measure in enumerate(wanted):
            if index in found or "number" in measure or is_hole(measure):
                continue
            match = next((item for item in free if same(item) == same(measure)), None)
            if match is not None:
                found[index] = match["number"]
                free.remove(match)
    return found


def _in_substance(measure: Body) -> tuple[Any, ...]:
    text = measure.get("text") if measure["measure"] == "other" else None
    return measure["measure"], measure["provision"], measure["authority"], text


def _word_for_word(measure: Body) -> tuple[Any, ...]:
    return *_in_substance(measure), measure.get("text"), measure.get("starts"), measure.get("responsible")


def _followed(measure: Item, body: Body | None, entry: Entry) -> Item:
    """Return the measure with its new status; sessions are told in all, so the last word counts."""
    if body is None:
        return measure
    said = {"entry": entry.number, "held": entry.body["held"], **_pick(body, "status", "sessions_held", "note")}
    return {**measure, **_pick(body, "status", "sessions_held"), "history": (*measure["history"], said)}


def _pick(body: Body, *names: str) -> dict[str, Any]:
    return {name: body[name] for name in names if name in body}
