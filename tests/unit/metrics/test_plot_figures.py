"""Figures for plots: no cell, and nothing left over by the cells that are shown, stands for few persons."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from synth.metrics import Plan
from synth.metrics.evidence import build_evidence
from synth.metrics.figures import draw_figures
from synth.metrics.figures.cells import Counted, series, shown_cells
from synth.metrics.figures.curves import shown_times
from synth.metrics.figures.scales import round_edges, round_step
from synth.metrics.utility.followup import Followed
from tests.controls.people import dataset, people

ENTRIES = st.lists(st.tuples(st.integers(-1, 30), st.integers(-1, 5)), max_size=150)


def counted(entries: list[tuple[int, int]]) -> Counted:
    person, cell = np.array([*entries, (-1, -1)], dtype=np.int64).T
    return Counted(cell, person)


@given(ENTRIES, ENTRIES, st.integers(1, 6))
def test_no_cell_and_no_rest_stands_for_few(left: list[tuple[int, int]], right: list[tuple[int, int]], k: int) -> None:
    sides = {"train": counted(left), "holdout": counted(right)}
    shown = shown_cells(sides, 6, k)
    for entries in (left, right):
        for cell in np.flatnonzero(shown):
            assert len({person for person, where in entries if where == cell and person >= 0}) >= k
        rest = {person for person, where in entries if where >= 0 and not shown[where] and person >= 0}
        assert not shown.any() or not rest or len(rest) >= k
    for shares in series(sides, 6, shown).values():
        assert len(shares) == shown.sum() + 1
        assert abs(sum(shares) - 1) < 1e-3 or sum(shares) == 0


def test_a_cell_that_the_whole_would_give_away_is_hidden_with_the_next() -> None:
    cells = np.repeat([0, 1, 2], [50, 20, 3]).astype(np.int64)
    shown = shown_cells({"train": Counted(cells, np.arange(73))}, 3, 11)
    assert shown.tolist() == [True, False, False]


@given(st.lists(st.floats(-1e9, 1e9), min_size=2, max_size=60))
def test_bounds_of_plots_are_round_and_inside(values: list[float]) -> None:
    known = np.array(values)
    edges = round_edges(known, dates=False)
    if len(edges):
        assert known.min() <= edges[0] <= edges[-1] <= known.max()
        step = round_step((np.quantile(known, 0.99) - np.quantile(known, 0.01)) / 12, dates=False)
        assert np.allclose(np.round(edges / step), edges / step, atol=1e-6)


def test_a_point_of_a_curve_hides_nobody() -> None:
    r = np.random.default_rng(1)
    sides = {
        role: Followed(r.exponential(100, 400), r.integers(0, 3, 400), np.arange(400)) for role in ("train", "holdout")
    }
    times = shown_times(sides, 2, 11)
    assert len(times) > 5
    for side in sides.values():
        assert (side.time > times[-1]).sum() >= 11
        for before, after in pairwise(times.tolist()):
            inside = (side.time > before) & (side.time <= after)
            for cause in (1, 2):
                count = (inside & (side.cause == cause)).sum()
                assert count == 0 or count >= 11


def test_figures_hold_no_rare_value_and_are_the_same_twice() -> None:
    frames = people(150, 1)
    frames["person"]["case.region"] = frames["person"]["case.region"].astype(object)
    frames["person"]["case.region"][:10] = "CANARY TEN"
    frames["person"]["case.region"][10:25] = "shared by fifteen"
    held = people(150, 2, 1000)
    held["person"]["case.region"] = held["person"]["case.region"].astype(object)
    held["person"]["case.region"][:15] = "shared by fifteen"
    built = build_evidence(dataset(frames), dataset(held), dataset(people(150, 3, 2000)), plan=Plan())
    found = draw_figures(built, 1)
    assert "CANARY" not in str(found)
    assert "shared by fifteen" in str(found)
    assert {figure["kind"] for figure in found} >= {"marginal", "pairs", "children", "transitions"}
    assert draw_figures(built, 1) == found
    without = draw_figures(replace(built, holdout=None), 1)
    assert all("holdout" not in figure.get("series", {}) for figure in without)
