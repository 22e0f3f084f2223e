"""Rules of the other fields of hospitals: rehabilitation (SSR), home care (HAD), psychiatry (RIM-P).

Numbers of stays hold within one yearly file: tables are joined within the file's year.
"""

from __future__ import annotations

from synth.rules.rule import Rule, Severity, columns

_SSR = columns("ETA_NUM RHA_NUM")
_WEEK = columns("ETA_NUM RHA_NUM RHS_NUM")
_HAD = columns("ETA_NUM_EPMSI RHAD_NUM")
_PART = columns("ETA_NUM_EPMSI RHAD_NUM SEQ_NUM SSEQ_NUM")
_RIP = columns("ETA_NUM_EPMSI RIP_NUM")
_SEQUENCE = columns("ETA_NUM_EPMSI RIP_NUM SEQ_SEQ_NUM")
_MCO = columns("ETA_NUM RSA_NUM")
_FIELDS = (("SSR", _SSR, "B"), ("HAD", _HAD, "B"), ("RIP", _RIP, "RSA"))
_DATES = columns("EXE_SOI_DTD EXE_SOI_DTF")
_CODES = columns("NIR_RET NAI_RET SEX_RET SEJ_RET FHO_RET PMS_RET DAT_RET COH_NAI_RET COH_SEX_RET")


def _one(
    number: int, table: str, name: str, broken: str, needs: str, key: tuple[str, ...], why: str, allowed: float = 0.0
) -> Rule:
    severity: Severity = "soft" if allowed else "hard"
    return Rule(number, name, table, broken, {table: columns(needs)}, key, severity, allowed, why)


def _using(key: tuple[str, ...]) -> str:
    return f"USING (FILE_YEAR, {', '.join(key)})"


def _counted(parent: str, column: str, child: str, key: tuple[str, ...]) -> Rule:
    """A column counts the rows of another table."""
    names = ", ".join(key)
    rows = f"""(SELECT FILE_YEAR, {names}, N(p.{column}) AS told, coalesce(t.n, 0) AS found FROM {parent} p LEFT JOIN
        (SELECT FILE_YEAR, {names}, count(*) AS n FROM {child} GROUP BY ALL) t {_using(key)})"""
    needs = {parent: (*key, column), child: key}
    return Rule(41, f"{column} counts {child}", rows, "told <> found", needs, key, why="counts are those of the rows")


def _length(table: str, column: str, linked: str, key: tuple[str, ...], extra: int, when: str = "TRUE") -> Rule:
    rows = f"{table} s JOIN {linked} c {_using(key)}"
    broken = f"{when} AND N(s.{column}) <> date_diff('day', D(c.EXE_SOI_DTD), D(c.EXE_SOI_DTF)) + {extra}"
    used = (*key, column) if when == "TRUE" else (*key, column, "SEJ_FINI")
    why = "days from entry to exit" + (", both included" if extra else "")
    return Rule(46, f"{column} of {table}", rows, broken, {table: used, linked: (*key, *_DATES)}, key, why=why)


def _of_field(field: str, key: tuple[str, ...], detail: str) -> tuple[Rule, ...]:
    """Rules that hold in each field: links, return codes, and how stays end."""
    return (*_held(field, key, detail), *_ended(field, key))


def _held(field: str, key: tuple[str, ...], detail: str) -> tuple[Rule, ...]:
    """The tables of a field hold the same stays, linked to persons."""
    c, s, b = f"T_{field}aaC", f"T_{field}aaS", f"T_{field}aa{detail}"
    return (
        Rule(
            41,
            f"every row of {b} has its patient",
            f"{b} b LEFT JOIN (SELECT FILE_YEAR, {', '.join(key)}, TRUE AS linked FROM {c}) c {_using(key)}",
            "linked IS NULL",
            {b: key, c: key},
            key,
            why="C holds every stay of the file",
        ),
        Rule(
            41,
            f"{s} and {c} hold the same stays",
            f"(SELECT FILE_YEAR, {', '.join(key)}, TRUE AS summed FROM {s}) s FULL JOIN"
            f" (SELECT FILE_YEAR, {', '.join(key)}, TRUE AS linked FROM {c}) c {_using(key)}",
            "summed IS NULL OR linked IS NULL",
            {s: key, c: key},
            key,
            why="one row a stay in both",
        ),
        Rule(
            37,
            f"return codes of {field}",
            c,
            " OR ".join(f"S({code}) <> '0'" for code in _CODES),
            {c: _CODES},
            key,
            "soft",
            0.08,
            "a few percent of stays are not linked for sure",
        ),
    )


def _ended(field: str, key: tuple[str, ...]) -> tuple[Rule, ...]:
    """Stays of a field end after they start and before death, in a mode that says where to."""
    c, s = f"T_{field}aaC", f"T_{field}aaS"
    person = "(SELECT BEN_NIR_PSA, max(D(BEN_DCD_DTE)) AS death FROM IR_BEN_R GROUP BY 1) i"
    linked = f"{c} c JOIN {person} ON c.NIR_ANO_17 = i.BEN_NIR_PSA"
    born = {"IR_BEN_R": columns("BEN_NIR_PSA BEN_DCD_DTE")}
    return (
        _one(
            3,
            c,
            f"stays of {field} end after they start",
            "D(EXE_SOI_DTD) > D(EXE_SOI_DTF)",
            "EXE_SOI_DTD EXE_SOI_DTF",
            key,
            "start <= end; no end while the stay goes on",
        ),
        Rule(
            4,
            f"no stay of {field} after death",
            linked,
            "year(i.death) > 1600 AND (D(c.EXE_SOI_DTD) > i.death OR D(c.EXE_SOI_DTF) > i.death + INTERVAL 1 DAY)",
            {c: (*key, "NIR_ANO_17", *_DATES), **born},
            key,
            why="care ends at death",
        ),
        Rule(
            44,
            f"deaths in {field}",
            f"{s} s JOIN {c} c {_using(key)} JOIN {person} ON c.NIR_ANO_17 = i.BEN_NIR_PSA",
            "S(s.SOR_MOD) = '9' AND abs(date_diff('day', D(c.EXE_SOI_DTF), i.death)) > 1",
            {s: (*key, "SOR_MOD"), c: (*key, "NIR_ANO_17", "EXE_SOI_DTF"), **born},
            key,
            "soft",
            0.01,
            "exit by death is on the day of death, give or take one",
        ),
        _one(
            44,
            s,
            f"modes of {field}",
            "S(ENT_MOD) NOT IN ('0', '6', '7', '8') OR S(SOR_MOD) NOT IN ('0', '6', '7', '8', '9')"
            " OR (S(ENT_MOD) IN ('6', '7') AND (ENT_PRV IS NULL OR S(ENT_PRV) = ''))"
            " OR (S(SOR_MOD) IN ('6', '7') AND (SOR_DES IS NULL OR S(SOR_DES) = ''))",
            "ENT_MOD ENT_PRV SOR_MOD SOR_DES",
            key,
            "8 home, 6 or 7 from or to another unit, which is told, 9 death",
        ),
    )


def _transfer(field: str, key: tuple[str, ...], destination: str) -> tuple[Rule, Rule]:
    """Transfers between short stays and a field are told on both sides, on the same day."""
    c, s = f"T_{field}aaC", f"T_{field}aaS"
    short = "T_MCOaaB b JOIN T_MCOaaC m USING (FILE_YEAR, ETA_NUM, RSA_NUM)"
    needs = {
        "T_MCOaaB": (*_MCO, "SOR_MOD", "SOR_DES"),
        "T_MCOaaC": (*_MCO, "NIR_ANO_17", *_DATES),
        c: (*key, "NIR_ANO_17", *_DATES),
    }
    names = ", ".join(key)
    from_short = f"""(SELECT ETA_NUM, RSA_NUM, bool_or(abs(date_diff('day', left_on, begins)) <= 1) AS met
        FROM (SELECT m.FILE_YEAR AS y, ETA_NUM, RSA_NUM, m.NIR_ANO_17 AS who, D(m.EXE_SOI_DTF) AS left_on FROM {short}
            WHERE S(b.SOR_MOD) IN ('6', '7') AND S(b.SOR_DES) = '{destination}')
        LEFT JOIN (SELECT NIR_ANO_17 AS who, D(EXE_SOI_DTD) AS begins FROM {c}) USING (who)
        GROUP BY y, ETA_NUM, RSA_NUM)"""
    to_field = f"""(SELECT {names}, bool_or(abs(date_diff('day', left_on, begins)) <= 1) AS met
        FROM (SELECT FILE_YEAR, {names}, c.NIR_ANO_17 AS who, D(c.EXE_SOI_DTD) AS begins
            FROM {s} s JOIN {c} c {_using(key)}
            WHERE S(s.ENT_MOD) IN ('6', '7') AND S(s.ENT_PRV) = '1')
        LEFT JOIN (SELECT NIR_ANO_17 AS who, D(EXE_SOI_DTF) AS left_on FROM T_MCOaaC) USING (who)
        GROUP BY FILE_YEAR, {names})"""
    lost = "met IS NULL OR NOT met"
    why = "who is transferred enters on the day of discharge (a few lie outside the years at hand)"
    arrival = {
        s: (*key, "ENT_MOD", "ENT_PRV"),
        c: (*key, "NIR_ANO_17", *_DATES),
        "T_MCOaaC": columns("NIR_ANO_17 EXE_SOI_DTF"),
    }
    return (
        Rule(44, f"sent to {field}", from_short, lost, needs, _MCO, "soft", 0.05, why),
        Rule(44, f"come to {field} from a short stay", to_field, lost, arrival, key, "soft", 0.05, why),
    )


SECTORS: tuple[Rule, ...] = (
    *(rule for field, key, detail in _FIELDS for rule in _of_field(field, key, detail)),
    *_transfer("SSR", _SSR, "2"),
    *_transfer("HAD", _HAD, "6"),
    *_transfer("RIP", _RIP, "4"),
    _length("T_SSRaaS", "SEJ_NBJ", "T_SSRaaC", _SSR, 0),
    _length("T_HADaaS", "SEJ_NBJ", "T_HADaaC", _HAD, 1),
    _length("T_RIPaaS", "SEJ_DUREE", "T_RIPaaC", _RIP, 0, "S(s.SEJ_FINI) = '1'"),
    _counted("T_SSRaaS", "NBR_RHA", "T_SSRaaB", _SSR),
    _counted("T_SSRaaB", "NBR_DGN", "T_SSRaaD", _WEEK),
    _counted("T_SSRaaB", "NBR_CSARR", "T_SSRaaCSARR", _WEEK),
    _counted("T_HADaaB", "NBR_DGN", "T_HADaaD", _PART),
    _counted("T_HADaaB", "NBR_DGN_MPP", "T_HADaaDMPP", _PART),
    _counted("T_RIPaaRSA", "NBR_DGN", "T_RIPaaRSAD", _SEQUENCE),
    _one(
        6,
        "T_SSRaaB",
        "weeks of the year, or of the year before",
        "FILE_YEAR > 0 AND N(right(S(MOI_ANN), 4)) NOT IN (FILE_YEAR, FILE_YEAR - 1)",
        "MOI_ANN",
        _WEEK,
        "an open stay repeats the weeks of the year before, no older ones",
    ),
    _one(
        6,
        "T_HADaaB",
        "sub-sequences of the year",
        "FILE_YEAR > 0 AND N(SOR_ANN_SSEQ) <> FILE_YEAR",
        "SOR_ANN_SSEQ",
        _PART,
        "a sub-sequence is filed by its last day",
    ),
    _one(
        6,
        "T_RIPaaRSA",
        "sequences of the year",
        "FILE_YEAR > 0 AND N(SEQ_FIN_ANN) <> FILE_YEAR",
        "SEQ_FIN_ANN",
        _SEQUENCE,
        "a sequence is filed by its last day",
    ),
    Rule(
        41,
        "days of presence",
        f"""(SELECT FILE_YEAR, ETA_NUM, RHA_NUM, N(s.PRE_JOU_NBR) AS told, coalesce(t.n, 0) AS found
        FROM T_SSRaaS s LEFT JOIN (SELECT FILE_YEAR, ETA_NUM, RHA_NUM,
        sum(length(replace(S(JP_HWE) || S(JP_WE), '0', ''))) AS n FROM T_SSRaaB GROUP BY ALL) t {_using(_SSR)})""",
        "told <> found",
        {"T_SSRaaS": (*_SSR, "PRE_JOU_NBR"), "T_SSRaaB": (*_SSR, "JP_HWE", "JP_WE")},
        _SSR,
        why="PRE_JOU_NBR counts the days marked in the weeks of the file",
    ),
    _one(
        41,
        "T_RIPaaRSA",
        "presence within a sequence",
        "N(PRE_JOU_NBJ) > N(SEQ_COU_NBJ) OR N(THE_ISO_NBJ) > N(SEQ_COU_NBJ)",
        "PRE_JOU_NBJ SEQ_COU_NBJ THE_ISO_NBJ",
        _SEQUENCE,
        "days of presence and of isolation are among the days covered",
    ),
    _one(
        16,
        "T_SSRaaB",
        "diagnoses of rehabilitation",
        "S(MOR_PRP) LIKE '%.%' OR length(S(MOR_PRP)) NOT BETWEEN 3 AND 6 OR S(ETL_AFF) LIKE '%.%'",
        "MOR_PRP ETL_AFF",
        _WEEK,
        "ICD-10 without a dot, three to six characters",
    ),
    Rule(
        38,
        "error groups of rehabilitation",
        "(SELECT FILE_YEAR, ETA_NUM, RHA_NUM, bool_or(S(GRG_GME) LIKE '90%') AS wrong FROM T_SSRaaB GROUP BY ALL)",
        "wrong",
        {"T_SSRaaB": (*_SSR, "GRG_GME")},
        _SSR,
        "soft",
        0.02,
        "few stays end in an error group",
    ),
    _one(
        38,
        "T_HADaaGRP",
        "error groups of home care",
        "S(GHT_NUM) = '99'",
        "GHT_NUM",
        _PART,
        "few are not grouped",
        0.02,
    ),
    *(
        _one(
            43,
            table,
            f"age in days or years, {table}",
            "(AGE_ANN IS NULL) = (AGE_JOU IS NULL)",
            "AGE_ANN AGE_JOU",
            key,
            "days below one year, years from then on",
        )
        for table, key in (("T_HADaaB", _PART), ("T_RIPaaRSA", _SEQUENCE))
    ),
    _one(
        55,
        "T_HADaaB",
        "sex in home care",
        "S(COD_SEX) = '1' AND (S(PEC_PAL) IN ('19', '21') OR S(DGN_PAL) LIKE 'O%')",
        "COD_SEX PEC_PAL DGN_PAL",
        _PART,
        "women are followed for a pregnancy or a birth",
    ),
)
