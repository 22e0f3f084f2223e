"""Belonging: codes whose list names a code of another list for each, such as the long-term disease of a diagnosis."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from synth.core.arrays import numpy_of, text_array
from synth.core.nomenclatures import shipped_nomenclature

Codes = NDArray[np.int64]
Parents = Mapping[str, Mapping[str, float]]


@dataclass(frozen=True)
class Belonging:
    """What the code drawn for each row is to belong to: a place in `parents`, -1 where nothing is known.

    `parent_of` tells what the codes of the list belong to (see `parents_of`).
    """

    places: Codes
    parents: tuple[str, ...]
    parent_of: Parents

    def some(self, rows: Codes) -> Belonging:
        """The same of some rows."""
        return Belonging(self.places[rows], self.parents, self.parent_of)


@cache
def parents_of(name: str | None) -> Parents:
    """What each code of a shipped list belongs to, one code or several (the communes numbered 55, one in each of many
    départements), and how often it is met there beside where it is met most; nothing without such a list.

    A list that the user imported is not looked at: what a model draws would depend on the machine.
    """
    found = shipped_nomenclature(name) if name is not None else None
    told: dict[str, dict[str, float]] = {}
    for entry in () if found is None else found.entries:
        if entry.parent is not None:
            told.setdefault(entry.code, {})[entry.parent] = entry.weight or 0.0
    return {code: _shares(weights) for code, weights in told.items()}


def _shares(weights: Mapping[str, float]) -> Mapping[str, float]:
    known = [weight for weight in weights.values() if weight > 0]
    if not known:
        return dict.fromkeys(weights, 1.0)
    return {parent: (weight or min(known)) / max(known) for parent, weight in weights.items()}


def belonging(texts: pa.Array, name: str | None) -> Belonging:
    """What rows' codes of the list called `name` are to belong to, by the `texts` that another column has in them."""
    parent_of = parents_of(name)
    parents = tuple(sorted({parent for told in parent_of.values() for parent in told}))
    places = numpy_of(pc.index_in(texts, text_array(parents)), -1).astype(np.int64)
    return Belonging(np.where(numpy_of(texts.is_valid()), places, -1), parents, parent_of)
