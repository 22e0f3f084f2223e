"""`synth fixture`: a few valid rows of any table."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from synth.core.errors import UserError
from synth.core.files import atomic_file, atomic_folder
from synth.core.progress import say
from synth.fixtures.blocks import Rows
from synth.fixtures.make import make_fixture, with_parents
from synth.fixtures.source import Request, find_request
from synth.fixtures.writers import WRITERS, described, file_names

if TYPE_CHECKING:
    from synth.fixtures.faults import Fault

_SUFFIXES = {".csv": "csv", ".jsonl": "jsonl", ".ndjson": "jsonl", ".sql": "sql", ".parquet": "parquet"}


@click.command(
    epilog="""Examples:

\b
  synth fixture ER_PRS_F -n 50 --seed 1 | head
  synth fixture T_MCO22B --with-parents -o stays/
  synth fixture datapackage.json -n 1000 --format parquet -o rows/
  synth fixture IR_BEN_R --dirty 0.05 --format sql
"""
)
@click.argument("target", metavar="TABLE|datapackage.json|DIR")
@click.option("-n", "count", default=10, show_default=True, type=click.IntRange(0), help="Rows of each table.")
@click.option("--seed", default=0, show_default=True, help="The same seed gives the same bytes.")
@click.option(
    "--year",
    type=click.IntRange(1, 9000),
    help="The year the rows are about; for the SNDS, also of the table's columns.",
)
@click.option("--tables", default="", metavar="A,B", help="Only these tables of a package.")
@click.option("--with-parents", "parents", is_flag=True, help="Also the tables that foreign keys lead to.")
@click.option("--dirty", default=0.0, type=click.FloatRange(0, 1), metavar="RATE", help="Share of rows with a fault.")
@click.option("--format", "form", type=click.Choice(tuple(WRITERS)), help="csv unless the file name tells another.")
@click.option("-o", "--out", default="-", metavar="FILE|DIR|-", help="Where to write; - is standard output.")
@click.option("--force", is_flag=True, help="Replace a folder that is not empty.")
def command(
    target: str,
    count: int,
    seed: int,
    year: int | None,
    tables: str,
    parents: bool,
    dirty: float,
    form: str | None,
    out: str,
    force: bool,
) -> None:
    """Print a few valid rows of any table, from its schema and code lists alone.

    TABLE is a table of the SNDS (ER_PRS_F, T_MCO22B, T_MCOaaB). Keys are marked as synthetic (SYN..., or negative)
    where their size permits, and foreign keys refer to the rows that --with-parents would add.

    With --dirty, faults of named kinds are planted, and standard error says how many of each and in which rows.
    """
    chosen = form or _SUFFIXES.get(Path(out).suffix, "csv")
    if chosen == "parquet" and out == "-" and sys.stdout.isatty():
        raise UserError("Parquet is not for a terminal to show", remedy="write it with -o FILE, or choose --format csv")
    request = find_request(target, tuple(name.strip() for name in tables.split(",") if name.strip()), year)
    names = with_parents(request.catalog, request.tables) if parents else request.tables
    made = make_fixture(request.catalog, names, count, seed, request.setting)
    _tell_short(made, request, count)
    if dirty:
        from synth.fixtures.faults import plant

        faults = plant(request.catalog, made, request.tables, dirty, seed, request.setting, typed=chosen == "parquet")
        _tell_faults(faults, request, made)
    _write([made[name] for name in names], chosen, out, force, request)


def _tell_short(made: dict[str, Rows], request: Request, count: int) -> None:
    for name in request.tables:
        if made[name].count < count:
            say(f"synth: {name}: {made[name].count} rows, all that its keys have distinct values for")


def _tell_faults(faults: list[Fault], request: Request, made: dict[str, Rows]) -> None:
    for name in request.tables:
        own = [fault for fault in faults if fault.table == name]
        say(f"{name}: {len(own)} faults in {made[name].count} rows")
        for kind in dict.fromkeys(fault.kind for fault in own):
            places = [f"row {fault.row} {fault.column}" for fault in own if fault.kind == kind]
            say(f"  {kind} {len(places)}: {', '.join(places)}")


def _write(tables: list[Rows], form: str, out: str, force: bool, request: Request) -> None:
    one_file = len(tables) == 1 or form == "sql"
    if not one_file and (out == "-" or Path(out).suffix in _SUFFIXES):
        raise UserError("several tables do not fit in one file", remedy="give a folder with -o, or --format sql")
    if out == "-":
        stream = sys.stdout.buffer  # UTF-8 whatever the terminal says
        for rows in tables:
            stream.write(WRITERS[form](rows))
        stream.flush()
        return
    path = Path(out)
    if len(tables) == 1 and (path.is_dir() or out.endswith("/")):
        path = path / file_names(tables, form)[tables[0].table.name]
    if one_file:
        _write_file(path, b"".join(WRITERS[form](rows) for rows in tables))
    else:
        _write_folder(path, tables, form, force, request)


def _write_file(path: Path, content: bytes) -> None:
    try:
        with atomic_file(path) as aside:
            aside.write_bytes(content)
    except OSError:
        raise UserError("cannot be written", file=path, remedy="check the path, permissions and free space") from None


def _write_folder(path: Path, tables: list[Rows], form: str, force: bool, request: Request) -> None:
    try:
        with atomic_folder(path, overwrite=force) as aside:
            names = file_names(tables, form)
            for rows in tables:
                (aside / names[rows.table.name]).write_bytes(WRITERS[form](rows))
            (aside / "datapackage.json").write_text(described(request.catalog, tables, form), encoding="utf-8")
    except OSError:
        raise UserError("cannot be written", file=path, remedy="check the path, permissions and free space") from None
