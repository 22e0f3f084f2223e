"""IR_ORC_R and IR_MTT_R: complementary cover (C2S) and the treating doctor."""

from __future__ import annotations

import numpy as np

from synth.simulate.batch import Coded, padded
from synth.simulate.block import Block
from synth.simulate.claims import treating_doctor
from synth.simulate.dates import MISSING_DATE, day
from synth.simulate.emit.people import Rows, anonymous_id

ADULT_DAYS = 16 * 365
FREE_COVER = 89


def complementary_cover(block: Block) -> Rows:
    """IR_ORC_R: one row a year of C2S and person."""
    persons, window = block.persons, block.window
    person = np.flatnonzero(block.wanted & persons.c2s)
    years = np.array(list(window.years))
    who, year = np.repeat(person, len(years)), np.tile(years, len(person))
    start = np.maximum(np.array([day(int(value)) for value in year]), persons.birth[who])
    end = np.array([day(int(value), 12, 31) for value in year])
    kept = (start <= np.minimum(end, block.deaths.death[who])) & (start <= end)
    who, start, end = who[kept], start[kept], end[kept]
    ano = anonymous_id(persons)
    return {
        "BEN_NIR_PSA": Coded(persons.psa, who),
        "BEN_RNG_GEM": persons.rank[who],
        "BEN_IDT_ANO": Coded(ano, who),
        "BEN_NIR_ANO": Coded(ano, who),
        "BEN_CTA_TYP": FREE_COVER,
        "REF_C2S_COD": "1",
        "MLL_CTA_DSD": start,
        "MLL_CTA_DSF": end,
    }, len(who)


def treating_doctors(block: Block) -> Rows:
    """IR_MTT_R: the doctor declared by each person of 16 or more (nine in ten)."""
    persons = block.persons
    old_enough = persons.birth + ADULT_DAYS < block.window.start
    person = np.flatnonzero(block.wanted & old_enough & (np.arange(len(persons)) % 10 != 0))
    declared = np.maximum(persons.birth[person] + ADULT_DAYS + 400, day(2005)) + (person * 53) % 1500
    declared = np.minimum(declared, block.window.start)
    ano = anonymous_id(persons)
    return {
        "BEN_NIR_PSA": Coded(persons.psa, person),
        "BEN_RNG_GEM": persons.rank[person],
        "BEN_IDT_ANO": Coded(ano, person),
        "BEN_NIR_ANO": Coded(ano, person),
        "MTT_PFS_NUM": padded(treating_doctor(persons, block.seed)[person], 8),
        "MTT_DEB_DTE": declared,
        "MTT_FIN_DTE": np.full(len(person), MISSING_DATE),
    }, len(person)
