"""What a measure is: figures of one group, and the tables and columns they need."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from synth.calibrate.base import Base, Needs
from synth.calibrate.figure import Figure
from synth.simulate.tables import read_rows


@dataclass(frozen=True, slots=True)
class Measure:
    """Figures of one `group`, told in one line by `about`; without the columns of `needs` they are not computed."""

    group: str
    about: str
    needs: Needs
    compute: Callable[[Base], list[Figure]]


@dataclass(frozen=True, slots=True)
class Published:
    """One line of parameters/published.csv."""

    value: float
    unit: str
    people: float
    year: str
    source: str

    @property
    def per_person(self) -> float:
        """The figure divided by the persons it is about."""
        scale = 1e6 if "million" in self.unit else 1.0
        return self.value * scale / (self.people * 1e6)


@cache
def published(name: str) -> Published:
    """A published figure by name."""
    row = next(row for row in read_rows("published") if row["figure"] == name)
    return Published(float(row["value"]), row["unit"], float(row["population"] or 0), row["year"], row["source"])
