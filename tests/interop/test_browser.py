"""The report in a browser: an accessibility checker finds nothing, and the page asks for nothing and runs nothing."""

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from cli_kit import Home

HERE = Path(__file__).parent
BROWSER = shutil.which("chromium") or shutil.which("google-chrome")
pytestmark = [
    pytest.mark.skipif(BROWSER is None, reason="there is no chromium here to look with"),
    pytest.mark.skipif(
        "INTEROP" not in os.environ and not (HERE / "node_modules/axe-core").is_dir(),
        reason="the npm packages are not installed: 'make interop' does it",
    ),
]
YEAR = ("report", "--from", "2026-01-01", "--to", "2026-12-31", "--format", "html")
PAGES = {
    "report.da": ("--lang", "da", *YEAR, "--internal"),
    "report.en": ("--lang", "en", *YEAR, "--internal"),
    "controlled.da": ("--lang", "da", *YEAR),
    "controlled.en": ("--lang", "en", *YEAR),
    "pladen.da": ("--lang", "da", "pladen", "picture", "--format", "html"),
    "card.da": ("--lang", "da", "action-card", "--format", "html"),
}


@pytest.fixture(scope="module")
def seen(ready_home: Home, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    folder = tmp_path_factory.mktemp("pages")
    for name, words in PAGES.items():
        ready_home.ok(*words, "--out", folder / f"{name}.html")
    files = [str(path) for path in sorted(folder.iterdir())]
    done = subprocess.run(["node", "page.mjs", str(BROWSER), *files], cwd=HERE, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return {Path(told["file"]).stem: told for told in json.loads(done.stdout)}


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_open_to_everybody_and_needs_nothing(seen: dict[str, Any], name: str) -> None:
    told = seen[name]
    assert told["violations"] == []
    assert {"document-title", "html-has-lang", "color-contrast"} <= {*told["passes"]}, "the checker did look"
    assert (told["asked"], told["said"], told["scripts"]) == ([], [], 0)
    assert told["width"] <= 320, "at 400 % nobody has to scroll sideways"
    assert told["dark"], "what is drawn is read in forced colours too"
