"""One run of a recipe, from reading it to its summary."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from synth.core.errors import UserError
from synth.pipeline.lock import sole_run
from synth.pipeline.recipe import Recipe, read_recipe
from synth.pipeline.stages import stages_of
from synth.pipeline.summary import Summary, summarize
from synth.pipeline.walk import Stage, Walk, walk


def run_recipe(
    path: Path,
    settings: Sequence[str] = (),
    *,
    out: Path | None = None,
    force: bool = False,
    workers: int = 1,
    until: str | None = None,
) -> Summary:
    """Walk the stages of the recipe at `path`, up to `until` if given, under `out` (else out/NAME).

    Stages whose settings, inputs and outputs have not changed are kept unless `force`. A blocked gate ends the walk:
    the summary says which checks blocked and no package is built, save a draft that the recipe asks for. Raises
    UserError when the recipe or the tables cannot be used.
    """
    recipe = read_recipe(path, settings)
    stages = _until(stages_of(recipe), until)
    check_names(recipe, path)
    run = Walk(recipe, out or Path("out") / recipe.name, workers)
    with sole_run(run.out):
        return summarize(run, walk(run, stages, force=force))


def _until(stages: tuple[Stage, ...], last: str | None) -> tuple[Stage, ...]:
    if last is None:
        return stages
    names = [stage.name for stage in stages]
    if last not in names:
        raise UserError(f"the recipe has no stage {last}", remedy=f"its stages are {', '.join(names)}")
    return stages[: names.index(last) + 1]


def check_names(recipe: Recipe, path: Path) -> None:
    """Raise UserError now, rather than after an hour of fitting, when a later stage could not use the recipe."""
    from publish.metadata import metadata_from
    from synth.gate import read_policy
    from synth.generators.registry import generator

    if recipe.learn:
        with _entry("fit.generator", path):
            generator(recipe.fit.generator)
        with _entry("gate.policy", path):
            read_policy(recipe.gate.policy)
    if recipe.publish.metadata:
        metadata_from(recipe.publish.metadata, where=str(path))


@contextmanager
def _entry(name: str, path: Path) -> Iterator[None]:
    """Errors that name no file are about this entry of the recipe."""
    try:
        yield
    except UserError as error:
        if error.file is not None:
            raise
        raise UserError(f"{name}: {error.problem}", remedy=error.remedy, file=path) from None
