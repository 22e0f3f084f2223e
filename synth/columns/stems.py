"""Stems: codes that too few persons share, known by the longest beginning that enough of them share.

What follows the stem is never taken from the rows. Where the column has a public list, a rare code becomes a listed
code under its stem. Where nearly every code is rare, the codes are identifiers of something else than persons (care
providers): they become invented identifiers under the stem, as many different ones as there were, each person coming
back to the same ones as often as persons did. Other codes get digits and letters in the places where codes have them.
Were they drawn among the codes that k persons share instead, these few would be all there is.
"""

from __future__ import annotations

import math
import re
import string
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from synth.columns.belonging import Belonging
from synth.core.arrays import distinct
from synth.core.seeds import derive

Codes = NDArray[np.int64]
Floats = NDArray[np.float64]
_Below = dict[int, dict[int, tuple[Codes, Floats]]]
MARK = "S"  # begins the invented part of an identifier: in the place of a digit, no real one has it
_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_CLASSES = {"9": "0123456789", "A": "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "a": "abcdefghijklmnopqrstuvwxyz"}
_MARKED_TAIL = 3  # with fewer places after the stem there is no room for a mark


@dataclass(frozen=True, slots=True)
class Stem:
    """A beginning that k persons share: rows, the shape of what follows, how many different codes to invent.

    In `shape`, 9 A a stand for a digit, a capital and a small letter, anything else for itself. `codes` are public
    ones under the stem; where there are some, they are drawn from: by `weights`, how often each is met as published, or
    all alike.
    """

    prefix: str
    rows: int
    shape: str
    pool: int
    codes: tuple[str, ...] = ()
    weights: tuple[float, ...] = ()

    def member(self, number: int, marked: bool, place: int = 0) -> str:
        """The code that stands for member `number` of those under the stem.

        A mark stands at `place`, where longer stems of the column end, so that what is read off the beginning of a code
        (the department of a provider) is never a mark.
        """
        if self.codes:
            return self.codes[number % len(self.codes)]
        before = max(place - len(self.prefix), 0)
        digits = len(self.shape) - before - len(MARK)
        if marked and digits >= _MARKED_TAIL - len(MARK) and self.shape.startswith("9" * (before + 1)):
            head = f"{number * 7919 % 10**before:0{before}d}" if before else ""  # spread over all of them
            return self.prefix + head + MARK + _base36(number // 10**before % 36**digits, digits)
        letters, size, first = _tails(self.prefix, self.shape)
        number = (number * 7919 + first) % size
        tail = ""
        for some in reversed(letters):
            tail = some[number % len(some)] + tail
            number //= len(some)
        return self.prefix + tail

    def document(self) -> dict[str, Any]:
        """The stem as plain JSON data."""
        found: dict[str, Any] = {"prefix": self.prefix, "rows": self.rows, "shape": self.shape, "pool": self.pool}
        found |= {"codes": list(self.codes)} if self.codes else {}
        return found | ({"weights": list(self.weights)} if self.weights else {})


def stem_from(document: Mapping[str, Any]) -> Stem:
    """The stem written by `Stem.document`."""
    public = {name: tuple(document.get(name, ())) for name in ("codes", "weights")}
    return Stem(**{**document, **public})


@lru_cache(maxsize=4096)
def _tails(prefix: str, shape: str) -> tuple[tuple[str, ...], int, int]:
    """The signs that may stand in each place of a tail, how many tails that makes, and which comes first.

    They are spread over all, in the same way for the same stem whatever the seed.
    """
    letters = tuple(_CLASSES.get(sign, sign) for sign in shape)
    size = max(math.prod(map(len, letters)), 1)
    return letters, size, derive(0, "stem", prefix) % size


def _base36(number: int, digits: int) -> str:
    text = ""
    for _ in range(digits):
        number, digit = divmod(number, 36)
        text = _DIGITS[digit] + text
    return text


@dataclass(frozen=True)
class Stems:
    """The stems of a column; `reuse` is how often a person who had a code under a stem comes back to one of them.

    `marked` says that invented codes carry a mark; `by` is the column of the same row that holds what a public code
    belongs to, if one does.
    """

    stems: tuple[Stem, ...]
    reuse: float
    marked: bool
    by: str | None = None

    def __len__(self) -> int:
        return len(self.stems)

    def encode(self, texts: Sequence[str | None]) -> Codes:
        """The stem of each text: the longest one it begins with, -1 for none and for what is no code."""
        places = {stem.prefix: place for place, stem in enumerate(self.stems)}
        lengths = sorted({len(prefix) for prefix in places}, reverse=True)
        found = np.full(len(texts), -1, dtype=np.int64)
        for index, text in enumerate(texts):
            if text is not None and looks_like_code(text):
                hits = (places[text[:n]] for n in lengths if len(text) > n and text[:n] in places)
                found[index] = next(hits, -1)
        return found

    def decode(
        self, codes: Codes, owners: Codes, uniform: Floats, again: Floats, above: Belonging | None = None
    ) -> tuple[list[str], Codes]:
        """Codes for rows of these stems, in the order of their `owners` (persons): each one once, and each row's place.

        `uniform` picks a new member, `again` whether to come back to one that the owner had, and to which. Members are
        those that belong to what is `above` their rows, of another stem where their own has none and others have some.
        """
        below = {} if above is None else self._below(above)
        if above is not None:
            codes, uniform = self._moved(codes, uniform, above, below)
        kinds = np.zeros(len(codes), dtype=np.int64) if above is None else above.places
        order = np.lexsort((np.arange(len(codes)), kinds, codes, owners))
        group = np.ones(len(codes), dtype=bool)
        group[1:] = np.any([each[order][1:] != each[order][:-1] for each in (kinds, codes, owners)], axis=0)
        heads = np.flatnonzero(group)
        turn = np.arange(len(codes)) - np.repeat(heads, np.diff(np.append(heads, len(codes))))
        draws = again[order]
        back = (turn > 0) & (draws < self.reuse)
        share = np.where(back, draws / max(self.reuse, 1e-12), 0.0)
        source = np.arange(len(codes))
        source[back] -= 1 + np.minimum((share[back] * turn[back]).astype(np.int64), turn[back] - 1)
        while (source != source[source]).any():
            source = source[source]
        numbers = self._members(codes[order], uniform[order])
        if above is not None:
            self._keep_below(codes[order], uniform[order], above.some(order), below, numbers)
        numbers = numbers[source]
        place = max((len(stem.prefix) for stem in self.stems), default=0)
        # each member is written once, however often it comes
        most = max((stem.pool for stem in self.stems), default=0) + 1
        members, which = np.unique(codes[order] * most + numbers, return_inverse=True)
        written = [self.stems[each // most].member(each % most, self.marked, place) for each in members.tolist()]
        places = np.empty(len(codes), dtype=np.int64)
        places[order] = which
        return written, places

    def _members(self, codes: Codes, uniform: Floats) -> Codes:
        """Which member of its stem each row takes."""
        pools = np.array([stem.pool for stem in self.stems], dtype=np.float64)
        numbers = (uniform * pools[codes]).astype(np.int64)
        edges, starts = self._edges
        told = np.flatnonzero(starts[codes] >= 0)
        found = np.searchsorted(edges, codes[told] + uniform[told], side="right") - starts[codes[told]]
        numbers[told] = np.minimum(found, pools[codes[told]].astype(np.int64) - 1)
        return numbers

    def _below(self, above: Belonging) -> _Below:
        """The members that belong to each code above some row and how often they are met, by its place and by stem."""
        kinds = {above.parents[kind]: kind for kind in distinct(above.places).tolist() if kind >= 0}
        found: dict[int, dict[int, list[tuple[int, float]]]] = {}
        for place, stem in enumerate(self.stems):
            for at, code in enumerate(stem.codes):
                for parent, share in above.parent_of.get(code, {}).items():
                    if parent in kinds:
                        weight = stem.weights[at] * share if stem.weights else 1.0
                        found.setdefault(kinds[parent], {}).setdefault(place, []).append((at, weight))
        return {
            kind: {
                place: (np.array([at for at, _ in told]), np.cumsum([weight for _, weight in told]))
                for place, told in stems.items()
            }
            for kind, stems in found.items()
        }

    def _moved(self, codes: Codes, uniform: Floats, above: Belonging, below: _Below) -> tuple[Codes, Floats]:
        """Stems of rows, and what is left of `uniform`: one with members below what is above, where there is any."""
        codes, uniform = codes.copy(), uniform.copy()
        for kind, stems in below.items():
            has = np.zeros(len(self.stems), dtype=bool)
            has[list(stems)] = True
            rows = np.flatnonzero((above.places == kind) & ~has[codes])
            if len(rows):
                told = np.array([self._rows(place, float(edges[-1])) for place, (_, edges) in stems.items()])
                edges = np.concatenate([[0.0], np.cumsum(told)])
                drawn = uniform[rows] * edges[-1]
                at = np.minimum(np.searchsorted(edges, drawn, side="right") - 1, len(told) - 1)
                codes[rows] = np.array(list(stems))[at]
                uniform[rows] = (drawn - edges[at]) / told[at]
        return codes, uniform

    def _rows(self, place: int, weight: float) -> float:
        """How many rows of a stem have members that weigh so much."""
        stem = self.stems[place]
        return max(stem.rows, 1) * weight / (sum(stem.weights) if stem.weights else len(stem.codes))

    def _keep_below(self, codes: Codes, uniform: Floats, above: Belonging, below: _Below, numbers: Codes) -> None:
        """Which member of its stem each row takes, where some belong to what is above it."""
        for kind, stems in below.items():
            mine = np.flatnonzero(above.places == kind)
            for place in distinct(codes[mine]).tolist():
                if place in stems:
                    rows, (members, edges) = mine[codes[mine] == place], stems[place]
                    found = np.searchsorted(edges, uniform[rows] * edges[-1], side="right")
                    numbers[rows] = members[np.minimum(found, len(members) - 1)]

    @cached_property
    def _edges(self) -> tuple[Floats, Codes]:
        """The cumulated shares of public codes, those of stem i between i and i + 1, and where each stem's begin.

        Stems without published weights have none (-1).
        """
        told = {place: np.array(stem.weights) for place, stem in enumerate(self.stems) if stem.weights}
        edges = [place + np.cumsum(weights) / weights.sum() for place, weights in told.items()]
        starts = np.full(len(self.stems), -1, dtype=np.int64)
        starts[list(told)] = np.cumsum([0, *(len(each) for each in edges)])[:-1]
        return np.concatenate([np.empty(0), *edges]), starts


_SIGNS = str.maketrans(string.digits + string.ascii_uppercase + string.ascii_lowercase, "9" * 10 + "A" * 26 + "a" * 26)


def shape_of(tail: str) -> str:
    """The shape of the end of a code."""
    return tail.translate(_SIGNS)


def looks_like_code(text: str) -> bool:
    """Whether a text can be a code: one word of letters, digits and signs, with a digit in it."""
    return re.fullmatch(r"[A-Za-z0-9._/+-]*[0-9][A-Za-z0-9._/+-]*", text) is not None


def pool_of(pairs: int, distinct: int) -> int:
    """How many members a stem must have for `pairs` draws to meet `distinct` ones (uniform occupancy, inverted)."""
    if distinct >= pairs:
        return 50 * max(pairs, 1)
    low, high = 1e-9, 60.0
    for _ in range(80):  # (1 - exp(-x)) / x falls from 1 to 0
        middle = (low + high) / 2
        if (1 - np.exp(-middle)) / middle > distinct / pairs:
            low = middle
        else:
            high = middle
    return max(distinct, round(pairs / low))
