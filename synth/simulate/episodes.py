"""Care in the other fields of hospitals, placed among the short stays of each person.

An episode begins on the day a short stay ends (a transfer), some days later, before a death, or when its module says.
No two overlap, a short stay of a night or more interrupts them, and death ends them. Modes of entry and exit say so on
both sides: 8 home, 7 transfer, 9 death, with where from and where to (1 short stay, 2 rehabilitation, 4 psychiatry,
6 home care, 7 a care home). Shares of care homes and of entries through an emergency room are assumptions.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache

import numpy as np
from numpy.typing import NDArray

from synth.core.seeds import rng
from synth.simulate.care import Events
from synth.simulate.claims import line_table
from synth.simulate.conditions import Course, Window
from synth.simulate.dates import age_years
from synth.simulate.deaths import Deaths
from synth.simulate.identifiers import facilities, hospitals
from synth.simulate.persons import Persons
from synth.simulate.referrals import Referrals, refer
from synth.simulate.sectors import DAY, HOME, OUTPATIENT, PSYCHIATRY, REHABILITATION, SectorPlan
from synth.simulate.stays import PRIVATE, Stays, during_a_stay

AT_HOME, TRANSFER, DIED = 8, 7, 9
NONE, SHORT_STAY, EMERGENCY, CARE_HOME = 0, 1, 5, 7
WHERE = {REHABILITATION: 2, PSYCHIATRY: 4, HOME: 6}
SHORTEST_RETURN = 4  # days left of an episode that a short stay interrupts, for the person to come back
CARE_HOME_SHARE, CARE_HOME_AGE = 0.12, 80
EMERGENCY_SHARE = 0.35  # of the psychiatric stays that no short stay precedes
SUPPLIED = ("pharmacy", "nurse", "physio")  # lines that home care brings itself


@dataclass(frozen=True)
class Episodes:
    """Parallel arrays, one entry an episode; `exit` may lie after the window (it is not over then).

    `plan` indexes `plans`, `facility` the establishments of the plan's field, `source` the short stay it follows (-1:
    none). Modes and origins are numbers as the PMSI codes them, 0 for none.
    """

    person: NDArray[np.int64]
    entry: NDArray[np.int64]
    exit: NDArray[np.int64]
    plan: NDArray[np.int64]
    module: NDArray[np.int64]
    source: NDArray[np.int64]
    facility: NDArray[np.int64]
    dp: NDArray[np.str_]
    cause: NDArray[np.str_]
    chance: NDArray[np.float64]
    entry_mode: NDArray[np.int64]
    entry_from: NDArray[np.int64]
    exit_mode: NDArray[np.int64]
    exit_to: NDArray[np.int64]
    plans: tuple[SectorPlan, ...]

    def of(self, field: str) -> NDArray[np.int64]:
        """Episodes of one field, in order of person and entry."""
        fields = np.array([plan.field for plan in self.plans] or [""])
        return np.flatnonzero(fields[self.plan] == field) if len(self.plan) else np.empty(0, dtype=np.int64)


@dataclass(frozen=True)
class Moves:
    """Modes of entry and exit of the short stays, where from and where to; `service` flags day care given to a person
    who lies in another establishment."""

    entry_mode: NDArray[np.int64]
    entry_from: NDArray[np.int64]
    exit_mode: NDArray[np.int64]
    exit_to: NDArray[np.int64]
    service: NDArray[np.bool_]


def place_episodes(
    persons: Persons, courses: dict[str, Course], stays: Stays, deaths: Deaths, window: Window, seed: int
) -> tuple[Episodes, Moves]:
    """The episodes of a block that begin within the window, and how its short stays begin and end."""
    plans = tuple(plan for course in courses.values() for plan in course.module.sectors)
    wanted = refer(persons, courses, stays, deaths, window, seed)
    moves = _plain_moves(stays)
    rows, entry, leave, sides = _placed(wanted, plans, stays, deaths.death, window, moves)
    stream = rng(seed, "episodes", persons.block)
    draws = {name: stream.uniform(len(wanted.person))[rows] for name in ("dp", "where", "facility", "chance")}
    person, plan = wanted.person[rows], wanted.plan[rows]
    modes = _with_homes(sides, persons, person, leave, plan, plans, draws["where"])
    cause = wanted.cause[rows]
    episodes = Episodes(
        person,
        entry,
        leave,
        plan,
        wanted.module[rows],
        wanted.source[rows],
        _facility(persons.place[person], plan, plans, draws["facility"]),
        _treated(plan, plans, cause, draws["dp"]),
        cause,
        draws["chance"],
        *modes,
        plans,
    )
    return episodes, moves


def _plain_moves(stays: Stays) -> Moves:
    n = len(stays.person)
    return Moves(
        np.full(n, AT_HOME),
        np.where(stays.emergency, EMERGENCY, NONE),
        np.where(stays.died, DIED, AT_HOME),
        np.zeros(n, dtype=np.int64),
        np.zeros(n, dtype=bool),
    )


Sides = tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]


def _placed(
    wanted: Referrals,
    plans: tuple[SectorPlan, ...],
    stays: Stays,
    death: NDArray[np.int64],
    window: Window,
    moves: Moves,
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64], Sides]:
    """Which episodes happen, their first day and the day they end, and their modes; marks the moves of short stays.

    Episodes come in order of person and day; `free` is the day from which the person lies nowhere. Who leaves for a
    short stay comes back for the days that are left.
    """
    by_person = _stays_by_person(stays, np.unique(wanted.person))
    kept: list[tuple[int, int, int, int, int, int, int]] = []
    current, free = -1, 0
    rows = zip(wanted.person.tolist(), wanted.entry.tolist(), wanted.exit.tolist(), wanted.plan.tolist(), strict=True)
    for row, (who, start, stop, kind) in enumerate(rows):
        plan = plans[kind]
        if plan.field == OUTPATIENT:
            if window.start <= start < min(window.end, int(death[who])):
                kept.append((row, start, start, AT_HOME, NONE, AT_HOME, NONE))
            continue
        if who != current:
            current, free = who, -(2**31)
        mine, died = by_person.get(who, ()), int(death[who])
        while True:
            placed = _place(plan, start, stop, mine, died, max(free, window.start), stays)
            if placed is None or placed[0] >= window.end:
                break
            first, last, before, after = placed
            free = last
            kept.append((row, first, last, *_modes(plan, last, died, before, after, stays, moves)))
            _mark_services(plan, mine, first, last, stays, moves)
            left = stop - last
            if after < 0 or left < SHORTEST_RETURN or plan.presence == DAY:
                break
            start, stop = int(stays.exit[after]), int(stays.exit[after]) + left
    columns = np.array(kept, dtype=np.int64).reshape(-1, 7).T
    return columns[0], columns[1], columns[2], (columns[3], columns[4], columns[5], columns[6])


def _stays_by_person(stays: Stays, persons: NDArray[np.int64]) -> dict[int, tuple[int, ...]]:
    found: dict[int, list[int]] = {}
    rows = np.flatnonzero(np.isin(stays.person, persons))
    for row in rows[np.lexsort((stays.entry[rows], stays.person[rows]))].tolist():
        found.setdefault(int(stays.person[row]), []).append(row)
    return {who: tuple(mine) for who, mine in found.items()}


def _place(
    plan: SectorPlan, start: int, stop: int, mine: tuple[int, ...], death: int, free: int, stays: Stays
) -> tuple[int, int, int, int] | None:
    """First day, last day, the stay it comes from and the stay that interrupts it (-1: none); None when it cannot be.

    An episode that would begin during a short stay begins when that ends; one that would begin before the person is
    free does not happen.
    """
    if start < free:
        if not plan.before_death:
            return None
        start = free
    before = after = -1
    for stay in mine:
        entry, leave = int(stays.entry[stay]), int(stays.exit[stay])
        if not _interrupts(plan, stay, stays):
            continue
        if entry < start <= leave:
            start, before = leave, (stay if leave >= start else before)
        elif start <= entry < stop:
            after, stop = stay, entry
            break
    if before >= 0 and stays.died[before]:
        return None
    if death < stop or (death == stop and after < 0):
        stop, after = death, -1
    return (start, stop, before, after) if stop > start else None


def _interrupts(plan: SectorPlan, stay: int, stays: Stays) -> bool:
    """Whether a short stay cannot happen during an episode: those of a night or more, and, from a bed, operations of a
    day in a clinic (a public hospital does them as a service to the other establishment)."""
    if stays.exit[stay] > stays.entry[stay]:
        return True
    private = hospitals()[2][stays.hospital[stay]] == PRIVATE
    return bool(plan.field != HOME and plan.presence != DAY and private and not stays.session[stay])


def _modes(
    plan: SectorPlan, stop: int, death: int, before: int, after: int, stays: Stays, moves: Moves
) -> tuple[int, int, int, int]:
    """Modes of an episode; those of the short stays it is transferred from and to are set at the same time."""
    entry_mode, entry_from, exit_mode, exit_to = AT_HOME, NONE, AT_HOME, NONE
    if plan.presence == DAY:
        return entry_mode, entry_from, exit_mode, exit_to
    if before >= 0:
        entry_mode, entry_from = TRANSFER, SHORT_STAY
        moves.exit_mode[before], moves.exit_to[before] = TRANSFER, WHERE[plan.field]
    if after >= 0:
        exit_mode, exit_to = TRANSFER, SHORT_STAY
        moves.entry_mode[after], moves.entry_from[after] = TRANSFER, WHERE[plan.field]
    elif stop == death:
        exit_mode = DIED
    return entry_mode, entry_from, exit_mode, exit_to


def _mark_services(plan: SectorPlan, mine: tuple[int, ...], start: int, stop: int, stays: Stays, moves: Moves) -> None:
    """Day care of a public hospital to a person who lies elsewhere is a service between establishments (mode 0)."""
    if plan.field == HOME or plan.presence == DAY:
        return
    for stay in mine:
        day = int(stays.entry[stay])
        inside = start < day < stop and stays.exit[stay] == day
        if inside and not stays.session[stay] and not stays.died[stay]:
            moves.service[stay] = True
            moves.entry_mode[stay] = moves.exit_mode[stay] = NONE
            moves.entry_from[stay] = moves.exit_to[stay] = WHERE[plan.field]


def _with_homes(
    sides: Sides,
    persons: Persons,
    person: NDArray[np.int64],
    leave: NDArray[np.int64],
    plan: NDArray[np.int64],
    plans: tuple[SectorPlan, ...],
    pick: NDArray[np.float64],
) -> Sides:
    """The modes with care homes after rehabilitation of the old, and emergency rooms before psychiatry."""
    entry_mode, entry_from, exit_mode, exit_to = sides
    fields = np.array([one.field for one in plans] or [""])[plan] if len(plan) else np.empty(0, dtype="U3")
    full = np.array([one.presence != DAY for one in plans] or [True])[plan] if len(plan) else np.empty(0, dtype=bool)
    old = age_years(persons.birth[person], leave) >= CARE_HOME_AGE
    homes = (fields == REHABILITATION) & full & old & (exit_mode == AT_HOME) & (pick < CARE_HOME_SHARE)
    urgent = (fields == PSYCHIATRY) & full & (entry_mode == AT_HOME) & (pick < EMERGENCY_SHARE)
    return (
        entry_mode,
        np.where(urgent, EMERGENCY, entry_from),
        exit_mode,
        np.where(homes, CARE_HOME, exit_to),
    )


@cache
def _near(field: str, place: int) -> NDArray[np.int64]:
    """Establishments of a field in a departement."""
    return np.flatnonzero(facilities(PSYCHIATRY if field == OUTPATIENT else field)[1] == place)


def _facility(
    place: NDArray[np.int64], plan: NDArray[np.int64], plans: tuple[SectorPlan, ...], pick: NDArray[np.float64]
) -> NDArray[np.int64]:
    """An establishment of the plan's field in the departement of residence."""
    rows = zip(place.tolist(), plan.tolist(), pick.tolist(), strict=True)
    near = ((_near(plans[kind].field, where), draw) for where, kind, draw in rows)
    return np.array([here[int(draw * len(here))] for here, draw in near], dtype=np.int64)


def _treated(
    plan: NDArray[np.int64], plans: tuple[SectorPlan, ...], cause: NDArray[np.str_], pick: NDArray[np.float64]
) -> NDArray[np.str_]:
    """Diagnosis that each episode treats: one of the plan's, by weight, else its cause."""
    codes = cause.astype("U6")
    for kind in np.unique(plan).tolist():
        known = plans[kind].dp
        if known:
            mine = plan == kind
            edges = np.cumsum(plans[kind].dp_weights or (1.0,) * len(known))
            place = np.searchsorted(edges, pick[mine] * edges[-1], side="right").clip(0, len(known) - 1)
            codes[mine] = np.array(known)[place]
    return codes


def given_elsewhere(episodes: Episodes, stays: Stays, events: Events) -> NDArray[np.bool_]:
    """Events of community care that do not happen because the person lies in another field's bed, or is supplied by
    home care."""
    fields = np.array([plan.field for plan in episodes.plans] or [""])
    full = np.array([plan.presence != DAY for plan in episodes.plans] or [False])
    kind = fields[episodes.plan] if len(episodes.plan) else np.empty(0, dtype="U3")
    bed = np.isin(kind, (REHABILITATION, PSYCHIATRY)) & full[episodes.plan] if len(kind) else np.empty(0, dtype=bool)
    lying = during_a_stay(_as_stays(episodes, stays, bed), events.person, events.day)
    at_home = during_a_stay(_as_stays(episodes, stays, kind == HOME), events.person, events.day)
    supplied = np.isin(line_table().group_name[events.kind], SUPPLIED) | (events.drug >= 0)
    return lying | (at_home & supplied)


def _as_stays(episodes: Episodes, stays: Stays, keep: NDArray[np.bool_]) -> Stays:
    return replace(stays, person=episodes.person[keep], entry=episodes.entry[keep], exit=episodes.exit[keep])
