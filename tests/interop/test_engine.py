"""An engine for many machines loads the pages of many municipalities unchanged; its sums are those of `combine`."""

import os
from importlib.util import find_spec
from pathlib import Path

import pytest
from cli_kit import Home

from proof import municipalities
from proof.tally import Ask, Tally

pytestmark = pytest.mark.skipif(
    "INTEROP" not in os.environ and find_spec("dask") is None, reason="dask is not installed: 'make interop' does it"
)


def test_dask_adds_up_what_combine_adds_up(ready_home: Home, tmp_path: Path) -> None:
    tally = Tally()
    municipalities.run(Ask(2, 1, tmp_path), tally, ready_home)
    assert tally.broken == []
    assert any(note.startswith("dask: the same pages") for note in tally.notes)
