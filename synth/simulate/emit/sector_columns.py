"""Columns that the tables of rehabilitation, home care and psychiatry share: keys, persons, modes, return codes.

A stay keeps its number (RHA_NUM, RHAD_NUM, RIP_NUM) for one yearly file only; SEJ_NUM and the dates tell that two
files speak of the same stay.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from synth.simulate.batch import NONE, Coded
from synth.simulate.block import Block
from synth.simulate.dates import age_years, month_of, year_month, year_of
from synth.simulate.emit.hospital import CODES, ORIGINS, compact_date
from synth.simulate.identifiers import facilities, pmsi_departement, pseudonym

DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
MONTHS = [f"{month:02d}" for month in range(1, 13)]
OLD_CODES, NEW_CODES = tuple(CODES[:7]), tuple(CODES)


def numbers(block: Block, filed: NDArray[np.int64], width: int) -> NDArray[np.str_]:
    """Number of each filed stay: the block, then its rank in the file, in base 36; the last two characters are the
    rank, so that the 1 296 first stays of a block have numbers of their own."""
    return np.array([_base36(block.persons.block, width - 2) + _base36(rank, 2) for rank in range(len(filed))])


def _base36(value: int, width: int) -> str:
    text = ""
    for _ in range(width):
        value, digit = divmod(value, len(DIGITS))
        text = DIGITS[digit] + text
    return text


def facility_numbers(block: Block, field: str, rows: NDArray[np.int64]) -> Coded:
    """Establishment of each episode."""
    return Coded(facilities(field)[0], block.episodes.facility[rows])


def patient(block: Block, rows: NDArray[np.int64], when: NDArray[np.int64]) -> dict[str, Any]:
    """Age on a day, sex and residence."""
    persons = block.persons
    who = block.episodes.person[rows]
    age = age_years(persons.birth[who], when)
    return {
        "AGE_ANN": np.where(age < 1, NONE, age),
        "AGE_JOU": np.where(age < 1, when - persons.birth[who], NONE),
        "COD_SEX": persons.sex[who],
        "BDI_DEP": Coded(pmsi_departement(), persons.place[who]),
    }


def modes(block: Block, rows: NDArray[np.int64], over: NDArray[np.bool_]) -> dict[str, Any]:
    """Mode of entry and provenance, and, once the stay is over, mode of exit and destination."""
    episodes = block.episodes
    return {
        "ENT_MOD": episodes.entry_mode[rows],
        "ENT_PRV": Coded(ORIGINS, episodes.entry_from[rows] - 1),
        "SOR_MOD": np.where(over, episodes.exit_mode[rows], NONE),
        "SOR_DES": Coded(ORIGINS, np.where(over, episodes.exit_to[rows], 0) - 1),
    }


def exit_month(block: Block, rows: NDArray[np.int64], over: NDArray[np.bool_]) -> dict[str, Any]:
    """SOR_ANN and SOR_MOI, empty while the stay goes on."""
    leave = block.episodes.exit[rows]
    return {
        "SOR_ANN": np.where(over, year_of(leave), NONE),
        "SOR_MOI": Coded(MONTHS, np.where(over, month_of(leave) - 1, -1)),
    }


def linked(block: Block, rows: NDArray[np.int64], over: NDArray[np.bool_]) -> dict[str, Any]:
    """Whose stay it is and when: NIR_ANO_17, dates (no end while the stay goes on) and the return codes (rule 37)."""
    episodes = block.episodes
    entry, leave = episodes.entry[rows], episodes.exit[rows]
    ended = np.where(over, leave, NONE)
    months = np.where(over, year_month(np.where(over, leave, 0)), NONE)
    return {
        **return_codes(rows),
        "ETA_NUM_RET": "0",
        "NIR_ANO_17": Coded(block.persons.psa, episodes.person[rows]),
        "RNG_NAI": "1",
        "SEJ_NUM": padded_rank(rows),
        "EXE_SOI_DTD": entry,
        "EXE_SOI_DTF": ended,
        "EXE_SOI_AMD": year_month(entry),
        "EXE_SOI_AMF": months,
        "ENT_DAT": compact_date(entry),
        "SOR_DAT": Coded(compact_date(np.where(over, leave, 0)), np.where(over, np.arange(len(rows)), -1)),
    }


def padded_rank(rows: NDArray[np.int64]) -> NDArray[np.str_]:
    """SEJ_NUM: the same in every file that speaks of the stay."""
    return np.array([f"{row % 10_000:04d}" for row in rows.tolist()], dtype="U4")


def return_codes(rows: NDArray[np.int64]) -> dict[str, Any]:
    """The nine codes: 0 is good; about one stay in fifty has a doubtful one."""
    codes: dict[str, Any] = {}
    for place, name in enumerate(CODES):
        doubtful = (rows * 37 + place * 23 + 300) % 401 == 0
        codes[name] = Coded(["0", "1"], doubtful.astype(np.int64))
    return codes


def associated(block: Block, row: int) -> tuple[str, ...]:
    """Associated diagnoses of an episode: those of its plan, each on its own share, never the one that is treated."""
    episodes = block.episodes
    plan = episodes.plans[episodes.plan[row]]
    chance = float(episodes.chance[row])
    known = (str(episodes.dp[row]), str(episodes.cause[row]))
    return tuple(
        code
        for place, code in enumerate(plan.das)
        if (chance * (1.618 + place) * 7) % 1 < plan.das_share and code not in known
    )


def dependence(block: Block, rows: NDArray[np.int64], item: int, days: NDArray[np.int64]) -> NDArray[np.int64]:
    """Score of 1 (alone) to 4 (with full help) of one daily activity; it falls by one about every month."""
    heavy = block.episodes.chance[rows]
    start = 1 + np.floor(((heavy * (item + 2.3) * 3.7) % 1) * 0.6 * 4 + heavy * 1.6).astype(np.int64)
    score: NDArray[np.int64] = np.clip(start - days // 28, 1, 4)
    return score


def hospital_identity(block: Block, person: NDArray[np.int64], place: NDArray[np.int64]) -> NDArray[np.str_]:
    """IPP_IRR_CRY: the number of a patient in a psychiatric establishment, hashed: 16 characters."""
    names = [
        pseudonym("patient of", block.seed, where, who)[:16]
        for where, who in zip(place.tolist(), block.persons.psa[person].tolist(), strict=True)
    ]
    return np.array(names, dtype="U16")
