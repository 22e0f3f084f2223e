"""Rules of identifiers and codes: how they are written, and that those that name something name it."""

from __future__ import annotations

from synth.rules.rule import Rule, Severity, columns

_KINDS = "('00', '01', '03', '04', '05', '06', '08', '09', '11', '12', '13', '14', '15')"
_FICTITIOUS = "('01', '05', '06', '08', '09', '11', '12', '13', '14', '15')"


def _one(
    number: int,
    table: str,
    name: str,
    broken: str,
    needs: str,
    why: str,
    allowed: float = 0.0,
    key: str = "BEN_NIR_PSA",
) -> Rule:
    """A rule of the rows of one table; the key is needed too, since examples show it."""
    severity: Severity = "soft" if allowed else "hard"
    return Rule(number, name, table, broken, {table: columns(f"{needs} {key}")}, columns(key), severity, allowed, why)


def _known_hospital(table: str, column: str) -> Rule:
    known = "(SELECT DISTINCT S(IDE_ETA_NU8) AS known FROM BE_IDE_R)"
    return Rule(
        11,
        f"hospitals of {table} are known",
        f"{table} t LEFT JOIN {known} e ON S(t.{column}) = e.known",
        f"e.known IS NULL AND t.{column} IS NOT NULL AND S(t.{column}) NOT IN ('', '00000000')",
        {table: (column,), "BE_IDE_R": ("IDE_ETA_NU8",)},
        (column,),
        why="a hospital is one of BE_IDE_R",
    )


def _pmsi_person(table: str) -> Rule:
    return _one(
        12,
        table,
        f"pseudonyms of {table}",
        "NIR_ANO_17 IS NULL OR length(S(NIR_ANO_17)) <> 17",
        "NIR_ANO_17",
        "17 characters, the invalid ones too",
        key="NIR_ANO_17",
    )


FORMATS = (
    _one(
        9,
        "IR_BEN_R",
        "month of an absent death",
        "D(BEN_DCD_DTE) = DATE '1600-01-01' AND S(BEN_DCD_AME) NOT IN ('160001', '1600-01')",
        "BEN_DCD_DTE BEN_DCD_AME",
        "160001 when there is no death",
    ),
    _one(
        9,
        "IR_BEN_R",
        "absent dates of persons",
        "year(D(BEN_DCD_DTE)) < 1900 AND D(BEN_DCD_DTE) NOT IN (DATE '1600-01-01', DATE '0001-01-01')",
        "BEN_DCD_DTE",
        "an absent date is 1600-01-01 (or 0001-01-01)",
    ),
    _known_hospital("ER_ETE_F", "ETB_EXE_FIN"),
    _known_hospital("T_MCOaaE", "ETB_EXE_FIN"),
    _pmsi_person("T_MCOaaC"),
    _pmsi_person("T_MCOaaCSTC"),
    _one(
        12,
        "T_MCOaaC",
        "mothers of newborns",
        "NIR_ANO_MAM IS NOT NULL AND length(S(NIR_ANO_MAM)) NOT IN (0, 17, 32)",
        "NIR_ANO_MAM",
        "32 characters, blank when there is none",
        key="ETA_NUM RSA_NUM",
    ),
    _one(
        14,
        "IR_BEN_R",
        "kinds of identity numbers",
        f"BEN_CDI_NIR IS NOT NULL AND S(BEN_CDI_NIR) NOT IN {_KINDS}",
        "BEN_CDI_NIR",
        "00, 03 and 04 are real numbers, others provisional or fictitious",
    ),
    _one(
        14,
        "IR_BEN_R",
        "fictitious numbers have no person",
        f"S(BEN_CDI_NIR) IN {_FICTITIOUS} AND BEN_NIR_ANO IS NOT NULL AND S(BEN_NIR_ANO) <> ''",
        "BEN_CDI_NIR BEN_NIR_ANO",
        "a fictitious number is not tied to a life",
    ),
    _one(
        15,
        "T_MCOaaB",
        "departement of patients",
        "BDI_DEP IS NOT NULL AND length(S(BDI_DEP)) <> 2",
        "BDI_DEP",
        "two characters in hospital tables",
        key="ETA_NUM RSA_NUM",
    ),
    _one(
        15,
        "IR_BEN_R",
        "residence of persons",
        "length(S(BEN_RES_DPT)) <> 3 OR length(S(BEN_RES_COM)) <> 3",
        "BEN_RES_DPT BEN_RES_COM",
        "departement and commune have three characters each",
    ),
    _one(
        16,
        "T_MCOaaD",
        "associated diagnoses are codes",
        "S(ASS_DGN) LIKE '%.%' OR length(S(ASS_DGN)) NOT BETWEEN 3 AND 6",
        "ASS_DGN",
        "ICD-10 without a dot, three to six characters",
        key="ETA_NUM RSA_NUM",
    ),
    _one(
        16,
        "KI_CCI_R",
        "initial causes are codes",
        "S(DCD_CIM_COD) LIKE '%.%' OR length(trim(S(DCD_CIM_COD))) NOT BETWEEN 3 AND 4",
        "DCD_CIM_COD",
        "ICD-10 without a dot, three or four characters; R99 when unknown",
        key="DCD_IDT_ENC",
    ),
    _one(
        17,
        "ER_UCD_F",
        "medicines of hospitals",
        "NOT regexp_matches(S(UCD_UCD_COD), '^0{6}9[0-9]{6}$')",
        "UCD_UCD_COD",
        "six zeros and seven digits that start with 9",
        key="DCT_ORD_NUM PRS_ORD_NUM",
    ),
    _one(
        17,
        "T_MCOaaA",
        "acts of stays",
        "length(S(CDC_ACT)) <> 7",
        "CDC_ACT",
        "CCAM codes have seven characters in hospital tables",
        key="ETA_NUM RSA_NUM",
    ),
    _one(
        17,
        "ER_CAM_F",
        "acts of claims",
        "length(trim(S(CAM_PRS_IDE))) <> 7",
        "CAM_PRS_IDE",
        "CCAM codes have seven characters, blanks after them apart",
        key="DCT_ORD_NUM PRS_ORD_NUM",
    ),
    _one(
        19,
        "IR_BEN_R",
        "insurers",
        "ORG_AFF_BEN IS NOT NULL AND NOT regexp_matches(S(ORG_AFF_BEN), '^[0-9]{2}[A-Z]')",
        "ORG_AFF_BEN",
        "insurers are written as 01C and what follows",
    ),
    _one(
        19,
        "T_MCOaaE",
        "numbers of hospitals",
        "length(S(ETA_NUM)) <> 9",
        "ETA_NUM",
        "FINESS numbers have nine characters in hospital tables",
        key="ETA_NUM",
    ),
    _one(
        19,
        "BE_IDE_R",
        "numbers of establishments",
        "length(S(IDE_ETA_NU8)) <> 8",
        "IDE_ETA_NU8",
        "FINESS numbers have eight characters in BE_IDE_R",
        key="IDE_ETA_NU8",
    ),
)
