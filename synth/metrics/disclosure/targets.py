"""Who is attacked: as many persons of train as of holdout where possible, and enough of every stratum."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from synth.core.seeds import rng
from synth.metrics.evidence.model import Evidence, Side

Marks = NDArray[np.bool_]
EVERYBODY = "all persons"


@dataclass(frozen=True, slots=True)
class Targets:
    """Positions of the attacked persons, and for each stratum the marks of those who belong to it.

    `drawn` marks those drawn from everybody: they alone stand for all persons, since the others were added to strata
    that would else hold too few.
    """

    train: NDArray[np.int64]
    control: NDArray[np.int64]
    drawn: tuple[Marks, Marks]
    strata: tuple[tuple[str, Marks, Marks], ...]

    def each(self) -> Iterator[tuple[str, Marks, Marks]]:
        """(name, marks in train, marks in control), everybody first."""
        yield (EVERYBODY, *self.drawn)
        yield from self.strata

    def standing_for_everybody(self, train: Marks, control: Marks) -> Targets:
        """The same targets, where these (all of a group of whom more were drawn) stand for all persons."""
        return replace(self, drawn=(train, control))


def pick_targets(
    evidence: Evidence, seed: int, more: Sequence[tuple[Marks, Marks]] = (), names: Sequence[str] | None = None
) -> Targets | None:
    """Draw the persons to attack; None when there is no holdout or nobody in it.

    `more` marks further groups (of train, of holdout) of whom enough are wanted; `names` keeps some strata only.
    """
    holdout = evidence.holdout
    if holdout is None or not holdout.persons or not evidence.train.persons:
        return None
    strata = [stratum for stratum in evidence.strata if names is None or stratum.name in names]
    groups = [(stratum.marks["train"], stratum.marks["holdout"]) for stratum in strata] + list(more)
    parts = []
    for place, side in enumerate((evidence.train, holdout)):
        parts.append(_draw(side, [group[place] for group in groups], evidence.plan.targets, seed))
    (train, in_train), (control, in_control) = parts
    marked = tuple((s.name, s.marks["train"][train], s.marks["holdout"][control]) for s in strata)
    return Targets(train, control, (in_train, in_control), marked)


def targets_at(evidence: Evidence, train: NDArray[np.int64], control: NDArray[np.int64]) -> Targets:
    """Persons already chosen, with the strata they belong to."""
    marked = tuple((s.name, s.marks["train"][train], s.marks["holdout"][control]) for s in evidence.strata)
    return Targets(train, control, (np.ones(len(train), bool), np.ones(len(control), bool)), marked)


def drawn_synthetic(evidence: Evidence, size: int, seed: int) -> tuple[NDArray[np.int64], Marks]:
    """Positions of synthetic persons to begin attacks with, enough of every stratum; and the draw from everybody."""
    return _draw(evidence.synthetic, [stratum.marks["synthetic"] for stratum in evidence.strata], size, seed)


def synthetic_targets(evidence: Evidence, chosen: NDArray[np.int64], drawn: Marks) -> Targets:
    """Attacks that begin with a synthetic person, one each, in the strata these persons belong to."""
    marked = tuple((s.name, s.marks["synthetic"][chosen], s.marks["synthetic"][chosen]) for s in evidence.strata)
    return Targets(chosen, chosen, (drawn, drawn), marked)


def _draw(side: Side, groups: Sequence[Marks], size: int, seed: int) -> tuple[NDArray[np.int64], Marks]:
    """Positions of `size` persons, and of as many of each group; and which were drawn from everybody."""
    order = rng(seed, "targets", side.role).permutation(side.persons)
    chosen = np.zeros(side.persons, dtype=bool)
    chosen[order[:size]] = True
    drawn = chosen.copy()
    for group in groups:
        chosen[order[group[order]][:size]] = True  # in the order of the draw: those drawn already come first
    positions = np.flatnonzero(chosen)
    return positions, drawn[positions]
