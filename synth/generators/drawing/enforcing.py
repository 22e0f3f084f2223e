"""Enforcing: rules that no column follows from, declared or found, are kept by drawing rows that break them anew.

Rows that break a rule are drawn again on their own, a bounded number of times, several rows to choose from at once;
where that does not help, they borrow what rows like them have that break none, and where rows follow one another, all
the rows of their parent are drawn again. A rule that none of the rows drawn again keeps is given up. What is still
broken then is mended. What was drawn again and what stayed broken is counted. Unique combinations are so over the whole
table; rows that contradict one another are looked for in a block.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from synth.core.progress import say
from synth.core.seeds import derive, rng
from synth.core.tablerules import Total, title_of
from synth.generators.blueprint import Blueprint
from synth.generators.drawing.balancing import balance
from synth.generators.drawing.breaking import (
    Codes,
    Flags,
    OfSeveral,
    Rule,
    against_others,
    breaking,
    broken_rows,
    gives_a_column,
    is_moving,
    is_ready,
    open_rules,
)
from synth.generators.drawing.drawn import Drawn, Kept
from synth.generators.drawing.mending import mend
from synth.generators.drawing.redrawing import put_back, rows_alone, rows_together
from synth.generators.drawing.settling import settle_rows
from synth.generators.drawing.turns import in_turn
from synth.generators.relations.relation import Order

TRIES = 20  # rows drawn for each one that breaks a declared rule
TRIES_FOUND = 2  # for what was found and not declared: moving a few to the bound costs less than it gains
TRIES_TOGETHER = 5  # where all the rows of a parent are drawn again, and another of them may break a rule then
_MORE = 3  # times as many rows to choose from, each time
_ROOM = 20_000  # rows drawn at once where a block has fewer
_HOPELESS = 200  # rows of which none keeps a rule before it is given up
_DECLARED = 1_000  # orders that were found count this much less than rules that are declared


@dataclass
class _Attempt:
    """A table whose rows are drawn again: its rules, the rows that break each (rules x rows), and what was tried."""

    plan: Blueprint
    drawn: Drawn
    made: Mapping[str, Drawn]
    rules: Sequence[Rule]
    broken: NDArray[np.bool_]
    redrawn: Codes
    given_up: set[int] = field(default_factory=set)

    @property
    def weights(self) -> Codes:
        """How much it counts that a row breaks each rule; nothing where no drawing helps."""
        found = [0 if gives_a_column(rule) else 1 if isinstance(rule, Order) else _DECLARED for rule in self.rules]
        return np.array(found, dtype=np.int64)

    def wanted(self, found_too: bool) -> list[int]:
        """The rules for which rows are drawn again."""
        return [
            index
            for index, rule in enumerate(self.rules)
            if index not in self.given_up and not gives_a_column(rule) and (found_too or not isinstance(rule, Order))
        ]


def enforce(plan: Blueprint, drawn: Drawn, made: Mapping[str, Drawn], seed: int, block: int) -> list[Kept]:
    """Make the rows of a table keep its rules; tells how each declared one fared, and those found that are broken."""
    rules = [rule for rule in open_rules(plan, drawn.node.name) if is_ready(rule, drawn, made)]
    if not rules or not drawn.rows:
        return []
    moved = [balance(plan, drawn, rule) for rule in rules if isinstance(rule, Total) and not drawn.fixed]
    for rows in moved:
        settle_rows(plan, drawn, made, rows)
    broken = np.stack(broken_rows(plan, drawn, made, rules))
    attempt = _Attempt(plan, drawn, made, rules, broken, np.zeros(len(rules), dtype=np.int64))
    if not drawn.fixed:
        together = in_turn(plan, drawn.node.name)
        _draw_alone(attempt, not together, (seed, block))
        attempt.given_up.clear()
        _borrow(attempt, (seed, block))
        if together:
            attempt.given_up.clear()
            _draw_together(attempt, (seed, block))
    return _told(attempt, (seed, block))


def _draw_alone(attempt: _Attempt, found_too: bool, where: tuple[int, int]) -> None:
    """Draw rows that break rules again on their own, and put the best one drawn in the place of each."""
    drawn, tries, times = attempt.drawn, 0, TRIES_FOUND
    while tries < TRIES:
        wanted = attempt.wanted(found_too and tries < TRIES_FOUND)
        rows = np.flatnonzero(attempt.broken[wanted].any(axis=0))
        if not len(rows):
            break
        times = int(np.clip(max(drawn.rows, _ROOM) // len(rows), 1, min(times, TRIES - tries)))
        seed = derive(where[0], "again", drawn.node.name, tries)
        fresh = rows_alone(attempt.plan, drawn, attempt.made, rows, times, (seed, where[1]))
        attempt.redrawn[wanted] += attempt.broken[wanted].sum(axis=1)
        _choose(attempt, rows, fresh, times, wanted)
        tries, times = tries + times, times * _MORE


def _choose(attempt: _Attempt, rows: Codes, fresh: Drawn, times: int, wanted: Sequence[int]) -> None:
    """Put the first of the best of the rows drawn for each row in its place, where it is better."""
    at = np.repeat(rows, times)
    found = _broken_instead(attempt, fresh, attempt.made, rows)
    _give_up(attempt, wanted, attempt.broken[:, at], found)
    score = (attempt.weights @ found).reshape(-1, times)
    best = score.argmin(axis=1)
    better = score[np.arange(len(rows)), best] < attempt.weights @ attempt.broken[:, rows]
    _replace(attempt, rows[better], fresh, (np.arange(len(rows)) * times + best)[better], found)


def _borrow(attempt: _Attempt, where: tuple[int, int]) -> None:
    """Give rows for which no drawing helps what rows have that break no rule, of those tried the one most like them."""
    drawn, wanted = attempt.drawn, attempt.wanted(False)
    rows = np.flatnonzero(attempt.broken[wanted].any(axis=0))
    sound = np.flatnonzero(~attempt.broken[attempt.weights > 0].any(axis=0))
    if not len(rows) or not len(sound):
        return
    times = int(np.clip(max(drawn.rows, _ROOM) // len(rows), 1, TRIES))
    stream = rng(where[0], drawn.node.name, "borrowed", where[1])
    lenders = sound[stream.integers(len(rows) * times, len(sound))]
    alike = _alike(attempt, np.repeat(rows, times), lenders).reshape(-1, times)
    lenders = np.take_along_axis(lenders.reshape(-1, times), np.argsort(-alike, axis=1, kind="stable"), axis=1).ravel()
    seed = derive(where[0], "borrowed", drawn.node.name)
    fresh = rows_alone(attempt.plan, drawn, attempt.made, rows, times, (seed, where[1]), lenders)
    attempt.redrawn[wanted] += attempt.broken[wanted].sum(axis=1)
    _choose(attempt, rows, fresh, times, wanted)


def _alike(attempt: _Attempt, rows: Codes, others: Codes) -> Codes:
    """In how many codes rows and others, or the rows above them, are alike."""
    parent = attempt.drawn.node.parent
    if parent is None:
        codes = attempt.drawn.codes
    else:
        codes, whose = attempt.made[parent.target].codes, attempt.drawn.parent
        rows, others = whose[rows], whose[others]
    return np.asarray((codes[rows] == codes[others]).sum(axis=1))


def _draw_together(attempt: _Attempt, where: tuple[int, int]) -> None:
    """Draw all the rows of parents again some row of which breaks a rule, and put the best ones in their place."""
    drawn, tries = attempt.drawn, 0
    sizes = np.bincount(drawn.parent)
    while tries < TRIES_TOGETHER:
        wanted = attempt.wanted(False)
        parents = np.unique(drawn.parent[attempt.broken[wanted].any(axis=0)])
        if not len(parents):
            break
        times = int(np.clip(max(drawn.rows, _ROOM) // sizes[parents].sum(), 1, TRIES_TOGETHER - tries))
        seed = derive(where[0], "again together", drawn.node.name, tries)
        fresh, at, above = rows_together(attempt.plan, drawn, attempt.made, parents, times, (seed, where[1]))
        attempt.redrawn[wanted] += attempt.broken[wanted].sum(axis=1)
        found = _broken_instead(attempt, fresh, above, np.unique(at))
        before, after = (_by_parent(flags, fresh.parent) for flags in (attempt.broken[:, at], found))
        _give_up(attempt, wanted, before > 0, after > 0)
        score = (attempt.weights @ after).reshape(-1, times)
        best = score.argmin(axis=1)
        better = score[np.arange(len(parents)), best] < (attempt.weights @ before)[::times]
        places = np.flatnonzero(np.isin(fresh.parent, (np.arange(len(parents)) * times + best)[better]))
        _replace(attempt, at[places], fresh, places, found)
        tries += times


def _by_parent(flags: Flags, parent: Codes) -> Codes:
    """How many rows of each parent are flagged, by rule."""
    return np.stack([np.bincount(parent, weights=row) for row in flags]).astype(np.int64)


def _broken_instead(attempt: _Attempt, fresh: Drawn, made: Mapping[str, Drawn], rows: Codes) -> Flags:
    """Which rules the rows drawn to stand for some rows would break (rules x rows)."""
    alone = [rule for rule in attempt.rules if not isinstance(rule, OfSeveral)]
    asked = iter(broken_rows(attempt.plan, fresh, made, alone))
    found = [
        against_others(attempt.drawn, rows, fresh, rule) if isinstance(rule, OfSeveral) else next(asked)
        for rule in attempt.rules
    ]
    return np.stack(found)


def _give_up(attempt: _Attempt, wanted: Sequence[int], asked: Flags, found: Flags) -> None:
    """Give up the rules that many were drawn for and none keeps."""
    for index in wanted:
        drawn_for = asked[index]
        if drawn_for.sum() >= _HOPELESS and found[index][drawn_for].all():
            attempt.given_up.add(index)


def _replace(attempt: _Attempt, rows: Codes, fresh: Drawn, places: Codes, found: Flags) -> None:
    """Put rows drawn again in the place of rows, and tell which rules these break now."""
    if not len(rows):
        return
    put_back(attempt.plan, attempt.drawn, rows, fresh, places)
    attempt.broken[:, rows] = found[:, places]
    for index, rule in enumerate(attempt.rules):
        if isinstance(rule, OfSeveral):
            attempt.broken[index] = breaking(attempt.drawn, attempt.made, rule)


def _told(attempt: _Attempt, where: tuple[int, int]) -> list[Kept]:
    """Mend what is broken still; tells how each declared rule fared, and those found that are broken."""
    mended, left = [0] * len(attempt.rules), [0] * len(attempt.rules)
    if attempt.broken.any():
        mended, left = mend(attempt.plan, attempt.drawn, attempt.made, attempt.rules, list(attempt.broken), where)
    counted = zip(attempt.rules, attempt.redrawn.tolist(), mended, left, strict=True)
    return [
        Kept(attempt.drawn.node.name, _title(rule), *counts)
        for rule, *counts in counted
        if counts[-1] or not isinstance(rule, Order)
    ]


def enforce_upwards(plan: Blueprint, made: Mapping[str, Drawn], seed: int, block: int) -> None:
    """Once what is counted or summed over rows below is computed: mend what that broke in the rows above."""
    moved = {each.table for each in plan.relations.formulas if each.formula.tables_below()}
    for name, drawn in made.items():
        if name not in moved or drawn.fixed:
            continue
        rules = [rule for rule in open_rules(plan, name) if is_moving(rule) and is_ready(rule, drawn, made)]
        broken = broken_rows(plan, drawn, made, rules)
        some = [(rule, rows) for rule, rows in zip(rules, broken, strict=True) if rows.any()]
        if some:
            flags = np.stack([rows for _, rows in some])
            left = _Attempt(plan, drawn, made, [rule for rule, _ in some], flags, np.zeros(len(some), dtype=np.int64))
            drawn.kept += _told(left, (seed, block))
    for drawn in made.values():
        if any(each.unsatisfied for each in drawn.kept):
            _tell_again(plan, drawn, made)


def _tell_again(plan: Blueprint, drawn: Drawn, made: Mapping[str, Drawn]) -> None:
    """Count again the rows that break rules, which may have come right by what was computed since."""
    rules = {_title(rule): rule for rule in open_rules(plan, drawn.node.name) if is_ready(rule, drawn, made)}
    found = broken_rows(plan, drawn, made, list(rules.values()))
    left = {title: int(rows.sum()) for title, rows in zip(rules, found, strict=True)}
    told = [replace(each, unsatisfied=left.pop(each.rule, 0)) for each in drawn.kept]
    declared = {title for title, rule in rules.items() if not isinstance(rule, Order)}
    drawn.kept = [each for each in told if each.unsatisfied or each.rule in declared]


def _title(rule: Rule) -> str:
    return rule.text if isinstance(rule, Order) else title_of(rule)


def add_up(kept: Iterable[Kept], total: dict[str, dict[str, dict[str, int]]]) -> None:
    """Add what was counted in a block to the counts of each rule, by table and rule."""
    for each in kept:
        counts = total.setdefault(each.table, {}).setdefault(each.rule, {"redrawn": 0, "mended": 0, "unsatisfied": 0})
        counts["redrawn"] += each.redrawn
        counts["mended"] += each.mended
        counts["unsatisfied"] += each.unsatisfied


def announce(total: Mapping[str, Mapping[str, Mapping[str, int]]]) -> None:
    """Say how the rules fared where rows had to be mended or break one still; of the others in one line a table."""
    for table, rules in total.items():
        for rule, counts in rules.items():
            how = "dropped" if rule.startswith("unique: ") else "mended"
            tried = f"{counts['redrawn']} rows drawn again, {counts['mended']} {how}"
            if counts["unsatisfied"]:
                say(
                    f"table {table}, rule {rule}: {counts['unsatisfied']} rows break it still ({tried}); "
                    "see whether it contradicts another rule, or what the tables show"
                )
            elif counts["mended"]:
                say(f"table {table}, rule {rule}: kept by all rows ({tried})")
        again = [counts["redrawn"] for counts in rules.values() if counts["redrawn"]]
        if again:
            say(f"table {table}: {sum(again)} rows drawn again to keep {len(again)} of its rules")
