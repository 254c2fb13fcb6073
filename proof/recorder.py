"""A file layer that records: every operation on files below a folder, in order, as the system is asked for it.

From the record follows every state in which a crash could leave the folder: `crashes_of`. Bytes are on the disk once
their file was synced; a name is once its folder was.
"""

import builtins
import io
import os
import random
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest import mock

Names = dict[str, int]
"""Which file a path names; the files have numbers."""
SUBSETS = 32
"""So many subsets of the unsynced names are tried at one crash point; where there are more, a sample of them."""


@dataclass(frozen=True, slots=True)
class Op:
    """One operation: make, fill (its bytes are on the disk), write (they may not be), move, drop, sync."""

    kind: str
    path: str
    data: bytes = b""
    new: str = ""


@dataclass
class Recorder:
    """Notes what is done below ``root`` while it is installed."""

    root: Path
    ops: list[Op] = field(default_factory=list)
    unsynced: set[str] = field(default_factory=set)

    def inside(self, path: object) -> str:
        if not isinstance(path, str | Path):
            return ""
        found = Path(path).absolute()
        return str(found) if found.is_relative_to(self.root) and not found.name.endswith(".lock") else ""

    def made(self, path: object) -> None:
        if name := self.inside(path):
            self.ops.append(Op("make", name))
            self.unsynced.add(name)

    def synced(self, handle: int) -> None:
        path = Path(f"/proc/self/fd/{handle}").readlink()
        if (name := self.inside(path)) and path.is_dir():
            self.ops.append(Op("sync", name))
        elif name:
            self.ops.append(Op("fill", name, path.read_bytes()))
            self.unsynced.discard(name)

    def dropped(self, path: object) -> None:
        if name := self.inside(path):
            self.ops.append(Op("drop", name))
            self.unsynced.discard(name)

    def left(self) -> None:
        """Note the bytes of files that nobody synced."""
        self.ops += [Op("write", name, Path(name).read_bytes()) for name in sorted(self.unsynced)]
        self.unsynced.clear()

    def moved(self, old: object, new: object) -> None:
        """Note a move that has happened; what nobody synced is read under its new name."""
        name, target = self.inside(old), str(Path(str(new)).absolute())
        if name in self.unsynced:
            self.ops.append(Op("write", name, Path(target).read_bytes()))
            self.unsynced.discard(name)
        if name:
            self.ops.append(Op("move", name, new=target))

    @contextmanager
    def installed(self) -> Iterator["Recorder"]:
        with ExitStack() as stack:
            for module, name, wrapped in self._wrappers():
                stack.enter_context(mock.patch.object(module, name, wrapped))
            yield self
        self.left()

    def _wrappers(self) -> Iterator[tuple[Any, str, Any]]:
        sys_open, text_open, sync, move, drop = os.open, io.open, os.fsync, os.rename, os.unlink

        def opened(path: Any, flags: int, *more: Any, **named: Any) -> int:
            handle = sys_open(path, flags, *more, **named)
            if flags & (os.O_CREAT | os.O_TRUNC):
                self.made(path)
            return handle

        def text_opened(file: Any, mode: str = "r", *more: Any, **named: Any) -> Any:
            stream = text_open(file, mode, *more, **named)
            if not isinstance(file, int) and set(mode) & set("wax+"):
                self.made(file)
            return stream

        def fsync(handle: int) -> None:
            sync(handle)
            self.synced(handle)

        def rename(old: Any, new: Any, **named: Any) -> None:
            move(old, new, **named)
            self.moved(old, new)

        def unlink(path: Any, **named: Any) -> None:
            drop(path, **named)
            self.dropped(path)

        yield from ((os, "open", opened), (io, "open", text_opened), (builtins, "open", text_opened))
        yield from ((os, "fsync", fsync), (os, "rename", rename), (os, "replace", rename))
        yield from ((os, "unlink", unlink), (os, "remove", unlink))


Image = dict[str, bytes]
"""What lies on a disk: path and bytes."""


class Disk:
    """A disk that knows what is durable and what is only visible."""

    def __init__(self, start: Image) -> None:
        self.visible: Names = {path: number for number, path in enumerate(start)}
        self.durable: Names = dict(self.visible)
        self.data: dict[int, bytes] = dict(enumerate(start.values()))
        self.firm: set[int] = set(self.data)  # whose bytes are on the disk
        self.pending: list[tuple[Op, int]] = []

    def do(self, op: Op) -> None:
        if op.kind == "sync":
            for waiting in [pair for pair in self.pending if str(Path(pair[0].path).parent) == op.path]:
                _apply(self.durable, *waiting)
                self.pending.remove(waiting)
        elif op.kind in ("fill", "write"):
            self.data[self.visible[op.path]] = op.data
            self.firm |= {self.visible[op.path]} if op.kind == "fill" else set()
        else:
            if op.kind == "make":
                self.data[number := len(self.data)] = b""
            else:
                number = self.visible.get(op.path, -1)
            self.pending.append((op, number))
            _apply(self.visible, op, number)

    def killed(self) -> Image:
        """What is found when only the process died."""
        return {path: self.data[number] for path, number in self.visible.items()}

    def cut(self, dice: random.Random) -> Iterator[Image]:
        """What may be found when the power went: any of the unsynced names, unsynced bytes whole, half or not."""
        every = 1 << len(self.pending)
        chosen = range(every) if every <= SUBSETS else {0, every - 1, *(dice.randrange(every) for _ in range(SUBSETS))}
        for kept in chosen:
            names = dict(self.durable)
            for place, waiting in enumerate(self.pending):
                if kept >> place & 1:
                    _apply(names, *waiting)
            yield {path: self._found(number, dice) for path, number in names.items()}

    def _found(self, number: int, dice: random.Random) -> bytes:
        data = self.data[number]
        return data if number in self.firm else data[: dice.choice((0, len(data) // 2, len(data)))]


def _apply(names: Names, op: Op, number: int) -> None:
    if op.kind == "drop":
        names.pop(op.path, None)
    elif op.kind == "make":
        names[op.path] = number
    elif op.kind == "move":
        if names.get(op.path) == number:
            del names[op.path]
        names[op.new] = number


def crashes_of(start: Image, ops: list[Op], dice: random.Random) -> Iterator[Image]:
    """Give every state a crash can leave, each once: the process killed or the power cut, after each operation."""
    disk, given = Disk(start), set()
    for op in (None, *ops):
        torn = []
        if op and op.kind in ("fill", "write"):  # killed in the middle of writing
            torn = [{**disk.killed(), op.path: op.data[: len(op.data) // 2]}]
        if op:
            disk.do(op)
        for image in (*torn, disk.killed(), *disk.cut(dice)):
            key = frozenset(image.items())
            if key not in given:
                given.add(key)
                yield image
