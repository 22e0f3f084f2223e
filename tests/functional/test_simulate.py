"""`synth simulate` as a user meets it."""

from __future__ import annotations

import json

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


def test_a_refused_request_is_one_line_and_writes_nothing(tmp_path, capsys):
    out = tmp_path / "base"
    with pytest.raises(SystemExit) as stop:
        main(["simulate", "snds", "--years", "1990", "--out", str(out)])
    assert stop.value.code == 2
    assert len(capsys.readouterr().err.strip().splitlines()) == 1
    assert not out.exists()
