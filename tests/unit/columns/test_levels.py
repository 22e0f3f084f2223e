"""Levels that k persons share are kept; the others are redrawn among them, or forgotten."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from synth.columns.codec import Codec, codec_from
from synth.columns.levels import Levels, supported_levels

ROWS = {"b": 30, "a": 10, "rare 1": 2, "rare 2": 99}
PERSONS = {"b": 12, "a": 5, "rare 1": 2, "rare 2": 1}


def test_only_levels_of_k_persons_are_kept_in_the_order_of_their_text() -> None:
    assert supported_levels(ROWS, PERSONS, rare_persons=3, k=5) == Levels(("a", "b"), (10, 30), False)


def test_rare_levels_are_one_level_when_k_persons_have_any_of_them() -> None:
    assert supported_levels(ROWS, PERSONS, rare_persons=5, k=5).rare


def test_a_rare_cell_becomes_a_supported_level_by_its_weight() -> None:
    levels = Levels(("a", "b"), (1, 3), rare=True)
    drawn = levels.decode(np.full(400, 2), np.linspace(0, 1, 400, endpoint=False)).to_pylist()

    assert (drawn.count("a"), drawn.count("b")) == (100, 300)


def test_missing_and_unknown_texts_have_no_code_unless_rare_is_one() -> None:
    texts = pa.array(["b", None, "unseen"])

    assert Levels(("a", "b"), (1, 1), rare=False).encode(texts).tolist() == [1, -1, -1]
    assert Levels(("a", "b"), (1, 1), rare=True).encode(texts).tolist() == [1, -1, 2]


_ODD = st.sampled_from(["", " ", "a", "A", "é", "e\u0301", "l'eau", "01", "1", "\x00", "😀", "NA"])


@given(st.dictionaries(_ODD, st.integers(1, 50), min_size=1), st.booleans(), st.booleans())
def test_texts_come_back_whatever_they_are(weights: dict[str, int], rare: bool, missing: bool) -> None:
    levels = Levels(tuple(sorted(weights)), tuple(weights[value] for value in sorted(weights)), rare)
    codec = codec_from(Codec(levels, missing, 1).document())
    codes = np.arange(len(weights))

    assert codec.texts(codes, np.zeros(len(codes))).to_pylist() == sorted(weights)
    assert levels.encode(pa.array(sorted(weights), type=pa.string())).tolist() == codes.tolist()
    if missing:
        assert codec.texts(np.array([codec.size - 1]), np.zeros(1)).to_pylist() == [None]


def test_a_codec_that_knows_nothing_gives_missing_cells() -> None:
    codec = codec_from(Codec(None, True, 0).document())

    assert codec.size == 1
    assert codec.texts(np.zeros(3, int), np.zeros(3)).null_count == 3
    assert np.isnan(codec.numbers(np.zeros(3, int), np.zeros(3))).all()
