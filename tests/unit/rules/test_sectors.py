"""Rules of the other fields of hospitals find the row at fault, within the file of one year."""

from __future__ import annotations

import pytest

from synth.rules import check_tables

PERSON = "BEN_NIR_PSA,BEN_DCD_DTE\nA,1600-01-01\nB,2022-03-10\n"
C_HEAD = "ETA_NUM,RHA_NUM,NIR_ANO_17,EXE_SOI_DTD,EXE_SOI_DTF"
S_HEAD = "ETA_NUM,RHA_NUM,SEJ_NBJ,PRE_JOU_NBR,NBR_RHA,ENT_MOD,ENT_PRV,SOR_MOD,SOR_DES"
B_HEAD = "ETA_NUM,RHA_NUM,RHS_NUM,MOI_ANN,JP_HWE,JP_WE,MOR_PRP,ETL_AFF,GRG_GME"
C_ROW = "1,1,A,2022-03-01,2022-03-04"
S_ROW = "1,1,3,3,1,8,,8,"
B_ROW = "1,1,001,032022,01110,00,I635,,0147A1"


def found(tmp_path, c=C_ROW, s=S_ROW, b=B_ROW, year="22"):
    tables = {
        "IR_BEN_R.csv": PERSON,
        f"T_SSR{year}C.csv": f"{C_HEAD}\n{c}\n",
        f"T_SSR{year}S.csv": f"{S_HEAD}\n{s}\n",
        f"T_SSR{year}B.csv": f"{B_HEAD}\n{b}\n",
    }
    for name, text in tables.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    return {finding.rule.name: finding for finding in check_tables(tmp_path)}


def test_a_good_stay_breaks_nothing(tmp_path):
    findings = found(tmp_path)
    assert not [name for name, finding in findings.items() if finding.status == "broken"]
    assert findings["SEJ_NBJ of T_SSRaaS"].rows == 1


@pytest.mark.parametrize(
    ("changed", "rule"),
    [
        ({"s": "1,1,5,3,1,8,,8,"}, "SEJ_NBJ of T_SSRaaS"),
        ({"s": "1,1,3,9,1,8,,8,"}, "days of presence"),
        ({"s": "1,1,3,3,2,8,,8,"}, "NBR_RHA counts T_SSRaaB"),
        ({"s": "1,1,3,3,1,7,,8,"}, "modes of SSR"),
        ({"s": "1,1,3,3,1,8,,5,"}, "modes of SSR"),
        ({"s": "1,2,3,3,1,8,,8,"}, "T_SSRaaS and T_SSRaaC hold the same stays"),
        ({"c": "1,1,A,2022-03-09,2022-03-04"}, "stays of SSR end after they start"),
        ({"c": "1,1,B,2022-03-11,2022-03-14"}, "no stay of SSR after death"),
        ({"b": "1,9,001,032022,01110,00,I635,,0147A1"}, "every row of T_SSRaaB has its patient"),
        ({"b": "1,1,001,032019,01110,00,I635,,0147A1"}, "weeks of the year, or of the year before"),
        ({"b": "1,1,001,032022,01110,00,I63.5,,0147A1"}, "diagnoses of rehabilitation"),
    ],
)
def test_a_stay_at_fault_is_found(tmp_path, changed, rule):
    finding = found(tmp_path, **changed)[rule]
    assert finding.faults
    assert finding.status == "broken"


def test_the_number_of_a_stay_holds_in_one_year_only(tmp_path):
    found(tmp_path, year="21", b=B_ROW.replace("032022", "032021"))
    findings = found(tmp_path)  # the same number the year after is another stay
    assert findings["NBR_RHA counts T_SSRaaB"].faults == 0
    assert findings["SEJ_NBJ of T_SSRaaS"].rows == 2


def test_a_transfer_that_leads_nowhere_is_found(tmp_path):
    (tmp_path / "T_MCO22B.csv").write_text("ETA_NUM,RSA_NUM,SOR_MOD,SOR_DES\n5,5,7,2\n", encoding="utf-8")
    (tmp_path / "T_MCO22C.csv").write_text(
        "ETA_NUM,RSA_NUM,NIR_ANO_17,EXE_SOI_DTD,EXE_SOI_DTF\n5,5,A,2022-02-01,2022-02-10\n", encoding="utf-8"
    )
    assert found(tmp_path)["sent to SSR"].faults == 1
    (tmp_path / "T_MCO22C.csv").write_text(
        "ETA_NUM,RSA_NUM,NIR_ANO_17,EXE_SOI_DTD,EXE_SOI_DTF\n5,5,A,2022-02-01,2022-03-01\n", encoding="utf-8"
    )
    assert found(tmp_path)["sent to SSR"].faults == 0


@pytest.mark.parametrize(
    ("name", "text", "rule"),
    [
        ("T_MCO22VALO.csv", "ETA_NUM,RSA_NUM,VALO\n1,1,9\n", "state of value"),
        ("T_MCO22FB.csv", "ETA_NUM,RSA_NUM,AMO_MNR,REM_BAS,REM_TAU\n1,1,90,100,80\n", "refund of private stays"),
        ("T_MCO22STC.csv", "ETA_NUM,RSA_NUM,TOT_MNT_AM,REM_BAS_MNT,REM_TAU\n1,1,90,80,80\n", "cover of stays"),
        ("T_MCO22MED.csv", "ETA_NUM,RSA_NUM,UCD_UCD_COD\n1,1,9261110\n", "code of medicines, T_MCOaaMED"),
        (
            "T_HAD22GRP.csv",
            "ETA_NUM_EPMSI,RHAD_NUM,SEQ_NUM,SSEQ_NUM,GHT_NUM\n1,1,01,001,99\n",
            "error groups of home care",
        ),
    ],
)
def test_a_table_alone_is_judged(tmp_path, name, text, rule):
    (tmp_path / name).write_text(text, encoding="utf-8")
    finding = {one.rule.name: one for one in check_tables(tmp_path)}[rule]
    assert (finding.rows, finding.faults, finding.status) == (1, 1, "broken")
