"""What a stay of a public hospital costs, who pays it, and the medicines paid beside its tariff.

Tariff of the GHS times the geographic coefficient; the legal insurance pays 80 %, or all of it for a long-term disease,
a pregnancy, a newborn or a long stay, and all but a flat participation when an act is dear (18 EUR, 24 from 2019). The
daily charge (18 EUR, 20 from 2018) is due for each day of a stay with a night, the day of discharge included, unless
the person dies, is transferred, is born or gives birth (rule 36). Coefficients: tariff orders of 2023.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from synth.core.errors import UserError
from synth.core.seeds import rng
from synth.simulate.ald import AldStatus
from synth.simulate.amounts import coverage_start
from synth.simulate.dates import day
from synth.simulate.episodes import AT_HOME, Moves
from synth.simulate.identifiers import departements, hospitals
from synth.simulate.persons import Persons
from synth.simulate.stays import Stays
from synth.simulate.tables import read_rows

PARIS_REGION = ("075", "077", "078", "091", "092", "093", "094", "095")
COEFFICIENTS = {"201": 1.11, "202": 1.11, "971": 1.27, "972": 1.27, "973": 1.29, "974": 1.31}
FULL, USUAL = 100, 80
DEAR_ACT_KIND = "C"  # third character of a surgical GHM: its act costs more than the threshold
LONG_STAY = 30
NO_EXEMPTION, DEAR_ACT, MATERNITY, LONG_TERM = "0", "1", "3", "4"
PREGNANCY, NEWBORN = "14", "15"  # major categories of GHM


@dataclass(frozen=True)
class Bills:
    """Parallel arrays, one entry a stay. Euros; `rate` in percent, `exempt` as the invoice codes it."""

    coefficient: NDArray[np.float64]
    base: NDArray[np.float64]
    rate: NDArray[np.int64]
    participation: NDArray[np.float64]
    refund: NDArray[np.float64]
    daily: NDArray[np.float64]
    exempt: NDArray[np.str_]


@dataclass(frozen=True, slots=True)
class CostlyDrug:
    """A medicine paid beside the tariff: UCD code of seven digits, price of a unit, units a session."""

    ucd: str
    price: float
    units: float


@cache
def costly_drugs() -> dict[str, CostlyDrug]:
    """Medicines paid beside the tariff, by ATC."""
    return {
        row["atc"]: CostlyDrug(row["ucd"], float(row["price"]), float(row["units"]))
        for row in read_rows("costly_drugs")
    }


def bill_stays(stays: Stays, moves: Moves, persons: Persons, ald: AldStatus) -> Bills:
    """The bill of every stay of a block, as if all hospitals were public."""
    coefficient = np.array([_coefficient(code) for code in departements()])[hospitals()[1][stays.hospital]]
    base = np.round(stays.tariff * coefficient, 2)
    category = np.array([ghm[:2] for ghm in stays.ghm.tolist()], dtype="U2")
    surgical = np.array([ghm[2:3] == DEAR_ACT_KIND for ghm in stays.ghm.tolist()], dtype=bool)
    nights = stays.exit - stays.entry
    covered = coverage_start(stays.module, stays.person, ald.starts) <= stays.entry
    mother = np.isin(category, (PREGNANCY, NEWBORN))
    full = covered | mother | (nights > LONG_STAY)
    dear = surgical & ~full
    rate = np.where(full | dear, FULL, USUAL)
    flat = np.where(stays.exit >= day(2019), 24.0, 18.0)
    participation = np.where(dear, np.minimum(flat, base), 0.0)
    charge = np.where(stays.exit >= day(2018), 20.0, 18.0)
    due = (nights > 0) & ~mother
    days = nights + (moves.exit_mode == AT_HOME)
    return Bills(
        coefficient,
        base,
        rate,
        participation,
        np.round(base * rate / 100 - participation, 2),
        np.where(due, charge * days, 0.0),
        np.where(covered, LONG_TERM, np.where(full, MATERNITY, np.where(dear, DEAR_ACT, NO_EXEMPTION))),
    )


def _coefficient(departement: str) -> float:
    return 1.07 if departement in PARIS_REGION else COEFFICIENTS.get(departement, 1.0)


def costly_of(stays: Stays, persons: Persons, seed: int) -> NDArray[np.str_]:
    """ATC of the medicine paid beside each stay (empty for most): a person's own for good.

    Raises UserError when a module names a medicine that the table does not have.
    """
    pick = rng(seed, "costly medicines", persons.block).uniform(len(persons))
    codes = np.full(len(stays.person), "", dtype="U7")
    for place, plan in enumerate(stays.plans):
        if not plan.costly:
            continue
        for code in sorted(set(plan.costly) - set(costly_drugs())):
            raise UserError(f"no costly medicine has ATC {code}", remedy="use a code of parameters/costly_drugs.csv")
        mine = np.flatnonzero(stays.plan == place)
        edges = np.cumsum(list(plan.costly.values()))
        index = np.searchsorted(edges, pick[stays.person[mine]], side="right")
        codes[mine] = np.array([*plan.costly, ""])[index]
    return codes


def costly_price(codes: NDArray[np.str_]) -> NDArray[np.float64]:
    """Euros of the medicine paid beside each stay."""
    prices = {atc: round(drug.price * drug.units, 2) for atc, drug in costly_drugs().items()}
    return np.array([prices.get(code, 0.0) for code in codes.tolist()])
