"""Fit one of SDV's synthesizers to tables of our catalog, and draw tables of the same catalog from it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pyarrow as pa

from synth.core.catalog import Catalog, Column
from synth.core.dataset import Dataset
from synth.core.errors import UserError
from synth.core.model import Model
from synth.core.progress import say
from synth.core.seeds import rng
from synth.engines.forest import Forest, Node, plant
from synth.engines.local import Ordered
from synth.generators.coding.layout import content_columns
from synth.generators.keys.identifiers import identifier_from, make, survey_identifiers
from synth.generators.keys.public import public_statistics, read_public
from synth.peers.frames import PARENT, ROW, cells_of, frame_of, metadata_of
from synth.peers.synthesizers import Synthesizer, load_class, synthesizer

WARNING = "no support guarantee, pickle inside: for comparison only, never for release"
BLOCK_ROWS = 50_000


@dataclass(frozen=True)
class Peer:
    """A fitted synthesizer: `model` holds the catalog and how keys are made, `synthesizer` is SDV's object."""

    model: Model
    synthesizer: Any


def fit_peer(dataset: Dataset, name: str) -> Peer:
    """Fit the synthesizer called `name`.

    Raises UserError when SDV is not installed, or the tables are not of the shape that it takes.
    """
    chosen = synthesizer(name)
    build = load_class(chosen)
    say(f"{name}: {WARNING}")
    with Ordered(dataset) as ordered:
        identifiers = survey_identifiers(ordered)
        made = {(each.table, each.column) for each in identifiers}
        tables = _tables(ordered.forest, dataset.catalog, chosen, made)
        frames = {table: frame_of(ordered, node, columns) for table, (node, columns) in tables.items()}
        learned = _fitted(build, chosen, tables, frames)
        statistics, arrays = public_statistics(ordered)
        persons = ordered.rows(next(iter(tables)))
    documents: dict[str, list[dict[str, Any]]] = {}
    for each in identifiers:
        documents.setdefault(each.table, []).append(each.document())
    bare = replace(dataset.catalog, tables=tuple(replace(table, path=None) for table in dataset.catalog.tables))
    receipt = {"generator": name, "persons": persons, "warning": WARNING, "min_persons": 0, "smallest_support": 0}
    return Peer(Model(name, bare, tuple(statistics), arrays, {"identifiers": documents}, receipt), learned)


def _tables(
    forest: Forest, catalog: Catalog, chosen: Synthesizer, made: set[tuple[str, str]]
) -> dict[str, tuple[Node, list[Column]]]:
    """The tables that are learned, the person's first. Raises UserError when they are of another shape."""
    if catalog.person is None:
        raise UserError(
            "the catalog does not say who the person is", remedy='add "synth:person": {"table": ..., "key": [...]}'
        )
    root = catalog.person.table
    nodes = [node for node in forest.nodes if not node.table.public]
    for node in nodes:
        if node.root != root:
            raise UserError("SDV's synthesizers take tables below the person's only", table=node.name, remedy=_OTHER)
        for key in node.links:
            if not forest.node(key.target).table.public and any(not _nullable(node, name) for name in key.columns):
                raise UserError("SDV's synthesizers cannot fill this reference", table=node.name, remedy=_OTHER)
    nodes.sort(key=lambda node: node.name != root)
    _require_shape(chosen, nodes)
    return {node.name: (node, content_columns(node, made)) for node in nodes}


_OTHER = "use one of our own generators, such as trees"


def _nullable(node: Node, name: str) -> bool:
    parent = node.parent.columns if node.parent is not None else ()
    return node.table.column(name).nullable or name in parent


def _require_shape(chosen: Synthesizer, nodes: list[Node]) -> None:
    if chosen.shape == "one table" and len(nodes) > 1:
        raise UserError(
            f"{chosen.name} takes one table, and there are {len(nodes)}",
            remedy="use sdv-hma, or one of our own generators",
        )
    if chosen.shape == "one sequence" and (len(nodes) != 2 or not nodes[1].table.order_by):
        raise UserError(
            f"{chosen.name} takes the person's table and one table below it, in order",
            remedy="declare `synth:orderBy`, or use one of our own generators",
        )


def _fitted(
    build: Any, chosen: Synthesizer, tables: Mapping[str, tuple[Node, list[Column]]], frames: Mapping[str, Any]
) -> Any:
    from sdv.metadata import Metadata

    if chosen.shape == "one sequence":
        return _fitted_sequence(build, tables, frames)
    made = build(Metadata.load_from_dict(metadata_of(tables)))
    made.fit(dict(frames))
    return made


def _fitted_sequence(build: Any, tables: Mapping[str, tuple[Node, list[Column]]], frames: Mapping[str, Any]) -> Any:
    """One flat table: a sequence for each person, whose own columns are its context."""
    from sdv.metadata import Metadata

    (person, (_, above)), (child, (node, below)) = tables.items()
    renamed = frames[person].drop(columns=[ROW]).add_prefix("person: ")
    flat = frames[child].drop(columns=[ROW]).join(renamed, on=PARENT)
    described = metadata_of({child: (replace(node, parent=None), below)})
    fields = described["tables"][child]["columns"]
    fields.pop(ROW)
    others = metadata_of({person: (tables[person][0], above)})["tables"][person]["columns"]
    fields |= {f"person: {name}": kind for name, kind in others.items() if name != ROW} | {PARENT: {"sdtype": "id"}}
    order = node.table.order_by[0]
    table = {"columns": fields, "sequence_key": PARENT}
    if order in {column.name for column in below}:
        table["sequence_index"] = order
    metadata = Metadata.load_from_dict({"tables": {child: table}, "relationships": [], "METADATA_SPEC_VERSION": "V1"})
    made = build(metadata, context_columns=list(renamed.columns))
    made.fit({child: flat})
    return made


def sample_peer(peer: Peer, persons: int, seed: int) -> Iterator[tuple[str, pa.RecordBatch]]:
    """Draw tables of the catalog. The seed decides the keys and references; SDV draws by itself.

    Raises UserError when `persons` is below 1.
    """
    if persons < 1:
        raise UserError("the number of persons is below 1", remedy="ask for at least one person")
    model = peer.model
    assert model.catalog.person is not None
    forest = plant(model.catalog)
    public = {node.name: read_public(model, node.name) for node in forest.nodes if node.table.public}
    for name, table in public.items():
        for batch in table.to_batches():
            yield name, batch
    made = {(table, item["column"]) for table, items in model.plan["identifiers"].items() for item in items}
    chosen = synthesizer(model.generator)
    tables = _tables(forest, model.catalog, chosen, made)
    drawn = _drawn(peer, chosen, tables, persons)
    cells: dict[str, dict[str, pa.Array]] = {}
    for name, (node, columns) in tables.items():
        parents = _parents(drawn, node)
        cells[name] = cells_of(drawn[name], columns)
        _fill_keys(model, node, cells, parents, public, seed)
        whole = pa.table({column.name: cells[name][column.name] for column in node.table.columns})
        for batch in whole.to_batches(max_chunksize=BLOCK_ROWS):
            yield name, batch


def _drawn(
    peer: Peer, chosen: Synthesizer, tables: Mapping[str, tuple[Node, list[Column]]], persons: int
) -> dict[str, Any]:
    root = next(iter(tables))
    if chosen.shape != "one sequence":
        found: dict[str, Any] = peer.synthesizer.sample(num_rows=persons, main_table_name=root)
        return found
    child = list(tables)[1]
    flat = peer.synthesizer.sample_sequences(num_sequences=persons)[child]
    names = [column.name for column in tables[root][1]]
    context = flat.groupby(PARENT, sort=False)[[f"person: {name}" for name in names]].first().reset_index()
    above = context.rename(columns={f"person: {name}": name for name in names} | {PARENT: ROW})
    return {root: above, child: flat.assign(**{ROW: np.arange(len(flat))})}


def _parents(drawn: Mapping[str, Any], node: Node) -> np.ndarray[Any, np.dtype[np.int64]]:
    """For each drawn row the place of its parent's row."""
    if node.parent is None:
        return np.full(len(drawn[node.name]), -1, dtype=np.int64)
    above = drawn[node.parent.target]
    places = {key: place for place, key in enumerate(above[ROW].tolist())}
    return np.array([places[key] for key in drawn[node.name][PARENT].tolist()], dtype=np.int64)


def _fill_keys(
    model: Model,
    node: Node,
    cells: dict[str, dict[str, pa.Array]],
    parents: np.ndarray[Any, np.dtype[np.int64]],
    public: Mapping[str, pa.Table],
    seed: int,
) -> None:
    mine, rows = cells[node.name], len(parents)
    for item in model.plan["identifiers"].get(node.name, ()):
        identifier = identifier_from(node.name, item)
        mine[identifier.column] = make(identifier, node.table.column(identifier.column), 0, rows)
    if node.parent is not None:
        for own, theirs in zip(node.parent.columns, node.parent.target_columns, strict=True):
            if own not in mine:
                mine[own] = cells[node.parent.target][theirs].take(pa.array(parents))
    for key in node.links:
        table = public.get(key.target)
        picked = None if table is None else rng(seed, node.name, *key.columns).integers(rows, table.num_rows)
        for own, theirs in zip(key.columns, key.target_columns, strict=True):
            if own not in mine and picked is not None and table is not None:
                mine[own] = table[theirs].combine_chunks().take(pa.array(picked))
    from synth.core.dataset import arrow_type

    for column in node.table.columns:
        kind = arrow_type(column)
        mine[column.name] = mine[column.name].cast(kind) if column.name in mine else pa.nulls(rows, kind)
