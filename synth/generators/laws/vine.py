"""Generator `vine`: a truncated regular vine of pair copulas over ranked codes, with mixed margins.

Each variable's codes are ranked as for the Gaussian copula; quantities of many bins count as continuous, the others as
discrete. The structure is chosen tree by tree by the strongest ranks' correlation, the family of each pair by AIC among
few; deeper trees than `TREES` are left out. What is given (the rows above, the row before) stands at the end of the
vine, so that own variables are drawn given it. The model holds families and parameters, each over at least k persons;
a pair that fewer have is taken for independent.

Source: Dissmann et al., Computational Statistics & Data Analysis (2013), for the choice of the structure; Panagiotelis
et al., JASA (2012), for discrete margins; Nagler, Statistics & Probability Letters (2018), for ranks spread at random.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from synth.core.counts import rounded_alone
from synth.core.errors import UserError
from synth.core.model import Array, Model, Statistic
from synth.core.seeds import Stream, rng
from synth.generators.coding.coded import PartRows
from synth.generators.laws.candidates import agreeing
from synth.generators.laws.latents import Latent, constant_codes, latents_of
from synth.generators.laws.margins import Margins
from synth.generators.laws.part_law import PartLaw
from synth.generators.laws.ranks import order_statistics, ranked, stored_rank

if TYPE_CHECKING:
    from types import ModuleType

Codes = NDArray[np.int64]
Floats = NDArray[np.float64]
TREES = 3
CONTEXT = 8  # variables of the rows above and before: those most correlated with an own one
ROWS = 10_000  # rows that parameters are estimated on, evenly spread
_DISCRETE = 20  # as many ranks at most are fitted as atoms
_EDGE = 1e-6
_FAMILIES = ("indep", "gaussian", "frank", "clayton", "gumbel")


def learn(rows: PartRows, margins: Margins, k: int) -> tuple[list[Statistic], dict[str, Array]]:
    """The order of each set of levels, and the vine of the part's variables."""
    shares = [margins[index].shares(variable.pooled) for index, variable in enumerate(rows.variables)]
    latents = latents_of([variable.codec for variable in rows.variables], shares)
    if len(np.unique(rows.units)) < k or not latents:
        return [], {}
    latents = ranked(rows, latents)
    sample = (np.arange(min(ROWS, len(rows.rows))) * (len(rows.rows) / min(ROWS, len(rows.rows)))).astype(np.int64)
    lower, upper = _sides(rows, latents, sample)
    chosen = _chosen(rows, latents, (lower + upper) / 2, rows.units[sample], k)
    found, arrays = order_statistics(rows, latents)
    if len(chosen) < 2 or not any(latents[i].variable >= rows.contexts for i in chosen):
        return found, arrays
    given = [place for place, i in enumerate(chosen) if latents[i].variable < rows.contexts]
    stream = rng(0, "vine", rows.part.title)
    document = _fitted(lower[:, chosen], upper[:, chosen], [latents[i] for i in chosen], given, stream)
    supports = _thinned(document, ~np.isnan(upper[:, chosen]), rows.units[sample], k)
    return [_statistic(rows, latents, chosen, document, min(supports, default=k)), *found], arrays


def _sides(rows: PartRows, latents: Sequence[Latent], sample: Codes) -> tuple[Floats, Floats]:
    """For each row and latent, the ends of its rank's share of [0, 1]; NaN where the latent is not defined."""
    sides = [np.full((len(sample), len(latents)), np.nan) for _ in range(2)]
    for place, latent in enumerate(latents):
        codes = rows.column(latent.variable)[sample]
        for side, table in zip(sides, _ends(latent), strict=True):
            side[:, place] = table[codes]
    return sides[0], sides[1]


def _ends(latent: Latent) -> tuple[Floats, Floats]:
    """For each code of the variable, the ends of its rank's share of [0, 1]; NaN where the latent is not defined."""
    edges = np.concatenate([[0.0], np.cumsum(latent.shares)])
    edges /= edges[-1]
    low, high = np.full(latent.size, np.nan), np.full(latent.size, np.nan)
    if latent.presence:
        low[: latent.size - 1], high[: latent.size - 1] = edges[0], edges[1]
        low[latent.size - 1], high[latent.size - 1] = edges[1], edges[2]
    else:
        low[latent.codes], high[latent.codes] = edges[:-1], edges[1:]
    return low, high


def _chosen(rows: PartRows, latents: Sequence[Latent], middle: Floats, units: Codes, k: int) -> list[int]:
    """The latents of own variables, and those given that go best with one of them, if k persons have them."""
    own = [i for i, x in enumerate(latents) if x.variable >= rows.contexts and _persons(middle[:, i], units) >= k]
    above = [i for i, x in enumerate(latents) if x.variable < rows.contexts and _persons(middle[:, i], units) >= k]
    if not own or len(above) <= CONTEXT:
        return [*above, *own]
    filled = np.where(np.isnan(middle), 0.5, middle)
    spread = filled - filled.mean(axis=0)
    spread /= np.maximum(np.sqrt((spread**2).sum(axis=0)), _EDGE)
    strength = np.abs(spread[:, above].T @ spread[:, own]).max(axis=1)
    best = np.argsort(-np.round(strength, 9), kind="stable")[:CONTEXT]
    return [*(above[i] for i in sorted(best.tolist())), *own]


def _persons(values: Floats, units: Codes) -> int:
    return len(np.unique(units[~np.isnan(values)]))


def _fitted(lower: Floats, upper: Floats, latents: list[Latent], given: list[int], stream: Stream) -> dict[str, Any]:
    """The vine as its library writes it, without what tells of single rows (likelihoods)."""
    library = _library()
    kinds = ["d" if len(latent.shares) <= _DISCRETE else "c" for latent in latents]
    values, before = upper.copy(), lower.copy()
    for place, kind in enumerate(kinds):
        if kind == "c":
            values[:, place] = lower[:, place] + stream.uniform(len(lower)) * (upper - lower)[:, place]
            before[:, place] = values[:, place]
    controls = library.FitControlsVinecop(
        family_set=[getattr(library.BicopFamily, name) for name in _FAMILIES],
        parametric_method="itau",
        trunc_lvl=TREES,
        num_threads=1,
    )
    if 0 < len(given) < len(latents):
        controls.conditioning_set = [place + 1 for place in given]
    data = np.clip(np.concatenate([values, before], axis=1), _EDGE, 1 - _EDGE)
    vine = library.Vinecop.from_data(np.asfortranarray(data), var_types=kinds, controls=controls)
    document: dict[str, Any] = _plain(json.loads(vine.to_json()))
    for tree in document["pair copulas"].values():
        for name, pair in tree.items():
            if None in (pair["par"]["data"] or ()):  # no row has both
                tree[name] = _independent()
    return document


def _plain(node: Any) -> Any:
    """A JSON tree with numbers of six digits, every margin continuous, and no likelihood or count of rows."""
    if isinstance(node, dict):
        return {name: _plain(value) for name, value in node.items() if name not in ("loglik", "ll", "nobs", "nobs_")}
    if isinstance(node, list):
        return [_plain(item) for item in node]
    if isinstance(node, float):
        return float(f"{node:.6g}")
    return "c" if node == "d" else node


def _thinned(document: dict[str, Any], there: NDArray[np.bool_], units: Codes, k: int) -> list[int]:
    """Make pairs independent that fewer than k persons have; the persons behind each of the others."""
    vine = _library().Vinecop.from_json(json.dumps(document))
    supports = []
    for tree, edge in _edges(vine.dim, vine.trunc_lvl):
        members = [vine.order[edge], *(vine.structure.struct_array(level, edge, False) for level in range(tree + 1))]
        whole = there[:, [int(member) - 1 for member in members]].all(axis=1)
        persons = len(np.unique(units[whole]))
        if persons < k:
            document["pair copulas"][f"tree{tree}"][f"pc{edge}"] = _independent()
        else:
            supports.append(persons)
    return supports


def _edges(size: int, trees: int) -> Iterator[tuple[int, int]]:
    return (
        (tree, edge) for tree, edge in product(range(min(trees, size - 1)), range(size - 1)) if edge < size - 1 - tree
    )


def _independent() -> dict[str, Any]:
    library = _library()
    document: dict[str, Any] = _plain(json.loads(library.Bicop().to_json()))
    return document


def _statistic(
    rows: PartRows, latents: list[Latent], chosen: list[int], document: dict[str, Any], support: int
) -> Statistic:
    titles = [variable.title for variable in rows.variables]
    named = tuple(titles[latents[i].variable] + (" missing" if latents[i].presence else "") for i in chosen)
    cells = sum(len(tree) for tree in document["pair copulas"].values())
    unit = rows.coded.forest.node(rows.part.table).root
    data = {"latents": chosen, "vine": document, "rows": int(rounded_alone(min(ROWS, len(rows.rows)), rows.coded.k))}
    return Statistic(f"vine/{rows.part.title}", rows.part.table, named, "vine", support, unit, cells, data)


@dataclass(frozen=True)
class Vine:
    """Own ranks given those of the context; `vine` is the library's object, or None where all is independent."""

    context: tuple[Latent, ...]
    own: tuple[Latent, ...]
    alone: tuple[Latent, ...]
    constants: Codes
    document: str | None

    @property
    def given(self) -> tuple[int, ...]:
        """Context variables that are in the vine."""
        return tuple(sorted({latent.variable for latent in self.context}))

    def draw(self, context: Codes, stream: Stream) -> Codes:
        """Own codes given context codes."""
        rows = len(context)
        codes = np.tile(self.constants, (rows, 1))
        uniform = stream.uniform(rows * (len(self.own) + len(self.alone))).reshape(rows, -1)
        placed = [*self.own, *self.alone]
        if self.document is not None and rows:
            uniform[:, : len(self.own)] = self._related(context, uniform[:, : len(self.own)], stream)
        missing: dict[int, NDArray[np.bool_]] = {}
        for index, latent in enumerate(placed):
            edges = np.cumsum(latent.shares)
            rank = np.minimum(np.searchsorted(edges / edges[-1], uniform[:, index], side="right"), len(edges) - 1)
            if latent.presence:
                missing[latent.variable] = rank == 1
            else:
                codes[:, latent.variable] = latent.codes[rank]
        for variable, lost in missing.items():
            codes[lost, variable] = next(x.size for x in placed if x.variable == variable) - 1
        return codes

    def draw_given(self, context: Codes, known: Codes, stream: Stream) -> Codes:
        """Own codes, those that are known kept, the others from a draw that agrees with many of them."""
        return agreeing(self, context, known, stream)

    def _related(self, context: Codes, own: Floats, stream: Stream) -> Floats:
        """Turn independent uniform numbers into ranks that go with the context and with one another."""
        vine = _library().Vinecop.from_json(str(self.document))
        above = np.empty((len(own), len(self.context)))
        for place, latent in enumerate(self.context):
            low, high = (table[context[:, latent.variable]] for table in _ends(latent))
            spread = stream.uniform(len(own))
            # a latent that is not defined for a row may be anything
            above[:, place] = np.where(np.isnan(low), spread, low + spread * (high - low))
        everything = np.clip(np.concatenate([above, own], axis=1), _EDGE, 1 - _EDGE)
        if self.context:
            freed = vine.rosenblatt(np.asfortranarray(everything), num_threads=1)
            everything[:, : len(self.context)] = freed[:, : len(self.context)]
        drawn = vine.inverse_rosenblatt(np.asfortranarray(np.clip(everything, _EDGE, 1 - _EDGE)), num_threads=1)
        # the last bits may differ from machine to machine; ranks must not see them
        found: Floats = np.round(np.asarray(drawn)[:, len(self.context) :], 9)
        return found


def load(model: Model, law: PartLaw) -> Vine:
    """The law of a part of a fitted model. Raises UserError when the library of vines is not there."""
    shares = [law.shares(index) for index in range(len(law.codecs))]
    latents = [stored_rank(model, law, latent) for latent in latents_of(law.codecs, shares)]
    name = f"vine/{law.part.title}"
    stored = next((statistic.data for statistic in model.statistics if statistic.name == name), None)
    chosen: list[int] = [] if stored is None else list(stored["latents"])
    if stored is not None:
        _library()
    own = [i for i, latent in enumerate(latents) if latent.variable >= law.contexts]
    return Vine(
        context=tuple(latents[i] for i in chosen if latents[i].variable < law.contexts),
        own=tuple(_own(latents[i], law.contexts) for i in chosen if latents[i].variable >= law.contexts),
        alone=tuple(_own(latents[i], law.contexts) for i in own if i not in chosen),
        constants=constant_codes(law.codecs, shares)[law.contexts :],
        document=None if stored is None else json.dumps(stored["vine"]),
    )


def _own(latent: Latent, contexts: int) -> Latent:
    return replace(latent, variable=latent.variable - contexts)


def _library() -> ModuleType:
    try:
        import pyvinecopulib
    except ImportError:
        raise UserError(
            "the generator vine needs a library that is not installed", remedy="pip install 'synth-snds[vine]'"
        ) from None
    return pyvinecopulib
