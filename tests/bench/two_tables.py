"""Two tables: ours beside SDV's HMA, in one run; in an environment that has the `sdv` extra.

    python tests/bench/two_tables.py --data ../shared/data --persons 500

Each set is reduced to the table of persons and one table below it, so that HMA takes it, and to `persons` of them.
Tools learn from these and draw as many. Figures as in `relational.py`: `count`, `pair` (within tables), `across`
(between a row and its person), all distances to the rows learned from; `excess` is the mean of pair and across less
that of `redrawn`, the persons drawn again with all their rows: the floor. Where a set has enough persons, `others` are
as many real ones that nobody learned from: how near rows are that owe nothing to those learned from. Seconds are of
processor time.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
from relational import Figures
from relational_sets import SETS, Tables, arranged, redrawn

from synth.core.catalog import Catalog, Column, ForeignKey, Person
from synth.core.dataset import Dataset
from synth.generators import fit, sample, synthetic_catalog
from synth.io import memory_dataset

REDUCED = {  # the set, its table of persons, their key, the table below
    "nafld: persons, laboratory": ("nafld", "nafld1", "id", "nafld2"),
    "berka: accounts, orders": ("berka", "account", "account_id", "order"),
    "berka: accounts, movements": ("berka", "account", "account_id", "trans_sample"),
    "synpuf: persons, medicines": ("synpuf_claimsdb", "person", "DESYNPUF_ID", "pde"),
}


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="folder of the reference data sets")
    parser.add_argument("--sets", default=",".join(str(i) for i in range(len(REDUCED))), help="numbers of the sets")
    parser.add_argument("--persons", type=int, default=500, help="most persons of each set")
    parser.add_argument("--tools", default="trees,sdv-hma", help="tools, separated by commas")
    arguments = parser.parse_args()
    print(f"{'set':<30}{'tool':<10}{'fit s':>8}{'draw s':>8}{'count':>8}{'pair':>8}{'across':>8}{'excess':>8}")
    names = list(REDUCED)
    for name in (names[int(number)] for number in arguments.sets.split(",")):
        real, others = reduced(arguments.data, *REDUCED[name], arguments.persons)
        floor = None
        for tool in ("redrawn", "others", *arguments.tools.split(",")):
            if tool == "others" and others is None:
                continue
            made, fitting, drawing = TOOLS[tool](real) if tool != "others" or others is None else (others, 0.0, 0.0)
            found = Figures(real, made, real)
            count, pair, across = (
                float(np.nanmean(list(group.values()))) for group in (found.counts, found.pairs, found.across)
            )
            floor = (pair + across) / 2 if floor is None else floor
            line = f"{name:<30}{tool:<10}{fitting:>8.2f}{drawing:>8.2f}{count:>8.3f}{pair:>8.3f}{across:>8.3f}"
            print(line + f"{(pair + across) / 2 - floor:>8.3f}", flush=True)


def reduced(data: Path, name: str, root: str, key: str, below: str, most: int) -> tuple[Tables, Tables | None]:
    """Two tables of a set, joined by one key, and `most` persons; and as many other ones, if there are."""
    keyed = (root, key, below)
    found = SETS[name](data)
    order = np.random.default_rng(3).permutation(found.read(root).num_rows)
    enough = len(order) >= 2 * most
    others = _two_tables(found, name, keyed, order[most : 2 * most]) if enough else None
    return _two_tables(found, name, keyed, order[:most]), others


def _two_tables(found: Dataset, name: str, keyed: tuple[str, str, str], chosen: np.ndarray) -> Tables:
    root, key, below = keyed
    refers = ForeignKey((key,), root, (key,))
    rows = {table: found.read(table) for table in (root, below)}
    rows[root] = rows[root].take(pa.array(np.sort(chosen)))
    inside = pa.compute.is_in(rows[below][key], value_set=rows[root][key].combine_chunks())
    rows[below] = rows[below].filter(inside)
    tables = []
    for table in (root, below):
        described = found.catalog.table(table)
        others = {c for each in described.foreign_keys for c in each.columns} - {key}
        columns = tuple(_plain(c, key) for c in described.columns if c.name not in others)
        rows[table] = rows[table].select([column.name for column in columns])
        keys = (refers,) if table == below else ()
        primary = (key,) if table == root else tuple(n for n in described.primary_key if n not in others)
        tables.append(replace(described, columns=columns, foreign_keys=keys, primary_key=primary, unique_keys=()))
    return arranged(memory_dataset(Catalog(tuple(tables), Person(root, (key,)), name), rows))


def _plain(column: Column, key: str) -> Column:
    return replace(column, role="key", nullable=False) if column.name == key else column


Made = tuple[Tables, float, float]


def trees(real: Tables) -> Made:
    """Ours, at default settings."""
    start = time.process_time()
    model = fit(real.dataset())
    middle = time.process_time()
    batches = list(sample(model, _persons(real), 1))
    drawing = time.process_time() - middle
    return _arranged(synthetic_catalog(model), real, batches), middle - start, drawing


def hma(real: Tables) -> Made:
    """SDV's HMA at default settings."""
    from synth.peers import fit_peer, sample_peer

    start = time.process_time()
    peer = fit_peer(real.dataset(), "sdv-hma")
    middle = time.process_time()
    batches = list(sample_peer(peer, _persons(real), 1))
    drawing = time.process_time() - middle
    return _arranged(synthetic_catalog(peer.model), real, batches), middle - start, drawing


def _persons(real: Tables) -> int:
    assert real.catalog.person is not None
    return real.arrow[real.catalog.person.table].num_rows


def _arranged(catalog: Catalog, real: Tables, batches: list[tuple[str, pa.RecordBatch]]) -> Tables:
    of_table = {name: [batch for other, batch in batches if other == name] for name in real.arrow}
    return arranged(
        memory_dataset(catalog, {n: pa.Table.from_batches(of_table[n], real.arrow[n].schema) for n in of_table})
    )


TOOLS: dict[str, Callable[[Tables], Made]] = {
    "redrawn": lambda real: (redrawn(real), 0.0, 0.0),
    "trees": trees,
    "sdv-hma": hma,
}

if __name__ == "__main__":
    main()
