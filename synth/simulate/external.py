"""Care in the outpatient departments of public hospitals: which hospital a person goes to."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from synth.core.seeds import rng
from synth.simulate.identifiers import hospitals
from synth.simulate.persons import Persons

PUBLIC = 0


def external_hospital(seed: int, persons: Persons) -> NDArray[np.int64]:
    """Index of the public hospital near each person's home."""
    _, places, kinds = hospitals()
    pick = rng(seed, "external hospital", persons.block).uniform(len(persons))
    chosen = np.empty(len(persons), dtype=np.int64)
    for place in np.unique(persons.place).tolist():
        mine = persons.place == place
        near = np.flatnonzero((places == place) & (kinds == PUBLIC))
        chosen[mine] = near[(pick[mine] * len(near)).astype(np.int64)]
    return chosen
