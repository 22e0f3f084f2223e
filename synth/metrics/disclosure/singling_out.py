"""Singling out: a condition that one synthetic person meets alone, and that one training person meets alone.

Every synthetic person drawn gives at most one condition of each kind, so a figure counts persons: `univariate` is one
attribute equal to a value that the synthetic person alone has, `multivariate` joins attributes (numbers at or beyond
the person's own) at random until the synthetic person is alone. Being alone depends on how many there are, so train and
control are equally many. The idea is Anonymeter's (Giomi et al., PoPETs 2023); conditions are compared as numbers,
never as text, and duplicates are counted before uniqueness is judged.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from synth.core.score import Score
from synth.core.seeds import rng
from synth.metrics.disclosure.risk import Attack, risk_scores
from synth.metrics.disclosure.targets import drawn_synthetic, synthetic_targets
from synth.metrics.evidence.model import Evidence, Side
from synth.metrics.scoring import skipped

Floats = NDArray[np.float64]
METRIC = "singling_out"
MOST_CONDITIONS = 6
FEWEST = 10
CULPRITS = 3
TRIES = 3  # orders in which a person's attributes are joined, until one leaves the person alone


def evaluate(evidence: Evidence, seed: int) -> list[Score]:
    """R of conditions of one attribute and of several, over all tables."""
    holdout = evidence.holdout
    scope = "whole persons, all tables"
    if holdout is None or min(holdout.persons, evidence.train.persons) < FEWEST:
        return [skipped(METRIC, "disclosure", scope, "no holdout: there is no control person to single out")]
    if not evidence.synthetic.persons or not evidence.persons.attributes:
        return [skipped(METRIC, "disclosure", scope, "no synthetic person or no attribute")]
    size = min(evidence.train.persons, holdout.persons)
    people = _table(evidence, evidence.synthetic, None)
    ours, theirs = (
        _table(evidence, side, rng(seed, "singling out", side.role).permutation(side.persons)[:size])
        for side in (evidence.train, holdout)
    )
    coded = np.array([attribute.coded for attribute in evidence.persons.attributes])
    order = drawn_synthetic(evidence, evidence.plan.queries, seed)
    targets = synthetic_targets(evidence, *order)
    attacks = []
    for kind, most in (("univariate", 1), ("multivariate", MOST_CONDITIONS)):
        found, used = _hits(people, (ours, theirs), coded, order[0], most, seed)
        tried = int((~np.isnan(found[:, 0])).sum())
        if tried:
            details = {
                "conditions": tried,
                "compared_persons": size,
                "culprits": _culprits(evidence, found[:, 0] - found[:, 1], used),
            }
            attacks.append(Attack(f"whole persons; {kind} conditions", found[:, 0], found[:, 1], kind, "", details))
    if not attacks:
        return [skipped(METRIC, "disclosure", scope, "no condition singles out a synthetic person", applicable=False)]
    return risk_scores(METRIC, attacks, targets)


def _table(evidence: Evidence, side: Side, chosen: NDArray[np.int64] | None) -> Floats:
    columns = [attribute.values[side.role] for attribute in evidence.persons.attributes]
    table = np.column_stack(columns)
    return np.asfortranarray(table if chosen is None else table[chosen])


def _hits(
    people: Floats,
    sides: tuple[Floats, Floats],
    coded: NDArray[np.bool_],
    order: NDArray[np.int64],
    most: int,
    seed: int,
) -> tuple[Floats, NDArray[np.bool_]]:
    """For each synthetic person: whether exactly one person of each side meets their condition (NaN: there is none).

    Also which attributes each condition joins (persons x attributes).
    """
    width = people.shape[1]
    priority = rng(seed, "singling out", "attributes", most).uniform(len(order) * width).reshape(len(order), width)
    if most == 1:
        return _lone_values(people, sides, order, priority)
    with np.errstate(invalid="ignore"):
        middle = np.array(
            [np.median(column[~np.isnan(column)]) if (~np.isnan(column)).any() else 0 for column in people.T]
        )
    found = np.full((len(order), 2), np.nan)
    used = np.zeros((len(order), width), dtype=bool)
    for row, person in enumerate(order):
        order_of = np.argsort(priority[row])
        for turn in range(TRIES):
            condition = _condition(people, int(person), np.roll(order_of, -turn * most), coded, middle, most)
            if condition:
                break
        if condition:
            found[row] = [float(_meet(side, condition) == 1) for side in sides]
            used[row, [attribute for attribute, _, _ in condition]] = True
    return found, used


def _lone_values(
    people: Floats, sides: tuple[Floats, Floats], order: NDArray[np.int64], priority: Floats
) -> tuple[Floats, NDArray[np.bool_]]:
    """`_hits` of conditions of one attribute: the first, by priority, whose value the synthetic person alone has."""
    alone = np.column_stack([_times(column[order], column) == 1 for column in people.T])
    chosen = np.where(alone, priority, np.inf).argmin(axis=1)
    there = alone.any(axis=1)
    found = np.full((len(order), 2), np.nan)
    used = np.zeros(alone.shape, dtype=bool)
    used[np.flatnonzero(there), chosen[there]] = True
    for attribute in range(people.shape[1]):
        rows = used[:, attribute]
        for place, side in enumerate(sides):
            found[rows, place] = _times(people[order[rows], attribute], side[:, attribute]) == 1
    return found, used


def _times(values: Floats, among: Floats) -> NDArray[np.int64]:
    """How often each value stands among others; a missing one never does."""
    known = np.sort(among[~np.isnan(among)])
    times = np.searchsorted(known, values, "right") - np.searchsorted(known, values, "left")
    return np.where(np.isnan(values), 0, times).astype(np.int64)


def _culprits(evidence: Evidence, excess: Floats, used: NDArray[np.bool_]) -> list[str]:
    """The columns whose conditions point at training persons most often beyond control persons, worst first."""
    total = np.nan_to_num(excess) @ used
    names = [attribute.source for attribute in evidence.persons.attributes]
    ranked = [names[place] for place in np.argsort(-total, kind="stable") if total[place] > 0]
    return list(dict.fromkeys(ranked))[:CULPRITS]


Condition = list[tuple[int, int, float]]  # (attribute, -1: at most, 0: equal, 1: at least; value)


def _condition(
    people: Floats, person: int, attributes: NDArray[np.int64], coded: NDArray[np.bool_], middle: Floats, most: int
) -> Condition:
    """A condition that this synthetic person alone meets, or nothing when so few attributes do not suffice."""
    condition: Condition = []
    alone: NDArray[np.int64] | None = None
    for attribute in attributes:
        value = people[person, attribute]
        if np.isnan(value):
            continue
        sign = 0 if coded[attribute] else (1 if value >= middle[attribute] else -1)
        meet = _narrowed(people, alone, int(attribute), sign, value)
        if len(meet) == (len(people) if alone is None else len(alone)):
            continue
        condition.append((int(attribute), sign, float(value)))
        if len(meet) == 1:
            return condition
        if len(condition) == most:
            break
        alone = meet
    return []


def _holds(values: Floats, sign: int, value: float) -> NDArray[np.bool_]:
    held: NDArray[np.bool_] = values == value if sign == 0 else (values >= value if sign > 0 else values <= value)
    return held


def _narrowed(
    side: Floats, alone: NDArray[np.int64] | None, attribute: int, sign: int, value: float
) -> NDArray[np.int64]:
    """Those of `alone` (None: everybody) who meet one part of a condition."""
    if alone is None:
        return np.flatnonzero(_holds(side[:, attribute], sign, value))
    return alone[_holds(side[alone, attribute], sign, value)]


def _meet(side: Floats, condition: Condition) -> int:
    alone: NDArray[np.int64] | None = None
    for attribute, sign, value in condition:
        alone = _narrowed(side, alone, attribute, sign, value)
    return len(side) if alone is None else len(alone)
