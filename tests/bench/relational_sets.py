"""The relational sets of the bench: their catalogs, their rows in the order of their units, and parts of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa

from synth.columns.values import measure
from synth.core.catalog import Catalog, ForeignKey, Person, Table
from synth.core.dataset import Dataset
from synth.engines.forest import Forest, Node
from synth.engines.local import Ordered
from synth.infer import infer_catalog
from synth.io import memory_dataset, open_dataset

Rows = np.ndarray
RECIPES = Path(__file__).parents[2] / "datasets"


@dataclass(frozen=True)
class Tables:
    """Tables in the order of their units: for each row its unit, and the row that each of its references names."""

    catalog: Catalog
    forest: Forest
    arrow: Mapping[str, pa.Table]
    units: Mapping[str, Rows]
    keys: Mapping[tuple[str, ForeignKey], Rows]

    def dataset(self) -> Dataset:
        """The same rows as a data set in memory."""
        return memory_dataset(self.catalog, dict(self.arrow))

    def frame(self, table: str) -> pd.DataFrame:
        """One table as a data frame."""
        return self.arrow[table].to_pandas()


def arranged(dataset: Dataset) -> Tables:
    """Read a data set in the order of its units. Rows without a parent are left out."""
    with Ordered(dataset) as ordered:
        arrow, keys = {}, {}
        for node in ordered.forest.nodes:
            arrow[node.name] = ordered.frame(node, 0, ordered.rows(node.name)).columns
            for key in node.links:
                keys[node.name, key] = ordered.targets(node, key)
            if node.parent is not None:
                keys[node.name, node.parent] = ordered.parents[node.name]
        return Tables(dataset.catalog, ordered.forest, arrow, dict(ordered.units), keys)


def loaded(name: str, data: Path) -> Tables:
    """One of SETS."""
    return arranged(SETS[name](data))


def nafld(data: Path) -> Dataset:
    """With the catalog of its recipe; a reference to a case that is not in the table is taken as missing."""
    found = open_dataset(data / "nafld", RECIPES / "nafld" / "datapackage.json")
    tables = {name: found.read(name) for name in found.catalog.table_names}
    persons = tables["nafld1"].to_pandas(types_mapper=pd.ArrowDtype)
    persons.loc[~persons["case.id"].isin(persons["id"]), "case.id"] = None
    tables["nafld1"] = pa.Table.from_pandas(persons, schema=tables["nafld1"].schema, preserve_index=False)
    return memory_dataset(found.catalog, tables)


def synpuf(data: Path) -> Dataset:
    """With a table of persons made of what the yearly table repeats; everything else refers to it."""
    path = data / "synpuf_claimsdb"
    drafted, _ = infer_catalog(path)
    found = open_dataset(path, drafted)
    tables = {name: found.read(name) for name in drafted.table_names}
    constant = ["DESYNPUF_ID", "BENE_BIRTH_DT", "BENE_SEX_IDENT_CD", "BENE_RACE_CD"]
    yearly = drafted.table("bene")
    key = yearly.column("DESYNPUF_ID")
    first = ~tables["bene"]["DESYNPUF_ID"].to_pandas().duplicated()
    columns = tuple(replace(yearly.column(name), nullable=False) for name in constant)
    tables["person"] = tables["bene"].select(constant).filter(pa.array(first))
    tables["bene"] = tables["bene"].drop_columns(constant[1:])
    order = {"bene": "BENE_YEAR", "carrier": "CLM_FROM_DT", "pde": "SRVC_DT"}
    described = [Table("person", columns, ("DESYNPUF_ID",))]
    for table in drafted.tables:
        own = tuple(
            replace(key, role="key") if c.name == key.name else c
            for c in table.columns
            if table.name != "bene" or c.name not in constant[1:]
        )
        time = order.get(table.name, "CLM_FROM_DT")
        refers = (ForeignKey((key.name,), "person", (key.name,)),)
        described.append(replace(table, columns=own, foreign_keys=refers, order_by=(time,)))
    return memory_dataset(Catalog(tuple(described), Person("person", (key.name,)), "synpuf"), tables)


def berka(data: Path) -> Dataset:
    """As inferred; the movements of an account are in the order of their days, and districts are public."""
    drafted, _ = infer_catalog(data / "berka")
    tables = tuple(
        replace(table, order_by=("trans_date",)) if table.name == "trans_sample" else table
        for table in _published(drafted, "district")
    )
    return open_dataset(data / "berka", replace(drafted, tables=tables))


def mimic(data: Path) -> Dataset:
    """As inferred; the dictionaries of procedures and of laboratory items are public."""
    drafted, _ = infer_catalog(data / "mimic3_demo")
    return open_dataset(data / "mimic3_demo", replace(drafted, tables=_published(drafted, "d_cpt", "d_labitems")))


def _published(catalog: Catalog, *names: str) -> tuple[Table, ...]:
    """The tables of a catalog, some of them marked as what anyone may see."""
    return tuple(replace(table, public=table.name in names) for table in catalog.tables)


SETS: dict[str, Callable[[Path], Dataset]] = {
    "nafld": nafld,
    "synpuf_claimsdb": synpuf,
    "berka": berka,
    "mimic3_demo": mimic,
}


def half(tables: Tables, number: int) -> Tables:
    """Half of the persons, drawn by chance."""
    assert tables.catalog.person is not None
    persons = tables.arrow[tables.catalog.person.table].num_rows
    order = np.random.default_rng(7).permutation(persons)
    return some(tables, order[: persons // 2] if number == 0 else order[persons // 2 :])


def some(tables: Tables, persons: Rows) -> Tables:
    """Some of the persons, by their rows, with all that belongs to them and the rows of other trees they refer to."""
    assert tables.catalog.person is not None
    root = tables.catalog.person.table
    kept = _rows(tables, root, np.isin(np.arange(tables.arrow[root].num_rows), persons))
    for other in reversed([name for name in tables.forest.roots if name != root]):
        used = np.zeros(tables.arrow[other].num_rows, dtype=bool)
        for (table, key), rows in tables.keys.items():
            target = tables.forest.node(key.target)
            if table in kept and target.root == other and tables.forest.node(table).root != other:
                named = rows[kept[table]]
                used[tables.units[key.target][named[named >= 0]]] = True
        kept |= _rows(tables, other, used if used.any() else ~used)
    return _cut(tables, kept)


def _rows(tables: Tables, root: str, chosen: Rows) -> dict[str, Rows]:
    """The rows of every table of a tree that belong to the chosen units."""
    return {node.name: chosen[tables.units[node.name]] for node in tables.forest.tree(root)}


def _cut(tables: Tables, kept: Mapping[str, Rows]) -> Tables:
    """The kept rows; a reference to a row that is not kept is emptied."""
    arrow = {}
    for node in tables.forest.nodes:
        found = tables.arrow[node.name]
        for key in node.links:
            rows = tables.keys[node.name, key]
            lost = (rows >= 0) & ~kept[key.target][rows]
            if lost.any():
                own = _own_columns(node, key)
                for name in own:
                    cells = found[name].combine_chunks()
                    empty = pa.nulls(len(cells), cells.type)
                    place = found.column_names.index(name)
                    found = found.set_column(place, name, pa.chunked_array([pa.compute.if_else(lost, empty, cells)]))
        arrow[node.name] = found.filter(pa.array(kept[node.name]))
    return arranged(memory_dataset(tables.catalog, arrow))


def _own_columns(node: Node, key: ForeignKey) -> list[str]:
    return [name for name in key.columns if node.parent is None or name not in node.parent.columns]


def redrawn(tables: Tables, seed: int = 11) -> Tables:
    """The units of every tree drawn again with replacement, all their rows with them; keys are not made anew.

    Public tables stay as they are.
    """
    draws = np.random.default_rng(seed)
    arrow = dict(tables.arrow)
    taken: dict[str, Rows] = {}
    units = dict(tables.units)
    for root in tables.forest.roots:
        count = tables.arrow[root].num_rows
        chosen = np.sort(draws.integers(0, count, count))
        if tables.forest.node(root).table.public:
            chosen = np.arange(count)
        for node in tables.forest.tree(root):
            first = np.searchsorted(tables.units[node.name], chosen, side="left")
            size = np.searchsorted(tables.units[node.name], chosen, side="right") - first
            start = np.repeat(first - np.cumsum(size) + size, size)
            taken[node.name] = start + np.arange(int(size.sum()))
            units[node.name] = np.repeat(np.arange(count), size)
            arrow[node.name] = tables.arrow[node.name].take(pa.array(taken[node.name]))
    return Tables(tables.catalog, tables.forest, arrow, units, _moved(tables, taken, units))


def invented(tables: Tables, fewest: int) -> Tables:
    """The same rows, codes that fewer than so many persons have being others that nobody has, one for each person's.

    No tool that keeps a rule of so many persons can be nearer to the rows, unless it guesses codes from a list.
    """
    arrow = dict(tables.arrow)
    for table in (each for each in tables.catalog.tables if not each.public):
        keys = {name for names in (table.primary_key, *(key.columns for key in table.foreign_keys)) for name in names}
        for place, column in enumerate(table.columns):
            if column.type in ("string", "integer") and measure(column) == "level" and column.name not in keys:
                cells = arrow[table.name][column.name].to_pandas()
                persons = pd.Series(tables.units[table.name]).groupby(cells.to_numpy()).nunique()
                rare = cells.isin(persons.index[persons < fewest]).to_numpy()
                pairs = pd.Series(list(zip(tables.units[table.name][rare], cells[rare], strict=True)), dtype=object)
                numbers = pd.factorize(pairs)[0]
                found = cells.astype(object).where(cells.notna(), None).to_numpy(copy=True)
                found[rare] = [f"~{n}" if column.type == "string" else -1 - n for n in numbers.tolist()]
                kind = arrow[table.name].schema.field(place)
                arrow[table.name] = arrow[table.name].set_column(place, kind, pa.array(found.tolist(), type=kind.type))
    return replace(tables, arrow=arrow)


def _moved(tables: Tables, taken: Mapping[str, Rows], units: Mapping[str, Rows]) -> dict[tuple[str, ForeignKey], Rows]:
    """References among rows drawn again: to the copy in the same unit, or to any copy of what is in another."""
    found = {}
    for (table, key), rows in tables.keys.items():
        wanted = rows[taken[table]]
        same = tables.forest.node(table).root == tables.forest.node(key.target).root
        size = tables.arrow[key.target].num_rows
        unit = units[key.target] if same else np.zeros(len(taken[key.target]), dtype=np.int64)
        mine = units[table] if same else np.zeros(len(wanted), dtype=np.int64)
        code = unit * size + taken[key.target]
        order = np.argsort(code, kind="stable")
        place = np.searchsorted(code[order], mine * size + wanted)
        place = np.minimum(place, max(len(order) - 1, 0))
        hit = (code[order][place] == mine * size + wanted) & (wanted >= 0) if len(order) else wanted < -1
        found[table, key] = np.where(hit, order[place] if len(order) else -1, -1)
    return found
