"""The page of a package in a real browser, wide and on a phone: no complaint, no request, pictures to look at."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pyarrow as pa
import pytest

from publish.build import build_package
from synth.core.catalog import Catalog, Column, ForeignKey, Person, Table
from synth.io import dataset_writer

BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
METADATA = {
    "title": "Two tables",
    "description": "Two small synthetic tables, to look at their page.",
    "version": "0.1.0",
    "keywords": ["tests"],
    "publisher": {"name": "P", "url": "https://example.org", "email": "a@example.org"},
    "spatial": "France",
    "temporal": "2021",
}


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A draft of two tables."""
    folder = tmp_path_factory.mktemp("page")
    key = Column("id", "string", "key", nullable=False)
    wide = tuple(Column(f"a long column name {number}", "integer", "number") for number in range(12))
    catalog = Catalog(
        (
            Table("persons", (key, Column("sex", "string", "code")), ("id",)),
            Table("visits", (key, *wide), foreign_keys=(ForeignKey(("id",), "persons", ("id",)),)),
        ),
        Person("persons", ("id",)),
    )
    ids = [f"SYN{number}" for number in range(50)]
    with dataset_writer(catalog, folder / "t") as writer:
        writer.write("persons", pa.record_batch({"id": ids, "sex": ["1", "2"] * 25}))
        numbers = {column.name: list(range(50)) for column in wide}
        writer.write("visits", pa.record_batch({"id": ids, **numbers}))
    return build_package(folder / "t", folder / "p", metadata=METADATA, draft=True)


@pytest.mark.skipif(BROWSER is None, reason="no Chromium on this machine")
@pytest.mark.parametrize("name", ["index.html", "dictionary.html"])
@pytest.mark.parametrize("width", [1280, 400])
def test_a_browser_shows_it_without_complaint(package: Path, tmp_path: Path, name: str, width: int) -> None:
    picture, log = tmp_path / f"{name}-{width}.png", tmp_path / "net.json"
    done = subprocess.run(
        [
            str(BROWSER),
            *(
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--enable-logging=stderr",
                "--disable-background-networking",
            ),
            *(f"--window-size={width},1600", f"--screenshot={picture}", f"--log-net-log={log}"),
            *(f"--user-data-dir={tmp_path / 'profile'}", (package / name).as_uri()),
        ],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )

    assert picture.is_file() and picture.stat().st_size > 5_000, done.stderr[-500:]
    assert "CONSOLE" not in done.stderr
    text = log.read_text("utf-8") if log.is_file() else ""
    assert not re.search(r'"url":"https?://(?:[^"]*\.)?example\.org', text), "the page asked for something"
