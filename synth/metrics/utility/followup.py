"""Who is followed for how long, and what ended it: a declared analysis of time to event, made into arrays."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from synth.metrics.analyses.columns import Named
from synth.metrics.analyses.model import Survival
from synth.metrics.analyses.persons import day_of, matching, per_person, window_of
from synth.metrics.evidence.model import Evidence, Side

Floats = NDArray[np.float64]
MOST_CAUSES = 5
NEVER = -62_091.0  # 1 January 1800: dates before it, such as 1600-01-01, stand for no date


@dataclass(frozen=True)
class Ending:
    """What counts as which event: patterns by cause for values of the event column, named for the reader."""

    names: tuple[str, ...]
    patterns: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Followed:
    """Followed persons of one side: `time`, `cause` (0: censored, else 1..), who they are, and their covariates."""

    time: Floats
    cause: NDArray[np.int64]
    person: NDArray[np.int64]

    @property
    def event(self) -> NDArray[np.bool_]:
        """Whether the follow-up of each person ended with any event."""
        return self.cause > 0


def ending_of(evidence: Evidence, item: Survival) -> Ending | str:
    """The events of an analysis, or why it cannot be told.

    Where none is declared, train decides: of two numbers the larger is the event, of two codes the rarer; of three to
    six whole numbers 0 is the censored and the others are causes that compete.
    """
    if item.event is None:
        return Ending(("the event",), ())
    if item.causes:
        return Ending(tuple(name for name, _ in item.causes), tuple(values for _, values in item.causes))
    if item.occurred:
        return Ending(("the event",), (item.occurred,))
    column = per_person(evidence, evidence.train, item.event)
    if column is None:
        return "the event column is not there"
    codes, levels = column.coded
    counts = np.bincount(codes[codes >= 0], minlength=len(levels))
    seen = [place for place in range(len(levels)) if counts[place]]
    if len(seen) == 2:
        numeric = column.given_numbers is not None
        chosen = max(seen, key=lambda place: float(levels[place])) if numeric else min(seen, key=lambda p: counts[p])
        return Ending(("the event",), ((levels[chosen],),))
    if column.given_numbers is None or "0" not in levels or not 2 < len(seen) <= MOST_CAUSES + 1:
        return "the event column has other than two values: declare which of them are the event"
    ranked = sorted((place for place in seen if levels[place] != "0"), key=lambda place: (-counts[place], place))
    names = tuple(f"cause ranked {rank} by frequency" for rank in range(1, len(ranked) + 1))
    return Ending(names, tuple((levels[place],) for place in ranked))


def followed(evidence: Evidence, side: Side, item: Survival, ending: Ending) -> Followed:
    """The follow-up of every person of a side for whom it is known."""
    event = per_person(evidence, side, item.event)
    if item.time is not None:
        duration = per_person(evidence, side, item.time)
        time = np.full(side.persons, np.nan) if duration is None else duration.numbers
        ended = np.ones(side.persons, dtype=bool)
        stated = np.ones(side.persons, dtype=bool) if event is None else event.coded[0] >= 0
    else:
        time, ended = _between(evidence, side, item)
        stated = np.ones(side.persons, dtype=bool)
    cause = np.where(ended, _causes(event, ending, side.persons), 0)
    kept = np.flatnonzero(np.isfinite(time) & (time >= 0) & stated)
    return Followed(time[kept], cause[kept].astype(np.int64), kept)


def _causes(event: Named | None, ending: Ending, persons: int) -> NDArray[np.int64]:
    if event is None or not ending.patterns:
        return np.ones(persons, dtype=np.int64)
    codes, levels = event.coded
    table = np.zeros(len(levels) + 1, dtype=np.int64)
    for number in range(len(ending.patterns), 0, -1):  # the first pattern that fits wins
        table[:-1][matching(levels, ending.patterns[number - 1])] = number
    found: NDArray[np.int64] = table[codes]
    return found


def _between(evidence: Evidence, side: Side, item: Survival) -> tuple[Floats, NDArray[np.bool_]]:
    """Time from the start to the end or the close, and whether it was the end."""
    end = per_person(evidence, side, item.end)
    given = np.full(side.persons, np.nan) if end is None else end.numbers
    given = np.where(given < NEVER, np.nan, given)
    first, last = _span(evidence, item)
    start = _moment(evidence, side, item.start, first)
    close = _moment(evidence, side, item.close, last)
    ended = (given >= start) & (given <= close)
    until = np.where(np.isnan(given) | (given > close), close, given)
    return np.where(until < start, np.nan, until - start), ended


def _span(evidence: Evidence, item: Survival) -> tuple[float, float]:
    ends = per_person(evidence, evidence.train, item.end)
    known = np.zeros(0) if ends is None else ends.numbers
    return window_of(evidence.analyses.window, known[known >= NEVER])


def _moment(evidence: Evidence, side: Side, reference: str | None, fallback: float) -> Floats:
    column = per_person(evidence, side, reference)
    if column is not None:
        return column.numbers
    return np.full(side.persons, fallback if reference is None else day_of(reference))
