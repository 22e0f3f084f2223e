"""Names of tables by year, both ways."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synth.core.errors import UserError
from synth.core.snds import resolve_name, snds_tables, table_name

PATTERNS = sorted(snds_tables())


@given(st.sampled_from(PATTERNS), st.integers(2006, 2035))
def test_a_name_in_a_year_tells_its_pattern_and_the_year_if_any(pattern: str, year: int) -> None:
    name = table_name(pattern, year)
    assert resolve_name(name) == (pattern, year if name != pattern else None)


@pytest.mark.parametrize(
    ("name", "pattern", "year"),
    [
        ("T_MCO22B", "T_MCOaaB", 2022),
        ("t_mco22b", "T_MCOaaB", 2022),
        ("T_SSR09CSTC", "T_SSRaaCSTC", 2009),
        ("T_MCO16GV2016", "T_MCOaaGV2016", 2016),
        ("T_MCO14GV11D", "T_MCOaaGV11D", 2014),
        ("ER_PRS_F", "ER_PRS_F", None),
        ("er_prs_f", "ER_PRS_F", None),
        ("ER_PRS_F_2010", "ER_PRS_F", 2010),
        ("CT_IND_2019_G8", "CT_IND_AAAA_GN", 2019),
        ("CT_IDE_G11_2021", "CT_IDE_AAAA_GN", 2021),
        ("T_MCOaaB", "T_MCOaaB", None),
    ],
)
def test_names_as_they_are_met(name: str, pattern: str, year: int | None) -> None:
    assert resolve_name(name) == (pattern, year)


@pytest.mark.parametrize("name", ["", "T_MCO22", "ER_ZZZ_F", "patients", "T_MCOB", "CT_XXX_2019_G8"])
def test_other_names_are_a_user_error(name: str) -> None:
    with pytest.raises(UserError, match="not a table of the SNDS"):
        resolve_name(name)
