"""One table of exit codes: the classes of errors, the contract's ranges and the documentation say the same."""

import errno
import inspect
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from ballerup_cli import errors
from ballerup_cli.cli import main as program
from ballerup_cli.errors import BallerupError

PAGE = Path(__file__).parents[2] / "docs" / "exit-codes.md"

GROUPS = {
    range(1, 2): "unexpected",
    range(2, 3): "usage",
    range(10, 20): "the request",
    range(20, 30): "the record",
    range(30, 40): "keys and tampering",
    range(40, 50): "the disk",
    range(130, 131): "broken off",
}
FIXED = {
    "UnknownCaseError": 10,
    "IllegalStepError": 11,
    "WrongGateError": 11,
    "InvalidFormError": 12,
    "MalformedRecordError": 20,
    "RecordBreaksSchemaError": 21,
    "NewerFormatError": 22,
    "WrongKeyError": 30,
    "DamagedFileError": 31,
    "RollbackError": 32,
    "ForkError": 32,
    "MissingFileError": 33,
    "NoStoreError": 40,
    "StoreLockedError": 41,
    "UnsafePermissionsError": 42,
    "DiskError": 43,
}
WITHOUT_CLASS = [
    (0, "done", ""),
    (1, "something unexpected happened: a bug", ""),
    (2, "a command, option or argument is not understood", ""),
    (3, "a check found something: `due --check`, `verify`", ""),
    (130, "stopped with Ctrl-C; nothing is half done", ""),
]


def subclasses(of: type[BallerupError]) -> Iterator[type[BallerupError]]:
    for found in of.__subclasses__():
        yield found
        yield from subclasses(found)


CLASSES = {found.__name__: found for found in subclasses(BallerupError) if found.__module__ == errors.__name__}


@pytest.mark.parametrize("name", CLASSES)
def test_every_error_has_a_code_of_the_contract(name: str) -> None:
    code = CLASSES[name].exit_code
    assert any(code in codes for codes in GROUPS)
    assert code == FIXED.get(name, code)
    assert CLASSES[name].message


def test_the_codes_of_the_contract_all_have_a_class() -> None:
    assert set(FIXED) <= CLASSES.keys()


def rows() -> list[tuple[int, str, str]]:
    told = [(found.exit_code, meaning(found), f"`{name}`") for name, found in CLASSES.items() if takes_part(found)]
    return sorted(WITHOUT_CLASS + told)


def takes_part(found: type[BallerupError]) -> bool:
    """The base of several kinds of one failure is never raised itself and needs no line of its own."""
    return not (found.__subclasses__() and found is errors.ContainerError)


def meaning(found: type[BallerupError]) -> str:
    return (inspect.getdoc(found) or "").partition("\n")[0].rstrip(".").replace("``", "`")


def test_the_documentation_lists_exactly_these() -> None:
    lines = re.findall(r"^\| (\d+) \| (.+?) \| (.*?) \|$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    assert [(int(code), said, name) for code, said, name in lines] == rows()


def test_nothing_else_leaves_the_program() -> None:
    """Every module speaks of failures through these classes: nobody ends the program on his own."""
    may = {"main.py": ["sys.exit"], "interrupts.py": ["os._exit"]}
    for path in (Path(errors.__file__).parent).rglob("*.py"):
        found = re.findall(r"(?:sys\.exit|os\._exit|SystemExit)\b", path.read_text(encoding="utf-8"))
        assert found == may.get(path.name, []), path.name


def test_a_call_that_the_system_refuses_anywhere_is_no_bug(capsys: pytest.CaptureFixture[str]) -> None:
    """Found by letting every system call of a save fail (`make proof`)."""

    def fails() -> None:
        raise OSError(errno.EIO, "Kolibri broke", "/Kolibri")

    assert program._guarded(fails) == CLASSES["SystemFailedError"].exit_code
    assert "Kolibri broke" in capsys.readouterr().err, "the system's own words, which quote no record"
