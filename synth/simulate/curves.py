"""Curves by sex and age: what a module says in a few knots, as an array over every age."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from synth.core.errors import UserError
from synth.simulate.tables import OLDEST, ald_prevalence, population, read_rows

Curve = NDArray[np.float64]  # row 0 men, row 1 women; one column a year of age, 0 to OLDEST
UNITS = {"one": 1.0, "percent": 0.01, "per_1000": 0.001, "per_100000": 0.00001}
MEAN_YEAR = 2022
AGES = np.arange(OLDEST + 1)


def read_curve(spec: Any, where: str) -> Curve:
    """A curve from its description in a module.

    A number holds at every age; `{ald: 8, times: 1.1}` takes the published ALD prevalence
    (`times` may be given by sex, `{M: 1, F: 2}`); `{shape: old,
    mean: 2}` a named shape; otherwise `M`, `F` or
    `both` give knots age -> value (linear between, flat outside) in `unit` (one, percent, per_1000, per_100000).
    A `mean` beside the knots makes them a shape: the curve is scaled to that average over the residents of France.
    Raises UserError when it is none of these.
    """
    if isinstance(spec, int | float):
        return np.full((2, OLDEST + 1), float(spec))
    if not isinstance(spec, Mapping):
        raise UserError(f"{where}: not a curve", remedy="give a number, knots by age, or ald")
    given = spec.get("times", 1.0)
    times = np.array([[float(given[sex])] for sex in ("M", "F")]) if isinstance(given, Mapping) else float(given)
    if "shape" in spec:
        return shape(str(spec["shape"])) * float(spec.get("mean", 1.0)) * times
    if "ald" in spec:
        return np.minimum(ald_prevalence(int(spec["ald"])) * times, 0.9)
    unit = spec.get("unit", "one")
    if unit not in UNITS:
        raise UserError(f"{where}: unknown unit", remedy=f"use one of {', '.join(UNITS)}")
    scale = UNITS[unit]
    rows = [_knots(spec.get(sex, spec.get("both", {0: 0.0})), where) * scale for sex in ("M", "F")]
    curve: Curve = np.array(rows) * times
    return to_mean(curve, float(spec["mean"])) if "mean" in spec else curve


@cache
def shape(name: str) -> Curve:
    """A named shape by sex and age (parameters/shapes.csv), of mean 1 over the residents of France."""
    row = next((row for row in read_rows("shapes") if row["shape"] == name), None)
    if row is None:
        raise UserError(f"no shape is called {name}", remedy="use a name of parameters/shapes.csv")
    knots = [tuple(map(float, knot.split(":"))) for knot in row["knots"].split()]
    curve = np.interp(AGES, [age for age, _ in knots], [value for _, value in knots])
    return to_mean(np.array([curve * float(row["men"]), curve * float(row["women"])]), 1.0)


def to_mean(curve: Curve, mean: float) -> Curve:
    """The same shape, scaled so that its average over the residents of 2022 is `mean`."""
    people = population(MEAN_YEAR)
    weights = np.hstack([people, np.zeros((2, OLDEST + 1 - people.shape[1]))])
    average = float((curve * weights).sum() / weights.sum())
    return curve * (mean / average) if average > 0 else curve


def _knots(knots: Any, where: str) -> NDArray[np.float64]:
    if isinstance(knots, int | float):
        return np.full(OLDEST + 1, float(knots))
    if not isinstance(knots, Mapping) or not knots:
        raise UserError(f"{where}: a curve has no knots", remedy="write them as {age: value}")
    ages = sorted(float(age) for age in knots)
    values = [float(knots[age]) for age in sorted(knots, key=float)]
    return np.interp(AGES, ages, values)


def at(curve: Curve, sex: NDArray[np.int64], age: NDArray[np.int64]) -> NDArray[np.float64]:
    """Values of a curve for persons of sex 1 or 2 and an age in years (clipped to the table)."""
    return curve[np.asarray(sex) - 1, np.minimum(np.maximum(age, 0), OLDEST)]
