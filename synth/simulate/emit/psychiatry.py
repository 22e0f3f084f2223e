"""Psychiatry (RIM-P): RSA (sequences), C (whose), S (stays), RSAD (diagnoses), R3A and CSTC (outpatient acts, whose).

Stays are cut at the end of each quarter until 2022, of each month from 2023, the rhythm of invoices; a sequence belongs
to the year of its last day (rule 6). RIP_NUM changes from year to year. Outpatient acts carry the hashed number of
the patient in the establishment (IPP_IRR_CRY), which CSTC links to the person from 2020 on.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from synth.simulate.batch import Coded, padded
from synth.simulate.block import Block
from synth.simulate.dates import day, month_of, year_month, year_of
from synth.simulate.emit.people import Rows
from synth.simulate.emit.sector_columns import (
    MONTHS,
    associated,
    dependence,
    exit_month,
    facility_numbers,
    hospital_identity,
    linked,
    modes,
    numbers,
    patient,
    return_codes,
)
from synth.simulate.sectors import DAY, OUTPATIENT, PSYCHIATRY

MONTHLY_SINCE = 2023
FULL_TIME, PART_TIME = 1, 2
FREE_CARE = "1"
WITHOUT_CONSENT = ("7", "8", "3")  # at a third party's request, imminent danger, by order of the State
CONSENT_EDGES = (0.55, 0.85)
ISOLATED_SHARE = 0.3  # of the stays without consent
DAYS_A_WEEK = 2.5
YES, NO = "1", "2"
OUTPATIENT_CARE, GROUP_CARE = "30", "31"
SESSION_LETTER = "G"
PLACES = ("L01", "L01", "L01", "L02", "L03", "L09")
WORKERS = ("M", "M", "I", "I", "P", "A", "S")


@dataclass(frozen=True)
class _Year:
    """Stays filed in a year, which are over, their numbers; and their sequences: index into `rows`, rank within the
    stay, first day, day after the last."""

    rows: NDArray[np.int64]
    over: NDArray[np.bool_]
    number: NDArray[np.str_]
    stay: NDArray[np.int64]
    rank: NDArray[np.int64]
    first: NDArray[np.int64]
    end: NDArray[np.int64]


def period_starts(first: int, last: int) -> NDArray[np.int64]:
    """First days of the invoicing periods of the years from `first` to `last`: quarters, months from 2023 on."""
    return np.array(
        [
            day(year, month)
            for year in range(first, last + 1)
            for month in range(1, 13)
            if year >= MONTHLY_SINCE or month % 3 == 1
        ]
    )


def _filed(block: Block, year: int) -> _Year:
    episodes = block.episodes
    rows = episodes.of(PSYCHIATRY)
    rows = rows[block.wanted[episodes.person[rows]]]
    entry, leave = episodes.entry[rows], episodes.exit[rows]
    cuts = period_starts(block.window.first - 1, block.window.last + 3)
    before, after = np.searchsorted(cuts, entry, side="right"), np.searchsorted(cuts, leave, side="left")
    count = after - before + 1
    stay = np.repeat(np.arange(len(rows)), count)
    rank = np.arange(len(stay)) - np.repeat(np.cumsum(count) - count, count)
    first = np.where(rank == 0, entry[stay], cuts[before[stay] + rank - 1])
    end = np.where(rank == count[stay] - 1, leave[stay], cuts[np.minimum(before[stay] + rank, len(cuts) - 1)])
    kept = year_of(end - 1) == year
    filed = np.unique(stay[kept])
    place = np.zeros(len(rows), dtype=np.int64)
    place[filed] = np.arange(len(filed))
    mine = rows[filed]
    over = year_of(episodes.exit[mine] - 1) == year
    return _Year(mine, over, numbers(block, mine, 6), place[stay[kept]], rank[kept] + 1, first[kept], end[kept])


def _stay_keys(block: Block, file: _Year, stay: NDArray[np.int64]) -> dict[str, Any]:
    place = facility_numbers(block, PSYCHIATRY, file.rows[stay])
    return {"ETA_NUM_EPMSI": place, "ETA_NUM_TWO": place, "RIP_NUM": file.number[stay]}


def _patient_number(block: Block, rows: NDArray[np.int64]) -> NDArray[np.str_]:
    episodes = block.episodes
    return hospital_identity(block, episodes.person[rows], episodes.facility[rows])


def sequences(block: Block, year: int) -> Rows:
    """T_RIPaaRSA: one row a sequence of a stay."""
    file = _filed(block, year)
    episodes = block.episodes
    rows = file.rows[file.stay]
    final = file.end == episodes.exit[rows]
    over = file.over[file.stay]
    length = file.end - file.first
    since = file.first - episodes.entry[rows]
    part = _part_time(block, rows)
    legal = legal_mode(block, rows)
    per_stay = [len(associated(block, row)) for row in file.rows.tolist()]
    return {
        **_stay_keys(block, file, file.stay),
        **patient(block, rows, file.first),
        **modes(block, rows, over & final),
        **{f"SCO_DEP_{item}": dependence(block, rows, place, since) for place, item in enumerate(ACTIVITIES)},
        "IPP_IRR_CRY": _patient_number(block, rows),
        "SEQ_SEQ_NUM": padded(file.rank, 3),
        "SEQ_PRE_IND": np.where(file.rank == 1, YES, NO),
        "SEQ_DER_IND": np.where(final, YES, NO),
        "SEQ_FIN_MOI": Coded(MONTHS, month_of(file.end - 1) - 1),
        "SEQ_FIN_ANN": year_of(file.end - 1),
        "SEQ_COU_NBJ": length,
        "DEL_DAT": since,
        "PRE_JOU_NBJ": days_present(length, part),
        "PRE_DEM_JOU_NBJ": 0,
        "FOR_ACT": np.array([episodes.plans[plan].group for plan in episodes.plan[rows]], dtype="U2"),
        "MOD_SOI": legal,
        "THE_ISO_NBJ": _isolation(block, rows, legal, file.rank, length),
        "DGN_PAL": episodes.dp[rows],
        "NBR_DGN": np.array(per_stay, dtype=np.int64)[file.stay],
        "NBR_CCAM": 0,
        "TYP_GEN_RSA": "0",
        "ANO_IND": "0",
        "ETB_SAN_AUTOR": "0",
        "THE_MS_IND": "0",
        "FOR_NUM": "P11",
        "FOR_NUM_ORI": "P11",
    }, len(rows)


ACTIVITIES = ("HAB", "DPL", "ALI", "CON", "CPT", "COM")


def _part_time(block: Block, rows: NDArray[np.int64]) -> NDArray[np.bool_]:
    by_day = np.array([plan.presence == DAY for plan in block.episodes.plans] or [False])
    part: NDArray[np.bool_] = by_day[block.episodes.plan[rows]]
    return part


def days_present(length: NDArray[np.int64], part: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Days of presence in a sequence: every day, or two or three a week for those who come by the day."""
    some = np.maximum(np.round(length * DAYS_A_WEEK / 7), 1).astype(np.int64)
    return np.where(part, some, length)


def legal_mode(block: Block, rows: NDArray[np.int64]) -> NDArray[np.str_]:
    """MOD_SOI: free care, or one of the forms of care without consent for the share of its plan."""
    episodes = block.episodes
    share = np.array([plan.compulsory for plan in episodes.plans] or [0.0])[episodes.plan[rows]]
    chance = (episodes.chance[rows] * 7.31) % 1
    form = np.searchsorted(CONSENT_EDGES, (episodes.chance[rows] * 53.7) % 1)
    codes: NDArray[np.str_] = np.where(chance < share, np.array(WITHOUT_CONSENT)[form], FREE_CARE)
    return codes


def _isolation(
    block: Block,
    rows: NDArray[np.int64],
    legal: NDArray[np.str_],
    rank: NDArray[np.int64],
    length: NDArray[np.int64],
) -> NDArray[np.int64]:
    """Days in an isolation room: some of the stays without consent, in their first sequence."""
    chance = (block.episodes.chance[rows] * 17.9) % 1
    isolated = (legal != FREE_CARE) & (rank == 1) & (chance < ISOLATED_SHARE)
    return np.where(isolated, np.minimum(1 + (chance * 40).astype(np.int64), length), 0)


def stays_linked(block: Block, year: int) -> Rows:
    """T_RIPaaC: whose stay it is and when; no end while it goes on."""
    file = _filed(block, year)
    every = np.arange(len(file.rows))
    return {
        **linked(block, file.rows, file.over),
        **_stay_keys(block, file, every),
        "IPP_IRR_CRY": _patient_number(block, file.rows),
        "FOR_NUM": "P11",
    }, len(every)


def stays_summed(block: Block, year: int) -> Rows:
    """T_RIPaaS: one row a stay: days it has covered, days of presence in the sequences of the file."""
    file = _filed(block, year)
    episodes = block.episodes
    every = np.arange(len(file.rows))
    entry = episodes.entry[file.rows]
    last = np.zeros(len(every), dtype=np.int64)
    np.maximum.at(last, file.stay, file.end)
    part = _part_time(block, file.rows)
    present = days_present(file.end - file.first, part[file.stay])
    days = np.bincount(file.stay, weights=present, minlength=len(every)).astype(np.int64)
    return {
        **_stay_keys(block, file, every),
        **modes(block, file.rows, file.over),
        **exit_month(block, file.rows, file.over),
        "COD_SEX": block.persons.sex[episodes.person[file.rows]],
        "HOS_TYP": np.where(part, PART_TIME, FULL_TIME),
        "SEJ_DUREE": last - entry,
        "SEJ_FINI": np.where(file.over, YES, NO),
        "SEJ_NBJ": days,
        "SEJ_NBJ_CPLT": np.where(part, 0, days),
        "SEJ_NBJ_PARTL": np.where(part, days, 0),
        "TYP_GEN_RSA": "0",
        "FOR_NUM": "P11",
    }, len(every)


def diagnoses(block: Block, year: int) -> Rows:
    """T_RIPaaRSAD: associated diagnoses of each sequence."""
    file = _filed(block, year)
    per_stay = [associated(block, row) for row in file.rows.tolist()]
    part = np.repeat(np.arange(len(file.stay)), [len(per_stay[stay]) for stay in file.stay.tolist()])
    codes = [code for stay in file.stay.tolist() for code in per_stay[stay]]
    return {
        **_stay_keys(block, file, file.stay[part]),
        "IPP_IRR_CRY": _patient_number(block, file.rows[file.stay[part]]),
        "SEQ_SEQ_NUM": padded(file.rank[part], 3),
        "ASS_DGN": np.array(codes, dtype="U6"),
    }, len(part)


def _acts_of(block: Block, year: int) -> NDArray[np.int64]:
    episodes = block.episodes
    rows = episodes.of(OUTPATIENT)
    rows = rows[block.wanted[episodes.person[rows]]]
    acts: NDArray[np.int64] = rows[year_of(episodes.entry[rows]) == year]
    return acts


def outpatient_acts(block: Block, year: int) -> Rows:
    """T_RIPaaR3A: acts of the year in mental health centres (EDGAR), each with its nature, place and worker."""
    rows = _acts_of(block, year)
    episodes = block.episodes
    place = facility_numbers(block, PSYCHIATRY, rows)
    nature = np.array([episodes.plans[plan].group for plan in episodes.plan[rows]], dtype="U1")
    when = episodes.entry[rows]
    chance = episodes.chance[rows]
    return {
        **patient(block, rows, when),
        "ETA_NUM_EPMSI": place,
        "ETA_NUM_TWO": place,
        "IPP_IRR_CRY": _patient_number(block, rows),
        "ORD_NUM": padded(np.arange(len(rows)) + 1, 8),
        "ACT_NAT": nature,
        "ACT_LIEU": Coded(list(PLACES), (chance * len(PLACES)).astype(np.int64)),
        "PRO_CAT": Coded(list(WORKERS), (chance * 97 % 1 * len(WORKERS)).astype(np.int64)),
        "ACT_MOD": "1",
        "FOR_ACT": np.where(nature == SESSION_LETTER, GROUP_CARE, OUTPATIENT_CARE),
        "MOD_SOI": FREE_CARE,
        "INT_NBR": np.where(nature == SESSION_LETTER, 2, 1),
        "EXE_SOI_DTD": when,
        "EXE_SOI_AMD": year_month(when),
        "RAL_ACT_MOI": Coded(MONTHS, month_of(when) - 1),
        "RAL_ACT_ANN": year_of(when),
        "DGN_PAL": episodes.dp[rows],
        "NBR_DGN": 0,
        "ACT_LIB_IND": "0",
        "ANO_IND": "0",
        "ETB_SAN_AUTOR": "0",
        "FOR_NUM": "R3A",
    }, len(rows)


def outpatients(block: Block, year: int) -> Rows:
    """T_RIPaaCSTC: the person behind each patient of an establishment who had an outpatient act in the year."""
    rows = _acts_of(block, year)
    episodes = block.episodes
    pairs = np.stack([episodes.facility[rows], episodes.person[rows]], axis=1)
    rows = rows[np.unique(pairs, axis=0, return_index=True)[1]] if len(rows) else rows
    codes = {name: values for name, values in return_codes(rows).items() if name in LINKING}
    return {
        **codes,
        "ETA_NUM_EPMSI": facility_numbers(block, PSYCHIATRY, rows),
        "IPP_IRR_CRY": _patient_number(block, rows),
        "NIR_ANO_17": Coded(block.persons.psa, episodes.person[rows]),
        "RNG_NAI": "1",
        "IPP_BEN_ANO_RET": "0",
        "RNG_NAI_RET": "0",
        "RNG_BEN_RET": "0",
        "FOR_NUM": "P12",
    }, len(rows)


LINKING = ("NIR_RET", "NAI_RET", "SEX_RET", "COH_NAI_RET", "COH_SEX_RET")
