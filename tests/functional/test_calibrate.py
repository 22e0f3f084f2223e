"""synth calibrate as a user meets it."""

from __future__ import annotations

import json

import pytest

from synth.cli import main

HEADER = "ETA_NUM,RSA_NUM,GRG_GHM,SEJ_NBJ,DGN_PAL,COD_SEX\n"


def run(*arguments):
    with pytest.raises(SystemExit) as stop:
        main([str(argument) for argument in arguments])
    return stop.value.code


def test_the_report_is_printed_and_written(tmp_path, capsys):
    (tmp_path / "T_MCO22B.csv").write_text(HEADER + "1,1,05M091,6,I500,1\n1,2,05M091,0,I500,1\n", encoding="utf-8")
    page, data = tmp_path / "report.html", tmp_path / "report.json"
    assert run("calibrate", "report", tmp_path, "--html", page, "--json", data) == 0
    assert "without a night" in capsys.readouterr().out
    figures = {figure["name"]: figure for figure in json.loads(data.read_text(encoding="utf-8"))["figures"]}
    assert figures["without a night"]["generated"] == 50
    assert figures["without a night"]["source"]
    assert page.read_text(encoding="utf-8").startswith("<!doctype html>")


def test_strict_tells_figures_outside_their_bound(tmp_path):
    rows = "".join(f"1,{i},05M091,20,I500,1\n" for i in range(300))
    (tmp_path / "T_MCO22B.csv").write_text(HEADER + rows, encoding="utf-8")
    assert run("calibrate", "report", tmp_path) == 0
    assert run("calibrate", "report", tmp_path, "--strict") == 4


@pytest.mark.parametrize("years", ["2023-2021x", "abc"])
def test_years_that_are_none_are_refused(tmp_path, years):
    (tmp_path / "T_MCO22B.csv").write_text(HEADER + "1,1,05M091,6,I500,1\n", encoding="utf-8")
    assert run("calibrate", "report", tmp_path, "--years", years) == 2


def test_no_table_is_a_user_error(tmp_path, capsys):
    assert run("calibrate", "report", tmp_path) == 2
    assert "no SNDS table" in capsys.readouterr().err
