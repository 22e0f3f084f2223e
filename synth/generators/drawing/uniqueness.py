"""Keys made of dates and codes alone: rows that would share one are moved apart, or dropped when they cannot be.

Where no column confines a key to its block, rows of earlier blocks count too: their keys are remembered, in the order
of the blocks, which one process draws then. A key made anew, or that of a row above, is different in every block.
"""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
from numpy.typing import NDArray

from synth.columns.values import from_numbers
from synth.core.arrays import numpy_of
from synth.core.tablerules import Unique
from synth.generators.blueprint import Blueprint
from synth.generators.drawing.drawn import Drawn
from synth.generators.drawing.taken import Taken, hashes_of

_TRIES = 60


def keep_unique(drawn: Drawn, computed: Collection[str] = ()) -> int:
    """Make the primary and unique keys of a block's rows unique. Returns how many rows had to be dropped.

    A quantity in the key (a date, a rank) that is not `computed` from others is moved on by one step at a time; rows
    that are still alike are dropped.
    """
    dropped = 0
    for names in (drawn.node.table.primary_key, *drawn.node.table.unique_keys):
        if names and drawn.rows:
            dropped += _separate(drawn, names, computed)
    return dropped


def _separate(drawn: Drawn, names: tuple[str, ...], computed: Collection[str]) -> int:
    movable = [name for name in names if name in drawn.numbers and name not in computed]
    again = repeats(drawn, names)
    tries = 0
    while again.any() and movable and tries < _TRIES:
        _move(drawn, movable[-1], again)
        again = repeats(drawn, names)
        tries += 1
    if again.any():
        drawn.keep(~again)
    return int(again.sum())


def _move(drawn: Drawn, name: str, rows: NDArray[np.bool_]) -> None:
    column = drawn.node.table.column(name)
    step = 1.0 if column.scale is None else 10.0**-column.scale
    numbers = drawn.numbers[name] + np.where(rows, step, 0.0)
    drawn.numbers[name] = numbers
    drawn.cells[name] = from_numbers(numbers, column)


def repeats(drawn: Drawn, names: tuple[str, ...]) -> NDArray[np.bool_]:
    """Rows whose key an earlier row has, of this block or of one before. A key with a missing part is nobody's."""
    rows = np.zeros(drawn.rows, dtype=np.int64)
    whole = np.ones(drawn.rows, dtype=bool)
    for name in names:
        cells = drawn.cells[name]
        coded = cells.dictionary_encode()
        if names not in drawn.taken and len(coded.dictionary) == len(cells) - cells.null_count:
            return np.zeros(drawn.rows, dtype=bool)  # what one column tells apart is told apart
        codes = numpy_of(coded.indices, -1).astype(np.int64)
        whole &= codes >= 0
        _, rows = np.unique(rows * (codes.max(initial=0) + 2) + codes + 1, return_inverse=True)
    _, first = np.unique(rows, return_index=True)
    again = np.ones(drawn.rows, dtype=bool)
    again[first] = False
    if names in drawn.taken:
        again |= drawn.taken[names].has(hashes_of([drawn.cells[name] for name in names])[0])
    return again & whole


def remember(drawn: Drawn) -> None:
    """Add the rows of a block, now that they are final, to what is taken."""
    for names, taken in drawn.taken.items():
        if drawn.rows and all(name in drawn.cells for name in names):
            hashes, whole = hashes_of([drawn.cells[name] for name in names])
            taken.add(hashes[whole])


def nothing_taken(plan: Blueprint, root: str, share: float) -> dict[str, dict[tuple[str, ...], Taken]]:
    """For each table of a tree what must be unique over all blocks, nothing being taken yet.

    `share` is how many rows are drawn for each one learned from.
    """
    found = {}
    for node in plan.forest.tree(root):
        declared = [rule.columns for rule in node.table.rules if isinstance(rule, Unique)]
        own = _own(plan, node.name)
        unique = (*declared, node.table.primary_key, *node.table.unique_keys)
        wanted = dict.fromkeys(names for names in unique if names and not own & set(names))
        if wanted and not node.table.public:
            rows = int(share * (plan.model.receipt["rows"].get(node.name) or 0)) + 1
            found[node.name] = {names: Taken(rows) for names in wanted}
    return found


def _own(plan: Blueprint, table: str) -> set[str]:
    """Columns whose values no two blocks share: keys made anew, and those copied from the row above."""
    found = {identifier.column for identifier in plan.identifiers.get(table, ())}
    parent = plan.forest.node(table).parent
    if parent is not None:
        above = _own(plan, parent.target)
        pairs = zip(parent.columns, parent.target_columns, strict=True)
        found |= {mine for mine, theirs in pairs if theirs in above}
    return found
