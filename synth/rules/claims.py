"""Rules of the claims (DCIR): dates, structure of lines, amounts."""

from __future__ import annotations

from synth.rules.rule import Rule, columns

_LINE = columns("DCT_ORD_NUM PRS_ORD_NUM FLX_TRT_DTD")
_K9 = (
    "DCT_ORD_NUM, FLX_DIS_DTD, FLX_EMT_NUM, FLX_EMT_ORD, FLX_EMT_TYP, FLX_TRT_DTD, ORG_CLE_NUM, PRS_ORD_NUM,"
    " REM_TYP_AFF"
)


def _prs(number: int, name: str, broken: str, needs: str, why: str, allowed: float = 0.0) -> Rule:
    return Rule(
        number,
        name,
        "ER_PRS_F",
        broken,
        {"ER_PRS_F": columns(needs)},
        _LINE,
        "soft" if allowed else "hard",
        allowed,
        why,
    )


CLAIMS = (
    _prs(
        1,
        "distribution month",
        "D(FLX_DIS_DTD) <> CAST(date_trunc('month', D(FLX_TRT_DTD)) + INTERVAL 1 MONTH AS DATE)",
        "FLX_DIS_DTD FLX_TRT_DTD",
        "FLX_DIS_DTD is the first day of the month that follows FLX_TRT_DTD",
    ),
    _prs(
        1,
        "distributed after care",
        "D(FLX_DIS_DTD) <= D(EXE_SOI_DTD)",
        "FLX_DIS_DTD EXE_SOI_DTD",
        "a line is distributed after the care it pays",
    ),
    _prs(
        2,
        "delay of settlement",
        "D(FLX_TRT_DTD) > D(EXE_SOI_DTD) + INTERVAL 27 MONTH",
        "FLX_TRT_DTD EXE_SOI_DTD",
        "lines are settled within 27 months of care",
    ),
    _prs(
        2,
        "settled within six months",
        "D(FLX_TRT_DTD) > D(EXE_SOI_DTD) + INTERVAL 6 MONTH",
        "FLX_TRT_DTD EXE_SOI_DTD",
        "99 % of lines are settled within six months",
        allowed=0.03,
    ),
    _prs(
        3,
        "month of care",
        "S(EXE_SOI_AMD) <> strftime(D(EXE_SOI_DTD), '%Y%m')",
        "EXE_SOI_AMD EXE_SOI_DTD",
        "EXE_SOI_AMD is the month of EXE_SOI_DTD",
    ),
    _prs(3, "care ends after it starts", "D(EXE_SOI_DTD) > D(EXE_SOI_DTF)", "EXE_SOI_DTD EXE_SOI_DTF", "start <= end"),
    _prs(
        3,
        "prescribed before care",
        "D(PRE_PRE_DTD) > D(EXE_SOI_DTD)",
        "PRE_PRE_DTD EXE_SOI_DTD",
        "care follows its prescription",
    ),
    _prs(
        11,
        "professional numbers",
        "length(S(PFS_EXE_NUM)) <> 8",
        "PFS_EXE_NUM",
        "numbers of professionals have eight characters, 00000000 when there is none",
    ),
    _prs(
        13,
        "age code",
        "NOT (N(BEN_AMA_COD) BETWEEN 0 AND 129 OR N(BEN_AMA_COD) BETWEEN 1000 AND 1023 OR N(BEN_AMA_COD) = 9999)",
        "BEN_AMA_COD",
        "years, 1000 + months below two years, or 9999",
    ),
    _prs(15, "departement", "length(S(BEN_RES_DPT)) <> 3", "BEN_RES_DPT", "departements have three characters"),
    _prs(
        20,
        "base lines",
        "N(CPL_MAJ_TOP) = 0 AND (N(BSE_PRS_NAT) <> N(PRS_NAT_REF) OR N(CPL_PRS_NAT) <> 0)",
        "CPL_MAJ_TOP BSE_PRS_NAT PRS_NAT_REF CPL_PRS_NAT",
        "a base line has BSE_PRS_NAT = PRS_NAT_REF and no complement",
    ),
    _prs(
        21,
        "surcharge lines",
        "N(CPL_MAJ_TOP) = 2 AND (N(BSE_PRS_NAT) <> 0 OR N(CPL_PRS_NAT) = 0)",
        "CPL_MAJ_TOP BSE_PRS_NAT CPL_PRS_NAT",
        "a surcharge line has BSE_PRS_NAT = 0 and names its complement",
    ),
    _prs(
        22,
        "flat participation",
        "N(CPL_AFF_COD) = 16 AND N(CPL_REM_MNT) > 0",
        "CPL_AFF_COD CPL_REM_MNT",
        "the flat participation is taken from the refund",
    ),
    _prs(
        26,
        "qualifiers filled",
        "DPN_QLF IS NULL OR CPL_MAJ_TOP IS NULL OR CPL_AFF_COD IS NULL",
        "DPN_QLF CPL_MAJ_TOP CPL_AFF_COD",
        "clients drop lines where these are empty",
    ),
    _prs(
        29,
        "refund is base times rate",
        "abs(N(BSE_REM_MNT) - N(BSE_REM_BSE) * N(RGO_REM_TAU) / 100) > 0.0051",
        "BSE_REM_MNT BSE_REM_BSE RGO_REM_TAU",
        "BSE_REM_MNT = BSE_REM_BSE x RGO_REM_TAU / 100",
    ),
    _prs(
        29,
        "paid covers the base",
        "N(BSE_REM_SGN) > 0 AND N(PRS_PAI_MNT) < N(BSE_REM_BSE) - 0.005",
        "BSE_REM_SGN PRS_PAI_MNT BSE_REM_BSE",
        "what is paid is at least the base",
    ),
    _prs(
        30,
        "exempt lines at 100 %",
        "N(EXO_MTF) IN (42, 44, 46) AND N(RGO_REM_TAU) < 100",
        "EXO_MTF RGO_REM_TAU",
        "care related to a long-term disease is refunded at 100 %",
    ),
    _prs(
        31,
        "no overcharge under C2S",
        "S(BEN_CMU_TOP) = '1' AND N(BSE_REM_BSE) > 0 AND N(PRS_PAI_MNT) > N(BSE_REM_BSE) + 0.005",
        "BEN_CMU_TOP BSE_REM_BSE PRS_PAI_MNT",
        "C2S holders pay no overcharge",
    ),
    Rule(
        17,
        "CIP13 codes",
        "ER_PHA_F",
        "N(PHA_PRS_C13) NOT BETWEEN 3400000000000 AND 3409999999999",
        {"ER_PHA_F": columns("PHA_PRS_C13")},
        columns("DCT_ORD_NUM PRS_ORD_NUM"),
        why="French medicines have a CIP13 that starts with 340",
    ),
    Rule(
        33,
        "pharmacy lines are worth their boxes",
        f"""(SELECT p.DCT_ORD_NUM, p.PRS_ORD_NUM, N(p.BSE_REM_BSE) AS base, N(p.RGO_REM_TAU) AS rate,
            sum(N(h.PHA_ACT_QSN) * N(h.PHA_ACT_PRU)) AS worth
            FROM ER_PRS_F p JOIN ER_PHA_F h USING ({_K9}) GROUP BY ALL)""",
        "rate > 0 AND abs(base - worth) > 0.011",
        {
            "ER_PRS_F": columns(_K9.replace(",", "") + " BSE_REM_BSE RGO_REM_TAU"),
            "ER_PHA_F": columns(_K9.replace(",", "") + " PHA_ACT_QSN PHA_ACT_PRU"),
        },
        columns("DCT_ORD_NUM PRS_ORD_NUM"),
        why="the base of a pharmacy line is the sum of quantity times price of its medicines",
    ),
)
