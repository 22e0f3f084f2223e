"""Survival and cumulative incidence over time, shown where enough persons stand behind every step.

A point is shown at a round time when at least `Plan.cell` persons are still followed there, and each kind of event
happened to nobody or to at least as many since the point before, on every real side: no step is a person's.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from synth.maths.survival import aalen_johansen, kaplan_meier
from synth.metrics.evidence.model import Evidence
from synth.metrics.figures.columns import compared
from synth.metrics.figures.scales import round_edges
from synth.metrics.utility.followup import Ending, Followed, ending_of, followed

Figure = dict[str, Any]
Floats = NDArray[np.float64]
POINTS = 40


def curves(evidence: Evidence) -> list[Figure]:
    """The curves of every analysis of time to event."""
    found = []
    for item in evidence.analyses.survival:
        ending = ending_of(evidence, item)
        if isinstance(ending, str):
            continue
        sides = {role: followed(evidence, side, item, ending) for role, side in compared(evidence).items()}
        if len(sides["train"].time) and len(sides["synthetic"].time):
            figure = _figure(item.name, ending, dict(sides), evidence.plan.cell)
            found += [figure] if figure is not None else []
    return found


def _figure(name: str, ending: Ending, sides: dict[str, Followed], cell: int) -> Figure | None:
    real = {role: side for role, side in sides.items() if role != "synthetic"}
    times = shown_times(real, 0, cell)
    if len(times) < 3:
        return None
    causes = len(ending.names) if len(ending.names) > 1 else 0
    shared = shown_times(real, causes, cell)  # fewer times: no cause may be had by taking the others from the whole
    return {
        "kind": "survival",
        "scope": name,
        "cell": cell,
        "times": [round(float(time), 6) for time in times],
        "series": {role: _rounded(kaplan_meier(side.time, side.event, None, times)) for role, side in sides.items()},
        "cause_times": [round(float(time), 6) for time in shared],
        "causes": {
            ending.names[cause]: {
                role: _rounded(aalen_johansen(side.time, side.cause, causes, None, shared)[cause])
                for role, side in sides.items()
            }
            for cause in range(causes)
        } if len(shared) > 2 else {},
    }  # fmt: skip


def _rounded(values: Floats) -> list[float]:
    return [round(float(value), 4) for value in values]


def shown_times(real: dict[str, Followed], causes: int, cell: int) -> Floats:
    """0, then the round times at which a point may be shown: of all events together, or of each of the causes."""
    everyone = np.concatenate([side.time for side in real.values()])
    grid = round_edges(np.concatenate([everyone, [0.0]]), dates=False, intervals=POINTS)
    chosen = [0.0]
    for time in grid[grid > 0]:
        if all(_enough(side, chosen[-1], float(time), causes, cell) for side in real.values()):
            chosen.append(float(time))
    return np.array(chosen)


def _enough(side: Followed, before: float, time: float, causes: int, cell: int) -> bool:
    if int((side.time > time).sum()) < cell:
        return False
    inside = (side.time > before) & (side.time <= time) if before > 0 else side.time <= time
    happened = side.cause[inside]
    counts = np.bincount(happened, minlength=causes + 1)[1:] if causes else np.array([int((happened > 0).sum())])
    return bool(((counts == 0) | (counts >= cell)).all())
