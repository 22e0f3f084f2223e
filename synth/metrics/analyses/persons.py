"""Declared columns turned into facts about persons: one value each, or events with their times."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from fnmatch import fnmatchcase

import numpy as np
from numpy.typing import NDArray

from synth.core.errors import UserError
from synth.metrics.analyses.columns import EPOCH, Named, above, places
from synth.metrics.analyses.model import AGE_BANDS, Condition, Lookup, Window
from synth.metrics.evidence.model import Evidence, Side

Floats = NDArray[np.float64]
YEAR = 365.25


@dataclass(frozen=True, slots=True)
class Events:
    """Events of persons: who, and when (days, or whatever the tables count in; NaN when undated)."""

    person: NDArray[np.int64]
    time: Floats


def root_of(evidence: Evidence) -> str:
    """The person table."""
    return next(layout.table for layout in evidence.layouts.values() if layout.is_person)


def column_of(evidence: Evidence, side: Side, place: tuple[str, str]) -> Named:
    """A declared column of one side; an empty one when the side does not hold it."""
    return evidence.named.get(side.role, {}).get(place, Named(np.zeros(0, np.int32)))


def per_person(evidence: Evidence, side: Side, reference: str | None) -> Named | None:
    """One value a person (the first row speaks for a person; persons without a row have none), or None."""
    if reference is None:
        return None
    found = places(evidence.catalog, reference, root_of(evidence))
    if not found:
        return None
    table = found[0][0]
    if table not in side.tables:
        return None
    owner = side.tables[table].person
    column = column_of(evidence, side, found[0])
    rows = np.flatnonzero(owner >= 0)[::-1]
    if column.given_numbers is not None:
        numbers = np.full(side.persons, np.nan)
        numbers[owner[rows]] = column.numbers[rows]
        return Named(given_numbers=numbers)
    codes, levels = column.coded
    mine = np.full(side.persons, -1, dtype=np.int32)
    mine[owner[rows]] = codes[rows]
    return Named(mine, levels)


def rows_up(side: Side, evidence: Evidence, table: str, target: str) -> NDArray[np.int64]:
    """For each row of `table`, the row of `target` above it on the way to the person (-1: none)."""
    row = np.arange(len(side.tables[table]), dtype=np.int64)
    here = table
    while here != target:
        parent = evidence.layouts[here].parent
        if parent is None:
            return np.full(len(row), -1, dtype=np.int64)
        up = np.append(side.tables[here].parent.astype(np.int64), -1)
        row, here = up[row], parent.target
    return row


def times_of(evidence: Evidence, side: Side, table: str, reference: str | None) -> Floats:
    """The date of each row of `table`, from its own column or from a table above it."""
    place = above(evidence.catalog, table, reference, root_of(evidence))
    if place is None:
        return np.full(len(side.tables[table]), np.nan)
    values = np.append(column_of(evidence, side, place).numbers, np.nan)
    return values[rows_up(side, evidence, table, place[0])]


def condition_events(evidence: Evidence, side: Side, condition: Condition) -> Events:
    """Rows that meet a condition, over all its columns, with their dates."""
    persons, times = [np.zeros(0, np.int64)], [np.zeros(0)]
    for reference in condition.columns:
        for place in places(evidence.catalog, reference, root_of(evidence)):
            if place[0] not in side.tables:
                continue
            column = column_of(evidence, side, place)
            _, levels = column.coded
            known = looked_up(evidence, condition.lookup, levels)
            wanted = [meets(text, condition) for text in known]
            met = column.marked(np.array(wanted, dtype=bool))
            owner = side.tables[place[0]].person
            rows = np.flatnonzero(met & (owner >= 0)) if len(met) else np.zeros(0, np.int64)
            persons.append(owner[rows].astype(np.int64))
            times.append(times_of(evidence, side, place[0], condition.date)[rows])
    return Events(np.concatenate(persons), np.concatenate(times))


def meets(text: str | None, condition: Condition) -> bool:
    """Whether a value is one of the condition's, or begins with one of its prefixes; any value, when it has neither."""
    if text is None:
        return False
    if not condition.values and not condition.prefixes:
        return True
    return text in condition.values or text.startswith(condition.prefixes or ("\0",))


def looked_up(evidence: Evidence, lookup: Lookup | None, levels: tuple[str, ...]) -> tuple[str | None, ...]:
    """What a referential says of each level; the levels themselves without one."""
    if lookup is None:
        return levels
    held = next((columns for columns in evidence.named.values() if (lookup.table, lookup.key) in columns), None)
    if held is None:
        return tuple(None for _ in levels)
    codes, keys = held[(lookup.table, lookup.key)].coded
    answers, texts = held[(lookup.table, lookup.to)].coded
    table = {
        keys[key]: texts[text] for key, text in zip(codes.tolist(), answers.tolist(), strict=True) if key >= 0 <= text
    }
    return tuple(table.get(level) for level in levels)


def matching(levels: tuple[str, ...], patterns: tuple[str, ...]) -> NDArray[np.bool_]:
    """Levels that are one of the patterns; `*` in a pattern stands for anything."""
    return np.array([any(fnmatchcase(level, pattern) for pattern in patterns) for level in levels], dtype=bool)


def ages_of(evidence: Evidence, side: Side, at: float) -> Floats | None:
    """The age of each person in years at a time (days since 1970), or None when nothing tells it."""
    population = evidence.analyses.population
    if population is None:
        return None
    age = per_person(evidence, side, population.age)
    if age is not None:
        return age.numbers
    birth = per_person(evidence, side, population.birth)
    if birth is None:
        return None
    born = birth.numbers
    years = (born > 1800) & (born < 2200)  # a year, or days: days of these numbers would be in 1974 and 1975
    if years.sum() >= 0.9 * (~np.isnan(born)).sum():
        born = np.where(years, (born - 1970) * YEAR, np.nan)
    return (at - born) / YEAR


def strata_of(evidence: Evidence, side: Side, at: float) -> NDArray[np.int64]:
    """The age-sex stratum of each person (0..23); unknown sex and unknown age have strata of their own."""
    ages = ages_of(evidence, side, at)
    band = np.zeros(side.persons, dtype=np.int64)
    if ages is not None:
        band = np.where(np.isnan(ages), len(AGE_BANDS) + 1, np.searchsorted(AGE_BANDS, np.nan_to_num(ages), "right"))
    population = evidence.analyses.population
    sex = None if population is None else per_person(evidence, side, population.sex)
    if sex is None:
        return band.astype(np.int64)
    first, second = sexes_of(evidence)
    codes, levels = sex.coded
    texts = np.array([*levels, "\0"])
    group = (
        np.where(texts[codes] == first, 0, np.where(texts[codes] == second, 1, 2)) if first else np.zeros(len(codes))
    )
    return (band * 3 + group).astype(np.int64)


def sexes_of(evidence: Evidence) -> tuple[str, str]:
    """The two commonest values of the sex column in train; empty texts when there are none."""
    population = evidence.analyses.population
    sex = None if population is None else per_person(evidence, evidence.train, population.sex)
    if sex is None:
        return "", ""
    codes, levels = sex.coded
    counts = np.bincount(codes[codes >= 0], minlength=len(levels))
    ranked = [levels[place] for place in np.argsort(-counts, kind="stable")[:2]]
    first, second = [*ranked, "", ""][:2]
    return first, second


def day_of(text: str) -> float:
    """The days since 1970 of an ISO date. Raises UserError when it is none."""
    try:
        return float(date.fromisoformat(text).toordinal() - EPOCH)
    except ValueError:
        raise UserError("a date of the analyses is not an ISO date", remedy="write it as 2021-12-31") from None


def window_of(window: Window | None, times: Floats) -> tuple[float, float]:
    """First and last moment covered: as declared, else the middle 99 % of `times`."""
    if window is not None:
        return day_of(window.start), day_of(window.close)
    known = times[~np.isnan(times)]
    if not len(known):
        return 0.0, 0.0
    low, high = np.quantile(known, [0.005, 0.995])
    return float(low), float(high)
