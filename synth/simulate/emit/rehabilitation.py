"""Rehabilitation (SSR): B (weeks, RHA), C (whose), S (stays), D (diagnoses), CSARR (sessions), by year of the weeks.

Weeks go from Monday to Sunday and belong to the year of their Thursday. The file of a year holds the stays that have a
week in it; a stay that was open at the end of the year before repeats its weeks of that year (rule 6, joins of the
SNDS facts), which MOI_ANN tells apart. RHA_NUM changes from year to year.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from synth.simulate.batch import NONE, Coded
from synth.simulate.block import Block
from synth.simulate.dates import month_of, year_of
from synth.simulate.emit.people import Rows
from synth.simulate.emit.sector_columns import (
    associated,
    dependence,
    facility_numbers,
    linked,
    modes,
    numbers,
    patient,
)
from synth.simulate.sectors import DAY, REHABILITATION
from synth.simulate.tables import read_rows

WEEK = 7
DAY_PATTERN = np.array([1, 0, 1, 0, 1, 0, 0], dtype=bool)  # days of presence of those who come by the day
FULL_CARE, DAY_CARE = 1, 2
CLOSED, CLOSED_BEGAN_BEFORE, OPEN, OPEN_BEGAN_BEFORE = 1, 2, 3, 4
ERROR_GROUP = "9096A0"
FORMAT, GROUPER = "M1C", "11"
YES, NO = "1", "2"
HIGHEST_SCORE = 90


@dataclass(frozen=True)
class _Year:
    """Stays filed in a year (`rows` of the episodes, in order), which are over, their numbers; and their weeks: index
    into `rows`, Monday, presence by day."""

    rows: NDArray[np.int64]
    over: NDArray[np.bool_]
    number: NDArray[np.str_]
    stay: NDArray[np.int64]
    monday: NDArray[np.int64]
    present: NDArray[np.bool_]


def monday_of(days: NDArray[np.int64]) -> NDArray[np.int64]:
    """The Monday of the week of each day."""
    return days - (days + 3) % WEEK  # 1970-01-01 was a Thursday


def week_year(days: NDArray[np.int64]) -> NDArray[np.int64]:
    """Year of the week of each day: that of its Thursday (ISO 8601)."""
    return year_of(monday_of(days) + 3)


def week_number(monday: NDArray[np.int64]) -> NDArray[np.int64]:
    """ISO number of the week that begins on each Monday."""
    thursday = (monday + 3).astype("datetime64[D]")
    since = thursday - thursday.astype("datetime64[Y]").astype("datetime64[D]")
    number: NDArray[np.int64] = since.astype(np.int64) // WEEK + 1
    return number


def _filed(block: Block, year: int) -> _Year:
    episodes = block.episodes
    rows = episodes.of(REHABILITATION)
    rows = rows[block.wanted[episodes.person[rows]]]
    last = np.maximum(episodes.exit[rows] - 1, episodes.entry[rows])
    here = (week_year(episodes.entry[rows]) <= year) & (week_year(last) >= year)
    rows, last = rows[here], last[here]
    over = week_year(last) == year
    stay, monday, present = _weeks(block, rows, last, year)
    return _Year(rows, over, numbers(block, rows, 7), stay, monday, present)


def _weeks(
    block: Block, rows: NDArray[np.int64], last: NDArray[np.int64], year: int
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.bool_]]:
    """Weeks of each stay in the file of a year: those of the year, and those of the year before."""
    episodes = block.episodes
    first = monday_of(episodes.entry[rows])
    count = (monday_of(last) - first) // WEEK + 1
    stay = np.repeat(np.arange(len(rows)), count)
    rank = np.arange(len(stay)) - np.repeat(np.cumsum(count) - count, count)
    monday = first[stay] + rank * WEEK
    kept = np.isin(year_of(monday + 3), (year - 1, year))
    stay, monday = stay[kept], monday[kept]
    days = monday[:, None] + np.arange(WEEK)
    entry, end = episodes.entry[rows][stay][:, None], last[stay][:, None]
    within = (days >= entry) & (days <= end)
    by_day = np.array([episodes.plans[plan].presence == DAY for plan in episodes.plan[rows]], dtype=bool)
    pattern = np.where(by_day[stay][:, None], DAY_PATTERN | (days == entry) | (days == end), True)
    return stay, monday, within & pattern


def _keys(block: Block, file: _Year, stay: NDArray[np.int64]) -> dict[str, Any]:
    return {
        "ETA_NUM": facility_numbers(block, REHABILITATION, file.rows[stay]),
        "RHA_NUM": file.number[stay],
        "RHA_VER": FORMAT,
    }


def _week_rank(file: _Year) -> NDArray[np.str_]:
    """RHS_NUM: rank of each week within its stay in the file."""
    count = np.bincount(file.stay, minlength=len(file.rows))
    rank = np.arange(len(file.stay)) - np.repeat(np.cumsum(count) - count, count) + 1
    return np.array([f"{value:03d}" for value in rank.tolist()], dtype="U3")


def weeks(block: Block, year: int) -> Rows:
    """T_SSRaaB: one row a week of a stay."""
    file = _filed(block, year)
    episodes = block.episodes
    rows = file.rows[file.stay]
    entry = episodes.entry[rows]
    since = np.maximum(file.monday - entry, 0)
    last = np.maximum(episodes.exit[rows] - 1, entry)
    scores = {item: dependence(block, rows, place, since) for place, item in enumerate(ITEMS)}
    per_stay = [associated(block, row) for row in file.rows.tolist()]
    acts = [episodes.plans[episodes.plan[row]].acts for row in file.rows.tolist()]
    return {
        **_keys(block, file, file.stay),
        **patient(block, rows, entry),
        **modes(block, rows, file.over[file.stay] & (monday_of(last) == file.monday)),
        **_presence(file, since),
        **{f"{item}_DEP": score for item, score in scores.items()},
        "PHY_DEP": scores["HAB"] + scores["DPL"] + scores["ALI"] + scores["CON"],
        "COG_DEP": scores["CPT"] + scores["REL"],
        "PHY_MAX_DEP": scores["HAB"] + scores["DPL"] + scores["ALI"] + scores["CON"],
        "COG_MAX_DEP": scores["CPT"] + scores["REL"],
        "DEB_SEM": np.where(monday_of(entry) == file.monday, YES, NO),
        "DEB_FIN": np.where(file.over[file.stay] & (monday_of(last) == file.monday), YES, NO),
        "HOS_TYP_UM": _kinds(block, rows),
        "ETA_NUM_GEO": facility_numbers(block, REHABILITATION, rows),
        "FP_PEC": np.array([episodes.plans[plan].goal for plan in episodes.plan[rows]], dtype="U6"),
        "MOR_PRP": episodes.dp[rows],
        "ETL_AFF": _aetiology(block, rows),
        "NBR_DGN": np.array([len(codes) for codes in per_stay], dtype=np.int64)[file.stay],
        "NBR_CSARR": np.array([len(codes) for codes in acts], dtype=np.int64)[file.stay],
        "NBR_CCAM": 0,
        "GRG_GME": groups(block, rows),
        "GRC_GME": groups(block, rows),
        "TYP_GEN_RHA": "0",
        "REHOS_PRJ_THP": NO,
        "SCORE_RR": _score(block, file, rows),
        "SCOR_RR": _score(block, file, rows),
        "GEN_VER": GROUPER,
        "GRG_VER": GROUPER,
        "GRC_VER": GROUPER,
        "GRG_RET": "00",
        "GRC_RET": "00",
    }, len(file.stay)


ITEMS = ("HAB", "DPL", "ALI", "CON", "CPT", "REL")


def _presence(file: _Year, since: NDArray[np.int64]) -> dict[str, Any]:
    """Week and days of presence, Monday to Friday, then the week-end."""
    marks = np.where(file.present, "1", "0")
    thursday = file.monday + 3
    months, years = month_of(thursday).tolist(), year_of(thursday).tolist()
    return {
        "RHS_NUM": _week_rank(file),
        "RHS_ANT_SEJ_ENT": since,
        "SEJ_ANT": since,
        "MOI_ANN": np.array([f"{m:02d}{y:04d}" for m, y in zip(months, years, strict=True)], dtype="U6"),
        "ANN_SEM_RHS": year_of(thursday),
        "NUM_SEM_RHS": week_number(file.monday),
        "JP_HWE": np.array(["".join(row) for row in marks[:, :5].tolist()], dtype="U5"),
        "JP_WE": np.array(["".join(row) for row in marks[:, 5:].tolist()], dtype="U2"),
    }


def _kinds(block: Block, rows: NDArray[np.int64]) -> NDArray[np.int64]:
    episodes = block.episodes
    by_day = np.array([plan.presence == DAY for plan in episodes.plans] or [False])
    return np.where(by_day[episodes.plan[rows]], DAY_CARE, FULL_CARE)


def _aetiology(block: Block, rows: NDArray[np.int64]) -> Coded:
    """ETL_AFF: what caused the condition that is treated, when it is another code."""
    cause, treated = block.episodes.cause[rows], block.episodes.dp[rows]
    other = (cause != "") & (cause != treated) & (np.char.find(cause, "Z") != 0)
    return Coded(cause, np.where(other, np.arange(len(rows)), -1))


def _score(block: Block, file: _Year, rows: NDArray[np.int64]) -> NDArray[np.int64]:
    """Score of specialised rehabilitation: the heavier, the more sessions the plan has."""
    acts = np.array([len(plan.acts) for plan in block.episodes.plans] or [0])[block.episodes.plan[rows]]
    score: NDArray[np.int64] = np.minimum(acts * file.present.sum(axis=1) * 6, HIGHEST_SCORE)
    return score


@cache
def group_codes() -> dict[str, tuple[str, ...]]:
    """Groups (GME) of each root."""
    return {row["root"]: tuple(row["codes"].split()) for row in read_rows("gme")}


def groups(block: Block, rows: NDArray[np.int64]) -> NDArray[np.str_]:
    """GME of each stay: level 0 by the day, 1 or 2 otherwise; three in a thousand end in an error group (rule 38)."""
    episodes = block.episodes
    codes = []
    for row in rows.tolist():
        plan = episodes.plans[episodes.plan[row]]
        known = group_codes()[plan.group]
        zero = [code for code in known if code.endswith("0")]
        fit = zero if plan.presence == DAY and zero else [code for code in known if not code.endswith("0")]
        wrong = (row * 7919 + block.persons.block * 31 + 200) % 331 == 0
        codes.append(ERROR_GROUP if wrong else fit[int(episodes.chance[row] * len(fit))])
    return np.array(codes, dtype="U6")


def stays_linked(block: Block, year: int) -> Rows:
    """T_SSRaaC: whose stay it is and when; no end while it goes on."""
    file = _filed(block, year)
    every = np.arange(len(file.rows))
    return {**_keys(block, file, every), **linked(block, file.rows, file.over)}, len(every)


def stays_summed(block: Block, year: int) -> Rows:
    """T_SSRaaS: one row a stay; its length once it is over, and the days of presence told by the weeks of the file."""
    file = _filed(block, year)
    episodes = block.episodes
    every = np.arange(len(file.rows))
    entry = episodes.entry[file.rows]
    before = week_year(entry) < year
    state = np.where(
        file.over, np.where(before, CLOSED_BEGAN_BEFORE, CLOSED), np.where(before, OPEN_BEGAN_BEFORE, OPEN)
    )
    return {
        **_keys(block, file, every),
        **modes(block, file.rows, file.over),
        "GEN_VER": GROUPER,
        "ACT_TYP": _kinds(block, file.rows),
        "SUI_TYP": state,
        "SEJ_NBJ": np.where(file.over, episodes.exit[file.rows] - entry, NONE),
        "PRE_JOU_NBR": np.bincount(file.stay, weights=file.present.sum(axis=1), minlength=len(every)).astype(np.int64),
        "NBR_RHA": np.bincount(file.stay, minlength=len(every)),
        "NBR_GME": 1,
        "NBR_MUT": 0,
        "TYP_VALO_SEJ": "1",
    }, len(every)


def diagnoses(block: Block, year: int) -> Rows:
    """T_SSRaaD: associated diagnoses of each week."""
    file = _filed(block, year)
    per_stay = [associated(block, row) for row in file.rows.tolist()]
    week = np.repeat(np.arange(len(file.stay)), [len(per_stay[stay]) for stay in file.stay.tolist()])
    codes = [code for stay in file.stay.tolist() for code in per_stay[stay]]
    return {
        **_keys(block, file, file.stay[week]),
        "RHS_NUM": _week_rank(file)[week],
        "DGN_COD": np.array(codes, dtype="U6"),
    }, len(week)


def sessions(block: Block, year: int) -> Rows:
    """T_SSRaaCSARR: rehabilitation sessions of each week, one row a kind of session, on the first day of presence."""
    file = _filed(block, year)
    episodes = block.episodes
    per_stay = [episodes.plans[episodes.plan[row]].acts for row in file.rows.tolist()]
    week = np.repeat(np.arange(len(file.stay)), [len(per_stay[stay]) for stay in file.stay.tolist()])
    codes = [code for stay in file.stay.tolist() for code in per_stay[stay]]
    entry = episodes.entry[file.rows[file.stay[week]]]
    first_day = file.monday[week] + np.argmax(file.present[week], axis=1) if len(week) else week
    worked = file.present[week][:, :5].sum(axis=1) if len(week) else week
    return {
        **_keys(block, file, file.stay[week]),
        "RHS_NUM": _week_rank(file)[week],
        "CSARR_COD": np.array(codes, dtype="U7"),
        "NBR_CSARR": np.maximum(worked, 1),
        "NBR_INTERV": 1,
        "NBR_PAT_INTERV": 1,
        "DEL_DAT_ENT": first_day - entry,
    }, len(week)
