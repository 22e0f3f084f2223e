"""Support: whether every number of a model stands for as many persons as it promises, and for the rows it tells of."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Protocol

from synth.core.model import Model

_SHOWN = 20


class Number(Protocol):
    """One number of a statistic that was recounted."""

    @property
    def statistic(self) -> str:
        """The statistic it belongs to."""
        ...

    @property
    def told(self) -> int | None:
        """The rows the model tells of, or None where it tells none."""
        ...

    @property
    def rows(self) -> int:
        """The rows found."""
        ...

    @property
    def persons(self) -> int:
        """The distinct persons found."""
        ...


@dataclass(frozen=True, slots=True)
class Checked:
    """What a recount found: numbers in how many statistics, the fewest persons, and the statistics at fault."""

    least: int
    asked: int
    statistics: int
    numbers: int
    faults: tuple[tuple[str, str], ...]

    def document(self) -> dict[str, Any]:
        """As plain JSON data."""
        return {
            "asked": self.asked,
            "smallest": self.least,
            "statistics": self.statistics,
            "numbers": self.numbers,
            "faults": [{"statistic": name, "fault": fault} for name, fault in self.faults],
        }

    def lines(self) -> list[str]:
        """As lines for a terminal."""
        head = (
            f"{self.numbers} numbers of {self.statistics} statistics recounted; fewest persons behind one: {self.least}"
        )
        if not self.faults:
            return [head, f"every one covers at least {self.asked} persons and the rows it tells of"]
        more = [f"... and {len(self.faults) - _SHOWN} more"] if len(self.faults) > _SHOWN else []
        return [head, *(f"{name}: {fault}" for name, fault in self.faults[:_SHOWN]), *more]


def check(model: Model, recounted: Iterable[Number]) -> Checked:
    """Judge a recount against what the model promises."""
    asked = int(model.receipt["min_persons"])
    numbers, least = 0, None
    names: set[str] = set()
    faults: dict[str, str] = {}
    for each in recounted:
        numbers += 1
        names.add(each.statistic)
        least = each.persons if least is None else min(least, each.persons)
        if each.persons < asked:
            faults.setdefault(each.statistic, f"a number stands for fewer than {asked} persons")
        elif each.told is not None and each.told != each.rows:
            faults.setdefault(each.statistic, "a count is not that of the rows")
    return Checked(least or 0, asked, len(names), numbers, tuple(sorted(faults.items())))
