"""How a CSV file that nothing describes is written, told from its bytes."""

from __future__ import annotations

import codecs
import csv
import io
from pathlib import Path

from synth.core.errors import UserError
from synth.io.csv_text import opened

DELIMITERS = (",", ";", "\t", "|")


def encoding_of(path: Path, table: str) -> str:
    """UTF-8 when the whole file is, UTF-16 when it says so, else the code page that French exports are written in.

    Raises UserError when the file cannot be read.
    """
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        with opened(path) as stream:
            if stream.read(2) in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
                return "utf-16"
        with opened(path) as stream:
            while block := stream.read(1 << 20):
                decoder.decode(block)
            decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return "cp1252"
    except (OSError, EOFError):
        raise UserError("the file cannot be read", file=path, table=table, remedy="make or download it again") from None
    return "utf-8"


def delimiter_of(head: str) -> str:
    """The delimiter that cuts the first lines into the same number of cells, the more the better."""

    def rank(delimiter: str) -> tuple[bool, int]:
        rows = [row for row in csv.reader(io.StringIO(head), delimiter=delimiter) if row][:20]
        whole = rows[:-1] if len(rows) > 2 else rows
        widths = {len(row) for row in whole}
        return (len(widths) == 1, len(rows[0]) if rows else 0)

    ranked = {delimiter: rank(delimiter) for delimiter in DELIMITERS}
    cutting = {delimiter: ranks for delimiter, ranks in ranked.items() if ranks[1] > 1}
    return max(cutting, key=lambda delimiter: cutting[delimiter]) if cutting else ","
