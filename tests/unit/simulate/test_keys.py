"""Keys and links of a simulated base hold, and every identifier shows that it is synthetic."""

from __future__ import annotations


def test_primary_keys_are_unique(base):
    for table in base.catalog.tables:
        if table.primary_key:
            keys = ", ".join(table.primary_key)
            rows = base.count(f"SELECT count(*) FROM {table.name}")
            assert rows == base.count(f"SELECT count(DISTINCT hash({keys})) FROM {table.name}"), table.name


def test_no_child_is_without_its_parent(base):
    for table in base.catalog.tables:
        for key in table.foreign_keys:
            match = " AND ".join(f"c.{a} = p.{b}" for a, b in zip(key.columns, key.target_columns, strict=True))
            filled = " AND ".join(f"c.{name} IS NOT NULL" for name in key.columns)
            query = f"SELECT count(*) FROM {table.name} c ANTI JOIN {key.target} p ON {match} WHERE {filled}"
            assert base.count(query) == 0, (table.name, key.columns)


def test_columns_that_may_not_be_missing_are_filled(base):
    for table in base.catalog.tables:
        for column in table.columns:
            if not column.nullable:
                assert base.tables[table.name][column.name].null_count == 0, (table.name, column.name)


def test_persons_are_marked(base):
    assert (
        base.count("SELECT count(*) FROM IR_BEN_R WHERE BEN_NIR_PSA NOT LIKE 'SYN%' OR length(BEN_NIR_PSA) <> 17") == 0
    )


def test_several_pseudonyms_tell_persons_apart_by_rank(base_with_pseudonyms):
    """Same-sex twins share BEN_NIR_PSA; a child of two holders has two, of one person (BEN_IDT_ANO)."""
    base = base_with_pseudonyms
    twice = "SELECT count(*) FROM (SELECT {0} FROM IR_BEN_R GROUP BY {0} HAVING count(*) > 1)"
    assert base.count(twice.format("BEN_NIR_PSA, BEN_RNG_GEM")) == 0
    assert base.count(twice.format("BEN_IDT_ANO")) > 0
    assert base.count("SELECT count(DISTINCT BEN_RNG_GEM) FROM IR_BEN_R") <= 2
    orphans = "SELECT count(*) FROM ER_PRS_F p ANTI JOIN IR_BEN_R b USING (BEN_NIR_PSA, BEN_RNG_GEM)"
    assert base.count(orphans) == 0
    used = """SELECT count(*) FROM (SELECT b.BEN_IDT_ANO FROM ER_PRS_F p
        JOIN IR_BEN_R b USING (BEN_NIR_PSA, BEN_RNG_GEM)
        GROUP BY 1 HAVING count(DISTINCT p.BEN_NIR_PSA) > 1)"""
    assert base.count(used) > 0
