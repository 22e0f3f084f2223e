"""`synth fit`: learn a model from restricted tables."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from synth.core.dataset import Dataset
    from synth.core.model import Model


@click.command(name="fit")
@click.argument("source", metavar="DIR", type=click.Path(path_type=Path))
@click.option("--out", type=click.Path(path_type=Path), required=True, metavar="FILE", help="Where the model goes.")
@click.option("--generator", default="trees", show_default=True, help="How the joint law is learned.")
@click.option(
    "--min-persons", type=int, default=11, show_default=True, help="Fewest persons behind anything that is kept."
)
@click.option("--catalog", type=click.Path(path_type=Path), metavar="FILE", help="datapackage.json, if not in DIR.")
@click.option(
    "--held-out/--no-held-out",
    default=True,
    show_default=True,
    help="Measure by a trial fit what the model does not capture, and keep it in the receipt.",
)
@click.option("--force", is_flag=True, help="Replace FILE.")
@click.option("--json", "as_json", is_flag=True, help="Print the receipt as JSON.")
def command(
    source: Path,
    out: Path,
    generator: str,
    min_persons: int,
    catalog: Path | None,
    held_out: bool,
    force: bool,
    as_json: bool,
) -> None:
    """Learn a model from the tables in DIR: statistics over at least k persons, and nothing else.

    Generators: trees (shallow trees over counts), gaussian-copula (correlations of ranks), vine (pair copulas, an
    extra), independent (each column alone), auto (for each table the one nearest to persons held out).

    The generators sdv-gaussian-copula, sdv-ctgan, sdv-tvae, sdv-hma and sdv-par are SDV's, for comparison: they keep no
    such promise, and what they learn is a pickle.

    A trial fit on four fifths of the persons is compared with the last fifth first; --no-held-out leaves that out and
    halves the time.

    Example: synth fit split/train --out model.zip --generator trees --min-persons 11
    """
    from dataclasses import replace

    from synth.audit.heldout import heldout_lines
    from synth.audit.losses import choice_lines
    from synth.core.errors import UserError
    from synth.core.files import refuse_stdout
    from synth.core.jsontext import dumps
    from synth.core.model import write_model
    from synth.generators import fit
    from synth.generators.registry import generator as known
    from synth.io import open_dataset
    from synth.io.integrity import require_integrity
    from synth.pipeline.heldout import heldout_report
    from synth.pipeline.known_rules import with_known_rules

    refuse_stdout(out)
    if not generator.startswith("sdv-"):
        known(generator)
    if out.exists() and not force:
        raise UserError("already exists", file=out, remedy="choose another file or pass --force")
    dataset = open_dataset(source, catalog)
    require_integrity(dataset)
    if generator.startswith("sdv-"):
        _fit_peer(dataset, generator, out)
        return
    dataset = with_known_rules(dataset)
    model = fit(dataset, generator, min_persons)
    if held_out:
        report = heldout_report(dataset, generator, min_persons)
        model = replace(model, receipt=dict(model.receipt) | {"held_out": report})
    write_model(model, out)
    if as_json:
        click.echo(dumps({"model": str(out), "digest": model.digest, "receipt": dict(model.receipt)}), nl=False)
        return
    for line in (_learned(out, model, min_persons), *choice_lines(model), *(heldout_lines(report) if held_out else ())):
        click.echo(line)


def _learned(out: Path, model: Model, min_persons: int) -> str:
    receipt = model.receipt
    rows, least = sum(count or 0 for count in receipt["rows"].values()), receipt["smallest_support"]
    told = f"every statistic covers at least {least} persons" if least else "no statistic has enough persons behind it"
    held = f"{len(model.statistics)} statistics of about {receipt['persons']} persons and {rows} rows"
    return f"{out}: {held}\n{told} (asked: {min_persons})"


def _fit_peer(dataset: Dataset, generator: str, out: Path) -> None:
    from synth.peers import WARNING, fit_peer, write_peer

    peer = fit_peer(dataset, generator)
    write_peer(peer, out)
    click.echo(f"{out}: {generator} of {peer.model.receipt['persons']} persons; {WARNING}")
