"""Echoes: columns of a row that repeat the column of the same name in its parent's row, always or mostly.

A claim repeats its person's residence, sex or pseudonym. Hundreds of codes cannot be learned pair by pair under a rule
of k persons, but that they repeat can: what is learned is whether a row repeats its parent's cell, and what it holds if
it does not.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from synth.columns.values import measure, to_texts
from synth.core.catalog import Column
from synth.engines.forest import Node
from synth.engines.local import Frame, Ordered

# Fewer levels than this are learned well enough as they are
_LEVELS = 12
_SHARE = 0.5


def echoes(ordered: Ordered, node: Node, columns: Iterable[Column]) -> frozenset[str]:
    """Names of the levels columns that repeat the parent's column of the same name in at least half of the rows."""
    if node.parent is None:
        return frozenset()
    parent = ordered.forest.node(node.parent.target)
    both = [c for c in columns if measure(c) == "level" and parent.table.has(c.name)]
    both = [c for c in both if parent.table.column(c.name).type == c.type]
    if not both or not ordered.rows(node.name):
        return frozenset()
    terms = ", ".join(
        f"avg((a.{mine} is not distinct from p.{theirs})::int), count(distinct a.{mine})"
        for mine, theirs in ((ordered.column(node, c.name), ordered.column(parent, c.name)) for c in both)
    )
    join = f"from {ordered.name(node)} a join {ordered.name(parent)} p on a.parent = p.row"
    row = ordered.one(f"select {terms} {join}")
    shares, levels = row[::2], row[1::2]
    return frozenset(
        c.name for c, share, count in zip(both, shares, levels, strict=True) if share >= _SHARE and count >= _LEVELS
    )


def repeated(frame: Frame, parent: Frame, column: str) -> pa.Array:
    """For each row `same` where its cell is the parent's, else `other`."""
    mine = to_texts(frame.columns[column]).dictionary_encode()
    theirs = to_texts(parent.columns[column]).take(pa.array(frame.parent - parent.first)).dictionary_encode()
    return pa.array(np.where(_equal(mine, theirs), "same", "other").astype(object), type=pa.string())


def _equal(mine: pa.Array, theirs: pa.Array) -> NDArray[np.bool_]:
    """Whether two columns of texts hold the same, a missing cell being the same as a missing cell."""
    places = {text: place for place, text in enumerate(mine.dictionary.to_pylist())}
    translated = np.array([places.get(text, -2) for text in theirs.dictionary.to_pylist()] + [-1], dtype=np.int64)
    left = np.asarray(mine.indices.fill_null(-1)).astype(np.int64)
    right = translated[np.asarray(theirs.indices.fill_null(-1)).astype(np.int64)]
    same: NDArray[np.bool_] = left == right
    return same
