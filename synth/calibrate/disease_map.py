"""Figures of the disease map (CT_IND) of its last year, in percent of the persons it is about."""

from __future__ import annotations

from synth.calibrate.base import Base
from synth.calibrate.figure import Figure
from synth.calibrate.measure import Measure, published

TABLE = "CT_IND_AAAA_GN"
TOPS = (
    ("map_diabetes", "diabetes", "TOP_FDIABET_IND"),
    ("map_cancer", "cancers", "SUP_CAN_CAT"),
    ("map_cardiovascular", "heart, vessels and stroke", "SUP_CV_CAT"),
    ("map_stroke_acute", "acute stroke", "TOP_CVAVC_AIG"),
    ("map_dementia", "dementia", "TOP_NDEMENC_IND"),
    ("map_respiratory", "chronic respiratory diseases", "TOP_ABPCOIR_IND"),
    ("map_maternity", "maternity", "TOP_MATERNI_IND"),
)


def shares(base: Base) -> list[Figure]:
    """Share of the persons of the map with each top; no bound, as the published map looks back over more years."""
    sums = ", ".join(f"sum(N({column}))" for *_, column in TOPS)
    row = base.rows(f"SELECT count(*), {sums} FROM {TABLE} WHERE FILE_YEAR = (SELECT max(FILE_YEAR) FROM {TABLE})")[0]
    persons = int(row[0])
    figures = []
    for (name, label, _), count in zip(TOPS, row[1:], strict=True):
        told, n = published(name), int(count or 0)
        share = 100 * n / persons if persons else None
        figures.append(
            Figure(
                "disease map", label, 100 * told.per_person, share, n=n, source=told.source, year=told.year, unit="%"
            )
        )
    return figures


MAP = (Measure("disease map", "Tops of the disease map", {TABLE: tuple(column for *_, column in TOPS)}, shares),)
