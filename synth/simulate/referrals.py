"""Who is sent to care in another field of hospitals: after a short stay, before a death, or when a module says."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from synth.core.seeds import Stream, rng
from synth.simulate.care import when_given
from synth.simulate.conditions import Course, Window
from synth.simulate.curves import at
from synth.simulate.dates import age_years
from synth.simulate.deaths import Deaths
from synth.simulate.modules import SECTOR
from synth.simulate.persons import Persons
from synth.simulate.sectors import EVERY_STAY, FIELDS, OUTPATIENT, SectorPlan
from synth.simulate.stays import Stays

SPREAD = 0.7  # of lengths around their mean, on the log scale
LONGEST = 500
OWN = 0.97  # how much of being referred belongs to the person, whom each stay sends again, and not to the stay


@dataclass(frozen=True)
class Referrals:
    """Episodes asked for, before they are placed: one entry an episode, in order of person and day."""

    person: NDArray[np.int64]
    entry: NDArray[np.int64]
    exit: NDArray[np.int64]
    plan: NDArray[np.int64]
    module: NDArray[np.int64]
    source: NDArray[np.int64]
    cause: NDArray[np.str_]


def refer(
    persons: Persons,
    courses: dict[str, Course],
    stays: Stays,
    deaths: Deaths,
    window: Window,
    seed: int,
) -> Referrals:
    """The episodes asked for in a block; `plan` counts the plans of every course in turn."""
    phase = rng(seed, "phase", persons.block).uniform(len(persons))
    taken = np.zeros(len(stays.person), dtype=bool)
    prone = {field: rng(seed, "referred", field, persons.block).normal(len(persons)) for field in FIELDS}
    parts: list[tuple[NDArray[np.int64], ...]] = []
    causes: list[NDArray[np.str_]] = []
    offset = 0
    for index, course in enumerate(courses.values()):
        names = {plan.name: offset + place for place, plan in enumerate(course.module.sectors)}
        asked = [
            *_after_stays(course, stays, persons, taken, prone, names, seed),
            *_before_deaths(course, stays, deaths, persons, names, seed),
            *_by_themselves(course, persons, phase, window, deaths.death, names, seed),
        ]
        for person, entry, leave, plan, source, cause in asked:
            parts.append((person, entry, leave, plan, np.full(len(person), index), source))
            causes.append(cause)
        offset += len(names)
    if not parts:
        empty = np.empty(0, dtype=np.int64)
        return Referrals(empty, empty, empty, empty, empty, empty, empty.astype("U6"))
    columns = [np.concatenate(column).astype(np.int64) for column in zip(*parts, strict=True)]
    order = np.lexsort((columns[3], columns[1], columns[0]))
    person, entry, leave, plan, module, source = (column[order] for column in columns)
    return Referrals(person, entry, leave, plan, module, source, np.concatenate(causes)[order])


Asked = tuple[
    NDArray[np.int64],
    NDArray[np.int64],
    NDArray[np.int64],
    NDArray[np.int64],
    NDArray[np.int64],
    NDArray[np.str_],
]


def _after_stays(
    course: Course,
    stays: Stays,
    persons: Persons,
    taken: NDArray[np.bool_],
    prone: dict[str, NDArray[np.float64]],
    names: dict[str, int],
    seed: int,
) -> Iterator[Asked]:
    """Episodes that follow short stays; each stay is followed by one at most (`taken` is marked)."""
    for plan in course.module.sectors:
        if not plan.after:
            continue
        stream = rng(seed, "sector", course.module.name, plan.name, persons.block)
        long = stays.exit - stays.entry >= plan.min_nights
        rows = np.flatnonzero(_follows(plan, stays) & ~stays.died & ~taken & long)
        n, person = len(rows), stays.person[rows]
        pick = ndtr(OWN * prone[plan.field][person] + np.sqrt(1 - OWN**2) * stream.normal(n))
        late, length = stream.uniform(n), _lengths(plan, n, stream)
        age = age_years(persons.birth[person], stays.exit[rows])
        sent = pick < (at(plan.share, persons.sex[person], age) if plan.share is not None else 1.0)
        rows, late, length = rows[sent], late[sent], length[sent]
        taken[rows] = True
        delay = (1 - np.log(1 - late) * plan.wait).astype(np.int64) if plan.wait > 0 else np.int64(0)
        entry = stays.exit[rows] + delay
        source = rows if plan.wait == 0 else np.full(len(rows), -1)
        kind = np.full(len(rows), names[plan.name])
        yield stays.person[rows], entry, entry + length, kind, source, stays.dp[rows]


def _follows(plan: SectorPlan, stays: Stays) -> NDArray[np.bool_]:
    """Stays that a plan may follow: by principal diagnosis, or by GHM (a code that starts with a digit); sessions by
    their GHM only."""
    found = np.zeros(len(stays.person), dtype=bool)
    for code in plan.after:
        if code == EVERY_STAY:
            found |= ~stays.session
        elif code[0].isdigit():
            found |= np.char.startswith(stays.ghm, code)
        else:
            found |= np.char.startswith(stays.dp, code) & ~stays.session
    return found


def _before_deaths(
    course: Course, stays: Stays, deaths: Deaths, persons: Persons, names: dict[str, int], seed: int
) -> Iterator[Asked]:
    """Episodes that end in the death of persons who do not die in a short stay."""
    elsewhere = ~np.isin(deaths.person, stays.person[stays.died])
    n = len(deaths.person)
    age = age_years(persons.birth[deaths.person], deaths.when)
    for plan in course.module.sectors:
        if not plan.before_death:
            continue
        stream = rng(seed, "sector", course.module.name, plan.name, persons.block)
        pick, length = stream.uniform(n), _lengths(plan, n, stream)
        share = at(plan.share, persons.sex[deaths.person], age) if plan.share is not None else np.ones(n)
        fits = np.zeros(n, dtype=bool)
        for code in plan.before_death:
            fits |= np.char.startswith(deaths.cause, code) | (code == EVERY_STAY)
        rows = np.flatnonzero(fits & elsewhere & (pick < share))
        elsewhere[rows] = False
        when = deaths.when[rows]
        none = np.full(len(rows), -1)
        kind = np.full(len(rows), names[plan.name])
        yield deaths.person[rows], when - length[rows], when + 1, kind, none, deaths.cause[rows].astype("U6")


def _by_themselves(
    course: Course,
    persons: Persons,
    phase: NDArray[np.float64],
    window: Window,
    death: NDArray[np.int64],
    names: dict[str, int],
    seed: int,
) -> Iterator[Asked]:
    """Episodes that the care of a module plans at its own rhythm."""
    plans = {plan.name: plan for plan in course.module.sectors}
    for place, care in enumerate(course.module.care):
        if care.kind != SECTOR:
            continue
        stream = rng(seed, "care", course.module.name, place, persons.block)
        when, person = when_given(care, course, persons, phase, window, stream)
        keep = (when < death[person]) & (when >= persons.birth[person])
        person, when = person[keep], when[keep]
        edges = np.cumsum(care.weights) / np.sum(care.weights)
        chosen = np.searchsorted(edges, stream.uniform(len(person)), side="right").clip(0, len(care.refs) - 1)
        for index, name in enumerate(care.refs):
            mine = chosen == index
            length = _lengths(plans[name], len(person), stream)[mine]
            none = np.full(int(mine.sum()), -1)
            kind = np.full(int(mine.sum()), names[name])
            yield person[mine], when[mine], when[mine] + length, kind, none, none.astype("U1").astype("U6")


def _lengths(plan: SectorPlan, n: int, stream: Stream) -> NDArray[np.int64]:
    """Days of n episodes: log-normal around the plan's mean; none for an outpatient act."""
    if plan.field == OUTPATIENT:
        return np.zeros(n, dtype=np.int64)
    days = plan.days * np.exp(SPREAD * stream.normal(n) - SPREAD**2 / 2)
    return np.clip(np.round(days), 1, LONGEST).astype(np.int64)
