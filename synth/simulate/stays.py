"""Hospital stays (MCO): planned admissions turned into stays with hospital, dates, GHM, diagnoses, acts and modes.

Calibrated: GHS, tariffs and mean lengths by GHM (ATIH). Assumptions: severity levels by age, share of associated
diagnoses, hospital
mostly in the departement of residence, length of stay log-normal around its mean.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache

import numpy as np
from numpy.typing import NDArray

from synth.core.errors import UserError
from synth.core.seeds import Stream, rng
from synth.simulate.care import Admissions
from synth.simulate.conditions import Window
from synth.simulate.dates import FAR, age_years
from synth.simulate.identifiers import hospitals
from synth.simulate.modules import StayPlan
from synth.simulate.persons import Persons
from synth.simulate.tables import read_rows

LEVEL_SHARES = {"1": 0.55, "2": 0.26, "3": 0.14, "4": 0.05, "A": 0.66, "B": 0.24, "C": 0.08, "D": 0.02}
HOME, DEATH = "8", "9"
LONGEST = 120
NEARBY = 0.88
PRIVATE = 2
BIRTH = "Z370"


@dataclass(frozen=True)
class Stays:
    """Stays of a block, one entry a stay. `entry` and `exit` are days, `hospital` indexes `hospitals()`.

    `diagnoses` and `acts` are lists of codes by stay; `module` is the course the stay follows from,
    `plan` its plan among `plans`.
    """

    person: NDArray[np.int64]
    entry: NDArray[np.int64]
    exit: NDArray[np.int64]
    hospital: NDArray[np.int64]
    ghm: NDArray[np.str_]
    ghs: NDArray[np.int64]
    tariff: NDArray[np.float64]
    dp: NDArray[np.str_]
    dr: NDArray[np.str_]
    unit: NDArray[np.str_]
    emergency: NDArray[np.bool_]
    died: NDArray[np.bool_]
    session: NDArray[np.bool_]
    module: NDArray[np.int64]
    diagnoses: tuple[tuple[str, ...], ...]
    acts: tuple[tuple[str, ...], ...]
    plan: NDArray[np.int64]
    plans: tuple[StayPlan, ...]


@cache
def ghm_table() -> dict[str, tuple[int, float, float | None]]:
    """GHS number, tariff and mean nights of each GHM."""
    return {
        row["ghm"]: (int(row["ghs"]), float(row["tariff"]), float(row["nights"]) if row["nights"] else None)
        for row in read_rows("ghs")
    }


@cache
def levels(root: str) -> tuple[str, ...]:
    """Last characters of the GHM of a root of five characters. Raises UserError when there is none."""
    found = tuple(sorted(code[5] for code in ghm_table() if code.startswith(root)))
    if not found:
        raise UserError(f"no GHM starts with {root}", remedy="use a code of parameters/ghs.csv")
    return found


def make_stays(admissions: Admissions, persons: Persons, death: NDArray[np.int64], window: Window, seed: int) -> Stays:
    """Stays that end within the window, none overlapping another of the same person."""
    stream = rng(seed, "stays", persons.block)
    plans = admissions.plans
    n = len(admissions.person)
    age = age_years(persons.birth[admissions.person], admissions.day)
    mean = np.array([plan.nights for plan in plans] or [0.0])[admissions.plan]
    nights = _nights(mean, age, stream)
    by_day = stream.uniform(n) < np.array([plan.day_share for plan in plans] or [0.0])[admissions.plan]
    nights = np.where(by_day, 0, nights)
    ghm = _ghm(plans, admissions.plan, nights, age, stream.uniform(n))
    last = np.minimum(admissions.day + nights, death[admissions.person])
    keep = _apart(admissions.person, admissions.day, last) & (last < window.end) & (admissions.day >= window.start)
    index = np.flatnonzero(keep)
    picks = {name: stream.uniform(n)[index] for name in ("dp", "das", "hospital", "private", "emergency", "near")}
    chosen = [plans[plan] for plan in admissions.plan[index]]
    person, entry, leave = admissions.person[index], admissions.day[index], last[index]
    rows = [ghm_table()[code] for code in ghm[index].tolist()]
    return Stays(
        person,
        entry,
        leave,
        _hospital(persons.place[person], picks, np.array([plan.private for plan in chosen] or [0.0])),
        ghm[index],
        np.array([row[0] for row in rows], dtype=np.int64),
        np.array([row[1] for row in rows]),
        np.array([_principal(plan, u) for plan, u in zip(chosen, picks["dp"].tolist(), strict=True)], dtype="U6"),
        np.array([plan.dr or "" for plan in chosen], dtype="U6"),
        np.array([plan.unit for plan in chosen], dtype="U2"),
        picks["emergency"] < np.array([plan.emergency for plan in chosen] or [0.0])[: len(index)],
        (leave == death[person]),
        np.array([plan.session for plan in chosen], dtype=bool),
        admissions.module[index],
        tuple(_associated(plan, u) for plan, u in zip(chosen, picks["das"], strict=True)),
        tuple(plan.acts for plan in chosen),
        admissions.plan[index],
        plans,
    )


def _principal(plan: StayPlan, uniform: float) -> str:
    """Principal diagnosis of a stay: one of the plan's, by weight when it has weights."""
    if not plan.dp_weights:
        return plan.dp[int(uniform * len(plan.dp))]
    edges = np.cumsum(plan.dp_weights)
    return plan.dp[min(int(np.searchsorted(edges, uniform * edges[-1], side="right")), len(plan.dp) - 1)]


def _nights(mean: NDArray[np.float64], age: NDArray[np.int64], stream: Stream) -> NDArray[np.int64]:
    """Log-normal nights around the plan's mean, a little longer with age; none when the plan has none."""
    spread = 0.75
    factor = np.exp(spread * stream.normal(len(mean)) - spread**2 / 2) * np.interp(age, [0, 60, 90], [1.0, 1.06, 1.26])
    return np.where(mean > 0, np.clip(np.round(mean * factor), 1, LONGEST), 0).astype(np.int64)


def _ghm(
    plans: tuple[StayPlan, ...],
    plan: NDArray[np.int64],
    nights: NDArray[np.int64],
    age: NDArray[np.int64],
    uniform: NDArray[np.float64],
) -> NDArray[np.str_]:
    """GHM: the day-case or short-stay level when it fits, else a severity that grows with age."""
    codes = []
    for place, stay, years, draw in zip(plan.tolist(), nights.tolist(), age.tolist(), uniform.tolist(), strict=True):
        root = plans[place].ghm
        if len(root) == 6:
            codes.append(root)
            continue
        there = levels(root)
        if stay == 0 and ("J" in there or "T" in there):
            codes.append(root + ("J" if "J" in there else "T"))
            continue
        graded = [level for level in there if level in LEVEL_SHARES] or [there[0]]
        shift = draw * (1.0 if years > 70 else 0.9)
        edges = np.cumsum([LEVEL_SHARES.get(level, 1.0) for level in graded])
        codes.append(root + graded[min(int(np.searchsorted(edges, shift * edges[-1], side="right")), len(graded) - 1)])
    return np.array(codes, dtype="U6")


def _apart(person: NDArray[np.int64], entry: NDArray[np.int64], leave: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Which stays to keep so that none of a person begins before the last one kept has ended (in order of entry)."""
    keep = np.ones(len(person), dtype=bool)
    current, free_from = -1, 0
    for row, (who, start, stop) in enumerate(zip(person.tolist(), entry.tolist(), leave.tolist(), strict=True)):
        if who != current:
            current, free_from = who, -(2**31)
        if start < free_from:
            keep[row] = False
            continue
        free_from = max(stop, start + 1)
    return keep


def _hospital(
    place: NDArray[np.int64], picks: dict[str, NDArray[np.float64]], private: NDArray[np.float64]
) -> NDArray[np.int64]:
    """A hospital near each patient, private or public as the plan says."""
    _, places, kinds = hospitals()
    by_place = [np.flatnonzero(places == where) for where in range(places.max() + 1)]
    chosen = np.empty(len(place), dtype=np.int64)
    for row, where in enumerate(place.tolist()):
        area = (
            by_place[where] if picks["near"][row] < NEARBY else by_place[int(picks["near"][row] * 7919) % len(by_place)]
        )
        wanted = area[(kinds[area] == 2) == (picks["private"][row] < private[row])]
        pool = wanted if len(wanted) else area
        chosen[row] = pool[int(picks["hospital"][row] ** 2 * len(pool))]
    return chosen


def _associated(plan: StayPlan, uniform: float) -> tuple[str, ...]:
    """Associated diagnoses of a stay: the plan's codes, each kept on its own share of the same draw."""
    kept = []
    for place, code in enumerate(plan.das):
        if (uniform * (1.618 + place) * 7) % 1 < plan.das_share and code not in plan.dp:
            kept.append(code)
    return tuple(kept)


def join_newborns(stays: Stays, persons: Persons) -> Stays:
    """The stays, newborns lying in the hospital where their mother gave birth on the same day."""
    mothers = {
        (int(who), int(start)): int(where)
        for who, start, where, codes in zip(stays.person, stays.entry, stays.hospital, stays.diagnoses, strict=True)
        if BIRTH in codes
    }
    hospital = stays.hospital.copy()
    for row in np.flatnonzero(stays.entry == persons.birth[stays.person]).tolist():
        key = (int(persons.mother[stays.person[row]]), int(stays.entry[row]))
        hospital[row] = mothers.get(key, int(hospital[row]))
    return replace(stays, hospital=hospital)


def during_a_stay(stays: Stays, person: NDArray[np.int64], day: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Which days lie strictly inside a stay of the person: no community care is given then."""
    if not len(stays.person):
        return np.zeros(len(person), dtype=bool)
    order = np.lexsort((stays.entry, stays.person))
    starts = stays.person[order] * FAR + stays.entry[order]
    place = np.searchsorted(starts, person * FAR + day, side="right") - 1
    row = order[np.maximum(place, 0)]
    inside: NDArray[np.bool_] = (place >= 0) & (stays.person[row] == person)
    return inside & (day > stays.entry[row]) & (day < stays.exit[row])
