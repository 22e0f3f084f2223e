"""Of what persons die: a chapter of causes first, drawn evenly, then a code of it, from the conditions they have.

Each condition a person has weighs by its excess risk and gives its own codes; what is left goes to background causes by
age and sex (parameters/background_causes.csv).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from synth.simulate.conditions import Course
from synth.simulate.even import spread, taken
from synth.simulate.tables import calibration, read_rows

COVID, COVID_AGE = "U071", 45
CHAPTERS = ("J", "C", "I")  # drawn in this order, rarest first; any other code makes the last chapter
WOMEN, MEN = ("C51", "C52", "C53", "C54", "C55", "C56", "C57", "C58"), ("C60", "C61", "C62", "C63")
UNKNOWN = "R99"


def covid_share(year: int) -> float:
    """Share of the year's deaths whose initial cause is Covid-19."""
    return calibration("covid_deaths").get(str(year), 0.0)


def draw_causes(
    weights: NDArray[np.float64],
    killers: Sequence[Course],
    sex: NDArray[np.int64],
    age: NDArray[np.int64],
    year: int,
    seed: int,
    block: int,
) -> NDArray[np.str_]:
    """Initial cause of each death of a block and year: ICD-10 codes.

    `weights` is [1 + killers, deaths]: first the background, then the excess risk of each condition for each person.
    """
    n = len(age)
    if n == 0:
        return np.empty(0, dtype="U6")
    codes, chance = _chances(weights, killers, sex, age)
    chapter = np.array([_chapter(code) for code in codes])
    killer = np.argmax(weights, axis=0) * 200 + age + np.arange(n) / n
    zero = np.zeros(n, dtype=np.int64)
    left = np.ones(n)
    chosen = np.full(n, len(CHAPTERS))
    for place in range(len(CHAPTERS)):
        free = chosen == len(CHAPTERS)
        share = chance[:, chapter == place].sum(axis=1)
        odds = np.where(free, np.clip(share / np.maximum(left, 1e-12), 0.0, 1.0), 0.0)
        chosen[taken(odds, zero, killer, seed, block, "chapter", place, step=year)] = place
        left = left - share
    inside = chance * (chapter[None, :] == chosen[:, None])
    edges = np.cumsum(inside, axis=1)
    pick = spread(killer, seed, block, "codes", step=year)
    index = (edges <= (pick * edges[:, -1])[:, None]).sum(axis=1).clip(0, len(codes) - 1)
    causes = np.where(edges[:, -1] > 0, np.array(codes, dtype="U6")[index], UNKNOWN)
    covid = np.where(age >= COVID_AGE, covid_share(year), 0.0)
    infected = taken(covid, zero, killer, seed, block, "covid", step=year)
    return np.where(infected, COVID, causes)


def _chapter(code: str) -> int:
    return CHAPTERS.index(code[0]) if code[0] in CHAPTERS else len(CHAPTERS)


def _chances(
    weights: NDArray[np.float64], killers: Sequence[Course], sex: NDArray[np.int64], age: NDArray[np.int64]
) -> tuple[list[str], NDArray[np.float64]]:
    """Codes, and the probability of each for each death: [deaths, codes]."""
    background = read_rows("background_causes")
    named = {code for course in killers for code in course.module.causes} | {row["cim"] for row in background}
    codes = sorted(named | {UNKNOWN})
    place = {code: column for column, code in enumerate(codes)}
    chance = np.zeros((len(age), len(codes)))
    for course, weight in zip(killers, weights[1:], strict=True):
        causes = course.module.causes or {UNKNOWN: 1.0}
        total = sum(causes.values())
        for code, share in causes.items():
            chance[:, place[code]] += weight * share / total
    alone = np.zeros_like(chance)
    for row in background:
        fits = (age >= int(row["from_age"])) & (age < int(row["to_age"]))
        fits &= (int(row["sex"]) == 0) | (sex == int(row["sex"]))
        alone[:, place[row["cim"]]] += float(row["weight"]) * fits
    chance += weights[0][:, None] * alone / np.maximum(alone.sum(axis=1, keepdims=True), 1e-12)
    for other, prefixes in ((1, WOMEN), (2, MEN)):
        forbidden = np.array([code.startswith(prefixes) for code in codes])
        chance[np.ix_(sex == other, forbidden)] = 0.0
    return codes, chance / np.maximum(chance.sum(axis=1, keepdims=True), 1e-12)
