"""A whole base as it is written: every table valid for its year, every rule of the SNDS facts kept."""

from __future__ import annotations

from pathlib import Path

import pytest

from synth.io import dataset_writer, open_dataset
from synth.io.integrity import integrity_faults
from synth.rules import check_tables
from synth.simulate import simulate_snds


def written(folder: Path, persons: int, years: tuple[int, int], tables: str) -> Path:
    """A base in Parquet files."""
    catalog, batches = simulate_snds(persons, years, 7, tables)
    with dataset_writer(catalog, folder, format="parquet", metadata=None) as writer:
        for name, batch in batches:
            writer.write(name, batch)
    return folder


@pytest.mark.parametrize("years", [(2015, 2016), (2024, 2024)], ids=["old columns", "new columns"])
def test_hospital_tables_are_what_their_year_says(tmp_path, years):
    folder = written(tmp_path / "base", 600, years, "pmsi,IR_BEN_R")
    faults = [str(fault) for fault in integrity_faults(open_dataset(folder))]
    assert [fault for fault in faults if "no rows" not in fault] == []


def test_every_rule_holds_on_every_table(tmp_path):
    findings = check_tables(written(tmp_path / "base", 1000, (2021, 2022), "all"))
    assert [finding.rule.name for finding in findings if finding.status == "broken"] == []
    seen = {finding.rule.name: finding.rows for finding in findings}
    for name in ("sent to SSR", "days of presence", "HON_MNT of T_MCOaaFA", "T_MCOaaMED tells of stays"):
        assert seen[name]
