"""The house keeps its shape: who may import whom, one home a library, and calls that belong to one layer only."""

import ast
import importlib
import re
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

import pytest

PACKAGE = Path(__file__).parents[2] / "ballerup_cli"
MODULES = sorted(path for path in PACKAGE.rglob("*.py") if path.name != "__init__.py")
MAY_IMPORT = {
    "values": set(),
    "errors": {"values"},
    "core": {"values", "errors", "core"},
    "storage": {"values", "errors", "core", "storage"},
    "services": {"values", "errors", "core", "storage", "services"},
    "cli": {"values", "errors", "core", "services", "cli"},
    "__main__": {"cli"},
}
HOMES = {
    "babel": set(),
    "click": {"cli"},
    "cryptography": {"storage/crypto/age.py", "storage/crypto/signing.py"},
    "filelock": {"storage/files.py"},
    "highspy": set(),
    "holidays": {"services/store/calendar.py"},
    "icalendar": {"services/cases/calendar_export.py"},
    "jinja2": {"services/documents/documents.py"},
    "jsonschema": {"storage/text/schema.py"},
    "jsonschema_rs": {"storage/text/schema.py"},
    "keyring": {"services/keys/vault.py"},
    "markdown_it": {"services/documents/documents.py"},
    "openpyxl": {"services/forms/spreadsheet.py"},
    "pyarrow": {"services/reports/parquet.py"},
    "platformdirs": {"cli/ui/session.py"},
    "referencing": {"storage/text/schema.py"},
    "ruamel": {"storage/text/codec.py"},
    "sqlite3": {"storage/cache/image.py"},
    "segno": {"services/keys/paper.py"},
    "shamir_mnemonic": {"services/keys/splitting.py"},
    "tabulate": {"cli/ui/render.py"},
    "typst": {"services/documents/typeset.py"},
    "docx": {"services/documents/word.py"},
    "vl_convert": {"services/reports/drawing.py"},
}
HEAVY = {
    "holidays",
    "icalendar",
    "jinja2",
    "jsonschema",
    "jsonschema_rs",
    "keyring",
    "markdown_it",
    "openpyxl",
    "pyarrow",
    "referencing",
    "ruamel",
    "segno",
    "shamir_mnemonic",
    "tabulate",
    "typst",
    "docx",
    "vl_convert",
}
ROOMS = {
    "core": ("", "network", "cases", "reports"),
    "storage": ("crypto", "text", "store", "cache"),
    "services": ("store", "forms", "network", "cases", "documents", "keys", "reports", "rights", "upkeep"),
    "cli": ("ui", "forms", "commands", ""),
}
"""The rooms of each layer, each after those it may import; "" is what lies beside the rooms.

Beside the rooms of storage lie modules that all of them use (``files``, ``computed``, ``parallel``): it has no place.
"""
AGAINST_THE_ORDER = {("cli/commands/shell.py", "")}
"""The shell runs the program again, in its own process, for each line typed: it needs the program whole."""
REFUSED_NAMES = {"desk", "told", "look"}
"""Names that say nothing to a stranger; the glossary has the words to use."""
CORE_MAY_USE = {
    "abc bisect calendar collections contextlib copy dataclasses datetime difflib enum fractions functools itertools "
    "math operator re statistics string types typing unicodedata"
}
ONLY_CLI = {
    ("datetime", "now"),
    ("datetime", "today"),
    ("date", "today"),
    ("os", "environ"),
    ("os", "getenv"),
    ("sys", "argv"),
}
ONLY_CLI_CALLS = {"print", "input"}


def imports(path: Path) -> list[tuple[str, bool]]:
    """Every imported module, and whether it is imported at the top of the file."""
    tree = ast.parse(path.read_text())
    found = []
    for node in ast.walk(tree):
        names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            names = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
        found += [(name, node in tree.body) for name in names]
    return found


def layer(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def shown(path: Path) -> str:
    return path.relative_to(PACKAGE).as_posix()


@pytest.mark.parametrize("path", MODULES, ids=shown)
def test_layers_are_imported_downwards_only(path: Path) -> None:
    ours = {name.split(".")[1] for name, _ in imports(path) if name.startswith("ballerup_cli.")} - {"__version__"}
    assert ours <= MAY_IMPORT[layer(path)]


def room(path: Path) -> str:
    parts = path.relative_to(PACKAGE).parts
    return parts[1] if len(parts) > 2 else ""


def rooms_imported(path: Path) -> set[str]:
    """Return the rooms of its own layer that a module imports."""
    above = f"ballerup_cli.{layer(path)}."
    files = {PACKAGE / Path(*name.split(".")[1:]) for name, _ in imports(path) if name.startswith(above)}
    return {room(file.with_suffix(".py")) for file in files if file.with_suffix(".py").is_file()}


def test_every_room_has_its_place() -> None:
    rooms = {(layer(path), room(path)) for path in MODULES if layer(path) in ROOMS}
    assert rooms - {("storage", "")} == {(name, found) for name, order in ROOMS.items() for found in order}


@pytest.mark.parametrize("path", [m for m in MODULES if layer(m) in ROOMS], ids=shown)
def test_rooms_are_imported_in_one_direction_only(path: Path) -> None:
    order, here = ROOMS[layer(path)], room(path)
    if here not in order:
        return
    later = {found for found in rooms_imported(path) if found in order[order.index(here) + 1 :]}
    assert {found for found in later if (shown(path), found) not in AGAINST_THE_ORDER} == set()


@pytest.mark.parametrize("path", MODULES, ids=shown)
def test_no_name_is_of_a_private_language(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text())):
        names = {getattr(node, field, None) for field in ("id", "attr", "arg", "name", "asname")}
        parts = {name.lower().strip("_") for name in names if isinstance(name, str)}
        assert not parts & REFUSED_NAMES, f"{path}:{getattr(node, 'lineno', 0)}"


@pytest.mark.parametrize("path", MODULES, ids=shown)
def test_each_library_has_one_home(path: Path) -> None:
    for library in {name.split(".")[0] for name, _ in imports(path)} & HOMES.keys():
        assert {layer(path), shown(path)} & HOMES[library], f"{library} does not live here"


@pytest.mark.parametrize("path", MODULES, ids=shown)
def test_heavy_libraries_are_imported_where_they_are_used(path: Path) -> None:
    assert not {name.split(".")[0] for name, at_top in imports(path) if at_top} & HEAVY


@pytest.mark.parametrize("path", [m for m in MODULES if layer(m) == "core"], ids=shown)
def test_the_core_is_pure(path: Path) -> None:
    allowed = set(" ".join(CORE_MAY_USE).split()) | {"ballerup_cli"}
    assert {name.split(".")[0] for name, _ in imports(path)} <= allowed


@pytest.mark.parametrize("path", [m for m in MODULES if layer(m) != "cli"], ids=shown)
def test_only_the_command_line_reads_clock_environment_and_terminal(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            assert (node.value.id, node.attr) not in ONLY_CLI, f"{path}:{node.lineno}"
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            assert node.func.id not in ONLY_CLI_CALLS, f"{path}:{node.lineno}"


def test_modules_say_what_they_hold() -> None:
    for path in MODULES:
        assert ast.get_docstring(ast.parse(path.read_text())), f"{path} has no docstring"


CONTENT = re.compile(
    r"typing\.Any|\.(Entry|Context)\b|<class 'bytes'>|Identity|SigningKey|PrivateKey|passphrase|\bearlier\b"
)
"""Types and names of fields that hold what forms say, or a secret."""
OPEN = {("Stanza", "body"), ("Vocabulary", "lists")}
"""Public by nature: a file key wrapped in the header of a sealed file, and the terms of the domain."""


@pytest.mark.parametrize("layer", ["core", "storage"])
def test_no_value_prints_content_or_a_secret(layer: str) -> None:
    """Whatever ends in a traceback or a log: a value shows its numbers and codes only."""
    modules = [
        importlib.import_module(".".join(["ballerup_cli", *path.relative_to(PACKAGE).with_suffix("").parts]))
        for path in (PACKAGE / layer).rglob("[!_]*.py")
    ]
    classes = [found for module in modules for found in vars(module).values() if is_dataclass(found)]
    printed = {(of.__name__, told.name) for of in classes for told in fields(of) if told.repr and _holds_content(told)}
    assert printed - OPEN == set()
    assert len(classes) > 10


def _holds_content(told: Any) -> bool:
    known = f"{told.type} {told.name}"
    return bool(CONTENT.search(known)) and "Callable" not in known
