"""The reimbursed medicines of the parameter table, found by ATC code or by any prefix of one."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from synth.core.errors import UserError
from synth.simulate.tables import number_column, text_column

NATURE_BY_RATE = {100: 3311, 65: 3313, 30: 3312, 15: 3341}


@dataclass(frozen=True)
class Drugs:
    """Parallel arrays, one entry a presentation. `price` in euros a box, `boxes` thousands a year in France."""

    atc: NDArray[np.str_]
    cip13: NDArray[np.int64]
    cip7: NDArray[np.int64]
    units: NDArray[np.int64]
    price: NDArray[np.float64]
    rate: NDArray[np.int64]
    boxes: NDArray[np.float64]
    nature: NDArray[np.int64]


@cache
def drugs() -> Drugs:
    """The table, read once."""
    rate = number_column("drugs", "rate").astype(np.int64)
    return Drugs(
        text_column("drugs", "atc"),
        text_column("drugs", "cip13").astype(np.int64),
        text_column("drugs", "cip7").astype(np.int64),
        number_column("drugs", "units").astype(np.int64),
        number_column("drugs", "price"),
        rate,
        number_column("drugs", "kboxes"),
        np.array([NATURE_BY_RATE[value] for value in rate.tolist()]),
    )


@cache
def presentations(atc: str) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Indices of the presentations whose ATC starts with `atc`, and the cumulative shares of their boxes.

    Raises UserError when there is none.
    """
    found = np.flatnonzero(np.char.startswith(drugs().atc, atc))
    if not len(found):
        raise UserError(f"no medicine has ATC {atc}", remedy="use a code of parameters/drugs.csv")
    shares = np.cumsum(drugs().boxes[found] + 0.01)
    return found, shares / shares[-1]


def choose(atc: str, pick: NDArray[np.float64]) -> NDArray[np.int64]:
    """One presentation of an ATC for each number in [0, 1), by its share of boxes."""
    found, edges = presentations(atc)
    chosen: NDArray[np.int64] = found[np.searchsorted(edges, pick, side="right").clip(0, len(found) - 1)]
    return chosen
