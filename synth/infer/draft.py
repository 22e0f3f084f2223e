"""The draft of a catalog: types, then keys, references, person and roles, each step on what the last one found."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from synth.core.catalog import Catalog, Column, Person, Role, Table
from synth.core.descriptor_writer import descriptor_of
from synth.core.errors import UserError
from synth.core.files import atomic_file
from synth.core.joins import person_paths
from synth.core.jsontext import dumps
from synth.core.progress import track
from synth.infer.coarser import coarser_person
from synth.infer.facts import Facts, gathered
from synth.infer.found import Found, find_tables
from synth.infer.known import known_primary_keys, snds_names, with_known
from synth.infer.names import is_amount, is_code, is_identifier, speaks_of
from synth.infer.person import EACH_ROW, doubts, guess_order, guess_person, numbered, rows_are_persons
from synth.infer.primary import primary_keys
from synth.infer.references import foreign_keys
from synth.infer.types import Profile
from synth.io import open_dataset

_FEW = 12  # values of an integer that is then taken for a code
_WORDY = 30  # characters on average in what is then taken for free text


def infer_catalog(path: Path) -> tuple[Catalog, list[str]]:
    """A draft for the tables at `path` (a folder, a DuckDB or SQLite file), and what a reader should check in it.

    Types hold for every row, keys and references for every value: the draft opens and passes `integrity_faults` as it
    is. What is a guess (which reference is meant, who the person is, what orders the rows) is for a reader to confirm.
    Raises UserError when there is no table or one cannot be read.
    """
    found = find_tables(path)
    notes: list[str] = []
    typed = [_typed(one, notes) for one in track(found, "types", len(found))]
    catalog = Catalog(tuple(_agreed(_whole_keys(typed))), name=_package_name(path))
    with gathered(open_dataset(path, catalog)) as facts:
        keyed = _keyed(catalog, facts)
        person = guess_person(keyed)
        keyed, person, facts = coarser_person(keyed, person, facts, notes)
        draft = replace(keyed, person=person)
        ordered = tuple(_finished(table, draft, facts) for table in draft.tables)
        draft = replace(draft, tables=ordered)
        if person is None and rows_are_persons(draft, facts):
            return numbered(draft), [*notes, EACH_ROW]
        return draft, [*notes, *doubts(draft, facts)]


def write_draft(catalog: Catalog, out: Path, *, overwrite: bool = False) -> None:
    """Write the draft as a descriptor. Raises UserError when `out` exists and `overwrite` is false."""
    if out.exists() and not overwrite:
        raise UserError("already exists", file=out, remedy="choose another file or pass --force")
    with atomic_file(out) as aside:
        aside.write_text(dumps(descriptor_of(catalog)), encoding="utf-8")


def _package_name(path: Path) -> str:
    name = re.sub(r"[^a-z0-9._-]+", "-", path.resolve().stem.casefold()).strip("-.")
    return name or "tables"


def _typed(found: Found, notes: list[str]) -> tuple[Table, set[str]]:
    """The table with the types of its columns, and which of them hold whole numbers alone; others are noted."""
    profiles = [Profile(name, typed=found.kind in ("parquet", "duckdb")) for name in found.columns]
    for batch in found.batches():
        for profile, cells in zip(profiles, batch.columns, strict=True):
            profile.add(cells)
    columns, na, whole = [], set(), set()
    left_out = [*found.left_out, *(profile.name for profile in profiles if not profile.readable)]
    if left_out:
        notes.append(f"{found.name}: not read, as they are lists, structures or no text: {', '.join(left_out)}")
    for profile in profiles:
        if not profile.readable:
            continue
        kind, extra = profile.decide()
        if kind != "string":
            na |= profile.na
        if profile.always_whole:
            whole.add(profile.name)
        said = {name: extra.pop(name, None) for name in ("format", "description")}
        columns.append(Column(profile.name, kind, **said, extra=extra))
    if not columns:
        raise UserError(
            "no column can be read",
            file=found.path,
            table=found.name,
            remedy="write lists and structures as plain columns, or as tables of their own",
        )
    missing = {"missingValues": ["", *sorted(na)]} if na else {}
    return Table(found.name, tuple(columns), path=found.path.name, resource=found.resource, extra=missing), whole


def _whole_keys(typed: Sequence[tuple[Table, set[str]]]) -> list[Table]:
    """Columns of several tables, one of which is called after them, are integers where all hold whole numbers.

    A gap in one table makes pandas write `doctor` as 12.0 there, and it still refers to the table of doctors.
    """
    holders = Counter(name for table, _ in typed for name in table.column_names)
    whole = Counter(name for _, names in typed for name in names)
    named = {name for name in whole if any(speaks_of(name, table.name) for table, _ in typed)}
    keys = {name for name in named if whole[name] == holders[name] > 1}

    def keyed(column: Column) -> Column:
        return replace(column, type="integer") if column.type == "number" and column.name in keys else column

    return [replace(table, columns=tuple(keyed(column) for column in table.columns)) for table, _ in typed]


def _agreed(tables: Sequence[Table]) -> list[Table]:
    """Keys and codes that are text in one table and numbers in another become text in both."""
    kinds: dict[str, Counter[str]] = {}
    for table in tables:
        for column in table.columns:
            if is_identifier(column.name) or is_code(column.name):
                kinds.setdefault(column.name, Counter())[column.type] += 1
    texts = {name for name, types in kinds.items() if set(types) == {"string", "integer"}}

    def agreed(column: Column) -> Column:
        return replace(column, type="string") if column.name in texts else column

    return [replace(table, columns=tuple(agreed(column) for column in table.columns)) for table in tables]


def _keyed(catalog: Catalog, facts: Facts) -> Catalog:
    primary = primary_keys(catalog, facts) | known_primary_keys(catalog, facts)
    names = snds_names(catalog)
    foreign = foreign_keys(catalog, primary, facts)
    tables = []
    for table in catalog.tables:
        keys = tuple(foreign[table.name])
        named = {name for key in keys for name in key.columns} | set(primary[table.name])
        columns = tuple(
            replace(column, nullable=not (column.name in named and facts.complete(table.name, column.name)))
            for column in table.columns
        )
        keyed = replace(table, columns=columns, primary_key=primary[table.name], foreign_keys=keys)
        tables.append(with_known(keyed, names))
    return replace(catalog, tables=tuple(tables))


def _finished(table: Table, catalog: Catalog, facts: Facts) -> Table:
    """The table with roles and order."""
    columns = tuple(replace(column, role=_role(column, table, catalog.person, facts)) for column in table.columns)
    known = table.order_by or table.name in snds_names(catalog)
    return replace(
        table, columns=columns, order_by=table.order_by if known else guess_order(table, person_paths(catalog), facts)
    )


def _role(column: Column, table: Table, person: Person | None, facts: Facts) -> Role:
    fact = facts.of(table.name, column.name)
    if column.name in table.key_columns or (person and person.table == table.name and column.name in person.key):
        return "key"
    if column.type in ("date", "datetime", "time", "yearmonth"):
        return "date"
    if column.type in ("boolean", "year"):
        return "code" if column.type == "boolean" else "number"
    if column.type == "number":
        return "number"
    if column.type == "integer":
        coded = is_code(column.name) or (is_identifier(column.name) and not is_amount(column.name))
        few = 0 < fact.distinct <= _FEW and not is_amount(column.name)
        return "code" if coded or few else "number"
    wordy = fact.length > _WORDY or (fact.distinct > 0.9 * fact.filled > 100 and not is_code(column.name))
    return "text" if wordy else "code"
