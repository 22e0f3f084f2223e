"""synth simulate: make a synthetic SNDS."""

from __future__ import annotations

from pathlib import Path

import click


@click.group()
def command() -> None:
    """Make synthetic tables from public statistics alone, without any restricted data.

    Example: synth simulate snds --persons 10000 --years 2021-2023 --seed 7 --out base
    """


@command.command()
@click.option(
    "--persons",
    type=click.IntRange(min=1),
    default=10_000,
    show_default=True,
    help="Persons alive on 1 January of the first year; births come on top.",
)
@click.option("--years", default="2021-2023", show_default=True, help="First and last year, within 2015-2024.")
@click.option("--seed", type=int, default=0, show_default=True, help="Same seed, same bytes.")
@click.option("--out", type=click.Path(path_type=Path), required=True, help="Folder, or database file, to write.")
@click.option(
    "--format",
    "kind",
    type=click.Choice(["parquet", "csv", "csv.gz", "duckdb", "sqlite", "duckdb-export"]),
    default="parquet",
    show_default=True,
    help="How tables are written.",
)
@click.option("--tables", default="core", show_default=True, help="core, pmsi, all, or names with commas.")
@click.option(
    "--several-pseudonyms",
    "several",
    is_flag=True,
    help="Twins may share BEN_NIR_PSA and children have two, as in the real base; joins on it alone are ambiguous.",
)
@click.option(
    "--workers",
    type=click.IntRange(min=1),
    default=1,
    show_default=True,
    help="Processes; the result does not depend on it.",
)
@click.option("--force", "overwrite", is_flag=True, help="Replace what stands at --out.")
@click.option("--json", "as_json", is_flag=True, help="Print the rows of each table as JSON.")
def snds(
    persons: int,
    years: str,
    seed: int,
    out: Path,
    kind: str,
    tables: str,
    several: bool,
    workers: int,
    overwrite: bool,
    as_json: bool,
) -> None:
    """Make an SNDS-shaped base: persons, long-term diseases, care, stays and deaths that hold together.

    Persons are made by the thousand. Of a last thousand that is not asked for whole, whole families are taken until
    there are as many persons as asked. Births of the years come on top: 2 000 persons make some 2 020 rows of IR_BEN_R.

    --tables core makes the tables that a first study reads, pmsi every hospital table that is simulated. all adds every
    other table of those years with some rows of the right shape and keys: these are marked synth:shapeOnly in
    datapackage.json, and nothing in them follows from the persons.

    duckdb-export writes the folder that DuckDB's IMPORT DATABASE reads, from R as well.

    Example: synth simulate snds --persons 2000 --years 2021-2023 --seed 7 --out base
    """
    from synth.core.jsontext import dumps
    from synth.core.progress import say
    from synth.io import dataset_writer
    from synth.simulate import simulate_snds

    span = parse_years(years)
    catalog, batches = simulate_snds(persons, span, seed, tables, several, workers)
    if tables.strip() == "all":
        from synth.commands.simulate_shapes import with_shapes
        from synth.simulate.catalog import whole_catalog

        whole = whole_catalog(span)
        catalog, batches = whole, with_shapes(whole, catalog, batches, seed, span[1])
    counts = dict.fromkeys(catalog.table_names, 0)
    made_of = {"synthetic": True, "simulated": "snds", "seed": seed, "persons": persons, "years": years}
    with dataset_writer(catalog, out, format=kind, overwrite=overwrite, metadata=made_of) as writer:
        for name, batch in batches:
            writer.write(name, batch)
            counts[name] += batch.num_rows
    if as_json:
        click.echo(dumps({"out": str(out), "rows": counts} | made_of), nl=False)
        return
    say(f"{out}: {sum(counts.values())} rows in {len(counts)} tables")


def parse_years(text: str) -> tuple[int, int]:
    """`2021-2023` or `2022` as first and last year. Raises UserError when it is neither."""
    from synth.core.errors import UserError

    first, dash, last = text.partition("-")
    if not first.strip().isdigit() or (dash and not last.strip().isdigit()):
        raise UserError("--years is not a range of years", remedy="write for example 2021-2023")
    return int(first), int(last) if dash else int(first)
