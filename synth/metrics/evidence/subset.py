"""Some persons of a dataset, in memory: their rows of every table, and the tables of nobody whole."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from synth.core.dataset import Dataset
from synth.metrics.evidence.model import Evidence, Side


def take_persons(evidence: Evidence, side: Side, dataset: Dataset, chosen: NDArray[np.int64]) -> dict[str, pa.Table]:
    """The rows of the chosen persons (positions in `side`, which was built from `dataset`)."""
    marks = np.zeros(side.persons + 1, dtype=bool)
    marks[chosen] = True
    marks[-1] = False
    found = {}
    for table in dataset.catalog.tables:
        rows = dataset.read(table.name)
        layout = evidence.layouts.get(table.name)
        if layout is not None and layout.of_persons:
            rows = rows.filter(pa.array(marks[side.tables[table.name].person]))
        found[table.name] = rows
    return found


def together(parts: Sequence[Mapping[str, pa.Table]], evidence: Evidence) -> dict[str, pa.Table]:
    """The persons of all parts; tables of nobody are taken from the first."""
    first = parts[0]
    return {
        name: pa.concat_tables([part[name] for part in parts])
        if (layout := evidence.layouts.get(name)) is not None and layout.of_persons
        else first[name]
        for name in first
    }
