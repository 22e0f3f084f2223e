"""A recipe: what to read or simulate, and how each stage of the path is to be walked.

The dataclasses below are the recipe's schema (and `synth.metrics.Plan` that of its section score); `sections` reads a
file into them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from synth.core.errors import UserError
from synth.generators.registry import DEFAULT
from synth.metrics.evidence.model import Plan
from synth.pipeline.parameters import fill, parse_settings
from synth.pipeline.sections import SectionReader
from synth.pipeline.yamlfile import read_yaml

_NAME = re.compile(r"[a-z0-9][a-z0-9._-]*")


@dataclass(frozen=True, slots=True)
class Simulate:
    """Tables made from public statistics; `years` is `2021` or `2021-2023`, `tables` names, `core` or `all`."""

    persons: int = 1_000
    years: str = "2022"
    tables: tuple[str, ...] = ("core",)


@dataclass(frozen=True, slots=True)
class Input:
    """Where the tables come from: `data` (with the `catalog` beside it, or another) or `simulate`, never both.

    `unresolved` says what becomes of a reference to a row that is not there: `refuse` the tables, or take it as missing
    (`empty`) where the catalog allows that.
    """

    data: Path | None = None
    catalog: Path | None = None
    unresolved: str = "refuse"
    simulate: Simulate | None = None


@dataclass(frozen=True, slots=True)
class Split:
    """Shares of the persons, which sum to 1: who is learned from, who controls, who calibrates attackers."""

    train: float = 0.6
    holdout: float = 0.3
    reference: float = 0.1


@dataclass(frozen=True, slots=True)
class Fit:
    """The generator by name and the smallest number of persons behind any statistic."""

    generator: str = DEFAULT
    min_persons: int = 11


@dataclass(frozen=True, slots=True)
class Sample:
    """How many synthetic persons (as many as were learned from when absent)."""

    persons: int | None = None


@dataclass(frozen=True, slots=True)
class Gate:
    """The release policy: a name under `schemas/policies/` or a file."""

    policy: str = "open-release"


@dataclass(frozen=True, slots=True)
class Publish:
    """What the package says of itself; `draft` builds it, marked as a draft, even when the gate blocks.

    `compress` writes its CSV files as `.csv.gz`.
    """

    metadata: Mapping[str, Any] = field(default_factory=dict)
    draft: bool = False
    compress: bool = False


@dataclass(frozen=True, slots=True)
class Recipe:
    """The whole path. Every draw of every stage comes from `seed`.

    Without `learn`, simulated tables are published as they are; only tables that the recipe itself simulates can be.
    """

    name: str
    input: Input
    title: str = ""
    seed: int = 0
    learn: bool = True
    split: Split = field(default_factory=Split)
    fit: Fit = field(default_factory=Fit)
    sample: Sample = field(default_factory=Sample)
    score: Plan = field(default_factory=Plan)
    gate: Gate = field(default_factory=Gate)
    publish: Publish = field(default_factory=Publish)

    @property
    def simulated(self) -> Simulate:
        """What to simulate. Raises UserError when the recipe reads tables instead."""
        if self.input.simulate is None:
            raise UserError("the recipe simulates nothing", remedy="give input.simulate")
        return self.input.simulate


def read_recipe(path: Path, settings: Sequence[str] = (), here: Path | None = None) -> Recipe:
    """The recipe in a YAML file with `key=value` settings applied.

    Paths in the recipe are relative to it; those given by a setting are relative to `here` (the working directory).
    Raises UserError, with the line where there is one, for anything that cannot be followed.
    """
    filled = fill(read_yaml(path), parse_settings(settings), path)
    reader = SectionReader(filled, path, here or Path())
    recipe = reader.read(Recipe, filled.value)
    _check(recipe, reader)
    return replace(recipe, gate=Gate(_located(recipe.gate.policy, reader)))


def _located(policy: str, reader: SectionReader) -> str:
    """A policy's name as it is; its file, if it is one, relative to whoever gave it."""
    if Path(policy).suffix not in (".yaml", ".yml"):
        return policy
    return str(reader.base(("gate", "policy")) / Path(policy).expanduser())


def _check(recipe: Recipe, reader: SectionReader) -> None:
    if not _NAME.fullmatch(recipe.name):
        raise reader.error(("name",), "the name is not fit for a package", "use a-z, 0-9, '.', '_' and '-' only")
    if (recipe.input.data is None) == (recipe.input.simulate is None):
        raise reader.error(("input",), "the input is either data or simulate", "give one of the two")
    if not recipe.learn and recipe.input.simulate is None:
        raise reader.error(
            ("learn",), "tables that this recipe does not simulate cannot be published unlearned", "remove learn"
        )
    if recipe.input.unresolved not in ("refuse", "empty"):
        raise reader.error(
            ("input", "unresolved"), "input.unresolved is neither refuse nor empty", "give one of the two"
        )
    shares = (recipe.split.train, recipe.split.holdout, recipe.split.reference)
    if abs(sum(shares) - 1) > 1e-9 or recipe.split.train <= 0 or recipe.split.holdout <= 0 or min(shares) < 0:
        raise reader.error(("split",), "the shares do not sum to 1, or train or holdout is empty", "correct them")
    floors = (("fit", "min_persons", recipe.fit.min_persons), ("sample", "persons", recipe.sample.persons))
    work = (("score", key, value) for key, value in asdict(recipe.score).items() if isinstance(value, int))
    for section, key, value in (*floors, *work):
        if value is not None and value < 1:
            raise reader.error((section, key), f"{section}.{key} is below 1", "give a positive number")
    if recipe.input.simulate is not None:
        if recipe.input.simulate.persons < 1:
            raise reader.error(("input", "simulate", "persons"), "no person is asked for", "give a positive number")
        year_range(recipe.input.simulate.years)


def year_range(text: str) -> tuple[int, int]:
    """`2022` or `2021-2023` as first and last year. Raises UserError for anything else."""
    found = re.fullmatch(r"(\d{4})(?:-(\d{4}))?", text)
    if not found or int(found[1]) > int(found[2] or found[1]):
        raise UserError("years are not written as 2022 or 2021-2023", remedy="correct input.simulate.years")
    return int(found[1]), int(found[2] or found[1])
