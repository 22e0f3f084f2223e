"""Generator `auto`: for each part the generator that does best on persons held out, and why.

Every candidate is learned on the persons of four fifths; own features are drawn for the rows of the others, given the
rows above them as they are, and compared with what those rows hold: the mean total variation distance over pairs of
variables. The one chosen is then learned on everybody. What is kept is the choice and the distances of all candidates.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.util import find_spec

import numpy as np
from numpy.typing import NDArray

from synth.core.catalog import Catalog
from synth.core.model import Array, Model, Statistic
from synth.core.seeds import rng
from synth.generators.coding.coded import Fold, PartRows
from synth.generators.laws import gaussian_copula, grown, independent, trees, vine
from synth.generators.laws.margins import Margins, measure_margins
from synth.generators.laws.part_law import Joint, PartLaw
from synth.maths.tree_growth import coarsen

Codes = NDArray[np.int64]
Learned = tuple[list[Statistic], dict[str, Array]]
FOLDS = 5
ROWS = 20_000  # of the held-out persons at most are drawn again
PAIRS = 200  # pairs of variables are compared at most
_GROUPS = 8
_LEAST = 40  # times k: with fewer persons in a part, chance would choose
_DIGITS = 4


@dataclass(frozen=True, slots=True)
class _Candidate:
    learn: Callable[[PartRows, Margins, int], Learned]
    load: Callable[[Model, PartLaw], Joint]


CANDIDATES: Mapping[str, _Candidate] = {
    "trees": _Candidate(trees.learn, grown.load),
    "gaussian-copula": _Candidate(gaussian_copula.learn, gaussian_copula.load),
    "vine": _Candidate(vine.learn, vine.load),
    "independent": _Candidate(independent.learn, independent.load),
}


def learn(rows: PartRows, margins: Margins, k: int) -> Learned:
    """What the best candidate learns of the part, and the choice itself."""
    persons = len(np.unique(rows.units))
    if not len(rows.rows) or not rows.part.own:
        return [], {}
    if persons < _LEAST * k:
        why, distances = f"fewer than {_LEAST * k} persons: not compared", {}
        chosen = next(iter(CANDIDATES))
    else:
        distances = {name: _distance(rows, name, k) for name in CANDIDATES if _usable(name)}
        chosen = min(distances, key=lambda name: distances[name])
        why = "least distance from the persons held out"
    statistics, arrays = CANDIDATES[chosen].learn(rows, margins, k)
    unit = rows.coded.forest.node(rows.part.table).root
    choice = Statistic(
        name=f"choice/{rows.part.title}",
        table=rows.part.table,
        columns=tuple(rows.part.titles[rows.contexts :]),
        kind="choice",
        support=persons // FOLDS if distances else 0,
        unit=unit,
        cells=len(distances),
        data={"chosen": chosen, "why": why, "distances": distances},
    )
    return [choice, *statistics], arrays


def load(model: Model, law: PartLaw) -> Joint:
    """The law of a part of a fitted model, by the generator that was chosen for it."""
    name = f"choice/{law.part.title}"
    chosen = next((s.data["chosen"] for s in model.statistics if s.name == name), "independent")
    return CANDIDATES[chosen].load(model, law)


def _usable(name: str) -> bool:
    return name != "vine" or find_spec("pyvinecopulib") is not None


def _distance(rows: PartRows, name: str, k: int) -> float:
    """How far what a candidate draws is from what the persons held out have."""
    fitted = PartRows(rows.coded, rows.part, Fold(FOLDS, 0, False))
    held = PartRows(rows.coded, rows.part, Fold(FOLDS, 0, True))
    margins = measure_margins(fitted, k, True)
    joint = CANDIDATES[name].load(_model(fitted, CANDIDATES[name].learn(fitted, margins, k)), _law(fitted, margins))
    real = next(held.chunks(ROWS), np.zeros((0, len(rows.variables)), dtype=np.int64))
    drawn = real.copy()
    drawn[:, rows.contexts :] = joint.draw(real[:, : rows.contexts], rng(0, "auto", rows.part.title))
    return _pair_distance(rows, real, drawn)


def _model(rows: PartRows, learned: Learned) -> Model:
    """A model of nothing but the part: enough to load its law."""
    tables = tuple(node.table for node in rows.coded.forest.nodes)
    return Model("auto", Catalog(tables, None), tuple(learned[0]), learned[1], {}, {})


def _law(rows: PartRows, margins: Margins) -> PartLaw:
    variables = rows.variables
    return PartLaw(rows.part, tuple(v.codec for v in variables), margins, tuple(v.pooled for v in variables))


def _pair_distance(rows: PartRows, real: Codes, drawn: Codes) -> float:
    count, own = len(rows.variables), rows.contexts
    pairs = [(i, j) for j in range(own, count) for i in range(j)] or [(own, own)]
    step = max(1, -(-len(pairs) // PAIRS))
    coarse = [_coarse(rows, index) for index in range(count)]
    found = [
        _tvd(coarse[i][real[:, i]], coarse[j][real[:, j]], coarse[i][drawn[:, i]], coarse[j][drawn[:, j]])
        for i, j in pairs[::step]
    ]
    return round(float(np.mean(found)), _DIGITS)


def _coarse(rows: PartRows, index: int) -> Codes:
    variable = rows.variables[index]
    return coarsen(np.zeros(0, dtype=np.int64), variable.pooled, variable.codec.ordered, _GROUPS).of_code


def _tvd(a: Codes, b: Codes, c: Codes, d: Codes) -> float:
    """The total variation distance between the joint shares of (a, b) and of (c, d), codes below `_GROUPS`."""
    real, drawn = (np.bincount(x * _GROUPS + y, minlength=_GROUPS**2) for x, y in ((a, b), (c, d)))
    return float(np.abs(real - drawn).sum()) / 2 / max(len(a), 1)
