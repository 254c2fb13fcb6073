"""The case sheet: one case as a page a person reads, every label in the language chosen.

What the case says comes from the services; listings of many cases belong to ``tables``.
"""

import re
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ballerup_cli.cli.ui.render import Column, listing
from ballerup_cli.cli.ui.text import _, date, language
from ballerup_cli.core.vocabulary import Vocabulary
from ballerup_cli.errors import N_

Sheet = Mapping[str, Any]

_NARROW, _WIDE = 40, 100


def render(content: Sheet, words: Vocabulary, width: int) -> str:
    """Write the sheet for a terminal of ``width`` columns."""
    width = min(max(width, _NARROW), _WIDE)
    say = _Words(words)
    parts = [
        _head(content, say),
        _due(content["due"], say, width),
        _people(content, say, width),
        _text(N_("Concern"), [content["concern"]], width),
        _observations(content["observations"], say, width),
        _numbered(N_("Risks"), content["risks"], width),
        _text(N_("Resources"), [f"– {item['text']}" for item in content["resources"]], width),
        _triages(content["triages"], say, width),
        _assessment(content["assessment"], width),
        _plan(content["plan"], say, width),
        _measures(content["measures"], say, width),
        _follow_ups(content["follow_ups"], width),
        _contacts(content["contacts"], say, width),
        _shares(content["shares"], say, width),
        _text(N_("Notes"), [f"{item['entry']}: {item['form']['text'].rstrip()}" for item in content["notes"]], width),
        _amended(content, width),
        _hand_overs(content["hand_overs"], width),
        _closings(content, say, width),
        _entries(content["entries"], say, width),
    ]
    return "\n".join(part for part in parts if part)


class _Words:
    """Labels of codes in the language chosen; a code that has none is shown as it is."""

    def __init__(self, words: Vocabulary) -> None:
        self._words = words

    def __call__(self, name: str, code: str | None) -> str:
        if code is None or code not in self._words.lists[name]:
            return code or ""
        return self._words.label(name, code, language())

    def following(self, state: str) -> str:
        """Say who is next, and with what, in an open state."""
        return str(self._words.term("state", state).get("next", {}).get(language(), ""))


def _head(content: Sheet, say: _Words) -> str:
    facts = [content["case"], say("state", content["state"])]
    facts += [say("tier", content["tier"])] if content["tier"] else []
    facts += [say("gate", content["gate"])] if content["gate"] else []
    facts += [_("RESTRICTED: TO BE KEPT ONLY")] if content["restricted"] else []
    facts += [_("SHIELDED FOR {names}", names=content["shielded"])] if content["shielded"] else []
    following = say.following(content["state"])
    return " · ".join(facts) + "\n" + (f"{_('next')}: {following}\n" if following else "")


def _people(content: Sheet, say: _Words, width: int) -> str:
    subject, referrer = content["subject"], content["referrer"]
    place, residence, aware = content.get("place", {}), subject.get("residence", {}), content.get("aware", {})
    lines = [
        (N_("received"), f"{date(content['received'])} ({say('received-by', content['received_by'])})"),
        (
            N_("whom it is about"),
            _joined(subject.get("name"), say("kind", subject["kind"]), say("age-band", subject["age_band"])),
        ),
        (N_("born"), date(subject.get("born", ""))),
        (N_("CPR number"), subject.get("cpr", "")),
        (N_("contact"), subject.get("contact", "")),
        (
            N_("residence"),
            _joined(residence.get("municipality"), residence.get("protected") and _("PROTECTED ADDRESS")),
        ),
        (N_("interpreter"), _flag(subject.get("interpreter"))),
        (N_("release"), date(subject.get("release", ""))),
        (N_("guardians"), "; ".join(_joined(g.get("name"), g.get("contact")) for g in subject.get("guardians", ()))),
        (N_("referrer"), _joined(referrer.get("member"), say("referrer", referrer.get("other")), referrer.get("name"))),
        (N_("relation"), _joined(say("function", referrer.get("function")), referrer.get("relation"))),
        (N_("referrer's contact"), referrer.get("contact", "")),
        (N_("arose at"), _joined(place.get("member"), place.get("text"))),
        (N_("child notice"), say("notice-status", (content.get("notice") or {}).get("status"))),
        (N_("acute"), _joined(_("yes"), content.get("acute_action")) if content.get("acute") else ""),
        (N_("already tried"), content.get("tried", "")),
        (N_("reaction"), aware.get("reaction", "")),
        (N_("related cases"), ", ".join(content["related"])),
        (N_("answers for it"), content["responsible"]),
        (N_("reference"), content.get("reference", "")),
    ]
    return "".join(_line(_(label), text, width) for label, text in lines if text)


def _flag(value: bool | str | None) -> str:
    return _("yes") if value is True else value or ""


def _joined(*texts: str | None) -> str:
    return ", ".join(text.rstrip() for text in texts if text)


def _line(label: str, text: str, width: int) -> str:
    column = 20
    wrapped = textwrap.wrap(" ".join(text.split()), width - column) or [""]
    return "".join(f"{label if n == 0 else '':{column}}{part}\n" for n, part in enumerate(wrapped))


def _text(heading: str, paragraphs: Sequence[str], width: int) -> str:
    if not any(paragraphs):
        return ""
    lines = [line for paragraph in paragraphs for line in _paragraph(paragraph, width)]
    return f"{_(heading)}\n" + "".join(f"  {line}\n" for line in lines)


def _paragraph(text: str, width: int) -> Iterator[str]:
    """Wrap a text anew: a long line that goes on in the next one was broken by whoever typed it."""
    for line in re.sub(r"(?<=[^\n]{60})\n(?=[^\W_])", " ", text.rstrip("\n")).split("\n"):
        yield from textwrap.wrap(line, width - 2) or [""]


def _observations(items: Sequence[Sheet], say: _Words, width: int) -> str:
    """What was seen comes first, the attention point after it; a refuted one says so before anything else."""
    shown = []
    for item in items:
        mark = f"[{say('observation-status', item['status']).upper()}] " if item["status"] == "refuted" else ""
        facts = [date(item.get("when", "")), say("source", item.get("source")), say("sign", item.get("sign"))]
        facts += [] if mark else [say("observation-status", item["status"])]
        told = "; ".join(fact for fact in facts if fact)
        shown.append(f"{item['number']}. {mark}{item['text'].rstrip()}{f' ({told})' if told else ''}")
    return _text(N_("Observations"), shown, width)


def _numbered(heading: str, items: Sequence[Sheet], width: int) -> str:
    return _text(heading, [f"{item['number']}. {item['text'].rstrip()}" for item in items], width)


def _triages(items: Sequence[Sheet], say: _Words, width: int) -> str:
    shown = []
    for form in (item["form"] for item in items):
        outcome = say(f"{form['gate']}-outcome", form["outcome"])
        terms = f" ({_('conditions')}: {form['conditions'].rstrip()})" if "conditions" in form else ""
        shown.append(f"{date(form['decided'])}: {outcome}. {form['reason'].rstrip()}{terms}")
    return _text(N_("Decisions"), shown, width)


def _shares(items: Sequence[Sheet], say: _Words, width: int) -> str:
    """Who learnt what, on which basis; a slip of § 115 names the paragraph by the sender (stk. 1 or stk. 2)."""
    shown = []
    for item in items:
        form = item["form"]
        head = _joined(say("direction", form["direction"]), form["party"]["organisation"], say("basis", form["basis"]))
        shown.append(f"{date(form['date'])}: {_joined(head, form.get('provision'))}; {form['content'].rstrip()}")
    return _text(N_("Shared information"), shown, width)


def _amended(content: Sheet, width: int) -> str:
    """What was wrong and is struck, what was taken out, and who may work or look: what is struck must not be used."""
    why = {item["entry"]: item["form"]["reason"].rstrip() for item in content["corrections"]}
    wrong = _("WRONG, NOT TO BE USED")
    shown = [
        f"{item['entry']}. {item['path']}: [{wrong}] {_given(item.get('value'))} ({why[item['by']]})"
        for item in content["struck"]
    ]
    shown += [
        f"{item['form']['entry']}. {item['form']['path']}: {_('taken out')} ({item['form']['reason'].rstrip()})"
        for item in content["redactions"]
    ]
    for form in (item["form"] for item in content["restrictions"]):
        what = _("restricted") if form["restricted"] else _("not restricted any more")
        shown.append(f"{what}: {form['reason'].rstrip()}")
    for form in (content.get("shield"), *(item["form"] for item in content["shields"])):
        if form:
            what = _("shielded for {names}", names=form["for"]) if "for" in form else _("not shielded any more")
            shown.append(f"{what}: {form['reason'].rstrip()}")
    return _text(N_("Corrected, taken out, restricted, shielded"), shown, width)


def _given(value: Any) -> str:
    return str(value).rstrip() if isinstance(value, str | int) else "…"


def _hand_overs(items: Sequence[Sheet], width: int) -> str:
    shown = [f"{item['form']['to']}: {item['form']['reason'].rstrip()}" for item in items]
    return _text(N_("Handed over to"), shown, width)


def _contacts(items: Sequence[Sheet], say: _Words, width: int) -> str:
    shown = []
    for form in (item["form"] for item in items):
        what = f"{say('contact-about', form['about'])} ({say('contact-with', form['with'])})"
        said = [form[name].rstrip() for name in ("text", "reason") if name in form]
        said += [f"({form['provision']})"] if "provision" in form else []
        shown.append(f"{date(form['at'])}: {what}{'. ' if said else ''}{' '.join(said)}")
    return _text(N_("Contacts"), shown, width)


def _assessment(assessment: Sheet | None, width: int) -> str:
    if not assessment:
        return ""
    view = assessment.get("view_of_subject", {})
    heard = view.get("text") or (_("not heard: {why}", why=view["reason"].rstrip()) if view else "")
    paragraphs = [
        f"{date(assessment['held'])}: {assessment['conclusion'].rstrip()}",
        *([f"{_('own view')}: {heard.rstrip()}"] if heard else []),
        f"{_('proportionality')}: {assessment['proportionality'].rstrip()}",
    ]
    return _text(N_("Assessment"), paragraphs, width)


def _plan(plan: Sheet | None, say: _Words, width: int) -> str:
    if not plan:
        return ""
    coordinator = plan["coordinator"]
    team = "; ".join(_person(member, say) for member in plan["team"])
    paragraphs = [
        f"{_('coordinator')}: {_joined(coordinator.get('name'), say('function', coordinator['function']))}",
        f"{_('team')}: {team}",
        *(f"{_('goal')}: {goal.rstrip()}" for goal in plan["goals"]),
        f"{_('cooperation')}: {plan['cooperation'].rstrip()}",
    ]
    return _text(N_("Case plan"), paragraphs, width)


def _person(member: Sheet, say: _Words) -> str:
    return _joined(member.get("name"), say("function", member["function"]), member.get("organisation"))


def _measures(items: Sequence[Sheet], say: _Words, width: int) -> str:
    columns = (
        Column(key="number", heading=N_("no.")),
        Column(key="measure", heading=N_("measure")),
        Column(key="authority", heading=N_("authority")),
        Column(key="starts", heading=N_("starts"), missing="–"),
        Column(key="status", heading=N_("status")),
        Column(key="sessions", heading=N_("sessions held/planned"), missing="–"),
    )
    rows = [
        {
            **item,
            "measure": _joined(say("measure", item["measure"]), say("visitation", _open_visitation(item))),
            "status": say("measure-status", item["status"]) if item["in_plan"] else _("no longer in the plan"),
            "sessions": _sessions(item),
        }
        for item in items
    ]
    return f"{_('Measures')}\n{listing(rows, columns, 'table', width=width)}" if rows else ""


def _open_visitation(item: Sheet) -> str | None:
    return item.get("visitation") if item.get("visitation") != "not-needed" else None


def _sessions(item: Sheet) -> str | None:
    planned = item.get("sessions_planned")
    return f"{item['sessions_held']}/{'–' if planned is None else planned}"


def _follow_ups(items: Sequence[Sheet], width: int) -> str:
    shown = []
    for item in items:
        form = item["form"]
        following = date(form["next"]) if form["next"] else _("none")
        evaluated = f": {form['evaluated'].rstrip()}" if "evaluated" in form else ""
        shown.append(f"{date(form['held'])}{evaluated} ({_('next')}: {following})")
    return _text(N_("Follow-ups"), shown, width)


def _closings(content: Sheet, say: _Words, width: int) -> str:
    """Every closing there was, and why the case was opened again: the old gate stays visible."""
    told = [(item["entry"], line) for item in content["closings"] for line in _closed(item, say)]
    told += [(item["entry"], f"{_('reopened')}: {item['form']['reason'].rstrip()}") for item in content["reopenings"]]
    return _text(N_("Closing"), [line for _entry, line in sorted(told, key=lambda line: line[0])], width)


def _closed(closing: Sheet, say: _Words) -> Iterator[str]:
    gate, outcome = say("gate", closing["gate"]), say("outcome", closing["outcome"])
    yield f"{_joined(date(closing['closed']), gate, outcome, closing.get('handed_to'))}: {closing['reason'].rstrip()}"
    for answer in closing.get("answers", ()):
        (kind,) = [name for name in ("observation", "risk", "measure") if name in answer]
        yield f"– {_(_ANSWERED[kind])} {answer[kind]}: {_joined(say('answer', answer['answer']), answer.get('note'))}"


_ANSWERED = {"observation": N_("observation"), "risk": N_("risk"), "measure": N_("measure")}


def _due(items: Sequence[Sheet], say: _Words, width: int) -> str:
    columns = (Column(key="clock", heading=N_("clock")), Column(key="due", heading=N_("due")))
    rows = [{"clock": say("clock", item["clock"]), "due": item["due"]} for item in items]
    return f"{_('Deadlines')}\n{listing(rows, columns, 'table', width=width)}" if rows else ""


def _entries(items: Sequence[Sheet], say: _Words, width: int) -> str:
    columns = (
        Column(key="entry", heading=N_("no.")),
        Column(key="step", heading=N_("step")),
        Column(key="at", heading=N_("written")),
        Column(key="by", heading=N_("by")),
    )
    rows = [{**item, "step": say("step", item["step"])} for item in items]
    return f"{_('Timeline')}\n{listing(rows, columns, 'table', width=width)}"
