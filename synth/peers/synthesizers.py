"""The literal table of SDV's synthesizers, and which tables each of them takes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any, Literal

from synth.core.errors import UserError

Shape = Literal["one table", "tables in a tree", "one sequence"]


@dataclass(frozen=True, slots=True)
class Synthesizer:
    """Where SDV has it, and the shape of the tables it takes: the person's alone, with children, or one in order."""

    module: str
    name: str
    shape: Shape


SYNTHESIZERS: Mapping[str, Synthesizer] = {
    "sdv-gaussian-copula": Synthesizer("sdv.single_table", "GaussianCopulaSynthesizer", "one table"),
    "sdv-ctgan": Synthesizer("sdv.single_table", "CTGANSynthesizer", "one table"),
    "sdv-tvae": Synthesizer("sdv.single_table", "TVAESynthesizer", "one table"),
    "sdv-hma": Synthesizer("sdv.multi_table", "HMASynthesizer", "tables in a tree"),
    "sdv-par": Synthesizer("sdv.sequential", "PARSynthesizer", "one sequence"),
}


def synthesizer(name: str) -> Synthesizer:
    """The synthesizer called `name`. Raises UserError when there is none."""
    if name not in SYNTHESIZERS:
        raise UserError(f"no generator is called {name}", remedy=f"use one of {', '.join(SYNTHESIZERS)}")
    return SYNTHESIZERS[name]


def load_class(chosen: Synthesizer) -> Any:
    """SDV's class. Raises UserError when SDV is not installed."""
    try:
        return getattr(import_module(chosen.module), chosen.name)
    except ImportError:
        raise UserError(
            "SDV is not installed",
            remedy="pip install torch (the CPU build is enough), then pip install 'synth-snds[sdv]'",
        ) from None
