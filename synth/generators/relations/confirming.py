"""Confirming: every suspected or declared relation is counted over all training rows before it is kept."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from synth.core.errors import UserError
from synth.core.progress import say
from synth.core.ruletext import Formula, Name, parse_formula
from synth.core.tablerules import Determines
from synth.engines.expressions import Decimals, Question
from synth.engines.forest import Node
from synth.engines.local import Ordered
from synth.generators.relations.codes_told import told_by
from synth.generators.relations.relation import Cell, Dependency, Mode, Relation, rings
from synth.generators.relations.suspects import COPIED, OFTEN, Suspect

_MOST_AT_ONCE = 40  # expressions in one pass over the rows
_SURPRISE = 12.0  # minus the logarithm of the chance that a code has one value of another column only
_MAPPED = 0.95  # share of the rows that a dependency must cover


@dataclass(frozen=True, slots=True)
class Counted:
    """Rows where the target and its formula both are there, where they then differ, and where only one is there."""

    both: int
    wrong: int
    odd: int

    @property
    def share(self) -> float:
        """In which share of the rows that have both they agree."""
        return 1 - self.wrong / self.both if self.both else 0.0


Given = dict[Cell, tuple[Cell, ...]]


def confirmed(
    ordered: Ordered, node: Node, found: Sequence[Suspect], given: Given, decimals: Decimals, k: int
) -> list[Relation]:
    """The suspected relations of one table that its rows keep, at most one a column, none that rests on itself.

    `given` tells what columns that are computed already are made of; what is found is added to it.
    """
    kept: list[Relation] = []
    formulas = [parse_formula(suspect.text) for suspect in found]
    counts = count(ordered, node, formulas, decimals)
    targets: set[str] = set()
    for formula, counted in sorted(zip(formulas, counts, strict=True), key=lambda item: _rank(*item)):
        mode = _mode(formula, counted)
        if mode is None:
            break
        each = Relation(node.name, formula, mode, False, 0)
        if each.target not in targets and not rings(given, (node.name, each.target), each.reads):
            persons = _support(ordered, node, formula, decimals)
            if persons >= k:
                kept.append(replace(each, support=persons))
                targets.add(each.target)
                _give(given, each)
    return kept


def _give(given: Given, each: Relation) -> None:
    cell = (each.table, each.target)
    given[cell] = (*given.get(cell, ()), *each.reads)


def declared_formulas(
    ordered: Ordered, node: Node, declared: Sequence[Formula], given: Given, decimals: Decimals, k: int
) -> list[Relation]:
    """The declared rules that give a column. Raises UserError where one cannot be computed, or rests on itself."""
    kept = []
    for formula, counted in zip(declared, count(ordered, node, declared, decimals), strict=True):
        if counted is None:
            raise UserError(
                "a rule cannot be computed on the rows", table=node.name, column=formula.target, remedy="correct it"
            )
        always = not formula.when and not counted.odd and counted.both > 0
        persons = _support(ordered, node, formula, decimals)
        each = Relation(node.name, formula, "always" if always else "present", True, persons if persons >= k else 0)
        if rings(given, (node.name, each.target), each.reads):
            raise UserError(
                "rules give columns from one another in a ring",
                table=node.name,
                column=each.target,
                remedy="take one of them out",
            )
        kept.append(each)
        _give(given, each)
    return kept


def _rank(formula: Formula, counted: Counted | None) -> tuple[int, float]:
    mode = _mode(formula, counted)
    order = {"always": 0, "present": 1, "mostly": 2, None: 3}
    return order[mode], -(counted.share if counted is not None else 0.0)


def _mode(formula: Formula, counted: Counted | None) -> Mode | None:
    if counted is None or not counted.both:
        return None
    copy = isinstance(formula.value, Name)
    if not counted.wrong:
        if not counted.odd:
            return "always"
        # a sum over rows below says nothing where there are none; elsewhere cells must be there together mostly
        return "present" if formula.tables_below() or counted.odd <= counted.both else None
    return "mostly" if counted.share >= (COPIED if copy else OFTEN) and not formula.tables_below() else None


def count(ordered: Ordered, node: Node, formulas: Sequence[Formula], decimals: Decimals) -> list[Counted | None]:
    """How each formula does on all rows; None where it cannot be computed (an amount beyond all bounds)."""
    found: list[Counted | None] = []
    if not formulas:
        return found
    import duckdb

    for start in range(0, len(formulas), _MOST_AT_ONCE):
        some = formulas[start : start + _MOST_AT_ONCE]
        try:
            found += _count(ordered, node, some, decimals)
        except duckdb.Error:
            found += [_count_alone(ordered, node, formula, decimals) for formula in some]
    return found


def _count_alone(ordered: Ordered, node: Node, formula: Formula, decimals: Decimals) -> Counted | None:
    import duckdb

    try:
        return _count(ordered, node, [formula], decimals)[0]
    except duckdb.Error:
        return None


def _count(ordered: Ordered, node: Node, formulas: Sequence[Formula], decimals: Decimals) -> list[Counted]:
    question = Question(ordered.forest, node, ordered, decimals)
    terms = []
    for formula in formulas:
        target, value = question.value(formula.test.left), question.value(formula.value)
        asked = question.condition(formula.when)
        same = question.agrees(formula)
        terms += [
            f"count(*) filter (where {asked} and {same} is not null)",
            f"count(*) filter (where {asked} and not {same})",
            f"count(*) filter (where {asked} and ({target.sql} is null) <> ({value.sql} is null))",
        ]
    row = ordered.one(f"select {', '.join(terms)} from {question.source}")
    return [Counted(*row[index : index + 3]) for index in range(0, len(row), 3)]


def _support(ordered: Ordered, node: Node, formula: Formula, decimals: Decimals) -> int:
    question = Question(ordered.forest, node, ordered, decimals)
    same = f"{question.condition(formula.when)} and {question.agrees(formula)}"
    found: int = ordered.one(f"select count(distinct a.unit) from {question.source} where {same}")[0]
    return found


def dependency(
    ordered: Ordered, node: Node, source: str, target: str, k: int, declared: bool = False
) -> Dependency | None:
    """What column `source` tells of column `target`, for the values of it that k units have; None where too little."""
    rows = told_by(ordered, node, source, (target,))
    told = [row for row in rows if row.units >= k and row.told[0][1]]
    covered = sum(row.rows for row in told)
    supported = sum(row.rows for row in rows if row.units >= k)
    if not told or (covered < _MAPPED * supported and not declared):
        return None
    pairs = {row.code: row.told[0][0] for row in told}
    if len(set(pairs.values())) < 2:
        return None
    return Dependency(node.name, source, target, pairs, min(row.units for row in told), declared)


def constants(
    ordered: Ordered, node: Node, source: str, chances: Mapping[str, Mapping[str | None, float]], k: int
) -> list[Dependency]:
    """What single values of column `source` fix in others, on all rows and over k units, where chance hardly would.

    `chances` gives for each other column the share of rows that has each of its values.
    """
    rows = [row for row in told_by(ordered, node, source, tuple(chances)) if row.units >= k]
    found = []
    for index, (target, shares) in enumerate(chances.items()):
        pairs: dict[str, str | None] = {}
        support = []
        for row in rows:
            value, one = row.told[index]
            if one and -row.units * math.log(shares.get(value, 1e-4) or 1e-4) > _SURPRISE:
                pairs[row.code] = value
                support.append(row.units)
        if pairs:
            found.append(Dependency(node.name, source, target, pairs, min(support)))
    return found


def declared_dependencies(ordered: Ordered, node: Node, rules: Iterable[object], k: int) -> list[Dependency]:
    """The dependencies that the catalog declares, as far as k units tell them (of one column only)."""
    found = []
    for rule in rules:
        if isinstance(rule, Determines):
            if len(rule.columns) > 1:
                say(f"table {node.name}: a dependency on several columns is checked but not kept: {rule.column}")
                continue
            each = dependency(ordered, node, rule.columns[0], rule.column, k, True)
            if each is not None:
                found.append(each)
    return found
