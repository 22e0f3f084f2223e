"""Figures about hospital stays (PMSI MCO) and outpatient passages."""

from __future__ import annotations

import numpy as np

from synth.calibrate.base import PERSON, Base
from synth.calibrate.figure import Figure
from synth.calibrate.measure import Measure, published
from synth.simulate.tables import read_rows

PMSI = "PMSI MCO, public counts"
STAY = "S(GRG_GHM) NOT LIKE '28%' AND S(GRG_GHM) NOT LIKE '90%'"  # sessions and error groups apart


def stays(base: Base) -> list[Figure]:
    """Stays a thousand persons and year, sessions apart; the share without a night; mean nights of the others."""
    n, day, nights = base.rows(
        f"""SELECT count(*), count(*) FILTER (WHERE N(SEJ_NBJ) = 0),
        coalesce(avg(N(SEJ_NBJ)) FILTER (WHERE N(SEJ_NBJ) > 0), 0) FROM T_MCOaaB WHERE {STAY}"""
    )[0]
    size, none, length = published("mco_stays"), published("mco_no_night"), published("mco_nights")
    figures = [
        Figure(
            "stays",
            "without a night",
            none.value,
            100 * day / n if n else None,
            "within",
            0.05,
            day,
            none.source,
            none.year,
            "% of stays",
        ),
        Figure(
            "stays",
            "mean nights of the others",
            length.value,
            float(nights) if n > day else None,
            "within",
            0.05,
            n - day,
            length.source,
            length.year,
            "nights",
        ),
    ]
    if base.tables.has(PERSON) and base.person_years:
        rate = Figure(
            "stays",
            "stays, sessions apart",
            1000 * size.per_person,
            1000 * n / base.person_years,
            "within",
            0.05,
            n,
            size.source,
            size.year,
            "‰ a year",
        )
        figures.insert(0, rate)
    return figures


def patients(base: Base) -> list[Figure]:
    """Persons with a stay in a year, in percent, by their hospital pseudonym."""
    n = int(base.number("SELECT count(*) FROM (SELECT DISTINCT FILE_YEAR, NIR_ANO_17 FROM T_MCOaaC)"))
    told = published("mco_patients")
    share = 100 * n / base.person_years if base.person_years else None
    return [
        Figure(
            "stays",
            "persons in hospital in a year",
            100 * told.per_person,
            share,
            n=n,
            source=told.source,
            year=told.year,
            unit="%",
        )
    ]


def diagnoses(base: Base) -> list[Figure]:
    """Counts of the fifty most frequent principal diagnoses: their ranks against the published ones, and each share."""
    counts = dict(base.rows("SELECT S(DGN_PAL), count(*) FROM T_MCOaaB GROUP BY 1"))
    there = [(row["cim"], float(row["thousands"])) for row in read_rows("published_diagnoses")]
    here = np.array([counts.get(code, 0) for code, _ in there], dtype=float)
    known = np.array([value for _, value in there])
    figures = [
        Figure(
            "diagnoses",
            "rank correlation of the 50 most frequent",
            1.0,
            spearman(known, here) if here.any() else None,
            "at least",
            0.85,
            int(here.sum()),
            PMSI,
            "2014",
            "Spearman",
        )
    ]
    share = 100 / known.sum()
    for (code, value), n in zip(there, here.tolist(), strict=True):
        generated = 100 * n / here.sum() if here.any() else None
        figures.append(
            Figure("diagnoses", code, value * share, generated, n=int(n), source=PMSI, year="2014", unit="% of the 50")
        )
    return figures


def spearman(first: np.ndarray, second: np.ndarray) -> float:
    """Rank correlation of two series, ties at their mean rank."""
    ranks = [_ranks(values) - (len(values) - 1) / 2 for values in (first, second)]
    scale = float(np.sqrt((ranks[0] ** 2).sum() * (ranks[1] ** 2).sum()))
    return float((ranks[0] * ranks[1]).sum()) / scale if scale else 0.0


def _ranks(values: np.ndarray) -> np.ndarray:
    below = (values[:, None] > values[None, :]).sum(axis=1)
    ties = (values[:, None] == values[None, :]).sum(axis=1)
    ranks: np.ndarray = below + (ties - 1) / 2
    return ranks


def passages(base: Base) -> list[Figure]:
    """Outpatient passages in public hospitals a person and year."""
    n = int(base.number("SELECT count(*) FROM T_MCOaaCSTC"))
    told = published("outpatient_passages")
    rate = n / base.person_years if base.person_years else None
    return [
        Figure(
            "outpatient",
            "passages",
            told.per_person,
            rate,
            n=n,
            source=told.source,
            year=told.year,
            unit="a person and year",
        )
    ]


HOSPITAL = (
    Measure("stays", "Stays, length and share without a night", {"T_MCOaaB": ("GRG_GHM", "SEJ_NBJ")}, stays),
    Measure("stays", "Persons in hospital in a year", {**PERSON, "T_MCOaaC": ("NIR_ANO_17",)}, patients),
    Measure("diagnoses", "Principal diagnoses", {"T_MCOaaB": ("DGN_PAL",)}, diagnoses),
    Measure("outpatient", "Outpatient passages of public hospitals", {**PERSON, "T_MCOaaCSTC": ("ETA_NUM",)}, passages),
)
