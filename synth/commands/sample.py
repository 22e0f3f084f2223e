"""`synth sample`: draw synthetic tables from a model."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from synth.core.model import Model
    from synth.peers import Peer


@click.command(name="sample")
@click.argument("model", metavar="MODEL", type=click.Path(path_type=Path))
@click.option("--persons", type=int, help="How many persons to draw; as many as the model learned from if not given.")
@click.option("--seed", type=int, default=0, show_default=True, help="Same seed, same bytes.")
@click.option("--out", type=click.Path(path_type=Path), required=True, metavar="DIR", help="Where the tables go.")
@click.option(
    "--format",
    "kind",
    type=click.Choice(["parquet", "csv", "csv.gz", "duckdb", "sqlite", "duckdb-export"]),
    default="parquet",
    show_default=True,
    help="How tables are written.",
)
@click.option("--where", metavar="CONDITION", help="Only persons who meet it: SQL over the columns of their table.")
@click.option(
    "--oversample",
    type=(str, float),
    multiple=True,
    metavar="CONDITION TIMES",
    help="Draw persons who meet it so many times as often; they carry weights. May be given again.",
)
@click.option(
    "--persons-from",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="These persons (CSV, Parquet, or DIR): draw what belongs to them, and what their rows lack.",
)
@click.option("--trust-pickle", is_flag=True, help="Open a model made by SDV: a pickle runs code when it is opened.")
@click.option("--workers", type=int, default=1, show_default=True, help="Processes; the result does not depend on it.")
@click.option("--force", is_flag=True, help="Replace what stands at --out.")
@click.option("--json", "as_json", is_flag=True, help="Print the rows of each table as JSON.")
def command(model: Path, trust_pickle: bool, **options: Any) -> None:
    """Draw synthetic tables from MODEL.

    With --where, persons are drawn until enough of them meet the condition. With --oversample, their table has a column
    `synth_weight`, with which weighted counts are those of the model. With --persons-from, the persons given stand in
    the result as they are, in their order: any columns of their table will do, under the names the model gives them.

    \b
    Examples:
      synth sample model.zip --persons 2000 --seed 7 --out synthetic
      synth sample model.zip --persons 500 --where "sex = '2' and age >= 60" --out women
      synth sample model.zip --oversample "age >= 90" 10 --out aged
      synth sample model.zip --persons-from cohort.csv --out cohort
    """
    from synth.core.model import read_model
    from synth.peers import is_peer, read_peer

    asked = _Asked(**options)
    if is_peer(model):
        _sample_peer(read_peer(model, trust_pickle), asked)
    else:
        _sample(read_model(model), asked)


@dataclass(frozen=True, slots=True)
class _Asked:
    """The options of the command line."""

    persons: int | None
    seed: int
    out: Path
    kind: str
    where: str | None
    oversample: tuple[tuple[str, float], ...]
    persons_from: Path | None
    workers: int
    force: bool
    as_json: bool

    @property
    def chooses(self) -> bool:
        """Whether some of the persons drawn are to be chosen."""
        return self.where is not None or bool(self.oversample)

    def made_of(self) -> dict[str, Any]:
        """What the catalog of the result says of how it was drawn."""
        told: dict[str, Any] = {"synthetic": True, "seed": self.seed}
        told |= {"where": self.where} if self.where is not None else {}
        return told | ({"oversampled": [list(stratum) for stratum in self.oversample]} if self.oversample else {})


def _sample(learned: Model, asked: _Asked) -> None:
    from synth.generators import Choice, Given, announce, read_given, sample, synthetic_catalog
    from synth.io import dataset_writer

    _refuse_both(asked)
    choice: Choice | Given | None = Choice(asked.where, asked.oversample) if asked.chooses else None
    count = int(learned.receipt["persons"]) if asked.persons is None else asked.persons
    kept: tuple[str, ...] = ()
    if asked.persons_from is not None:
        choice = read_given(learned, asked.persons_from)
        count, kept = choice.persons, tuple(choice.cells.column_names)
    catalog = synthetic_catalog(learned, weighted=bool(asked.oversample), given=kept)
    rows = dict.fromkeys(catalog.table_names, 0)
    made_of = asked.made_of() | {"model": learned.digest, "persons": count} | ({"given": list(kept)} if kept else {})
    fared: dict[str, dict[str, dict[str, int]]] = {}  # filled while drawing, written with the catalog at the end
    made_of |= {"rules": fared} if any(table.rules for table in catalog.tables) else {}
    with dataset_writer(catalog, asked.out, format=asked.kind, overwrite=asked.force, metadata=made_of) as writer:
        for name, batch in sample(learned, count, asked.seed, asked.workers, choice, fared):
            writer.write(name, batch)
            rows[name] += batch.num_rows
    announce(fared)
    _tell(rows, asked, made_of)


def _tell(rows: dict[str, int], asked: _Asked, made_of: dict[str, Any]) -> None:
    from synth.core.jsontext import dumps

    if asked.as_json:
        click.echo(dumps({"out": str(asked.out), "rows": rows} | made_of), nl=False)
        return
    for name, number in rows.items():
        click.echo(f"{name}: {number} rows")


def _refuse_both(asked: _Asked) -> None:
    from synth.core.errors import UserError

    others = {"--persons": asked.persons, "--where": asked.where, "--oversample": asked.oversample}
    for name, value in others.items():
        if asked.persons_from is not None and value:
            raise UserError(f"--persons-from and {name} were both given", remedy="choose among the persons first")


def _sample_peer(peer: Peer, asked: _Asked) -> None:
    from synth.core.errors import UserError
    from synth.generators import synthetic_catalog
    from synth.io import dataset_writer
    from synth.peers import WARNING, sample_peer

    if asked.chooses or asked.persons_from is not None:
        raise UserError("persons cannot be chosen with SDV's synthesizers", remedy="use one of our own generators")
    count = int(peer.model.receipt["persons"]) if asked.persons is None else asked.persons
    catalog = synthetic_catalog(peer.model)
    made_of = asked.made_of() | {"generator": peer.model.generator, "warning": WARNING, "persons": count}
    rows = dict.fromkeys(catalog.table_names, 0)
    with dataset_writer(catalog, asked.out, format=asked.kind, overwrite=asked.force, metadata=made_of) as writer:
        for name, batch in sample_peer(peer, count, asked.seed):
            writer.write(name, batch)
            rows[name] += batch.num_rows
    _tell(rows, asked, made_of)
