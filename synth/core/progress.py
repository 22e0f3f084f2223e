"""Progress told on stderr: bars on a terminal, nothing in a pipe, results never."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TypeVar

Item = TypeVar("Item")
_WIDTH = 24
_SAID_BEFORE: ContextVar[bool] = ContextVar("said_before", default=False)


def track(items: Iterable[Item], label: str, total: int | None = None, remaining: bool = False) -> Iterator[Item]:
    """Yield `items`, drawing how far along `label` is when stderr is a terminal. Labels carry names, never values.

    `remaining` adds the time that is left if what is to come takes as long as what is done; it is only shown.
    """
    report = bar(label, total)
    done, begun = 0, time.monotonic()
    for done, item in enumerate(items, start=1):
        yield item
        if remaining and total and sys.stderr.isatty():
            report = bar(f"{label}, about {_length((time.monotonic() - begun) * (total - done) / done)} left", total)
        report(done)
    report(-1)


def _length(seconds: float) -> str:
    """A length of time as people say it."""
    return f"{seconds:.0f} s" if seconds < 90 else f"{seconds / 60:.0f} min"


def bar(label: str, total: int | None = None) -> Callable[[int], None]:
    """A function that draws `done` out of `total`; a negative `done` ends the line. Silent in a pipe."""
    if not sys.stderr.isatty():
        return lambda done: None

    def draw(done: int) -> None:
        if done < 0:
            sys.stderr.write("\r\x1b[K")
        elif total:
            filled = min(_WIDTH, _WIDTH * done // total)
            sys.stderr.write(f"\r{label} [{'#' * filled}{'.' * (_WIDTH - filled)}] {done}/{total}\x1b[K")
        else:
            sys.stderr.write(f"\r{label} {done}\x1b[K")
        sys.stderr.flush()

    return draw


def say(line: str) -> None:
    """One line on stderr, whether or not it is a terminal: a stage done, a fallback taken."""
    if _SAID_BEFORE.get():
        return
    sys.stderr.write(line + "\n")
    sys.stderr.flush()


@contextmanager
def said_before() -> Iterator[None]:
    """Say no lines meanwhile: a trial of work that says them itself. Bars are drawn all the same."""
    before = _SAID_BEFORE.set(True)
    try:
        yield
    finally:
        _SAID_BEFORE.reset(before)
