"""Constraints that a column has no attribute for survive reading and writing a descriptor."""

from synth.core.descriptor import catalog_from
from synth.core.descriptor_writer import descriptor_of


def test_a_date_bound_and_an_exclusive_bound_are_kept() -> None:
    fields = [
        {"name": "day", "type": "date", "constraints": {"required": True, "minimum": "2020-01-01"}},
        {"name": "count", "type": "integer", "constraints": {"minimum": 2, "exclusiveMaximum": 9}},
    ]
    catalog = catalog_from({"name": "x", "resources": [{"name": "t", "schema": {"fields": fields}}]})

    written = descriptor_of(catalog)

    kept = [field["constraints"] for field in written["resources"][0]["schema"]["fields"]]
    assert kept == [{"required": True, "minimum": "2020-01-01"}, {"minimum": 2, "exclusiveMaximum": 9}]
    assert catalog_from(written) == catalog
