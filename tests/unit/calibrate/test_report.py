"""The report: figures beside the published ones, on any subset of tables."""

from __future__ import annotations

import pytest

from synth.calibrate import Figure, calibrate_tables
from synth.calibrate.hospital import spearman
from synth.calibrate.page import render
from synth.calibrate.words import lines
from synth.core.errors import UserError

BEN = "BEN_NIR_PSA,BEN_RNG_GEM,BEN_IDT_ANO,BEN_SEX_COD,BEN_NAI_ANN,BEN_DCD_DTE"
B = "ETA_NUM,RSA_NUM,GRG_GHM,SEJ_NBJ,DGN_PAL,DGN_REL,COD_SEX"
C = "ETA_NUM,RSA_NUM,NIR_ANO_17,EXE_SOI_DTD"
A = "ETA_NUM,RSA_NUM,CDC_ACT"


def write(folder, name, header, *rows):
    (folder / name).write_text("\n".join([header, *rows, ""]), encoding="utf-8")


def figures(folder, **options):
    return {figure.name: figure for figure in calibrate_tables(folder, **options).figures}


@pytest.mark.parametrize(
    ("generated", "kind", "n", "status"),
    [
        (1.05, "within", 1000, "holds"),
        (1.3, "within", 1000, "outside"),
        (1.3, "within", 10, "chance"),
        (0.5, "at most", 1000, "outside"),
        (0.5, "at least", 1000, "holds"),
        (0.5, "none", 1000, "shown"),
        (None, "within", None, "not computed"),
    ],
)
def test_a_figure_says_whether_it_is_inside_its_bound(generated, kind, n, status):
    assert Figure("g", "f", 1.0, generated, kind, 0.1, n).status == status


def test_many_events_of_few_persons_may_be_chance():
    assert Figure("g", "f", 1.0, 1.3, "within", 0.1, 10_000, persons=100).status == "chance"
    assert Figure("g", "f", 1.0, 1.3, "within", 0.1, 10_000, persons=10_000).status == "outside"


def test_ranks_of_ties_are_shared():
    import numpy as np

    assert spearman(np.array([3.0, 2.0, 1.0]), np.array([9.0, 5.0, 1.0])) == pytest.approx(1)
    assert spearman(np.array([1.0, 2.0, 3.0, 4.0]), np.array([1.0, 1.0, 2.0, 2.0])) == pytest.approx(0.894427)
    assert spearman(np.array([1.0, 2.0]), np.array([1.0, 1.0])) == 0


def test_stays_are_counted_without_sessions(tmp_path):
    rows = ["1,1,05M091,6,I500,,1", "1,2,05M091,0,I500,,2", "1,3,28Z04Z,0,Z491,N185,1"]
    write(tmp_path, "T_MCO22B.csv", B, *rows)
    found = figures(tmp_path)
    assert found["without a night"].generated == 50
    assert found["mean nights of the others"].generated == 6
    assert found["Persons by sex and five-year age on the first day"].note == "needs IR_BEN_R"


def test_stays_in_psychiatry_are_uneven_as_the_few_persons_who_come_again(tmp_path):
    write(tmp_path, "IR_BEN_R.csv", BEN, *(f"p{n},1,p{n},1,1960,1600-01-01" for n in range(1000)))
    # 12 stays a thousand persons are published; here two persons have nine each
    write(tmp_path, "T_RIP22C.csv", "ETA_NUM_EPMSI,RIP_NUM,NIR_ANO_17", *(f"1,{n},p{n % 2}" for n in range(18)))
    found = figures(tmp_path, years=(2022, 2022))["stays in psychiatry"]
    assert (found.n, found.persons, found.status) == (18, 2, "chance")


def test_years_are_those_of_the_hospital_tables_or_those_asked_for(tmp_path):
    write(tmp_path, "T_MCO21B.csv", B, "1,1,05M091,6,I500,,1")
    write(tmp_path, "T_MCO22B.csv", B, "1,1,05M091,6,I500,,1")
    assert calibrate_tables(tmp_path).years == (2021, 2022)
    assert calibrate_tables(tmp_path, (2019, 2020)).years == (2019, 2020)


def test_years_that_no_table_tells_are_asked_for(tmp_path):
    write(tmp_path, "IR_BEN_R.csv", BEN, "a,1,a,1,1960,1600-01-01")
    with pytest.raises(UserError, match="which years"):
        calibrate_tables(tmp_path)
    assert figures(tmp_path, years=(2021, 2023))["men 60-64"].n == 1


def test_deaths_are_compared_with_those_expected_of_the_persons_there(tmp_path):
    rows = [f"p{i},1,p{i},1,1931,{'2021-05-01' if i < 9 else '1600-01-01'}" for i in range(100)]
    write(tmp_path, "IR_BEN_R.csv", BEN, *rows)
    found = figures(tmp_path, years=(2021, 2021))["men 80-89"]
    assert found.generated == 9
    assert found.published == pytest.approx(17, abs=4)  # a man of 89 has about one chance in six to die in the year
    assert found.kind == "none"


def test_hospital_numbers_of_two_years_are_not_the_same_stay(tmp_path):
    """Surgery in 2021 and chemotherapy in 2022 share a number: the order must still be told by the dates."""
    for year, ghm, day in (("21", "09C04J", "2021-03-01"), ("22", "28Z07Z", "2022-01-01")):
        write(tmp_path, f"T_MCO{year}B.csv", B, f"1,1,{ghm},0,C509,,2")
        write(tmp_path, f"T_MCO{year}C.csv", C, f"1,1,p,{day}")
        write(tmp_path, f"T_MCO{year}A.csv", A, *(["1,1,QEFA001"] if year == "21" else []))
    found = figures(tmp_path)["breast cancer: surgery comes before other treatments"]
    assert (found.n, found.generated) == (1, 1.0)


def test_care_of_the_wrong_sex_is_seen(tmp_path):
    write(tmp_path, "T_MCO22B.csv", B, "1,1,14Z14A,3,O800,,2", "1,2,14Z14A,3,O800,,1", "1,3,12C11,3,C61,,1")
    assert figures(tmp_path)["diagnoses of one sex on patients of that sex"].generated == pytest.approx(2 / 3)


def test_the_report_reads_in_text_and_as_a_page(tmp_path):
    write(tmp_path, "T_MCO22B.csv", B, "1,1,05M091,6,I500,,1", "1,2,05M091,0,J440,,2", "1,3,28Z04Z,0,Z491,N185,1")
    report = calibrate_tables(tmp_path)
    text, page = "\n".join(lines(report)), render(report)
    assert "without a night" in text and "not computed: needs IR_BEN_R" in text
    assert "I500" not in text and "I500" in "\n".join(lines(report, everything=True))
    assert page.count("<svg") >= 2 and "<script" not in page and "http" not in page
