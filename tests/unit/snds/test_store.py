"""Spans of years, and the index of tables."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synth.core.errors import UserError
from synth.core.snds.store import in_spans, snds_tables, spans, table_schema


@pytest.mark.parametrize(
    ("written", "read"),
    [
        (None, ()),
        ("", ()),
        ("2012", ((2012, 2012),)),
        ("2006-", ((2006, None),)),
        ("2006-2012,2014-", ((2006, 2012), (2014, None))),
        ("2006-2009,2011,2013-2015", ((2006, 2009), (2011, 2011), (2013, 2015))),
    ],
)
def test_spans_are_read_as_written(written: str | None, read: tuple[tuple[int, int | None], ...]) -> None:
    assert spans(written) == read


@given(st.sets(st.integers(2006, 2030), min_size=1), st.integers(2000, 2040))
def test_a_year_is_in_spans_when_it_is_one_of_them(years: set[int], year: int) -> None:
    assert in_spans(spans(",".join(map(str, sorted(years)))), year) == (year in years)


def test_no_span_means_every_year() -> None:
    assert in_spans((), 1999)


def test_core_tables_come_first_and_every_table_exists_in_some_year() -> None:
    entries = list(snds_tables().values())
    assert [entry.core for entry in entries[:27]] == [True] * 27
    assert not any(entry.core for entry in entries[27:])
    assert all(any(entry.exists_in(year) for year in range(2006, 2025)) for entry in entries)


def test_a_table_that_is_not_ours_is_a_user_error() -> None:
    with pytest.raises(UserError, match="not a table of the SNDS"):
        table_schema("PATIENTS")
