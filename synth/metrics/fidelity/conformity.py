"""What the catalog and the SNDS's rules ask of the tables: shares of cells and of rows that keep to it.

`constraint_share` is, for each table, the share of checked cells that meet their constraints (required, bounds,
lengths, pattern, closed list): 1 when all do. `claims_validity` is, for each validity rule of the SNDS (`synth check`),
the share of rows that break it, beside the share of real rows that do: real claims break rules too. Rates of real rows
that fewer than `Plan.cell` rows make up are not told.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from synth.core.dataset import Dataset
from synth.core.score import Score
from synth.io.constraints import checks_of
from synth.metrics.evidence.keys import root_table
from synth.metrics.intervals import quantile, wilson
from synth.metrics.scoring import measured, skipped
from synth.rules.check import Finding, check_tables

CONSTRAINTS, RULES = "constraint_share", "claims_validity"


def conformity(real: Dataset, synthetic: Dataset, cell: int) -> list[Score]:
    """Both figures; `real` are the real tables that stand beside, control persons where there are any."""
    return [*_constraints(real, synthetic), *_rules(real, synthetic, cell)]


def _constraints(real: Dataset, synthetic: Dataset) -> list[Score]:
    scores = []
    for name in real.catalog.table_names:
        if name not in synthetic.catalog.table_names or real.catalog.table(name).public:
            continue
        ours, theirs = (_kept(dataset, real, name) for dataset in (real, synthetic))
        if theirs[1]:
            share = 1 - theirs[0] / theirs[1]
            control = 1 - ours[0] / ours[1] if ours[1] else None
            inside = None if control is None else wilson(control, ours[1], quantile())
            scores.append(
                measured(CONSTRAINTS, "structure", f"{name}: cells with a constraint", share,
                         wilson(share, theirs[1], quantile()), theirs[1], control=control, control_interval=inside,
                         direction="higher", details={"broken": theirs[0], "unit": "cells"})
            )  # fmt: skip
    note = "no constraint is declared in the catalog"
    return scores or [skipped(CONSTRAINTS, "structure", "all tables", note, applicable=False)]


def _kept(dataset: Dataset, described: Dataset, name: str) -> tuple[int, int]:
    """(cells that break a constraint, cells checked) of one table, by the real catalog."""
    table = described.catalog.table(name)
    known = dataset.catalog.table(name)
    checks = {
        column.name: found
        for column in table.columns
        if known.has(column.name) and (found := checks_of(column, required=not column.nullable))
    }
    if not checks:
        return 0, 0
    broken, seen = 0, 0
    for batch in dataset.scan(name, tuple(checks)):
        for place, column in enumerate(batch.schema.names):
            for check in checks[column]:
                check.add(batch.column(place), 0)
                seen += batch.num_rows
    broken = sum(check.rows for found in checks.values() for check in found)
    return broken, seen


def _rules(real: Dataset, synthetic: Dataset, cell: int) -> list[Score]:
    paths = [Path(dataset.origin) for dataset in (real, synthetic)]
    if root_table(real.catalog) != "IR_BEN_R" or not all(str(path) != "." and path.exists() for path in paths):
        note = "no rules are known for these tables"
        return [skipped(RULES, "fidelity", "all tables", note, applicable=False)]
    ours, theirs = (_by_name(check_tables(path)) for path in paths)
    return [_rule(name, found, ours.get(name), cell) for name, found in theirs.items() if found.rows]


def _by_name(findings: Sequence[Finding]) -> dict[str, Finding]:
    return {f"rule {finding.rule.number}: {finding.rule.name}": finding for finding in findings}


def _rule(name: str, found: Finding, real: Finding | None, cell: int) -> Score:
    rows, faults = found.rows or 0, found.faults or 0
    share = faults / rows if rows else 0.0
    control, inside = None, None
    if real is not None and real.rows and (not real.faults or real.faults >= cell):
        control = (real.faults or 0) / real.rows
        inside = wilson(control, real.rows, quantile())
    return measured(
        RULES, "fidelity", name, share, wilson(share, rows, quantile()), rows, control=control, control_interval=inside,
        details={"unit": "rows", "severity": found.rule.severity},
    )  # fmt: skip
