"""Rows of one table as they are being made in one block: codes first, then numbers and cells."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from synth.core.arrays import arrow_of
from synth.engines.forest import Node
from synth.generators.drawing.taken import Taken

Codes = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Kept:
    """How one rule fared in one block: rows drawn again, rows mended, rows that break it still."""

    table: str
    rule: str
    redrawn: int
    mended: int
    unsatisfied: int


@dataclass(frozen=True, slots=True)
class Among:
    """Where rows that are drawn on their own stand `at` among the rows of their table, and which come before and after.

    -1 stands for no row.
    """

    rows: Drawn
    at: Codes
    before: Codes
    after: Codes


@dataclass
class Drawn:
    """The rows of a table in a block. `parent` and `unit` are rows of the parent and root tables of the same block.

    `fixed` holds the cells of columns that are not to be made, but given; `kept` tells how rules of the catalog fared.
    `quotas` holds, by child table, how many rows of each kind each row is to have in it, and `means` the mean of a
    quantity over these. `taken` holds, by columns that must be unique, what rows of earlier blocks have in them. Rows
    that are drawn on their own are told where they stand `among` others. `linked` holds tables drawn before that rows
    may refer to. Rows taken from a table, to which rows below belong, are told `numbered` as they are there.
    """

    node: Node
    parent: Codes
    unit: Codes
    codes: Codes
    numbers: dict[str, Floats] = field(default_factory=dict)
    cells: dict[str, pa.Array] = field(default_factory=dict)
    fixed: dict[str, pa.Array] = field(default_factory=dict)
    kept: list[Kept] = field(default_factory=list)
    quotas: dict[str, Floats] = field(default_factory=dict)
    means: dict[tuple[str, str], Floats] = field(default_factory=dict)
    taken: Mapping[tuple[str, ...], Taken] = field(default_factory=dict)
    among: Among | None = None
    linked: Mapping[str, pa.Table] = field(default_factory=dict)
    numbered: Codes | None = None

    @property
    def rows(self) -> int:
        """How many rows."""
        return len(self.parent)

    def keep(self, kept: NDArray[np.bool_]) -> None:
        """Drop the rows that are not `kept`; the rows of a root are its units, and are counted anew."""
        self.parent, self.unit, self.codes = self.parent[kept], self.unit[kept], self.codes.T[:, kept].T
        if self.node.parent is None:
            self.parent = self.unit = np.arange(len(self.parent))
        self.numbers = {name: values[kept] for name, values in self.numbers.items()}
        self.quotas = {child: values[kept] for child, values in self.quotas.items()}
        self.means = {name: values[kept] for name, values in self.means.items()}
        mask = arrow_of(kept)
        self.cells = {name: cells.filter(mask) for name, cells in self.cells.items()}

    def take(self, rows: Codes) -> Drawn:
        """Some rows, each as often as it is named, as rows of their own; they have the same parents."""
        places = arrow_of(rows)
        return Drawn(
            node=self.node,
            parent=self.parent[rows],
            unit=self.unit[rows],
            codes=self.codes.T[:, rows].T,
            numbers={name: values[rows] for name, values in self.numbers.items()},
            cells={name: cells.take(places) for name, cells in self.cells.items()},
            fixed={name: cells.take(places) for name, cells in self.fixed.items()},
            quotas={child: values[rows] for child, values in self.quotas.items()},
            means={name: values[rows] for name, values in self.means.items()},
            linked=self.linked,
        )

    def put(self, rows: Codes, source: Drawn, places: Codes, columns: Collection[str]) -> None:
        """Give rows the codes, and the cells of some columns, that rows at these places of others have."""
        order = np.argsort(rows)
        rows, places = rows[order], places[order]
        mask = np.zeros(self.rows, dtype=bool)
        mask[rows] = True
        self.codes[rows] = source.codes[places]
        for name in columns:
            if name in source.numbers:
                self.numbers[name] = self.numbers[name].copy()
                self.numbers[name][rows] = source.numbers[name][places]
            if name in source.cells:
                fresh = source.cells[name].take(arrow_of(places))
                self.cells[name] = pc.replace_with_mask(self.cells[name], arrow_of(mask), fresh)


def no_codes(rows: int, features: int) -> Codes:
    """Room for codes (rows x features), those of a feature side by side: they are drawn and read one after another."""
    return np.zeros((features, rows), dtype=np.int64).T


def siblings(parent: Codes) -> tuple[Codes, Codes]:
    """For rows in the order of their parents: where each parent's rows start, and the place of each row from 0."""
    rows = len(parent)
    if not rows:
        return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
    starts = np.flatnonzero(np.concatenate([[True], parent[1:] != parent[:-1]]))
    place = np.arange(rows) - np.repeat(starts, np.diff(np.append(starts, rows)))
    return starts, place
