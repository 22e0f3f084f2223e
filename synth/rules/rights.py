"""Rules of rights: long-term statuses and their care, treating doctors, families, identifiers of a person."""

from __future__ import annotations

from synth.rules.rule import Rule, columns

_ID = columns("BEN_NIR_PSA BEN_RNG_GEM")
_EXEMPT = """(SELECT i.BEN_NIR_PSA, max(coalesce(p.n, 0)) AS exempt FROM IR_IMB_R i LEFT JOIN (SELECT BEN_NIR_PSA,
    BEN_RNG_GEM, count(*) AS n FROM ER_PRS_F WHERE N(EXO_MTF) IN (42, 44, 46) GROUP BY ALL) p
    USING (BEN_NIR_PSA, BEN_RNG_GEM) WHERE N(i.IMB_ETM_NAT) IN (41, 43, 45) GROUP BY i.BEN_NIR_PSA)"""
_UNLISTED = """(SELECT p.BEN_NIR_PSA, max(i.there) AS there FROM (SELECT DISTINCT BEN_NIR_PSA, BEN_RNG_GEM FROM ER_PRS_F
    WHERE N(EXO_MTF) IN (42, 44, 46)) p LEFT JOIN (SELECT DISTINCT BEN_NIR_PSA, BEN_RNG_GEM, 1 AS there FROM IR_IMB_R) i
    USING (BEN_NIR_PSA, BEN_RNG_GEM) GROUP BY p.BEN_NIR_PSA)"""
_HOLDERS = """(SELECT ASS_NIR_ANO, count(DISTINCT S(ORG_AFF_BEN)) AS insurers FROM IR_BEN_R
    WHERE ASS_NIR_ANO IS NOT NULL AND S(ASS_NIR_ANO) <> '' GROUP BY 1)"""
_SPECIALTY = """(SELECT m.MTT_PFS_NUM, min(N(d.PFS_PRA_SPE)) AS least, count(*) FILTER (WHERE N(d.PFS_PRA_SPE) IN
    (0, 1, 22, 23)) AS general FROM IR_MTT_R m JOIN DA_PRA_R d ON S(m.MTT_PFS_NUM) = S(d.PFS_PFS_NUM) GROUP BY 1)"""

RIGHTS = (
    Rule(
        49,
        "statuses are updated after they are written",
        "IR_IMB_R",
        "year(D(UPD_DTE)) > 1900 AND D(UPD_DTE) < D(INS_DTE)",
        {"IR_IMB_R": (*_ID, *columns("UPD_DTE INS_DTE"))},
        _ID[:1],
        why="UPD_DTE follows INS_DTE",
    ),
    Rule(
        49,
        "length of statuses",
        "IR_IMB_R",
        "N(IMB_ETM_NAT) IN (41, 43, 45) AND year(D(IMB_ALD_DTF)) NOT IN (1600, 2099)"
        " AND D(IMB_ALD_DTF) > D(IMB_ALD_DTD) + INTERVAL 40 YEAR",
        {"IR_IMB_R": (*_ID, *columns("IMB_ETM_NAT IMB_ALD_DTD IMB_ALD_DTF"))},
        _ID[:1],
        "soft",
        0.03,
        "statuses are granted for two to ten years, and renewed; the start is kept",
    ),
    Rule(
        51,
        "holders with exempt care",
        _EXEMPT,
        "exempt = 0",
        {"IR_IMB_R": (*_ID, "IMB_ETM_NAT"), "ER_PRS_F": (*_ID, "EXO_MTF")},
        _ID[:1],
        "soft",
        0.25,
        "about one holder in six has no exempt care in a year",
    ),
    Rule(
        51,
        "exempt care has a status",
        _UNLISTED,
        "there IS NULL",
        {"IR_IMB_R": _ID, "ER_PRS_F": (*_ID, "EXO_MTF")},
        _ID[:1],
        "soft",
        0.07,
        "about 5 % of exempt persons are not in the table of statuses",
    ),
    Rule(
        54,
        "identifier of a person",
        "IR_BEN_R",
        "S(BEN_IDT_ANO) <> CASE WHEN N(BEN_IDT_TOP) = 1 THEN S(BEN_NIR_ANO) ELSE S(BEN_NIR_PSA) || S(BEN_RNG_GEM) END",
        {"IR_BEN_R": (*_ID, *columns("BEN_IDT_ANO BEN_IDT_TOP BEN_NIR_ANO"))},
        _ID[:1],
        why="BEN_IDT_ANO is BEN_NIR_ANO when BEN_IDT_TOP is 1, else pseudonym and rank",
    ),
    Rule(
        54,
        "deaths agree",
        "ER_PRS_F p JOIN IR_BEN_R b USING (BEN_NIR_PSA, BEN_RNG_GEM)",
        "year(D(p.BEN_DCD_DTE)) > 1600 AND D(p.BEN_DCD_DTE) <> D(b.BEN_DCD_DTE)",
        {"ER_PRS_F": (*_ID, "BEN_DCD_DTE"), "IR_BEN_R": (*_ID, "BEN_DCD_DTE")},
        _ID[:1],
        why="one date of death a person",
    ),
    Rule(
        56,
        "treating doctors in order",
        "IR_MTT_R",
        "year(D(MTT_FIN_DTE)) > 1600 AND D(MTT_FIN_DTE) < D(MTT_DEB_DTE)",
        {"IR_MTT_R": (*_ID, *columns("MTT_DEB_DTE MTT_FIN_DTE"))},
        _ID[:1],
        why="a contract ends after it starts",
    ),
    Rule(
        56,
        "treating doctors are general practitioners",
        _SPECIALTY,
        "general = 0",
        {"IR_MTT_R": ("MTT_PFS_NUM",), "DA_PRA_R": columns("PFS_PFS_NUM PFS_PRA_SPE")},
        ("MTT_PFS_NUM",),
        "soft",
        0.01,
        "specialty 1, 22 or 23 (0 when the table does not tell)",
    ),
    Rule(
        57,
        "insurer of a family",
        _HOLDERS,
        "insurers > 1",
        {"IR_BEN_R": columns("ASS_NIR_ANO ORG_AFF_BEN")},
        ("ASS_NIR_ANO",),
        "soft",
        0.02,
        "dependants share the insurer of their holder",
    ),
)
