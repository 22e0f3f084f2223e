"""Check tables against the rules: DuckDB counts the rows at fault, rule by rule.

Works on any SNDS-shaped tables with a catalog, or on a folder of CSV and Parquet files named as the SNDS names them;
rules whose tables or columns are missing are reported as not applicable.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from synth.core.errors import UserError
from synth.core.snds import resolve_name
from synth.rules.registry import RULES
from synth.rules.rule import Rule

MACROS = (
    "CREATE MACRO S(x) AS CAST(x AS VARCHAR)",
    "CREATE MACRO N(x) AS TRY_CAST(x AS DOUBLE)",
    "CREATE MACRO D(x) AS coalesce(TRY_CAST(x AS DATE), TRY_CAST(TRY_STRPTIME(S(x), '%d/%m/%Y') AS DATE))",
)
CHANCE = 3.0  # standard deviations of a Poisson count
FILES = {".csv": "read_csv", ".parquet": "read_parquet"}


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
    import duckdb

    with duckdb.connect() as connection:
        connection.execute("SET preserve_insertion_order = false")
        for macro in MACROS:
            connection.execute(macro)
        known = _load(connection, path, _wanted(rules))
        if not known:
            raise UserError("no SNDS table is found", file=path, remedy="give a folder of tables or a described base")
        return [_apply(connection, rule, known, examples) for rule in rules]


def _wanted(rules: tuple[Rule, ...]) -> dict[str, set[str]]:
    """Columns that rules use, by table."""
    wanted: dict[str, set[str]] = {}
    for rule in rules:
        for table, names in rule.needs.items():
            wanted.setdefault(table, set()).update(names, rule.key)
    return wanted


def _load(connection: Any, path: Path, wanted: Mapping[str, set[str]]) -> dict[str, set[str]]:
    """Make one relation a pattern name, years stacked, of the columns that rules use; returns the columns it has."""
    described = path.is_file() or (path / "datapackage.json").is_file()
    parts = _from_dataset(connection, path, wanted) if described else _from_files(connection, path, wanted)
    known: dict[str, set[str]] = {}
    for pattern, pieces in parts.items():
        shared = sorted(set.intersection(*(set(columns) for _, columns in pieces)))
        if shared:
            names = ", ".join(f'"{name}"' for name in shared)
            union = " UNION ALL ".join(f"SELECT {names} FROM {source}" for source, _ in pieces)
            connection.execute(f'CREATE VIEW "{pattern}" AS {union}')
            known[pattern] = set(shared)
    return known


Parts = dict[str, list[tuple[str, list[str]]]]


def _from_dataset(connection: Any, path: Path, wanted: Mapping[str, set[str]]) -> Parts:
    import pyarrow as pa

    from synth.core.dataset import arrow_schema
    from synth.io import open_dataset

    dataset = open_dataset(path)
    parts: Parts = {}
    for table in dataset.catalog.tables:
        pattern = _pattern(table.name)
        names = [name for name in table.column_names if name in wanted.get(pattern or "", ())]
        if pattern is None or not names:
            continue
        reader = pa.RecordBatchReader.from_batches(arrow_schema(table, names), dataset.scan(table.name, names))
        connection.register("reader", reader)
        connection.execute(f'CREATE TABLE "rows of {table.name}" AS SELECT * FROM reader')
        connection.unregister("reader")
        parts.setdefault(pattern, []).append((f'"rows of {table.name}"', names))
    return parts


def _from_files(connection: Any, path: Path, wanted: Mapping[str, set[str]]) -> Parts:
    parts: Parts = {}
    for file in sorted(path.rglob("*")) if path.is_dir() else []:
        pattern = _pattern(file.stem) if file.suffix in FILES else None
        if pattern is None or pattern not in wanted:
            continue
        source = _reader(file)
        names = [row[0] for row in connection.execute(f"DESCRIBE SELECT * FROM {source}").fetchall()]
        kept = [name for name in names if name in wanted[pattern]]
        if kept:
            parts.setdefault(pattern, []).append((source, kept))
    return parts


def _reader(file: Path) -> str:
    quoted = str(file).replace("'", "''")
    options = ", all_varchar = true" if file.suffix == ".csv" else ""
    return f"{FILES[file.suffix]}('{quoted}'{options})"


def _pattern(name: str) -> str | None:
    try:
        return resolve_name(name)[0]
    except UserError:
        return None


def _apply(connection: Any, rule: Rule, known: Mapping[str, set[str]], examples: bool) -> Finding:
    if any(table not in known or not set(names) <= known[table] for table, names in rule.needs.items()):
        return Finding(rule, None, None)
    query = f"SELECT count(*), count(*) FILTER (WHERE {rule.broken}) FROM {rule.rows}"
    rows, faults = connection.execute(query).fetchone()
    example = None
    if examples and faults and rule.key:
        keys = ", ".join(f"S({name})" for name in rule.key)
        found = connection.execute(f"SELECT {keys} FROM {rule.rows} WHERE {rule.broken} LIMIT 1").fetchone()
        example = dict(zip(rule.key, found, strict=True))
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
