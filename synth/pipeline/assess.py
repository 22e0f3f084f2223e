"""Tables simulated from public statistics and published as they are: what is measured instead of disclosure.

No person stands behind such tables, so there is nobody to attack. What has to be shown is that no row came from
elsewhere: the recipe is walked a second time and must make the same rows. The rules of the SNDS are checked too.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from synth import __version__
from synth.core.jsontext import digest
from synth.core.resources import schemas_root
from synth.core.score import Score, Scores
from synth.pipeline.recipe import Recipe, year_range

if TYPE_CHECKING:
    from synth.rules import Finding

POLICY = "public-simulation"


def policy_file() -> Path:
    """The policy that judges simulated tables; not among those of `synth gate`."""
    return schemas_root() / "publish" / "policies" / f"{POLICY}.yaml"


def write_simulated(recipe: Recipe, folder: Path) -> None:
    """Simulate the tables of `recipe` into `folder`, as Parquet."""
    from synth.io import dataset_writer
    from synth.simulate import simulate_snds

    asked = recipe.simulated
    tables = asked.tables[0] if asked.tables in (("core",), ("all",)) else asked.tables
    catalog, batches = simulate_snds(asked.persons, year_range(asked.years), recipe.seed, tables)
    with dataset_writer(catalog, folder, format="parquet", overwrite=True) as writer:
        for table, batch in batches:
            writer.write(table, batch)


def assess(recipe: Recipe, simulated: Path, aside: Path) -> Scores:
    """Scores of the tables in the folder `simulated`, which `recipe` made; `aside` is a folder for passing files."""
    from synth.io import dataset_digests, open_dataset
    from synth.rules import check_tables

    first = dataset_digests(open_dataset(simulated))
    with TemporaryDirectory(dir=aside) as again:
        write_simulated(recipe, Path(again))
        second = dataset_digests(open_dataset(Path(again)))
    person = open_dataset(simulated).catalog.person
    persons = _persons(simulated)
    scores = (
        *(_repeated(table, first[table] == second.get(table), persons) for table in first),
        *_rules(check_tables(simulated), persons),
    )
    context = {
        "persons": {"synthetic": persons},
        "person": None if person is None else f"{person.table} ({', '.join(person.key)})",
        "simulated": {"persons": recipe.simulated.persons, "years": recipe.simulated.years, "tables": list(first)},
    }
    return Scores(scores, {"synthetic": digest(first)}, recipe.seed, __version__, context)


def _persons(simulated: Path) -> int:
    from synth.io import open_dataset

    dataset = open_dataset(simulated)
    person = dataset.catalog.person
    if person is None:
        return 0
    return sum(batch.num_rows for batch in dataset.scan(person.table, person.key))


def _repeated(table: str, same: bool, persons: int) -> Score:
    value = 0.0 if same else 1.0
    return Score("rows_not_simulated", "disclosure", table, value, value, value, n=persons, needed=1)


def _rules(findings: list[Finding], persons: int) -> Iterator[Score]:
    """One score a rule: 1 when it is broken, 0 when it holds; one for all whose tables or columns are absent."""
    for finding in findings:
        if finding.rows is None:
            continue
        scope = f"rule {finding.rule.number}: {finding.rule.name}"
        value = 1.0 if finding.status == "broken" else 0.0
        details = {"rows": finding.rows, "faults": finding.faults, "severity": finding.rule.severity}
        yield Score("broken_rule", "structure", scope, value, value, value, n=persons, needed=1, details=details)
    absent = sum(finding.rows is None for finding in findings)
    if absent:
        told = {"not_applicable": True}
        note = f"{absent} rules are about tables or columns that are not there"
        yield Score("broken_rule", "structure", "other rules", None, status="skipped", note=note, details=told)
