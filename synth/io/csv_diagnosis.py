"""Why a CSV file could not be read: a slow second reading that finds the row and never repeats what is in it."""

from __future__ import annotations

import csv
import gzip
import io
import zlib
from pathlib import Path

import pyarrow as pa

from synth.core.catalog import Table
from synth.core.errors import UserError
from synth.io.csv_text import codec, opened, records
from synth.io.dialect import Dialect

UNREADABLE = (pa.ArrowException, OSError, EOFError, zlib.error, UnicodeError, csv.Error)
_LONGEST_CELL = 1 << 22


def diagnose(path: Path, table: Table, dialect: Dialect, header: tuple[str, ...]) -> UserError:
    """The error that says what is wrong with the file, at the first row that shows it."""
    problem, remedy, row = _trouble(path, dialect, header)
    return UserError(problem, remedy=remedy, file=path, table=table.name, row=row)


def _trouble(path: Path, dialect: Dialect, header: tuple[str, ...]) -> tuple[str, str, int | None]:
    """Problem, remedy and row."""
    row = 0
    csv.field_size_limit(_LONGEST_CELL)
    try:
        with opened(path) as stream:
            lines = io.TextIOWrapper(stream, encoding=codec(dialect), newline="")
            for row, record in enumerate(records(lines, dialect), start=0 if dialect.header else 1):
                if header and len(record) != len(header):
                    problem = f"the row has {len(record)} cells where the header has {len(header)}"
                    return problem, "quote cells that hold the delimiter, or correct the row", row
    except (gzip.BadGzipFile, EOFError, zlib.error):
        return f"the gzip file is damaged after row {row}", "make or download it again", None
    except UnicodeError:
        remedy = "declare the resource's `encoding` (latin-1, cp1252 ...) or convert the file"
        return f"not {dialect.encoding} text after row {row}", remedy, None
    except csv.Error:
        return "a quote is not closed, or closed too early", "double the quotes inside quoted cells", row + 1
    except OSError:
        return "the file cannot be read", "check its permissions", None
    return "the file cannot be read as CSV", "check its quotes, delimiter and encoding", None
