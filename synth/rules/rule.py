"""What a validity rule is: a condition that rows of some tables must not meet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Severity = Literal["hard", "soft"]


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule. `number` is its place in the list of SNDS rules (one number may have several rules).

    Rows are those of `rows` (a FROM clause of DuckDB SQL over tables under their pattern names); a row is at fault when
    `broken` holds. `needs` names the columns that must exist, by table: without them the rule is not applicable.
    `key` are the columns that tell a faulty row. A hard rule allows no fault, a soft one up to `allowed` of the rows,
    give or take chance.

    Conditions may use D(x), N(x) and S(x): a value read as a date, a number or text, NULL when it is not one.
    """

    number: int
    name: str
    rows: str
    broken: str
    needs: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    key: tuple[str, ...] = ()
    severity: Severity = "hard"
    allowed: float = 0.0
    why: str = ""


def columns(text: str) -> tuple[str, ...]:
    """Column names written in one string."""
    return tuple(text.split())
