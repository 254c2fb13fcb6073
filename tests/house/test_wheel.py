"""The wheel, in a fresh environment far from the checkout: schemas, templates, examples and texts are all carried."""

import os
import shutil
import subprocess
import sys
import sysconfig
from importlib import metadata
from pathlib import Path

import pytest
from cli_kit import once
from test_readme import played, said

pytestmark = pytest.mark.long

ROOT = Path(__file__).parents[2]
CARRIED = ("ballerup_cli", "schemas", "templates", "setup.cfg", "pyproject.toml", "README.md", "LICENSE")


def run(*words: object, **more: object) -> str:
    ended = subprocess.run([str(word) for word in words], capture_output=True, text=True, check=False, **more)  # type: ignore[call-overload]
    if "No matching distribution found for setuptools" in ended.stderr:
        pytest.skip("setuptools is not here and cannot be fetched")
    assert ended.returncode == 0, ended.stderr
    return str(ended.stdout)


def has_setuptools() -> bool:
    try:
        return int(metadata.version("setuptools").split(".")[0]) >= 77
    except metadata.PackageNotFoundError:
        return False


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the programs that the wheel installed."""
    return once(tmp_path_factory, "wheel", install) / "venv" / "bin"


MOMENT = "1767225600"
"""The moment that files of a wheel are given, for everybody who builds it: SOURCE_DATE_EPOCH."""
PIP = (sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet")


def build(path: Path) -> Path:
    """Build the wheel from a copy of the sources."""
    (path / "source").mkdir(parents=True)
    for name in CARRIED:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, path / "source" / name, symlinks=True, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy2(source, path / "source" / name)
    isolation = ["--no-build-isolation"] if has_setuptools() else []
    moment = {**os.environ, "SOURCE_DATE_EPOCH": MOMENT}
    run(*PIP, "wheel", "--no-deps", *isolation, "--wheel-dir", path, path / "source", env=moment)
    (wheel,) = path.glob("ballerup-*.whl")
    shutil.rmtree(path / "source")
    return wheel


def install(path: Path) -> None:
    """Build the wheel and install it alone; its dependencies are the ones of the tests."""
    wheel = build(path)
    run(sys.executable, "-m", "venv", "--without-pip", path / "venv")
    python = path / "venv" / "bin" / "python"
    run(*PIP, "--python", python, "install", "--no-deps", "--no-index", wheel)
    site = Path(run(python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))").strip())
    (site / "dependencies.pth").write_text("".join(f"{sysconfig.get_path(kind)}\n" for kind in ("purelib", "platlib")))


def test_the_wheel_carries_all_it_needs(installed: Path, tmp_path: Path) -> None:
    environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "TMPDIR": str(tmp_path)}
    where = run(
        installed / "python", "-c", "import ballerup_cli; print(ballerup_cli.__file__)", env=environment, cwd="/"
    )
    assert Path(where.strip()).is_relative_to(installed.parent)
    ballerup = installed / "ballerup"
    for lang, word in (("da", "Modtagelse"), ("en", "Intake")):
        form = run(ballerup, "--lang", lang, "form", "create", env=environment, cwd="/")
        assert word in form
        assert "klub-nord" in form
    shown = run(ballerup, "--lang", "da", "demo", env=environment, cwd=tmp_path, stdin=subprocess.DEVNULL)
    assert "Efter indsatsniveau" in shown
    assert "2026-0001" in shown
    assert run(ballerup, "--version", env=environment).strip() in next(installed.parent.parent.glob("*.whl")).name


def test_the_wheel_holds_the_licence_and_no_tests(installed: Path) -> None:
    (wheel,) = installed.parent.parent.glob("*.whl")
    names = run(sys.executable, "-m", "zipfile", "--list", wheel)
    assert "LICENSE" in names
    assert "ballerup_cli/py.typed" in names
    assert "tests/" not in names


def test_the_wheel_can_be_built_again_byte_for_byte(installed: Path, tmp_path: Path) -> None:
    (wheel,) = installed.parent.parent.glob("*.whl")
    assert build(tmp_path / "again").read_bytes() == wheel.read_bytes()


def test_another_municipality_begins_with_the_wheel_and_an_empty_home(installed: Path, tmp_path: Path) -> None:
    page = ROOT / "docs/da/ny-kommune.md"
    for told, printed in zip(said(page), played(page, tmp_path, installed), strict=True):
        assert printed.splitlines() == told.splitlines()
