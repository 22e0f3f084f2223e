"""The whole report: every measure on the tables at hand."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from synth.calibrate.base import Base, covered_years
from synth.calibrate.care import CARE
from synth.calibrate.causes import CAUSES
from synth.calibrate.disease_map import MAP
from synth.calibrate.figure import Figure
from synth.calibrate.hospital import HOSPITAL
from synth.calibrate.measure import Measure
from synth.calibrate.pathways import PATHWAY
from synth.calibrate.people import PEOPLE
from synth.calibrate.sectors import SECTORS
from synth.core.errors import UserError
from synth.rules.tables import open_tables

MEASURES: tuple[Measure, ...] = (*PEOPLE, *CARE, *HOSPITAL, *SECTORS, *CAUSES, *MAP, *PATHWAY)
YEAR_COLUMNS = {"T_MCOaaB": {"GRG_GHM"}, "ER_PRS_F": {"EXE_SOI_DTD"}, "KI_CCI_R": {"BEN_DCD_DTE"}}


@dataclass(frozen=True, slots=True)
class Report:
    """Figures in the order of the measures, and the years they are about."""

    figures: tuple[Figure, ...]
    years: tuple[int, int]

    @property
    def outside(self) -> tuple[Figure, ...]:
        """Figures outside their bound by more than chance."""
        return tuple(figure for figure in self.figures if figure.status == "outside")

    def counts(self) -> Counter[str]:
        """How many figures have each status."""
        return Counter(figure.status for figure in self.figures)

    def as_record(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        return {
            "years": list(self.years),
            "counts": dict(sorted(self.counts().items())),
            "figures": [figure.as_record() for figure in self.figures],
        }


def calibrate_tables(path: Path, years: tuple[int, int] | None = None) -> Report:
    """Every figure that the tables at `path` allow, over `years` (found in the tables when not given).

    Raises UserError when there is no SNDS table, or the years cannot be told or are in the wrong order.
    """
    if years is not None and years[0] > years[1]:
        raise UserError("the first year is after the last", remedy="write for example 2021-2023")
    wanted: dict[str, set[str]] = {table: set(names) for table, names in YEAR_COLUMNS.items()}
    for measure in MEASURES:
        for table, names in measure.needs.items():
            wanted.setdefault(table, set()).update(names)
    with open_tables(path, wanted) as tables:
        base = Base(tables, years or covered_years(tables))
        found = [figure for measure in MEASURES for figure in _figures(measure, base)]
    return Report(tuple(found), base.years)


def _figures(measure: Measure, base: Base) -> list[Figure]:
    missing = base.tables.missing(measure.needs)
    if missing:
        return [Figure(measure.group, measure.about, None, None, note=f"needs {', '.join(missing)}")]
    return measure.compute(base)
