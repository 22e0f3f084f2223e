"""One block of persons, simulated whole: the latent states, the care, the stays, the statuses and the deaths."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from synth.simulate.ald import AldStatus, grant_ald
from synth.simulate.amounts import Amounts, coverage_start, price_lines
from synth.simulate.care import follow_care
from synth.simulate.claims import Lines, make_lines
from synth.simulate.conditions import Course, Window, live_course
from synth.simulate.deaths import Deaths, draw_deaths
from synth.simulate.modules import load_modules
from synth.simulate.persons import Persons, draw_persons
from synth.simulate.stays import Stays, make_stays


@dataclass(frozen=True)
class Block:
    """Everything about one block of persons; `emit` turns it into rows. `wanted` flags the persons asked for."""

    seed: int
    window: Window
    persons: Persons
    courses: dict[str, Course]
    deaths: Deaths
    ald: AldStatus
    lines: Lines
    amounts: Amounts
    stays: Stays
    wanted: NDArray[np.bool_]


def simulate_block(seed: int, block: int, window: Window, wanted: int) -> Block:
    """The block number `block`, of which the first `wanted` persons are asked for."""
    persons = draw_persons(seed, block, window.first)
    courses: dict[str, Course] = {}
    for module in load_modules():
        courses[module.name] = live_course(module, persons, courses, window, seed)
    deaths = draw_deaths(persons, courses, window, seed)
    ald = grant_ald(persons, courses, deaths.death, window, seed)
    events, admissions = follow_care(persons, courses, deaths.death, window, seed)
    lines = make_lines(events, persons, seed)
    covered = coverage_start(lines.events.module, lines.events.person, ald.starts)
    amounts = price_lines(lines, persons, covered, ald.first, seed)
    stays = make_stays(admissions, persons, deaths.death, window, seed)
    asked = persons.holder < wanted
    asked &= np.arange(len(persons)) < wanted
    return Block(seed, window, persons, courses, deaths, ald, lines, amounts, stays, asked)
