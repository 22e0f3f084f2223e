"""Join what the three sources say of a table into one list of columns: the newest source wins, facts only.

Order of trust: KWIKLY (type, size, years), then schema-snds (Oracle type, code list, history), then the documentation
(presence alone; its types are not reliable). Names are in capitals, as Oracle stores them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from sources import EVERY_YEAR, Fact, SourceTable

# published at the end of 2024, KWIKLY stops at the last year delivered for each product: later years are open
LAST_YEAR = {"CEPIDC": 2021, "CARTOGRAPHIE": 2021}
DEFAULT_LAST_YEAR = 2023
# the current claims tables start in 2013; before, one archive table a year
CURRENT_CLAIMS_FROM = 2013

# tables in which KWIKLY writes the true digits of numbers
EXACT = ("ER_", "IR_", "KI_", "DA_")
# in a source, but not a column of that table: (table, column) -> why it is left out
LEFT_OUT: dict[tuple[str, str], str] = {
    ("ER_BIO_F", "ARO_THE_TAU"): "a column of ER_ARO_F listed by mistake in schema-snds",
    ("ER_PRS_F", "PRS_PPU_SEC"): "a column of ER_ETE_F listed by mistake in schema-snds",
    ("IR_MTT_R", "MTT_DEP_DTE"): "schema-snds misspells MTT_DEB_DTE",
    ("ER_DCT_F", "PRS_ORD_NUM"): "a statement has no benefit number: the key of ER_PRS_F listed by mistake",
    ("ER_DCT_F", "CAM_RED_MNT"): "a column of ER_CAM_F listed by mistake in the documentation",
    ("ER_DCT_F", "CAM_REM_BSE"): "a column of ER_CAM_F listed by mistake in the documentation",
    ("ER_DCT_F", "CAM_REM_COD"): "a column of ER_CAM_F listed by mistake in the documentation",
    ("ER_DCT_F", "CAM_SUP_MNT"): "a column of ER_CAM_F listed by mistake in the documentation",
    ("ER_DCT_F", "CAM_TRT_PHA"): "a column of ER_CAM_F listed by mistake in the documentation",
}
# sizes that the sources write wrongly: (table, column) -> size
SIZES = {("T_MCOaaUM", "ETA_NUM"): 9, ("IR_BEN_R", "BEN_DTE_INS"): None, ("KI_ECD_R", "ECD_CAU_LIB"): 400}
KINDS = {
    ("IR_BEN_R", "BEN_DTE_INS"): "date",
    ("KI_CCI_R", "PRD_SCR_COF"): "number",
    ("IR_PHA_R", "PHA_PRD_UNI"): "number",
    ("IR_PHA_R", "PHA_PRD_UND"): "number",
}

# code lists that no source names, or names wrongly, by column
NOMENCLATURES: dict[str, str | None] = {
    "RGM_GRG_COD": "IR_RGM_V_GRG",
    "REF_RGM_COD": "IR_RGM_V",
    "PHA_PRS_IDE": "IR_PHA_R_C07",
    "COD_SEX": "PMSI_SEX",
    "CPL_MAJ_TOP": "CPL_MAJ_TOP",
    "BEN_CMU_TOP": "BEN_CMU_TOP",
    "BEN_C2S_TYP": "C2S_TYP",
    "REF_C2S_COD": "REF_C2S_COD",
    "SEJ_TYP": "PMSI_SEJ_TYP",
    "BEN_IDT_TOP": "OUI_NON",
    "DCD_IDT_TOP": "OUI_NON",
    "BEN_TOP_CNS": "OUI_NON",
    "CER_PRD_TYP": "DS_PRD_V",
    "DCD_CIM_VER": "DS_CIM_V",
    "DCD_CIR_COD": "DS_CIR_V",
    "DCD_ENC_COD": "DS_ENC_V",
    "DCD_FIA_COD": "DS_FIA_V",
    "DCD_MSU_COD": "DS_MSU_V",
    "DCD_NEO_AGE": "DS_AGE_V",
    "DCD_NRS_COD": "DS_NRS_V",
    "LIE_LMV_COD": "DS_LMV_V",
}
# a column too short for the codes of its list holds a part of them, or another list that no source names
SHORTER: dict[tuple[str, int], str | None] = {
    ("NU_UCD_R", 7): "NU_UCD_R_7",
    ("IR_CAI_V", 3): "IR_CAI_V_3",
    ("IR_ACT_COD", 1): None,
    ("IR_ACT_COD", 4): None,
}
# lists that schema-snds names without publishing them
UNPUBLISHED = ("IR_MTO_V", "IR_PMC_V", "IR_JDO_V")
# not code lists: a calendar, and referentials that are tables (a link in `keys` says so)
NOT_LISTS = frozenset(("IR_DTE_V", "BE_IDE_R", "IR_IMB_R", *UNPUBLISHED))

_AMOUNT = re.compile(
    r"_BSE$|^COEF|(^|_)(MNT|MNR|TAU|COE|COEF|PRU|PRX|PRI|BAS|BRM|DEP|RAC|PRIX|TARIF|TAUX|MT|MTT|DEV|ECA|CFT|COG)(_|\d|$)"
)
_COUNT = re.compile(
    r"(^|_)(NBR|NBJ|NB|QTE|QSN|QSU|QUA|DNB|AGE|POI|DEL|DUR|APG|SCO|COF|SCORE|NBS|NBA|KMS|DST|SUP|ACT_NBR)(_|\d|$)"
)


@dataclass(frozen=True)
class Merged:
    """One column after merging. `years` None means that no source dates it; `listed` is false when KWIKLY, which
    describes the table, no longer names the column and no source dates it."""

    name: str
    type: str
    size: int | None
    scale: int | None
    nomenclature: str | None
    years: tuple[tuple[int, int | None], ...] | None
    oracle: str
    listed: bool = True


def merge(
    table: str, product: str, kwikly: SourceTable | None, official: SourceTable | None, documented: SourceTable | None
) -> list[Merged]:
    """Columns of `table` in KWIKLY's order, then those only the older sources name."""
    by_source = [_by_name(source) for source in (kwikly, official, documented)]
    names = dict.fromkeys(name for source in by_source for name in source)
    complete = kwikly is None or table == "DA_PRA_R"  # KWIKLY describes a simplified DA_PRA_R only
    merged = []
    for name in names:
        if (table, name) not in LEFT_OUT:
            newest, older, oldest = (source.get(name) for source in by_source)
            column = _column(table, name, newest, older, oldest)
            years = _years(product, newest or older)
            listed = newest is not None or complete or years is not None
            merged.append(replace(column, years=years, listed=listed))
    return merged


def _by_name(source: SourceTable | None) -> dict[str, Fact]:
    found: dict[str, Fact] = {}
    for fact in source.columns if source is not None else ():
        found.setdefault(fact.name.upper(), fact)
    return found


def _column(table: str, name: str, newest: Fact | None, older: Fact | None, oldest: Fact | None) -> Merged:
    kind, size, scale = _typed(table, name, newest, older, oldest)
    kind = KINDS.get((table, name), kind)
    size = SIZES.get((table, name), size)
    listed = _code_list(table, name, kind, newest, older)
    nomenclature = SHORTER.get((listed or "", size or 0), listed)
    return Merged(name, kind, size, scale, nomenclature, None, _oracle(kind, size, scale))


def _code_list(table: str, name: str, kind: str, newest: Fact | None, older: Fact | None) -> str | None:
    if name in NOMENCLATURES:
        return NOMENCLATURES[name]
    if table == "CT_IND_AAAA_GN" and name.startswith(("SUP_", "TOP_")):
        return "OUI_NON"  # one column for each disease of the map
    if name.endswith("_RET") and table.startswith("T_") and name not in ("GRC_RET", "GRG_RET"):
        return "PMSI_RET"
    found = next((fact.nomenclature for fact in (older, newest) if fact and fact.nomenclature), None)
    quantity = kind == "number" or bool(re.search(r"_(QSN|QSU|QTE)$", name))
    if kind == "date" or found in NOT_LISTS or (found or "").endswith("_F") or (quantity and found != "IR_TAU_V"):
        return None
    return "IR_PHA_R" if found == "IR_PHA_R" and name == "PHA_PRS_C13" else None if found == "IR_PHA_R" else found


def _typed(
    table: str, name: str, newest: Fact | None, older: Fact | None, oldest: Fact | None
) -> tuple[str, int | None, int | None]:
    if newest is not None and newest.kind == "date":
        return "date", None, None
    if newest is not None and newest.kind == "char":
        return "string", newest.size or (older.size if older else None), None
    if newest is not None:
        return _number(table, name, newest, older)
    if older is not None:
        return _from_official(name, older)
    assert oldest is not None
    return ("number" if _AMOUNT.search(name) else "string"), None, None


def _number(table: str, name: str, newest: Fact, older: Fact | None) -> tuple[str, int | None, int | None]:
    """KWIKLY's sizes are exact in claims; elsewhere `8` stands for any SAS number, a day or an amount as well.

    There the digits come from schema-snds, the kind from both.
    """
    if newest.scale is not None or table.startswith(EXACT):
        return ("integer" if newest.scale is None else "number"), newest.size, newest.scale
    if (older is not None and older.oracle == "date") or (newest.size == 8 and re.search(r"_DT[EDF]$", name)):
        return "date", None, None
    old_scale = older.scale if older is not None and older.kind == "number" else None
    if old_scale:
        return "number", max(newest.size or 0, older.size or 0) if older else None, old_scale
    bytes_only = newest.size == 8
    size = (
        (older.size if older is not None and older.kind in ("integer", "number") else None)
        if bytes_only
        else newest.size
    )
    if _AMOUNT.search(name) and not _COUNT.search(name) and (bytes_only or (newest.size or 0) > 4):
        return "number", None, None
    return "integer", size, None


def _from_official(name: str, older: Fact) -> tuple[str, int | None, int | None]:
    if older.oracle == "date" or older.kind == "datetime":
        return "date", None, None
    if older.oracle == "string" or (older.oracle is None and older.kind in ("string", "year", "yearmonth", "boolean")):
        return "string", older.size, None
    if older.kind == "number" and (older.scale or _AMOUNT.search(name)):
        return "number", older.size, older.scale
    return "integer", older.size, None


def _oracle(kind: str, size: int | None, scale: int | None) -> str:
    if kind == "date":
        return "DATE"
    if kind == "string":
        return f"VARCHAR2({size or 255})"
    digits = "" if size is None else f"({size},{scale})" if scale else f"({size})"
    return f"NUMBER{digits}"


def _years(product: str, fact: Fact | None) -> tuple[tuple[int, int | None], ...] | None:
    """Spans of years; the last year a product was delivered for is open, since nothing says that it ended."""
    if fact is None or not fact.years or (product not in ("DCIR",) and fact.years == (EVERY_YEAR,)):
        return None
    years = sorted({int(year) for year in fact.years if year != EVERY_YEAR})
    open_ended = EVERY_YEAR in fact.years or (bool(years) and years[-1] >= LAST_YEAR.get(product, DEFAULT_LAST_YEAR))
    if EVERY_YEAR in fact.years and product == "DCIR":
        years = sorted({*years, *range(CURRENT_CLAIMS_FROM, DEFAULT_LAST_YEAR + 1)})
    spans: list[tuple[int, int | None]] = []
    for year in years:
        if spans and spans[-1][1] == year - 1:
            spans[-1] = (spans[-1][0], year)
        else:
            spans.append((year, year))
    if open_ended:
        spans[-1] = (spans[-1][0], None)
    return tuple(spans)


def role_of(column: Merged, identifiers: bool) -> str:
    """key for identifiers that a synthetic table must make anew, else by type and name."""
    if identifiers:
        return "key"
    if column.type == "date":
        return "date"
    if column.type == "number" or (column.type == "integer" and _measure(column)):
        return "number"
    if (
        column.type == "string"
        and (column.size or 0) >= 25
        and re.search(r"(LIB|NOM|RAI|COM|CPL|ADR|RSC|COMMENT)", column.name)
    ):
        return "text"
    return "code"


def _measure(column: Merged) -> bool:
    return column.nomenclature is None and bool(_COUNT.search(column.name) or _AMOUNT.search(column.name))
