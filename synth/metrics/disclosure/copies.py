"""Rows and whole trajectories of training persons that stand in the synthetic tables as they are.

Rows: chance makes equal rows, so the figure is the excess over persons not used for training. Trajectories: a person's
rows of one table (3 different ones or more), or of all tables, equal as a set. One that occurs once in train, and whose
like chance does not produce for control persons, is a copy. Rows are compared there without the parts of keys, which
whoever disguises a copy makes anew.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from synth.core.score import Score
from synth.metrics.evidence.coding import mix
from synth.metrics.evidence.model import Evidence, Layout, Side
from synth.metrics.intervals import effective, quantile, wilson
from synth.metrics.scoring import measured, rounded, skipped

Hashes = NDArray[np.uint64]
Floats = NDArray[np.float64]
LEAST_EVENTS = 3
MARGIN_BITS = 10.0
ROW_BOUND = 0.01  # the policy bound on excess row copies that `needed` is computed for


def rows(evidence: Evidence, seed: int) -> list[Score]:
    """Excess share of synthetic rows found in train over holdout, and of training persons' rows found in synthetic."""
    scores = []
    for layout in evidence.layouts.values():
        if layout.of_persons and layout.features:
            scores.append(_table_rows(evidence, layout))
    return scores or [skipped("row_copies", "disclosure", "all tables", "no table of persons has columns to compare")]


def _table_rows(evidence: Evidence, layout: Layout) -> Score:
    scope = f"{layout.table}: rows"
    holdout = evidence.holdout
    ours, theirs = evidence.train.tables[layout.table], evidence.synthetic.tables[layout.table]
    if not len(ours) or not len(theirs):
        note = "no training or no synthetic rows: nothing can be a copy"
        return skipped("row_copies", "disclosure", scope, note, applicable=False)
    synthetic = np.unique(theirs.exact)
    found, _ = copied_by_person(evidence.train, layout, synthetic)
    share = float(np.isin(theirs.exact, ours.exact).mean())
    if holdout is None or not len(holdout.tables[layout.table]):
        return skipped("row_copies", "disclosure", scope, "no holdout: chance cannot be told from copying")
    chance, _ = copied_by_person(holdout, layout, synthetic)
    tests = sum(item.of_persons and bool(item.features) for item in evidence.layouts.values())
    z = quantile(tests)
    a, c = float(found.mean()), float(chance.mean())
    value, interval = excess_copies(found, chance, z)
    spread = max(float(np.var(found)), float(np.var(chance)), c * (1 - c) * 0.25)
    needed = max(300, int(np.ceil(2 * (z / ROW_BOUND) ** 2 * spread)))
    return measured(
        "row_copies",
        "disclosure",
        scope,
        value,
        interval,
        min(len(found), len(chance)),
        needed=needed,
        control=c,
        details={
            "share_of_synthetic_rows_in_train": rounded(share),
            "share_of_synthetic_rows_in_holdout": rounded(
                float(np.isin(theirs.exact, holdout.tables[layout.table].exact).mean())
            ),
            "found_train": rounded(a),
            "found_control": rounded(c),
        },
    )


def excess_copies(found: Floats, chance: Floats, z: float) -> tuple[float, tuple[float, float]]:
    """Mean copied share of training persons less control persons', with Newcombe's interval (Stat Med 1998)."""
    a, c = float(found.mean()), float(chance.mean())
    (a_low, a_high), (c_low, c_high) = wilson(a, effective(found), z), wilson(c, effective(chance), z)
    value = a - c
    return value, (value - float(np.hypot(a - a_low, c_high - c)), value + float(np.hypot(a_high - a, c - c_low)))


def copied_by_person(side: Side, layout: Layout, synthetic: Hashes) -> tuple[Floats, NDArray[np.int64]]:
    """For each person with rows in the table, the share of them that stand in the synthetic table; and who they are."""
    table = side.tables[layout.table]
    kept = table.person >= 0
    copied = np.isin(table.exact[kept], synthetic)
    count = np.bincount(table.person[kept], minlength=side.persons)
    total = np.bincount(table.person[kept], weights=copied, minlength=side.persons)
    present = np.flatnonzero(count)
    return total[present] / count[present], present


def trajectories(evidence: Evidence, seed: int) -> list[Score]:
    """Training persons whose whole trajectory stands in the synthetic tables; by table and overall."""
    layouts = [layout for layout in evidence.layouts.values() if layout.of_persons and not layout.is_person]
    if not layouts:
        note = "no table holds several rows a person; whole rows are judged by row copies"
        return [skipped("trajectory_copies", "disclosure", "whole persons", note, applicable=False)]
    if evidence.holdout is None or not evidence.holdout.persons:
        note = "no holdout: chance cannot be told from copying"
        return [skipped("trajectory_copies", "disclosure", "whole persons", note)]
    return [_trajectory_score(evidence, scope, group) for scope, group in _groups(evidence, layouts)]


def _groups(evidence: Evidence, layouts: list[Layout]) -> Iterator[tuple[str, list[Layout]]]:
    for layout in layouts:
        if layout.features:
            yield f"{layout.table}: all rows of a person", [layout]
    everything = [layout for layout in evidence.layouts.values() if layout.of_persons and layout.features]
    if len(everything) > 1:
        yield "whole persons, all tables", everything


def _trajectory_score(evidence: Evidence, scope: str, layouts: list[Layout]) -> Score:
    holdout = evidence.holdout
    if holdout is None:
        return skipped("trajectory_copies", "disclosure", scope, "no holdout: chance cannot be told from copying")
    commonness = _commonness(evidence, layouts)
    train, control, synthetic = (
        _Trajectories(side, layouts, commonness) for side in (evidence.train, holdout, evidence.synthetic)
    )
    told = tuple(side.hashes[side.telling(bits_needed(evidence))] for side in (train, control))
    known = synthetic.hashes
    copied, chance = (np.isin(_once(hashes), known) for hashes in told)
    m, c = int(copied.sum()), int(chance.sum())
    expected = _upper_count(c) * len(copied) / max(len(chance), 1) if c else 0.0
    value = max(0.0, m - expected)
    low, high = _count_interval(m)
    return measured(
        "trajectory_copies",
        "disclosure",
        scope,
        value,
        (max(0.0, low - expected), max(0.0, high - expected)) if m else (0.0, 0.0),
        len(copied),
        needed=LEAST_EVENTS,
        control=c / max(len(chance), 1),
        details={
            "found": m,
            "found_control": c,
            "persons_with_a_telling_trajectory": len(copied),
            "control_persons_with_one": len(chance),
            "least_events": LEAST_EVENTS,
        },
    )


def _once(hashes: Hashes) -> Hashes:
    """Hashes that occur once."""
    values, counts = np.unique(hashes, return_counts=True)
    once: Hashes = values[counts == 1]
    return once


class _Trajectories:
    """For each person of a side: a hash of the multiset of their rows, how many differ, how many bits they carry."""

    def __init__(self, side: Side, layouts: list[Layout], commonness: dict[str, tuple[Hashes, Floats]]):
        self.hashes = np.zeros(side.persons, dtype=np.uint64)
        self.events = np.zeros(side.persons)
        self.bits = np.zeros(side.persons)
        for position, layout in enumerate(layouts):
            table = side.tables[layout.table]
            kept = table.person >= 0
            person, exact = table.person[kept], table.bare[kept]
            np.add.at(self.hashes, person, mix(exact ^ np.uint64(position + 1)))  # a sum does not depend on order
            order = np.lexsort((exact, person))
            person, exact = person[order], exact[order]
            fresh = np.ones(len(person), dtype=bool)
            fresh[1:] = (person[1:] != person[:-1]) | (exact[1:] != exact[:-1])
            if not layout.is_person:
                self.events += np.bincount(person[fresh], minlength=side.persons)
            values, surprise = commonness[layout.table]
            place = np.minimum(np.searchsorted(values, exact), max(len(values) - 1, 0))
            told = surprise[place] if len(values) else np.zeros(len(exact))
            self.bits += np.bincount(person[fresh], weights=told[fresh], minlength=side.persons)

    def telling(self, bits: float) -> NDArray[np.bool_]:
        """Persons with enough different events, too surprising to meet by chance."""
        marks: NDArray[np.bool_] = (self.events >= LEAST_EVENTS) & (self.bits >= bits)
        return marks


def bits_needed(evidence: Evidence) -> float:
    """Surprise, in bits, that no pair of a training and a synthetic person is expected to share by chance."""
    pairs = max(evidence.train.persons, 1) * max(evidence.synthetic.persons, 1)
    return float(np.log2(pairs)) + MARGIN_BITS


def telling_persons(evidence: Evidence) -> NDArray[np.bool_]:
    """Training persons whose whole trajectory, over all tables, would be known as a copy if it were one."""
    layouts = [layout for layout in evidence.layouts.values() if layout.of_persons and layout.features]
    train = _Trajectories(evidence.train, layouts, _commonness(evidence, layouts))
    return train.telling(bits_needed(evidence))


def _commonness(evidence: Evidence, layouts: list[Layout]) -> dict[str, tuple[Hashes, Floats]]:
    """Known row hashes of each table (sorted) and their surprise, in bits, among real rows."""
    found = {}
    for layout in layouts:
        real = [side.tables[layout.table].bare for side in (evidence.train, evidence.holdout) if side is not None]
        values, counts = np.unique(np.concatenate(real), return_counts=True)
        found[layout.table] = (values, np.log2(counts.sum() / counts) if len(counts) else np.zeros(0))
    return found


def _upper_count(count: int) -> float:
    from scipy.special import gammaincinv

    return float(gammaincinv(count + 1, 0.975))


def _count_interval(count: int) -> tuple[float, float]:
    """Exact Poisson interval of a count (Garwood 1936)."""
    from scipy.special import gammaincinv

    return (float(gammaincinv(count, 0.025)) if count else 0.0), _upper_count(count)
