"""Verdict: what a policy says of a release's scores. Anything it cannot tell blocks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

from synth.core.errors import UserError
from synth.core.jsontext import read_json

Outcome = Literal["pass", "block", "inconclusive"]
FORMAT = "synth-verdict/1"


@dataclass(frozen=True, slots=True)
class Check:
    """One line of a policy applied to one score: `statistic` (value, low or high) of the score against `bound`."""

    rule: str
    metric: str
    scope: str
    statistic: str
    observed: float | None
    bound: float | None
    outcome: Outcome
    reason: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a release may leave, under which policy, and the digests of exactly what was judged."""

    passed: bool
    policy: str
    checks: tuple[Check, ...]
    digests: Mapping[str, str]
    allowed_uses: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    context: Mapping[str, Any] = field(default_factory=dict)


def verdict_document(verdict: Verdict) -> dict[str, Any]:
    """A verdict as plain JSON data."""
    return {
        "format": FORMAT,
        "passed": verdict.passed,
        "policy": verdict.policy,
        "digests": dict(verdict.digests),
        "allowed_uses": list(verdict.allowed_uses),
        "notes": list(verdict.notes),
        "context": dict(verdict.context),
        "checks": [asdict(check) for check in verdict.checks],
    }


def read_verdict(path: Path) -> Verdict:
    """A verdict from a file. Raises UserError when it is absent or is not a verdict."""
    document = read_json(path)
    try:
        if document["format"] != FORMAT:
            raise KeyError("format")
        return Verdict(
            passed=bool(document["passed"]),
            policy=document["policy"],
            checks=tuple(Check(**item) for item in document["checks"]),
            digests=document["digests"],
            allowed_uses=tuple(document["allowed_uses"]),
            notes=tuple(document["notes"]),
            context=document.get("context", {}),
        )
    except (KeyError, TypeError):
        raise UserError("is not a verdict", file=path, remedy="make it with: synth gate") from None
