"""The case: what its entries add up to, as immutable values, and the sheet that ``show`` prints.

How an entry changes a case belongs to ``fold``, which step is legal when to ``steps``, what is due to ``clocks``.
"""

from collections.abc import Iterable, Mapping
from dataclasses import field
from datetime import date, datetime
from typing import Any

from ballerup_cli.core.cases.amend import typed
from ballerup_cli.core.entry import Body, Entry
from ballerup_cli.core.same import born_of
from ballerup_cli.values import value

Item = Mapping[str, Any]
"""A numbered observation, risk or measure, or a closing: the fields of its form plus what the fold adds."""

UNREADABLE = "unreadable"
"""What stands in the place of a signed entry that makes no sense, so that the others keep their numbers."""

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
        """The subject's age band on the day of receipt."""
        return self.age_band_on(self.received_day)

    @property
    def born(self) -> str | None:
        """The subject's date of birth: as written, else as its CPR number says it."""
        subject = self.intake["subject"]
        number = subject.get("cpr")
        found = subject.get("born") or (number and born_of(number, self.received_day))
        return str(found) if found else None

    def age_band_on(self, day: str) -> str:
        """Return the subject's age band on a day: by the date of birth when it is known, else as written."""
        if self.born is None:
            return str(self.intake["subject"].get("age_band", "unknown"))
        return "under-18" if age_on(self.born, day) < GROWN else "18-plus"

    @property
    def under_18(self) -> bool:
        """Whether the rules for children applied on the day of receipt; an unknown age is treated as under 18."""
        return self.under_18_on(self.received_day)

    def under_18_on(self, day: str) -> bool:
        """Tell whether the rules for children apply on a day; an unknown age is treated as under 18."""
        return self.age_band_on(day) != "18-plus"

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
    def withdrawn_consent(self) -> str | None:
        """The moment the consent was withdrawn, when no plan was decided and none was given since."""
        said = [entry for entry in self.written("contact") if entry.body["about"] in ("consent", "withdrawal")]
        last = max(said, key=lambda entry: (datetime.fromisoformat(entry.body["at"]), entry.number), default=None)
        plan = self.latest("plan")
        if plan is None or last is None or last.body["about"] == "consent" or last.number < plan.number:
            return None
        return str(last.body["at"])

    @property
    def related(self) -> tuple[str, ...]:
        """The numbers of the cases it is linked to, in the order they were named."""
        named = [number for entry in self.entries for number in named_by(entry.body)]
        return tuple(dict.fromkeys(named))

    @property
    def duplicate_of(self) -> str | None:
        """The case that is about the same matter and is counted for both, None when this one counts."""
        marks = [entry.body["duplicate_of"] for entry in self.written("link") if "duplicate_of" in entry.body]
        return str(marks[-1]) if marks and marks[-1] else None

    @property
    def extensions(self) -> tuple[Entry, ...]:
        """The extensions of its retention that count: one that waits counts once another member has confirmed it."""
        confirmed = {entry.body["entry"] for entry in self.written("confirm")}
        entries = self.written("extend")
        return tuple(entry for entry in entries if not entry.body.get("waits") or entry.number in confirmed)

    @property
    def responsible(self) -> str:
        """The coordinator who answers for the case: who wrote it down, until it is handed over."""
        handed = self.latest("hand-over")
        return str(handed.body["to"]) if handed else self.entries[0].by

    @property
    def restricted(self) -> bool:
        """Whether the case may only be kept, and not worked on, for the time being (GDPR art. 18)."""
        item = self.latest("restrict")
        return bool(item and item.body["restricted"])

    @property
    def shield(self) -> Item | None:
        """What was last said of who opens the case: ``for`` whom, and the reason; None when all who open records do.

        As it was written: a correction of words opens no file.
        """
        body = [shield for entry in self.originals if (shield := shield_of(entry)) is not None]
        return body[-1] if body and body[-1].get("for") else None

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

    def to_dict(self, due: Iterable[Mapping[str, Any]] = (), today: str = "") -> dict[str, Any]:
        """Return the case sheet, ``show --format json``; ``due`` holds what ``clocks`` says is due.

        Whether the subject is under 18 is told for ``today``, by default for the day of receipt.
        """
        sheet = {
            "case": self.number,
            "state": self.state,
            "tier": self.tier,
            "gate": self.closing["gate"] if self.closing else None,
            "closed_before": self.closing["closed_before"] if self.closing else None,
            "under_18": self.under_18_on(today or self.received_day),
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
            "plan": self._plan(),
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
            "duplicate_of": self.duplicate_of,
            "confirmations": self._forms("confirm"),
            "undoings": self._forms("undo"),
            "restricted": self.restricted,
            "restrictions": self._forms("restrict"),
            "shielded": list(self.shield["for"]) if self.shield else [],
            "shields": self._forms(SHIELD),
            "extensions": self._forms("extend"),
            "links": self._forms("link"),
            "hand_overs": self._forms("hand-over"),
            "due": [dict(item) for item in due],
            "entries": [
                {"entry": e.number, "step": e.step, "at": e.at, "by": e.by}
                for e in self.originals
                if e.step != UNREADABLE
            ],
            "forms": [{"entry": e.number, "step": e.step, "form": typed(e.step, e.body)} for e in self.entries],
        }
        return {**sheet, "subject": {**self.intake["subject"], "age_band": self.age_band}, "notice": self.notice}

    def _plan(self) -> Body | None:
        """Return the plan in force; a consent that was withdrawn since is no consent any more."""
        plan = self._form("plan")
        if plan is None or self.withdrawn_consent is None:
            return plan
        return {**plan, "consent": {**plan.get("consent", {}), "status": "withdrawn"}}

    def _form(self, step: str) -> Body | None:
        """Return the latest body of one step, or None."""
        entry = self.latest(step)
        return entry.body if entry else None

    def _forms(self, step: str) -> list[dict[str, Any]]:
        """Return the bodies of one step, each with the number of its entry."""
        return [{"entry": entry.number, "form": typed(entry.step, entry.body)} for entry in self.written(step)]


def named_by(body: Body) -> tuple[str, ...]:
    """Return the numbers of the cases that a form names as belonging together."""
    duplicate = body.get("duplicate_of")
    return (*body.get("related", ()), *([duplicate] if duplicate else []))


SHIELD = "shield"

NOTICE, NOTICE_NOT_NEEDED = "notice", "notice-not-needed"
NOTICE_IS_FOR = frozenset({"child-services", "other"})
"""With whom a contact sends a child notice (of another municipality too): never with the citizen it is about."""


def shield_of(entry: Entry) -> Item | None:
    """Return what an entry says of who opens the case, its own step or a part of the intake; None: nothing."""
    body: Item | None = entry.body if entry.step == SHIELD else entry.body.get(SHIELD)
    return body


def age_on(born: str, day: str) -> int:
    """Return the age in whole years on ``day``."""
    birth, on = date.fromisoformat(born), date.fromisoformat(day)
    return on.year - birth.year - ((on.month, on.day) < (birth.month, birth.day))


def birthday(born: str, age: int) -> str:
    """Return the day somebody reaches an age; who was born on 29 February does on 1 March where there is none."""
    birth = date.fromisoformat(born)
    try:
        return birth.replace(year=birth.year + age).isoformat()
    except ValueError:
        return date(birth.year + age, 3, 1).isoformat()


GROWN = 18
