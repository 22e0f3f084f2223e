"""Levels of a column: the values that enough persons share; the others are one level, `rare`, or nothing."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

Codes = NDArray[np.int64]


@dataclass(frozen=True)
class Levels:
    """Supported values in the order of their text. Code len(values) means `rare`, when there is such a level.

    `weights` are the rows of each value (multiples of nothing: plain counts), from which a rare cell is redrawn.
    """

    values: tuple[str, ...]
    weights: tuple[int, ...]
    rare: bool

    def __len__(self) -> int:
        return len(self.values) + self.rare

    def encode(self, texts: pa.Array) -> Codes:
        """Codes of texts; -1 for a missing cell and for a value that has no code."""
        found = pc.fill_null(pc.index_in(texts, pa.array(self.values, type=pa.string())), -1)
        codes: Codes = np.asarray(found).astype(np.int64)
        if self.rare:
            unknown = (codes < 0) & np.asarray(pc.is_valid(texts))
            codes[unknown] = len(self.values)
        return codes

    def decode(self, codes: Codes, uniform: NDArray[np.float64]) -> pa.Array:
        """Texts of codes; a rare cell becomes one of the supported values, drawn by their weights with `uniform`."""
        if not self.values:
            return pa.nulls(len(codes), pa.string())
        edges = np.cumsum(self.weights)
        drawn = np.searchsorted(edges, uniform * edges[-1], side="right")
        chosen = np.where(codes >= len(self.values), np.minimum(drawn, len(self.values) - 1), codes)
        return pc.take(pa.array(self.values, type=pa.string()), pa.array(chosen))


def supported_levels(rows: dict[str, int], persons: dict[str, int], rare_persons: int, k: int) -> Levels:
    """The levels that at least k persons have; `rare_persons` is how many persons have any of the others."""
    values = tuple(sorted(value for value, count in persons.items() if count >= k))
    return Levels(values, tuple(rows[value] for value in values), rare_persons >= k)
