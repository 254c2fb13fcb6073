"""What a letter tells of a case, all of it read from the record and the settings on the day it is written.

Which letters there are and when one may leave belongs to ``letters``; the words to the templates.
"""

from collections.abc import Iterator, Mapping
from dataclasses import field
from datetime import date, timedelta
from typing import Any

from ballerup_cli.core.cases import recipients as disclosed
from ballerup_cli.core.cases.case import Case, age_on
from ballerup_cli.core.cases.clocks import retention_rule
from ballerup_cli.core.cases.sharing import citation
from ballerup_cli.core.entry import Body, Entry
from ballerup_cli.core.periods import add
from ballerup_cli.services.cases.meeting import meetings
from ballerup_cli.services.store.calendar import Calendar
from ballerup_cli.services.store.records import clocks, sheet
from ballerup_cli.services.store.workspace import Workspace
from ballerup_cli.values import value

Facts = Mapping[str, Any]

SUBJECT, GUARDIANS = "subject", "guardians"
"""Whom a letter is written to; a single guardian is ``guardians.1``, and so on."""

ORDINARY = "almen indsats"
"""The provision of a measure that is no decision: anybody may be offered it."""

_BEGUN = ("ongoing", "completed", "stopped")
_PARTY_FROM = 10  # years: barnets lov § 3


@value
class Ask:
    """What is asked for beside the case: whom to write to, and the plan that is not decided yet."""

    to: str = ""
    draft: Body | None = field(default=None, repr=False)


def facts(workspace: Workspace, case: Case, entry: Entry, language: str, today: str, ask: Ask | None = None) -> Facts:
    """Return everything of the case and of us that a letter, a sheet or minutes may need."""
    settings, ask = workspace.settings, ask or Ask()
    names = {code: row[language] for code, row in settings["authorities"].items()}
    contacts = settings["contacts"]
    return {
        "sheet": sheet(workspace, case),
        "form": entry.body,
        "step": entry.step,
        "written": entry.at,
        "us": {
            **names,
            **sentences(workspace, language),
            "municipality": settings["municipality"],
            "letterhead": settings["letterhead"],
            "phone": contacts["phone"],
            "email": contacts["email"],
            "dpo": contacts["dpo"],
            "acute": settings["action_card"]["acute"],
        },
        "settings": settings,
        "feedback": settings["sentences"]["feedback"][language],
        **_of_age(case, today),
        "to": _addressee(case, ask.to, child=case.under_18_on(today)),
        "came_himself": disclosed.came_himself(case),
        "sources": disclosed.sources(case),
        "categories": list(_categories(case)),
        "professional": _is_professional(case),
        "receivers": receivers(workspace, case, language),
        "expected": _expected(workspace, case, language),
        "kept": kept(workspace, case, today),
        "begun": any(item["status"] in _BEGUN for item in case.measures),
        "measures": list(_measures(workspace, ask.draft or entry.body)),
        "draft": ask.draft is not None,
        "asked": _asked(case, entry),
        "answer_by": (date.fromisoformat(today) + timedelta(days=settings["letters"]["hearing_days"])).isoformat(),
        "meeting": _meeting(workspace, case.number, today),
    }


def sentences(workspace: Workspace, language: str) -> dict[str, str]:
    """Return what the settings let letters say of purposes, bases and complaints."""
    item = workspace.settings["letters"].items()
    return {name: words[language] for name, words in item if isinstance(words, Mapping)}


def age_today(case: Case, today: str) -> int | None:
    """Return the age on a day, None when no birthday is known."""
    return age_on(case.born, today) if case.born else None


def _of_age(case: Case, today: str) -> Facts:
    age = age_today(case, today)
    child = case.under_18_on(today)
    return {
        "child": child,
        "child_then": case.under_18,
        "party": child and age is not None and age >= _PARTY_FROM,
        "age": age,
    }


def _addressee(case: Case, to: str, *, child: bool) -> Facts:
    """Return whom the letter is for; an address only where it is one person's and not another's secret."""
    subject = case.intake["subject"]
    guardians = [one for one in subject.get("guardians", []) if one.get("custody") is not False]
    code = to or (GUARDIANS if child and not disclosed.came_himself(case) else SUBJECT)
    if code == SUBJECT:
        people = [subject]
    else:
        _, _, number = code.partition(".")
        people = [one for at, one in enumerate(guardians, 1) if not number or at == int(number)]
    address = people[0].get("contact", "") if len(people) == 1 else ""
    return {
        "code": code,
        "parent": code != SUBJECT,
        "names": [one["name"] for one in people if "name" in one],
        "address": address,
        "referrer": [name for name in [case.intake["referrer"].get("name")] if name],
        "referrer_address": case.intake["referrer"].get("contact", ""),
    }


def _is_professional(case: Case) -> bool:
    """Tell whether the referrer came as a professional: a member of the network, or another authority."""
    referrer = case.intake["referrer"]
    return "member" in referrer or referrer.get("other") in ("authority", "colleague")


def _categories(case: Case) -> Iterator[str]:
    """Give what kinds of information there are, by the codes of the list ``data-category``."""
    subject = case.intake["subject"]
    yield from (name for name in ("name", "contact", "cpr", "guardians") if subject.get(name))
    yield "concern"
    present = {
        "observations": case.observations,
        "resources": case.resources,
        "assessment": case.written("assess"),
        "plan": case.written("plan"),
        "contacts": case.written("contact"),
        "notes": case.written("note"),
    }
    yield from (name for name, items in present.items() if items)


def receivers(workspace: Workspace, case: Case, language: str) -> list[Facts]:
    """Return who got something of a case: what each is called, when first, and how, in the order of the days."""
    settings, words = workspace.settings, workspace.vocabulary
    functions = {code: words.label("function", code, language) for code in words.codes("function")}
    functions[disclosed.ELSEWHERE] = words.label("referrer", disclosed.ELSEWHERE, language)
    ours = {settings["municipality"].casefold(), settings["authorities"]["unit"][language].casefold()}
    rows: dict[str, Facts] = {}
    for recipient in disclosed.recipients(case, _present(workspace, case.number)):
        member = workspace.pladen.members.get(recipient.name)
        name = member.name if member else disclosed.names(recipient, settings, functions, language)
        if name.casefold() not in ours:
            rows.setdefault(name.casefold(), {"name": name, "day": recipient.day, "how": recipient.how})
    return list(rows.values())


def _present(workspace: Workspace, number: str) -> Iterator[tuple[str, str]]:
    for meeting in meetings(workspace):
        if number in meeting.written:
            yield from ((meeting.held or meeting.date, function) for function in meeting.present)


def _expected(workspace: Workspace, case: Case, language: str) -> list[str]:
    """Return who is to be told next if the case goes on; the core group too, until it has assessed."""
    settings, words = workspace.settings, workspace.vocabulary
    names = [settings["authorities"][code][language] for code in disclosed.expected(case)]
    if case.state in ("received", "screened", "accepted"):
        functions = words.codes("function")
        for member in settings["core_group"]:
            code = member.get("function", "")
            label = words.label("function", code, language) if code in functions else code
            names.append(member.get("organisation") or label)
    known = {row["name"] for row in receivers(workspace, case, language)}
    return [name for name in dict.fromkeys(names) if name and name not in known]


def kept(workspace: Workspace, case: Case, today: str) -> Facts:
    """Return for how long: of a closed case the rule's period and the day; of an open one both for each way to end."""
    calendar, settings = Calendar(workspace.settings), workspace.settings["retention"]
    child = case.under_18_on(today)
    if case.closing:
        rule = settings[retention_rule(case, workspace.settings)]
        (due,) = [item.due for item in clocks(workspace, case) if item.clock == "retention"]
        extended = any(entry.number > case.closing["entry"] for entry in case.written("extend"))
        period = _period(rule, child=case.under_18_on(case.closing["closed"]))
        row = {"when": "closed", **period, "action": rule["action"], "day": due}
        grown = not extended and due < add(case.closing["closed"], period, calendar)  # the 18th birthday comes first
        return {"closed": True, "extended": extended, "rules": [row], "grown": grown}
    tiers = [f"plan-{case.tier}"] if f"plan-{case.tier}" in settings else ["plan-foregribende", "plan-indgribende"]
    ways = [*([] if case.state == "planned" else ["no-basis"]), *tiers]
    rows = [{"when": way, **_period(settings[way], child=child), "action": settings[way]["action"]} for way in ways]
    dated = [{**row, "day": add(today, row, calendar)} for row in rows]
    return {"closed": False, "extended": False, "rules": dated, "grown": child}


def _period(rule: Facts, *, child: bool) -> dict[str, Any]:
    body = rule.get("under_18", rule) if child else rule
    return {"length": body["length"], "unit": body["unit"]}


def _measures(workspace: Workspace, form: Body) -> Iterator[Facts]:
    """Give the measures of a plan: which are decisions of ours, and which were refused."""
    authorities = workspace.settings["authorities"]
    others = {
        authorities[code][language].partition(",")[0].casefold()
        for code in ("police", "prison-service")
        for language in ("da", "en")
    }
    for item in form.get("measures", ()):
        if isinstance(item, Mapping) and "provision" in item:
            own = item["authority"].partition(",")[0].casefold() not in others
            waits = item.get("visitation") == "recommended"
            decision = own and not waits and item["provision"].strip().casefold() != ORDINARY
            yield {"reason": "", **item, "decision": decision, "refused": item.get("visitation") == "refused"}


def _asked(case: Case, entry: Entry) -> Facts:
    """Return what a request is about and what became of it, from its coming in to the answer."""
    body: dict[str, Any] = {"withheld": [], "extended": None, "reasons": "", "told": [], "name": "", "contact": ""}
    for one in case.entries if entry.step == _ANSWER else ():
        if one.body.get("number") == entry.body["number"] and one.step.startswith("request-"):
            body |= {**one.body, **one.body.get("requester", {})}
            withheld = [item for item in one.body.get("decisions", ()) if item["decision"] == "withheld"]
            body["withheld"] = withheld or body["withheld"]
    body["withheld"] = [{"entry": None, "field": "", **item} for item in body["withheld"]]
    body["told"] = [{"at": None, **item} for item in body["told"]]
    return {"kind": "", "received": "", "answered": "", "outcome": "", "number": "", **body}


_ANSWER = "request-answer"


def _meeting(workspace: Workspace, number: str, today: str) -> str | None:
    """Return the day of the next meeting that has the case on its agenda."""
    days = [meeting.date for meeting in meetings(workspace) if number in meeting.agenda and meeting.date >= today]
    return min(days, default=None)


def disclosure(workspace: Workspace, share: Body) -> dict[str, Any]:
    """Return the line of the yearly list for one sharing: never what it said, nor about whom."""
    cited = citation(share, workspace.settings, workspace.vocabulary)
    body = {name: share[name] for name in ("date", "direction", "basis")}
    also = {"citation": cited, "provision": share.get("provision")}
    return {
        **body,
        "organisation": share["party"]["organisation"],
        **{name: text for name, text in also.items() if text},
    }
