"""Progress told on stderr: bars on a terminal, nothing in a pipe, results never."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

Item = TypeVar("Item")
_WIDTH = 24


def track(items: Iterable[Item], label: str, total: int | None = None) -> Iterator[Item]:
    """Yield `items`, drawing how far along `label` is when stderr is a terminal. Labels carry names, never values."""
    report = bar(label, total)
    done = 0
    for done, item in enumerate(items, start=1):
        yield item
        report(done)
    report(-1)


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
    sys.stderr.write(line + "\n")
    sys.stderr.flush()
