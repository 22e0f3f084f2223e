"""References other than the one to the parent keep their style: a row above, of the same person, or of anyone."""

from __future__ import annotations

import pytest

from synth.core.catalog import Catalog, Column, ForeignKey, Person, Table
from synth.core.dataset import Dataset
from synth.core.model import Model
from synth.generators import fit
from tests.unit.generators.clinic import Rows, dataset_of, sampled
from tests.unit.generators.reading import faults
from tests.unit.generators.small import KEY

PERSONS = 60
KEYS = [f"k{i}" for i in range(PERSONS)]
VISIT = Column("v", "string", "key", False)


def learned(reference: ForeignKey, column: Column, filled: list[str | None]) -> tuple[Model, Dataset]:
    """Persons with two visits each, and one act a visit that also holds `reference`."""
    visits = [f"{key}/{j}" for key in KEYS for j in (1, 2)]
    tables = (
        Table("p", (KEY,), ("id",)),
        Table("visit", (KEY, VISIT), ("v",), (ForeignKey(("id",), "p", ("id",)),)),
        Table("act", (VISIT, column), (), (ForeignKey(("v",), "visit", ("v",)), reference), parent=("v",)),
    )
    rows: dict[str, Rows] = {
        "p": {"id": KEYS},
        "visit": {"id": [key for key in KEYS for _ in (1, 2)], "v": visits},
        "act": {"v": visits, column.name: filled},
    }
    model = fit(dataset_of(Catalog(tables, Person("p", ("id",))), rows), "independent", 5)
    return model, sampled(model, 100)


def style(model: Model) -> str:
    return str(next(link["style"] for link in model.plan["links"] if link["table"] == "act"))


def owner(made: Dataset) -> dict[str, str]:
    return {row["v"]: row["id"] for row in made.read("visit").to_pylist()}


def test_a_row_that_names_its_own_person_still_does() -> None:
    column = Column("who", "string", "key", False)
    model, made = learned(ForeignKey(("who",), "p", ("id",)), column, [key for key in KEYS for _ in (1, 2)])

    assert style(model) == "ancestor"
    assert faults(made) == []
    assert all(owner(made)[row["v"]] == row["who"] for row in made.read("act").to_pylist())


def test_a_row_that_names_a_visit_of_the_same_person_still_does() -> None:
    column = Column("other", "string", "key")
    first = [f"{key}/1" if j == 2 else None for key in KEYS for j in (1, 2)]
    model, made = learned(ForeignKey(("other",), "visit", ("v",)), column, first)
    rows = made.read("act").to_pylist()

    assert style(model) == "kin"
    assert faults(made) == []
    assert all(owner(made)[row["v"]] == owner(made)[row["other"]] for row in rows if row["other"])
    assert sum(row["other"] is None for row in rows) == pytest.approx(100, abs=25)


def test_a_row_may_name_anyone() -> None:
    column = Column("doctor", "string", "key", False)
    model, made = learned(
        ForeignKey(("doctor",), "p", ("id",)), column, [KEYS[(7 * i) % 20] for i in range(2 * PERSONS)]
    )
    named = made.read("act")["doctor"].to_pylist()

    assert style(model) == "other"
    assert faults(made) == []
    # a third of the persons is named, six times each
    assert len(set(named)) == pytest.approx(100 / 3, abs=15)


def test_a_reference_that_is_never_filled_stays_empty() -> None:
    column = Column("other", "string", "key")
    _, made = learned(ForeignKey(("other",), "visit", ("v",)), column, [None] * (2 * PERSONS))

    assert made.read("act")["other"].null_count == made.read("act").num_rows


def test_matched_persons_name_one_another_or_themselves() -> None:
    """As cases and controls do: a case names itself, a control its case."""
    person = Table("p", (KEY, Column("case", "string", "key")), ("id",), (ForeignKey(("case",), "p", ("id",)),))
    cases = [KEYS[i - i % 3] if i % 5 else None for i in range(PERSONS)]
    real = dataset_of(Catalog((person,), Person("p", ("id",))), {"p": {"id": KEYS, "case": cases}})
    made = sampled(fit(real, "independent", 5), 300)
    rows = made.read("p").to_pylist()
    itself = sum(row["case"] == row["id"] for row in rows) / 300

    assert faults(made) == []
    assert itself == pytest.approx(sum(a == b for a, b in zip(KEYS, cases, strict=True)) / PERSONS, abs=0.1)
    assert sum(row["case"] is None for row in rows) / 300 == pytest.approx(0.2, abs=0.1)


def superiors(nullable: bool, first: str | None) -> list[dict[str, str | None]]:
    """Persons who each have a superior, of whom a few have many, all of them below the first; learned and drawn."""
    boss = Column("boss", "string", "key", nullable)
    table = Table("p", (KEY, boss), ("id",), (ForeignKey(("boss",), "p", ("id",)),))
    bosses = [first, *(KEYS[(i - 1) // 4] for i in range(1, PERSONS))]
    real = dataset_of(Catalog((table,), Person("p", ("id",))), {"p": {"id": KEYS, "boss": bosses}})
    made = sampled(fit(real, "trees", 5), 300)

    assert faults(made) == []
    assert made.read("p").num_rows == 300
    rows: list[dict[str, str | None]] = made.read("p").to_pylist()
    return rows


@pytest.mark.parametrize(("nullable", "first"), [(True, None), (False, KEYS[0])])
def test_superiors_never_lead_back(nullable: bool, first: str | None) -> None:
    rows = superiors(nullable, first)
    above = {row["id"]: None if row["boss"] == row["id"] else row["boss"] for row in rows}
    beginnings = [row["id"] for row in rows if above[row["id"]] is None]
    for person in above:
        seen = set()
        while above[person] is not None:
            assert person not in seen
            seen.add(person)
            person = above[person]

    assert 1 <= len(beginnings) < 30
    assert all((row["boss"] is None) == (row["id"] in beginnings and nullable) for row in rows)
    # a quarter are superiors, of about four persons each
    assert len({row["boss"] for row in rows}) == pytest.approx(75, abs=25)


def test_rows_of_a_person_that_follow_one_another_name_earlier_ones() -> None:
    visit = Table(
        "visit",
        (KEY, VISIT, Column("before", "string", "key")),
        ("v",),
        (ForeignKey(("id",), "p", ("id",)), ForeignKey(("before",), "visit", ("v",))),
        parent=("id",),
    )
    catalog = Catalog((Table("p", (KEY,), ("id",)), visit), Person("p", ("id",)))
    names = [f"{key}/{j}" for key in KEYS for j in (1, 2, 3)]
    before = [None if j == 1 else f"{key}/1" for key in KEYS for j in (1, 2, 3)]
    real = dataset_of(
        catalog, {"p": {"id": KEYS}, "visit": {"id": [k for k in KEYS for _ in range(3)], "v": names, "before": before}}
    )
    made = sampled(fit(real, "trees", 5), 100)
    rows = made.read("visit").to_pylist()
    place = {row["v"]: number for number, row in enumerate(rows)}
    mine = {row["v"]: row["id"] for row in rows}

    assert faults(made) == []
    assert sum(row["before"] is not None for row in rows) > 100
    assert all(place[row["before"]] < place[row["v"]] for row in rows if row["before"])
    assert all(mine[row["before"]] == row["id"] for row in rows if row["before"])
