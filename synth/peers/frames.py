"""Our tables as SDV wants them, and back: content columns, row numbers as keys, parents' row numbers as references."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from synth.columns.values import from_numbers, from_texts, measure, to_numbers, to_texts
from synth.core.catalog import Column
from synth.engines.forest import Node
from synth.engines.local import Ordered

if TYPE_CHECKING:
    import pandas as pd

ROW = "synth row"
PARENT = "synth parent"
_DAY = 86_400


def frame_of(ordered: Ordered, node: Node, columns: Sequence[Column]) -> pd.DataFrame:
    """The rows of a table: quantities as numbers, dates as moments, levels as texts, with row and parent numbers."""
    import pandas as pd

    frame = ordered.frame(node, 0, ordered.rows(node.name), [column.name for column in columns])
    cells: dict[str, Any] = {ROW: np.arange(frame.rows)}
    if node.parent is not None:
        cells[PARENT] = frame.parent
    for column in columns:
        cells[column.name] = _cells(frame.columns[column.name], column)
    return pd.DataFrame(cells)


def _cells(cells: pa.ChunkedArray, column: Column) -> Any:
    import pandas as pd

    if measure(column) == "level":
        return pd.Series(to_texts(cells).to_pylist(), dtype=object)
    numbers = to_numbers(cells, column)
    if column.type in ("date", "datetime"):
        return pd.to_datetime(numbers * (_DAY if column.type == "date" else 1), unit="s", errors="coerce")
    return numbers


def metadata_of(tables: Mapping[str, tuple[Node, Sequence[Column]]]) -> dict[str, Any]:
    """SDV's metadata of these tables, as the JSON it reads."""
    described: dict[str, Any] = {}
    related = []
    for name, (node, columns) in tables.items():
        fields: dict[str, Any] = {ROW: {"sdtype": "id"}}
        if node.parent is not None:
            fields[PARENT] = {"sdtype": "id"}
            related.append(
                {
                    "parent_table_name": node.parent.target,
                    "parent_primary_key": ROW,
                    "child_table_name": name,
                    "child_foreign_key": PARENT,
                }
            )
        fields |= {column.name: {"sdtype": _sdtype(column)} for column in columns}
        described[name] = {"columns": fields, "primary_key": ROW}
    return {"tables": described, "relationships": related, "METADATA_SPEC_VERSION": "V1"}


def _sdtype(column: Column) -> str:
    if measure(column) == "level":
        return "categorical"
    return "datetime" if column.type in ("date", "datetime") else "numerical"


def cells_of(frame: pd.DataFrame, columns: Sequence[Column]) -> dict[str, pa.Array]:
    """What SDV drew as cells of our types; what does not fit a required column is filled from other drawn rows."""
    return {column.name: _typed(frame[column.name], column) for column in columns}


def _typed(drawn: pd.Series[Any], column: Column) -> pa.Array:
    import pandas as pd

    missing = np.asarray(drawn.isna())
    if measure(column) == "level":
        texts = pa.array(["" if lost else str(value) for value, lost in zip(drawn, missing, strict=True)], mask=missing)
        cells = from_texts(texts, column)
    else:
        cells = from_numbers(_numbers(pd.Series(drawn), missing, column), column)
    return _required(cells) if not column.nullable else cells


def _numbers(drawn: pd.Series[Any], missing: NDArray[np.bool_], column: Column) -> NDArray[np.float64]:
    import pandas as pd

    if column.type in ("date", "datetime"):
        seconds = pd.to_datetime(drawn).astype("datetime64[s]").astype("int64").to_numpy(dtype=np.float64)
        numbers = np.floor(seconds / _DAY) if column.type == "date" else seconds
    else:
        numbers = drawn.to_numpy(dtype=np.float64)
    if column.minimum is not None or column.maximum is not None:
        numbers = np.clip(numbers, column.minimum, column.maximum)
    return np.where(missing, np.nan, numbers)


def _required(cells: pa.Array) -> pa.Array:
    import pyarrow.compute as pc

    known = cells.drop_null()
    return pc.fill_null(pc.fill_null_forward(cells), known[0]) if cells.null_count and len(known) else cells
