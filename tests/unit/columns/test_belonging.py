"""Codes drawn under a stem belong to what the row holds above them, where the list tells."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from synth.columns.belonging import Belonging, belonging, parents_of
from synth.columns.codec import Codec, codec_from
from synth.columns.levels import Levels
from synth.columns.stems import Stem, Stems

PARENT_OF = {
    "A1": {"x": 1.0},
    "A2": {"y": 1.0, "w": 1.0},
    "A3": {"x": 1.0, "w": 0.1},
    "B1": {"z": 1.0},
    "B2": {"x": 1.0},
}
STEMS = Stems(
    (
        Stem("A", 30, "9", 4, ("A1", "A2", "A3", "A4"), (8.0, 1.0, 2.0, 50.0)),
        Stem("B", 10, "9", 2, ("B1", "B2")),
    ),
    0.5,
    False,
    "group",
)


def codes_of(places: list[int], stems: list[int], owners: list[int] | None = None, seed: int = 0) -> list[str]:
    above = Belonging(np.array(places), ("x", "y", "z", "nowhere", "w"), PARENT_OF)
    numbers = np.random.default_rng(seed).random((2, len(stems)))
    who = np.arange(len(stems)) if owners is None else np.array(owners)
    written, at = STEMS.decode(np.array(stems), who, numbers[0], numbers[1], above)
    return [written[place] for place in at]


def test_codes_belong_to_what_is_above_them_as_often_as_published() -> None:
    found = codes_of([0] * 3000, [0] * 3000)

    assert set(found) == {"A1", "A3"}
    assert found.count("A1") == pytest.approx(2400, abs=150)


def test_where_a_stem_has_no_such_code_another_one_has() -> None:
    assert set(codes_of([1] * 50, [1] * 50)) == {"A2"}
    assert set(codes_of([2] * 50, [0] * 50)) == {"B1"}


def test_a_code_may_belong_to_several_and_be_rare_in_one() -> None:
    found = codes_of([4] * 3000, [0] * 3000)

    assert set(found) == {"A2", "A3"}
    assert found.count("A3") == pytest.approx(500, abs=100)  # 2 x .1 beside 1


def test_where_nothing_is_known_above_or_no_code_belongs_to_it_the_stem_stands() -> None:
    for place in (-1, 3):
        assert set(codes_of([place] * 300, [0] * 300)) >= {"A1", "A4"}
        assert set(codes_of([place] * 300, [1] * 300)) == {"B1", "B2"}


@given(st.lists(st.tuples(st.integers(-1, 3), st.integers(0, 1), st.integers(0, 2)), min_size=1), st.integers(0, 99))
def test_persons_come_back_to_codes_that_belong_to_the_row(rows: list[tuple[int, int, int]], seed: int) -> None:
    places, stems, owners = (list(each) for each in zip(*rows, strict=True))
    for place, code in zip(places, codes_of(places, stems, owners, seed), strict=True):
        assert place in (-1, 3) or "xyz"[place] in PARENT_OF[code]


def test_a_codec_keeps_the_column_it_is_drawn_by() -> None:
    codec = Codec(Levels((), (), False, STEMS), False, 11)

    assert codec_from(codec.document()) == codec
    assert codec.document()["levels"]["stems"]["by"] == "group"


def test_the_long_term_disease_of_a_diagnosis_is_told_by_its_list() -> None:
    told = belonging(pa.array(["30", None, "not a code"]), "IR_CIM_V")

    assert told.parents[told.places[0]] == "30"
    assert told.places[1:].tolist() == [-1, -1]
    assert parents_of("IR_CIM_V")["C509"] == {"30": 1.0}
    assert len(parents_of("IR_GEO_V")["055"]) > 1  # a commune of each of several départements
    assert not parents_of("no such list") and not parents_of(None)
