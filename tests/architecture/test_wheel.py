"""What is installed: the code and the schemas; neither tests nor recipes."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

REPO = Path(__file__).resolve().parents[2]
MOST_BYTES = 5_000_000


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    done = subprocess.run(command, cwd=REPO, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-500:]
    return zipfile.ZipFile(next(folder.glob("*.whl")))


def test_the_wheel_holds_code_and_schemas_and_nothing_else(wheel: zipfile.ZipFile) -> None:
    tops = {name.split("/")[0] for name in wheel.namelist()}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"synth", "publish"}
    names = set(wheel.namelist())
    schemas = (path.relative_to(REPO) for path in (REPO / "schemas").rglob("*") if path.is_file())
    shipped = {f"synth/{path.as_posix()}" for path in schemas if path.parts[1] != "build"}
    assert shipped <= names
    unwanted = ("/tests/", "/datasets/", "/schemas/build/")
    assert not [name for name in names if name.endswith(".pyc") or any(part in name for part in unwanted)]


def test_the_wheel_stays_small(wheel: zipfile.ZipFile) -> None:
    assert sum(entry.compress_size for entry in wheel.infolist()) < MOST_BYTES
