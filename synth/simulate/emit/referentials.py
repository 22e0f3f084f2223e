"""Referentials that do not depend on persons: medicines, establishments, and the professionals met in the base."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from synth.simulate.batch import NONE, Coded
from synth.simulate.drugs import drugs
from synth.simulate.emit.people import Rows
from synth.simulate.identifiers import FACILITY_RANKS, facilities, hospitals, pmsi_departement
from synth.simulate.tables import read_rows

STATUS = ("PUB", "PBN", "PRI")
FIELD_NAMES = {"ssr": "Readaptation", "had": "Hospitalisation a domicile", "psy": "Psychiatrie"}
KIND_NAMES = ("Hopital public", "Hopital prive non lucratif", "Clinique")

Professional = tuple[str, int, int]  # number, activity, specialty


def medicines(year: int) -> Rows:
    """IR_PHA_R: the presentations that can be dispensed."""
    table = drugs()
    n = len(table.atc)
    return {
        "PHA_CIP_C13": table.cip13,
        "PHA_PRS_IDE": table.cip7,
        "PHA_CIP_UCD": _dispensing_units(table.cip13),
        "PHA_ATC_CLA": table.atc,
        "PHA_ATC_C07": table.atc,
        "PHA_ATC_C03": np.array([code[:3] for code in table.atc]),
        "PHA_UNT_NBR_DSES": table.units.astype("U6"),
        "PHA_UPC_NBR": table.units.astype("U6"),
        "PHA_PRI_UNI": (table.price * 100).round().astype(np.int64).astype("U12"),
        "PHA_TAU_COD": table.rate.astype("U3"),
        "PHA_GRD_CND": np.where(table.units >= 84, "O", "N"),
    }, n


def _dispensing_units(cip13: NDArray[np.int64]) -> NDArray[np.int64]:
    """UCD code of each presentation, by which hospital medicines are known; NONE where no source gives it."""
    known = {int(row["cip13"]): int(row["ucd"]) for row in read_rows("ucd")}
    return np.array([known.get(code, NONE) for code in cip13.tolist()], dtype=np.int64)


def establishments(year: int) -> Rows:
    """BE_IDE_R: hospitals by their number without its check digit, then the establishments of the other fields."""
    numbers, places, kinds = hospitals()
    names = [f"SYN {KIND_NAMES[kind]} {row}" for row, kind in enumerate(kinds.tolist())]
    others = [facilities(field) for field in FACILITY_RANKS]
    for field, (found, _) in zip(FACILITY_RANKS, others, strict=True):
        names += [f"SYN {FIELD_NAMES[field]} {row}" for row in range(len(found))]
    added = np.concatenate([where for _, where in others])
    numbers = np.concatenate([numbers, *(found for found, _ in others)])
    kinds = np.concatenate([kinds, np.zeros(len(added), dtype=np.int64)])
    return {
        "IDE_ETA_NU8": np.array([number[:8] for number in numbers]),
        "IDE_ETA_NUM": numbers,
        "IDE_ETA_NOM": np.array([name[:38] for name in names]),
        "IDE_PSH_CAT": Coded(["355", "365", "365"], kinds),
        "IDE_PSH_STJ": Coded(["13", "60", "73"], kinds),
        "IDE_SAN_PUB": Coded(["1", "2", "3"], kinds),
        "IDE_IMP_DPT": Coded(pmsi_departement(), np.concatenate([places, added])),
    }, len(numbers)


def facilities_of_year(field: str, year: int) -> Rows:
    """T_SSRaaE, T_HADaaE, T_RIPaaE: establishments of another field of hospitals in a PMSI year."""
    numbers, places = facilities(field)
    return {
        "ETA_NUM": numbers,
        "ETB_EXE_FIN": np.array([number[:8] for number in numbers]),
        "ANN_TRT": str(year),
        "SOC_RAI": np.array([f"SYN {FIELD_NAMES[field]} {row}" for row in range(len(numbers))]),
        "STA_ETA": STATUS[0],
        "REG_ETA": Coded(pmsi_departement(), places),
    }, len(numbers)


def hospitals_of_year(year: int) -> Rows:
    """T_MCOaaE: hospitals of a PMSI year."""
    numbers, places, kinds = hospitals()
    return {
        "ETA_NUM": numbers,
        "ETB_EXE_FIN": np.array([number[:8] for number in numbers]),
        "ANN_TRT": str(year),
        "SOC_RAI": np.array([f"SYN {KIND_NAMES[kind]} {row}" for row, kind in enumerate(kinds.tolist())]),
        "STA_ETA": Coded(list(STATUS), kinds),
        "REG_ETA": Coded(pmsi_departement(), places),
    }, len(numbers)


def professionals(met: Iterable[Professional], years: range) -> Rows:
    """DA_PRA_R: one row a professional and year (the real table has one a month); December stands for the year."""
    known: dict[str, Professional] = {}
    for one in sorted(met):
        known.setdefault(one[0], one)
    rows = [(*one, year) for one in known.values() for year in years]
    return {
        "PFS_PFS_NUM": np.array([row[0] for row in rows], dtype="U8"),
        "PFS_FIN_NUM": np.array([row[0] for row in rows], dtype="U8"),
        "PFS_CAT_COD": np.array([row[0][2] for row in rows], dtype="U1"),
        "PFS_PRA_SPE": np.array([f"{row[2]:02d}" for row in rows], dtype="U2"),
        "CNV_CNV_COD": "1",
        "DTE_ANN_TRT": np.array([row[3] for row in rows], dtype=np.int64),
        "DTE_MOI_FIN": "12",
    }, len(rows)
