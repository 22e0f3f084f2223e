"""Rules of hospital stays (PMSI MCO), over all the years given."""

from __future__ import annotations

from collections.abc import Mapping

from synth.rules.rule import Rule, Severity, columns

_KEY = columns("ETA_NUM RSA_NUM")
_BC = "T_MCOaaB b JOIN T_MCOaaC c USING (FILE_YEAR, ETA_NUM, RSA_NUM)"


def _b(number: int, name: str, broken: str, needs: str, why: str, allowed: float = 0.0) -> Rule:
    severity: Severity = "soft" if allowed else "hard"
    return Rule(number, name, "T_MCOaaB", broken, {"T_MCOaaB": columns(needs)}, _KEY, severity, allowed, why)


def _bc(number: int, name: str, broken: str, b: str, c: str, why: str, allowed: float = 0.0) -> Rule:
    needs: Mapping[str, tuple[str, ...]] = {"T_MCOaaB": (*_KEY, *columns(b)), "T_MCOaaC": (*_KEY, *columns(c))}
    return Rule(number, name, _BC, broken, needs, _KEY, "soft" if allowed else "hard", allowed, why)


def _counted(table: str, column: str) -> Rule:
    rows = f"""(SELECT b.ETA_NUM, b.RSA_NUM, N(b.{column}) AS told, coalesce(t.n, 0) AS found FROM T_MCOaaB b LEFT JOIN
        (SELECT FILE_YEAR, ETA_NUM, RSA_NUM, count(*) AS n FROM {table} GROUP BY ALL) t
        USING (FILE_YEAR, ETA_NUM, RSA_NUM))"""
    needs = {"T_MCOaaB": (*_KEY, column), table: _KEY}
    return Rule(41, f"{column} counts {table}", rows, "told <> found", needs, _KEY, why="counts are those of the rows")


STAYS = (
    _bc(
        6,
        "filed by discharge",
        "N(b.SOR_ANN) <> year(D(c.EXE_SOI_DTF)) OR N(b.SOR_MOI) <> month(D(c.EXE_SOI_DTF))",
        "SOR_ANN SOR_MOI",
        "EXE_SOI_DTF",
        "year and month of discharge are those of EXE_SOI_DTF",
    ),
    _bc(
        40,
        "nights",
        "N(b.SEJ_NBJ) <> date_diff('day', D(c.EXE_SOI_DTD), D(c.EXE_SOI_DTF))",
        "SEJ_NBJ",
        "EXE_SOI_DTD EXE_SOI_DTF",
        "SEJ_NBJ counts the nights between entry and discharge",
    ),
    Rule(
        41,
        "every stay has its patient",
        "T_MCOaaB b LEFT JOIN T_MCOaaC c USING (FILE_YEAR, ETA_NUM, RSA_NUM)",
        "c.RSA_NUM IS NULL",
        {"T_MCOaaB": _KEY, "T_MCOaaC": _KEY},
        _KEY,
        why="B and C hold the same stays",
    ),
    _counted("T_MCOaaD", "NBR_DGN"),
    _counted("T_MCOaaA", "NBR_ACT"),
    _counted("T_MCOaaUM", "NBR_RUM"),
    _b(
        16,
        "diagnoses",
        "S(DGN_PAL) LIKE '%.%' OR length(S(DGN_PAL)) NOT BETWEEN 3 AND 6",
        "DGN_PAL",
        "ICD-10 without a dot, three to six characters",
    ),
    _b(
        42,
        "related diagnosis",
        "DGN_REL IS NOT NULL AND S(DGN_REL) <> '' AND S(DGN_PAL) NOT LIKE 'Z%'",
        "DGN_REL DGN_PAL",
        "a related diagnosis comes with a Z code only",
    ),
    Rule(
        42,
        "associated diagnoses differ",
        "T_MCOaaD d JOIN T_MCOaaB b USING (FILE_YEAR, ETA_NUM, RSA_NUM)",
        "S(d.ASS_DGN) = S(b.DGN_PAL)",
        {"T_MCOaaD": (*_KEY, "ASS_DGN"), "T_MCOaaB": (*_KEY, "DGN_PAL")},
        _KEY,
        why="associated diagnoses do not repeat the principal one",
    ),
    _b(
        43,
        "age in days or years",
        "(AGE_ANN IS NULL) = (AGE_JOU IS NULL)",
        "AGE_ANN AGE_JOU",
        "days below one year, years from then on",
    ),
    _b(43, "age in days", "N(AGE_JOU) NOT BETWEEN 0 AND 366", "AGE_JOU", "0 to 366"),
    _b(38, "error groups", "S(GRG_GHM) LIKE '90%'", "GRG_GHM", "few stays end in an error group", allowed=0.01),
    _b(
        45,
        "deliveries",
        "S(DGN_PAL) LIKE 'O8%' AND (S(COD_SEX) <> '2' OR N(AGE_ANN) NOT BETWEEN 12 AND 55)",
        "DGN_PAL COD_SEX AGE_ANN",
        "women of 12 to 55 years give birth",
    ),
    _b(45, "weight at birth", "N(POI_NAI) < 500", "POI_NAI", "newborns weigh 500 g or more"),
    _b(
        55,
        "sex of diagnoses",
        """(S(COD_SEX) = '1' AND regexp_matches(S(DGN_PAL), '^(O|C5[1-8]|D2[5-7]|N7[0-7]|N8[0-9]|N9[0-8])'))
        OR (S(COD_SEX) = '2' AND regexp_matches(S(DGN_PAL), '^(C6[0-3]|D29|N4[0-9]|N50|N51)'))""",
        "COD_SEX DGN_PAL",
        "diagnoses of one sex",
    ),
    Rule(
        37,
        "return codes",
        "T_MCOaaC",
        "S(NIR_RET) <> '0' OR S(NAI_RET) <> '0' OR S(SEX_RET) <> '0' OR S(SEJ_RET) <> '0' OR S(DAT_RET) <> '0'",
        {"T_MCOaaC": columns("NIR_RET NAI_RET SEX_RET SEJ_RET DAT_RET")},
        _KEY,
        "soft",
        0.08,
        "a few percent of stays are not linked for sure",
    ),
    Rule(
        44,
        "deaths in hospital",
        f"{_BC} JOIN (SELECT BEN_NIR_PSA, max(D(BEN_DCD_DTE)) AS death FROM IR_BEN_R GROUP BY 1) i"
        " ON c.NIR_ANO_17 = i.BEN_NIR_PSA",
        "S(b.SOR_MOD) = '9' AND abs(date_diff('day', D(c.EXE_SOI_DTF), i.death)) > 1",
        {
            "T_MCOaaB": (*_KEY, "SOR_MOD"),
            "T_MCOaaC": (*_KEY, *columns("NIR_ANO_17 EXE_SOI_DTF")),
            "IR_BEN_R": columns("BEN_NIR_PSA BEN_DCD_DTE"),
        },
        _KEY,
        "soft",
        0.01,
        "discharge by death is on the day of death, give or take one",
    ),
)
