"""Drawing streams: a block is drawn when it is asked for, and nothing of it stays once it was handed over."""

from __future__ import annotations

import gc
import tracemalloc
import weakref
from typing import Any

import pytest

from synth.core.catalog import Column
from synth.core.model import Model
from synth.generators import fit, sample, sampling
from tests.unit.generators.small import children_of

BLOCKS = 12


@pytest.fixture(scope="module")
def model() -> Model:
    rows = [(person, "abc"[(person + row) % 3]) for person in range(60) for row in range(person % 5)]
    return fit(children_of(60, rows, Column("x", "string", "code")))


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sampling, "BLOCK_UNITS", 50)


def counting(monkeypatch: pytest.MonkeyPatch) -> list[weakref.ref[Any]]:
    """Every table of every block that is drawn from now on, without holding on to it."""
    made: list[weakref.ref[Any]] = []
    draw_block = sampling.draw_block

    def watched(job: Any, block: int) -> Any:
        found = draw_block(job, block)
        if job.root == "p":
            made.append(weakref.ref(found["p"]))
        return found

    monkeypatch.setattr(sampling, "draw_block", watched)
    return made


def test_a_block_is_drawn_when_it_is_asked_for(model: Model, monkeypatch: pytest.MonkeyPatch) -> None:
    made = counting(monkeypatch)
    persons = (batch for name, batch in sample(model, BLOCKS * 50, 1) if name == "p")

    for wanted in range(1, BLOCKS + 1):
        assert next(persons).num_rows == 50
        assert len(made) == wanted


def test_no_block_outlives_the_next_one(model: Model, monkeypatch: pytest.MonkeyPatch) -> None:
    made = counting(monkeypatch)
    handed: list[weakref.ref[Any]] = []

    for name, batch in sample(model, BLOCKS * 50, 1):
        if name == "p":
            handed.append(weakref.ref(batch))
            gc.collect()
            assert sum(each() is not None for each in handed) <= 2
            assert sum(each() is not None for each in made) <= 2

    assert len(handed) == BLOCKS


def test_memory_does_not_grow_with_the_persons(model: Model, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sampling, "BLOCK_UNITS", 1_000)

    def most(persons: int) -> int:
        tracemalloc.start()
        try:
            assert sum(batch.num_rows for name, batch in sample(model, persons, 1) if name == "p") == persons
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    most(1_000)  # what is made once and kept

    assert most(16_000) < 1.2 * most(4_000)
