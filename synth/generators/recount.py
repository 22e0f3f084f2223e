"""Recount, from the training rows, who stands behind every number that a model holds.

Nothing of how the numbers were made is reused but the reading of features and the encoding of rows: values, counts and
cells are found again by walking the model as it is written, and distinct persons are counted anew.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from synth.columns.bins import Bins
from synth.columns.codec import codec_from
from synth.columns.levels import Levels
from synth.columns.segments import Segments
from synth.columns.values import to_texts
from synth.core import jsontext
from synth.core.counts import rounded, rounded_alone
from synth.core.dataset import Dataset
from synth.core.errors import UserError
from synth.core.model import Array, Model
from synth.engines.local import Ordered
from synth.generators.coding.coded import Coded, PartRows, encode_all
from synth.generators.coding.layout import Layout, layout_from
from synth.generators.coding.survey import asked_rows, families, survey_codecs
from synth.generators.features.feature import Family, Feature
from synth.generators.fitting import parts_of
from synth.generators.keys.identifiers import survey_identifiers
from synth.generators.keys.links import survey_links
from synth.generators.relations.discovery import discover
from synth.generators.relations.relation import Dependency

Codes = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Recounted:
    """One number of a statistic: the rows the model tells of (None where it tells none), those found, their persons.

    The rows found are rounded as those of a model are (see `synth.core.counts`).
    """

    statistic: str
    told: int | None
    rows: int
    persons: int


def recount(dataset: Dataset, model: Model) -> Iterator[Recounted]:
    """Every value kept as it is, every count and every cell of the model, recounted in the tables it was learned from.

    Raises UserError when the tables are not those: their catalog differs, or what is learned from them does.
    """
    if dataset.catalog.table_names != model.catalog.table_names:
        raise _other_tables(dataset.origin)
    k = int(model.receipt["min_persons"])
    layout = layout_from(model.plan["features"])
    with Ordered(dataset) as ordered:
        _, targets = survey_links(ordered, k)
        relations = discover(ordered, survey_identifiers(ordered), k)
        if jsontext.canonical(relations.document()) != jsontext.canonical(model.plan["relations"]):
            raise _other_tables(dataset.origin)
        encoders = survey_codecs(ordered, layout, targets, k)
        _require_same(model, {name: encoder.codec.document() for name, encoder in encoders.items()}, dataset.origin)
        coded = encode_all(ordered, layout, targets, encoders, k)
        for root in ordered.forest.roots:
            yield from _kept_values(model, layout, families(ordered, targets, root), k)
        for each in relations.dependencies:
            yield from _dependent_pairs(ordered, each)
        yield from _pooled_counts(model, coded, k)
        for part in parts_of(coded):
            rows = PartRows(coded, part)
            yield from _margin_counts(model, rows, k)
            yield from _tree_cells(model, rows, k)
            yield from _copula_pairs(model, rows, k)


def _other_tables(origin: str) -> UserError:
    return UserError("the tables are not those of the model", file=origin, remedy="give the tables it was fitted on")


def _require_same(model: Model, documents: Mapping[tuple[str, str], object], origin: str) -> None:
    for (table, feature), document in documents.items():
        if model.find(f"codec/{table}/{feature}").data != document:
            raise UserError(
                "what is learned from this column is not what the model holds",
                file=origin,
                table=table,
                column=feature,
                remedy="give the tables it was fitted on, and the version that fitted it",
            )


def _distinct(codes: Codes, units: Codes, size: int) -> Codes:
    """How many distinct units have each code; codes below 0 count for nothing."""
    there = codes >= 0
    pairs = np.unique(codes[there] * (units.max(initial=0) + 1) + units[there])
    return np.bincount(pairs // (units.max(initial=0) + 1), minlength=size)


def _kept_values(model: Model, layout: Layout, blocks: Iterator[Family], k: int) -> Iterator[Recounted]:
    """Values that the model holds as they are: levels, and bins of one value. No unit is in two blocks."""
    found: dict[str, tuple[Codes, Codes, Codes | None]] = {}
    for family in blocks:
        for table, frame in family.frames.items():
            for feature in layout.features.get(table, ()):
                name = f"codec/{table}/{feature.name}"
                codec = codec_from(model.find(name).data)
                if codec.kept is None:
                    continue
                codes, size, told = _places(family, feature, codec.kept)
                asked = asked_rows(feature, frame.starts)
                codes, units = codes[asked], frame.unit[asked]
                rows = np.bincount(codes[codes >= 0], minlength=size)
                persons = _distinct(codes, units, size)
                before = found.get(name)
                found[name] = (rows, persons, told) if before is None else (before[0] + rows, before[1] + persons, told)
    for name, (rows, persons, told) in found.items():
        as_told = rounded_alone(rows, k)
        for place in range(len(rows)):
            yield Recounted(name, None if told is None else int(told[place]), int(as_told[place]), int(persons[place]))


def _places(family: Family, feature: Feature, kept: Bins | Segments | Levels) -> tuple[Codes, int, Codes | None]:
    """For each row the place of its cell among the values and stems kept (-1: none), how many, and the rows told."""
    if isinstance(kept, Levels):
        codes = kept.encode(family.texts(feature))
        stems = () if kept.stems is None else kept.stems.stems
        size = len(kept.values) + len(stems)
        told = np.array([*kept.weights, *(stem.rows for stem in stems)], dtype=np.int64)
        return np.where(codes < size, codes, -1), size, told
    numbers = family.number(feature)
    if isinstance(kept, Segments):
        return _segment_places(numbers, family.kinds_of(feature), kept)
    return _point_places(numbers, kept)


def _segment_places(numbers: NDArray[np.float64], kinds: Codes, kept: Segments) -> tuple[Codes, int, Codes | None]:
    """The same where each kind of row has bins of its own."""
    codes, size = np.full(len(numbers), -1), 0
    for kind, part in enumerate(kept.parts):
        if part is not None:
            inside = np.flatnonzero(kinds == kind)
            places, count, _ = _point_places(numbers[inside], part)
            codes[inside] = np.where(places >= 0, places + size, -1)
            size += count
    return codes, size, None


def _point_places(numbers: NDArray[np.float64], kept: Bins) -> tuple[Codes, int, Codes | None]:
    points = kept.low[kept.low == kept.high]
    if not len(points):
        return np.full(len(numbers), -1), 0, None
    between = (points[:-1] + points[1:]) / 2
    nearest = np.searchsorted(between, numbers)
    near = np.abs(numbers - points[nearest]) <= 0.5005 * 10.0**-kept.decimals
    return np.where(near, nearest, -1), len(points), None


def _dependent_pairs(ordered: Ordered, each: Dependency) -> Iterator[Recounted]:
    """Values of a column told by those of another: the rows that have both."""
    node = ordered.forest.node(each.table)
    frame = ordered.frame(node, 0, ordered.rows(each.table), (each.source, each.target))
    source, target = to_texts(frame.columns[each.source]), frame.columns[each.target]
    places = {text: place for place, text in enumerate(each.pairs)}
    known = pc.index_in(source, pa.array(list(places), type=pa.string()))
    told = pa.array(list(each.pairs.values()), type=pa.string()).cast(target.type).take(known)  # 1.0 and 1 are one
    same = pc.fill_null(pc.equal(told, target), False)
    same = pc.or_(same, pc.and_(pc.and_(target.is_null(), told.is_null()), known.is_valid()))
    codes = np.asarray(pc.fill_null(pc.if_else(same, known, None), -1)).astype(np.int64)
    rows, persons = np.bincount(codes[codes >= 0], minlength=len(places)), _distinct(codes, frame.unit, len(places))
    for place in range(len(places)):
        yield Recounted(each.name, None, int(rows[place]), int(persons[place]))


def _counts(name: str, told: Array, codes: Codes, units: Codes, k: int) -> Iterator[Recounted]:
    """Counts of rows of each code; a count of 0 tells nothing."""
    rows = rounded(np.where(told > 0, np.bincount(codes, minlength=len(told)), 0), k)
    persons = _distinct(codes, units, len(told))
    for code in np.flatnonzero(told).tolist():
        yield Recounted(name, int(told[code]), int(rows[code]), int(persons[code]))


def _pooled_counts(model: Model, coded: Coded, k: int) -> Iterator[Recounted]:
    """Counts of rows over whole tables."""
    for table, features in coded.layout.features.items():
        for index, feature in enumerate(features):
            name, told = f"codec/{table}/{feature.name}", model.arrays[f"pooled/{table}/{feature.name}"]
            asked = asked_rows(feature, coded.starts(table))
            codes = np.asarray(coded.codes[table][asked, index]).astype(np.int64)
            yield from _counts(name, told, codes, coded.units[table][asked], k)


def _margin_counts(model: Model, rows: PartRows, k: int) -> Iterator[Recounted]:
    """Counts of margins, the rows backed off together, and all rows of the part."""
    for index, variable in enumerate(rows.variables):
        name = f"margin/{rows.part.title}/{variable.title}"
        if name not in model.arrays:  # a generator may have no use for the margins of what it is given
            continue
        counts, codes = model.arrays[name], rows.column(index)
        yield from _counts(name, counts, codes, rows.units, k)
        data = model.find(name).data
        if told := int(data["rows"]):
            yield Recounted(name, told, int(rounded_alone(len(codes), k)), len(np.unique(rows.units)))
        if told := int(data["backed_off"]):
            lost = counts[codes] == 0
            yield Recounted(name, told, int(rounded_alone(lost.sum(), k)), len(np.unique(rows.units[lost])))


def _tree_cells(model: Model, rows: PartRows, k: int) -> Iterator[Recounted]:
    """Cells of trees: each row belongs to the deepest node on its way that has a cell for its code."""
    names = [f"tree/{rows.part.title}/{variable.title}" for variable in rows.variables]
    if not any(f"{name}/splits" in model.arrays for name in names):
        return
    known = np.stack([rows.column(index) for index in range(len(rows.variables))], axis=1)
    for index in range(rows.contexts, len(rows.variables)):
        if f"{names[index]}/splits" in model.arrays:
            path = _paths(model, names[index], known)
            table = model.arrays[f"{names[index]}/cells"].astype(np.int64)
            cell = _cells_of(table, path, known[:, index])
            counted = rounded(np.bincount(cell[cell >= 0], minlength=len(table)), k)
            persons = _distinct(cell, rows.units, len(table))
            for place in range(len(table)):
                yield Recounted(names[index], int(table[place, 3]), int(counted[place]), int(persons[place]))
            if f"{names[index]}/exposure" in model.arrays:
                yield from _exposed_rows(names[index], model.arrays[f"{names[index]}/exposure"], path, rows.units, k)
            if f"{names[index]}/rows" in model.arrays:
                yield from _leaf_rows(names[index], model.arrays[f"{names[index]}/rows"], path, rows.units, k)
            if f"{names[index]}/runs" in model.arrays:
                yield from _node_runs(
                    names[index], model.arrays[f"{names[index]}/runs"], path, known[:, index], rows.units, k
                )


def _node_runs(name: str, told: Array, path: Codes, codes: Codes, units: Codes, k: int) -> Iterator[Recounted]:
    """The rows of runs of codes at nodes between the root and the leaves; no node is at two depths."""
    table = told.astype(np.int64)
    rows, persons = (np.zeros(len(table), dtype=np.int64) for _ in range(2))
    for depth in range(1, path.shape[1]):
        run = _cells_of(table, path[:, depth : depth + 1], codes)
        rows += np.bincount(run[run >= 0], minlength=len(table))
        persons += _distinct(run, units, len(table))
    rows = rounded(rows, k)
    for place in range(len(table)):
        yield Recounted(name, int(table[place, 3]), int(rows[place]), int(persons[place]))


def _leaf_rows(name: str, told: Array, path: Codes, units: Codes, k: int) -> Iterator[Recounted]:
    """The rows of each leaf."""
    leaf = _leaves(path)
    rows, persons = rounded(np.bincount(leaf, minlength=len(told)), k), _distinct(leaf, units, len(told))
    for place in range(len(told)):
        yield Recounted(name, int(told[place]), int(rows[place]), int(persons[place]))


def _exposed_rows(name: str, told: Array, path: Codes, units: Codes, k: int) -> Iterator[Recounted]:
    """The rows of each leaf that what was left to choose from is summed over."""
    leaf = _leaves(path)
    rows, persons = rounded_alone(np.bincount(leaf, minlength=len(told)), k), _distinct(leaf, units, len(told))
    for place in range(len(told)):
        yield Recounted(name, int(told[place, 0]), int(rows[place]), int(persons[place]))


def _leaves(path: Codes) -> Codes:
    """The leaf at the end of each row's way, numbered in the order of the nodes."""
    ends = path[np.arange(len(path)), (path >= 0).sum(axis=1) - 1]
    return np.unique(ends, return_inverse=True)[1]


def _paths(model: Model, name: str, known: Codes) -> Codes:
    """For each row the nodes it passes, from the root down, padded with -1 (rows x depth)."""
    splits, left = model.arrays[f"{name}/splits"].astype(np.int64), model.arrays[f"{name}/left"]
    number = {int(node): place for place, node in enumerate(splits[:, 0].tolist())}
    most = int(splits[:, 2].max(initial=-1)) + 2
    of_node = np.array([number.get(node, -1) for node in range(max(most, 1))], dtype=np.int64)
    node = np.zeros(len(known), dtype=np.int64)
    levels = [node]
    while True:
        at = np.where(node >= 0, of_node[node], -1)
        inner = np.flatnonzero(at >= 0)
        if not len(inner):
            return np.stack(levels, axis=1)
        node = np.full(len(known), -1)
        split = at[inner]
        goes_left = left[split, known[inner, splits[split, 1]]]
        node[inner] = splits[split, 2] + np.where(goes_left, 0, 1)
        levels.append(node)


def _cells_of(table: Codes, path: Codes, codes: Codes) -> Codes:
    """The cell (row of `table`: node, first, last, rows) to which each row belongs; -1 for none."""
    size = int(max(codes.max(initial=0), table[:, 2].max(initial=0))) + 1
    lengths = table[:, 2] - table[:, 1] + 1
    owner = np.repeat(np.arange(len(table)), lengths)
    code = np.arange(len(owner)) - np.repeat(np.cumsum(lengths) - lengths, lengths) + np.repeat(table[:, 1], lengths)
    keys = table[owner, 0] * size + code
    order = np.argsort(keys, kind="stable")
    found = np.full(len(codes), -1)
    for depth in reversed(range(path.shape[1])):
        asked = np.flatnonzero((found < 0) & (path[:, depth] >= 0))
        wanted = path[asked, depth] * size + codes[asked]
        place = np.minimum(np.searchsorted(keys[order], wanted), max(len(keys) - 1, 0))
        hit = keys[order][place] == wanted if len(keys) else np.zeros(len(asked), dtype=bool)
        found[asked[hit]] = owner[order][place[hit]]
    return found


def _copula_pairs(model: Model, rows: PartRows, k: int) -> Iterator[Recounted]:
    """Pairs of variables whose correlation is told: the rows that have both."""
    name = f"pairs/{rows.part.title}"
    if name not in model.arrays:
        return
    titles = model.find(f"correlation/{rows.part.title}").columns
    there = np.stack([_there(rows, title) for title in titles], axis=1)
    for i, j in zip(*np.nonzero(model.arrays[name]), strict=True):
        both = there[:, i] & there[:, j]
        found = int(rounded_alone(both.sum(), k))
        yield Recounted(name, int(model.arrays[name][i, j]), found, len(np.unique(rows.units[both])))


def _there(rows: PartRows, title: str) -> NDArray[np.bool_]:
    """Whether a row has a latent: its value, or (for `... missing`) whether it is missing, which always is known."""
    names = [variable.title for variable in rows.variables]
    if title not in names:
        return np.ones(len(rows.rows), dtype=bool)
    index = names.index(title)
    codec = rows.variables[index].codec
    return rows.column(index) < codec.size - 1 if codec.missing else np.ones(len(rows.rows), dtype=bool)
