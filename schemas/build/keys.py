"""Keys of the tables: where the official ones are right, where they are wrong, and why.

Written as data, in capitals as Oracle stores names. Every key below was checked against the documentation of joins;
what differs from the official schemas says so.
"""

from __future__ import annotations

from dataclasses import dataclass, field

PERSON = ("BEN_NIR_PSA", "BEN_RNG_GEM")
K9 = (
    "DCT_ORD_NUM FLX_DIS_DTD FLX_EMT_NUM FLX_EMT_ORD FLX_EMT_TYP FLX_TRT_DTD ORG_CLE_NUM PRS_ORD_NUM REM_TYP_AFF"
).split()
STAY = ("ETA_NUM", "RSA_NUM")
VISIT = ("ETA_NUM", "SEQ_NUM")

Link = tuple[tuple[str, ...], str, tuple[str, ...]]


@dataclass(frozen=True)
class Keys:
    """Keys of one table. `former` are primary keys of years before a column of the present one existed.

    `references` are links that hold for most rows only (unknown codes, sentinels, several versions of the target):
    they are drawn and documented, never enforced. `order` names times and ranks alone, never an identifier, which has
    no meaning to learn.
    """

    primary: tuple[str, ...] = ()
    former: tuple[tuple[str, ...], ...] = ()
    unique: tuple[tuple[str, ...], ...] = ()
    foreign: tuple[Link, ...] = ()
    references: tuple[tuple[tuple[str, ...], str, tuple[str, ...], str], ...] = ()
    order: tuple[str, ...] = ()
    public: bool = False
    required: tuple[str, ...] = ()


_TO_PERSON: Link = (PERSON, "IR_BEN_R", PERSON)
# hospital tables know the pseudonym without the rank of twins
_HOSPITAL_PERSON: Link = (("NIR_ANO_17",), "IR_BEN_R", ("BEN_NIR_PSA",))
_TO_LINE: Link = (tuple(K9), "ER_PRS_F", tuple(K9))
_NO_VERSION = "one row a month for each professional, and 00000000 stands for none: not a key"
_UNDECLARED = "no key is declared for the withdrawn sample"
_UNKNOWN = "unknown or retired codes occur"
_FINESS = "eight zeros or blank stand for none, and closed establishments leave the referential"


def _line(own: str | None, *references: tuple[tuple[str, ...], str, tuple[str, ...], str]) -> Keys:
    """A table that refines lines of ER_PRS_F; the official schemas give it no primary key of its own."""
    order = () if own is None else (own,)
    primary = () if own is None else (*K9, own)
    return Keys(primary=primary, foreign=(_TO_LINE,), order=order, references=references)


def _practitioner(column: str) -> tuple[tuple[str, ...], str, tuple[str, ...], str]:
    return ((column,), "DA_PRA_R", ("PFS_PFS_NUM",), _NO_VERSION)


KEYS: dict[str, Keys] = {
    "IR_BEN_R": Keys(primary=PERSON),
    "IR_BEN_R_ARC": Keys(primary=PERSON),
    # one row per synthetic identifier, of which IR_BEN_R may hold several pseudonyms: a logical link
    "IR_IBA_R": Keys(primary=("BEN_IDT_ANO",), foreign=((("BEN_IDT_ANO",), "IR_BEN_R", ("BEN_IDT_ANO",)),)),
    "IR_IMB_R": Keys(foreign=(_TO_PERSON,), order=("IMB_ALD_DTD",), required=PERSON),
    "IR_ORC_R": Keys(foreign=(_TO_PERSON,), order=("MLL_CTA_DSD",), required=PERSON),
    "IR_MTT_R": Keys(
        foreign=(_TO_PERSON,), order=("MTT_DEB_DTE",), required=PERSON, references=(_practitioner("MTT_PFS_NUM"),)
    ),
    "IR_ACS_R": Keys(foreign=(_TO_PERSON,), required=PERSON),
    "IR_ETM_R": Keys(foreign=(_TO_PERSON,), required=PERSON),
    "IR_MAT_R": Keys(foreign=(_TO_PERSON,), required=PERSON),
    # official: PFS_PFS_NUM alone, which is false: one row per professional, month and year
    "DA_PRA_R": Keys(primary=("PFS_PFS_NUM", "DTE_ANN_TRT", "DTE_MOI_FIN")),
    "BE_IDE_R": Keys(primary=("IDE_ETA_NU8",), public=True),
    "IR_PHA_R": Keys(primary=("PHA_CIP_C13",), public=True),
    "ER_PRS_F": Keys(
        primary=tuple(K9),
        foreign=(_TO_PERSON,),
        order=("EXE_SOI_DTD",),
        required=(*PERSON, "EXE_SOI_DTD", "PRS_NAT_REF", "DPN_QLF", "CPL_MAJ_TOP", "CPL_AFF_COD"),
        references=(
            _practitioner("PFS_EXE_NUM"),
            _practitioner("PFS_PRE_NUM"),
            _practitioner("PRS_MTT_NUM"),
            (("ETB_PRE_FIN",), "BE_IDE_R", ("IDE_ETA_NU8",), _FINESS),
            (tuple(K9[:7]), "ER_DCT_F", tuple(K9[:7]), "a statement may hold lines of several persons"),
        ),
    ),
    "ER_PHA_F": _line("PHA_ORD_NUM", (("PHA_PRS_C13",), "IR_PHA_R", ("PHA_CIP_C13",), _UNKNOWN)),
    "ER_CAM_F": _line("CAM_ORD_NUM"),
    "ER_BIO_F": _line("BIO_ORD_NUM"),
    "ER_TIP_F": _line("TIP_ORD_NUM"),
    "ER_UCD_F": _line("UCD_ORD_NUM"),
    "ER_ARO_F": _line("ARO_ORD_NUM"),
    "ER_ETE_F": _line(None, (("ETB_EXE_FIN",), "BE_IDE_R", ("IDE_ETA_NU8",), _FINESS)),
    "ER_ANO_F": _line("ANO_ORD_NUM"),
    "ER_CPT_F": _line("CPT_ORD_NUM"),
    "ER_DTR_F": _line("DTR_ORD_NUM"),
    "ER_INV_F": _line("INV_ORD_NUM"),
    "ER_LOT_F": _line("LOT_ORD_NUM"),
    "ER_RAT_F": _line("RAT_ORD_NUM"),
    "ER_TRS_F": _line("TRS_ORD_NUM"),
    # official: nine columns; the table has no benefit number: its key is the statement's seven columns
    "ER_DCT_F": Keys(primary=tuple(name for name in K9 if name not in ("PRS_ORD_NUM", "REM_TYP_AFF"))),
    # official: C and B both keyed by the stay, C without a link to B. Here the stay's link to the person (C) is the
    # parent of its summary (B): a row of A, B, D or UM then reaches its person by one chain, and a stay without a
    # summary cannot be generated the other way round; C holds the link to the hospital too, so that its number is drawn
    # once
    "T_MCOaaC": Keys(
        primary=STAY,
        foreign=(_HOSPITAL_PERSON, (("ETA_NUM",), "T_MCOaaE", ("ETA_NUM",))),
        order=("EXE_SOI_DTD",),
        required=("NIR_ANO_17",),
    ),
    "T_MCOaaB": Keys(primary=STAY, foreign=((STAY, "T_MCOaaC", STAY),)),
    "T_MCOaaA": Keys(primary=(*STAY, "ACT_ORD_NUM"), order=("ACT_ORD_NUM",)),
    "T_MCOaaD": Keys(primary=(*STAY, "DGN_ASS_NUM"), order=("DGN_ASS_NUM",)),
    "T_MCOaaUM": Keys(
        primary=(*STAY, "RUM_ORD_NUM"), former=((*STAY, "UM_ORD_NUM"),), order=("RUM_ORD_NUM", "UM_ORD_NUM")
    ),
    "T_MCOaaE": Keys(primary=("ETA_NUM",), public=True),
    "T_MCOaaVALO": Keys(primary=STAY),
    # one row per out-patient visit; official FASTC and FBSTC claim the same key, false for the lines of FBSTC
    "T_MCOaaCSTC": Keys(
        primary=VISIT,
        foreign=(_HOSPITAL_PERSON, (("ETA_NUM",), "T_MCOaaE", ("ETA_NUM",))),
        order=("EXE_SOI_DTD",),
        required=("NIR_ANO_17",),
    ),
    "T_MCOaaFASTC": Keys(primary=VISIT),
    "T_MCOaaFBSTC": Keys(order=("EXE_SOI_DTD", "DEL_DAT_ENT")),
    "T_MCOaaFMSTC": Keys(order=("EXE_SOI_DTD", "DEL_DAT_ENT")),
    "T_MCOaaFCSTC": Keys(order=("EXE_SOI_DTD", "DEL_DAT_ENT")),
    "T_SSRaaC": Keys(
        primary=("ETA_NUM", "RHA_NUM"),
        foreign=(_HOSPITAL_PERSON, (("ETA_NUM",), "T_SSRaaE", ("ETA_NUM",))),
        order=("EXE_SOI_DTD",),
        required=("NIR_ANO_17",),
    ),
    "T_SSRaaB": Keys(primary=("ETA_NUM", "RHA_NUM", "RHS_NUM")),
    "T_SSRaaS": Keys(primary=("ETA_NUM", "RHA_NUM")),
    "T_SSRaaE": Keys(primary=("ETA_NUM",), public=True),
    "T_SSRaaCSTC": Keys(primary=VISIT, foreign=(_HOSPITAL_PERSON,), order=("EXE_SOI_DTD",)),
    "T_SSRaaFASTC": Keys(primary=VISIT),
    "T_HADaaC": Keys(
        primary=("ETA_NUM_EPMSI", "RHAD_NUM"),
        foreign=(_HOSPITAL_PERSON, (("ETA_NUM_EPMSI",), "T_HADaaE", ("ETA_NUM",))),
        order=("EXE_SOI_DTD",),
        required=("NIR_ANO_17",),
    ),
    # official: two columns, which repeat for each sub-sequence
    "T_HADaaB": Keys(
        primary=("ETA_NUM_EPMSI", "RHAD_NUM", "SEQ_NUM", "SSEQ_NUM"),
        former=(("ETA_NUM_EPMSI", "RHAD_NUM", "SSEQ_NUM"),),
    ),
    "T_HADaaS": Keys(primary=("ETA_NUM_EPMSI", "RHAD_NUM")),
    "T_HADaaE": Keys(primary=("ETA_NUM",), public=True),
    # official: everything hangs from the invoices (FB), absent for public hospitals; the stay is in C, its sequences
    # are in RSA
    "T_RIPaaC": Keys(
        primary=("ETA_NUM_EPMSI", "RIP_NUM"),
        foreign=(_HOSPITAL_PERSON, (("ETA_NUM_EPMSI",), "T_RIPaaE", ("ETA_NUM",))),
        order=("EXE_SOI_DTD",),
        required=("NIR_ANO_17",),
    ),
    "T_RIPaaRSA": Keys(primary=("ETA_NUM_EPMSI", "RIP_NUM", "SEQ_SEQ_NUM")),
    "T_RIPaaS": Keys(primary=("ETA_NUM_EPMSI", "RIP_NUM")),
    "T_RIPaaE": Keys(primary=("ETA_NUM",), public=True),
    # ambulatory psychiatry: the person stands in CSTC, its acts and their diagnoses tell the same encrypted number
    "T_RIPaaCSTC": Keys(primary=("ETA_NUM_EPMSI", "IPP_IRR_CRY"), foreign=(_HOSPITAL_PERSON,)),
    "T_RIPaaR3A": Keys(
        foreign=((("ETA_NUM_EPMSI", "IPP_IRR_CRY"), "T_RIPaaCSTC", ("ETA_NUM_EPMSI", "IPP_IRR_CRY")),),
        order=("EXE_SOI_DTD",),
    ),
    "T_RIPaaR3AD": Keys(
        foreign=((("ETA_NUM_EPMSI", "IPP_IRR_CRY"), "T_RIPaaCSTC", ("ETA_NUM_EPMSI", "IPP_IRR_CRY")),),
    ),
    "IR_ESM_R": Keys(foreign=(_TO_PERSON,), order=("PEC_DEB_DTE",), required=PERSON),
    "IR_VAC_F": Keys(foreign=((("BEN_NIR_PSA",), "IR_BEN_R", ("BEN_NIR_PSA",)),), order=("EXE_SOI_DTD",)),
    # the permanent sample, withdrawn: its own keys are told by their names only
    "EB_PRS_F": Keys(references=((("BEN_NIR_IDT",), "EB_INB_F", ("BEN_NIR_IDT",), _UNDECLARED),)),
    "EB_IMB_R": Keys(references=((("BEN_NIR_IDT",), "EB_INB_F", ("BEN_NIR_IDT",), _UNDECLARED),)),
    "EB_HMV_F": Keys(references=((("BEN_NIR_IDT",), "EB_INB_F", ("BEN_NIR_IDT",), _UNDECLARED),)),
    # official: BEN_IDT_ANO only, and causes not tied to their death
    "KI_CCI_R": Keys(
        primary=("DCD_IDT_ENC",),
        foreign=((("BEN_IDT_ANO",), "IR_BEN_R", ("BEN_IDT_ANO",)),),
        order=("BEN_DCD_DTE",),
    ),
    "KI_ECD_R": Keys(
        primary=("DCD_IDT_ENC", "CER_LIG_NUM", "ECD_CAU_RNG"),
        foreign=((("DCD_IDT_ENC",), "KI_CCI_R", ("DCD_IDT_ENC",)),),
        order=("CER_LIG_NUM", "ECD_CAU_RNG"),
    ),
    "CT_IDE_AAAA_GN": Keys(primary=PERSON, foreign=(_TO_PERSON,)),
    # one row per synthetic identifier
    "CT_IND_AAAA_GN": Keys(foreign=((("BEN_IDT_ANO",), "IR_BEN_R", ("BEN_IDT_ANO",)),)),
    "CT_DEP_AAAA_GN": Keys(foreign=((("BEN_IDT_ANO",), "IR_BEN_R", ("BEN_IDT_ANO",)),)),
    "NS_PRS_F": Keys(
        primary=("CLE_DCI_JNT",),
        foreign=((("BEN_IDT_ANO",), "IR_IBA_R", ("BEN_IDT_ANO",)),),
        order=("EXE_SOI_DTD",),
    ),
}


@dataclass(frozen=True)
class Level:
    """One level of a hospital product: tables that hold all of `columns` hang from `parent`."""

    columns: tuple[str, ...]
    parent: str
    target: tuple[str, ...] = field(default=())


# from the most detailed level to the least: the first that fits gives the parent
LEVELS: dict[str, tuple[Level, ...]] = {
    "T_MCOaa": (
        Level(STAY, "T_MCOaaB"),
        Level(VISIT, "T_MCOaaCSTC"),
        Level(("ETA_NUM",), "T_MCOaaE"),
    ),
    "T_SUPaa": (Level(("ETA_NUM",), "T_MCOaaE"),),
    "T_SSRaa": (
        Level(("ETA_NUM", "RHA_NUM", "RHS_NUM"), "T_SSRaaB"),
        Level(VISIT, "T_SSRaaCSTC"),
        Level(("ETA_NUM", "RHA_NUM"), "T_SSRaaC"),
        Level(("ETA_NUM",), "T_SSRaaE"),
    ),
    "T_HADaa": (
        Level(("ETA_NUM_EPMSI", "RHAD_NUM", "SEQ_NUM", "SSEQ_NUM"), "T_HADaaB"),
        Level(("ETA_NUM_EPMSI", "RHAD_NUM"), "T_HADaaC"),
        Level(("ETA_NUM", "RHAD_NUM"), "T_HADaaC", ("ETA_NUM_EPMSI", "RHAD_NUM")),
        Level(("ETA_NUM_EPMSI",), "T_HADaaE", ("ETA_NUM",)),
        Level(("ETA_NUM",), "T_HADaaE"),
    ),
    "T_RIPaa": (
        Level(("ETA_NUM_EPMSI", "RIP_NUM", "SEQ_SEQ_NUM"), "T_RIPaaRSA"),
        Level(("ETA_NUM_EPMSI", "RIP_NUM"), "T_RIPaaC"),
        Level(("ETA_NUM_EPMSI",), "T_RIPaaE", ("ETA_NUM",)),
        Level(("ETA_NUM",), "T_RIPaaE"),
    ),
}


def keys_of(table: str, columns: frozenset[str]) -> Keys:
    """The keys of `table`, those its columns allow; a hospital table without a rule of its own follows its level."""
    stated = KEYS.get(table, Keys())
    foreign = list(stated.foreign)
    if table.startswith("NS_") and table != "NS_PRS_F":
        foreign.append((("CLE_DCI_JNT",), "NS_PRS_F", ("CLE_DCI_JNT",)))
    references = list(stated.references)
    if table.startswith("EB_") and "CLE_TEC_PRS" in columns and table != "EB_PRS_F":
        references.append((("CLE_TEC_PRS",), "EB_PRS_F", ("CLE_TEC_PRS",), _UNDECLARED))
    if not stated.foreign and not table.endswith("aaE"):
        foreign.extend(_level_link(table, columns))
    primary = stated.primary if set(stated.primary) <= columns else ()
    return Keys(
        primary=primary,
        former=tuple(key for key in stated.former if set(key) <= columns),
        unique=stated.unique,
        foreign=tuple(link for link in foreign if set(link[0]) <= columns),
        references=tuple(link for link in references if set(link[0]) <= columns),
        order=tuple(name for name in stated.order if name in columns),
        public=stated.public,
        required=stated.required,
    )


def _level_link(table: str, columns: frozenset[str]) -> list[Link]:
    for level in LEVELS.get(table[:7], ()):
        if set(level.columns) <= columns and level.parent != table:
            return [(level.columns, level.parent, level.target or level.columns)]
    return []
