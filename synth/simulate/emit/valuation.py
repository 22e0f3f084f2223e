"""What the stays of public hospitals (MCO) are worth: VALO (value), STC (who pays), MED (medicines paid beside),
and VALOACE (value of outpatient care)."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from synth.simulate.batch import Coded, padded
from synth.simulate.billing import FULL, bill_stays, costly_drugs, costly_of, costly_price
from synth.simulate.block import Block
from synth.simulate.dates import month_of, year_of
from synth.simulate.emit import external
from synth.simulate.emit.hospital import ERROR_GROUP, discharged, grouped, stay_keys
from synth.simulate.emit.people import Rows
from synth.simulate.emit.sector_columns import MONTHS
from synth.simulate.identifiers import hospitals
from synth.simulate.persons import SCHEMES
from synth.simulate.stays import PRIVATE

NOT_VALUED, VALUED = 0, 1
PRUDENTIAL = 0.993
ILLNESS, MATERNITY_INSURANCE = "10", "30"
MATERNITY_CODE = "3"
COSTLY_KIND = "06"


def public_stays(block: Block, year: int) -> NDArray[np.int64]:
    """Stays of public and non-profit hospitals that end in a year."""
    rows = discharged(block, year)
    mine: NDArray[np.int64] = rows[hospitals()[2][block.stays.hospital[rows]] != PRIVATE]
    return mine


def _valued(block: Block, rows: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Stays that the insurance pays: not those of error groups, nor services to other establishments."""
    paid: NDArray[np.bool_] = (grouped(block)[rows] != ERROR_GROUP) & ~block.moves.service[rows]
    return paid


def value(block: Block, year: int) -> Rows:
    """T_MCOaaVALO: amounts of each stay, under the names they had until 2021 (MNT_) and have since (MT_)."""
    rows = public_stays(block, year)
    bills = bill_stays(block.stays, block.moves, block.persons, block.ald)
    valued = _valued(block, rows)
    costly = costly_price(costly_of(block.stays, block.persons, block.seed))[rows] * valued
    base = bills.base[rows] * valued
    refund = np.round(bills.refund[rows] * PRUDENTIAL, 2) * valued
    amounts = {
        "GHS_BR": base,
        "GHS_AM": refund,
        "MON": costly,
        "TOT_BR": np.round(base + costly, 2),
        "TOT_AM": np.round(refund + costly, 2),
        "FJ2": bills.daily[rows] * valued,
        "RAC": np.round(base * (FULL - bills.rate[rows]) / 100, 2),
        "TMF": bills.participation[rows] * valued,
        "18": bills.participation[rows] * valued,
        **dict.fromkeys(("EXH_BR", "EXH_AM", "EXINF_BR", "EXINF_AM", "REA_BR", "REA_AM", "DMI"), 0.0),
    }
    return {
        **stay_keys(block, rows),
        **{f"{prefix}_{name}": values for prefix in ("MNT", "MT") for name, values in amounts.items()},
        "VALO": np.where(valued, VALUED, NOT_VALUED),
        "GHS_NUM": block.stays.ghs[rows],
        "ETE_GHS_NUM": block.stays.ghs[rows],
        "COEFGEO": bills.coefficient[rows],
        "COEFPRUD": PRUDENTIAL,
        "COEFREP": 1.0,
        "COEFSEG": 1.0,
        "COEFTRANS": 1.0,
        "TAUX2": bills.rate[rows],
        "TX2": bills.rate[rows],
        "PONDER": 1,
        "FLAG_FIDES": "0",
        **dict.fromkeys(("GHS50", "NBEXB", "NBEXH", "NBJREA", "NBREP"), 0),
    }, len(rows)


def cover(block: Block, year: int) -> Rows:
    """T_MCOaaSTC: what the insurance, the complementary cover and the patient are asked for."""
    rows = public_stays(block, year)
    bills = bill_stays(block.stays, block.moves, block.persons, block.ald)
    valued = _valued(block, rows)
    person = block.stays.person[rows]
    base, refund = bills.base[rows] * valued, bills.refund[rows] * valued
    rest = np.round(base - refund, 2)
    daily = bills.daily[rows] * valued
    free = block.persons.c2s[person]
    return {
        **stay_keys(block, rows),
        **controls(),
        "REM_BAS_MNT": base,
        "REM_TAU": bills.rate[rows],
        "TOT_MNT_AM": refund,
        "TOT_MNT_AMC": np.where(free, rest + daily, rest),
        "FAC_MNT_TM": rest,
        "FAC_MNT_FJ": daily,
        "FAC_18E": np.where(bills.participation[rows] > 0, "1", "0"),
        "FAC_SEJ_AM": np.where(valued, "1", "0"),
        "FAC_NBR_VEN": 0,
        "EXO_TM": bills.exempt[rows],
        "NAT_ASS": np.where(bills.exempt[rows] == MATERNITY_CODE, MATERNITY_INSURANCE, ILLNESS),
        "NOE_RGM": Coded([f"{code:02d}" for code, *_ in SCHEMES], block.persons.scheme[person]),
        "BEN_CMU": np.where(free, "1", "0"),
        "PEC_SOI_URG": "0",
        "MAJ_MNT_PS": 0.0,
        "RNG_NAI": "1",
    }, len(rows)


def outpatient_value(block: Block, year: int) -> Rows:
    """T_MCOaaVALOACE: what each outpatient passage is worth, in all and by kind (package, act, consultation)."""
    line = external.passage_lines(block, year)
    amounts = block.amounts
    nature = amounts.nature[line]
    kinds = {
        "": np.ones(len(line), dtype=bool),
        "_ATU": np.isin(nature, external.PACKAGES),
        "_CCAM": np.isin(nature, external.ACTS),
        "_NGAP": ~np.isin(nature, (*external.PACKAGES, *external.ACTS)),
    }
    sums = {"BR": amounts.base[line], "VAL": amounts.base[line], "REMB": amounts.refund[line]}
    return {
        **external.passage_keys(block, line),
        **{f"MNT_{name}{kind}": values * mine for name, values in sums.items() for kind, mine in kinds.items()},
        "MNT_RAC": np.round(amounts.base[line] - amounts.refund[line], 2),
        "VALO": VALUED,
        "SEJ_FAC_AM": "1",
        "NBLIGNE": 1,
        "FIDES": "1",
        "FIDES_OVALIDE": "1",
    }, len(line)


def controls() -> dict[str, Any]:
    """Control codes of STC: all good."""
    checked = (
        "BEN_CMU CAI_GES CENT_GES COD_PEC CTR_TYP EXO_TM FAC_18E FAC_MNT_FJ FAC_MNT_TM NAT_ASS NOE_RGM NON_FAC_AM"
        " REM_BAS REM_TAU SEJ_FAC TOT_MNT_AM TOT_MNT_AMC"
    )
    return {f"{name}_CTL": "0" for name in checked.split()}


def costly_medicines(block: Block, year: int) -> Rows:
    """T_MCOaaMED: medicines of the list paid beside the tariff, in public hospitals; one row a stay that has one."""
    codes = costly_of(block.stays, block.persons, block.seed)
    rows = public_stays(block, year)
    rows = rows[(codes[rows] != "") & _valued(block, rows)]
    drugs = [costly_drugs()[code] for code in codes[rows].tolist()]
    given, sent = block.stays.entry[rows], block.stays.exit[rows]
    return {
        **stay_keys(block, rows),
        "ETA_NUM_ENT": Coded(hospitals()[0], block.stays.hospital[rows]),
        "UCD_UCD_COD": np.array([f"000000{drug.ucd}" for drug in drugs], dtype="U13"),
        "ADM_NBR": np.array([drug.units for drug in drugs]),
        "ADM_NBR_PRI": costly_price(codes[rows]),
        "ADM_MOIS": Coded(MONTHS, month_of(given) - 1),
        "DAT_ADM_ANN": year_of(given),
        "MOI": padded(month_of(sent), 2),
        "ANN": year_of(sent),
        "DELAI": 0,
        "NBR_SEJ": 1,
        "PRS_TYP": COSTLY_KIND,
        "TOP_UCD_AUTO": "2",
        "INI_VAL_PRS": "0",
    }, len(rows)
