"""Fixtures for tests of the whole program: a home with nothing in it, and one with a store that is ready."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from cli_kit import LOOKS, MEMORY, Home, once, ready


@pytest.fixture(scope="session")
def ready_home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """The ready store all tests copy; nobody writes in it, so looking at it needs no copy."""
    return Home(once(tmp_path_factory, "ready", ready))


@pytest.fixture
def place() -> Iterator[Path]:
    """A folder for homes, in memory if there is one: a save waits for the disk many times."""
    with tempfile.TemporaryDirectory(prefix="pytest-of-ballerup-", dir=MEMORY if MEMORY.is_dir() else None) as folder:
        yield Path(folder)


@pytest.fixture
def home(place: Path) -> Home:
    """A home with nothing in it."""
    return Home.make(place / "home")


@pytest.fixture
def town(ready_home: Home, place: Path) -> Home:
    """A home of one's own with the ready store."""
    return ready_home.copied(place / "town", LOOKS)
