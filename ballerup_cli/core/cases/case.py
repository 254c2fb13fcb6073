"""The case: what its entries add up to, as immutable values, and the sheet that ``show`` prints.

How an entry changes a case belongs to ``fold``, which step is legal when to ``steps``, what is due to ``clocks``.
"""

from collections.abc import Iterable, Mapping
from dataclasses import field
from datetime import date, datetime
from typing import Any

from ballerup_cli.core.entry import Body, Entry
from ballerup_cli.values import value

Item = Mapping[str, Any]
"""A numbered observation, risk or measure, or a closing: the fields of its form plus what the fold adds."""

NEXT_GATE: Mapping[str, str] = {
    "received": "police",
    "screened": "joint",
    "accepted": "assessment",
    "assessed": "plan",
    "planned": "plan",
}
"""The open states in the order of the case flow, each with the gate a case in it meets next."""


NUMBERED: Mapping[str, str] = {"observation": "observations", "risk": "risks", "measure": "measures"}
"""What gets a number that means the same thing for ever: the name of one, and where the case keeps them."""


@value
class Case:
    """One case as its entries leave it; with no entries it is blank and its state is ''."""

    number: str
    state: str = ""
    since: str = ""
    """The day the case came into its state; a reopening counts as coming into it again."""
    reached: tuple[str, ...] = ()
    """The open states the case has ever been in."""
    tier: str | None = None
    entries: tuple[Entry, ...] = field(default=(), repr=False)
    """The entries as corrections leave them, without holes; one that was undone is not among them."""
    originals: tuple[Entry, ...] = field(default=(), repr=False)
    """The entries as they were written."""
    struck: tuple[Item, ...] = field(default=(), repr=False)
    """What corrections have put something else in place of: entry, path, and what was there."""
    observations: tuple[Item, ...] = field(default=(), repr=False)
    risks: tuple[Item, ...] = field(default=(), repr=False)
    resources: tuple[Item, ...] = field(default=(), repr=False)
    measures: tuple[Item, ...] = field(default=(), repr=False)
    closings: tuple[Item, ...] = field(default=(), repr=False)
    holes: tuple[Item, ...] = field(default=(), repr=False)
    """The numbers whose observation, risk or measure was taken out: ``kind``, ``number`` and ``entry``."""

    @property
    def intake(self) -> Body:
        """The form the concern was written down on; empty for a blank case."""
        return self.entries[0].body if self.entries else {}

    @property
    def received_day(self) -> str:
        """The day the concern was received; a moment begins with its local day."""
        return str(self.intake["received"])[:10]

    @property
    def closing(self) -> Item | None:
        """The closing in force, None while the case is open."""
        return self.closings[-1] if self.state == "closed" else None

    @property
    def age_band(self) -> str:
        """The subject's age band on the day of receipt: from ``born`` when known, else as told."""
        subject = self.intake["subject"]
        if "born" not in subject:
            return str(subject.get("age_band", "unknown"))
        return "under-18" if age_on(subject["born"], self.received_day) < 18 else "18-plus"

    @property
    def under_18(self) -> bool:
        """Whether the rules for children apply; an unknown age is treated as under 18."""
        return self.age_band != "18-plus"

    @property
    def notice(self) -> Item | None:
        """The statutory child notice: as written, pending when nobody said (under 18); the last contact counts."""
        written = self.intake.get("notice", {})
        if not (written or self.under_18):
            return None
        return {**written, "status": written.get("status", "pending"), **self._notice_by_contact()}

    def _notice_by_contact(self) -> Item:
        """Return what the last contact says of the notice: sent to whom it is for, or why none is needed."""
        answers = [
            entry.body
            for entry in self.written("contact")
            if (entry.body["about"] == NOTICE and entry.body["with"] in NOTICE_IS_FOR)
            or entry.body["about"] == NOTICE_NOT_NEEDED
        ]
        last = max(answers, key=lambda body: datetime.fromisoformat(body["at"]), default=None)
        if last is None:
            return {}
        if last["about"] == NOTICE:
            return {"status": "sent", "at": last["at"]}
        return {"status": "not-needed", "at": last["at"], "reason": last["reason"]}

    @property
    def related(self) -> tuple[str, ...]:
        """The numbers of the cases it is linked to, in the order they were named."""
        named = [number for entry in self.entries for number in entry.body.get("related", ())]
        return tuple(dict.fromkeys(named))

    @property
    def responsible(self) -> str:
        """The coordinator who answers for the case: who wrote it down, until it is handed over."""
        handed = self.latest("hand-over")
        return str(handed.body["to"]) if handed else self.entries[0].by

    @property
    def restricted(self) -> bool:
        """Whether the case may only be kept, and not worked on, for the time being (GDPR art. 18)."""
        told = self.latest("restrict")
        return bool(told and told.body["restricted"])

    @property
    def shield(self) -> Item | None:
        """What was last said of who opens the case: ``for`` whom, and the reason; None when all who open records do.

        As it was written: a correction of words opens no file.
        """
        told = [shield for entry in self.originals if (shield := shield_of(entry)) is not None]
        return told[-1] if told and told[-1].get("for") else None

    def next_number(self, kind: str) -> int:
        """Return the number the next observation, risk or measure gets: none is ever given twice."""
        given = [int(item["number"]) for item in getattr(self, NUMBERED[kind])]
        return max([0, *given, *(int(hole["number"]) for hole in self.holes if hole["kind"] == kind)]) + 1

    def written(self, step: str) -> tuple[Entry, ...]:
        """Return the entries of one step, in order."""
        return tuple(entry for entry in self.entries if entry.step == step)

    def latest(self, step: str) -> Entry | None:
        """Return the last entry of one step, or None."""
        return next((entry for entry in reversed(self.entries) if entry.step == step), None)

    def to_dict(self, due: Iterable[Mapping[str, Any]] = ()) -> dict[str, Any]:
        """Return the case sheet, ``show --format json``; ``due`` holds what ``clocks`` says is due."""
        sheet = {
            "case": self.number,
            "state": self.state,
            "tier": self.tier,
            "gate": self.closing["gate"] if self.closing else None,
            "responsible": self.responsible,
            **self.intake,
            "related": list(self.related),
            "observations": [{**item, "history": list(item["history"])} for item in self.observations],
            "risks": list(self.risks),
            "resources": list(self.resources),
            "measures": [{**item, "history": list(item["history"])} for item in self.measures],
            "triages": self._forms("triage"),
            "assessment": self._form("assess"),
            "assessments": self._forms("assess"),
            "plan": self._form("plan"),
            "plans": self._forms("plan"),
            "follow_ups": self._forms("follow-up"),
            "closing": self.closing,
            "closings": list(self.closings),
            "reopenings": self._forms("reopen"),
            "contacts": self._forms("contact"),
            "notes": self._forms("note"),
            "shares": self._forms("share"),
            "corrections": self._forms("correct"),
            "struck": list(self.struck),
            "removed": list(self.holes),
            "redactions": [
                {"entry": e.number, "form": {name: e.body[name] for name in ("entry", "path", "reason")}}
                for e in self.written("redact")
            ],
            "restricted": self.restricted,
            "restrictions": self._forms("restrict"),
            "shielded": list(self.shield["for"]) if self.shield else [],
            "shields": self._forms(SHIELD),
            "extensions": self._forms("extend"),
            "links": self._forms("link"),
            "hand_overs": self._forms("hand-over"),
            "due": [dict(item) for item in due],
            "entries": [{"entry": e.number, "step": e.step, "at": e.at, "by": e.by} for e in self.entries],
            "forms": [{"entry": e.number, "step": e.step, "form": _said(e.body)} for e in self.entries],
        }
        return {**sheet, "subject": {**self.intake["subject"], "age_band": self.age_band}, "notice": self.notice}

    def _form(self, step: str) -> Body | None:
        """Return the latest body of one step, or None."""
        entry = self.latest(step)
        return entry.body if entry else None

    def _forms(self, step: str) -> list[dict[str, Any]]:
        """Return the bodies of one step, each with the number of its entry."""
        return [{"entry": entry.number, "form": entry.body} for entry in self.written(step)]


def _said(body: Body) -> Body:
    """Return a form without what the tool keeps in it: a redaction holds the rest of the entry it is about."""
    return {name: value for name, value in body.items() if name != "instead"}


SHIELD = "shield"

NOTICE, NOTICE_NOT_NEEDED = "notice", "notice-not-needed"
NOTICE_IS_FOR = frozenset({"child-services", "other"})
"""With whom a contact sends a child notice (of another municipality too): never with the citizen it is about."""


def shield_of(entry: Entry) -> Item | None:
    """Return what an entry says of who opens the case, its own step or a part of the intake; None: nothing."""
    told: Item | None = entry.body if entry.step == SHIELD else entry.body.get(SHIELD)
    return told


def age_on(born: str, day: str) -> int:
    """Return the age in whole years on ``day``; somebody born on 29 February grows older on 1 March."""
    birth, on = date.fromisoformat(born), date.fromisoformat(day)
    return on.year - birth.year - ((on.month, on.day) < (birth.month, birth.day))
