"""Figures about claims and medicines: the mix of ER_PRS_F, boxes by class, age and sex."""

from __future__ import annotations

from typing import Any

from synth.calibrate.base import K9, LINE, PERSON, Base
from synth.calibrate.figure import Figure
from synth.calibrate.measure import Measure, published
from synth.simulate.tables import population, read_rows

MIX = "CNAM, PRS_NAT_REF to OMOP correspondence (KWIKLY 2024)"
OPEN_MEDIC = "CNAM, Open Medic"
TOP = 20
NATURES = {
    "3313": "medicines at 65 %",
    "3111": "nursing acts (AMI)",
    "1111": "consultations of general practitioners (C)",
    "3312": "medicines at 30 %",
    "3112": "nursing care",
    "3125": "physiotherapy of joints",
    "3211": "biology",
    "1112": "consultations of specialists (CS)",
    "1352": "technical acts",
    "3341": "medicines at 15 %",
    "3122": "physiotherapy (AMK)",
    "1351": "imaging",
    "1842": "travel of nurses",
    "1211": "home visits",
    "1324": "ultrasound",
    "1433": "dental care",
    "4382": "not reimbursed",
    "1113": "psychiatrists and neurologists",
    "3132": "speech therapy",
    "3223": "blood samples",
}
CONSULTATIONS = (1111, 1098, 1099, 1109, 1211)


def natures(base: Base) -> list[Figure]:
    """Share of all the lines of ER_PRS_F by nature; the twenty most frequent have a bound."""
    return _mix(base, "claims", "true")


def acts(base: Base) -> list[Figure]:
    """The same shares among lines that are acts: without participations, surcharges and lines for information."""
    return _mix(base, "claims, acts only", "N(CPL_AFF_COD) <> 16 AND N(CPL_MAJ_TOP) < 2 AND N(DPN_QLF) NOT IN (71, 72)")


def _mix(base: Base, group: str, kept: str) -> list[Figure]:
    counts, persons = {}, {}
    for code, lines, people in base.rows(
        f"""SELECT N(PRS_NAT_REF)::INT, count(*), approx_count_distinct(BEN_NIR_PSA) FROM ER_PRS_F
        WHERE {base.inside("EXE_SOI_DTD")} AND {kept} GROUP BY 1"""
    ):
        counts[code], persons[code] = int(lines), int(people)
    total = sum(counts.values())
    figures = []
    for place, row in enumerate(read_rows("prs_nat_ref_mix")):
        code = int(row["PRS_NAT_REF"])
        n = counts.get(code, 0)
        wide = place < TOP
        figures.append(
            Figure(
                group,
                f"{code} {NATURES.get(str(code), '')}".strip(),
                float(row["PERCENT"]),
                100 * n / total if total else None,
                "within" if wide else "none",
                0.2 if wide else 0.0,
                n,
                MIX,
                "2024",
                "% of lines",
                persons=persons.get(code, 0),
            )
        )
    return figures


def volumes(base: Base) -> list[Figure]:
    """Lines a person and year, and consultations of general practitioners a person and month."""
    lines = int(base.number(f"SELECT count(*) FROM ER_PRS_F WHERE {base.inside('EXE_SOI_DTD')}"))
    seen = int(
        base.number(
            f"""SELECT sum(N(PRS_ACT_QTE)) FROM ER_PRS_F WHERE {base.inside("EXE_SOI_DTD")}
            AND N(PRS_NAT_REF) IN {CONSULTATIONS}"""
        )
    )
    told, years = published("gp_consultations"), base.person_years
    return [
        Figure("volumes", "lines of ER_PRS_F", None, lines / years, n=lines, unit="a person and year"),
        Figure(
            "volumes",
            "consultations of general practitioners",
            told.per_person,
            seen / years / 12,
            n=seen,
            source=told.source,
            year=told.year,
            unit="a person and month",
        ),
    ]


def _boxes(base: Base) -> list[tuple[str, str, int, float]]:
    """Boxes dispensed in the window by ATC level 1, age band and sex."""
    return [
        (str(atc), str(band), int(sex or 0), float(n or 0))
        for atc, band, sex, n in base.rows(
            f"""WITH line AS (SELECT {LINE} AS k, N(BEN_SEX_COD)::INT AS sex,
            CASE WHEN year(D(EXE_SOI_DTD)) - N(BEN_NAI_ANN) < 20 THEN '0-19'
                 WHEN year(D(EXE_SOI_DTD)) - N(BEN_NAI_ANN) < 60 THEN '20-59' ELSE '60+' END AS band
            FROM ER_PRS_F WHERE {base.inside("EXE_SOI_DTD")}),
            class AS (SELECT N(PHA_CIP_C13) AS cip, min(left(S(PHA_ATC_CLA), 1)) AS atc FROM IR_PHA_R GROUP BY 1),
            box AS (SELECT {LINE} AS k, N(PHA_PRS_C13) AS cip, N(PHA_ACT_QSN) AS n FROM ER_PHA_F)
            SELECT coalesce(atc, ''), band, sex, sum(n) FROM box JOIN line USING (k) LEFT JOIN class USING (cip)
            GROUP BY ALL"""
        )
    ]


def medicines(base: Base) -> list[Figure]:
    """Boxes a person and year, and their shares by ATC level 1, age band and sex."""
    boxes = _boxes(base)
    total = sum(n for *_, n in boxes)
    year = str(min(max((base.years[0] + base.years[1]) // 2, 2022), 2025))
    known = [row for row in read_rows("published_boxes") if row["year"] == year]
    there = sum(float(row["kboxes"]) for row in known)
    people = float(population(int(year)).sum()) * 100
    alive = int(base.alive(base.years[0]).sum())
    told: dict[str, Any] = {"source": OPEN_MEDIC, "year": year, "persons": alive}
    figures = [
        Figure(
            "medicines",
            "boxes a person and year",
            there * 1000 / people,
            total / base.person_years if base.person_years else None,
            "within",
            0.1,
            int(total),
            unit="boxes",
            **told,
        )
    ]
    for name in ("0-19", "20-59", "60+"):
        share = sum(float(row["kboxes"]) for row in known if row["band"] == name) / there
        n = sum(box[3] for box in boxes if box[1] == name)
        figures.append(_share(f"boxes of {name} years", share, n, total, told))
    for sex, name in ((1, "men"), (2, "women")):
        share = sum(float(row["kboxes"]) for row in known if int(row["sex"]) == sex) / there
        n = sum(box[3] for box in boxes if box[2] == sex)
        figures.append(_share(f"boxes of {name}", share, n, total, told))
    classes = read_rows("published_boxes_atc1")
    all_classes = sum(float(row["kboxes"]) for row in classes)
    for row in classes:
        n = sum(box[3] for box in boxes if box[0] == row["atc1"])
        figures.append(
            _share(
                f"boxes of ATC {row['atc1']}", float(row["kboxes"]) / all_classes, n, total, {**told, "year": "2025"}
            )
        )
    return figures


def _share(name: str, there: float, n: float, total: float, told: dict[str, Any]) -> Figure:
    here = 100 * n / total if total else None
    return Figure("medicines", name, 100 * there, here, "within", 0.1, int(n), unit="% of boxes", **told)


_CLAIM = (*K9, "EXE_SOI_DTD", "BEN_SEX_COD", "BEN_NAI_ANN")
CARE = (
    Measure(
        "claims",
        "Lines of ER_PRS_F by nature (PRS_NAT_REF)",
        {"ER_PRS_F": ("PRS_NAT_REF", "EXE_SOI_DTD", "BEN_NIR_PSA")},
        natures,
    ),
    Measure(
        "claims, acts only",
        "Acts among the lines of ER_PRS_F by nature",
        {"ER_PRS_F": ("PRS_NAT_REF", "EXE_SOI_DTD", "BEN_NIR_PSA", "CPL_AFF_COD", "CPL_MAJ_TOP", "DPN_QLF")},
        acts,
    ),
    Measure(
        "volumes",
        "Lines and consultations a person",
        {**PERSON, "ER_PRS_F": ("PRS_NAT_REF", "EXE_SOI_DTD", "PRS_ACT_QTE")},
        volumes,
    ),
    Measure(
        "medicines",
        "Boxes of medicines by ATC level 1, age and sex",
        {
            **PERSON,
            "ER_PRS_F": _CLAIM,
            "ER_PHA_F": (*K9, "PHA_PRS_C13", "PHA_ACT_QSN"),
            "IR_PHA_R": ("PHA_CIP_C13", "PHA_ATC_CLA"),
        },
        medicines,
    ),
)
