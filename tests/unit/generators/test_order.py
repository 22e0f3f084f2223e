"""Features of few codes are drawn first; rows with an order of their own keep it."""

from __future__ import annotations

from dataclasses import replace

from synth.columns.codec import Codec
from synth.columns.levels import Levels
from synth.generators.coding.layout import Given, Part
from synth.generators.laws.order import drawing_order

PART = Part("p", "all", ("town", "sex", "ward"), (Given("above", "x"),))


def codec(levels: int) -> Codec:
    return Codec(Levels(tuple(f"{i:02d}" for i in range(levels)), (11,) * levels, False), False, 11)


CODECS = (codec(99), codec(50), codec(2), codec(2))


def test_few_codes_come_first_and_ties_stay_as_they_are() -> None:
    assert drawing_order(PART, CODECS) == (2, 3, 1)


def test_rows_that_follow_one_another_keep_their_order() -> None:
    assert drawing_order(replace(PART, name="next"), CODECS) == (1, 2, 3)


def test_rows_of_a_kind_keep_their_order() -> None:
    assert drawing_order(replace(PART, kind="laboratory"), CODECS) == (1, 2, 3)


def test_what_repeats_others_in_most_rows_comes_after_them() -> None:
    part = Part("p", "all", ("echo given", "given", "asked"), (Given("above", "x"),))

    assert drawing_order(part, (codec(99), codec(2), codec(20), codec(50))) == (1, 3, 2)
