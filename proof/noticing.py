"""Which tests notice a mutant: they run in forks of one process that has collected them all.

A line is looked up in a map from tests to the lines they run, made once and kept until a source changes. A changed
function is put in the place of the one that everybody has imported; what stands outside functions is changed before a
fork imports the program anew. The tests that run the line follow, the fastest first, until one fails.

Where a test starts the installed program, a fork that calls it stands in: it is as quick, and is changed as well.
"""

import contextlib
import functools
import gc
import hashlib
import importlib.util
import itertools
import json
import os
import resource
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import CodeType, FrameType, FunctionType, ModuleType
from typing import Any

import hypothesis
import pytest
from _pytest.runner import runtestprotocol
from cli_kit import PROGRAM, once, ready

ROOT = Path(__file__).parents[1]
SOURCES = str(ROOT / "ballerup_cli")
LEFT_OUT = ("bench", "crash", "first_day", "leaks", "proof", "readme", "startup", "supply", "wheel")
"""Tests of something else than what the code does, or that start other programs all the time."""
CALLS = 40
"""So many calls of a function are looked at in each test."""
MOST_MEMORY = 6 << 30
WAITING = 120
"""Seconds after which a test that works on nothing waits for ever: a library with threads may, in a fork."""
SLOWER = 5
"""A test that works so many times as long as it should never ends."""
RUN = subprocess.run

Lines = set[tuple[str, int]]
Tell = Callable[[str], object]


@dataclass
class Known:
    """What the map says of a test."""

    seconds: float
    lines: Lines


class Noticing:
    """A plugin: once all tests are collected, it hands ``work`` the means to try mutants, and runs no test itself."""

    def __init__(self, kept: Path, work: Callable[["Noticing"], None]) -> None:
        """The map is kept in a folder."""
        self.kept, self.work = kept, work
        self.known: dict[str, Known] = {}
        self.items: dict[str, pytest.Item] = {}
        self.useless: set[str] = set()
        self.base = Path()

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        self.items = {item.nodeid: item for item in session.items}
        factory = session.config._tmp_path_factory  # type: ignore[attr-defined]
        self.base = factory.getbasetemp()
        once(factory, "ready", ready)
        _follow_the_program()
        self.known = self._map()
        self.running = defaultdict(list)
        for name, known in sorted(self.known.items(), key=lambda pair: pair[1].seconds):
            for line in known.lines:
                self.running[line].append(name)
        self.holders = _holders()
        gc.freeze()  # a fork that counted what it never uses would copy it
        self.work(self)
        return True

    # --- the map ---

    def _map(self) -> dict[str, Known]:
        """Run the tests of each file once, unless nothing has changed since; those that fail here are of no use."""
        found: dict[str, Known] = {}
        for file, names in itertools.groupby(self.items, lambda name: name.partition("::")[0]):
            found |= self._map_of(file, list(names))
        return found

    def _map_of(self, file: str, names: Sequence[str]) -> dict[str, Known]:
        kept, now = self.kept / f"{Path(file).stem}.json", mark(Path(file).name)
        told = json.loads(kept.read_text()) if kept.exists() else {}
        if told.get("mark") != now:
            part = self.base / "part.json"
            failed = self._in_fork(functools.partial(self._look, part, names), patience=WAITING)
            told = {"mark": now, "tests": {} if failed else json.loads(part.read_text())}
            kept.write_text(json.dumps(told))
            useless = sum(name not in told["tests"] for name in names)
            _say(f"looked at {len(names)} tests of {file}, {useless} of no use")
        return {
            name: Known(seconds, {(file, line) for file, lines in ran.items() for line in lines})
            for name, (seconds, ran) in told["tests"].items()
            if name in self.items
        }

    def _look(self, part: Path, names: Sequence[str], tell: Tell) -> None:
        tests = {}
        for name, passes in self._each(names):
            tell(name)
            started = time.monotonic()
            with Watch() as watch:
                passed = passes()
            if passed:
                tests[name] = (round(time.monotonic() - started, 4), watch.by_file())
        part.write_text(json.dumps(tests))

    def _each(self, names: Sequence[str]) -> Iterator[tuple[str, Callable[[], bool]]]:
        """Give tests to run; what the next one needs as well stays set up."""
        for name, after in itertools.zip_longest(names, names[1:]):
            yield name, functools.partial(_passes, self.items[name], self.items.get(after))

    def known_to_run(self, path: Path, lines: Sequence[int]) -> bool:
        """Whether any test runs the first of the lines."""
        return bool(self.running.get((str(path), lines[0])))

    # --- mutants ---

    def functions(self, path: Path, code: CodeType, names: Sequence[str], most: float) -> str:
        """Try changed functions; return the test that noticed, "" for none."""
        names = self._affordable(names, most)

        def work(tell: Tell) -> None:
            exchange(self.holders, path, code)
            for name, passes in self._each(names):
                tell(name)
                if not passes():
                    os._exit(1)

        return self._noticed(work, names)

    def module(self, path: Path, code: CodeType, names: Sequence[str], most: float) -> str:
        """Try a changed module, everything imported anew; return the test that noticed, "" for none."""
        names = [name for name in self._affordable(names, most) if name not in self.useless]
        noticed = self._noticed(functools.partial(self._anew, path, code, names), names)
        if noticed not in names or not self._fails_anyway(path, noticed):
            return noticed
        self.useless.add(noticed)
        return self.module(path, code, names, most)

    def _fails_anyway(self, path: Path, name: str) -> bool:
        """Tell whether a test fails where everything is imported anew and nothing is changed."""
        same = compile(path.read_text(), str(path), "exec")
        return bool(self._noticed(functools.partial(self._anew, path, same, [name]), [name]))

    def _anew(self, path: Path, code: CodeType, names: Sequence[str], tell: Tell) -> None:
        _forget()
        sys.meta_path.insert(0, Changed(path, code))
        quiet = ["-n", "0", "-s", "-x", "--assert=plain", "-p", "no:cacheprovider", f"--basetemp={self.base / 'anew'}"]
        if pytest.main([*quiet, *names], plugins=[Anew(tell)]):
            os._exit(1)

    def _noticed(self, work: Callable[[Tell], None], names: Sequence[str]) -> str:
        limits = {name: 5 + SLOWER * self.known[name].seconds for name in names}
        return self._in_fork(work, limits, patience=WAITING)

    def _affordable(self, names: Sequence[str], most: float) -> Sequence[str]:
        spent = 0.0
        for number, name in enumerate(names):
            spent += self.known[name].seconds
            if spent > most and number:
                return names[:number]
        return names

    def _in_fork(
        self, work: Callable[[Tell], None], limits: Mapping[str, float] | None = None, patience: float | None = None
    ) -> str:
        """Do something in a fork; return the test at which it failed or hung, "" if it ended well."""

        def tell(name: str) -> None:
            signal.setitimer(signal.ITIMER_PROF, (limits or {}).get(name, 0))
            os.write(writes, f"{name}\n".encode())

        before = set(self.base.iterdir())
        reads, writes = os.pipe()
        sys.stdout.flush()
        child = os.fork()
        if not child:
            _be_quiet()
            os.close(reads)
            try:
                work(tell)
            except BaseException:  # it died at the test it told last
                os._exit(2)
            os._exit(0)
        os.close(writes)
        at = _follow(reads, child, patience)
        _, status = os.waitpid(child, 0)
        for path in set(self.base.iterdir()) - before - {self.base / "part.json"}:
            path.unlink() if path.is_symlink() or path.is_file() else shutil.rmtree(path, ignore_errors=True)
        return (at or "its import") if status else ""


def _follow(reads: int, child: int, patience: float | None) -> str:
    """Read which test is at work until there are no more; kill what waits for ever."""
    at, buffer = "", b""
    while True:
        if not select.select([reads], [], [], patience)[0]:
            os.killpg(child, signal.SIGKILL)
            break
        data = os.read(reads, 1 << 16)
        if not data:
            break
        *whole, buffer = (buffer + data).split(b"\n")
        at = whole[-1].decode() if whole else at
    os.close(reads)
    return at


def _be_quiet() -> None:
    os.setsid()
    nothing = os.open(os.devnull, os.O_RDWR)
    for number in (0, 1, 2):
        os.dup2(nothing, number)
    resource.setrlimit(resource.RLIMIT_DATA, (MOST_MEMORY, MOST_MEMORY))


def _passes(item: pytest.Item, after: pytest.Item | None) -> bool:
    reports = runtestprotocol(item, log=False, nextitem=after)
    return all(report.outcome != "failed" for report in reports)


class Anew:
    """A plugin for tests that a fork collects anew: it says which is at work, and stops at the first that fails."""

    def __init__(self, tell: Tell) -> None:
        self.tell = tell

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        self.tell(nodeid)


class Changed:
    """Gives a module its changed code when it is imported."""

    def __init__(self, path: Path, code: CodeType) -> None:
        self.name = ".".join(path.relative_to(ROOT).with_suffix("").parts)
        self.path, self.code = path, code

    def find_spec(self, name: str, _path: object = None, _target: object = None) -> Any:
        return importlib.util.spec_from_file_location(name, self.path, loader=self) if name == self.name else None

    def create_module(self, _spec: object) -> None:
        return None

    def exec_module(self, module: ModuleType) -> None:
        exec(self.code, module.__dict__)  # noqa: S102  (that is what importing is)


def _forget() -> None:
    """Let the program and its tests be imported anew."""
    for name, module in list(sys.modules.items()):
        file = getattr(module, "__file__", None) or ""
        if file.startswith((SOURCES, str(ROOT / "tests"))) and not name.startswith("proof"):
            del sys.modules[name]


@dataclass
class Holders:
    """The functions of the program by their file, whoever holds them, and what keeps their results."""

    functions: dict[str, list[FunctionType]]
    caches: list[Any]


def _holders() -> Holders:
    found = Holders(defaultdict(list), [])
    for thing in gc.get_objects():
        if isinstance(thing, FunctionType) and thing.__code__.co_filename.startswith(SOURCES):
            found.functions[thing.__code__.co_filename].append(thing)
        elif isinstance(thing, functools._lru_cache_wrapper) and thing.__module__.startswith("ballerup_cli"):
            found.caches.append(thing)
    return found


def exchange(holders: Holders, path: Path, code: CodeType) -> None:
    """Put changed functions in the place of those imported, and forget what was worked out."""
    old = compile(path.read_text(), str(path), "exec")
    changed = {_key(was): now for was, now in zip(_within(old), _within(code), strict=True)}
    for function in holders.functions[str(path)]:
        function.__code__ = changed.get(_key(function.__code__), function.__code__)
    for cache in holders.caches:
        cache.cache_clear()


def _within(code: CodeType) -> Iterator[CodeType]:
    for inner in code.co_consts:
        if isinstance(inner, CodeType):
            yield inner
            yield from _within(inner)


def _key(code: CodeType) -> tuple[object, ...]:
    """What tells a function of a module from the others: two on a line stand at different places."""
    places = [(line, column) for line, _, column, _ in code.co_positions() if line and column]
    return code.co_qualname, code.co_firstlineno, min(places, default=None)


class Watch:
    """Notes the lines of the program that run, here and in the forks that stand in for it."""

    def __init__(self) -> None:
        self.lines: Lines = set()
        self.calls: dict[CodeType, int] = {}

    def __enter__(self) -> "Watch":
        global WATCHING
        WATCHING = self
        sys.settrace(self._call)
        return self

    def __exit__(self, *_: object) -> None:
        global WATCHING
        WATCHING = None
        sys.settrace(None)

    def by_file(self) -> dict[str, list[int]]:
        files = {file for file, _ in self.lines}
        return {file: [line for of, line in self.lines if of == file] for file in files}

    def _call(self, frame: FrameType, _event: str, _more: object) -> Any:
        code = frame.f_code
        if not code.co_filename.startswith(SOURCES):
            return None
        count = self.calls.get(code, 0)
        if count >= CALLS:
            return None
        self.calls[code] = count + 1
        self.lines.add((code.co_filename, frame.f_lineno))
        return self._line

    def _line(self, frame: FrameType, event: str, _more: object) -> Any:
        if event == "line":
            self.lines.add((frame.f_code.co_filename, frame.f_lineno))
        return self._line


WATCHING: Watch | None = None


def mark(file: str = "*.py") -> str:
    """A digest of the sources, of what tests share, and of a file of tests, or all."""
    shared = [path for path in (ROOT / "tests").glob("*.py") if not path.name.startswith("test_")]
    files = {*(ROOT / "ballerup_cli").rglob("*.py"), *shared, *(ROOT / "tests").glob(file)}
    return hashlib.sha256(b"".join(hashlib.sha256(path.read_bytes()).digest() for path in sorted(files))).hexdigest()


def _say(told: str) -> None:
    sys.stdout.write(f"{told}\n")
    sys.stdout.flush()


# --- the program, in a fork -------------------------------------------------------------------------------------------


def _follow_the_program() -> None:
    import ballerup_cli.cli.main as program

    for name in program._MODULES:
        importlib.import_module(f"ballerup_cli.cli.commands.{name}")
    subprocess.run = _run  # type: ignore[assignment]


def _run(words: Any, *more: Any, **told: Any) -> Any:
    """Run a program; a fork stands in for the one that is tested, unless a library has begun threads: it would hang."""
    is_ours = not isinstance(words, str) and str(words[0]) == str(PROGRAM) and "timeout" in told
    if not is_ours or len(os.listdir("/proc/self/task")) > 1:  # noqa: PTH208
        return RUN(words, *more, **told)
    with tempfile.TemporaryFile() as typed, tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        typed.write(told.get("input") or b"")
        typed.seek(0)
        reads, writes = os.pipe()
        child = os.fork()
        if not child:
            os.close(reads)
            _become([str(word) for word in words], told, (typed.fileno(), out.fileno(), err.fileno()), writes)
        os.close(writes)
        with os.fdopen(reads) as told_lines:
            lines = told_lines.read()
        _, status = os.waitpid(child, 0)
        if WATCHING and lines:
            WATCHING.lines.update((file, line) for file, line in json.loads(lines))
        for file in (out, err):
            file.seek(0)
        return subprocess.CompletedProcess(words, os.waitstatus_to_exitcode(status), out.read(), err.read())


def _become(words: list[str], told: Mapping[str, Any], streams: Sequence[int], writes: int) -> None:
    """Be the program: its arguments, surroundings and streams."""
    code = 1
    try:
        os.setsid()
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.setitimer(signal.ITIMER_PROF, 20)
        signal.alarm(60)
        for number, stream in enumerate(streams):
            os.dup2(stream, number)
        sys.stdin, sys.stdout, sys.stderr = (os.fdopen(number, mode) for number, mode in enumerate("rww"))
        sys.__stdin__, sys.__stdout__, sys.__stderr__ = sys.stdin, sys.stdout, sys.stderr
        os.environ.clear()
        os.environ.update(told["env"])
        os.chdir(told["cwd"])
        sys.argv, tempfile.tempdir = words, None
        code = _call()
    finally:
        sys.settrace(None)
        with contextlib.suppress(BaseException):
            sys.stdout.flush()
            sys.stderr.flush()
        if WATCHING:
            with contextlib.suppress(OSError), os.fdopen(writes, "w") as file:
                json.dump(list(WATCHING.lines), file)
        os._exit(code)


def _call() -> int:
    from ballerup_cli.cli.main import run

    try:
        run()
    except SystemExit as ended:
        return ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    except BaseException:
        import traceback

        traceback.print_exc()
        return 1
    return 0


def collect(kept: Path, work: Callable[[Noticing], None], place: Path, only: Sequence[str] = ()) -> None:
    """Collect the tests, and do ``work`` with them."""
    hypothesis.settings.register_profile(
        "mutants",
        phases=(hypothesis.Phase.explicit, hypothesis.Phase.generate),
        max_examples=25,
        database=None,
        derandomize=True,
        deadline=None,
        suppress_health_check=list(hypothesis.HealthCheck),
    )
    hypothesis.settings.load_profile("mutants")
    files = [
        str(path)
        for path in sorted((ROOT / "tests").glob("test_*.py"))
        if path.stem.removeprefix("test_") not in LEFT_OUT
    ]
    words = [
        "-n",
        "0",
        "-s",
        "-q",
        "--assert=plain",
        "-p",
        "no:cacheprovider",
        f"--rootdir={ROOT}",
        f"--basetemp={place / 'base'}",
    ]
    kept.mkdir(parents=True, exist_ok=True)
    here = Path.cwd()
    os.chdir(ROOT)
    try:
        pytest.main([*words, *(only or files)], plugins=[Noticing(kept, work)])
    finally:
        os.chdir(here)
        subprocess.run = RUN
