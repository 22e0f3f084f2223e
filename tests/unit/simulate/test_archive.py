"""IR_BEN_R_ARC: former pseudonyms that lead to persons of IR_BEN_R."""

from __future__ import annotations


def test_former_pseudonyms_are_found_again_by_the_anonymous_identifier(base):
    """The two steps of a public recipe: from a pseudonym to the person, from the person to every pseudonym."""
    every = """WITH every AS (SELECT BEN_NIR_PSA, BEN_IDT_ANO FROM IR_BEN_R
        UNION ALL SELECT BEN_NIR_PSA, BEN_IDT_ANO FROM IR_BEN_R_ARC)
        SELECT count(DISTINCT other.BEN_NIR_PSA) FROM every one JOIN every other USING (BEN_IDT_ANO)
        WHERE one.BEN_NIR_PSA IN (SELECT BEN_NIR_PSA FROM IR_BEN_R_ARC)"""
    archived = base.count("SELECT count(*) FROM IR_BEN_R_ARC")
    assert 10 < archived < 200
    assert base.count(every) == 2 * archived


def test_nobody_is_seen_under_an_archived_pseudonym(base):
    seen = "SELECT count(*) FROM {} WHERE BEN_NIR_PSA IN (SELECT BEN_NIR_PSA FROM IR_BEN_R_ARC)"
    for table in ("IR_BEN_R", "ER_PRS_F", "IR_IMB_R", "IR_MTT_R"):
        assert base.count(seen.format(table)) == 0
    assert base.count("SELECT count(*) FROM IR_BEN_R_ARC WHERE MAX_TRT_DTD >= DATE '2013-01-01'") == 0


def test_age_and_sex_are_those_of_the_person(base):
    query = """SELECT count(*) FROM IR_BEN_R_ARC a JOIN IR_BEN_R b USING (BEN_IDT_ANO)
        WHERE (a.BEN_SEX_COD, a.BEN_NAI_ANN) <> (b.BEN_SEX_COD, b.BEN_NAI_ANN)"""
    assert base.count(query) == 0
