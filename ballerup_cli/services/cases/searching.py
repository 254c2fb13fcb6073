"""Search: the words looked for in every entry of every case."""

from collections.abc import Sequence

from ballerup_cli.core.cases.search import Row, find
from ballerup_cli.services.store import records
from ballerup_cli.services.store.index import texts_of_all
from ballerup_cli.services.store.workspace import Workspace
from ballerup_cli.storage.store.store import case_of


def search(workspace: Workspace, wanted: Sequence[str], state: str | None = None) -> list[Row]:
    """Return the places where the words stand, by case, entry and field; only cases in ``state`` when it is given.

    Raises:
        BallerupError: a case is missing, damaged or forged; nothing is skipped silently.
    """
    holding = texts_of_all(workspace).holding("text", wanted)
    cases = records.cases(workspace, [str(case_of(name)) for name in holding])
    used = (case for case in cases if not case.restricted)  # what may only be kept is not looked through (GDPR art. 18)
    return [row for case in used if state in (None, case.state) for row in find(case, wanted)]
