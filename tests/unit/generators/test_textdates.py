"""Dates written as text are learned as dates and written back as they were."""

from __future__ import annotations

import datetime as dt

import pytest

from synth.core.catalog import Catalog, Column, Person, Role, Table
from synth.generators import fit
from tests.unit.generators.clinic import dataset_of, sampled
from tests.unit.generators.small import KEY, drawn, persons_with

TEXT = Column("day", "string", "code")
DAYS = [dt.date(2021, 1, 1) + dt.timedelta(days=index % 300) for index in range(600)]


@pytest.mark.parametrize("form", ["%d%m%Y", "%Y%m%d", "%d/%m/%Y", "%Y-%m-%d"])
def test_a_column_of_dates_comes_back_in_its_own_writing(form: str) -> None:
    made = drawn(persons_with(TEXT, [day.strftime(form) for day in DAYS])).read("p")["day"].to_pylist()

    days = [dt.datetime.strptime(text, form).date() for text in made]
    assert len(set(days)) > 100
    assert min(DAYS) <= min(days)
    assert max(days) <= max(DAYS)


def test_a_single_text_that_is_no_date_makes_levels_of_all() -> None:
    model = fit(persons_with(TEXT, ["31022021", *(day.strftime("%d%m%Y") for day in DAYS)]))

    assert "form" not in model.plan["features"]["p"][0]


def test_a_text_date_keeps_its_distance_from_a_real_one() -> None:
    day, text = Column("entry", "date", "date", False), Column("leaving", "string", "code", False)
    catalog = Catalog((Table("p", (KEY, day, text), ("id",)),), Person("p", ("id",)))
    leaving = [(entry + dt.timedelta(days=index % 3)).strftime("%d%m%Y") for index, entry in enumerate(DAYS)]
    ids = [f"k{index}" for index in range(len(DAYS))]
    made = sampled(fit(dataset_of(catalog, {"p": {"id": ids, "entry": DAYS, "leaving": leaving}})), 300).read("p")

    stays = [
        (dt.datetime.strptime(text, "%d%m%Y").date() - entry).days
        for text, entry in zip(made["leaving"].to_pylist(), made["entry"].to_pylist(), strict=True)
    ]
    assert set(stays) == {0, 1, 2}


def test_years_written_as_text_are_quantities() -> None:
    years = [str(1930 + index % 80) for index in range(400)]
    made = drawn(persons_with(TEXT, years)).read("p")["day"].to_pylist()

    assert {len(year) for year in made} == {4}
    assert len(set(made)) > 40  # levels of five persons each would all be gone
    assert {int(year) for year in made} <= set(range(1929, 2011))


def test_codes_of_four_digits_stay_codes() -> None:
    model = fit(persons_with(TEXT, [str(1100 + 37 * (index % 60)) for index in range(900)]))

    assert "form" not in model.plan["features"]["p"][0]


@pytest.mark.parametrize("form", ["%Y%m%d", "%y%m%d"])
@pytest.mark.parametrize("role", ["number", "code"])
def test_dates_written_as_whole_numbers_stay_dates(form: str, role: Role) -> None:
    days = [dt.date(1999, 6, 1) + dt.timedelta(days=index % 500) for index in range(900)]  # some years begin with a 0
    cells = [None if index % 9 == 0 else int(day.strftime(form)) for index, day in enumerate(days)]
    made = drawn(persons_with(Column("day", "integer", role), cells)).read("p")["day"].to_pylist()

    width = len(dt.date(1999, 6, 1).strftime(form))
    found = [dt.datetime.strptime(str(number).zfill(width), form).date() for number in made if number is not None]
    assert len(set(found)) > 100
    assert min(days) <= min(found)
    assert max(found) <= max(days)
    assert 0.05 < (len(made) - len(found)) / len(made) < 0.2


@pytest.mark.parametrize("odd", [19990631, 0, -19990601, 199906011])
def test_a_single_number_that_is_no_date_makes_numbers_of_all(odd: int) -> None:
    cells = [odd, *(int(day.strftime("%Y%m%d")) for day in DAYS)]
    model = fit(persons_with(Column("day", "integer", "number"), cells))

    assert "form" not in model.plan["features"]["p"][0]


def test_a_numbered_date_keeps_its_distance_from_a_real_one() -> None:
    day, number = Column("entry", "date", "date", False), Column("leaving", "integer", "number", False)
    catalog = Catalog((Table("p", (KEY, day, number), ("id",)),), Person("p", ("id",)))
    leaving = [int((entry + dt.timedelta(days=index % 3)).strftime("%y%m%d")) for index, entry in enumerate(DAYS)]
    ids = [f"k{index}" for index in range(len(DAYS))]
    made = sampled(fit(dataset_of(catalog, {"p": {"id": ids, "entry": DAYS, "leaving": leaving}})), 300).read("p")

    stays = [
        (dt.datetime.strptime(str(number), "%y%m%d").date() - entry).days
        for number, entry in zip(made["leaving"].to_pylist(), made["entry"].to_pylist(), strict=True)
    ]
    assert set(stays) == {0, 1, 2}
