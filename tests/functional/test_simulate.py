"""`synth simulate` as a user meets it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time

import pytest
from click.testing import CliRunner

from synth.cli import main
from synth.commands.simulate import command, parse_years
from synth.core.errors import UserError


def test_a_base_is_written_with_its_catalog(tmp_path):
    out = tmp_path / "base"
    arguments = [
        "snds",
        "--persons",
        "60",
        "--years",
        "2022",
        "--seed",
        "1",
        "--out",
        str(out),
        "--tables",
        "IR_BEN_R,ER_PRS_F",
    ]
    result = CliRunner().invoke(command, arguments)
    assert result.exit_code == 0, result.output
    package = json.loads((out / "datapackage.json").read_text())
    assert {resource["name"].upper() for resource in package["resources"]} == {"IR_BEN_R", "ER_PRS_F"}


def test_years_are_read_as_a_range_or_a_year():
    assert parse_years("2021-2023") == (2021, 2023)
    assert parse_years("2022") == (2022, 2022)


@pytest.mark.parametrize("years", ["", "21st", "2021-", "a-b"])
def test_years_that_are_no_range_are_refused(years):
    with pytest.raises(UserError):
        parse_years(years)


def test_a_hospital_table_of_another_year_is_refused(tmp_path, capsys):
    out = tmp_path / "base"
    options = ["--persons", "10", "--years", "2022", "--tables", "IR_BEN_R,T_MCO21B", "--out", str(out)]
    with pytest.raises(SystemExit) as stop:
        main(["simulate", "snds", *options])
    assert stop.value.code == 2
    assert "T_MCO21B: is of a year that is not simulated here" in capsys.readouterr().err
    assert not out.exists()


def test_a_refused_request_is_one_line_and_writes_nothing(tmp_path, capsys):
    out = tmp_path / "base"
    with pytest.raises(SystemExit) as stop:
        main(["simulate", "snds", "--years", "1990", "--out", str(out)])
    assert stop.value.code == 2
    assert len(capsys.readouterr().err.strip().splitlines()) == 1
    assert not out.exists()


def _started(folder, arguments):
    """A run of the command in a group of processes of its own, once it has written rows."""
    command = [sys.executable, "-m", "synth", "simulate", "snds", *arguments, "--out", str(folder / "base")]
    run = subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True)
    while run.poll() is None and not any(file.stat().st_size > 1000 for file in folder.rglob("ER_PRS_F.parquet")):
        time.sleep(0.05)
    return run


def _alive(group):
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.mark.parametrize(("workers", "sign"), [(1, signal.SIGINT), (2, signal.SIGINT), (2, signal.SIGTERM)])
def test_an_interruption_leaves_nothing_and_says_one_line(tmp_path, workers, sign):
    arguments = ["--persons", "50000", "--years", "2022", "--tables", "ER_PRS_F", "--workers", str(workers)]
    run = _started(tmp_path, arguments)
    if sign == signal.SIGINT:
        os.killpg(run.pid, sign)  # a terminal sends Ctrl-C to the whole group
    else:
        run.send_signal(sign)
    out, err = run.communicate(timeout=120)
    assert (run.returncode, out, err.strip()) == (130, "", "synth: interrupted")
    assert list(tmp_path.iterdir()) == []
    assert not _alive(run.pid)


def test_workers_end_when_the_command_is_killed(tmp_path):
    run = _started(tmp_path, ["--persons", "50000", "--years", "2022", "--tables", "ER_PRS_F", "--workers", "2"])
    run.kill()
    run.communicate(timeout=120)
    for _ in range(600):
        if not _alive(run.pid):
            break
        time.sleep(0.1)
    assert not _alive(run.pid)
