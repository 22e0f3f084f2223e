"""Clock: when the rows of each parent happen, one after the other, within the span from the first to the last.

A gap that leads beyond the end, or an end before the first row, is drawn again: no real row has one. What would end
after the latest time that is known begins earlier, as those do whose rows take long.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from synth.columns.bins import APART, Bins
from synth.columns.codec import Codec
from synth.core.seeds import Stream, rng
from synth.generators.blueprint import Blueprint
from synth.generators.coding.layout import is_ordered
from synth.generators.drawing.drawn import Drawn
from synth.generators.drawing.rowwise import Context, draw_rows, nearest
from synth.generators.features.timeline import LANDED, LANDMARK, from_landmark

Codes = NDArray[np.int64]
Floats = NDArray[np.float64]
_TRIES = 8  # draws of a gap or of an end before what is drawn is cut short


@dataclass
class Clock:
    """Where each parent stands in time, and what is left of its span."""

    columns: Mapping[str, int]
    codecs: Mapping[str, Codec]
    names: Mapping[str, str]
    landmarks: tuple[float, ...]
    bounds: tuple[float, float]
    stream: Stream
    starts: Codes
    group: Codes
    sizes: Codes
    first: Floats = field(default_factory=lambda: np.empty(0))
    now: Floats = field(default_factory=lambda: np.empty(0))
    left: Floats = field(default_factory=lambda: np.empty(0))
    gaps: Floats = field(default_factory=lambda: np.empty(0))
    late: NDArray[np.bool_] = field(default_factory=lambda: np.empty(0, dtype=bool))

    def tell(self, drawn: Drawn, rows: Codes, step: int) -> None:
        """Write the pace and the clock of rows about to be drawn."""
        which = self.group[rows]
        remaining = self.sizes[which] - step
        drawn.codes[rows, self.columns["pace"]] = nearest(self.codecs["pace"], self.left[which] / remaining)
        drawn.codes[rows, self.columns["clock"]] = nearest(self.codecs["clock"], self.now[which])

    def drawn_gaps(self, drawn: Drawn, rows: Codes) -> Floats:
        """The gaps that were drawn, as numbers."""
        return self.codecs["gap"].numbers(drawn.codes[rows, self.columns["gap"]], self.stream.uniform(len(rows)))

    def overrun(self, rows: Codes, gaps: Floats, step: int) -> NDArray[np.bool_]:
        """Whether a gap leads beyond the end, or back to a landmark; the last row's does not matter."""
        which = self.group[rows]
        far = from_landmark(gaps, self.now[which])
        back = (gaps >= LANDED) & (far <= 0)
        over: NDArray[np.bool_] = (far < APART) & (back | (far > self.left[which])) & (self.sizes[which] - step > 1)
        return over

    def move(self, drawn: Drawn, rows: Codes, step: int, gaps: Floats) -> None:
        """Move on by the gaps that were drawn; write the time, and the gap as it became."""
        which = self.group[rows]
        gap = from_landmark(gaps, self.now[which])
        real = (gap < APART) & ~np.isnan(self.left[which])
        last = self.sizes[which] - step == 1
        gap = np.where(real, np.where(last, self.left[which], np.clip(gap, 0.0, self.left[which])), gap)
        self.left[which] -= np.where(real, gap, 0.0)
        self.now[which] += np.where(real, gap, 0.0)
        self.gaps[rows] = gap
        time = np.where(gap < APART, self.now[which], gap)
        drawn.codes[rows, self.columns["time"]] = nearest(self.codecs["time"], time)
        landed = real & (gap > 0) & np.isin(self.now[which], self.landmarks)
        became = np.where(landed, self.now[which] + LANDMARK, gap)
        changed = real & (became != gaps)
        drawn.codes[rows[changed], self.columns["gap"]] = nearest(self.codecs["gap"], became[changed])

    def start(self, drawn: Drawn, rows: Codes) -> None:
        """Let first rows set the clock."""
        which = self.group[rows]
        if len(rows) == len(self.starts):
            uniform = self.stream.uniform(len(rows))
            self.first = self.codecs["first"].numbers(drawn.codes[rows, self.columns["first"]], uniform)
            self.now = np.where(self.first < APART, self.first, np.nan)
            self.left, self.gaps = np.full(len(rows), np.nan), np.full(drawn.rows, np.nan)
            self.late = np.zeros(len(rows), dtype=bool)
        uniform = self.stream.uniform(len(rows))
        span = self.codecs["span"].numbers(drawn.codes[rows, self.columns["span"]], uniform)
        self.left[which] = from_landmark(span, self.now[which])
        self.late[which] = (span >= LANDED) & (self.left[which] <= 0) & (self.sizes[which] > 1)

    def ended(self) -> Codes:
        """First rows after whose time the end was to be."""
        return self.starts[self.late]

    def fit_in(self, drawn: Drawn) -> None:
        """Move what ends after the latest time that is known back, to end up to a usual gap before it."""
        earliest, latest = self.bounds
        over = np.flatnonzero((self.left < APART) & (self.sizes > 1) & (self.now + self.left > latest))
        if not len(over):
            return
        self.left[over] = np.minimum(self.left[over], np.maximum(latest - np.minimum(earliest, self.now[over]), 0.0))
        usual = np.minimum(self.left[over] / (self.sizes[over] - 1), latest - earliest - self.left[over])
        end = latest - np.maximum(usual, 0.0) * self.stream.uniform(len(over))
        self.now[over] = np.minimum(end - self.left[over], self.now[over])
        self.first[over] = self.now[over]
        rows = self.starts[over]
        drawn.codes[rows, self.columns["first"]] = nearest(self.codecs["first"], self.now[over])

    def finish(self, drawn: Drawn) -> None:
        """Keep the numbers that dates are made of."""
        drawn.numbers[self.names["gap"]] = self.gaps
        drawn.numbers[self.names["first"]] = np.full(drawn.rows, np.nan)
        drawn.numbers[self.names["first"]][self.starts] = self.first


def clock_of(plan: Blueprint, drawn: Drawn, starts: Codes, place: Codes, seed: int, block: int) -> Clock | None:
    """The clock of a table whose rows follow one another; None for another table."""
    table = drawn.node.name
    if not is_ordered(plan.layout.features[table]):
        return None
    kinds = ("position", "pace", "clock", "time", "gap", "first", "span")
    names = {str(f.kind): f.name for f in plan.layout.features[table] if f.kind in kinds}
    columns = {kind: plan.layout.index(table, name) for kind, name in names.items()}
    codecs = {kind: plan.codec(table, name) for kind, name in names.items()}
    drawn.codes[:, columns["position"]] = nearest(codecs["position"], place.astype(np.float64))
    stream = rng(seed, f"{table}/next", "times", block)
    sizes = np.diff(np.append(starts, len(place)))
    marks = next(f.landmarks for f in plan.layout.features[table] if f.kind == "gap")
    group = np.cumsum(place == 0) - 1
    return Clock(columns, codecs, names, marks, _bounds(codecs["time"]), stream, starts, group, sizes)


def _bounds(time: Codec) -> tuple[float, float]:
    """The earliest and the latest time that is known, places on the calendar apart."""
    if not isinstance(time.kept, Bins) or not (time.kept.high < APART).any():
        return -np.inf, np.inf
    usual = time.kept.high < APART
    return float(time.kept.low[usual].min()), float(time.kept.high[usual].max())


def start(clock: Clock, context: Context, drawn: Drawn, where: tuple[int, int]) -> None:
    """Let the first rows set the clock; the ends that would lie before them are drawn again."""
    clock.start(drawn, clock.starts)
    for again in range(_TRIES):
        rows = clock.ended()
        if not len(rows):
            break
        drawn.codes[rows, clock.columns["span"]] = -1  # all else of these rows is known
        draw_rows(context, drawn, rows, where[0], (where[1], 0, again), drawn.codes)
        clock.start(drawn, rows)
    clock.fit_in(drawn)


def move_on(clock: Clock, context: Context, drawn: Drawn, rows: Codes, where: tuple[int, int, int]) -> None:
    """Draw the gaps of rows, those that overrun the span again, and move the clock."""
    seed, block, step = where
    draw_rows(context, drawn, rows, seed, (block, step))
    gaps = clock.drawn_gaps(drawn, rows)
    over = np.flatnonzero(clock.overrun(rows, gaps, step))
    if len(over):
        gaps[over] = _within(clock, context, drawn, rows[over], where)
    clock.move(drawn, rows, step, gaps)


def _within(clock: Clock, context: Context, drawn: Drawn, rows: Codes, where: tuple[int, int, int]) -> Floats:
    """Gaps of rows, the first of several drawn that does not overrun the span; their codes are written."""
    seed, block, step = where
    again = np.repeat(rows, _TRIES)
    stream = rng(seed, context.part.title, "again", block, step)
    above = np.repeat(context.rows(drawn, rows), _TRIES, axis=0)
    codes = context.plan.joints[context.part.title].draw(above, stream)[:, 0]
    gaps = clock.codecs["gap"].numbers(codes, stream.uniform(len(again)))
    fits = ~clock.overrun(again, gaps, step).reshape(-1, _TRIES)
    chosen = np.arange(len(rows)) * _TRIES + np.argmax(fits, axis=1)
    drawn.codes[rows, clock.columns["gap"]] = codes[chosen]
    found: Floats = gaps[chosen]
    return found
