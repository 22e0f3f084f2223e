"""Pathways: which event comes next in the life of a person, over all tables that a pathway names.

`pathway_tvd` is the total variation distance between the shares of transitions (from no event, between two events that
differ, and to no further event), events of a person in order of their dates. Every person counts once: the transitions
of a person share a weight of 1. Events that fewer than `Plan.cell` persons of train have are one event, `other`.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from synth.core.score import Score
from synth.metrics.analyses.columns import places
from synth.metrics.analyses.model import Pathway
from synth.metrics.analyses.persons import column_of, root_of, times_of
from synth.metrics.evidence.model import Evidence, Side
from synth.metrics.intervals import spread
from synth.metrics.resampling import drawn_persons, shares, tvd
from synth.metrics.scoring import measured, skipped

Floats = NDArray[np.float64]
METRIC = "pathway_tvd"
MOST_EVENTS = 30
DRAWS = 60


def evaluate(evidence: Evidence, seed: int) -> list[Score]:
    """The distance of each pathway, beside holdout against train."""
    scores = [_score(evidence, pathway, seed) for pathway in evidence.analyses.pathways]
    note = "no pathway is declared (`pathways` of the analyses), and none is known for these tables"
    return scores or [skipped(METRIC, "utility", "pathways of persons", note, applicable=False)]


def _score(evidence: Evidence, pathway: Pathway, seed: int) -> Score:
    scope = f"pathway: {pathway.name}"
    known = known_events(evidence, pathway)
    sides = [side for side in (evidence.train, evidence.synthetic, evidence.holdout) if side is not None]
    if not known or not all(side.persons for side in sides[:2]):
        return skipped(METRIC, "utility", scope, "no event is common enough in train", applicable=False)
    draws = min(DRAWS, evidence.plan.draws)
    plain: dict[str, Floats] = {}
    drawn: dict[str, Floats] = {}
    for side in sides:
        who, what, part = transitions(evidence, side, pathway, known)
        sums = drawn_persons(side, draws, seed).sums(what, (len(known) + 2) ** 2, part, who)
        plain[side.role], drawn[side.role] = shares(sums[0]), shares(sums[1])
    value = float(tvd(plain["synthetic"], plain["train"]))
    control, inside = None, None
    if "holdout" in plain:
        control = float(tvd(plain["holdout"], plain["train"]))
        inside = spread(control, tvd(drawn["holdout"], drawn["train"]), least=0.0, most=1.0)
    return measured(
        METRIC,
        "utility",
        scope,
        value,
        spread(value, tvd(drawn["synthetic"], drawn["train"]), least=0.0, most=1.0),
        min(side.persons for side in sides[:2]),
        control=control,
        control_interval=inside,
        details={"events": len(known)},
    )


def known_events(evidence: Evidence, pathway: Pathway) -> tuple[str, ...]:
    """The commonest events that enough persons of train have, most persons first."""
    person, _, texts = _events(evidence, evidence.train, pathway)
    pairs = {(text, who) for text, who in zip(texts.tolist(), person.tolist(), strict=True)}
    counts: dict[str, int] = {}
    for text, _ in pairs:
        counts[text] = counts.get(text, 0) + 1
    ranked = sorted(counts, key=lambda text: (-counts[text], text))
    return tuple(text for text in ranked if counts[text] >= evidence.plan.cell)[:MOST_EVENTS]


def _events(evidence: Evidence, side: Side, pathway: Pathway) -> tuple[NDArray[np.int64], Floats, NDArray[np.str_]]:
    """Who, when and what, one row an event."""
    persons, times, texts = [np.zeros(0, np.int64)], [np.zeros(0)], [np.zeros(0, dtype="<U1")]
    for reference in pathway.columns:
        for place in places(evidence.catalog, reference, root_of(evidence)):
            if place[0] not in side.tables:
                continue
            codes, levels = column_of(evidence, side, place).coded
            owner = side.tables[place[0]].person
            rows = np.flatnonzero((codes >= 0) & (owner >= 0)) if len(codes) else np.zeros(0, np.int64)
            cut = np.array([level[: pathway.length] for level in levels] or [""])
            persons.append(owner[rows].astype(np.int64))
            times.append(times_of(evidence, side, place[0], pathway.date)[rows])
            texts.append(cut[codes[rows]])
    return np.concatenate(persons), np.concatenate(times), np.concatenate(texts)


def transitions(
    evidence: Evidence, side: Side, pathway: Pathway, known: tuple[str, ...]
) -> tuple[NDArray[np.int64], NDArray[np.int64], Floats]:
    """(person, transition, its share of the person's transitions), one entry for each that a person makes.

    A transition is before * width + after, width being len(known) + 2: 0 is no event, 1 any other, then `known`.
    """
    person, time, texts = _events(evidence, side, pathway)
    width = len(known) + 2
    place = {text: number for number, text in enumerate(known, start=2)}
    names, inverse = np.unique(texts, return_inverse=True)
    event = np.array([place.get(text, 1) for text in names.tolist()] or [0], dtype=np.int64)[inverse]
    order = np.lexsort([event, np.nan_to_num(time, nan=np.inf), person])
    person, event = person[order], event[order]
    same = np.zeros(len(person), dtype=bool)
    same[1:] = (person[1:] == person[:-1]) & (event[1:] == event[:-1])
    person, event = person[~same], event[~same]
    begins = np.concatenate([[True], person[1:] != person[:-1]]) if len(person) else np.zeros(0, dtype=bool)
    ends = np.concatenate([begins[1:], [True]]) if len(person) else begins
    before = np.where(begins, 0, np.concatenate([[0], event[:-1]])) if len(person) else event
    flat = np.concatenate([person * width**2 + before * width + event, person[ends] * width**2 + event[ends] * width])
    cells, counts = np.unique(flat, return_counts=True)
    who, what = cells // width**2, cells % width**2
    whole = np.bincount(who, weights=counts, minlength=side.persons)
    return who, what, counts / whole[who]
