"""`synth shadow`: train shadow models on the most vulnerable persons, for `synth score --shadows`."""

from __future__ import annotations

from pathlib import Path

import click


@click.command(name="shadow")
@click.option("--train", type=click.Path(path_type=Path), required=True, metavar="DIR", help="Tables fitted on.")
@click.option("--holdout", type=click.Path(path_type=Path), required=True, metavar="DIR", help="Persons not fitted on.")
@click.option("--generator", default="trees", show_default=True, help="What the release was made with.")
@click.option("--min-persons", type=click.IntRange(2), default=11, show_default=True, help="As given to synth fit.")
@click.option("--models", type=click.IntRange(8), default=24, show_default=True, help="How many shadow models.")
@click.option("--targets", type=click.IntRange(2), default=60, show_default=True, help="Persons attacked.")
@click.option("--persons", type=click.IntRange(20), default=1000, show_default=True, help="Other persons a model.")
@click.option("--seed", type=int, default=0, show_default=True, help="Seed of every draw.")
@click.option(
    "--out", type=click.Path(path_type=Path), required=True, metavar="FILE", help="Where the figures go; - for stdout."
)
def command(
    train: Path,
    holdout: Path,
    generator: str,
    min_persons: int,
    models: int,
    targets: int,
    persons: int,
    seed: int,
    out: Path,
) -> None:
    """Fit the generator again and again with and without the most vulnerable training persons.

    The file holds distances to real persons: keep it where the tables may be. Costs MODELS fits of PERSONS persons.

    Example: synth shadow --train split/train --holdout split/holdout --out shadows.json
    """
    from synth.core.files import STDOUT, write_text
    from synth.core.jsontext import dumps
    from synth.io import open_dataset
    from synth.pipeline.shadows import run_shadows

    document = run_shadows(
        open_dataset(train),
        open_dataset(holdout),
        generator,
        min_persons,
        models=models,
        targets=targets,
        persons=persons,
        seed=seed,
    )
    write_text(out, dumps(document))
    click.echo(f"{models} shadow models, {targets} targets: now run synth score --shadows {out}", err=out == STDOUT)
