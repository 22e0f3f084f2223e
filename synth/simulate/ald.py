"""Long-term disease status (ALD): who asks for it, when it starts, how it is renewed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from synth.core.seeds import rng
from synth.simulate.conditions import Course, Window
from synth.simulate.dates import FAR, YEAR
from synth.simulate.even import taken
from synth.simulate.persons import Persons


@dataclass(frozen=True)
class AldStatus:
    """Statuses of a block, one entry a status: person, course index, number, cause, nature, first and last day.

    `starts` is [course, person] with the first day covered (FAR: none), `first` the first of any by person.
    """

    person: NDArray[np.int64]
    number: NDArray[np.int64]
    cim: NDArray[np.str_]
    nature: NDArray[np.int64]
    start: NDArray[np.int64]
    end: NDArray[np.int64]
    starts: NDArray[np.int64]
    first: NDArray[np.int64]


def grant_ald(
    persons: Persons, courses: dict[str, Course], death: NDArray[np.int64], window: Window, seed: int
) -> AldStatus:
    """Statuses opened by the courses of a block, by the last day of the window and while the person is alive."""
    n = len(persons)
    starts = np.full((len(courses), n), FAR, dtype=np.int64)
    parts: list[tuple[Any, ...]] = []
    for index, course in enumerate(courses.values()):
        plan = course.module.ald
        if plan is None:
            continue
        stream = rng(seed, "ald", course.module.name, persons.block)
        case = np.zeros(n)
        case[course.person] = plan.share
        oldest_first = persons.birth + stream.uniform(n)
        asks = taken(case, persons.sex - 1, oldest_first, seed, persons.block, "ald", course.module.name)[course.person]
        begin = course.onset + (plan.delay * 2 * stream.uniform(len(course.person))).astype(np.int64)
        keep = asks & (begin < window.end) & (begin < death[course.person])
        person, begin = course.person[keep], begin[keep]
        np.minimum.at(starts[index], person, begin)
        cim = np.array(plan.cim)[stream.integers(len(person), len(plan.cim))]
        length = int(plan.years * YEAR)
        renewals = np.maximum(-(-(window.end - begin) // length), 1)
        parts.append(
            (
                person,
                np.full(len(person), plan.number),
                cim,
                np.full(len(person), plan.nature),
                begin,
                begin + renewals * length,
            )
        )
    person, number, cim, nature, start, end = _stack(parts)
    return AldStatus(
        person, number, cim, nature, start, end, starts, starts.min(axis=0) if len(starts) else np.full(n, FAR)
    )


def _stack(parts: list[tuple[Any, ...]]) -> tuple[Any, ...]:
    if not parts:
        empty = np.empty(0, dtype=np.int64)
        return empty, empty, empty.astype("U6"), empty, empty, empty
    columns = [np.concatenate(column) for column in zip(*parts, strict=True)]
    order = np.lexsort((columns[1], columns[4], columns[0]))
    return tuple(column[order] for column in columns)
