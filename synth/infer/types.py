"""The type of a column from all its values, seen batch by batch.

Careful where a mistake loses something: `01` stays text, and so does what a Parquet file or DuckDB stores as text
unless it is a date; 19 digits are no integer; a year needs a name that says so. Whole numbers written `12.0` are
integers when the name says that they are identifiers, as pandas writes identifiers with gaps (`draft` adds those that
other tables have as well).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any, cast

import pyarrow as pa
import pyarrow.compute as pc

from synth.core.catalog import Column, ColumnType
from synth.core.errors import UserError
from synth.infer.names import is_identifier, is_year
from synth.io.cells import parse_cells
from synth.io.place import Place

NA_LIKE = ("NA", "N/A", "n/a", "NULL", "null", "None", "NaN", "nan", "#N/A", ".", "?", "-")
# what follows the day in the usual ways to write a moment
_CLOCKS = {"": "", " %H:%M": " [0-9]{1,2}:[0-9]{2}", " %H:%M:%S": " [0-9]{1,2}:[0-9]{2}:[0-9]{2}"}
_SPACES = " \u00a0\u202f"  # French writes units behind a space and groups with it, often one that does not break
_MONEY = r"€|EUR|£|GBP|\$|USD|CHF"
_UNIT = rf"[{_SPACES}]?(%|‰|{_MONEY})"
_POINT = r"(0|[1-9][0-9]{0,14}|[1-9][0-9]{0,2}(,[0-9]{3})+)(\.[0-9]+)?"
_COMMA = rf"(0|[1-9][0-9]{{0,14}}|[1-9][0-9]{{0,2}}([{_SPACES}][0-9]{{3}})+)(,[0-9]+)?"
_PATTERNS = {
    "integer": r"^-?(0|[1-9][0-9]{0,17})$",
    "whole": r"^-?(0|[1-9][0-9]{0,14})(\.0)?$",
    "number": r"^-?((0|[1-9][0-9]{0,14})(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?$",
    "comma": r"^-?(0|[1-9][0-9]{0,14})(,[0-9]+)?$",
    "number with a unit": rf"^-?({_POINT}{_UNIT}|({_MONEY}) ?{_POINT})$",
    "comma with a unit": rf"^-?{_COMMA}{_UNIT}$",
    "boolean": r"^(true|false|True|False|TRUE|FALSE)$",
    "time": r"^([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9])?$",
    "yearmonth": r"^[12][0-9]{3}-(0[1-9]|1[0-2])$",
    "date": r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$",
    "datetime": r"^[0-9]{4}-[0-9]{2}-[0-9]{2}([ T][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]+)?)?(Z|[+-][0-9:]{4,5})?)?$",
    **{
        f"{day}{clock}": rf"^{shape}{_CLOCKS[clock]}$"
        for clock in _CLOCKS
        for day, shape in {
            "%d/%m/%Y": "[0-9]{1,2}/[0-9]{1,2}/[0-9]{4}",
            "%m/%d/%Y": "[0-9]{1,2}/[0-9]{1,2}/[0-9]{4}",
            "%d-%m-%Y": "[0-9]{1,2}-[0-9]{1,2}-[0-9]{4}",
            "%d.%m.%Y": r"[0-9]{1,2}\.[0-9]{1,2}\.[0-9]{4}",
            "%Y/%m/%d": "[0-9]{4}/[0-9]{1,2}/[0-9]{1,2}",
        }.items()
    },
    "%d%b%Y": r"^[0-9]{2}[A-Za-z]{3}[0-9]{4}$",
    "%Y%m%d": r"^(1[6-9]|20|21)[0-9]{2}(0[1-9]|1[0-2])(0[1-9]|[12][0-9]|3[01])$",
    "%d%b%Y:%H:%M:%S": r"^[0-9]{2}[A-Za-z]{3}[0-9]{4}:[0-9]{2}:[0-9]{2}:[0-9]{2}$",
}
# the order in which a pattern that every value follows decides
_ORDER = ("boolean", "date", "datetime", "time", "yearmonth", *(name for name in _PATTERNS if name.startswith("%")))
_WITH_UNIT = {"number with a unit", "comma with a unit"}
_DATE_NAME = re.compile(r"dat|dt|day|jour|birth|naiss|death|deces|dod|dob", re.IGNORECASE)


@dataclass
class Profile:
    """What is known of a column so far: the patterns all its values follow, and what it is stored as."""

    name: str
    typed: bool  # stored with types, so that text is meant as text
    follows: set[str] = field(default_factory=lambda: set(_PATTERNS))
    stored: set[str] = field(default_factory=set)
    na: set[str] = field(default_factory=set)
    filled: int = 0
    rows: int = 0
    units: set[str] = field(default_factory=set)  # %, €, EUR ... beside numbers
    marks: set[str] = field(default_factory=set)  # what stands between the digits of these
    whole: bool = True
    readable: bool = True  # not lists, intervals of the calendar, bytes that are no text

    def add(self, cells: pa.Array) -> None:
        """Look at a run of cells."""
        self.rows += len(cells)
        if isinstance(cells, pa.ExtensionArray):
            cells = cells.storage
        if pa.types.is_dictionary(cells.type):
            cells = cells.dictionary_decode()
        if pa.types.is_floating(cells.type):
            cells = pc.if_else(pc.is_nan(cells), pa.scalar(None, cells.type), cells)
        present = len(cells) - cells.null_count
        if present == 0:
            return
        self.filled += present
        kind = stored_type(cells.type)
        self.stored.add(kind)
        if kind == "string":
            try:
                texts = cells.drop_null().cast(pa.string())
            except pa.ArrowException:
                self.readable = False
                return
            self._add_text(pc.unique(texts))
        elif kind == "number" and self.whole:
            numbers = cells.drop_null().cast(pa.float64())
            self.whole = bool(pc.all(pc.equal(numbers, pc.floor(numbers))).as_py())

    def _add_text(self, values: pa.Array) -> None:
        missing = pc.is_in(values, pa.array(NA_LIKE))
        self.na |= set(values.filter(missing).to_pylist())
        values = values.filter(pc.invert(missing))
        for name in sorted(self.follows):
            good = pc.all(pc.match_substring_regex(values, _PATTERNS[name])).as_py()
            if good is False or not self._readable(name, values):
                self.follows.discard(name)
        if self.follows & _WITH_UNIT:
            self.units |= set(pc.unique(pc.replace_substring_regex(values, rf"[0-9.,{_SPACES}-]", "")).to_pylist())
            between = pc.replace_substring_regex(values, r"^[^0-9]+|[^0-9]+$", "")
            self.marks |= set("".join(pc.unique(pc.replace_substring_regex(between, "[0-9]", "")).to_pylist()))

    def _readable(self, name: str, values: pa.Array) -> bool:
        """Whether values that look like dates are dates: 30 February is not."""
        kind, form = _temporal(name)
        if kind is None:
            return True
        try:
            parse_cells(values, Column(self.name, kind, format=form), Place(None, ""))
        except UserError:
            return False
        return True

    @property
    def always_whole(self) -> bool:
        """Whether it holds numbers without a fraction, however they are written: 12, 12.0."""
        if self.stored == {"string"}:
            return not self.typed and "whole" in self.follows and len(self.follows) < len(_PATTERNS)
        return bool(self.stored) and self.stored <= {"integer", "number"} and self.whole

    def decide(self) -> tuple[ColumnType, dict[str, Any]]:
        """The type, and further properties of the field."""
        if len(self.stored) == 1 and "string" not in self.stored:
            return self._decide_stored(next(iter(self.stored)))
        if not self.stored:
            return "string", {}
        if self.stored <= {"integer", "number"}:
            return ("integer" if self.whole and is_identifier(self.name) else "number"), {}
        return self._decide_text()

    def _decide_stored(self, kind: str) -> tuple[ColumnType, dict[str, Any]]:
        if kind == "number" and self.whole and is_identifier(self.name):
            return "integer", {}
        if kind == "integer" and is_year(self.name):
            return "year", {}
        return cast(ColumnType, kind), {}

    def _decide_text(self) -> tuple[ColumnType, dict[str, Any]]:
        if len(self.follows) == len(_PATTERNS):  # nothing but texts that mean missing
            return "string", {}
        for name in _ORDER:
            kind, form = _temporal(name)
            if name not in self.follows or (name == "%Y%m%d" and not _DATE_NAME.search(self.name)):
                continue
            if kind is None:
                return cast(ColumnType, name), {}
            return kind, {} if form is None else {"format": form}
        if self.typed:
            return "string", {}
        return self._decide_number()

    def _decide_number(self) -> tuple[ColumnType, dict[str, Any]]:
        if "integer" in self.follows:
            return ("year" if is_year(self.name) else "integer"), {}
        if "whole" in self.follows and is_identifier(self.name):
            return "integer", {}
        if "number" in self.follows:
            return "number", {}
        if "comma" in self.follows:
            return "number", {"decimalChar": ","}
        if len(self.units) == 1:
            return self._decide_unit()
        return "string", {}

    def _decide_unit(self) -> tuple[ColumnType, dict[str, Any]]:
        """The number beside the one unit that all cells have, which the file keeps and what we write leaves out."""
        (unit,) = self.units
        told: dict[str, Any] = {"bareNumber": False, "description": f"In {unit}."}
        if "comma with a unit" not in self.follows:
            return "number", {"groupChar": ",", **told} if "," in self.marks else told
        if "number with a unit" in self.follows and "," in self.marks:
            return "string", {}  # 1,234 may be either
        spaces = sorted(self.marks & set(_SPACES))
        if len(spaces) > 1:
            return "string", {}
        grouped = {"groupChar": spaces[0]} if spaces else {}
        return "number", {"decimalChar": ",", **grouped, **told} if {",", *spaces} & self.marks else told


def _temporal(name: str) -> tuple[ColumnType | None, str | None]:
    """The type and format that a pattern stands for, when it is a date."""
    if name.startswith("%"):
        return ("datetime" if "%H" in name else "date"), name
    if name == "date":
        return "date", None
    return ("datetime", None) if name == "datetime" else (None, None)


def stored_type(kind: pa.DataType) -> str:
    """The catalog's type that an Arrow type stands for."""
    tests = (
        (pa.types.is_boolean, "boolean"),
        (pa.types.is_integer, "integer"),
        (pa.types.is_floating, "number"),
        (pa.types.is_decimal, "number"),
        (pa.types.is_date, "date"),
        (pa.types.is_timestamp, "datetime"),
        (pa.types.is_time, "time"),
    )
    return next((name for test, name in tests if test(kind)), "string")
