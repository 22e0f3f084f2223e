"""The reimbursed medicines of the parameter table, found by ATC code or by any prefix of one."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from synth.core.errors import UserError
from synth.simulate.tables import number_column, text_column

LONG_PACK_WEIGHT = 6.0
NATURE_BY_RATE = {100: 3311, 65: 3313, 30: 3312, 15: 3341}
EXCEPTION, EXCEPTION_CLASSES = 3316, ("S01LA", "H01A", "L04AB", "B03XA")  # costly, on a form of their own


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
        _natures(rate),
    )


def _natures(rate: NDArray[np.int64]) -> NDArray[np.int64]:
    """PRS_NAT_REF of each presentation: by its rate, but for medicines of exception."""
    by_rate = np.array([NATURE_BY_RATE[value] for value in rate.tolist()])
    exception = [code.startswith(EXCEPTION_CLASSES) for code in text_column("drugs", "atc").tolist()]
    return np.where(exception, EXCEPTION, by_rate)


@cache
def long_packs() -> NDArray[np.bool_]:
    """Presentations for about three months of a daily treatment."""
    units: NDArray[np.int64] = drugs().units
    return (units >= 84) & (units <= 100) & np.isin(drugs().atc.astype("U1"), list("ABCGHLMN"))


@cache
def presentations(atc: str, rhythm: str = "once") -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Indices of the presentations whose ATC starts with `atc`, and the cumulative shares of who gets each.

    With rhythm "once" shares are those of boxes; "monthly" leaves out packs for three months when there are others;
    "any" favours three-month packs: a box lasts three months, and steady treatments use them most.

    Raises UserError when there is none.
    """
    found = np.flatnonzero(np.char.startswith(drugs().atc, atc))
    if not len(found):
        raise UserError(f"no medicine has ATC {atc}", remedy="use a code of parameters/drugs.csv")
    weights = drugs().boxes[found] + 0.01
    long = long_packs()[found]
    if rhythm == "monthly" and not long.all():
        weights = np.where(long, 0.0, weights)
    elif rhythm == "any":
        weights = np.where(long, LONG_PACK_WEIGHT * weights, weights)
    shares = np.cumsum(weights)
    return found, shares / shares[-1]


def choose(atc: str, pick: NDArray[np.float64], rhythm: str = "once") -> NDArray[np.int64]:
    """One presentation of an ATC for each number in [0, 1), by its share (see `presentations`)."""
    found, edges = presentations(atc, rhythm)
    chosen: NDArray[np.int64] = found[np.minimum(np.searchsorted(edges, pick, side="right"), len(found) - 1)]
    return chosen
