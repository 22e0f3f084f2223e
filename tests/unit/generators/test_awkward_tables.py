"""Tables as they come: too few persons, constants, nothing at all, sentinels, huge numbers, keys only."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
import pytest

from synth.core.catalog import Catalog, Column, ForeignKey, Person, Table
from synth.core.errors import UserError
from synth.core.seeds import rng
from synth.generators import GENERATORS, fit
from tests.unit.generators.clinic import dataset_of, sampled
from tests.unit.generators.reading import faults, values
from tests.unit.generators.small import KEY, children_of, drawn, persons_with

FEW, MANY = 10, 60
NUMBER = Column("x", "number", "number")
CODE = Column("x", "string", "code")


def test_fewer_than_k_persons_are_refused_in_words() -> None:
    with pytest.raises(UserError, match="fewer than 11 persons") as refused:
        fit(persons_with(CODE, ["a"] * FEW), "trees", 11)
    assert refused.value.table == "p"


def test_fewer_than_two_persons_are_no_group() -> None:
    with pytest.raises(UserError, match="below 2"):
        fit(persons_with(CODE, ["a"] * MANY), "trees", 1)


@pytest.mark.parametrize("name", GENERATORS)
@pytest.mark.parametrize(
    ("column", "cell"),
    [
        (CODE, "l'unique"),
        (NUMBER, 123456789.123),
        (Column("x", "integer", "number"), 10**15 + 1),
        (Column("x", "date", "date"), date(1600, 1, 1)),
        (Column("x", "boolean", "code"), False),
        (Column("x", "yearmonth", "date"), "2024-02"),
        (CODE, None),
        (NUMBER, None),
        (Column("x", "date", "date"), None),
    ],
)
def test_a_column_of_one_value_stays_one_value(name: str, column: Column, cell: Any) -> None:
    assert set(drawn(persons_with(column, [cell] * MANY), name).read("p")["x"].to_pylist()) == {cell}


@pytest.mark.parametrize("name", GENERATORS)
def test_texts_that_are_all_different_are_not_repeated(name: str) -> None:
    real = persons_with(CODE, [f"free text {i}" for i in range(MANY)])
    assert values(drawn(real, name), "p", "x") == []


@pytest.mark.parametrize("name", GENERATORS)
def test_a_table_with_a_key_only_is_drawn(name: str) -> None:
    real = dataset_of(
        Catalog((Table("p", (KEY,), ("id",)),), Person("p", ("id",))), {"p": {"id": list("abcdefghijkl")}}
    )
    assert drawn(real, name).read("p").num_rows == 200


@pytest.mark.parametrize("name", GENERATORS)
@pytest.mark.parametrize("rows", [[], [(0, "theirs")] * 40 + [(1, "theirs")] * 2], ids=["no rows", "two persons' rows"])
def test_children_of_too_few_persons_are_not_drawn_and_not_counted(name: str, rows: list[tuple[int, Any]]) -> None:
    model = fit(children_of(MANY, rows, CODE), name, 11)

    assert sampled(model, 200).read("c").num_rows == 0
    assert [s.name for s in model.statistics if s.cells and s.support < 11] == []
    assert model.receipt["smallest_support"] >= 11
    assert model.receipt["rows"]["c"] in (0, None)


def test_nan_is_a_missing_number() -> None:
    made = drawn(persons_with(NUMBER, [float("nan"), 1.0, None, 2.0] * 30))

    assert set(values(made, "p", "x")) == {1.0, 2.0}
    assert made.read("p")["x"].null_count == pytest.approx(100, abs=30)


def test_an_infinite_number_is_refused_as_a_fault_of_the_data() -> None:
    with pytest.raises(UserError, match="infinite") as refused:
        fit(persons_with(NUMBER, [1.0, float("inf")] * MANY), "trees")
    assert (refused.value.table, refused.value.column, refused.value.row) == ("p", "x", 2)


@pytest.mark.parametrize("ends", [(2**63 - 1, -(2**63)), (10**18, 0), (-(10**12), 10**12)])
def test_huge_whole_numbers_keep_their_sign_and_size(ends: tuple[int, int]) -> None:
    found = values(drawn(persons_with(Column("x", "integer", "number"), [*ends] * MANY)), "p", "x")

    assert len(set(found)) == 2
    assert sorted(set(found)) == pytest.approx(sorted(ends), rel=1e-9)


def test_negative_amounts_stay_in_their_range() -> None:
    amounts = np.round(rng(0, "amounts").normal(2_000) * 50 - 20, 2).tolist()
    found = values(drawn(persons_with(Column("x", "number", "number", scale=2), amounts), persons=2_000), "p", "x")

    assert min(amounts) <= min(found) < max(found) <= max(amounts)
    assert float(np.mean(found)) == pytest.approx(float(np.mean(amounts)), abs=5)
    assert all(round(number, 2) == number for number in found)


def test_five_thousand_codes_are_kept_as_far_as_k_persons_share_them() -> None:
    ranks = rng(0, "codes").uniform(4_000)
    codes = [f"C{int(5_000 * u**6):04d}" for u in ranks]
    counts = {code: codes.count(code) for code in set(codes)}
    found = set(values(drawn(persons_with(CODE, codes), persons=2_000), "p", "x"))
    invented = {code for code in found if code[1] == "S"}

    assert invented
    assert found - invented <= {code for code, persons in counts.items() if persons >= 11}
    assert max(counts, key=lambda code: counts[code]) in found


def test_dates_before_1700_and_leap_days_are_dates_like_any() -> None:
    days = [date(1600, 1, 1)] * 20 + [date(1685, 3, 31), date(2024, 2, 29)] * 20
    assert set(values(drawn(persons_with(Column("x", "date", "date"), days)), "p", "x")) == set(days)


def test_a_sentinel_among_dates_counted_from_another_is_kept_exactly() -> None:
    births = [date(1950, 1, 1) + timedelta(days=int(d)) for d in rng(0, "births").integers(900, 20_000)]
    ends = [day + timedelta(days=i % 10) if i % 3 else date(1600, 1, 1) for i, day in enumerate(births)]
    table = Table("p", (KEY, Column("birth", "date", "date", False), Column("end", "date", "date", False)), ("id",))
    rows = {"id": [f"k{i}" for i in range(900)], "birth": births, "end": ends}
    model = fit(dataset_of(Catalog((table,), Person("p", ("id",))), {"p": rows}), "independent")
    found = values(sampled(model, 900), "p", "end")

    assert model.plan["features"]["p"][-1]["base"] == [0, "birth"]
    assert found.count(date(1600, 1, 1)) == pytest.approx(300, abs=50)
    assert min(day for day in found if day.year > 1600) >= date(1950, 1, 1)


def test_one_outlier_does_not_widen_what_is_drawn() -> None:
    usual = np.round(rng(0, "usual").normal(1_000) * 10 + 50, 2).tolist()
    found = values(drawn(persons_with(NUMBER, [*usual, 1_234_567.89]), persons=5_000), "p", "x")

    assert max(found) < 2 * max(usual)


@pytest.mark.parametrize("kind", ["year", "date", "datetime", "time", "yearmonth", "boolean"])
def test_a_person_key_that_cannot_be_made_anew_is_refused(kind: Any) -> None:
    cells: dict[str, list[Any]] = {
        "year": list(range(1900, 1960)),
        "date": [date(2000, 1, 1) + timedelta(days=i) for i in range(60)],
        "datetime": [datetime(2000, 1, 1) + timedelta(days=i) for i in range(60)],
        "time": [f"00:{i:02d}:00" for i in range(60)],
        "yearmonth": [f"{1900 + i}-01" for i in range(60)],
        "boolean": [True, False] * 30,
    }
    with pytest.raises(UserError, match="cannot be made anew"):
        fit(persons_with(NUMBER, [1.0] * 60, Column("id", kind, "key", False), cells[kind]), "independent")


def test_keys_of_a_required_form_are_made_and_told_apart() -> None:
    key = Column("id", "string", "key", False, pattern="[0-9]{8}", minimum_length=8)
    made = drawn(persons_with(CODE, ["a"] * 60, key, [f"{i:08d}" for i in range(60)]))

    assert faults(made) == []
    assert not {f"{i:08d}" for i in range(60)} & set(values(made, "p", "id"))


@pytest.mark.parametrize(
    ("key", "keys"),
    [
        (Column("id", "string", "key", False, maximum_length=4), [f"{i:04d}" for i in range(60)]),
        (Column("id", "integer", "key", False, minimum=0, maximum=9_999), list(range(60))),
    ],
)
def test_a_key_too_narrow_for_a_mark_is_told(key: Column, keys: list[Any], capsys: pytest.CaptureFixture[str]) -> None:
    model = fit(persons_with(CODE, ["a"] * 60, key, keys), "independent")

    assert model.receipt["unmarked_identifiers"] == ["p.id"]
    assert "too narrow" in capsys.readouterr().err
    assert faults(sampled(model, 60)) == []


def test_persons_without_a_primary_key_are_still_told_apart() -> None:
    for key, keys in ((KEY, [f"k{i}" for i in range(60)]), (Column("id", "integer", "key", False), list(range(60)))):
        persons = Table("p", (key, NUMBER))
        events = Table("e", (key, CODE), foreign_keys=(ForeignKey(("id",), "p", ("id",)),))
        catalog = Catalog((persons, events), Person("p", ("id",)))
        rows = {"p": {"id": keys, "x": [1.0] * 60}, "e": {"id": keys, "x": ["a"] * 60}}
        made = drawn(dataset_of(catalog, rows))

        assert faults(made) == []
        assert not set(keys) & set(values(made, "p", "id"))


def test_a_small_referential_keeps_its_rows_and_loses_what_too_few_share() -> None:
    site = Table(
        "site",
        (
            Column("site", "integer", "key", False),
            Column("up", "integer", "key", True),
            Column("name", "string", "text", False),
            Column("opened", "time", "date", False),
            Column("beds", "integer", "number", False),
            Column("since", "date", "date", False),
        ),
        ("site",),
        (ForeignKey(("up",), "site", ("site",)),),
    )
    person = Table(
        "p", (KEY, Column("site", "integer", "key", False)), ("id",), (ForeignKey(("site",), "site", ("site",)),)
    )
    rows: dict[str, dict[str, list[Any]]] = {
        "site": {
            "site": [1, 2],
            "up": [None, 1],
            "name": ["Hôtel-Dieu", "Nord"],
            "opened": ["08:00:00", "09:00:00"],
            "beds": [700, 800],
            "since": [date(1900, 5, 1), date(1950, 5, 1)],
        },
        "p": {"id": [f"k{i}" for i in range(60)], "site": [1, 2] * 30},
    }
    made = drawn(dataset_of(Catalog((site, person), Person("p", ("id",))), rows), persons=60)

    assert faults(made) == []
    # how many there are is itself a count of fewer than k; how many of them k persons refer to is not
    assert made.read("site").num_rows == 2
    assert not {"Hôtel-Dieu", "Nord", 700, 800} & {*values(made, "site", "name"), *values(made, "site", "beds")}


def test_counts_that_too_few_persons_share_stay_counts() -> None:
    # 8 persons without rows and 3 with one row are told together
    rows = [(i, "a") for i in range(8, 11)] + [(i, "a") for i in range(11, 60) for _ in range(40)]
    made = drawn(children_of(MANY, rows, CODE), "independent", persons=600)

    assert made.read("c").num_rows == pytest.approx(len(rows) * 10, rel=0.1)


def test_amounts_that_are_never_negative_stay_so() -> None:
    found = values(drawn(persons_with(NUMBER, [0.0] * 8 + [1.0] * 3 + [100.0] * 20)), "p", "x")

    assert min(found) >= 0
    assert max(found) <= 101
