"""A base as the community's tools open and query it: sndsTools (R) on DuckDB, pysnds (Python) on SQLite.

Tables, columns, filters and how literals are written follow their public documentation: R writes numbers as 1.0, tests
text return codes against numbers, and takes a month of flux at a time; pysnds compares dates as text.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from synth.commands.simulate import command

PERSONS = 1000
K9 = """DCT_ORD_NUM FLX_DIS_DTD FLX_EMT_NUM FLX_EMT_ORD FLX_EMT_TYP FLX_TRT_DTD ORG_CLE_NUM PRS_ORD_NUM
    REM_TYP_AFF""".split()
USING = f"({', '.join(K9)})"


def _simulate(out: Path, form: str, tables: str) -> Path:
    arguments = f"snds --persons {PERSONS} --years 2021-2022 --seed 11 --tables {tables} --format {form}".split()
    result = CliRunner().invoke(command, [*arguments, "--out", str(out)])
    assert result.exit_code == 0, result.output
    return out


@pytest.fixture(scope="module")
def portal(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """An in-memory DuckDB that imported the base, with the list of archives that the R package makes itself."""
    import duckdb

    out = _simulate(tmp_path_factory.mktemp("r") / "synthetic snds", "duckdb-export", "core")
    database = duckdb.connect(config={"threads": 1})
    database.execute("CREATE TABLE user_synonyms AS SELECT 'ER_PRS_F_2012' AS SYNONYM_NAME")
    database.execute(f"IMPORT DATABASE '{out}'")
    return database


@pytest.fixture(scope="module")
def sqlite(tmp_path_factory: pytest.TempPathFactory) -> sqlite3.Connection:
    """A SQLite file of the tables that pysnds reads."""
    tables = "IR_BEN_R,IR_PHA_R,ER_PRS_F,ER_CAM_F,ER_PHA_F,T_MCOaaA,T_MCOaaB,T_MCOaaC,T_MCOaaD,T_MCOaaMED,T_MCOaaFH"
    return sqlite3.connect(_simulate(tmp_path_factory.mktemp("py") / "base.sqlite", "sqlite", tables))


def _number(database: Any, query: str) -> float:
    return float(database.execute(query).fetchall()[0][0] or 0)


def test_tables_are_named_as_on_the_portal(portal: Any) -> None:
    names = {row[0] for row in portal.execute("SELECT table_name FROM duckdb_tables()").fetchall()}
    assert {"IR_BEN_R", "IR_BEN_R_ARC", "IR_PHA_R", "ER_PRS_F", "T_MCO21B", "T_MCO22CSTC", "KI_ECD_R"} <= names
    types = dict(
        portal.execute(
            "SELECT column_name, data_type FROM duckdb_columns() WHERE table_name IN ('T_MCO21B', 'ER_PRS_F')"
        ).fetchall()
    )
    assert {types["ETA_NUM"], types["RSA_NUM"], types["BEN_NIR_PSA"]} == {"VARCHAR"}
    assert (types["EXE_SOI_DTD"], types["BSE_REM_MNT"], types["PRS_NAT_REF"]) == ("DATE", "DECIMAL(11,2)", "INTEGER")


def test_consultations(portal: Any) -> None:
    """By year of care and flux, of general practitioners and of cardiologists."""
    query = """SELECT sum(PRS_ACT_QTE) FROM (SELECT DISTINCT BEN_NIR_PSA, EXE_SOI_DTD, PSE_SPE_COD, PFS_EXE_NUM,
        PRS_NAT_REF, PRS_ACT_QTE, BEN_RNG_GEM FROM "ER_PRS_F"
        WHERE EXE_SOI_DTD BETWEEN DATE '2021-01-01' AND DATE '2021-12-31'
        AND FLX_DIS_DTD BETWEEN DATE '2021-02-01' AND DATE '2022-06-01'
        AND (DPN_QLF <> 71.0 OR (DPN_QLF IS NULL)) AND (PRS_DPN_QLP <> 71.0 OR (PRS_DPN_QLP IS NULL))
        AND CPL_MAJ_TOP < 2.0 AND CPL_AFF_COD <> 16.0 AND PRS_ACT_QTE > 0.0
        AND PRS_NAT_REF IN (1111.0, 1112.0, 1114.0, 1211.0) AND PSE_SPE_COD IN ({}))"""
    general, cardiologists = _number(portal, query.format("1.0, 22.0, 23.0")), _number(portal, query.format("3.0"))
    assert 2.5 < general / PERSONS < 6.5
    assert 0.01 < cardiologists / PERSONS < 0.5


@pytest.mark.parametrize(("atc", "low", "high"), [("A10", 0.03, 0.12), ("C0", 0.1, 0.4), ("N02BE", 0.3, 0.9)])
def test_drugs_a_month_of_flux_at_a_time(portal: Any, atc: str, low: float, high: float) -> None:
    months = [(2021 + at // 12, at % 12 + 1) for at in range(18)]
    patients: set[str] = set()
    for year, month in months:
        after = f"{year + month // 12}-{month % 12 + 1:02d}-01"
        rows = portal.execute(
            f"""SELECT DISTINCT BEN_NIR_PSA, EXE_SOI_DTD, PHA_ACT_QSN, PHA_ATC_CLA, PHA_PRS_C13, PSP_SPE_COD
            FROM "ER_PRS_F" INNER JOIN "ER_PHA_F" USING {USING}
            INNER JOIN (SELECT PHA_CIP_C13, PHA_ATC_CLA FROM IR_PHA_R WHERE (PHA_ATC_CLA LIKE '{atc}%')) AS drugs
            ON PHA_PRS_C13 = PHA_CIP_C13 LEFT JOIN "ER_ETE_F" USING {USING}
            WHERE EXE_SOI_DTD >= DATE '2021-01-01' AND EXE_SOI_DTD <= DATE '2021-12-31'
            AND FLX_DIS_DTD >= DATE '{year}-{month:02d}-01' AND FLX_DIS_DTD < DATE '{after}'
            AND DPN_QLF <> 71 AND ((ETE_IND_TAA <> 1) OR (ETE_IND_TAA IS NULL))"""
        ).fetchall()
        patients.update(row[0] for row in rows)
    assert low < len(patients) / PERSONS < high


def test_hospital_drugs(portal: Any) -> None:
    """Dispensed by hospitals, each with the hospital that billed it."""
    query = f"""SELECT count(*) FROM "ER_PRS_F" INNER JOIN "ER_UCD_F" USING {USING} INNER JOIN "ER_ETE_F" USING {USING}
        WHERE NOT (DPN_QLF IN (71.0, 72.0)) AND CPL_MAJ_TOP < 2 AND BEN_CDI_NIR IN ('00', '03', '04')
        AND ETE_IND_TAA <> 1.0"""
    assert _number(portal, query) > 0


def test_long_term_diseases(portal: Any) -> None:
    """Those in force, natures compared as text; statuses without an end (1600) are lost, as on the portal."""
    query = """SELECT count(DISTINCT BEN_NIR_PSA) FROM IR_IMB_R WHERE IMB_ALD_DTD <= DATE '2021-12-31'
        AND IMB_ALD_DTF >= DATE '2021-01-01' AND NOT (IMB_ETM_NAT IN ('11', '12', '13')) {}"""
    every, diabetes = (_number(portal, query.format(more)) for more in ("", "AND MED_MTF_COD LIKE 'E1%'"))
    assert 0.08 < every / PERSONS < 0.3
    assert 0.15 < diabetes / every < 0.45


@pytest.mark.parametrize(("icd", "low", "high"), [("", 0.1, 0.6), ("I", 0.003, 0.08), ("Z", 0.02, 0.5)])
def test_stays(portal: Any, icd: str, low: float, high: float) -> None:
    """Return codes are text that R compares with the number 0; groups with 90 in them and doubles are left out."""
    codes = " AND ".join(f"({code}_RET = 0.0)" for code in "NIR NAI SEX SEJ FHO PMS DAT COH_NAI COH_SEX".split())
    query = f"""SELECT count(*) FROM (SELECT DISTINCT NIR_ANO_17, EXE_SOI_DTD, EXE_SOI_DTF, ETA_NUM, RSA_NUM, SEJ_NUM,
        SEJ_NBJ, NBR_DGN, NBR_RUM, NBR_ACT, ENT_MOD, ENT_PRV, SOR_MOD, SOR_DES, DGN_PAL, DGN_REL, GRG_GHM, BDI_DEP,
        BDI_COD, COD_SEX, AGE_ANN, AGE_JOU
        FROM T_MCO21B INNER JOIN T_MCO21C USING (ETA_NUM, RSA_NUM)
        INNER JOIN (SELECT ETA_NUM, RSA_NUM FROM T_MCO21B WHERE DGN_PAL LIKE '{icd}%' UNION
            SELECT ETA_NUM, RSA_NUM FROM T_MCO21D WHERE ASS_DGN LIKE '{icd}%' UNION
            SELECT ETA_NUM, RSA_NUM FROM T_MCO21UM WHERE DGN_PAL LIKE '{icd}%') USING (ETA_NUM, RSA_NUM)
        WHERE EXE_SOI_DTD >= DATE '2021-01-01' AND EXE_SOI_DTD <= DATE '2021-12-31' AND {codes}
        AND NOT (GRG_GHM LIKE '%90%') AND NOT (ETA_NUM IN ('750041543', '690783154')))"""
    assert low < _number(portal, query) / PERSONS < high


def test_outpatient_consultations(portal: Any) -> None:
    """With the fees and acts of each passage."""
    query = """SELECT count(*) FROM (SELECT DISTINCT NIR_ANO_17, EXE_SOI_DTD, CCAM_COD, ACT_COD, EXE_SPE FROM
        (SELECT DISTINCT ETA_NUM, SEQ_NUM, NIR_ANO_17, EXE_SOI_DTD FROM T_MCO22CSTC WHERE NIR_RET = '0'
            AND NAI_RET = '0' AND SEX_RET = '0' AND ENT_DAT_RET = '0' AND IAS_RET = '0'
            AND EXE_SOI_DTD <= DATE '2022-12-31' AND EXE_SOI_DTD >= DATE '2022-01-01')
        LEFT JOIN (SELECT DISTINCT ETA_NUM, SEQ_NUM, CCAM_COD FROM T_MCO22FMSTC) USING (ETA_NUM, SEQ_NUM)
        {} JOIN (SELECT ETA_NUM, SEQ_NUM, ACT_COD, EXE_SPE FROM T_MCO22FCSTC {}) USING (ETA_NUM, SEQ_NUM))"""
    every = _number(portal, query.format("LEFT", ""))
    cardiology = _number(portal, query.format("INNER", "WHERE EXE_SPE IN ('03')"))
    assert 0.3 < every / PERSONS < 2.5
    assert 0 < cardiology < every


def test_deaths(portal: Any) -> None:
    """One row a code: the initial cause, then the others."""
    dated = "BEN_DCD_DTE >= DATE '2021-01-01' AND BEN_DCD_DTE <= DATE '2022-12-31' AND NOT (BEN_IDT_ANO IS NULL)"
    initial = f"SELECT DISTINCT BEN_IDT_ANO, DCD_CIM_COD AS CIM_COD FROM KI_CCI_R WHERE {dated}"
    other = f"SELECT DISTINCT BEN_IDT_ANO, ECD_CIM_COD AS CIM_COD FROM KI_ECD_R WHERE {dated}"
    dead = _number(portal, f"SELECT count(DISTINCT BEN_IDT_ANO) FROM ({initial})")
    codes = _number(
        portal, f"SELECT count(*) FROM ({other}) AS o ANTI JOIN ({initial}) AS i USING (BEN_IDT_ANO, CIM_COD)"
    )
    assert 5 < dead < 45
    assert 0 < codes < 4 * dead


def test_every_pseudonym_of_a_person(portal: Any) -> None:
    query = """SELECT count(*), count(DISTINCT BEN_IDT_ANO) FROM (SELECT BEN_IDT_ANO, BEN_NIR_PSA FROM IR_BEN_R
        UNION ALL SELECT BEN_IDT_ANO, BEN_NIR_PSA FROM IR_BEN_R_ARC)"""
    pseudonyms, persons = portal.execute(query).fetchall()[0]
    assert PERSONS <= persons < pseudonyms < 1.2 * persons


def test_pysnds_drugs_by_month_of_flux(sqlite: sqlite3.Connection) -> None:
    """Codes and dates are given as text, the flux as the first of a month."""
    on = " AND ".join(f"A.{name} = D.{name}" for name in K9)
    codes = [row[0] for row in sqlite.execute("SELECT PHA_CIP_C13 FROM IR_PHA_R WHERE PHA_ATC_CLA LIKE 'C09%'")]
    listed = ", ".join(f"'{code}'" for code in codes)
    patients: set[str] = set()
    for month in [f"2021-{month:02d}-01" for month in range(2, 13)]:
        query = f"""SELECT DISTINCT B.BEN_IDT_ANO, A.EXE_SOI_DTD, D.PHA_PRS_C13, E.PHA_ATC_CLA, E.PHA_ATC_C03
            FROM ER_PRS_F A INNER JOIN IR_BEN_R B
            ON (A.BEN_NIR_PSA = B.BEN_NIR_PSA AND A.BEN_RNG_GEM = B.BEN_RNG_GEM)
            INNER JOIN ER_PHA_F D ON ({on}) LEFT JOIN IR_PHA_R E ON D.PHA_PRS_C13 = E.PHA_CIP_C13
            WHERE D.PHA_PRS_C13 IN ({listed}) AND A.FLX_DIS_DTD = '{month}'
            AND A.EXE_SOI_DTD BETWEEN '2021-01-01' AND '2021-12-31'"""
        rows = sqlite.execute(query).fetchall()
        assert all(row[1][:4] == "2021" and row[3].startswith("C09") and row[4] == "C09" for row in rows)
        patients.update(row[0] for row in rows)
    assert 0.05 < len(patients) / PERSONS < 0.3


def test_pysnds_acts_and_diagnoses_of_stays(sqlite: sqlite3.Connection) -> None:
    stays = """SELECT DISTINCT C.BEN_IDT_ANO, {} FROM T_MCO21{} B
        INNER JOIN T_MCO21C A ON B.ETA_NUM = A.ETA_NUM AND B.RSA_NUM = A.RSA_NUM
        INNER JOIN IR_BEN_R C ON A.NIR_ANO_17 = C.BEN_NIR_PSA
        WHERE A.EXE_SOI_DTD BETWEEN '2021-01-01' AND '2021-12-31' AND {}"""
    acts = sqlite.execute(stays.format("B.CDC_ACT, B.ENT_DAT_DEL", "A", "length(B.CDC_ACT) = 7")).fetchall()
    cancers = sqlite.execute(stays.format("B.DGN_PAL", "B", "B.DGN_PAL LIKE 'Z511%'")).fetchall()
    associated = sqlite.execute(stays.format("B.ASS_DGN", "D", "B.ASS_DGN > ''")).fetchall()
    assert len(acts) > 20
    assert 0 < len(cancers) < PERSONS / 5
    assert len(associated) > 20


def test_pysnds_acts_in_town(sqlite: sqlite3.Connection) -> None:
    """CCAM codes are padded to 13 characters in the claims."""
    on = " AND ".join(f"A.{name} = B.{name}" for name in K9)
    code = sqlite.execute("SELECT CAM_PRS_IDE FROM ER_CAM_F GROUP BY 1 ORDER BY count(*) DESC").fetchone()[0]
    query = f"SELECT count(*) FROM ER_CAM_F A INNER JOIN ER_PRS_F B ON {on} WHERE A.CAM_PRS_IDE IN ('{code}')"
    assert len(code) == 13
    assert sqlite.execute(query).fetchone()[0] > 20


def test_pysnds_medicines_by_their_dispensing_unit(sqlite: sqlite3.Connection) -> None:
    """From an ATC code to the UCD codes by which hospitals know it: the last seven digits of theirs."""
    query = "SELECT count(*), count(PHA_CIP_UCD), min(PHA_CIP_UCD), max(PHA_CIP_UCD) FROM IR_PHA_R"
    presentations, known, least, most = sqlite.execute(query).fetchone()
    assert known > presentations / 2
    assert 9_000_000 <= least < most <= 9_999_999
