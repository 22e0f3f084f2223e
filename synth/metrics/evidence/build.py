"""Read every side once, table by table, and code it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from synth.core.catalog import Catalog, ForeignKey, Table
from synth.core.dataset import Dataset
from synth.core.errors import UserError
from synth.core.joins import parents_first, person_paths
from synth.core.progress import track
from synth.metrics.analyses import find_analyses
from synth.metrics.analyses.columns import read_named, wanted_places
from synth.metrics.evidence.coding import CodedTable, code_column
from synth.metrics.evidence.keys import distinct_rows, identifiers, match_rows, renamed, root_table
from synth.metrics.evidence.model import Evidence, Layout, Plan, RoleName, Rows, Side
from synth.metrics.evidence.snds import linked_places

CELLS_HELD = 20_000_000  # cells of a table that are held as they were read


@dataclass
class _Draft:
    """One side while it is being read; key columns are kept only until its last table is joined."""

    role: RoleName
    dataset: Dataset
    keys: dict[str, dict[str, pa.Array]] = field(default_factory=dict)
    tables: dict[str, Rows] = field(default_factory=dict)
    links: dict[tuple[str, int], tuple[int, int]] = field(default_factory=dict)
    persons: int = 0
    followed: dict[tuple[str, ForeignKey], tuple[NDArray[np.int32], NDArray[np.bool_]]] = field(default_factory=dict)


def build_evidence(
    train: Dataset,
    holdout: Dataset | None,
    synthetic: Dataset,
    reference: Dataset | None = None,
    plan: Plan | None = None,
) -> Evidence:
    """Code all sides by the train catalog.

    Raises UserError when a side lacks one of its tables or columns, or the plan names keys that are not there.
    """
    catalog = train.catalog
    given: tuple[tuple[RoleName, Dataset | None], ...] = (
        ("train", train),
        ("holdout", holdout),
        ("reference", reference),
        ("synthetic", synthetic),
    )
    drafts = [_Draft(role, dataset) for role, dataset in given if dataset is not None]
    for draft in drafts:
        _require_same_tables(catalog, draft)
    root = root_table(catalog)
    plan = plan or Plan()
    analyses = find_analyses(catalog, plan.analyses, root)
    wanted = wanted_places(catalog, analyses, root) | linked_places(catalog)
    layouts = {}
    for name in track(parents_first(catalog), "reading tables", len(catalog.tables)):
        layout = _read_table(catalog, catalog.table(name), root, drafts)
        if layout is not None:
            layouts[name] = layout
    _require_known_keys(plan, root, layouts)
    sides = {draft.role: Side(draft.role, draft.persons, draft.tables, draft.links) for draft in drafts}
    return Evidence(
        catalog=catalog,
        unit=f"one row of {root}" if catalog.person is None else f"{root} ({', '.join(catalog.person.key)})",
        layouts=layouts,
        train=sides["train"],
        synthetic=sides["synthetic"],
        holdout=sides.get("holdout"),
        reference=sides.get("reference"),
        plan=plan,
        shared_persons=_shared_persons(catalog, drafts),
        analyses=analyses,
        named={draft.role: read_named(wanted, draft.dataset) for draft in drafts},
    )


def _shared_persons(catalog: Catalog, drafts: Sequence[_Draft]) -> int:
    person = catalog.person
    by_role = {draft.role: draft for draft in drafts}
    if person is None or "holdout" not in by_role:
        return 0
    ours, theirs = ([by_role[role].keys[person.table][name] for name in person.key] for role in ("train", "holdout"))
    found, _ = match_rows(theirs, ours)
    return int((found >= 0).sum())


def _require_same_tables(catalog: Catalog, draft: _Draft) -> None:
    theirs = draft.dataset.catalog
    for table in catalog.tables:
        if table.public:
            continue
        if table.name not in theirs.table_names:
            raise UserError(
                f"the {draft.role} tables lack one of the train tables",
                file=draft.dataset.origin or None,
                table=table.name,
                remedy="give tables of the same catalog",
            )
        missing = [name for name in table.column_names if not theirs.table(table.name).has(name)]
        if missing:
            raise UserError(
                f"the {draft.role} table lacks one of the train columns",
                file=draft.dataset.origin or None,
                table=table.name,
                column=missing[0],
                remedy="give tables of the same catalog",
            )


def _require_known_keys(plan: Plan, root: str, layouts: Mapping[str, Layout]) -> None:
    """A key set that silently lost a column would make a weaker attack than the publisher declared."""
    there = [f"{root}.{feature.name}" for feature in layouts[root].features] if root in layouts else []
    for place, key in enumerate(plan.keys, start=1):
        if key not in there:
            raise UserError(
                f"key {place} of those an attacker is taken to know is no column of the persons' table {root}",
                remedy=f"write {root}.COLUMN, with a column that is not an identifier",
            )


def _read_table(catalog: Catalog, table: Table, root: str, drafts: Sequence[_Draft]) -> Layout | None:
    if table.public:
        for draft in drafts:
            if table.name in draft.dataset.catalog.table_names:
                _keep_keys(draft, table, draft.dataset.read(table.name, _key_columns(catalog, table)))
        return None
    lengths = []
    for draft in drafts:
        rows = draft.dataset.read(table.name, _key_columns(catalog, table) or table.column_names[:1])
        _keep_keys(draft, table, rows.select(_key_columns(catalog, table)))
        _count_links(draft, table)
        lengths.append(rows.num_rows)
    coded = _code_table(catalog, table, drafts, lengths)
    paths = person_paths(catalog)
    path = paths.get(table.name)
    is_person = table.name == root
    layout = Layout(
        table=table.name,
        features=tuple(coded.features),
        parent=path.keys[0] if path is not None and path.keys else None,
        of_persons=is_person or path is not None,
        is_person=is_person,
    )
    layout = replace(layout, order_by=_order(table, layout))
    bins = coded.finish()
    begin = 0
    for draft, length in zip(drafts, lengths, strict=True):
        part = slice(begin, begin + length)
        begin += length
        person, parent = _belonging(catalog, draft, table, layout, length)
        numbers = {place: values[part] for place, values in coded.numbers.items()}
        draft.tables[table.name] = Rows(
            person, parent, bins[part], numbers, coded.exact[part], coded.bare[part], layout.order_by
        )
    return layout


def _order(table: Table, layout: Layout) -> tuple[int, ...]:
    places = [layout.index(name) for name in table.order_by]
    dated = [place for place, feature in enumerate(layout.features) if feature.date]
    return tuple(place for place in places if place is not None) or tuple(dated[:1])


def _key_columns(catalog: Catalog, table: Table) -> list[str]:
    names = set(table.key_columns)
    if catalog.person is not None and catalog.person.table == table.name:
        names.update(catalog.person.key)
    for other in catalog.tables:
        for key in other.foreign_keys:
            if key.target == table.name:
                names.update(key.target_columns)
    return [name for name in table.column_names if name in names]


def _keep_keys(draft: _Draft, table: Table, rows: pa.Table) -> None:
    draft.keys[table.name] = {name: _whole(rows.column(name)) for name in rows.column_names}


def _whole(column: pa.ChunkedArray) -> pa.Array:
    return pa.concat_arrays(column.chunks) if column.num_chunks else pa.array([], type=column.type)


def _count_links(draft: _Draft, table: Table) -> None:
    for position, key in enumerate(table.foreign_keys):
        if key.target in draft.keys:
            found, whole = _follow(draft, table.name, key)
            draft.links[(table.name, position)] = (int((found >= 0).sum()), int(whole.sum()))


def _follow(draft: _Draft, table: str, key: ForeignKey) -> tuple[NDArray[np.int32], NDArray[np.bool_]]:
    if (table, key) not in draft.followed:
        mine = [draft.keys[table][name] for name in key.columns]
        theirs = [draft.keys[key.target][name] for name in key.target_columns]
        draft.followed[(table, key)] = match_rows(mine, theirs)
    return draft.followed[(table, key)]


def _code_table(catalog: Catalog, table: Table, drafts: Sequence[_Draft], lengths: Sequence[int]) -> CodedTable:
    """Code the columns one by one, read a few at a time where a table is large, so that none is held for long."""
    always, perhaps = identifiers(catalog, table)
    real = np.repeat([draft.role in ("train", "holdout") for draft in drafts], lengths)
    synthetic = np.repeat([draft.role == "synthetic" for draft in drafts], lengths)
    coded = CodedTable(sum(lengths))
    columns = [column for column in table.columns if column.name not in always]
    together = max(4, CELLS_HELD // max(sum(lengths), 1))
    read: list[pa.Table] = []
    for place, column in enumerate(columns):
        if place % together == 0:
            names = [each.name for each in columns[place : place + together]]
            read = [draft.dataset.read(table.name, names) for draft in drafts]
        chunks = [chunk for rows in read for chunk in rows.column(column.name).chunks]
        read = [rows.drop_columns(column.name) for rows in read]
        values = _whole(pa.chunked_array(chunks or [[]]))
        del chunks
        if column.name in perhaps and renamed(values, synthetic):
            continue
        coded.add(code_column(column, values, real), column.name in table.key_columns)
    return coded


def _belonging(
    catalog: Catalog, draft: _Draft, table: Table, layout: Layout, length: int
) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """The person and the parent row of each row; rows of a table without persons stand for themselves."""
    nobody = np.full(length, -1, dtype=np.int32)
    if layout.is_person:
        if catalog.person is None:
            person, count = np.arange(length, dtype=np.int32), length
        else:
            person, count = distinct_rows([draft.keys[table.name][name] for name in catalog.person.key])
        draft.persons = count
        return person, nobody
    if layout.parent is None:
        return np.arange(length, dtype=np.int32), nobody
    parent, _ = _follow(draft, table.name, layout.parent)
    owners: Mapping[str, Rows] = draft.tables
    above = owners[layout.parent.target].person
    person = np.where(parent >= 0, above[parent] if len(above) else np.int32(-1), np.int32(-1)).astype(np.int32)
    return person, parent
