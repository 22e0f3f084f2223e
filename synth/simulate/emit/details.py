"""The detail tables of the DCIR: medicines, acts, biology, devices, hospital medicines, establishments, top-ups."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from synth.simulate.batch import Coded
from synth.simulate.block import Block
from synth.simulate.claims import line_table
from synth.simulate.dates import MISSING_DATE
from synth.simulate.drugs import drugs
from synth.simulate.emit.claims import key_columns, wanted_rows
from synth.simulate.emit.people import Rows
from synth.simulate.external import external_hospital
from synth.simulate.identifiers import hospitals

LOCAL_RATE = 90.0
LOCAL, SOLIDARITY = 4, 6


def _detail_rows(block: Block, table: str) -> NDArray[np.int64]:
    rows = wanted_rows(block)
    rows = rows[block.ledger.detailed[rows]]
    events = block.lines.events
    line = block.ledger.line[rows]
    if table == "PHA":
        kept: NDArray[np.bool_] = events.drug[line] >= 0
    else:
        kept = (line_table().table[events.kind[line]] == table) & (events.drug[line] < 0)
    chosen: NDArray[np.int64] = rows[kept]
    return chosen


def _quantity(block: Block, rows: NDArray[np.int64]) -> NDArray[np.int64]:
    ledger = block.ledger
    quantity: NDArray[np.int64] = block.lines.events.quantity[ledger.line[rows]] * ledger.sign[rows]
    return quantity


def _code(block: Block, rows: NDArray[np.int64]) -> NDArray[np.str_]:
    return line_table().code[block.lines.events.kind[block.ledger.line[rows]]]


def _padded_code(block: Block, rows: NDArray[np.int64]) -> Coded:
    codes = [code.ljust(13) for code in line_table().code.tolist()]
    return Coded(codes, block.lines.events.kind[block.ledger.line[rows]])


def medicines(block: Block) -> Rows:
    """ER_PHA_F: price times quantity is the line's base (rule 33)."""
    rows = _detail_rows(block, "PHA")
    drug = block.lines.events.drug[block.ledger.line[rows]]
    table = drugs()
    return {
        **key_columns(block, rows),
        "PHA_ORD_NUM": 1,
        "PHA_PRS_C13": table.cip13[drug],
        "PHA_PRS_IDE": table.cip7[drug],
        "PHA_ACT_QSN": _quantity(block, rows),
        "PHA_ACT_PRU": table.price[drug],
        "PHA_DEC_TOP": "N",
        "PHA_DEC_QSU": 0,
        "PHA_SEQ_RNV": 0,
        "PHA_CPA_PCP": "00",
        "PHA_SUB_MTF": 0,
    }, len(rows)


def acts(block: Block) -> Rows:
    """ER_CAM_F: CCAM acts; the code is padded to 13 characters (rule 17)."""
    rows = _detail_rows(block, "CAM")
    amounts, line = block.amounts, block.ledger.line[rows]
    return {
        **key_columns(block, rows),
        "CAM_ORD_NUM": 1,
        "CAM_PRS_IDE": _padded_code(block, rows),
        "CAM_ACT_COD": "1",
        "CAM_TRT_PHA": 0,
        "CAM_ACT_PRU": amounts.unit[line],
        "CAM_REM_BSE": block.ledger.base[rows],
        "CAM_DOC_EXT": "0",
        "CAM_REM_COD": "0",
    }, len(rows)


def biology(block: Block) -> Rows:
    """ER_BIO_F: laboratory tests (NABM)."""
    rows = _detail_rows(block, "BIO")
    return {
        **key_columns(block, rows),
        "BIO_ORD_NUM": 1,
        "BIO_PRS_IDE": np.array(_code(block, rows), dtype=np.int64),
        "BIO_ACT_QSN": _quantity(block, rows),
    }, len(rows)


def devices(block: Block) -> Rows:
    """ER_TIP_F: devices of the LPP list."""
    rows = _detail_rows(block, "TIP")
    line = block.ledger.line[rows]
    amounts = block.amounts
    over = np.round((amounts.paid[line] - amounts.base[line]) * block.ledger.sign[rows], 2)
    return {
        **key_columns(block, rows),
        "TIP_ORD_NUM": 1,
        "TIP_PRS_IDE": np.array(_code(block, rows), dtype=np.int64),
        "TIP_PRS_TYP": 1,
        "TIP_ACT_QSN": _quantity(block, rows),
        "TIP_ACT_PRU": amounts.unit[line],
        "TIP_PUB_PRX": amounts.unit[line],
        "LPP_ECT_MNT": over,
        "LPP_ECU_MNT": over,
        "TIP_ACL_DTD": MISSING_DATE,
        "TIP_ACL_DTF": MISSING_DATE,
    }, len(rows)


def hospital_medicines(block: Block) -> Rows:
    """ER_UCD_F: medicines dispensed by hospitals to outpatients; 13-character codes (rule 17)."""
    rows = _detail_rows(block, "UCD")
    line = block.ledger.line[rows]
    return {
        **key_columns(block, rows),
        "UCD_ORD_NUM": 1,
        "UCD_LGN_NUM": 1,
        "UCD_UCD_COD": np.array([f"000000{code}" for code in _code(block, rows).tolist()], dtype="U13"),
        "UCD_DLV_NBR": _quantity(block, rows),
        "UCD_TOP_UCD": (block.lines.events.stay[line] >= 0).astype(np.int64),  # 1: beside a private stay
        "UCD_FAC_PRU": block.amounts.unit[line],
        "UCD_ACH_PRU": block.amounts.unit[line],
        "UCD_TTF_MNT": block.ledger.base[rows],
    }, len(rows)


def establishments(block: Block) -> Rows:
    """ER_ETE_F: where care in a hospital was billed: private stays (2), information copies of public care (1)."""
    rows = wanted_rows(block)
    events = block.lines.events
    line = block.ledger.line[rows]
    stay = events.stay[line]
    public = block.ledger.information[rows]
    kept = block.ledger.detailed[rows] & ((stay >= 0) | public)
    rows, stay, public = rows[kept], stay[kept], public[kept]
    outside = external_hospital(block.seed, block.persons)[events.person[block.ledger.line[rows]]]
    place = np.where(stay >= 0, block.stays.hospital[stay], outside) if len(block.stays.entry) else outside
    short = [number[:8] for number in hospitals()[0].tolist()]
    groups = np.where(stay >= 0, block.stays.ghs[stay], 0) if len(block.stays.entry) else np.zeros(len(rows))
    return {
        **key_columns(block, rows),
        "ETB_EXE_FIN": Coded(short, place),
        "ETE_IND_TAA": np.where(public, 1, 2),
        "ETE_GHS_NUM": groups,
        "ETE_TYP_COD": np.where(public, 1, 3),
        "ETE_CAT_COD": np.where(public, 355, 365),
        "MDT_COD": np.where(public, 7, 3),
        "DDP_COD": 0,
        "ETE_MCO_COE": 1.0,
        "PRS_PPU_SEC": np.where(public, 1, 2),
    }, len(rows)


def top_ups(block: Block) -> Rows:
    """ER_ARO_F: what is added to the legal refund by the local scheme (to 90 %) and by C2S (to 100 %), rules 31 and
    32.
    """
    rows = wanted_rows(block)
    ledger, line = block.ledger, block.ledger.line[rows]
    person = block.lines.events.person[line]
    free = block.persons.c2s[person]
    local = block.amounts.local[line] & ~free & (ledger.rate[rows] < LOCAL_RATE)
    topped = ledger.detailed[rows] & (ledger.base[rows] != 0) & ~ledger.information[rows]
    topped &= (free & (ledger.rate[rows] < 100)) | local
    rows, line, free = rows[topped], line[topped], free[topped]
    rate = np.where(free, 100.0, LOCAL_RATE) - ledger.rate[rows]
    columns: dict[str, Any] = {
        **key_columns(block, rows),
        "ARO_ORD_NUM": 1,
        "ARO_PRS_NAT": ledger.nature[rows],
        "ARO_REM_TYP": np.where(free, SOLIDARITY, LOCAL),
        "ARO_REM_TAU": rate,
        "ARO_THE_TAU": rate,
        "ARO_REM_BSE": ledger.base[rows],
        "ARO_REM_MNT": np.round(ledger.base[rows] * rate / 100, 2),
        "ARO_REM_PRU": block.amounts.unit[line],
        "ARO_REM_SGN": ledger.sign[rows],
        "ARO_CPL_COD": 0,
        "ARO_ASU_NAT": 10,
    }
    return columns, len(rows)
