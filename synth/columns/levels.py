"""Levels of a column: the values that enough persons share, the stems of the others, and `rare` for what is left."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from synth.columns.belonging import Belonging
from synth.columns.stems import Stems
from synth.core.arrays import arrow_of, numpy_of, text_array
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
        return text_array(self.values)

    @property
    def stemmed(self) -> int:
        """How many codes are stems."""
        return 0 if self.stems is None else len(self.stems)

    @property
    def by_chance(self) -> bool:
        """Whether what a code means is left to chance: what is rare, and stems."""
        return self.rare or self.stems is not None

    @property
    def heaviest(self) -> int:
        """The code that most rows have."""
        stems = () if self.stems is None else self.stems.stems
        return int(np.argmax([*self.weights, *(stem.rows for stem in stems)]))

    def encode(self, texts: pa.Array) -> Codes:
        """Codes of texts; -1 for a missing cell and for a value that has no code."""
        if isinstance(texts, pa.ChunkedArray):
            texts = texts.combine_chunks()
        codes: Codes = numpy_of(pc.index_in(texts, self._texts), -1).astype(np.int64)
        unknown = (codes < 0) & numpy_of(texts.is_valid())
        if self.stems is not None and unknown.any():
            coded = texts.filter(arrow_of(unknown)).dictionary_encode()
            stems = self.stems.encode(coded.dictionary.to_pylist())[numpy_of(coded.indices)]
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
        above: Belonging | None = None,
    ) -> pa.Array:
        """Texts of codes, null for what is no code. A rare cell becomes one of the supported values or stems, drawn by
        their rows with `uniform`.

        Where there are stems, `owners` are the persons of the rows (each its own when None) and `again` draws whether
        they come back to a code they had; `above` tells what codes are to belong to (see `Stems.decode`).
        """
        told = len(self._edges)
        if self.rare and told:
            codes = self._redrawn(codes, uniform)
        inside = np.flatnonzero((codes >= len(self.values)) & (codes < told))  # none where there are no stems
        if self.stems is None or not len(inside):
            return self._texts.take(_places(codes, len(self.values)))
        who = np.arange(len(codes)) if owners is None else owners
        back = np.ones(len(codes)) if again is None else again
        stems_of = codes[inside] - len(self.values)
        below = None if above is None else above.some(inside)
        written, place = self.stems.decode(stems_of, who[inside], uniform[inside], back[inside], below)
        codes = np.where(codes < told, codes, len(self.values) + len(written))
        codes[inside] = len(self.values) + place
        texts = pa.concat_arrays([self._texts, text_array(written)])
        return texts.take(_places(codes, len(texts)))

    @cached_property
    def _edges(self) -> Codes:
        """Cumulated rows of the values and stems."""
        stems = () if self.stems is None else self.stems.stems
        return np.cumsum([*self.weights, *(stem.rows for stem in stems)])

    def _redrawn(self, codes: Codes, uniform: NDArray[np.float64]) -> Codes:
        """The codes, the rare ones of them drawn among the others by their rows."""
        rare = np.flatnonzero(codes == len(self._edges))
        if len(rare):
            drawn = np.searchsorted(self._edges, uniform[rare] * self._edges[-1], side="right")
            codes = codes.copy()
            codes[rare] = np.minimum(drawn, len(self._edges) - 1)
        return codes


def _places(codes: Codes, size: int) -> pa.Array:
    """Codes as places among so many values, null where they are none."""
    beyond = codes >= size
    return arrow_of(codes, beyond)


def supported_levels(
    rows: dict[str, int], persons: dict[str, int], rare_persons: int, k: int, stems: Stems | None = None
) -> Levels:
    """The levels that at least k persons have; `rare_persons` is how many persons have any that is under no stem."""
    values = tuple(sorted(value for value, count in persons.items() if count >= k))
    weights = rounded_alone(np.array([rows[value] for value in values], dtype=np.int64), k).tolist()
    return Levels(values, tuple(weights), rare_persons >= k, stems)
