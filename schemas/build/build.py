"""Write `schemas/snds/` and `schemas/nomenclatures/` from the reference data: build.py SHARED [OUT].

SHARED is the folder that holds `reference/snds/` and `data/fr_public/`. The result is committed; a test builds it again
and compares the bytes.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from keys import Keys, keys_of
from lists import write_lists
from merge import LEFT_OUT, Merged, merge, role_of
from sources import SourceTable, read_documentation, read_drug_referential, read_kwikly, read_schema_snds
from words import Words, read_words

Span = tuple[int, int | None]
CORE = (
    "IR_BEN_R IR_IMB_R IR_ORC_R IR_MTT_R DA_PRA_R BE_IDE_R IR_PHA_R ER_PRS_F ER_PHA_F ER_CAM_F ER_BIO_F ER_TIP_F "
    "ER_UCD_F ER_ETE_F ER_ARO_F T_MCOaaC T_MCOaaB T_MCOaaD T_MCOaaA T_MCOaaUM T_MCOaaE T_MCOaaCSTC T_MCOaaFBSTC "
    "T_MCOaaFMSTC T_MCOaaFCSTC KI_CCI_R KI_ECD_R"
).split()
HISTORICAL = ("EGB", "DCIRS")
RENAMED = {"T_RIPaaCTLISOCONT": "T_RIPaaISOCONT_CTL", "T_MCOaaGVxxxx": "T_MCOaaGVxx"}
# identifiers that a synthetic table makes anew; other columns of a key are attributes of the row
IDENTIFIERS = frozenset(
    "BEN_NIR_PSA BEN_NIR_ANO BEN_IDT_ANO ASS_NIR_ANO CTO_IDT_ANO DCT_ORD_NUM PRS_ORD_NUM NIR_ANO_17 NIR_ANO_MAM "
    "ID_MAM_ENF IPP_BEN_ANO ETA_NUM ETA_NUM_EPMSI RSA_NUM SEQ_NUM RHA_NUM RHS_NUM RHAD_NUM SSEQ_NUM RIP_NUM "
    "SEQ_SEQ_NUM DCD_IDT_ENC "
    "CLE_DCI_JNT IPP_IRR_CRY PFS_PFS_NUM IDE_ETA_NU8 PHA_CIP_C13".split()
)
# bounds that hold by definition, in every table; those of schema-snds were seen in one sample
BOUNDS = {
    "AGE_ANN": (0, 130),
    "AGE_JOU": (0, 365),
    "CER_LIG_NUM": (1, 6),
    "ECD_CAU_RNG": (1, 40),
    "NEO_APG_SCO": (0, 10),
    "PRD_SCR_COF": (0, 1),
}
# real identifiers are digits: letters mark a synthetic one, as many as leave room to count
MARKERS = {7: "S", 8: "SY"}
# ranks within the parent that end a primary key without being called `_ORD_NUM`
COUNTERS = ("DGN_ASS_NUM", "ECD_CAU_RNG")


def main(shared: Path, out: Path) -> None:
    """Build every table and the index, then the code lists that they name."""
    built = tables(shared / "reference" / "snds")
    write_tables(built, out / "snds")
    named = {column.nomenclature for _, _, columns in built for column in columns if column.nomenclature}
    write_lists(shared, named, out / "nomenclatures")


def write_tables(built: list[tuple[str, str, list[Merged]]], out: Path) -> None:
    """A Table Schema for each table, and the index."""
    words = read_words(Path(__file__).parent)
    index = {}
    for name, product, columns in built:
        schema = table_schema(name, product, columns, words)
        path = out / product / f"{name}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(layout(schema), encoding="utf-8")
        index[name] = index_entry(name, product, columns)
    (out / "index.json").write_text(lines({"tables": index, "core": CORE}), encoding="utf-8")


def tables(reference: Path) -> list[tuple[str, str, list[Merged]]]:
    """Name, product and columns of every table of any source, in the order of the index."""
    kwikly = read_kwikly(reference / "kwikly" / "kwikly_2024.json")
    official = read_schema_snds(reference / "schema-snds" / "schemas")
    drugs = read_drug_referential(reference / "schema-snds" / "nomenclatures" / "DREES" / "IR_PHA_R.json")
    official["IR_PHA_R"] = drugs
    documented = read_documentation(reference / "kwikly" / "snds_doc_tables_2024.json")
    documented = {RENAMED.get(name, name): table for name, table in documented.items()}
    for source in (kwikly, documented):
        source["IR_BEN_R_ARC"] = source["IR_BEN_R"]
    names = dict.fromkeys([*CORE, *kwikly, *official, *documented])
    built = []
    for name in names:
        product = product_of(name, official.get(name))
        built.append((name, product, merge(name, product, kwikly.get(name), official.get(name), documented.get(name))))
    return built


def product_of(name: str, official: SourceTable | None) -> str:
    """The folder of a table, named for its product in capitals."""
    starts = {"T_MCO": "PMSI_MCO", "T_SUP": "PMSI_MCO", "T_SSR": "PMSI_SSR", "T_HAD": "PMSI_HAD", "T_RIP": "PMSI_RIP"}
    starts |= {
        "KI_": "CEPIDC",
        "CT_": "CARTOGRAPHIE",
        "ER_": "DCIR",
        "NS_": "DCIRS",
        "EB_": "EGB",
        "IR_BEN": "BENEFICIAIRE",
    }
    starts |= {"IR_IBA": "DCIRS", "MA_": "DAMIR", "OPEN_": "DAMIR"}
    return next((product for start, product in starts.items() if name.startswith(start)), "REFERENTIELS")


def table_schema(name: str, product: str, columns: list[Merged], words: Words) -> dict[str, Any]:
    """The Table Schema of one table."""
    keys = keys_of(name, frozenset(column.name for column in columns))
    title, title_en = words.table(name)
    schema: dict[str, Any] = {"title": title, "synth:titleEn": title_en} if title else {}
    schema["fields"] = [field(name, column, keys, words) for column in columns]
    if keys.primary:
        schema["primaryKey"] = list(keys.primary)
    if keys.former:
        schema["synth:formerKeys"] = [list(key) for key in keys.former]
    if keys.foreign:
        schema["foreignKeys"] = [
            {"fields": list(mine), "reference": {"resource": target, "fields": list(theirs)}}
            for mine, target, theirs in keys.foreign
        ]
    if keys.references:
        schema["synth:references"] = [
            {"fields": list(mine), "reference": {"resource": target, "fields": list(theirs)}, "why": why}
            for mine, target, theirs, why in keys.references
        ]
    if keys.order:
        schema["synth:orderBy"] = list(keys.order)
    if keys.public:
        schema["synth:public"] = True
    return schema


def field(table: str, column: Merged, keys: Keys, words: Words) -> dict[str, Any]:
    """One field: the standard's words first, then ours."""
    found: dict[str, Any] = {"name": column.name, "type": column.type}
    found |= words.column(table, column)
    constraints = limits(column, required=column.name in {*keys.primary, *keys.required, *_foreign_columns(keys)})
    if constraints:
        found["constraints"] = constraints
    counter = column.name.endswith("_ORD_NUM") or column.name in COUNTERS
    found["synth:role"] = role_of(column, column.name in IDENTIFIERS or (counter and column.name in _key_columns(keys)))
    if found["synth:role"] == "key" and column.type == "string" and column.size in MARKERS:
        found["synth:marker"] = {"prefix": MARKERS[column.size]}
    if column.nomenclature:
        found["synth:nomenclature"] = column.nomenclature
    if column.scale:
        found["synth:scale"] = column.scale
    if column.years:
        found["synth:years"] = written(column.years)
    if not column.listed:
        found["synth:unlisted"] = True
    found["synth:oracle"] = column.oracle
    return found


def _key_columns(keys: Keys) -> set[str]:
    return {name for key in (keys.primary, *keys.former) for name in key}


def _foreign_columns(keys: Keys) -> set[str]:
    return {name for mine, target, _ in keys.foreign for name in mine if target != "IR_BEN_R" or len(mine) > 1}


def union(spans: Iterable[Span]) -> tuple[Span, ...]:
    """Spans of years joined where they touch or overlap."""
    joined: list[Span] = []
    for first, last in sorted(spans, key=lambda span: span[0]):
        if joined and (joined[-1][1] is None or first <= joined[-1][1] + 1):
            before, end = joined[-1]
            joined[-1] = (before, None if end is None or last is None else max(end, last))
        else:
            joined.append((first, last))
    return tuple(joined)


def written(spans: Iterable[Span]) -> str:
    """Spans as text: `2006-2012,2014-`."""
    return ",".join(str(first) if first == last else f"{first}-{'' if last is None else last}" for first, last in spans)


def limits(column: Merged, required: bool) -> dict[str, Any]:
    """Constraints that hold in every year: size, digits, the shape of months written as text."""
    found: dict[str, Any] = {"required": True} if required else {}
    if column.type == "string" and column.size:
        found["maxLength"] = column.size
        pattern = shape(column)
        found |= {"pattern": pattern} if pattern else {}
    if column.name in BOUNDS and column.type in ("integer", "number"):
        found["minimum"], found["maximum"] = BOUNDS[column.name]
    elif column.type == "integer" and column.size:
        found["maximum"] = 10**column.size - 1
    return found


def shape(column: Merged) -> str | None:
    """The pattern of a year, a month or both, kept as text in the SNDS."""
    if column.size == 6 and column.name.endswith(("_AMD", "_AMF", "_AME", "_AM")):
        return "[0-9]{4}(0[1-9]|1[0-2])"
    if column.size == 4 and column.name.endswith("_ANN"):
        return "[0-9]{4}"
    if column.size == 2 and column.name.endswith("_MOI"):
        return "[0-9]{2}"
    return None


def index_entry(name: str, product: str, columns: list[Merged]) -> dict[str, Any]:
    """Where the table is, when it exists, and whether it is historical."""
    entry: dict[str, Any] = {"product": product}
    listed = [column for column in columns if column.listed]
    if listed and all(column.years for column in listed):
        entry["years"] = written(union([span for column in listed for span in column.years or ()]))
    if product in HISTORICAL:
        entry["historical"] = True
    return entry


def layout(schema: dict[str, Any]) -> str:
    """JSON with one field a line: compact, and readable in a diff."""
    parts = []
    for key, value in schema.items():
        if key == "fields":
            body = ",\n".join("  " + _json(item) for item in value)
            parts.append(f'"fields": [\n{body}\n ]')
        else:
            parts.append(f"{_json(key)}: {_json(value)}")
    return "{\n " + ",\n ".join(parts) + "\n}\n"


def lines(document: dict[str, Any]) -> str:
    """The index: one table a line."""
    body = ",\n".join(f"  {_json(name)}: {_json(entry)}" for name, entry in document["tables"].items())
    return f'{{\n "core": {_json(document["core"])},\n "tables": {{\n{body}\n }}\n}}\n'


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def left_out() -> dict[tuple[str, str], str]:
    """Columns of a source that are deliberately absent, with the reason."""
    return dict(LEFT_OUT)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]) if len(sys.argv) > 2 else Path(__file__).parents[1])
