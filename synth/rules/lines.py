"""More rules of the claims (DCIR): codes, surcharges, information lines, top-ups, details of acts and medicines."""

from __future__ import annotations

from synth.rules.rule import Rule, Severity, columns

_LINE = columns("DCT_ORD_NUM PRS_ORD_NUM FLX_TRT_DTD")
_K9 = columns(
    "DCT_ORD_NUM FLX_DIS_DTD FLX_EMT_NUM FLX_EMT_ORD FLX_EMT_TYP FLX_TRT_DTD ORG_CLE_NUM PRS_ORD_NUM REM_TYP_AFF"
)
_JOIN = f"USING ({', '.join(_K9)})"
DOCTOR, PHARMACY, LABORATORY, NURSE, PHYSIOTHERAPIST = "1", "2", "3", "6", "7"
DEAREST_ACT, DEAREST_BOX = 20_000, 150_000


def _prs(number: int, name: str, broken: str, needs: str, why: str, allowed: float = 0.0) -> Rule:
    severity: Severity = "soft" if allowed else "hard"
    return Rule(number, name, "ER_PRS_F", broken, {"ER_PRS_F": columns(needs)}, _LINE, severity, allowed, why)


def _one(number: int, table: str, name: str, broken: str, needs: str, why: str, allowed: float = 0.0) -> Rule:
    severity: Severity = "soft" if allowed else "hard"
    return Rule(number, name, table, broken, {table: columns(needs)}, _LINE[:2], severity, allowed, why)


def _detail(
    number: int, table: str, name: str, broken: str, line: str, own: str, why: str, allowed: float = 0.0
) -> Rule:
    """A rule of the lines of ER_PRS_F (p) joined to those of a detail table (d)."""
    needs = {"ER_PRS_F": (*_K9, *columns(line)), table: (*_K9, *columns(own))}
    severity: Severity = "soft" if allowed else "hard"
    return Rule(number, name, f"ER_PRS_F p JOIN {table} d {_JOIN}", broken, needs, _LINE, severity, allowed, why)


def _performer(natures: tuple[int, ...], digit: str, who: str) -> Rule:
    return _prs(
        18,
        f"numbers of {who}",
        f"N(PRS_NAT_REF) IN {natures} AND length(S(PFS_EXE_NUM)) = 8 AND S(PFS_EXE_NUM) <> '00000000'"
        f" AND substr(S(PFS_EXE_NUM), 3, 1) <> '{digit}' AND substr(S(PFS_EXE_NUM), 3, 1) BETWEEN '0' AND '9'",
        "PRS_NAT_REF PFS_EXE_NUM",
        f"the third digit of the number of {who} is {digit} (numbers that are marked as invented have none)",
        allowed=0.02,
    )


_TOPPED = f"""(SELECT p.DCT_ORD_NUM, p.PRS_ORD_NUM, p.FLX_TRT_DTD, N(p.BSE_REM_BSE) AS base, N(p.BSE_REM_MNT) AS refund,
    N(p.RGO_REM_TAU) AS rate, N(d.ARO_REM_MNT) AS added, N(d.ARO_REM_TYP) AS type, N(p.RGM_COD) AS scheme
    FROM ER_PRS_F p JOIN ER_ARO_F d {_JOIN})"""
_ARO = {
    "ER_PRS_F": (*_K9, *columns("BSE_REM_BSE BSE_REM_MNT RGO_REM_TAU RGM_COD")),
    "ER_ARO_F": (*_K9, *columns("ARO_REM_MNT ARO_REM_TYP")),
}
_NET = """(SELECT BEN_NIR_PSA, BEN_RNG_GEM, PRS_NAT_REF, PFS_EXE_NUM, EXE_SOI_DTD, sum(N(PRS_ACT_QTE)) AS net
    FROM ER_PRS_F GROUP BY ALL)"""

LINES = (
    _prs(
        3,
        "month of the end of care",
        "S(EXE_SOI_AMF) <> strftime(D(EXE_SOI_DTF), '%Y%m')",
        "EXE_SOI_AMF EXE_SOI_DTF",
        "EXE_SOI_AMF is the month of EXE_SOI_DTF",
    ),
    _prs(
        4,
        "no care after the death the line tells",
        "year(D(BEN_DCD_DTE)) > 1600 AND D(EXE_SOI_DTD) > D(BEN_DCD_DTE)",
        "BEN_DCD_DTE EXE_SOI_DTD",
        "care precedes death",
    ),
    _prs(
        4,
        "deaths known once they happened",
        "year(D(BEN_DCD_DTE)) > 1600 AND D(FLX_TRT_DTD) < D(BEN_DCD_DTE)",
        "BEN_DCD_DTE FLX_TRT_DTD",
        "a line tells a death only when it is settled after it",
    ),
    _prs(
        5,
        "archived years",
        "CASE WHEN FILE_YEAR > 0 THEN year(D(FLX_DIS_DTD)) <> FILE_YEAR ELSE year(D(FLX_DIS_DTD)) < 2013 END",
        "FLX_DIS_DTD",
        "current tables start in 2013; an archived table holds the months of its year",
    ),
    _prs(
        8,
        "scheme of the self-employed",
        "N(RGM_GRG_COD) = 3 AND year(D(EXE_SOI_DTD)) NOT BETWEEN 2009 AND 2020",
        "RGM_GRG_COD EXE_SOI_DTD",
        "the self-employed have a scheme of their own from 2009 until it joined the general one",
        allowed=0.01,
    ),
    _prs(
        9,
        "absent dates",
        " OR ".join(
            f"(year(D({name})) < 1900 AND D({name}) NOT IN (DATE '1600-01-01', DATE '0001-01-01'))"
            for name in ("PRE_PRE_DTD", "BEN_DCD_DTE", "EXE_SOI_DTD")
        ),
        "PRE_PRE_DTD BEN_DCD_DTE EXE_SOI_DTD",
        "an absent date is 1600-01-01 (or 0001-01-01)",
    ),
    _prs(
        11,
        "sex",
        "N(BEN_SEX_COD) IS NULL OR N(BEN_SEX_COD) NOT IN (0, 1, 2, 9)",
        "BEN_SEX_COD",
        "1 men, 2 women, 0 or 9 unknown",
    ),
    _prs(
        15,
        "commune",
        "BEN_RES_COM IS NOT NULL AND length(S(BEN_RES_COM)) <> 3",
        "BEN_RES_COM",
        "communes have three characters within their departement",
    ),
    _performer((1111, 1112), DOCTOR, "doctors"),
    _performer((3311, 3312, 3313, 3341), PHARMACY, "pharmacies"),
    _performer((3211,), LABORATORY, "laboratories"),
    _performer((3111, 3112), NURSE, "nurses"),
    _performer((3122, 3125), PHYSIOTHERAPIST, "physiotherapists"),
    _prs(
        23,
        "outside the coordinated pathway",
        "(N(RGO_MOD_MNT) > 0 AND N(RGO_REM_TAU) NOT IN (30, 40)) OR "
        "(N(CPL_AFF_COD) = 24 AND abs(N(CPL_REM_MNT)) > 10.605)",
        "RGO_MOD_MNT RGO_REM_TAU CPL_AFF_COD CPL_REM_MNT",
        "30 % (40 % in Alsace-Moselle), or a deferred line of 10.60 euros at most",
    ),
    Rule(
        24,
        "net quantities",
        _NET,
        "net < 0",
        {"ER_PRS_F": columns("BEN_NIR_PSA BEN_RNG_GEM PRS_NAT_REF PFS_EXE_NUM EXE_SOI_DTD PRS_ACT_QTE")},
        columns("BEN_NIR_PSA EXE_SOI_DTD PRS_NAT_REF"),
        why="a cancellation takes back no more than was booked",
    ),
    _prs(
        24,
        "signs of a cancelled line",
        "N(PRS_ACT_QTE) < 0 AND (N(BSE_REM_MNT) > 0 OR N(PRS_PAI_MNT) > 0)",
        "PRS_ACT_QTE BSE_REM_MNT PRS_PAI_MNT",
        "negative quantities have negative amounts",
    ),
    _prs(
        25,
        "participations are spending",
        "N(CPL_AFF_COD) = 16 AND N(DPN_QLF) <> 0",
        "CPL_AFF_COD DPN_QLF",
        "participation lines have DPN_QLF = 0",
    ),
    _detail(
        25,
        "ER_ETE_F",
        "information lines are those of public hospitals",
        "N(p.DPN_QLF) IN (71, 72) AND N(d.ETE_IND_TAA) <> 1",
        "DPN_QLF",
        "ETE_IND_TAA",
        "what is told for information is care that a public hospital does not bill",
    ),
    _one(
        26,
        "ER_ETE_F",
        "billing of hospitals",
        "N(ETE_IND_TAA) IS NULL OR N(ETE_IND_TAA) NOT IN (0, 1, 2)",
        "ETE_IND_TAA DCT_ORD_NUM PRS_ORD_NUM",
        "0, 1 or 2, never empty",
    ),
    _prs(
        28,
        "pharmacy by rate",
        "N(BSE_REM_BSE) > 0 AND ((N(PRS_NAT_REF) = 3311 AND N(RGO_REM_TAU) < 100) OR (N(PRS_NAT_REF) = 3313 AND "
        "N(RGO_REM_TAU) < 60) OR (N(PRS_NAT_REF) = 3312 AND N(RGO_REM_TAU) < 30))",
        "PRS_NAT_REF RGO_REM_TAU BSE_REM_BSE",
        "3311 is refunded at 100 %, 3313 at 65 or more, 3312 at 30 or more",
    ),
    Rule(
        28,
        "medicines of hospitals have their code",
        f"ER_PRS_F p LEFT JOIN (SELECT DISTINCT {', '.join(_K9)}, 1 AS there FROM ER_UCD_F) d {_JOIN}",
        "N(p.PRS_NAT_REF) = 3317 AND d.there IS NULL",
        {"ER_PRS_F": (*_K9, "PRS_NAT_REF"), "ER_UCD_F": _K9},
        _LINE,
        "soft",
        0.001,
        "what hospital pharmacies dispense is told in ER_UCD_F",
    ),
    _prs(
        29,
        "refund within the base",
        "N(BSE_REM_SGN) > 0 AND N(BSE_REM_MNT) > N(BSE_REM_BSE) + 0.005",
        "BSE_REM_SGN BSE_REM_MNT BSE_REM_BSE",
        "no more is refunded than the base",
    ),
    _prs(
        31,
        "C2S and its contract",
        "S(BEN_CMU_TOP) = '1' AND N(BEN_CTA_TYP) <> 89",
        "BEN_CMU_TOP BEN_CTA_TYP",
        "holders of C2S have the contract type 89",
    ),
    Rule(
        31,
        "C2S tops up to 100 %",
        _TOPPED,
        "type IN (5, 6) AND abs(refund + added - base) > 0.011",
        _ARO,
        _LINE,
        "soft",
        0.001,
        "refund and C2S make the base",
    ),
    Rule(
        32,
        "Alsace-Moselle tops up",
        _TOPPED,
        "type = 4 AND base > 0 AND refund + added > base + 0.011",
        _ARO,
        _LINE,
        "soft",
        0.001,
        "refund and local scheme make no more than the base",
    ),
    Rule(
        32,
        "state medical aid",
        _TOPPED,
        "type = 7 AND scheme NOT IN (95, 96)",
        _ARO,
        _LINE,
        why="part 7 is paid for holders of the state medical aid alone",
    ),
    _one(
        33,
        "ER_PHA_F",
        "medicines given by the unit",
        "S(PHA_DEC_TOP) = 'D' AND N(PHA_ACT_PRU) > 0",
        "PHA_DEC_TOP PHA_ACT_PRU DCT_ORD_NUM PRS_ORD_NUM",
        "the price of a box is empty when units are sold",
    ),
    _one(
        33,
        "ER_PHA_F",
        "price of a box",
        f"N(PHA_ACT_PRU) NOT BETWEEN 0 AND {DEAREST_BOX}",
        "PHA_ACT_PRU DCT_ORD_NUM PRS_ORD_NUM",
        "prices are those of medicines",
    ),
    _one(
        34,
        "ER_CAM_F",
        "price of an act",
        f"N(CAM_ACT_PRU) NOT BETWEEN 0 AND {DEAREST_ACT}",
        "CAM_ACT_PRU DCT_ORD_NUM PRS_ORD_NUM",
        "prices are those of acts",
    ),
    _detail(
        35,
        "ER_TIP_F",
        "device lines are worth their devices",
        "N(d.TIP_ACT_PRU) > 0 AND N(p.RGO_REM_TAU) > 0 AND N(p.BSE_REM_BSE) <> 0 AND "
        "abs(N(p.BSE_REM_BSE) - N(d.TIP_ACT_QSN) * N(d.TIP_ACT_PRU)) > 0.011",
        "BSE_REM_BSE RGO_REM_TAU",
        "TIP_ACT_QSN TIP_ACT_PRU",
        "the base of a device line is quantity times price",
        allowed=0.07,
    ),
    _prs(
        36,
        "daily charge of hospitals",
        "N(PRS_NAT_REF) IN (2251, 2252) AND year(D(EXE_SOI_DTD)) >= 2018 AND N(BSE_REM_PRU) NOT IN (0, 15, 20)",
        "PRS_NAT_REF EXE_SOI_DTD BSE_REM_PRU",
        "20 euros a day since 2018, 15 in psychiatry",
    ),
)
