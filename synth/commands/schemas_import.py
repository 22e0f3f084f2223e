"""`synth schemas import`: take a checkout of schema-snds or a KWIKLY export into the user's data folder."""

from __future__ import annotations

import json
from pathlib import Path

import click


@click.command("import", short_help="Take a checkout of schema-snds, or a KWIKLY export, into your data folder.")
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option("--each", is_flag=True, help="Print one line for each repaired place, not for each kind of defect.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
def command(folder: Path, each: bool, as_json: bool) -> None:
    """Read the tables and code lists in DIR, repair their known defects, and cache them for later commands.

    The cache is $SYNTH_DATA_DIR, or the usual folder for application data. Lists that you import replace the shorter
    ones that synth ships; `synth schemas list` says which is which.

    Example: synth schemas import ~/schema-snds
    """
    from synth.schemas_import import import_folder
    from synth.schemas_import.defects import summary

    done = import_folder(folder)
    lines = [repair.line for repair in done.repairs] if each else summary(done.repairs)
    if as_json:
        facts = {"source": done.source, "folder": str(done.folder), "tables": done.tables, "lists": done.lists}
        facts |= {"codes": done.codes, "repairs": [[item.kind, item.table, item.column] for item in done.repairs]}
        click.echo(json.dumps(facts, ensure_ascii=False, indent=2))
        return
    click.echo(f"{done.source}: {done.tables} tables, {done.lists} code lists, {done.codes} codes, in {done.folder}")
    click.echo(f"{len(done.repairs)} defects repaired:" if done.repairs else "no defect found")
    for line in lines:
        click.echo(f"  {line}")
