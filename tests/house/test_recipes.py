"""The recipes of CONTRIBUTING.md are made in a copy of the tree, as they are written there, and then tried."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
RECIPES = dict(re.findall(r"^### (.*?)\n(.*?)(?=^### |\Z)", PAGE.partition("## Recipes")[2], re.MULTILINE | re.DOTALL))
EDIT = re.compile(
    r"^(Make|In) `([^`]+)`(?:, (after|before|in place of) `([^`]+)`)?:\n\n```\w*\n(.*?)^```$", re.MULTILINE | re.DOTALL
)
TRIED = re.compile(r"^```sh\n(.*?)^```$", re.MULTILINE | re.DOTALL)
START = """
set -euo pipefail
ballerup() { python -m ballerup_cli "$@"; }
ballerup init "$HOME/store" --as anna --no-passphrase --recovery-file "$HOME/recovery.txt"
ballerup create --from templates/examples/00-walk/01-create.yaml
"""


def edits(recipe: str) -> Iterator[tuple[str, str, str, str]]:
    for kind, path, where, anchor, text in EDIT.findall(recipe):
        yield path, "make" if kind == "Make" else where, anchor, text


def edited(before: str, where: str, anchor: str, text: str) -> str:
    lines = before.splitlines(keepends=True)
    (at, *_others) = [number for number, line in enumerate(lines) if anchor in line]
    first, last = (at + 1, at + 1) if where == "after" else (at, at if where == "before" else at + 1)
    return "".join([*lines[:first], text, *lines[last:]])


@pytest.mark.long
@pytest.mark.parametrize("name", RECIPES)
def test_a_recipe_is_all_it_takes(name: str, tmp_path: Path) -> None:
    tree = tmp_path / "tree"
    for folder in ("ballerup_cli", "schemas", "templates"):
        shutil.copytree(ROOT / folder, tree / folder, symlinks=True, ignore=shutil.ignore_patterns("__pycache__"))
    changes = list(edits(RECIPES[name]))
    assert len(changes) == len(re.findall(r"^(?:Make|In) `", RECIPES[name], re.MULTILINE)), (
        "a step of the recipe is not read"
    )
    for path, where, anchor, text in changes:
        file = tree / path
        file.write_text(text if where == "make" else edited(file.read_text(), where, anchor, text))
    environment = {
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "HOME": str(tmp_path),
        "BALLERUP_LANG": "en",
        "PYTHONPATH": str(tree),
        "COLUMNS": "100",
    }
    (calls,) = TRIED.findall(RECIPES[name])
    ended = subprocess.run(
        ["bash"],
        input=START + "".join(f"{line} >> said.txt\n" for line in calls.splitlines()),
        cwd=tree,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    said = (tree / "said.txt").read_text() if (tree / "said.txt").exists() else ""
    assert ended.returncode == 0, (said, ended.stdout, ended.stderr)


def test_there_is_a_recipe_for_what_changes_most() -> None:
    assert len(RECIPES) == 5 and all(TRIED.search(recipe) for recipe in RECIPES.values())
