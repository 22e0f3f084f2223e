"""Invoices of hospital care (MCO): of private stays (FA head, FB benefits, FC fees, FM acts, FH costly medicines), and
the heads of invoices of outpatient care (FASTC).

Amounts are those of the lines that the same care has in the DCIR (rule 47); the daily charge is in FB only, for the
insurance does not pay it.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from synth.simulate.batch import NONE, Coded
from synth.simulate.billing import bill_stays
from synth.simulate.block import Block
from synth.simulate.care import PRIVATE_STAY
from synth.simulate.claims import line_table
from synth.simulate.clinics import ANAESTHESIA, COSTLY, DOCTOR, OPERATION
from synth.simulate.dates import age_years, month_of, year_month, year_of
from synth.simulate.emit import external
from synth.simulate.emit.hospital import discharged, stay_keys
from synth.simulate.emit.people import Rows
from synth.simulate.emit.sector_columns import MONTHS
from synth.simulate.identifiers import hospitals, pmsi_departement
from synth.simulate.persons import SCHEMES
from synth.simulate.stays import PRIVATE
from synth.simulate.tables import text_column

INVOICE, HEAD, BENEFIT, FEE, ACT, MEDICINE = "001", "A", "B", "C", "M", "H"
FEE_CODES = {OPERATION: "ADC", ANAESTHESIA: "ADA", DOCTOR: "ATM"}
DAILY_CHARGE, STAY_CODE = "FJ", "GHS"
DISCIPLINE, TREATMENT = "137", "03"
SETTLED = "0"
ILLNESS = "10"


def private_stays(block: Block, year: int) -> NDArray[np.int64]:
    """Stays of private hospitals that end in a year."""
    rows = discharged(block, year)
    mine: NDArray[np.int64] = rows[hospitals()[2][block.stays.hospital[rows]] == PRIVATE]
    return mine


def _lines(block: Block, year: int, *names: str) -> NDArray[np.int64]:
    """Claim lines of some kinds of the private stays of a year, in order of stay."""
    events = block.lines.events
    known = text_column("care_lines", "name")
    kinds = np.flatnonzero(np.isin(known, names))
    lines = np.flatnonzero(np.isin(events.kind, kinds) & (events.stay >= 0))
    lines = lines[np.isin(events.stay[lines], private_stays(block, year))]
    return lines[np.argsort(events.stay[lines], kind="stable")]


def _costly_names() -> tuple[str, ...]:
    return tuple(name for name in text_column("care_lines", "name").tolist() if name.startswith(COSTLY))


def _dates(block: Block, rows: NDArray[np.int64]) -> dict[str, Any]:
    entry, leave = block.stays.entry[rows], block.stays.exit[rows]
    return {
        "EXE_SOI_DTD": entry,
        "EXE_SOI_DTF": leave,
        "EXE_SOI_AMD": year_month(entry),
        "EXE_SOI_AMF": year_month(leave),
        "SOR_ANN": year_of(leave),
        "SOR_MOI": Coded(MONTHS, month_of(leave) - 1),
        "DEL_DAT_ENT": 0,
    }


def _totals(block: Block, year: int, rows: NDArray[np.int64], *names: str) -> tuple[NDArray[np.float64], ...]:
    """Base, charge and refund of the lines of some kinds, by stay."""
    lines = _lines(block, year, *names)
    place = np.searchsorted(rows, block.lines.events.stay[lines])
    amounts = block.amounts
    return tuple(
        np.round(np.bincount(place, weights=values[lines], minlength=len(rows)), 2)
        for values in (amounts.base, amounts.paid, amounts.refund)
    )


def heads(block: Block, year: int) -> Rows:
    """T_MCOaaFA: one row a private stay: totals of benefits (FB, FH) and of fees (FC)."""
    rows = private_stays(block, year)
    person = block.stays.person[rows]
    daily = bill_stays(block.stays, block.moves, block.persons, block.ald).daily[rows]
    base, paid, refund = _totals(block, year, rows, PRIVATE_STAY, *_costly_names())
    fee_base, fees, fee_refund = _totals(block, year, rows, *FEE_CODES)
    return {
        **stay_keys(block, rows),
        **_dates(block, rows),
        **_insured(block, person, block.stays.entry[rows]),
        "NUM_FAC": INVOICE,
        "TYP_ART": HEAD,
        "FAC_ETL": SETTLED,
        "PH_BRM": base,
        "PH_MNT": np.round(paid + daily, 2),
        "PH_AMO_MNR": refund,
        "PH_OC_MNR": np.round(base - refund + daily, 2),
        "HON_MNT": fees,
        "HON_AM_MNR": fee_refund,
        "HON_OC_MNR": np.round(fee_base - fee_refund, 2),
        "PAS_OC_MNT": np.round(base - refund + daily + fees - fee_refund, 2),
    }, len(rows)


def _insured(block: Block, person: NDArray[np.int64], when: NDArray[np.int64]) -> dict[str, Any]:
    persons = block.persons
    age = age_years(persons.birth[person], when)
    return {
        "AGE_ANN": np.where(age < 1, NONE, age),
        "AGE_JOU": np.where(age < 1, when - persons.birth[person], NONE),
        "COD_SEX": persons.sex[person],
        "COD_CIV": persons.sex[person],
        "BDI_DEP": Coded(pmsi_departement(), persons.place[person]),
        "NOE_RGM": Coded([f"{code:02d}" for code, *_ in SCHEMES], persons.scheme[person]),
        "PAT_CMU": np.where(persons.c2s[person], "1", "0"),
        "NAT_ASS": ILLNESS,
        "OPE_NAT": "0",
        "RNG_NAI": "1",
        "RSF_TYP": "2",
    }


def benefits(block: Block, year: int) -> Rows:
    """T_MCOaaFB: the stay, and the daily charge of those who stay the night."""
    lines = _lines(block, year, PRIVATE_STAY)
    stay = block.lines.events.stay[lines]
    amounts = block.amounts
    daily = bill_stays(block.stays, block.moves, block.persons, block.ald).daily[stay]
    charged = daily > 0
    nights = np.maximum(block.stays.exit[stay] - block.stays.entry[stay], 1)
    order = np.argsort(np.concatenate([stay, stay[charged]]), kind="stable")

    def both(first: NDArray[Any], second: NDArray[Any]) -> NDArray[Any]:
        return np.concatenate([first, second[charged]])[order]

    none = np.zeros(len(stay))
    rows = both(stay, stay)
    code = both(np.full(len(stay), STAY_CODE), np.full(len(stay), DAILY_CHARGE))
    return {
        **stay_keys(block, rows),
        **_dates(block, rows),
        "NUM_FAC": INVOICE,
        "TYP_ART": BENEFIT,
        "ACT_COD": code,
        "ACT_COE": 1.0,
        "ACT_NBR": np.where(code == STAY_CODE, 1, both(nights, nights)),
        "GHS_NUM": block.stays.ghs[rows],
        "ETE_GHS_NUM": block.stays.ghs[rows],
        "PRI_UNI": both(amounts.unit[lines], np.round(daily / nights, 2)),
        "REM_BAS": both(amounts.base[lines], none),
        "REM_TAU": both(amounts.rate[lines], none),
        "AMO_MNR": both(amounts.refund[lines], none),
        "AMC_MNR": both(np.round(amounts.base[lines] - amounts.refund[lines], 2), daily),
        "FAC_MNT": both(amounts.paid[lines], daily),
        "MCO_COE": 1.0,
        "PSH_DMT": DISCIPLINE,
        "PSH_MDT": TREATMENT,
    }, len(rows)


def fees(block: Block, year: int) -> Rows:
    """T_MCOaaFC: fees of the doctors of private stays."""
    lines = _lines(block, year, *FEE_CODES)
    events, amounts = block.lines.events, block.amounts
    stay = events.stay[lines]
    names = text_column("care_lines", "name")[events.kind[lines]].tolist()
    return {
        **stay_keys(block, stay),
        **_dates(block, stay),
        "NUM_FAC": INVOICE,
        "TYP_ART": FEE,
        "ACT_COD": np.array([FEE_CODES[name] for name in names], dtype="U3"),
        "ACT_COE": 1.0,
        "ACT_NBR": 1,
        "ACT_DNB": 1,
        "EXE_SPE": np.array(
            [f"{code:02d}" for code in line_table().specialty[events.kind[lines]].tolist()], dtype="U2"
        ),
        "PRI_UNI": amounts.unit[lines],
        "REM_BAS": amounts.base[lines],
        "REM_TAU": amounts.rate[lines],
        "AMO_MNR": amounts.refund[lines],
        "AMC_MNR": np.round(amounts.base[lines] - amounts.refund[lines], 2),
        "HON_MNT": amounts.paid[lines],
        "PSH_DMT": DISCIPLINE,
        "PSH_MDT": TREATMENT,
    }, len(lines)


def costly_medicines(block: Block, year: int) -> Rows:
    """T_MCOaaFH: medicines of the list paid beside the tariff, in private hospitals."""
    lines = _lines(block, year, *_costly_names())
    events, amounts = block.lines.events, block.amounts
    stay = events.stay[lines]
    ucd = line_table().code[events.kind[lines]].tolist()
    return {
        **stay_keys(block, stay),
        **_dates(block, stay),
        "NUM_FAC": INVOICE,
        "TYP_ART": MEDICINE,
        "COD_UCD": np.array(ucd, dtype="U7"),
        "UCD_UCD_COD": np.array([f"000000{code}" for code in ucd], dtype="U13"),
        "QUA_COD": events.quantity[lines],
        "COE_TAU": 1.0,
        "ACH_PRI": amounts.unit[lines],
        "FAC_TOT": amounts.base[lines],
        "MNT_UNI_ECA": 0.0,
        "TOT_MNT_ECA": 0.0,
    }, len(lines)


def acts(block: Block, year: int) -> Rows:
    """T_MCOaaFM: CCAM acts of private stays, the same as in T_MCOaaA."""
    rows = private_stays(block, year)
    codes = [block.stays.acts[row] for row in rows.tolist()]
    stay = np.repeat(rows, [len(mine) for mine in codes])
    return {
        **stay_keys(block, stay),
        **_dates(block, stay),
        "NUM_FAC": INVOICE,
        "TYP_ART": ACT,
        "CCAM_COD": np.array([code for mine in codes for code in mine], dtype="U7"),
        "ACV_ACT": "1",
        "PHA_ACT": "0",
        "PSH_DMT": DISCIPLINE,
        "PSH_MDT": TREATMENT,
    }, len(stay)


def outpatient_heads(block: Block, year: int) -> Rows:
    """T_MCOaaFASTC: one row a passage: totals of its fees (FCSTC, FMSTC) and of its packages (FBSTC)."""
    line = external.passage_lines(block, year)
    events, amounts = block.lines.events, block.amounts
    package = np.isin(amounts.nature[line], external.PACKAGES)
    person = events.person[line]
    free = block.persons.c2s[person]
    rest = np.round(amounts.base[line] - amounts.refund[line], 2)
    when = events.day[line]
    return {
        **external.passage_keys(block, line),
        **_insured(block, person, when),
        "EXE_SOI_DTD": when,
        "EXE_SOI_DTF": when,
        "EXE_SOI_AMD": year_month(when),
        "EXE_SOI_AMF": year_month(when),
        "SOR_ANN": year_of(when),
        "SOR_MOI": Coded(MONTHS, month_of(when) - 1),
        "TYP_ART": HEAD,
        "NUM_FAC": INVOICE,
        "PH_BRM": np.where(package, amounts.base[line], 0.0),
        "PH_MNT": np.where(package, amounts.paid[line], 0.0),
        "PH_AMO_MNR": np.where(package, amounts.refund[line], 0.0),
        "PH_OC_MNR": np.where(package & free, rest, 0.0),
        "HON_MNT": np.where(package, 0.0, amounts.paid[line]),
        "HON_AM_MNR": np.where(package, 0.0, amounts.refund[line]),
        "HON_OC_MNR": np.where(~package & free, rest, 0.0),
        "PAS_OC_MNT": np.where(free, 0.0, rest),
        "SEJ_FAC_AM": "1",
        "FIDES_TOP": "1",
        "PS_IND": "1",
    }, len(line)
