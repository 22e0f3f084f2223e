"""What a data protection officer reads: one sentence a check, and what the verdict does not cover."""

from __future__ import annotations

from collections.abc import Mapping
from fnmatch import fnmatchcase

from synth.core.score import Score, Scores, persons_to_clear
from synth.core.verdict import Outcome
from synth.gate.outcome import is_proven_safe, needed_for, not_applicable, outcome_of
from synth.gate.policy import Policy, Rule


def reason(rule: Rule, score: Score, outcome: Outcome) -> str:
    """Why a check came out as it did, without any value of the data."""
    if score.status == "skipped":
        if not_applicable(score):
            return f"{rule.question} Does not apply: {score.note}."
        return f"{rule.question} Not measured: {score.note}."
    if score.value is None or score.low is None or score.high is None:
        return f"{rule.question} The figure is missing, so it cannot be told."
    figure = f"Measured {_figure(score.value)} (95 % interval {_figure(score.low)} to {_figure(score.high)})"
    return f"{rule.question} {figure}{_control(score)}. {_conclusion(rule, score, outcome)}"


def _control(score: Score) -> str:
    """What the figure stands beside: both its parts, where it is an excess over control persons already."""
    train, control = (score.details.get(f"success_{role}") for role in ("train", "control"))
    if isinstance(train, float) and isinstance(control, float):
        return f": the attack succeeds on {train:.1%} of the training and on {control:.1%} of the control persons"
    return "" if score.control is None else f", against {_figure(score.control)} for control persons"


def _conclusion(rule: Rule, score: Score, outcome: Outcome) -> str:
    limit = f"the {'least' if rule.at_least else 'most'} allowed, {_figure(rule.bound)}"
    persons = f"{score.n} persons"
    if outcome == "block":
        low, high = score.low, score.high
        assert low is not None and high is not None
        if rule.statistic == "value" or (high < rule.bound if rule.at_least else low > rule.bound):
            return f"This proves a leak beyond {limit}."
        return f"This proves a leak, and what was measured of it is beyond {limit}."
    needed = needed_for(rule, score)
    short = score.n < needed
    if outcome == "inconclusive":
        if rule.on_breach == "inconclusive" and not short:
            return f"This is beyond {limit}: the comparison itself cannot be trusted."
        if short:
            return f"{persons} were attacked and {needed} are needed to tell, so it counts as not proven."
        unproven = f"No leak is proven, but the interval reaches beyond {limit}, so safety is not proven either."
        return unproven + _more(rule, score)
    if is_proven_safe(rule, score):
        return f"This stays within {limit}."
    need = f" ({persons}, {needed} needed)" if short else ""
    return (
        f"No leak is proven; safety is not proven either{need}, which this policy accepts and an open release does not."
    )


def _more(rule: Rule, score: Score) -> str:
    """How many persons would prove it at the figure measured."""
    if rule.at_least or rule.statistic != "high":
        return ""
    wanted = persons_to_clear(score, rule.bound)
    if wanted is None:
        return f" {score.n} persons were attacked; only more of them can tell whether the figure is chance."
    return f" {score.n} persons were attacked; about {wanted} would prove it, were the figure to stay as it is."


def _figure(value: float) -> str:
    return f"{value:.4g}"


def repeats_told(run: int, wanted: int) -> str:
    """Whether the attacks ran with enough seeds."""
    told = (
        f"Each attack ran with {run} seed{'s' if run > 1 else ''}, the worst of which was kept; {wanted} are asked for."
    )
    return told if run >= wanted else f"{told} Score again with --repeats {wanted}."


def unaudited(claim: str) -> str:
    """Why a claim of differential privacy blocks."""
    return (
        f"The model claims differential privacy ({claim}). Nothing here proves or audits such a claim, and it may not "
        "be published: remove it, or have it proved elsewhere and say so outside of this file."
    )


def short_of_persons(role: str, found: int, least: int) -> str:
    """Whether a role has enough persons for any judgement."""
    if found >= least:
        return f"The {role} tables hold {found} persons, {least} at least are needed."
    if found == 0:
        return f"No {role} persons were given; {least} at least are needed, so nothing can be told."
    return f"The {role} tables hold {found} persons and {least} are needed, so nothing can be told."


def notes(scores: Scores, policy: Policy) -> tuple[str, ...]:
    """What the verdict rests on and what it leaves out."""
    found = [f"Policy {policy.name}: {policy.purpose}"]
    found.append("This is evidence against a policy; it does not say that the data are anonymous.")
    found += _persons_wanted(policy, scores)
    plan = scores.context.get("plan", {})
    keys = plan.get("keys") if isinstance(plan, Mapping) else None
    if keys:
        found.append(f"Declared as known to an attacker, and so not among the attributes guessed: {', '.join(keys)}.")
    weak = _unproven(policy, scores)
    if weak:
        found.append(
            f"{weak} of the privacy checks passed without proof: these data are too few to show that the risk is below "
            "the bound of an open release. They must not leave the circle this policy is for."
        )
    if scores.context.get("person_assumed"):
        found.append(f"The person unit was not declared by the catalog; it was taken to be {scores.context['person']}.")
    skipped = sorted({f"{score.metric}: {score.note}" for score in scores.scores if score.status == "skipped"})
    found += [f"Not measured - {text}." for text in skipped]
    if "reference" not in scores.digests:
        found.append("No reference persons were given: attacks that need a third set of real persons used none.")
    found += [f"Not tested: {text}." for text in policy.untested]
    return tuple(found)


def _persons_wanted(policy: Policy, scores: Scores) -> list[str]:
    """How many times as many persons the checks that prove nothing either way would take: what a publisher can do."""
    times, beyond = [], 0
    for rule in policy.rules:
        for score in scores.scores:
            named = score.metric == rule.metric and fnmatchcase(score.scope, rule.scope)
            if named and rule.statistic == "high" and score.n and outcome_of(rule, score) == "inconclusive":
                wanted = persons_to_clear(score, rule.bound)
                beyond += wanted is None
                times.append(1.0 if wanted is None else wanted / score.n)
    if not times:
        return []
    told = (
        f"{len(times)} checks prove nothing either way. At the figures measured, {max(times):.1f} times as many "
        "attacked persons would prove the widest of those below their bound"
    )
    chance = f"; {beyond} figures lie beyond theirs, which may be chance" if beyond else ""
    return [
        f"{told}{chance}. Give more persons to train and holdout alike (score.targets says how many are attacked), or "
        "release fewer columns: each secret is a test more."
    ]


def _unproven(policy: Policy, scores: Scores) -> int:
    """How many measurements a lenient rule let through although they do not prove that the bound holds."""
    return sum(
        outcome_of(rule, score) == "pass" and not is_proven_safe(rule, score)
        for rule in policy.rules
        if rule.unproven == "note"
        for score in scores.scores
        if score.metric == rule.metric and fnmatchcase(score.scope, rule.scope) and score.status != "skipped"
    )
