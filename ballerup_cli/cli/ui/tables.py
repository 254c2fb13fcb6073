"""Which columns the listings have, and how codes and days are said in them.

How a listing is written belongs to ``render``, roll-ups to ``rollups``.
"""

from collections.abc import Callable
from typing import Any

from ballerup_cli.cli.ui.render import Column
from ballerup_cli.cli.ui.text import _, language, plural
from ballerup_cli.core.cases.rules import UNCONFIRMED
from ballerup_cli.errors import N_
from ballerup_cli.services.forms.form import vocabulary_choices

CASES = (
    Column(key="case", heading=N_("case")),
    Column(key="state", heading=N_("state")),
    Column(key="tier", heading=N_("level"), missing="–"),
    Column(key="member", heading=N_("referrer"), missing="–"),
    Column(key="ring", in_table=False),
    Column(key="received", heading=N_("received")),
    Column(key="closed", in_table=False),
    Column(key="next_due", heading=N_("next"), missing="–"),
)

NAMED = (CASES[0], Column(key="name", heading=N_("name"), missing="–"), *CASES[1:])
"""The list with names: on a terminal only, and every look is logged."""

DUE = (
    Column(key="case", heading=N_("case"), missing="–"),
    Column(key="clock", heading=N_("clock")),
    Column(key="due", heading=N_("due")),
    Column(key="days_overdue", heading=N_("when")),
    Column(key="about", heading=N_("about"), missing=""),
)

DRAFTS = (
    Column(key="number", heading=N_("no.")),
    Column(key="form", heading=N_("form")),
    Column(key="case", heading=N_("case"), missing="–"),
    Column(key="at", heading=N_("kept")),
    Column(key="opens", in_table=False),
)

HOLDERS = (
    Column(key="name", heading=N_("name")),
    Column(key="role", heading=N_("role")),
    Column(key="since", heading=N_("from register")),
    Column(key="until", heading=N_("to register"), missing="–"),
    Column(key="me", in_table=False),
    Column(key="fingerprint", in_table=False),
)

KEYS = (
    Column(key="name", heading=N_("name")),
    Column(key="since", heading=N_("from register")),
    Column(key="me", in_table=False),
    Column(key="fingerprint", heading=N_("fingerprint")),
)

FOUND = (
    Column(key="case", heading=N_("case")),
    Column(key="state", heading=N_("state")),
    Column(key="received", in_table=False),
    Column(key="step", heading=N_("step"), missing="–"),
    Column(key="entry", in_table=False),
    Column(key="field", heading=N_("field"), missing="–"),
)

IMPORTED = tuple(Column(key=name) for name in ("row", "outcome", "case", "column", "field"))

MEMBERS = (
    Column(key="code", heading=N_("code")),
    Column(key="name", heading=N_("name")),
    Column(key="ring", heading=N_("ring")),
    Column(key="sector", heading=N_("sector")),
    Column(key="contact", in_table=False),
    Column(key="ambassador", in_table=False),
    Column(key="since", in_table=False),
    Column(key="until", heading=N_("until"), missing="–"),
    Column(key="parent", in_table=False),
)

CARE = (
    Column(key="member", in_table=False),
    Column(key="name", heading=N_("name")),
    Column(key="ring", in_table=False),
    Column(key="talk", heading=N_("talk"), missing="–"),
    Column(key="action_card", heading=N_("action card"), missing="–"),
    Column(key="version", heading=N_("version"), missing="–"),
    Column(key="contact", heading=N_("contact"), missing="–"),
    Column(key="due", heading=N_("due")),
)

ACTIVITIES = (
    Column(key="number", heading=N_("no.")),
    Column(key="date", heading=N_("date")),
    Column(key="kind", heading=N_("kind")),
    Column(key="topic", heading=N_("topic"), missing="–"),
    Column(key="audience", heading=N_("for"), missing="–"),
    Column(key="members", heading=N_("members"), missing="–"),
    Column(key="organiser", in_table=False),
    Column(key="invited", in_table=False),
    Column(key="participants", heading=N_("came"), missing="–"),
    Column(key="held", heading=N_("held")),
)

NETWORKS = (
    Column(key="code", heading=N_("code")),
    Column(key="name", heading=N_("name")),
    Column(key="purpose", heading=N_("purpose"), missing="–"),
    Column(key="represented_by", heading=N_("represented by"), missing="–"),
    Column(key="since", heading=N_("since"), missing="–"),
    Column(key="until", heading=N_("until"), missing="–"),
)

PROOFS = (
    Column(key="what", heading=N_("proof")),
    Column(key="done", heading=N_("done")),
    Column(key="by", heading=N_("by"), missing="–"),
    Column(key="note", heading=N_("note"), missing="–"),
)

DISCLOSURES = (
    Column(key="date", heading=N_("date")),
    Column(key="case", heading=N_("case")),
    Column(key="direction", heading=N_("direction")),
    Column(key="organisation", heading=N_("organisation")),
    Column(key="basis", in_table=False),
    Column(key="citation", heading=N_("provision"), missing="–"),
    Column(key="provision", in_table=False),
)

REQUESTS = (
    Column(key="request", heading=N_("request")),
    Column(key="kind", heading=N_("kind")),
    Column(key="who", in_table=False),
    Column(key="case", heading=N_("case"), missing="–"),
    Column(key="received", heading=N_("received")),
    Column(key="due", heading=N_("due")),
    Column(key="extended", in_table=False),
    Column(key="answered", heading=N_("answered"), missing="–"),
    Column(key="days", heading=N_("days"), missing="–"),
    Column(key="outcome", heading=N_("outcome"), missing="–"),
    Column(key="refused", in_table=False),
    Column(key="provisions", heading=N_("provision"), missing="–"),
)

CASELOAD = (
    Column(key="responsible", heading=N_("answers for it")),
    Column(key="received", heading=N_("received")),
    Column(key="open", heading=N_("open")),
    Column(key="closed", heading=N_("closed")),
)

ADOPTIONS = (
    Column(key="document", heading=N_("document")),
    Column(key="version", heading=N_("version")),
    Column(key="adopted", heading=N_("adopted")),
    Column(key="adopted_by", heading=N_("by"), missing="–"),
    Column(key="published", heading=N_("published"), missing="–"),
    Column(key="work_group", in_table=False),
    Column(key="consulted", in_table=False),
)

AGENDA = (
    Column(key="meeting", in_table=False),
    Column(key="date", in_table=False),
    Column(key="case", heading=N_("case")),
    Column(key="state", heading=N_("state")),
    Column(key="due", heading=N_("due"), missing="–"),
    Column(key="step", heading=N_("step")),
    Column(key="written", in_table=False),
)

MEETINGS = (
    Column(key="meeting", heading=N_("no.")),
    Column(key="date", heading=N_("date")),
    Column(key="cases", heading=N_("cases")),
    Column(key="held", heading=N_("held"), missing="–"),
    Column(key="written", heading=N_("written")),
)

RETENTION = (
    Column(key="case", heading=N_("case")),
    Column(key="gate", in_table=False),
    Column(key="rule", heading=N_("rule")),
    Column(key="action", heading=N_("proposal")),
    Column(key="due", heading=N_("due")),
    Column(key="days_overdue", heading=N_("when")),
    Column(key="extensions", heading=N_("extended")),
)

CERTIFICATES = (
    Column(key="case", heading=N_("case")),
    Column(key="erased", heading=N_("erased")),
    Column(key="by", heading=N_("by")),
    Column(key="archive", heading=N_("archive")),
    Column(key="receipt", heading=N_("receipt"), missing="–"),
    Column(key="rule", heading=N_("rule")),
    Column(key="code", heading=N_("basis"), missing="–"),
    Column(key="month", in_table=False),
    Column(key="reason", in_table=False),
)

BREACHES = (
    Column(key="number", heading=N_("no.")),
    Column(key="discovered", heading=N_("discovered")),
    Column(key="what", heading=N_("what")),
    Column(key="concerned", heading=N_("concerned"), missing="–"),
    Column(key="consequences", in_table=False),
    Column(key="remedy", in_table=False),
    Column(key="reported", heading=N_("reported"), missing="–"),
    Column(key="told", in_table=False),
    Column(key="reason", in_table=False),
)

SETTINGS = (
    Column(key="path", heading=N_("setting")),
    Column(key="value", heading=N_("value"), missing="–"),
    Column(key="own", heading=N_("own")),
)

RULES = (
    Column(key="rule", in_table=False),
    Column(key="effect", heading=N_("effect")),
    Column(key="steps", in_table=False),
    Column(key="why", heading=N_("why")),
    Column(key="source", heading=N_("source")),
    Column(key="read", heading=N_("source read"), missing="–"),
    Column(key="remedy", in_table=False),
)

CHECKED = (
    Column(key="case", heading=N_("case")),
    Column(key="entry", heading=N_("entry")),
    Column(key="step", in_table=False),
    Column(key="rule", in_table=False),
    Column(key="field", in_table=False),
    Column(key="what", heading=N_("what")),
    Column(key="remedy", heading=N_("what would mend it"), missing="–"),
)

ILLS = (
    Column(key="check", heading=N_("what was looked at")),
    Column(key="place", in_table=False),
    Column(key="what", heading=N_("what")),
    Column(key="remedy", heading=N_("what would mend it")),
)

LOOKS = (
    Column(key="at", heading=N_("when")),
    Column(key="by", heading=N_("who")),
    Column(key="case", heading=N_("case"), missing="–"),
    Column(key="what", heading=N_("what")),
    Column(key="purpose", heading=N_("why"), missing="–"),
    Column(key="document", in_table=False),
)

SUPERFLUOUS = (
    Column(key="case", heading=N_("case")),
    Column(key="entry", heading=N_("entry")),
    Column(key="step", heading=N_("step")),
    Column(key="field", heading=N_("field")),
    Column(key="remedy", heading=N_("what would mend it")),
)

CLOCKS = (
    Column(key="clock", heading=N_("clock")),
    Column(key="length", heading=N_("length"), missing=""),
    Column(key="unit", heading=N_("unit")),
    Column(key="starts", heading=N_("starts")),
    Column(key="stops", heading=N_("stops")),
    Column(key="source", heading=N_("source")),
    Column(key="read", heading=N_("source read"), missing="–"),
)


def spoken(rows: list[dict[str, Any]], form: str) -> list[dict[str, Any]]:
    """Say codes, days and counts of days as people do, in tables only."""
    if form != "table":
        return rows
    words = vocabulary_choices(language())
    said: dict[str, Callable[[Any], Any]] = {"received": _day, "days_overdue": when, "read": read}
    said |= {name: words[name].__getitem__ for name in ("state", "unit")}
    said["clock"] = {**words["clock"], "clock": _("this machine's clock is behind")}.__getitem__
    return [{key: said[key](value) if key in said else value for key, value in row.items()} for row in rows]


def read(day: str | None) -> str | None:
    """Say when a source was read, or that nobody has confirmed it."""
    return _("not confirmed") if day == UNCONFIRMED else day


def _day(moment: str) -> str:
    return moment[:10]


def when(days_overdue: int) -> str:
    """Say how many days are left, or over."""
    if days_overdue == 0:
        return _("today")
    if days_overdue < 0:
        return plural("in {count} day", "in {count} days", -days_overdue)
    return plural("{count} day overdue", "{count} days overdue", days_overdue)
