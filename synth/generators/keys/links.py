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
from synth.engines.unit_blocks import count_units, distinct_pairs
from synth.generators.keys.kin import During, rows_above, survey_kin

Style = Literal["implied", "ancestor", "kin", "other"]
Targets = dict[tuple[str, int], NDArray[np.int64]]


@dataclass(frozen=True, slots=True)
class Link:
    """Reference number `number` of a table and its style; `once` when no target may be named twice.

    Of `kin`, `under` is the table above both ends in which they have the same row, and `during` the dates that tell
    which row is named where there are several. A reference of rows to one another is `rooted` when it never leads back.
    """

    table: str
    number: int
    key: ForeignKey
    style: Style
    once: bool
    under: str | None = None
    during: During | None = None
    rooted: bool = False

    def document(self) -> dict[str, Any]:
        """The link as plain JSON data."""
        told: dict[str, Any] = {"table": self.table, "number": self.number, "style": self.style, "once": self.once}
        if self.under is not None:
            told["under"] = self.under
        if self.during is not None:
            told["during"] = self.during.document()
        if self.rooted:
            told["rooted"] = True
        return told


def survey_links(ordered: Ordered, k: int) -> tuple[tuple[Link, ...], Targets]:
    """Every link of the forest with its style, and for each that must be drawn the target row of every row.

    Which dates tell what is named is looked for where `k` units have rows that could name several.
    """
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
            style = _style(ordered, node, key, found)
            under, during = survey_kin(ordered, node, key, found, k) if style == "kin" and not once else (None, None)
            rooted = key.target == node.name and _never_leads_back(found, ordered.units[node.name], k)
            links.append(Link(node.name, number, key, style, once, under, during, rooted))
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
        above = rows_above(ordered, node, key.target)
        if np.array_equal(above[filled], found[filled]):
            return "ancestor"
    same_unit = ordered.units[key.target][found[filled]] == ordered.units[node.name][filled]
    return "kin" if bool(same_unit.all()) and node.parent is not None else "other"


def _never_leads_back(found: NDArray[np.int64], units: NDArray[np.int64], k: int) -> bool:
    """Whether no row leads back to itself by way of others, where `k` units name a row that is not the row itself."""
    ahead = np.where(found == np.arange(len(found)), -1, found)
    if count_units(units[ahead >= 0]) < k:
        return False
    for _ in range(len(found).bit_length()):  # each time twice as far
        ahead = np.where(ahead >= 0, ahead[ahead], -1)
    return bool((ahead < 0).all())


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
