"""A base open to measures: its tables, the years it covers and its persons."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from synth.core.errors import UserError
from synth.rules.tables import Tables
from synth.simulate.tables import OLDEST

Needs = Mapping[str, tuple[str, ...]]
PERSON: Needs = {"IR_BEN_R": ("BEN_IDT_ANO", "BEN_SEX_COD", "BEN_NAI_ANN", "BEN_DCD_DTE")}
K9 = (
    "DCT_ORD_NUM FLX_DIS_DTD FLX_EMT_NUM FLX_EMT_ORD FLX_EMT_TYP FLX_TRT_DTD ORG_CLE_NUM PRS_ORD_NUM REM_TYP_AFF"
).split()
LINE = f"HASH({', '.join(K9)})"  # one number a line, quicker to join on than nine columns
ID = ("BEN_NIR_PSA", "BEN_RNG_GEM")
ENOUGH = 0.2  # a year counts when it has this share of the lines of the fullest one


@dataclass(frozen=True)
class Base:
    """Tables with the years (first and last) that their care covers."""

    tables: Tables
    years: tuple[int, int]

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """Every row that a query gives."""
        return self.tables.rows(query)

    def number(self, query: str) -> float:
        """The single number that a query gives, 0 when it is null."""
        return float(self.rows(query)[0][0] or 0)

    @cached_property
    def persons(self) -> str:
        """Name of a table of one row a person: id, sex, year of birth, date of death (null while alive)."""
        self.tables.connection.execute(
            """CREATE TEMP TABLE person AS SELECT S(BEN_IDT_ANO) AS id, min(N(BEN_SEX_COD))::INT AS sex,
            min(N(BEN_NAI_ANN))::INT AS born,
            max(CASE WHEN year(D(BEN_DCD_DTE)) > 1600 THEN D(BEN_DCD_DTE) END) AS death
            FROM IR_BEN_R WHERE BEN_IDT_ANO IS NOT NULL GROUP BY 1"""
        )
        return "person"

    def alive(self, year: int) -> NDArray[np.int64]:
        """Persons alive on 1 January of a year, by sex (row 0 men) and age reached, 0 to OLDEST."""
        counts = np.zeros((2, OLDEST + 1), dtype=np.int64)
        query = f"""SELECT sex, {year - 1} - born, count(*) FROM {self.persons} WHERE sex IN (1, 2)
            AND born BETWEEN {year - 1 - OLDEST} AND {year - 1} AND (death IS NULL OR death >= DATE '{year}-01-01')
            GROUP BY ALL"""
        for sex, age, n in self.rows(query):
            counts[sex - 1, age] = n
        return counts

    @cached_property
    def person_years(self) -> float:
        """Years lived in the window, by the mean of the persons alive at the two ends of each year."""
        counts = [self.alive(year).sum() for year in range(self.years[0], self.years[1] + 2)]
        return float(sum((counts[place] + counts[place + 1]) / 2 for place in range(len(counts) - 1)))

    def inside(self, column: str) -> str:
        """A condition: the date is inside the window."""
        first, last = self.years
        return f"D({column}) >= DATE '{first}-01-01' AND D({column}) < DATE '{last + 1}-01-01'"


def covered_years(tables: Tables) -> tuple[int, int]:
    """First and last year of care: those of hospital tables, else the years that hold most lines, stays or deaths.

    Raises UserError when no table tells.
    """
    if "FILE_YEAR" in tables.known.get("T_MCOaaB", ()):
        found = [int(year) for (year,) in tables.rows("SELECT DISTINCT FILE_YEAR FROM T_MCOaaB WHERE FILE_YEAR > 0")]
        if found:
            return min(found), max(found)
    for table, column in (("ER_PRS_F", "EXE_SOI_DTD"), ("T_MCOaaC", "EXE_SOI_DTF"), ("KI_CCI_R", "BEN_DCD_DTE")):
        if column in tables.known.get(table, ()):
            counts = dict(
                tables.rows(f"SELECT year(D({column})) AS y, count(*) FROM {table} GROUP BY 1 HAVING y > 1900")
            )
            if counts:
                full = [year for year, n in counts.items() if n >= ENOUGH * max(counts.values())]
                return min(full), max(full)
    raise UserError("no table tells which years are covered", remedy="say so with --years 2021-2023")
