"""`synth sample`: draw synthetic tables from a model."""

from __future__ import annotations

from pathlib import Path

import click


@click.command(name="sample")
@click.argument("model", metavar="MODEL", type=click.Path(path_type=Path))
@click.option("--persons", type=int, help="How many persons to draw; as many as the model learned from if not given.")
@click.option("--seed", type=int, default=0, show_default=True, help="Same seed, same bytes.")
@click.option("--out", type=click.Path(path_type=Path), required=True, metavar="DIR", help="Where the tables go.")
@click.option(
    "--format",
    "kind",
    type=click.Choice(["parquet", "csv", "csv.gz", "duckdb", "sqlite"]),
    default="parquet",
    show_default=True,
    help="How tables are written.",
)
@click.option("--workers", type=int, default=1, show_default=True, help="Processes; the result does not depend on it.")
@click.option("--force", is_flag=True, help="Replace what stands at --out.")
@click.option("--json", "as_json", is_flag=True, help="Print the rows of each table as JSON.")
def command(
    model: Path, persons: int | None, seed: int, out: Path, kind: str, workers: int, force: bool, as_json: bool
) -> None:
    """Draw synthetic tables from MODEL.

    Example: synth sample model.zip --persons 2000 --seed 7 --out synthetic
    """
    from synth.core.jsontext import dumps
    from synth.core.model import read_model
    from synth.generators import sample, synthetic_catalog
    from synth.io import dataset_writer

    learned = read_model(model)
    catalog = synthetic_catalog(learned)
    counts = dict.fromkeys(catalog.table_names, 0)
    count = int(learned.receipt["persons"]) if persons is None else persons
    made_of = {"synthetic": True, "model": learned.digest, "seed": seed, "persons": count}
    with dataset_writer(catalog, out, format=kind, overwrite=force, metadata=made_of) as writer:
        for name, batch in sample(learned, count, seed, workers):
            writer.write(name, batch)
            counts[name] += batch.num_rows
    if as_json:
        click.echo(dumps({"out": str(out), "rows": counts} | made_of), nl=False)
        return
    for name, rows in counts.items():
        click.echo(f"{name}: {rows} rows")
