"""The action card (*actioncard*): one page with the attention points and what to do, for everybody."""

from collections.abc import Iterator, Mapping
from typing import Any

from ballerup_cli.services.documents import documents
from ballerup_cli.services.documents.documents import Document
from ballerup_cli.services.store.workspace import Workspace

CARD = "action-card"
_BLANK = "_" * 24
"""A line to fill in by hand where the settings hold nothing."""


def compose(workspace: Workspace, language: str) -> Document:
    """Return the card with the version and the names of the settings, in two columns so that it is one page."""
    return documents.compose(CARD, language, facts(workspace, language), own=workspace.settings["templates"], columns=2)


def facts(workspace: Workspace, language: str) -> Mapping[str, Any]:
    """Return what the card may tell."""
    settings = workspace.settings
    names = {name.replace("-", "_"): words[language] for name, words in settings["authorities"].items()}
    ours = settings["contacts"]
    body = {name: value or ours.get(name) or _BLANK for name, value in settings["action_card"].items()}
    groups = list(_groups(workspace, language))
    return {**names, **body, "municipality": settings["municipality"], "groups": groups}


def _groups(workspace: Workspace, language: str) -> Iterator[Mapping[str, Any]]:
    """Give the attention points in their groups, counted through."""
    words, first = workspace.vocabulary, 1
    for group in words.codes("sign-group"):
        signs = [
            words.label("sign", code, language)
            for code in words.codes("sign")
            if words.term("sign", code)["group"] == group
        ]
        title = words.label("sign-group", group, language)
        yield {"title": title[0].upper() + title[1:], "first": first, "signs": signs}
        first += len(signs)
