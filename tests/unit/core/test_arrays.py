"""Numpy and Arrow arrays from one another's buffers."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from synth.core.arrays import arrow_of, distinct, numpy_of, text_array

CELLS = st.lists(st.none() | st.integers(-100, 100), max_size=40)
KINDS = [pa.int8(), pa.int64(), pa.float64(), pa.date32(), pa.timestamp("us")]


@pytest.mark.parametrize("kind", KINDS, ids=str)
@given(cells=CELLS, start=st.integers(0, 10))
def test_cells_with_nulls_from_any_place_on(kind: pa.DataType, cells: list[int | None], start: int) -> None:
    values = pa.array(cells, kind if kind != pa.date32() else pa.int32()).cast(kind)[start:]
    found = numpy_of(values, missing=-128 if kind != pa.float64() else np.nan)
    expected = [(-128.0 if kind != pa.float64() else np.nan) if cell is None else float(cell) for cell in cells[start:]]
    assert np.array_equal(found.astype(np.float64), np.array(expected, dtype=np.float64), equal_nan=True)


@given(cells=st.lists(st.none() | st.booleans(), max_size=40), start=st.integers(0, 10))
def test_flags(cells: list[bool | None], start: int) -> None:
    found = numpy_of(pa.array(cells, pa.bool_())[start:], missing=False)
    assert found.tolist() == [bool(cell) for cell in cells[start:]]
    lost = np.array([cell is None for cell in cells], dtype=bool)
    again = arrow_of(np.array([bool(cell) for cell in cells], dtype=bool), lost)
    assert again.equals(pa.array(cells, pa.bool_()))


@given(cells=CELLS)
def test_numbers_with_missing_ones(cells: list[int | None]) -> None:
    lost = np.array([cell is None for cell in cells], dtype=bool)
    numbers = np.array([cell or 0 for cell in cells], dtype=np.int64)
    assert arrow_of(numbers, lost).equals(pa.array(cells, pa.int64()))
    assert arrow_of(numbers).equals(pa.array(numbers))


def test_chunks_are_put_together_and_slices_of_steps_are_copied() -> None:
    assert numpy_of(pa.chunked_array([pa.array([1, 2]), pa.array([3])])).tolist() == [1, 2, 3]
    assert numpy_of(pa.chunked_array([], type=pa.float64())).tolist() == []
    assert arrow_of(np.arange(10)[::3]).to_pylist() == [0, 3, 6, 9]


def test_a_null_that_nothing_stands_for_is_refused() -> None:
    with pytest.raises(ValueError, match="nulls"):
        numpy_of(pa.array([1, None]))


@given(values=st.lists(st.one_of(st.floats(-2, 2), st.just(float("nan"))), max_size=20))
def test_distinct_values_are_those_of_numpy(values: list[float]) -> None:
    for some in (np.array(values), np.nan_to_num(np.array(values)).astype(np.int64)):
        np.testing.assert_array_equal(distinct(some), np.unique(some))


@given(texts=st.lists(st.one_of(st.none(), st.text(max_size=5)), max_size=10))
def test_texts(texts: list[str | None]) -> None:
    assert text_array(texts).equals(pa.array(texts, pa.string()))


def test_pandas_stays_away() -> None:
    code = (
        "import sys, numpy as np, pyarrow as pa\n"
        "from synth.core.arrays import arrow_of, numpy_of, text_array\n"
        "numpy_of(arrow_of(np.arange(3.0), np.array([True, False, False])), np.nan); text_array(['a'])\n"
        "sys.exit('pandas' in sys.modules)\n"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
