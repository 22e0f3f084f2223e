"""What each line costs and what is paid back: tariff, overcharge, rate, exemption (rules 29 to 35 of the SNDS facts).

BSE_REM_MNT = BSE_REM_BSE x RGO_REM_TAU / 100, rounded to the cent. The rate is 100 % for care related to a long-term
disease, 90 % (80 % for 15 %
medicines) in Alsace-Moselle, the list rate otherwise; medicines listed at 15 and 30 % keep their rate in ALD.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from synth.core.seeds import rng
from synth.simulate.care import PHARMACY_KIND, PRIVATE_STAY, line_kinds
from synth.simulate.claims import Lines, line_table
from synth.simulate.dates import FAR
from synth.simulate.drugs import drugs
from synth.simulate.identifiers import departements
from synth.simulate.persons import ALSACE_MOSELLE, Persons

OUTSIDE_SHARE, OUTSIDE_RATE = 0.03, 30.0  # care outside the coordinated pathway (rule 23)
LETTER_B = 0.25  # euros a NABM coefficient (0.27 before 2021)


@dataclass(frozen=True)
class Amounts:
    """Euros by line; `rate` in percent, `exempt` EXO_MTF, `nature` PRS_NAT_REF, `unit` the price of one unit,
    `penalty` what care outside the coordinated pathway loses."""

    nature: NDArray[np.int64]
    unit: NDArray[np.float64]
    base: NDArray[np.float64]
    paid: NDArray[np.float64]
    rate: NDArray[np.float64]
    refund: NDArray[np.float64]
    exempt: NDArray[np.int64]
    local: NDArray[np.bool_]
    penalty: NDArray[np.float64]


def price_lines(
    lines: Lines,
    persons: Persons,
    covered: NDArray[np.int64],
    holder_of_ald: NDArray[np.int64],
    tariffs: NDArray[np.float64],
    seed: int,
) -> Amounts:
    """Amounts of each line.

    `covered` is, for each line, the day from which the module it follows from is covered as a long-term disease (FAR:
    never);
    `holder_of_ald` the first day of any long-term disease of each person (FAR: none);
    `tariffs` the tariff of each stay of the block.
    """
    kinds, table, events = line_table(), drugs(), lines.events
    medicine = events.drug >= 0
    drug = np.maximum(events.drug, 0)
    unit = np.where(medicine, table.price[drug], kinds.base[events.kind])
    biology = kinds.nature[events.kind] == 3211
    unit = np.where(biology, kinds.coefficient[events.kind] * LETTER_B, unit)
    billed = events.kind == line_kinds()[PRIVATE_STAY]
    unit[billed] = tariffs[events.stay[billed]]
    base: NDArray[np.float64] = np.round(unit * events.quantity, 2)
    nature = np.where(medicine & (events.kind == PHARMACY_KIND), table.nature[drug], kinds.nature[events.kind])
    listed = np.where(medicine, table.rate[drug], kinds.rate[events.kind]).astype(float)
    related = events.related & (events.day >= covered)
    low = medicine & (listed < 60)
    full = related & ~low & (listed > 0)
    local = np.isin(departements()[persons.place[events.person]], ALSACE_MOSELLE) & (listed > 0) & (listed < 90)
    stream = rng(seed, "overcharge", persons.block)
    free = persons.c2s[events.person]
    outside = (kinds.group_name[events.kind] == "specialist") & ~full & ~free & ~low
    outside &= stream.uniform(len(base)) < OUTSIDE_SHARE
    rate = np.where(full, 100.0, np.where(outside, OUTSIDE_RATE, listed))
    base = base * (listed > 0)
    refund = np.round(base * rate / 100, 2)
    share, size = stream.uniform(len(base)), stream.uniform(len(base))
    extra = np.where((share < kinds.over[events.kind]) & ~free, kinds.over_mean[events.kind] * (0.3 + 1.4 * size), 0.0)
    extra = np.where(medicine, 0.0, np.round(extra * 2) / 2)
    spent = np.where(listed == 0, np.round(unit * events.quantity, 2), base)
    has_ald = holder_of_ald[events.person] <= events.day
    exempt = np.where(has_ald, np.where(full, 42, 41), 0)
    return Amounts(
        nature,
        unit,
        base,
        np.round(spent + extra, 2),
        rate,
        refund,
        exempt,
        local,
        np.where(outside, np.round(base * (listed - rate) / 100, 2), 0.0),
    )


def coverage_start(
    events_module: NDArray[np.int64], person: NDArray[np.int64], starts: NDArray[np.int64]
) -> NDArray[np.int64]:
    """For each line, the first day its module is covered for the person; `starts` is [module, person], FAR where it
    never is.
    """
    return starts[events_module, person] if len(starts) else np.full(len(person), FAR)
