"""Work on many things at once: over the processors there are, in order, with bounded memory."""

import os
import signal
from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeVar

from ballerup_cli.errors import BallerupError

T = TypeVar("T")
R = TypeVar("R")

_FEW = 100  # so many are done before another process has started
_AT_A_TIME = 16


class _Task:
    """What the processes forked off inherit: it may hold keys and open files, and is never sent anywhere."""

    work: Callable[[Any], Any]


def spread(work: Callable[[T], R], things: Iterable[T]) -> Iterator[R]:
    """Give ``work`` of each thing, in order.

    Raises:
        BallerupError: what ``work`` raises of the first thing of which it raises anything.
    """
    waiting = [*things]
    processors = len(os.sched_getaffinity(0))
    if len(waiting) < _FEW or processors == 1:
        yield from map(work, waiting)
        return
    import multiprocessing  # takes longer to import than a few things to do

    _Task.work = work
    with multiprocessing.get_context("fork").Pool(processors, _leave_interrupts) as pool:
        for thing, (done, result) in zip(waiting, pool.imap(_try, waiting, _AT_A_TIME), strict=True):
            yield result if done else work(thing)


def _try(thing: Any) -> tuple[bool, Any]:
    try:
        return True, _Task.work(thing)
    except BallerupError:
        return False, None  # it is met again where it can be raised


def _leave_interrupts() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the process that started this one ends it
