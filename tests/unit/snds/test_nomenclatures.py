"""Code lists: that they fit the columns that name them, and which copy is read."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from synth.core.catalog import Column
from synth.core.errors import UserError
from synth.core.nomenclatures import (
    find_nomenclature,
    forget_lists,
    nomenclature,
    nomenclature_origins,
    shipped_nomenclature,
)
from synth.core.resources import schemas_root
from synth.core.snds import snds_catalog
from synth.core.userdata import data_folder

# lists that a person must read
LABELLED = (
    "IR_SEX_V IR_ALD_V IR_EXO_V IR_ETM_V IR_SPE_V IR_ACT_V IR_CNV_V IR_RGM_V_GRG MS_PRV_V MS_SOR_V IR_NFS_V IR_DEP_V "
    "IR_TYR_V IR_TAA_V IR_NIR_V IR_QBA_V DS_LIE_V DS_CIR_V DS_VER_V"
).split()


@pytest.fixture(autouse=True)
def own_data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("SYNTH_DATA_DIR", str(tmp_path))
    forget_lists()
    yield tmp_path
    forget_lists()


def fits(code: str, column: Column) -> bool:
    if column.type == "string":
        return column.maximum_length is None or len(code) <= column.maximum_length
    if column.type == "integer":
        return code.isdigit() and (column.maximum is None or int(code) <= column.maximum)
    return column.type == "number" and code.replace(".", "", 1).isdigit()


def columns() -> list[tuple[str, Column]]:
    catalogs = (snds_catalog("all", None), snds_catalog("historical", None))
    tables = [table for catalog in catalogs for table in catalog.tables]
    return [(table.name, column) for table in tables for column in table.columns if column.nomenclature]


def test_every_list_that_a_column_names_is_shipped_and_fits_it() -> None:
    for table, column in columns():
        listed = nomenclature(str(column.nomenclature))
        assert listed.codes, column.nomenclature
        assert [code for code in listed.codes if not fits(code, column)] == [], (table, column.name)


@pytest.mark.parametrize("name", LABELLED)
def test_lists_that_a_person_reads_are_labelled_in_two_languages(name: str) -> None:
    for entry in nomenclature(name).entries:
        assert entry.label, entry.code
        assert entry.label_en, entry.code


def test_frequent_benefits_are_labelled() -> None:
    benefits = nomenclature("IR_NAT_V")
    weighed = sorted((entry for entry in benefits.entries if entry.weight), key=lambda entry: -(entry.weight or 0))
    assert sum(entry.weight or 0 for entry in weighed) == pytest.approx(100, abs=0.5)
    assert all(entry.label for entry in weighed[:40])


def test_labels_are_of_codes_that_exist() -> None:
    lines = (schemas_root() / "build" / "labels.txt").read_text(encoding="utf-8").splitlines()[1:]
    name = ""
    for line in lines:
        if line.startswith("#"):
            name = line[1:]
        elif find_nomenclature(name) is not None:
            code, label, _ = line.split("|")
            assert nomenclature(name).labels.get(code) == label, (name, code)


def test_diagnoses_know_their_sex_age_and_disease() -> None:
    hospital = {entry.code: entry for entry in nomenclature("MS_CIM_V").entries}
    assert (hospital["O800"].sex, hospital["O800"].age_min, hospital["O800"].age_max) == ("2", 12, 55)
    assert hospital["C61"].sex == "1"
    assert hospital["Z380"].age_max == 0
    assert hospital["I500"].sex is None
    claims = {entry.code: entry for entry in nomenclature("IR_CIM_V").entries}
    assert claims["E119"].parent == "8"
    assert claims["C509"].parent == "30"


def test_codes_of_the_new_death_certificate_are_dated() -> None:
    forms = {entry.code: entry.valid_from for entry in nomenclature("DS_VER_V").entries}
    assert forms == {"1": None, "2": "2017-01-01"}


def test_no_long_list_carries_labels_of_its_publisher() -> None:
    for name in ("MS_CIM_V", "IR_CIM_V", "IR_CCAM_V63", "NT_LPP", "IR_PHA_R", "NU_UCD_R", "IR_BIO_R"):
        listed = nomenclature(name)
        assert listed.labels == {}
        assert listed.source


def test_communes_are_told_with_their_department() -> None:
    communes = nomenclature("IR_GEO_V")
    departments = nomenclature("IR_DPT_V")
    assert communes.parent == "IR_DPT_V"
    assert {entry.parent for entry in communes.entries} <= set(departments.codes)
    assert "201" in departments
    assert "20" not in departments


def test_a_cut_list_says_so() -> None:
    assert nomenclature("IR_SEX_V").complete
    assert not nomenclature("NT_LPP").complete
    assert "of" in str(nomenclature("NT_LPP").part)


def test_an_imported_list_is_preferred(own_data: Path) -> None:
    folder = own_data / "nomenclatures"
    folder.mkdir()
    (folder / "IR_SEX_V.csv").write_text("code,label\n1,un\n3,trois\n", encoding="utf-8")
    (folder / "index.json").write_text(json.dumps({"IR_SEX_V": {"source": "mine", "codes": 2}}), encoding="utf-8")
    forget_lists()
    found = nomenclature("IR_SEX_V")
    assert (found.codes, found.origin, found.source) == (("1", "3"), "imported", "mine")
    assert nomenclature_origins()["IR_SEX_V"] == "imported"
    assert nomenclature_origins()["IR_ALD_V"] == "shipped"
    shipped = shipped_nomenclature("IR_SEX_V")
    assert shipped is not None
    assert "2" in shipped


def test_a_broken_import_is_a_user_error(own_data: Path) -> None:
    folder = own_data / "nomenclatures"
    folder.mkdir()
    (folder / "index.json").write_text('{"IR_SEX_V": {}}', encoding="utf-8")
    forget_lists()
    with pytest.raises(UserError, match="not a code list"):
        nomenclature("IR_SEX_V")


def test_an_unknown_list_is_a_user_error() -> None:
    assert find_nomenclature("NO_SUCH_LIST") is None
    with pytest.raises(UserError, match="import"):
        nomenclature("NO_SUCH_LIST")


@pytest.mark.parametrize(
    ("platform", "variables", "expected"),
    [
        ("linux", {"XDG_DATA_HOME": "/x"}, "/x/synth-snds"),
        ("linux", {"HOME": "/h"}, "/h/.local/share/synth-snds"),
        ("darwin", {"HOME": "/h"}, "/h/Library/Application Support/synth-snds"),
        ("win32", {"LOCALAPPDATA": "/l"}, "/l/synth-snds"),
        ("linux", {"SYNTH_DATA_DIR": "/d", "XDG_DATA_HOME": "/x"}, "/d"),
    ],
)
def test_the_data_folder_follows_the_platform(
    platform: str, variables: dict[str, str], expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("SYNTH_DATA_DIR", "XDG_DATA_HOME", "LOCALAPPDATA"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("sys.platform", platform)
    assert data_folder().as_posix() == expected
