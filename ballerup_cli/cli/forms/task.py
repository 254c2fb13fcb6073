"""What there is to fill in: one form, and where it comes from."""

from collections.abc import Callable
from typing import BinaryIO, Generic, TypeVar

from ballerup_cli.core.entry import Body
from ballerup_cli.errors import N_, Finding
from ballerup_cli.values import value

T = TypeVar("T")

KEPT = N_("the text is kept, sealed; the same command takes it up again")


@value
class Task(Generic[T]):
    """One form to be filled in.

    Its name and case; ``form``, its text with some fields filled in, and ``known``, those that are known beforehand;
    what is said above it in the editor; what is wrong with a text, and how to write one.
    """

    name: str
    number: str | None
    form: Callable[[Body], str]
    check: Callable[[str], list[Finding]]
    write: Callable[[bytes, str], T]
    known: Callable[[], Body] = dict
    heading: Callable[[], str] = str


@value
class How:
    """Where a form comes from: a file or pipe, questions, or else the editor, whose file may lie on a ``disk``."""

    source: BinaryIO | None = None
    ask: bool = False
    disk: bool = False
