"""A budget of time turned into a plan: how many persons, rows, pairs and draws, and what power that leaves.

The plan follows from the sizes of the tables and a fixed model of costs (seconds of one ordinary core, `COSTS`), never
from a clock: the same tables and the same budget give the same scores on any machine, which may take more or less than
the budget. What shrinks is how many persons are attacked and how much is sampled, all by one factor and down to floors
that still give an interval; what a smaller number of attacked persons can still rule out is stated.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from synth.core.errors import UserError
from synth.metrics.evidence.model import Evidence, Plan
from synth.metrics.intervals import quantile

FLOORS: Mapping[str, int] = {"targets": 300, "pool": 500, "pairs": 20, "draws": 40, "secrets": 3, "queries": 100}
UNITS = {"": 1.0, "s": 1.0, "m": 60.0, "min": 60.0, "h": 3600.0}
STEP = 0.9  # each factor tried is this much smaller than the one before
COSTS: Mapping[str, float] = {  # seconds of one core, by thing
    "cell": 4e-7,  # read and coded
    "pair_draw": 3e-5,  # one bootstrap draw of one pair of columns
    "pair_row": 1.5e-8,
    "row_fitted": 2.5e-4,  # a row that a classifier learns from
    "distance": 2e-9,
    "distance_column": 1e-10,
    "planting": 0.05,
}
ATTACKS = 6  # passes over all distances that the attacks of one repeat make together
HALF = 0.5  # control success at which the power left is stated


@dataclass(frozen=True, slots=True)
class Sizes:
    """What costs depend on: cells read, (rows, columns) by table, persons, columns of whole persons."""

    cells: int
    tables: tuple[tuple[int, int], ...]
    train: int
    synthetic: int
    features: int


def parse_budget(words: str) -> float:
    """Seconds of `90s`, `10m`, `1.5h` or a plain number. Raises UserError for anything else."""
    match = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([a-z]*)\s*", words.lower())
    if match is None or match[2] not in UNITS or float(match[1]) <= 0:
        raise UserError("the budget is not a length of time", remedy="write it as 90s, 10m or 1h")
    return float(match[1]) * UNITS[match[2]]


def sizes_of(evidence: Evidence) -> Sizes:
    """The sizes of tables that were read."""
    sides = evidence.sides()
    tables = tuple(
        (sum(len(side.tables[name]) for side in sides), len(layout.features))
        for name, layout in evidence.layouts.items()
    )
    cells = sum(rows * columns for rows, columns in tables)
    features = len(evidence.persons.source)
    return Sizes(cells, tables, evidence.train.persons, evidence.synthetic.persons, features)


def cost_of(sizes: Sizes, plan: Plan) -> float:
    """Seconds of one core that the default metrics are reckoned to take."""
    pairs = sum(
        3 * min(plan.pairs, columns * (columns - 1) // 2) * (plan.draws * COSTS["pair_draw"] + rows * COSTS["pair_row"])
        for rows, columns in sizes.tables
    )
    fits = 2 * (len(sizes.tables) + 1) + plan.repeats * plan.secrets
    fitted = fits * min(plan.pool, sizes.train) * COSTS["row_fitted"]
    attacked = 2 * min(plan.targets, sizes.train) * sizes.synthetic
    distances = attacked * (COSTS["distance"] + sizes.features * COSTS["distance_column"])
    planted = 60 * len(plan.plants) * COSTS["planting"]
    return sizes.cells * COSTS["cell"] + pairs + fitted + plan.repeats * ATTACKS * distances + planted


def within(sizes: Sizes, plan: Plan, seconds: float) -> tuple[Plan, float]:
    """The largest plan reckoned to fit, and its factor; the floors, when not even they fit."""
    factor = 1.0
    while True:
        smaller = shrunk(plan, factor)
        if cost_of(sizes, smaller) <= seconds or smaller == shrunk(plan, 0.0):
            return smaller, factor
        factor *= STEP


def shrunk(plan: Plan, factor: float) -> Plan:
    """The plan with all that is sampled cut by a factor, not below the floors nor above the plan."""
    cut = {
        name: min(getattr(plan, name), max(least, math.floor(getattr(plan, name) * factor)))
        for name, least in FLOORS.items()
    }
    return replace(plan, **cut)


def detectable(targets: int) -> float:
    """The smallest excess risk that a zero excess rules out with so many persons attacked on each side.

    The inverse of `intervals.attacks_needed` at a control success of one half, for one figure.
    """
    return min(1.0, quantile() * math.sqrt(2 * HALF / (1 - HALF) / max(targets, 1)))


def budgeted(evidence: Evidence, seconds: float) -> tuple[Evidence, dict[str, Any]]:
    """The evidence with a plan that fits, and what the scores say of it."""
    sizes, asked = sizes_of(evidence), evidence.plan
    plan, factor = within(sizes, asked, seconds)
    before, after = (min(each.targets, sizes.train) for each in (asked, plan))
    reckoned = cost_of(sizes, plan)
    document = {
        "seconds": seconds,
        "reckoned_seconds": round(reckoned, 1),
        "reckoned_without": round(cost_of(sizes, asked), 1),
        "factor": round(factor, 4),
        "sampled": {
            name: {"asked": getattr(asked, name), "used": getattr(plan, name)}
            for name in FLOORS
            if getattr(asked, name) != getattr(plan, name)
        },
        "detectable_excess": {"asked": round(detectable(before), 4), "used": round(detectable(after), 4)},
        "told": _told(seconds, reckoned, asked, plan, before, after),
    }
    return replace(evidence, plan=plan), document


_NAMES = {
    "targets": ("persons attacked", "personnes attaquées"),
    "pool": ("rows or persons a classifier learns from", "lignes ou personnes apprises par un classifieur"),
    "pairs": ("pairs of columns a table", "couples de colonnes par table"),
    "draws": ("bootstrap draws", "tirages bootstrap"),
    "secrets": ("attributes guessed", "attributs devinés"),
    "queries": ("conditions tried", "conditions essayées"),
}


def _told(seconds: float, reckoned: float, asked: Plan, plan: Plan, before: int, after: int) -> list[dict[str, str]]:
    """Lines for readers, in both languages."""
    lines = [
        {
            "en": f"budget {seconds:g} s; reckoned {reckoned:.0f} s of one ordinary core (a plan, not a measurement)",
            "fr": f"budget {seconds:g} s ; estimé {reckoned:.0f} s d'un cœur ordinaire (un plan, pas une mesure)",
        }
    ]
    for name, (english, french) in _NAMES.items():
        full, used = getattr(asked, name), getattr(plan, name)
        if full != used:
            lines.append({"en": f"{english}: {used} instead of {full}", "fr": f"{french} : {used} au lieu de {full}"})
    least, most = detectable(after), detectable(before)
    lines.append(
        {
            "en": f"power left: with {after} persons attacked, an excess risk of {least:.3f} can be ruled out "
            f"({most:.3f} with the {before} of the whole plan), where half of the control attacks succeed",
            "fr": f"puissance restante : avec {after} personnes attaquées, un excès de risque de {least:.3f} peut être "
            f"exclu ({most:.3f} avec les {before} du plan entier), si la moitié des attaques témoins réussissent",
        }
    )
    if reckoned > seconds:
        lines.append(
            {
                "en": "the least that gives intervals is reckoned to take longer than the budget",
                "fr": "le moins qui donne des intervalles est estimé plus long que le budget",
            }
        )
    return lines
