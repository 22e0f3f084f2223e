"""Outpatient care of public hospitals in the PMSI: CSTC (whose and when), FBSTC, FCSTC, FMSTC (what)."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from synth.simulate.batch import Coded, padded
from synth.simulate.block import Block
from synth.simulate.claims import line_table
from synth.simulate.dates import day, year_month
from synth.simulate.emit.hospital import compact_date
from synth.simulate.emit.people import Rows
from synth.simulate.external import external_hospital
from synth.simulate.identifiers import hospitals

PACKAGES = (2238,)  # natures of benefit that are no fee
ACTS = (1351,)  # natures of CCAM acts
EMERGENCY, CONSULTATION, IMAGING = "ATU", "CS", "ADI"
CODES = "NIR_RET NAI_RET SEX_RET IAS_RET ENT_DAT_RET".split()


def passage_lines(block: Block, year: int) -> NDArray[np.int64]:
    """Lines of outpatient hospital care in a year, of the persons asked for."""
    events = block.lines.events
    inside = (events.day >= day(year)) & (events.day < day(year + 1))
    return np.flatnonzero(line_table().hospital[events.kind] & inside & block.wanted[events.person])


def passage_keys(block: Block, line: NDArray[np.int64]) -> dict[str, Any]:
    """Establishment and number of the passage of each line."""
    person = block.lines.events.person[line]
    place = external_hospital(block.seed, block.persons)[person]
    rank = np.cumsum(line_table().hospital[block.lines.events.kind])[line]  # a block has more than 100 000 lines
    numbers = np.array([f"{block.persons.block % 1000:03d}{row:05d}" for row in rank.tolist()], dtype="U8")
    return {"ETA_NUM": Coded(hospitals()[0], place), "SEQ_NUM": numbers}


def passages(block: Block, year: int) -> Rows:
    """T_MCOaaCSTC."""
    line = passage_lines(block, year)
    events = block.lines.events
    when = events.day[line]
    return {
        **passage_keys(block, line),
        **dict.fromkeys(CODES, "0"),
        "NIR_ANO_17": Coded(block.persons.psa, events.person[line]),
        "RNG_NAI": "1",
        "EXE_SOI_DTD": when,
        "EXE_SOI_DTF": when,
        "EXE_SOI_AMD": year_month(when),
        "EXE_SOI_AMF": year_month(when),
        "ENT_DAT": compact_date(when),
        "SOR_DAT": compact_date(when),
    }, len(line)


def _billed(block: Block, line: NDArray[np.int64], code: NDArray[np.str_] | str) -> dict[str, Any]:
    amounts, kinds = block.amounts, line_table()
    when = block.lines.events.day[line]
    specialty = kinds.specialty[block.lines.events.kind[line]]
    return {
        **passage_keys(block, line),
        "ACT_COD": code,
        "ACT_NBR": 1,
        "ACT_COE": 1.0,
        "ACT_DNB": 1,
        "EXE_SPE": padded(specialty, 2),
        "EXE_SOI_DTD": when,
        "EXE_SOI_AMD": year_month(when),
        "DEL_DAT_ENT": 0,
        "PRI_UNI": amounts.unit[line],
        "REM_BAS": amounts.base[line],
        "REM_TAU": amounts.rate[line],
        "HON_MNT": amounts.paid[line],
        "AMO_MNR": amounts.refund[line],
        "AMC_MNR": 0.0,
        "COEF_MCO": 1.0,
    }


def _nature_is(block: Block, line: NDArray[np.int64], *natures: int) -> NDArray[np.int64]:
    return line[np.isin(block.amounts.nature[line], natures)]


def fees(block: Block, year: int) -> Rows:
    """T_MCOaaFBSTC: fees other than consultations: emergency packages."""
    line = _nature_is(block, passage_lines(block, year), *PACKAGES)
    return _billed(block, line, EMERGENCY), len(line)


def consultations(block: Block, year: int) -> Rows:
    """T_MCOaaFCSTC: consultations."""
    line = _nature_is(block, passage_lines(block, year), 1112)
    return _billed(block, line, CONSULTATION), len(line)


def acts(block: Block, year: int) -> Rows:
    """T_MCOaaFMSTC: CCAM acts."""
    line = _nature_is(block, passage_lines(block, year), *ACTS)
    when = block.lines.events.day[line]
    return {
        **passage_keys(block, line),
        "CCAM_COD": line_table().code[block.lines.events.kind[line]],
        "ACV_ACT": "1",
        "PHA_ACT": "0",
        "DEL_DAT_ENT": 0,
        "EXE_SOI_DTD": when,
        "EXE_SOI_AMD": year_month(when),
    }, len(line)
