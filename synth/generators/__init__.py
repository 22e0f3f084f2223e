"""Generators learn a model from tables and draw tables from a model: `fit`, `sample` and `synthetic_catalog`."""

from __future__ import annotations

from synth.generators.blueprint import synthetic_catalog
from synth.generators.choosing import Choice
from synth.generators.drawing.enforcing import announce
from synth.generators.fitting import MIN_PERSONS, fit
from synth.generators.given import Given, read_given
from synth.generators.registry import DEFAULT, GENERATORS
from synth.generators.sampling import sample

__all__ = [
    "DEFAULT",
    "GENERATORS",
    "MIN_PERSONS",
    "Choice",
    "Given",
    "announce",
    "fit",
    "read_given",
    "sample",
    "synthetic_catalog",
]
