"""Persons of one block: age, sex, family, residence, insurance and the hidden frailties that tie conditions together.

Calibrated: the pyramid by sex and single age (INSEE), departements (legal population). Assumptions: household links
(a child's holder is a woman of the block 18 to 45 years older), scheme shares, C2S by age, frailties as standard
normals.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from synth.core.seeds import Stream, rng
from synth.simulate.dates import FAR, day
from synth.simulate.even import starting_points, stratified_normals
from synth.simulate.identifiers import departements, pseudonym
from synth.simulate.modules import FACTORS
from synth.simulate.tables import number_column, population, text_column

BLOCK = 1000  # persons alive at the start, in one block
MEN, WOMEN = 1, 2
ADULT = 18
# scheme: code of the large scheme, caisse letters, share
SCHEMES = ((1, "01C", 0.875), (2, "02M", 0.055), (3, "03A", 0.03), (10, "10L", 0.02), (91, "91A", 0.02))
SELF_EMPLOYED, JOINED = 2, 2020  # the third scheme became part of the first
ALSACE_MOSELLE = ("057", "067", "068")
TWIN_SHARE = 0.016


@dataclass(frozen=True)
class Persons:
    """Parallel arrays, one entry a person. Days count from 1970-01-01; `place` indexes `departements()`.

    `holder` is the insured person's index (oneself for most), `mother` -1 when unknown, `rank` BEN_RNG_GEM,
    `death` FAR while alive, `alias` a second pseudonym
    (empty for most: see `pseudonyms`).
    """

    block: int
    sex: NDArray[np.int64]
    birth: NDArray[np.int64]
    death: NDArray[np.int64]
    place: NDArray[np.int64]
    commune: NDArray[np.str_]
    scheme: NDArray[np.int64]
    holder: NDArray[np.int64]
    mother: NDArray[np.int64]
    rank: NDArray[np.int64]
    c2s: NDArray[np.bool_]
    factors: NDArray[np.float64]
    psa: NDArray[np.str_]
    alias: NDArray[np.str_]

    def __len__(self) -> int:
        return len(self.sex)


def draw_persons(seed: int, block: int, year: int) -> Persons:
    """The persons of a block alive on 1 January of `year`."""
    n = BLOCK
    stream = rng(seed, "persons", block)
    cells = _pyramid(seed, block, population(year).ravel(), stream)
    sex, age = cells // 101 + 1, cells % 101
    birth = np.array([day(year - 1 - int(a)) for a in range(101)])[age] + stream.integers(n, 365)
    older = age == 100
    birth[older] -= (stream.uniform(n)[older] ** 3 * 365 * 5).astype(np.int64)
    where = stream.choice(n, number_column("places", "hundreds"))
    place = np.searchsorted(departements(), text_column("places", "dpt")[where])
    commune = text_column("places", "com")[where]
    scheme = stream.choice(n, np.array([share for *_, share in SCHEMES]))
    scheme = np.where((scheme == SELF_EMPLOYED) & (year >= JOINED), 0, scheme)
    c2s = stream.uniform(n) < np.interp(age, [0, 17, 18, 30, 60, 75, 90], [0.18, 0.18, 0.13, 0.11, 0.08, 0.03, 0.01])
    alike = np.lexsort((age, sex))
    factors = np.array([stratified_normals(alike, stream.uniform(n)) for _ in FACTORS])
    holder, mother, rank = _families(stream.uniform(n), stream.uniform(n), sex, age, birth)
    child = holder != np.arange(n)
    for values in (place, commune, scheme, c2s):
        values[child] = values[holder[child]]
    psa = np.array([pseudonym(seed, block, person) for person in range(n)])
    death = np.full(n, FAR, dtype=np.int64)
    return Persons(
        block,
        sex,
        birth,
        death,
        place,
        commune,
        scheme,
        holder,
        mother,
        rank,
        c2s,
        factors,
        psa,
        np.full(n, "", dtype="U17"),
    )


def _pyramid(seed: int, block: int, people: NDArray[np.float64], stream: Stream) -> NDArray[np.int64]:
    """The cell (sex and age) of each person: as many in each as its share of the population says, in random order."""
    edges = np.cumsum(people) / people.sum()
    places = (np.arange(BLOCK) + starting_points(seed, block, 1, "pyramid")) / BLOCK
    cells: NDArray[np.int64] = np.searchsorted(edges, places, side="right").clip(0, len(people) - 1)
    return cells[stream.permutation(BLOCK)]


def _families(
    pick: NDArray[np.float64],
    twin: NDArray[np.float64],
    sex: NDArray[np.int64],
    age: NDArray[np.int64],
    birth: NDArray[np.int64],
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Holder, mother and rank of each person; changes birth and sex of second twins to those of the first."""
    n = len(sex)
    mothers = np.flatnonzero((sex == WOMEN) & (age >= 18) & (age <= 60))
    holder, mother, rank = np.arange(n), np.full(n, -1), np.ones(n, dtype=np.int64)
    for child in np.flatnonzero(age < ADULT):
        previous = child - 1
        if child and mother[previous] >= 0 and rank[previous] == 1 and twin[child] < TWIN_SHARE / 2:
            holder[child] = mother[child] = mother[previous]
            birth[child], sex[child], rank[child] = birth[previous], sex[previous], 2
            continue
        gap = (birth[child] - birth[mothers]) / 365.25
        fit = np.exp(-(((gap - 30.5) / 5.0) ** 2) / 2) * ((gap > 17) & (gap < 45))
        if fit.sum() > 0:
            total = np.cumsum(fit)
            mother[child] = mothers[
                np.searchsorted(total, pick[child] * total[-1], side="right").clip(0, len(mothers) - 1)
            ]
            holder[child] = mother[child]
    return holder, mother, rank


def whole_families(holder: NDArray[np.int64], wanted: int) -> NDArray[np.bool_]:
    """Which persons are taken when `wanted` are asked for: the families of the first insured persons, no one apart.

    `holder` is the index of each person's insured person. A family too large for what is left gives way to the next
    that fits: persons alone, of whom there are many, fill it. Of more than half, those to leave out are chosen so.
    """
    sizes = np.bincount(holder, minlength=len(holder))
    heads = np.flatnonzero(sizes)
    few = 2 * wanted <= len(holder)
    chosen = _fitting(heads if few else heads[::-1], sizes, wanted if few else len(holder) - wanted)[holder]
    return chosen if few else ~chosen


def _fitting(heads: NDArray[np.int64], sizes: NDArray[np.int64], room: int) -> NDArray[np.bool_]:
    chosen = np.zeros(len(sizes), dtype=bool)
    for head in heads:
        if sizes[head] <= room:
            chosen[head] = True
            room -= sizes[head]
    return chosen
