"""CREATE TABLE statements: databases take them, and the rows made for the same catalog."""

from __future__ import annotations

import sqlite3
import tempfile
from pathlib import Path

import duckdb
import pytest

from synth.core.catalog import Catalog, Column, ForeignKey, Table
from synth.core.snds import snds_catalog
from synth.fixtures.make import make_fixture
from synth.fixtures.source import setting_of
from synth.fixtures.writers import sql_bytes
from synth.schema_export.dialects import DIALECTS
from synth.schema_export.sql import sql_ddl
from tests.unit.schema_export.postgres import postgres_binaries, postgres_server


def _odd_catalog() -> Catalog:
    """Names and types that need care."""
    person = Table(
        "l'assuré",
        (
            Column("case.id", "string", "key", nullable=False, maximum_length=12),
            Column('say "hi"', "integer", "key", nullable=False),
            Column("select", "boolean"),
            Column("né le", "date"),
            Column("huge", "integer", maximum=10.0**17),
            Column("amount", "number", scale=2),
            Column("when", "datetime"),
            Column("at", "time"),
            Column("month", "yearmonth"),
            Column("year", "year"),
            Column("email", "string", unique=True, nullable=False),
        ),
        ("case.id",),
        unique_keys=(('say "hi"',),),
        title="Two\nlines; -- and a dash",
    )
    visit = Table(
        "visit",
        (
            Column("who", "string", "key", maximum_length=12),
            Column("n", "integer", "key", nullable=False),
            Column("previous", "integer", "key"),
            Column("other", "integer", "key"),
            Column("born", "date"),
        ),
        ("n",),
        (
            ForeignKey(("who",), "l'assuré", ("case.id",)),
            ForeignKey(("previous",), "visit", ("n",)),
            ForeignKey(("other",), "l'assuré", ('say "hi"',)),
            ForeignKey(("born",), "l'assuré", ("né le",)),
        ),
    )
    return Catalog((visit, person))


def _inserts(catalog: Catalog, count: int, year: int | None = None) -> str:
    made = make_fixture(catalog, catalog.table_names, count, 1, setting_of(year))
    return "".join(sql_bytes(rows).decode() for rows in made.values())


def test_parents_come_first_and_a_link_to_no_key_is_a_comment_with_the_reason() -> None:
    text = sql_ddl(_odd_catalog(), "duckdb")

    assert text.index("""CREATE TABLE "l'assuré\"""") < text.index('CREATE TABLE "visit"')
    assert 'UNIQUE ("say ""hi""")' in text
    assert 'FOREIGN KEY ("previous") REFERENCES "visit" ("n")' in text
    assert (
        """-- not enforced: ("born") refers to "l'assuré" ("né le"): those columns are not a declared key of l'assuré"""
    ) in text
    assert "-- Two lines; -- and a dash\n" in text


def test_a_link_between_different_types_is_a_comment() -> None:
    parent = Table("a", (Column("id", "string", "key", nullable=False),), ("id",))
    child = Table("b", (Column("ref", "integer", "key"),), (), (ForeignKey(("ref",), "a", ("id",)),))

    for dialect in DIALECTS:
        assert "ref and id differ in type" in sql_ddl(Catalog((parent, child)), dialect)


def test_columns_of_a_key_given_in_another_order_are_put_in_its_order() -> None:
    parent = Table("a", (Column("x", nullable=False), Column("y", nullable=False)), ("x", "y"))
    child = Table("b", (Column("p"), Column("q")), (), (ForeignKey(("p", "q"), "a", ("y", "x")),))

    text = sql_ddl(Catalog((parent, child)), "duckdb")

    assert 'FOREIGN KEY ("q", "p") REFERENCES "a" ("x", "y")' in text
    duckdb.connect().execute(text)


@pytest.mark.parametrize("year", range(2015, 2025))
def test_duckdb_takes_the_core_catalog_of_each_year(year: int) -> None:
    connection = duckdb.connect()

    connection.execute(sql_ddl(snds_catalog("core", year), "duckdb"))

    assert len(connection.execute("SHOW TABLES").fetchall()) >= 25


@pytest.mark.parametrize("year", [2015, 2024])
def test_duckdb_takes_the_rows_of_the_core_catalog(year: int) -> None:
    catalog = snds_catalog("core", year)
    connection = duckdb.connect()

    connection.execute(sql_ddl(catalog, "duckdb"))
    connection.execute(_inserts(catalog, 5, year))

    assert connection.execute('SELECT count(*) FROM "ER_PRS_F"').fetchall() == [(5,)]


@pytest.mark.parametrize("year", range(2015, 2025))
def test_sqlite_takes_the_core_catalog_and_its_rows(year: int) -> None:
    catalog = snds_catalog("core", year)
    connection = sqlite3.connect(":memory:")
    connection.execute("PRAGMA foreign_keys = ON")

    connection.executescript(sql_ddl(catalog, "sqlite"))
    connection.executescript(_inserts(catalog, 10, year))

    assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
    connection.close()


@pytest.mark.parametrize(("selection", "year"), [("all", 2022), ("historical", 2014)])
def test_every_other_table_is_taken_too(selection: str, year: int) -> None:
    catalog = snds_catalog(selection, year)

    duckdb.connect().execute(sql_ddl(catalog, "duckdb"))
    sqlite3.connect(":memory:").executescript(sql_ddl(catalog, "sqlite"))


def test_duckdb_and_sqlite_take_odd_names_and_every_type() -> None:
    catalog = _odd_catalog()
    inserts = _inserts(catalog, 30)
    lite = sqlite3.connect(":memory:")
    lite.execute("PRAGMA foreign_keys = ON")

    duckdb.connect().execute(sql_ddl(catalog, "duckdb") + inserts)
    lite.executescript(sql_ddl(catalog, "sqlite") + inserts)

    assert lite.execute("SELECT count(*) FROM visit").fetchone() == (30,)
    lite.close()


def test_an_orphan_is_refused_by_the_exported_keys() -> None:
    lite = sqlite3.connect(":memory:")
    lite.execute("PRAGMA foreign_keys = ON")
    lite.executescript(sql_ddl(_odd_catalog(), "sqlite"))

    with pytest.raises(sqlite3.IntegrityError):
        lite.execute("""INSERT INTO visit (who, n) VALUES ('nobody', 1)""")
    lite.close()


def test_postgresql_takes_both_catalogs_and_their_rows() -> None:
    binaries = postgres_binaries()
    if binaries is None:
        pytest.skip("PostgreSQL is not installed (Debian package postgresql)")
    core = snds_catalog("core", 2022)
    # a socket's path must be short: not under pytest's own folder
    with tempfile.TemporaryDirectory(prefix="pg", dir="/tmp") as name, postgres_server(binaries, Path(name)) as sql:
        sql("".join(sql_ddl(snds_catalog("core", year), "postgres") + _drop(year) for year in range(2015, 2025)))
        sql(sql_ddl(core, "postgres") + _inserts(core, 20, 2022))
        sql(sql_ddl(_odd_catalog(), "postgres") + _inserts(_odd_catalog(), 30))

        assert sql('SELECT count(*) FROM "ER_PRS_F"').strip() == "20"
        keys = sql("SELECT count(*) FROM information_schema.table_constraints WHERE constraint_type = 'FOREIGN KEY'")
        assert int(keys) >= 20


def _drop(year: int) -> str:
    names = (f'"{name}"' for name in snds_catalog("core", year).table_names)
    return f"DROP TABLE {', '.join(names)} CASCADE;\n"


def test_oracle_types_keep_the_declared_precision() -> None:
    text = sql_ddl(snds_catalog("core", 2022), "oracle")

    assert '"BEN_NIR_PSA" VARCHAR2(17) NOT NULL' in text
    assert '"BSE_REM_MNT" NUMBER(11,2)' in text
    assert '"EXE_SOI_DTD" DATE' in text
    assert "VARCHAR2(0)" not in text
