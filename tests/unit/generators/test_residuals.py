"""Quantities that go together within the leaves of a tree are drawn together."""

from __future__ import annotations

import numpy as np
import pytest

from synth.core.catalog import Catalog, Column, Person, Table
from synth.core.seeds import rng
from synth.generators import fit
from synth.generators.laws.residuals import Quantity, Residual, measure_residual, residual_from
from synth.maths import kernels
from tests.unit.generators.clinic import dataset_of, sampled

MANY = 4_000
LEAF = np.arange(MANY) % 4
UNITS = np.arange(MANY)


def pair(noise: float) -> tuple[np.ndarray, np.ndarray]:
    stream = rng(1, "residual")
    x = stream.normal(MANY)
    y = x + noise * stream.normal(MANY)
    return tuple(np.clip(np.rint(8 * each + 32), 0, 63).astype(np.int64) for each in (x, y))


def measured(x: np.ndarray, y: np.ndarray, k: int = 11) -> Residual | None:
    return measure_residual(LEAF, Quantity(1, y, 64), [Quantity(0, x, 64)], UNITS, k)


def test_what_goes_together_within_leaves_is_told_and_drawn() -> None:
    x, y = pair(0.5)
    told = measured(x, y)
    assert told is not None

    ranks = told.ranks([x], LEAF, rng(2, "draw"))

    assert np.corrcoef(x, ranks)[0, 1] == pytest.approx(np.corrcoef(x, y)[0, 1], abs=0.05)
    assert np.histogram(ranks, 10, (0, 1))[0] == pytest.approx([MANY / 10] * 10, rel=0.01)


def test_the_law_is_written_and_read() -> None:
    told = measured(*pair(0.5))
    assert told is not None

    assert residual_from(told.document()) == told


def test_what_does_not_go_together_is_not_told() -> None:
    x, _ = pair(0.5)

    assert measured(x, rng(3, "other").integers(MANY, 64)) is None


def test_few_persons_tell_no_correlation() -> None:
    x, y = pair(0.5)

    assert measured(x, y, k=MANY // 20) is None


def test_missing_values_stand_anywhere() -> None:
    x, y = pair(0.5)
    told = measured(x, y)
    assert told is not None

    ranks = told.ranks([np.full(MANY, 64)], LEAF, rng(2, "draw"))

    assert np.histogram(ranks, 4, (0, 1))[0] == pytest.approx([MANY / 4] * 4, rel=0.01)


def test_two_measures_of_one_thing_stay_near_each_other() -> None:
    stream = rng(4, "twins")
    first = np.round(50 + 10 * stream.normal(MANY), 2)
    second = np.round(first + 0.5 * stream.normal(MANY), 2)
    columns = (Column("id", "string", "key", False), *(Column(name, "number", "number", scale=2) for name in "ab"))
    catalog = Catalog((Table("p", columns, ("id",)),), Person("p", ("id",)))
    real = dataset_of(catalog, {"p": {"id": [f"k{i}" for i in range(MANY)], "a": first.tolist(), "b": second.tolist()}})

    made = sampled(fit(real), MANY).read("p")

    apart = np.abs(np.array(made["a"]) - np.array(made["b"]))
    assert np.median(apart) < 0.48  # .34 in truth, .54 by leaves alone


def test_no_rows_have_no_ranks() -> None:
    nothing = np.zeros(0, dtype=np.int64)

    assert not len(Residual(10, (0, 1), (5, 5), (0.3, 0.2), 0.5).ranks([nothing, nothing], nothing, rng(3, "draw")))


def test_compiled_kernels_draw_the_same_tables(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("numba")
    stream = rng(5, "mixed")
    first = stream.normal(MANY)
    second = np.where(stream.uniform(MANY) < 0.1, np.nan, np.round(first + stream.normal(MANY), 2))
    kind = np.where(first + stream.normal(MANY) > 0, "a", "b")
    columns = (Column("id", "string", "key", False), Column("kind", "string", "code"),
               *(Column(name, "number", "number", scale=2) for name in ("x", "y")))  # fmt: skip
    catalog = Catalog((Table("p", columns, ("id",)),), Person("p", ("id",)))
    cells = {"id": [f"k{i}" for i in range(MANY)], "kind": kind.tolist(), "x": np.round(first, 2).tolist()}
    model = fit(dataset_of(catalog, {"p": cells | {"y": [None if np.isnan(y) else y for y in second.tolist()]}}))
    assert any(statistic.data.get("residual") for statistic in model.statistics)

    monkeypatch.setattr(kernels, "_fast", lambda cells: None)
    plain = sampled(model, 9_000).read("p")
    monkeypatch.setattr(kernels, "_fast", lambda cells: kernels.compiled())

    assert sampled(model, 9_000).read("p").equals(plain)
