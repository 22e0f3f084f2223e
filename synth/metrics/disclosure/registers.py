"""Adversaries who hold another file of the same persons: France's open register of deaths, and claims against stays.

`death_register`: INSEE publishes name, sex, dates and places of birth and death of everybody who died. Whoever holds it
looks up a dead person in the synthetic deaths by (sex, year and month of birth, date of death, department or commune);
a key that stands there once is a hit, and it tells the cause of death when that is right too. `claims_and_stays`: a
stay is known by entry, exit, age and sex; when one synthetic person alone has it, what claims (DCIR) know of that
person, birth and residence, is taken for the patient's. The register is made from the real persons themselves, so that
the attack is the strongest one; control persons are looked up in the same way.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from synth.core.score import Score
from synth.metrics.disclosure.risk import Attack, risk_scores
from synth.metrics.disclosure.targets import Targets, targets_at
from synth.metrics.evidence.model import Evidence, Side
from synth.metrics.evidence.snds import (
    BENEFICIARY,
    BIRTH_MONTH,
    BIRTH_YEAR,
    CAUSE,
    COMMUNE,
    DEATH,
    DEPARTMENT,
    PATIENT,
    SEX,
    STAY,
    death_table,
    stay_tables,
)
from synth.metrics.scoring import skipped

REGISTER, CLAIMS = "death_register", "claims_and_stays"
NO_HOLDOUT = "no holdout: there is no control person to look up"
Texts = NDArray[np.str_]
Floats = NDArray[np.float64]
CAUSE_DIGITS = 3  # an ICD-10 category


def deaths(evidence: Evidence, seed: int) -> list[Score]:
    """R of finding a dead person once in the synthetic deaths, and of reading the right cause there."""
    table = death_table(evidence.catalog)
    scope = "deaths looked up in the open register"
    if table is None or table not in evidence.layouts:
        return [skipped(REGISTER, "disclosure", scope, "there is no SNDS table of deaths", applicable=False)]
    if evidence.holdout is None or not evidence.holdout.persons:
        return [skipped(REGISTER, "disclosure", scope, NO_HOLDOUT)]
    attacks = list(_register_attacks(evidence, evidence.holdout, table))
    if not attacks or np.isnan(attacks[0].train).all():
        return [skipped(REGISTER, "disclosure", scope, "nobody of train died", applicable=False)]
    return risk_scores(REGISTER, attacks, _everybody(evidence, evidence.holdout))


def _register_attacks(evidence: Evidence, holdout: Side, table: str) -> Iterator[Attack]:
    for columns, by_month in (
        ((SEX, BIRTH_YEAR, BIRTH_MONTH, DEATH, DEPARTMENT), False),
        ((SEX, BIRTH_YEAR, BIRTH_MONTH, DEATH, COMMUNE), False),
        ((SEX, BIRTH_YEAR, DEATH, DEPARTMENT), True),
    ):
        if not all((table, column) in evidence.named["train"] for column in columns):
            continue
        named = f"({', '.join(columns)}{'; month of death alone' if by_month else ''})"
        known = {side.role: _keys(evidence, side, table, columns, by_month) for side in evidence.sides()}
        for what, secret in (("found once by", ""), ("cause of death read by", CAUSE)):
            if secret and (table, secret) not in evidence.named["train"]:
                continue
            told = {
                side.role: np.array([cause[:CAUSE_DIGITS] for cause in _texts(evidence, side, table, secret)])
                if secret
                else np.zeros(len(known[side.role]), dtype="<U1")
                for side in evidence.sides()
            }
            hits = [
                _by_person(side, table, _hits(known[side.role], told[side.role], known["synthetic"], told["synthetic"]))
                for side in (evidence.train, holdout)
            ]
            details = {
                "keys": [f"{table}.{column}" for column in columns],
                "culprits": [f"{table}.{secret or DEATH}"],
                "holds": "the open register of deaths",
            }
            yield Attack(f"{what} {named}", hits[0], hits[1], "register of deaths", "", details)


def claims(evidence: Evidence, seed: int) -> list[Score]:
    """R of putting together a hospital stay and what claims know of the same person."""
    tables = [pair for pair in stay_tables(evidence.catalog) if set(pair) <= set(evidence.layouts)]
    scope = "stays put together with claims"
    columns = [column for column in BENEFICIARY if ("IR_BEN_R", column) in evidence.named.get("train", {})]
    if not tables or not columns:
        note = "there are no SNDS tables of stays beside beneficiaries"
        return [skipped(CLAIMS, "disclosure", scope, note, applicable=False)]
    if evidence.holdout is None or not evidence.holdout.persons:
        return [skipped(CLAIMS, "disclosure", scope, NO_HOLDOUT)]
    sides = (evidence.train, evidence.holdout, evidence.synthetic)
    halves = {side.role: _halves(evidence, side, tables, columns) for side in sides}
    stays, facts, _ = halves["synthetic"]
    hits = []
    for side in sides[:2]:
        keys, truth, person = halves[side.role]
        hits.append(_any_of(side, person, _hits(keys, truth, stays, facts)))
    if np.isnan(hits[0]).all():
        return [skipped(CLAIMS, "disclosure", scope, "nobody of train was in hospital", applicable=False)]
    details = {
        "keys": [*STAY, *PATIENT],
        "told": [f"IR_BEN_R.{column}" for column in columns],
        "culprits": [pair[0] for pair in tables],
        "holds": "the stays of hospitals",
    }
    attack = Attack(f"stays by ({', '.join((*STAY, *PATIENT))})", hits[0], hits[1], "linkage of stays", "", details)
    return risk_scores(CLAIMS, [attack], _everybody(evidence, evidence.holdout))


def _everybody(evidence: Evidence, holdout: Side) -> Targets:
    return targets_at(evidence, np.arange(evidence.train.persons), np.arange(holdout.persons))


def _texts(evidence: Evidence, side: Side, table: str, column: str) -> Texts:
    """A column as texts; empty where it is missing."""
    named = evidence.named[side.role].get((table, column))
    if named is None:
        return np.zeros(len(side.tables[table]), dtype="<U1")
    codes, levels = named.coded
    return np.array([*levels, ""])[codes]


def _keys(evidence: Evidence, side: Side, table: str, columns: Sequence[str], by_month: bool) -> Texts:
    """One text a row; empty where a part is missing."""
    parts = []
    for column in columns:
        texts = _texts(evidence, side, table, column)
        if column == DEATH and by_month:
            days = evidence.named[side.role][table, column].numbers
            dated = np.where(np.isnan(days), np.datetime64("NaT"), np.nan_to_num(days).astype("datetime64[D]"))
            texts = np.where(np.isnan(days), "", dated.astype("datetime64[M]").astype(str))
        parts.append(texts)
    return _joined(parts)


def _joined(parts: Sequence[Texts]) -> Texts:
    whole = np.ones(len(parts[0]), dtype=bool)
    joined = np.zeros(len(parts[0]), dtype="<U1")
    for part in parts:
        whole &= part != ""
        joined = np.char.add(np.char.add(joined, "|"), part)
    return np.where(whole, joined, "")


def _halves(
    evidence: Evidence, side: Side, tables: Sequence[tuple[str, str]], columns: Sequence[str]
) -> tuple[Texts, Texts, NDArray[np.int32]]:
    """For each stay: what the hospital knows, what claims know of the person, and who it is."""
    facts = _facts(evidence, side, columns)
    keys, persons = [], []
    for stays, patients in tables:
        rows = side.tables[patients]
        above = np.arange(len(rows)) if patients == stays else np.maximum(rows.parent, 0)
        known = [_texts(evidence, side, stays, column) for column in STAY]
        parts = [part[above] if len(part) else np.zeros(len(rows), dtype="<U1") for part in known]
        parts += [
            _texts(evidence, side, patients, column)
            for column in PATIENT
            if (patients, column) in evidence.named["train"]
        ]
        keys.append(_joined(parts))
        persons.append(rows.person)
    person = np.concatenate(persons)
    return np.concatenate(keys), np.append(facts, "")[person], person


def _facts(evidence: Evidence, side: Side, columns: Sequence[str]) -> Texts:
    """What claims know of each person."""
    parts = [_texts(evidence, side, "IR_BEN_R", column) for column in columns]
    joined = parts[0]
    for part in parts[1:]:
        joined = np.char.add(np.char.add(joined, "|"), part)
    found = np.zeros(side.persons, dtype=joined.dtype if len(joined) else "<U1")
    found[side.tables["IR_BEN_R"].person[::-1]] = joined[::-1]
    return found


def _hits(keys: Texts, truth: Texts, pool: Texts, told: Texts) -> Floats:
    """Whether each key stands once in the pool, and what stands beside it is true; NaN for an incomplete key."""
    values, first, counts = np.unique(pool, return_index=True, return_counts=True)
    if not len(values):
        return np.where(keys == "", np.nan, 0.0)
    place = np.minimum(np.searchsorted(values, keys), len(values) - 1)
    once = (values[place] == keys) & (counts[place] == 1)
    return np.where(keys == "", np.nan, (once & (told[first[place]] == truth)).astype(np.float64))


def _by_person(side: Side, table: str, hits: Floats) -> Floats:
    return _any_of(side, side.tables[table].person, hits)


def _any_of(side: Side, person: NDArray[np.int32], hits: Floats) -> Floats:
    """For each person whether any of their rows is a hit; NaN for those with none that could be tried."""
    best = np.full(side.persons, -1.0)
    tried = (person >= 0) & ~np.isnan(hits)
    np.maximum.at(best, person[tried], hits[tried])
    return np.where(best < 0, np.nan, best)
