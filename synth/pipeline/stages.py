"""The stages of the path, in order: each reads the files of those before it and fills a folder of its own."""

from __future__ import annotations

from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from synth.core.clock import source_date
from synth.core.errors import UserError
from synth.core.jsontext import digest, dumps
from synth.core.progress import say
from synth.core.verdict import read_verdict
from synth.generators.registry import generator
from synth.pipeline.assess import assess, policy_file, write_simulated
from synth.pipeline.fingerprint import versions
from synth.pipeline.inputs import input_digests, open_input
from synth.pipeline.recipe import Recipe
from synth.pipeline.walk import Stage, Walk

if TYPE_CHECKING:
    from synth.core.dataset import Dataset

COUNTS = "counts.json"
REPORT = "report.html"
PARTS = ("train", "holdout", "reference")


def stages_of(recipe: Recipe) -> tuple[Stage, ...]:
    """The stages that `recipe` asks for; without publisher metadata there is nothing to publish."""
    source = _SIMULATE if recipe.input.simulate is not None else _OPEN
    if not recipe.learn:
        return tuple(stage for stage in _UNLEARNED if stage.name != "publish" or recipe.publish.metadata)
    rest = (replace(stage, reads=tuple(read or source.name for read in stage.reads)) for stage in _REST)
    return (source, *(stage for stage in rest if stage.name != "publish" or recipe.publish.metadata))


def _simulate(run: Walk, folder: Path) -> None:
    write_simulated(run.recipe, folder)
    _count(folder)


def _assess(run: Walk, folder: Path) -> None:
    from synth.core.score import scores_document

    scores = assess(run.recipe, run.folder("simulate"), folder)
    (folder / "scores.json").write_text(dumps(scores_document(scores)), encoding="utf-8")


def _open(run: Walk, folder: Path) -> None:
    from synth.io.integrity import require_integrity

    dataset = open_input(run.recipe.input, tell=True)
    if dataset.catalog.person is None:
        raise UserError(
            "the catalog does not say who the person is",
            file=dataset.origin or run.recipe.input.data,
            remedy='write "synth:person": {"table": ..., "key": [...]} in it',
        )
    person = dataset.catalog.person
    if person.guessed:
        say(f"{dataset.origin}: that a person is a row of {person.table} is a guess: confirm the catalog")
    require_integrity(dataset)
    write_counts(dataset, folder)


def _split(run: Walk, folder: Path) -> None:
    from synth.split import split_dataset, tell_copied

    asked = run.recipe.split
    shares = (asked.train, asked.holdout, asked.reference)
    dataset = source_dataset(run)
    tell_copied(dataset.catalog, split_dataset(dataset, folder, run.recipe.seed, shares, "parquet"))


def source_dataset(run: Walk) -> Dataset:
    """The tables the path begins with: those simulated, or the recipe's own."""
    from synth.io import open_dataset

    if run.recipe.input.simulate is not None:
        return open_dataset(run.folder("simulate"))
    return open_input(run.recipe.input)


def _fit(run: Walk, folder: Path) -> None:
    from synth.core.model import write_model
    from synth.generators import fit
    from synth.io import open_dataset
    from synth.pipeline.known_rules import with_known_rules

    train = with_known_rules(open_dataset(run.folder("split") / "train"))
    model = fit(train, run.recipe.fit.generator, min_persons=run.recipe.fit.min_persons)
    write_model(model, folder / "model.zip")


def _sample(run: Walk, folder: Path) -> None:
    from synth.core.model import read_model
    from synth.generators import announce, sample, synthetic_catalog
    from synth.io import dataset_writer

    model = read_model(run.folder("fit") / "model.zip")
    persons = run.recipe.sample.persons or int(model.receipt["persons"])
    fared: dict[str, dict[str, dict[str, int]]] = {}
    batches = sample(model, persons, run.recipe.seed, workers=run.workers, fared=fared)
    with dataset_writer(synthetic_catalog(model), folder, format="parquet", overwrite=True) as writer:
        for table, batch in batches:
            writer.write(table, batch)
    announce(fared)
    _count(folder)


def _score(run: Walk, folder: Path) -> None:
    from synth.core.score import scores_document
    from synth.io import open_dataset
    from synth.metrics import score

    parts = {name: run.folder("split") / name for name in PARTS}
    train, holdout = open_dataset(parts["train"]), open_dataset(parts["holdout"])
    reference = open_dataset(parts["reference"]) if run.recipe.split.reference > 0 else None
    scores = score(
        train, holdout, open_dataset(run.folder("sample")), reference, seed=run.recipe.seed, plan=run.recipe.score
    )
    (folder / "scores.json").write_text(dumps(scores_document(scores)), encoding="utf-8")


def _gate(run: Walk, folder: Path) -> None:
    from synth.core.score import read_scores
    from synth.core.verdict import verdict_document
    from synth.gate import judge, read_policy
    from synth.metrics.report import render

    scores = read_scores(run.folder("score") / "scores.json")
    verdict = judge(scores, read_policy(run.recipe.gate.policy if run.recipe.learn else policy_file()))
    (folder / "verdict.json").write_text(dumps(verdict_document(verdict)), encoding="utf-8")
    (folder / REPORT).write_text(render(scores, [verdict]), encoding="utf-8")


def _publish(run: Walk, folder: Path) -> None:
    from publish.build import build_package, zip_package
    from publish.verify import verify_package

    recipe = run.recipe
    package = build_package(
        run.folder("sample" if recipe.learn else "simulate"),
        folder / "package",
        verdict=run.folder("gate") / "verdict.json",
        scores=run.folder("score") / "scores.json",
        metadata={"name": recipe.name, **recipe.publish.metadata},
        draft=recipe.publish.draft,
        compress=recipe.publish.compress,
        provenance={"seed": recipe.seed, "configuration": _configuration(recipe)},
        # the report is about attacks on persons who were learned from; simulated tables have none
        extra_files={REPORT: run.folder("gate") / REPORT} if recipe.learn else {},
    )
    faults = verify_package(package)
    if faults:
        raise UserError(
            f"the package has {len(faults)} faults, the first: {faults[0]}", remedy="run: synth publish verify"
        )
    zip_package(package, folder / f"{recipe.name}.zip")


def _configuration(recipe: Recipe) -> str:
    """The digest of all that the recipe asks for, wherever its tables stand."""
    asked = asdict(replace(recipe, input=replace(recipe.input, data=None, catalog=None)))
    return digest(asked | {"gate": {"policy": Path(recipe.gate.policy).stem}})


def _count(folder: Path) -> None:
    from synth.io import open_dataset

    write_counts(open_dataset(folder), folder)


def write_counts(dataset: Dataset, folder: Path) -> None:
    """Leave in `folder` how many persons and rows of each table `dataset` has, read by its keys alone."""
    rows = {}
    for table in dataset.catalog.tables:
        narrow = table.primary_key or table.column_names[:1]
        rows[table.name] = sum(batch.num_rows for batch in dataset.scan(table.name, narrow))
    person = dataset.catalog.person
    counts = {"persons": None if person is None else rows[person.table], "rows": rows}
    (folder / COUNTS).write_text(dumps(counts), encoding="utf-8")


def _fit_content(run: Walk) -> dict[str, Any]:
    extras = generator(run.recipe.fit.generator).extras
    return asdict(run.recipe.fit) | ({"with": versions(extras)} if extras else {})


def _policy_content(run: Walk) -> dict[str, Any]:
    from synth.gate import read_policy

    return {"policy": asdict(read_policy(run.recipe.gate.policy if run.recipe.learn else policy_file()))}


def _release_content(run: Walk) -> dict[str, Any]:
    named = {"name": run.recipe.name, "date": source_date().isoformat(), "configuration": _configuration(run.recipe)}
    return asdict(run.recipe.publish) | named


def _blocked(run: Walk) -> str:
    verdict = read_verdict(run.folder("gate") / "verdict.json")
    return "" if verdict.passed or run.recipe.publish.draft else "the gate blocked"


_SIMULATE = Stage(
    "simulate", (), lambda run: {"seed": run.recipe.seed, "input": asdict(run.recipe.simulated)}, _simulate
)
_OPEN = Stage("open", (), lambda run: {"input": input_digests(run.recipe.input)}, _open)

_GATE = Stage("gate", ("score",), _policy_content, _gate)
# tables that are published as they were simulated
_UNLEARNED = (
    _SIMULATE,
    Stage("score", ("simulate",), lambda run: {"seed": run.recipe.seed}, _assess),
    _GATE,
    Stage("publish", ("simulate", "score", "gate"), _release_content, _publish, barred=_blocked),
)

# an empty name among `reads` stands for the stage the path begins with
_REST = (
    Stage("split", ("",), lambda run: {"seed": run.recipe.seed} | asdict(run.recipe.split), _split),
    Stage("fit", ("split",), _fit_content, _fit),
    Stage("sample", ("fit",), lambda run: {"seed": run.recipe.seed} | asdict(run.recipe.sample), _sample),
    Stage("score", ("split", "sample"), lambda run: {"seed": run.recipe.seed} | asdict(run.recipe.score), _score),
    _GATE,
    Stage("publish", ("sample", "score", "gate"), _release_content, _publish, barred=_blocked),
)
