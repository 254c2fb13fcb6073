"""Work on many things at once: over the processors there are, in order, with bounded memory."""

import os
import signal
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeVar

from ballerup_cli.errors import N_, SystemFailed

T = TypeVar("T")
R = TypeVar("R")

_FEW = 100  # so many are done before another process has started
_AT_A_TIME = 16
_ORPHANED = 0.5  # seconds until a process sees that nobody waits for it any more


class _Task:
    """What the processes forked off inherit: it may hold keys and open files, and is never sent anywhere."""

    work: Callable[[Any], Any]


def spread(work: Callable[[T], R], things: Iterable[T]) -> Iterator[R]:
    """Give ``work`` of each thing, in order.

    Raises:
        Exception: whatever ``work`` raises, of the first thing of which it raises anything.
        SystemFailed: one of the processes was killed, as a system does that is short of memory.
    """
    waiting = [*things]
    processors = len(os.sched_getaffinity(0))
    if len(waiting) < _FEW or processors == 1:
        yield from map(work, waiting)
        return
    import multiprocessing  # these take longer to import than a few things to do
    from concurrent.futures import ProcessPoolExecutor
    from concurrent.futures.process import BrokenProcessPool

    _Task.work = work
    context = multiprocessing.get_context("fork")
    try:
        with ProcessPoolExecutor(processors, context, _serve, (os.getpid(),)) as pool:
            yield from pool.map(_work, waiting, chunksize=_AT_A_TIME)
    except BrokenProcessPool:
        raise SystemFailed(reason=N_("one of the program's processes was killed")) from None


def _work(thing: Any) -> Any:
    return _Task.work(thing)


def _serve(parent: int) -> None:
    """Leave interrupts to the process that started this one, and go when it is gone: it may have been killed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_go_with, args=(parent,), daemon=True).start()


def _go_with(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(_ORPHANED)
    os.kill(os.getpid(), signal.SIGKILL)
