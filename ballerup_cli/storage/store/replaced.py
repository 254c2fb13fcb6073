"""What a restore replaced: kept beside the store, so that going back can be undone by hand; and let go in time.

It is in no copy. Nothing erased or redacted is ever kept here: what takes a text away takes it away here too
(docs/format.md).
"""

import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import datetime, timedelta

from ballerup_cli.errors import BallerupError
from ballerup_cli.storage.files import Folder

_NAME = re.compile("replaced-[0-9]{1,12}")
_KEPT_FOR = timedelta(days=30)


def folders(folder: Folder) -> Iterator[Folder]:
    """Give the folders of replaced stores inside a store's folder."""
    for name in sorted(filter(_NAME.fullmatch, folder.names())):
        yield folder.below(name)


def set_aside(folder: Folder, number: int, files: Iterable[str]) -> None:
    """Keep the named files of a store, as they are, under the number of its register.

    Raises:
        OSError: as the system says; nothing of the store was changed.
        BallerupError: a file cannot be read.
    """
    aside = folder.below(f"replaced-{number}", make=True)
    there = aside.names()
    for name in sorted({*files} - there):
        aside.create(name, folder.read(name))
    aside.sync()


def let_go(folder: Folder, files: Iterable[str], at: str, *, everything: bool = False) -> None:
    """Take away what must not be kept: these files, whatever is older than thirty days, or all of it."""
    gone = {*files}
    for aside in folders(folder):
        with suppress(BallerupError, OSError):
            old = everything or aside.changed() + _KEPT_FOR < datetime.fromisoformat(at)
            for name in aside.names() if old else aside.names() & gone:
                aside.unlink(name)
            if old:
                aside.path.rmdir()
