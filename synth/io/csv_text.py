"""A CSV file as plain Python reads it: for its header, and to find what is wrong with it."""

from __future__ import annotations

import csv
import gzip
import io
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, cast

from synth.io.dialect import Dialect

_TAIL = 256


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


class Tail(io.RawIOBase):
    """A stream that remembers the last bytes read from it."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self.end = b""

    def readable(self) -> bool:
        """Always."""
        return True

    def read(self, size: int | None = -1) -> bytes:
        """The next bytes."""
        block = self._stream.read(-1 if size is None else size)
        self.end = (self.end + block[-_TAIL:])[-_TAIL:]
        return block


def unclosed(last_cell: str | None, end: bytes, dialect: Dialect) -> bool:
    """Whether the file ended inside a quoted cell, which Arrow takes for its end and so swallows rows.

    A cell over several lines was quoted, so the file must end with its text and the closing quote.
    """
    if dialect.quote is None or last_cell is None or not ("\n" in last_cell or "\r" in last_cell):
        return False
    if dialect.encoding.startswith(("utf-16", "utf-32")) or dialect.escape is not None:
        return False
    quote = dialect.quote
    expected = last_cell[-16:].replace(quote, quote * 2) + quote
    text = end.decode(dialect.encoding, errors="replace")
    return not text.removesuffix("\n").removesuffix("\r").endswith(expected)


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
