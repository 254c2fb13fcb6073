"""What a shell completes beside commands and options: case numbers and codes from the store.

A completion asks for no passphrase, says nothing when it cannot know, and writes nothing.
"""

import os
from collections.abc import Iterable
from contextlib import suppress

import click
from click.shell_completion import CompletionItem

from ballerup_cli.cli.ui.session import Session, places
from ballerup_cli.errors import BallerupError, PassphraseWantedError
from ballerup_cli.services.store.workspace import Workspace, open_workspace


def case_numbers(ctx: click.Context, begun: str) -> list[CompletionItem]:
    """Give the cases whose number begins so, the newest first; a serial alone completes too."""
    workspace = _workspace(ctx)
    numbers = reversed(workspace.store.cases()) if workspace else ()
    return [CompletionItem(number) for number in numbers if number.startswith(begun) or _serial(number) == begun]


def members(ctx: click.Context, begun: str) -> list[CompletionItem]:
    """Give the codes of Pladen's members that begin so."""
    workspace = _workspace(ctx)
    return _beginning(workspace.pladen.members if workspace else (), begun)


def _beginning(words: Iterable[str], begun: str) -> list[CompletionItem]:
    return [CompletionItem(word) for word in words if word.startswith(begun)]


def _serial(number: str) -> str:
    return number.partition("-")[2].lstrip("0")


def _workspace(ctx: click.Context) -> Workspace | None:
    """Open the store that the words typed so far speak of, None when that takes a passphrase or cannot be done."""
    options, session = ctx.find_root().params, ctx.find_root().obj
    with suppress(BallerupError, OSError):
        if isinstance(session, Session):  # the shell, which has its key open
            return session.workspace
        mine = Session(places(os.environ), identity=options.get("identity"))
        return open_workspace(
            mine.places,
            folder=options.get("store"),
            identity=mine.key,  # which may be unlocked for some hours
            passphrase=_without_asking,
        )
    return None


def _without_asking() -> str:
    raise PassphraseWantedError
