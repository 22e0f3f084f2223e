"""Numbered pieces of work done by several processes and handed back in order, so that no result depends on how many.

Ctrl-C reaches every process of a terminal, and what batch schedulers send to end a job every process of it; only the
first one heeds it at once, and the others end with the piece they are at, or a little later. One that dies while it
hands back a result leaves half a message, for whose end the first process would wait for ever. Processes whose first
one was killed end by themselves.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import CancelledError, Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from itertools import islice
from multiprocessing.synchronize import Event
from types import FrameType
from typing import Any, TypeVar

from synth.core.errors import UserError

State = TypeVar("State")
Result = TypeVar("Result")
_GRACE = 2.0  # seconds in which a process that is told to end hands back what it is handing back
Work = Callable[[State, int], Result]  # a function of a module, so that other processes find it

_state: Any = None
_given_up: Event | None = None


@contextmanager
def crew(state: State, workers: int) -> Iterator[Callable[[Work[State, Result], Iterable[int]], Iterator[Result]]]:
    """A function that maps `work(state, piece)` over pieces, in order, on `workers` processes (1: in this one).

    Twice as many pieces as workers are under way at most, so memory does not grow with their number. `state` is sent
    to each process once. Raises UserError when `workers` is below 1, or a process dies (memory is short).
    """
    if workers < 1:
        raise UserError("the number of workers is below 1", remedy="ask for at least one worker")
    if workers == 1:
        yield lambda work, pieces: (work(state, piece) for piece in pieces)
        return
    given_up = multiprocessing.Event()
    pool = ProcessPoolExecutor(workers, initializer=_start, initargs=(state, given_up))
    try:
        yield lambda work, pieces: _in_order(pool, work, pieces, 2 * workers)
    finally:
        given_up.set()  # nobody waits for the pieces that are handed out and not begun
        pool.shutdown(cancel_futures=True)


def _start(state: Any, given_up: Event) -> None:
    global _state, _given_up
    _state, _given_up = state, given_up
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, _end_soon)
    threading.Thread(target=_outlive_nobody, daemon=True).start()


def _end_soon(number: int, frame: FrameType | None) -> None:
    leaving = threading.Timer(_GRACE, os._exit, args=(1,))
    leaving.daemon = True
    leaving.start()


def _outlive_nobody() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _call(work: Work[Any, Result], piece: int) -> Result:
    if _given_up is not None and _given_up.is_set():
        raise CancelledError
    return work(_state, piece)


def _in_order(
    pool: ProcessPoolExecutor, work: Work[Any, Result], pieces: Iterable[int], ahead: int
) -> Iterator[Result]:
    """Results in the order of the pieces, submitted at once, then as results are taken."""
    todo = iter(pieces)
    try:
        waiting: list[Future[Result]] = [pool.submit(_call, work, piece) for piece in islice(todo, ahead)]
    except BrokenProcessPool:
        raise _died() from None
    return _taken(pool, work, todo, waiting)


def _taken(
    pool: ProcessPoolExecutor, work: Work[Any, Result], todo: Iterator[int], waiting: list[Future[Result]]
) -> Iterator[Result]:
    try:
        while waiting:
            done = waiting.pop(0).result()
            waiting.extend(pool.submit(_call, work, piece) for piece in islice(todo, 1))
            yield done
    except BrokenProcessPool:
        raise _died() from None


def _died() -> UserError:
    return UserError("a worker process died", remedy="use fewer --workers, or give the machine more memory")
