"""CT_IDE and CT_IND: the disease map of a year, one row a person who had care."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np

from synth.core.snds import snds_table
from synth.simulate.batch import Coded, padded
from synth.simulate.block import Block
from synth.simulate.dates import FAR, MISSING_DATE, day, year_of
from synth.simulate.disease_map import consumers, disease_map
from synth.simulate.emit.people import Rows, anonymous_id
from synth.simulate.identifiers import departements
from synth.simulate.persons import SCHEMES

PATTERN, VERSION = "CT_IND_AAAA_GN", "12"  # two characters in the dictionary: the number of the generation alone
SELF_EMPLOYED, FARMERS = 3, 2
GENERAL = 1


def identities(block: Block, year: int) -> Rows:
    """CT_IDE: the pseudonym of each person of the map."""
    person = np.flatnonzero(consumers(block, year) & block.wanted)
    return {
        "BEN_NIR_PSA": Coded(block.persons.psa, person),
        "BEN_RNG_GEM": block.persons.rank[person],
        "BEN_IDT_ANO": Coded(anonymous_id(block.persons), person),
        "VERSION": VERSION,
    }, len(person)


def tops(block: Block, year: int) -> Rows:
    """CT_IND: the tops and groups of each person of the map; those that nothing simulated explains are 0."""
    person = np.flatnonzero(consumers(block, year) & block.wanted)
    found = disease_map(block, year)
    columns: dict[str, Any] = {
        name: found[name][person].astype(np.int64) if name in found else 0 for name in _top_names(year)
    }
    persons, death = block.persons, block.deaths.death
    age = year - year_of(persons.birth[person])
    scheme = np.array([code for code, *_ in SCHEMES])[persons.scheme[person]]
    died = (death[person] < day(year + 1)) & (death[person] < FAR)
    columns |= {
        "BEN_IDT_ANO": Coded(anonymous_id(persons), person),
        "VERSION": VERSION,
        "BEN_NAI_ANN": year_of(persons.birth[person]),
        "BEN_SEX_COD": persons.sex[person],
        "BEN_DCD_DTE": np.where(died, np.minimum(death[person], FAR), MISSING_DATE),
        "AGE": age,
        "CLA_AGE_5": padded(np.minimum(age // 5 * 5, 95), 2),
        "DPT": Coded(departements(), persons.place[person]),
        "C2S": persons.c2s[person].astype(np.int64),
        "BEN_ALD_TOP": (block.ald.first[person] < day(year + 1)).astype(np.int64),
        "RGM_RG": (scheme == GENERAL).astype(np.int64),
        "RGM_MSA": (scheme == FARMERS).astype(np.int64),
        "RGM_RSI": (scheme == SELF_EMPLOYED).astype(np.int64),
        "RGM_SLM": (scheme > SELF_EMPLOYED).astype(np.int64),
        "RGM_RG_SLM": ((scheme == GENERAL) | (scheme > SELF_EMPLOYED)).astype(np.int64),
        "SUP_POPTOT_CAT": 1,
        "DCD_3112_RG": died.astype(np.int64),
    }
    return columns, len(person)


@cache
def _top_names(year: int) -> tuple[str, ...]:
    """Columns of tops and groups in a year."""
    names = snds_table(PATTERN, year).column_names
    return tuple(name for name in names if name.startswith(("TOP_", "SUP_")))
