"""What there is to fill in: one form, and where it comes from."""

from collections.abc import Callable, Collection
from typing import BinaryIO, Generic, TypeVar

from ballerup_cli.core.entry import Body
from ballerup_cli.errors import Finding
from ballerup_cli.services.forms.questions import Points
from ballerup_cli.values import value

T = TypeVar("T")


@value
class Task(Generic[T]):
    """One form to be filled in.

    Its name and case; ``form``, its text with some fields filled in, and ``known``, those that are known beforehand;
    what is said above it in the editor; what is wrong with a text, and how to write one; the ``points`` of the case.
    """

    name: str
    number: str | None
    form: Callable[[Body], str]
    check: Callable[[str], list[Finding]]
    write: Callable[[bytes, str], T]
    known: Callable[[], Body] = dict
    heading: Callable[[], str] = str
    points: Callable[[], Points] = dict
    absent: Callable[[], Collection[str]] = tuple
    """Fields that this case has no use for, such as the view of a person where it is about a group."""


@value
class How:
    """Where a form comes from: a file or pipe, questions, or else the editor, whose file may lie on a ``disk``.

    ``resumed`` is the number of a draft to go on with.
    """

    source: BinaryIO | None = None
    ask: bool = False
    disk: bool = False
    resumed: int | None = None
