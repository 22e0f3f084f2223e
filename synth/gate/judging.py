"""Judging scores: every rule against every score it names; what is missing or unproven never passes."""

from __future__ import annotations

from collections.abc import Iterator
from fnmatch import fnmatchcase

from synth.core.score import Score, Scores
from synth.core.verdict import Check, Outcome, Verdict
from synth.gate.outcome import not_applicable, outcome_of, statistic
from synth.gate.policy import Floor, Policy, Rule
from synth.gate.wording import notes, reason, repeats_told, short_of_persons, unaudited


def judge(scores: Scores, policy: Policy) -> Verdict:
    """The verdict of a policy on scores: passed only when every check passes."""
    checks = (
        *_persons(scores, policy),
        *_seeds(scores, policy),
        *_claims(scores),
        *(check for rule in policy.rules for check in _apply(rule, scores)),
    )
    passed = all(check.outcome == "pass" for check in checks)
    return Verdict(
        passed=passed,
        policy=policy.name,
        checks=checks,
        digests=dict(scores.digests),
        allowed_uses=tuple(use.name for use in policy.uses if all(_met(floor, scores) for floor in use.floors)),
        notes=notes(scores, policy),
        context={
            "policy_version": policy.version,
            "title": policy.title,
            "purpose": policy.purpose,
            "scores_version": scores.version,
            "seed": scores.seed,
            "outcomes": {name: sum(check.outcome == name for check in checks) for name in _OUTCOMES},
            "criteria": _criteria(policy, checks),
            "rule_criteria": {rule.id: rule.criterion for rule in policy.rules},
            "sources": {rule.id: rule.source for rule in policy.rules},
        },
    )


_OUTCOMES: tuple[Outcome, ...] = ("pass", "block", "inconclusive")


def _persons(scores: Scores, policy: Policy) -> Iterator[Check]:
    counted = scores.context.get("persons", {})
    for role, least in policy.minimum_persons.items():
        found = counted.get(role, 0)
        enough = isinstance(found, int) and found >= least
        text = short_of_persons(role, int(found) if isinstance(found, int) else 0, least)
        yield Check("minimum-persons", "persons", role, "value", float(found or 0), float(least),
                    "pass" if enough else "inconclusive", text)  # fmt: skip


def _seeds(scores: Scores, policy: Policy) -> Iterator[Check]:
    if policy.seeds > 1:
        run = scores.context.get("repeats", 1)
        run = run if isinstance(run, int) else 0
        text = repeats_told(run, policy.seeds)
        outcome: Outcome = "pass" if run >= policy.seeds else "inconclusive"
        yield Check("seeds", "repeats", "every attack", "value", float(run), float(policy.seeds), outcome, text)


def _claims(scores: Scores) -> Iterator[Check]:
    """A claim of differential privacy is a block under every policy: nothing here accounts for it or audits it."""
    claims = scores.context.get("privacy_claims", ())
    for claim in claims if isinstance(claims, list | tuple) else ():
        yield Check("privacy-claims", "privacy_claims", str(claim), "value", 1.0, 0.0, "block", unaudited(str(claim)))


def _apply(rule: Rule, scores: Scores) -> list[Check]:
    named = [score for score in scores.scores if score.metric == rule.metric and fnmatchcase(score.scope, rule.scope)]
    if not named:
        text = f"{rule.question} The scores hold no such measurement, so it cannot be told."
        return [Check(rule.id, rule.metric, rule.scope, rule.statistic, None, rule.bound, "inconclusive", text)]
    return [_check(rule, score) for score in named]


def _check(rule: Rule, score: Score) -> Check:
    outcome = outcome_of(rule, score)
    observed = statistic(score, rule.statistic)
    text = reason(rule, score, outcome)
    return Check(rule.id, score.metric, score.scope, rule.statistic, observed, rule.bound, outcome, text)


def _met(floor: Floor, scores: Scores) -> bool:
    named = [score for score in scores.scores if score.metric == floor.metric and fnmatchcase(score.scope, floor.scope)]
    usable = [score for score in named if not not_applicable(score)]
    return bool(named) and all(_reaches(floor, score) for score in usable)


def _reaches(floor: Floor, score: Score) -> bool:
    observed = statistic(score, floor.statistic)
    if observed is None:
        return False
    bound = floor.bound
    if floor.above_control is not None and score.control is not None:
        relative = score.control - floor.above_control if floor.at_least else score.control + floor.above_control
        bound = min(bound, relative) if floor.at_least else max(bound, relative)
    return observed >= bound if floor.at_least else observed <= bound


def _criteria(policy: Policy, checks: tuple[Check, ...]) -> dict[str, str]:
    """The worst outcome for each criterion of WP29 Opinion 05/2014 that the policy's rules answer."""
    by_rule = {rule.id: rule.criterion for rule in policy.rules}
    worst: dict[str, str] = {}
    order = {"pass": 0, "inconclusive": 1, "block": 2}
    for check in checks:
        criterion = by_rule.get(check.rule)
        if criterion is not None and order[check.outcome] >= order[worst.get(criterion, "pass")]:
            worst[criterion] = check.outcome
    return worst
