"""Generator `gaussian-copula`: a latent normal vector whose cuts give the margins, read off contingency tables.

Each variable's codes are ranked (bins by their order, levels along the axis on which the other variables tell them
apart most) and given normal scores. The mean product of two variables' scores, a linear statistic of their contingency
table, fixes the latent correlation (see `synth.maths.scores`). Scores lie on a grid, so that sums of their products are
whole numbers: exact, additive and the same however the rows are cut.

What is drawn given the rows above and the row before is normal given their scores.
Source: Nelsen, An Introduction to Copulas (2006); Genest and Neslehova, ASTIN Bulletin (2007), for discrete margins.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from synth.core.counts import rounded_alone
from synth.core.model import Array, Model, Statistic
from synth.core.seeds import Stream
from synth.engines.unit_blocks import count_units, distinct_units, unit_blocks
from synth.generators.coding.coded import Fold, PartRows
from synth.generators.laws.candidates import agreeing
from synth.generators.laws.latents import GRID, Latent, constant_codes, latents_of
from synth.generators.laws.margins import Margins
from synth.generators.laws.part_law import PartLaw
from synth.generators.laws.ranks import order_statistics, ranked, stored_rank
from synth.maths.cutting import Cutting
from synth.maths.gaussian import Conditional, conditional, nearest_correlation
from synth.maths.scores import latent_correlations

Codes = NDArray[np.int64]
Floats = NDArray[np.float64]
_PATTERNS = 512
_RANKED_ON = 2**16
_TOGETHER = 2**13  # rows whose scores are multiplied at once, while they are at hand


def learn(rows: PartRows, margins: Margins, k: int) -> tuple[list[Statistic], dict[str, Array]]:
    """The order of each set of levels, and the latent correlations of all variables of the part."""
    persons = count_units(rows.units)
    shares = [margins[index].shares(variable.pooled) for index, variable in enumerate(rows.variables)]
    latents = latents_of([variable.codec for variable in rows.variables], shares)
    if persons < k or not latents:
        return [], {}
    latents = ranked(_some(rows), latents)
    sums, pairs = _sums(rows, latents)
    enough = _enough_persons(rows, latents, persons, k)
    products = np.divide(sums, pairs, out=np.zeros_like(sums), where=(pairs > 0) & enough)
    matrix = nearest_correlation(latent_correlations(products, np.stack([latent.hermite() for latent in latents])))
    told = np.where(enough, rounded_alone(pairs.astype(np.int64), k), 0)
    return _statistics(rows, latents, np.round(matrix, 6), told, k)


def _some(rows: PartRows) -> PartRows:
    """The rows of enough units to tell the order of levels by, where there are very many."""
    share = -(-len(rows.rows) // _RANKED_ON)
    return rows if share < 2 or rows.fold is not None else replace(rows, fold=Fold(share, 0, True))


def _statistics(
    rows: PartRows, latents: list[Latent], matrix: Floats, pairs: Codes, support: int
) -> tuple[list[Statistic], dict[str, Array]]:
    titles = [variable.title for variable in rows.variables]
    unit = rows.coded.forest.node(rows.part.table).root
    named = tuple(titles[each.variable] + (" missing" if each.presence else "") for each in latents)
    name, counts = f"correlation/{rows.part.title}", f"pairs/{rows.part.title}"
    arrays: dict[str, Array] = {name: matrix, counts: pairs}
    table, cells = rows.part.table, matrix.size
    found = [Statistic(name, table, named, "latent correlation", support, unit, cells, {}, (name, counts))]
    more, orders = order_statistics(rows, latents)
    return [*found, *more], arrays | orders


def _sums(rows: PartRows, latents: list[Latent]) -> tuple[Floats, Floats]:
    """Sums of products of the scores of every two latents, and how many rows have both."""
    columns = {latent.variable: rows.compact(latent.variable) for latent in latents}
    tables = [latent.scores() for latent in latents]
    total = np.zeros((len(latents), len(latents)))
    for values in _looked_up(columns, latents, tables, len(rows.rows)):
        total += values @ values.T  # whole numbers below 2**53: exact
    optional = [index for index, latent in enumerate(latents) if not latent.defined().all()]
    some = [latents[index] for index in optional]
    masks = [latent.defined().astype(np.float64) for latent in some]
    both, each = np.zeros((len(some), len(some))), np.full(len(latents), float(len(rows.rows)))
    for there in _looked_up(columns, some, masks, len(rows.rows)):
        both += there @ there.T
    each[optional] = np.diag(both)
    pairs = np.minimum.outer(each, each)  # whoever has the one that not all have, has one that all have
    pairs[np.ix_(optional, optional)] = both
    return total / float(GRID) ** 2, pairs


def _looked_up(
    columns: Mapping[int, NDArray[np.integer]], latents: list[Latent], tables: list[Floats], rows: int
) -> Iterator[Floats]:
    """What each latent's table says of its codes (latents x rows), some rows at a time, in one place."""
    found = np.empty((len(latents), _TOGETHER))
    for start in range(0, rows if latents else 0, _TOGETHER):
        size = min(_TOGETHER, rows - start)
        for place, (latent, table) in enumerate(zip(latents, tables, strict=True)):
            np.take(table, columns[latent.variable][start : start + size], out=found[place, :size], mode="clip")
        yield found[:, :size]


def _enough_persons(rows: PartRows, latents: list[Latent], persons: int, k: int) -> NDArray[np.bool_]:
    """For every two latents, whether k persons surely have both: in one of the commonest patterns of missing values."""
    optional = [index for index, latent in enumerate(latents) if not latent.defined().all()]
    if not optional:
        return np.full((len(latents), len(latents)), persons >= k)
    patterns, holders = _missing_patterns(
        [(latents[i], rows.compact(latents[i].variable)) for i in optional], rows.units
    )
    enough = np.zeros((len(latents), len(latents)), dtype=bool)
    for index in np.argsort(-holders, kind="stable")[:_PATTERNS]:
        if holders[index] >= k:
            there = np.ones(len(latents), dtype=bool)
            there[optional] = np.unpackbits(patterns[index])[: len(optional)].astype(bool)
            enough |= np.outer(there, there)
    return enough


def _missing_patterns(
    optional: list[tuple[Latent, NDArray[np.integer]]], units: Codes
) -> tuple[NDArray[np.uint8], Codes]:
    """The patterns of what is defined (a bit a latent), in order, and how many units have each."""
    found: dict[bytes, int] = {}
    defined = [latent.defined() for latent, _ in optional]
    for block in unit_blocks(units):
        masks = np.stack([there[codes[block]] for there, (_, codes) in zip(defined, optional, strict=True)])
        bits = np.ascontiguousarray(np.packbits(masks, axis=0).T)
        patterns, which = np.unique(bits.view(f"V{bits.shape[1]}").ravel(), return_inverse=True)
        for pattern, count in zip(patterns, distinct_units(which, units[block], len(patterns)).tolist(), strict=True):
            found[pattern.tobytes()] = found.get(pattern.tobytes(), 0) + count
    ordered = sorted(found)
    listed = np.frombuffer(b"".join(ordered), dtype=np.uint8).reshape(len(ordered), -1)
    return listed, np.array([found[pattern] for pattern in ordered], dtype=np.int64)


@dataclass(frozen=True)
class GaussianCopula:
    """Normal given the context's scores, cut into own codes."""

    context: tuple[tuple[int, Floats], ...]
    law: Conditional
    own: tuple[Latent, ...]
    constants: Codes

    @property
    def given(self) -> tuple[int, ...]:
        """Context variables that have a score."""
        return tuple(sorted({variable for variable, _ in self.context}))

    @cached_property
    def _cuttings(self) -> tuple[Cutting, ...]:
        return tuple(Cutting(own.thresholds()) for own in self.own)

    def draw(self, context: Codes, stream: Stream) -> Codes:
        """Own codes given context codes."""
        rows = len(context)
        noise = stream.normal(rows * len(self.own)).reshape(rows, len(self.own))
        latent = noise @ self.law.root.T
        if self.context:
            latent += np.stack([scores[context[:, i]] for i, scores in self.context], axis=1) @ self.law.weights
        # products of matrices may differ in the last bits from machine to machine; cuts must not see it
        latent = np.round(latent.T, 9)
        codes = np.repeat(self.constants[:, None], rows, axis=1).T  # those of a variable side by side
        missing: dict[int, NDArray[np.bool_]] = {}
        for own, cutting, numbers in zip(self.own, self._cuttings, latent, strict=True):
            rank = cutting.ranks(np.ascontiguousarray(numbers))
            if own.presence:
                missing[own.variable] = rank == 1
            else:
                codes[:, own.variable] = own.codes.take(rank)
        for variable, lost in missing.items():
            size = next(own.size for own in self.own if own.variable == variable)
            codes[lost, variable] = size - 1
        return codes

    def draw_given(self, context: Codes, known: Codes, stream: Stream) -> Codes:
        """Own codes, those that are known kept, the others from a draw that agrees with many of them."""
        return agreeing(self, context, known, stream)


def load(model: Model, law: PartLaw) -> GaussianCopula:
    """The law of a part of a fitted model."""
    shares = [law.shares(index) for index in range(len(law.codecs))]
    latents = [stored_rank(model, law, latent) for latent in latents_of(law.codecs, shares)]
    count = len(latents)
    matrix = model.arrays.get(f"correlation/{law.part.title}", np.eye(count))
    pairs = model.arrays.get(f"pairs/{law.part.title}", np.ones((count, count))).astype(np.float64)
    x = np.array([i for i, latent in enumerate(latents) if latent.variable < law.contexts], dtype=np.int64)
    y = np.array([i for i, latent in enumerate(latents) if latent.variable >= law.contexts], dtype=np.int64)
    return GaussianCopula(
        context=tuple((latents[i].variable, latents[i].scores() / GRID) for i in x),
        law=_conditional(latents, matrix, pairs, x, y),
        own=tuple(_shifted(latents[i], law.contexts) for i in y),
        constants=_own_constants(law, shares),
    )


def _own_constants(law: PartLaw, shares: list[Floats]) -> Codes:
    return constant_codes(law.codecs, shares)[law.contexts :]


def _shifted(latent: Latent, contexts: int) -> Latent:
    return replace(latent, variable=latent.variable - contexts)


def _conditional(latents: list[Latent], matrix: Floats, pairs: Floats, x: Codes, y: Codes) -> Conditional:
    """Regress own latents on the context's scores, where a score that is not defined counts as 0.

    A score's covariance with its own latent is its variance (the first Hermite coefficient); with another latent, that
    times the correlation. Both are averaged over rows, with zeros where the score is not defined.
    """
    if not len(y):
        return Conditional(np.zeros((len(x), 0)), np.zeros((0, 0)))
    hermite = np.stack([latent.hermite() for latent in latents])
    everyone = max(pairs.max(initial=1.0), 1.0)
    cov_xx = _score_products(matrix[np.ix_(x, x)], hermite[x]) * pairs[np.ix_(x, x)] / everyone
    present = np.maximum(np.diag(pairs)[y], 1.0)
    cov_xy = matrix[np.ix_(x, y)] * hermite[x, :1] * pairs[np.ix_(x, y)] / present[None, :]
    return conditional(cov_xx, cov_xy, matrix[np.ix_(y, y)])


def _score_products(matrix: Floats, hermite: Floats) -> Floats:
    """E[s_i s_j] for latent correlations: Mehler's sum, the other way of `latent_correlations`."""
    total = np.zeros_like(matrix)
    for n in range(hermite.shape[1] - 1, -1, -1):
        total = (total + np.outer(hermite[:, n], hermite[:, n])) * matrix
    return total
