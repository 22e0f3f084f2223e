"""What every generator owes its users, whatever it learns: one kit over the literal table of generators."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from functools import cache
from itertools import groupby
from typing import Any

import pytest

from synth.core.dataset import Dataset, arrow_schema
from synth.core.errors import UserError
from synth.core.model import Model, read_model, write_model
from synth.generators import GENERATORS, fit, sample
from synth.io import dataset_digests
from tests.unit.generators.clinic import SENTINEL, clinic, sampled
from tests.unit.generators.reading import all_cells, faults, values

PERSONS = 300
TWO_BLOCKS = 4_300  # more than one block of persons is drawn, so that workers have something to share

pytestmark = pytest.mark.parametrize("name", GENERATORS)


@cache
def real() -> Dataset:
    return clinic(PERSONS)


@cache
def fitted(name: str) -> Model:
    return fit(real(), name)


@cache
def made(name: str) -> Dataset:
    return sampled(fitted(name), TWO_BLOCKS)


def by_parent(dataset: Dataset, table: str, parent: tuple[str, ...]) -> Iterator[list[dict[str, Any]]]:
    rows = dataset.read(table).to_pylist()
    for _, group in groupby(rows, key=lambda row: tuple(row[name] for name in parent)):
        yield list(group)


def test_keys_are_unique_references_resolve_and_constraints_hold(name: str) -> None:
    assert faults(real()) == []
    assert faults(made(name)) == []


def test_as_many_persons_are_drawn_as_were_asked_for(name: str) -> None:
    assert made(name).read("persons").num_rows == TWO_BLOCKS
    assert sampled(fitted(name), 1).read("persons").num_rows == 1


def test_tables_have_the_schema_of_the_real_ones(name: str) -> None:
    for table, batch in sample(fitted(name), 20, 3):
        assert batch.schema.equals(arrow_schema(real().catalog.table(table)))
    assert [t.column_names for t in made(name).catalog.tables] == [t.column_names for t in real().catalog.tables]


def test_the_same_seed_gives_the_same_tables_and_another_seed_others(name: str) -> None:
    once, again, other = (dataset_digests(sampled(fitted(name), 200, seed)) for seed in (5, 5, 6))

    assert once == again
    # every table but the public one is drawn anew
    assert {table for table in once if once[table] == other[table]} == {"specialties"}


def test_workers_change_nothing(name: str) -> None:
    assert dataset_digests(sampled(fitted(name), TWO_BLOCKS, workers=2)) == dataset_digests(made(name))


def test_the_same_data_gives_the_same_model(name: str) -> None:
    assert fit(clinic(PERSONS), name).digest == fitted(name).digest


def test_a_model_read_from_its_file_draws_the_same_tables(name: str, tmp_path) -> None:
    write_model(fitted(name), tmp_path / "model.zip")
    read = read_model(tmp_path / "model.zip")

    assert read.digest == fitted(name).digest
    assert dataset_digests(sampled(read, 100)) == dataset_digests(sampled(fitted(name), 100))


def test_events_of_a_parent_follow_one_another(name: str) -> None:
    for rows in by_parent(made(name), "visits", ("case.id",)):
        starts = [row["start"] for row in rows]
        assert starts == sorted(starts)


def test_no_stay_ends_before_it_starts(name: str) -> None:
    stays = made(name).read("visits").to_pylist()

    assert [row for row in stays if row["end"] < row["start"]] == []


def test_synthetic_keys_are_marked_and_no_real_one_is_drawn(name: str) -> None:
    keys = values(made(name), "persons", "case.id")

    assert all(key.startswith("SYN") for key in keys)
    assert all(key.startswith("SYN") for key in values(made(name), "hôpitaux", "finess"))
    assert all(number < 0 for number in values(made(name), "doctors", "doctor"))
    assert made(name).catalog.table("persons").column("case.id").marker is not None


def test_no_real_person_or_provider_is_named_anywhere(name: str) -> None:
    keys = {*values(real(), "persons", "case.id"), *values(real(), "hôpitaux", "finess")}

    assert not keys & all_cells(made(name))
    assert not set(values(real(), "doctors", "doctor")) & set(values(made(name), "visits", "doctor"))


def test_sentinels_stay_sentinels_and_are_not_blurred(name: str) -> None:
    share = {
        k: values(d, "persons", "death").count(SENTINEL) / d.read("persons").num_rows
        for k, d in (("real", real()), ("made", made(name)))
    }

    assert share["made"] == pytest.approx(share["real"], abs=0.05)
    assert [day for day in values(made(name), "persons", "death") if SENTINEL < day < date(1900, 1, 1)] == []


def test_cells_are_missing_as_often_as_they_were(name: str) -> None:
    for table, column in (("persons", "weight"), ("persons", "head"), ("visits", "doctor"), ("visits", "diagnosis")):
        share = [d.read(table)[column].null_count / d.read(table).num_rows for d in (real(), made(name))]
        assert share[1] == pytest.approx(share[0], abs=0.06), (table, column)


def test_public_tables_are_carried_over_as_they_are(name: str) -> None:
    assert made(name).read("specialties").equals(real().read("specialties"))


def test_referentials_grow_with_the_persons(name: str) -> None:
    # 40 hospitals for 300 persons, both known to the nearest multiple of 11
    assert made(name).read("hôpitaux").num_rows == pytest.approx(44 * TWO_BLOCKS / 297, rel=0.01)


@pytest.mark.parametrize(("persons", "workers"), [(0, 1), (-3, 1), (5, 0)])
def test_what_cannot_be_drawn_is_refused(name: str, persons: int, workers: int) -> None:
    with pytest.raises(UserError, match="below 1"):
        next(sample(fitted(name), persons, 0, workers))
