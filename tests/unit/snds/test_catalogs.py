"""Catalogs of the SNDS by year: what they hold, and that their keys hold together."""

from __future__ import annotations

import pytest

from synth.core.catalog import Catalog, Table
from synth.core.descriptor import catalog_from
from synth.core.descriptor_writer import descriptor_of
from synth.core.errors import UserError
from synth.core.joins import person_paths
from synth.core.snds import snds_catalog, snds_table, snds_tables

YEARS = range(2015, 2025)
# foreign keys to columns that are not a key of their table, on purpose (see snds_catalog)
LOGICAL = {
    ("T_MCOaaC", "NIR_ANO_17"): "hospital tables know the pseudonym without the rank of twins",
    ("T_MCOaaCSTC", "NIR_ANO_17"): "hospital tables know the pseudonym without the rank of twins",
    ("T_SSRaaC", "NIR_ANO_17"): "hospital tables know the pseudonym without the rank of twins",
    ("T_SSRaaCSTC", "NIR_ANO_17"): "hospital tables know the pseudonym without the rank of twins",
    ("T_HADaaC", "NIR_ANO_17"): "hospital tables know the pseudonym without the rank of twins",
    ("T_RIPaaCSTC", "NIR_ANO_17"): "hospital tables know the pseudonym without the rank of twins",
    ("IR_VAC_F", "BEN_NIR_PSA"): "vaccinations know the pseudonym without the rank of twins",
    ("T_RIPaaC", "NIR_ANO_17"): "hospital tables know the pseudonym without the rank of twins",
    ("KI_CCI_R", "BEN_IDT_ANO"): "one person may have several pseudonyms, hence several rows in IR_BEN_R",
    ("CT_IND_AAAA_GN", "BEN_IDT_ANO"): "one person may have several pseudonyms, hence several rows in IR_BEN_R",
    ("CT_DEP_AAAA_GN", "BEN_IDT_ANO"): "one person may have several pseudonyms, hence several rows in IR_BEN_R",
    ("IR_IBA_R", "BEN_IDT_ANO"): "one person may have several pseudonyms, hence several rows in IR_BEN_R",
}
# the columns by which sndsTools, pysnds and SCALPEL read the core tables
READ_BY_CLIENTS = {
    "ER_PRS_F": "EXE_SOI_DTD FLX_DIS_DTD PSE_SPE_COD PFS_EXE_NUM PRS_NAT_REF PRS_ACT_QTE DPN_QLF CPL_MAJ_TOP",
    "ER_PHA_F": "PHA_PRS_C13 PHA_ACT_QSN PHA_DEC_TOP",
    "ER_ETE_F": "ETE_IND_TAA ETB_EXE_FIN ETE_MCO_DDP",
    "ER_UCD_F": "UCD_UCD_COD",
    "IR_PHA_R": "PHA_CIP_C13 PHA_ATC_CLA PHA_GRD_CND PHA_CIP_UCD",
    "IR_IMB_R": "IMB_ALD_DTD IMB_ALD_DTF IMB_ALD_NUM IMB_ETM_NAT MED_MTF_COD",
    "T_MCO22B": "DGN_PAL DGN_REL GRG_GHM SEJ_TYP ENT_MOD SOR_MOD SEJ_NBJ",
    "T_MCO22C": "NIR_RET NAI_RET SEX_RET SEJ_RET FHO_RET PMS_RET DAT_RET COH_NAI_RET COH_SEX_RET EXE_SOI_DTD",
    "KI_CCI_R": "DCD_CIM_COD BEN_DCD_DTE",
    "KI_ECD_R": "ECD_CIM_COD",
}


@pytest.fixture(scope="module")
def core() -> Catalog:
    return snds_catalog()


def keys(table: Table) -> set[tuple[str, ...]]:
    return {table.primary_key, *table.unique_keys}


@pytest.mark.parametrize("selection", ["core", "all", "historical"])
@pytest.mark.parametrize("year", YEARS)
def test_foreign_keys_target_a_key_of_the_same_type(year: int, selection: str) -> None:
    catalog = snds_catalog(selection, year)
    for table in catalog.tables:
        for key in table.foreign_keys:
            target = catalog.table(key.target)
            for mine, theirs in zip(key.columns, key.target_columns, strict=True):
                assert table.column(mine).type == target.column(theirs).type, (table.name, mine)
            pattern = str(table.extra["synth:pattern"])
            logical = (pattern, "+".join(key.columns)) in LOGICAL
            assert (key.target_columns not in keys(target)) == logical, (table.name, key)
            assert (list(key.columns) in table.extra.get("synth:logical", [])) == logical


@pytest.mark.parametrize("year", YEARS)
def test_the_core_loads_for_each_year(year: int) -> None:
    catalog = snds_catalog("core", year)
    assert len(catalog.tables) == 27
    assert catalog.person is not None
    assert catalog.person.table == "IR_BEN_R"
    assert catalog.extra["synth:year"] == year


def test_every_care_table_leads_to_its_person(core: Catalog) -> None:
    referentials = {"DA_PRA_R", "BE_IDE_R", "IR_PHA_R", "T_MCO22E"}
    assert set(core.table_names) - set(person_paths(core)) == referentials


def test_a_diagnosis_belongs_to_its_stay_then_to_its_person(core: Catalog) -> None:
    path = person_paths(core)["T_MCO22D"]
    assert [key.target for key in path.keys] == ["T_MCO22B", "T_MCO22C", "IR_BEN_R"]


def test_the_tables_that_clients_read_are_whole(core: Catalog) -> None:
    for table, columns in READ_BY_CLIENTS.items():
        assert set(columns.split()) <= set(core.table(table).column_names), table


def test_types_are_those_of_oracle(core: Catalog) -> None:
    stay = core.table("T_MCO22B")
    assert stay.column("ETA_NUM").type == "string"  # departments 01 to 09, 2A: not an integer
    assert stay.column("RSA_NUM").maximum_length == 10
    amount = core.table("ER_PRS_F").column("BSE_REM_MNT")
    assert (amount.type, amount.scale, amount.extra["synth:oracle"]) == ("number", 2, "NUMBER(11,2)")
    assert core.table("T_MCO22C").column("SEX_RET").type == "string"  # 0, 1 or 9: not a boolean
    assert core.table("ER_PRS_F").column("PFS_EXE_NUM").maximum_length == 8


@pytest.mark.parametrize(
    ("table", "column", "first", "last"),
    [
        ("T_MCOaaB", "COD_IGS", 2006, 2009),
        ("T_MCOaaUM", "IGS2_COD", 2010, None),
        ("T_MCOaaUM", "UM_TYP", 2006, 2009),
        ("T_MCOaaUM", "AUT_TYP1_UM", 2010, None),
        ("T_MCOaaB", "COD_POST", 2020, None),
        ("T_MCOaaC", "SOR_ANN", 2006, 2018),
        ("ER_PRS_F", "BEN_C2S_TYP", 2013, None),
        ("ER_PRS_F", "PRS_DRA_DTD", 2006, 2010),
    ],
)
def test_columns_exist_in_their_years_only(table: str, column: str, first: int, last: int | None) -> None:
    for year in range(2006, 2026):
        present = first <= year and (last is None or year <= last)
        assert snds_table(table, year).has(column) is present, year


def test_a_gap_in_the_years_of_a_column_is_kept() -> None:
    present = [year for year in range(2013, 2025) if snds_table("T_MCOaaB", year).has("TOP_MAIS_NAI")]
    written = snds_table("T_MCOaaB").column("TOP_MAIS_NAI").extra["synth:years"]
    assert len(present) < 2024 - 2016 + 1, written


def test_former_keys_serve_the_years_before_a_column() -> None:
    assert snds_table("T_MCOaaUM", 2022).primary_key == ("ETA_NUM", "RSA_NUM", "RUM_ORD_NUM")
    assert snds_table("T_MCOaaUM", 2015).primary_key == ("ETA_NUM", "RSA_NUM", "UM_ORD_NUM")
    assert snds_table("T_MCOaaUM", 2008).primary_key == ()


def test_a_selection_may_be_names_products_or_groups() -> None:
    assert snds_catalog("ER_PRS_F, T_MCO22B", 2022).table_names == ("ER_PRS_F", "T_MCO22B")
    assert snds_catalog(("T_MCOaaB",), 2021).table_names == ("T_MCO21B",)
    assert {str(table.extra["synth:product"]) for table in snds_catalog("CEPIDC", 2020).tables} == {"CEPIDC"}
    hospital = {str(table.extra["synth:product"]) for table in snds_catalog("pmsi", 2022).tables}
    assert hospital == {"PMSI_MCO", "PMSI_SSR", "PMSI_HAD", "PMSI_RIP"}


def test_foreign_keys_to_tables_left_out_are_dropped() -> None:
    assert snds_catalog("ER_PHA_F", 2022).tables[0].foreign_keys == ()


def test_historical_products_are_loaded_on_request_only() -> None:
    assert not any(entry.historical for entry in map(snds_tables().get, snds_catalog("all", None).table_names) if entry)
    assert {"EB_PRS_F", "NS_PRS_F", "IR_IBA_R"} <= set(snds_catalog("historical", None).table_names)


def test_every_table_can_be_loaded_by_name() -> None:
    for name in snds_tables():
        assert snds_table(name).columns, name


def test_archived_claims_tables_carry_their_year() -> None:
    assert "ER_PRS_F_2010" in snds_catalog("DCIR", 2010).table_names
    assert "ER_PRS_F" in snds_catalog("DCIR", 2013).table_names


@pytest.mark.parametrize(
    ("tables", "year"),
    [("T_MCOaaZZ", 2022), ("core", 2005), ("T_MCO21B", 2022), ("T_MCOaaGV2016", 2022), ("", 2022), ((), 2022)],
)
def test_what_cannot_be_loaded_is_a_user_error(tables: str | tuple[str, ...], year: int) -> None:
    with pytest.raises(UserError):
        snds_catalog(tables, year)


def test_a_catalog_survives_its_descriptor(core: Catalog) -> None:
    assert catalog_from(descriptor_of(core)) == core


def test_rows_are_ordered_by_times_and_ranks_never_by_identifiers() -> None:
    for table in snds_catalog("all", None).tables:
        for name in table.order_by:
            column = table.column(name)
            assert column.type in ("date", "integer"), (table.name, name)
            assert column.role != "key" or name.endswith(("_ORD_NUM", "_RNG")) or name == "DGN_ASS_NUM"


def test_no_column_of_a_table_belongs_to_two_foreign_keys() -> None:
    for table in snds_catalog("all", None).tables:
        columns = [name for key in table.foreign_keys for name in key.columns]
        assert len(columns) == len(set(columns)), table.name


def test_links_that_hold_for_most_rows_only_are_not_keys(core: Catalog) -> None:
    lines = core.table("ER_PRS_F")
    soft = [link["fields"] for link in lines.extra["synth:references"]]
    assert ["PFS_EXE_NUM"] in soft
    assert all(key.target == "IR_BEN_R" for key in lines.foreign_keys)


def test_core_columns_are_titled_and_described_in_two_languages() -> None:
    for table in snds_catalog("core", None).tables:
        assert table.title
        assert table.extra["synth:titleEn"]
        for column in table.columns:
            texts = (column.title, column.description, column.extra.get("synth:titleEn"))
            assert all((*texts, column.extra.get("synth:descriptionEn"))), (table.name, column.name)


def test_every_table_is_titled_in_two_languages() -> None:
    for name in snds_tables():
        table = snds_table(name)
        assert table.title, name
        assert table.extra["synth:titleEn"], name
