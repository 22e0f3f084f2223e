"""`synth inspect`: what a model knows, every statistic with its support."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click


@click.command(name="inspect")
@click.argument("model", metavar="MODEL", type=click.Path(path_type=Path))
@click.option("--table", "tables", multiple=True, help="Only this table; may be given again.")
@click.option("--values", is_flag=True, help="Show the values of each statistic, not only its size.")
@click.option(
    "--html", type=click.Path(path_type=Path), metavar="FILE", help="Write all of it as one page; - for stdout."
)
@click.option("--check-support", is_flag=True, help="Recount every number in the tables of --train.")
@click.option("--train", type=click.Path(path_type=Path), metavar="DIR", help="The tables the model was learned from.")
@click.option("--force", is_flag=True, help="Replace the file of --html.")
@click.option("--json", "as_json", is_flag=True, help="Print everything as JSON.")
def command(
    model: Path,
    tables: tuple[str, ...],
    values: bool,
    html: Path | None,
    check_support: bool,
    train: Path | None,
    force: bool,
    as_json: bool,
) -> None:
    """List every statistic that MODEL holds, with the smallest number of persons behind any cell of it.

    With --check-support, every value, count and cell is recounted in the tables it was learned from; exit code 4 when
    one stands for fewer persons than the model promises, or is not what the rows say.

    \b
    Examples:
      synth inspect model.zip --table IR_BEN_R --values
      synth inspect model.zip --html model.html
      synth inspect model.zip --check-support --train split/train
    """
    from synth.core.errors import UserError
    from synth.core.jsontext import dumps
    from synth.core.model import read_model
    from synth.peers import WARNING, is_peer

    if check_support != (train is not None):
        raise UserError("--check-support and --train go together", remedy="give both or neither")
    if is_peer(model):
        raise UserError(f"was made by SDV: {WARNING}", file=model, remedy="fit one of our own generators to inspect it")
    learned = read_model(model)
    if train is not None:
        _check(learned, train, as_json)
        return
    for name in tables:
        learned.catalog.table(name)
    if html is not None:
        _write_page(learned, model, html, force)
        return
    found = [item for item in learned.statistics if not tables or item.table in tables]
    if as_json:
        document = {
            "generator": learned.generator,
            "digest": learned.digest,
            "receipt": dict(learned.receipt),
            "plan": dict(learned.plan),
            "statistics": [_whole(learned, item) for item in found],
        }
        click.echo(dumps(document), nl=False)
        return
    for line in _head(learned, model):
        click.echo(line)
    told = _losses(learned)
    for item in found:
        click.echo(_line(item, told[item.name]))
        if values:
            for line in _values(learned, item):
                click.echo(line)


def _losses(learned: Any) -> dict[str, Any]:
    """What each statistic lost, by its name."""
    from synth.audit.losses import losses

    return dict(losses(learned))


def _write_page(learned: Any, model: Path, html: Path, force: bool) -> None:
    from synth.audit.page import render
    from synth.core.errors import UserError
    from synth.core.files import STDOUT, write_text

    if html != STDOUT and html.exists() and not force:
        raise UserError("already exists", file=html, remedy="choose another file or pass --force")
    write_text(html, render(learned, model.stat().st_size))
    click.echo(f"{html}: {len(learned.statistics)} statistics", err=html == STDOUT)


def _check(learned: Any, train: Path, as_json: bool) -> None:
    from synth.audit.support import check
    from synth.core.jsontext import dumps
    from synth.generators.recount import recount
    from synth.io import open_dataset
    from synth.pipeline.known_rules import with_rules_of

    checked = check(learned, recount(with_rules_of(open_dataset(train), learned.catalog), learned))
    if as_json:
        click.echo(dumps(checked.document()), nl=False)
    else:
        for line in checked.lines():
            click.echo(line)
    if checked.faults:
        raise SystemExit(4)


def _head(learned: Any, model: Path) -> list[str]:
    from synth.audit.heldout import heldout_lines

    receipt = learned.receipt
    least = receipt["smallest_support"]
    told = f"every statistic over at least {least}" if least else "no statistic with enough of them"
    held = receipt.get("held_out")
    return [
        f"generator {learned.generator}, about {receipt['persons']} persons, {told} (asked: {receipt['min_persons']})",
        f"digest {learned.digest}, {model.stat().st_size} bytes",
        *(heldout_lines(held) if held else ()),
        f"{'support':>9} {'cells':>8}  kind                  table: what",
    ]


def _line(item: Any, loss: Any) -> str:
    support = "public" if item.kind == "public table" else f"{item.support}"
    what = item.columns[0] if len(item.columns) == 1 else f"{len(item.columns)} variables"
    what = loss.kept if item.kind == "choice" else what
    lost = "" if loss.share is None else f"; {loss.share:.1%} of rows: {loss.lost}"
    return f"{support:>9} {item.cells:>8}  {item.kind:<20}  {item.name.split('/', 1)[1]}: {what}{lost}"


def _values(learned: Any, item: Any) -> list[str]:
    from synth.core.jsontext import canonical

    if item.kind == "public table":
        return []
    lines = [f"{'':20}{canonical(dict(item.data)).decode()}"] if item.data else []
    return lines + [f"{'':20}{name} = {learned.arrays[name].tolist()}" for name in item.arrays]


def _whole(learned: Any, item: Any) -> dict[str, Any]:
    from dataclasses import asdict

    shown = () if item.kind == "public table" else item.arrays
    return asdict(item) | {"values": {name: learned.arrays[name].tolist() for name in shown}}
