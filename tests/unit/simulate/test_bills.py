"""What hospital stays cost: value and cover of public ones, invoices of private ones, and the same in the DCIR."""

from __future__ import annotations

from dataclasses import replace

import pytest

from synth.core.errors import UserError
from synth.simulate.billing import costly_drugs, costly_of
from synth.simulate.block import simulate_block
from synth.simulate.conditions import Window
from synth.simulate.tables import read_rows
from tests.unit.simulate.conftest import Base, make_base

LINE = """ER_PRS_F p JOIN ER_ETE_F e USING (DCT_ORD_NUM, FLX_DIS_DTD, FLX_EMT_NUM, FLX_EMT_ORD, FLX_EMT_TYP,
    FLX_TRT_DTD, ORG_CLE_NUM, PRS_ORD_NUM, REM_TYP_AFF)"""


@pytest.fixture(scope="module")
def bills() -> Base:
    """Every table of a year."""
    return make_base(1000, (2022, 2022), 9, tables="all")


def test_each_stay_is_valued_or_invoiced_once(bills):
    stays = bills.count("SELECT count(*) FROM T_MCO22B")
    both = "SELECT ETA_NUM, RSA_NUM FROM T_MCO22VALO UNION ALL SELECT ETA_NUM, RSA_NUM FROM T_MCO22FA"
    assert bills.count(f"SELECT count(*) FROM ({both})") == stays
    assert bills.count(f"SELECT count(*) FROM (SELECT DISTINCT * FROM ({both}))") == stays
    assert bills.count("SELECT count(*) FROM T_MCO22STC") == bills.count("SELECT count(*) FROM T_MCO22VALO")


def test_what_is_paid_adds_up(bills):
    assert bills.count("SELECT count(*) FROM T_MCO22VALO WHERE MT_TOT_BR < MT_GHS_BR OR MT_TOT_AM < MT_GHS_AM") == 0
    wrong = "abs(REM_BAS_MNT - TOT_MNT_AM - FAC_MNT_TM) > 0.01"
    assert bills.count(f"SELECT count(*) FROM T_MCO22STC WHERE {wrong}") == 0
    assert bills.count("SELECT count(DISTINCT REM_TAU) FROM T_MCO22STC") == 2


def test_the_daily_charge_is_for_those_who_stay_the_night(bills):
    stays = "T_MCO22STC JOIN T_MCO22B USING (ETA_NUM, RSA_NUM)"
    assert bills.count(f"SELECT count(*) FROM {stays} WHERE FAC_MNT_FJ > 0 AND coalesce(SEJ_NBJ, 0) = 0") == 0
    assert bills.count(f"SELECT count(*) FROM {stays} WHERE FAC_MNT_FJ > 0 AND FAC_MNT_FJ % 20 <> 0") == 0
    assert bills.count(f"SELECT count(*) FROM {stays} WHERE FAC_MNT_FJ = 20 * (SEJ_NBJ + 1) AND SOR_MOD = '8'") > 20


def test_private_stays_and_fees_are_in_the_dcir(bills):
    for natures, table in (("2111", "T_MCO22FB WHERE ACT_COD = 'GHS'"), ("1321, 1323, 1352", "T_MCO22FC")):
        in_claims = bills.count(
            f"SELECT sum(sign(PRS_ACT_QTE)) FROM {LINE} WHERE PRS_NAT_REF IN ({natures}) AND ETE_IND_TAA = 2"
        )
        assert in_claims == bills.count(f"SELECT count(*) FROM {table}")


def test_costly_medicines_come_with_the_stays_that_give_them(bills):
    given = """SELECT ETA_NUM, RSA_NUM, UCD_UCD_COD FROM T_MCO22MED
        UNION ALL SELECT ETA_NUM, RSA_NUM, UCD_UCD_COD FROM T_MCO22FH"""
    assert bills.count(f"SELECT count(*) FROM ({given})") > 5
    known = {f"000000{drug.ucd}" for drug in costly_drugs().values()}
    assert {row[0] for row in bills.sql(f"SELECT DISTINCT UCD_UCD_COD FROM ({given})")} <= known
    groups = bills.sql(f"SELECT DISTINCT GRG_GHM FROM ({given}) JOIN T_MCO22B USING (ETA_NUM, RSA_NUM)")
    assert {code[:5] for (code,) in groups} <= {"28Z07", "23M09"}


def test_outpatient_passages_have_one_head_each(bills):
    assert bills.count("SELECT count(*) FROM T_MCO22FASTC") == bills.count("SELECT count(*) FROM T_MCO22CSTC")
    fees = """SELECT count(*) FROM (SELECT SEQ_NUM, ETA_NUM, any_value(h.HON_MNT) AS told, sum(c.HON_MNT) AS found
        FROM T_MCO22FASTC h JOIN T_MCO22FCSTC c USING (ETA_NUM, SEQ_NUM) GROUP BY ALL) WHERE abs(told - found) > 0.01"""
    assert bills.count(fees) == 0


def test_outpatient_care_is_worth_what_it_is_billed(bills):
    joined = "T_MCO22VALOACE v JOIN T_MCO22FASTC f USING (ETA_NUM, SEQ_NUM)"
    assert bills.count(f"SELECT count(*) FROM {joined}") == bills.count("SELECT count(*) FROM T_MCO22CSTC") > 100
    wrong = (
        "abs(MNT_REMB - PH_AMO_MNR - HON_AM_MNR) > 0.01 OR abs(MNT_BR - MNT_BR_ATU - MNT_BR_CCAM - MNT_BR_NGAP) > 0.01"
    )
    assert bills.count(f"SELECT count(*) FROM {joined} WHERE {wrong}") == 0


def test_a_person_keeps_the_same_costly_medicine():
    block = simulate_block(9, 0, Window(2021, 2023), 1000)
    codes = costly_of(block.stays, block.persons, 9)
    found: dict[tuple[int, int], set[str]] = {}
    for who, plan, code in zip(block.stays.person.tolist(), block.stays.plan.tolist(), codes.tolist(), strict=True):
        if code:
            found.setdefault((who, plan), set()).add(code)
    assert found
    assert all(len(codes) == 1 for codes in found.values())


def test_lines_of_costly_medicines_have_the_price_of_the_table():
    lines = {row["name"]: row for row in read_rows("care_lines")}
    for atc, drug in costly_drugs().items():
        line = lines[f"costly_{atc}"]
        assert (float(line["base"]), line["code"], line["nat"]) == (drug.price, drug.ucd, "3320")


def test_a_costly_medicine_nobody_knows_is_refused():
    block = simulate_block(9, 0, Window(2021, 2021), 200)
    plans = [plan for plan in block.stays.plans if plan.costly]

    wrong = replace(plans[0], costly={"X99XX99": 1.0})
    with pytest.raises(UserError):
        costly_of(replace(block.stays, plans=(wrong, *block.stays.plans[1:])), block.persons, 9)
