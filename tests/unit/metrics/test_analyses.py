"""Declared analyses: what is read, what is refused, and figures against counts made by hand."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from synth.core.catalog import Catalog, Column, ForeignKey, Person, Table
from synth.core.dataset import Dataset
from synth.core.errors import UserError
from synth.core.score import Score
from synth.metrics import Plan
from synth.metrics.analyses import find_analyses
from synth.metrics.analyses.columns import number_of, places
from synth.metrics.evidence import Evidence, build_evidence
from synth.metrics.utility import costs, cox, epidemiology, pathways, survival, tstr
from synth.metrics.utility.costs import concentration
from synth.metrics.utility.epidemiology import standardised
from tests.controls.people import dataset as frames_dataset

CATALOG = Catalog(
    (
        Table(
            "the persons",
            (
                Column("id", "integer", "key", nullable=False),
                Column("sexe", "string", "code"),
                Column("l'âge", "integer", "number"),
                Column("suivi (jours)", "integer", "number"),
                Column("how.it ended", "integer", "number"),
            ),
            ("id",),
        ),
        Table("care", (Column("id", "integer", "key", nullable=False), Column("visit", "string", "key", nullable=False),
                       Column("day", "date", "date"), Column("ward", "string", "code")),
              ("visit",), (ForeignKey(("id",), "the persons", ("id",)),), order_by=("day",)),
        Table("lines", (Column("visit", "string", "key", nullable=False), Column("code", "string", "code"),
                        Column("amount", "number", "number")),
              foreign_keys=(ForeignKey(("visit",), "care", ("visit",)),)),
    ),
    Person("the persons", ("id",)),
)  # fmt: skip
DECLARED = {
    "population": {"sex": "sexe", "age": "l'âge"},
    "survival": [{"name": "the end", "time": "suivi (jours)", "event": "how.it ended",
                  "causes": {"cured": [1], "dead": [2]}, "covariates": ["l'âge", "sexe"]}],
    "conditions": [
        {"name": "diabetes", "column": "lines.code", "prefixes": ["E1"], "date": "day", "weight": 2},
        {"name": "heart", "column": "lines.code", "prefixes": ["I"], "date": "care.day"},
    ],
    "tasks": [{"target": "how.it ended", "features": ["l'âge", "lines.code"]}, {"target": "suivi (jours)"}],
    "costs": [{"name": "all", "column": "lines.amount"}],
    "pathways": [{"name": "letters", "column": "lines.code", "date": "day", "length": 1}],
    "window": {"start": "2021-01-01", "close": "2021-12-31"},
}  # fmt: skip


def persons(n: int, seed: int, first: int = 0) -> dict[str, dict[str, np.ndarray]]:
    r = np.random.default_rng(seed)
    ident = np.arange(first, first + n)
    age = r.integers(0, 100, n)
    end = r.integers(0, 3, n)
    visits = r.poisson(2, n)
    owner = np.repeat(ident, visits)
    key = np.array([f"v{first}-{number}" for number in range(len(owner))])
    day = np.datetime64("2021-01-01") + r.integers(0, 365, len(owner)).astype("timedelta64[D]")
    line = np.repeat(key, 2)
    code = np.array(["E10", "E112", "I21", "I50", "J00", "Z51"])[r.integers(0, 6, len(line))]
    return {
        "the persons": {"id": ident, "sexe": np.array(["1", "2"])[r.integers(0, 2, n)], "l'âge": age,
                        "suivi (jours)": np.ceil(r.exponential(900 - 5 * age)).astype(np.int64), "how.it ended": end},
        "care": {"id": owner, "visit": key, "day": day.astype("datetime64[s]").astype("datetime64[D]"),
                 "ward": np.array(["A", "B", "l'autre"])[r.integers(0, 3, len(owner))]},
        "lines": {"visit": line, "code": code, "amount": np.round(r.exponential(30, len(line)), 2)},
    }  # fmt: skip


FRAMES = [persons(300, 1), persons(250, 2, 10_000), persons(280, 3, 20_000)]


def data(frames: dict[str, dict[str, np.ndarray]], catalog: Catalog = CATALOG) -> Dataset:
    return frames_dataset(frames, catalog)


@pytest.fixture(scope="module")
def evidence() -> Evidence:
    plan = Plan(draws=20, analyses=DECLARED)
    return build_evidence(data(FRAMES[0]), data(FRAMES[1]), data(FRAMES[2]), plan=plan)


def find(scores: list[Score], metric: str, words: str) -> Score:
    return next(score for score in scores if score.metric == metric and words in score.scope)


def prevalence(frames: dict[str, dict[str, np.ndarray]], prefix: str, standard: dict[tuple[str, int], float]) -> float:
    """The directly standardised prevalence, person by person."""
    owner = dict(zip(frames["care"]["visit"].tolist(), frames["care"]["id"].tolist(), strict=True))
    pairs = zip(frames["lines"]["visit"].tolist(), frames["lines"]["code"].tolist(), strict=True)
    has = {owner[visit] for visit, code in pairs if code.startswith(prefix)}
    top: Counter[tuple[str, int]] = Counter()
    base: Counter[tuple[str, int]] = Counter()
    table = frames["the persons"]
    for ident, sex, age in zip(table["id"].tolist(), table["sexe"].tolist(), table["l'âge"].tolist(), strict=True):
        stratum = (sex, sum(age >= bound for bound in (20, 40, 60, 80)))
        base[stratum] += 1
        top[stratum] += ident in has
    return sum(standard[s] * top[s] / base[s] for s in base) / sum(standard[s] for s in base)


def test_prevalence_is_standardised_by_age_and_sex(evidence: Evidence) -> None:
    table = FRAMES[0]["the persons"]
    standard = Counter(
        (sex, sum(age >= bound for bound in (20, 40, 60, 80)))
        for sex, age in zip(table["sexe"].tolist(), table["l'âge"].tolist(), strict=True)
    )
    rates = [prevalence(frames, "E1", dict(standard)) for frames in FRAMES]
    score = find(epidemiology.evaluate(evidence, 1), "standardised_prevalence", "diabetes")
    assert score.details["train"] == pytest.approx(rates[0], abs=1e-6)
    assert score.value == pytest.approx(max(rates[2] / rates[0], rates[0] / rates[2]), abs=1e-5)
    assert score.control == pytest.approx(max(rates[1] / rates[0], rates[0] / rates[1]), abs=1e-5)
    assert score.low <= score.value <= score.high
    assert score.control_low <= score.control <= score.control_high


def test_incidence_counts_first_events_after_a_quarter_of_the_window(evidence: Evidence) -> None:
    frames = FRAMES[0]
    day = dict(
        zip(frames["care"]["visit"].tolist(), frames["care"]["day"].astype("datetime64[D]").astype(int), strict=True)
    )
    owner = dict(zip(frames["care"]["visit"].tolist(), frames["care"]["id"].tolist(), strict=True))
    first: dict[int, int] = {}
    for visit, code in zip(frames["lines"]["visit"].tolist(), frames["lines"]["code"].tolist(), strict=True):
        if code.startswith("I"):
            first[owner[visit]] = min(first.get(owner[visit], 10**9), int(day[visit]))
    entry = np.datetime64("2021-01-01").astype(int) + 364 / 4
    new = sum(moment >= entry for moment in first.values())
    free = 300 - sum(moment < entry for moment in first.values())
    plain = replace(evidence, analyses=replace(evidence.analyses, population=None))
    score = find(epidemiology.evaluate(plain, 1), "standardised_incidence", "heart")
    assert score.details["train"] == pytest.approx(new / (free * 0.75 * 364 / 365.25), abs=1e-6)


def test_costs_add_up_by_person_and_concentrate_as_the_lorenz_curve_says(evidence: Evidence) -> None:
    scores = costs.evaluate(evidence, 1)
    mean = FRAMES[0]["lines"]["amount"].sum() / 300
    assert find(scores, "cost_mean", "all").details["train"] == pytest.approx(mean, abs=1e-4)
    amounts = np.sort(np.random.default_rng(0).exponential(3, 101))
    gini = np.abs(amounts[:, None] - amounts[None, :]).sum() / (2 * 101**2 * amounts.mean())
    found = concentration(amounts, np.ones(101))
    assert found[1] == pytest.approx(gini)
    assert concentration(np.ones(40), np.ones(40)) == pytest.approx([1, 0, 0.05])
    assert concentration(np.r_[np.zeros(19), 5.0], np.ones(20))[2] == pytest.approx(1)
    assert concentration(np.zeros(3), np.ones(3)) == pytest.approx([0, 0, 0])


def test_a_pathway_is_what_comes_next_each_person_counting_once(evidence: Evidence) -> None:
    pathway = evidence.analyses.pathways[0]
    known = pathways.known_events(evidence, pathway)
    assert set(known) == {"E", "I", "J", "Z"}
    who, what, part = pathways.transitions(evidence, evidence.train, pathway, known)
    totals = np.bincount(who, weights=part, minlength=300)
    assert np.unique(np.round(totals, 9)).tolist() == [0, 1]
    width = len(known) + 2
    before, after = what // width, what % width
    assert not (before == after).any()
    assert find(pathways.evaluate(evidence, 1), "pathway_tvd", "letters").status == "measured"


def test_causes_that_compete_and_a_cox_model(evidence: Evidence) -> None:
    scores = survival.evaluate(evidence, 1)
    for cause in ("cured", "dead"):
        score = find(scores, "incidence_difference", cause)
        assert 0 <= score.value <= 0.2
        assert score.control_low <= score.control <= score.control_high
    overlap = find(cox.evaluate(evidence, 1), "cox_overlap", "the end")
    assert overlap.details["coefficients"] == 2
    assert 0 <= overlap.low <= overlap.value <= overlap.high <= 1
    same = build_evidence(data(FRAMES[0]), data(FRAMES[0]), data(FRAMES[0]), plan=Plan(draws=5, analyses=DECLARED))
    assert find(cox.evaluate(same, 1), "cox_overlap", "the end").value == 1
    assert find(survival.evaluate(same, 1), "km_difference", "the end").value == 0
    assert {score.value for score in epidemiology.evaluate(same, 1) if "pairs" not in score.scope} <= {0, 1}


def test_declared_tasks_are_the_ones_that_are_tested(evidence: Evidence) -> None:
    scores = tstr.evaluate(evidence, 1)
    assert [score.scope for score in scores] == [
        "how.it ended predicted from (l'âge, lines.code)", "suivi (jours) predicted from all others"
    ]  # fmt: skip
    for score in scores:
        assert score.low <= score.value <= score.high
        assert score.control_low <= score.control <= score.control_high
        assert score.value == pytest.approx(score.details["accuracy_trtr"] - score.details["accuracy_tstr"], abs=2e-6)
        assert score.n == 125  # half of the holdout


def test_strata_without_persons_leave_the_others_to_speak() -> None:
    found = standardised(np.array([1.0, 0.0]), np.array([4.0, 0.0]), np.array([0.5, 0.5]))
    assert found == pytest.approx(0.25)


def test_analyses_are_found_in_the_catalog_and_by_name() -> None:
    declared = replace(CATALOG, extra={"synth:analyses": DECLARED})
    assert find_analyses(declared, None, "the persons").conditions[0].name == "diabetes"
    found = find_analyses(CATALOG, None, "the persons")
    assert found.population is not None
    assert (found.population.sex, found.population.age) == ("sexe", "l'âge")
    assert found.costs[0].columns == ("lines.amount",)
    assert not found.conditions
    assert places(CATALOG, "how.it ended", "the persons") == (("the persons", "how.it ended"),)
    assert places(CATALOG, "the persons.how.it ended", "the persons") == (("the persons", "how.it ended"),)


@pytest.mark.parametrize(
    ("document", "words"),
    [
        ({"conditons": []}, "`conditons` is no key"),
        ({"conditions": [{"name": "a"}]}, "lacks `columns`"),
        ({"conditions": [{"name": "a", "column": "lines.nothing"}]}, "not there: lines.nothing"),
        ({"conditions": [{"name": "a", "column": "lines.code", "date": "nothing"}]}, "not there: nothing"),
        ({"conditions": [{"name": "a", "column": "lines.code", "lookup": {"table": "x", "key": "a", "to": "b"}}]},
         "lookup"),
        ({"survival": [{"name": "a"}]}, "neither `time` nor `end`"),
        ({"survival": [{"name": "a", "time": "l'âge"}] * 2}, "the same name"),
        ({"tasks": [{"target": "nothing"}]}, "not there: nothing"),
        ({"costs": {"name": "a"}}, "is not a list"),
        (["survival"], "sections"),
    ],
)  # fmt: skip
def test_a_declaration_that_cannot_be_followed_is_refused(document: object, words: str) -> None:
    with pytest.raises(UserError, match=words):
        find_analyses(replace(CATALOG, extra={"synth:analyses": document}), None, "the persons")


def test_dates_and_numbers_are_read_from_text() -> None:
    assert number_of("1970-01-02") == 1
    assert number_of("1970-02") == 31
    assert number_of("2.5") == 2.5
    assert np.isnan(number_of("E10"))
