"""Choosing: which of the persons drawn are kept - those that meet a condition, rare strata more often than others.

A condition is an SQL expression over the columns of the person's table, read by DuckDB with no access to anything
else. Persons are drawn until enough of them are kept (rejection sampling: von Neumann, 1951), so what is kept follows
the model's law given the condition, all tables included. Whether one is kept depends on the seed, its block and its
place in it alone.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from synth.core.errors import UserError

Floats = NDArray[np.float64]
Kept = NDArray[np.bool_]
WEIGHT = "synth_weight"
_ROW = "synth row"


@dataclass(frozen=True, slots=True)
class Choice:
    """Keep those that meet `where`; of these, draw the `strata` (condition, times) so many times as often as others.

    The first condition that a person meets counts.

    Where there are strata, each person carries in the column `synth_weight` one over how many times as often as an
    ordinary person it was drawn, so that weighted counts are those of the model.
    """

    where: str | None = None
    strata: tuple[tuple[str, float], ...] = ()

    def __post_init__(self) -> None:
        for _, times in self.strata:
            if not (np.isfinite(times) and times > 0):
                raise UserError("how often a stratum is drawn must be above 0", remedy="--oversample 'CONDITION' 5")

    @property
    def weighted(self) -> bool:
        """Whether persons carry weights."""
        return bool(self.strata)

    def times(self, persons: pa.RecordBatch) -> Floats:
        """How many times as often as an ordinary one each person is drawn; 0 for those that do not meet `where`."""
        conditions = [text for text, _ in self.strata] + ([self.where] if self.where is not None else [])
        met = meets(persons, conditions)
        times = np.ones(persons.num_rows)
        for place in reversed(range(len(self.strata))):
            times[met[place]] = self.strata[place][1]
        return times if self.where is None else np.where(met[-1], times, 0.0)

    @property
    def most(self) -> float:
        """The largest of `times`: what a uniform number is compared with."""
        return max([1.0, *(times for _, times in self.strata)])


def meets(persons: pa.RecordBatch, conditions: Sequence[str]) -> list[Kept]:
    """For each condition, whether each row meets it (unknown is no).

    Raises UserError when a condition cannot be read, names no column of the table, or is drawn by lot.
    """
    import duckdb

    with duckdb.connect(config={"threads": 1, "enable_external_access": False}) as sql:
        cells = dict(zip(persons.schema.names, persons.columns, strict=True))
        numbered = pa.table({_ROW: pa.array(np.arange(persons.num_rows))} | cells)
        sql.register("persons", numbered)
        volatile = [name for (name,) in sql.sql(_VOLATILE).fetchall()]
        return [_met(sql, condition, persons, volatile) for condition in conditions]


_VOLATILE = "select distinct lower(function_name) from duckdb_functions() where stability <> 'CONSISTENT'"


def _met(sql: object, condition: str, persons: pa.RecordBatch, volatile: Sequence[str]) -> Kept:
    import duckdb

    assert isinstance(sql, duckdb.DuckDBPyConnection)
    called = {name.lower() for name in re.findall(r"(\w+)\s*\(", condition)}
    if (
        not condition.strip()
        or called & set(volatile)
        or ";" in condition
        or re.search(r"\bselect\b|--|/\*", condition, re.IGNORECASE)
    ):
        raise UserError(
            f"the condition {condition!r} is no condition on a row",
            remedy="compare columns of the person's table with values: sexe = '2' and annee_naissance <= 1960",
        )
    columns = ", ".join(persons.schema.names)
    query = f'select try(cast(({condition}) as boolean)) as met from persons order by "{_ROW}"'
    try:
        found = sql.sql(query).to_arrow_table()["met"]
        told = found.null_count < len(found)
    except duckdb.Error:  # its message may quote cells
        raise UserError(
            f"the condition {condition!r} cannot be read",
            remedy=f"write an SQL condition over {columns}; texts stand in quotes",
        ) from None
    try:
        if not told:  # unknown for everybody: cells that are missing, or a value that is none of the column's type
            sql.execute(f"select count(cast(({condition}) as boolean)) from persons").fetchall()
    except duckdb.Error:
        raise UserError(
            f"the condition {condition!r} compares a column with what it cannot hold",
            remedy="write dates as '1960-12-31', numbers without quotes",
        ) from None
    return np.asarray(found.fill_null(False), dtype=bool)
