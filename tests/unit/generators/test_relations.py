"""What columns give one another is found, confirmed on every row, and exact in what is drawn."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from synth.core.catalog import Catalog, Column, ForeignKey, Person, Table
from synth.core.dataset import Dataset
from synth.core.model import Model
from synth.core.seeds import rng
from synth.generators import fit
from synth.generators.recount import recount
from tests.unit.generators.clinic import dataset_of, sampled
from tests.unit.generators.small import KEY

PERSONS = 400
MONEY = ("base", "rate", "refund", "fee", "paid")


def one_table(columns: tuple[Column, ...], cells: dict[str, list[Any]], rules: tuple[Any, ...] = ()) -> Dataset:
    table = Table("p", (KEY, *columns), ("id",), rules=rules)
    count = len(next(iter(cells.values())))
    return dataset_of(Catalog((table,), Person("p", ("id",))), {"p": {"id": [f"k{i}" for i in range(count)], **cells}})


def drawn_rows(model: Model, table: str = "p", persons: int = 500) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = sampled(model, persons).read(table).to_pylist()
    return rows


def rules_of(model: Model) -> dict[str, str]:
    """The formula that gives each column, and how it holds."""
    found = [item for item in model.statistics if item.kind == "relation"]
    return {item.columns[0]: f"{item.data['rule']} ({item.data['mode']})" for item in found}


def amounts() -> dict[str, list[float]]:
    stream = rng(3, "amounts")
    base = (stream.integers(PERSONS, 9_000) + 100).tolist()
    rate = [(65, 30, 100, 15)[i] for i in stream.integers(PERSONS, 4).tolist()]
    fee = [(0, 0, 250, 1990)[i] for i in stream.integers(PERSONS, 4).tolist()]
    return {
        "base": [b / 100 for b in base],
        "rate": [float(r) for r in rate],
        # halves are rounded up: in whole cents
        "refund": [(b * r + 50) // 100 / 100 for b, r in zip(base, rate, strict=True)],
        "fee": [f / 100 for f in fee],
        "paid": [(b + f) / 100 for b, f in zip(base, fee, strict=True)],
    }


def money(cells: dict[str, list[float]]) -> Dataset:
    return one_table(tuple(Column(name, "number", "number", False, scale=2) for name in MONEY), dict(cells))


def test_amounts_that_follow_from_others_are_computed_to_the_cent() -> None:
    model = fit(money(amounts()))
    rows = drawn_rows(model)

    assert rules_of(model) == {
        "refund": "refund = round(base * rate / 100, 2) (always)",
        "paid": "paid = base + fee (always)",
    }
    assert all(round(100 * row["paid"]) == round(100 * row["base"]) + round(100 * row["fee"]) for row in rows)
    assert all(abs(row["refund"] - row["base"] * row["rate"] / 100) <= 0.00501 for row in rows)


def test_whole_numbers_that_are_codes_are_factors_and_terms_of_quantities() -> None:
    cells: dict[str, list[Any]] = dict(amounts())
    cells = {name: cells[name] for name in ("base", "rate", "refund")} | {"rate": [int(r) for r in cells["rate"]]}
    stream = rng(4, "items")
    items = {f"item {i}": stream.integers(PERSONS, 4).tolist() for i in range(4)}
    total = [sum(each) for each in zip(*items.values(), strict=True)]
    columns = (
        Column("base", "number", "number", False, scale=2),
        Column("rate", "integer", "code", False),
        Column("refund", "number", "number", False, scale=2),
        *(Column(name, "integer", "code", False) for name in items),
        Column("total", "integer", "number", False),
    )
    data = one_table(columns, cells | items | {"total": total})
    model = fit(data)
    assert rules_of(model) == {
        "refund": "refund = round(base * rate / 100, 2) (always)",
        "total": 'total = "item 0" + "item 1" + "item 2" + "item 3" (always)',
    }
    for row in drawn_rows(model):
        assert row["total"] == sum(row[name] for name in items)
        assert abs(row["refund"] - row["base"] * row["rate"] / 100) < 0.005 + 1e-9
    assert all(each.told in (None, each.rows) for each in recount(data, model))


def test_a_quantity_that_is_always_so_many_times_another_one_is_computed() -> None:
    days = rng(5, "days").integers(PERSONS, 40).tolist()
    net = [n / 100 for n in rng(6, "net").integers(PERSONS, 9_000).tolist()]
    cells = {
        "days": days,
        "fine": [15 * d / 100 for d in days],
        "net": net,
        "gross": [(1055 * round(100 * n) + 500) // 1000 / 100 for n in net],  # with 5.5 % of tax, to the cent
        "hours": [24 * d for d in days],
        "near": [n * 3 + (i == 7) for i, n in enumerate(net)],
    }
    columns = (
        *(Column(name, "integer", "number", False) for name in ("days", "hours")),
        *(Column(name, "number", "number", False) for name in ("fine", "net", "gross", "near")),
    )
    data = one_table(columns, cells)
    model = fit(data)
    rules = rules_of(model)
    assert rules["fine"] == "fine = round(days * 0.15, 2) (always)"
    assert rules["gross"] == "gross = round(net * 1.055, 2) (always)"
    for row in drawn_rows(model):
        assert row["hours"] == 24 * row["days"]
        assert row["fine"] == pytest.approx(0.15 * row["days"], abs=1e-9)
        assert row["gross"] == pytest.approx(row["net"] * 1.055, abs=0.005 + 1e-9)
    assert "near" not in rules
    assert all(each.told in (None, each.rows) for each in recount(data, model))


def test_one_row_that_breaks_a_rule_is_enough_for_it_not_to_be_always_kept() -> None:
    cells = amounts()
    cells["refund"][PERSONS - 1] += 1.0

    assert rules_of(fit(money(cells)))["refund"].endswith("(mostly)")


def test_what_holds_by_chance_in_few_results_is_not_believed() -> None:
    cells = {name: [float(i % 2) for i in range(PERSONS)] for name in MONEY}
    cells["paid"] = [float(i % 3 == 0) for i in range(PERSONS)]
    cells["fee"] = [float(i % 5 == 0) for i in range(PERSONS)]

    assert "paid" not in rules_of(fit(money(cells)))


DAYS = [date(2019, 1, 1) + timedelta(days=int(d)) for d in rng(1, "days").integers(PERSONS, 900)]


@pytest.mark.parametrize(
    ("column", "part"),
    [
        (Column("m", "string", "code"), lambda day: f"{day:%Y%m}"),
        (Column("m", "integer", "number"), lambda day: day.year),
        (Column("m", "string", "code"), lambda day: f"{day:%m}"),
        (Column("m", "date", "date"), lambda day: date(day.year + day.month // 12, day.month % 12 + 1, 1)),
        (Column("m", "string", "code"), lambda day: f"{day:%d%m%Y}"),
    ],
)
def test_parts_of_a_date_are_those_of_the_date(column: Column, part: Any) -> None:
    real = one_table((Column("day", "date", "date", False), column), {"day": DAYS, "m": [part(day) for day in DAYS]})

    assert all(row["m"] == part(row["day"]) for row in drawn_rows(fit(real)))


def test_nights_are_those_between_two_dates_even_before_1900() -> None:
    nights = rng(2, "nights").integers(PERSONS, 12).tolist()
    ends = [day - timedelta(days=60_000 - n) for day, n in zip(DAYS, nights, strict=True)]
    starts = [day - timedelta(days=60_000) for day in DAYS]
    columns = (
        Column("from", "date", "date", False),
        Column("to", "date", "date", False),
        Column("n", "integer", "number"),
    )
    rows = drawn_rows(fit(one_table(columns, {"from": starts, "to": ends, "n": nights})))

    assert all(row["n"] == (row["to"] - row["from"]).days for row in rows)
    assert len({row["n"] for row in rows}) > 5


def communes() -> tuple[Dataset, dict[str, str]]:
    towns = [f"{d:02d}{t:02d}" for d in range(1, 9) for t in range(4)]
    picked = [towns[i % len(towns)] for i in range(PERSONS)]
    names = {town: f"{'xyz'[i % 3]}{town[::-1]}" for i, town in enumerate(towns)}
    region = {town: names[town][0] for town in towns}
    columns = tuple(Column(name, "string", "code") for name in ("town", "departement", "region"))
    cells = {"town": picked, "departement": [t[:2] for t in picked], "region": [region[t] for t in picked]}
    return one_table(columns, cells), region


def test_a_code_gives_its_beginning_and_what_depends_on_it() -> None:
    real, region = communes()
    model = fit(real, min_persons=5)
    rows = drawn_rows(model)

    assert rules_of(model) == {"departement": "departement = left(town, 2) (always)"}
    assert {(row["town"], row["region"]) for row in rows} <= set(region.items())
    assert len({row["town"] for row in rows}) > 20


def test_a_pair_that_fewer_than_k_persons_tell_is_in_no_dependency() -> None:
    towns = [f"t{i % 20:02d}" for i in range(PERSONS)] + ["rare"] * 4
    regions = [f"r{i % 20 // 4}" for i in range(PERSONS)] + ["hidden"] * 4
    columns = (Column("town", "string", "code"), Column("region", "string", "code"))
    model = fit(one_table(columns, {"town": towns, "region": regions}), min_persons=5)
    (found,) = [item for item in model.statistics if item.kind == "dependency"]

    assert found.support == 20
    assert "rare" not in found.data["pairs"] and "hidden" not in str(model.statistics)


VISIT = Table(
    "visit",
    (
        KEY,
        Column("number", "integer", "key", False),
        Column("town", "string", "code"),
        Column("lines", "integer", "number", False),
        Column("total", "number", "number", scale=2),
    ),
    ("id", "number"),
    (ForeignKey(("id",), "person", ("id",)),),
)
LINE = Table(
    "line",
    (
        KEY,
        Column("number", "integer", "key", False),
        Column("quantity", "integer", "number", False),
        Column("price", "number", "number", False, scale=2),
    ),
    (),
    (ForeignKey(("id", "number"), "visit", ("id", "number")),),
)
HOME = Table("person", (KEY, Column("town", "string", "code", False)), ("id",))


def visits() -> Dataset:
    stream = rng(5, "visits")
    rows: dict[str, dict[str, list[Any]]] = {
        table.name: {name: [] for name in table.column_names} for table in (HOME, VISIT, LINE)
    }
    for person in range(PERSONS):
        town = f"T{person % 30:02d}"
        rows["person"]["id"].append(f"k{person}")
        rows["person"]["town"].append(town)
        for number in range(1, 2 + int(stream.integers(1, 3)[0])):
            lines = [
                (int(q) + 1, (int(c) + 50) / 100)
                for q, c in zip(*(stream.integers(2, n) for n in (5, 900)), strict=True)
            ]
            lines = lines[: int(stream.integers(1, 3)[0])]
            total = round(sum(q * p for q, p in lines), 2) if lines else None
            for name, cell in zip(VISIT.column_names, (f"k{person}", number, town, len(lines), total), strict=True):
                rows["visit"][name].append(cell)
            for quantity, price in lines:
                for name, cell in zip(LINE.column_names, (f"k{person}", number, quantity, price), strict=True):
                    rows["line"][name].append(cell)
    return dataset_of(Catalog((HOME, VISIT, LINE), Person("person", ("id",))), rows)


def test_counts_and_sums_are_those_of_the_rows_below_and_cells_those_of_the_row_above() -> None:
    model = fit(visits())
    made = sampled(model, 300)
    home = {row["id"]: row["town"] for row in made.read("person").to_pylist()}
    below: dict[tuple[str, int], list[float]] = {}
    for row in made.read("line").to_pylist():
        below.setdefault((row["id"], row["number"]), []).append(row["quantity"] * row["price"])

    rules = rules_of(model)
    assert rules["lines"] == "lines = count(line) (always)"
    assert rules["total"].startswith("total = sum(line, quantity * price)")
    assert rules["town"] == "town = person.town (always)"
    for row in made.read("visit").to_pylist():
        lines = below.get((row["id"], row["number"]), [])
        assert row["town"] == home[row["id"]] and row["lines"] == len(lines)
        assert row["total"] is None or not lines or abs(row["total"] - sum(lines)) < 0.005


def test_a_count_of_the_rows_below_is_given_by_nothing_else() -> None:
    towns = [f"T{i % 20:02d}" for i in range(PERSONS)]
    sizes = [i % 20 // 5 for i in range(PERSONS)]
    person = Table("person", (KEY, Column("town", "string", "code"), Column("visits", "integer", "number")), ("id",))
    visit = Table("visit", (KEY, Column("x", "string", "code")), foreign_keys=(ForeignKey(("id",), "person", ("id",)),))
    ids = [f"k{i}" for i in range(PERSONS) for _ in range(sizes[i])]
    cells = {"person": {"id": [f"k{i}" for i in range(PERSONS)], "town": towns, "visits": sizes}}
    real = dataset_of(
        Catalog((person, visit), Person("person", ("id",))), {**cells, "visit": {"id": ids, "x": ["a"] * len(ids)}}
    )
    made = sampled(fit(real), 300)
    found = made.read("visit")["id"].to_pylist()

    assert all(row["visits"] == found.count(row["id"]) for row in made.read("person").to_pylist())


def test_what_is_computed_does_not_depend_on_the_workers() -> None:
    model = fit(visits())

    assert sampled(model, 60, workers=2).read("visit").equals(sampled(model, 60).read("visit"))


def test_stems_and_dependencies_are_recounted() -> None:
    towns = [f"{i % 8:02d}{i % 40 // 8}" for i in range(PERSONS)]
    columns = (
        Column("provider", "string", "code"),
        Column("town", "string", "code"),
        Column("region", "string", "code"),
    )
    cells = {
        "provider": [f"{i % 3}{10_000 + 7 * i:05d}" for i in range(PERSONS)],
        "town": towns,
        "region": ["ab"[int(town[1]) % 2] for town in towns],
    }
    real = one_table(columns, cells)
    model = fit(real, min_persons=5)
    counted = list(recount(real, model))

    names = {each.statistic for each in counted if each.persons >= 5 and each.told in (None, each.rows)}
    assert {"codec/p/provider", "dependency/p/region/town"} <= names
    assert all(each.persons >= 5 for each in counted)


def test_one_code_may_fix_another_column_though_others_do_not() -> None:
    stream = rng(6, "motives")
    motive = [("0", "41", "42")[i] for i in stream.integers(PERSONS, 3).tolist()]
    rate = [
        100.0 if m == "42" else (65.0, 30.0, 15.0)[i] for m, i in zip(motive, stream.integers(PERSONS, 3), strict=True)
    ]
    columns = (Column("motive", "string", "code", False), Column("rate", "number", "number", False, scale=0))
    model = fit(one_table(columns, {"motive": motive, "rate": rate}))
    (found,) = [item for item in model.statistics if item.kind == "dependency"]

    assert found.data["pairs"] == {"42": "100.0"}
    assert all((row["rate"] == 100.0) == (row["motive"] == "42") for row in drawn_rows(model))
