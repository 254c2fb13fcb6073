"""Every call in the README and in the pages for users prints what they say: the `console` blocks, a new home a page.

What differs from run to run (the home, the store's identity, fingerprints, when an entry was written) is brought to one
spelling on both sides. After a change that is meant, `python tests/house/test_readme.py [PAGE...]` writes the new
output into the pages.
"""

import os
import re
import subprocess
import sys
import tempfile
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

ROOT = Path(__file__).parents[2]
PROGRAMS = Path(sys.executable).parent
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("??/*.md"))]
HOME = "/home/anna"
PIN = "6ebc690d0448e9252b4dd765af765853807912bbac642efdf75f3b0ad0652f8d"
WRITTEN = "2026-11-20 10:14"
SPOKEN = "acorn acre agate album alder alloy almond amber anchor angle"

_BLOCK = re.compile(r"(?<=^```console\n).*?(?=^```$)", re.MULTILINE | re.DOTALL)
_DAY = datetime.now(ZoneInfo("Europe/Copenhagen"))
_MARK = "\x1e"


def calls(block: str) -> list[str]:
    return [line.removeprefix("$ ") for line in block.splitlines() if line.startswith("$ ")]


def said(page: Path) -> list[str]:
    """Give what a page says that its calls print, block by block."""
    return _BLOCK.findall(page.read_text(encoding="utf-8"))


def played(page: Path, home: Path, programs: Path = PROGRAMS) -> list[str]:
    """Run the calls of a page in one shell, in its language, and give its blocks with what the calls print."""
    blocks = said(page)
    if "templates/" in "".join(blocks):
        (home / "templates").symlink_to(ROOT / "templates")
    script = "".join(f"echo '{_MARK}'\n{call}\n" for block in blocks for call in calls(block))
    environment = {
        "PATH": f"{programs}:{os.environ['PATH']}",
        "HOME": str(home),
        "BALLERUP_LANG": "da" if page.parent.name == "da" else "en",
        "COLUMNS": "80",
        "TMPDIR": str(home),
    }
    ended = subprocess.run(
        ["bash", "-euo", "pipefail"],
        input=f"exec 2>&1\n{script}",
        cwd=home,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        start_new_session=True,
    )
    assert ended.returncode == 0, ended.stdout[-2000:]
    printed = iter(plain(ended.stdout, home).split(f"{_MARK}\n")[1:])
    return ["".join(f"$ {call}\n{next(printed)}" for call in calls(block)) for block in blocks]


def plain(text: str, home: Path) -> str:
    text = re.sub(r"\b[0-9a-f]{64}\b", PIN, text.replace(str(home), HOME))
    text = re.sub(r"(is register [0-9]+ of) [0-9-]{10} [0-9:]{5}", rf"\1 {WRITTEN}", text)
    text = re.sub(r"(?<=ryk: |key: )(?:[a-zæøå]+ ){9}[a-zæøå]+$", SPOKEN, text, flags=re.MULTILINE)
    text = re.sub(rf"\b{_DAY:%Y-%m-%d}\b( [0-9:]{{5}})?", lambda day: WRITTEN if day[1] else WRITTEN[:10], text)
    text = re.sub(rf"\b{_DAY:%d.%m.%Y}\b( [0-9:]{{5}})?", lambda day: "20.11.2026 10:14"[: len(day[0])], text)
    return re.sub(r"[0-9-]{10} [0-9:]{5}(?=  anna$)", WRITTEN, text, flags=re.MULTILINE)


@pytest.mark.long
@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_call_prints_what_the_page_says(page: Path, tmp_path: Path) -> None:
    blocks = said(page)
    assert len(blocks) > 4
    for told, printed in zip(blocks, played(page, tmp_path), strict=True):
        assert printed.splitlines() == told.splitlines()


if __name__ == "__main__":
    for page in [Path(name).resolve() for name in sys.argv[1:]] or PAGES:
        with tempfile.TemporaryDirectory() as folder:
            fresh = iter(played(page, Path(folder)))
        text = page.read_text(encoding="utf-8")
        page.write_text(_BLOCK.sub(lambda _, fresh=fresh: next(fresh), text), encoding="utf-8")
