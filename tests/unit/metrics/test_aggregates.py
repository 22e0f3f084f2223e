"""Published counts and models: small cells, and those that follow from others."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from synth.core.errors import UserError
from synth.core.model import Model, Statistic
from synth.core.score import Scores
from synth.gate import judge, read_policy
from synth.metrics import Plan
from synth.metrics.disclosure.aggregates import derivable, from_parts, from_trees, model, published
from synth.metrics.evidence import Evidence, build_evidence
from synth.metrics.evidence.published import read_published
from tests.controls.people import CATALOG, dataset, people

HEAD = "sexe,l'âge,n\n"
SAFE = (
    HEAD
    + "F,<50,40\nF,50+,30\nF,Total,70\nM,<50,25\nM,50+,55\nM,Total,80\nTotal,<50,65\nTotal,50+,85\nTotal,Total,150\n"
)


def described(folder: Path, *tables: str, more: str = "") -> Path:
    lines = []
    for number, text in enumerate(tables):
        (folder / f"counts{number}.csv").write_text(text, encoding="utf-8")
        lines.append(f'  - {{file: counts{number}.csv, by: [sexe, "l\'âge"], persons: n, total: Total{more}}}')
    path = folder / "published.yaml"
    path.write_text("tables:\n" + "\n".join(lines), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def evidence() -> Evidence:
    sides = [dataset(people(60, seed, 1000 * seed)) for seed in (1, 2, 3)]
    return build_evidence(*sides, plan=Plan())


def unsafe(evidence: Evidence, path: Path) -> dict[str, float]:
    scores = published(replace(evidence, published=read_published(path)), 0)
    return {score.scope.split(": ")[1]: score.value for score in scores if score.value}


def test_safe_counts_have_no_fault(evidence: Evidence, tmp_path: Path) -> None:
    assert unsafe(evidence, described(tmp_path, SAFE)) == {}


def test_a_cell_of_ten_persons_blocks(evidence: Evidence, tmp_path: Path) -> None:
    path = described(tmp_path, HEAD + "F,<50,10\nF,50+,30\n")
    assert unsafe(evidence, path) == {"fewer than 11 persons": 1}
    scores = Scores(tuple(published(replace(evidence, published=read_published(path)), 0)), {}, 0, "1")
    checks = [check for check in judge(scores, read_policy("internal-test")).checks if check.rule == "published-cells"]
    assert "block" in {check.outcome for check in checks}


def test_a_suppressed_cell_that_totals_give_away_is_found(evidence: Evidence, tmp_path: Path) -> None:
    alone = (
        SAFE.replace("F,<50,40", "F,<50,").replace("F,Total,70", "F,Total,34").replace("Total,<50,65", "Total,<50,29")
    )
    assert unsafe(evidence, described(tmp_path, alone)) == {"suppressed but follows from totals": 1}
    rest = alone.replace("F,50+,30", "F,50+,").replace("M,<50,25", "M,<50,").replace("M,50+,55", "M,50+,")
    assert unsafe(evidence, described(tmp_path, rest)) == {}


def test_another_table_gives_a_suppressed_cell_away(tmp_path: Path) -> None:
    one = HEAD + "F,<50,\nF,50+,\nF,Total,34\n"
    assert derivable(read_published(described(tmp_path, one)), 11) == {}
    both = read_published(described(tmp_path, one, HEAD + "F,50+,30\n"))
    assert list(derivable(both, 11).values()) == [pytest.approx(4)]


def test_two_releases_that_differ_by_few_persons_are_told(evidence: Evidence, tmp_path: Path) -> None:
    path = described(tmp_path, HEAD + "F,<50,40\n", HEAD + "F,<50,43\n")
    assert unsafe(evidence, path) == {"fewer than 11 persons": 1}


def test_unanimity_and_dominance(evidence: Evidence, tmp_path: Path) -> None:
    path = described(tmp_path, "sexe,l'âge,n,sum,top\nF,<50,40,100,90\nF,50+,0,0,0\nM,<50,20,9,1\nM,50+,20,9,1\n",
                     more=', sensitive: "l\'âge", amount: sum, largest: top')  # fmt: skip
    assert unsafe(evidence, path) == {
        "everybody of a group shares what is sensitive": 1,
        "one contributor dominates": 1,
    }


def test_counts_that_are_no_numbers_are_refused_without_showing_them(tmp_path: Path) -> None:
    with pytest.raises(UserError) as raised:
        read_published(described(tmp_path, HEAD + "F,<50,canary\n"))
    assert "canary" not in str(raised.value)
    assert raised.value.row == 2


def made(pooled: list[int], first: list[int], later: list[int], cells: list[list[int]]) -> Model:
    def statistic(name: str, kind: str, *arrays: str) -> Statistic:
        return Statistic(name, "visit", ("code",), kind, 11, "person", len(pooled), {}, arrays)

    arrays = {
        "pooled/visit/code": np.array(pooled),
        "margin/visit/first/code": np.array(first),
        "margin/visit/next/code": np.array(later),
        "tree/visit/first/code/cells": np.array(cells),
    }
    statistics = (
        statistic("codec/visit/code", "levels", "pooled/visit/code"),
        statistic("margin/visit/first/code", "margin", "margin/visit/first/code"),
        statistic("margin/visit/next/code", "margin", "margin/visit/next/code"),
        statistic("tree/visit/first/code", "tree", "tree/visit/first/code/cells"),
    )
    return Model("trees", CATALOG, statistics, arrays, {}, {"min_persons": 11})


def test_a_count_that_subtraction_yields_from_a_model_is_found(evidence: Evidence) -> None:
    leaky = made([30, 50, 40], [28, 20, 40], [0, 30, 0], [[1, 0, 0, 15], [2, 0, 0, 13], [1, 1, 1, 15]])
    assert from_parts(leaky, 11) == {"margin/visit/next/code": 1}  # 30 - 28: two rows; code 2 has none at all
    assert from_trees(leaky, 11) == {"tree/visit/first/code": 1}  # 20 - 15 rows of code 1; none of code 2 has a cell
    values = {score.scope: score.value for score in model(replace(evidence, model=leaky), 0)}
    assert sorted(values.values()) == [0, 1, 1]


def test_what_rounded_counts_leave_open_is_not_held_against_a_model() -> None:
    told = {"min_persons": 11, "counts_rounded_to": 6}
    pooled, first, later = [36, 48, 42], [30, 18, 42], [0, 30, 0]
    cells = [[1, 0, 0, 18], [2, 0, 0, 12], [1, 1, 1, 12]]
    exact = made(pooled, first, later, cells)
    assert from_parts(exact, 11) == {"margin/visit/next/code": 1}
    assert from_trees(exact, 11) == {"tree/visit/first/code": 1}
    assert from_parts(replace(exact, receipt=told), 11) == from_trees(replace(exact, receipt=told), 11) == {}
    coarse = replace(exact, receipt=told | {"counts_rounded_to": 3})  # too little for k = 11
    assert from_parts(coarse, 11) == {"margin/visit/next/code": 1}
