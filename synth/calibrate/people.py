"""Figures about persons: pyramid, deaths, births, long-term diseases."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from synth.calibrate.base import PERSON, Base
from synth.calibrate.figure import Figure
from synth.calibrate.measure import Measure, published
from synth.simulate.tables import OLDEST, ald_prevalence, death_probability, population, read_rows

SEXES = ("men", "women")
INSEE = "INSEE, residents on 1 January"
INED = "INED life table 2019, INSEE deaths by year"
DREES = "DREES-ARS 2019 (ALD by number), shape by age: CNAM"
EXPECTED_DEATHS = 100  # cells with fewer expected deaths have no bound
COMMON_STATUS = 0.003
STATUSES = {
    1: "stroke",
    2: "bone marrow failure",
    3: "peripheral artery disease",
    4: "bilharzia",
    5: "heart failure, rhythm, valves",
    6: "liver",
    7: "HIV",
    8: "diabetes",
    9: "severe neurological, epilepsy",
    10: "haemoglobin",
    11: "haemostasis",
    12: "hypertension",
    13: "coronary disease",
    14: "respiratory failure",
    15: "dementia",
    16: "Parkinson",
    17: "metabolic",
    18: "cystic fibrosis",
    19: "kidney",
    20: "paraplegia",
    21: "connective tissue",
    22: "rheumatoid arthritis",
    23: "psychiatric",
    24: "Crohn, colitis",
    25: "multiple sclerosis",
    26: "scoliosis",
    27: "spondylarthritis",
    28: "transplant",
    29: "tuberculosis, leprosy",
    30: "tumours",
    31: "off list",
    32: "several together",
}


def _classes(counts: NDArray[np.int64] | NDArray[np.float64], width: int, last: int) -> NDArray[np.float64]:
    """Counts by sex and age summed in classes of `width` years, the last one open."""
    starts = np.arange(0, last + 1, width)
    return np.add.reduceat(counts.astype(float), starts, axis=1)


def pyramid(base: Base) -> list[Figure]:
    """Share of persons by sex and five-year age on the first day, and the total variation."""
    year = base.years[0]
    here = _classes(base.alive(year), 5, 95)
    there = _classes(population(year), 5, 95)
    here, there, n = here / max(here.sum(), 1), there / there.sum(), here
    told: dict[str, Any] = {"source": INSEE, "year": str(min(max(year, 2015), 2022))}
    distance = float(np.abs(here - there).sum() / 2)
    figures = [
        Figure("population", "total variation", 0.0, distance, "at most", 0.02, int(n.sum()), unit="share", **told)
    ]
    for row, sex in enumerate(SEXES):
        for place in range(here.shape[1]):
            figures.append(
                Figure(
                    "population",
                    f"{sex} {_span(place * 5, 5, 95)}",
                    100 * float(there[row, place]),
                    100 * float(here[row, place]),
                    n=int(n[row, place]),
                    unit="%",
                    **told,
                )
            )
    return figures


def _span(start: int, width: int, last: int) -> str:
    return f"{start}+" if start >= last else f"{start}-{start + width - 1}"


def deaths(base: Base) -> list[Figure]:
    """Deaths in the window by sex and ten-year age against those the life table expects of the persons of the base."""
    expected = np.zeros((2, OLDEST + 1))
    seen = np.zeros((2, OLDEST + 1))
    for year in range(base.years[0], base.years[1] + 1):
        expected += base.alive(year) * death_probability(year)
        query = f"""SELECT sex, {year - 1} - born, count(*) FROM {base.persons} WHERE year(death) = {year}
            AND sex IN (1, 2) AND born BETWEEN {year - 1 - OLDEST} AND {year - 1} GROUP BY ALL"""
        for sex, age, n in base.rows(query):
            seen[sex - 1, age] += n
    there, here = _classes(expected, 10, 90), _classes(seen, 10, 90)
    figures = []
    for row, sex in enumerate(SEXES):
        for place in range(there.shape[1]):
            wide = bool(there[row, place] >= EXPECTED_DEATHS)
            figures.append(
                Figure(
                    "deaths",
                    f"{sex} {_span(place * 10, 10, 90)}",
                    round(float(there[row, place]), 1),
                    float(here[row, place]),
                    "within" if wide else "none",
                    0.1 if wide else 0.0,
                    int(here[row, place]),
                    INED,
                    f"{base.years[0]}-{base.years[1]}",
                    "deaths",
                )
            )
    return figures


def births(base: Base) -> list[Figure]:
    """Persons born in the window, a thousand persons and year."""
    n = int(base.number(f"SELECT count(*) FROM {base.persons} WHERE born BETWEEN {base.years[0]} AND {base.years[1]}"))
    told = published("births")
    rate = 1000 * n / base.person_years if base.person_years else None
    return [
        Figure("births", "births", 1000 * told.per_person, rate, "within", 0.05, n, told.source, told.year, "‰ a year")
    ]


def statuses(base: Base) -> list[Figure]:
    """Persons with a long-term status in force at the end of the middle year, by number, in percent of the living."""
    year = (base.years[0] + base.years[1]) // 2 + 1
    on = f"DATE '{year - 1}-12-31'"
    query = f"""SELECT N(i.IMB_ALD_NUM)::INT, count(DISTINCT p.id) FROM IR_IMB_R i JOIN IR_BEN_R b
        USING (BEN_NIR_PSA, BEN_RNG_GEM) JOIN {base.persons} p ON S(b.BEN_IDT_ANO) = p.id
        WHERE N(i.IMB_ETM_NAT) IN (41, 43, 45) AND D(i.IMB_ALD_DTD) <= {on} AND p.born < {year}
        AND (year(D(i.IMB_ALD_DTF)) = 1600 OR D(i.IMB_ALD_DTF) > {on} OR i.IMB_ALD_DTF IS NULL)
        AND (p.death IS NULL OR p.death > {on}) GROUP BY 1"""
    found = {int(number): int(n) for number, n in base.rows(query) if number is not None}
    living = int(base.alive(year).sum())
    people = population(2017)
    figures = []
    for number in sorted({int(row["ald"]) for row in read_rows("ald_prevalence")} & set(range(1, 33))):
        share = float((ald_prevalence(number)[:, : people.shape[1]] * people).sum() / people.sum())
        n = found.get(number, 0)
        wide = share > COMMON_STATUS
        figures.append(
            Figure(
                "long-term diseases",
                f"ALD {number} {STATUSES.get(number, '')}".strip(),
                100 * share,
                100 * n / living if living else None,
                "within" if wide else "none",
                0.1 if wide else 0.0,
                n,
                DREES,
                "2017",
                "%",
            )
        )
    return figures


_IMB = ("BEN_NIR_PSA", "BEN_RNG_GEM", "IMB_ALD_NUM", "IMB_ALD_DTD", "IMB_ALD_DTF", "IMB_ETM_NAT")
PEOPLE = (
    Measure("population", "Persons by sex and five-year age on the first day", PERSON, pyramid),
    Measure("deaths", "Deaths by sex and ten-year age", PERSON, deaths),
    Measure("births", "Births", PERSON, births),
    Measure(
        "long-term diseases",
        "Holders of a long-term status (ALD) by number",
        {"IR_IMB_R": _IMB, "IR_BEN_R": (*PERSON["IR_BEN_R"], "BEN_NIR_PSA", "BEN_RNG_GEM")},
        statuses,
    ),
)
