"""`make proof`: the long run of the campaigns, or of those named, and the report about it.

usage: python -m proof [--seed N] [--report FILE] [CAMPAIGN[=ROUNDS] …]
"""

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
from datetime import date
from pathlib import Path
from typing import Any

from cli_kit import MEMORY, ready

from proof.campaigns import CAMPAIGNS, play
from proof.tally import Ask, Tally

ROOT = Path(__file__).parents[1]
REPORT = ROOT / "docs" / "reliability.md"
RESULTS = ROOT / "docs" / "reliability.json"


def main() -> int:
    """Run what is asked for, keep the results, write the report; 1 when a promise broke."""
    words = argparse.ArgumentParser(prog="proof", description=__doc__)
    words.add_argument("--seed", type=int, default=1)
    words.add_argument("campaigns", nargs="*", default=list(CAMPAIGNS), metavar="CAMPAIGN[=ROUNDS]")
    told = words.parse_args()
    results: dict[str, Any] = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    broken = 0
    with tempfile.TemporaryDirectory(prefix="proof-of-ballerup-", dir=MEMORY if MEMORY.is_dir() else None) as folder:
        home = ready(Path(folder) / "ready")
        for asked in told.campaigns:
            name, _, number = asked.partition("=")
            rounds = int(number) if number else CAMPAIGNS[name].long
            ask = Ask(rounds, told.seed, Path(folder) / name)
            ask.place.mkdir()
            tally, seconds = play(name, ask, home)
            results[name] = _result(ask, tally, seconds)
            broken += len(tally.broken)
            _say(name, tally, seconds)
            RESULTS.write_text(json.dumps(results, indent=1, ensure_ascii=False) + "\n")
            REPORT.write_text(report(results))
    return 1 if broken else 0


def _say(name: str, tally: Tally, seconds: float) -> None:
    counted = ", ".join(f"{what} {number}" for what, number in sorted(tally.counts.items()))
    sys.stdout.write(f"{name}: {counted}; {seconds:.0f} s; broken: {len(tally.broken)}\n")
    sys.stdout.writelines(f"  {told}\n" for told in [*tally.notes, *tally.broken])
    sys.stdout.flush()


def _result(ask: Ask, tally: Tally, seconds: float) -> dict[str, Any]:
    revision = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    return {
        "day": date.today().isoformat(),
        "revision": revision.stdout.strip() or "unknown",
        "machine": f"{platform.system()} {platform.release()} {platform.machine()}, {os.cpu_count()} cores",
        "python": platform.python_version(),
        "seed": ask.seed,
        "rounds": ask.rounds,
        "seconds": round(seconds),
        "counts": dict(sorted(tally.counts.items())),
        "notes": tally.notes,
        "broken": tally.broken,
    }


HEAD = """# Reliability: what was tried, and what broke

Written by `make proof` from its own results (`docs/reliability.json`); nothing here is typed by hand. Each campaign
starts from its seed and can be repeated: `make proof CAMPAIGNS="attacks=1000"`. A short run of each is part of
`make test-long`. What the campaigns do stands at the top of their modules in `proof/`.

| campaign | what must hold | broken |
|---|---|---|
"""


def report(results: dict[str, Any]) -> str:
    """Return the page about the results."""
    done = {name: results[name] for name in CAMPAIGNS if name in results}
    rows = "".join(f"| {name} | {CAMPAIGNS[name].promise} | {len(told['broken'])} |\n" for name, told in done.items())
    return HEAD + rows + "".join(_section(name, told) for name, told in done.items())


def _section(name: str, told: dict[str, Any]) -> str:
    rounds = f"{told['rounds']} rounds" if told["rounds"] else "everything there is"
    run = f"{told['day']}, at {told['revision']}; {told['machine']}, Python {told['python']}; seed {told['seed']}, "
    counts = "".join(f"| {what} | {number:,} |\n" for what, number in told["counts"].items())
    more = "".join(f"\n* {line}" for line in told["notes"])
    wrong = "".join(f"\n* broken: {line}" for line in told["broken"])
    table = f"| counted | |\n|---|---|\n{counts}"
    return f"\n## {name}\n\n{run}{rounds}, {told['seconds']} s.\n\n{table}{more}{wrong}".rstrip() + "\n"


if __name__ == "__main__":
    sys.exit(main())
