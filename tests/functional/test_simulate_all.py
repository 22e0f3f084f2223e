"""`--tables all`: the tables that are simulated, and the shape of every other one."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from synth.commands.simulate import command
from synth.io import dataset_digests, open_dataset
from synth.io.integrity import integrity_faults


@pytest.fixture(scope="module")
def bases(tmp_path_factory):
    """A base of all tables and one of those that are simulated, of the same persons."""
    made = {}
    for tables in ("all", "core"):
        out = tmp_path_factory.mktemp(tables) / "base"
        arguments = f"snds --persons 300 --years 2022 --seed 1 --tables {tables} --json --out {out}".split()
        result = CliRunner().invoke(command, arguments)
        assert result.exit_code == 0, result.output
        made[tables] = (out, json.loads(result.stdout))
    return made


def _resources(out):
    return {table["name"]: table for table in json.loads((out / "datapackage.json").read_text())["resources"]}


def test_every_table_of_the_year_is_there(bases):
    from synth.core.snds import snds_catalog

    resources = _resources(bases["all"][0])
    assert set(resources) == set(snds_catalog("all", 2022).table_names)
    assert {"ER_DTR_F", "T_RIP22FB", "T_MCO22Z"} <= set(resources)


def test_what_is_shape_only_says_so(bases):
    resources = _resources(bases["all"][0])
    for name, rows in bases["all"][1]["rows"].items():
        shape = resources[name].get("synth:shapeOnly", False)
        assert shape == ("Shape only" in resources[name].get("description", ""))
        assert not shape or rows <= 100
    assert not any(resources[name].get("synth:shapeOnly") for name in bases["core"][1]["rows"])
    assert sum(resource.get("synth:shapeOnly", False) for resource in resources.values()) > 50


def test_simulated_tables_do_not_change(bases):
    every, core = (dataset_digests(open_dataset(bases[tables][0])) for tables in ("all", "core"))
    assert core.items() <= every.items()


def test_every_key_leads_to_a_row(bases):
    dataset = open_dataset(bases["all"][0])
    referring = [table.name for table in dataset.catalog.tables if table.foreign_keys]
    assert len(referring) > 100
    faults = [str(fault) for fault in integrity_faults(dataset)]
    # lengths are another matter: T_MCOaaUPGV is described with 3 characters for hospital numbers of 9
    assert [fault for fault in faults if "maxLength" not in fault] == []
