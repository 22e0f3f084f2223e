"""Columns of SNDS-shaped tables that outside files meet: the open register of deaths, and claims against stays."""

from __future__ import annotations

from synth.core.catalog import Catalog
from synth.core.joins import person_paths
from synth.metrics.analyses.columns import Place

# Deaths: the CepiDC table first, which has the cause; else the table of beneficiaries
DEATHS = ("KI_CCI_R", "IR_BEN_R")
SEX, BIRTH_YEAR, BIRTH_MONTH, DEATH = "BEN_SEX_COD", "BEN_NAI_ANN", "BEN_NAI_MOI", "BEN_DCD_DTE"
COMMUNE, DEPARTMENT, CAUSE = "BEN_RES_COM", "BEN_RES_DPT", "DCD_CIM_COD"
REGISTER = (SEX, BIRTH_YEAR, BIRTH_MONTH, DEATH, DEPARTMENT, COMMUNE, CAUSE)
# Stays: entry and exit are in table C of a year, age and sex in its table B, which refers to it
STAY = ("EXE_SOI_DTD", "EXE_SOI_DTF")
PATIENT = ("AGE_ANN", "COD_SEX")
# What claims know of the same person
BENEFICIARY = (BIRTH_YEAR, BIRTH_MONTH, DEPARTMENT, COMMUNE)


def death_table(catalog: Catalog) -> str | None:
    """The table of persons' deaths with sex, birth and date of death, if there is one."""
    belonging = _belonging(catalog)
    for name in DEATHS:
        if name in belonging and all(catalog.table(name).has(column) for column in REGISTER[:5]):
            return name
    return None


def stay_tables(catalog: Catalog) -> tuple[tuple[str, str], ...]:
    """(table C, table B) of every year of hospital stays that lead to persons; B is C where the year has no B."""
    found = []
    belonging = _belonging(catalog)
    for table in catalog.tables:
        if table.name in belonging and table.name.startswith("T_MCO") and all(table.has(column) for column in STAY):
            below = [
                other.name
                for other in catalog.tables
                if all(other.has(column) for column in PATIENT)
                and any(key.target == table.name for key in other.foreign_keys)
            ]
            found.append((table.name, below[0] if below else table.name))
    return tuple(found)


def _belonging(catalog: Catalog) -> frozenset[str]:
    """Tables whose rows are those of persons; a draft of a catalog may not see that others are."""
    root = () if catalog.person is None else (catalog.person.table,)
    return frozenset((*root, *person_paths(catalog)))


def linked_places(catalog: Catalog) -> frozenset[Place]:
    """Every column that these adversaries read."""
    found: set[Place] = set()
    deaths = death_table(catalog)
    if deaths is not None:
        found |= {(deaths, column) for column in REGISTER if catalog.table(deaths).has(column)}
    for stays, patients in stay_tables(catalog):
        found |= {(stays, column) for column in STAY}
        found |= {(patients, column) for column in PATIENT if catalog.table(patients).has(column)}
    if found and "IR_BEN_R" in catalog.table_names:
        found |= {("IR_BEN_R", column) for column in BENEFICIARY if catalog.table("IR_BEN_R").has(column)}
    return frozenset(found)
