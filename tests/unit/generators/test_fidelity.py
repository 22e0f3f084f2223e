"""Data of a known law: trees must give the law back within a tolerance that independent columns cannot meet."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from functools import cache
from itertools import pairwise

import numpy as np
import pytest

from synth.core.catalog import Catalog, Column, ForeignKey, Person, Table
from synth.core.dataset import Dataset
from synth.core.seeds import rng
from synth.generators import fit
from tests.unit.generators.clinic import dataset_of, sampled

PERSONS = 2_000
STATES = "ABC"
STAY = 0.8  # chance that the next event is like the one before

CATALOG = Catalog(
    (
        Table(
            "persons",
            (
                Column("id", "integer", "key", False),
                Column("age", "integer", "number", False),
                Column("dose", "number", "number", scale=1),
                Column("disease", "string", "code", False),
            ),
            ("id",),
        ),
        Table(
            "events",
            (
                Column("id", "integer", "key", False),
                Column("day", "date", "date", False),
                Column("state", "string", "code", False),
            ),
            foreign_keys=(ForeignKey(("id",), "persons", ("id",)),),
            order_by=("day",),
        ),
    ),
    Person("persons", ("id",)),
)


def simulated(seed: int = 0) -> Dataset:
    """Dose follows age (correlation .8); the old are ill three times as often; the ill have three times the events."""
    stream = rng(seed, "law")
    noise = stream.normal(2 * PERSONS).reshape(2, PERSONS)
    age = np.clip(np.rint(50 + 15 * noise[0]), 0, 100)
    dose = np.round(20 + 5 * (0.8 * noise[0] + 0.6 * noise[1]), 1)
    ill = stream.uniform(PERSONS) < np.where(age >= 60, 0.6, 0.2)
    events: dict[str, list[object]] = {"id": [], "day": [], "state": []}
    for person, rate in enumerate(np.where(ill, 6, 2).tolist()):
        state, day = STATES[int(stream.integers(1, 3)[0])], date(2020, 1, 1)
        for _ in range(1 + int(stream.integers(1, rate)[0])):
            day += timedelta(days=1 + int(stream.integers(1, 60)[0]))
            state = state if stream.uniform(1)[0] < STAY else STATES[int(stream.integers(1, 3)[0])]
            events["id"].append(person)
            events["day"].append(day)
            events["state"].append(state)
    persons = {
        "id": list(range(PERSONS)),
        "age": [int(a) for a in age],
        "dose": dose.tolist(),
        "disease": ["diabetes" if i else "none" for i in ill],
    }
    return dataset_of(CATALOG, {"persons": persons, "events": events})


def correlation(data: Dataset) -> float:
    table = data.read("persons")
    return float(np.corrcoef(table["age"].to_numpy(), table["dose"].to_numpy())[0, 1])


def risk_ratio(data: Dataset) -> float:
    table = data.read("persons")
    old, ill = table["age"].to_numpy() >= 60, np.array(table["disease"].to_pylist()) == "diabetes"
    return float(ill[old].mean() / ill[~old].mean())


def events_of_the_ill(data: Dataset) -> float:
    """How many more events the ill have than the others, as a ratio of means."""
    counts = Counter(data.read("events")["id"].to_pylist())
    table = data.read("persons").to_pylist()
    mean = {
        disease: np.mean([counts[row["id"]] for row in table if row["disease"] == disease])
        for disease in ("diabetes", "none")
    }
    return float(mean["diabetes"] / mean["none"])


def persistence(data: Dataset) -> float:
    """The share of events whose state is that of the event before."""
    rows = data.read("events").to_pylist()
    same = [a["state"] == b["state"] for a, b in pairwise(rows) if a["id"] == b["id"]]
    return float(np.mean(same))


MEASURES = {
    "correlated pair": (correlation, 0.06),
    "conditional level": (risk_ratio, 0.6),
    "child counts": (events_of_the_ill, 0.3),
    "Markov events": (persistence, 0.04),
}


@cache
def values(source: str) -> dict[str, float]:
    data = simulated() if source == "real" else sampled(fit(simulated(), source), PERSONS, 3)
    return {what: float(measured(data)) for what, (measured, _) in MEASURES.items()}


@pytest.mark.parametrize("what", MEASURES)
def test_trees_give_back_what_independent_columns_lose(what: str) -> None:
    real, tolerance = values("real")[what], MEASURES[what][1]

    assert values("trees")[what] == pytest.approx(real, abs=tolerance)
    assert abs(values("independent")[what] - real) > 2 * tolerance


def test_the_copula_gives_back_the_correlated_pair() -> None:
    assert values("gaussian-copula")["correlated pair"] == pytest.approx(values("real")["correlated pair"], abs=0.06)


@pytest.mark.parametrize("name", ["independent", "trees", "gaussian-copula"])
def test_margins_are_those_of_the_data(name: str) -> None:
    real, made = simulated().read("persons"), sampled(fit(simulated(), name), PERSONS, 3).read("persons")
    for column in ("age", "dose"):
        ranks = [np.quantile(table[column].to_numpy(), np.linspace(0.05, 0.95, 19)) for table in (real, made)]
        assert ranks[1] == pytest.approx(ranks[0], abs=0.25 * float(np.std(ranks[0])))
    share = [table["disease"].to_pylist().count("diabetes") / PERSONS for table in (real, made)]
    assert share[1] == pytest.approx(share[0], abs=0.04)
