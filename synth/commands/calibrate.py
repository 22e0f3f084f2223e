"""synth calibrate: generated figures beside the published ones."""

from __future__ import annotations

from pathlib import Path

import click


@click.group()
def command() -> None:
    """Compare SNDS-shaped tables, ours or anyone's, with what is published of the real base.

    Example: synth calibrate report base --html calibration.html
    """


@command.command()
@click.argument("tables", type=click.Path(path_type=Path))
@click.option("--years", help="First and last year of care, such as 2021-2023; found in the tables when left out.")
@click.option(
    "--json", "json_file", type=click.Path(path_type=Path), help="Also write every figure to this file; - for stdout."
)
@click.option(
    "--html",
    "html_file",
    type=click.Path(path_type=Path),
    help="Also write a page with plots to this file; - for stdout.",
)
@click.option("--all", "everything", is_flag=True, help="Show figures without a bound too.")
@click.option("--strict", is_flag=True, help="Exit with code 4 when a figure is outside its bound by more than chance.")
def report(
    tables: Path, years: str | None, json_file: Path | None, html_file: Path | None, everything: bool, strict: bool
) -> None:
    """Print each generated figure with the published one, their ratio, the bound and the source.

    Works on any subset of tables and says what could not be computed. Example: synth calibrate report base --all
    """
    from synth.calibrate import calibrate_tables
    from synth.calibrate.page import render
    from synth.calibrate.words import lines
    from synth.commands.simulate import parse_years
    from synth.core.errors import RulesBroken, UserError
    from synth.core.files import STDOUT, write_text
    from synth.core.jsontext import dumps

    if not tables.exists():
        raise UserError("there is nothing here", file=tables, remedy="give a folder of tables or a described base")
    found = calibrate_tables(tables, parse_years(years) if years else None)
    for line in lines(found, everything):
        click.echo(line, err=STDOUT in (json_file, html_file))
    if json_file is not None:
        write_text(json_file, dumps(found.as_record()))
    if html_file is not None:
        write_text(html_file, render(found))
    if strict and found.outside:
        raise RulesBroken(f"{tables}: {len(found.outside)} figures are outside their bound")
