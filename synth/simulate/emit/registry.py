"""Which function makes which table: a new table is one function and one row here."""

from __future__ import annotations

from collections.abc import Callable

from synth.simulate.block import Block
from synth.simulate.emit import claims, details, external, hospital, people, referentials, rights
from synth.simulate.emit.people import Rows

Emitter = Callable[[Block], Rows]
YearEmitter = Callable[[Block, int], Rows]

EMITTERS: dict[str, Emitter] = {
    "IR_BEN_R": people.beneficiaries,
    "IR_IMB_R": people.long_term_diseases,
    "IR_ORC_R": rights.complementary_cover,
    "IR_MTT_R": rights.treating_doctors,
    "ER_PRS_F": claims.benefits,
    "ER_PHA_F": details.medicines,
    "ER_CAM_F": details.acts,
    "ER_BIO_F": details.biology,
    "ER_TIP_F": details.devices,
    "ER_UCD_F": details.hospital_medicines,
    "ER_ETE_F": details.establishments,
    "ER_ARO_F": details.top_ups,
    "KI_CCI_R": people.death_certificates,
    "KI_ECD_R": people.causes_of_death,
}
YEARLY: dict[str, YearEmitter] = {
    "T_MCOaaC": hospital.stays_linked,
    "T_MCOaaB": hospital.stays_described,
    "T_MCOaaD": hospital.associated_diagnoses,
    "T_MCOaaA": hospital.acts,
    "T_MCOaaUM": hospital.medical_units,
    "T_MCOaaCSTC": external.passages,
    "T_MCOaaFBSTC": external.fees,
    "T_MCOaaFCSTC": external.consultations,
    "T_MCOaaFMSTC": external.acts,
}
REFERENTIALS: dict[str, Callable[[int], Rows]] = {
    "IR_PHA_R": referentials.medicines,
    "BE_IDE_R": referentials.establishments,
    "T_MCOaaE": referentials.hospitals_of_year,
}
PROFESSIONALS = "DA_PRA_R"  # made last, of the professionals met in the base
SIMULATED = (*EMITTERS, *YEARLY, *REFERENTIALS, PROFESSIONALS)


def rows_of(pattern: str, block: Block, year: int) -> Rows:
    """Columns and number of rows of a table for a block; `year` matters to hospital tables only."""
    if pattern in YEARLY:
        return YEARLY[pattern](block, year)
    return EMITTERS[pattern](block)
