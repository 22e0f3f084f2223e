"""Rules of the bills of hospital stays (MCO): value, cover, invoices, costly medicines, and the DCIR beside them."""

from __future__ import annotations

from synth.rules.rule import Rule, columns

_MCO = columns("ETA_NUM RSA_NUM")
_ACE = columns("ETA_NUM SEQ_NUM")
_CENT = 0.015


def _one(number: int, table: str, name: str, broken: str, needs: str, why: str, key: tuple[str, ...] = _MCO) -> Rule:
    return Rule(number, name, table, broken, {table: (*key, *columns(needs))}, key, why=why)


def _sum(head: str, total: str, detail: str, column: str, key: tuple[str, ...]) -> Rule:
    """A total of an invoice's head is the sum of its lines."""
    names = ", ".join(key)
    rows = f"""(SELECT FILE_YEAR, {names}, N(h.{total}) AS told, coalesce(t.n, 0) AS found FROM {head} h LEFT JOIN
        (SELECT FILE_YEAR, {names}, sum(N({column})) AS n FROM {detail} GROUP BY ALL) t USING (FILE_YEAR, {names}))"""
    needs = {head: (*key, total), detail: (*key, column)}
    why = f"{total} is the sum of {column} over the lines"
    return Rule(47, f"{total} of {head}", rows, f"abs(told - found) > {_CENT}", needs, key, why=why)


def _known(table: str) -> Rule:
    rows = f"""{table} t LEFT JOIN (SELECT FILE_YEAR, ETA_NUM, RSA_NUM, TRUE AS stay FROM T_MCOaaB) b
        USING (FILE_YEAR, ETA_NUM, RSA_NUM)"""
    why = "a bill is that of a stay"
    return Rule(41, f"{table} tells of stays", rows, "stay IS NULL", {table: _MCO, "T_MCOaaB": _MCO}, _MCO, why=why)


BILLS: tuple[Rule, ...] = (
    *(_known(f"T_MCOaa{name}") for name in columns("VALO STC MED FA FB FC FM FH")),
    _one(47, "T_MCOaaVALO", "state of value", "S(VALO) NOT IN ('0', '1', '2', '3', '4', '5')", "VALO", "states 0 to 5"),
    Rule(
        47,
        "valued or invoiced",
        "T_MCOaaVALO JOIN (SELECT DISTINCT FILE_YEAR, ETA_NUM, RSA_NUM, TRUE AS invoiced FROM T_MCOaaFA)"
        " USING (FILE_YEAR, ETA_NUM, RSA_NUM)",
        "invoiced",
        {"T_MCOaaVALO": _MCO, "T_MCOaaFA": _MCO},
        _MCO,
        why="public stays are valued (VALO), private ones invoiced (FA)",
    ),
    Rule(
        47,
        "group of stays and their value",
        "T_MCOaaVALO v JOIN T_MCOaaB b USING (FILE_YEAR, ETA_NUM, RSA_NUM)",
        "S(v.GHS_NUM) <> S(b.GHS_NUM)",
        {"T_MCOaaVALO": (*_MCO, "GHS_NUM"), "T_MCOaaB": (*_MCO, "GHS_NUM")},
        _MCO,
        why="the GHS that is paid is that of the stay",
    ),
    _one(
        47,
        "T_MCOaaSTC",
        "cover of stays",
        "N(TOT_MNT_AM) > N(REM_BAS_MNT) OR N(TOT_MNT_AM) < 0 OR N(REM_TAU) NOT BETWEEN 0 AND 100",
        "TOT_MNT_AM REM_BAS_MNT REM_TAU",
        "the insurance pays no more than the base",
    ),
    _one(
        29,
        "T_MCOaaFB",
        "refund of private stays",
        f"abs(N(AMO_MNR) - N(REM_BAS) * N(REM_TAU) / 100) > {_CENT}",
        "AMO_MNR REM_BAS REM_TAU",
        "refund = base x rate",
    ),
    _one(
        29,
        "T_MCOaaFC",
        "refund of fees",
        f"abs(N(AMO_MNR) - N(REM_BAS) * N(REM_TAU) / 100) > {_CENT} OR N(HON_MNT) < N(REM_BAS)",
        "AMO_MNR REM_BAS REM_TAU HON_MNT",
        "refund = base x rate, and fees are not below the base",
    ),
    _sum("T_MCOaaFA", "HON_MNT", "T_MCOaaFC", "HON_MNT", _MCO),
    _sum("T_MCOaaFA", "HON_AM_MNR", "T_MCOaaFC", "AMO_MNR", _MCO),
    Rule(
        41,
        "T_MCOaaVALOACE tells of passages",
        """T_MCOaaVALOACE v LEFT JOIN (SELECT FILE_YEAR, ETA_NUM, SEQ_NUM, TRUE AS passage FROM T_MCOaaCSTC) c
        USING (FILE_YEAR, ETA_NUM, SEQ_NUM)""",
        "passage IS NULL",
        {"T_MCOaaVALOACE": _ACE, "T_MCOaaCSTC": _ACE},
        _ACE,
        why="a value is that of a passage",
    ),
    _sum("T_MCOaaFASTC", "PH_MNT", "T_MCOaaFBSTC", "HON_MNT", _ACE),
    *(
        _one(17, table, f"code of medicines, {table}", "length(S(UCD_UCD_COD)) <> 13", "UCD_UCD_COD", "13 characters")
        for table in ("T_MCOaaMED", "T_MCOaaFH")
    ),
    _one(
        17,
        "T_MCOaaMED",
        "costly medicines given",
        "N(ADM_NBR) <= 0 OR N(ADM_NBR_PRI) < 0 OR N(NBR_SEJ) < 1",
        "ADM_NBR ADM_NBR_PRI NBR_SEJ",
        "a number, a price and a stay",
    ),
    Rule(
        47,
        "private stays are in the DCIR",
        """(SELECT FILE_YEAR, ETA_NUM, RSA_NUM, bool_or(p.base IS NOT NULL) AS met FROM T_MCOaaFB f
        JOIN T_MCOaaC c USING (FILE_YEAR, ETA_NUM, RSA_NUM)
        LEFT JOIN (SELECT BEN_NIR_PSA AS who, D(EXE_SOI_DTF) AS left_on, N(BSE_REM_BSE) AS base FROM ER_PRS_F
            WHERE S(PRS_NAT_REF) = '2111') p
            ON p.who = c.NIR_ANO_17 AND p.left_on = D(c.EXE_SOI_DTF) AND abs(p.base - N(f.REM_BAS)) < 0.015
        WHERE S(f.ACT_COD) = 'GHS' GROUP BY ALL)""",
        "NOT met",
        {
            "T_MCOaaFB": (*_MCO, "ACT_COD", "REM_BAS"),
            "T_MCOaaC": (*_MCO, "NIR_ANO_17", "EXE_SOI_DTF"),
            "ER_PRS_F": columns("BEN_NIR_PSA EXE_SOI_DTF BSE_REM_BSE PRS_NAT_REF"),
        },
        _MCO,
        "soft",
        0.02,
        "a private stay has a line of the same base in the DCIR (a child may be there under another pseudonym)",
    ),
)
