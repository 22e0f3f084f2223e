"""Stages walked one after another, each skipped when what it depends on has not changed since it was last walked."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from synth.core.files import atomic_folder
from synth.core.jsontext import digest
from synth.core.progress import say
from synth.pipeline.fingerprint import fingerprint
from synth.pipeline.recipe import Recipe
from synth.pipeline.records import Record, read_record, write_record


@dataclass(frozen=True, slots=True)
class Walk:
    """One run: the recipe, the folder all stages write under, and how many processes may draw samples."""

    recipe: Recipe
    out: Path
    workers: int = 1

    def folder(self, stage: str) -> Path:
        """Where the outputs of a stage stand."""
        return self.out / stage


@dataclass(frozen=True, slots=True)
class Stage:
    """One step. `depends` gives plain data that its outputs depend on besides the stages it `reads`.

    `work` fills a folder; the walk renames it into place when it is whole. `barred` says why the stage may not be
    walked, if so: the walk then ends there, and what the stage left earlier is removed.
    """

    name: str
    reads: tuple[str, ...]
    depends: Callable[[Walk], Mapping[str, Any]]
    work: Callable[[Walk, Path], None]
    barred: Callable[[Walk], str] = lambda run: ""


@dataclass(frozen=True, slots=True)
class Step:
    """A stage that was walked or kept, in so many seconds."""

    name: str
    kept: bool
    seconds: float


@dataclass(slots=True)
class _Done:
    records: dict[str, Record] = field(default_factory=dict)
    steps: list[Step] = field(default_factory=list)


def walk(run: Walk, stages: Sequence[Stage], *, force: bool = False) -> tuple[Step, ...]:
    """Walk `stages` in order; `force` walks even those that nothing has changed for. Tells of each on stderr."""
    done = _Done()
    for number, stage in enumerate(stages, start=1):
        label = f"[{number}/{len(stages)}] {stage.name}"
        barred = stage.barred(run)
        if barred:
            say(f"{label}: not walked: {barred}")
            shutil.rmtree(run.folder(stage.name), ignore_errors=True)
            break
        begun = time.perf_counter()
        record, kept = _step(run, stage, done.records, label, force=force)
        seconds = time.perf_counter() - begun
        say(f"{label}: unchanged, kept" if kept else f"{label}: done in {seconds:.1f} s")
        done.records[stage.name] = record
        done.steps.append(Step(stage.name, kept, round(seconds, 1)))
    return tuple(done.steps)


def _step(run: Walk, stage: Stage, records: Mapping[str, Record], label: str, *, force: bool) -> tuple[Record, bool]:
    key = stage_key(run, stage, records)
    folder = run.folder(stage.name)
    found = None if force else read_record(folder)
    if found is not None and found.key == key:
        return found, True
    say(f"{label} ...")
    with atomic_folder(folder, overwrite=True) as aside:
        stage.work(run, aside)
        return write_record(aside, key), False


def stage_key(run: Walk, stage: Stage, records: Mapping[str, Record]) -> str:
    """The digest of everything the outputs of `stage` depend on: its settings, its inputs, the program itself."""
    inputs = {name: records[name].digest for name in stage.reads}
    return digest({"stage": stage.name, "program": fingerprint(), "depends": stage.depends(run), "inputs": inputs})
