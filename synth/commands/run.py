"""`synth run`: the whole path that a recipe describes."""

from __future__ import annotations

from pathlib import Path

import click

_STAGES = ("simulate", "open", "split", "fit", "sample", "score", "gate", "publish")


@click.command()
@click.argument("recipe", type=click.Path(path_type=Path))
@click.option("--set", "settings", multiple=True, metavar="KEY=VALUE", help="A parameter, or an entry as section.key.")
@click.option("--out", type=click.Path(path_type=Path), help="Where stages write; out/NAME when absent.")
@click.option("--force", is_flag=True, help="Walk every stage, even those that nothing has changed for.")
@click.option(
    "--workers", type=click.IntRange(min=1), default=1, show_default=True, help="Processes that draw samples."
)
@click.option("--until", type=click.Choice(_STAGES), help="Stop after this stage.")
@click.option("--json", "as_json", is_flag=True, help="Print the summary as JSON.")
def command(
    recipe: Path,
    settings: tuple[str, ...],
    out: Path | None,
    force: bool,
    workers: int,
    until: str | None,
    as_json: bool,
) -> int:
    """Walk the path of RECIPE: simulate or open, split, fit, sample, score, gate, publish.

    Each stage writes under OUT/STAGE and is kept by later runs while nothing it depends on changes. Leaves with 3 when
    the gate blocks.

    Example: synth run datasets/demo/recipe.yaml --set persons=500
    """
    from synth.core.errors import EXIT_BLOCKED, EXIT_DONE
    from synth.core.jsontext import dumps
    from synth.pipeline.run import run_recipe
    from synth.pipeline.summary import summary_document
    from synth.pipeline.summary_text import summary_text

    summary = run_recipe(recipe, settings, out=out, force=force, workers=workers, until=until)
    click.echo(dumps(summary_document(summary)) if as_json else summary_text(summary), nl=False)
    return EXIT_BLOCKED if summary.passed is False else EXIT_DONE
