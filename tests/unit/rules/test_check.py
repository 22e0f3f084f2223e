"""Rules are data: each finds the row that breaks it, and leaves alone what it cannot judge."""

from __future__ import annotations

import re

import pytest

from synth.core.errors import UserError
from synth.rules import NOT_CHECKED, RULES, check_tables

PRS = "DCT_ORD_NUM,PRS_ORD_NUM,FLX_DIS_DTD,FLX_TRT_DTD,EXE_SOI_DTD,BSE_REM_BSE,RGO_REM_TAU,BSE_REM_MNT"
TABLE = r"(?:ER_\w+_F|T_(?:MCO|SSR|HAD|RIP)aa[A-Z0-9]+|IR_\w+_R|BE_IDE_R|DA_PRA_R|KI_\w+_R)\b"
GOOD = "1,1,2022-03-01,2022-02-10,2022-02-01,25,70,17.5"


def findings(tmp_path, text, name="ER_PRS_F.csv"):
    (tmp_path / name).write_text(text, encoding="utf-8")
    return {finding.rule.name: finding for finding in check_tables(tmp_path)}


def test_good_rows_break_nothing(tmp_path):
    found = findings(tmp_path, f"{PRS}\n{GOOD}\n")
    assert not [name for name, finding in found.items() if finding.status == "broken"]
    assert found["distribution month"].rows == 1


@pytest.mark.parametrize(
    ("row", "rule"),
    [
        ("1,1,2022-03-02,2022-02-10,2022-02-01,25,70,17.5", "distribution month"),
        ("1,1,2022-03-01,2022-02-10,2022-04-01,25,70,17.5", "distributed after care"),
        ("1,1,2025-03-01,2025-02-10,2022-02-01,25,70,17.5", "delay of settlement"),
        ("1,1,2022-03-01,2022-02-10,2022-02-01,25,70,25", "refund is base times rate"),
    ],
)
def test_a_row_at_fault_is_counted(tmp_path, row, rule):
    finding = findings(tmp_path, f"{PRS}\n{GOOD}\n{row}\n")[rule]
    assert (finding.rows, finding.faults, finding.status) == (2, 1, "broken")


@pytest.mark.parametrize(
    "row",
    [
        "1;1;01/03/2022;10/02/2022;01/02/2022;25;70;17,5",
        "1;1;20220301;20220210;20220201;25;70;17.5",
        "1;1;01MAR2022;10FEB2022:00:00:00;01/02/2022 10:00:00;25;70;17,50",
    ],
)
def test_dates_and_numbers_are_read_as_exports_write_them(tmp_path, row):
    found = findings(tmp_path, f"{PRS.replace(',', ';')}\n{row}\n")
    named = ("distribution month", "refund is base times rate", "dates and numbers of ER_PRS_F")
    assert [(found[name].rows, found[name].status) for name in named] == [(1, "holds")] * 3
    assert findings(tmp_path, f"{PRS.replace(',', ';')}\n{row[:-1]}9\n")["refund is base times rate"].faults == 1


def test_cells_that_cannot_be_read_are_told_by_column(tmp_path):
    rows = f"{GOOD}\n{GOOD.replace('2022-02-01', 'Zq7').replace('1,1,', '1,2,', 1)}\n1,3,NA,,NULL,.,,\n"
    finding = findings(tmp_path, f"{PRS}\n{rows}")["dates and numbers of ER_PRS_F"]
    assert (finding.rows, finding.faults, finding.status) == (3, 1, "broken")
    assert "EXE_SOI_DTD" in finding.rule.why and "BSE_REM_BSE" not in finding.rule.why


def test_a_rule_without_its_columns_is_not_applicable(tmp_path):
    found = findings(tmp_path, f"{PRS}\n{GOOD}\n")
    assert found["no care after death"].status == "not applicable"
    assert found["no care after death"].share == 0


def test_years_of_hospital_tables_are_read_together(tmp_path):
    for year in ("21", "22"):
        (tmp_path / f"T_MCO{year}B.csv").write_text("ETA_NUM,RSA_NUM,GRG_GHM\n1,1,90Z00Z\n", encoding="utf-8")
    found = {finding.rule.name: finding for finding in check_tables(tmp_path)}
    assert (found["error groups"].rows, found["error groups"].status) == (2, "broken")


def test_soft_rules_allow_a_share(tmp_path):
    rows = "".join(f"1,{row},{'90Z00Z' if row == 0 else '05M091'}\n" for row in range(200))
    found = findings(tmp_path, f"ETA_NUM,RSA_NUM,GRG_GHM\n{rows}", "T_MCO22B.csv")
    assert (found["error groups"].faults, found["error groups"].status) == (1, "holds")


def test_examples_are_shown_only_when_asked(tmp_path):
    (tmp_path / "ER_PRS_F.csv").write_text(f"{PRS}\n9,1,2022-03-02,2022-02-10,2022-02-01,25,70,17.5\n")
    silent = check_tables(tmp_path)
    assert all(finding.example is None for finding in silent)
    shown = {finding.rule.name: finding for finding in check_tables(tmp_path, examples=True)}
    assert shown["distribution month"].example["DCT_ORD_NUM"] == "9"


def test_a_folder_without_snds_tables_is_refused(tmp_path):
    (tmp_path / "patients.csv").write_text("id\n1\n")
    with pytest.raises(UserError):
        check_tables(tmp_path)


def test_rules_are_told_apart_and_explained():
    names = [(rule.number, rule.name) for rule in RULES]
    assert len(set(names)) == len(names)
    for rule in RULES:
        assert rule.why
        assert rule.needs
        assert (rule.allowed > 0) == (rule.severity == "soft")
        assert set(re.findall(TABLE, rule.rows)) == set(rule.needs)


def test_every_rule_of_the_list_is_checked_or_said_not_to_be():
    told = {int(number) for numbers in NOT_CHECKED for number in re.findall(r"\d+", numbers)}
    assert {rule.number for rule in RULES} | told | {7} == set(range(1, 58))
    assert all(NOT_CHECKED.values())


@pytest.mark.shared
def test_the_official_ten_row_tables_break_what_is_known_of_them(shared):
    """Counts published in the defect list of the SNDS facts (section G)."""
    found = {finding.rule.name: finding for finding in check_tables(shared / "reference/snds/hdh-synthetic")}
    known = {
        "month of care": 10,
        "distributed after care": 6,
        "refund is base times rate": 10,
        "paid covers the base": 6,
    }
    assert {name: found[name].faults for name in known} == known
    assert found["dates of death agree"].faults == 10
    assert found["sex agrees"].faults == 8
    known = {
        "no care after the death the line tells": 6,
        "refund within the base": 4,
        "death after birth": 6,
        "birth year agrees": 10,
        "deaths agree": 10,
        "identifier of a person": 10,
        "every stay has its patient": 3,
        "principal diagnosis of a unit": 3,
        "NBR_DGN counts T_MCOaaD": 10,
        "age in days or years": 10,
        "causes belong to a certificate": 10,
        "hospitals of ER_ETE_F are known": 9,
        "price of an act": 10,
    }
    assert {name: found[name].faults for name in known} == known
    # the published count could not read the dates of this table, 20220131 and the like
    assert found["EXE_SOI_DTD <= EXE_SOI_DTF in T_MCOaaC"].rows == 10
    pairs = [
        finding
        for name, finding in found.items()
        if re.match(r"\S+_DT\S+ <= ", name) and finding.rows and not name.endswith("in T_MCOaaC")
    ]
    assert (len(pairs), sum(finding.rows for finding in pairs)) == (26, 260)
    assert sum(finding.faults for finding in pairs) == 130
    keys = [finding for name, finding in found.items() if name.startswith("primary key") and finding.faults]
    assert len(keys) >= 14


def test_stays_of_two_years_may_share_a_number(tmp_path):
    for year in ("21", "22"):
        (tmp_path / f"T_MCO{year}B.csv").write_text("ETA_NUM,RSA_NUM,SOR_ANN\n1,1,20" + year + "\n", encoding="utf-8")
    found = {finding.rule.name: finding for finding in check_tables(tmp_path)}
    assert found["primary key of T_MCOaaB"].faults == 0
    assert found["file of the year of discharge"].faults == 0
    (tmp_path / "T_MCO22B.csv").write_text("ETA_NUM,RSA_NUM,SOR_ANN\n1,1,2021\n1,1,2022\n", encoding="utf-8")
    found = {finding.rule.name: finding for finding in check_tables(tmp_path)}
    assert found["primary key of T_MCOaaB"].faults == 1
    assert found["file of the year of discharge"].faults == 1


def test_columns_that_a_year_did_not_have_are_told(tmp_path):
    """Rule 7: COD_POST came in 2020 (T_MCOaaB), and nobody has a column of this name."""
    (tmp_path / "T_MCO22B.csv").write_text("ETA_NUM,RSA_NUM,NOWHERE\n1,1,1\n", encoding="utf-8")
    found = {finding.rule.name: finding for finding in check_tables(tmp_path, examples=True)}
    assert (found["columns of the year"].rows, found["columns of the year"].faults) == (3, 1)
    assert found["columns of the year"].example == {"table": "T_MCOaaB", "year": "2022", "column": "NOWHERE"}


@pytest.mark.parametrize(
    ("table", "header", "good", "bad", "rule"),
    [
        (
            "IR_IMB_R",
            "BEN_NIR_PSA,IMB_ALD_NUM,MED_MTF_COD",
            "a,8,E11",
            "a,8,G35",
            "number of a status and its diagnosis",
        ),
        ("ER_ETE_F", "DCT_ORD_NUM,PRS_ORD_NUM,ETE_IND_TAA", "1,1,2", "1,1,3", "billing of hospitals"),
        ("IR_BEN_R", "BEN_NIR_PSA,BEN_CDI_NIR", "a,00", "a,77", "kinds of identity numbers"),
        ("T_MCOaaA", "ETA_NUM,RSA_NUM,CDC_ACT", "1,1,HHFA009", "1,1,HHFA", "acts of stays"),
        (
            "IR_MTT_R",
            "BEN_NIR_PSA,BEN_RNG_GEM,MTT_DEB_DTE,MTT_FIN_DTE",
            "a,1,2020-01-01,1600-01-01",
            "a,1,2020-01-01,2019-01-01",
            "treating doctors in order",
        ),
        ("ER_CAM_F", "DCT_ORD_NUM,PRS_ORD_NUM,CAM_ACT_PRU", "1,1,25", "1,1,9800000", "price of an act"),
    ],
)
def test_rules_of_one_table(tmp_path, table, header, good, bad, rule):
    for row, faults in ((good, 0), (bad, 1)):
        (tmp_path / f"{table}.csv").write_text(f"{header}\n{row}\n", encoding="utf-8")
        found = {finding.rule.name: finding for finding in check_tables(tmp_path)}
        assert found[rule].faults == faults
