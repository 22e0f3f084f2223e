"""ER_PRS_F and the detail tables of the DCIR."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from synth.simulate.batch import Coded
from synth.simulate.block import Block
from synth.simulate.claims import line_table
from synth.simulate.dates import FAR, MISSING_DATE, age_years, year_month, year_of
from synth.simulate.drugs import drugs
from synth.simulate.emit.people import Rows, identity, insurer

FLUX_TYPE = 12
MISSING_MONTH = 160001
OLDEST_AGE_CODE = 129


def key_columns(block: Block, rows: NDArray[np.int64]) -> dict[str, Any]:
    """The nine columns of a line's key."""
    lines = block.lines
    return {
        "DCT_ORD_NUM": lines.form[rows],
        "FLX_DIS_DTD": lines.flux[rows],
        "FLX_EMT_NUM": block.persons.block // 1000 + 1,
        "FLX_EMT_ORD": 1,
        "FLX_EMT_TYP": FLUX_TYPE,
        "FLX_TRT_DTD": lines.settled[rows],
        "ORG_CLE_NUM": insurer(block.persons, lines.events.person[rows]),
        "ORG_CLE_NEW": insurer(block.persons, lines.events.person[rows]),
        "PRS_ORD_NUM": lines.rank[rows],
        "REM_TYP_AFF": 1,
    }


def wanted_lines(block: Block) -> NDArray[np.int64]:
    """Lines of the persons asked for."""
    return np.flatnonzero(block.wanted[block.lines.events.person])


def benefits(block: Block) -> Rows:
    """ER_PRS_F: one row a line of a claim form."""
    rows = wanted_lines(block)
    lines, persons = block.lines, block.persons
    person, when = lines.events.person[rows], lines.events.day[rows]
    return {
        **key_columns(block, rows),
        **identity(persons, person),
        **_person_columns(block, person, when, lines.settled[rows]),
        **_care_columns(block, rows, when),
        **_amount_columns(block, rows),
        **_professional_columns(block, rows),
    }, len(rows)


def _person_columns(
    block: Block, person: NDArray[np.int64], when: NDArray[np.int64], settled: NDArray[np.int64]
) -> dict[str, Any]:
    persons = block.persons
    death = block.deaths.death[person]
    known = death <= settled
    free = persons.c2s[person]
    return {
        "BEN_CDI_NIR": "00",
        "BEN_AMA_COD": age_code(persons.birth[person], when),
        "BEN_DCD_DTE": np.where(known, death, MISSING_DATE),
        "BEN_DCD_AME": np.where(known, year_month(np.where(known, death, 0)), MISSING_MONTH),
        "BEN_CMU_TOP": np.where(free, 1, 0),
        "BEN_CTA_TYP": np.where(free, 89, 0),
        "BEN_C2S_TYP": Coded(["G89"], np.where(free & (year_of(when) >= 2021), 0, -1)),
        "ORG_AFF_BEN": insurer(persons, person),
        "RGM_COD": 100,
        "RGM_GRG_COD": _SCHEME_CODES[persons.scheme[person]],
    }


_SCHEME_CODES = np.array([1, 2, 3, 10, 91])


def age_code(birth: NDArray[np.int64], when: NDArray[np.int64]) -> NDArray[np.int64]:
    """BEN_AMA_COD: years, or 1000 + months below two years; 9999 out of range (rule 13)."""
    years = age_years(birth, when)
    born, seen = year_month(birth), year_month(when)
    months = (seen // 100 - born // 100) * 12 + seen % 100 - born % 100
    code = np.where(years < 2, 1000 + np.clip(months, 0, 23), years)
    return np.where((years < 0) | (years > OLDEST_AGE_CODE), 9999, code)


def _care_columns(block: Block, rows: NDArray[np.int64], when: NDArray[np.int64]) -> dict[str, Any]:
    lines, amounts = block.lines, block.amounts
    nature = amounts.nature[rows]
    prescribed = lines.prescribed[rows]
    return {
        "EXE_SOI_DTD": when,
        "EXE_SOI_DTF": when,
        "EXE_SOI_AMD": year_month(when),
        "EXE_SOI_AMF": year_month(when),
        "PRE_PRE_DTD": prescribed,
        "PRE_PRE_AMD": year_month(prescribed),
        "PRS_NAT_REF": nature,
        "BSE_PRS_NAT": nature,
        "CPL_PRS_NAT": 0,
        "CPL_MAJ_TOP": 0,
        "CPL_AFF_COD": 0,
        "PRS_ACT_QTE": lines.events.quantity[rows],
        "PRS_ACT_NBR": lines.events.quantity[rows],
        "PRS_ACT_COG": lines.events.quantity[rows],
        "PRS_ACT_CFT": 1,
        "DPN_QLF": 0,
        "PRS_DPN_QLP": 0,
        "EXO_MTF": amounts.exempt[rows],
        "MTM_NAT": np.where(amounts.local[rows], 2, 0),
        "PRS_GRS_DTD": MISSING_DATE,
        "PRS_HOS_DTD": MISSING_DATE,
        "PRS_HOS_AMD": MISSING_MONTH,
        "PRE_REN_COD": np.where(lines.events.renewal[rows], 1, 0),
        "ETB_PRE_FIN": "00000000",
        "EXE_LIE_COD": np.where(nature == 1211, 2, 1),
        "PRS_REJ_TOP": 0,
    }


def _amount_columns(block: Block, rows: NDArray[np.int64]) -> dict[str, Any]:
    amounts = block.amounts
    zero = np.zeros(len(rows))
    base, paid = amounts.base[rows], amounts.paid[rows]
    return {
        "BSE_REM_BSE": base,
        "BSE_REM_MNT": amounts.refund[rows],
        "BSE_REM_PRU": amounts.unit[rows],
        "BSE_REM_SGN": 1,
        "CPL_REM_BSE": zero,
        "CPL_REM_MNT": zero,
        "CPL_REM_PRU": zero,
        "CPL_REM_SGN": 1,
        "RGO_REM_TAU": amounts.rate[rows],
        "RGO_THE_TAU": amounts.rate[rows],
        "RGO_MOD_MNT": zero,
        "PRS_PAI_MNT": paid,
        "PRS_DEP_MNT": np.round(paid - base, 2),
        "RGO_ASU_NAT": 10,
        "RGO_ENV_TYP": 0,
    }


def _professional_columns(block: Block, rows: NDArray[np.int64]) -> dict[str, Any]:
    lines, kinds = block.lines, line_table()
    kind = lines.events.kind[rows]
    specialty = lines.prescriber_specialty[rows]
    return {
        "PFS_EXE_NUM": lines.performer[rows],
        "PFS_PRE_NUM": lines.prescriber[rows],
        "PSE_ACT_NAT": kinds.activity[kind],
        "PSE_SPE_COD": kinds.specialty[kind],
        "PSP_SPE_COD": specialty,
        "PSP_ACT_NAT": 0,
        "PSE_STJ_COD": 51,
        "PSE_CNV_COD": np.where(kinds.over[kind] > 0.3, 3, 1),
    }


def medicines(block: Block) -> Rows:
    """ER_PHA_F: one row a medicine line; price times quantity is the line's base (rule 33)."""
    rows = wanted_lines(block)
    rows = rows[block.lines.events.drug[rows] >= 0]
    drug = block.lines.events.drug[rows]
    table = drugs()
    return {
        **key_columns(block, rows),
        "PHA_ORD_NUM": 1,
        "PHA_PRS_C13": table.cip13[drug],
        "PHA_PRS_IDE": table.cip7[drug],
        "PHA_ACT_QSN": block.lines.events.quantity[rows],
        "PHA_ACT_PRU": table.price[drug],
        "PHA_DEC_TOP": "N",
        "PHA_DEC_QSU": 0,
        "PHA_SEQ_RNV": 0,
        "PHA_CPA_PCP": "00 ",
        "PHA_SUB_MTF": 0,
    }, len(rows)


def alive_at(block: Block, person: NDArray[np.int64], when: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Whether each person lives on a day."""
    return when <= np.minimum(block.deaths.death[person], FAR)
