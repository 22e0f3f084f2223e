"""A CSV file as plain Python reads it: for its header, and to find what is wrong with it."""

from __future__ import annotations

import csv
import gzip
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, cast

from synth.io.dialect import Dialect


@contextmanager
def opened(path: Path) -> Iterator[BinaryIO]:
    """The bytes of a file, decompressed when its first bytes say gzip."""
    with path.open("rb") as raw:
        compressed = raw.read(2) == b"\x1f\x8b"
        raw.seek(0)
        if not compressed:
            yield raw
            return
        with gzip.GzipFile(fileobj=raw) as plain:
            yield cast(BinaryIO, plain)


def codec(dialect: Dialect) -> str:
    """The Python codec that reads the file; a byte order mark is no part of the text."""
    return "utf-8-sig" if dialect.encoding == "utf-8" else dialect.encoding


def records(lines: Iterable[str], dialect: Dialect) -> Iterator[list[str]]:
    """Records of a CSV text, blank lines apart. Raises csv.Error where the quotes do not add up."""
    reader = csv.reader(
        lines,
        delimiter=dialect.delimiter,
        quotechar=dialect.quote,
        quoting=csv.QUOTE_MINIMAL if dialect.quote else csv.QUOTE_NONE,
        doublequote=dialect.double_quote,
        escapechar=dialect.escape,
        strict=True,
    )
    return (record for record in reader if record)
