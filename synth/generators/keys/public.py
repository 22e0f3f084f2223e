"""Public referentials: tables that anyone may see, carried in the model as they are, as Parquet."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from synth.core.model import Array, Model, Statistic
from synth.engines.local import Ordered


def public_statistics(ordered: Ordered) -> tuple[list[Statistic], dict[str, Array]]:
    """Each table that the catalog marks `synth:public`, whole, listed among the statistics as what it is."""
    statistics, arrays = [], {}
    for node in ordered.forest.nodes:
        if node.table.public:
            name = f"public/{node.name}"
            rows = ordered.rows(node.name)
            arrays[name] = _parquet(ordered.frame(node, 0, rows).columns)
            columns = node.table.column_names
            statistics.append(Statistic(name, node.name, columns, "public table", 0, "row", rows, {}, (name,)))
    return statistics, arrays


def _parquet(table: pa.Table) -> Array:
    sink = pa.BufferOutputStream()
    pq.write_table(table, sink, compression="zstd")
    return np.frombuffer(sink.getvalue().to_pybytes(), dtype=np.uint8)


def read_public(model: Model, table: str) -> pa.Table:
    """A public table from a model."""
    return pq.read_table(pa.BufferReader(model.arrays[f"public/{table}"].tobytes()))
