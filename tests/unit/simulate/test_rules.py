"""The validity rules of the SNDS hold in a simulated base: each test names the rule it checks by its number."""

from __future__ import annotations

import pytest

# what must be empty: (rule, table of the count, condition that breaks it)
BROKEN = [
    (
        "1 settled before the distribution month",
        "ER_PRS_F",
        "FLX_DIS_DTD <> date_trunc('month', FLX_TRT_DTD) + INTERVAL 1 MONTH",
    ),
    ("1 distributed before the care", "ER_PRS_F", "FLX_DIS_DTD <= EXE_SOI_DTD"),
    ("2 delay above 27 months", "ER_PRS_F", "FLX_TRT_DTD > EXE_SOI_DTD + INTERVAL 27 MONTH"),
    ("3 month of care", "ER_PRS_F", "EXE_SOI_AMD <> strftime(EXE_SOI_DTD, '%Y%m')"),
    ("3 start after end", "ER_PRS_F", "EXE_SOI_DTD > EXE_SOI_DTF"),
    ("3 prescribed after the care", "ER_PRS_F", "PRE_PRE_DTD > EXE_SOI_DTD"),
    ("9 sentinel of a missing death", "ER_PRS_F", "BEN_DCD_DTE IS NULL"),
    ("26 never null", "ER_PRS_F", "DPN_QLF IS NULL OR CPL_MAJ_TOP IS NULL OR CPL_AFF_COD IS NULL"),
    ("29 base x rate", "ER_PRS_F", "abs(BSE_REM_MNT - BSE_REM_BSE * RGO_REM_TAU / 100) > 0.0051"),
    ("29 paid below base", "ER_PRS_F", "BSE_REM_SGN > 0 AND PRS_PAI_MNT < BSE_REM_BSE - 0.001"),
    ("30 exempt but not at 100", "ER_PRS_F", "EXO_MTF IN (42, 44, 46) AND RGO_REM_TAU < 100"),
    ("10 status ends before it starts", "IR_IMB_R", "IMB_ALD_DTF < IMB_ALD_DTD"),
    ("48 nature of status", "IR_IMB_R", "IMB_ETM_NAT NOT IN (41, 43, 45)"),
]


@pytest.mark.parametrize(("rule", "table", "broken"), BROKEN, ids=[row[0] for row in BROKEN])
def test_no_row_breaks_a_rule(base, rule, table, broken):
    assert base.count(f"SELECT count(*) FROM {table}") > 0
    assert base.count(f"SELECT count(*) FROM {table} WHERE {broken}") == 0


def test_care_lies_between_birth_and_death(base):
    """Rule 4."""
    query = """SELECT count(*) FROM ER_PRS_F p JOIN IR_BEN_R b USING (BEN_NIR_PSA, BEN_RNG_GEM) WHERE
        p.EXE_SOI_DTD < make_date(b.BEN_NAI_ANN::int, b.BEN_NAI_MOI::int, 1)
        OR (year(b.BEN_DCD_DTE) > 1600 AND p.EXE_SOI_DTD > b.BEN_DCD_DTE)"""
    assert base.count(query) == 0


def test_sex_birth_and_residence_agree_with_the_person(base):
    """Rule 54."""
    query = """SELECT count(*) FROM ER_PRS_F p JOIN IR_BEN_R b USING (BEN_NIR_PSA, BEN_RNG_GEM)
        WHERE p.BEN_SEX_COD <> b.BEN_SEX_COD OR p.BEN_NAI_ANN <> b.BEN_NAI_ANN OR p.BEN_RES_DPT <> b.BEN_RES_DPT"""
    assert base.count(query) == 0


def test_death_certificates_carry_the_date_of_the_person(base):
    """Rule 53."""
    joined = "FROM KI_CCI_R k JOIN IR_BEN_R b USING (BEN_IDT_ANO)"
    deaths = base.count("SELECT count(*) FROM KI_CCI_R")
    assert deaths > 10
    assert base.count(f"SELECT count(*) {joined} WHERE k.BEN_DCD_DTE = b.BEN_DCD_DTE") == deaths


def test_pharmacy_lines_are_worth_their_boxes(base):
    """Rule 33."""
    keys = ", ".join(base.catalog.table("ER_PRS_F").primary_key)
    query = f"""SELECT count(*) FROM ER_PRS_F p JOIN ER_PHA_F h USING ({keys})
        WHERE abs(p.BSE_REM_BSE - h.PHA_ACT_QSN * h.PHA_ACT_PRU) > 0.011 AND p.RGO_REM_TAU > 0"""
    assert base.count(query) == 0


@pytest.mark.parametrize("year", [21, 22, 23])
def test_stays_are_dated_by_discharge(base, year):
    """Rules 6, 40, 46."""
    query = f"""SELECT count(*) FROM T_MCO{year}B b JOIN T_MCO{year}C c USING (ETA_NUM, RSA_NUM)
        WHERE b.SOR_ANN::int <> 2000 + {year} OR year(c.EXE_SOI_DTF) <> 2000 + {year}
        OR month(c.EXE_SOI_DTF) <> b.SOR_MOI::int OR b.SEJ_NBJ <> date_diff('day', c.EXE_SOI_DTD, c.EXE_SOI_DTF)
        OR (b.AGE_ANN IS NULL) = (b.AGE_JOU IS NULL)"""
    assert base.count(query) == 0
    assert base.count(f"SELECT count(*) FROM T_MCO{year}B") == base.count(f"SELECT count(*) FROM T_MCO{year}C") > 0
