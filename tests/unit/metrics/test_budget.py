"""A budget gives a plan that follows from sizes alone, shrinks down to floors, and says what power is left."""

from __future__ import annotations

import json

import pytest

from synth.core.errors import UserError
from synth.core.jsontext import dumps
from synth.core.score import scores_document
from synth.metrics import Plan, score
from synth.metrics.budget import FLOORS, Sizes, cost_of, detectable, parse_budget, shrunk, within
from synth.metrics.intervals import attacks_needed, quantile
from tests.controls.people import dataset, people

SIZES = Sizes(6_000_000, ((60_000, 15), (900_000, 40)), 20_000, 20_000, 150)


@pytest.mark.parametrize(
    ("words", "seconds"), [("90s", 90), ("10m", 600), ("1.5h", 5400), ("30", 30), (" 2 min ", 120)]
)
def test_a_length_of_time_is_read(words: str, seconds: float) -> None:
    assert parse_budget(words) == seconds


@pytest.mark.parametrize("words", ["", "soon", "10 days", "-5m", "0s", "m"])
def test_anything_else_is_refused(words: str) -> None:
    with pytest.raises(UserError, match="not a length of time"):
        parse_budget(words)


def test_less_time_is_less_work_down_to_the_floors() -> None:
    plan = Plan()
    costs = []
    for seconds in (10_000, 100, 50, 25, 1):
        smaller, factor = within(SIZES, plan, seconds)
        costs.append(cost_of(SIZES, smaller))
        assert 0 < factor <= 1
        assert costs[-1] <= seconds or smaller == shrunk(plan, 0.0)
    assert costs == sorted(costs, reverse=True)
    assert within(SIZES, plan, 10_000) == (plan, 1.0)
    assert all(getattr(shrunk(plan, 0.0), name) == least for name, least in FLOORS.items())
    assert shrunk(Plan(targets=50), 0.5).targets == 50, "a floor never adds work"


def test_the_power_left_is_the_inverse_of_the_attacks_needed() -> None:
    for targets in (300, 949, 5000):
        needed = attacks_needed(0.5, 0.5, 0.5, quantile(), detectable(targets))
        assert needed == pytest.approx(targets, abs=1)
    assert detectable(0) == 1


def test_scores_say_what_was_sampled_and_are_the_same_twice() -> None:
    sides = [dataset(people(150, seed, 1000 * seed)) for seed in (1, 2, 3)]
    plan = Plan(targets=140, pool=120, draws=60, queries=150, secrets=4, plants=())
    texts = {dumps(scores_document(score(*sides, plan=plan, budget=0.01))) for _ in range(2)}
    assert len(texts) == 1
    context = json.loads(texts.pop())["context"]
    assert context["budget"]["sampled"]["draws"] == {"asked": 60, "used": 40}
    assert context["plan"]["draws"] == 40
    assert context["budget"]["detectable_excess"]["used"] == context["budget"]["detectable_excess"]["asked"]
    assert all(line["en"] and line["fr"] for line in context["budget"]["told"])
    assert "longer than the budget" in context["budget"]["told"][-1]["en"]
