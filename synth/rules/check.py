"""Check tables against the rules: DuckDB counts the rows at fault, rule by rule.

Works on any SNDS-shaped tables with a catalog, or on a folder of CSV and Parquet files named as the SNDS names them;
rules whose tables or columns are missing are reported as not applicable.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from synth.rules.registry import RULES
from synth.rules.rule import Rule
from synth.rules.structure import columns_of_the_year, needed_columns, structural_rules
from synth.rules.tables import Tables, nothing_more, open_tables

CHANCE = 3.0  # standard deviations of a Poisson count


@dataclass(frozen=True, slots=True)
class Finding:
    """What one rule found: rows seen and at fault (None when not applicable), and the key of one faulty row."""

    rule: Rule
    rows: int | None
    faults: int | None
    example: Mapping[str, str] | None = None

    @property
    def share(self) -> float:
        """Share of rows at fault."""
        return self.faults / self.rows if self.rows and self.faults else 0.0

    @property
    def status(self) -> str:
        """`holds`, `broken`, or `not applicable`. A soft rule is broken beyond what chance explains in few rows."""
        if self.rows is None:
            return "not applicable"
        expected = self.rule.allowed * self.rows
        return "broken" if (self.faults or 0) > expected + CHANCE * expected**0.5 else "holds"


def check_tables(path: Path, rules: tuple[Rule, ...] = RULES, examples: bool = False) -> list[Finding]:
    """Findings of every rule on the tables at `path`.

    `examples` adds the key of one faulty row to each finding: for synthetic tables only, as a key is a data value.
    Raises UserError when no SNDS table is found.
    """
    whole = rules is RULES
    with open_tables(path, _wanted(rules), needed_columns if whole else nothing_more) as tables:
        if not whole:
            return [_apply(tables, rule, examples) for rule in rules]
        every = sorted((*rules, *structural_rules(tables)), key=lambda rule: rule.number)
        return [_columns(tables, examples), *(_apply(tables, rule, examples) for rule in every)]


def _wanted(rules: tuple[Rule, ...]) -> dict[str, set[str]]:
    """Columns that rules use, by table."""
    wanted: dict[str, set[str]] = {}
    for rule in rules:
        for table, names in rule.needs.items():
            wanted.setdefault(table, set()).update(names, rule.key)
    return wanted


def _columns(tables: Tables, examples: bool) -> Finding:
    rule, seen, faults, example = columns_of_the_year(tables)
    return Finding(rule, seen or None, faults if seen else None, example if examples else None)


def _apply(tables: Tables, rule: Rule, examples: bool) -> Finding:
    if not tables.has(rule.needs):
        return Finding(rule, None, None)
    rows, faults = tables.rows(f"SELECT count(*), count(*) FILTER (WHERE {rule.broken}) FROM {rule.rows}")[0]
    example = None
    if examples and faults and rule.key:
        shown = [name for name in rule.key if any(name in tables.known[table] for table in rule.needs)]
        keys = ", ".join(f"S({name})" for name in shown) or "NULL"
        found = tables.rows(f"SELECT {keys} FROM {rule.rows} WHERE {rule.broken} LIMIT 1")[0]
        example = dict(zip(shown, found, strict=False))
    return Finding(rule, int(rows), int(faults), example)


def as_records(findings: list[Finding]) -> list[dict[str, Any]]:
    """Findings as plain values, ready for JSON."""
    return [
        {
            "rule": finding.rule.number,
            "name": finding.rule.name,
            "severity": finding.rule.severity,
            "status": finding.status,
            "rows": finding.rows,
            "faults": finding.faults,
            "share": round(finding.share, 6),
            "allowed": finding.rule.allowed,
            "explanation": finding.rule.why,
            "example": finding.example,
        }
        for finding in findings
    ]
