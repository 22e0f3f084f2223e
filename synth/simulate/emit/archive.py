"""IR_BEN_R_ARC: pseudonyms under which nobody has had care since 2013, kept apart from IR_BEN_R.

A pseudonym is made from the insured's number, so those who were their parents' dependants and came of age before 2013
left one behind; so did married women insured through their husbands. Both columns of the archive that link
(BEN_IDT_ANO, BEN_NIR_ANO) lead to the person's row of IR_BEN_R. Shares are assumptions.
"""

from __future__ import annotations

import numpy as np

from synth.core.seeds import rng
from synth.simulate.batch import taken
from synth.simulate.block import Block
from synth.simulate.dates import MISSING_DATE, day, year_of
from synth.simulate.emit.claims import MISSING_MONTH
from synth.simulate.emit.people import Rows, beneficiaries
from synth.simulate.identifiers import pseudonym

ARCHIVED_SINCE = 2013
FORMER_DEPENDANTS = 0.35  # of those aged 18 to 29 in 2013: their age class had its pseudonym in the base since 2006
COME_OF_AGE, RECENT = 18, 30


def archived(block: Block) -> Rows:
    """One row a former pseudonym: the person's row of IR_BEN_R under another name, last seen before 2013."""
    persons = block.persons
    columns, _ = beneficiaries(block)
    own = np.flatnonzero(block.wanted)  # the first rows of IR_BEN_R are one a person
    age = ARCHIVED_SINCE - year_of(persons.birth[own])
    drawn = rng(block.seed, "archived", persons.block).uniform(len(persons))[own]
    rows = np.flatnonzero((age >= COME_OF_AGE) & (age < RECENT) & (drawn < FORMER_DEPENDANTS))
    made = {name: taken(values, rows) for name, values in columns.items()}
    names = [pseudonym(block.seed, persons.block, int(person), "archived") for person in own[rows]]
    last = day(2006) + (drawn[rows] / FORMER_DEPENDANTS * (day(ARCHIVED_SINCE) - day(2006))).astype(np.int64)
    return made | {
        "BEN_NIR_PSA": np.array(names, dtype="U17"),
        "BEN_RNG_GEM": np.ones(len(rows), dtype=np.int64),
        "ASS_NIR_ANO": None,
        "BEN_DTE_INS": np.full(len(rows), MISSING_DATE),
        "BEN_DTE_MAJ": last,
        "BEN_IDT_MAJ": last,
        "BEN_DCD_DTE": np.full(len(rows), MISSING_DATE),
        "BEN_DCD_AME": np.full(len(rows), MISSING_MONTH),
        "BEN_TOP_CNS": np.ones(len(rows), dtype=np.int64),
        "MAX_TRT_DTD": last,
    }, len(rows)
