"""Figures about what holds a pathway together: persistence, order of events, sex, and nothing after death."""

from __future__ import annotations

from synth.calibrate.base import ID, K9, LINE, Base, Needs
from synth.calibrate.figure import Figure
from synth.calibrate.measure import Measure

BAR = "bar of the simulator"
MONTHS = 10
SURGERY, CHEMOTHERAPY, RADIOTHERAPY = (
    "S(a.CDC_ACT)",
    "S(GRG_GHM) LIKE '28Z07%'",
    "regexp_matches(S(GRG_GHM), '^28Z(1[0-9]|2[0-5])')",
)
PATHWAYS = (  # cancer, ICD-10, acts that remove it
    ("breast", "C50", "^QEF"),
    ("colon and rectum", "C18", "^HHF|^HJF"),
    ("lung", "C34", "^GFF"),
    ("prostate", "C61", "^JGF"),
)


def persistence(base: Base) -> list[Figure]:
    """Of persons with an antidiabetic in the first year, those who fetch one in ten or more of the next 12 months.

    Months run from the first box. Persons who die within the twelve months are left out, and so are first boxes less
    than a year before the end of the window.
    """
    first, last = base.years
    query = f"""WITH cip AS (SELECT DISTINCT N(PHA_CIP_C13) AS cip FROM IR_PHA_R WHERE S(PHA_ATC_CLA) LIKE 'A10%'),
        box AS (SELECT {LINE} AS k FROM ER_PHA_F JOIN cip ON N(PHA_PRS_C13) = cip WHERE N(PHA_ACT_QSN) > 0),
        line AS (SELECT {LINE} AS k, S(BEN_NIR_PSA) || '/' || S(BEN_RNG_GEM) AS who, D(EXE_SOI_DTD) AS t
            FROM ER_PRS_F),
        d AS (SELECT who, t FROM line SEMI JOIN box USING (k)),
        start AS (SELECT who, min(t) AS t0 FROM d GROUP BY 1 HAVING min(t) < DATE '{first + 1}-01-01'
            AND min(t) + INTERVAL 12 MONTH <= DATE '{last + 1}-01-01'),
        death AS (SELECT S(BEN_NIR_PSA) || '/' || S(BEN_RNG_GEM) AS who, max(D(BEN_DCD_DTE)) AS died FROM IR_BEN_R
            WHERE year(D(BEN_DCD_DTE)) > 1600 GROUP BY 1),
        treated AS (SELECT who, t0 FROM start LEFT JOIN death USING (who)
            WHERE died IS NULL OR died >= t0 + INTERVAL 12 MONTH)
        SELECT count(*), count(*) FILTER (WHERE m >= {MONTHS}) FROM (SELECT who,
        count(DISTINCT date_diff('month', date_trunc('month', t0), t)) AS m FROM d JOIN treated USING (who)
        WHERE t < t0 + INTERVAL 12 MONTH GROUP BY 1)"""
    treated, kept = base.rows(query)[0]
    return [
        Figure(
            "pathways",
            f"treated diabetics who redeem in {MONTHS} of 12 months",
            None,
            kept / treated if treated else None,
            "at least",
            0.8,
            treated,
            BAR,
            unit="share",
            note="" if treated else "nobody is treated for diabetes",
        )
    ]


def cancers(base: Base) -> list[Figure]:
    """Of persons with surgery and another treatment of a cancer, those whose surgery comes first."""
    figures = []
    for name, icd, acts in PATHWAYS:
        about = f"""(S(b.DGN_PAL) LIKE '{icd}%' OR S(b.DGN_REL) LIKE '{icd}%')"""
        query = f"""WITH stay AS (SELECT b.FILE_YEAR AS y, b.ETA_NUM AS e, b.RSA_NUM AS r, S(c.NIR_ANO_17) AS who,
            D(c.EXE_SOI_DTD) AS t, {CHEMOTHERAPY} AS chemo, {RADIOTHERAPY} AS rays FROM T_MCOaaB b
            JOIN T_MCOaaC c USING (FILE_YEAR, ETA_NUM, RSA_NUM) WHERE {about}),
            cut AS (SELECT DISTINCT FILE_YEAR AS y, ETA_NUM AS e, RSA_NUM AS r FROM T_MCOaaA
            WHERE regexp_matches(S(CDC_ACT), '{acts}')),
            person AS (SELECT who, min(t) FILTER (WHERE cut.r IS NOT NULL) AS s, min(t) FILTER (WHERE chemo) AS c,
            min(t) FILTER (WHERE rays) AS x FROM stay LEFT JOIN cut USING (y, e, r) GROUP BY 1)
            SELECT count(*), count(*) FILTER (WHERE coalesce(s <= c, true) AND coalesce(s <= x, true)) FROM person
            WHERE (s IS NOT NULL)::INT + (c IS NOT NULL)::INT + (x IS NOT NULL)::INT >= 2 AND s IS NOT NULL"""
        n, right = base.rows(query)[0]
        figures.append(
            Figure(
                "pathways",
                f"{name} cancer: surgery comes before other treatments",
                None,
                right / n if n else None,
                "at least",
                0.99,
                n,
                BAR,
                unit="share of persons",
                note="" if n else "nobody has two of the treatments",
            )
        )
    return figures


def after_death(base: Base) -> list[Figure]:
    """Lines of care after the day of death."""
    n, late = base.rows(
        """SELECT count(*), count(*) FILTER (WHERE D(p.EXE_SOI_DTD) > b.died) FROM ER_PRS_F p JOIN
        (SELECT BEN_NIR_PSA, BEN_RNG_GEM, max(D(BEN_DCD_DTE)) AS died FROM IR_BEN_R WHERE year(D(BEN_DCD_DTE)) > 1600
        GROUP BY ALL) b USING (BEN_NIR_PSA, BEN_RNG_GEM)"""
    )[0]
    return [Figure("pathways", "lines of care after death", 0.0, float(late), "at most", 0.0, n, BAR, unit="lines")]


def sexes(base: Base) -> list[Figure]:
    """Share of the diagnoses of one sex that are those of a patient of that sex."""
    n, right = base.rows(
        f"""WITH code AS (SELECT S(DGN_PAL) AS code, S(COD_SEX) AS sex FROM T_MCOaaB)
        SELECT count(*), count(*) FILTER (WHERE sex = CASE WHEN regexp_matches(code, '{WOMEN}') THEN '2' ELSE '1' END)
        FROM code WHERE regexp_matches(code, '{WOMEN}|{MEN}')"""
    )[0]
    return [
        Figure(
            "pathways",
            "diagnoses of one sex on patients of that sex",
            None,
            right / n if n else None,
            "at least",
            1.0,
            n,
            BAR,
            unit="share of stays",
            note="" if n else "no such diagnosis",
        )
    ]


WOMEN = "^(O|C5[1-8]|D2[5-7]|N7[0-7]|N8[0-9]|N9[0-8])"
MEN = "^(C6[0-3]|D29|N4[0-9]|N50|N51)"
_STAYS: Needs = {
    "T_MCOaaB": ("ETA_NUM", "RSA_NUM", "DGN_PAL", "DGN_REL", "GRG_GHM"),
    "T_MCOaaC": ("ETA_NUM", "RSA_NUM", "NIR_ANO_17", "EXE_SOI_DTD"),
    "T_MCOaaA": ("ETA_NUM", "RSA_NUM", "CDC_ACT"),
}
PATHWAY = (
    Measure(
        "pathways",
        "Persistence of treated diabetics",
        {
            "ER_PRS_F": (*K9, *ID, "EXE_SOI_DTD"),
            "ER_PHA_F": (*K9, "PHA_PRS_C13", "PHA_ACT_QSN"),
            "IR_PHA_R": ("PHA_CIP_C13", "PHA_ATC_CLA"),
            "IR_BEN_R": (*ID, "BEN_DCD_DTE"),
        },
        persistence,
    ),
    Measure("pathways", "Order of cancer care", _STAYS, cancers),
    Measure(
        "pathways",
        "Care after death",
        {"ER_PRS_F": (*ID, "EXE_SOI_DTD"), "IR_BEN_R": (*ID, "BEN_DCD_DTE")},
        after_death,
    ),
    Measure("pathways", "Diagnoses of one sex", {"T_MCOaaB": ("DGN_PAL", "COD_SEX")}, sexes),
)
