"""`make bench` and `make bench-full`: measure, keep the results, write the page.

usage: python -m bench [--patience SECONDS] [--resume] [SIZE …]
"""

import argparse
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from datetime import date
from pathlib import Path
from typing import Any

from bench.generate import FRESH, MEMORY
from bench.goals import GOALS
from bench.measures import measure, measure_seal
from bench.page import page
from bench.peers import PEERS

ROOT = Path(__file__).parent.parent
RESULTS = ROOT / "bench" / "results.json"
PAGE = ROOT / "docs" / "performance.md"
_NEEDED = 90_000  # bytes a case: the store twice, while it is sealed anew, and the same records for six others


def main() -> None:
    """Measure what is asked for and not there yet."""
    words = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    words.add_argument("sizes", nargs="*", type=int, default=[0, 1_000])
    words.add_argument("--patience", type=float, default=10.0, help="run what takes longer than this fewer times")
    words.add_argument("--resume", action="store_true", help="keep the sizes that this revision has measured here")
    told = words.parse_args()
    results = _begun(told.resume)
    for peer in PEERS:
        if not peer.is_here:
            _say(f"{peer.name} is not on this machine, and is left out")
    place = MEMORY if MEMORY.is_dir() else Path(tempfile.gettempdir())
    results["where"] = "memory" if place == MEMORY else "a temporary folder on a disk"
    with tempfile.TemporaryDirectory(prefix="ballerup-bench-", dir=place) as folder:
        if "seal" not in results:
            results["seal"] = measure_seal(_new(folder, "seal"))
        for size in told.sizes:
            if str(size) in results["sizes"]:
                _say(f"{size:,} cases: measured already")
            elif shutil.disk_usage(place).free < size * _NEEDED:
                _say(f"{size:,} cases: there is no room for them in {place}")
            else:
                _say(f"{size:,} cases …")
                at = _new(folder, str(size))
                results["sizes"][str(size)] = measure(at, size, told.patience)
                shutil.rmtree(at)
            _keep(results)
    _tell(results)


def _begun(resume: bool) -> dict[str, Any]:
    """Return the results so far where they are of this machine and revision, else none."""
    here = {
        "revision": _git("log", "-1", "--format=%h", "ballerup_cli"),
        "machine": f"{platform.system()} {platform.release()}, {_processor()}{os.cpu_count()} cores",
        "python": platform.python_version(),
    }
    before = json.loads(RESULTS.read_text()) if resume and RESULTS.exists() else {}
    if {name: before.get(name) for name in here} == here:
        return dict(before)
    versions = {peer.name: peer.told_version() for peer in PEERS if peer.is_here}
    return {"day": str(date.today()), **here, "fresh": FRESH, "programs": versions, "sizes": {}}


def _processor() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines() if Path("/proc/cpuinfo").exists() else []
    return next((f"{line.partition(': ')[2]}, " for line in lines if line.startswith("model name")), "")


def _git(*words: str) -> str:
    told = subprocess.run(["git", *words], cwd=ROOT, capture_output=True, text=True, check=False)
    return told.stdout.strip() or ("unknown" if told.returncode else "")


def _new(folder: str, name: str) -> Path:
    path = Path(folder) / name
    path.mkdir()
    return path


def _keep(results: dict[str, Any]) -> None:
    RESULTS.write_text(json.dumps(results, indent=1, ensure_ascii=False) + "\n")
    PAGE.write_text(page(results))


def _tell(results: dict[str, Any]) -> None:
    """Say what misses its goal."""
    for goal in GOALS:
        value = goal.value(results)
        if value is not None:
            _say(f"{'met   ' if goal.is_met(value) else 'MISSED'} {goal.what} ({goal.at}): {value:,.2f} {goal.unit}")


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
