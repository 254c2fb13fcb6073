"""The folder can be copied by any tool: what restic, borg and rsync bring back is whole, or named to the file."""

import os
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import invented
import pytest
from cli_kit import Home

pytestmark = pytest.mark.long

Run = Callable[..., None]
DOCS = Path(__file__).parents[2] / "docs"
PAGES = [DOCS / "en" / "operator.md", DOCS / "da" / "drift.md"]


def run(home: Home, *words: object, cwd: Path | None = None) -> None:
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(home.path / "tmp"),
        "RESTIC_PASSWORD": "opdigtet",
        "BORG_UNKNOWN_UNENCRYPTED_REPO_ACCESS_IS_OK": "yes",
        "BORG_RELOCATED_REPO_ACCESS_IS_OK": "yes",
    }
    ended = subprocess.run(
        [str(word) for word in words], cwd=cwd, env=environment, capture_output=True, check=False, timeout=120
    )
    assert ended.returncode == 0, ended.stderr.decode()


def by_restic(home: Home, source: Path, vault: Path, target: Path) -> None:
    if not vault.exists():
        run(home, "restic", "init", "--repo", vault)
    run(home, "restic", "--repo", vault, "backup", ".", cwd=source)
    run(home, "restic", "--repo", vault, "restore", "latest", "--target", target)


def by_borg(home: Home, source: Path, vault: Path, target: Path) -> None:
    if not vault.exists():
        run(home, "borg", "init", "--encryption", "none", vault)
    name = f"{vault}::nr{len(list(vault.rglob('*')))}"
    run(home, "borg", "create", name, ".", cwd=source)
    target.mkdir(mode=0o770)
    run(home, "borg", "extract", name, cwd=target)


def by_rsync(home: Home, source: Path, vault: Path, target: Path) -> None:
    run(home, "rsync", "-a", "--delete", f"{source}/", vault)
    run(home, "rsync", "-a", f"{vault}/", target)


TOOLS = {"restic": by_restic, "borg": by_borg, "rsync": by_rsync}


def tool(name: str) -> Callable[[Home, Path, Path, Path], None]:
    if not shutil.which(name):
        pytest.skip(f"{name} is not installed")
    return TOOLS[name]


@pytest.mark.parametrize("name", TOOLS)
def test_what_a_tool_brings_back_is_whole_and_can_be_restored(town: Home, name: str) -> None:
    bring, vault = tool(name), town.path / "vault"
    bring(town, town.store, vault, town.path / "first")
    assert town.run("--store", town.path / "first", "verify").code == 0
    assert town.write("note", "2026-0001", invented.note()).code == 0
    bring(town, town.store, vault, town.path / "second")
    assert town.run("--store", town.path / "second", "verify").code == 0
    shutil.rmtree(town.store)
    town.ok("restore", town.path / "second", "--yes")
    assert len(town.case("2026-0001")["notes"]) == 1
    assert town.run("verify").code == 0


@pytest.mark.parametrize("name", TOOLS)
def test_a_copy_made_by_the_program_is_a_good_thing_to_back_up(town: Home, name: str) -> None:
    bring = tool(name)
    town.ok("backup", town.path / "copy")
    bring(town, town.path / "copy", town.path / "vault", town.path / "back")
    assert "10 cases came back whole" in town.ok("restore", town.path / "back", "--prove")


def test_a_backup_taken_in_the_middle_of_a_write_names_what_is_one_revision_behind(town: Home) -> None:
    """A tool copied the case before the save and the register after it."""
    early = town.path / "early"
    shutil.copytree(town.store, early)
    assert town.write("note", "2026-0001", invented.note()).code == 0
    late = town.path / "late"
    shutil.copytree(town.store, late)
    shutil.copy2(early / "2026-0001.yaml.age", late / "2026-0001.yaml.age")
    answer = town.run("--store", late, "verify")
    assert answer.code == 3
    assert answer.out == "2026-0001.yaml.age: one revision behind what the register says\n"
    assert town.run("restore", late, "--yes").code == 31
    mixed = town.path / "mixed"
    shutil.copytree(town.store, mixed)
    shutil.copy2(early / "register.age", mixed / "register.age")
    assert town.run("--store", mixed, "verify").code == 3, "the other way round: the case is newer than the register"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_the_lines_of_the_operators_page_do_what_it_says(town: Home, page: Path) -> None:
    block = re.search(r"^```sh\n(restic.*?)^```$", page.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    assert block
    lines = block[1].replace("/srv/backup", f"{town.path}/vaults").splitlines()
    assert [line.split()[0] for line in lines] == list(TOOLS)
    (town.path / "vaults").mkdir()
    first = {"restic": ["restic", "init", "--repo", f"{town.path}/vaults/restic"]}
    first["borg"] = ["borg", "init", "--encryption", "none", f"{town.path}/vaults/borg"]
    for line in lines:
        name = line.split()[0]
        tool(name)
        source = re.search(r"~/\w+", line)
        assert source
        town.ok("backup", town.path / "tmp" / source[0].removeprefix("~/"))
        run(town, *first.get(name, ["true"]))
        run(town, "bash", "-c", line)
    assert town.run("--store", town.path / "vaults" / "plain", "verify").code == 0
