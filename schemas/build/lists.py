"""Write `schemas/nomenclatures/`: the code lists that columns of the SNDS name, as codes and our own labels.

Codes, validity, sex and age bounds and published frequencies are facts, taken from public lists; labels come from
`labels.txt` alone. Large lists are cut to a part, which the index says.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, fields, replace
from pathlib import Path

from icd import bound_of
from xlsx import sheets

MPL = "schema-snds (codes only), MPL-2.0"
CNAM = "CNAM KWIKLY 2024 (codes only)"
WHOLE = 450  # longer lists are cut to PART codes, unless a rule below says otherwise
PART = 400


@dataclass(frozen=True)
class Code:
    """One code. `parent` is a code of another list: the scheme of a small scheme, the département of a commune."""

    code: str
    parent: str = ""
    label: str = ""
    label_en: str = ""
    sex: str = ""
    age_min: str = ""
    age_max: str = ""
    valid_from: str = ""
    valid_to: str = ""
    weight: str = ""


@dataclass(frozen=True)
class CodeList:
    """A list and where it comes from; `part` says how a cut list was cut."""

    codes: tuple[Code, ...]
    source: str
    part: str = ""
    parent: str = ""
    weight: str = ""


@dataclass(frozen=True)
class Inputs:
    """The folders that the lists are read from, and our labels: list -> code -> (French, English)."""

    shared: Path
    labels: dict[str, dict[str, tuple[str, str]]]

    @property
    def snds(self) -> Path:
        """The reference on the SNDS."""
        return self.shared / "reference" / "snds"

    def official(self, name: str) -> list[dict[str, str]]:
        """Rows of a list of schema-snds; none when it has no file."""
        found = sorted((self.snds / "schema-snds" / "nomenclatures").rglob(f"{name}.csv"))
        if not found:
            return []
        text = found[0].read_text(encoding="utf-8-sig")
        return list(csv.DictReader(io.StringIO(text), delimiter=";"))


def write_lists(shared: Path, names: Iterable[str], out: Path) -> None:
    """Write a CSV for each of `names` that can be made, and the index."""
    labels = read_labels(Path(__file__).parent / "labels.txt")
    inputs = Inputs(shared, labels)
    index = {}
    out.mkdir(parents=True, exist_ok=True)
    for name in sorted(names):
        made = MAKERS[name](inputs, name) if name in MAKERS else plain(inputs, name)
        if made is not None and made.codes:
            (out / f"{name}.csv").write_text(table(made, labels.get(name, {})), encoding="utf-8")
            facts = {"source": made.source, "codes": len(made.codes), "complete": not made.part}
            facts |= {"part": made.part} if made.part else {}
            facts |= {"parent": made.parent} if made.parent else {}
            index[name] = facts | ({"weight": made.weight} if made.weight else {})
    body = ",\n".join(f" {_json(name)}: {_json(entry)}" for name, entry in index.items())
    (out / "index.json").write_text(f"{{\n{body}\n}}\n", encoding="utf-8")


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def read_labels(path: Path) -> dict[str, dict[str, tuple[str, str]]]:
    """Our labels, by list and code."""
    found: dict[str, dict[str, tuple[str, str]]] = {}
    current: dict[str, tuple[str, str]] = {}
    for line in path.read_text(encoding="utf-8").splitlines()[1:]:
        if line.startswith("#"):
            current = found.setdefault(line[1:], {})
        else:
            code, french, english = line.split("|")
            current[code] = (french, english)
    return found


def table(made: CodeList, labels: dict[str, tuple[str, str]]) -> str:
    """The list as CSV, with only the columns that say something."""
    rows = []
    for item in made.codes:
        french, english = labels.get(item.code, (item.label, item.label_en))
        values = {field.name: getattr(item, field.name) for field in fields(Code)}
        rows.append(values | {"label": french, "label_en": english})
    used = [field.name for field in fields(Code) if field.name == "code" or any(row[field.name] for row in rows)]
    text = io.StringIO()
    writer = csv.DictWriter(text, used, extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def plain(inputs: Inputs, name: str) -> CodeList | None:
    """A list as schema-snds keys it, or one of ours when only labels exist."""
    rows = inputs.official(name)
    if not rows:
        own = inputs.labels.get(name)
        return CodeList(tuple(Code(code) for code in own), "written for this project") if own else None
    column = next(iter(rows[0]))
    codes = tuple(Code(code) for code in dict.fromkeys(row[column].strip() for row in rows) if code)
    return cut(codes, MPL)


def cut(codes: tuple[Code, ...], source: str, keep: int = PART, whole: int = WHOLE) -> CodeList:
    """The list, or, when long, about `keep` of its codes taken at equal steps in their order."""
    if len(codes) <= whole:
        return CodeList(codes, source)
    ordered = sorted(codes, key=lambda item: (item.parent, item.code))
    step = len(ordered) / keep
    kept = tuple(ordered[int(rank * step)] for rank in range(keep))
    return CodeList(kept, source, part=f"{keep} of {len(codes)} codes, at equal steps")


def _benefits(inputs: Inputs, name: str) -> CodeList:
    rows = sheets(inputs.snds / "kwikly" / "correspondance_prs_nat_ref_omop.xlsx")[0][1:]
    shares = {row[0]: f"{float(row[1]):.6g}" for row in rows if row and row[0] and row[1]}
    codes = tuple(Code(row["PRS_NAT"], weight=shares.get(row["PRS_NAT"], "")) for row in inputs.official(name))
    return CodeList(codes, f"{MPL}; shares: {CNAM}", weight="percent of the lines of ER_PRS_F")


def _counts(inputs: Inputs) -> dict[str, int]:
    text = (inputs.snds / "calibration" / "cimcounts_all.csv").read_text(encoding="utf-8")
    found = {row["cim"]: int(row["count"]) for row in csv.DictReader(io.StringIO(text))}
    return dict(sorted(found.items(), key=lambda item: (-item[1], item[0])))


def _diagnosis(code: str, weight: int, parent: str = "") -> Code:
    bound = bound_of(code)
    sex, low, high = ("", None, None) if bound is None else (bound.sex, bound.age_min, bound.age_max)
    ages = ["" if age is None else str(age) for age in (low, high)]
    return Code(code, parent, sex=sex, age_min=ages[0], age_max=ages[1], weight=str(weight) if weight else "")


_STAYS = "hospital stays (MCO) with this main diagnosis, one year"


# chapters of external causes, never a main diagnosis
_EXTERNAL = ("V", "W", "X", "Y")


def _uncounted(known: Iterable[str], counts: dict[str, int]) -> list[str]:
    """Last codes of the categories that the counts miss whole: they hold four-character codes only, neither the
    categories without a subdivision (I10) nor those that French hospitals refine (E11, I21)."""
    counted = {code[:3] for code in counts}
    missed = sorted(code for code in known if code[:3] not in counted and not code.startswith(_EXTERNAL))
    refined = {code[:length] for code in missed for length in range(3, len(code))}
    return [code for code in missed if code not in refined and code[1:3].isdigit()]


def _hospital_diagnoses(inputs: Inputs, name: str) -> CodeList:
    known = {row["CIM_COD"].strip() for row in inputs.official(name) if len(row["CIM_COD"].strip()) <= 6}
    counts = _counts(inputs)
    frequent = [code for code in counts if code in known][:3000]
    kept = sorted({*frequent, *_uncounted(known, counts)})
    codes = tuple(_diagnosis(code, counts.get(code, 0)) for code in kept)
    part = f"{len(kept)} of {len(known)} codes: the 3000 most frequent, and those of categories without a count"
    return CodeList(codes, f"{MPL}; ATIH counts", part, weight=_STAYS)


def _claims_diagnoses(inputs: Inputs, name: str) -> CodeList:
    rows = (row for row in inputs.official(name) if len(row["CIM_COD"].strip()) <= 4)  # as certificates hold them
    disease = {row["CIM_COD"].strip(): row["ALD_030_COD"].strip() for row in rows}
    counts = _counts(inputs)
    frequent = [code for code in counts if code in disease][:2000]
    lasting = [code for code, number in disease.items() if number not in ("99", "0", "")]
    kept = sorted({*frequent, *lasting, *_uncounted(disease, counts)})
    codes = tuple(_diagnosis(code, counts.get(code, 0), disease[code]) for code in kept)
    part = f"{len(kept)} of {len(disease)} codes: frequent in hospital, of a long-term disease, or without a count"
    return CodeList(codes, f"{MPL}; ATIH counts", part, parent="IR_ALD_V", weight=_STAYS)


def _tests(inputs: Inputs, name: str) -> CodeList:
    codes = (
        Code(row["BIO_PRS_IDE"], valid_from=_day(row["BIO_CRE_DAT"]), valid_to=_day(row["BIO_SUP_DAT"]))
        for row in inputs.official(name)
    )
    return CodeList(tuple(codes), MPL)


_MONTHS = {
    name: f"{rank:02d}" for rank, name in enumerate("JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC".split(), start=1)
}


def _day(written: str) -> str:
    """`01JAN1996:00:00:00` as 1996-01-01."""
    return f"{written[5:9]}-{_MONTHS[written[2:5]]}-{written[:2]}" if written else ""


def _stay_groups(inputs: Inputs, name: str) -> CodeList:
    found: dict[str, Code] = {}
    for row in inputs.official(name):
        sex = row["GHS_SEX"] if row["GHS_SEX"] in ("1", "2") else ""
        low, high = (row[key] if row[key] not in ("0", "") else "" for key in ("GHS_AGE_MIN", "GHS_AGE_MAX"))
        found.setdefault(row["GHS_NUM"], Code(row["GHS_NUM"], sex=sex, age_min=low, age_max=high))
    return CodeList(tuple(found.values()), MPL)


def _communes(inputs: Inputs, name: str) -> CodeList:
    import pyarrow.parquet as pq

    people = pq.read_table(inputs.shared / "data" / "fr_public" / "geo" / "communes.parquet").to_pylist()
    known = {(row["GEO_DPT_COD"], row["GEO_COM_COD"]) for row in inputs.official(name)}
    codes = []
    for row in people:
        place = _place(row["code"])
        if place in known and (row["population"] or 0) >= 3000:
            codes.append(Code(place[1], place[0], weight=str(int(row["population"]))))
    codes.sort(key=lambda item: (item.parent, item.code))
    source = f"{MPL}; INSEE legal population, Licence Ouverte 2.0"
    part = f"{len(codes)} of {len(known)} communes: 3000 inhabitants and more"
    return CodeList(tuple(codes), source, part, parent="IR_DPT_V", weight="inhabitants")


def _place(insee: str) -> tuple[str, str]:
    """Département and commune as the SNDS writes them: 01004 is 001 and 004, 97101 is 971 and 101, 2A004 is 201."""
    if insee.startswith("97"):
        return insee[:3], insee[2:]
    corsica = {"2A": "201", "2B": "202"}
    return corsica.get(insee[:2], f"0{insee[:2]}"), insee[2:]


def _departments(inputs: Inputs, name: str) -> CodeList:
    text = (inputs.shared / "data" / "fr_public" / "geo" / "departements.csv").read_text(encoding="utf-8")
    names = {_place(row["code"] + "000")[0]: row["nom"] for row in csv.DictReader(io.StringIO(text))}
    codes = (
        Code(
            row["GEO_DPT_COD"], row["GEO_REG_COD"], names.get(row["GEO_DPT_COD"], ""), names.get(row["GEO_DPT_COD"], "")
        )
        for row in inputs.official(name)
    )
    return CodeList(tuple(codes), f"{MPL}; names: INSEE, Licence Ouverte 2.0", parent="region")


def _small_schemes(inputs: Inputs, name: str) -> CodeList:
    rows = inputs.official(name)
    codes = tuple(Code(row["RGM_COD"], row["RGM_GRG_COD"]) for row in rows)
    return CodeList(codes, MPL, parent="IR_RGM_V_GRG")


def _great_schemes(inputs: Inputs, name: str) -> CodeList:
    found = dict.fromkeys(row["RGM_GRG_COD"] for row in inputs.official("IR_RGM_V"))
    return CodeList(tuple(Code(code) for code in sorted(found, key=int)), MPL)


def _senders(inputs: Inputs, name: str) -> CodeList:
    codes = tuple(Code(row["EMT_NUM_RES"], row["TYT_COD"]) for row in inputs.official(name))
    return CodeList(codes, MPL, parent="IR_TYT_V")


def _bodies(inputs: Inputs, name: str) -> CodeList:
    first: dict[tuple[str, str], Code] = {}
    rows = inputs.official(name)
    for row in sorted(rows, key=lambda item: item["ORG_NUM"]):
        first.setdefault((row["ORG_GRG_COD"], row["GEO_DPT_COD"]), Code(row["ORG_NUM"], row["GEO_DPT_COD"]))
    part = f"{len(first)} of {len(rows)} bodies: one by scheme and département"
    return CodeList(tuple(first.values()), MPL, part, parent="IR_DPT_V")


def _drugs(inputs: Inputs, name: str) -> CodeList:
    path = inputs.shared / "data" / "fr_public" / "open_medic_2025" / "eda_12_analyse_pareto.csv"
    rows = list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8"))))
    kept = sorted(row["cip13"] for row in rows[:1500])
    part = f"1500 of {len(rows)} presentations: the largest reimbursed amounts in 2025"
    # a CIP13 is 34009, the CIP7 and a check digit
    codes = tuple(Code(cip[5:12], cip) if name.endswith("C07") else Code(cip) for cip in kept)
    source = "CNAM Open Medic 2025, Licence Ouverte 2.0"
    return CodeList(codes, source, part, parent="IR_PHA_R" if name.endswith("C07") else "")


def _devices(inputs: Inputs, name: str) -> CodeList:
    return cut(tuple(Code(row["LPP_PRS_IDE"]) for row in inputs.official(name) if not row["LPP_VAL_DTF"]), MPL, 600)


def _acts(inputs: Inputs, name: str) -> CodeList:
    known = [row["CAM_PRS_IDE_COD"].strip() for row in inputs.official(name)]
    thinned = cut(tuple(Code(code) for code in known), MPL, 800)
    frequent = [code for code in FREQUENT_ACTS if code in known]
    kept = sorted({*frequent, *(item.code for item in thinned.codes)})
    part = f"{len(kept)} of {len(known)} acts: common ones, and the others at equal steps"
    return CodeList(tuple(Code(code) for code in kept), MPL, part)


# acts that every year's statistics rank among the most frequent
FREQUENT_ACTS = (
    "DEQP003 DEQP007 YYYY600 ZBQK002 ZBQK001 QEQK001 QEQK004 QEQM001 ZCQM008 ZCQM010 ZCQM005 ZCQM006 JNQM001 JQQM010 "
    "DZQM006 DAQM003 EBQM001 EDQM001 EJQM001 EJQM003 EJQM004 HHQE002 HHQE005 HEQE002 HEQE003 HHFE002 BFGA004 BFGA002 "
    "BFGA008 BFLA001 HBQK002 HBQK389 HBMD038 HBMD042 HBMD049 HBMD050 HBMD053 HBMD054 HBLD036 HBLD038 HBFD006 HBFD021 "
    "HBFD033 HBFD035 HBJD001 HBGD001 HBGD022 NFQK001 NFQK003 NFQK004 NEQK010 NEQK012 NDQK001 NGQK001 NHQK001 MDQK001 "
    "MAQK001 MAQK003 MEQK001 LDQK001 LDQK002 LFQK002 LHQK001 LAQK003 ACQK001 ACQH003 ACQN001 ACQJ002 ACQN004 ZBQH001 "
    "ZBQK004 ZCQH001 ZCQH002 ZCQK004 ZCQJ004 LFQH001 LHQN001 NZQN001 MZQN001 NFQJ001 JVJF004 JVJF008 JVJB001 JVRP004 "
    "ZZNL048 ZZNL050 ZZNL051 ZZNL053 ZZNL054 ZZNL061 ZZNL062 ZZNL063 JQGD010 JQGD012 JQGD002 JQGD004 JQGA002 JQGA003 "
    "JQGA004 JNJP001 JNJD002 JNBD001 NFKA007 NFKA008 NEKA020 NEKA014 NFFC003 NFFC004 HMFC004 HHFA001 HHFA011 HHFA016 "
    "LMMA009 LMMA012 LMMC002 DDAF006 DDAF008 DDQH009 DDQH012 DELF007 DELF005 DELF015 EBFA012 AHPA009 MJEA010 GLQP002 "
    "GLQP008 GLLD004 GLLD015 FELF011 FELF006 BZQK001 BGQP002 BJQP002 BLQP010 CDQP010 CDQP012 CDQP015 GDQE003 JDQE003 "
    "JDQP003 JGFA015 JFFA002 QZFA031 QZFA036 QZFA028 QZQP001 QZJA002 QZJA017 HAFA008 PAGA008 PCPA001 EQQP008"
).split()


def _short_ucd(inputs: Inputs, name: str) -> CodeList:
    whole = cut(tuple(Code(row["UCD_UCD_COD"]) for row in inputs.official("NU_UCD_R")), MPL)
    codes = tuple(Code(item.code[-7:], item.code) for item in whole.codes)
    return CodeList(codes, MPL, whole.part, parent="NU_UCD_R")


def _short_funds(inputs: Inputs, name: str) -> CodeList:
    found = sorted({row["ORG_CAI_NUM"] for row in inputs.official("IR_CAI_V") if len(row["ORG_CAI_NUM"]) == 3})
    return cut(tuple(Code(code) for code in found), MPL)


def _fitting(inputs: Inputs, name: str) -> CodeList:
    """A list whose columns hold one character: longer codes (-1 for unknown) exist in the list only."""
    whole = plain(inputs, name)
    codes = whole.codes if whole is not None else ()
    return CodeList(tuple(item for item in codes if len(item.code) == 1), MPL)


# codes that came with the death certificate of 2017: list -> codes
CERTIFICATE_OF_2017 = {"DS_VER_V": ("2",), "DS_LIE_V": ("7",), "DS_CAU_V": ("4", "5"), "DS_PFS_V": ("4", "5")}


def _certificate(inputs: Inputs, name: str) -> CodeList:
    whole = plain(inputs, name)
    new = CERTIFICATE_OF_2017[name]
    codes = whole.codes if whole is not None else ()
    dated = (replace(item, valid_from="2017-01-01") if item.code in new else item for item in codes)
    return CodeList(tuple(dated), MPL)


_OWN_NAMES: tuple[tuple[str, Callable[[Inputs, str], CodeList]], ...] = (
    ("IR_NAT_V", _benefits),
    ("MS_CIM_V", _hospital_diagnoses),
    ("IR_CIM_V", _claims_diagnoses),
    ("IR_BIO_R", _tests),
    ("IR_GHS_V", _stay_groups),
    ("IR_GEO_V", _communes),
    ("IR_DPT_V", _departments),
    ("IR_RGM_V", _small_schemes),
    ("IR_RGM_V_GRG", _great_schemes),
    ("IR_NEM_T", _senders),
    ("IR_ORG_V", _bodies),
    ("IR_PHA_R", _drugs),
    ("IR_PHA_R_C07", _drugs),
    ("NT_LPP", _devices),
    ("IR_CCAM_V63", _acts),
    ("NU_UCD_R_7", _short_ucd),
    ("IR_CAI_V_3", _short_funds),
    ("MS_SOR_V", _fitting),
    ("EXC_FIN_MTF", _fitting),
)
MAKERS: dict[str, Callable[[Inputs, str], CodeList]] = {
    **dict(_OWN_NAMES),
    **dict.fromkeys(CERTIFICATE_OF_2017, _certificate),
}
