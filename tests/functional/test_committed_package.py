"""The package committed under datasets/: small, whole, and what its recipe makes, byte for byte."""

from __future__ import annotations

import json
import re
from datetime import datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from synth.pipeline.run import run_recipe

REPO = Path(__file__).resolve().parents[2]
FOLDER = REPO / "datasets/snds-500"
PACKAGE = FOLDER / "package"
LARGEST = 3_000_000


def files_of(package: Path) -> dict[str, bytes]:
    return {path.relative_to(package).as_posix(): path.read_bytes() for path in package.rglob("*") if path.is_file()}


def test_it_is_small_and_opens_without_a_tool() -> None:
    assert sum(map(len, files_of(PACKAGE).values())) < LARGEST
    assert (PACKAGE / "index.html").is_file() and (FOLDER / "page.png").stat().st_size < 300_000


@pytest.mark.slow
def test_its_recipe_makes_every_byte_of_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Parquet and gzip bytes come from the libraries that pyarrow brings: with another version of it the rows are
    compared, and `bash datasets/snds-500/rebuild` makes the package anew."""
    created = json.loads((PACKAGE / "datapackage.json").read_text("utf-8"))["created"]
    monkeypatch.setenv("SOURCE_DATE_EPOCH", str(int(datetime.fromisoformat(created).timestamp())))

    made = run_recipe(FOLDER / "recipe.yaml", out=tmp_path / "out").package
    assert made is not None
    old, new = files_of(PACKAGE), files_of(made)

    assert old.keys() == new.keys()
    writer = pq.read_metadata(PACKAGE / "data/IR_BEN_R.parquet").created_by
    if writer.endswith(pa.__version__):
        assert [name for name in old if old[name] != new[name]] == []
    else:
        assert digest(PACKAGE) == digest(made)
        assert old["dictionary.csv"] == new["dictionary.csv"] and old["verdict.json"] == new["verdict.json"]


def digest(package: Path) -> str:
    found: str = json.loads((package / "datapackage.json").read_text("utf-8"))["synth:digest"]
    return found


def test_the_rebuild_script_dates_it_as_it_is_dated() -> None:
    epoch = re.search(r"SOURCE_DATE_EPOCH=(\d+)", (FOLDER / "rebuild").read_text("utf-8"))
    created = json.loads((PACKAGE / "datapackage.json").read_text("utf-8"))["created"]

    assert epoch is not None and datetime.fromisoformat(created).timestamp() == int(epoch[1])
