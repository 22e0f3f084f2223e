"""What a part's joint law is made of, whichever generator learned it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from synth.columns.codec import Codec
from synth.core.seeds import Stream
from synth.generators.coding.layout import Part
from synth.generators.laws.margins import Margins

Codes = NDArray[np.int64]
Floats = NDArray[np.float64]


class Joint(Protocol):
    """How a part's own codes are drawn."""

    def draw(self, context: Codes, stream: Stream) -> Codes:
        """Own codes (rows x own features) given context codes (rows x context variables)."""
        ...

    def draw_given(self, context: Codes, known: Codes, stream: Stream) -> Codes:
        """Own codes of which some are `known` (-1 where they are not), the others drawn to go with them."""
        ...

    @property
    def given(self) -> tuple[int, ...]:
        """Which context variables are looked at; the others may hold anything."""
        ...


@dataclass(frozen=True)
class PartLaw:
    """The part, and for each variable (context first) its codec, its pooled rows, and its margin where one is kept."""

    part: Part
    codecs: tuple[Codec, ...]
    margins: Margins
    pooled: tuple[Codes, ...]

    @property
    def contexts(self) -> int:
        """How many of the variables are context."""
        return len(self.part.context)

    def shares(self, index: int) -> Floats:
        """Shares of the codes of one variable."""
        return self.margins[index].shares(self.pooled[index])
