"""Score: one measured figure with its interval, its control and how many persons stand behind it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from synth.core.errors import UserError
from synth.core.jsontext import read_json

Family = Literal["disclosure", "fidelity", "structure", "utility"]
Direction = Literal["lower", "higher"]
Status = Literal["measured", "underpowered", "skipped"]
FORMAT = "synth-scores/1"


@dataclass(frozen=True, slots=True)
class Score:
    """One figure. `scope` names what it is about (table, columns, key set), never a value.

    `low` and `high` bound it at 95 % by persons; `n` counts persons (or attacks on persons), `needed` how many it takes
    for the judgement to be possible at all; `control` is the same figure on real persons who were not used for training
    (disclosure) or on real against real (fidelity), with its own 95 % interval where one was computed. `direction` says
    which way is better. `status` is `skipped` when it could not be computed, and `note` then says why.
    """

    metric: str
    family: Family
    scope: str
    value: float | None
    low: float | None = None
    high: float | None = None
    n: int = 0
    needed: int = 0
    control: float | None = None
    direction: Direction = "lower"
    status: Status = "measured"
    note: str = ""
    details: Mapping[str, Any] = field(default_factory=dict)
    control_low: float | None = None
    control_high: float | None = None


@dataclass(frozen=True, slots=True)
class Scores:
    """All figures of one release. `digests` ties them to the data: train, holdout, synthetic (and reference).

    `figures` are what plots are drawn from: shares of cells that enough persons share, never single values.
    """

    scores: tuple[Score, ...]
    digests: Mapping[str, str]
    seed: int
    version: str
    context: Mapping[str, Any] = field(default_factory=dict)
    figures: tuple[Mapping[str, Any], ...] = ()


def persons_to_clear(score: Score, bound: float) -> int | None:
    """How many persons would bring the upper bound of this figure, as it was measured, to `bound`.

    Widths shrink with the square root of persons. None where the figure itself is at the bound or beyond it: more
    persons would then show whether it is chance, but no number of them clears that figure.
    """
    if score.value is None or score.high is None or score.n <= 0 or score.value >= bound:
        return None
    return max(score.needed, math.ceil(score.n * ((score.high - score.value) / (bound - score.value)) ** 2))


def scores_document(scores: Scores) -> dict[str, Any]:
    """Scores as plain JSON data."""
    return {
        "format": FORMAT,
        "version": scores.version,
        "seed": scores.seed,
        "digests": dict(scores.digests),
        "context": dict(scores.context),
        "scores": [_score_document(score) for score in scores.scores],
        "figures": [dict(figure) for figure in scores.figures],
    }


def _score_document(score: Score) -> dict[str, Any]:
    names = Score.__dataclass_fields__
    return {name: dict(value) if name == "details" else value for name in names for value in (getattr(score, name),)}


def read_scores(path: Path) -> Scores:
    """Scores from a file. Raises UserError when it is absent or is not a scores file."""
    document = read_json(path)
    try:
        if document["format"] != FORMAT:
            raise KeyError("format")
        return Scores(
            scores=tuple(Score(**item) for item in document["scores"]),
            digests=document["digests"],
            seed=document["seed"],
            version=document["version"],
            context=document.get("context", {}),
            figures=tuple(dict(figure) for figure in document.get("figures", ())),
        )
    except (KeyError, TypeError):
        raise UserError("is not a scores file", file=path, remedy="make it with: synth score") from None
