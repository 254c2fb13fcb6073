"""The secret by which counts are rounded: founded with the store, sealed to its members, and never changed.

It lies in the first entry of the settings. Renewing the keys of members seals it anew and leaves it as it is, so that a
count goes on printing the same number. What is done with it belongs to ``reports``.
"""

import hmac
import secrets
from collections.abc import Callable

from ballerup_cli.services.store.workspace import SETTINGS, Workspace

FIELD = "key"


def new() -> str:
    """Return a key for a new store."""
    return secrets.token_hex(32)


def draw_of(workspace: Workspace, base: int) -> Callable[[str], int]:
    """Return what draws a number below ``base`` for a name, always the same one for the same name.

    Raises:
        BallerupError: the settings cannot be read.
    """
    key = _key(workspace)

    def draw(name: str) -> int:
        return int.from_bytes(hmac.digest(key, name.encode(), "sha256")[:8], "big") % base

    return draw


def mark_of(workspace: Workspace, text: str) -> str:
    """Return what tells a text from any other to whoever has the key, and nothing else of it.

    Raises:
        BallerupError: the settings cannot be read.
    """
    return hmac.digest(_key(workspace), text.encode(), "sha256").hex()


def _key(workspace: Workspace) -> bytes:
    return bytes.fromhex(workspace.store.entries(SETTINGS)[0].body[FIELD])
