"""Presence: columns that are missing in the same rows, or one of them exactly where the other one is there.

An age in days is there where an age in years is not; what was decided, by whom and when are there together or not at
all. Columns are told alike by how many rows miss them and by sums over the numbers of these rows, in one pass over the
table; what looks alike is confirmed on every row, and k units must be on either side.
"""

from __future__ import annotations

from collections.abc import Sequence

from synth.core.counts import at_least
from synth.engines.forest import Node
from synth.engines.local import Ordered
from synth.generators.relations.relation import Presence


def found_presences(ordered: Ordered, node: Node, names: Sequence[str], k: int) -> list[Presence]:
    """For columns of a table the first one that tells where they are missing, if there is one."""
    if len(names) < 2 or not ordered.rows(node.name):
        return []
    names = _with_peers(ordered, node, names)
    if not names:
        return []
    columns = [ordered.column(node, name) for name in names]
    told = (f"count(*) filter (where {c} is null), {_sums(f'case when {c} is null then row end')}" for c in columns)
    found = ordered.one(f"select count(*), {_sums('row')}, {', '.join(told)} from {ordered.name(node)}")
    whole, *signs = (found[start : start + 3] for start in range(0, len(found), 3))
    alike: dict[tuple[int, ...], int] = {}
    pairs: list[tuple[int, int, bool]] = []
    for place, sign in enumerate(signs):
        if 0 < sign[0] < whole[0]:
            opposite = tuple(all_ - mine for all_, mine in zip(whole, sign, strict=True))
            if sign in alike or opposite in alike:
                pairs.append((place, alike[sign if sign in alike else opposite], sign in alike))
            else:
                alike[sign] = place
    return [
        Presence(node.name, names[mine], names[other], together, at_least(persons, k))
        for (mine, other, together), persons in zip(pairs, _confirmed(ordered, node, columns, pairs), strict=True)
        if persons >= k
    ]


def _with_peers(ordered: Ordered, node: Node, names: Sequence[str]) -> list[str]:
    """The columns that as many rows miss, or have, as another one: all that needs a closer look."""
    rows, there = ordered.rows(node.name), ordered.filled(node)
    sides = [min(there[name], rows - there[name]) for name in names]
    return [name for name, side in zip(names, sides, strict=True) if side and sides.count(side) > 1]


def _sums(row: str) -> str:
    """Two sums over numbers of rows, which tell one set of rows from nearly any other."""
    return f"coalesce(sum({row}), 0), coalesce(sum(({row}) * ({row})), 0)"


def _confirmed(
    ordered: Ordered, node: Node, columns: Sequence[str], pairs: Sequence[tuple[int, int, bool]]
) -> list[int]:
    """For each pair how many units are on the smaller side; 0 where some row is not as the others."""
    if not pairs:
        return []
    terms = []
    for mine, other, together in pairs:
        same = f"({columns[mine]} is null) {'=' if together else '<>'} ({columns[other]} is null)"
        sides = [f"count(distinct unit) filter (where {columns[mine]} is {side}null)" for side in ("", "not ")]
        terms.append(f"case when bool_and({same}) then least({', '.join(sides)}) else 0 end")
    found = ordered.one(f"select {', '.join(terms)} from {ordered.name(node)}")
    return [int(persons) for persons in found]
