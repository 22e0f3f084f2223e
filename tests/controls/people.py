"""Two small tables of persons and their visits, with real relations between columns, and the ways to leak them."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pyarrow as pa

from synth.core.catalog import Catalog, Column, ForeignKey, Person, Table
from synth.core.dataset import Dataset
from synth.io import memory_dataset

Frame = dict[str, np.ndarray]
Frames = dict[str, Frame]

CATALOG = Catalog(
    (
        Table(
            "person",
            (
                Column("id", "integer", "key", nullable=False),
                Column("sex", "string", "code"),
                Column("l'âge", "integer", "number"),
                Column("poids kg", "number", "number"),
                Column("case.region", "string", "code"),
            ),
            ("id",),
        ),
        Table(
            "visit",
            (
                Column("id", "integer", "key", nullable=False),
                Column("day", "integer", "number"),
                Column("code", "string", "code"),
                Column("cost", "number", "number"),
            ),
            foreign_keys=(ForeignKey(("id",), "person", ("id",)),),
            order_by=("day",),
        ),
    ),
    Person("person", ("id",)),
)


def people(n: int, seed: int, first: int = 0) -> Frames:
    """`n` persons numbered from `first`: age drives weight, region, number, dates, codes and costs of visits."""
    r = np.random.default_rng(seed)
    ident = np.arange(first, first + n)
    sex = np.array(["F", "M"])[r.integers(0, 2, n)]
    age = np.clip(r.gamma(8, 6, n), 0, 104).astype(np.int64)
    weight = np.round(45 + 0.25 * age + 12 * (sex == "M") + r.normal(0, 9, n), 1)
    weight[r.random(n) < 0.1] = np.nan
    region = np.array(["11", "24", "27", "l'Île", "52"])[np.minimum(r.poisson(1 + age / 60, n), 4)]
    visits = r.poisson(1 + age / 12, n)
    owner = np.repeat(np.arange(n), visits)
    total = len(owner)
    code = np.array(["A", "B", "C", "D", "E", "rare"])[np.minimum(r.poisson(age[owner] / 40, total), 5)]
    cost = np.round(np.exp(r.normal(3 + age[owner] / 60, 0.7, total)), 2)
    day = r.integers(0, 1500, total) + 3 * age[owner]
    return {
        "person": {"id": ident, "sex": sex, "l'âge": age, "poids kg": weight, "case.region": region},
        "visit": {"id": ident[owner], "day": day, "code": code, "cost": cost},
    }


def dataset(frames: Mapping[str, Mapping[str, np.ndarray]], catalog: Catalog = CATALOG) -> Dataset:
    """The frames as a dataset; NaN is missing."""
    tables = {}
    for name, frame in frames.items():
        columns = {key: pa.array(values, from_pandas=True) for key, values in frame.items()}
        tables[name] = pa.table(columns)
    return memory_dataset(catalog, tables)


def renumbered(frames: Frames, by: int = 10_000_000) -> Frames:
    """The same persons under new identifiers, rows in another order."""
    r = np.random.default_rng(5)
    result = {}
    for name, frame in frames.items():
        order = r.permutation(len(frame["id"]))
        result[name] = {key: (values + by if key == "id" else values)[order] for key, values in frame.items()}
    return result


def some(frames: Frames, chosen: np.ndarray) -> Frames:
    """Only the persons whose identifiers are chosen."""
    return {
        name: {key: values[np.isin(frame["id"], chosen)] for key, values in frame.items()}
        for name, frame in frames.items()
    }


def joined(left: Frames, right: Frames) -> Frames:
    """Both sets of persons."""
    return {name: {key: np.concatenate([left[name][key], right[name][key]]) for key in left[name]} for name in left}


def mixed(fresh: Frames, train: Frames, share: float, seed: int = 3) -> Frames:
    """`share` of the persons of `fresh` replaced by copies of training persons under new identifiers."""
    r = np.random.default_rng(seed)
    ours, theirs = fresh["person"]["id"], train["person"]["id"]
    count = round(share * len(ours))
    kept = ours[r.permutation(len(ours))[count:]]
    return joined(some(fresh, kept), renumbered(some(train, theirs[r.permutation(len(theirs))[:count]])))


def independent(frames: Frames, seed: int = 4) -> Frames:
    """Every column drawn alone, numbers through smoothed quantiles so that no exact value is carried over."""
    r = np.random.default_rng(seed)
    result: Frames = {}
    for name, frame in frames.items():
        result[name] = {"id": frame["id"] + 10_000_000}
        for key, values in frame.items():
            if key == "id":
                continue
            drawn = values[r.integers(0, len(values), len(values))]
            if values.dtype.kind in "if" and len(np.unique(values)) > 20:
                grid = np.nanquantile(values.astype(float), np.linspace(0, 1, 51))
                smooth = np.interp(r.random(len(values)), np.linspace(0, 1, 51), grid)
                drawn = np.where(np.isnan(drawn.astype(float)), np.nan, np.round(smooth, 2))
                drawn = np.round(drawn).astype(np.int64) if values.dtype.kind == "i" else drawn
            result[name][key] = drawn
    return result
