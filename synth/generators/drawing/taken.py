"""Taken: the combinations that rows of earlier blocks have, of columns that must be unique over the whole table.

They are remembered in a Bloom filter (Bloom, CACM 13:7, 1970) of bounded size: none that was added is ever forgotten,
and one in some two thousand others is said to be taken too, which costs a row drawn again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from synth.core.arrays import numpy_of

Hashes = NDArray[np.uint64]
Flags = NDArray[np.bool_]
_BITS_A_ROW = 16
_PROBES = 8
_FEWEST, _MOST = 2**16, 2**31  # bits: the largest filter takes 256 MB, and serves 134 million rows
_SPREAD = np.uint64(0x9E3779B97F4A7C15)


class Taken:
    """The combinations added so far, for about as many rows as are `expected`."""

    def __init__(self, expected: int) -> None:
        self.size = int(np.clip(_BITS_A_ROW * expected, _FEWEST, _MOST))
        self.bits = np.zeros(self.size // 8 + 1, dtype=np.uint8)

    def has(self, hashes: Hashes) -> Flags:
        """Which were added, or look like one that was."""
        found = np.ones(len(hashes), dtype=bool)
        for places in self._places(hashes):
            found &= (self.bits[places >> 3] >> (places & 7).astype(np.uint8)) & 1 == 1
        return found

    def add(self, hashes: Hashes) -> None:
        """Remember combinations."""
        for places in self._places(hashes):
            np.bitwise_or.at(self.bits, places >> 3, np.left_shift(1, places & 7).astype(np.uint8))

    def _places(self, hashes: Hashes) -> list[NDArray[np.int64]]:
        """The bits of each: Kirsch and Mitzenmacher's two hashes stand for all (Random Struct. Alg. 33:2, 2008)."""
        step = _mixed(hashes) | np.uint64(1)
        size = np.uint64(self.size)
        return [((hashes + np.uint64(probe) * step) % size).astype(np.int64) for probe in range(_PROBES)]


def hashes_of(columns: Sequence[pa.Array]) -> tuple[Hashes, Flags]:
    """The combination of each row of some columns of one length as 64 bits, and which rows have all of it."""
    hashes = np.zeros(len(columns[0]), dtype=np.uint64)
    whole = np.ones(len(hashes), dtype=bool)
    for cells in columns:
        coded = cells.dictionary_encode()
        texts = coded.dictionary.cast(pa.string()).to_pylist()
        codes = numpy_of(coded.indices, len(texts)).astype(np.int64)
        words = [int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "little") for text in texts]
        whole &= codes < len(texts)
        hashes = _mixed(hashes) ^ np.array([*words, 0], dtype=np.uint64)[codes]
    return hashes, whole


def _mixed(hashes: Hashes) -> Hashes:
    """Every bit spread over all (the finalizer of SplitMix64; Steele et al., OOPSLA 2014)."""
    found: Hashes = hashes + _SPREAD
    found = (found ^ (found >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    found = (found ^ (found >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return found ^ (found >> np.uint64(31))
