"""The literal table of generators: to add one, write its file and add its row."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from synth.core.errors import UserError
from synth.core.model import Array, Model, Statistic
from synth.generators.coding.coded import PartRows
from synth.generators.laws import auto, gaussian_copula, grown, independent, trees, vine
from synth.generators.laws.margins import Margins
from synth.generators.laws.part_law import Joint, PartLaw

DEFAULT = "trees"
VINE = ("pyvinecopulib",)


@dataclass(frozen=True, slots=True)
class Generator:
    """A way to learn the joint law of a part beyond its margins, and to make it again from a model."""

    learn: Callable[[PartRows, Margins, int], tuple[list[Statistic], dict[str, Array]]]
    load: Callable[[Model, PartLaw], Joint]
    line: str
    context_margins: bool = False  # whether the margins of what is given are learned too
    by_kind: bool = False  # whether rows of a child share out what their parent has of each kind
    extras: tuple[str, ...] = ()  # optional libraries that compute what it learns


GENERATORS: Mapping[str, Generator] = {
    "independent": Generator(independent.learn, independent.load, "each feature from its margin alone"),
    "trees": Generator(trees.learn, grown.load, "a chain of shallow trees over supported counts", by_kind=True),
    "gaussian-copula": Generator(
        gaussian_copula.learn, gaussian_copula.load, "a normal copula over ranked codes", True
    ),
    "auto": Generator(
        auto.learn, auto.load, "for each part the one that does best on persons held out", True, extras=VINE
    ),
    "vine": Generator(vine.learn, vine.load, "a truncated vine of pair copulas over ranked codes", True, extras=VINE),
}


def generator(name: str) -> Generator:
    """The generator called `name`. Raises UserError when there is none."""
    if name not in GENERATORS:
        raise UserError(f"no generator is called {name}", remedy=f"use one of {', '.join(GENERATORS)}")
    return GENERATORS[name]
