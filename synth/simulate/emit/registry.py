"""Which function makes which table: a new table is one function and one row here."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from synth.simulate.block import Block
from synth.simulate.emit import (
    archive,
    cartography,
    claims,
    details,
    external,
    home_care,
    hospital,
    invoices,
    people,
    psychiatry,
    referentials,
    rehabilitation,
    rights,
    valuation,
)
from synth.simulate.emit.people import Rows
from synth.simulate.sectors import HOME, PSYCHIATRY, REHABILITATION

Emitter = Callable[[Block], Rows]
YearEmitter = Callable[[Block, int], Rows]

EMITTERS: dict[str, Emitter] = {
    "IR_BEN_R": people.beneficiaries,
    "IR_BEN_R_ARC": archive.archived,
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
CORE = (*EMITTERS, *YEARLY, *REFERENTIALS, PROFESSIONALS)  # the tables that a first study reads

YEARLY |= {
    "T_MCOaaVALO": valuation.value,
    "T_MCOaaSTC": valuation.cover,
    "T_MCOaaMED": valuation.costly_medicines,
    "T_MCOaaFA": invoices.heads,
    "T_MCOaaFB": invoices.benefits,
    "T_MCOaaFC": invoices.fees,
    "T_MCOaaFM": invoices.acts,
    "T_MCOaaFH": invoices.costly_medicines,
    "T_MCOaaFASTC": invoices.outpatient_heads,
    "T_MCOaaVALOACE": valuation.outpatient_value,
    "T_SSRaaC": rehabilitation.stays_linked,
    "T_SSRaaB": rehabilitation.weeks,
    "T_SSRaaS": rehabilitation.stays_summed,
    "T_SSRaaD": rehabilitation.diagnoses,
    "T_SSRaaCSARR": rehabilitation.sessions,
    "T_HADaaC": home_care.stays_linked,
    "T_HADaaB": home_care.sub_sequences,
    "T_HADaaS": home_care.stays_summed,
    "T_HADaaD": home_care.diagnoses,
    "T_HADaaDMPP": home_care.main_mode_diagnoses,
    "T_HADaaGRP": home_care.tariff_groups,
    "T_RIPaaC": psychiatry.stays_linked,
    "T_RIPaaRSA": psychiatry.sequences,
    "T_RIPaaS": psychiatry.stays_summed,
    "T_RIPaaRSAD": psychiatry.diagnoses,
    "T_RIPaaCSTC": psychiatry.outpatients,
    "T_RIPaaR3A": psychiatry.outpatient_acts,
    "CT_IDE_AAAA_GN": cartography.identities,
    "CT_IND_AAAA_GN": cartography.tops,
}
REFERENTIALS |= {
    "T_SSRaaE": partial(referentials.facilities_of_year, REHABILITATION),
    "T_HADaaE": partial(referentials.facilities_of_year, HOME),
    "T_RIPaaE": partial(referentials.facilities_of_year, PSYCHIATRY),
}
SIMULATED = (*CORE, *(name for name in (*YEARLY, *REFERENTIALS) if name not in CORE))
PMSI = tuple(name for name in SIMULATED if name.startswith(("T_MCO", "T_SSR", "T_HAD", "T_RIP")))
GROUPS: dict[str, tuple[str, ...]] = {"core": CORE, "pmsi": PMSI, "all": SIMULATED}


def rows_of(pattern: str, block: Block, year: int) -> Rows:
    """Columns and number of rows of a table for a block; `year` matters to hospital tables only."""
    if pattern in YEARLY:
        return YEARLY[pattern](block, year)
    return EMITTERS[pattern](block)
