"""What an account that only watches deadlines needs: its steps, a line for cron, and units for systemd.

Texts come from ``templates/cron``; that account's key opens the register and nothing about people (docs/format.md).
"""

import re
import shlex
from pathlib import Path
from string import Template

from ballerup_cli.services.store.identity import Places
from ballerup_cli.services.store.workspace import configured_store
from ballerup_cli.storage.text import schema

FORMS = ("crontab", "ballerup-due.service", "ballerup-due.timer", "ballerup-due-mail.service")
"""What can be printed: a line for cron; or a unit with its timer, and the one that mails what it said."""

_PLAIN = re.compile(r"[\w/.,:@+=-]+", re.ASCII)


def unit(form: str, places: Places, program: Path, account: str, language: str, reader: str) -> str:
    """Return one of ``FORMS`` for the account and the store at hand, mailed to the reader.

    Raises:
        NotConfiguredError: no store is configured for this account.
    """
    facts = {"program": program, "account": account, "language": language, "reader": reader}
    facts |= {"config": places.config, "state": places.state, "store": configured_store(places)}
    return filled(form, {name: str(value) for name, value in facts.items()})


def filled(form: str, facts: dict[str, str]) -> str:
    """Return one of ``FORMS`` with these facts, quoted for whoever reads it."""
    return _text(form, _for_crontab(facts) if form == "crontab" else _for_unit(facts))


def _for_crontab(facts: dict[str, str]) -> dict[str, str]:
    """Quote as cron reads it: no shell reads a setting, one reads the command, and a bare % would end that."""
    quoted = {name: text if _PLAIN.fullmatch(text) else _between(text) for name, text in facts.items()}
    return quoted | {"program": shlex.quote(facts["program"]).replace("%", r"\%")}


def _between(text: str) -> str:
    mark = "'" if '"' in text else '"'
    return f"{mark}{text}{mark}"


def _for_unit(facts: dict[str, str]) -> dict[str, str]:
    """Quote as systemd reads it: the template has the quotation marks round a path; % is a specifier of its own."""
    escaped = {name: re.sub(r'(["\\])', r"\\\1", text).replace("%", "%%") for name, text in facts.items()}
    program = escaped["program"]
    return escaped | {"program": program if _PLAIN.fullmatch(program) else f'"{program}"'}


def steps(places: Places, program: Path, account: str, name: str, reader: str) -> str:
    """Return the shell lines by which an account of its own comes to watch the configured store for a reader.

    Raises:
        NotConfiguredError: no store is configured here.
    """
    store = configured_store(places)
    group = store.group() if store.exists() else "GROUP"
    facts = {"program": program, "account": account, "name": name, "store": store, "group": group, "reader": reader}
    return _text("setup.sh", {key: shlex.quote(str(value)) for key, value in facts.items()})


def _text(form: str, facts: dict[str, str]) -> str:
    return Template(schema.resource(f"templates/cron/{form}").decode().replace("$$", "$$$$")).substitute(facts)
