"""One case as a page in the terminal: how it stands, what is due, and all that is written, step by step.

What it says is read by the one sheet (``services.documents.sheet``); listings of many cases belong to ``tables``.
"""

import re
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ballerup_cli.cli.ui.render import Column, listing
from ballerup_cli.cli.ui.text import _, date, language
from ballerup_cli.core.cases.steps import STEPS
from ballerup_cli.core.vocabulary import Vocabulary
from ballerup_cli.errors import N_
from ballerup_cli.services.documents.sheet import Line, Section

Sheet = Mapping[str, Any]

_NARROW, _WIDE, _LABEL = 40, 100, 24


def render(content: Sheet, sections: Sequence[Section], struck: Sequence[Line], words: Vocabulary, width: int) -> str:
    """Write the page for a terminal of ``width`` columns; the steps stand in the order of the case flow."""
    width = min(max(width, _NARROW), _WIDE)
    order = list(STEPS)
    sections = sorted(sections, key=lambda section: order.index(section.entry.step))
    parts = [
        _head(content, words),
        _due(content["due"], words, width),
        _standing(content, words, width),
        _measures(content["measures"], words, width),
        _lines(_("Corrected: wrong, not to be used"), struck, width),
        *(_lines(_heading(section), section.lines, width) for section in sections),
        _entries(content["entries"], words, width),
    ]
    return "\n".join(part for part in parts if part)


def _label(words: Vocabulary, name: str, code: str | None) -> str:
    return words.label(name, code, language()) if code and code in words.lists[name] else code or ""


def _head(content: Sheet, words: Vocabulary) -> str:
    facts = [content["case"], _label(words, "state", content["state"])]
    facts += [_label(words, name, content[name]) for name in ("tier", "gate") if content[name]]
    facts += [_("RESTRICTED: TO BE KEPT ONLY")] if content["restricted"] else []
    facts += [_("SHIELDED FOR {names}", names=content["shielded"])] if content["shielded"] else []
    following = words.term("state", content["state"]).get("next", {}).get(language(), "")
    return " · ".join(facts) + "\n" + (f"{_('next')}: {following}\n" if following else "")


def _due(items: Sequence[Sheet], words: Vocabulary, width: int) -> str:
    columns = (Column(key="clock", heading=N_("clock")), Column(key="due", heading=N_("due")))
    rows = [{"clock": _label(words, "clock", item["clock"]), "due": item["due"]} for item in items]
    return f"{_('Deadlines')}\n{listing(rows, columns, 'table', width=width)}" if rows else ""


def _standing(content: Sheet, words: Vocabulary, width: int) -> str:
    """Say what follows from all entries together: who answers, the age band, the notice, what else is linked."""
    residence = content["subject"].get("residence", {})
    found = [
        (N_("answers for it"), content["responsible"]),
        (N_("age"), _label(words, "age-band", content["subject"]["age_band"])),
        (N_("residence"), _("PROTECTED ADDRESS") if residence.get("protected") else ""),
        (N_("child notice"), _label(words, "notice-status", (content["notice"] or {}).get("status"))),
        (N_("related cases"), ", ".join(content["related"])),
        (N_("observations"), _changed(content["observations"], words)),
    ]
    return "".join(_line(_(label), text, width) for label, text in found if text)


def _changed(items: Sequence[Sheet], words: Vocabulary) -> str:
    """Name the observations by what they are now, the refuted ones in capitals: those must not be used."""
    said = [(item["number"], _label(words, "observation-status", item["status"]), item["status"]) for item in items]
    return "; ".join(f"{number}: {text.upper() if code == 'refuted' else text}" for number, text, code in said)


def _measures(items: Sequence[Sheet], words: Vocabulary, width: int) -> str:
    columns = (
        Column(key="number", heading=N_("no.")),
        Column(key="measure", heading=N_("measure")),
        Column(key="starts", heading=N_("starts"), missing="–"),
        Column(key="status", heading=N_("status")),
        Column(key="sessions", heading=N_("sessions held/planned"), missing="–"),
    )
    rows = [
        {
            **item,
            "measure": _label(words, "measure", item["measure"]),
            "status": _label(words, "measure-status", item["status"])
            if item["in_plan"]
            else _("no longer in the plan"),
            "sessions": f"{item['sessions_held']}/{item.get('sessions_planned', '–')}",
        }
        for item in items
    ]
    return f"{_('Measures')}\n{listing(rows, columns, 'table', width=width)}" if rows else ""


def _heading(section: Section) -> str:
    entry = section.entry
    happened = date(section.happened)
    title = section.title[:1].upper() + section.title[1:]
    return _("{step}, {day} (entry {entry}, {by})", step=title, day=happened, entry=entry.number, by=entry.by)


def _lines(heading: str, lines: Sequence[Line], width: int) -> str:
    if not lines:
        return ""
    head = "".join(f"{part}\n" for part in textwrap.wrap(heading, width))
    return head + "".join(_line(line.label, line.text, width, "  ") for line in lines)


def _line(label: str, text: str, width: int, indent: str = "") -> str:
    """Write a field: beside its name when both are short, else below it."""
    parts = [part for line in text.split("\n") for part in _wrapped(line, width - len(indent) - 2)]
    if len(label) < _LABEL and len(parts) == 1 and len(indent) + _LABEL + len(parts[0]) <= width:
        return f"{indent}{label:{_LABEL}}{parts[0]}\n"
    head = "".join(f"{indent}{part}\n" for part in textwrap.wrap(f"{label}:", width - len(indent)))
    return head + "".join(f"{indent}  {part}\n" for part in parts)


def _wrapped(text: str, width: int) -> Iterator[str]:
    """Wrap a line; what belongs to an item of a list stands below its first word."""
    mark = re.match(r" *(?:(?:[0-9]+\.|–) )?", text)
    yield from textwrap.wrap(text, width, subsequent_indent=" " * len(mark[0] if mark else "")) or [""]


def _entries(items: Sequence[Sheet], words: Vocabulary, width: int) -> str:
    columns = (
        Column(key="entry", heading=N_("no.")),
        Column(key="step", heading=N_("step")),
        Column(key="at", heading=N_("written")),
        Column(key="by", heading=N_("by")),
    )
    rows = [{**item, "step": _label(words, "step", item["step"])} for item in items]
    return f"{_('Timeline')}\n{listing(rows, columns, 'table', width=width)}"
