"""Every metric, in the order they run: one row each. A metric takes the evidence and a seed and gives scores."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from synth.core.score import Family, Score
from synth.metrics.disclosure import (
    aggregates,
    anonymity_loss,
    attribute_inference,
    certificate,
    contamination,
    copies,
    keys,
    linkability,
    membership,
    membership_f1,
    registers,
    shadow,
    singling_out,
)
from synth.metrics.evidence.model import Evidence
from synth.metrics.fidelity import c2st, kmarginals, marginals, pairs, propensity, structure, trajectory
from synth.metrics.utility import costs, cox, epidemiology, pathways, survival, tstr

Evaluate = Callable[[Evidence, int], list[Score]]
Criterion = Literal["individualisation", "correlation", "inference", "utility"]


@dataclass(frozen=True, slots=True)
class Metric:
    """`names` are the scores it may give; `criterion` is the WP29 (Opinion 05/2014) question it answers.

    `seeded` attacks depend on whom chance picks: they run once for each repeat, and the worst decides.
    """

    names: tuple[str, ...]
    family: Family
    criterion: Criterion
    evaluate: Evaluate
    summary: str
    seeded: bool = False


# fmt: off
METRICS: tuple[Metric, ...] = (
    Metric(marginals.NAMES, "fidelity", "utility", marginals.evaluate, "columns one by one"),
    Metric(("pair_tvd", "pair_association"), "fidelity", "utility", pairs.evaluate, "pairs of columns"),
    Metric(("k_marginal_score",), "fidelity", "utility", kmarginals.evaluate, "triples of columns"),
    Metric(propensity.NAMES, "fidelity", "utility", propensity.evaluate, "propensity over pairs of columns"),
    Metric(("c2st_auc",), "fidelity", "utility", c2st.evaluate, "a classifier tells synthetic from real"),
    Metric(("foreign_key_integrity",), "structure", "utility", structure.foreign_keys, "keys that resolve"),
    Metric(("child_count_tvd",), "structure", "utility", structure.child_counts, "number of children of a parent"),
    Metric(trajectory.METRICS, "fidelity", "utility", trajectory.evaluate, "what follows what"),
    Metric(survival.NAMES, "utility", "utility", survival.evaluate, "time to event"),
    Metric(("cox_overlap",), "utility", "utility", cox.evaluate, "a Cox model says the same"),
    Metric(epidemiology.NAMES, "utility", "utility", epidemiology.evaluate, "conditions by age and sex"),
    Metric(costs.NAMES, "utility", "utility", costs.evaluate, "costs of persons and their concentration"),
    Metric(("pathway_tvd",), "utility", "utility", pathways.evaluate, "the next event of a person"),
    Metric(("tstr_gap",), "utility", "utility", tstr.evaluate, "trained on synthetic, tested on real"),
    Metric(("holdout_contamination",), "disclosure", "individualisation", contamination.evaluate, "control persons"),
    Metric(("row_copies",), "disclosure", "individualisation", copies.rows, "rows found in train beyond chance"),
    Metric(("trajectory_copies",), "disclosure", "individualisation", copies.trajectories, "persons copied whole"),
    Metric(("membership_distance",), "disclosure", "individualisation", membership.distance, "someone close by", True),
    Metric(("membership_density",), "disclosure", "individualisation", membership.density, "density ratio", True),
    Metric(("membership_f1",), "disclosure", "individualisation", membership_f1.evaluate, "close by, so it was in"),
    Metric(("singling_out",), "disclosure", "individualisation", singling_out.evaluate, "one condition", True),
    Metric(("replicated_uniques",), "disclosure", "individualisation", keys.uniques, "repU, UiOiS", True),
    Metric(("linkability",), "disclosure", "correlation", linkability.evaluate, "two halves linked", True),
    Metric(("disclosive_cells",), "disclosure", "inference", keys.cells, "DiSCO, DiSDiO", True),
    Metric(("attribute_inference",), "disclosure", "inference", attribute_inference.evaluate, "a secret guessed", True),
    Metric(("anonymity_loss",), "disclosure", "inference", anonymity_loss.evaluate, "what the release adds to a guess"),
    Metric(("death_register",), "disclosure", "individualisation", registers.deaths, "deaths in the open register"),
    Metric(("claims_and_stays",), "disclosure", "correlation", registers.claims, "claims (DCIR) x stays (PMSI)"),
    Metric(("shadow_membership",), "disclosure", "individualisation", shadow.evaluate, "shadow models"),
    Metric(("unsafe_cells",), "disclosure", "individualisation", aggregates.published, "published counts"),
    Metric(("derived_cells",), "disclosure", "individualisation", aggregates.model, "what a model's counts yield"),
    Metric(("sensitivity",), "disclosure", "individualisation", certificate.evaluate, "what leak would have been seen"),
)
# fmt: on
