"""`synth inspect`: what a model knows, every statistic with its support."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click


@click.command(name="inspect")
@click.argument("model", metavar="MODEL", type=click.Path(path_type=Path))
@click.option("--table", "tables", multiple=True, help="Only this table; may be given again.")
@click.option("--values", is_flag=True, help="Show the values of each statistic, not only its size.")
@click.option("--json", "as_json", is_flag=True, help="Print everything the model holds as JSON.")
def command(model: Path, tables: tuple[str, ...], values: bool, as_json: bool) -> None:
    """List every statistic that MODEL holds, with the smallest number of persons behind any cell of it.

    Example: synth inspect model.zip --table IR_BEN_R --values
    """
    from synth.core.jsontext import dumps
    from synth.core.model import read_model

    learned = read_model(model)
    for name in tables:
        learned.catalog.table(name)
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
    click.echo(_head(learned))
    for item in found:
        click.echo(_line(item))
        if values:
            for line in _values(learned, item):
                click.echo(line)


def _head(learned: Any) -> str:
    receipt = learned.receipt
    return (
        f"generator {learned.generator}, {receipt['persons']} persons, "
        f"every statistic over at least {receipt['smallest_support']} (asked: {receipt['min_persons']})\n"
        f"digest {learned.digest}\n"
        f"{'support':>9} {'cells':>8}  kind                  table: what"
    )


def _line(item: Any) -> str:
    support = "public" if item.kind == "public table" else f"{item.support}"
    what = item.columns[0] if len(item.columns) == 1 else f"{len(item.columns)} variables"
    return f"{support:>9} {item.cells:>8}  {item.kind:<20}  {item.name.split('/', 1)[1]}: {what}"


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
