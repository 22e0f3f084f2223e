"""Care follows from illness: persistence, order of pathways, sex, mothers and children, statuses, stays."""

from __future__ import annotations

import pytest

from synth.simulate.drugs import drugs

STAYS = " UNION ALL ".join(
    f"""SELECT b.ETA_NUM, b.RSA_NUM, DGN_PAL, DGN_REL, GRG_GHM, COD_SEX, AGE_ANN, AGE_JOU, POI_NAI, SOR_MOD,
        c.NIR_ANO_17 AS PSA, c.EXE_SOI_DTD, c.EXE_SOI_DTF, c.ID_MAM_ENF
        FROM T_MCO{year}B b JOIN T_MCO{year}C c USING (ETA_NUM, RSA_NUM)"""
    for year in (21, 22, 23)
)


def dispensed(prefix: str) -> str:
    """A query of person and day of the medicines whose ATC starts with `prefix`."""
    keys = "DCT_ORD_NUM, FLX_DIS_DTD, FLX_EMT_NUM, FLX_EMT_ORD, FLX_EMT_TYP, FLX_TRT_DTD, ORG_CLE_NUM, PRS_ORD_NUM"
    return f"""SELECT p.BEN_NIR_PSA, p.EXE_SOI_DTD FROM ER_PRS_F p JOIN ER_PHA_F h USING ({keys}, REM_TYP_AFF)
        JOIN IR_PHA_R r ON r.PHA_CIP_C13 = h.PHA_PRS_C13 WHERE r.PHA_ATC_CLA LIKE '{prefix}%' AND h.PHA_ACT_QSN > 0"""


def test_treated_diabetics_fetch_their_medicine_month_after_month(base):
    query = f"""WITH d AS ({dispensed("A10")}), first AS (
        SELECT BEN_NIR_PSA, min(EXE_SOI_DTD) AS t FROM d GROUP BY 1 HAVING min(EXE_SOI_DTD) < DATE '2022-01-01'),
        kept AS (SELECT f.* FROM first f JOIN IR_BEN_R b USING (BEN_NIR_PSA) WHERE year(b.BEN_DCD_DTE) = 1600)
        SELECT avg((m >= 10)::int) FROM (SELECT BEN_NIR_PSA, count(DISTINCT date_trunc('month', EXE_SOI_DTD)) AS m
        FROM d JOIN kept USING (BEN_NIR_PSA) WHERE EXE_SOI_DTD < t + INTERVAL 12 MONTH GROUP BY 1)"""
    assert base.sql(query)[0][0] >= 0.8


@pytest.mark.parametrize(
    ("condition", "sex"),
    [("DGN_PAL LIKE 'O%'", 2), ("regexp_matches(DGN_PAL, '^(C6[0-3]|D29|N4[0-9]|N50)')", 1), ("GRG_GHM LIKE '13%'", 2)],
)
def test_sex_specific_stays(base, condition, sex):
    """Rule 55."""
    assert base.count(f"SELECT count(*) FROM ({STAYS}) WHERE ({condition})") > 0
    assert base.count(f"SELECT count(*) FROM ({STAYS}) WHERE ({condition}) AND COD_SEX::int <> {sex}") == 0


def test_births_link_mother_and_child(base):
    """Rule 45: the same hospital, day and link; mothers of 12 to 55 years, newborns of day 0 weighing 500 g or more."""
    newborns = f"SELECT * FROM ({STAYS}) WHERE AGE_JOU = 0 AND POI_NAI IS NOT NULL"
    mothers = f"SELECT * FROM ({STAYS}) WHERE DGN_PAL LIKE 'O8%' AND ID_MAM_ENF IS NOT NULL"
    assert base.count(f"SELECT count(*) FROM ({newborns}) WHERE POI_NAI < 500") == 0
    assert base.count(f"SELECT count(*) FROM ({mothers}) WHERE AGE_ANN NOT BETWEEN 12 AND 55") == 0
    linked = f"SELECT count(*) FROM ({newborns}) n JOIN ({STAYS}) m ON n.ID_MAM_ENF = m.ID_MAM_ENF AND n.PSA <> m.PSA"
    assert base.count(linked) >= 0.9 * base.count(f"SELECT count(*) FROM ({newborns})") > 0
    assert base.count(f"{linked} WHERE n.ETA_NUM <> m.ETA_NUM OR n.EXE_SOI_DTD <> m.EXE_SOI_DTD") == 0


def test_stays_of_a_person_do_not_overlap(base):
    query = f"""SELECT count(*) FROM (SELECT EXE_SOI_DTD AS start, lag(EXE_SOI_DTF) OVER (PARTITION BY PSA
        ORDER BY EXE_SOI_DTD, EXE_SOI_DTF) AS before FROM ({STAYS})) WHERE before > start"""
    assert base.count(query) == 0


def test_a_stay_ends_in_death_when_the_person_dies_that_day(base):
    """Rule 44."""
    query = f"""SELECT count(*) FROM ({STAYS}) s JOIN IR_BEN_R b ON s.PSA = b.BEN_NIR_PSA
        WHERE (s.SOR_MOD = '9') <> (s.EXE_SOI_DTF = b.BEN_DCD_DTE)"""
    assert base.count(query) == 0
    assert base.count(f"SELECT count(*) FROM ({STAYS}) WHERE SOR_MOD = '9'") > 5


@pytest.mark.parametrize("year", [21, 22, 23])
def test_counts_of_a_stay_are_those_of_its_rows(base, year):
    """Rule 41; associated diagnoses never repeat the principal one (rule 42)."""
    for table, column in (("D", "NBR_DGN"), ("A", "NBR_ACT"), ("UM", "NBR_RUM")):
        query = f"""SELECT count(*) FROM T_MCO{year}B b LEFT JOIN (SELECT ETA_NUM, RSA_NUM, count(*) AS n
            FROM T_MCO{year}{table} GROUP BY 1, 2) t USING (ETA_NUM, RSA_NUM) WHERE b.{column} <> coalesce(t.n, 0)"""
        assert base.count(query) == 0
    repeated = (
        f"SELECT count(*) FROM T_MCO{year}D d JOIN T_MCO{year}B b USING (ETA_NUM, RSA_NUM) WHERE d.ASS_DGN = b.DGN_PAL"
    )
    assert base.count(repeated) == 0


def test_related_diagnoses_come_with_z_codes_only(base):
    """Rule 42."""
    query = f"SELECT count(*) FROM ({STAYS}) WHERE DGN_REL IS NOT NULL AND DGN_PAL NOT LIKE 'Z%'"
    assert base.count(query) == 0


def test_care_related_to_a_status_starts_with_the_status(base):
    """Rules 30 and 50: nothing is exempt (42) before the first status of the person."""
    query = """SELECT count(*) FROM ER_PRS_F p JOIN (SELECT BEN_NIR_PSA, min(IMB_ALD_DTD) AS t FROM IR_IMB_R GROUP BY
    1) i
        USING (BEN_NIR_PSA) WHERE p.EXO_MTF IN (41, 42) AND p.EXE_SOI_DTF < i.t"""
    assert base.count(query) == 0
    without = "SELECT count(*) FROM ER_PRS_F p ANTI JOIN IR_IMB_R i USING (BEN_NIR_PSA) WHERE p.EXO_MTF = 42"
    assert base.count(without) == 0


def test_a_cancelled_line_is_followed_by_a_corrected_one(base):
    """Rule 24: per person and kind of care, net quantities and amounts are not negative."""
    query = """SELECT count(*) FROM (SELECT sum(PRS_ACT_QTE) AS q, sum(BSE_REM_MNT) AS m FROM ER_PRS_F
        WHERE CPL_AFF_COD <> 16 GROUP BY BEN_NIR_PSA, PRS_NAT_REF, EXE_SOI_DTD) WHERE q < 0 OR m < -0.001"""
    assert base.count("SELECT count(*) FROM ER_PRS_F WHERE PRS_ACT_QTE < 0") > 0
    assert base.count(query) == 0


def test_surcharges_and_participations_have_their_structure(base):
    """Rules 20 to 22."""
    wrong = """SELECT count(*) FROM ER_PRS_F WHERE
        (CPL_MAJ_TOP = 0 AND (BSE_PRS_NAT <> PRS_NAT_REF OR CPL_PRS_NAT <> 0))
        OR (CPL_MAJ_TOP = 2 AND (BSE_PRS_NAT <> 0 OR BSE_REM_MNT <> 0))
        OR (CPL_AFF_COD = 16 AND CPL_REM_MNT <> -1)"""
    assert base.count("SELECT count(*) FROM ER_PRS_F WHERE CPL_AFF_COD = 16") > 0
    assert base.count(wrong) == 0


def test_no_overcharge_under_c2s(base):
    """Rule 31."""
    assert (
        base.count("SELECT count(*) FROM ER_PRS_F WHERE BEN_CMU_TOP = '1' AND PRS_DEP_MNT > 0 AND BSE_REM_BSE > 0") == 0
    )


def test_causes_of_death_include_the_initial_one(base):
    """Rule 52; no certificate without a death."""
    missing = """SELECT count(*) FROM KI_CCI_R c ANTI JOIN KI_ECD_R e
        ON c.DCD_IDT_ENC = e.DCD_IDT_ENC AND c.DCD_CIM_COD = e.ECD_CIM_COD"""
    assert base.count(missing) == 0


def test_medicines_are_those_of_the_referential(base):
    assert base.count("SELECT count(*) FROM ER_PHA_F h ANTI JOIN IR_PHA_R r ON r.PHA_CIP_C13 = h.PHA_PRS_C13") == 0
    assert base.count("SELECT count(*) FROM IR_PHA_R") == len(drugs().atc)


def test_professionals_and_establishments_are_known(base):
    unknown = """SELECT count(*) FROM ER_PRS_F p ANTI JOIN DA_PRA_R d ON d.PFS_PFS_NUM = p.PFS_EXE_NUM
        WHERE p.PFS_EXE_NUM <> '00000000'"""
    assert base.count(unknown) == 0
    assert base.count("SELECT count(*) FROM ER_ETE_F e ANTI JOIN BE_IDE_R i ON i.IDE_ETA_NU8 = e.ETB_EXE_FIN") == 0
