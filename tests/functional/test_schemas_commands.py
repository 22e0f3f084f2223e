"""`synth schemas list|show|diff|export` as a user meets them."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import duckdb
import pytest

from tests.conftest import Runner


def test_list_by_product_and_year(call_cli: Runner) -> None:
    done = call_cli("schemas", "list", "--product", "PMSI_MCO", "--year", 2022, "--json")

    names = {item["name"] for item in json.loads(done.out)}
    assert done.code == 0
    assert {"T_MCOaaB", "T_MCOaaC", "T_MCOaaCSTC"} <= names
    assert not any(name.startswith("ER_") for name in names)


def test_list_for_a_reader(call_cli: Runner) -> None:
    done = call_cli("schemas", "list")

    assert done.out.splitlines()[0].split()[:3] == ["table", "product", "years"]
    assert int(done.out.splitlines()[-1].split()[0]) > 200


def test_show_a_table_in_both_languages(call_cli: Runner) -> None:
    french, english = (call_cli("schemas", "show", "ER_PRS_F", "--lang", lang).out for lang in ("fr", "en"))

    assert "P primary key: DCT_ORD_NUM" in french
    assert french != english


def test_show_a_year_leaves_out_the_columns_of_others(call_cli: Runner) -> None:
    fields = {
        year: {
            item["name"] for item in json.loads(call_cli("schemas", "show", table, "--json").out)["schema"]["fields"]
        }
        for year, table in (("19", "T_MCO19B"), ("22", "T_MCO22B"), ("all", "T_MCOaaB"))
    }

    assert "COD_POST" in fields["22"] - fields["19"]
    assert fields["19"] | fields["22"] <= fields["all"]


def test_show_a_table_of_a_package(call_cli: Runner, tmp_path: Path) -> None:
    document = {
        "name": "x",
        "resources": [{"name": "t", "schema": {"fields": [{"name": "case.id", "type": "string"}]}}],
    }
    (tmp_path / "datapackage.json").write_text(json.dumps(document))

    done = call_cli("schemas", "show", "t", "--package", tmp_path)

    assert "case.id  string" in done.out


def test_diff_of_two_years(call_cli: Runner) -> None:
    text = call_cli("schemas", "diff", 2019, 2022).out
    found = json.loads(call_cli("schemas", "diff", 2019, 2022, "--tables", "T_MCOaaB", "--json").out)

    assert "  + COD_POST" in text.splitlines()
    assert "COD_POST" in found["tables"][0]["added"]


@pytest.mark.parametrize("dialect", ["duckdb", "sqlite", "postgres", "oracle"])
def test_export_sql(call_cli: Runner, dialect: str, tmp_path: Path) -> None:
    done = call_cli("schemas", "export", "--sql", dialect, "--year", 2022)
    filed = call_cli("schemas", "export", "--sql", dialect, "--year", 2022, "--out", tmp_path / "snds.sql")

    assert (done.code, filed.code, filed.out) == (0, 0, "")
    assert (tmp_path / "snds.sql").read_text(encoding="utf-8") == done.out
    assert done.out.count("CREATE TABLE") >= 25
    if dialect == "duckdb":
        duckdb.connect().execute(done.out)
    if dialect == "sqlite":
        sqlite3.connect(":memory:").executescript(done.out)


def test_export_mermaid_and_a_folder(call_cli: Runner, tmp_path: Path) -> None:
    diagram = call_cli("schemas", "export", "--mermaid").out
    done = call_cli("schemas", "export", "--frictionless", tmp_path / "out", "--tables", "CEPIDC,IR_BEN_R")

    assert diagram.startswith("erDiagram\n")
    assert 'IR_BEN_R ||--o{ ER_PRS_F : "BEN_NIR_PSA, BEN_RNG_GEM"' in diagram
    assert done.code == 0
    assert {path.name for path in (tmp_path / "out" / "schemas").iterdir()} == {
        "IR_BEN_R.json",
        "KI_CCI_R.json",
        "KI_ECD_R.json",
    }


def test_export_of_a_package(call_cli: Runner, tmp_path: Path) -> None:
    document = {"name": "x", "resources": [{"name": "t", "schema": {"fields": [{"name": "l'acte", "type": "date"}]}}]}
    (tmp_path / "datapackage.json").write_text(json.dumps(document))

    assert '"l\'acte" DATE' in call_cli("schemas", "export", "--sql", "postgres", "--package", tmp_path).out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("show", "ER_PSR_F"), "did you mean ER_PRS_F"),
        (("list", "--product", "NOPE"), "no such product; choose one of BENEFICIAIRE"),
        (("export",), "choose one of --sql, --frictionless, --mermaid"),
        (("export", "--mermaid", "--tables", "ER_PRS"), "did you mean ER_PRS_F"),
        (("export", "--mermaid", "--year", "1990"), "the SNDS starts in 2006"),
        (("diff", "1990", "2022"), "the SNDS starts in 2006"),
    ],
)
def test_errors_are_one_line_with_a_remedy(call_cli: Runner, arguments: tuple[str, ...], message: str) -> None:
    done = call_cli("schemas", *arguments)

    assert (done.code, done.out) == (2, "")
    assert len(done.err.splitlines()) == 1
    assert message in done.err


def test_an_output_that_cannot_be_written(call_cli: Runner, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")

    done = call_cli("schemas", "export", "--mermaid", "--out", tmp_path / "file" / "x.mmd")

    assert done.code == 2
    assert len(done.err.splitlines()) == 1


@pytest.mark.parametrize("name", ["list", "show", "diff", "export"])
def test_help_shows_an_example(call_cli: Runner, name: str) -> None:
    assert f"synth schemas {name}" in call_cli("schemas", name, "--help").out


def test_help_names_every_command_without_importing_it(call_cli: Runner) -> None:
    done = call_cli("schemas", "--help")

    assert all(f"\n  {name} " in done.out for name in ("list", "show", "diff", "export", "import", "infer"))
