"""Rules are data: each finds the row that breaks it, and leaves alone what it cannot judge."""

from __future__ import annotations

import re

import pytest

from synth.core.errors import UserError
from synth.rules import RULES, check_tables

PRS = "DCT_ORD_NUM,PRS_ORD_NUM,FLX_DIS_DTD,FLX_TRT_DTD,EXE_SOI_DTD,BSE_REM_BSE,RGO_REM_TAU,BSE_REM_MNT"
TABLE = r"(?:ER_\w+_F|T_(?:MCO|SSR|HAD|RIP)aa[A-Z0-9]+|IR_\w+_R|KI_\w+_R)\b"
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


def test_dates_written_day_first_are_read(tmp_path):
    found = findings(tmp_path, f"{PRS}\n1,1,01/03/2022,10/02/2022,01/02/2022,25,70,17.5\n")
    assert found["distribution month"].status == "holds"


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
