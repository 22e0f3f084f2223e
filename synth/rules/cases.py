"""More rules of hospital stays (PMSI MCO): what a stay says of itself, of its patient, and of the acts it needs."""

from __future__ import annotations

from synth.rules.rule import Rule, Severity, columns

_KEY = columns("ETA_NUM RSA_NUM")
_USING = "USING (FILE_YEAR, ETA_NUM, RSA_NUM)"
_ONE_SEX = """(regexp_matches({code}, '^(O|C5[1-8]|D2[5-7]|N7[0-7]|N8[0-9]|N9[0-8])') AND {sex} = '1')
    OR (regexp_matches({code}, '^(C6[0-3]|D29|N4[0-9]|N50|N51)') AND {sex} = '2')"""
LONGEST = 1500
CODES = columns("NIR_RET NAI_RET SEX_RET IAS_RET ENT_DAT_RET")


def _b(number: int, name: str, broken: str, needs: str, why: str, allowed: float = 0.0) -> Rule:
    severity: Severity = "soft" if allowed else "hard"
    return Rule(number, name, "T_MCOaaB", broken, {"T_MCOaaB": (*_KEY, *columns(needs))}, _KEY, severity, allowed, why)


def _with(number: int, name: str, table: str, found: str, broken: str, needs: str, own: str, why: str) -> Rule:
    """A stay that must have a row of `table` where `found` holds; a row is told as `there`."""
    rows = f"""T_MCOaaB b LEFT JOIN (SELECT FILE_YEAR, ETA_NUM, RSA_NUM, 1 AS there FROM {table} WHERE {found}
        GROUP BY ALL) t {_USING}"""
    return Rule(
        number,
        name,
        rows,
        f"({broken}) AND t.there IS NULL",
        {"T_MCOaaB": (*_KEY, *columns(needs)), table: (*_KEY, *columns(own))},
        _KEY,
        "soft",
        0.01,
        why,
    )


_LIVES = """T_MCOaaC c JOIN (SELECT BEN_NIR_PSA, min(N(BEN_NAI_ANN)) AS born, max(D(BEN_DCD_DTE)) AS death FROM IR_BEN_R
    GROUP BY 1) i ON c.NIR_ANO_17 = i.BEN_NIR_PSA"""
_LIVES_NEEDS = {
    "T_MCOaaC": (*_KEY, *columns("NIR_ANO_17 EXE_SOI_DTD EXE_SOI_DTF")),
    "IR_BEN_R": columns("BEN_NIR_PSA BEN_NAI_ANN BEN_DCD_DTE"),
}
_TWICE = """(SELECT FILE_YEAR, NIR_ANO_17, EXE_SOI_DTD, GRG_GHM, count(DISTINCT S(ETA_NUM)) AS hospitals
    FROM T_MCOaaB b JOIN T_MCOaaC c USING (FILE_YEAR, ETA_NUM, RSA_NUM) GROUP BY ALL)"""

CASES = (
    Rule(
        4,
        "no stay before birth",
        _LIVES,
        "year(D(c.EXE_SOI_DTD)) < i.born",
        _LIVES_NEEDS,
        _KEY,
        why="stays follow birth",
    ),
    Rule(
        4,
        "no stay after death",
        _LIVES,
        "year(i.death) > 1600 AND D(c.EXE_SOI_DTD) > i.death",
        _LIVES_NEEDS,
        _KEY,
        why="stays precede death",
    ),
    _b(
        6,
        "file of the year of discharge",
        "FILE_YEAR > 0 AND N(SOR_ANN) <> FILE_YEAR",
        "SOR_ANN",
        "a yearly file holds the stays that ended in the year",
    ),
    Rule(
        37,
        "return codes of passages",
        "T_MCOaaCSTC",
        " OR ".join(f"S({name}) <> '0'" for name in CODES),
        {"T_MCOaaCSTC": CODES},
        CODES[:1],
        "soft",
        0.08,
        "a few percent of passages are not linked for sure",
    ),
    _b(38, "fake summaries", "S(TYP_GEN_RSA) <> '0'", "TYP_GEN_RSA", "few summaries are made up", allowed=0.02),
    _b(
        38,
        "services between hospitals",
        "S(SEJ_TYP) = 'B' OR S(ENT_MOD) = '0' OR S(SOR_MOD) = '0'",
        "SEJ_TYP ENT_MOD SOR_MOD",
        "few stays are given for another hospital",
        allowed=0.02,
    ),
    Rule(
        39,
        "stays told by one hospital",
        _TWICE,
        "hospitals > 1",
        {"T_MCOaaB": (*_KEY, "GRG_GHM"), "T_MCOaaC": (*_KEY, *columns("NIR_ANO_17 EXE_SOI_DTD"))},
        columns("NIR_ANO_17 EXE_SOI_DTD"),
        "soft",
        0.01,
        "up to 2017 some hospital groups told stays twice, under two numbers",
    ),
    _b(
        40,
        "sessions have no nights",
        "S(GRG_GHM) LIKE '28%' AND N(SEJ_NBJ) > 0",
        "GRG_GHM SEJ_NBJ",
        "sessions have no length",
    ),
    _b(
        40,
        "length of stays",
        f"N(SEJ_NBJ) NOT BETWEEN 0 AND {LONGEST}",
        "SEJ_NBJ",
        "stays have a sensible length",
        allowed=0.0001,
    ),
    _with(
        41,
        "principal diagnosis of a unit",
        "T_MCOaaUM",
        "DGN_PAL IS NOT NULL",
        "S(b.DGN_PAL) <> ''",
        "DGN_PAL",
        "DGN_PAL",
        "every stay has a unit that tells a diagnosis",
    ),
    Rule(
        41,
        "the diagnosis is that of a unit",
        f"""(SELECT b.FILE_YEAR, b.ETA_NUM, b.RSA_NUM, max((S(b.DGN_PAL) = S(u.DGN_PAL))::INT) AS same FROM T_MCOaaB b
        JOIN T_MCOaaUM u {_USING} GROUP BY ALL)""",
        "same = 0",
        {"T_MCOaaB": (*_KEY, "DGN_PAL"), "T_MCOaaUM": (*_KEY, "DGN_PAL")},
        _KEY,
        why="the principal diagnosis of a stay is that of one of its units",
    ),
    _b(
        42,
        "chemotherapy tells the cancer",
        "S(DGN_PAL) = 'Z511' AND (DGN_REL IS NULL OR NOT regexp_matches(S(DGN_REL), '^(C|D[0-4])'))",
        "DGN_PAL DGN_REL",
        "the related diagnosis of a chemotherapy session is the cancer",
        allowed=0.02,
    ),
    _b(
        44,
        "modes of entry and exit",
        "S(ENT_MOD) NOT IN ('0', '6', '7', '8', 'N', 'O') OR S(SOR_MOD) NOT IN ('0', '6', '7', '8', '9')",
        "ENT_MOD SOR_MOD",
        "8 home, 6 mutation, 7 transfer, 9 death, 0 service for another hospital",
    ),
    _with(
        45,
        "deliveries have an outcome",
        "T_MCOaaD",
        "S(ASS_DGN) LIKE 'Z37%'",
        "regexp_matches(S(b.DGN_PAL), '^O8[0-4]')",
        "DGN_PAL",
        "ASS_DGN",
        "a delivery has an associated diagnosis Z37",
    ),
    _with(
        45,
        "deliveries have an act",
        "T_MCOaaA",
        "regexp_matches(S(CDC_ACT), '^JQG[AD]')",
        "regexp_matches(S(b.DGN_PAL), '^O8[0-4]')",
        "DGN_PAL",
        "CDC_ACT",
        "a delivery has an act JQGA or JQGD",
    ),
    _with(
        45,
        "abortions have an act",
        "T_MCOaaA",
        "regexp_matches(S(CDC_ACT), '^JNJ[DP]')",
        "S(b.GRG_GHM) = '14Z08Z'",
        "GRG_GHM",
        "CDC_ACT",
        "an induced abortion has an act JNJD or JNJP",
    ),
    _b(
        45,
        "newborns are babies",
        "S(GRG_GHM) LIKE '15%' AND (AGE_JOU IS NULL OR N(AGE_JOU) > 120)",
        "GRG_GHM AGE_JOU",
        "groups of newborns are those of the first weeks of life",
        allowed=0.05,
    ),
    Rule(
        55,
        "sex of associated diagnoses",
        f"T_MCOaaD d JOIN T_MCOaaB b {_USING}",
        _ONE_SEX.format(code="S(d.ASS_DGN)", sex="S(b.COD_SEX)"),
        {"T_MCOaaD": (*_KEY, "ASS_DGN"), "T_MCOaaB": (*_KEY, "COD_SEX")},
        _KEY,
        why="diagnoses of one sex",
    ),
    Rule(
        55,
        "sex of acts",
        f"T_MCOaaA a JOIN T_MCOaaB b {_USING}",
        "(regexp_matches(S(a.CDC_ACT), '^(JQ|JN|JK|JL|JJ)') AND S(b.COD_SEX) = '1')"
        " OR (regexp_matches(S(a.CDC_ACT), '^(JG|JH)') AND S(b.COD_SEX) = '2')",
        {"T_MCOaaA": (*_KEY, "CDC_ACT"), "T_MCOaaB": (*_KEY, "COD_SEX")},
        _KEY,
        why="acts on organs of one sex",
    ),
    Rule(
        55,
        "sex of statuses",
        "IR_IMB_R i JOIN IR_BEN_R b USING (BEN_NIR_PSA, BEN_RNG_GEM)",
        _ONE_SEX.format(code="S(i.MED_MTF_COD)", sex="S(b.BEN_SEX_COD)"),
        {
            "IR_IMB_R": columns("BEN_NIR_PSA BEN_RNG_GEM MED_MTF_COD"),
            "IR_BEN_R": columns("BEN_NIR_PSA BEN_RNG_GEM BEN_SEX_COD"),
        },
        columns("BEN_NIR_PSA"),
        why="diagnoses of one sex",
    ),
    Rule(
        55,
        "sex of causes of death",
        "KI_CCI_R",
        _ONE_SEX.format(code="S(DCD_CIM_COD)", sex="S(BEN_SEX_COD)"),
        {"KI_CCI_R": columns("DCD_CIM_COD BEN_SEX_COD BEN_IDT_ANO")},
        columns("BEN_IDT_ANO"),
        why="causes of one sex",
    ),
)
