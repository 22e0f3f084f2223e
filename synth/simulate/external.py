"""Care in the outpatient departments of public hospitals: which hospital a person goes to."""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from synth.core.seeds import rng
from synth.simulate.identifiers import hospitals
from synth.simulate.persons import Persons

PUBLIC = 0


def external_hospital(seed: int, persons: Persons) -> NDArray[np.int64]:
    """Index of the public hospital near each person's home."""
    near, first, count = _public_by_place()
    pick = rng(seed, "external hospital", persons.block).uniform(len(persons))
    chosen: NDArray[np.int64] = near[first[persons.place] + (pick * count[persons.place]).astype(np.int64)]
    return chosen


@cache
def _public_by_place() -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Public hospitals by departement, and where in them those of each begin and how many there are."""
    _, places, kinds = hospitals()
    public = np.flatnonzero(kinds == PUBLIC)
    near = public[np.argsort(places[public], kind="stable")]
    count = np.bincount(places[public], minlength=int(places.max()) + 1)
    return near, np.cumsum(count) - count, count
