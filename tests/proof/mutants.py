"""Mutation testing of core and storage: a sample of small changes of the code; the tests must notice each.

A mutant swaps a comparison, an `and`, a number or a condition in one place of one module. The tests that import the
module run in a copy of the sources, then some of the whole program. A mutant that survives is named, to be killed or
explained. Without any change the tests must pass.
"""

import ast
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from cli_kit import Home

from proof.tally import Ask, Tally

ROOT = Path(__file__).parent.parent.parent
COPIED = ("ballerup_cli", "schemas", "templates", "tests", "docs", "setup.cfg", "pyproject.toml", "README.md")
MODULES = sorted(path for layer in ("core", "storage") for path in (ROOT / "ballerup_cli" / layer).glob("*.py"))
WHOLE = ("test_steps.py", "test_commit.py", "test_cli_model.py", "test_cli_flow.py", "test_checking.py")
LONGEST = 180
"""Seconds; a mutant whose tests run longer hangs, which is noticed."""
SWAPS: dict[type[ast.AST], type[ast.AST]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.And: ast.Or,
    ast.Or: ast.And,
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
}
EXPLAINED: dict[str, str] = {}
"""Survivors that change nothing anybody could notice, and why: by module and changed line."""


def sites(tree: ast.AST) -> Iterator[tuple[ast.AST, str]]:
    """Give every place that can be changed, and how."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Compare) and type(node.ops[0]) in SWAPS:
            yield node, "comparison"
        elif isinstance(node, ast.BoolOp) or (isinstance(node, ast.BinOp) and type(node.op) in SWAPS):
            yield node, "operator"
        elif isinstance(node, ast.Constant) and type(node.value) in (int, bool):
            yield node, "constant"
        elif isinstance(node, ast.If):
            yield node, "condition"
        elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
            yield node, "not"


def mutate(node: ast.AST, kind: str) -> None:
    """Change the node where it stands."""
    if kind == "comparison":
        node.ops[0] = SWAPS[type(node.ops[0])]()  # type: ignore[attr-defined]
    elif kind == "operator":
        node.op = SWAPS[type(node.op)]()  # type: ignore[attr-defined]
    elif kind == "constant":
        node.value = not node.value if isinstance(node.value, bool) else node.value + 1  # type: ignore[attr-defined]
    elif kind == "condition":
        node.test = ast.UnaryOp(op=ast.Not(), operand=node.test)  # type: ignore[attr-defined]
    else:
        node.op = ast.UAdd()  # type: ignore[attr-defined]
        node.operand = ast.Call(func=ast.Name(id="bool", ctx=ast.Load()), args=[node.operand], keywords=[])  # type: ignore[attr-defined]


def run(ask: Ask, tally: Tally, origin: Home) -> None:
    """Try a sample of ``rounds`` mutants, one on each processor at a time, each in sources of its own."""
    every = [(path, number) for path in MODULES for number, _ in enumerate(sites(ast.parse(path.read_text())))]
    drawn = ask.dice("mutants").sample(every, min(ask.rounds, len(every)))
    processors = len(os.sched_getaffinity(0))
    modules = {path for path, _ in drawn}
    copies = [_copy(ask.place / f"sources-{number}") for number in range(processors)]
    tests = {test for path in modules for test in _tests_of(copies[0], path)}
    tally.expect(not _fail(copies[0], [*sorted(tests), *WHOLE], longest=None), "the tests fail without any change")
    with ThreadPoolExecutor(processors) as pool:
        shares = [pool.submit(_try_all, copy, drawn[first::processors]) for first, copy in enumerate(copies)]
        for told in sorted(told for share in shares for told in share.result()):
            _count(tally, *told)
    tally.count("mutants there could be", len(every))


def _copy(place: Path) -> Path:
    place.mkdir()
    for name in COPIED:
        source = ROOT / name
        take = shutil.copytree if source.is_dir() else shutil.copy2
        take(source, place / name, **({"symlinks": True} if source.is_dir() else {}))
    return place


def _try_all(copy: Path, mutants: Sequence[tuple[Path, int]]) -> list[tuple[str, str, bool]]:
    return [_try(copy, copy / path.relative_to(ROOT), number) for path, number in mutants]


def _try(copy: Path, path: Path, number: int) -> tuple[str, str, bool]:
    """Change one place; return where it is, what was changed, and whether the tests noticed."""
    text = path.read_text()
    tree = ast.parse(text)
    node, kind = list(sites(tree))[number]
    line = text.splitlines()[node.lineno - 1].strip()
    where = f"{path.parent.name}/{path.name}: {line}"
    mutate(node, kind)
    path.write_text(ast.unparse(ast.fix_missing_locations(tree)))
    try:
        return where, f"{kind}, line {node.lineno}", _noticed(copy, path)
    finally:
        path.write_text(text)


def _count(tally: Tally, where: str, what: str, noticed: bool) -> None:
    tally.count("mutants")
    tally.count("mutants killed", noticed)
    if not noticed and where in EXPLAINED:
        tally.count("survivors explained")
        tally.notes.append(f"survived, explained: {where}: {EXPLAINED[where]}")
    elif not noticed:
        tally.count("survivors")
        tally.notes.append(f"survived: {where} ({what})")


def _noticed(copy: Path, path: Path) -> bool:
    """Run the tests of the module, then those of the whole program with it; the first that fails will do."""
    return any(_fail(copy, tests) for tests in (_tests_of(copy, path), WHOLE))


def _fail(copy: Path, tests: Sequence[str], longest: int | None = LONGEST) -> bool:
    words = [sys.executable, "-m", "pytest", "-x", "-q", "-n", "0", "-p", "no:cacheprovider", *tests]
    environment = {**os.environ, "PYTHONPATH": str(copy), "PYTHONDONTWRITEBYTECODE": "1"}
    try:
        told = {"cwd": copy / "tests", "env": environment, "capture_output": True, "timeout": longest}
        return bool(tests) and subprocess.run(words, check=False, **told).returncode != 0
    except subprocess.TimeoutExpired:
        return True


def _tests_of(copy: Path, path: Path) -> list[str]:
    """The test files that import a module, the one of its name first; those that start processes left out."""
    module = path.stem
    found = [
        test.name
        for test in sorted((copy / "tests").glob("test_*.py"), key=lambda test: test.stat().st_size)
        if f"{path.parent.name}.{module} " in (text := test.read_text()) or f"import {module}" in text
        if not test.name.startswith(("test_cli", "test_leaks", "test_proof", "test_crash", "test_year"))
    ]
    return sorted(found, key=lambda name: name != f"test_{module}.py")
