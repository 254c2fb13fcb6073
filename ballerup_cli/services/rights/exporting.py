"""Cases on their way to another program: one JSON file a case, sealed unless told otherwise.

The format is described in docs/format.md. How a file leaves the store belongs to ``outgoing``.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from ballerup_cli.core.cases.case import Case
from ballerup_cli.errors import RestrictedError
from ballerup_cli.services.documents import outgoing
from ballerup_cli.services.store import lookups, records
from ballerup_cli.services.store.index import restricted
from ballerup_cli.services.store.moment import Moment
from ballerup_cli.services.store.workspace import Workspace
from ballerup_cli.storage.crypto.age import HybridRecipient, parse_recipient
from ballerup_cli.storage.files import private_folder
from ballerup_cli.storage.store.store import case_journal

FORMAT = "ballerup/case-export/1"
KIND = "export"

Recipient = HybridRecipient
"""Whom a file can be sealed to: age's post-quantum keys only, like the records themselves."""


def recipient(text: str) -> Recipient:
    """Read a recipient as age writes it, ``age1pq1…``.

    Raises:
        ValueError: it is none.
    """
    return parse_recipient(text)


def export(
    workspace: Workspace,
    numbers: Sequence[str],
    folder: Path,
    moment: Moment,
    *,
    also: Sequence[Recipient] = (),
    plain: bool = False,
    record: Callable[[str], None],
) -> Iterator[Path]:
    """Write each case to a new file and give its path; ``look`` logs each number before, as does what leaves plainly.

    Raises:
        FileThereError: one of the files is there already; then none is written.
        RestrictedError: one of the cases may only be kept.
        BallerupError: the store cannot be read, or the folder not written.
    """
    ending = ".json" if plain else ".json.age"
    paths = {number: folder / f"{number}{ending}" for number in numbers}
    for number in sorted(restricted(workspace).intersection(numbers)):
        state = workspace.store.register.journals[case_journal(number)].state
        raise RestrictedError(case=number, step=KIND, state=state, possible=())
    private_folder(folder)
    for path in paths.values():
        outgoing.refuse_existing(path)
    for number, path in paths.items():
        case = records.open_case(workspace, number)
        record(number)
        data = f"{json.dumps(_content(workspace, case), ensure_ascii=False, indent=2)}\n".encode()
        if plain:
            lookups.document_left(workspace, number, KIND, len(case.entries), moment)
        outgoing.save(path, data if plain else outgoing.sealed(workspace, data, also))
        yield path


def is_in_store(workspace: Workspace, folder: Path) -> bool:
    """Tell whether a folder is the store's own, where every sealed file that nobody wrote is an alarm."""
    return folder.resolve().is_relative_to(workspace.store.folder.path.resolve())


def _content(workspace: Workspace, case: Case) -> dict[str, Any]:
    entries = [
        {"entry": entry.number, "step": entry.step, "at": entry.at, "by": entry.by, "body": entry.body}
        for entry in case.entries
    ]
    return {"format": FORMAT, "case": case.number, "entries": entries, "sheet": records.sheet(workspace, case)}
