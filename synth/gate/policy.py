"""Policies: what a release must prove, each number beside its source; YAML files under `schemas/policies/`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args

from synth.core.errors import UserError
from synth.core.resources import schemas_root
from synth.core.yamltext import read_yaml

Statistic = Literal["value", "low", "high"]
Unproven = Literal["inconclusive", "note"]
Breach = Literal["block", "inconclusive"]
_RULE_KEYS = frozenset(
    "id criterion metric scope statistic at_most at_least null unproven on_breach absent question source".split()
)
_FLOOR_KEYS = frozenset("metric scope statistic at_most at_least above_control source".split())
_POLICY_KEYS = frozenset("policy version title purpose minimum_persons seeds rules uses untested".split())


@dataclass(frozen=True, slots=True)
class Rule:
    """One requirement on every score of `metric` whose scope matches `scope` (a shell pattern).

    `statistic` is compared with `bound`: at most it, or at least when `at_least`. `null` is what an attack that learns
    nothing scores: an interval that holds it is no evidence of a leak. `unproven` says what happens when the interval
    neither clears the bound nor proves a breach, `on_breach` what a proven one does, `absent` what a measurement that
    was skipped does (a metric that the scores do not hold at all is always inconclusive).
    """

    id: str
    criterion: str
    metric: str
    scope: str
    statistic: Statistic
    bound: float
    at_least: bool
    null: float
    unproven: Unproven
    on_breach: Breach
    absent: Unproven
    question: str
    source: str


@dataclass(frozen=True, slots=True)
class Floor:
    """What a use of the data needs: the statistic on the right side of the bound, or within a margin of the control."""

    metric: str
    scope: str
    statistic: Statistic
    bound: float
    at_least: bool
    above_control: float | None
    source: str


@dataclass(frozen=True, slots=True)
class Use:
    """A use that the verdict allows when every floor is met."""

    name: str
    floors: tuple[Floor, ...]


@dataclass(frozen=True, slots=True)
class Policy:
    """A named set of rules, uses and least numbers of persons by role; `untested` is what no rule looks at.

    `seeds` is how many seeds each attack must have run with; the worst of them is what the scores hold."""

    name: str
    version: str
    title: str
    purpose: str
    minimum_persons: Mapping[str, int]
    rules: tuple[Rule, ...]
    uses: tuple[Use, ...]
    untested: tuple[str, ...]
    seeds: int = 1


def policy_names() -> tuple[str, ...]:
    """The policies that come with the package."""
    return tuple(sorted(path.stem for path in (schemas_root() / "policies").glob("*.yaml")))


def read_policy(name: str | Path) -> Policy:
    """A policy by name, or from a YAML file. Raises UserError when there is none or it is not a policy."""
    path = Path(name)
    if path.suffix not in (".yaml", ".yml"):
        path = schemas_root() / "policies" / f"{name}.yaml"
        if not path.is_file():
            raise UserError("there is no policy of this name", remedy=f"use one of {', '.join(policy_names())}")
    document = read_yaml(path)
    try:
        return _policy(document, path)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        detail = f"lacks {error}" if isinstance(error, KeyError) else "is not laid out as a policy"
        raise UserError(detail, file=path, remedy="see schemas/policies/open-release.yaml") from None


def _policy(document: Any, path: Path) -> Policy:
    _only(document, _POLICY_KEYS, path)
    rules = tuple(_rule(item, path) for item in document["rules"])
    if not rules:
        raise UserError("has no rule: it would let everything pass", file=path, remedy="add rules")
    return Policy(
        name=str(document["policy"]),
        version=str(document["version"]),
        title=str(document["title"]),
        purpose=str(document["purpose"]),
        minimum_persons={str(role): int(count) for role, count in document["minimum_persons"].items()},
        rules=rules,
        uses=tuple(
            Use(str(item["use"]), tuple(_floor(floor, path) for floor in item["floors"])) for item in document["uses"]
        ),
        untested=tuple(str(item) for item in document.get("untested", ())),
        seeds=int(document.get("seeds", 1)),
    )


def _rule(item: Any, path: Path) -> Rule:
    _only(item, _RULE_KEYS, path)
    bound, at_least = _bound(item, path)
    return Rule(
        id=str(item["id"]),
        criterion=str(item["criterion"]),
        metric=str(item["metric"]),
        scope=str(item.get("scope", "*")),
        statistic=_one_of(item["statistic"], get_args(Statistic), path),
        bound=bound,
        at_least=at_least,
        null=float(item.get("null", 0)),
        unproven=_one_of(item.get("unproven", "inconclusive"), get_args(Unproven), path),
        on_breach=_one_of(item.get("on_breach", "block"), get_args(Breach), path),
        absent=_one_of(item.get("absent", "inconclusive"), get_args(Unproven), path),
        question=str(item["question"]).strip(),
        source=str(item["source"]).strip(),
    )


def _floor(item: Any, path: Path) -> Floor:
    _only(item, _FLOOR_KEYS, path)
    bound, at_least = _bound(item, path)
    margin = item.get("above_control")
    return Floor(
        metric=str(item["metric"]),
        scope=str(item.get("scope", "*")),
        statistic=_one_of(item.get("statistic", "value"), get_args(Statistic), path),
        bound=bound,
        at_least=at_least,
        above_control=None if margin is None else float(margin),
        source=str(item["source"]).strip(),
    )


def _bound(item: Any, path: Path) -> tuple[float, bool]:
    if ("at_most" in item) == ("at_least" in item):
        raise UserError("a rule needs `at_most` or `at_least`, one of them", file=path, remedy="correct the rule")
    return float(item["at_least"] if "at_least" in item else item["at_most"]), "at_least" in item


def _only(item: Any, known: frozenset[str], path: Path) -> None:
    unknown = sorted(str(key) for key in item if key not in known)
    if unknown:
        raise UserError(f"has a key that policies do not know: {unknown[0]}", file=path, remedy="correct its name")


def _one_of(value: Any, allowed: tuple[Any, ...], path: Path) -> Any:
    if value not in allowed:
        raise UserError("has a word that is not allowed here", file=path, remedy=f"use one of {', '.join(allowed)}")
    return value
