"""`synth split`."""

from __future__ import annotations

from pathlib import Path

import click

from synth.core.errors import UserError
from synth.core.jsontext import dumps

FORMATS = ("parquet", "csv", "csv.gz", "duckdb", "sqlite", "duckdb-export")


@click.command(name="split", short_help="Split tables by person into train, holdout and reference.")
@click.argument("source", metavar="DIR", type=click.Path(path_type=Path))
@click.option("--out", required=True, type=click.Path(path_type=Path), help="Folder to make.")
@click.option("--seed", required=True, type=int, help="Decides which person goes where.")
@click.option("--shares", default="0.6,0.2,0.2", show_default=True, help="Of persons: train,holdout,reference.")
@click.option(
    "--format",
    "format_",
    type=click.Choice(FORMATS),
    default="parquet",
    show_default=True,
    help="How tables are written.",
)
@click.option("--together", is_flag=True, help="Keep persons that refer to each other in one part.")
@click.option("--force", is_flag=True, help="Replace what is at --out.")
@click.option("--json", "as_json", is_flag=True, help="Print split.json on stdout.")
def command(
    source: Path, out: Path, seed: int, shares: str, format_: str, together: bool, force: bool, as_json: bool
) -> None:
    """Split the tables in DIR into OUT/train, OUT/holdout and OUT/reference, by person.

    Every person is in one part, with all their rows in all tables. The part depends on the person's key and on the
    seed alone. Tables that lead to no person are copied to every part. OUT/split.json seals the parts by digest.

    A reference to a person of another part is emptied and counted; --together keeps such persons in one part instead.

    \b
    Example:
      synth split tables/ --out parts/ --seed 1 --shares 0.6,0.2,0.2
    """
    if out.resolve() in (source.resolve(), *source.resolve().parents):
        raise UserError("the output would replace the input", file=out, remedy="choose another folder")
    from synth.io import open_dataset
    from synth.split import split_dataset, tell_copied

    dataset = open_dataset(source)
    document = split_dataset(dataset, out, seed, _numbers(shares), format_, overwrite=force, together=together)
    tell_copied(dataset.catalog, document)
    if as_json:
        click.echo(dumps(document), nl=False)
        return
    for name, part in document["parts"].items():
        rows = sum(part["rows"].values())
        click.echo(f"{name:<10} {part['persons']:>9} persons {rows:>11} rows   {part['digest']}")
    for cut in document["references_emptied"]:
        click.echo(f"emptied    {cut['table']}.{', '.join(cut['columns'])} in {cut['rows']} rows", err=True)


def _numbers(text: str) -> tuple[float, ...]:
    try:
        return tuple(float(part) for part in text.split(","))
    except ValueError:
        raise UserError("--shares is not a list of numbers", remedy="write for example --shares 0.6,0.2,0.2") from None
