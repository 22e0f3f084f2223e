"""`synth schemas import` as a user meets it."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from synth.core.nomenclatures import forget_lists, nomenclature
from synth.core.snds import snds_table, with_imported_titles

Call = Callable[..., Any]


@pytest.fixture(autouse=True)
def own_data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    folder = tmp_path / "own data"
    monkeypatch.setenv("SYNTH_DATA_DIR", str(folder))
    forget_lists()
    yield folder
    forget_lists()


def field(name: str, kind: str, **more: object) -> dict[str, object]:
    return {"name": name, "type": kind, "description": f"about {name}", "nomenclature": "-"} | more


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout with two known tables, one unknown, and two lists."""
    root = tmp_path / "a check-out"
    tables = root / "schemas" / "ANY"
    lists = root / "nomenclatures" / "ANY"
    tables.mkdir(parents=True)
    lists.mkdir(parents=True)
    unique = {"constraints": {"unique": True, "minLength": 17}}
    person = [
        field("BEN_NIR_PSA", "string", length="17", type_oracle="string", **unique),
        field("BEN_NAI_ANN", "year", length="4", type_oracle="string"),
        field("ben_sex_cod", "boolean", length="1", type_oracle="number", nomenclature="IR_SEX_V:SEX_COD"),
    ]
    stay = [
        field("ETA_NUM", "integer", length="9", type_oracle="string", constraints={"minimum": 100000000}),
        field("NIR_ANO_17", "string", length="18", type_oracle="string", nomenclature="NOT_PUBLISHED"),
    ]
    link = {"fields": "NIR_ANO_17", "reference": {"resource": "IR_BEN_R", "fields": "BEN_NIR_PSA"}}
    other = [field("any thing", "number", length="9,2", type_oracle="number"), field("jour", "date")]
    key = ["BEN_NIR_PSA", "BEN_RNG_GEM"]
    write(tables / "IR_BEN_R.json", {"name": "IR_BEN_R", "fields": person, "primaryKey": key})
    write(
        tables / "T_MCOaaC.json", {"name": "T_MCOaaC", "fields": stay, "primaryKey": "ETA_NUM", "foreignKeys": [link]}
    )
    write(tables / "NEW_ONE.json", {"name": "NEW_ONE", "title": "Nouvelle", "fields": other})
    (lists / "IR_SEX_V.csv").write_text('SEX_COD;SEX_LIB\n1;"l\'homme; un"\n2;femme\n', encoding="utf-8")
    sex = [{"name": "SEX_COD", "role": "code"}, {"name": "SEX_LIB", "role": "label"}]
    write(lists / "IR_SEX_V.json", {"fields": sex, "primaryKey": ["SEX_COD"]})
    (lists / "IR_GEO_V.csv").write_text("DPT;COM;COM_LIB\n001;004;A\n002;004;B\n", encoding="utf-8-sig")
    place = [{"name": "DPT"}, {"name": "COM", "role": "code"}, {"name": "COM_LIB", "role": "label"}]
    write(lists / "IR_GEO_V.json", {"fields": place, "primaryKey": ["DPT", "COM"]})
    return root


def write(path: Path, document: object) -> None:
    path.write_text(json.dumps(document), encoding="utf-8")


def test_a_checkout_is_taken_and_its_defects_told(checkout: Path, own_data: Path, call_cli: Call) -> None:
    done = call_cli("schemas", "import", checkout)
    assert done.code == 0, done.err
    assert "3 tables, 2 code lists, 4 codes" in done.out
    for told in ("identifiers said to be unique", "typed as booleans", "bounds", "capitals", "written as one text"):
        assert told in done.out, told
    assert (own_data / "tables" / "schema-snds" / "NEW_ONE.json").is_file()


def test_each_place_is_told_on_its_own_line(checkout: Path, call_cli: Call) -> None:
    done = call_cli("schemas", "import", checkout, "--each")
    assert any(line.strip().startswith("IR_BEN_R.BEN_NIR_PSA: identifiers said") for line in done.out.splitlines())
    assert any(line.strip().startswith("T_MCOaaC.NIR_ANO_17: code lists named but") for line in done.out.splitlines())


def test_programs_may_read_the_answer(checkout: Path, call_cli: Call) -> None:
    facts = json.loads(call_cli("schemas", "import", checkout, "--json").out)
    assert (facts["source"], facts["tables"], facts["lists"], facts["codes"]) == ("schema-snds", 3, 2, 4)
    assert ["text", "T_MCOaaC", "ETA_NUM"] in facts["repairs"]


def test_imported_lists_are_used_and_keep_what_we_know(checkout: Path, call_cli: Call) -> None:
    call_cli("schemas", "import", checkout)
    sex = nomenclature("IR_SEX_V")
    assert sex.origin == "imported"
    assert sex.labels["1"] == "l'homme; un"
    assert sex.entries[0].label_en == "Male"
    communes = nomenclature("IR_GEO_V")
    assert [(entry.parent, entry.code) for entry in communes.entries] == [("001", "004"), ("002", "004")]
    assert [entry.weight is not None for entry in communes.entries] == [True, False]


def test_a_table_keeps_our_facts_and_takes_the_publishers_titles(
    checkout: Path, own_data: Path, call_cli: Call
) -> None:
    call_cli("schemas", "import", checkout)
    folder = own_data / "tables" / "schema-snds"
    stay = json.loads((folder / "T_MCOaaC.json").read_text())
    by_name = {item["name"]: item for item in stay["fields"]}
    assert by_name["ETA_NUM"]["type"] == "string"
    assert by_name["ETA_NUM"]["title"] == "about ETA_NUM"
    assert stay["primaryKey"] == ["ETA_NUM", "RSA_NUM"]
    new = json.loads((folder / "NEW_ONE.json").read_text())
    assert [(item["name"], item["type"]) for item in new["fields"]] == [("ANY THING", "number"), ("JOUR", "date")]


def test_imported_titles_fill_what_we_do_not_title(tmp_path: Path, call_cli: Call) -> None:
    untitled = next(column for column in snds_table("T_MCOaaVALO").columns if not column.title)
    assert with_imported_titles(snds_table("T_MCO22VALO")) == snds_table("T_MCO22VALO")
    export = tmp_path / "kwikly.json"
    variables = [
        {"name": name, "label": f"about {name}", "type": "Num", "size": 8} for name in (untitled.name, "ETA_NUM")
    ]
    write(export, {"T_MCOXXVALO": {"vars": variables}})
    call_cli("schemas", "import", export)
    filled = with_imported_titles(snds_table("T_MCOaaVALO"))
    assert filled.column(untitled.name).title == f"about {untitled.name}"
    assert filled.column(untitled.name).extra["synth:imported"] is True
    assert filled.column("ETA_NUM").title == "FINESS de l'établissement"  # ours stays


def test_importing_again_changes_no_byte(checkout: Path, own_data: Path, call_cli: Call) -> None:
    call_cli("schemas", "import", checkout)
    first = {path: path.read_bytes() for path in own_data.rglob("*.*")}
    call_cli("schemas", "import", checkout)
    assert {path: path.read_bytes() for path in own_data.rglob("*.*")} == first


@pytest.mark.parametrize("damage", ["nothing", "not json", "no name", "no type", "not utf-8", "empty"])
def test_what_cannot_be_read_is_a_user_error_and_changes_nothing(
    damage: str, checkout: Path, own_data: Path, call_cli: Call, tmp_path: Path
) -> None:
    folder = checkout
    if damage == "nothing":
        folder = tmp_path / "absent"
    elif damage == "not json":
        (checkout / "schemas" / "ANY" / "NEW_ONE.json").write_text("{")
    elif damage == "no name":
        write(checkout / "schemas" / "ANY" / "NEW_ONE.json", {"fields": []})
    elif damage == "no type":
        write(checkout / "schemas" / "ANY" / "NEW_ONE.json", {"name": "A", "fields": [{"name": "B"}]})
    elif damage == "not utf-8":
        (checkout / "nomenclatures" / "ANY" / "IR_SEX_V.csv").write_bytes(b"A;B\n1;\xff\xfe\n")
    else:
        for path in (checkout / "schemas" / "ANY").glob("*.json"):
            path.unlink()
    done = call_cli("schemas", "import", folder)
    assert done.code == 2
    assert len(done.err.strip().splitlines()) == 1
    assert not any(path.is_file() for path in own_data.rglob("*"))


def test_a_kwikly_export_is_taken(tmp_path: Path, own_data: Path, call_cli: Call) -> None:
    export = tmp_path / "kwikly.json"
    variable = {"name": "ETA_NUM", "label": "un", "type": "Char", "size": 9, "nom": None, "years": []}
    write(export, {"T_MCOXXB": {"vars": [variable]}, "NEW(Simplifié)": {"vars": [variable]}})
    done = call_cli("schemas", "import", export)
    assert done.code == 0, done.err
    assert "KWIKLY: 2 tables" in done.out
    assert {path.name for path in (own_data / "tables" / "kwikly").iterdir()} == {"T_MCOaaB.json", "NEW.json"}


def test_help_shows_an_example(call_cli: Call) -> None:
    assert "Example: synth schemas import" in call_cli("schemas", "import", "--help").out


@pytest.mark.shared
def test_the_official_checkout_is_taken_whole_and_quickly(shared: Path, call_cli: Call) -> None:
    started = time.process_time()
    done = call_cli("schemas", "import", shared / "reference" / "snds" / "schema-snds")
    spent = time.process_time() - started
    assert done.code == 0, done.err
    assert "188 tables, 502 code lists" in done.out
    assert spent < 10
    counts = {line.split(maxsplit=1)[1][:28]: int(line.split()[0]) for line in done.out.splitlines()[2:]}
    # as the audit of schema-snds counts them
    assert counts["foreign keys to columns that"] == 32
    assert counts["foreign keys between columns"] in (41, 55)
    assert counts["primary keys written as one "] == 5
    assert counts["code lists named together wi"] == 16


@pytest.mark.shared
def test_the_kwikly_export_is_taken_whole(shared: Path, call_cli: Call) -> None:
    done = call_cli("schemas", "import", shared / "reference" / "snds" / "kwikly")
    assert "227 tables" in done.out, done.err
