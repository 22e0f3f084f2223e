"""Births within the window: pregnancies spaced apart, and the children they bring into the block."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from synth.core.seeds import rng
from synth.simulate.conditions import Course, Window, rebuild
from synth.simulate.dates import FAR
from synth.simulate.identifiers import pseudonym
from synth.simulate.modules import FACTORS
from synth.simulate.persons import TWIN_SHARE, Persons

GESTATION = 270
APART = 400
BOYS = 0.512


def space_pregnancies(course: Course, persons: Persons, seed: int) -> Course:
    """The same course without the pregnancies that begin before an earlier one of the same woman is over."""
    order = np.lexsort((course.onset, course.person))
    keep = np.zeros(len(order), dtype=bool)
    current, last = -1, 0
    for row in order.tolist():
        who, start = int(course.person[row]), int(course.onset[row])
        if who != current or start >= last + APART:
            keep[row] = True
            current, last = who, start
    rows = np.sort(np.flatnonzero(keep))
    stream = rng(seed, "pregnancies", persons.block)
    return rebuild(course.module, course.person[rows], course.onset[rows], stream)


def add_newborns(persons: Persons, pregnancies: Course, window: Window, seed: int) -> Persons:
    """The persons of a block with the children born to its women within the window, one or two a pregnancy."""
    stream = rng(seed, "newborns", persons.block)
    birth = pregnancies.onset + GESTATION
    inside = (birth >= window.start) & (birth < window.end)
    mother, birth = pregnancies.person[inside], birth[inside]
    twins = stream.uniform(len(mother)) < TWIN_SHARE
    children = np.repeat(np.arange(len(mother)), 1 + twins)
    mother, birth = mother[children], birth[children]
    count = len(mother)
    start = len(persons)
    names = [pseudonym(seed, persons.block, "child", start + child) for child in range(count)]
    factors = stream.normal(count * len(FACTORS)).reshape(len(FACTORS), count)
    return replace(
        persons,
        sex=_join(persons.sex, np.where(stream.uniform(count) < BOYS, 1, 2)),
        birth=_join(persons.birth, birth),
        death=_join(persons.death, np.full(count, FAR)),
        place=_join(persons.place, persons.place[mother]),
        commune=np.concatenate([persons.commune, persons.commune[mother]]),
        scheme=_join(persons.scheme, persons.scheme[mother]),
        holder=_join(persons.holder, mother),
        mother=_join(persons.mother, mother),
        rank=_join(persons.rank, np.ones(count, dtype=np.int64)),
        c2s=np.concatenate([persons.c2s, persons.c2s[mother]]),
        factors=np.hstack([persons.factors, factors]),
        alias=np.concatenate([persons.alias, np.full(count, "", dtype="U17")]),
        psa=np.concatenate([persons.psa, np.array(names, dtype="U17")]) if count else persons.psa,
    )


def _join(known: NDArray[np.int64], new: NDArray[np.int64]) -> NDArray[np.int64]:
    return np.concatenate([known, new.astype(np.int64)])
