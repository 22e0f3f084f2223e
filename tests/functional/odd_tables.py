"""Tables as they come, a column a case: what stands in it, and what is sensible to draw from it.

The same rows are written as CSV in five manners (delimiters, encodings, ends of line) and as Parquet of native types.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

PERSONS = 240
CODES = 5_000
Cells = list[Any]
Sense = Callable[[Cells], bool]


def cycle(*cells: Any) -> Cells:
    """One cell a person, each as often."""
    return [cells[i % len(cells)] for i in range(PERSONS)]


def only(*values: Any) -> Sense:
    """Each of these is drawn, and nothing else is."""
    return lambda drawn: set(drawn) == set(values)


def within(low: Any, high: Any) -> Sense:
    """Different values of the range are drawn, and nothing is missing."""
    return lambda drawn: None not in drawn and low <= min(drawn) < max(drawn) <= high


def near(*values: int) -> Sense:
    """Each is drawn, to fifteen digits as doubles have them, and nothing else is."""

    def sensible(drawn: Cells) -> bool:
        pairs = zip(sorted(set(drawn)), sorted(values), strict=True)
        return all(10**15 * abs(found - value) <= abs(value) for found, value in pairs)

    return sensible


@dataclass(frozen=True)
class Case:
    """A column: its type, its cells, what is sensible, and its type in Parquet where it is not the usual one."""

    type: str
    cells: Cells
    sensible: Sense
    arrow: pa.DataType | None = None


OLD = (date(1600, 1, 1), date(1685, 3, 31), date(9999, 12, 31))
CLOCK = ("08:00:00", "23:59:59", "00:00:00")
DAWN = datetime(2024, 3, 31, 0, 30)  # clocks are put forward that night
TEXTS = ('say "hi"', "a,b;c", "deux\nlignes", "l'été ")
WORDS = ("null", "NaN", "None", "-")

CASES: dict[str, Case] = {
    # nothing to learn
    "constant": Case("string", cycle("l'unique"), only("l'unique")),
    "constant.number": Case("number", cycle(123456789.123), only(123456789.123)),
    "constant truth": Case("boolean", cycle(True), only(True)),
    "no text": Case("string", cycle(None), only(None), pa.null()),
    "no number": Case("number", cycle(None), only(None)),
    "no date": Case("date", cycle(None), only(None)),
    "no truth": Case("boolean", cycle(None), only(None)),
    "all different": Case("string", [f"texte n° {7 * i}, «x»" for i in range(PERSONS)], only(None)),
    # days and hours
    "before 1700": Case("date", cycle(*OLD), only(*OLD)),
    "year 1, leap day": Case("date", cycle(date(1, 1, 1), date(2024, 2, 29)), only(date(1, 1, 1), date(2024, 2, 29))),
    "hour": Case("time", cycle(*CLOCK), only(*CLOCK)),
    "moment": Case(
        "datetime",
        [(DAWN + timedelta(hours=i)).replace(tzinfo=UTC) for i in range(PERSONS)],
        within(DAWN, DAWN + timedelta(hours=PERSONS)),
        pa.timestamp("ms", tz="Europe/Paris"),
    ),
    "year": Case("year", cycle(1582, 2024), only(1582, 2024)),
    "month": Case("yearmonth", cycle("1899-12", "2024-02"), only("1899-12", "2024-02")),
    # numbers
    "negative": Case(
        "number", [round(1.37 * i - 500, 2) for i in range(PERSONS)], within(-500, 0), pa.decimal128(9, 2)
    ),
    "huge": Case("number", [1e15 * (1 + i) for i in range(PERSONS)], within(1e15, 1e15 * PERSONS)),
    "astronomic": Case("number", cycle(1e300, -1e300), only(1e300, -1e300)),
    "tiny": Case("number", cycle(1e-300, 0.0), only(1e-300, 0.0)),
    "beyond 2^53": Case("integer", cycle(2**53 + 1, 2**53 + 3), near(2**53 + 1, 2**53 + 3)),
    "ends of 64 bits": Case("integer", cycle(-(2**63), 2**63 - 1), near(-(2**63), 2**63 - 1)),
    "far and wide": Case("integer", [2**60 + 1001 * i for i in range(PERSONS)], within(2**60, 2**60 + 1001 * PERSONS)),
    "NaN is missing": Case("number", cycle(float("nan"), 1.5, None, 2.5), only(None, 1.5, 2.5)),
    "ties": Case("integer", [max(0, i - 200) for i in range(PERSONS)], lambda d: d.count(0) > 0.7 * len(d) > max(d)),
    # words
    "three-valued": Case("boolean", cycle(True, False, None), only(True, False, None)),
    'it\'s a "name", with; all é': Case("string", cycle(*TEXTS), only(*TEXTS)),
    "select": Case("string", cycle(*WORDS), only(*WORDS)),
}


@dataclass(frozen=True)
class Part:
    """A table: its fields (name: type), its columns, and how its CSV is written."""

    fields: dict[str, str]
    columns: dict[str, Cells]
    encoding: str
    delimiter: str
    line: str = "\n"


IDS = [f"P{i:04d}" for i in range(PERSONS)]
_ROWS = range(50 * PERSONS)
PARTS: dict[str, Part] = {
    "persons": Part(
        {"case.id": "string"} | {name: case.type for name, case in CASES.items()},
        {"case.id": IDS} | {name: case.cells for name, case in CASES.items()},
        "utf-8",
        ";",
    ),
    # nearly as many codes as listed, few of them shared by k persons
    "many codes": Part(
        {"case.id": "string", "coöde": "string"},
        {
            "case.id": [IDS[i % PERSONS] for i in _ROWS],
            "coöde": [f"C{int(CODES * (i / len(_ROWS)) ** 2):04d}" for i in _ROWS],
        },
        "latin-1",
        ",",
    ),
    "key only": Part(
        {"case.id": "string"}, {"case.id": [IDS[i // 2] for i in range(PERSONS)]}, "utf-8-sig", ",", "\r\n"
    ),
    "empty": Part({"case.id": "string", "v": "number", "d": "date"}, {"case.id": [], "v": [], "d": []}, "utf-16", "\t"),
    "one row": Part({"case.id": "string", "v": "number"}, {"case.id": IDS[:1], "v": [77.5]}, "cp1252", "|"),
    "lone place": Part({"place": "string", "beds": "integer"}, {"place": ["Nord"], "beds": [977]}, "utf-8", ","),
}
KEYS = {"persons": "case.id", "lone place": "place"}
_ARROW = {
    "string": pa.large_string(),
    "number": pa.float64(),
    "integer": pa.int64(),
    "date": pa.date32(),
    "boolean": pa.bool_(),
    "time": pa.string(),
    "year": pa.int16(),
    "yearmonth": pa.string(),
}


def write_odd_tables(folder: Path, kind: str) -> Path:
    """Write them all into `folder` as `csv` or `parquet`, with their catalog."""
    folder.mkdir(parents=True)
    resources = []
    for name, part in PARTS.items():
        path = f"{name.replace(' ', '_')}.{kind}"
        resource: dict[str, Any] = {"name": name, "path": path, "schema": _schema(name, part)}
        if kind == "csv":
            (folder / path).write_bytes(_as_csv(part))
            resource |= {"encoding": part.encoding, "dialect": {"delimiter": part.delimiter}}
        else:
            pq.write_table(_as_arrow(part), folder / path)
        resources.append(resource)
    document = {"name": "odd", "synth:person": {"table": "persons", "key": ["case.id"]}, "resources": resources}
    (folder / "datapackage.json").write_text(json.dumps(document), encoding="utf-8")
    return folder


def _schema(name: str, part: Part) -> dict[str, Any]:
    required = ("case.id", "place")
    schema: dict[str, Any] = {
        "fields": [
            {"name": column, "type": kind} | ({"constraints": {"required": True}} if column in required else {})
            for column, kind in part.fields.items()
        ]
    }
    if name in KEYS:
        return schema | {"primaryKey": [KEYS[name]]}
    to_person = {"fields": ["case.id"], "reference": {"resource": "persons", "fields": ["case.id"]}}
    return schema | {"foreignKeys": [to_person]}


def _as_csv(part: Part) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, delimiter=part.delimiter, lineterminator=part.line)
    writer.writerow(part.columns)
    writer.writerows([_text(cell) for cell in row] for row in zip(*part.columns.values(), strict=True))
    return text.getvalue().encode(part.encoding)


def _text(cell: Any) -> str:
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return str(cell).lower()
    return cell.isoformat() if isinstance(cell, datetime) else str(cell)


def _as_arrow(part: Part) -> pa.Table:
    arrays = []
    for name, kind in part.fields.items():
        cells = part.columns[name]
        arrow = (CASES[name].arrow if name in CASES else None) or _ARROW[kind]
        decimal = pa.types.is_decimal(arrow)
        arrays.append(pa.array([Decimal(str(cell)) for cell in cells] if decimal else cells, arrow, from_pandas=False))
    return pa.table(arrays, names=list(part.fields))
