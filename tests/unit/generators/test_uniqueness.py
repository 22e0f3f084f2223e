"""Keys of dates and codes: rows that would share one are moved apart, or dropped."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import numpy as np
import pyarrow as pa

from synth.core.catalog import Catalog, Column, ForeignKey, Person, Table
from synth.engines.forest import plant
from synth.generators.drawing.drawn import Drawn
from synth.generators.drawing.uniqueness import keep_unique
from tests.unit.generators.small import KEY

DAY = Column("day", "date", "date", False)
CODE = Column("code", "string", "code")


def drawn(primary: tuple[str, ...], ids: list[str], **cells: list[Any]) -> Drawn:
    table = Table("v", (KEY, DAY, CODE), primary, (ForeignKey(("id",), "p", ("id",)),))
    node = plant(Catalog((Table("p", (KEY,), ("id",)), table), Person("p", ("id",)))).node("v")
    rows = np.arange(len(ids))
    made = Drawn(node, rows, rows, np.zeros((len(ids), 0), dtype=np.int64))
    made.cells["id"] = pa.array(ids)
    for name, values in cells.items():
        made.cells[name] = pa.array(values)
        if name == "day":
            made.numbers[name] = np.array([(value - date(1970, 1, 1)).days for value in values], dtype=float)
    return made


START = date(2024, 2, 28)


def test_a_date_in_the_key_is_moved_on_until_it_is_free() -> None:
    made = drawn(("id", "day"), ["a", "a", "a", "b"], day=[START, START, START + timedelta(1), START])

    assert keep_unique(made) == 0
    pairs = list(zip(made.cells["id"].to_pylist(), made.cells["day"].to_pylist(), strict=True))
    assert len(set(pairs)) == 4
    assert pairs[0] == ("a", START) and pairs[3] == ("b", START)


def test_rows_that_cannot_be_moved_are_dropped() -> None:
    made = drawn(("id", "code"), ["a", "a", "b"], code=["x", "x", "x"])

    assert keep_unique(made) == 1
    assert made.cells["id"].to_pylist() == ["a", "b"]
    assert made.rows == 2


def test_a_key_with_a_missing_part_is_nobodys() -> None:
    made = drawn(("id", "code"), ["a", "a"], code=[None, None])

    assert keep_unique(made) == 0


def test_other_columns_may_repeat() -> None:
    assert keep_unique(drawn(("id",), ["a", "b"], code=["x", "x"])) == 0
