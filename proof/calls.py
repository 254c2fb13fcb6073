"""The program called within this process, so that a campaign can call it thousands of times.

Same root command, same words for failures, same exit codes as the installed one; only the start of Python is left out.
"""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from unittest import mock

from cli_kit import Answer, Home
from click.testing import CliRunner

from ballerup_cli.cli import main as program
from ballerup_cli.cli.ui.text import choose_language, lang_in


@contextmanager
def at_home(home: Home) -> Iterator[None]:
    """Be in a home: its environment, its folder, its umask."""
    before, mask = os.getcwd(), os.umask(0o077)  # noqa: PTH109
    os.chdir(home.work)
    try:
        with mock.patch.dict(os.environ, home.environ(), clear=True):
            yield
    finally:
        os.chdir(before)
        os.umask(mask)


def call(home: Home, *words: object, typed: str = "") -> Answer:
    """Call the program as its user types it; a bug is exit code 1, as there."""
    said = [str(word) for word in words]
    with at_home(home), CliRunner().isolation(input=typed) as (out, err, _):
        program.set_language(choose_language(lang_in(said), os.environ, None))
        arguments = {"standalone_mode": False, "prog_name": "ballerup"}
        code = program._guarded(lambda: program.main.main(said, **arguments))
        sys.stdout.flush()
        sys.stderr.flush()
        return Answer(code=code, out=out.getvalue().decode(), err=err.getvalue().decode())


def contents(home: Home) -> dict[str, int]:
    """Every journal of the store read whole, and how many entries it has; an alarm is raised."""
    store = home.workspace().store
    for alarm in store.alarms():
        raise alarm
    return {name: len(store.entries(name)) for name in store.register.journals}
