"""The claims that stays of private hospitals bring to the DCIR: the stay itself, the doctors' fees, costly medicines.

Doctors of clinics bill beside the tariff of the stay: an operation and its anaesthesia, or a technical act of the
doctor in charge; fees are flat (assumptions). Sessions of radiotherapy and dialysis bring none.
"""

from __future__ import annotations

import numpy as np

from synth.simulate.billing import costly_drugs, costly_of
from synth.simulate.care import PRIVATE_STAY, Events, line_kinds
from synth.simulate.identifiers import hospitals
from synth.simulate.persons import Persons
from synth.simulate.stays import PRIVATE, Stays

OPERATION, ANAESTHESIA, DOCTOR = "private_operation", "private_anaesthesia", "private_doctor"
COSTLY = "costly_"  # lines of costly medicines are called by this and their ATC code
SURGICAL = "CK"  # third character of a GHM with an operation
CHEMOTHERAPY = ("28Z07", "28Z17")


def clinic_claims(stays: Stays, persons: Persons, seed: int) -> Events:
    """The claims of every private stay of a block, on the day of discharge."""
    rows = np.flatnonzero(hospitals()[2][stays.hospital] == PRIVATE)
    ghm = stays.ghm[rows].tolist()
    operated = np.array([code[2] in SURGICAL for code in ghm], dtype=bool)
    seen = np.array([not code.startswith("28") or code[:5] in CHEMOTHERAPY for code in ghm], dtype=bool) & ~operated
    kinds = line_kinds()
    parts = [(rows, kinds[PRIVATE_STAY], 1)]
    for kind, mine in ((OPERATION, operated), (ANAESTHESIA, operated), (DOCTOR, seen)):
        parts.append((rows[mine], kinds[kind], 1))
    codes = costly_of(stays, persons, seed)[rows]
    for atc, drug in costly_drugs().items():
        parts.append((rows[codes == atc], kinds[COSTLY + atc], round(drug.units)))
    stay = np.concatenate([part for part, _, _ in parts])
    sizes = [len(part) for part, _, _ in parts]
    return Events(
        stays.person[stay],
        stays.exit[stay],
        np.repeat([kind for _, kind, _ in parts], sizes),
        np.full(len(stay), -1),
        np.repeat([quantity for _, _, quantity in parts], sizes),
        stays.module[stay],
        np.ones(len(stay), dtype=bool),
        np.zeros(len(stay), dtype=bool),
        stay,
    )
