"""Hospital stays (MCO) by the year of discharge: B (the stay), C (whose), D, A and UM (diagnoses, acts, units)."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from synth.simulate.batch import NONE, Coded, padded
from synth.simulate.block import Block
from synth.simulate.dates import age_years, day, month_of, year_month, year_of
from synth.simulate.emit.people import Rows
from synth.simulate.identifiers import hospitals, pmsi_departement, pseudonym

CODES = "NIR_RET NAI_RET SEX_RET SEJ_RET FHO_RET PMS_RET DAT_RET COH_NAI_RET COH_SEX_RET".split()
GROUPER = "11"
ERROR_GROUP = "90Z00Z"
SHORT_STAY_UNIT = "07"
ORIGINS = [*"1234567", "N"]  # where from and where to: code n is at place n - 1, the newborn last
NEWBORN = len(ORIGINS) - 1
SERVICE = "B"  # care given to a patient of another establishment (rule 38)


def discharged(block: Block, year: int) -> NDArray[np.int64]:
    """Stays of the persons asked for that end in `year`."""
    stays = block.stays
    return np.flatnonzero(block.wanted[stays.person] & (stays.exit >= day(year)) & (stays.exit < day(year + 1)))


def stay_keys(block: Block, rows: NDArray[np.int64]) -> dict[str, Any]:
    """Establishment and number of each stay: the number is unique within the base."""
    numbers = np.array([f"{block.persons.block:05d}{row:05d}" for row in rows.tolist()], dtype="U10")
    return {"ETA_NUM": Coded(hospitals()[0], block.stays.hospital[rows]), "RSA_NUM": numbers}


def stays_described(block: Block, year: int) -> Rows:
    """T_MCOaaB."""
    rows = discharged(block, year)
    stays, persons = block.stays, block.persons
    person, entry, leave = stays.person[rows], stays.entry[rows], stays.exit[rows]
    age = age_years(persons.birth[person], entry)
    session = stays.session[rows]
    born = (entry == persons.birth[person]) & (persons.mother[person] >= 0)
    delivery = np.array(["Z370" in stays.diagnoses[row] for row in rows], dtype=bool)
    return {
        **stay_keys(block, rows),
        "AGE_ANN": np.where(age < 1, NONE, age),
        "AGE_JOU": np.where(age < 1, entry - persons.birth[person], NONE),
        "COD_SEX": persons.sex[person],
        "BDI_DEP": Coded(pmsi_departement(), persons.place[person]),
        "DGN_PAL": stays.dp[rows],
        "DGN_REL": Coded(stays.dr, np.where(stays.dr[rows] == "", -1, rows)),
        "ENT_MOD": block.moves.entry_mode[rows],
        "POI_NAI": np.where(born, 2400 + (rows * 37) % 1700, NONE),
        "AGE_GES": np.where(delivery, 37 + rows % 5, NONE),
        "ENT_PRV": Coded(ORIGINS, np.where(born, NEWBORN, block.moves.entry_from[rows] - 1)),
        "SOR_MOD": block.moves.exit_mode[rows],
        "SOR_DES": Coded(ORIGINS, block.moves.exit_to[rows] - 1),
        "SEJ_TYP": Coded([SERVICE], np.where(block.moves.service[rows], 0, -1)),
        "SOR_ANN": year_of(leave),
        "SOR_MOI": Coded([f"{month:02d}" for month in range(1, 13)], month_of(leave) - 1),
        "SEJ_NBJ": np.where(session, NONE, leave - entry),
        "NBR_DGN": np.array([len(stays.diagnoses[row]) for row in rows], dtype=np.int64),
        "NBR_ACT": np.array([len(stays.acts[row]) for row in rows], dtype=np.int64),
        "NBR_RUM": units_visited(block)[rows],
        "NBR_SEA": np.where(session, 1, 0),
        "SEQ_RUM": "01",
        "GRG_GHM": grouped(block)[rows],
        "GRC_GHM": grouped(block)[rows],
        "GRG_RET": "000",
        "GRC_RET": "000",
        "GRG_VER": GROUPER,
        "GRC_VER": GROUPER,
        "GHS_NUM": stays.ghs[rows],
        "ETE_GHS_NUM": stays.ghs[rows],
        "TYP_GEN_RSA": 0,
        "RSS_NUM": "121",
        "EXB_NBJ": 0,
        "DOS_TYP": "1",
    }, len(rows)


def stays_linked(block: Block, year: int) -> Rows:
    """T_MCOaaC: whose stay it is and when, with its nine return codes."""
    rows = discharged(block, year)
    stays, persons = block.stays, block.persons
    person, entry, leave = stays.person[rows], stays.entry[rows], stays.exit[rows]
    return {
        **stay_keys(block, rows),
        **_return_codes(rows),
        "ID_MAM_ENF": _mother_child(block, rows),
        "NIR_ANO_17": Coded(persons.psa, person),
        "RNG_NAI": "1",
        "EXE_SOI_DTD": entry,
        "EXE_SOI_DTF": leave,
        "EXE_SOI_AMD": year_month(entry),
        "EXE_SOI_AMF": year_month(leave),
        "ENT_DAT": compact_date(entry),
        "SOR_DAT": compact_date(leave),
        "ENT_ANN": year_of(entry),
        "ENT_MOI": Coded([f"{month:02d}" for month in range(1, 13)], month_of(entry) - 1),
    }, len(rows)


def grouped(block: Block) -> NDArray[np.str_]:
    """GHM of each stay; one in a thousand ends in an error group (rule 38)."""
    stays = block.stays
    wrong = (np.arange(len(stays.ghm)) * 7919 + block.persons.block * 31 + 500) % 1009 == 0
    return np.where(wrong, ERROR_GROUP, stays.ghm)


def units_visited(block: Block) -> NDArray[np.int64]:
    """Number of units of each stay: an emergency admission of two nights or more often begins in a short-stay unit."""
    stays = block.stays
    two = stays.emergency & (stays.exit - stays.entry >= 2) & (np.arange(len(stays.ghm)) % 3 == 0)
    visited: NDArray[np.int64] = 1 + two.astype(np.int64)
    return visited


def _return_codes(rows: NDArray[np.int64]) -> dict[str, Any]:
    """The nine codes: 0 is good; about one stay in fifty has a doubtful one (rule 37)."""
    codes: dict[str, Any] = {}
    for place, name in enumerate(CODES):
        doubtful = (rows * 31 + place * 17 + 300) % 401 == 0
        codes[name] = Coded(["0", "1"], doubtful.astype(np.int64))
    return codes


def _mother_child(block: Block, rows: NDArray[np.int64]) -> Coded:
    """ID_MAM_ENF: the same for a mother's delivery and the stay of her newborn (empty otherwise)."""
    stays, persons = block.stays, block.persons
    person, entry = stays.person[rows], stays.entry[rows]
    born = (entry == persons.birth[person]) & (persons.mother[person] >= 0)
    delivery = np.array(["Z370" in stays.diagnoses[row] for row in rows], dtype=bool)
    mother = np.where(born, persons.mother[person], person)
    words = [
        pseudonym(block.seed, "mother and child", who, when).ljust(32, "0")
        for who, when in zip(persons.psa[mother].tolist(), entry.tolist(), strict=True)
    ]
    return Coded(words, np.where(born | delivery, np.arange(len(rows)), -1))


def associated_diagnoses(block: Block, year: int) -> Rows:
    """T_MCOaaD: associated diagnoses, numbered within the stay."""
    stay, rank, code = _unrolled(block.stays.diagnoses, discharged(block, year))
    return {**stay_keys(block, stay), "DGN_ASS_NUM": rank, "ASS_DGN": code, "RSS_NUM": "121"}, len(stay)


def acts(block: Block, year: int) -> Rows:
    """T_MCOaaA: acts of each stay, done on the first days."""
    stay, rank, code = _unrolled(block.stays.acts, discharged(block, year))
    length = block.stays.exit[stay] - block.stays.entry[stay]
    delay = np.minimum(rank, length)
    return {
        **stay_keys(block, stay),
        "ACT_ORD_NUM": rank,
        "CDC_ACT": code,
        "ACV_ACT": "1",
        "PHA_ACT": "0",
        "NBR_EXE_ACT": 1,
        "ENT_DAT_DEL": padded(delay, 3),
        "RSS_NUM": "121",
    }, len(stay)


def _unrolled(
    lists: tuple[tuple[str, ...], ...], rows: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.str_]]:
    """One entry a code: stay, rank from 1, code."""
    counts = np.array([len(lists[row]) for row in rows], dtype=np.int64)
    stay = np.repeat(rows, counts)
    rank = np.arange(len(stay)) - np.repeat(np.cumsum(counts) - counts, counts) + 1
    return stay, rank, np.array([code for row in rows for code in lists[row]], dtype="U7")


def medical_units(block: Block, year: int) -> Rows:
    """T_MCOaaUM: units of each stay; the last carries the diagnoses of the stay (rule 41)."""
    rows = discharged(block, year)
    visited = units_visited(block)[rows]
    stay = np.repeat(rows, visited)
    rank = np.arange(len(stay)) - np.repeat(np.cumsum(visited) - visited, visited) + 1
    last = rank == np.repeat(visited, visited)
    stays = block.stays
    length = stays.exit[stay] - stays.entry[stay]
    first_unit = ~last
    return {
        **stay_keys(block, stay),
        "RUM_ORD_NUM": rank,
        "UM_ORD_NUM": rank,  # its name until 2019
        "NUM_ANO_UM": rank,
        "DGN_PAL": stays.dp[stay],
        "DGN_REL": Coded(stays.dr, np.where(stays.dr[stay] == "", -1, stay)),
        "DGN_ASS_NBR": np.where(last, [len(stays.diagnoses[row]) for row in stay], 0),
        "ACT_RUM_NBR": np.where(last, [len(stays.acts[row]) for row in stay], 0),
        "PAR_DUR_SEJ": np.where(first_unit, 1, length - (np.repeat(visited, visited) - 1)),
        "AUT_TYP1_UM": np.where(first_unit, SHORT_STAY_UNIT, stays.unit[stay]),
        "ETA_NUM_GEO": Coded(hospitals()[0], stays.hospital[stay]),
        "RSS_NUM": "121",
    }, len(stay)


def compact_date(days: NDArray[np.int64]) -> NDArray[np.str_]:
    """Dates as DDMMYYYY."""
    text = days.astype("datetime64[D]").astype("U10")
    return np.array([f"{date[8:10]}{date[5:7]}{date[:4]}" for date in text], dtype="U8")
