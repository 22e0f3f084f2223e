"""Tables above the preview limits of a platform, sent by year: every row once, every part within its limit."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from publish.build import build_package
from publish.package import Package, open_package
from publish.push.client import HttpClient
from publish.push.content import Content, File
from publish.push.parts import dated_column, split_files
from publish.push.targets import TARGETS, send_all
from synth.core.catalog import Catalog, Column, Table

from .catalogues import TOKEN, serving
from .conftest import METADATA, write_folder

CATALOG = Catalog(
    (
        Table("soins 2", (Column("id", "integer", "key"), Column("né", "date", "date"), Column("le", "date", "date")),
              order_by=("le",)),
        Table("codes", (Column("code", "string", "code"),)),
    ),
    name="x",
)  # fmt: skip
ROWS = 300


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A table of three years and some rows without a date, and one that has none."""
    folder = tmp_path_factory.mktemp("parts")
    days = [None if row % 50 == 0 else 18_600 + 4 * row for row in range(ROWS)]
    dates = pa.array(days, pa.int32()).cast(pa.date32())
    rows = pa.table({"id": list(range(ROWS)), "né": dates, "le": dates})
    tables = {"soins 2": rows, "codes": pa.table({"code": ["x"] * 9_000})}
    return build_package(write_folder(folder / "t", CATALOG, tables), folder / "p", metadata=METADATA, draft=True)


def parts_of(package: Path, aside: Path, limit: int) -> tuple[Package, tuple[File, ...]]:
    aside.mkdir()
    with open_package(package) as opened:
        files = TARGETS["datagouv"].files(Content(opened))
        return opened, split_files(opened, files, aside, {"csv": limit, "parquet": limit})


def identifiers(files: tuple[File, ...]) -> list[int]:
    """The ids in the CSV parts, in the order sent."""
    texts = [file.path.read_text("utf-8").splitlines() for file in files if file.name.endswith(".csv")]
    assert len({text[0] for text in texts}) == 1
    return [int(line.split(",")[0]) for text in texts for line in text[1:]]


def test_rows_go_by_the_year_of_the_column_they_are_ordered_by(package: Path, tmp_path: Path) -> None:
    _, files = parts_of(package, tmp_path / "a", 3_500)
    parts = tuple(file for file in files if file.flat.startswith("soins"))

    assert [file.flat for file in parts if file.flat.endswith(".csv")] == [
        "soins_2_2020.csv", "soins_2_2021.csv", "soins_2_2022.csv", "soins_2_2023.csv", "soins_2_2024.csv",
        "soins_2_undated.csv",
    ]  # fmt: skip
    assert sorted(identifiers(parts)) == list(range(ROWS))
    assert all(file.bytes <= 3_500 for file in parts)
    assert "2021" in parts[1].title and dated_column(CATALOG.tables[0]) == "le"


def test_a_year_that_is_too_large_is_halved(package: Path, tmp_path: Path) -> None:
    _, files = parts_of(package, tmp_path / "a", 1_200)
    parts = tuple(file for file in files if file.flat.startswith("soins") and file.flat.endswith(".csv"))

    assert "soins_2_2021-1.csv" in [file.flat for file in parts]
    assert sorted(identifiers(parts)) == list(range(ROWS)) and all(file.bytes <= 1_200 for file in parts)


def test_parquet_parts_keep_the_mark_and_types(package: Path, tmp_path: Path) -> None:
    _, files = parts_of(package, tmp_path / "a", 1_900)
    parts = [file for file in files if file.flat.startswith("soins") and file.flat.endswith(".parquet")]

    assert len(parts) > 1 and sum(pq.read_metadata(file.path).num_rows for file in parts) == ROWS
    assert all(b'"synthetic":true' in pq.read_metadata(file.path).metadata[b"synth"] for file in parts)
    assert pq.read_schema(parts[0].path).field("le").type == pa.date32()


def test_a_table_without_a_date_and_small_ones_stay_whole(package: Path, tmp_path: Path) -> None:
    _, small = parts_of(package, tmp_path / "a", 1_000)
    _, large = parts_of(package, tmp_path / "b", 10**9)

    assert "codes.csv" in [file.flat for file in small]
    assert [file.flat for file in large if file.name.startswith("data/")] == [
        "codes.csv", "soins_2.csv", "codes.parquet", "soins_2.parquet"
    ]  # fmt: skip


def test_the_same_parts_come_each_time_so_that_nothing_is_sent_again(package: Path) -> None:
    small = replace(TARGETS["datagouv"], preview={"csv": 3_500, "parquet": 10**9})
    lines: list[str] = []
    with serving("datagouv") as state, open_package(package) as opened:
        client = HttpClient(state.url, small.header(TOKEN), small.token)
        first = send_all(small, client, Content(opened), lines.append)
        again = send_all(small, client, Content(opened), lines.append)
        sent = [item["title"] for item in state.datasets[0]["resources"]]

    assert (first, again) == (len(sent), 0) and len(set(sent)) == len(sent)
    assert "soins_2_2021.csv" in sent and "soins_2.csv" not in sent
    assert any("soins_2.csv is above what" in line for line in lines)
