"""Code lists that stand beside the tables: public tables whose keys a column refers to, or names as its code list."""

from __future__ import annotations

import numpy as np

from synth.columns.stemming import CodeList
from synth.columns.values import to_texts
from synth.core.arrays import numpy_of
from synth.core.nomenclatures import find_nomenclature
from synth.core.progress import say
from synth.engines.forest import Node
from synth.engines.local import Ordered
from synth.generators.features.feature import Feature

WEIGHT = "weight"  # the column of a list that tells how often each code is met, as published


def list_of(ordered: Ordered, feature: Feature) -> CodeList | None:
    """The keys of the public table that a column refers to, in all rows or (`synth:references`) in most, or which it
    names as its list (`synth:nomenclature`); None where the list, if any, is not in the tables."""
    if feature.kind != "column":
        return None
    node = ordered.forest.node(feature.table)
    if feature.link is not None:
        key = node.links[feature.link]
        return _codes_of(ordered, ordered.forest.node(key.target), key.target_columns[0])
    public = {other.name: other for other in ordered.forest.nodes if other.table.public}
    for each in node.table.extra.get("synth:references", ()):
        target = each.get("reference", {}) if each.get("fields") == [feature.column] else {}
        other = public.get(str(target.get("resource")))
        if other is not None and other.table.has(target["fields"][0]):
            return _codes_of(ordered, other, target["fields"][0])
    name = node.table.column(str(feature.column)).nomenclature
    named = public.get(str(name))
    if named is None:
        if name is not None and find_nomenclature(name) is None:
            where = f"table {feature.table}, column {feature.column}"
            say(f"{where}: its code list is neither shipped, imported nor a public table of the package")
        return None
    return _codes_of(ordered, named, (*named.table.primary_key, *named.table.column_names)[0])


def _codes_of(ordered: Ordered, node: Node, column: str) -> CodeList:
    """The different values of a column of a public table, and how often each is met where the table tells that."""
    columns = ordered.frame(node, 0, ordered.rows(node.name)).columns
    texts = to_texts(columns[column])
    codes = tuple(sorted(set(texts.drop_null().to_pylist())))
    counted = node.table.has(WEIGHT) and node.table.column(WEIGHT).type in ("integer", "number")
    if column == WEIGHT or not counted:
        return CodeList(codes)
    told = np.nan_to_num(numpy_of(columns[WEIGHT].cast("float64"), 0.0)).astype(np.float64)
    most: dict[str, float] = {}
    for code, weight in zip(texts.to_pylist(), np.maximum(told, 0.0).tolist(), strict=True):
        if code is not None and np.isfinite(weight):
            most[code] = max(most.get(code, 0.0), weight)
    return CodeList(codes, tuple(most.get(code, 0.0) for code in codes) if any(most.values()) else ())
