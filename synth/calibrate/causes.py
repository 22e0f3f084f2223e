"""Figures about causes of death: chapters of the initial cause, and the tumours that kill most."""

from __future__ import annotations

from synth.calibrate.base import Base
from synth.calibrate.figure import Figure
from synth.calibrate.measure import Measure, published

CHAPTERS = (  # figure, what is shown, ICD-10
    ("deaths_tumours", "tumours (C00-D48)", "^(C|D[0-3]|D4[0-8])"),
    ("deaths_circulatory", "circulatory (I00-I99)", "^I"),
    ("deaths_respiratory", "respiratory (J00-J99)", "^J"),
    ("deaths_covid", "Covid-19 (U07.1, U07.2, U09, U10)", "^U(07|09|10)"),
)
SITES = (
    ("deaths_lung", "lung, trachea, bronchus (C33, C34)", "^C3[34]"),
    ("deaths_colorectal", "colon, rectum, anus (C18-C21)", "^C(18|19|20|21)"),
    ("deaths_breast", "breast (C50)", "^C50"),
    ("deaths_pancreas", "pancreas (C25)", "^C25"),
)


def chapters(base: Base) -> list[Figure]:
    """Shares of deaths by initial cause, over the years of the window."""
    counts = dict(
        base.rows(f"SELECT S(DCD_CIM_COD), count(*) FROM KI_CCI_R WHERE {base.inside('BEN_DCD_DTE')} GROUP BY 1")
    )
    total = sum(counts.values())
    figures = []
    for name, label, pattern in CHAPTERS:
        told, n = published(name), _matching(counts, pattern)
        share = 100 * n / total if total else None
        figures.append(
            Figure("causes", label, told.value, share, "within", 0.1, n, told.source, told.year, "% of deaths")
        )
    everyone = published("deaths").value
    for name, label, pattern in SITES:
        told, n = published(name), _matching(counts, pattern)
        share = 100 * n / total if total else None
        figures.append(
            Figure(
                "causes",
                label,
                100 * told.value / everyone,
                share,
                n=n,
                source=told.source,
                year=told.year,
                unit="% of deaths",
            )
        )
    return figures


def _matching(counts: dict[str, int], pattern: str) -> int:
    import re

    return sum(n for code, n in counts.items() if code and re.match(pattern, code))


CAUSES = (
    Measure("causes", "Initial causes of death by chapter", {"KI_CCI_R": ("DCD_CIM_COD", "BEN_DCD_DTE")}, chapters),
)
