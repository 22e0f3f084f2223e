"""Recount, from the training rows, who stands behind every number a model holds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from synth.columns.bins import Bins
from synth.columns.levels import Levels
from synth.core.dataset import Dataset
from synth.core.model import Model
from synth.engines.local import Ordered
from synth.generators.coding import Coded, PartRows, encode_all
from synth.generators.fitting import parts_of
from synth.generators.layout import layout_from
from synth.generators.links import survey_links
from synth.generators.survey import Encoder, asked_rows, families, survey_codecs

Codes = NDArray[np.int64]
Found = tuple[str, int, int]  # what it is, rows told by the model, persons recounted


@dataclass(frozen=True)
class Training:
    """The training rows as raw values and as codes."""

    raw: dict[tuple[str, str], NDArray[np.object_]]
    units: dict[tuple[str, str], Codes]
    coded: Coded
    encoders: dict[tuple[str, str], Encoder]


def training(dataset: Dataset, model: Model, k: int) -> Training:
    """Read every feature of the model in every row, without blocks."""
    raw, units = {}, {}
    with Ordered(dataset) as ordered:
        _, targets = survey_links(ordered)
        layout = layout_from(model.plan["features"])
        encoders = survey_codecs(ordered, layout, targets, k)
        coded = encode_all(ordered, layout, targets, encoders)
        for root in ordered.forest.roots:
            for family in families(ordered, targets, root, units=10**9):
                for node in ordered.forest.tree(root):
                    for feature in layout.features.get(node.name, ()):
                        frame = family.frames[node.name]
                        asked = asked_rows(feature, frame.starts)
                        numeric = feature.measure == "number"
                        cells = family.number(feature) if numeric else _objects(family.texts(feature))
                        raw[node.name, feature.name] = np.asarray(cells)[asked]
                        units[node.name, feature.name] = frame.unit[asked]
        coded = Coded(
            coded.forest,
            coded.layout,
            coded.codecs,
            {t: np.array(c) for t, c in coded.codes.items()},
            coded.units,
            coded.parents,
        )
    return Training(raw, units, coded, encoders)


def _objects(texts: pa.Array) -> NDArray[np.object_]:
    return np.array(texts.to_pylist(), dtype=object)


def persons(units: Codes) -> int:
    """How many distinct ones."""
    return len(np.unique(units))


def kept_values(model: Model, data: Training) -> Iterator[Found]:
    """Every value that the model holds as it is: levels and point masses, with the persons who have it."""
    for (table, name), encoder in data.encoders.items():
        kept, cells, units = encoder.codec.kept, data.raw[table, name], data.units[table, name]
        if isinstance(kept, Levels):
            for value, rows in zip(kept.values, kept.weights, strict=True):
                yield f"level of {table}.{name}", rows, persons(units[cells == value])
        elif isinstance(kept, Bins):
            half = 0.5 * 10.0**-kept.decimals
            for value in kept.low[kept.low == kept.high].tolist():
                near = np.abs(cells.astype(float) - value) <= half * 1.001
                yield f"point of {table}.{name}", int(near.sum()), persons(units[near])


def pooled_counts(model: Model, data: Training) -> Iterator[Found]:
    """Every count of rows over a whole table, with the persons behind it."""
    for table, features in data.coded.layout.features.items():
        for index, feature in enumerate(features):
            asked = asked_rows(feature, data.coded.starts(table))
            codes, units = data.coded.codes[table][asked, index], data.coded.units[table][asked]
            rows = model.arrays[f"pooled/{table}/{feature.name}"]
            for code in np.flatnonzero(rows).tolist():
                yield f"pooled {table}.{feature.name}", int(rows[code]), persons(units[codes == code])


def margin_counts(model: Model, data: Training) -> Iterator[Found]:
    """Every count of a margin, and the rows backed off together, with the persons behind it."""
    for rows in (PartRows(data.coded, part) for part in parts_of(data.coded)):
        for index, variable in enumerate(rows.variables):
            name = f"margin/{rows.part.title}/{variable.title}"
            if name not in model.arrays:  # a generator may have no use for the margins of what it is given
                continue
            counts, codes = model.arrays[name], rows.column(index)
            for code in np.flatnonzero(counts).tolist():
                chosen = codes == code
                assert counts[code] == chosen.sum(), name
                yield name, int(counts[code]), persons(rows.units[chosen])
            if model.find(name).data["backed_off"]:
                lost = counts[codes] == 0
                yield name + " backed off", int(lost.sum()), persons(rows.units[lost])


def tree_cells(model: Model, data: Training) -> Iterator[Found]:
    """Every cell of every tree, its rows found again by walking the splits as they are written."""
    for rows in (PartRows(data.coded, part) for part in parts_of(data.coded)):
        known = np.stack([rows.column(i) for i in range(len(rows.variables))], axis=1) if rows.variables else None
        for index in range(rows.contexts, len(rows.variables)):
            name = f"tree/{rows.part.title}/{rows.variables[index].title}"
            if f"{name}/splits" in model.arrays and known is not None:
                yield from _cells(model, name, known, index, rows.units)


def _cells(model: Model, name: str, known: Codes, index: int, units: Codes) -> Iterator[Found]:
    path = _paths(model, name, known)
    cells = model.arrays[f"{name}/cells"].astype(np.int64)
    by_node: dict[int, list[tuple[int, int]]] = {}
    for node, first, last, _ in cells.tolist():
        by_node.setdefault(node, []).append((first, last))
    leaf = path[np.arange(len(path)), (path >= 0).sum(axis=1) - 1] if len(path) else np.zeros(0, dtype=np.int64)
    codes = known[:, index]
    for node, first, last, told in cells.tolist():
        inside = (path == node).any(axis=1) & (codes >= first) & (codes <= last)
        # rows already counted at the leaf, or at a node between, are not counted again here
        taken = np.zeros(len(codes), dtype=bool)
        for other in by_node:
            if other > node:
                for low, high in by_node[other]:
                    if not (high < first or low > last):
                        taken |= (path == other).any(axis=1) & (codes >= low) & (codes <= high)
        chosen = inside & ~taken if (leaf[inside] != node).any() else inside
        assert told == chosen.sum(), (name, node, first, last, told, int(chosen.sum()))
        yield name, told, persons(units[chosen])


def _paths(model: Model, name: str, known: Codes) -> Codes:
    """For each row the nodes it passes, from the root to its leaf, padded with -1."""
    splits = {
        int(node): (int(variable), int(below), i)
        for i, (node, variable, below) in enumerate(model.arrays[f"{name}/splits"].tolist())
    }
    left = model.arrays[f"{name}/left"]
    found = []
    for row in known:
        node, path = 0, [0]
        while node in splits:
            variable, below, number = splits[node]
            node = below if left[number, row[variable]] else below + 1
            path.append(node)
        found.append(path)
    width = max((len(path) for path in found), default=1)
    return np.array([path + [-1] * (width - len(path)) for path in found], dtype=np.int64).reshape(-1, width)


def copula_pairs(model: Model, data: Training) -> Iterator[Found]:
    """Every pair of variables whose correlation is told, with the persons who have both."""
    for rows in (PartRows(data.coded, part) for part in parts_of(data.coded)):
        name = f"pairs/{rows.part.title}"
        if name in model.arrays:
            titles = model.find(f"correlation/{rows.part.title}").columns
            there = np.stack([_there(rows, title) for title in titles], axis=1)
            for i, j in zip(*np.nonzero(model.arrays[name]), strict=True):
                both = there[:, i] & there[:, j]
                yield name, int(model.arrays[name][i, j]), persons(rows.units[both])


def _there(rows: PartRows, title: str) -> NDArray[np.bool_]:
    """Whether a row has a latent: its value, or (for `... missing`) whether it is missing, which always is known."""
    names = [variable.title for variable in rows.variables]
    if title not in names:
        return np.ones(len(rows.rows), dtype=bool)
    index = names.index(title)
    codec = rows.variables[index].codec
    return rows.column(index) < codec.size - 1 if codec.missing else np.ones(len(rows.rows), dtype=bool)
