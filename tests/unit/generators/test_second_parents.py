"""Columns made of those of a second parent: an order's line has the price of its product."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from synth.core.catalog import Catalog, Column, ForeignKey, Person, Table
from synth.core.dataset import Dataset
from synth.core.errors import UserError
from synth.core.model import Model
from synth.core.seeds import rng
from synth.core.tablerules import rule_from
from synth.generators import fit, sample
from synth.generators.recount import recount
from tests.unit.generators.clinic import dataset_of, sampled

CLIENTS, GOODS = 300, 60
KEY = ("aisle", "ref")
AMOUNT = Column("amount", "number", "number")


def _key(name: str, nullable: bool = False) -> Column:
    return Column(name, "string", "key", nullable)


def shop(
    composite: bool = False,
    public: bool = False,
    given: float = 0.0,
    rules: tuple[str, ...] = (),
    without: tuple[str, ...] = (),
    keys: int = 1,
) -> Dataset:
    """Orders of clients; one line of twenty names no product, one product of fifteen has no price.

    A share `given` of the lines is given away; lines are `without` some columns, and refer to products `keys` times.
    """
    stream = rng(1, "shop")
    key = KEY if composite else KEY[1:]
    goods: dict[str, list[Any]] = {"aisle": [f"a{i % 6}" for i in range(GOODS)]}
    goods["ref"] = [f"p{i // 6 if composite else i:02}" for i in range(GOODS)]
    goods["price"] = [round(1 + 100 * float(u), 2) if i % 15 else None for i, u in enumerate(stream.uniform(GOODS))]
    goods["family"] = [f"family {i % 7}" for i in range(GOODS)]
    names = (*(f"{name}{again or ''}" for again in range(keys) for name in key), "quantity", "price", "amount", "label")
    lines: dict[str, list[Any]] = {name: [] for name in ("no", *names) if name not in without}
    orders: dict[str, list[Any]] = {"no": [], "id": []}
    for order in range(2 * CLIENTS):
        orders["no"].append(f"o{order}")
        orders["id"].append(f"c{order // 2}")
        for _ in range(1 + order % 4):
            which, many, lost, free = stream.uniform(4).tolist()
            good: dict[str, Any] = {
                name: None if lost < 0.05 else cells[int(GOODS * which**2)] for name, cells in goods.items()
            }
            price = None if good["price"] is None else 0.0 if free < given else good["price"]
            quantity = 1 + int(5 * many)
            row = {"no": f"o{order}", "quantity": quantity, "price": price, "label": good["family"]}
            row |= {"amount": None if price is None else round(quantity * price, 2)}
            row |= {f"{name}{again or ''}": good[name] for again in range(keys) for name in key}
            for name, cells in lines.items():
                cells.append(row[name])
    code = Column("family", "string", "code")
    found = {"quantity": Column("quantity", "integer", "number", False), "price": replace(AMOUNT, name="price")}
    found |= {"amount": AMOUNT, "label": replace(code, name="label")}
    columns = tuple(found[name] if name in found else _key(name, name != "no") for name in lines)
    leads = tuple(ForeignKey(tuple(f"{name}{again or ''}" for name in key), "goods", key) for again in range(keys))
    tables = (
        Table("goods", (*map(_key, KEY), found["price"], code), key, public=public),
        Table("clients", (_key("id"),), ("id",)),
        Table("orders", (_key("no"), _key("id")), ("no",), (ForeignKey(("id",), "clients", ("id",)),)),
        Table(
            "lines",
            columns,
            (),
            (ForeignKey(("no",), "orders", ("no",)), *leads),
            rules=tuple(rule_from(text, "lines") for text in rules),
        ),
    )
    rows = {"goods": goods, "clients": {"id": sorted(set(orders["id"]))}, "orders": orders, "lines": lines}
    return dataset_of(Catalog(tables, Person("clients", ("id",))), rows)


def told(model: Model) -> dict[str, str]:
    """The relations of a model: the rule of each, and how it holds."""
    found = [item.data for item in model.statistics if item.kind == "relation" and item.table == "lines"]
    return {item["rule"]: item["mode"] for item in found}


def lines_of(made: Dataset, key: tuple[str, ...]) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """Each line with its product; one that is empty where it has none."""
    goods = {tuple(row[name] for name in key): row for row in made.read("goods").to_pylist()}
    none = dict.fromkeys(("price", "family"))
    return [(row, goods.get(tuple(row[name] for name in key), none)) for row in made.read("lines").to_pylist()]


@pytest.mark.parametrize("public", [False, True])
@pytest.mark.parametrize("composite", [False, True])
def test_what_lines_copy_from_their_product_and_what_rests_on_it_is_found_and_kept(
    composite: bool, public: bool
) -> None:
    model = fit(shop(composite, public))
    pairs = lines_of(sampled(model, CLIENTS), KEY if composite else KEY[1:])

    assert told(model) == dict.fromkeys(
        ("price = goods.price", "label = goods.family", "amount = round(quantity * price, 2)"), "always"
    )
    assert all(item.support >= 11 for item in model.statistics if item.kind == "relation")
    assert all(line["price"] == good["price"] and line["label"] == good["family"] for line, good in pairs)
    assert {line["price"] is None for line, _ in pairs} == {True, False}
    assert sum(line["ref"] is None for line, _ in pairs) / len(pairs) == pytest.approx(0.05, abs=0.03)


def test_an_amount_may_be_made_of_a_price_that_only_the_product_has() -> None:
    model = fit(shop(composite=True, without=("price",)))
    pairs = lines_of(sampled(model, CLIENTS), KEY)

    assert told(model)["amount = round(quantity * goods.price, 2)"] == "always"
    for line, good in pairs:
        asked = None if good["price"] is None else pytest.approx(line["quantity"] * good["price"], abs=0.0051)
        assert line["amount"] == asked


def test_a_price_that_is_mostly_the_products_is_so_as_often() -> None:
    model = fit(shop(given=0.1, without=("amount",)))
    pairs = [(line, good) for line, good in lines_of(sampled(model, CLIENTS), KEY[1:]) if good["price"] is not None]

    assert told(model)["price = goods.price"] == "mostly"
    assert sum(line["price"] == good["price"] for line, good in pairs) / len(pairs) == pytest.approx(0.9, abs=0.04)


def test_rules_may_name_a_second_parent() -> None:
    rules = ("amount = round(quantity * goods.price, 2)", "price <= goods.price")
    model = fit(shop(given=0.1, rules=rules))
    fared: dict[str, dict[str, dict[str, int]]] = {}
    made: dict[str, list[dict[str, Any]]] = {}
    for name, batch in sample(model, CLIENTS, 3, fared=fared):
        made.setdefault(name, []).extend(batch.to_pylist())
    price = {row["ref"]: row["price"] for row in made["goods"]}
    pairs = [(row, price[row["ref"]]) for row in made["lines"] if row["ref"] and price[row["ref"]] is not None]

    assert all(row["price"] is None or row["price"] <= price for row, price in pairs)
    assert all(row["amount"] == pytest.approx(row["quantity"] * price, abs=0.0051) for row, price in pairs)
    assert fared["lines"]["price <= goods.price"]["unsatisfied"] == 0


def test_what_is_made_of_a_second_parent_is_the_same_for_any_workers_and_counted_again() -> None:
    data = shop(composite=True)
    model = fit(data)
    once, again = ([batch.to_pylist() for _, batch in sample(model, 5_000, 3, workers)] for workers in (1, 2))

    assert once == again
    assert all(item.persons >= 11 for item in recount(data, model) if item.rows)


def test_two_keys_to_one_table_give_nothing_and_a_rule_that_names_it_is_refused() -> None:
    assert not any("goods." in rule for rule in told(fit(shop(keys=2))))
    with pytest.raises(UserError, match="not one key leads"):
        fit(shop(keys=2, rules=("price = goods.price",)))
