"""Parameter tables: small CSV files with their source in a comment header, read as columns of numpy arrays."""

from __future__ import annotations

import csv
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

PARAMETERS = Path(__file__).parent / "parameters"
OLDEST = 110
ALD_CLASS = 5
ALD_OLDEST_CLASS = 95


@cache
def read_rows(name: str) -> tuple[dict[str, str], ...]:
    """Rows of `parameters/NAME.csv` as text, its comment header left out."""
    with (PARAMETERS / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return tuple(csv.DictReader(line for line in file if not line.startswith("#")))


def text_column(name: str, column: str) -> NDArray[np.str_]:
    """One column of a parameter table as text."""
    return np.array([row[column] for row in read_rows(name)])


def number_column(name: str, column: str) -> NDArray[np.float64]:
    """One column of a parameter table as numbers."""
    return np.array([float(row[column]) for row in read_rows(name)])


@cache
def population(year: int) -> NDArray[np.float64]:
    """Residents on 1 January by sex (row 0 men, 1 women) and age 0 to 100; years out of range use the nearest."""
    known = f"p{min(max(year, 2015), 2022)}"
    return number_column("population", known).reshape(2, 101)


@cache
def death_probability(year: int) -> NDArray[np.float64]:
    """Probability of dying within `year` by sex and age on 1 January, ages 0 to OLDEST."""
    base = number_column("mortality", "q_per_million").reshape(2, 101) / 1e6
    factors = {int(row["year"]): float(row["factor"]) for row in read_rows("mortality_year")}
    factor = factors[min(max(year, min(factors)), max(factors))]
    older = np.repeat(base[:, 100:], OLDEST - 100, axis=1)
    scaled = np.hstack([base, older]) * factor
    scaled[:, 101:] = np.minimum(scaled[:, 101:] * 1.15, 0.7)
    return np.minimum(scaled, 0.9)


@cache
def ald_prevalence(number: int) -> NDArray[np.float64]:
    """Share of residents who hold ALD `number`, by sex and age 0 to OLDEST, linear between class middles."""
    middles = np.arange(0, ALD_OLDEST_CLASS + 1, ALD_CLASS) + ALD_CLASS / 2
    found = {int(row["sex"]): row for row in read_rows("ald_prevalence") if int(row["ald"]) == number}
    shares = [
        [float(found[sex][f"a{age}"]) / 1e4 for age in range(0, ALD_OLDEST_CLASS + 1, ALD_CLASS)] for sex in (1, 2)
    ]
    return np.array([np.interp(np.arange(OLDEST + 1) + 0.5, middles, values) for values in shares])


@cache
def calibration(name: str) -> dict[str, float]:
    """A two-column parameter table as a mapping from its first column to the second, as a number."""
    rows = read_rows(name)
    first, second = list(rows[0])[:2]
    return {row[first]: float(row[second]) for row in rows}
