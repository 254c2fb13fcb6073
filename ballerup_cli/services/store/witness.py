"""The witness of time: the newest accepted register's moment, against the clock of this machine (docs/format.md).

A laptop after a sleep may be days behind: then nothing is overdue, and nobody is told.
"""

from datetime import datetime, timedelta

from ballerup_cli.errors import N_, Finding
from ballerup_cli.services.store.moment import Moment
from ballerup_cli.services.store.workspace import Workspace

_TOLERANCE, _NO_WITNESS = timedelta(minutes=5), timedelta(days=1)


def is_behind(workspace: Workspace, moment: Moment) -> bool:
    """Tell whether this machine's clock is behind the newest register, by a witness that can be believed."""
    return _TOLERANCE < _ahead(workspace, moment) <= _NO_WITNESS


def testify(workspace: Workspace, moment: Moment) -> Finding | None:
    """Return what is wrong with this machine's clock, or with that of whoever signed the newest register."""
    register, ahead = workspace.store.register, _ahead(workspace, moment)
    if ahead <= _TOLERANCE:
        return None
    behind = N_("this machine's clock is behind: register {number} was written {at}; deadlines may be hidden by that")
    strange = N_("register {number} by {by} is dated {at}, more than a day from now; look at the clock there")
    facts = {"number": register.number, "by": register.by, "at": register.at[:16]}
    return Finding(message=behind if ahead <= _NO_WITNESS else strange, facts=facts)


def _ahead(workspace: Workspace, moment: Moment) -> timedelta:
    return datetime.fromisoformat(workspace.store.register.at) - datetime.fromisoformat(moment.at)
