"""What metrics read: coded tables of each role, and whole persons on one scale."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from synth.core.catalog import Catalog
from synth.core.model import Model
from synth.metrics.analyses.columns import NamedColumns
from synth.metrics.analyses.model import Analyses
from synth.metrics.evidence.coded import Feature, Kind, Layout, Plan, RoleName, Rows, Side
from synth.metrics.evidence.persons import PersonFeatures, person_features
from synth.metrics.evidence.published import PublishedTable
from synth.metrics.evidence.shadows import Shadows
from synth.metrics.evidence.strata import Stratum, person_strata

__all__ = ["Evidence", "Feature", "Kind", "Layout", "Plan", "RoleName", "Rows", "Side"]


@dataclass(frozen=True)
class Evidence:
    """Everything a metric may look at. `holdout` and `reference` are None when they were not given.

    `analyses` says what is to be analysed, and `named` holds the columns it names, as they were given. `published` and
    `model` are what leaves beside the synthetic tables, if anything does; `shadows` what shadow models showed.
    """

    catalog: Catalog
    unit: str
    layouts: Mapping[str, Layout]
    train: Side
    synthetic: Side
    holdout: Side | None = None
    reference: Side | None = None
    plan: Plan = field(default_factory=Plan)
    shared_persons: int = 0  # persons of holdout whose key is one of train's
    analyses: Analyses = field(default_factory=Analyses)
    named: Mapping[RoleName, NamedColumns] = field(default_factory=dict)
    published: tuple[PublishedTable, ...] = ()
    model: Model | None = None
    shadows: Shadows | None = None

    def sides(self) -> tuple[Side, ...]:
        """The sides that are there, real ones first."""
        found = (self.train, self.holdout, self.reference, self.synthetic)
        return tuple(side for side in found if side is not None)

    @cached_property
    def persons(self) -> PersonFeatures:
        """Features of whole persons, on one scale for all sides."""
        return person_features(tuple(self.layouts.values()), self.sides())

    @cached_property
    def strata(self) -> tuple[Stratum, ...]:
        """Groups of persons judged on their own: outliers and subgroups."""
        return person_strata(tuple(self.layouts.values()), self.sides(), self.persons)
