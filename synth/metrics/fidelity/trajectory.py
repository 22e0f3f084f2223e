"""Trajectories: which code follows which, and after how long, within a person.

`markov_1` and `markov_2` are Hellinger distances between the joint shares of 2 and of 3 codes in a row, in order of
time (Mosquera et al., BMC Med Res Methodol 2023); `gap_ks` is the Kolmogorov-Smirnov distance between the times from
one event of a person to the next. `trajectory_length` and `trajectory_coherence` are total variation distances of how
many rows a person has, and of how many different codes among them.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from synth.core.score import Score
from synth.metrics.evidence.model import Evidence, Layout, Side
from synth.metrics.fidelity.marginals import ks
from synth.metrics.fidelity.structure import family_bin
from synth.metrics.intervals import GROUPS, spread
from synth.metrics.resampling import drawn_persons, group_counts, person_groups, shares, tvd, weights
from synth.metrics.scoring import measured, skipped

Floats = NDArray[np.float64]
Codes = NDArray[np.int64]
METRICS = ("markov_1", "markov_2", "gap_ks", "trajectory_length", "trajectory_coherence")


def evaluate(evidence: Evidence, seed: int) -> list[Score]:
    """The five distances for each table whose rows are in order of time, beside holdout against train."""
    scores: list[Score] = []
    for layout in evidence.layouts.values():
        both = (evidence.train.tables[layout.table], evidence.synthetic.tables[layout.table])
        if layout.of_persons and not layout.is_person and layout.order_by and all(len(rows) for rows in both):
            place = telling_code(evidence, layout)
            if place is not None:
                scores += [_markov(evidence, layout, place, step, seed) for step in (1, 2)]
            scores += _gaps(evidence, layout, seed)
            scores.append(_whole(evidence, layout, "trajectory_length", None, seed))
            if place is not None:
                scores.append(_whole(evidence, layout, "trajectory_coherence", place, seed))
    note = "no table has rows of a person in order of time"
    return scores or [skipped(metric, "fidelity", "all tables", note, applicable=False) for metric in METRICS]


def telling_code(evidence: Evidence, layout: Layout) -> int | None:
    """The code whose sequence says most: the largest entropy over coarse bins, key columns apart."""
    keys = evidence.catalog.table(layout.table).key_columns
    codes = [place for place, feature in enumerate(layout.features) if feature.kind == "code"]
    described = [place for place in codes if layout.features[place].name not in keys] or codes
    bins = evidence.train.tables[layout.table].bins

    def entropy(place: int) -> float:
        share = shares(np.bincount(layout.features[place].coarse[bins[:, place]]).astype(np.float64))
        return float(-(share[share > 0] * np.log(share[share > 0])).sum())

    return max(described, key=entropy, default=None)


def _markov(evidence: Evidence, layout: Layout, place: int, step: int, seed: int) -> Score:
    feature = layout.features[place]
    groups = feature.groups if step > 1 else feature.levels + 1

    def states(side: Side) -> Codes:
        bins = side.tables[layout.table].bins[:, place]
        return (feature.coarse[bins] if step > 1 else bins).astype(np.int64)

    def transitions(side: Side) -> Codes:
        rows = side.tables[layout.table]
        return followed(states(side)[rows.by_person], rows.person[rows.by_person], step, groups)

    return _compare(evidence, layout, f"markov_{step}", feature.name, transitions, groups ** (step + 1), seed)


def followed(codes: Codes, person: NDArray[np.int32], step: int, groups: int) -> Codes:
    """For each row (in order), the code of it and the `step` rows before it as one number; -1 across persons."""
    joint = codes.copy()
    whole = person >= 0
    for back in range(1, step + 1):
        before = np.roll(codes, back)
        same = np.roll(person, back) == person
        same[:back] = False
        joint = joint + before * groups**back
        whole = whole & same
    return np.where(whole, joint, -1)


def _compare(
    evidence: Evidence,
    layout: Layout,
    metric: str,
    name: str,
    transitions: Callable[[Side], Codes],
    width: int,
    seed: int,
) -> Score:
    found: dict[str, tuple[Floats, Floats]] = {}
    for side in (evidence.train, evidence.synthetic, evidence.holdout):
        if side is None:
            continue
        rows = side.tables[layout.table]
        counts = group_counts(person_groups(side, layout, seed)[rows.by_person], transitions(side), width, side.persons)
        found[side.role] = (
            shares(counts.sum(axis=0)),
            shares(weights(side, side.persons, evidence.plan.draws, seed) @ counts),
        )
    scope = f"{layout.table}.{name} in order of time"
    if not found["train"][0].sum() or not found["synthetic"][0].sum():
        return skipped(metric, "fidelity", scope, "nobody has enough rows in a row", applicable=False)
    value = float(hellinger(found["synthetic"][0], found["train"][0]))
    control, inside = None, None
    if "holdout" in found and found["holdout"][0].sum():
        control = float(hellinger(found["holdout"][0], found["train"][0]))
        inside = spread(control, hellinger(found["holdout"][1], found["train"][1]), least=0.0, most=1.0)
    return measured(
        metric,
        "fidelity",
        scope,
        value,
        spread(value, hellinger(found["synthetic"][1], found["train"][1]), least=0.0, most=1.0),
        min(evidence.train.persons, evidence.synthetic.persons),
        control=control,
        control_interval=inside,
        details={"person_groups": GROUPS},
    )


def hellinger(left: Floats, right: Floats) -> Floats:
    """Hellinger distance between shares over the last axis (0: equal, 1: nothing in common)."""
    overlap = np.minimum(np.sqrt(left * right).sum(axis=-1), 1.0)
    distance: Floats = np.sqrt(1 - overlap)
    return distance


def _gaps(evidence: Evidence, layout: Layout, seed: int) -> list[Score]:
    place = layout.order_by[0]
    if layout.features[place].kind != "number":
        return []
    scope = f"{layout.table}.{layout.features[place].name}: time to the next row of a person"
    sides = [_gap(side, layout, place) for side in (evidence.train, evidence.synthetic)]
    value = ks(sides[0], sides[1])
    if value is None:
        return [skipped("gap_ks", "fidelity", scope, "nobody has two rows", applicable=False)]
    holdout = evidence.holdout
    control = None if holdout is None else ks(sides[0], _gap(holdout, layout, place))
    n = min(evidence.train.persons, evidence.synthetic.persons)
    half = 1.36 * np.sqrt(2 / max(n, 1))  # the 95 % point of the two-sample statistic, counting persons, not rows
    interval = (max(0.0, value - half), min(1.0, value + half))
    inside = None
    if control is not None and holdout is not None:
        other = 1.36 * np.sqrt(2 / max(min(evidence.train.persons, holdout.persons), 1))
        inside = (max(0.0, control - other), min(1.0, control + other))
    return [measured("gap_ks", "fidelity", scope, value, interval, n, control=control, control_interval=inside)]


def _gap(side: Side, layout: Layout, place: int) -> Floats:
    rows = side.tables[layout.table]
    person, time = rows.person[rows.by_person], rows.column(place)[rows.by_person]
    same = (person[1:] == person[:-1]) & (person[1:] >= 0)
    gaps: Floats = np.diff(time)[same]
    return gaps


def _whole(evidence: Evidence, layout: Layout, metric: str, place: int | None, seed: int) -> Score:
    """Rows of a person, or different codes of a person when `place` is a code, beside holdout against train."""
    scope = layout.table if place is None else f"{layout.table}.{layout.features[place].name}"
    sides = [side for side in (evidence.train, evidence.synthetic, evidence.holdout) if side is not None]
    counts = {side.role: family_bin(_count(side, layout, place)) for side in sides}
    width = 1 + max(int(count.max(initial=0)) for count in counts.values())
    found = {}
    for side in sides:
        plain, drawn = drawn_persons(side, evidence.plan.draws, seed).sums(counts[side.role], width)
        found[side.role] = (shares(plain), shares(drawn))
    far = {role: (float(tvd(plain, found["train"][0])), tvd(drawn, found["train"][1]))
           for role, (plain, drawn) in found.items()}  # fmt: skip
    value, drawn = far["synthetic"]
    held = far.get("holdout")
    return measured(
        metric, "fidelity", scope, value, spread(value, drawn, least=0.0, most=1.0),
        min(evidence.train.persons, evidence.synthetic.persons), control=None if held is None else held[0],
        control_interval=None if held is None else spread(*held, least=0.0, most=1.0),
    )  # fmt: skip


def _count(side: Side, layout: Layout, place: int | None) -> Codes:
    rows = side.tables[layout.table]
    kept = rows.person >= 0
    person = rows.person[kept].astype(np.int64)
    if place is None:
        return np.bincount(person, minlength=side.persons).astype(np.int64)
    pairs = np.unique(person * 256 + rows.bins[kept, place])
    return np.bincount(pairs // 256, minlength=side.persons).astype(np.int64)
