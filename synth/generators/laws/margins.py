"""The margin of each variable within a part: counts of rows where k persons stand behind them, backed off elsewhere.

A code that fewer than k persons have in the part keeps no count of its own there; the rows of all such codes together
are shared out as they are in the whole table, if k persons stand behind them together, and forgotten otherwise. Counts
are rounded (see `synth.core.counts`), and codes that few persons have, such as the shortest runs of a quantity, may all
be rounded the same way: the rows of the part, told too, put that right.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from synth.core.counts import rounded, rounded_alone
from synth.core.model import Array, Statistic
from synth.engines.unit_blocks import count_codes, count_units, distinct_units, is_row_a_unit, unit_blocks
from synth.generators.coding.coded import PartRows

Floats = NDArray[np.float64]
Codes = NDArray[np.int64]


@dataclass(frozen=True)
class Margin:
    """Rows of each code (0 where suppressed), rows backed off, the smallest number of persons behind a count, and the
    rows of the part (0 where fewer than k persons have any)."""

    rows: Codes
    backed_off: int
    support: int
    total: int

    def shares(self, pooled: Codes) -> Floats:
        """Shares of the codes, the backed-off rows spread as in the whole table (`pooled` rows)."""
        spread = np.where(self.rows == 0, pooled, 0).astype(np.float64)
        total = spread.sum()
        rows = self._unbiased() + (self.backed_off * spread / total if total > 0 else 0.0)
        if rows.sum() <= 0:
            rows = pooled.astype(np.float64)
        shares: Floats = rows / max(rows.sum(), 1.0)
        return shares

    def _unbiased(self) -> Floats:
        """Rows of each code, less what rounding added to all of them together: as much of each, for it is as uncertain.

        What rounding cannot explain, such as rows that were forgotten, is left as it is.
        """
        told = self.rows > 0
        if not told.any() or not self.total:
            return self.rows.astype(np.float64)
        added = (self.rows.sum() + self.backed_off - self.total) / int(told.sum())
        by_rounding = 2 * abs(added) <= self.rows[told].min()
        return np.where(told & by_rounding, self.rows - added, self.rows)


Margins = Mapping[int, Margin]


def measure_margins(rows: PartRows, k: int, context: bool) -> Margins:
    """The margin of every own variable of a part, and of the context too if asked, by place among the variables."""
    units = rows.units
    total = int(rounded_alone(len(units), k)) if count_units(units) >= k else 0
    asked = range(0 if context else rows.contexts, len(rows.variables))
    return {index: _margin(rows.compact(index), units, rows.variables[index].codec.size, k, total) for index in asked}


def _margin(codes: NDArray[np.integer], units: Codes, size: int, k: int, total: int) -> Margin:
    counted = count_codes(codes, size)
    holders = counted if is_row_a_unit(units) else np.zeros(size, dtype=np.int64)
    for block in unit_blocks(units) if holders is not counted else ():
        holders += distinct_units(codes[block], units[block], size)
    kept = holders >= k
    lost = ~kept & (counted > 0)
    persons = count_units(units[lost[codes]]) if lost.any() else 0
    counts = rounded(np.where(kept, counted, 0), k)
    supports = [*holders[kept].tolist(), *([persons] if persons >= k else [])]
    backed_off = int(rounded_alone(counted[lost].sum(), k)) if persons >= k else 0
    return Margin(counts, backed_off, min(supports, default=0), total)


def margin_statistics(rows: PartRows, margins: Margins) -> tuple[list[Statistic], dict[str, Array]]:
    """The margins of a part as statistics; context margins are known by their titles."""
    statistics, arrays = [], {}
    for index, margin in margins.items():
        variable = rows.variables[index]
        name = f"margin/{rows.part.title}/{variable.title}"
        arrays[name] = margin.rows
        statistics.append(
            Statistic(
                name=name,
                table=rows.part.table,
                columns=(variable.title,),
                kind="margin",
                support=margin.support,
                unit=rows.coded.forest.node(rows.part.table).root,
                cells=int((margin.rows > 0).sum()),
                data={"backed_off": margin.backed_off, "rows": margin.total},
                arrays=(name,),
            )
        )
    return statistics, arrays
