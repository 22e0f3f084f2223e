"""Other people's validators accept every schema: frictionless, and the profile of Data Package 2.0."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from synth.core.descriptor_writer import descriptor_of, schema_of
from synth.core.snds import snds_catalog, snds_table, snds_tables


@pytest.mark.parametrize("name", sorted(snds_tables()))
def test_frictionless_accepts_every_schema(name: str) -> None:
    from frictionless import Schema

    assert list(Schema.metadata_validate(schema_of(snds_table(name)))) == []


@pytest.mark.shared
@pytest.mark.parametrize(("selection", "year"), [("core", 2015), ("core", None), ("all", 2022), ("historical", None)])
def test_the_profile_of_data_package_accepts_the_catalog(selection: str, year: int | None, shared: Path) -> None:
    import jsonschema

    profile = json.loads((shared / "specs" / "datapackage-2.0" / "datapackage.json").read_text(encoding="utf-8"))
    document = descriptor_of(snds_catalog(selection, year))
    for resource in document["resources"]:
        resource["path"] = f"{resource['name']}.csv"  # where the rows are is not the catalog's to say
    jsonschema.Draft7Validator(profile).validate(document)
