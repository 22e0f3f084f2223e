"""The columns that analyses name: where they are in the catalog, and their values as codes and as numbers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from synth.core.catalog import Catalog
from synth.core.dataset import Dataset
from synth.core.errors import UserError
from synth.core.joins import person_paths
from synth.core.snds import resolve_name
from synth.metrics.analyses.model import Analyses
from synth.metrics.analyses.reading import text_of

Floats = NDArray[np.float64]
Place = tuple[str, str]  # table, column
EPOCH = date(1970, 1, 1).toordinal()


@dataclass(frozen=True)
class Named:
    """One column of one side. `codes` are places in `levels` (-1: missing); `numbers` are days for dates.

    A text column has codes, any other numbers; each makes the other when it is asked for.
    """

    given_codes: NDArray[np.int32] | None = None
    given_levels: tuple[str, ...] = ()
    given_numbers: Floats | None = None

    @cached_property
    def coded(self) -> tuple[NDArray[np.int32], tuple[str, ...]]:
        """Codes and levels; numbers are written as text."""
        if self.given_codes is not None:
            return self.given_codes, self.given_levels
        numbers = np.zeros(0) if self.given_numbers is None else self.given_numbers
        levels, codes = np.unique(numbers, return_inverse=True)
        found: NDArray[np.int32] = np.where(np.isnan(numbers), -1, codes).astype(np.int32)
        return found, tuple(text_of(float(level)) for level in levels)

    @cached_property
    def numbers(self) -> Floats:
        """Values as numbers; texts that are ISO dates or months become days, other texts NaN."""
        if self.given_numbers is not None:
            return self.given_numbers
        codes, levels = self.coded
        table = np.array([*map(number_of, levels), np.nan])
        return table[codes]

    def marked(self, wanted: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Rows whose level is wanted; missing ones are not."""
        codes, _ = self.coded
        return np.append(wanted, False)[codes]


def number_of(text: str) -> float:
    """A number, or the days since 1970 of a date (`2021-03-05`) or month (`2021-03`); NaN for anything else."""
    try:
        return float(text)
    except ValueError:
        pass
    try:
        return float(date.fromisoformat(f"{text}-01" if len(text) == 7 else text[:10]).toordinal() - EPOCH)
    except ValueError:
        return float("nan")


def places(catalog: Catalog, reference: str, root: str) -> tuple[Place, ...]:
    """The columns that `reference` means (several when an SNDS pattern stands for many years); empty: none.

    Of several tables, those that lead to no person are passed over.
    """
    if catalog.table(root).has(reference):
        return ((root, reference),)
    for cut in (place for place, sign in enumerate(reference) if sign == "."):
        table, column = reference[:cut], reference[cut + 1 :]
        found = tuple(
            (other.name, column) for other in catalog.tables if _called(other.name, table) and other.has(column)
        )
        if found:
            belonging = {root, *person_paths(catalog)}
            return tuple(place for place in found if place[0] in belonging) or found
    return ()


def _called(name: str, wanted: str) -> bool:
    return name == wanted or (name[:2] in ("T_", "ER") and _pattern(name) == wanted)


def _pattern(name: str) -> str:
    try:
        return resolve_name(name)[0]
    except UserError:
        return name


def above(catalog: Catalog, table: str, reference: str | None, root: str) -> Place | None:
    """The column `reference` in the table itself, or in the nearest table on the way from it to the person."""
    if reference is None:
        return None
    named = set(places(catalog, reference, root)) | {
        (name, reference) for name in way(catalog, table) if catalog.table(name).has(reference)
    }
    for name in way(catalog, table):
        for place in sorted(named):
            if place[0] == name:
                return place
    return None


def way(catalog: Catalog, table: str) -> tuple[str, ...]:
    """The tables from this one up to the person table."""
    path = person_paths(catalog).get(table)
    return (table,) if path is None else (table, *(key.target for key in path.keys))


def wanted_places(catalog: Catalog, analyses: Analyses, root: str) -> frozenset[Place]:
    """Every column that must be read."""
    found: set[Place] = set()
    for reference, date_of in _references(analyses):
        for place in places(catalog, reference, root):
            found.add(place)
            dated = above(catalog, place[0], date_of, root)
            if dated is not None:
                found.add(dated)
    for condition in analyses.conditions:
        if condition.lookup is not None:
            found |= {(condition.lookup.table, name) for name in (condition.lookup.key, condition.lookup.to)}
    return frozenset(found)


def _references(analyses: Analyses) -> Iterator[tuple[str, str | None]]:
    for item in analyses.survival:
        for reference in (item.time, item.start, item.end, item.close, item.event, *item.covariates):
            if reference:
                yield reference, None
    for condition in analyses.conditions:
        yield from ((reference, condition.date) for reference in condition.columns)
    for pathway in analyses.pathways:
        yield from ((reference, pathway.date) for reference in pathway.columns)
    for cost in analyses.costs:
        yield from ((reference, None) for reference in cost.columns)
    yield from ((task.target, None) for task in analyses.tasks)
    population = analyses.population
    if population is not None:
        yield from ((text, None) for text in (population.sex, population.age, population.birth) if text)


def read_named(wanted: frozenset[Place], dataset: Dataset) -> dict[Place, Named]:
    """These columns of one side, in the stored order of its rows; those that the side lacks are left out."""
    found: dict[Place, Named] = {}
    by_table: dict[str, list[str]] = {}
    for table, column in sorted(wanted):
        if table in dataset.catalog.table_names and dataset.catalog.table(table).has(column):
            by_table.setdefault(table, []).append(column)
    for table, names in by_table.items():
        rows = dataset.read(table, names)
        for name in names:
            found[(table, name)] = _named(rows.column(name))
    return found


def _named(column: pa.ChunkedArray) -> Named:
    values = pa.concat_arrays(column.chunks) if column.num_chunks else pa.array([], type=column.type)
    kind = values.type
    if pa.types.is_date(kind):
        return Named(given_numbers=_floats(values.cast(pa.int32())))
    if pa.types.is_timestamp(kind):
        return Named(given_numbers=_floats(values.cast(pa.timestamp("us")).cast(pa.int64())) / 86_400e6)
    if pa.types.is_integer(kind) or pa.types.is_floating(kind):
        return Named(given_numbers=_floats(values))
    coded = values.cast(pa.string()).dictionary_encode()
    codes = coded.indices.cast(pa.int32()).fill_null(-1).to_numpy(zero_copy_only=False)
    return Named(codes, tuple(coded.dictionary.to_pylist()))


def _floats(values: pa.Array) -> Floats:
    whole: Floats = values.cast(pa.float64(), safe=False).to_numpy(zero_copy_only=False)
    return whole


NamedColumns = Mapping[Place, Named]
