"""First diagnoses: each kind has times of its own, rows are put in order, and what is no date stays one."""

from __future__ import annotations

import datetime
from functools import cache

import numpy as np
import pytest

from synth.core.catalog import Catalog, Column, ForeignKey, Person, Table
from synth.core.dataset import Dataset
from synth.core.model import Model
from synth.core.seeds import rng
from synth.generators import fit
from synth.generators.recount import recount
from tests.unit.generators.clinic import dataset_of, sampled

PERSONS = 600
K = 5
COHORT = Catalog(
    (
        Table("person", (Column("id", "integer", "key", False), Column("entry", "date", "date", False)), ("id",)),
        Table(
            "diagnosis",
            (
                Column("id", "integer", "key", False),
                Column("day", "date", "date", False),
                Column("code", "string", "code", False),
            ),
            foreign_keys=(ForeignKey(("id",), "person", ("id",)),),
            order_by=("day",),
        ),
    ),
    Person("person", ("id",)),
)
START = datetime.date(2000, 1, 1)
NEVER = datetime.date(1600, 1, 1)


def cohort() -> Dataset:
    """Cases enter on the day of their index diagnosis; pressure comes before that, strokes after; some have no date."""
    stream = rng(0, "cohort")
    entries = [START + datetime.timedelta(days=int(day)) for day in stream.integers(PERSONS, 6000)]
    before, after = (1 + stream.integers(PERSONS, 3000) for _ in range(2))
    has = {
        code: stream.uniform(PERSONS) < share for code, share in (("index", 0.5), ("pressure", 0.7), ("stroke", 0.4))
    }
    undated = stream.uniform(PERSONS) < 0.1
    rows: dict[str, list[object]] = {"id": [], "day": [], "code": []}
    for person, entry in enumerate(entries):
        days = {"pressure": -int(before[person]), "index": 0, "stroke": int(after[person])}
        for code, day in days.items():
            if has[code][person]:
                rows["id"].append(person)
                lost = code == "stroke" and undated[person]
                rows["day"].append(NEVER if lost else entry + datetime.timedelta(days=day))
                rows["code"].append(code)
    return dataset_of(COHORT, {"person": {"id": list(range(PERSONS)), "entry": entries}, "diagnosis": rows})


@cache
def learned() -> Model:
    """A model of the cohort."""
    return fit(cohort(), "trees", K)


@cache
def distances() -> dict[str, np.ndarray]:
    """Days from the entry, by code, in what is drawn."""
    made = sampled(learned(), PERSONS, 3)
    entry = dict(zip(*made.read("person").to_pydict().values(), strict=True))
    found: dict[str, list[int]] = {}
    rows = made.read("diagnosis").to_pydict()
    for person, day, code in zip(rows["id"], rows["day"], rows["code"], strict=True):
        found.setdefault(code, []).append(-999_999 if day == NEVER else (day - entry[person]).days)
    return {code: np.array(days) for code, days in found.items()}


def test_a_code_that_falls_on_a_day_always_does() -> None:
    """No sum of gaps would hit the day of entry each time."""
    assert (distances()["index"] == 0).all()


def test_codes_keep_to_their_side_of_the_entry() -> None:
    """Each code's own times are learned."""
    assert (distances()["pressure"] < 0).mean() > 0.98
    strokes = distances()["stroke"]
    assert (strokes[strokes != -999_999] > 0).mean() > 0.98


def test_sentinels_stay_what_they_are() -> None:
    """They are drawn as often as they are (33 of 264), and weigh on no mean: other days are real ones."""
    strokes = distances()["stroke"]
    assert (strokes == -999_999).mean() == pytest.approx(0.125, abs=0.05)
    assert np.abs(strokes[strokes != -999_999]).max() < 4_000


def test_rows_are_in_order_and_no_code_comes_twice() -> None:
    """As in the real rows."""
    rows = sampled(learned(), PERSONS, 3).read("diagnosis").to_pydict()
    pairs = list(zip(rows["id"], rows["day"], strict=True))
    assert len(set(zip(rows["id"], rows["code"], strict=True))) == len(pairs)
    runs: dict[int, list[datetime.date]] = {}
    for person, day in pairs:
        runs.setdefault(person, []).append(day)
    assert all(days == sorted(days) for days in runs.values())


def test_all_that_is_told_covers_k_persons() -> None:
    """Counted again in the rows."""
    found = list(recount(cohort(), learned()))
    assert all(one.persons >= K for one in found)
    assert all(one.told is None or one.told == one.rows for one in found)
