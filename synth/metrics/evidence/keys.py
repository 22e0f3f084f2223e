"""Rows joined by key: which parent a row has, which columns are identifiers, which person a row belongs to."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from synth.core.catalog import Catalog, Table
from synth.core.joins import person_paths

MOST = 2**62
REKEYED = 0.05  # a key column is new names, not data, when fewer synthetic values than this are known ones


def root_table(catalog: Catalog) -> str:
    """The table whose rows are persons: the declared one, else the one most tables refer to, else the first."""
    if catalog.person is not None:
        return catalog.person.table
    votes = dict.fromkeys(catalog.table_names, 0)
    for table in catalog.tables:
        for key in table.foreign_keys:
            votes[key.target] += key.target != table.name
    return max(catalog.table_names, key=lambda name: votes[name])


def identifiers(catalog: Catalog, table: Table) -> tuple[frozenset[str], frozenset[str]]:
    """Column names that (always, perhaps) identify rows rather than describe them.

    The first are keys to persons' tables, single-column keys and unique columns; the second are the other key columns,
    such as the date in a composite key or a drug code that refers to a nomenclature: data unless they were renamed.
    """
    owned = frozenset(person_paths(catalog)) | {root_table(catalog)}
    always = {column.name for column in table.columns if column.unique}
    for key in table.foreign_keys:
        if key.target in owned or key.target == table.name:
            always.update(key.columns)
    for names in (table.primary_key, *table.unique_keys):
        if len(names) == 1:
            always.update(names)
    if catalog.person is not None and catalog.person.table == table.name:
        always.update(catalog.person.key)
    perhaps = (table.key_columns | {column.name for column in table.columns if column.role == "key"}) - always
    return frozenset(always), frozenset(perhaps)


def renamed(values: pa.Array, synthetic: NDArray[np.bool_]) -> bool:
    """Whether the synthetic side's values of a key column are new names: almost none is known from real rows."""
    coded = values.dictionary_encode()
    place = coded.indices.cast(pa.int64()).fill_null(-1).to_numpy(zero_copy_only=False)
    theirs = place[synthetic & (place >= 0)]
    if not len(theirs):
        return False
    known = np.zeros(len(coded.dictionary) + 1, dtype=bool)
    known[place[~synthetic]] = True
    known[-1] = False
    return bool(known[theirs].mean() < REKEYED)


def match_rows(
    children: Sequence[pa.Array], parents: Sequence[pa.Array]
) -> tuple[NDArray[np.int32], NDArray[np.bool_]]:
    """For each child row the first parent row with the same key (-1: none), and whether its key is complete."""
    rows = len(children[0])
    joint = np.zeros(rows + len(parents[0]), dtype=np.int64)
    whole = np.ones(len(joint), dtype=bool)
    size = 1
    for child, parent in zip(children, parents, strict=True):
        if child.type != parent.type:
            child, parent = child.cast(pa.string()), parent.cast(pa.string())
        coded = pa.concat_arrays([child, parent]).dictionary_encode()
        place = coded.indices.cast(pa.int64()).fill_null(-1).to_numpy(zero_copy_only=False)
        whole &= place >= 0
        width = len(coded.dictionary) + 1
        if size > MOST // width:  # compressed only when the next column could overflow: sorting is what costs
            joint = np.unique(joint, return_inverse=True)[1]
            size = len(joint)
        joint, size = joint * width + place + 1, size * width
    if size > 4 * len(joint):
        joint = np.unique(joint, return_inverse=True)[1]
    mine, theirs = joint[:rows], joint[rows:]
    first = np.full(int(joint.max(initial=-1)) + 1, -1, dtype=np.int32)
    first[theirs[::-1]] = np.arange(len(theirs) - 1, -1, -1, dtype=np.int32)
    found = np.where(whole[:rows], first[mine], np.int32(-1)).astype(np.int32)
    return found, whole[:rows]


def distinct_rows(columns: Sequence[pa.Array]) -> tuple[NDArray[np.int32], int]:
    """A number from 0 for each row, equal where all columns are equal, in order of first appearance; and how many."""
    rows = len(columns[0])
    joint = np.zeros(rows, dtype=np.int64)
    for column in columns:
        coded = column.dictionary_encode()
        place = coded.indices.cast(pa.int64()).fill_null(len(coded.dictionary)).to_numpy(zero_copy_only=False)
        joint = np.unique(joint * (len(coded.dictionary) + 1) + place, return_inverse=True)[1]
    _, first, inverse = np.unique(joint, return_index=True, return_inverse=True)
    rank = np.empty(len(first), dtype=np.int32)
    rank[np.argsort(first)] = np.arange(len(first), dtype=np.int32)
    return rank[inverse].astype(np.int32), len(first)
