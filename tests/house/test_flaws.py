"""What is locked is held against a list of known flaws that somebody brought along."""

import json
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import flaws
import pytest
from flaws import listed, of
from supply import pins

LOCKED = {"jinja2": "3.1.6", "ruamel-yaml": "0.19.1"}


def flaw(name: str = "Jinja2", ecosystem: str = "PyPI", **affected: Any) -> dict[str, Any]:
    return {
        "id": "PYSEC-2026-1",
        "modified": "2026-11-20T08:00:00Z",
        "affected": [{"package": {"ecosystem": ecosystem, "name": name}, **affected}],
    }


def between(*events: dict[str, str], kind: str = "ECOSYSTEM") -> list[dict[str, Any]]:
    return [{"type": kind, "events": list(events)}]


@pytest.mark.parametrize(
    ("told", "is_there"),
    [
        (flaw(versions=["3.1.5", "3.1.6"]), True),
        (flaw(versions=["3.1.5"]), False),
        (flaw("ruamel.yaml", versions=["0.19.1"]), True),
        (flaw("jinja", versions=["3.1.6"]), False),
        (flaw(ecosystem="npm", versions=["3.1.6"]), False),
        (flaw(ranges=between({"introduced": "0"})), True),
        (flaw(ranges=between({"introduced": "3.1.6"})), True),
        (flaw(ranges=between({"introduced": "3.1.7"})), False),
        (flaw(ranges=between({"introduced": "0"}, {"fixed": "3.1.6"})), False),
        (flaw(ranges=between({"introduced": "0"}, {"fixed": "3.1.10"})), True),
        (flaw(ranges=between({"fixed": "3.0"}, {"introduced": "0"}, {"introduced": "3.1"}, {"fixed": "4"})), True),
        (flaw(ranges=between({"introduced": "0"}, {"last_affected": "3.1.6"})), True),
        (flaw(ranges=between({"introduced": "0"}, {"last_affected": "3.1.5"})), False),
        (flaw(ranges=between({"introduced": "0"}, kind="GIT")), False),
        (flaw(ranges=between({"introduced": "no version at all"})), True),
        ({"id": "PYSEC-2026-2"}, False),
    ],
)
def test_a_version_that_is_listed_or_lies_in_a_range_is_affected(told: dict[str, Any], is_there: bool) -> None:
    assert bool(of(iter([told]), LOCKED)) == is_there


def archive(path: Path, *told: dict[str, Any]) -> Path:
    with zipfile.ZipFile(path, "w") as files:
        for number, one in enumerate(told):
            files.writestr(f"PYSEC-{number}.json", json.dumps(one))
        files.writestr("README.txt", "a list")
    return path


def test_the_lines_name_package_version_and_flaw_and_leave_out_what_was_withdrawn(tmp_path: Path) -> None:
    told = [flaw(versions=["3.1.6"]), flaw(versions=["3.1.6"]) | {"id": "X", "withdrawn": "2026-11-21T08:00:00Z"}]
    assert of(listed(archive(tmp_path / "all.zip", *told)), LOCKED) == ["jinja2 3.1.6: PYSEC-2026-1"]


@pytest.mark.parametrize("data", [None, b"no archive", b""])
def test_what_cannot_be_read_is_no_all_clear(tmp_path: Path, data: bytes | None) -> None:
    if data is not None:
        (tmp_path / "all.zip").write_bytes(data)
    words = [sys.executable, flaws.__file__, str(tmp_path / "all.zip")]
    ended = subprocess.run(words, capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stdout) == (2, "") and "all.zip: " in ended.stderr


def test_it_ends_with_1_where_there_is_a_flaw_and_2_where_the_list_is_empty(tmp_path: Path) -> None:
    version = pins()["click"][0]
    for number, (told, code) in enumerate((([flaw("click", versions=[version])], 1), ([flaw("tabu")], 0), ([], 2))):
        words = [sys.executable, flaws.__file__, str(archive(tmp_path / f"{number}.zip", *told))]
        ended = subprocess.run(words, capture_output=True, text=True, check=False)
        assert ended.returncode == code, ended.stderr
        assert ended.stdout.endswith(f"{len(pins())} packages\n")
        assert (f"click {version}: PYSEC-2026-1\n" in ended.stdout) == (code == 1)
