"""Columns that tell what a code belongs to: the list of the code names a parent list, which another column holds."""

from __future__ import annotations

import numpy as np
import pyarrow.compute as pc

from synth.columns.belonging import parents_of
from synth.columns.values import to_texts
from synth.core.arrays import numpy_of, text_array
from synth.core.nomenclatures import shipped_nomenclature
from synth.engines.forest import Node
from synth.engines.local import Ordered
from synth.engines.unit_blocks import count_units
from synth.generators.features.feature import Feature

_AGREE = 0.9  # share of the rows whose code is listed that must hold the parent told by the list


def column_above(ordered: Ordered, feature: Feature, k: int) -> str | None:
    """The column of the same row that holds what the code of a feature belongs to, as k persons' rows confirm."""
    if feature.kind != "column" or feature.measure == "number" or feature.link is not None:
        return None
    node = ordered.forest.node(feature.table)
    name = node.table.column(str(feature.column)).nomenclature
    listed = shipped_nomenclature(name) if name is not None else None
    if listed is None or listed.parent is None:
        return None
    others = [c.name for c in node.table.columns if c.nomenclature == listed.parent and c.name != feature.column]
    return next((other for other in others if _agree(ordered, node, (str(feature.column), other), k)), None)


def _agree(ordered: Ordered, node: Node, columns: tuple[str, str], k: int) -> bool:
    """Whether rows with a listed code have its parent in the other column."""
    parent_of = parents_of(node.table.column(columns[0]).nomenclature)
    codes = text_array(list(parent_of))
    pairs = text_array([f"{code}\n{parent}" for code, parents in parent_of.items() for parent in parents])
    told, same, persons = 0, 0, 0
    for frame in ordered.frames(node, columns):
        mine, other = (to_texts(frame.columns[name]) for name in columns)
        asked = numpy_of(pc.and_(pc.is_in(mine, codes), other.is_valid()), False)
        held = asked & numpy_of(pc.is_in(pc.binary_join_element_wise(mine, other, "\n"), pairs), False)
        told += int(np.count_nonzero(asked))
        same += int(np.count_nonzero(held))
        persons += count_units(frame.unit[held])
    return persons >= k and same >= _AGREE * told
