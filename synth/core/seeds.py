"""Random numbers by name: the same seed and names give the same numbers, wherever and in whatever order they are drawn.

A stream is a Philox counter generator (Salmon et al., SC 2011) keyed by the BLAKE2b hash of its names. Only its raw
64-bit integers are used; every transform to another distribution is ours, because numpy does not promise that its own
stay the same between versions (NEP 19).
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.random.bit_generator import ISeedSequence
from numpy.typing import NDArray

from synth.core.seednames import derive as derive
from synth.core.seednames import encode_names

_UNIT = 2.0**-53


@dataclass(frozen=True, slots=True)
class Stream:
    """A sequence of random numbers that belongs to one name; each call moves it forward."""

    bits: Any = field(repr=False)

    def raw(self, n: int) -> NDArray[np.uint64]:
        """`n` integers, uniform over 64 bits."""
        words: NDArray[np.uint64] = self.bits.random_raw(n)
        return words

    def uniform(self, n: int) -> NDArray[np.float64]:
        """`n` numbers in [0, 1), each a multiple of 2**-53."""
        return (self.raw(n) >> np.uint64(11)).astype(np.float64) * _UNIT

    def ticks(self, n: int) -> NDArray[np.int64]:
        """`n` whole numbers in [0, 2**53): those of `uniform`, times 2**53."""
        return (self.raw(n) >> np.uint64(11)).view(np.int64)

    def integers(self, n: int, high: int) -> NDArray[np.int64]:
        """`n` integers in [0, high); the bias is below high / 2**53."""
        whole: NDArray[np.int64] = np.minimum((self.uniform(n) * high).astype(np.int64), high - 1)
        return whole

    def normal(self, n: int) -> NDArray[np.float64]:
        """`n` standard normal numbers, by inversion."""
        from scipy.special import ndtri

        half_step = _UNIT / 2  # keeps 0 out of the quantile function
        values: NDArray[np.float64] = ndtri(self.uniform(n) + half_step)
        return values

    def permutation(self, n: int) -> NDArray[np.int64]:
        """The integers 0..n-1 in random order."""
        order: NDArray[np.int64] = np.argsort(self.raw(n), kind="stable").astype(np.int64)
        return order

    def choice(self, n: int, weights: NDArray[np.float64]) -> NDArray[np.int64]:
        """`n` indices drawn with the given non-negative weights, by inversion."""
        edges = np.cumsum(weights)
        draws = np.searchsorted(edges, self.uniform(n) * edges[-1], side="right")
        chosen: NDArray[np.int64] = np.minimum(draws, len(weights) - 1).astype(np.int64)
        return chosen


def rng(seed: int, *names: str | int) -> Stream:
    """The stream that belongs to `seed` and these names (table, purpose, block ...).

    Names are hashed with their types and lengths, so ("a", "bc") and ("ab", "c") differ, and so do 1 and "1".
    """
    digest = hashlib.blake2b(encode_names(seed, *names), digest_size=16).digest()
    key: Any = _Key(digest)  # numpy's own annotations know no other seed sequence than its own
    return Stream(np.random.Philox(key))


class _Key(ISeedSequence):
    """A Philox key as numpy's constructor takes it: the same stream as `Philox(key=...)`, without the entropy that
    numpy would otherwise gather from the system for each and throw away.
    """

    def __init__(self, digest: bytes) -> None:
        self._digest = digest

    def generate_state(self, n_words: int, dtype: Any = np.uint32) -> NDArray[Any]:
        """The two words of the key, whatever is asked for."""
        return np.frombuffer(self._digest, dtype="<u8").astype(np.uint64)
