"""Verdict and scores read with every field looked at, since a package may come from anyone."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from synth.core.errors import UserError
from synth.core.score import Scores, read_scores
from synth.core.verdict import Verdict, read_verdict


def sound_verdict(path: Path) -> Verdict:
    """The verdict in a file. Raises UserError when it is absent, or a field is not of its kind."""
    try:
        verdict = read_verdict(path)
    except (AttributeError, ValueError):
        raise _refusal(path, "a verdict", "gate") from None
    sound = (
        isinstance(verdict.policy, str)
        and _texts(verdict.digests)
        and isinstance(verdict.context, Mapping)
        and all(map(_text, (*verdict.allowed_uses, *verdict.notes)))
        and all(
            all(map(_text, (item.rule, item.metric, item.scope, item.statistic, item.outcome, item.reason)))
            and _figures(item.observed, item.bound)
            for item in verdict.checks
        )
    )
    if not sound:
        raise _refusal(path, "a verdict", "gate")
    return verdict


def sound_scores(path: Path) -> Scores:
    """The scores in a file. Raises UserError when it is absent, or a field is not of its kind."""
    try:
        scores = read_scores(path)
    except (AttributeError, ValueError):
        raise _refusal(path, "a scores file", "score") from None
    sound = (
        _texts(scores.digests)
        and isinstance(scores.context, Mapping)
        and isinstance(scores.context.get("persons", {}), Mapping)
        and all(
            all(map(_text, (item.metric, item.family, item.scope, item.direction, item.status, item.note)))
            and _figures(item.value, item.low, item.high, item.control)
            and _figures(item.n, item.needed)
            and item.n is not None
            for item in scores.scores
        )
    )
    if not sound:
        raise _refusal(path, "a scores file", "score")
    return scores


def _refusal(path: Path, what: str, command: str) -> UserError:
    return UserError(f"is not {what}", file=path, remedy=f"make it with: synth {command}")


def _text(value: Any) -> bool:
    return isinstance(value, str)


def _texts(value: Any) -> bool:
    return isinstance(value, Mapping) and all(map(_text, value.values()))


def _figures(*values: Any) -> bool:
    return all(value is None or (isinstance(value, (int, float)) and not isinstance(value, bool)) for value in values)
