"""Splitting: disjoint persons, all their rows with them, the same part whatever else is in the tables."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from synth.core.catalog import Catalog, Column, ForeignKey, Person, Table
from synth.core.dataset import Dataset
from synth.core.errors import UserError
from synth.core.jsontext import read_json
from synth.io import dataset_digest, dataset_digests, memory_dataset, open_dataset
from synth.split import check_seal, split_dataset

KEY = ("nir", "rank")
PERSON = Table(
    "person",
    (Column("nir", "string"), Column("rank", "integer"), Column("friend", "string"), Column("friend rank", "integer")),
    primary_key=KEY,
    foreign_keys=(ForeignKey(("friend", "friend rank"), "person", KEY),),
)
STAY = Table(
    "stay",
    (Column("stay", "integer"), Column("nir", "string"), Column("rank", "integer"), Column("hospital", "string")),
    primary_key=("stay",),
    foreign_keys=(ForeignKey(KEY, "person", KEY), ForeignKey(("hospital",), "hospital", ("code",))),
)
ACT = Table(
    "act", (Column("stay", "integer"), Column("n", "integer")), foreign_keys=(ForeignKey(("stay",), "stay", ("stay",)),)
)
HOSPITAL = Table("hospital", (Column("code", "string"),), primary_key=("code",), public=True)
CATALOG = Catalog((ACT, STAY, PERSON, HOSPITAL), Person("person", KEY))
COUNT = 300


def _tables(count: int = COUNT, friends: bool = False) -> dict[str, pa.Table]:
    nirs = [f"{number // 2:03}" for number in range(count)]
    ranks = [number % 2 for number in range(count)]
    friend = [(nirs[n - 1], ranks[n - 1]) if friends and n % 3 == 1 else (None, None) for n in range(count)]
    stays = list(range(2 * count))
    return {
        "person": pa.table(
            {
                "nir": nirs,
                "rank": ranks,
                "friend": pa.array([one for one, _ in friend], pa.string()),
                "friend rank": pa.array([other for _, other in friend], pa.int64()),
            }
        ),
        "stay": pa.table(
            {
                "stay": stays,
                "nir": [nirs[n % count] for n in stays],
                "rank": [ranks[n % count] for n in stays],
                "hospital": ["A", "B"] * count,
            }
        ),
        "act": pa.table({"stay": [n // 2 for n in range(4 * count)], "n": list(range(4 * count))}),
        "hospital": pa.table({"code": ["A", "B"]}),
    }


def _persons(dataset: Dataset, table: str = "person") -> list[tuple[Any, ...]]:
    rows = dataset.read(table, KEY).to_pylist()
    return [(row["nir"], row["rank"]) for row in rows]


def _split(tables: dict[str, pa.Table], out: Path, **options: Any) -> tuple[dict[str, Any], dict[str, Dataset]]:
    document = split_dataset(memory_dataset(CATALOG, tables), out, **{"seed": 5, **options})
    return document, {name: open_dataset(out / name) for name in document["parts"]}


def test_parts_are_disjoint_and_whole(tmp_path: Path) -> None:
    tables = _tables()
    document, parts = _split(tables, tmp_path / "out")
    persons = [set(_persons(part)) for part in parts.values()]
    assert sum(map(len, persons)) == COUNT == len(set.union(*persons))
    for name, part in parts.items():
        mine = set(_persons(part))
        assert set(_persons(part, "stay")) <= mine
        stays = set(part.read("stay")["stay"].to_pylist())
        assert set(part.read("act")["stay"].to_pylist()) <= stays
        assert part.read("hospital")["code"].to_pylist() == ["A", "B"]
        assert document["parts"][name]["rows"]["person"] == len(mine) == document["parts"][name]["persons"]
    for table in ("person", "stay", "act"):
        assert sum(part.read(table).num_rows for part in parts.values()) == tables[table].num_rows
    assert document["copied"] == ["hospital"]


def test_shares_are_met_up_to_chance(tmp_path: Path) -> None:
    document, _ = _split(_tables(2000), tmp_path / "out")
    counts = [part["persons"] for part in document["parts"].values()]
    for count, expected in zip(counts, (1200, 400, 400), strict=True):
        assert abs(count - expected) < 100


def test_the_part_depends_on_the_key_and_the_seed_alone(tmp_path: Path) -> None:
    _, parts = _split(_tables(), tmp_path / "all")
    backwards = _tables()
    backwards["person"] = backwards["person"].take(list(range(COUNT))[::-1])
    _, again = _split(backwards, tmp_path / "backwards", format="csv")
    fewer = _tables(COUNT // 2)
    _, half = _split(fewer, tmp_path / "half")
    _, other = _split(_tables(), tmp_path / "other", seed=6)
    for name, part in parts.items():
        assert set(_persons(part)) == set(_persons(again[name]))
        assert set(_persons(half[name])) <= set(_persons(part))
        assert set(_persons(part)) != set(_persons(other[name]))


def test_rows_keep_their_order(tmp_path: Path) -> None:
    _, parts = _split(_tables(), tmp_path / "out")
    for part in parts.values():
        numbers = part.read("act")["n"]
        assert numbers.to_pylist() == sorted(numbers.to_pylist())


def test_the_split_is_sealed(tmp_path: Path) -> None:
    document, parts = _split(_tables(), tmp_path / "out", format="csv")
    assert read_json(tmp_path / "out" / "split.json") == document
    assert document["seed"] == 5
    assert document["parts"]["train"]["digest"] == dataset_digest(parts["train"])
    assert document["source"] == dataset_digests(memory_dataset(CATALOG, _tables()))
    check_seal(tmp_path / "out")
    with (tmp_path / "out" / "holdout" / "act.csv").open("a") as stream:
        stream.write("1,1\n")
    with pytest.raises(UserError, match="changed") as error:
        check_seal(tmp_path / "out")
    assert error.value.table == "act"


def test_references_across_parts_are_emptied_and_counted(tmp_path: Path) -> None:
    document, parts = _split(_tables(friends=True), tmp_path / "out")
    (cut,) = document["references_emptied"]
    kept = 0
    for part in parts.values():
        rows = part.read("person")
        kept += rows.num_rows - rows["friend"].null_count
        here = set(_persons(part))
        friends = zip(rows["friend"].to_pylist(), rows["friend rank"].to_pylist(), strict=True)
        assert {friend for friend in friends if friend[0] is not None} <= here
    assert (cut["table"], cut["columns"]) == ("person", ["friend", "friend rank"])
    assert 0 < cut["rows"] == COUNT // 3 - kept


def test_linked_persons_stay_together_when_asked(tmp_path: Path) -> None:
    document, parts = _split(_tables(friends=True), tmp_path / "out", together=True)
    assert document["references_emptied"] == []
    friends = sum(part.read("person")["friend"].drop_null().length() for part in parts.values())
    assert friends == COUNT // 3
    assert 120 < document["parts"]["train"]["persons"] < 240


def test_a_reference_that_cannot_be_emptied_is_refused(tmp_path: Path) -> None:
    columns = (*PERSON.columns[:2], Column("friend", "string", nullable=False), PERSON.columns[3])
    person = Table("person", columns, KEY, PERSON.foreign_keys)
    catalog = Catalog((person,), CATALOG.person)
    nirs = [f"{number:03}" for number in range(COUNT)]
    rows = {"nir": nirs, "rank": [0] * COUNT, "friend": nirs[::-1], "friend rank": [0] * COUNT}
    dataset = memory_dataset(catalog, {"person": pa.table(rows)})
    with pytest.raises(UserError, match="--together"):
        split_dataset(dataset, tmp_path / "out", 5)
    assert not (tmp_path / "out").exists()
    split_dataset(dataset, tmp_path / "out", 5, together=True)


def test_a_row_without_person_is_refused(tmp_path: Path) -> None:
    tables = _tables()
    emptied = pc.if_else(pc.equal(tables["act"]["n"], 41), pa.scalar(None, pa.int64()), tables["act"]["stay"])
    tables["act"] = tables["act"].set_column(0, "stay", emptied)
    with pytest.raises(UserError, match="leads to no person") as error:
        _split(tables, tmp_path / "out")
    assert (error.value.table, error.value.row) == ("act", 42)
    assert not (tmp_path / "out").exists()


def test_another_key_finds_the_person_where_the_first_is_missing(tmp_path: Path) -> None:
    visit = Table(
        "visit",
        (Column("v", "integer"), Column("p", "integer", nullable=False)),
        ("v",),
        (ForeignKey(("p",), "p", ("p",)),),
    )
    act = Table(
        "act",
        (Column("v", "integer"), Column("p", "integer")),
        foreign_keys=(ForeignKey(("v",), "visit", ("v",)), ForeignKey(("p",), "p", ("p",))),
    )
    catalog = Catalog((Table("p", (Column("p", "integer"),), ("p",)), visit, act), Person("p", ("p",)))
    numbers = list(range(50))
    tables = {
        "p": pa.table({"p": numbers}),
        "visit": pa.table({"v": numbers, "p": numbers}),
        "act": pa.table({"v": pa.array([None, *numbers[1:]]), "p": pa.array([0, *[None] * 49], pa.int64())}),
    }
    document = split_dataset(memory_dataset(catalog, tables), tmp_path / "out", 1)
    for part in document["parts"].values():
        assert part["rows"]["act"] == part["persons"]


def test_a_share_of_zero_makes_no_part(tmp_path: Path) -> None:
    document, parts = _split(_tables(), tmp_path / "out", shares=(0.5, 0.5, 0))
    assert list(parts) == ["train", "holdout"]
    assert not (tmp_path / "out" / "reference").exists()
    assert document["shares"] == {"train": 0.5, "holdout": 0.5, "reference": 0.0}
