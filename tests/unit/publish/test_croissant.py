"""Croissant: valid without a warning, and its records are the rows of the tables."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

mlcroissant = pytest.importorskip("mlcroissant")
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning")


def test_it_is_valid_and_warns_of_nothing(package_dir: Path) -> None:
    dataset = mlcroissant.Dataset(str(package_dir / "croissant.json"))

    assert (dataset.metadata.ctx.issues.errors, dataset.metadata.ctx.issues.warnings) == (set(), set())


@pytest.mark.parametrize(("record_set", "rows"), [("patients", 20), ("sejours_2", 40), ("actes", 40), ("vide", 0)])
def test_its_records_load(package_dir: Path, record_set: str, rows: int) -> None:
    records = list(mlcroissant.Dataset(str(package_dir / "croissant.json")).records(record_set))

    assert len(records) == rows
    if record_set == "patients":
        assert records[0]["patients/case_id"] == b"SYN001" and records[0]["patients/mother_s_id"] is None


def test_every_foreign_key_is_told_composite_ones_too(package_dir: Path) -> None:
    document = json.loads((package_dir / "croissant.json").read_text("utf-8"))
    fields = {field["@id"] for item in document["recordSet"] for field in item["field"]}

    told = [key for item in document["recordSet"] for key in item.get("foreignKeys", ())]
    keys = {tuple(key["columnReference"]): tuple(key["reference"]["columnReference"]) for key in told}

    assert keys[("actes/case_id", "actes/n")] == ("sejours_2/case_id", "sejours_2/n")
    assert keys[("patients/mother_s_id",)] == ("patients/case_id",) and len(keys) == 3
    assert all(name in fields for pair in keys.items() for names in pair for name in names)


def test_it_says_synthetic(package_dir: Path) -> None:
    document = json.loads((package_dir / "croissant.json").read_text("utf-8"))

    assert document["rai:hasSyntheticData"] is True
    assert document["digitalSourceType"].endswith("TrainedAlgorithmicMediaDigitalSource")
    assert {"license", "datePublished", "version", "citeAs"} <= document.keys()
