"""Whether tables are what their catalog says: values within constraints, keys unique, references that resolve.

A fault names the table, the columns, the first row and how many rows show it, never a value. Everything is checked in
one scan a table; keys are compared in DuckDB, out of core.
"""

from __future__ import annotations

from collections.abc import Iterator

from synth.core.catalog import Catalog, ForeignKey, Table
from synth.core.dataset import Dataset, arrow_schema, arrow_type
from synth.core.errors import UserError
from synth.core.progress import say
from synth.io.constraints import Check, checks_of, in_rows
from synth.io.keys import KeyStore, key_store
from synth.io.opening import file_of

_KEY_REMEDY = "correct the rows, or the key in the catalog"


def integrity_faults(dataset: Dataset) -> Iterator[UserError]:
    """Every way in which the dataset breaks its catalog, one fault a check, tables in the catalog's order.

    A cell of the wrong type, a missing value where one is required or in a primary key, a bound, length, pattern or
    closed list not respected, a primary or unique key given twice (the row is the second), a foreign key without its
    row, or of which only some parts are missing (all missing is no reference), a person table without rows. Other
    tables without rows are told on stderr: they are a fact of small data.
    """
    needed = _key_columns(dataset.catalog)
    with key_store() as store:
        whole: set[str] = set()
        for table in dataset.catalog.tables:
            try:
                yield from _scan(dataset, table, needed[table.name], store)
            except UserError as error:
                yield _placed(error, table)
            else:
                whole.add(table.name)
        for table in dataset.catalog.tables:
            if table.name in whole:
                yield from _references(dataset, table, whole, store)


def require_integrity(dataset: Dataset) -> None:
    """Raise the first fault of `integrity_faults`, if there is one."""
    for fault in integrity_faults(dataset):
        raise fault


def _placed(error: UserError, table: Table) -> UserError:
    return UserError(
        error.problem,
        remedy=error.remedy,
        file=error.file,
        table=error.table or table.name,
        column=error.column,
        row=error.row,
    )


def _key_columns(catalog: Catalog) -> dict[str, tuple[str, ...]]:
    """For each table the columns that take part in a key of its own or of another table."""
    wanted = {table.name: set(table.key_columns) for table in catalog.tables}
    if catalog.person is not None:
        wanted[catalog.person.table] |= set(catalog.person.key)
    for table in catalog.tables:
        wanted[table.name] |= {column.name for column in table.columns if column.unique}
        for key in table.foreign_keys:
            wanted[key.target] |= set(key.target_columns)
    return {
        table.name: tuple(name for name in table.column_names if name in wanted[table.name]) for table in catalog.tables
    }


def _scan(dataset: Dataset, table: Table, keys: tuple[str, ...], store: KeyStore) -> Iterator[UserError]:
    """Faults of the cells of a table and of its own keys; its key columns go to the store."""
    person = dataset.catalog.person
    checks = _checks(table, person.key if person is not None and person.table == table.name else ())
    if keys:
        store.start(table.name, keys, arrow_schema(table))
    rows = 0
    for batch in dataset.scan(table.name):
        for check in checks:
            check.add(batch.column(check.column), rows + 1)
        if keys:
            store.add(table.name, batch, rows + 1)
        rows += batch.num_rows
    if rows == 0:
        yield from _empty(dataset, table)
    for check in checks:
        fault = check.fault(file_of(dataset, table.name), table.name)
        if fault is not None:
            yield fault
    yield from _repeats(dataset, table, store)


def _checks(table: Table, person_key: tuple[str, ...]) -> list[Check]:
    required = {*table.primary_key, *person_key}
    return [
        check
        for column in table.columns
        for check in checks_of(column, required=not column.nullable or column.name in required)
    ]


def _empty(dataset: Dataset, table: Table) -> Iterator[UserError]:
    person = dataset.catalog.person
    if person is not None and person.table == table.name:
        yield UserError(
            "the person table has no rows",
            file=file_of(dataset, table.name),
            table=table.name,
            remedy="bring its rows, or name another person table",
        )
    else:
        say(f"{file_of(dataset, table.name)}, table {table.name}: the table has no rows")


def _repeats(dataset: Dataset, table: Table, store: KeyStore) -> Iterator[UserError]:
    named = [("primary key", table.primary_key)] if table.primary_key else []
    person = dataset.catalog.person
    if person is not None and person.table == table.name and person.key != table.primary_key:
        named.append(("person key", person.key))
    named += [("unique key", key) for key in table.unique_keys]
    named += [("unique column", (column.name,)) for column in table.columns if column.unique]
    for what, key in named:
        count, first = store.repeated(table.name, key)
        if count:
            problem = f"the {what} repeats that of an earlier row ({in_rows(count)})"
            yield _key_fault(dataset, table, key, problem, first)


def _key_fault(dataset: Dataset, table: Table, key: tuple[str, ...], problem: str, row: int | None) -> UserError:
    return UserError(
        problem,
        remedy=_KEY_REMEDY,
        file=file_of(dataset, table.name),
        table=table.name,
        column=", ".join(key),
        row=row,
    )


def _references(dataset: Dataset, table: Table, whole: set[str], store: KeyStore) -> Iterator[UserError]:
    for key in table.foreign_keys:
        count, first = store.partial(table.name, key.columns)
        if count:
            problem = f"only some parts of the reference to {key.target} are missing ({in_rows(count)})"
            yield _key_fault(dataset, table, key.columns, problem, first)
        if key.target not in whole:
            continue
        if not _comparable(dataset.catalog, table, key):
            yield _key_fault(dataset, table, key.columns, f"not of the types of the key of {key.target}", None)
            continue
        count, first = store.orphans(table.name, key.columns, key.target, key.target_columns)
        if count:
            problem = f"refers to a row of {key.target} that is not there ({in_rows(count)})"
            yield _key_fault(dataset, table, key.columns, problem, first)


def _comparable(catalog: Catalog, table: Table, key: ForeignKey) -> bool:
    target = catalog.table(key.target)
    pairs = zip(key.columns, key.target_columns, strict=True)
    return all(arrow_type(table.column(mine)) == arrow_type(target.column(theirs)) for mine, theirs in pairs)
