"""Rules, outcomes and words of the gate, on scores written by hand."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from synth.core.errors import UserError
from synth.core.score import Score, Scores
from synth.gate import judge, read_policy
from synth.gate.outcome import needed_for, outcome_of
from synth.gate.policy import Policy, Rule, policy_names

RULE = Rule("r", "inference", "m", "*", "high", 0.09, False, 0.0, "inconclusive", "block", "inconclusive", "Q?", "s")
SCORE = Score("m", "disclosure", "t.c", 0.0, -0.05, 0.05, n=1000, needed=500, control=0.4)


@pytest.mark.parametrize(
    ("value", "low", "high", "n", "strict", "lenient"),
    [
        (0.00, -0.05, 0.05, 1000, "pass", "pass"),  # proven safe
        (0.00, -0.05, 0.05, 400, "inconclusive", "pass"),  # too few persons
        (0.05, -0.01, 0.11, 1000, "inconclusive", "pass"),  # neither proven
        (0.07, 0.02, 0.12, 1000, "inconclusive", "pass"),  # some leak, perhaps beyond the bound
        (0.07, 0.02, 0.12, 400, "inconclusive", "pass"),
        (0.20, 0.12, 0.30, 400, "block", "block"),  # a leak beyond the bound, few persons or not
        (0.20, 0.05, 0.30, 1000, "block", "block"),
        (-0.3, -0.50, -0.1, 1000, "pass", "pass"),
    ],
)
def test_outcomes(value: float, low: float, high: float, n: int, strict: str, lenient: str) -> None:
    score = replace(SCORE, value=value, low=low, high=high, n=n, status="measured" if n >= 500 else "underpowered")
    assert outcome_of(RULE, score) == strict
    assert outcome_of(replace(RULE, unproven="note"), score) == lenient


def test_the_persons_needed_follow_the_bound() -> None:
    score = replace(SCORE, n=450, needed=900, status="underpowered", details={"tolerance": 0.09})
    assert outcome_of(RULE, score) == "inconclusive"
    assert needed_for(RULE, score) == 900
    assert needed_for(replace(RULE, bound=0.18), score) == 225
    assert outcome_of(replace(RULE, bound=0.18), score) == "pass"
    assert needed_for(replace(RULE, bound=0.03), score) == 8100


def test_skipped_missing_and_not_applicable() -> None:
    gone = Score("m", "disclosure", "t", None, status="skipped", note="no holdout")
    assert outcome_of(RULE, gone) == "inconclusive"
    assert outcome_of(replace(RULE, unproven="note"), gone) == "inconclusive"
    assert outcome_of(replace(RULE, absent="note"), gone) == "pass"
    assert outcome_of(RULE, replace(gone, details={"not_applicable": True})) == "pass"
    assert outcome_of(RULE, replace(SCORE, high=None)) == "inconclusive"


def test_a_breach_of_the_comparison_is_inconclusive() -> None:
    rule = replace(RULE, statistic="low", bound=0.005, on_breach="inconclusive")
    assert outcome_of(rule, replace(SCORE, value=0.1, low=0.08, high=0.12)) == "inconclusive"


def test_higher_is_better_the_other_way_round() -> None:
    rule = replace(RULE, statistic="low", bound=0.5, at_least=True, null=1.0)
    assert outcome_of(rule, replace(SCORE, value=0.7, low=0.6, high=0.8)) == "pass"
    assert outcome_of(rule, replace(SCORE, value=0.3, low=0.2, high=0.4)) == "block"


@pytest.mark.parametrize("name", policy_names())
def test_every_policy_reads_sources_every_number_and_passes_nothing_empty(name: str) -> None:
    policy = read_policy(name)
    assert policy.name == name
    assert all(rule.source and rule.question.endswith("?") for rule in policy.rules)
    assert all(floor.source for use in policy.uses for floor in use.floors)
    verdict = judge(Scores((), {}, 0, "0"), policy)
    assert not verdict.passed
    assert {check.outcome for check in verdict.checks} == {"inconclusive"}
    assert verdict.allowed_uses == ()
    assert all(check.reason for check in verdict.checks)


def small_policy(**changes: object) -> Policy:
    policy = read_policy("open-release")
    return replace(policy, **{"rules": (RULE,), "minimum_persons": {"train": 10}, "seeds": 1, **changes})


def test_a_verdict_carries_digests_reasons_and_notes() -> None:
    scores = Scores((SCORE,), {"train": "a", "synthetic": "b"}, 3, "1.0", {"persons": {"train": 1000}})
    verdict = judge(scores, small_policy())
    assert verdict.passed
    assert verdict.digests == scores.digests
    assert "0.4" in verdict.checks[-1].reason
    assert any("does not say that the data are anonymous" in note for note in verdict.notes)
    assert any(note.startswith("Not tested:") for note in verdict.notes)
    assert not judge(replace(scores, context={"persons": {"train": 9}}), small_policy()).passed
    assert not judge(replace(scores, context={}), small_policy()).passed


def test_too_few_seeds_are_inconclusive() -> None:
    scores = Scores((SCORE,), {}, 3, "1.0", {"persons": {"train": 1000}, "repeats": 4})
    verdict = judge(scores, small_policy(seeds=5))
    assert [check.outcome for check in verdict.checks if check.rule == "seeds"] == ["inconclusive"]
    assert "--repeats 5" in next(check.reason for check in verdict.checks if check.rule == "seeds")
    assert judge(replace(scores, context={**scores.context, "repeats": 5}), small_policy(seeds=5)).passed


def test_floors_allow_uses_by_bound_or_by_control() -> None:
    keys = Score("foreign_key_integrity", "structure", "a to b", 0.95, 0.95, 0.95, 10, control=0.9, direction="higher")
    context = {"persons": {"train": 1000}}
    uses = judge(Scores((SCORE, keys), {}, 0, "0", context), small_policy()).allowed_uses
    assert uses == ("software testing and teaching",)
    worse = replace(keys, value=0.8)
    assert judge(Scores((SCORE, worse), {}, 0, "0", context), small_policy()).allowed_uses == ()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("rules: [", "not valid YAML"),
        ("[]", "laid out"),
        ("policy: p", "lacks"),
        ("policy: p\nversion: 1\ntitle: t\npurpose: p\nminimum_persons: {}\nrules: []\nuses: []", "no rule"),
        ("policy: p\nunheard: 1", "unheard"),
        (
            "policy: p\nversion: 1\ntitle: t\npurpose: p\nminimum_persons: {}\nuses: []\nrules:\n"
            "- {id: a, criterion: c, metric: m, statistic: high, question: q, source: s}",
            "at_most",
        ),
        (
            "policy: p\nversion: 1\ntitle: t\npurpose: p\nminimum_persons: {}\nuses: []\nrules:\n"
            "- {id: a, criterion: c, metric: m, statistic: mean, at_most: 1, question: q, source: s}",
            "not allowed",
        ),
    ],
)
def test_a_bad_policy_is_one_clear_error(tmp_path: Path, text: str, words: str) -> None:
    path = tmp_path / "p.yaml"
    path.write_text(text)
    with pytest.raises(UserError, match=words):
        read_policy(path)


def test_unknown_policies_are_named_with_what_there_is(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="internal-test"):
        read_policy("nothing")
    with pytest.raises(UserError, match="file not found"):
        read_policy(tmp_path / "absent.yaml")


def test_a_claim_of_differential_privacy_blocks_under_every_policy() -> None:
    context = {"persons": {"train": 1000}, "privacy_claims": ["receipt.epsilon"]}
    verdict = judge(Scores((SCORE,), {}, 3, "1.0", context), small_policy())
    (check,) = (check for check in verdict.checks if check.rule == "privacy-claims")
    assert not verdict.passed
    assert check.outcome == "block"
    assert "receipt.epsilon" in check.reason


def test_what_is_unproven_says_how_many_persons_would_prove_it() -> None:
    context = {"persons": {"train": 1000}}
    wide = replace(SCORE, value=0.03, low=-0.09, high=0.15)  # half of 0.12 is the 0.06 that is left: 4 times as many
    verdict = judge(Scores((wide,), {}, 3, "1.0", context), small_policy())
    assert "about 4000 would prove it" in verdict.checks[-1].reason
    assert any("4.0 times as many" in note for note in verdict.notes)
    beyond = judge(Scores((replace(wide, value=0.1),), {}, 3, "1.0", context), small_policy())
    assert "about" not in beyond.checks[-1].reason
    assert any("1 figures lie beyond" in note for note in beyond.notes)
    assert not any(
        "times as many" in note for note in judge(Scores((SCORE,), {}, 0, "1", context), small_policy()).notes
    )


def test_a_block_says_what_is_proven_and_an_excess_of_what_it_is_one() -> None:
    context = {"persons": {"train": 1000}}
    parts = {"success_train": 0.219, "success_control": 0.137}
    above_chance = replace(SCORE, value=0.095, low=0.003, high=0.18, control=0.137, details=parts)
    above_bound = replace(SCORE, value=0.3, low=0.2, high=0.4)
    some, much = (
        judge(Scores((score,), {}, 3, "1.0", context), small_policy()).checks[-1].reason
        for score in (above_chance, above_bound)
    )
    assert "succeeds on 21.9% of the training and on 13.7% of the control persons" in some and "against" not in some
    assert "This proves a leak, and what was measured of it is beyond" in some
    assert "This proves a leak beyond" in much and "against 0.4 for control persons" in much
