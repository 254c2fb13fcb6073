"""Search: the words looked for in every entry of every case."""

from collections.abc import Sequence

from ballerup_cli.core.search import Row, find
from ballerup_cli.services import records
from ballerup_cli.services.workspace import Workspace


def search(desk: Workspace, wanted: Sequence[str], state: str | None = None) -> list[Row]:
    """Return the places where the words stand, by case, entry and field; only cases in ``state`` when it is given.

    Raises:
        BallerupError: a case is missing, damaged or forged; nothing is skipped silently.
    """
    cases = (case for case in records.cases(desk) if state in (None, case.state))
    return [row for case in cases for row in find(case, wanted)]
