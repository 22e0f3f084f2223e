"""Generator `independent`: every feature from its margin within the part. The floor that others must beat."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from synth.core.model import Array, Model, Statistic
from synth.core.seeds import Stream
from synth.generators.coding.coded import PartRows
from synth.generators.laws.margins import Margins
from synth.generators.laws.part_law import PartLaw

Codes = NDArray[np.int64]


def learn(rows: PartRows, margins: Margins, k: int) -> tuple[list[Statistic], dict[str, Array]]:
    """Nothing beyond the margins."""
    return [], {}


@dataclass(frozen=True)
class Independent:
    """Draws each own feature by inversion of its shares."""

    shares: tuple[NDArray[np.float64], ...]
    given: tuple[int, ...] = ()

    def draw(self, context: Codes, stream: Stream) -> Codes:
        """Own codes; the context is not looked at."""
        columns = [stream.choice(len(context), shares) for shares in self.shares]
        return np.stack(columns, axis=1) if columns else np.empty((len(context), 0), dtype=np.int64)

    def draw_given(self, context: Codes, known: Codes, stream: Stream) -> Codes:
        """Own codes, those that are known kept."""
        return np.where(known >= 0, known, self.draw(context, stream))


def load(model: Model, law: PartLaw) -> Independent:
    """The law of a part of a fitted model."""
    return Independent(tuple(law.shares(law.contexts + index) for index in range(len(law.part.own))))
