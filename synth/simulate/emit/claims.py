"""ER_PRS_F: the benefits paid, one row an entry of the ledger."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from synth.simulate.batch import Coded, padded
from synth.simulate.block import Block
from synth.simulate.claims import line_table
from synth.simulate.dates import MISSING_DATE, age_years, year_month, year_of
from synth.simulate.emit.people import Rows, identity, insurer
from synth.simulate.ledger import COORDINATION, INFORMATION, PARTICIPATION, PARTICIPATION_NATURE
from synth.simulate.persons import Persons

FLUX_TYPE = 12
HOME_VISIT = 1211
MISSING_MONTH = 160001
OLDEST_AGE_CODE = 129


def key_columns(block: Block, rows: NDArray[np.int64]) -> dict[str, Any]:
    """The nine columns of a row's key; `rows` indexes the ledger."""
    ledger = block.ledger
    person = block.lines.events.person[ledger.line[rows]]
    return {
        "DCT_ORD_NUM": ledger.form[rows],
        "FLX_DIS_DTD": ledger.flux[rows],
        "FLX_EMT_NUM": block.persons.block // 1000 + 1,
        "FLX_EMT_ORD": 1,
        "FLX_EMT_TYP": FLUX_TYPE,
        "FLX_TRT_DTD": ledger.settled[rows],
        "ORG_CLE_NUM": insurer(block.persons, person),
        "ORG_CLE_NEW": insurer(block.persons, person),
        "PRS_ORD_NUM": ledger.rank[rows],
        "REM_TYP_AFF": 1,
    }


def wanted_rows(block: Block) -> NDArray[np.int64]:
    """Ledger rows of the persons asked for, by form and rank."""
    rows = block.ledger.in_order
    kept: NDArray[np.int64] = rows[block.wanted[block.lines.events.person[block.ledger.line[rows]]]]
    return kept


def second_pseudonym(persons: Persons, person: NDArray[np.int64], form: NDArray[np.int64]) -> NDArray[np.bool_] | None:
    """Which rows go under the second pseudonym: one form in three of those who have two; None when nobody has."""
    double = persons.alias != ""
    return double[person] & (form % 3 == 0) if double.any() else None


def benefits(block: Block) -> Rows:
    """ER_PRS_F: one row an entry of the ledger."""
    rows = wanted_rows(block)
    line = block.ledger.line[rows]
    events, persons = block.lines.events, block.persons
    person, when = events.person[line], events.day[line]
    return {
        **key_columns(block, rows),
        **identity(persons, person, second_pseudonym(persons, person, block.ledger.form[rows])),
        **_person_columns(block, person, when, block.ledger.settled[rows]),
        **_care_columns(block, rows, line, when),
        **_amount_columns(block, rows, line),
        **_professional_columns(block, line),
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


def _care_columns(
    block: Block, rows: NDArray[np.int64], line: NDArray[np.int64], when: NDArray[np.int64]
) -> dict[str, Any]:
    lines, amounts, ledger = block.lines, block.amounts, block.ledger
    kind, nature = ledger.kind[rows], ledger.nature[rows]
    prescribed = lines.prescribed[line]
    added = np.isin(kind, (PARTICIPATION, COORDINATION))
    quantity = lines.events.quantity[line] * ledger.sign[rows]
    stay = lines.events.stay[line]
    begins = np.where(stay >= 0, block.stays.entry[stay], when) if len(block.stays.entry) else when
    return {
        "EXE_SOI_DTD": begins,
        "EXE_SOI_DTF": when,
        "EXE_SOI_AMD": year_month(begins),
        "EXE_SOI_AMF": year_month(when),
        "PRE_PRE_DTD": np.minimum(prescribed, begins),
        "PRE_PRE_AMD": year_month(np.minimum(prescribed, begins)),
        "PRS_NAT_REF": nature,
        "BSE_PRS_NAT": np.where(added, 0, nature),
        "CPL_PRS_NAT": np.where(kind == PARTICIPATION, PARTICIPATION_NATURE, np.where(kind == COORDINATION, nature, 0)),
        "CPL_MAJ_TOP": np.where(added, 2, 0),
        "CPL_AFF_COD": np.where(kind == PARTICIPATION, 16, 0),
        "PRS_ACT_QTE": np.where(added, 1, quantity),
        "PRS_ACT_NBR": np.where(added, 1, quantity),
        "PRS_ACT_COG": np.where(added, 1, quantity),
        "PRS_ACT_CFT": 1,
        "DPN_QLF": np.where(ledger.information[rows], INFORMATION, 0),
        "PRS_DPN_QLP": np.where(ledger.information[rows] | (kind == PARTICIPATION), INFORMATION, 0),
        "EXO_MTF": amounts.exempt[line],
        "MTM_NAT": np.where(amounts.local[line], 2, 0),
        "PRS_GRS_DTD": MISSING_DATE,
        "PRS_HOS_DTD": np.where(stay >= 0, begins, MISSING_DATE),
        "PRS_HOS_AMD": np.where(stay >= 0, year_month(begins), MISSING_MONTH),
        "PRE_REN_COD": np.where(lines.events.renewal[line], 1, 0),
        "ETB_PRE_FIN": "00000000",
        "EXE_LIE_COD": np.where(nature == HOME_VISIT, 2, 1),
        "PRS_REJ_TOP": 0,
    }


def _amount_columns(block: Block, rows: NDArray[np.int64], line: NDArray[np.int64]) -> dict[str, Any]:
    ledger, amounts = block.ledger, block.amounts
    own = ledger.detailed[rows]
    sign = ledger.sign[rows]
    extra = ledger.extra_refund[rows]
    return {
        "BSE_REM_BSE": ledger.base[rows],
        "BSE_REM_MNT": ledger.refund[rows],
        "BSE_REM_PRU": np.where(own, amounts.unit[line], 0.0),
        "BSE_REM_SGN": sign,
        "CPL_REM_BSE": ledger.extra_base[rows],
        "CPL_REM_MNT": extra,
        "CPL_REM_PRU": ledger.extra_base[rows],
        "CPL_REM_SGN": np.where(extra < 0, -1, 1),
        "RGO_REM_TAU": ledger.rate[rows],
        "RGO_THE_TAU": np.where(amounts.penalty[line] > 0, 70.0, ledger.rate[rows]),
        "RGO_MOD_MNT": np.where(own, amounts.penalty[line] * sign, 0.0),
        "PRS_PAI_MNT": ledger.paid[rows],
        "PRS_DEP_MNT": np.where(own, np.round(ledger.paid[rows] - ledger.base[rows], 2), 0.0),
        "RGO_ASU_NAT": 10,
        "RGO_ENV_TYP": 0,
    }


def _professional_columns(block: Block, line: NDArray[np.int64]) -> dict[str, Any]:
    lines, kinds = block.lines, line_table()
    kind = lines.events.kind[line]
    return {
        "PFS_EXE_NUM": padded(lines.performer[line], 8),
        "PFS_PRE_NUM": padded(lines.prescriber[line], 8),
        "PSE_ACT_NAT": kinds.activity[kind],
        "PSE_SPE_COD": kinds.specialty[kind],
        "PSP_SPE_COD": lines.prescriber_specialty[line],
        "PSP_ACT_NAT": 0,
        "PSE_STJ_COD": 51,
        "PSE_CNV_COD": np.where(kinds.over[kind] > 0.3, 3, 1),
    }
