"""The verdict is a pass, is about exactly these tables, and says what the scores say."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

from publish.build import blocking_reasons
from publish.evidence import sound_scores, sound_verdict
from publish.fault import Fault, fault_of
from publish.package import Package
from synth.core.errors import UserError
from synth.core.score import Score, Scores
from synth.core.verdict import Check, Verdict

Document = TypeVar("Document", Verdict, Scores)


def check_release(package: Package, digest: str | None) -> Iterator[Fault]:
    """Faults of verdict and scores on tables of this logical digest (None: the tables could not be read).

    A draft may lack them; what it holds must still agree with itself.
    """
    if digest is not None and package.descriptor.get("synth:digest") != digest:
        yield Fault("digest", "the tables are not those the descriptor speaks of", file="datapackage.json")
    if package.descriptor.get("synth:synthetic") is not True:
        yield Fault("release", "does not say that the data are synthetic", file="datapackage.json")
    try:
        verdict = _optional(package, "verdict.json", sound_verdict)
        scores = _optional(package, "scores.json", sound_scores)
    except UserError as error:
        yield fault_of("release", error, package.inside(error.file))
        return
    if not package.draft:
        origin = str(package.descriptor.get("synth:origin", "learned"))
        reasons = blocking_reasons(verdict, scores, digest or "", origin)
        yield from (Fault("release", reason, file="verdict.json") for reason in reasons)
    if verdict is not None:
        yield from _consistent(verdict, scores)


def _optional(package: Package, name: str, read: Callable[[Path], Document]) -> Document | None:
    path = package.root / name
    return read(path) if path.is_file() else None


def _consistent(verdict: Verdict, scores: Scores | None) -> Iterator[Fault]:
    """A pass follows from its checks, and each check from a score."""
    if verdict.passed and any(check.outcome != "pass" for check in verdict.checks):
        yield Fault("release", "says pass although a check does not", file="verdict.json")
    if verdict.passed and not verdict.checks:
        yield Fault("release", "says pass without a single check", file="verdict.json")
    if scores is None:
        return
    by_key: dict[tuple[str, str], list[Score]] = {}
    for score in scores.scores:
        by_key.setdefault((score.metric, score.scope), []).append(score)
    for number, check in enumerate(verdict.checks, start=1):
        if _counted(check, scores) != check.observed and not _follows(
            check, by_key.get((check.metric, check.scope), [])
        ):
            yield Fault("release", "a check of the verdict does not follow from the scores", "verdict.json", row=number)


def _counted(check: Check, scores: Scores) -> object:
    """What the scores' context says of how many persons stood on a side, or how often the attacks ran."""
    counts = {
        "persons": scores.context.get("persons", {}).get(check.scope),
        "repeats": scores.context.get("repeats", 1),
    }
    return counts.get(check.metric)


def _follows(check: Check, scores: list[Score]) -> bool:
    """Whether the figure that a check observed is the one some score reports (None: it observed nothing)."""
    if check.observed is None:
        return True
    seen = [getattr(score, check.statistic, None) for score in scores]
    return any(value is not None and math.isclose(value, check.observed, rel_tol=1e-9, abs_tol=1e-12) for value in seen)
