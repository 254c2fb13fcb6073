"""Work on many things at once: over the processors there are, in order, with bounded memory."""

import os
import signal
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from ballerup_cli.errors import N_, SystemFailedError

if TYPE_CHECKING:
    from multiprocessing.connection import Connection
    from multiprocessing.context import ForkProcess

T = TypeVar("T")
R = TypeVar("R")

_FEW = 100  # so many are done before another process has started


def parallel_map(work: Callable[[T], R], things: Iterable[T]) -> Iterator[R]:
    """Give ``work`` of each thing, in order; where the system starts no process, this one does it all.

    Raises:
        Exception: whatever ``work`` raises, of the first thing of which it raises anything.
        SystemFailedError: one of the processes was killed, as a system does that is short of memory.
    """
    waiting, processors = [*things], len(os.sched_getaffinity(0))
    workers = _started(work, waiting, processors) if len(waiting) >= _FEW and processors > 1 else []
    if not workers:
        yield from map(work, waiting)
        return
    try:
        for turn in range(len(waiting)):
            yield _next(workers[turn % processors])
    finally:
        _end(workers)


class _Worker(NamedTuple):
    """A process, and where it tells what it has done; a full pipe lets it wait until that is wanted."""

    process: "ForkProcess"
    answers: "Connection"


def _started(work: Callable[[Any], Any], waiting: Sequence[Any], number: int) -> list[_Worker]:
    """Fork off so many processes, each with its share; or none where the system refuses one of them.

    What they inherit may hold keys and open files, and is never sent anywhere. They need no semaphore and no thread: a
    system without shared memory, or with a limit on processes, must not stop or hang the work.
    """
    import multiprocessing  # takes longer to import than a few things to do

    context, workers = multiprocessing.get_context("fork"), list[_Worker]()
    try:
        for turn in range(number):
            item, tells = context.Pipe(duplex=False)
            ends = [item, *(worker.answers for worker in workers)]
            process = context.Process(target=_serve, args=(work, waiting[turn::number], tells, ends))
            process.start()
            workers.append(_Worker(process, item))
            tells.close()
    except OSError:
        _end(workers)
        return []
    return workers


def _serve(work: Callable[[T], R], share: Sequence[T], tells: "Connection", ends: Sequence["Connection"]) -> None:
    """Tell what becomes of each thing, up to the first failure, or until the process that asked is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # that is for the process that started this one
    for end in ends:  # while anybody holds one of them, nobody else hears that its reader is gone
        end.close()
    with suppress(BrokenPipeError):
        for thing in share:
            done, problem = _done(work, thing)
            tells.send((done, problem))
            if problem:
                return


def _done(work: Callable[[T], R], thing: T) -> tuple[R | None, Exception | None]:
    try:
        return work(thing), None
    except Exception as problem:
        return None, problem


def _next(worker: _Worker) -> Any:
    try:
        done, problem = worker.answers.recv()
    except (EOFError, OSError):
        raise SystemFailedError(reason=N_("one of the program's processes was killed")) from None
    if problem:
        raise problem
    return done


def _end(workers: Sequence[_Worker]) -> None:
    for worker in workers:
        worker.process.kill()
        worker.process.join()
        worker.answers.close()
