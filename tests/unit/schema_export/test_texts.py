"""Diagrams, folders of schemas, differences and tables for the terminal."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from synth.core.catalog import Catalog, Column, ForeignKey, Table
from synth.core.descriptor import catalog_from
from synth.core.jsontext import read_json
from synth.core.snds import snds_catalog
from synth.schema_export.differences import compare, difference_text
from synth.schema_export.folder import frictionless_files
from synth.schema_export.listing import listed_tables, listing_text
from synth.schema_export.mermaid import mermaid_diagram
from synth.schema_export.showing import table_text
from synth.schema_export.terminal import text_table


def _catalog() -> Catalog:
    person = Table("person", (Column("id", nullable=False, role="key"), Column("case.id", unique=True)), ("id",))
    stay = Table(
        "séjour 1",
        (Column("who", role="key"), Column("n", "integer", "key", nullable=False), Column("x", "number")),
        ("n",),
        (ForeignKey(("who",), "person", ("id",)), ForeignKey(("n",), "séjour 1", ("n",))),
    )
    return Catalog((person, stay))


def test_a_diagram_shows_keys_and_how_many_rows_meet() -> None:
    assert mermaid_diagram(_catalog()).splitlines() == [
        "erDiagram",
        "  person {",
        "    string id PK",
        '    string c_case_id UK "case.id"',
        "  }",
        '  t2["séjour 1"] {',
        "    string who FK",
        "    integer n PK, FK",
        "  }",
        '  person |o--o{ t2 : "who"',
        '  t2 ||--o| t2 : "n"',
    ]


@pytest.mark.parametrize("selection", ["core", "all", "historical"])
def test_a_frictionless_folder_gives_the_catalog_back(selection: str) -> None:
    catalog = snds_catalog(selection, 2014)

    files = frictionless_files(catalog)

    again = catalog_from(json.loads(files["datapackage.json"]))
    assert [replace(table, path=None) for table in again.tables] == list(catalog.tables)
    assert len(files) == len(catalog.tables) + 1


_FULL = (pytest.mark.slow, pytest.mark.skipif(not os.environ.get("SYNTH_FULL"), reason="slow: set SYNTH_FULL=1"))
_EVERY = [("core", 2022), pytest.param("all", 2022, marks=_FULL), pytest.param("historical", 2012, marks=_FULL)]


@pytest.mark.parametrize(("selection", "year"), _EVERY)
def test_frictionless_accepts_every_schema(selection: str, year: int) -> None:
    from frictionless import Package, Schema, system

    files = frictionless_files(snds_catalog(selection, year))
    with system.use_context(trusted=True):
        package = Package.from_descriptor(json.loads(files.pop("datapackage.json")))
        assert len(package.resources) == len(files)
        for text in files.values():
            Schema.from_descriptor(json.loads(text))


@pytest.mark.shared
@pytest.mark.parametrize(("selection", "year"), _EVERY)
def test_the_profile_of_data_package_2_accepts_the_folder(selection: str, year: int, shared: Path) -> None:
    import jsonschema

    specs = shared / "specs" / "datapackage-2.0"
    package, table = read_json(specs / "datapackage.json"), read_json(specs / "tableschema.json")
    odd = frictionless_files(_catalog())["datapackage.json"]

    for name, text in {**frictionless_files(snds_catalog(selection, year)), "odd/datapackage.json": odd}.items():
        wanted: dict[str, Any] = package if name.endswith("datapackage.json") else table
        faults = jsonschema.validators.validator_for(wanted)(wanted).iter_errors(json.loads(text))
        assert [f"{name}: {fault.message}" for fault in faults] == []


def test_differences_name_what_came_what_went_and_what_changed() -> None:
    old = _catalog()
    person = replace(old.tables[0], columns=(Column("id", nullable=False, role="key", maximum_length=9), Column("new")))
    new = Catalog((person, Table("other", (Column("a"),))))

    text = difference_text(compare(old, new))

    assert text.splitlines() == [
        "+ other (table)",
        "- séjour 1 (table)",
        "person",
        "  + new",
        "  - case.id",
        "  ~ id maximum_length: none -> 9",
        "0 tables the same",
    ]


def test_tables_named_after_their_year_are_compared_by_their_pattern() -> None:
    found = compare(snds_catalog("T_MCOaaB", 2019), snds_catalog("T_MCOaaB", 2022))

    assert (found.added, found.removed) == ((), ())
    assert "COD_POST" in found.tables[0].added


def test_a_table_of_text_wraps_within_its_width() -> None:
    text = text_table(("name", "title"), [("A", "one two three four five six seven"), ("B", "")], 24)

    assert max(map(len, text.splitlines())) <= 24
    assert text.splitlines()[2:4] == ["A     one two three four", "      five six seven"]


@pytest.mark.parametrize("width", [60, 90, 200])
def test_a_table_of_the_snds_fits_the_terminal(width: int) -> None:
    table = snds_catalog("core", 2022).table("ER_PRS_F")

    body = table_text(table, "en", width).split("\n\n")[1]

    assert max(map(len, body.splitlines())) <= width
    assert "BEN_NIR_PSA" in body


def test_the_list_says_what_there_is() -> None:
    found = listed_tables("cepidc", 2022)

    assert [item["name"] for item in found] == ["KI_CCI_R", "KI_ECD_R"]
    assert listing_text(found, 100).endswith("2 tables\n")
    assert len(listed_tables()) > 200
