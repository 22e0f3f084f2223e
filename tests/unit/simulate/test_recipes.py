"""The extractions that SNDS users run return plausible numbers: tables, columns and filters of public recipes."""

from __future__ import annotations

import pytest

K9 = """DCT_ORD_NUM, FLX_DIS_DTD, FLX_EMT_NUM, FLX_EMT_ORD, FLX_EMT_TYP, FLX_TRT_DTD, ORG_CLE_NUM, PRS_ORD_NUM,
    REM_TYP_AFF"""
REAL_SPENDING = "DPN_QLF NOT IN (71, 72) AND PRS_DPN_QLP NOT IN (71, 72) AND CPL_MAJ_TOP < 2 AND CPL_AFF_COD <> 16"
PERSON_YEARS = 3 * 1000


def test_consultations_by_specialty(base):
    """General practitioners: three to five visits a person and year, by flux month and quantity."""
    query = f"""SELECT sum(PRS_ACT_QTE) FROM ER_PRS_F WHERE PSE_SPE_COD IN (1, 22, 23) AND {REAL_SPENDING}
        AND PRS_NAT_REF IN (1111, 1211) AND FLX_DIS_DTD BETWEEN DATE '2021-02-01' AND DATE '2024-06-01'"""
    assert 2.5 < base.sql(query)[0][0] / PERSON_YEARS < 6.5


@pytest.mark.parametrize(("atc", "low", "high"), [("A10", 0.03, 0.12), ("C10", 0.05, 0.25), ("N02", 0.5, 1.0)])
def test_persons_by_medicine(base, atc, low, high):
    """Share of persons with a delivery, hospital copies left out (ETE_IND_TAA other than 1)."""
    query = f"""SELECT count(DISTINCT p.BEN_NIR_PSA) FROM ER_PRS_F p JOIN ER_PHA_F h USING ({K9})
        JOIN IR_PHA_R r ON h.PHA_PRS_C13 = r.PHA_CIP_C13 LEFT JOIN ER_ETE_F e USING ({K9})
        WHERE r.PHA_ATC_CLA LIKE '{atc}%' AND coalesce(e.ETE_IND_TAA, 0) <> 1 AND h.PHA_ACT_QSN > 0"""
    assert low < base.count(query) / 1000 < high


@pytest.mark.parametrize("icd", ["I", "C", "S", "Z49", "K"])
def test_stays_by_diagnosis(base, icd):
    """Linked and valid stays: nine return codes at 0, no error group, a unit for each."""
    codes = " AND ".join(f"{code}_RET = '0'" for code in "NIR NAI SEX SEJ FHO PMS DAT COH_NAI COH_SEX".split())
    query = " UNION ALL ".join(
        f"""SELECT count(DISTINCT (b.ETA_NUM, b.RSA_NUM)) FROM T_MCO{year}B b
            JOIN T_MCO{year}C c USING (ETA_NUM, RSA_NUM)
            JOIN T_MCO{year}UM u USING (ETA_NUM, RSA_NUM) LEFT JOIN T_MCO{year}D d USING (ETA_NUM, RSA_NUM)
            WHERE {codes} AND b.GRG_GHM NOT LIKE '90%' AND b.SEJ_TYP IS DISTINCT FROM 'B'
            AND (b.DGN_PAL LIKE '{icd}%' OR d.ASS_DGN LIKE '{icd}%')"""
        for year in (21, 22, 23)
    )
    assert sum(row[0] for row in base.sql(query)) >= (0 if icd == "Z49" else 5)


def test_long_term_diseases_in_force(base):
    """One person in six or so: open statuses, 2099 and 1600 both read as no end."""
    query = """SELECT count(DISTINCT BEN_NIR_PSA) FROM IR_IMB_R WHERE IMB_ETM_NAT IN (41, 43, 45)
        AND IMB_ALD_DTD <= DATE '2022-01-01' AND (IMB_ALD_DTF >= DATE '2022-01-01' OR year(IMB_ALD_DTF) = 1600)"""
    assert 0.1 < base.count(query) / 1000 < 0.3


def test_deaths_with_their_causes(base):
    query = """SELECT count(DISTINCT b.BEN_IDT_ANO) FROM IR_BEN_R b JOIN KI_CCI_R c USING (BEN_IDT_ANO)
        JOIN KI_ECD_R e USING (DCD_IDT_ENC) WHERE year(b.BEN_DCD_DTE) BETWEEN 2021 AND 2023"""
    assert 10 < base.count(query) == base.count("SELECT count(*) FROM KI_CCI_R")


def test_outpatient_passages_of_public_hospitals(base):
    """Passages with what was done, and their copies in the claims, which are for information only."""
    passages = consultations = 0
    for year in (21, 22, 23):
        passages += base.count(f"SELECT count(*) FROM T_MCO{year}CSTC WHERE NIR_RET = '0' AND ENT_DAT_RET = '0'")
        consultations += base.count(
            f"""SELECT count(*) FROM T_MCO{year}CSTC c JOIN T_MCO{year}FCSTC f USING (ETA_NUM, SEQ_NUM)
            WHERE f.ACT_COD LIKE 'C%' AND f.EXE_SPE = '03'"""
        )
    assert 0.5 < passages / PERSON_YEARS < 2
    assert 0 < consultations < passages
    copies = "SELECT count(*) FROM ER_PRS_F p JOIN ER_ETE_F e USING ({}) WHERE e.ETE_IND_TAA = 1 AND p.DPN_QLF <> 71"
    assert base.count(copies.format(K9)) == 0


def test_private_stays_are_in_both_bases(base):
    """Rule 47: a claim of nature 2111 for each stay of a private hospital."""
    private = "SUBSTR(ETA_NUM, 1, 8) IN (SELECT IDE_ETA_NU8 FROM BE_IDE_R WHERE IDE_PSH_STJ = '73')"
    stays = sum(base.count(f"SELECT count(*) FROM T_MCO{year}B WHERE {private}") for year in (21, 22, 23))
    claims = base.count(
        f"SELECT count(*) FROM ER_PRS_F p JOIN ER_ETE_F e USING ({K9}) WHERE PRS_NAT_REF = 2111 AND PRS_ACT_QTE > 0"
    )
    corrected = base.count("SELECT count(*) FROM ER_PRS_F WHERE PRS_NAT_REF = 2111 AND PRS_ACT_QTE < 0")
    assert stays > 0
    assert claims - corrected == stays
