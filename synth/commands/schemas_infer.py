"""`synth schemas infer`."""

from __future__ import annotations

from pathlib import Path

import click

from synth.core.progress import say


@click.command(name="infer", short_help="Draft a datapackage.json for a folder of tables or a database file.")
@click.argument("source", metavar="DIR", type=click.Path(path_type=Path))
@click.option("--out", type=click.Path(path_type=Path, allow_dash=True), help="Where to write; - for stdout.")
@click.option("--force", is_flag=True, help="Replace the file that is there.")
def command(source: Path, out: Path | None, force: bool) -> None:
    """Draft a catalog for the tables in DIR: types, keys, references, the person.

    DIR is a folder of CSV, CSV.gz or Parquet files, or a DuckDB or SQLite file. The draft is written to
    DIR/datapackage.json (FILE.datapackage.json beside a database file). It opens as it is; read it before you trust it:
    who the person is and which references are meant are guesses.

    Rows of a single table that nothing identifies are taken for persons, by their number (`synth:rowNumber` in the
    draft).

    Where tables name the person and none has one row each, the values of that column are the table of persons
    (`synth:distinctOf`).

    \b
    Example:
      synth schemas infer tables/
      synth schemas infer tables/ --out draft.json
    """
    from synth.core.descriptor_writer import descriptor_of
    from synth.core.errors import UserError
    from synth.core.jsontext import dumps
    from synth.infer import infer_catalog, write_draft
    from synth.io.opening import CATALOG_FILE, side_catalog

    target = out or (source.with_name(side_catalog(source)) if source.is_file() else source / CATALOG_FILE)
    if str(target) != "-" and target.exists() and not force:
        raise UserError("already exists", file=target, remedy="choose another file with --out or pass --force")
    catalog, notes = infer_catalog(source)
    if str(target) == "-":
        click.echo(dumps(descriptor_of(catalog)), nl=False)
    else:
        write_draft(catalog, target, overwrite=force)
    references = sum(len(table.foreign_keys) for table in catalog.tables)
    person = "none" if catalog.person is None else f"{catalog.person.table} ({', '.join(catalog.person.key)})"
    say(f"{len(catalog.tables)} tables, {references} references; person, a guess: {person}")
    for note in notes:
        say(f"note: {note}")
