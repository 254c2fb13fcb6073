"""What is worked out again and again and does not change: kept from one command to the next.

Cron's line must not parse YAML, and nobody should wait twice for the holidays of a year. Only what says nothing about
a person concerned comes here: shipped texts, the configuration, the member list, holidays. Never a record. Lost or
damaged, it is worked out again.
"""

import json
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

from ballerup_cli.errors import BallerupError
from ballerup_cli.storage.crypto.signing import digest
from ballerup_cli.storage.files import read_file, write_private
from ballerup_cli.storage.text import codec

_MOST = 200  # texts and years kept; those used last
_LARGEST = 1 << 22

_before: dict[str, Any] = {}
_used: dict[str, Any] = {}


def get_or_compute(key: str, find: Callable[[], Any]) -> Any:
    """Return what ``key`` stands for, plain values as JSON has them; ``find`` is only asked when nobody knows.

    Raises:
        Exception: whatever ``find`` raises; then nothing is kept.
    """
    if key not in _used:
        _used[key] = _before[key] if key in _before else find()
    return _used[key]


def keep(key: str, value: Any) -> None:
    """Keep a value for the commands to come, in the place of what was kept by that name."""
    _used[key] = value


def kept(key: str) -> Any:
    """Return what an earlier command kept by a name, None when nothing was."""
    return _used.get(key, _before.get(key))


def decoded(text: bytes) -> Any:
    """Return what a YAML text says, by its digest: the one mapping that ``codec.decode`` reads in it.

    Raises:
        ValueError: it is anything else.
    """
    return get_or_compute(digest(text), partial(codec.decode, text))


def load(path: Path) -> None:
    """Take up what was kept in a file; one that is missing or damaged holds nothing."""
    with suppress(BallerupError, ValueError, RecursionError):
        kept = json.loads(read_file(path, limit=_LARGEST))
        _before.update(kept if isinstance(kept, dict) else {})


def save(path: Path) -> None:
    """Keep what was used, if any of it is new; where nothing can be kept, the next command works it out again."""
    new = any(key not in _before or _before[key] != value for key, value in _used.items())
    if not new or not path.parent.is_dir():  # nobody has a store here yet
        return
    newest = {**_used, **{key: value for key, value in _before.items() if key not in _used}}
    with suppress(BallerupError):
        write_private(path, json.dumps(dict([*newest.items()][:_MOST])).encode(), lasting=False)
