"""Tables of text that fit the width of the terminal: cells wrap, columns keep their place."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

_GAP = "  "


def text_table(headers: Sequence[str], rows: Sequence[Sequence[str]], width: int) -> str:
    """Rows under their headers within `width` characters; the columns that need most room give way first."""
    widths = _widths(headers, rows, width)
    lines = [_line(cells, widths) for cells in (headers, ["-" * size for size in widths])]
    lines += [_line(part, widths) for row in rows for part in _wrapped(row, widths)]
    return "\n".join(lines) + "\n"


def _widths(headers: Sequence[str], rows: Sequence[Sequence[str]], width: int) -> list[int]:
    wanted = [max(len(cell) for cell in column) for column in zip(headers, *rows, strict=True)]
    least = [wanted[0], *(max(len(header), 4) for header in headers[1:])]  # names stay whole
    room = width - len(_GAP) * (len(headers) - 1)
    while sum(wanted) > room:
        widest = max(range(len(wanted)), key=lambda at: (wanted[at] - least[at], wanted[at]))
        if wanted[widest] <= least[widest]:
            break
        wanted[widest] -= 1
    return wanted


def _wrapped(row: Sequence[str], widths: Sequence[int]) -> list[list[str]]:
    cells = [
        textwrap.wrap(cell, size, break_long_words=True, break_on_hyphens=False) or [""]
        for cell, size in zip(row, widths, strict=True)
    ]
    height = max(len(cell) for cell in cells)
    return [[cell[at] if at < len(cell) else "" for cell in cells] for at in range(height)]


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    return _GAP.join(cell.ljust(size) for cell, size in zip(cells, widths, strict=True)).rstrip()
