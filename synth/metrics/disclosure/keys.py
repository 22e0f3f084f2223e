"""What someone who knows a few attributes of a person finds in the synthetic tables (Raab, Nowok and Dibben, synthpop).

`replicated_uniques`: persons alone with their key who are alone with it in the synthetic tables too (repU), or whose
key stands there at all (UiOiS). `disclosive_cells`: persons whose key leads to synthetic persons who all share the true
value of another attribute (DiSCO); or also where the real ones all do (DiSDiO). Equally many persons of train and
holdout are compared, since being alone depends on how many there are.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from synth.core.score import Score
from synth.core.seeds import rng
from synth.metrics.disclosure.risk import Attack, risk_scores
from synth.metrics.disclosure.secrets import Secret, secrets_of
from synth.metrics.disclosure.targets import targets_at
from synth.metrics.evidence.model import Evidence, Side
from synth.metrics.scoring import skipped

Codes = NDArray[np.int64]
Floats = NDArray[np.float64]
UNIQUES, CELLS = "replicated_uniques", "disclosive_cells"
DEFAULT_KEYS = 4  # columns of the person table taken as known when none were declared


@dataclass(frozen=True, slots=True)
class _Known:
    """Key codes of equally many persons of train and holdout, and of all synthetic persons."""

    columns: tuple[str, ...]
    chosen: tuple[NDArray[np.int64], NDArray[np.int64]]
    real: tuple[Codes, Codes]
    synthetic: Codes


def uniques(evidence: Evidence, seed: int) -> list[Score]:
    """R of repU and UiOiS for the key set."""
    known = _known(evidence, seed, "")
    if isinstance(known, str):
        return [skipped(UNIQUES, "disclosure", "known columns", known, applicable=known == NO_COLUMN)]
    named = ", ".join(known.columns)
    counts = _counts(known.synthetic, known)
    attacks = []
    for name, least, most in (("repU", 1, 1), ("UiOiS", 1, len(known.synthetic))):
        hits = [
            ((_counts(side, known)[side] == 1) & (counts[side] >= least) & (counts[side] <= most)).astype(np.float64)
            for side in known.real
        ]
        details = {"keys": list(known.columns), "culprits": list(known.columns)}
        attacks.append(Attack(f"{name} of ({named})", hits[0], hits[1], name, "", details))
    return risk_scores(UNIQUES, attacks, targets_at(evidence, *known.chosen))


def cells(evidence: Evidence, seed: int) -> list[Score]:
    """R of DiSCO and DiSDiO for each attribute of persons, from the key set without it."""
    holdout = evidence.holdout
    if holdout is None or not holdout.persons:
        return [skipped(CELLS, "disclosure", "known columns", NO_HOLDOUT)]
    attacks = []
    for secret in list(secrets_of(evidence))[: evidence.plan.secrets]:
        known = _known(evidence, seed, secret.source)
        if not isinstance(known, str):
            attacks += list(_cell_attacks(secret, known))
    if not attacks:
        declared = bool(evidence.plan.keys)  # nothing left to guess is no proof when it was declared away
        note = "every attribute was declared as known to the attacker" if declared else NO_COLUMN
        return [skipped(CELLS, "disclosure", "known columns", note, applicable=declared)]
    return risk_scores(CELLS, attacks, targets_at(evidence, *_compared(evidence, holdout, seed)))


NO_HOLDOUT = "no holdout: there are no control persons"
NO_COLUMN = "the person table has no column to know a person by"


def _known(evidence: Evidence, seed: int, without: str) -> _Known | str:
    holdout = evidence.holdout
    if holdout is None or not holdout.persons or not evidence.synthetic.persons:
        return NO_HOLDOUT
    parts: list[list[Codes]] = []
    names: list[str] = []
    for layout in evidence.layouts.values():
        for place, feature in enumerate(layout.features):
            name = f"{layout.table}.{feature.name}"
            declared = name in evidence.plan.keys or (not evidence.plan.keys and len(parts) < DEFAULT_KEYS)
            if layout.is_person and declared and name != without:
                names.append(name)
                parts.append(
                    [_bins(side, layout.table, place) for side in (evidence.train, holdout, evidence.synthetic)]
                )
    if not parts:
        return NO_COLUMN
    chosen = _compared(evidence, holdout, seed)
    joint = np.zeros(sum(len(part) for part in parts[0]), dtype=np.int64)
    for part in parts:
        joint = np.unique(joint * 256 + np.concatenate(part), return_inverse=True)[1]
    train, held, synthetic = np.split(joint, np.cumsum([len(part) for part in parts[0]])[:-1])
    return _Known(tuple(names), chosen, (train[chosen[0]], held[chosen[1]]), synthetic)


def _compared(evidence: Evidence, holdout: Side, seed: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Equally many persons of train and of the holdout."""
    size = min(evidence.train.persons, holdout.persons)
    ours, theirs = (rng(seed, "keys", s.role).permutation(s.persons)[:size] for s in (evidence.train, holdout))
    return ours, theirs


def _bins(side: Side, table: str, place: int) -> Codes:
    rows = side.tables[table]
    bins = np.zeros(side.persons, dtype=np.int64)
    bins[rows.person[::-1]] = rows.bins[::-1, place]
    return bins


def _counts(codes: Codes, known: _Known) -> Codes:
    size = 1 + max(int(part.max(initial=0)) for part in (*known.real, known.synthetic))
    return np.bincount(codes, minlength=size)


def _cell_attacks(secret: Secret, known: _Known) -> Iterator[Attack]:
    size = len(_counts(known.synthetic, known))
    agreed = _unanimous(known.synthetic, secret.values["synthetic"], size)
    hits: dict[str, list[Floats]] = {"DiSCO": [], "DiSDiO": []}
    for role, codes, chosen in zip(("train", "holdout"), known.real, known.chosen, strict=True):
        truth = secret.values["train" if role == "train" else "holdout"][chosen]
        right = (agreed[codes] == truth) & (truth >= 0)
        own = _unanimous(codes, truth, size)[codes] == truth
        hits["DiSCO"].append(right.astype(np.float64))
        hits["DiSDiO"].append((right & own).astype(np.float64))
    for name, (ours, theirs) in hits.items():
        details = {"keys": list(known.columns), "secret": secret.scope, "culprits": [secret.source]}
        yield Attack(f"{name} of {secret.scope} from ({', '.join(known.columns)})", ours, theirs, name, "", details)


def _unanimous(codes: Codes, values: Codes, size: int) -> Codes:
    """For each key, the value that all persons with it share, or -2 when they differ or there is nobody."""
    least, most = np.full(size, np.iinfo(np.int64).max), np.full(size, -2, dtype=np.int64)
    np.minimum.at(least, codes, values)
    np.maximum.at(most, codes, values)
    return np.where(least == most, most, -2)
