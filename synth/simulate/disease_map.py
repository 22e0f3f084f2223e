"""The disease map of a year, derived from the care that was given: statuses, short stays and dispensings.

Nothing is read from the conditions that persons were given: a top is there because rows of the base show it, by the
logic that the CNAM documents for its own map (parameters/disease_map.csv). Stays before the first simulated year are
not seen, so that tops that look back five years grow over the window.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from synth.simulate.block import Block
from synth.simulate.dates import day
from synth.simulate.drugs import drugs, long_packs
from synth.simulate.tables import read_rows

Flags = NDArray[np.bool_]
DIALYSIS_GROUPS, DIALYSIS_DAYS = "28Z0[1-4]", 45
PATHOLOGIES = re.compile(r"^TOP_.*(?<!_MED)$")
MATERNITY = "TOP_MATERNI_IND"


@dataclass(frozen=True, slots=True)
class TopRule:
    """One row of parameters/disease_map.csv."""

    top: str
    icd: re.Pattern[str] | None
    ald: str
    stays: int
    drugs: tuple[str, ...]
    times: int
    years: int
    sex: int
    without: tuple[str, ...]


@cache
def top_rules() -> tuple[TopRule, ...]:
    """The rules, in the order of the file: what a rule is without is computed before it."""
    return tuple(
        TopRule(
            row["top"],
            re.compile(row["icd"]) if row["icd"] else None,
            row["ald"],
            int(row["stays"]),
            tuple(row["drugs"].split()),
            int(row["times"] or 0),
            int(row["years"] or 1),
            int(row["sex"] or 0),
            tuple(row["without"].split()),
        )
        for row in read_rows("disease_map")
    )


def disease_map(block: Block, year: int) -> dict[str, Flags]:
    """Tops and groups of a year, by the name of their column: one flag a person of the block."""
    found: dict[str, Flags] = {"TOP_RDIALYSE_IND": _long_dialysis(block, year)}
    explained = np.zeros(len(block.ald.person), dtype=bool)
    for rule in top_rules():
        flags = np.zeros(len(block.persons), dtype=bool)
        if rule.icd is not None:
            mine = _matching(block.ald.cim, rule.icd)
            explained |= mine
            if rule.ald:
                flags[block.ald.person[mine & _in_force(block, rule.ald, year)]] = True
            if rule.stays:
                flags[_in_hospital(block, rule.icd, year, rule.stays)] = True
        if rule.drugs:
            for back in range(rule.years):
                flags |= dispensed(block, rule.drugs, rule.times, year - back)
        if rule.sex:
            flags &= block.persons.sex == rule.sex
        for other in rule.without:
            flags &= ~found[other]
        found[rule.top] = flags
    unexplained = np.zeros(len(block.persons), dtype=bool)
    unexplained[block.ald.person[~explained & _in_force(block, "any", year)]] = True
    found["TOP_ALDAUTR_IND"] = unexplained
    return _with_groups(block, found, year)


def _with_groups(block: Block, found: dict[str, Flags], year: int) -> dict[str, Flags]:
    """The tops with the groups made of them."""
    for row in read_rows("disease_groups"):
        found[row["group"]] = np.logical_or.reduce([found[part] for part in row["parts"].split()])
    insulin, glp1 = (dispensed(block, (prefix,), 1, year) for prefix in ("A10A", "A10BJ"))
    found["SUP_FINSUL_IND"] = found["TOP_FDIABET_IND"] & insulin
    found["SUP_FAGLP1_IND"] = found["TOP_FDIABET_IND"] & glp1
    found["SUP_RHEMDIA_IND"] = found["TOP_RDIALYSE_IND"]
    ill = np.logical_or.reduce([found[name] for name in found if PATHOLOGIES.match(name) and name != MATERNITY])
    treated = ill | np.logical_or.reduce(
        [flags for name, flags in found.items() if name.startswith("TOP_") and name.endswith("_MED")]
    )
    stayed = np.zeros(len(ill), dtype=bool)
    stayed[_in_hospital(block, re.compile(""), year, 1)] = True
    mother = found[MATERNITY]
    found["SUP_PATHO_CAT_EXCLU"], found["SUP_PATHO_CAT_NNEXCLU"] = ill, treated
    found["SUP_PATMAT_CAT"] = treated | mother
    found["SUP_MATERNI_IND_EXCLU"] = mother & ~treated
    found["SUP_HOSPIT_PONCT"] = stayed
    found["SUP_HOSPIT_PONCT_EXCLU"] = stayed & ~treated & ~mother
    found["SUP_PATMATHOS_CAT"] = treated | mother | stayed
    found["SUP_PETIT_CONSO"] = ~(treated | mother | stayed)
    painful = [found[f"SUP_{name}_MED_NNEXCLU"] for name in ("ANTALG", "AINS", "ACORTI")]
    found["SUP_ARTHROS_MED_NNEXCLU"] = np.logical_or.reduce(painful)
    for name in ("ARTHROS", "ANTALG", "AINS", "ACORTI"):
        found[f"SUP_{name}_MED"] = found[f"SUP_{name}_MED_NNEXCLU"] & found["SUP_PETIT_CONSO"]
    found["SUP_PETIT_CONSO_EXCLU"] = found["SUP_PETIT_CONSO"] & ~found["SUP_ARTHROS_MED_NNEXCLU"]
    found["TOP_IND"] = treated | mother
    return found


def consumers(block: Block, year: int) -> Flags:
    """Persons with care, a stay or a status in a year: those that the map is about."""
    seen = np.zeros(len(block.persons), dtype=bool)
    events = block.lines.events
    seen[events.person[(events.day >= day(year)) & (events.day < day(year + 1))]] = True
    seen[_in_hospital(block, re.compile(""), year, 1)] = True
    seen[block.ald.person[_in_force(block, "any", year)]] = True
    return seen & (block.deaths.death >= day(year))


def dispensed(block: Block, prefixes: tuple[str, ...], times: int, year: int) -> Flags:
    """Persons with so many dispensings of a class on different days of a year; one less with a three-month pack."""
    events = block.lines.events
    table = drugs()
    wanted = np.logical_or.reduce([np.char.startswith(table.atc, prefix) for prefix in prefixes])
    mine = np.flatnonzero((events.drug >= 0) & (events.day >= day(year)) & (events.day < day(year + 1)))
    mine = mine[wanted[events.drug[mine]]]
    days = np.unique(np.stack([events.person[mine], events.day[mine]], axis=1), axis=0)
    count = np.bincount(days[:, 0], minlength=len(block.persons)) if len(days) else np.zeros(len(block.persons))
    large = np.zeros(len(block.persons), dtype=bool)
    large[events.person[mine[long_packs()[events.drug[mine]]]]] = True
    enough: Flags = count >= times - (large & (times > 2))
    return enough


def _matching(codes: NDArray[np.str_], pattern: re.Pattern[str]) -> Flags:
    names, place = np.unique(codes, return_inverse=True)
    return np.array([bool(pattern.match(name)) for name in names.tolist()], dtype=bool)[place]


def _in_force(block: Block, when: str, year: int) -> Flags:
    """Statuses of a year: any in force, those begun in the last two years (`new`), or before (`old`)."""
    ald = block.ald
    there = (ald.start < day(year + 1)) & (ald.end > day(year))
    if when == "new":
        there &= ald.start >= day(year - 1)
    elif when == "old":
        there &= ald.start < day(year - 1)
    return there


def _in_hospital(block: Block, icd: re.Pattern[str], year: int, years: int) -> NDArray[np.int64]:
    """Persons with a short stay that ends in the `years` up to `year` with such a principal or related diagnosis.

    Sessions count by their related diagnosis, as the cancer or kidney disease they treat.
    """
    stays = block.stays
    inside = (stays.exit >= day(year - years + 1)) & (stays.exit < day(year + 1))
    inside &= _matching(stays.dp, icd) | (_matching(stays.dr, icd) & (stays.dr != ""))
    person: NDArray[np.int64] = stays.person[inside]
    return person


def _long_dialysis(block: Block, year: int) -> Flags:
    """Persons whose dialysis sessions of a year, or of the year before when any is left, span 45 days or more."""
    stays = block.stays
    session = _matching(stays.ghm, re.compile(DIALYSIS_GROUPS))
    spans = []
    for when in (year, year - 1):
        mine = session & (stays.exit >= day(when)) & (stays.exit < day(when + 1))
        first = np.full(len(block.persons), 2**31)
        last = np.full(len(block.persons), -(2**31))
        np.minimum.at(first, stays.person[mine], stays.entry[mine])
        np.maximum.at(last, stays.person[mine], stays.exit[mine])
        spans.append((last - first, last > -(2**31)))
    long: Flags = (spans[0][0] >= DIALYSIS_DAYS) | (spans[0][1] & (spans[1][0] >= DIALYSIS_DAYS))
    return long & spans[0][1]
