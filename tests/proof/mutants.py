"""Mutation testing of core and storage: a sample of small changes of the code; the tests must notice each.

A mutant swaps a comparison, an `and`, a number or a condition in one place of one module. The tests that import the
module run in a copy of the sources, the quickest first. A mutant that survives is named, to be killed or explained.
"""

import ast
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from cli_kit import Home

from proof.tally import Ask, Tally

ROOT = Path(__file__).parent.parent.parent
COPIED = ("ballerup_cli", "schemas", "templates", "tests", "docs", "setup.cfg", "pyproject.toml", "README.md")
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
    """Try a sample of ``rounds`` mutants."""
    copy = ask.place / "sources"
    copy.mkdir()
    for name in COPIED:
        source = ROOT / name
        take = shutil.copytree if source.is_dir() else shutil.copy2
        take(source, copy / name, **({"symlinks": True} if source.is_dir() else {}))
    modules = sorted(path for layer in ("core", "storage") for path in (copy / "ballerup_cli" / layer).glob("*.py"))
    every = [(path, number) for path in modules for number, _ in enumerate(sites(ast.parse(path.read_text())))]
    for path, number in ask.dice("mutants").sample(every, min(ask.rounds, len(every))):
        _try(tally, copy, path, number)
    tally.count("mutants there could be", len(every))


def _try(tally: Tally, copy: Path, path: Path, number: int) -> None:
    text = path.read_text()
    tree = ast.parse(text)
    node, kind = list(sites(tree))[number]
    line = text.splitlines()[node.lineno - 1].strip()
    where = f"{path.parent.name}/{path.name}: {line}"
    mutate(node, kind)
    path.write_text(ast.unparse(ast.fix_missing_locations(tree)))
    try:
        noticed = _noticed(copy, path)
    finally:
        path.write_text(text)
    tally.count("mutants")
    tally.count("mutants killed", noticed)
    if not noticed and where in EXPLAINED:
        tally.count("survivors explained")
        tally.notes.append(f"survived, explained: {where}: {EXPLAINED[where]}")
    elif not noticed:
        tally.count("survivors")
        tally.notes.append(f"survived: {where} ({kind}, line {node.lineno})")


def _noticed(copy: Path, path: Path) -> bool:
    tests = [*_tests_of(copy, path), "test_steps.py", "test_commit.py", "test_cli_flow.py"]
    words = [sys.executable, "-m", "pytest", "-x", "-q", "-n", "0", "-p", "no:cacheprovider", *dict.fromkeys(tests)]
    environment = {**os.environ, "PYTHONPATH": str(copy), "PYTHONDONTWRITEBYTECODE": "1"}
    try:
        told = {"cwd": copy / "tests", "env": environment, "capture_output": True, "timeout": LONGEST}
        return subprocess.run(words, check=False, **told).returncode != 0
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
