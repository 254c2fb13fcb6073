"""What a command brings to the disk before it says that it is done: its fsync calls, in order, as strace sees them."""

import re
import shutil
from dataclasses import replace
from pathlib import Path

from bench.run import Command

_CALL = re.compile(r"(f(?:data)?sync)\(\d+<([^>]+)>\) += 0")
_VARIES = (
    (re.compile(r"[0-9a-f]{64}"), "…"),
    (re.compile(r"\.\d+\.new"), ".….new"),
)


def synced(command: Command, folder: Path) -> list[str] | None:
    """Run a command once and return what it synced, digests and process numbers left out; None without strace."""
    if shutil.which("strace") is None:
        return None
    log = folder / "synced.txt"
    watching = ["strace", "-f", "-y", "-e", "trace=fsync,fdatasync", "-o", str(log)]
    replace(command, words=[*watching, *command.words]).run()
    return [_shown(call, path, folder) for call, path in _CALL.findall(log.read_text())]


def _shown(call: str, path: str, folder: Path) -> str:
    shown = path.removeprefix(f"{folder}/office/")
    for pattern, instead in _VARIES:
        shown = pattern.sub(instead, shown)
    return f"{call} {shown}"
