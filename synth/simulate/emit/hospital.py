"""T_MCOaaB and T_MCOaaC: hospital stays, by the year of discharge."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from synth.simulate.batch import NONE, Coded
from synth.simulate.block import Block
from synth.simulate.dates import age_years, day, month_of, year_month, year_of
from synth.simulate.emit.people import Rows
from synth.simulate.identifiers import hospitals, pmsi_departement

CODES = "NIR_RET NAI_RET SEX_RET SEJ_RET FHO_RET PMS_RET DAT_RET COH_NAI_RET COH_SEX_RET".split()
GROUPER = "11"


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
    return {
        **stay_keys(block, rows),
        "AGE_ANN": np.where(age < 1, NONE, age),
        "AGE_JOU": np.where(age < 1, entry - persons.birth[person], NONE),
        "COD_SEX": persons.sex[person],
        "BDI_DEP": Coded(pmsi_departement(), persons.place[person]),
        "DGN_PAL": stays.dp[rows],
        "DGN_REL": Coded(stays.dr, np.where(stays.dr[rows] == "", -1, rows)),
        "ENT_MOD": 8,
        "ENT_PRV": Coded(["5"], np.where(stays.emergency[rows], 0, -1)),
        "SOR_MOD": np.where(stays.died[rows], 9, 8),
        "SOR_ANN": year_of(leave),
        "SOR_MOI": Coded([f"{month:02d}" for month in range(1, 13)], month_of(leave) - 1),
        "SEJ_NBJ": np.where(session, NONE, leave - entry),
        "NBR_DGN": np.array([len(stays.diagnoses[row]) for row in rows], dtype=np.int64),
        "NBR_ACT": np.array([len(stays.acts[row]) for row in rows], dtype=np.int64),
        "NBR_RUM": 1,
        "NBR_SEA": np.where(session, 1, 0),
        "SEQ_RUM": "01",
        "GRG_GHM": stays.ghm[rows],
        "GRC_GHM": stays.ghm[rows],
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
        **dict.fromkeys(CODES, "0"),
        "NIR_ANO_17": Coded(persons.psa, person),
        "RNG_NAI": "1",
        "EXE_SOI_DTD": entry,
        "EXE_SOI_DTF": leave,
        "EXE_SOI_AMD": year_month(entry),
        "EXE_SOI_AMF": year_month(leave),
        "ENT_DAT": _compact(entry),
        "SOR_DAT": _compact(leave),
        "ENT_ANN": year_of(entry),
        "ENT_MOI": Coded([f"{month:02d}" for month in range(1, 13)], month_of(entry) - 1),
    }, len(rows)


def _compact(days: NDArray[np.int64]) -> NDArray[np.str_]:
    """Dates as DDMMYYYY."""
    text = days.astype("datetime64[D]").astype("U10")
    return np.array([f"{date[8:10]}{date[5:7]}{date[:4]}" for date in text], dtype="U8")
