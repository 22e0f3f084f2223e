"""The generator that picks another for each part, and says why."""

from __future__ import annotations

import numpy as np

from synth.core.catalog import Catalog, Column, Person, Table
from synth.core.dataset import Dataset
from synth.core.model import Statistic
from synth.core.seeds import rng
from synth.generators import fit
from tests.unit.generators.clinic import clinic, dataset_of, sampled

NUMBERS = Catalog(
    (
        Table(
            "p",
            (
                Column("id", "integer", "key", False),
                *(Column(name, "number", "number", scale=2) for name in ("x", "y", "z")),
            ),
            ("id",),
        ),
    ),
    Person("p", ("id",)),
)


def choice(real: Dataset) -> Statistic:
    (found,) = [s for s in fit(real, "auto").statistics if s.kind == "choice"]
    return found


def numbers(persons: int, together: bool) -> Dataset:
    """Three normal quantities, correlated or, not `together`, the last the product of the signs of the others."""
    stream = rng(2, "auto", persons)
    x, y, e = (stream.normal(persons) for _ in range(3))
    y = 0.6 * x + 0.8 * y if together else y
    z = 0.6 * x + 0.8 * e if together else np.sign(x) * np.sign(y) * (1 + 0.1 * e)
    cells = {name: np.round(values, 2).tolist() for name, values in (("x", x), ("y", y), ("z", z))}
    return dataset_of(NUMBERS, {"p": {"id": list(range(persons)), **cells}})


def test_the_one_nearest_to_the_persons_held_out_is_chosen_and_the_others_are_told() -> None:
    found = choice(numbers(3_000, together=True)).data
    assert set(found["distances"]) == {"trees", "gaussian-copula", "vine", "independent"}
    assert found["distances"][found["chosen"]] == min(found["distances"].values())
    assert found["distances"]["independent"] > 1.2 * found["distances"]["gaussian-copula"]


def test_few_persons_are_not_compared() -> None:
    found = choice(numbers(300, together=True))
    assert found.data["chosen"] == "trees"
    assert found.data["distances"] == {}
    assert "fewer than" in found.data["why"]


def test_every_part_of_several_tables_has_a_choice_and_can_be_drawn() -> None:
    model = fit(clinic(500, seed=2), "auto", 5)
    chosen = {s.table for s in model.statistics if s.kind == "choice"}
    assert {"persons", "visits"} <= chosen
    assert sampled(model, 300).read("persons").num_rows == 300


def test_the_same_tables_give_the_same_choice() -> None:
    assert choice(numbers(1_000, together=False)) == choice(numbers(1_000, together=False))
