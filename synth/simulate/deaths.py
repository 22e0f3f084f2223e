"""Who dies when and of what: the life table, shared out by the conditions a person has.

The probability of dying in a year is the table's for the person's sex and age times (1 + sum of excess ratios of the
person's conditions),
divided by its expectation given the prevalence curves: totals by sex and age stay those of the table whatever the
modules say.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from synth.core.seeds import rng
from synth.simulate.causes import draw_causes
from synth.simulate.conditions import Course, Window, has
from synth.simulate.curves import at
from synth.simulate.dates import FAR, day, year_of
from synth.simulate.even import taken
from synth.simulate.persons import Persons
from synth.simulate.tables import OLDEST, death_probability

DECADES = 10
WIDE = (50, 70, 85)  # bounds of the age groups in which a block keeps the deaths of the table
MONTHS = np.array([1.13, 1.09, 1.08, 1.02, 0.97, 0.93, 0.92, 0.92, 0.91, 0.97, 1.0, 1.06])


@dataclass(frozen=True)
class Deaths:
    """Deaths of a block: person, day and ICD-10 code of the initial cause; `death` has one entry a person."""

    person: NDArray[np.int64]
    when: NDArray[np.int64]
    cause: NDArray[np.str_]
    death: NDArray[np.int64]


def draw_deaths(persons: Persons, courses: dict[str, Course], window: Window, seed: int) -> Deaths:
    """Deaths within the window, at most one a person."""
    stream = rng(seed, "deaths", persons.block)
    n = len(persons)
    death = np.full(n, FAR, dtype=np.int64)
    cause = np.full(n, "", dtype="U6")
    killers = [
        course for course in courses.values() if course.module.mortality > 1 and course.module.entry == "chronic"
    ]
    for year in window.years:
        start = day(year)
        age = np.maximum(year - 1 - year_of(persons.birth), 0)
        weights = [np.ones(n)] + [(c.module.mortality - 1) * has(c, n, start) for c in killers]
        norm = np.ones((2, OLDEST + 1))
        for course in killers:
            norm = norm + (course.module.mortality - 1) * course.module.curve
        total = np.sum(weights, axis=0)
        expecting = np.isin(np.arange(n), _mothers_of(courses, start))
        chance = at(death_probability(year), persons.sex, age) * total / at(norm, persons.sex, age)
        alive = (death == FAR) & (persons.birth < start)
        chance = _as_the_table_says(chance, at(death_probability(year), persons.sex, age), alive, persons.sex, age)
        at_risk: NDArray[np.float64] = chance * ((death == FAR) & (persons.birth < start) & ~expecting)
        decade = (persons.sex - 1) * DECADES + np.minimum(age // 10, DECADES - 1)
        sick = np.argmax(weights, axis=0) + stream.uniform(n)
        dies = taken(at_risk, decade, sick, seed, persons.block, "deaths", step=year)
        month = stream.choice(n, MONTHS)
        when = np.array([day(year, m + 1) for m in range(12)])[month] + stream.integers(n, 28)
        why = draw_causes(np.array(weights)[:, dies], killers, persons.sex[dies], age[dies], year, seed, persons.block)
        death[dies], cause[dies] = when[dies], why
    person = np.flatnonzero(death < FAR)
    return Deaths(person, death[person], cause[person], death)


def _mothers_of(courses: dict[str, Course], start: int) -> NDArray[np.int64]:
    """Women who are or will be pregnant in the year from `start`: they live through it, so that their child is born."""
    course = courses.get("pregnancy")
    if course is None:
        return np.empty(0, dtype=np.int64)
    return course.person[(course.onset > start - 300) & (course.onset < start + 366)]


def _as_the_table_says(
    chance: NDArray[np.float64],
    table: NDArray[np.float64],
    alive: NDArray[np.bool_],
    sex: NDArray[np.int64],
    age: NDArray[np.int64],
) -> NDArray[np.float64]:
    """The chances, scaled in wide groups of sex and age to the deaths that the table expects of the living of a block.

    Those who have a condition are fewer after some years than its curve says, for they die more.
    """
    group = np.searchsorted(WIDE, age, side="right") * 2 + sex - 1
    expected, told = (np.bincount(group, values * alive, minlength=2 * len(WIDE) + 2) for values in (table, chance))
    scale = np.divide(expected, told, out=np.ones_like(told), where=told > 0)
    scaled: NDArray[np.float64] = np.minimum(chance * scale[group], 0.95)
    return scaled
