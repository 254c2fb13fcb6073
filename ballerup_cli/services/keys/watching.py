"""What an account that only watches deadlines needs: its steps, a line for cron, and units for systemd.

Texts come from ``templates/cron``; that account's key opens the register and nothing about people (docs/format.md).
"""

import shlex
from pathlib import Path
from string import Template

from ballerup_cli.services.store.identity import Places
from ballerup_cli.services.store.workspace import configured_store
from ballerup_cli.storage.text import schema

FORMS = ("crontab", "ballerup-due.service", "ballerup-due.timer")
"""What can be printed: a line for cron, or a unit with its timer."""


def unit(form: str, places: Places, program: Path, account: str, language: str) -> str:
    """Return one of ``FORMS`` for the account and the store at hand.

    Raises:
        NotConfiguredError: no store is configured for this account.
    """
    told = {
        "program": program,
        "account": account,
        "language": language,
        "config": places.config,
        "state": places.state,
        "store": configured_store(places),
    }
    return _filled(form, {name: str(value) for name, value in told.items()})


def steps(places: Places, program: Path, account: str, name: str) -> str:
    """Return the shell lines by which an account of its own comes to watch the configured store.

    Raises:
        NotConfiguredError: no store is configured here.
    """
    store = configured_store(places)
    group = store.group() if store.exists() else "GROUP"
    told = {"program": program, "account": account, "name": name, "store": store, "group": group}
    return _filled("setup.sh", {key: shlex.quote(str(value)) for key, value in told.items()})


def _filled(form: str, facts: dict[str, str]) -> str:
    return Template(schema.resource(f"templates/cron/{form}").decode()).substitute(facts)
