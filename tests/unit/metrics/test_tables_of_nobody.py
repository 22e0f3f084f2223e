"""SNDS tables that a catalog does not tie to persons: passed over where known of the SNDS, refused where declared."""

from __future__ import annotations

from dataclasses import replace

import pytest

from synth.core.catalog import Catalog, ForeignKey, Person
from synth.core.errors import UserError
from synth.core.snds import snds_catalog
from synth.metrics.analyses import find_analyses
from synth.metrics.analyses.columns import places
from synth.metrics.evidence.snds import death_table, linked_places, stay_tables

TIED = snds_catalog("IR_BEN_R,T_MCOaaB,T_MCOaaC,KI_CCI_R", 2022)


def untied() -> Catalog:
    """The same tables with no reference to persons but that of a second year of stays."""
    tables = [replace(table, foreign_keys=()) for table in TIED.tables]
    persons, stays = (next(t for t in tables if t.name == name) for name in ("IR_BEN_R", "T_MCO22C"))
    key = ForeignKey(("NIR_ANO_17",), persons.name, ("BEN_NIR_PSA",))
    alone = replace(persons, primary_key=("BEN_NIR_PSA",))
    later = replace(stays, name="T_MCO23C", foreign_keys=(key,))
    rest = tuple(table for table in tables if table.name != persons.name)
    return Catalog((alone, *rest, later), Person(persons.name, ("BEN_NIR_PSA",)))


def test_only_tables_that_lead_to_persons_are_linked() -> None:
    catalog = untied()
    assert stay_tables(catalog) == (("T_MCO23C", "T_MCO23C"),)
    assert death_table(catalog) == "IR_BEN_R"
    assert {table for table, _ in linked_places(catalog)} == {"IR_BEN_R", "T_MCO23C"}


def test_only_tables_that_lead_to_persons_are_analysed() -> None:
    catalog = untied()
    assert places(catalog, "T_MCOaaC.EXE_SOI_DTD", "IR_BEN_R") == (("T_MCO23C", "EXE_SOI_DTD"),)
    found = find_analyses(catalog, None, "IR_BEN_R")
    named = {name for item in (*found.conditions, *found.costs, *found.pathways) for name in item.columns}
    assert not any(name.startswith(("T_MCOaaB", "KI_CCI_R")) for name in named)
    assert find_analyses(TIED, None, "IR_BEN_R").conditions


@pytest.mark.parametrize("kind", ["costs", "conditions"])
def test_a_table_of_nobody_cannot_be_declared(kind: str) -> None:
    declared = {kind: [{"name": "a", "column": "T_MCO22B.GHS_NUM"}]}
    with pytest.raises(UserError, match="belongs to nobody"):
        find_analyses(untied(), declared, "IR_BEN_R")
