"""Mutation testing of core and storage: small changes of the code; the tests must notice each.

A mutant swaps a comparison, an `and`, a number or a condition in one place of one module. `proof.noticing` runs the
tests that run the changed line. A mutant that survives is named, to be killed, or explained in `proof.explained`.

What was found is kept in `.mutants`, so a run that was broken off goes on: a mutant that was noticed is not tried again
until its function changes; one that survived, until any source or test does.
"""

import ast
import copy
import hashlib
import json
import re
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from itertools import pairwise
from pathlib import Path
from types import CodeType
from typing import Any

from cli_kit import Home

from proof.explained import EXPLAINED
from proof.noticing import Noticing, collect, mark
from proof.tally import Ask, Tally

ROOT = Path(__file__).parents[1]
KEPT = ROOT / ".mutants"
MODULES = sorted(path for layer in ("core", "storage") for path in (ROOT / "ballerup_cli" / layer).glob("*.py"))
LONGEST = (12.0, 120.0)
"""Seconds that the tests of one mutant may take, as the map has them: at first, and once more where it survived and
nobody has explained why."""
LOOKING = "tests/house/test_architecture.py::test_no_value"
"""Tests that look at all modules once they are imported, and run none of their lines."""
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


@dataclass(frozen=True)
class Mutant:
    """One place of a module that can be changed: the statement of the module it is in, and its number there."""

    path: Path
    statement: int
    number: int

    @cached_property
    def tree(self) -> ast.Module:
        """The module, changed."""
        tree = copy.deepcopy(_tree(self.path))
        node, kind, _ = list(sites(tree.body[self.statement]))[self.number]
        mutate(node, kind)
        return ast.fix_missing_locations(tree)

    @cached_property
    def code(self) -> CodeType:
        return compile(self.tree, str(self.path), "exec")

    @cached_property
    def site(self) -> tuple[ast.AST, str, list[ast.AST]]:
        return _sites(self.path, self.statement)[self.number]

    @property
    def layer(self) -> str:
        return self.path.parent.name

    @property
    def key(self) -> str:
        """What stays the same while the function around it does."""
        text = ast.dump(_tree(self.path).body[self.statement])
        return f"{self.layer}/{self.path.name}:{hashlib.sha256(text.encode()).hexdigest()[:16]}:{self.number}"

    @property
    def told(self) -> str:
        """Where it is and what it changes, for people."""
        node, kind, _ = self.site
        changed, _, _ = list(sites(self.tree.body[self.statement]))[self.number] if kind != "not" else (None, "", [])
        line = self.path.read_text().splitlines()[node.lineno - 1].strip()  # type: ignore[attr-defined]
        told = f"{_short(node)} → {_short(changed) if changed else _short(node)[4:]}"
        return f"{self.layer}/{self.path.name}: {line} ({told})"

    @property
    def function(self) -> bool:
        """Whether it is within a function, that can be exchanged; what stands outside works while it is imported."""
        _, _, above = self.site
        inner = [*above, self.site[0]]
        return any(
            (isinstance(outer, ast.FunctionDef) and node in outer.body)
            or (isinstance(outer, ast.Lambda) and node is outer.body)
            for outer, node in pairwise(inner)
        )

    @property
    def lines(self) -> list[int]:
        """The lines that run with it, the nearest first."""
        node, _, above = self.site
        found = [inner.lineno for inner in (node, *reversed(above)) if hasattr(inner, "lineno")]
        return list(dict.fromkeys(found))

    def own(self, test: str) -> bool:
        """Tell whether a test is one of the module's own: they come first, where there is no time for all."""
        return test.startswith(f"tests/test_{self.path.stem}.py::")

    @property
    def names(self) -> set[str]:
        """What the statement of the module gives a name to."""
        inner = list(ast.walk(_tree(self.path).body[self.statement]))
        stored = {node.id for node in inner if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
        return stored | {node.name for node in inner if isinstance(node, ast.FunctionDef | ast.ClassDef)}


def sites(node: ast.AST, above: Sequence[ast.AST] = ()) -> Iterator[tuple[ast.AST, str, list[ast.AST]]]:
    """Give every place that can be changed, how, and what it is within; flags of a dataclass are left to mypy."""
    kind = _kind(node)
    if kind:
        yield node, kind, list(above)
    for child in ast.iter_child_nodes(node):
        flag = isinstance(child, ast.Call) and getattr(child.func, "id", "") == "dataclass"
        if not flag:
            yield from sites(child, [*above, node])


def _kind(node: ast.AST) -> str:
    if isinstance(node, ast.Compare) and type(node.ops[0]) in SWAPS:
        return "comparison"
    if isinstance(node, ast.BoolOp) or (isinstance(node, ast.BinOp) and type(node.op) in SWAPS):
        return "operator"
    if isinstance(node, ast.Constant) and type(node.value) in (int, bool):
        return "constant"
    if isinstance(node, ast.If):
        return "condition"
    return "not" if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not) else ""


def mutate(node: Any, kind: str) -> None:
    """Change the node where it stands."""
    if kind == "comparison":
        node.ops[0] = SWAPS[type(node.ops[0])]()
    elif kind == "operator":
        node.op = SWAPS[type(node.op)]()
    elif kind == "constant":
        node.value = not node.value if isinstance(node.value, bool) else node.value + 1
    elif kind == "condition":
        node.test = ast.UnaryOp(op=ast.Not(), operand=node.test)
    else:
        node.op = ast.UAdd()
        node.operand = ast.Call(func=ast.Name(id="bool", ctx=ast.Load()), args=[node.operand], keywords=[])


@cache
def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text())


@cache
def _sites(path: Path, statement: int) -> list[tuple[ast.AST, str, list[ast.AST]]]:
    return list(sites(_tree(path).body[statement]))


def _short(node: ast.AST) -> str:
    if isinstance(node, ast.If):
        return f"if {_short(node.test)}"
    text = ast.unparse(node)
    return text if len(text) <= 80 else f"{text[:79]}…"


def every() -> list[Mutant]:
    """Give all mutants there could be."""
    return [
        Mutant(path, statement, number)
        for path in MODULES
        for statement in range(len(_tree(path).body))
        for number in range(len(_sites(path, statement)))
    ]


def run(ask: Ask, tally: Tally, origin: Home) -> None:
    """Try a sample of ``rounds`` mutants; 0 are all."""
    there = every()
    drawn = ask.dice("mutants").sample(there, min(ask.rounds or len(there), len(there)))
    earlier = Results(KEPT / "results.json")
    new = sum(earlier.noticed(mutant.key) is None for mutant in drawn)
    tally.notes.append(f"{new} were tried in this run, the others in earlier ones that it goes on from")
    found: dict[str, str] = {}

    def work(noticing: Noticing) -> None:
        tally.expect(not _unchanged(noticing), "tests fail without any change")
        found.update(try_all(noticing, drawn))

    collect(KEPT / "map", work, ask.place)
    for mutant in drawn:
        _count(tally, mutant, found[mutant.key])
    tally.count("mutants there could be", len(there))
    tally.notes += _explanations(mutant.told for mutant in drawn if not found[mutant.key])


def _unchanged(noticing: Noticing) -> str:
    """Return which test fails in a fork although nothing has changed, "" for none."""
    mutant = next(mutant for mutant in every() if mutant.path.name == "periods.py" and mutant.function)
    code = compile(_tree(mutant.path), str(mutant.path), "exec")
    tests = _running(noticing, mutant)
    most = LONGEST[0]
    return noticing.functions(mutant.path, code, tests, most) or noticing.module(mutant.path, code, tests, most)


def try_all(noticing: Noticing, mutants: Sequence[Mutant]) -> dict[str, str]:
    """Try mutants; return by key which test noticed, "" for none."""
    results = Results(KEPT / "results.json")
    for mutant in sorted(mutants, key=lambda mutant: mutant.key):
        if results.noticed(mutant.key) is None:
            results.keep(mutant, _try(noticing, mutant))
    return {mutant.key: results.noticed(mutant.key) or "" for mutant in mutants}


class Results:
    """What was found, in a file; each line is one mutant."""

    def __init__(self, path: Path) -> None:
        self.path, self.mark = path, mark()
        lines = path.read_text().splitlines() if path.exists() else []
        self.told: dict[str, dict[str, str]] = {told["key"]: told for told in map(json.loads, lines)}

    def noticed(self, key: str) -> str | None:
        """Which test noticed a mutant, "" for none; None when it is to be tried."""
        told = self.told.get(key)
        return told["noticed"] if told and (told["noticed"] or told["mark"] == self.mark) else None

    def keep(self, mutant: Mutant, noticed: str) -> None:
        """Keep what was found, at once."""
        told = {"key": mutant.key, "noticed": noticed, "mark": self.mark, "told": mutant.told}
        self.told[mutant.key] = told
        with self.path.open("a") as file:
            file.write(json.dumps(told, ensure_ascii=False) + "\n")


def _try(noticing: Noticing, mutant: Mutant) -> str:
    chances = LONGEST[:1] if explanation(mutant.told) else LONGEST
    noticed = next((found for most in chances if (found := _noticed(noticing, mutant, most))), "")
    sys.stdout.write(f"{'noticed' if noticed else 'SURVIVED'}: {mutant.told}: {noticed}\n")
    sys.stdout.flush()
    return noticed


def _noticed(noticing: Noticing, mutant: Mutant, most: float) -> str:
    """Try one; a function that works while its module is imported may only show when that is done again."""
    noticed = ""
    if mutant.function:
        names = _running(noticing, mutant)
        noticed = noticing.functions(mutant.path, mutant.code, names, most) if names else ""
    if not noticed and (not mutant.function or not noticing.known_to_run(mutant.path, mutant.lines)):
        names = _mentioning(noticing, mutant)
        noticed = noticing.module(mutant.path, mutant.code, names, most) if names else ""
    return noticed


def _running(noticing: Noticing, mutant: Mutant) -> list[str]:
    found = (noticing.running[str(mutant.path), line] for line in mutant.lines)
    names = next((names for names in found if names), [])
    varied = _varied({name: noticing.known[name].seconds for name in names})
    return sorted(varied, key=lambda name: not mutant.own(name))


def _varied(costs: Mapping[str, float]) -> list[str]:
    """Let the cheapest come first, each further example of a test later: examples of one test notice much the same."""
    seen: Counter[str] = Counter()
    turns = {}
    for name, seconds in sorted(costs.items(), key=lambda pair: pair[1]):
        function = name.partition("[")[0]
        seen[function] += 1
        turns[name] = seconds * seen[function]
    return sorted(turns, key=lambda name: turns[name])


def _mentioning(noticing: Noticing, mutant: Mutant) -> list[str]:
    """The module's own tests, those that run a line with a name of the statement in it, those that run any line.

    Its own are all taken: what a dataclass does runs no line of its file.
    """
    words = re.compile(r"\b(?:" + "|".join(map(re.escape, sorted(mutant.names))) + r")\b") if mutant.names else None
    sources = sorted((ROOT / "ballerup_cli").rglob("*.py"))
    lines = [
        (str(path), number)
        for path in sources
        for number, line in enumerate(_text(path).splitlines(), 1)
        if words and words.search(line)
    ]
    ran = {name for line in lines for name in noticing.running.get(line, ())}
    ran |= {name for name in noticing.known if name.startswith(LOOKING) or mutant.own(name)}
    whole = {name for line, names in noticing.running.items() if line[0] == str(mutant.path) for name in names}
    return sorted(ran | whole, key=lambda name: (not mutant.own(name), name not in ran, noticing.known[name].seconds))


@cache
def _text(path: Path) -> str:
    return path.read_text()


def _count(tally: Tally, mutant: Mutant, noticed: str) -> None:
    explained = not noticed and explanation(mutant.told) is not None
    for of in ("", f" of {mutant.layer}"):
        tally.count(f"mutants{of}")
        tally.count(f"mutants{of} killed", bool(noticed))
        tally.count(f"survivors{of} explained", explained)
        tally.count(f"survivors{of}", not noticed and not explained)
    if not noticed and not explained:
        tally.notes.append(f"survived: `{mutant.told}`")


def explanation(told: str) -> str | None:
    """Return why nobody could notice a mutant, None when nobody knows."""
    return next((reason for pattern, reason in EXPLAINED if re.search(pattern, told)), None)


def _explanations(told: Iterator[str]) -> list[str]:
    """Say how many survivors each explanation is about."""
    counted = Counter(reason for one in told if (reason := explanation(one)))
    return [f"explained, {number}: {reason}" for reason, number in counted.most_common()]
