"""Kernels: the few loops in which drawing spends its time, compiled by numba where it is installed (extra `fast`).

Each has a twin in numpy that gives the same bytes. Numba takes a second to load, and some to compile the first time, so
it comes into play only once so many cells have been drawn that a run is worth it; never where the environment says
`SYNTH_KERNELS=numpy`.
"""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from synth.maths.ranks_within import code_ranks, number_ranks, steps_of

Codes = NDArray[np.int64]
Floats = NDArray[np.float64]
WORTH = 12_000_000  # cells drawn before numba is loaded; it saves on as many more what loading it takes
_FINE = 2  # slots of a guide for each code ...
_MOST_SLOTS = 2**20  # ... and at most for all leaves together
_FEW = 40  # so few numbers are sorted one by one, and so few rows are not worth tables made for them
_SLOTS_A_ROW = 2  # a guide is made once a row was drawn for so many of its slots


@dataclass
class _Meter:
    """How many cells have been drawn."""

    cells: int = 0


_METER = _Meter()


@dataclass(frozen=True)
class Walk:
    """A decision tree laid flat to be walked: from the state of a node, its variable's code leads to the next state.

    `asked` is the variable of each state, `onward` the state after each state and code (state + code). A leaf asks a
    variable that is always 0, the one after the last, and stays. No path is longer than `depth`.
    """

    asked: Codes
    onward: Codes
    leaf: Codes
    depth: int


def walk_of(splits: NDArray[Any], left: NDArray[np.bool_], leaf_of_node: Codes, sizes: Codes) -> Walk:
    """The walk of a tree with these splits (node, variable, below), and for each the codes that go left.

    `sizes` are how many codes each variable has.
    """
    nodes = len(leaf_of_node)
    variable, widths = np.full(nodes, len(sizes)), np.ones(nodes, dtype=np.int64)
    variable[splits[:, 0]], widths[splits[:, 0]] = splits[:, 1], sizes[splits[:, 1]]
    state = np.cumsum(widths) - widths
    onward = np.repeat(state, widths)
    level = np.zeros(nodes, dtype=np.int64)
    for (node, _, below), goes_left in zip(splits.tolist(), left, strict=True):
        level[below : below + 2] = level[node] + 1
        side = np.where(goes_left[: widths[node]], state[below], state[below + 1])
        onward[state[node] : state[node] + len(side)] = side
    asked, leaf = np.zeros((2, len(onward)), dtype=np.int64)
    asked[state], leaf[state] = variable, leaf_of_node
    return Walk(asked, onward, leaf, int(level.max(initial=0)))


def leaves(walk: Walk, columns: Codes) -> Codes:
    """The leaf of each row of codes (variables x rows, and one variable more that is 0)."""
    fast = _fast(columns.shape[1])
    if fast is not None:
        found: Codes = fast.leaves(walk.asked, walk.onward, walk.leaf, walk.depth, columns)
        return found
    return leaves_by_numpy(walk, columns)


def leaves_by_numpy(walk: Walk, columns: Codes) -> Codes:
    """The twin of `leaves`: all rows go down together."""
    rows = columns.shape[1]
    flat, here = columns.ravel(), np.arange(rows)
    many = rows * _FEW > len(walk.asked)
    first = walk.asked * rows if many else walk.asked
    state: Codes = walk.onward.take(columns[walk.asked[0]])
    for _ in range(1, walk.depth):
        at = first.take(state)
        if not many:
            at *= rows
        at += here
        state += flat.take(at)
        state = walk.onward.take(state)
    return walk.leaf.take(state)


@dataclass(frozen=True)
class Lots:
    """How codes are drawn by their cumulated shares (leaves x codes).

    Leaf i has the lots from i * 2**`bits` on, and each code those below its end (`ends`, flat), from the end before on.
    """

    shares: Floats
    meter: _Meter = field(default_factory=_Meter)

    @cached_property
    def bits(self) -> int:
        """A leaf has so many lots, as a power of 2; those of all fit into 63 bits."""
        return min(53, 63 - len(self.shares).bit_length())

    @cached_property
    def ends(self) -> Codes:
        """Where the lots of each code end, leaf after leaf. All lots of a leaf without shares are the last code's."""
        lots = np.ceil(np.nan_to_num(self.shares) * 2.0**self.bits).astype(np.int64)
        lots[:, -1] = 1 << self.bits
        return (lots + (np.arange(len(lots))[:, None] << self.bits)).ravel()

    @cached_property
    def guide(self) -> tuple[NDArray[np.int32], int]:
        """For each slot of lots the code that has all of them, or else -1; and how many bits lots have more."""
        leaves, size = self.shares.shape
        fine = (min(_FINE * size, max(_MOST_SLOTS // leaves, 1)) - 1).bit_length()
        shift = self.bits - fine
        first = np.searchsorted(self.ends, np.arange((leaves << fine) + 1) << shift, side="right")
        code = np.where(first[:-1] == first[1:], first[:-1] - (np.arange(leaves << fine) >> fine) * size, -1)
        return code.astype(np.int32), shift

    def pays(self, rows: int) -> bool:
        """Whether so many rows more make up for a guide."""
        self.meter.cells += rows
        return self.meter.cells * _SLOTS_A_ROW >= self.shares.size * _FINE


def draw(lots: Lots, leaf: Codes, ticks: Codes) -> Codes:
    """A code for each row by inversion, given its leaf and a whole number below 2**53."""
    guided = lots.pays(len(leaf)) and len(leaf) > _FEW
    fast = _fast(len(leaf))
    if fast is not None:
        found: Codes = fast.draw(lots.ends, *lots.guide, lots.shares.shape[1], lots.bits, leaf, ticks)
        return found
    return draw_by_numpy(lots, leaf, ticks, guided)


def draw_by_numpy(lots: Lots, leaf: Codes, ticks: Codes, guided: bool) -> Codes:
    """The twin of `draw`: what the guide does not tell is searched for."""
    size = lots.shares.shape[1]
    lot = (leaf << lots.bits) + (ticks >> (53 - lots.bits))
    if not guided:
        lot = np.searchsorted(lots.ends, lot, side="right")
        lot -= leaf * size
        return lot
    guide, shift = lots.guide
    codes: Codes = guide.take(lot >> shift).astype(np.int64)
    rest = np.flatnonzero(codes < 0)
    if len(rest):
        codes[rest] = np.searchsorted(lots.ends, lot.take(rest), side="right") - leaf.take(rest) * size
    return codes


def standing(
    words: Codes, columns: Sequence[Codes], sizes: Sequence[int], scales: Sequence[float], noise: Floats, leaf: Codes
) -> Floats:
    """Sums of noise and, for each column, `scale` times the rank of the row's code among those of its leaf.

    Chance (rounds x rows) tells the noise by 12 bits of the first round, and the place among equal codes, or anywhere
    for codes from `size` on, by 16 bits of those that follow.
    """
    fast = _fast(len(leaf) * len(columns))
    if fast is not None and len(columns):
        found: Floats = fast.standing(
            words, np.stack(columns), np.array(sizes), np.array(scales), noise, leaf, int(leaf.max(initial=0)) + 1
        )
        return found
    return standing_by_numpy(words, columns, sizes, scales, noise, leaf)


def standing_by_numpy(
    words: Codes, columns: Sequence[Codes], sizes: Sequence[int], scales: Sequence[float], noise: Floats, leaf: Codes
) -> Floats:
    """The twin of `standing`."""
    found: Floats = noise.take((words[0] & 0xFFFF) >> 4)
    for index, (codes, size, scale) in enumerate(zip(columns, sizes, scales, strict=True)):
        anywhere = ((words[1 + index // 4] >> 16 * (index % 4)) & 0xFFFF) * 2.0**-16
        anywhere += 2.0**-17
        there = codes < size
        if there.all():
            anywhere = code_ranks(leaf, codes, size, anywhere)
        else:
            anywhere[there] = code_ranks(leaf[there], codes[there], size, anywhere[there])
        anywhere *= scale
        found += anywhere
    return found


def ranked(leaf: Codes, numbers: Floats, place: Floats) -> Floats:
    """The rank of each row's number among those of its leaf (see `number_ranks`, the twin of what is compiled)."""
    fast = _fast(len(leaf))
    if fast is not None and len(leaf):
        steps, of_row, _ = steps_of(leaf, numbers)
        found: Floats = fast.ranked(leaf, steps, of_row, place, int(leaf.max()) + 1)
        return found
    return number_ranks(leaf, numbers, place)


@dataclass(frozen=True)
class _Fast:
    """The compiled twins."""

    leaves: Callable[..., Any]
    draw: Callable[..., Any]
    standing: Callable[..., Any]
    ranked: Callable[..., Any]


def _fast(cells: int) -> _Fast | None:
    """The compiled kernels, once enough cells were drawn to make up for loading them; None without numba."""
    _METER.cells += cells
    return compiled() if _METER.cells >= WORTH else None


@cache
def compiled() -> _Fast | None:
    """The kernels compiled by numba; None where it is not installed, or not wanted."""
    if os.environ.get("SYNTH_KERNELS") == "numpy" or importlib.util.find_spec("numba") is None:
        return None
    from numba import njit

    made = njit(cache=True, nogil=True)
    return _Fast(made(_leaves), made(_draw), made(_standing), made(_ranked))


# What is compiled counts places without a sign: a signed one might be counted from the end, and is looked at twice.
_place = np.uint64


def _leaves(asked: Codes, onward: Codes, leaf: Codes, depth: int, columns: Codes) -> Codes:
    rows = columns.shape[1]
    flat, state = columns.ravel(), np.zeros(rows, dtype=np.uint64)
    for _ in range(depth):  # rows wait for memory together, not one after the other
        for row in range(rows):
            at = state[row]
            state[row] = _place(onward[at + _place(flat[_place(asked[at]) * _place(rows) + _place(row)])])
    found = np.empty(rows, dtype=np.int64)
    for row in range(rows):
        found[row] = leaf[state[row]]
    return found


def _draw(ends: Codes, guide: NDArray[np.int32], shift: int, size: int, bits: int, leaf: Codes, ticks: Codes) -> Codes:
    found = np.empty(len(leaf), dtype=np.int64)
    for row in range(len(leaf)):
        lot = (leaf[row] << bits) + (ticks[row] >> (53 - bits))
        code = np.int64(guide[_place(lot >> shift)])
        if code < 0:
            low, high = leaf[row] * size, leaf[row] * size + size
            while low < high:
                middle = (low + high) >> 1
                if ends[_place(middle)] <= lot:
                    low = middle + 1
                else:
                    high = middle
            code = low - leaf[row] * size
        found[row] = code
    return found


def _standing(
    words: Codes, columns: Codes, sizes: Codes, scales: Floats, noise: Floats, leaf: Codes, leaves: int
) -> Floats:
    rows = len(leaf)
    found = np.empty(rows, dtype=np.float64)
    for row in range(rows):
        found[row] = noise[_place((words[0, row] & 0xFFFF) >> 4)]
    for index in range(len(columns)):
        size, scale, codes = sizes[index], scales[index], columns[index]
        told, by = words[1 + index // 4], 16 * (index % 4)
        counts, before = np.zeros(leaves * size, dtype=np.int64), np.empty(leaves * size, dtype=np.int64)
        for row in range(rows):
            if codes[row] < size:
                counts[_place(leaf[row] * size + codes[row])] += 1
        totals = np.zeros(leaves, dtype=np.int64)
        for each in range(leaves):
            total = 0
            for cell in range(each * size, each * size + size):
                before[cell] = total
                total += counts[cell]
            totals[each] = total
        for row in range(rows):
            anywhere = ((told[row] >> by) & 0xFFFF) * 2.0**-16 + 2.0**-17
            if codes[row] < size:
                at = _place(leaf[row] * size + codes[row])
                anywhere = (counts[at] * anywhere + before[at]) / totals[_place(leaf[row])]
            found[row] += scale * anywhere
    return found


def _ranked(leaf: Codes, steps: Codes, of_row: int, place: Floats, leaves: int) -> Floats:
    rows = len(leaf)
    ends = np.zeros(leaves, dtype=np.int64)
    for row in range(rows):
        ends[_place(leaf[row])] += 1
    for each in range(1, leaves):
        ends[each] += ends[each - 1]
    packed = np.empty(rows, dtype=np.int64)
    for row in range(rows - 1, -1, -1):
        ends[_place(leaf[row])] -= 1
        packed[_place(ends[_place(leaf[row])])] = (steps[row] << of_row) + row
    ranks = np.empty(rows, dtype=np.float64)
    for each in range(leaves):  # ends are starts by now
        first, last = ends[each], ends[each + 1] if each + 1 < leaves else rows
        if last - first > _FEW:
            packed[first:last].sort()
        else:
            for at in range(first + 1, last):
                one, below = packed[at], at - 1
                while below >= first and packed[below] > one:
                    packed[below + 1] = packed[below]
                    below -= 1
                packed[below + 1] = one
        for at in range(first, last):
            row = packed[at] & ((1 << of_row) - 1)
            ranks[row] = (at - first + place[row]) / (last - first)
    return ranks
