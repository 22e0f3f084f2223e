"""Hospital at home (HAD): B (sub-sequences), C (whose), S (stays), D and DMPP (diagnoses), GRP (tariff groups).

A stay is cut into sequences of three weeks, each with its dependence (Karnofsky index), and these into sub-sequences of
a week, the rhythm of invoices. A sub-sequence belongs to the year of its last day (rule 6). RHAD_NUM changes from year
to year. Lengths count days, the first and the last included.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from synth.simulate.batch import NONE, Coded, padded
from synth.simulate.block import Block
from synth.simulate.dates import month_of, year_of
from synth.simulate.emit.people import Rows
from synth.simulate.emit.sector_columns import (
    MONTHS,
    associated,
    dependence,
    exit_month,
    facility_numbers,
    linked,
    modes,
    numbers,
    patient,
)
from synth.simulate.sectors import HOME
from synth.simulate.tables import read_rows

SUB, PER_SEQUENCE = 7, 3  # days of a sub-sequence, sub-sequences of a sequence
PALLIATIVE = "04"
FORMAT = "H50"
ERROR_GROUP, HIGHEST_GROUP = 99, 31
YES, NO = "1", "2"
NO_MODE = "00"


@dataclass(frozen=True)
class _Year:
    """Stays filed in a year, which are over, their numbers; and their sub-sequences: index into `rows`, rank within
    the stay, first and last day."""

    rows: NDArray[np.int64]
    over: NDArray[np.bool_]
    number: NDArray[np.str_]
    stay: NDArray[np.int64]
    rank: NDArray[np.int64]
    first: NDArray[np.int64]
    last: NDArray[np.int64]


def _filed(block: Block, year: int) -> _Year:
    episodes = block.episodes
    rows = episodes.of(HOME)
    rows = rows[block.wanted[episodes.person[rows]]]
    entry, leave = episodes.entry[rows], episodes.exit[rows]
    count = (leave - entry) // SUB + 1
    stay = np.repeat(np.arange(len(rows)), count)
    rank = np.arange(len(stay)) - np.repeat(np.cumsum(count) - count, count)
    first = entry[stay] + rank * SUB
    last = np.minimum(first + SUB - 1, leave[stay])
    kept = year_of(last) == year
    filed = np.unique(stay[kept])
    place = np.zeros(len(rows), dtype=np.int64)
    place[filed] = np.arange(len(filed))
    mine = rows[filed]
    over = year_of(episodes.exit[mine]) == year
    return _Year(mine, over, numbers(block, mine, 5), place[stay[kept]], rank[kept], first[kept], last[kept])


def _stay_keys(block: Block, file: _Year, stay: NDArray[np.int64]) -> dict[str, Any]:
    place = facility_numbers(block, HOME, file.rows[stay])
    return {"ETA_NUM_EPMSI": place, "ETA_NUM_GEO": place, "RHAD_NUM": file.number[stay]}


def _keys(block: Block, file: _Year) -> dict[str, Any]:
    return {
        **_stay_keys(block, file, file.stay),
        "SEQ_NUM": padded(file.rank // PER_SEQUENCE + 1, 2),
        "SSEQ_NUM": padded(file.rank % PER_SEQUENCE + 1, 3),
        "FAC_NUM": padded(file.rank + 1, 5),
    }


def sub_sequences(block: Block, year: int) -> Rows:
    """T_HADaaB: one row a sub-sequence."""
    file = _filed(block, year)
    episodes = block.episodes
    rows = file.rows[file.stay]
    plans = [episodes.plans[plan] for plan in episodes.plan[rows].tolist()]
    final = file.last == episodes.exit[rows]
    over = file.over[file.stay]
    since = file.first - episodes.entry[rows]
    return {
        **_keys(block, file),
        **patient(block, rows, file.first),
        **modes(block, rows, over),
        **exit_month(block, rows, over),
        **_lengths(block, file, final),
        **{f"AVQ_{item}": dependence(block, rows, place, since) for place, item in enumerate(ACTIVITIES)},
        "DGN_PAL": episodes.dp[rows],
        "PEC_PAL": np.array([plan.group for plan in plans], dtype="U2"),
        "PEC_ASS": np.array([plan.goal or NO_MODE for plan in plans], dtype="U2"),
        "DEP_COT": padded(karnofsky(block, rows, file.rank // PER_SEQUENCE), 3),
        "NBR_DGN": np.array([len(associated(block, row)) for row in rows.tolist()], dtype=np.int64),
        "NBR_DGN_MPP": _cause_known(block, rows).astype(np.int64),
        "NBR_DGN_MPA": 0,
        "NBR_ACT": 0,
        "PAT_TYP_DOM": "1",
        "SEJ_FACT_AM": "1",
        "COD_CONF": NO,
        "RAPSS_NUM": FORMAT,
    }, len(rows)


ACTIVITIES = ("HAB", "LOC", "ALI", "CON", "CPT", "REL")


def _lengths(block: Block, file: _Year, final: NDArray[np.bool_]) -> dict[str, Any]:
    """Days of the sub-sequence, of its sequence and of the stay, and which are the last (1 yes, 2 no)."""
    episodes = block.episodes
    rows = file.rows[file.stay]
    entry, leave = episodes.entry[rows], episodes.exit[rows]
    before = file.rank // PER_SEQUENCE * PER_SEQUENCE * SUB
    sequence_end = np.minimum(entry + before + PER_SEQUENCE * SUB - 1, leave)
    closed = final | (file.last == sequence_end)
    return {
        "SSEQ_NBJ": file.last - file.first + 1,
        "SSEQ_SEQ_NBJ": file.first - entry - before,
        "SEQ_SEJ_NBJ": before,
        "SEQ_NBJ": np.where(year_of(sequence_end) <= year_of(file.last), sequence_end - entry - before + 1, NONE),
        "SEJ_NBJ": np.where(file.over[file.stay], leave - entry + 1, NONE),
        "FIN_MOI_SEQ": Coded(MONTHS, month_of(sequence_end) - 1),
        "FIN_ANN_SEQ": year_of(sequence_end),
        "SOR_MOI_SSEQ": Coded(MONTHS, month_of(file.last) - 1),
        "SOR_ANN_SSEQ": year_of(file.last),
        "SEQ_DER": np.where(sequence_end == leave, YES, NO),
        "SSEQ_SEQ_DER": np.where(closed, YES, NO),
        "SSEQ_SEJ_DER": np.where(final, YES, NO),
    }


def karnofsky(block: Block, rows: NDArray[np.int64], sequence: NDArray[np.int64]) -> NDArray[np.int64]:
    """Karnofsky index, 10 to 90: it rises with time, but falls in palliative care."""
    episodes = block.episodes
    palliative = np.array([plan.group == PALLIATIVE for plan in episodes.plans] or [False])[episodes.plan[rows]]
    start = np.where(palliative, 50, 40) + (episodes.chance[rows] * 4).astype(np.int64) * 10
    step = np.where(palliative, -10, 10)
    index: NDArray[np.int64] = np.clip(start + step * sequence, 20, 90)
    return index


def _cause_known(block: Block, rows: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Whether what caused the care is another code than the one treated: it is then linked to the main mode."""
    cause = block.episodes.cause[rows]
    known: NDArray[np.bool_] = (cause != "") & (cause != block.episodes.dp[rows])
    return known


def stays_linked(block: Block, year: int) -> Rows:
    """T_HADaaC: whose stay it is and when; no end while it goes on."""
    file = _filed(block, year)
    every = np.arange(len(file.rows))
    return {
        **linked(block, file.rows, file.over),
        **_stay_keys(block, file, every),
        "RNG_NAI_RET": "0",
        "RNG_BEN_RET": "0",
    }, len(every)


def stays_summed(block: Block, year: int) -> Rows:
    """T_HADaaS: one row a stay, with its days so far and, once it is over, its length."""
    file = _filed(block, year)
    episodes = block.episodes
    every = np.arange(len(file.rows))
    entry = episodes.entry[file.rows]
    last = np.zeros(len(every), dtype=np.int64)
    np.maximum.at(last, file.stay, file.last)
    return {
        **_stay_keys(block, file, every),
        **modes(block, file.rows, file.over),
        **exit_month(block, file.rows, file.over),
        "COD_SEX": block.persons.sex[episodes.person[file.rows]],
        "HAD_DUREE": last - entry + 1,
        "SEJ_NBJ": np.where(file.over, episodes.exit[file.rows] - entry + 1, NONE),
        "SEJ_FINI": np.where(file.over, YES, NO),
        "SEJ_ERR": NO,
        "RAPSS_NUM": FORMAT,
    }, len(every)


def diagnoses(block: Block, year: int) -> Rows:
    """T_HADaaD: associated diagnoses of each sub-sequence."""
    file = _filed(block, year)
    codes = [associated(block, row) for row in file.rows.tolist()]
    part = np.repeat(np.arange(len(file.stay)), [len(codes[stay]) for stay in file.stay.tolist()])
    keys = {name: _taken(values, part) for name, values in _keys(block, file).items()}
    listed = [code for stay in file.stay.tolist() for code in codes[stay]]
    return {**keys, "DGN_ASS": np.array(listed, dtype="U6")}, len(part)


def main_mode_diagnoses(block: Block, year: int) -> Rows:
    """T_HADaaDMPP: the diagnosis that the main mode of care follows from, when it is not the one treated."""
    file = _filed(block, year)
    rows = file.rows[file.stay]
    part = np.flatnonzero(_cause_known(block, rows))
    keys = {name: _taken(values, part) for name, values in _keys(block, file).items()}
    return {**keys, "DGN_ASS_MPP": block.episodes.cause[rows][part]}, len(part)


def _taken(values: Any, part: NDArray[np.int64]) -> Any:
    return Coded(values.values, values.index[part]) if isinstance(values, Coded) else values[part]


@cache
def typical_group() -> dict[str, int]:
    """GHT of each mode of care for a person of middling dependence."""
    return {row["mode"]: int(row["ght"]) for row in read_rows("had_modes")}


def tariff_groups(block: Block, year: int) -> Rows:
    """T_HADaaGRP: the tariff group (GHT) of each sub-sequence; three in a thousand end in error (99, rule 38)."""
    file = _filed(block, year)
    rows = file.rows[file.stay]
    plans = block.episodes.plans
    base = np.array([typical_group()[plans[plan].group] for plan in block.episodes.plan[rows].tolist()], dtype=np.int64)
    heavier = (60 - karnofsky(block, rows, file.rank // PER_SEQUENCE)) // 10
    wrong = (rows * 7919 + file.rank * 13 + block.persons.block * 31 + 100) % 331 == 0
    group = np.where(wrong, ERROR_GROUP, np.clip(base + heavier, 1, HIGHEST_GROUP))
    return {
        **_keys(block, file),
        "GHT_NUM": padded(group, 2),
        "ETE_GHS_NUM": group,
        "GHT_NBJ": file.last - file.first + 1,
        "PAP_GRP_RET": np.where(wrong, "001", "000"),
    }, len(rows)
