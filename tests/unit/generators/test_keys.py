"""Made-up identifiers are unique over blocks, marked, and as wide as the column allows."""

from __future__ import annotations

import pytest

from synth.core.catalog import Catalog, Column, ForeignKey, Marker, Person, Table
from synth.core.errors import UserError
from synth.generators import fit
from synth.generators.keys.identifiers import BLOCK_ROWS, Identifier, make
from tests.unit.generators.clinic import dataset_of, sampled
from tests.unit.generators.reading import faults, values
from tests.unit.generators.small import KEY, persons_with

TEXT = Column("id", "string", "key", False)
WHOLE = Column("id", "integer", "key", False)


def identifier(width: int = 12, **marker: object) -> Identifier:
    return Identifier("p", "id", width, Marker(**marker), True)


def test_texts_begin_with_the_prefix_and_count_in_base_36() -> None:
    assert make(identifier(prefix="SYN"), TEXT, 0, 37).to_pylist()[::36] == ["SYN000000000", "SYN000000010"]


def test_numbers_go_down_from_minus_one() -> None:
    assert make(identifier(start=-1, step=-1), WHOLE, 0, 3).to_pylist() == [-1, -2, -3]
    assert make(identifier(start=-1, step=-1), WHOLE, 1, 1).to_pylist() == [-1 - BLOCK_ROWS]


@pytest.mark.parametrize("column", [TEXT, WHOLE])
def test_blocks_never_share_an_identifier(column: Column) -> None:
    marker = {"prefix": "SYN"} if column is TEXT else {"start": -1, "step": -1}
    made = [value for block in range(4) for value in make(identifier(**marker), column, block, 500).to_pylist()]

    assert len(set(made)) == 2_000


def test_a_key_without_room_is_told() -> None:
    with pytest.raises(UserError, match="no room") as refused:
        make(identifier(width=5, prefix="SYN"), TEXT, 0, 36**2 + 1)
    assert (refused.value.table, refused.value.column) == ("p", "id")
    assert len(make(identifier(width=5, prefix="SYN"), TEXT, 0, 36**2)) == 36**2


@pytest.mark.parametrize(
    ("key", "keys", "first"),
    [
        (Column("id", "string", "key", False, marker=Marker(prefix="FAKE-")), [f"{i}" for i in range(60)], "FAKE-"),
        (Column("id", "integer", "key", False, marker=Marker(start=9_000_000)), list(range(60)), "9000000"),
        (Column("id", "string", "key", False, maximum_length=17), [f"{i:017d}" for i in range(60)], "SYN"),
        (Column("id", "integer", "key", False, minimum=0), list(range(60)), "1000000000000000"),
    ],
)
def test_marks_can_be_chosen_and_keep_the_bounds(key: Column, keys: list, first: str) -> None:
    made = sampled(fit(persons_with(Column("x", "string"), ["a"] * 60, key, keys), "independent"), 30)

    assert str(values(made, "p", "id")[0]).startswith(first)
    assert faults(made) == []
    assert not set(keys) & set(values(made, "p", "id"))


def test_every_part_of_the_data_agrees_on_a_key() -> None:
    """Two children tables and a grandchild, composite keys: joins give back every row."""
    numbered = (KEY, Column("n", "integer", "key", False))
    to_p, to_a = ForeignKey(("id",), "p", ("id",)), ForeignKey(("id", "n"), "a", ("id", "n"))
    catalog = Catalog(
        (
            Table("p", (KEY,), ("id",)),
            Table("a", numbered, ("id", "n"), (to_p,)),
            Table("b", numbered, ("id", "n"), (to_p,)),
            Table("c", (*numbered, Column("m", "integer", "key", False)), ("id", "n", "m"), (to_a, to_p)),
        ),
        Person("p", ("id",)),
    )
    keys = [f"k{i}" for i in range(50)]
    rows = {"id": keys * 2, "n": [1] * 50 + [2] * 50}
    made = sampled(
        fit(dataset_of(catalog, {"p": {"id": keys}, "a": rows, "b": rows, "c": rows | {"m": [7] * 100}}), "trees"), 80
    )

    assert faults(made) == []
    a, c = (made.read(name).select(["id", "n"]).to_pylist() for name in ("a", "c"))
    assert {tuple(row.values()) for row in c} <= {tuple(row.values()) for row in a}
    assert len(a) == 160
