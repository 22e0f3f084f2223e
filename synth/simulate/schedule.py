"""When care happens inside a spell: at a rhythm, at random, or at fixed times after the spell begins."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from synth.core.seeds import Stream
from synth.simulate.conditions import SEASON, Spells, poisson
from synth.simulate.curves import at
from synth.simulate.dates import YEAR, month_of, year_of
from synth.simulate.modules import Care
from synth.simulate.persons import Persons

Occurrences = tuple[NDArray[np.int64], NDArray[np.int64]]  # index into the spells, day


def occurrences(
    care: Care, spells: Spells, persons: Persons, phase: NDArray[np.float64], window: tuple[int, int], stream: Stream
) -> Occurrences:
    """Days of one kind of care, one entry an occurrence, inside `window` and each spell.

    `phase` in [0, 1) is the person's own point in a rhythm: drugs of one person are fetched on the same days.
    """
    if care.at is not None:
        which, when = _fixed(care, spells, stream)
    elif care.every is not None:
        which, when = _rhythm(care, spells, phase, window, stream)
    else:
        which, when = _random(care, spells, persons, window, stream)
    inside = (when >= np.maximum(spells.start[which], window[0])) & (when < np.minimum(spells.end[which], window[1]))
    if care.adherence < 1:
        inside &= stream.uniform(len(which)) < care.adherence
    return which[inside], when[inside]


def _fixed(care: Care, spells: Spells, stream: Stream) -> Occurrences:
    n = len(spells.person)
    first = spells.start + int(care.at or 0) + (stream.uniform(n) * care.within).astype(np.int64)
    which = np.repeat(np.arange(n), care.times)
    step = np.tile(np.arange(care.times), n)
    return which, first[which] + (step * care.gap).astype(np.int64)


def _rhythm(
    care: Care, spells: Spells, phase: NDArray[np.float64], window: tuple[int, int], stream: Stream
) -> Occurrences:
    """Every `care.every` days on a grid that belongs to the person, with up to three days of delay."""
    every = care.every or 30.0
    start = np.maximum(spells.start, window[0])
    stop = np.minimum(spells.end, window[1])
    offset = phase[spells.person] * every
    first = np.ceil((start - window[0] - offset) / every)
    count = np.maximum(np.floor((stop - 1 - window[0] - offset) / every) - first + 1, 0)
    count = np.where(stop > start, count, 0).astype(np.int64)
    which = np.repeat(np.arange(len(count)), count)
    rank = np.arange(len(which)) - np.repeat(np.cumsum(count) - count, count)
    when = window[0] + offset[which] + (first[which] + rank) * every
    late = (phase[spells.person[which]] * 977.0 + rank * 0.618) % 1.0
    return which, (when + late * min(3.0, every / 4)).astype(np.int64)


def _random(care: Care, spells: Spells, persons: Persons, window: tuple[int, int], stream: Stream) -> Occurrences:
    start = np.maximum(spells.start, window[0])
    stop = np.minimum(spells.end, window[1])
    length = np.maximum(stop - start, 0)
    age = year_of((start + stop) // 2) - year_of(persons.birth[spells.person])
    rate = at(care.per_year, persons.sex[spells.person], age) if care.per_year is not None else np.ones(len(start))
    if care.spread > 0:
        rate = rate * np.exp(care.spread * stream.normal(len(rate)) - care.spread**2 / 2)
    top = SEASON.max() / SEASON.mean() if care.season else 1.0
    count = poisson(rate * length / YEAR * top, stream.uniform(len(rate)))
    which = np.repeat(np.arange(len(count)), count)
    when = start[which] + (stream.uniform(len(which)) * length[which]).astype(np.int64)
    if care.season:
        keep = stream.uniform(len(which)) * SEASON.max() < SEASON[month_of(when) - 1]
        which, when = which[keep], when[keep]
    return which, when
