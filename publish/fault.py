"""Fault: one thing wrong with a package, where it is and how many rows show it; never a value."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from synth.core.errors import UserError


@dataclass(frozen=True, slots=True)
class Fault:
    """`check` names what was verified; `row` is the first row concerned, counted from 1 without the header."""

    check: str
    problem: str
    file: str | None = None
    table: str | None = None
    column: str | None = None
    row: int | None = None
    count: int = 1

    def __str__(self) -> str:
        more = f" ({self.count} in all)" if self.count > 1 else ""
        where = UserError(self.problem + more, file=self.file, table=self.table, column=self.column, row=self.row)
        return f"[{self.check}] {where}"

    def document(self) -> dict[str, Any]:
        """The fault as plain JSON data."""
        return asdict(self)


def fault_of(check: str, error: UserError, file: str | None = None) -> Fault:
    """A fault from an error met while reading."""
    return Fault(check, error.problem, file or error.file, error.table, error.column, error.row)
