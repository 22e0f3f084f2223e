"""A resource that is another form of a table is not a table of its own."""

from synth.core.descriptor import catalog_from


def test_another_form_of_a_table_is_not_read_as_a_table() -> None:
    table = {"name": "t", "path": "t.csv", "schema": {"fields": [{"name": "a", "type": "integer"}]}}
    catalog = catalog_from({"resources": [table, {"name": "t-parquet", "path": "t.parquet", "synth:formOf": "t"}]})

    assert catalog.table_names == ("t",)
