"""Which function makes which table: a new table is one function and one row here."""

from __future__ import annotations

from collections.abc import Callable

from synth.simulate.block import Block
from synth.simulate.emit import claims, hospital, people
from synth.simulate.emit.people import Rows

Emitter = Callable[[Block], Rows]
YearEmitter = Callable[[Block, int], Rows]

EMITTERS: dict[str, Emitter] = {
    "IR_BEN_R": people.beneficiaries,
    "IR_IMB_R": people.long_term_diseases,
    "ER_PRS_F": claims.benefits,
    "ER_PHA_F": claims.medicines,
    "KI_CCI_R": people.death_certificates,
}
YEARLY: dict[str, YearEmitter] = {
    "T_MCOaaC": hospital.stays_linked,
    "T_MCOaaB": hospital.stays_described,
}
SIMULATED = (*EMITTERS, *YEARLY)


def rows_of(pattern: str, block: Block, year: int) -> Rows:
    """Columns and number of rows of a table for a block; `year` matters to hospital tables only."""
    if pattern in YEARLY:
        return YEARLY[pattern](block, year)
    return EMITTERS[pattern](block)
