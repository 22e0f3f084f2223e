"""`synth publish` as a user meets it: messages, exit codes, files."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
import yaml

from synth.core.catalog import Catalog, Column, Table
from synth.io import dataset_writer

CATALOG = Catalog((Table("t", (Column("id", "integer", "key", nullable=False), Column("v")), ("id",)),), name="small")
METADATA = {
    "title": "A table",
    "description": "One small synthetic table.",
    "version": "0.1.0",
    "keywords": ["tests"],
    "publisher": {"name": "P", "url": "https://example.org", "email": "a@example.org"},
    "spatial": "France",
    "temporal": "2021",
}


@pytest.fixture
def tables(tmp_path: Path) -> Path:
    """A folder of one table."""
    with dataset_writer(CATALOG, tmp_path / "tables") as writer:
        writer.write("t", pa.record_batch({"id": [-1, -2], "v": ["a", None]}))
    return tmp_path / "tables"


@pytest.fixture
def recipe(tmp_path: Path) -> Path:
    """A recipe that holds the metadata."""
    file = tmp_path / "recipe.yaml"
    file.write_text(yaml.safe_dump({"name": "small", "publish": {"metadata": METADATA}}), encoding="utf-8")
    return file


def test_a_draft_is_built_zipped_and_verified(
    call_cli: Callable[..., Any], tables: Path, recipe: Path, tmp_path: Path
) -> None:
    report = tmp_path / "r.html"
    report.write_text("<p>report</p>")
    built = call_cli(
        *("publish", "build", tables, "--metadata", recipe, "--out", tmp_path / "p", "--draft"),
        *("--zip", tmp_path / "p.zip", "--report", report),
    )
    assert (tmp_path / "p/report.html").read_text() == "<p>report</p>"
    assert (built.code, built.out.splitlines()) == (0, [str(tmp_path / "p"), str(tmp_path / "p.zip")])

    told = call_cli("publish", "verify", tmp_path / "p", "--frictionless")
    assert (told.code, told.out) == (0, f"{tmp_path / 'p'}: valid (a draft, not for release)\n")
    answer = call_cli("publish", "verify", tmp_path / "p.zip", "--json")
    assert (answer.code, json.loads(answer.out)) == (0, {"valid": True, "draft": True, "faults": []})


def test_without_a_verdict_the_gate_blocks(
    call_cli: Callable[..., Any], tables: Path, recipe: Path, tmp_path: Path
) -> None:
    refused = call_cli("publish", "build", tables, "--metadata", recipe, "--out", tmp_path / "p")

    assert refused.code == 3 and "no verdict was given" in refused.err and "--draft" in refused.err
    assert not (tmp_path / "p").exists()


def test_a_fault_is_a_line_and_exit_2(call_cli: Callable[..., Any], tables: Path, recipe: Path, tmp_path: Path) -> None:
    call_cli("publish", "build", tables, "--metadata", recipe, "--out", tmp_path / "p", "--draft")
    (tmp_path / "p/data/t.csv").write_text("id,v\n-1,a\nSECRET,b\n", encoding="utf-8")

    found = call_cli("publish", "verify", tmp_path / "p")

    assert found.code == 2 and "data/t.csv, table t, column id, row 2" in found.out and "SECRET" not in found.out
    answer = call_cli("publish", "verify", tmp_path / "p", "--json")
    assert answer.code == 2 and not json.loads(answer.out)["valid"]


@pytest.mark.parametrize("name", ["nothing", "empty", "text.zip"])
def test_what_is_no_package_is_one_line(call_cli: Callable[..., Any], tmp_path: Path, name: str) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "text.zip").write_text("no zip")

    answer = call_cli("publish", "verify", tmp_path / name)

    assert answer.code == 2 and name in answer.err and len(answer.err.splitlines()) == 1


def test_a_zip_that_writes_outside_itself_is_refused(call_cli: Callable[..., Any], tmp_path: Path) -> None:
    import zipfile

    with zipfile.ZipFile(tmp_path / "p.zip", "w") as archive:
        archive.writestr("../evil.txt", "x")

    answer = call_cli("publish", "verify", tmp_path / "p.zip")

    assert answer.code == 2 and "outside itself" in answer.err
    assert not (tmp_path.parent / "evil.txt").exists()


def test_missing_metadata_is_asked_for_by_name(call_cli: Callable[..., Any], tables: Path, tmp_path: Path) -> None:
    file = tmp_path / "m.yaml"
    file.write_text("metadata: {title: x}\n", encoding="utf-8")

    answer = call_cli("publish", "build", tables, "--metadata", file, "--out", tmp_path / "p", "--draft")

    assert answer.code == 2 and len(answer.err.splitlines()) == 1
    assert "publisher.name (missing)" in answer.err and "m.yaml" in answer.err
