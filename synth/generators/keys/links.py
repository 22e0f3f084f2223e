"""References other than the one to the parent: how each is filled, found from the data.

`implied`: its columns are already given by the parent's key. `ancestor`: it always names a row above. `kin`: it names a
row of the same unit. `other`: it names any row of its target (a referential, or another person).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from synth.core.catalog import ForeignKey
from synth.engines.forest import Node
from synth.engines.local import Ordered
from synth.engines.unit_blocks import distinct_pairs

Style = Literal["implied", "ancestor", "kin", "other"]
Targets = dict[tuple[str, int], NDArray[np.int64]]


@dataclass(frozen=True, slots=True)
class Link:
    """Reference number `number` of a table and its style; `once` when no target may be named twice."""

    table: str
    number: int
    key: ForeignKey
    style: Style
    once: bool

    def document(self) -> dict[str, Any]:
        """The link as plain JSON data."""
        return {"table": self.table, "number": self.number, "style": self.style, "once": self.once}


def survey_links(ordered: Ordered) -> tuple[tuple[Link, ...], Targets]:
    """Every link of the forest with its style, and for each that must be drawn the target row of every row."""
    links: list[Link] = []
    targets: Targets = {}
    for node in ordered.forest.nodes:
        for number, key in enumerate(node.links):
            if _is_implied(node, key):
                links.append(Link(node.name, number, key, "implied", False))
                continue
            found = ordered.targets(node, key)
            targets[node.name, number] = found
            once = _columns_once(node, key)
            links.append(Link(node.name, number, key, _style(ordered, node, key, found), once))
    return tuple(links), targets


def _is_implied(node: Node, key: ForeignKey) -> bool:
    inherited = set() if node.parent is None else set(node.parent.columns)
    return set(key.columns) <= inherited


def _columns_once(node: Node, key: ForeignKey) -> bool:
    columns = set(key.columns)
    unique = [set(node.table.primary_key), *(set(names) for names in node.table.unique_keys)]
    unique += [{column.name} for column in node.table.columns if column.unique]
    return any(names and names <= columns for names in unique)


def _style(ordered: Ordered, node: Node, key: ForeignKey, found: NDArray[np.int64]) -> Style:
    target = ordered.forest.node(key.target)
    filled = found >= 0
    if target.root != node.root:
        return "other"
    if key.target in ordered.forest.ancestors(node.name):
        above = ancestor_rows(ordered, node, key.target)
        if np.array_equal(above[filled], found[filled]):
            return "ancestor"
    same_unit = ordered.units[key.target][found[filled]] == ordered.units[node.name][filled]
    return "kin" if bool(same_unit.all()) and node.parent is not None else "other"


def rows_named(ordered: Ordered, targets: Targets, k: int) -> dict[str, int]:
    """For each referential of fewer than k rows, how many of them at least k persons each refer to."""
    person = ordered.dataset.catalog.person
    assert person is not None
    small = [name for name in ordered.forest.roots if 0 < ordered.rows(name) < k and name != person.table]
    found = {}
    for name in small:
        named: set[int] = set()
        for (table, number), rows in targets.items():
            node = ordered.forest.node(table)
            if node.root == person.table and node.links[number].target == name:
                there = rows >= 0
                target, _ = distinct_pairs(rows[there], ordered.units[table][there])
                named |= set(np.flatnonzero(np.bincount(target, minlength=1) >= k).tolist())
        found[name] = len(named)
    return found


def ancestor_rows(ordered: Ordered, node: Node, ancestor: str) -> NDArray[np.int64]:
    """For each row of `node`, the row above it in table `ancestor`."""
    rows = ordered.parents[node.name]
    table = node.parent.target if node.parent is not None else ancestor
    while table != ancestor:
        rows = ordered.parents[table][rows]
        parent = ordered.forest.node(table).parent
        assert parent is not None
        table = parent.target
    return rows
