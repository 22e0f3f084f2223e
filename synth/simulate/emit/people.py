"""IR_BEN_R, IR_IMB_R, KI_CCI_R: persons, their long-term diseases and their deaths."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from synth.simulate.batch import NONE, Coded
from synth.simulate.block import Block
from synth.simulate.dates import FAR, MISSING_DATE, day, month_of, year_month, year_of
from synth.simulate.identifiers import certificate, departements
from synth.simulate.persons import SCHEMES, Persons

Rows = tuple[Mapping[str, Any], int]
OPEN_ENDED = day(2099, 12, 31)
SYNTHETIC_NIR = "00"


def insurer(persons: Persons, index: NDArray[np.int64]) -> Coded:
    """Affiliation body of each person: scheme letters, departement, a three-digit office."""
    letters = {code: text for code, text, _ in SCHEMES}
    schemes = np.array([code for code, *_ in SCHEMES])
    position = persons.scheme[index] * len(departements()) + persons.place[index]
    words = [f"{letters[code]}{place}000" for code in schemes.tolist() for place in departements()]
    return Coded(words, position)


def identity(persons: Persons, index: NDArray[np.int64], second: NDArray[np.bool_] | None = None) -> dict[str, Any]:
    """Columns that carry a person from table to table; `second` flags rows under the person's second pseudonym."""
    names = persons.psa if second is None else np.concatenate([persons.psa, persons.alias])
    return {
        "BEN_NIR_PSA": Coded(names, index if second is None else index + len(persons) * second),
        "BEN_RNG_GEM": persons.rank[index],
        "BEN_NAI_ANN": year_of(persons.birth[index]),
        "BEN_SEX_COD": persons.sex[index],
        "BEN_RES_DPT": Coded(departements(), persons.place[index]),
        "BEN_RES_COM": Coded(persons.commune, index),
    }


def anonymous_id(persons: Persons) -> NDArray[np.str_]:
    """BEN_IDT_ANO of each person: BEN_NIR_ANO when there is one (BEN_IDT_TOP 1)."""
    tails = zip(persons.psa.tolist(), persons.rank.tolist(), strict=True)
    return np.array([f"SYNA{text[3:15]}{rank}" for text, rank in tails], dtype="U17")


def _month_text(months: NDArray[np.int64]) -> Coded:
    return Coded([f"{month:02d}" for month in range(1, 13)], months - 1)


def beneficiaries(block: Block) -> Rows:
    """IR_BEN_R: one row a pseudonym."""
    persons = block.persons
    own = np.flatnonzero(block.wanted)
    double = own[persons.alias[own] != ""]
    index = np.concatenate([own, double])
    second = np.arange(len(index)) >= len(own)
    death = block.deaths.death[index]
    dead = death < FAR
    ano = anonymous_id(persons)
    last = _last_settled(block)[index]
    return {
        **identity(persons, index, second),
        "ASS_NIR_ANO": Coded(ano, persons.holder[index]),
        "BEN_NIR_ANO": Coded(ano, index),
        "BEN_IDT_ANO": Coded(ano, index),
        "BEN_IDT_TOP": 1,
        "BEN_CDI_NIR": SYNTHETIC_NIR,
        "BEN_NAI_MOI": _month_text(month_of(persons.birth[index])),
        "BEN_DCD_DTE": np.where(dead, death, MISSING_DATE),
        "BEN_DCD_AME": np.where(dead, year_month(np.where(dead, death, 0)), 160001),
        "BEN_DTE_INS": np.maximum(persons.birth[index] + 30, day(2012)),
        "BEN_DTE_MAJ": np.maximum(last, persons.birth[index] + 30),
        "BEN_IDT_MAJ": np.maximum(persons.birth[index] + 30, day(2013)),
        "BEN_TOP_CNS": (last > MISSING_DATE).astype(np.int64),
        "MAX_TRT_DTD": last,
        "ORG_AFF_BEN": insurer(persons, index),
        "ORG_CLE_NEW": insurer(persons, index),
    }, len(index)


def _last_settled(block: Block) -> NDArray[np.int64]:
    last = np.full(len(block.persons), MISSING_DATE, dtype=np.int64)
    np.maximum.at(last, block.lines.events.person, block.lines.settled)
    return last


def long_term_diseases(block: Block) -> Rows:
    """IR_IMB_R: one row a status."""
    ald = block.ald
    keep = block.wanted[ald.person]
    person = ald.person[keep]
    start = ald.start[keep]
    end = np.where(_tenth(person, start), OPEN_ENDED, ald.end[keep])
    return {
        "BEN_NIR_PSA": Coded(block.persons.psa, person),
        "BEN_RNG_GEM": block.persons.rank[person],
        "IMB_ALD_NUM": ald.number[keep],
        "IMB_ALD_DTD": start,
        "IMB_ALD_DTF": end,
        "IMB_ETM_NAT": ald.nature[keep],
        "MED_MTF_COD": ald.cim[keep],
        "MED_NCL_IDT": "CIM10",
        "INS_DTE": start + 20,
        "UPD_DTE": np.full(len(person), NONE),
    }, len(person)


def _tenth(person: NDArray[np.int64], start: NDArray[np.int64]) -> NDArray[np.bool_]:
    """About a tenth of statuses have no end (2099), as in the referential."""
    tenth: NDArray[np.bool_] = (person * 7 + start) % 10 == 0
    return tenth


def death_certificates(block: Block) -> Rows:
    """KI_CCI_R: one row a death, with the initial cause and the date of IR_BEN_R."""
    persons, deaths = block.persons, block.deaths
    keep = block.wanted[deaths.person]
    person, when = deaths.person[keep], deaths.when[keep]
    ano = anonymous_id(persons)
    names = [certificate(block.seed, persons.block, int(who)) for who in person]
    in_hospital = np.isin(person, block.stays.person[block.stays.died])
    return {
        "DCD_IDT_ENC": np.array(names, dtype="U64"),
        "DCD_IDT_TOP": 1,
        "BEN_IDT_ANO": Coded(ano, person),
        "BEN_IDT_TOP": 1,
        "BEN_NIR_ANO": Coded(ano, person),
        "FLX_PER_ANN": year_of(when),
        "BEN_DCD_DTE": when,
        "BEN_DCD_AME": year_month(when),
        "BEN_NAI_ANN": year_of(persons.birth[person]),
        "BEN_NAI_MOI": _month_text(month_of(persons.birth[person])),
        "BEN_SEX_COD": persons.sex[person],
        "BEN_RES_DPT": Coded(departements(), persons.place[person]),
        "BEN_RES_COM": Coded(persons.commune, person),
        "DCD_DPT_COD": Coded(departements(), persons.place[person]),
        "DCD_COM_COD": Coded(persons.commune, person),
        "DCD_CIM_COD": np.array([code[:4] for code in deaths.cause[keep]], dtype="U4"),
        "DCD_CIM_VER": 10,
        "DCD_LIE_COD": np.where(in_hospital, 2, 1),
        "TYP_CER_COD": 1,
        "CER_VER_NUM": 2,
    }, len(person)


def causes_of_death(block: Block) -> Rows:
    """KI_ECD_R: the chain of causes, from the terminal one (line 1) to the initial one, and a contributory one (line
    6).
    """
    persons, deaths = block.persons, block.deaths
    keep = np.flatnonzero(block.wanted[deaths.person])
    rows: list[tuple[int, int, int, str]] = []
    for place in keep.tolist():
        initial = str(deaths.cause[place])[:4]
        terminal = TERMINAL[(place * 7 + int(deaths.when[place])) % len(TERMINAL)]
        if terminal[:3] != initial[:3] and initial[0] not in "RVWX":
            rows.append((place, 1, 1, terminal))
            rows.append((place, 2, 1, initial))
        else:
            rows.append((place, 1, 1, initial))
        other = _contributory(block, int(deaths.person[place]), initial)
        if other:
            rows.append((place, 6, 1, other))
    index = np.array([row[0] for row in rows], dtype=np.int64)
    person, when = deaths.person[index], deaths.when[index]
    ano = anonymous_id(persons)
    names = [certificate(block.seed, persons.block, int(who)) for who in person]
    return {
        "DCD_IDT_ENC": np.array(names, dtype="U64"),
        "DCD_IDT_TOP": 1,
        "BEN_IDT_ANO": Coded(ano, person),
        "BEN_IDT_TOP": 1,
        "BEN_NIR_ANO": Coded(ano, person),
        "BEN_DCD_DTE": when,
        "BEN_DCD_AME": year_month(when),
        "FLX_PER_ANN": year_of(when),
        "CER_LIG_NUM": np.array([row[1] for row in rows], dtype=np.int64),
        "ECD_CAU_RNG": np.array([row[2] for row in rows], dtype=np.int64),
        "ECD_CIM_COD": np.array([row[3] for row in rows], dtype="U4"),
    }, len(rows)


TERMINAL = ("I469", "J960", "R570", "A419", "J969", "N179")


def _contributory(block: Block, person: int, initial: str) -> str:
    """A long-term disease of the person other than the initial cause, if any."""
    mine = block.ald.cim[block.ald.person == person]
    others = [str(code)[:4] for code in mine.tolist() if str(code)[:3] != initial[:3]]
    return others[0] if others else ""
