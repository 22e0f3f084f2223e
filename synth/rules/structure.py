"""Rules that follow from the schemas of the tables at hand: keys, pairs of dates, columns of the year, coded values.

They are made for the tables that are found, so that every table of the SNDS is covered, not those of the list alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from synth.core.catalog import Table
from synth.core.errors import UserError
from synth.core.nomenclatures import find_nomenclature
from synth.core.snds import snds_table
from synth.rules.rule import Rule
from synth.rules.tables import Tables

PAIR = (("_DTD", "_DTF"), ("DAT_DEB_", "DAT_FIN_"))
STATUS_LIST = "IR_CIM_V"
SHORT = 3  # characters of a diagnosis that tell its long-term status here
NO_DATE = "1600-01-01"
NEVER = frozenset(("99",))
_READ_AS = {"date": "D", "datetime": "D", "integer": "N", "number": "N", "year": "N"}
_MISSING = "('', 'NA', 'NULL', '.')"  # how CSV exports, R, databases and SAS write what is not there


@cache
def _schema(pattern: str, year: int) -> Table | None:
    """The table as delivered for a year (of every year when 0), None when there was none."""
    try:
        return snds_table(pattern, year or None)
    except UserError:
        return None


def needed_columns(pattern: str, columns: tuple[str, ...]) -> set[str]:
    """Columns that the rules of this module use in a table: its key, and pairs of dates."""
    schema = _schema(pattern, 0)
    upper = {name.upper(): name for name in columns}
    key = {upper[name.upper()] for name in (schema.primary_key if schema else ()) if name.upper() in upper}
    return key | {name for pair in date_pairs(columns) for name in pair}


def date_pairs(columns: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """Columns that tell the start and the end of the same thing: X_DTD and X_DTF, DAT_DEB_X and DAT_FIN_X."""
    there = set(columns)
    for name in columns:
        for start, end in PAIR:
            other = name.replace(start, end)
            if start in name and other != name and other in there:
                yield name, other


def structural_rules(tables: Tables) -> tuple[Rule, ...]:
    """Rules of the tables found: primary keys, cells of their type, dates in order, diagnoses of statuses."""
    return (*_keys(tables), *_types(tables), *_dates(tables), *_statuses(tables))


def _keys(tables: Tables) -> Iterator[Rule]:
    for pattern in sorted(tables.known):
        schema = _schema(pattern, 0)
        key = schema.primary_key if schema else ()
        if not key or not set(key) <= tables.known[pattern]:
            continue
        names = ", ".join(f'"{name}"' for name in key)
        yield Rule(
            0,
            f"primary key of {pattern}",
            f'(SELECT FILE_YEAR, {names}, count(*) AS twice FROM "{pattern}" GROUP BY ALL)',
            "twice > 1",
            {pattern: key},
            key,
            why="a row a key",
        )


def _types(tables: Tables) -> Iterator[Rule]:
    """Dates and numbers of tables that hold text: what cannot be read keeps every other rule, so it must be told."""
    for pattern in sorted(tables.known):
        schema = _schema(pattern, 0)
        stored = {name: kind for name, kind, *_ in tables.rows(f'DESCRIBE "{pattern}"')}
        wrong = {
            column.name: f"""{_READ_AS[column.type]}("{column.name}") IS NULL
            AND trim(coalesce("{column.name}", '')) NOT IN {_MISSING}"""
            for column in (schema.columns if schema else ())
            if stored.get(column.name) == "VARCHAR" and column.type in _READ_AS
        }
        if not wrong:
            continue
        counts = ", ".join(f"count(*) FILTER (WHERE {broken})" for broken in wrong.values())
        (found,) = tables.rows(f'SELECT {counts} FROM "{pattern}"')
        named = [name for name, count in zip(wrong, found, strict=True) if count] or list(wrong)
        yield Rule(
            0,
            f"dates and numbers of {pattern}",
            f'"{pattern}"',
            " OR ".join(f"({broken})" for broken in wrong.values()),
            {pattern: tuple(wrong)},
            tuple(name for name in (schema.primary_key if schema else ()) if name in stored),
            why=f"cells of {', '.join(named)} can be read as dates or numbers",
        )


def _dates(tables: Tables) -> Iterator[Rule]:
    for pattern in sorted(tables.known):
        for start, end in date_pairs(tuple(sorted(tables.known[pattern]))):
            yield Rule(
                3,
                f"{start} <= {end} in {pattern}",
                f'(SELECT "{start}", "{end}" FROM "{pattern}" WHERE D("{start}") - D("{end}") IS NOT NULL)',
                f"""D("{start}") > D("{end}") AND D("{end}") <> DATE '{NO_DATE}'""",
                {pattern: (start, end)},
                (start, end),
                why="start <= end",
            )


def _statuses(tables: Tables) -> Iterator[Rule]:
    """Rule 50: the number of a status is that of its diagnosis, in the list of diagnoses that have one."""
    needs = {"IR_IMB_R": ("BEN_NIR_PSA", "IMB_ALD_NUM", "MED_MTF_COD")}
    listed = find_nomenclature(STATUS_LIST)
    if listed is None or not tables.has(needs):
        return
    pairs = sorted({(code.code[:SHORT], str(code.parent)) for code in listed.entries if code.parent} - NEVER)
    known = ", ".join(f"('{code}', {int(number)})" for code, number in pairs if number not in NEVER)
    told = f"(SELECT * FROM (VALUES {known}) t(code, number))"
    yield Rule(
        50,
        "number of a status and its diagnosis",
        f"""(SELECT i.BEN_NIR_PSA, max((s.number = N(i.IMB_ALD_NUM))::INT) AS same, N(i.IMB_ALD_NUM) AS number
        FROM IR_IMB_R i JOIN {told} s ON left(S(i.MED_MTF_COD), {SHORT}) = s.code
        GROUP BY i.BEN_NIR_PSA, i.IMB_ALD_NUM, i.MED_MTF_COD)""",
        "same = 0 AND number BETWEEN 1 AND 30",
        needs,
        ("BEN_NIR_PSA",),
        "soft",
        0.05,
        "IMB_ALD_NUM is the number that the list of diagnoses gives to MED_MTF_COD (0 and off-list numbers apart)",
    )


def columns_of_the_year(tables: Tables) -> tuple[Rule, int, int, dict[str, str] | None]:
    """Rule 7: columns of yearly tables; returns the rule, columns seen, columns the year did not have, one of them."""
    rule = Rule(7, "columns of the year", "", "", why="a column is there in the years that have it")
    seen, faults, example = 0, 0, None
    for pattern, year, columns in tables.stored:
        schema = _schema(pattern, year) if year else None
        if schema is None:
            continue
        expected = {name.upper() for name in schema.column_names}
        wrong = [name for name in columns if name.upper() not in expected]
        seen, faults = seen + len(columns), faults + len(wrong)
        if wrong and example is None:
            example = {"table": pattern, "year": str(year), "column": wrong[0]}
    return rule, seen, faults, example
