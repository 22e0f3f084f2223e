"""synth check: do tables keep the rules of the SNDS?"""

from __future__ import annotations

from pathlib import Path

import click


@click.command()
@click.argument("tables", type=click.Path(path_type=Path), required=False)
@click.option("--rules", "family", type=click.Choice(["snds"]), default="snds", show_default=True, help="Which rules.")
@click.option(
    "--json", "json_file", type=click.Path(path_type=Path), help="Also write the findings to this file; - for stdout."
)
@click.option("--examples", is_flag=True, help="Show the key of one faulty row a rule. For synthetic tables only.")
@click.option("--list", "listing", is_flag=True, help="List the rules, and those of the SNDS that are not checked.")
def command(tables: Path | None, family: str, json_file: Path | None, examples: bool, listing: bool) -> None:
    """Check SNDS-shaped tables, ours or anyone's, any subset of them, against numbered validity rules.

    Exit code 4 when a rule is broken. Example: synth check base --json findings.json
    """
    from synth.core.errors import RulesBroken, UserError
    from synth.core.files import STDOUT, write_text
    from synth.core.jsontext import dumps
    from synth.rules import as_records, check_tables

    if listing:
        _list()
        return
    if tables is None:
        raise UserError("no tables are given", remedy="give a folder of tables or a described base, or --list")
    if not tables.exists():
        raise UserError("there is nothing here", file=tables, remedy="give a folder of tables or a described base")
    findings = check_tables(tables, examples=examples)
    aside = json_file == STDOUT
    for finding in findings:
        if finding.rows is not None:
            mark = "ok" if finding.status == "holds" else "BROKEN"
            number = finding.rule.number or "key"
            line = f"{number:>3}  {mark:<7}{finding.faults:>10} / {finding.rows:<10} {finding.rule.name}"
            click.echo(line if finding.status == "holds" else f"{line}: {finding.rule.why}", err=aside)
            if finding.example:
                click.echo(f"        {finding.example}", err=aside)
    skipped = sum(finding.rows is None for finding in findings)
    broken = [finding for finding in findings if finding.status == "broken"]
    click.echo(f"{len(findings) - skipped} rules checked, {len(broken)} broken, {skipped} not applicable", err=aside)
    if json_file is not None:
        write_text(json_file, dumps(as_records(findings)))
    if broken:
        raise RulesBroken(f"{tables}: {len(broken)} rules are broken")


def _list() -> None:
    from synth.rules import NOT_CHECKED, RULES

    for rule in RULES:
        limit = f"soft, up to {rule.allowed:.2%}" if rule.severity == "soft" else "hard"
        click.echo(f"{rule.number:>3}  {rule.name} ({limit}): {rule.why}")
    found = "primary keys, dates and numbers that can be read, pairs of dates in order, columns of the year (7)"
    click.echo(f"\nand, in every table that is found: {found}")
    click.echo("\nnot checked:")
    for numbers, why in NOT_CHECKED.items():
        click.echo(f"{numbers}: {why}")
