"""Campaigns that try to break the promises: crashes, kills, faults, attacks, leaks, fuzzing.

Each campaign is a module with ``run(ask, tally)``; ``campaigns`` is the table of them. `make proof` runs the long ones
and writes docs/reliability.md; tests/house/test_proof.py runs a short one of each, with the same seeds.
"""

import sys
from pathlib import Path

_TESTS = Path(__file__).parent.parent / "tests"
sys.path += [str(_TESTS), *(str(room) for room in sorted(_TESTS.iterdir()) if room.is_dir())]  # scenes are theirs
