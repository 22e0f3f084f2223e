"""One line of the report: a published figure, the generated one, the bound between them and what that says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

Kind = Literal["within", "at most", "at least", "none"]
CHANCE = 3.0  # standard deviations
UNEVEN = 4.0  # variance of what one person has, relative to its square mean, when many events are of few persons


@dataclass(frozen=True, slots=True)
class Figure:
    """A generated figure beside the published one.

    `bound` is read as `kind` says: the relative distance allowed (`within` 0.1 is 10 %), or the most or least that the
    generated figure may be. `n` is the number of events behind the generated figure. `generated` is None when it could
    not be computed, and `note` says why. `persons` is given when events are those of so many
    persons, each with several.
    """

    group: str
    name: str
    published: float | None
    generated: float | None
    kind: Kind = "none"
    bound: float = 0.0
    n: int | None = None
    source: str = ""
    year: str = ""
    unit: str = ""
    note: str = ""
    persons: int | None = None

    @property
    def ratio(self) -> float | None:
        """Generated over published, None when there is no such ratio."""
        return None if self.generated is None or not self.published else self.generated / self.published

    @property
    def holds(self) -> bool:
        """Whether the generated figure is inside its bound (True when there is none)."""
        if self.generated is None or self.kind == "none":
            return True
        if self.kind == "within":
            return self.ratio is not None and abs(self.ratio - 1) <= self.bound + 1e-12
        return self.generated <= self.bound if self.kind == "at most" else self.generated >= self.bound

    @property
    def status(self) -> str:
        """`holds`, `outside`, `chance` (outside, by no more than so few events explain), `shown` or `not computed`."""
        if self.generated is None:
            return "not computed"
        if self.kind == "none":
            return "shown"
        if self.holds:
            return "holds"
        return "chance" if self.kind == "within" and self._by_chance() else "outside"

    def _by_chance(self) -> bool:
        if self.n is None or not self.ratio:
            return False
        spread = (self.ratio / max(self.n, 1)) ** 0.5
        if self.persons is not None:
            spread = (UNEVEN / max(self.persons, 1)) ** 0.5
        return bool(abs(self.ratio - 1) <= CHANCE * spread)

    @property
    def limits(self) -> str:
        """The bound in words."""
        if self.kind == "none":
            return ""
        return f"±{self.bound:.0%}" if self.kind == "within" else f"{self.kind} {self.bound:g}"

    def as_record(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        return {
            "group": self.group,
            "name": self.name,
            "unit": self.unit,
            "published": self.published,
            "generated": self.generated,
            "ratio": self.ratio,
            "bound": self.limits,
            "status": self.status,
            "n": self.n,
            "source": self.source,
            "year": self.year,
            "note": self.note,
        }
