"""Rules of SNDS tables are known by name, and left out where the tables are not as the SNDS has them."""

from __future__ import annotations

from dataclasses import replace

from synth.core.catalog import Catalog, Column, Person, Table
from synth.core.jsontext import read_json
from synth.core.resources import schemas_root
from synth.core.ruletext import Formula, parse_formula
from synth.core.snds import resolve_name, snds_catalog, table_name
from synth.pipeline.known_rules import known_rules
from synth.rules import RULES

LISTED = read_json(schemas_root() / "rules" / "snds.json")["tables"]


def told(catalog: Catalog, table: str) -> list[str]:
    return [rule.text for rule in catalog.table(table).rules if isinstance(rule, Formula)]


def test_every_listed_rule_fits_the_tables_of_the_snds_and_has_a_number() -> None:
    catalog = known_rules(snds_catalog(list(LISTED), 2022))
    numbers = {rule.number for rule in RULES}

    for pattern, rules in LISTED.items():
        assert resolve_name(pattern)[0] == pattern
        assert len(catalog.table(table_name(pattern, 2022)).rules) == len(rules), pattern
        assert {rule["number"] for rule in rules} <= numbers


def test_rules_name_the_tables_of_the_year() -> None:
    catalog = known_rules(snds_catalog(list(LISTED), 2019))

    assert "SOR_MOI = format(T_MCO19C.EXE_SOI_DTF, '%m')" in told(catalog, "T_MCO19B")


def test_a_table_that_has_rules_of_its_own_keeps_them_and_other_tables_have_none() -> None:
    catalog = snds_catalog(["IR_BEN_R"], 2022)
    own = replace(catalog.table("IR_BEN_R"), rules=(parse_formula("BEN_SEX_COD > 0"),))
    patients = Table("patients", (Column("id"),), ("id",))
    catalog = Catalog((own, patients), Person("patients", ("id",)))

    assert known_rules(catalog) == catalog


def test_a_rule_about_a_column_that_is_not_there_or_is_of_another_type_is_left_out() -> None:
    catalog = snds_catalog(["IR_IMB_R", "IR_BEN_R"], 2022)
    table = catalog.table("IR_IMB_R")
    texts = tuple(replace(c, type="string") if c.name == "IMB_ALD_DTF" else c for c in table.columns)
    fewer = tuple(column for column in table.columns if column.name != "MED_MTF_COD")

    for columns, gone in ((texts, "IMB_ALD_DTF"), (fewer, "MED_MTF_COD")):
        tables = tuple(replace(table, columns=columns) if each is table else each for each in catalog.tables)
        rules = told(known_rules(replace(catalog, tables=tables)), "IR_IMB_R")
        assert rules
        assert not [rule for rule in rules if gone in rule]
