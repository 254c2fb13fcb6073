"""What is needed to understand a form of one store: the names of its members of Pladen."""

from ballerup_cli.services.store.workspace import Workspace


def members_by_name(workspace: Workspace, day: str) -> dict[str, str]:
    """Return the members of Pladen there are on a day: code and name."""
    return {member.code: member.name for member in workspace.pladen.current(day)}
