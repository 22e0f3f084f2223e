"""Rare codes of a column that names a public list of the package become other codes of that list."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from synth.core.catalog import Catalog, Column, Person, Table
from synth.core.dataset import Dataset
from tests.unit.generators.clinic import dataset_of
from tests.unit.generators.reading import values
from tests.unit.generators.small import KEY, drawn, persons_with

COMMON = ["A00", "B00"]
RARE = [f"{letter}{i:02d}" for letter in "AB" for i in range(1, 60, 2)]  # three persons each
UNMET = [f"{letter}{i:02d}" for letter in "ABC" for i in range(2, 60, 2)]


def diagnoses(listed: dict[str, list[Any]]) -> Dataset:
    """A third of 540 persons with rare diagnoses; their list, with a weight for each code where `listed` has some."""
    columns = (Column("code", "string", "code", False), Column("weight", "integer", "number"))[: len(listed)]
    codes = Table("icd", columns, ("code",), public=True)
    person = Table("p", (KEY, Column("cause", "string", "code", False, nomenclature="icd")), ("id",))
    causes = RARE * 3 + [COMMON[i % 2] for i in range(360)]
    rows = {"icd": listed, "p": {"id": [f"k{i}" for i in range(len(causes))], "cause": causes}}
    return dataset_of(Catalog((codes, person), Person("p", ("id",))), rows)


def causes_of(data: Dataset) -> Counter[str]:
    return Counter(str(code) for code in values(drawn(data, persons=540), "p", "cause"))


def test_rare_codes_become_listed_ones_of_the_same_beginning() -> None:
    found = causes_of(diagnoses({"code": [*COMMON, *RARE, *UNMET]}))

    others = {code: count for code, count in found.items() if code not in COMMON}
    assert sum(others.values()) == pytest.approx(180, abs=60)
    assert set(others) <= {*RARE, *UNMET}
    assert not any(code.startswith("C") for code in others)  # nobody had such a code
    assert len(set(others) & set(UNMET)) > 10  # those that somebody had are not known from others


def test_codes_are_met_as_often_as_published() -> None:
    codes = [*COMMON, *RARE, *UNMET]
    weights = [1000 if code in ("A32", "B46") else None if code == "A36" else 1 for code in codes]
    found = causes_of(diagnoses({"code": codes, "weight": weights}))

    for code in ("A32", "B46"):  # beside others of the same beginning
        beside = sum(count for other, count in found.items() if other[:2] == code[:2])
        assert found[code] > 0.8 * beside > 8


def test_weights_without_a_count_leave_all_codes_alike() -> None:
    codes = [*COMMON, *RARE, *UNMET]
    assert len(causes_of(diagnoses({"code": codes, "weight": [0] * len(codes)}))) > 40


def test_a_list_that_holds_no_more_codes_than_are_common_invents_none() -> None:
    found = causes_of(diagnoses({"code": COMMON}))

    assert set(found) == set(COMMON)


def test_a_list_that_is_nowhere_is_told_and_does_without(capsys: pytest.CaptureFixture[str]) -> None:
    column = Column("cause", "string", "code", False, nomenclature="no such list")
    made = drawn(persons_with(column, RARE * 3 + COMMON * 180), persons=100)

    assert "table p, column cause: its code list is neither" in capsys.readouterr().err
    assert len(values(made, "p", "cause")) == 100
