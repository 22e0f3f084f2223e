"""The report of what a model does not capture."""

from __future__ import annotations

import pyarrow as pa
import pytest

from synth.audit.heldout import heldout_lines
from synth.core.catalog import Catalog, Column, ForeignKey, Person, Table
from synth.core.dataset import Dataset
from synth.core.jsontext import dumps
from synth.core.tablerules import rule_from
from synth.generators import fit
from synth.io import memory_dataset
from synth.pipeline.heldout import heldout_report
from tests.unit.generators.clinic import clinic
from tests.unit.generators.test_enforcing import bounds


def test_it_names_the_worst_of_each_kind_beside_real_against_real() -> None:
    report = heldout_report(clinic(700, seed=3), "trees", 5)
    assert 400 < report["fitted"] < 700
    assert report["fitted"] + report["held_out"] == 700
    for title in ("columns", "pairs", "child counts"):
        distances = [line["distance"] for line in report["worst"][title]]
        assert distances == sorted(distances, reverse=True)
        assert all(0 <= distance <= 1 for distance in distances)
        assert distances, title
    assert "held out" in heldout_lines(report)[0]


def test_what_is_drawn_alone_is_worse_at_pairs_than_trees_are() -> None:
    worst = {}
    for name in ("trees", "independent"):
        found = heldout_report(clinic(700, seed=3), name, 5)["worst"]["pairs"]
        worst[name] = sum(line["distance"] for line in found) / len(found)
    assert worst["independent"] > worst["trees"]


def test_no_value_stands_in_it_and_the_same_tables_give_the_same() -> None:
    real = clinic(400, seed=5)
    report = heldout_report(real, "independent", 5)
    assert report == heldout_report(real, "independent", 5)
    values = {value for value in real.read("persons")["commune de l'assuré"].to_pylist() if value}
    text = dumps(report)
    assert not [value for value in values if f'"{value}"' in text]


def test_what_the_fit_has_said_is_not_said_again(capsys: pytest.CaptureFixture[str]) -> None:
    real = bounds((rule_from("high >= low", "p"),))
    fit(real)
    assert "some training rows break it" in capsys.readouterr().err

    assert "worst" in heldout_report(real, "trees", 5)
    assert capsys.readouterr().err == ""


def test_few_persons_are_not_split() -> None:
    report = heldout_report(clinic(60, seed=3), "trees", 11)
    assert list(report) == ["skipped"]
    assert "not measured" in heldout_lines(report)[0]


def _company(superior_needed: bool) -> Dataset:
    """400 persons, each but the first under one of those before, so that all are tied to one another."""
    boss = [None, *(i // 3 for i in range(399))]
    rows = {
        "id": list(range(400)),
        "boss": [0, *boss[1:]] if superior_needed else boss,
        "pay": [i % 90 for i in range(400)],
    }
    columns = (
        Column("id", "integer"),
        Column("boss", "integer", nullable=not superior_needed),
        Column("pay", "integer"),
    )
    table = Table("person", columns, ("id",), (ForeignKey(("boss",), "person", ("id",)),))
    return memory_dataset(Catalog((table,), Person("person", ("id",))), {"person": pa.table(rows)})


def test_persons_who_are_all_tied_to_one_another_are_divided_where_ties_may_be_missing() -> None:
    report = heldout_report(_company(False), "independent", 5)
    assert report["held_out"] > 40 and report["worst"]["columns"]
    assert "cannot be divided" in heldout_report(_company(True), "independent", 5)["skipped"]
