"""Generator `gaussian-copula`: a latent normal vector whose cuts give the margins, read off contingency tables.

Each variable's codes are ranked (bins by their order, levels along the axis on which the other variables tell them
apart most), and given normal scores. The mean product of two variables' scores, which is a linear statistic of their
contingency table, fixes the latent correlation (see `synth.maths.scores`). Scores are rounded to a grid, so that sums of
products are whole numbers: exact, additive and the same however the rows are cut.

What is drawn given the rows above and the row before is normal given their scores.
Source: Nelsen, An Introduction to Copulas (2006); Genest and Neslehova, ASTIN Bulletin (2007), for discrete margins.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from synth.core.model import Array, Model, Statistic
from synth.core.seeds import Stream
from synth.generators.coding import PartRows
from synth.generators.margins import Margin
from synth.generators.part_law import PartLaw
from synth.maths.gaussian import Conditional, conditional, nearest_correlation
from synth.maths.scores import cuts, hermite_coefficients, latent_correlations, normal_scores

Codes = NDArray[np.int64]
Floats = NDArray[np.float64]
GRID = 1024  # scores are multiples of 1 / GRID


def learn(rows: PartRows, margins: tuple[Margin, ...], k: int) -> tuple[list[Statistic], dict[str, Array]]:
    """The order of each set of levels, and the latent correlations of all variables of the part."""
    persons = len(np.unique(rows.units))
    if persons < k or not rows.part.own:
        return [], {}
    shares = [m.shares(v.pooled) for m, v in zip(margins, rows.variables, strict=True)]
    orders = [np.arange(len(share)) for share in shares]
    nominal = [i for i, v in enumerate(rows.variables) if not v.codec.ordered and len(shares[i]) > 2]
    if nominal:
        orders = _axes(rows, shares, orders, nominal)
    products = _products(rows, [_ranked_scores(s, o) for s, o in zip(shares, orders, strict=True)])
    hermite = np.stack([hermite_coefficients(s[o]) for s, o in zip(shares, orders, strict=True)])
    matrix = nearest_correlation(latent_correlations(products, hermite))
    return _statistics(rows, np.round(matrix, 6), [orders[i] for i in nominal], nominal, persons)


def _statistics(
    rows: PartRows, matrix: Floats, orders: list[Codes], nominal: list[int], persons: int
) -> tuple[list[Statistic], dict[str, Array]]:
    titles = tuple(variable.title for variable in rows.variables)
    unit = rows.coded.forest.node(rows.part.table).root
    name = f"correlation/{rows.part.title}"
    arrays: dict[str, Array] = {name: matrix}
    found = [
        Statistic(name, rows.part.table, titles, "latent correlation", persons, unit, matrix.size, {}, (name,)),
    ]
    for index, order in zip(nominal, orders, strict=True):
        label = f"order/{rows.part.title}/{titles[index]}"
        arrays[label] = order.astype(np.int32)
        support = rows.variables[index].codec.support
        columns = (titles[index],)
        found.append(
            Statistic(label, rows.part.table, columns, "order of levels", support, unit, len(order), {}, (label,))
        )
    return found, arrays


def _ranked_scores(shares: Floats, order: Codes) -> Floats:
    """The normal score of each code, on the grid, when codes are ranked in `order`."""
    scores = np.empty(len(shares))
    scores[order] = normal_scores(shares[order])
    return np.rint(scores * GRID)


def _products(rows: PartRows, scores: list[Floats]) -> Floats:
    """Mean products of the scores of every two variables."""
    size = len(scores)
    total = np.zeros((size, size))
    for codes in rows.chunks():
        values = np.stack([scores[index][codes[:, index]] for index in range(size)], axis=1)
        total += values.T @ values  # whole numbers below 2**53: exact
    return total / (len(rows.rows) * float(GRID) ** 2)


def _axes(rows: PartRows, shares: list[Floats], orders: list[Codes], nominal: list[int]) -> list[Codes]:
    """Rank each set of levels along the first axis of the mean scores of the other variables, level by level.

    Levels start in order of frequency, so that sets of levels can speak of one another too.
    """
    started = [
        np.argsort(-s, kind="stable") if i in nominal else o
        for i, (s, o) in enumerate(zip(shares, orders, strict=True))
    ]
    scores = [_ranked_scores(s, o) for s, o in zip(shares, started, strict=True)]
    sums = {index: np.zeros((len(shares[index]), len(scores))) for index in nominal}
    counts = {index: np.zeros(len(shares[index])) for index in nominal}
    for codes in rows.chunks():
        values = np.stack([scores[index][codes[:, index]] for index in range(len(scores))], axis=1)
        for index in nominal:
            _add_by_code(sums[index], codes[:, index], values)
            counts[index] += np.bincount(codes[:, index], minlength=len(counts[index]))
    found = list(orders)
    for index in nominal:
        sums[index][:, index] = 0.0
        found[index] = _axis_order(sums[index] / GRID, counts[index])
    return found


def _add_by_code(sums: Floats, codes: Codes, values: Floats) -> None:
    from scipy.sparse import csr_array

    rows = len(codes)
    one_hot = csr_array((np.ones(rows), codes, np.arange(rows + 1)), shape=(rows, len(sums)))
    sums += one_hot.T @ values


def _axis_order(sums: Floats, counts: Floats) -> Codes:
    """Levels sorted by the first principal axis of their mean scores, weighted by how many rows they have."""
    known = np.maximum(counts, 1.0)[:, None]
    means = sums / known
    centred = (means - sums.sum(axis=0) / max(counts.sum(), 1.0)) * np.sqrt(counts)[:, None]
    _, _, axes = np.linalg.svd(centred, full_matrices=False)
    axis = axes[0] * np.sign(axes[0][np.argmax(np.abs(axes[0]))] or 1.0)
    return np.argsort(np.round(means @ axis, 9), kind="stable")


@dataclass(frozen=True)
class GaussianCopula:
    """Normal given the context's scores, cut into own codes."""

    context_scores: tuple[Floats, ...]
    law: Conditional
    own_cuts: tuple[Floats, ...]
    own_orders: tuple[Codes, ...]

    def draw(self, context: Codes, stream: Stream) -> Codes:
        """Own codes given context codes."""
        rows, own = len(context), len(self.own_cuts)
        noise = stream.normal(rows * own).reshape(rows, own)
        latent = noise @ self.law.root.T
        if self.context_scores:
            given = np.stack([s[context[:, i]] for i, s in enumerate(self.context_scores)], axis=1)
            latent += given @ self.law.weights
        # products of matrices may differ in the last bits from machine to machine; cuts must not see it
        latent = np.round(latent, 9)
        codes = np.empty((rows, own), dtype=np.int64)
        for index, (thresholds, order) in enumerate(zip(self.own_cuts, self.own_orders, strict=True)):
            codes[:, index] = order[np.searchsorted(thresholds, latent[:, index], side="right")]
        return codes


def load(model: Model, law: PartLaw) -> GaussianCopula:
    """The law of a part of a fitted model."""
    count = len(law.codecs)
    shares = [law.shares(index) for index in range(count)]
    orders = [_order(model, law, index, len(share)) for index, share in enumerate(shares)]
    matrix = model.arrays.get(f"correlation/{law.part.title}", np.eye(count))
    hermite = (
        np.stack([hermite_coefficients(s[o]) for s, o in zip(shares, orders, strict=True)])
        if count
        else np.empty((0, 1))
    )
    split = law.contexts
    # a score's covariance with its own latent is its variance; with another's latent, that times the correlation
    variance = hermite[:split, 0]
    cov_xx = _score_products(matrix[:split, :split], hermite[:split])
    cov_xy = matrix[:split, split:] * variance[:, None]
    own = range(split, count)
    return GaussianCopula(
        context_scores=tuple(_ranked_scores(shares[i], orders[i]) / GRID for i in range(split)),
        law=conditional(cov_xx, cov_xy, matrix[split:, split:]),
        own_cuts=tuple(cuts(shares[i][orders[i]])[1:-1] for i in own),
        own_orders=tuple(orders[i] for i in own),
    )


def _order(model: Model, law: PartLaw, index: int, size: int) -> Codes:
    stored = model.arrays.get(f"order/{law.part.title}/{law.part.titles[index]}")
    return np.arange(size) if stored is None else stored.astype(np.int64)


def _score_products(matrix: Floats, hermite: Floats) -> Floats:
    """E[s_i s_j] for latent correlations: Mehler's sum, the other way of `latent_correlations`."""
    total = np.zeros_like(matrix)
    for n in range(hermite.shape[1] - 1, -1, -1):
        total = (total + np.outer(hermite[:, n], hermite[:, n])) * matrix
    return total
