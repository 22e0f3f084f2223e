"""One block of persons, simulated whole: the latent states, the care, the stays, the statuses and the deaths."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from synth.simulate.ald import AldStatus, grant_ald
from synth.simulate.amounts import Amounts, coverage_start, price_lines
from synth.simulate.care import follow_care, join_events, select_events
from synth.simulate.claims import Lines, make_lines
from synth.simulate.clinics import clinic_claims
from synth.simulate.conditions import Course, Window, live_course
from synth.simulate.deaths import Deaths, draw_deaths
from synth.simulate.episodes import Episodes, Moves, given_elsewhere, place_episodes
from synth.simulate.last_stays import with_last_stays
from synth.simulate.ledger import Ledger, book
from synth.simulate.newborns import add_newborns, space_pregnancies
from synth.simulate.persons import BLOCK, Persons, draw_persons, whole_families
from synth.simulate.pseudonyms import share_pseudonyms
from synth.simulate.stays import Stays, during_a_stay, join_newborns, make_stays
from synth.simulate.tabled import every_module

PREGNANCY = "pregnancy"


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
    ledger: Ledger
    stays: Stays
    moves: Moves
    episodes: Episodes
    wanted: NDArray[np.bool_]


def simulate_block(seed: int, block: int, window: Window, wanted: int, several: bool = False) -> Block:
    """The block number `block`, of which `wanted` persons of the first families are asked for.

    `several` makes pseudonyms as the real base has them (see `pseudonyms`).
    """
    persons = draw_persons(seed, block, window.first)
    modules = {module.name: module for module in every_module()}
    first = live_course(modules[PREGNANCY], persons, {}, window, seed)
    pregnancies = space_pregnancies(first, persons, seed)
    persons = add_newborns(persons, pregnancies, window, seed)
    if several:
        persons = share_pseudonyms(persons, seed, window.start)
    courses: dict[str, Course] = {PREGNANCY: pregnancies}
    for module in modules.values():
        if module.name != PREGNANCY:
            courses[module.name] = live_course(module, persons, courses, window, seed)
    deaths = draw_deaths(persons, courses, window, seed)
    ald = grant_ald(persons, courses, deaths.death, window, seed)
    events, admissions = follow_care(persons, courses, deaths.death, window, seed)
    admissions = with_last_stays(admissions, deaths, window, seed, block)
    stays = join_newborns(make_stays(admissions, persons, deaths.death, window, seed), persons)
    episodes, moves = place_episodes(persons, courses, stays, deaths, window, seed)
    inside = during_a_stay(stays, events.person, events.day) | given_elsewhere(episodes, stays, events)
    events = select_events(events, ~inside)
    events = join_events(events, clinic_claims(stays, persons, seed))
    lines = make_lines(events, persons, seed)
    covered = coverage_start(lines.events.module, lines.events.person, ald.starts)
    amounts = price_lines(lines, persons, covered, ald.first, stays.tariff, seed)
    ledger = book(lines, amounts, persons, seed)
    asked = whole_families(persons.holder[:BLOCK], wanted)[persons.holder]
    return Block(seed, window, persons, courses, deaths, ald, lines, amounts, ledger, stays, moves, episodes, asked)
