"""What is needed to understand a form of one store: the day, and the names of its members of the network."""

from ballerup_cli.services.forms.understanding import Reader
from ballerup_cli.services.store.moment import Moment
from ballerup_cli.services.store.workspace import Workspace


def reader(workspace: Workspace, moment: Moment, *, beginnings: bool = False) -> Reader:
    """Return what reads a form of this store; unique beginnings of codes where their writer sees what they became."""
    members = workspace.pladen.current(moment.today.isoformat())
    names = {member.code: member.name for member in members}
    return Reader(today=moment.today, pladen=names, beginnings=beginnings)
