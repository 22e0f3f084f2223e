"""`synth check` as a user meets it."""

from __future__ import annotations

import json

import pytest

from synth.cli import main


def test_a_simulated_base_keeps_every_rule(tmp_path, capsys):
    base = tmp_path / "base"
    with pytest.raises(SystemExit) as made:
        main(["simulate", "snds", "--persons", "150", "--years", "2022", "--seed", "4", "--out", str(base)])
    assert made.value.code == 0
    findings = tmp_path / "findings.json"
    with pytest.raises(SystemExit) as stop:
        main(["check", str(base), "--json", str(findings)])
    assert stop.value.code == 0, capsys.readouterr().out
    records = json.loads(findings.read_text())
    assert {record["status"] for record in records} == {"holds", "not applicable"}  # only core tables are there


def test_broken_rules_end_with_their_own_code(tmp_path, capsys):
    (tmp_path / "IR_IMB_R.csv").write_text("BEN_NIR_PSA,IMB_ALD_DTD,IMB_ALD_DTF\nSYN1,2022-02-01,2021-01-01\n")
    with pytest.raises(SystemExit) as stop:
        main(["check", str(tmp_path)])
    assert stop.value.code == 4
    assert "SYN1" not in "".join(capsys.readouterr())


def test_nothing_there_is_a_user_error(tmp_path):
    with pytest.raises(SystemExit) as stop:
        main(["check", str(tmp_path / "nowhere")])
    assert stop.value.code == 2


def test_rules_are_listed_with_those_that_are_not_checked(capsys):
    with pytest.raises(SystemExit) as stop:
        main(["check", "--list"])
    assert stop.value.code == 0
    told = capsys.readouterr().out
    assert "  1  distribution month (hard)" in told
    assert "not checked:" in told and "27: how to count" in told


def test_tables_are_asked_for(capsys):
    with pytest.raises(SystemExit) as stop:
        main(["check"])
    assert stop.value.code == 2
    assert "no tables are given" in capsys.readouterr().err
