"""The disease map follows from rows of the base, by the rules it documents."""

from __future__ import annotations

import re

import pytest

from synth.core.snds import snds_table
from synth.simulate.disease_map import top_rules
from synth.simulate.tables import read_rows

from .conftest import make_base

K9 = "DCT_ORD_NUM, FLX_DIS_DTD, FLX_EMT_NUM, FLX_EMT_ORD, FLX_EMT_TYP, FLX_TRT_DTD, ORG_CLE_NUM, PRS_ORD_NUM"
K9 += ", REM_TYP_AFF"


@pytest.fixture(scope="module")
def mapped():
    return make_base(600, (2022, 2023), 5, tables="core,CT_IDE_AAAA_GN,CT_IND_AAAA_GN")


def test_diabetics_are_those_that_rows_tell(mapped):
    """A status, a stay of the last two years, or three dispensings of a year (two when one is a three-month pack)."""
    told = mapped.sql("SELECT BEN_IDT_ANO FROM CT_IND_2023_GN WHERE TOP_FDIABET_IND = 1")
    rows = mapped.sql(f"""
        WITH box AS (SELECT p.BEN_NIR_PSA AS psa, year(p.EXE_SOI_DTD) AS y, p.EXE_SOI_DTD AS d,
            r.PHA_UPC_NBR::INT BETWEEN 84 AND 100 AS large
            FROM ER_PRS_F p JOIN ER_PHA_F h USING ({K9}) JOIN IR_PHA_R r ON r.PHA_CIP_C13 = h.PHA_PRS_C13
            WHERE r.PHA_ATC_CLA LIKE 'A10%' AND h.PHA_ACT_QSN > 0),
        treated AS (SELECT psa FROM box GROUP BY psa, y
            HAVING count(DISTINCT d) >= 3 - bool_or(large)::INT),
        status AS (SELECT BEN_NIR_PSA FROM IR_IMB_R WHERE regexp_matches(MED_MTF_COD, '^E1[0-4]')
            AND IMB_ALD_DTD < DATE '2024-01-01' AND (IMB_ALD_DTF > DATE '2023-01-01' OR year(IMB_ALD_DTF) = 1600)),
        stay AS (SELECT NIR_ANO_17 FROM (SELECT * FROM T_MCO22B JOIN T_MCO22C USING (ETA_NUM, RSA_NUM) UNION ALL BY NAME
            SELECT * FROM T_MCO23B JOIN T_MCO23C USING (ETA_NUM, RSA_NUM))
            WHERE regexp_matches(DGN_PAL, '^E1[0-4]') OR regexp_matches(DGN_REL, '^E1[0-4]'))
        SELECT DISTINCT b.BEN_IDT_ANO FROM IR_BEN_R b JOIN CT_IND_2023_GN USING (BEN_IDT_ANO)
        WHERE b.BEN_NIR_PSA IN (SELECT * FROM treated UNION SELECT * FROM status UNION SELECT * FROM stay)""")
    assert len(told) > 10
    assert {who for (who,) in told} == {who for (who,) in rows}


def test_the_two_tables_of_the_map_are_about_the_same_persons(mapped):
    assert mapped.count("SELECT count(*) FROM CT_IDE_2023_GN ANTI JOIN CT_IND_2023_GN USING (BEN_IDT_ANO)") == 0
    assert mapped.count("SELECT count(*) FROM CT_IND_2023_GN ANTI JOIN CT_IDE_2023_GN USING (BEN_IDT_ANO)") == 0
    assert mapped.count("SELECT count(*) - count(DISTINCT BEN_IDT_ANO) FROM CT_IND_2023_GN") == 0


def test_groups_are_made_of_their_parts(mapped):
    assert (
        mapped.count("""SELECT count(*) FROM CT_IND_2023_GN
        WHERE SUP_CAN_CAT <> greatest(SUP_CANACT_CAT, SUP_CANSUR_CAT)
        OR (TOP_FANTIHTA_MED = 1 AND (TOP_FDIABET_IND = 1 OR SUP_FANTIHTA_MED_NNEXCLU = 0))
        OR SUP_PETIT_CONSO = SUP_PATMATHOS_CAT""")
        == 0
    )
    assert mapped.count("SELECT count(*) FROM CT_IND_2023_GN WHERE SUP_CAN_CAT = 1") > 0


def test_rules_name_columns_of_the_table_and_come_after_what_they_exclude():
    columns = set(snds_table("CT_IND_AAAA_GN", 2022).column_names)
    known = {"TOP_RDIALYSE_IND"}
    for rule in top_rules():
        assert rule.top in columns
        assert set(rule.without) <= known, rule.top
        known.add(rule.top)
    for row in read_rows("disease_groups"):
        assert row["group"] in columns
        assert set(row["parts"].split()) <= known
        known.add(row["group"])
    assert all(re.match(r"TOP_|SUP_", name) for name in known)
