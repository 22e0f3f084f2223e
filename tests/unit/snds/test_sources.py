"""The committed schemas against the public descriptions: built again, counted column by column, no text taken."""

from __future__ import annotations

import filecmp
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from synth.core.snds.store import snds_tables, table_schema

pytestmark = pytest.mark.shared

# tables that one source writes under another name
RENAMED = {
    "T_MCOaaGVxxxx": "T_MCOaaGVxx",
    "T_RIPaaCTLISOCONT": "T_RIPaaISOCONT_CTL",
    "DA_PRA_R(Simplifié)": "DA_PRA_R",
}
# tables that neither KWIKLY nor schema-snds describes
ADDED = {
    "IR_PHA_R": "schema-snds describes it among its code lists",
    "IR_BEN_R_ARC": "the archive of IR_BEN_R, of the same shape",
}
# columns that a source lists and that we leave out
LEFT_OUT = {
    ("ER_BIO_F", "ARO_THE_TAU"): "belongs to ER_ARO_F",
    ("ER_PRS_F", "PRS_PPU_SEC"): "belongs to ER_ETE_F",
    ("IR_MTT_R", "MTT_DEP_DTE"): "a misspelling of MTT_DEB_DTE",
    ("ER_DCT_F", "PRS_ORD_NUM"): "belongs to the key of ER_PRS_F",
    ("ER_DCT_F", "CAM_RED_MNT"): "belongs to ER_CAM_F",
    ("ER_DCT_F", "CAM_REM_BSE"): "belongs to ER_CAM_F",
    ("ER_DCT_F", "CAM_REM_COD"): "belongs to ER_CAM_F",
    ("ER_DCT_F", "CAM_SUP_MNT"): "belongs to ER_CAM_F",
    ("ER_DCT_F", "CAM_TRT_PHA"): "belongs to ER_CAM_F",
}


def named(table: str) -> str:
    table = table.strip()
    if table.startswith("T_"):
        table = table.replace("XX", "aa", 1)
    for kind in ("IND", "IDE", "DEP"):
        table = table.replace(f"CT_{kind}_GN_AAAA", f"CT_{kind}_AAAA_GN")
    return RENAMED.get(table, table)


def columns_of(tables: dict[str, list[str]]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for table, columns in tables.items():
        found.setdefault(named(table), set()).update(name.strip().rstrip("*").upper() for name in columns)
    return found


@pytest.fixture(scope="module")
def snds(shared: Path) -> Path:
    return shared / "reference" / "snds"


@pytest.fixture(scope="module")
def kwikly(snds: Path) -> dict[str, Any]:
    return json.loads((snds / "kwikly" / "kwikly_2024.json").read_text())


@pytest.fixture(scope="module")
def official(snds: Path) -> dict[str, Any]:
    schemas = (json.loads(path.read_text()) for path in (snds / "schema-snds" / "schemas").rglob("*.json"))
    return {schema["name"]: schema for schema in schemas}


@pytest.fixture(scope="module")
def sources(snds: Path, kwikly: dict[str, Any], official: dict[str, Any]) -> dict[str, dict[str, set[str]]]:
    documented = json.loads((snds / "kwikly" / "snds_doc_tables_2024.json").read_text())
    return {
        "kwikly": columns_of({name: [item["name"] for item in table["vars"]] for name, table in kwikly.items()}),
        "official": columns_of({name: [item["name"] for item in table["fields"]] for name, table in official.items()}),
        "documented": columns_of({name: table["cols"] for name, table in documented.items()}),
    }


def ours(table: str) -> set[str]:
    return {field["name"] for field in table_schema(table)["fields"]}


@pytest.mark.parametrize(("source", "tables", "columns"), [("kwikly", 227, 5142), ("official", 188, 4815)])
def test_no_table_of_a_source_is_missing(
    source: str, tables: int, columns: int, sources: dict[str, dict[str, set[str]]]
) -> None:
    described = sources[source]
    assert len(described) == tables
    assert set(described) - set(snds_tables()) == set()
    assert columns - sum(map(len, described.values())) in range(20), "columns that a source lists twice in one table"


def test_columns_differ_from_the_sources_only_where_we_say(sources: dict[str, dict[str, set[str]]]) -> None:
    lacking, foreign = set(), set()
    for table in set(snds_tables()) - set(ADDED):
        listed = set().union(*(described.get(table, set()) for described in sources.values()))
        lacking |= {(table, column) for column in listed - ours(table)}
        foreign |= {(table, column) for column in ours(table) - listed}
    assert lacking == set(LEFT_OUT)
    assert foreign == set()


def test_tables_differ_from_the_sources_only_where_we_say(sources: dict[str, dict[str, set[str]]]) -> None:
    described = set().union(*(set(tables) for tables in sources.values()))
    assert set(snds_tables()) - described == set(ADDED)
    assert described - set(snds_tables()) == set()


def test_no_text_of_a_source_is_taken(kwikly: dict[str, Any], official: dict[str, Any]) -> None:
    sentences = {
        str(text).strip()
        for table in kwikly.values()
        for item in table["vars"]
        for text in (item["label"], item["remark"])
        if text
    }
    sentences |= {field["description"] for schema in official.values() for field in schema["fields"]}
    long = {text for text in sentences if len(text.split()) > 6}
    for name in snds_tables():
        for field in table_schema(name)["fields"]:
            assert field.get("title") not in long, (name, field["name"])
            assert field.get("description") not in long, (name, field["name"])


def test_what_is_committed_is_what_the_sources_give(repo: Path, shared: Path, tmp_path: Path) -> None:
    script = repo / "schemas" / "build" / "build.py"
    subprocess.run([sys.executable, str(script), str(shared), str(tmp_path)], check=True, timeout=120)
    for folder in ("snds", "nomenclatures"):
        assert differences(tmp_path / folder, repo / "schemas" / folder) == []


def differences(built: Path, committed: Path) -> list[str]:
    names = sorted({path.relative_to(root) for root in (built, committed) for path in root.rglob("*.*")})
    _, changed, missing = filecmp.cmpfiles(built, committed, [str(name) for name in names], shallow=False)
    return changed + missing
