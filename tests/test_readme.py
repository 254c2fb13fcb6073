"""Every call in the README prints what the README says: all `console` blocks, in their order, in one new home.

What differs from run to run (the home, the store's identity, when an entry was written) is brought to one spelling on
both sides. After a change that is meant, `python tests/test_readme.py` writes the new output into the README.
"""

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parent.parent
README = ROOT / "README.md"
HOME = "/home/anna"
PIN = "6ebc690d0448e9252b4dd765af765853807912bbac642efdf75f3b0ad0652f8d"
WRITTEN = "2026-11-20 10:14"

_BLOCK = re.compile(r"(?<=^```console\n).*?(?=^```$)", re.MULTILINE | re.DOTALL)
_MARK = "\x1e"


def calls(block: str) -> list[str]:
    return [line.removeprefix("$ ") for line in block.splitlines() if line.startswith("$ ")]


def played(blocks: list[str], home: Path) -> list[str]:
    """Run the calls of all blocks in one shell, and give the blocks with what the calls print."""
    (home / "templates").symlink_to(ROOT / "templates")
    script = "".join(f"echo '{_MARK}'\n{call}\n" for block in blocks for call in calls(block))
    environment = {
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "HOME": str(home),
        "BALLERUP_LANG": "en",
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
    return re.sub(r"[0-9-]{10} [0-9:]{5}(?=  anna$)", WRITTEN, text, flags=re.MULTILINE)


def test_every_call_prints_what_the_readme_says(tmp_path: Path) -> None:
    blocks = _BLOCK.findall(README.read_text(encoding="utf-8"))
    assert len(blocks) > 5
    for said, printed in zip(blocks, played(blocks, tmp_path), strict=True):
        assert printed.splitlines() == said.splitlines()


if __name__ == "__main__":
    text = README.read_text(encoding="utf-8")
    with tempfile.TemporaryDirectory() as folder:
        fresh = iter(played(_BLOCK.findall(text), Path(folder)))
    README.write_text(_BLOCK.sub(lambda _: next(fresh), text), encoding="utf-8")
