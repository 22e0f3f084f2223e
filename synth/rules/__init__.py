"""Validity rules of the SNDS: conditions written as data, checked by DuckDB on any SNDS-shaped tables."""

from synth.rules.check import Finding, as_records, check_tables
from synth.rules.registry import NOT_CHECKED, RULES
from synth.rules.rule import Rule

__all__ = ["NOT_CHECKED", "RULES", "Finding", "Rule", "as_records", "check_tables"]
