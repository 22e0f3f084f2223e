"""All tables as integer codes, on disk, in the order of their units: what joint laws are learned from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from synth.columns.codec import Codec
from synth.core.counts import rounded
from synth.engines.forest import Forest
from synth.engines.local import Ordered
from synth.engines.unit_blocks import count_codes
from synth.generators.coding.layout import Given, Layout, Part
from synth.generators.coding.survey import Encoder, Name, asked_rows, families
from synth.generators.features.feature import Family
from synth.generators.keys.links import Targets

Codes = NDArray[np.int64]
CHUNK = 32_768
HELD = 2**26  # bytes of a table's codes that are kept in memory


@dataclass(frozen=True)
class CodeTable:
    """The codes of a table, each column in the smallest integers that hold it."""

    columns: tuple[NDArray[np.integer], ...]

    def __getitem__(self, at: tuple[Any, int]) -> NDArray[np.integer]:
        """Some rows of one column."""
        rows, index = at
        found: NDArray[np.integer] = self.columns[index][rows]
        return found


@dataclass(frozen=True)
class Coded:
    """Codes of every table (rows x features), with the unit and parent's row of each row; counts are rounded to k."""

    forest: Forest
    layout: Layout
    codecs: Mapping[Name, Codec]
    codes: Mapping[str, CodeTable]
    units: Mapping[str, Codes]
    parents: Mapping[str, Codes]
    k: int

    def pooled(self, table: str, feature: str) -> Codes:
        """Rows of each code over all rows for which the feature means something."""
        return self._pooled[table, feature]

    @cached_property
    def _pooled(self) -> dict[Name, Codes]:
        return {name: self._count(*name) for name in self.codecs}

    def _count(self, table: str, feature: str) -> Codes:
        index = self.layout.index(table, feature)
        asked = asked_rows(self.layout.features[table][index], self.starts(table))
        size = self.codecs[table, feature].size
        if not self.codecs[table, feature].support:  # too few persons have the table's rows at all
            return np.zeros(size, dtype=np.int64)
        return rounded(count_codes(self.codes[table][asked, index], size), self.k)

    def starts(self, table: str) -> NDArray[np.bool_]:
        """Whether each row is the first of its parent."""
        parents = self.parents[table]
        return np.concatenate([[True], parents[1:] != parents[:-1]])[: len(parents)]


def encode_all(ordered: Ordered, layout: Layout, targets: Targets, encoders: Mapping[Name, Encoder], k: int) -> Coded:
    """Encode every table, block by block, into the smallest integers that do; large ones into files."""
    codes: dict[str, CodeTable] = {}
    for table, features in layout.features.items():
        sizes = [encoders[table, feature.name].codec.size for feature in features]
        codes[table] = _empty(ordered, ordered.rows(table), sizes)
    for root in ordered.forest.roots:
        if root in codes:
            for family in families(ordered, targets, root):
                _encode_block(family, layout, encoders, codes)
    codecs = {name: encoder.codec for name, encoder in encoders.items()}
    return Coded(ordered.forest, layout, codecs, codes, ordered.units, ordered.parents, k)


def _empty(ordered: Ordered, rows: int, sizes: list[int]) -> CodeTable:
    """Room for the codes of so many rows, in files that are mapped into memory where it is large."""
    kinds = [np.min_scalar_type(max(size, 1)) for size in sizes]
    if rows * sum(kind.itemsize for kind in kinds) <= HELD:
        return CodeTable(tuple(np.zeros(rows, dtype=kind) for kind in kinds))
    path = ordered.scratch / "codes"
    path.mkdir(exist_ok=True)
    first = len(list(path.iterdir()))
    return CodeTable(
        tuple(np.memmap(path / str(first + i), dtype=k, mode="w+", shape=rows) for i, k in enumerate(kinds))
    )


def _encode_block(
    family: Family, layout: Layout, encoders: Mapping[Name, Encoder], codes: Mapping[str, CodeTable]
) -> None:
    for table, frame in family.frames.items():
        for index, feature in enumerate(layout.features[table]):
            block = encoders[table, feature.name].encode(family)
            codes[table].columns[index][frame.first : frame.first + frame.rows] = block


@dataclass(frozen=True)
class Variable:
    """One variable of a part: its place in the layout, its codes and their pooled rows."""

    title: str
    given: Given
    codec: Codec
    pooled: Codes


@dataclass(frozen=True, slots=True)
class Fold:
    """Units dealt into `folds` by their number: those of fold `which`, or (not `inside`) all the others."""

    folds: int
    which: int
    inside: bool

    def holds(self, units: Codes) -> NDArray[np.bool_]:
        """Whether each unit is of it; numbers are mixed first (Knuth's multiplicative hash), for order may tell."""
        mixed = (units * 2_654_435_761 % 2**32) >> 8
        held: NDArray[np.bool_] = (mixed % self.folds == self.which) == self.inside
        return held


@dataclass(frozen=True)
class PartRows:
    """The rows a part is learned from, as codes: context first, then own features; of some units only in a fold."""

    coded: Coded
    part: Part
    fold: Fold | None = None

    @cached_property
    def variables(self) -> tuple[Variable, ...]:
        """Context and own variables, in order."""
        return tuple(
            Variable(
                given.title(self.part.table),
                given,
                self.coded.codecs[given.table, given.feature],
                self.coded.pooled(given.table, given.feature),
            )
            for given in self.part.variables
        )

    @property
    def contexts(self) -> int:
        """How many of the variables are context."""
        return len(self.part.context)

    def is_quota(self, index: int) -> bool:
        """Whether a variable tells how many rows of a kind there are, or are left, of those that the part is about."""
        given = self.variables[index].given
        feature = self.coded.layout.features[given.table][self.coded.layout.index(given.table, given.feature)]
        return feature.kind == "left" or (feature.kind == "allot" and feature.other == self.part.table)

    @cached_property
    def rows(self) -> Codes:
        """Row numbers of the part within its table."""
        starts = self.coded.starts(self.part.table)
        asked = {"all": np.ones(len(starts), dtype=bool), "first": starts}.get(self.part.name, ~starts)
        kinds = self.coded.layout.kinds(self.part.table)
        if self.part.kind is not None and self.part.child is None and kinds is not None:
            table = self.part.table
            codes = self.coded.codes[table][:, self.coded.layout.index(table, kinds.column)]
            asked = asked & (kinds.of_codes(self.coded.codecs[table, kinds.column])[codes] == self.part.kind_number)
        if self.fold is not None:
            asked = asked & self.fold.holds(self.coded.units[self.part.table])
        return np.flatnonzero(asked).astype(np.min_scalar_type(-max(len(asked), 1)))

    @property
    def units(self) -> Codes:
        """The unit of each row."""
        units = self.coded.units[self.part.table]
        return units if len(self.rows) == len(units) else units[self.rows]

    def chunks(self, size: int = CHUNK) -> Iterator[Codes]:
        """Codes (rows x variables), `size` rows at a time."""
        for start in range(0, len(self.rows), size):
            yield self._gather(self.rows[start : start + size])

    def column(self, index: int) -> Codes:
        """Codes of one variable in all rows."""
        return self.compact(index).astype(np.int64)

    def compact(self, index: int) -> NDArray[np.integer]:
        """The same in the smallest integers that hold them: to look up with, not to reckon with."""
        given = self.variables[index].given
        if given.table == self.part.table and not given.before:
            codes = self.coded.codes[given.table][:, self.coded.layout.index(given.table, given.feature)]
            return codes if len(self.rows) == len(codes) else codes[self.rows]
        return self._codes(given, self.rows)

    def _gather(self, rows: Codes) -> Codes:
        found = np.empty((len(rows), len(self.variables)), dtype=np.int64)
        for index, variable in enumerate(self.variables):
            found[:, index] = self._codes(variable.given, rows)
        return found

    def _codes(self, given: Given, rows: Codes) -> NDArray[np.integer]:
        table = self.part.table
        at = rows - 1 if given.before else rows
        while table != given.table:
            at = self.coded.parents[table][at]
            parent = self.coded.forest.node(table).parent
            assert parent is not None
            table = parent.target
        index = self.coded.layout.index(given.table, given.feature)
        codes: NDArray[np.integer] = self.coded.codes[given.table][at, index]
        if given.before:  # nothing is before the first row
            codes[self.coded.starts(self.part.table)[rows]] = 0
        return codes
