"""A column that repeats its parent's is drawn so, however many codes it has."""

from __future__ import annotations

from synth.core.catalog import Catalog, Column, ForeignKey, Person, Table
from synth.core.dataset import Dataset
from synth.generators import fit
from tests.unit.generators.clinic import dataset_of, sampled
from tests.unit.generators.small import KEY

TOWN = Column("town", "string", "code")
PERSONS = 600
TOWNS = [f"T{index % 40:02d}" if index % 50 else None for index in range(PERSONS)]


def claims(towns: list[str | None]) -> Dataset:
    """Two claims a person, each with the town given for it."""
    claim = Table("claim", (KEY, TOWN), foreign_keys=(ForeignKey(("id",), "person", ("id",)),))
    catalog = Catalog((Table("person", (KEY, TOWN), ("id",)), claim), Person("person", ("id",)))
    ids = [f"k{index}" for index in range(PERSONS)]
    return dataset_of(
        catalog, {"person": {"id": ids, "town": TOWNS}, "claim": {"id": [i for i in ids for _ in "ab"], "town": towns}}
    )


def agreement(made: Dataset) -> float:
    home = dict(zip(made.read("person")["id"].to_pylist(), made.read("person")["town"].to_pylist(), strict=True))
    rows = list(zip(made.read("claim")["id"].to_pylist(), made.read("claim")["town"].to_pylist(), strict=True))
    return sum(home[person] == town for person, town in rows) / len(rows)


def test_what_always_repeats_is_always_repeated() -> None:
    assert agreement(sampled(fit(claims([town for town in TOWNS for _ in "ab"])), 300)) == 1.0


def test_what_mostly_repeats_is_mostly_repeated() -> None:
    moved = [("T01" if index % 10 == 3 else town) for index, town in enumerate(t for t in TOWNS for _ in "ab")]

    assert 0.86 < agreement(sampled(fit(claims(moved)), 600)) < 0.94


def test_what_does_not_repeat_is_learned_as_it_is() -> None:
    model = fit(claims([f"T{(index * 7) % 40:02d}" for index in range(2 * PERSONS)]))

    kinds = [feature["kind"] for feature in model.plan["features"]["claim"]]
    assert "column" in kinds and "echo" not in kinds
