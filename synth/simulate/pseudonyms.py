"""Pseudonyms as the real base has them: twins of one sex share one, and some children have two.

BEN_NIR_PSA hashes the holder's number with the birth date and sex of the person. Same-sex twins therefore share it
and are told
apart by BEN_RNG_GEM, and a child declared by two holders has two. It is an option: with it, a foreign key to
BEN_NIR_PSA alone
(that of the hospital tables) no longer names one person.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from synth.core.seeds import rng
from synth.simulate.dates import year_of
from synth.simulate.identifiers import pseudonym
from synth.simulate.persons import Persons

TWO_HOLDERS_SHARE = 0.06  # of minors (assumption)


def share_pseudonyms(persons: Persons, seed: int, start: int) -> Persons:
    """The persons, same-sex twins sharing their pseudonym and some minors with a second one (`alias`)."""
    psa, rank = persons.psa.copy(), persons.rank.copy()
    twin = np.zeros(len(persons), dtype=bool)
    twin[1:] = (persons.mother[1:] >= 0) & (persons.mother[1:] == persons.mother[:-1])
    twin[1:] &= (persons.birth[1:] == persons.birth[:-1]) & (persons.sex[1:] == persons.sex[:-1])
    for second in np.flatnonzero(twin).tolist():
        psa[second], rank[second] = psa[second - 1], 2
    rank[~twin] = 1
    minor = (persons.holder != np.arange(len(persons))) & (year_of(persons.birth) < int(year_of(np.array([start]))[0]))
    shared = np.isin(psa, psa[twin])
    chosen = minor & ~shared & (rng(seed, "two holders", persons.block).uniform(len(persons)) < TWO_HOLDERS_SHARE)
    alias = np.array(
        [pseudonym(seed, persons.block, "second", who) if two else "" for who, two in enumerate(chosen.tolist())]
    )
    return replace(persons, psa=psa, rank=rank, alias=alias.astype("U17"))
