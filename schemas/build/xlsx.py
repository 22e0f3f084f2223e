"""Read the cells of a workbook with the standard library: text and numbers, one list a row."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

_SPACE = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


def sheets(path: Path) -> list[list[list[str]]]:
    """Every sheet of a workbook, in order, as rows of text."""
    with zipfile.ZipFile(path) as book:
        shared = _shared(book)
        names = [name for name in book.namelist() if re.fullmatch(r"xl/worksheets/sheet\d+\.xml", name)]
        names.sort(key=lambda name: int(re.sub(r"\D", "", name.rsplit("/", 1)[1])))
        return [list(_rows(ElementTree.fromstring(book.read(name)), shared)) for name in names]


def _shared(book: zipfile.ZipFile) -> list[str]:
    if "xl/sharedStrings.xml" not in book.namelist():
        return []
    root = ElementTree.fromstring(book.read("xl/sharedStrings.xml"))
    return ["".join(part.text or "" for part in item.iter(f"{_SPACE}t")) for item in root.iter(f"{_SPACE}si")]


def _rows(root: ElementTree.Element, shared: list[str]) -> Iterator[list[str]]:
    for row in root.iter(f"{_SPACE}row"):
        cells: list[str] = []
        for cell in row.iter(f"{_SPACE}c"):
            place = _column(cell.get("r", ""))
            cells.extend([""] * (place - len(cells)))
            cells.append(_text(cell, shared))
        yield cells


def _column(reference: str) -> int:
    number = 0
    for letter in re.sub(r"[^A-Z]", "", reference):
        number = number * 26 + ord(letter) - ord("A") + 1
    return max(number - 1, 0)


def _text(cell: ElementTree.Element, shared: list[str]) -> str:
    if cell.get("t") == "inlineStr":
        return "".join(part.text or "" for part in cell.iter(f"{_SPACE}t"))
    value = cell.find(f"{_SPACE}v")
    if value is None or value.text is None:
        return ""
    return shared[int(value.text)] if cell.get("t") == "s" else value.text
