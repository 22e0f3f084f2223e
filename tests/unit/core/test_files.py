"""Files and folders are whole or absent, and a disk that is full is told as such."""

from __future__ import annotations

import errno
from pathlib import Path
from typing import Any

import pytest

from synth.core.errors import UserError
from synth.core.files import atomic_file, atomic_folder


@pytest.mark.parametrize("making", [atomic_file, atomic_folder])
def test_a_full_disk_is_told_and_leaves_nothing(making: Any, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="the disk is full"), making(tmp_path / "x"):
        raise OSError(errno.ENOSPC, "the message may quote what was written")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("making", [atomic_file, atomic_folder])
def test_other_failures_of_who_writes_stay_theirs(making: Any, tmp_path: Path) -> None:
    with pytest.raises(OSError, match="lost"), making(tmp_path / "x"):
        raise OSError(errno.ENODEV, "lost")
    assert list(tmp_path.iterdir()) == []


def test_a_place_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    long = tmp_path / ("x" * 250)  # with what is put before and behind it while it is written, too long a name
    for making in (atomic_file, atomic_folder):
        with pytest.raises(UserError, match="cannot be written"), making(long):
            pass


def test_a_disk_that_is_full_elsewhere_is_no_bug(monkeypatch: pytest.MonkeyPatch, call_cli: Any) -> None:
    def full(*arguments: Any, **options: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("synth.core.snds.snds_catalog", full)
    answer = call_cli("schemas", "show", "ER_PRS_F")
    assert answer.code == 2 and "the disk is full" in answer.err and "TMPDIR" in answer.err


def test_an_interruption_that_duckdb_meets_is_one(monkeypatch: pytest.MonkeyPatch, call_cli: Any) -> None:
    def interrupted(*arguments: Any, **options: Any) -> None:
        raise RuntimeError("Query interrupted")

    monkeypatch.setattr("synth.core.snds.snds_catalog", interrupted)
    answer = call_cli("schemas", "show", "ER_PRS_F")
    assert (answer.code, answer.err) == (130, "synth: interrupted\n")
