"""Who has which condition when: prevalent cases, new cases and episodes, and the states they go through.

Prevalent cases are drawn at the start of the window so that prevalence by sex and age is the module's curve; new cases
come at the rate that would keep that curve given the excess mortality and recovery of cases (or at the module's own
incidence). A normal
frailty shared by related conditions makes them occur together without moving any prevalence.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

from synth.core.seeds import Stream, rng
from synth.simulate.curves import Curve, at
from synth.simulate.dates import FAR, YEAR, day, year_of
from synth.simulate.even import taken
from synth.simulate.modules import FACTORS, Module
from synth.simulate.persons import Persons
from synth.simulate.tables import OLDEST, death_probability

SEASON = np.array([1.5, 1.45, 1.25, 1.0, 0.85, 0.7, 0.55, 0.55, 0.8, 1.05, 1.1, 1.3])  # winter infections, by month
ALIKE = 6  # age groups in which the number of prevalent cases is kept even
RARE = 0.2  # episodes a person and year, at the most exposed age
_LEAD_DAYS = 400  # episodes that began this long before the window still bring care in it


@dataclass(frozen=True)
class Spells:
    """Times spent in one state: person index, first day, day after the last, and first day of the whole condition."""

    person: NDArray[np.int64]
    start: NDArray[np.int64]
    end: NDArray[np.int64]
    onset: NDArray[np.int64]


@dataclass(frozen=True)
class Course:
    """A module as lived by the persons of a block: onsets (one entry a case) and spells by state."""

    module: Module
    person: NDArray[np.int64]
    onset: NDArray[np.int64]
    end: NDArray[np.int64]
    spells: dict[str, Spells]


@dataclass(frozen=True)
class Window:
    """The years that are simulated, both included."""

    first: int
    last: int

    @property
    def start(self) -> int:
        """First day."""
        return day(self.first)

    @property
    def end(self) -> int:
        """Day after the last."""
        return day(self.last + 1)

    @property
    def years(self) -> range:
        """The calendar years."""
        return range(self.first, self.last + 1)


def live_course(module: Module, persons: Persons, known: dict[str, Course], window: Window, seed: int) -> Course:
    """The course of one module in a block; `known` holds the courses of modules it depends on."""
    stream = rng(seed, "course", module.name, persons.block)
    if module.entry == "everyone":
        person = np.arange(len(persons))
        onset = persons.birth.copy()
        return _course(module, person, onset, np.full(len(person), FAR), stream)
    if module.entry == "chronic":
        person, onset, elapsed = _chronic(module, persons, window, stream, seed)
        return _course(module, person, onset, elapsed, stream)
    person, onset = _episodes(module, persons, known, window, stream, seed)
    return _course(module, person, onset, np.full(len(person), -1.0), stream)


def _chronic(
    module: Module, persons: Persons, window: Window, stream: Stream, seed: int
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    n = len(persons)
    factor = persons.factors[FACTORS.index(module.factor)] if module.factor != "none" else np.zeros(n)
    age = _age_on(persons, window.start)
    alive = persons.birth < window.start
    limit = ndtri(1 - np.clip(at(module.curve, persons.sex, age), 0.0, 1.0))
    chance = ndtr((module.loading * factor - limit) / np.sqrt(1 - module.loading**2)) * alive
    alike = (persons.sex - 1) * ALIKE + np.clip(age, 0, OLDEST) * ALIKE // (OLDEST + 1)
    prevalent = taken(chance, alike, stream.uniform(n), seed, persons.block, "prevalent", module.name)
    onset = np.full(n, FAR, dtype=np.int64)
    lived = window.start - persons.birth
    past = _time_since_onset(module, stream.uniform(n), lived)
    onset[prevalent] = (window.start - past)[prevalent]
    hazard = incidence(module)
    threshold = -np.log(np.maximum(1 - stream.uniform(n), 1e-15))
    boost = np.exp(module.loading * factor - module.loading**2 / 2)
    total = np.zeros(n)
    for year in window.years:
        start = day(year)
        years = _age_on(persons, start)
        rate = at(hazard, persons.sex, np.maximum(years, 0)) * boost * (years >= -1)
        hit = (onset == FAR) & (total + rate > threshold)
        share = np.divide(threshold - total, rate, out=np.zeros(n), where=hit)
        when = start + (share * 365).astype(np.int64)
        onset[hit] = np.maximum(when, persons.birth + 1)[hit]
        total += rate
    person = np.flatnonzero(onset < window.end)
    return person, onset[person], np.where(prevalent, past, -1.0)[person]


def _time_since_onset(module: Module, uniform: NDArray[np.float64], lived: NDArray[np.int64]) -> NDArray[np.int64]:
    """Days since onset of a prevalent case: within the condition when it ends, else exponential and below the age."""
    span = total_days(module)
    if span is not None:
        past = uniform * span
    else:
        mean = module.duration * YEAR
        cap = np.maximum(lived, 1) / mean
        past = -mean * np.log(1 - uniform * (1 - np.exp(-cap)))
    return np.minimum(past, np.maximum(lived - 1, 0)).astype(np.int64)


def total_days(module: Module) -> float | None:
    """Mean length of a whole condition in days, None when its last state lasts for good."""
    if module.states[-1].years is None and module.states[-1].days is None:
        return None
    return sum((state.years or 0.0) * YEAR + (state.days or 0.0) for state in module.states)


def incidence(module: Module) -> Curve:
    """Yearly hazard of becoming a case, by sex and age.

    The module's own when it has one; else the hazard that keeps prevalence P(a) steady:
    (P(a+1) - P(a) + P (1 - P) x excess mortality + P / mean length) / (1 - P), never negative.
    """
    if module.incidence is not None:
        return module.incidence
    prevalence = module.curve
    ahead = np.hstack([prevalence[:, 1:], prevalence[:, -1:]])
    excess = death_probability(2019) * (module.mortality - 1) / (1 + prevalence * (module.mortality - 1))
    span = total_days(module)
    leaving = prevalence * YEAR / span if span else 0.0
    gain = ahead - prevalence + prevalence * (1 - prevalence) * excess + leaving
    return np.maximum(gain, 0.0) / np.maximum(1 - prevalence, 0.05)


def _episodes(
    module: Module, persons: Persons, known: dict[str, Course], window: Window, stream: Stream, seed: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    n = len(persons)
    people, days = [], []
    months = SEASON if module.season else np.ones(12)
    for year in range(window.first - 1, window.last + 1):
        start = day(year)
        rate = at(module.curve, persons.sex, np.maximum(_age_on(persons, start + 182), 0)) * _risk(
            module, persons, known, start
        )
        count = _episode_counts(module, rate, persons, year, stream.uniform(n), seed)
        who = np.repeat(np.arange(n), count)
        month = stream.choice(len(who), months)
        when = np.array([day(year, m + 1) for m in range(12)])[month] + stream.integers(len(who), 28)
        keep = (when > persons.birth[who]) & (when >= window.start - _LEAD_DAYS)
        people.append(who[keep])
        days.append(when[keep])
    return np.concatenate(people), np.concatenate(days)


def _episode_counts(
    module: Module, rate: NDArray[np.float64], persons: Persons, year: int, uniform: NDArray[np.float64], seed: int
) -> NDArray[np.int64]:
    """Episodes of each person in a year: Poisson, or at most one and evenly spread when episodes are rare."""
    if module.curve.max() > RARE:
        return poisson(rate, uniform)
    alike = np.clip((year - year_of(persons.birth)) // 20, 0, ALIKE - 1) + (persons.sex - 1) * ALIKE
    chosen = taken(np.minimum(rate, 1.0), alike, uniform, seed, persons.block, "episodes", module.name, step=year)
    return chosen.astype(np.int64)


def _risk(module: Module, persons: Persons, known: dict[str, Course], on: int) -> NDArray[np.float64]:
    """Relative rate of an episode given the conditions a person has, of mean 1 in each sex and age."""
    risk = np.ones(len(persons))
    norm = np.ones((2, OLDEST + 1))
    for name, times in module.multiply.items():
        risk = risk + (times - 1) * has(known[name], len(persons), on)
        norm = norm + (times - 1) * known[name].module.curve
    return risk / at(norm, persons.sex, np.maximum(_age_on(persons, on), 0))


def has(course: Course, n: int, on: int) -> NDArray[np.bool_]:
    """Which of the n persons are cases on a day."""
    found = np.zeros(n, dtype=bool)
    found[course.person[(course.onset <= on) & (course.end > on)]] = True
    return found


def poisson(rate: NDArray[np.float64], uniform: NDArray[np.float64], most: int = 400) -> NDArray[np.int64]:
    """Poisson counts by inversion: the smallest k whose cumulative probability exceeds the uniform number."""
    count = np.zeros(len(rate), dtype=np.int64)
    term = np.exp(-np.minimum(rate, 300.0))
    total = term.copy()
    left = np.flatnonzero(uniform >= total)
    for k in range(1, most):
        if not len(left):
            break
        count[left] = k
        term[left] = term[left] * rate[left] / k
        total[left] += term[left]
        left = left[uniform[left] >= total[left]]
    return count


def rebuild(module: Module, person: NDArray[np.int64], onset: NDArray[np.int64], stream: Stream) -> Course:
    """A course of episodes from its cases: their persons and first days."""
    return _course(module, person, onset, np.full(len(person), -1.0), stream)


def _course(
    module: Module, person: NDArray[np.int64], onset: NDArray[np.int64], elapsed: NDArray[np.float64], stream: Stream
) -> Course:
    """Spells of each state, one after the other from onset. A prevalent case (`elapsed` >= 0) has not left the last
    state that ends.
    """
    cursor = onset.astype(np.int64).copy()
    spells = {}
    span = total_days(module)
    for index, state in enumerate(module.states):
        length = _state_length(state.years, state.days, stream.uniform(len(person)), exact=span is not None)
        stop = np.minimum(cursor + length, FAR)
        if index == len(module.states) - 1 and span is None:
            stop = np.full(len(person), FAR)
        spells[state.name] = Spells(person, cursor, stop, onset)
        cursor = stop
    return Course(module, person, onset, cursor, spells)


def _state_length(
    years: float | None, days: float | None, uniform: NDArray[np.float64], exact: bool
) -> NDArray[np.int64]:
    if days is not None:
        return np.full(len(uniform), int(days))
    if years is None:
        return np.full(len(uniform), FAR)
    if exact:
        return np.full(len(uniform), int(years * YEAR))
    return np.maximum(-np.log(np.maximum(1 - uniform, 1e-12)) * years * YEAR, 1).astype(np.int64)


def _age_on(persons: Persons, on: int) -> NDArray[np.int64]:
    """Age reached on 1 January of the year of a day (years between calendar years, less one)."""
    return int(year_of(np.array([on]))[0]) - 1 - year_of(persons.birth)
