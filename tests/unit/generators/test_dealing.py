"""References to rows of a referential are dealt: no account has more holders than accounts have."""

from __future__ import annotations

from collections import Counter

from synth.core.catalog import Catalog, Column, ForeignKey, Person, Table
from synth.core.dataset import Dataset
from synth.generators import fit
from tests.unit.generators.clinic import dataset_of, sampled

ACCOUNTS = 400
CATALOG = Catalog(
    (
        Table("account", (Column("account", "integer", "key", False),), ("account",)),
        Table("client", (Column("client", "integer", "key", False),), ("client",)),
        Table(
            "holder",
            (Column("client", "integer", "key", False), Column("account", "integer", "key", False)),
            foreign_keys=(
                ForeignKey(("client",), "client", ("client",)),
                ForeignKey(("account",), "account", ("account",)),
            ),
        ),
    ),
    Person("client", ("client",)),
)


def bank() -> Dataset:
    """Every fourth account has two holders, the others one."""
    accounts = [account for account in range(ACCOUNTS) for _ in range(1 + (account % 4 == 0))]
    clients = list(range(len(accounts)))
    tables = {
        "account": {"account": list(range(ACCOUNTS))},
        "client": {"client": clients},
        "holder": {"client": clients, "account": accounts},
    }
    return dataset_of(CATALOG, tables)


def test_accounts_have_as_many_holders_as_they_had() -> None:
    made = sampled(fit(bank()), 500)
    holders = Counter(made.read("holder")["account"].to_pylist())
    sizes = Counter(holders.values())

    assert max(sizes) <= 3
    assert sum(count for size, count in sizes.items() if size > 2) < 0.05 * made.read("account").num_rows
    assert sizes[2] / made.read("account").num_rows > 0.18
