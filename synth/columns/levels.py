"""Levels of a column: the values that enough persons share, the stems of the others, and `rare` for what is left."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from synth.columns.stems import Stems
from synth.core.counts import rounded_alone

Codes = NDArray[np.int64]


@dataclass(frozen=True)
class Levels:
    """Supported values in the order of their text, then stems if there are some; the last code means `rare`, if any.

    `weights` are the rows of each value, rounded to k, from which a rare cell is redrawn.
    """

    values: tuple[str, ...]
    weights: tuple[int, ...]
    rare: bool
    stems: Stems | None = None

    def __len__(self) -> int:
        return len(self.values) + self.stemmed + self.rare

    @cached_property
    def _texts(self) -> pa.Array:
        return pa.array(self.values, type=pa.string())

    @property
    def stemmed(self) -> int:
        """How many codes are stems."""
        return 0 if self.stems is None else len(self.stems)

    @property
    def heaviest(self) -> int:
        """The code that most rows have."""
        stems = () if self.stems is None else self.stems.stems
        return int(np.argmax([*self.weights, *(stem.rows for stem in stems)]))

    def encode(self, texts: pa.Array) -> Codes:
        """Codes of texts; -1 for a missing cell and for a value that has no code."""
        if isinstance(texts, pa.ChunkedArray):
            texts = texts.combine_chunks()
        found = pc.fill_null(pc.index_in(texts, pa.array(self.values, type=pa.string())), -1)
        codes: Codes = np.asarray(found).astype(np.int64)
        unknown = (codes < 0) & np.asarray(pc.is_valid(texts))
        if self.stems is not None and unknown.any():
            coded = texts.filter(pa.array(unknown)).dictionary_encode()
            stems = self.stems.encode(coded.dictionary.to_pylist())[np.asarray(coded.indices)]
            codes[unknown] = np.where(stems >= 0, stems + len(self.values), -1)
        if self.rare:
            codes[unknown & (codes < 0)] = len(self) - 1
        return codes

    def decode(
        self,
        codes: Codes,
        uniform: NDArray[np.float64],
        owners: Codes | None = None,
        again: NDArray[np.float64] | None = None,
    ) -> pa.Array:
        """Texts of codes. A rare cell becomes one of the supported values or stems, drawn by their rows with `uniform`.

        Where there are stems, `owners` are the persons of the rows (each its own when None) and `again` draws whether
        they come back to a code they had (see `Stems.decode`).
        """
        stems = () if self.stems is None else self.stems.stems
        edges = np.cumsum([*self.weights, *(stem.rows for stem in stems)])
        if not len(edges):
            return pa.nulls(len(codes), pa.string())
        chosen, rare = codes, np.flatnonzero(codes >= len(edges))
        if len(rare):
            drawn = np.minimum(np.searchsorted(edges, uniform[rare] * edges[-1], side="right"), len(edges) - 1)
            chosen = codes.copy()
            chosen[rare] = drawn
        inside = chosen >= len(self.values)
        if not inside.any():
            return self._texts.take(pa.array(chosen))
        texts = self._texts.take(pa.array(chosen, mask=inside))
        if self.stems is None:
            return texts
        invented = np.full(len(codes), None, dtype=object)
        who = np.arange(len(codes)) if owners is None else owners
        back = np.ones(len(codes)) if again is None else again
        stems_of = chosen[inside] - len(self.values)
        invented[inside] = self.stems.decode(stems_of, who[inside], uniform[inside], back[inside])
        return pc.if_else(pa.array(inside), pa.array(invented, type=pa.string()), texts)


def supported_levels(
    rows: dict[str, int], persons: dict[str, int], rare_persons: int, k: int, stems: Stems | None = None
) -> Levels:
    """The levels that at least k persons have; `rare_persons` is how many persons have any that is under no stem."""
    values = tuple(sorted(value for value, count in persons.items() if count >= k))
    weights = rounded_alone(np.array([rows[value] for value in values], dtype=np.int64), k).tolist()
    return Levels(values, tuple(weights), rare_persons >= k, stems)
