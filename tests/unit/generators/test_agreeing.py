"""References of which a part of the key is filled already: only rows that agree with it are named."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pyarrow as pa

from synth.core.catalog import Catalog, Column, ForeignKey, Person, Table
from synth.core.seeds import rng
from synth.engines.forest import plant
from synth.generators.drawing.drawn import Drawn, no_codes
from synth.generators.drawing.linking import Referential, agreeing
from synth.generators.keys.links import Link

KEY = ForeignKey(("site", "ward"), "ward", ("site", "ward"))
COLUMNS = (Column("site", "string", "key", True), Column("ward", "integer", "key", True))
CATALOG = Catalog(
    (
        Table("ward", COLUMNS, ("site", "ward")),
        Table("p", (Column("id", "string", "key", False), *COLUMNS), ("id",), (KEY,)),
    ),
    Person("p", ("id",)),
)


def named(given: dict[int, pa.Array], wards: pa.Table, rows: int) -> np.ndarray:
    """The ward that each row names, given cells of the key by their places."""
    everyone = np.arange(rows)
    drawn = Drawn(plant(CATALOG).node("p"), everyone, everyone, no_codes(rows, 0))
    drawn.cells.update({KEY.columns[place]: cells for place, cells in given.items()})
    table = Referential(wards, np.ones(wards.num_rows))
    return agreeing(table, Link("p", 0, KEY, "other", False), drawn, list(given), everyone, rng(0, "agreeing"))


def test_rows_name_evenly_what_agrees_and_nothing_else() -> None:
    wards = pa.table({"site": pa.chunked_array([["a", "b"], ["a", None, "a"]]), "ward": [1, 2, 3, 4, 5]})
    found = named({0: pa.array(["a", "b", "é", None] * 300)}, wards, 1200).reshape(300, 4)

    assert set(Counter(found[:, 0].tolist())) == {0, 2, 4}
    assert min(Counter(found[:, 0].tolist()).values()) > 70
    assert set(found[:, 1].tolist()) == {1}
    assert set(found[:, 2].tolist()) == {-1}
    assert set(found[:, 3].tolist()) == {3}


def test_every_given_part_of_the_key_must_agree() -> None:
    wards = pa.table({"site": ["a", "a", "b"], "ward": [1, 2, 2]})
    cells = {0: pa.array(["a", "a", "b", "b"]), 1: pa.array([1, 2, 2, 1])}

    assert named(cells, wards, 4).tolist() == [0, 1, 2, -1]
