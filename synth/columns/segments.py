"""Segments: a quantity that means something else in rows of another kind, with bins of its own for each.

A table of measures holds blood pressures and cholesterols in one column. Each kind of row has its own bins, laid end to
end, so that a code tells the kind too.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from synth.columns.bins import Bins

Floats = NDArray[np.float64]
Codes = NDArray[np.int64]


@dataclass(frozen=True)
class Segments:
    """The bins of each kind, one after the other; None where too few persons have the quantity in such rows."""

    parts: tuple[Bins | None, ...]

    def __len__(self) -> int:
        return int(self.starts[-1])

    @cached_property
    def starts(self) -> Codes:
        """Where the codes of each kind begin, and where the last ones end."""
        return np.cumsum([0, *(0 if part is None else len(part) for part in self.parts)])

    def encode(self, numbers: Floats, kinds: Codes) -> Codes:
        """The code nearest to each number in a row of this kind; -1 where the kind has none."""
        codes = np.full(len(numbers), -1, dtype=np.int64)
        for kind, part in enumerate(self.parts):
            inside = np.flatnonzero(kinds == kind)
            if part is not None and len(inside):
                codes[inside] = self.starts[kind] + part.encode(numbers[inside])
        return codes

    def decode(self, codes: Codes, uniform: Floats) -> Floats:
        """A number in each code's bin; `uniform` in [0, 1) places it there."""
        numbers = np.zeros(len(codes))
        kinds = np.searchsorted(self.starts, codes, side="right") - 1
        for kind, part in enumerate(self.parts):
            inside = np.flatnonzero(kinds == kind)
            if part is not None and len(inside):
                numbers[inside] = part.decode(codes[inside] - self.starts[kind], uniform[inside])
        return numbers

    def document(self) -> list[dict[str, Any] | None]:
        """The segments as plain JSON data."""
        return [None if part is None else part.document() for part in self.parts]


def segments_from(documents: Sequence[Mapping[str, Any] | None]) -> Segments:
    """The segments written by `Segments.document`."""
    return Segments(tuple(None if item is None else Bins.read(item) for item in documents))
