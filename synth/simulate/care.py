"""Care that follows from the courses of a block: events of community care, and planned stays."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from synth.core.errors import UserError
from synth.core.seeds import Stream, rng
from synth.simulate.conditions import Course, Spells, Window
from synth.simulate.dates import FAR, month_of, year_of
from synth.simulate.drugs import choose, long_packs
from synth.simulate.modules import SECTOR, Care, StayPlan
from synth.simulate.persons import Persons
from synth.simulate.schedule import occurrences
from synth.simulate.tables import text_column

PHARMACY_KIND = 0
PRIVATE_STAY = "private_stay"  # the kind of line that a stay of a private hospital brings
MONTH = 31


@dataclass(frozen=True)
class Events:
    """Community care of a block, one entry an event. `kind` indexes the care_lines table, `drug` the drugs (-1: none).

    `module` is the index of the course it follows from, `related` whether it treats that condition (for ALD), `stay`
    the
    stay that is billed (-1: none).
    """

    person: NDArray[np.int64]
    day: NDArray[np.int64]
    kind: NDArray[np.int64]
    drug: NDArray[np.int64]
    quantity: NDArray[np.int64]
    module: NDArray[np.int64]
    related: NDArray[np.bool_]
    renewal: NDArray[np.bool_]
    stay: NDArray[np.int64]


@dataclass(frozen=True)
class Admissions:
    """Planned stays of a block: person, day of entry, plan (index into `plans`), module index, uniform draw for its
    length.
    """

    person: NDArray[np.int64]
    day: NDArray[np.int64]
    plan: NDArray[np.int64]
    module: NDArray[np.int64]
    plans: tuple[StayPlan, ...]


@cache
def line_kinds() -> dict[str, int]:
    """Index of each kind of line in the care_lines table, by name."""
    return {name: index for index, name in enumerate(text_column("care_lines", "name").tolist())}


def follow_care(
    persons: Persons, courses: dict[str, Course], death: NDArray[np.int64], window: Window, seed: int
) -> tuple[Events, Admissions]:
    """Every event and admission of a block within the window, between birth and death."""
    phase = rng(seed, "phase", persons.block).uniform(len(persons))
    events: list[tuple[NDArray[np.int64], ...]] = []
    admissions: list[tuple[NDArray[np.int64], ...]] = []
    plans: list[StayPlan] = []
    for index, course in enumerate(courses.values()):
        offset = len(plans)
        plans.extend(course.module.stays)
        names = {plan.name: offset + place for place, plan in enumerate(course.module.stays)}
        for place, care in enumerate(course.module.care):
            if care.kind == SECTOR:
                continue
            stream = rng(seed, "care", course.module.name, place, persons.block)
            when, person = when_given(care, course, persons, phase, window, stream)
            alive = (when < death[person]) & (when >= persons.birth[person])
            person, when = person[alive], when[alive]
            refs = _pick_refs(care, person, len(persons), stream)
            if care.kind == "stay":
                codes = np.array([names[ref] for ref in care.refs])[refs]
                admissions.append((person, when, codes, np.full(len(person), index)))
            else:
                events.append(_event(care, person, when, refs, index, len(persons), stream))
    return _events(events), _admissions(admissions, tuple(plans))


def when_given(
    care: Care, course: Course, persons: Persons, phase: NDArray[np.float64], window: Window, stream: Stream
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Days on which one kind of care is given, and to which persons."""
    spells = _chosen(care, course, persons, window, stream)
    which, when = occurrences(care, spells, persons, phase, (window.start, window.end), stream)
    return when, spells.person[which]


def _chosen(care: Care, course: Course, persons: Persons, window: Window, stream: Stream) -> Spells:
    """The spells in which this care is given: its states, the persons it suits, and the share of them who get it."""
    names = care.states or tuple(course.spells)
    try:
        parts = [course.spells[name] for name in names]
    except KeyError:
        raise UserError(f"module {course.module.name}: care names a state it does not have") from None
    person, start, end, onset = (
        np.concatenate([getattr(part, field) for part in parts]) for field in ("person", "start", "end", "onset")
    )
    taker = stream.uniform(len(persons)) < care.share
    middle = (np.maximum(start, window.start) + np.minimum(end, window.end)) // 2
    middle = np.minimum(np.maximum(middle, window.start), window.end)  # np.clip takes ten times longer on few values
    age = year_of(middle) - year_of(persons.birth[person])
    keep = taker[person] & (start < window.end) & (end > window.start) & (age >= care.min_age) & (age <= care.max_age)
    if care.sex:
        keep &= persons.sex[person] == care.sex
    return Spells(person[keep], start[keep], np.minimum(end[keep], FAR), onset[keep])


def _pick_refs(care: Care, person: NDArray[np.int64], n: int, stream: Stream) -> NDArray[np.int64]:
    """Which of the codes each event has: a person's own for good in a rhythm, drawn each time otherwise."""
    if len(care.refs) == 1:
        return np.zeros(len(person), dtype=np.int64)
    edges = np.cumsum(care.weights) / np.sum(care.weights)
    pick = stream.uniform(n)[person] if care.every is not None else stream.uniform(len(person))
    return np.minimum(np.searchsorted(edges, pick, side="right"), len(care.refs) - 1)


def _event(
    care: Care,
    person: NDArray[np.int64],
    when: NDArray[np.int64],
    refs: NDArray[np.int64],
    module: int,
    n: int,
    stream: Stream,
) -> tuple[NDArray[np.int64], ...]:
    size = len(person)
    drug = np.full(size, -1, dtype=np.int64)
    kind = np.full(size, PHARMACY_KIND, dtype=np.int64)
    if care.kind == "drug":
        pick = stream.uniform(n)[person] if care.every is not None else stream.uniform(size)
        rhythm = "once" if care.every is None else "monthly" if care.monthly else "any"
        for place in np.unique(refs).tolist():
            mine = refs == place
            drug[mine] = choose(care.refs[place], pick[mine], rhythm)
    else:
        kind = np.array([_kind(ref) for ref in care.refs], dtype=np.int64)[refs]
    keep = ~_covered_by_long_pack(care, drug, when)
    person, when, kind, drug, size = person[keep], when[keep], kind[keep], drug[keep], int(keep.sum())
    return (
        person,
        when,
        kind,
        drug,
        np.full(size, care.quantity),
        np.full(size, module),
        np.full(size, care.ald),
        np.full(size, care.every is not None),
        np.full(size, -1),
    )


def _covered_by_long_pack(care: Care, drug: NDArray[np.int64], when: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Monthly fetches that a three-month pack spares: two in three."""
    if care.kind != "drug" or care.every is None or care.every > MONTH or care.monthly:
        return np.zeros(len(drug), dtype=bool)
    months = year_of(when) * 12 + month_of(when)
    spared: NDArray[np.bool_] = long_packs()[drug] & ((months + drug) % 3 != 0)
    return spared


def _kind(name: str) -> int:
    try:
        return line_kinds()[name]
    except KeyError:
        raise UserError(f"no kind of line is called {name}", remedy="use a name of parameters/care_lines.csv") from None


def _events(parts: list[tuple[NDArray[np.int64], ...]]) -> Events:
    columns = [np.concatenate(column) for column in zip(*parts, strict=True)]
    order = np.lexsort((columns[2], columns[1], columns[0]))
    person, day, kind, drug, quantity, module, related, renewal, stay = (column[order] for column in columns)
    return Events(person, day, kind, drug, quantity, module, related.astype(bool), renewal.astype(bool), stay)


def select_events(events: Events, keep: NDArray[np.bool_]) -> Events:
    """The events that are kept."""
    return Events(*(getattr(events, name)[keep] for name in Events.__dataclass_fields__))


def join_events(one: Events, other: Events) -> Events:
    """Events of both."""
    names = Events.__dataclass_fields__
    return Events(*(np.concatenate([getattr(one, name), getattr(other, name)]) for name in names))


def _admissions(parts: list[tuple[NDArray[np.int64], ...]], plans: tuple[StayPlan, ...]) -> Admissions:
    if not parts:
        empty = np.empty(0, dtype=np.int64)
        return Admissions(empty, empty, empty, empty, plans)
    columns = [np.concatenate(column) for column in zip(*parts, strict=True)]
    order = np.lexsort((columns[2], columns[1], columns[0]))
    person, day, plan, module = (column[order] for column in columns)
    return Admissions(person, day, plan, module, plans)
