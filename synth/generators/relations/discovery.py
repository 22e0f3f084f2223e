"""Discovery: the relations of every table, declared in the catalog or found in its rows, confirmed on all of them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from synth.core.arrays import distinct
from synth.core.catalog import Column
from synth.core.counts import at_least
from synth.core.model import Statistic
from synth.core.ruletext import Formula, Name
from synth.engines.expressions import Decimals, Question, link_to
from synth.engines.forest import Node
from synth.engines.local import Ordered
from synth.generators.keys.identifiers import Identifier
from synth.generators.relations.confirming import (
    Given,
    confirmed,
    constants,
    declared_dependencies,
    declared_formulas,
    dependency,
)
from synth.generators.relations.glimpse import ROWS, Glimpse, digits_of, glimpse
from synth.generators.relations.holding import tell_broken
from synth.generators.relations.orders import found_orders, unsaid
from synth.generators.relations.presence import found_presences
from synth.generators.relations.relation import Dependency, Order, Presence, Relation, Relations, rings
from synth.generators.relations.suspects import LEVELS, suspects, totals

_MOST_LEVELS = 5_000  # a dependency on more values would be longer than what it saves
_ROWS_A_LEVEL = 2
_MOST_FIXING = 500  # codes of a column of which single ones may fix another
_MOST_PARTIAL = 1  # columns that may fix single values of one: two might disagree
_SEEN = 5
_SURPRISE = 6.0  # minus the logarithm of the chance that a code has one value only


def discover(ordered: Ordered, identifiers: tuple[Identifier, ...], k: int) -> Relations:
    """The relations of all tables. Those that hold in a share of the rows mark these rows in `ordered.marks`.

    What is declared comes first; then what rows and their parents show, from the top down; then what rows below add
    up to, which may not be made of what it gives.
    """
    made = {(identifier.table, identifier.column) for identifier in identifiers}
    decimals = digits_of(ordered)
    nodes = [node for node in ordered.forest.nodes if not node.table.public and ordered.rows(node.name)]
    given: Given = {}
    formulas: list[Relation] = []
    for node in nodes:
        tell_broken(ordered, node, decimals)
        declared = [rule for rule in node.table.rules if isinstance(rule, Formula) and _computes(node, rule, made)]
        formulas += declared_formulas(ordered, node, declared, given, decimals, k)
    dependencies: list[Dependency] = []
    views: dict[str, tuple[Glimpse, frozenset[str]]] = {}
    for node in nodes:
        view = _look(ordered, node, made, decimals)
        named = {each.target for each in formulas if each.table == node.name}
        targets = frozenset(e.column.name for e in view.seen if e.own) - set(node.table.order_by[:1]) - named
        views[node.name] = view, targets
        found = confirmed(ordered, node, suspects(view, targets), given, decimals, k)
        formulas += found
        # a column that tells rows apart is moved until it does: a code that goes with it could not be kept
        apart = {name for names in (node.table.primary_key, *node.table.unique_keys) for name in names}
        dependencies += _dependencies(ordered, view, targets - apart - {each.target for each in found}, given, k)
    for node in nodes:
        view, targets = views[node.name]
        never_drawn = {each.target for each in formulas if each.table == node.name and each.mode == "always"}
        formulas += confirmed(ordered, node, totals(view, targets - never_drawn), given, decimals, k)
    # a count of the rows below tells more than what mostly goes with a code
    counted = {(each.table, each.target) for each in formulas if each.formula.tables_below()}
    dependencies = [each for each in dependencies if (each.table, each.target) not in counted]
    relations = Relations(
        tuple(replace(each, support=at_least(each.support, k)) for each in formulas),
        tuple(replace(each, support=at_least(each.support, k)) for each in dependencies),
        _used(decimals, formulas),
    )
    mark_rows(ordered, relations)
    orders = [order for view, _ in views.values() for order in found_orders(view, decimals, k)]
    presences = [each for node in nodes for each in _presences(ordered, node, made, relations, k)]
    return replace(relations, orders=unsaid(orders, relations), presences=tuple(presences))


def _presences(
    ordered: Ordered, node: Node, made: set[tuple[str, str]], relations: Relations, k: int
) -> list[Presence]:
    """Those of columns that are drawn and that no formula gives; what puts rows in order is apart."""
    foreign = {name for key in node.table.foreign_keys for name in key.columns}
    apart = foreign | {each.target for each in relations.formulas if each.table == node.name}
    apart |= set(node.table.order_by[:1]) | {name for table, name in made if table == node.name}
    return found_presences(ordered, node, [c.name for c in node.table.columns if c.name not in apart and c.nullable], k)


def _look(ordered: Ordered, node: Node, made: set[tuple[str, str]], decimals: Decimals) -> Glimpse:
    keys = [link for link in node.links if link_to(node, link.target) is link]
    names = [key.target for key in (*([] if node.parent is None else [node.parent]), *keys)]
    others = [(other, varied(ordered, other, made)) for other in map(ordered.forest.node, dict.fromkeys(names))]
    return glimpse(ordered, node, varied(ordered, node, made), others, decimals)


def varied(ordered: Ordered, node: Node, made: set[tuple[str, str]]) -> list[Column]:
    """Columns with more than one value that are no keys made anew and no references."""
    foreign = {name for key in node.table.foreign_keys for name in key.columns}
    columns = [c for c in node.table.columns if c.name not in foreign and (node.name, c.name) not in made]
    if not columns or not ordered.rows(node.name):
        return []
    first = ordered.frame(node, 0, min(ROWS, ordered.rows(node.name)), [column.name for column in columns]).columns
    alike = [column for column in columns if len(first[column.name].drop_null().unique()) < 2]
    counts = ordered.distinct(node, [column.name for column in alike])
    constant = {column.name for column, values in zip(alike, counts, strict=True) if values < 2}
    return [column for column in columns if column.name not in constant]


def _computes(node: Node, rule: Formula, made: set[tuple[str, str]]) -> bool:
    """Whether a declared rule gives a column that is not a key, nor the one that puts rows in order."""
    foreign = {name for key in node.table.foreign_keys for name in key.columns}
    target = rule.target
    return target is not None and target not in foreign and (node.name, target) not in made


def _dependencies(ordered: Ordered, view: Glimpse, targets: frozenset[str], given: Given, k: int) -> list[Dependency]:
    node = view.node
    kept = declared_dependencies(ordered, node, node.table.rules, k)
    for each in kept:
        given[node.name, each.target] = each.reads
    for source, target in _suspected(view, targets):
        cell = (node.name, target)
        if cell not in given and not rings(given, cell, ((node.name, source),)):
            found = dependency(ordered, node, source, target, k)
            if found is not None:
                kept.append(found)
                given[cell] = found.reads
    return [*kept, *_partial(ordered, view, targets - {each.target for each in kept}, given, k)]


def _partial(ordered: Ordered, view: Glimpse, targets: frozenset[str], given: Given, k: int) -> list[Dependency]:
    """What single codes of a column fix in others: a rate that is 100 for one motive, a sex that one diagnosis has."""
    node = view.node
    free = frozenset(name for name in targets if (node.name, name) not in given)
    found = []
    levels = {each.column.name: len(distinct(each.codes)) for each in view.seen if each.own}
    for source, chances in _fixing(view, free):
        found += constants(ordered, node, source, chances, k)
    kept: list[Dependency] = []
    # columns of few codes first: what they fix is a rule rather than a habit
    for each in sorted(found, key=lambda one: (levels[one.source], one.source, one.target)):
        cell = (node.name, each.target)
        if sum(one.target == each.target for one in kept) < _MOST_PARTIAL and not rings(given, cell, each.reads):
            kept.append(each)
            given[cell] = (*given.get(cell, ()), *each.reads)
    return kept


def _fixing(view: Glimpse, targets: frozenset[str]) -> list[tuple[str, dict[str, dict[str | None, float]]]]:
    """Columns of codes that seem to fix others, and for these the share of each of their values."""
    own = [each for each in view.seen if each.own and each.date is None]
    words = [*view.words(), None]
    ranked = {b.column.name: np.unique(b.codes, return_inverse=True, return_counts=True) for b in own}
    found = []
    for a in (each for each in own if each.numbers is None):
        levels = distinct(a.codes[a.codes >= 0])
        if not 2 <= len(levels) <= _MOST_FIXING:
            continue
        chances: dict[str, dict[str | None, float]] = {}
        for b in own:
            values, places, counts = ranked[b.column.name]
            if b is not a and b.column.name in targets and len(values) > 1 and _fixes(a.codes, places, counts):
                shares = counts / counts.sum()
                chances[b.column.name] = dict(zip((words[v] for v in values.tolist()), shares.tolist(), strict=True))
        if chances:
            found.append((a.column.name, chances))
    return found


def _fixes(source: NDArray[np.int64], places: NDArray[np.int64], counts: NDArray[np.int64]) -> bool:
    """Whether some code of the source has one value of the target in more rows than chance would let it.

    The target is told by the place of each row's value among all, and how many rows have each.
    """
    there = source >= 0
    rows = np.bincount(source[there])
    low = np.full(len(rows), np.iinfo(np.int64).max)
    high = np.full(len(rows), -1)
    np.minimum.at(low, source[there], places[there])
    np.maximum.at(high, source[there], places[there])
    one = (low == high) & (rows >= _SEEN)
    return bool(one.any() and (-rows[one] * np.log(counts[low[one]] / counts.sum())).max() > _SURPRISE)


def _suspected(view: Glimpse, targets: frozenset[str]) -> list[tuple[str, str]]:
    """Pairs of columns of which the first, a code, seems to give the second; the shortest lists of codes first."""
    own = [each for each in view.seen if each.own]
    sources = [each for each in own if each.numbers is None and each.date is None]
    values = {b.column.name: len(distinct(b.codes)) for b in own}
    found = []
    for a in sources:
        codes = distinct(a.codes[a.codes >= 0])
        if not LEVELS <= len(codes) <= min(_MOST_LEVELS, len(a.codes) // _ROWS_A_LEVEL):
            continue
        for b in own:
            if b is a or b.column.name not in targets or b.date is not None:
                continue
            results = values[b.column.name]
            if 1 < results <= len(codes) and _mostly_given(a.codes, b.codes):
                found.append((len(codes), a.column.name, b.column.name))
    return [(source, target) for _, source, target in sorted(found)]


def _mostly_given(source: NDArray[np.int64], target: NDArray[np.int64]) -> bool:
    """Whether nearly all rows are in levels of the source, met at least twice, that have one result each."""
    there = source >= 0
    size = int(target.max(initial=-1)) + 2
    pairs = distinct(source[there] * size + target[there] + 1)
    results = np.bincount(pairs // size, minlength=int(source.max()) + 1)
    rows = np.bincount(source[there], minlength=len(results))
    often = rows >= _ROWS_A_LEVEL
    return bool(rows[often].sum() > 0 and rows[often & (results == 1)].sum() >= 0.97 * rows[often].sum())


def _used(decimals: Decimals, formulas: list[Relation]) -> dict[tuple[str, str], int | None]:
    """The digits of the tables that formulas are about."""
    tables = {each.table for each in formulas}
    tables |= {name.table for each in formulas for name in each.formula.names() if name.table is not None}
    return {name: known for name, known in decimals.items() if name[0] in tables}


def mark_rows(ordered: Ordered, relations: Relations) -> None:
    """Mark the rows in which each relation that does not always hold does."""
    for each in relations.formulas:
        if each.mode == "mostly":
            node = ordered.forest.node(each.table)
            question = Question(ordered.forest, node, ordered, relations.decimals)
            same = f"coalesce({question.agrees(each.formula)}, false)"
            if isinstance(each.formula.value, Name):  # both missing is the same too
                target, value = question.value(each.formula.test.left), question.value(each.formula.value)
                same = f"{target.sql} is not distinct from {value.sql}"
            ordered.mark(
                (each.table, each.target), f"select ({same})::int as held from {question.source} order by a.row"
            )


def relation_statistics(relations: Relations, roots: dict[str, str]) -> list[Statistic]:
    """Every relation and dependency as a statistic, so that whoever inspects the model sees it."""
    found = []
    for each in relations.formulas:
        found.append(
            Statistic(
                name=f"relation/{each.table}/{each.target}",
                table=each.table,
                columns=(each.target, *each.sources),
                kind="relation",
                support=each.support,
                unit=roots[each.table],
                cells=1 if each.support else 0,
                data={"rule": each.formula.text, "mode": each.mode, "declared": each.declared},
            )
        )
    told: list[tuple[str, Order | Presence]] = [("order", each) for each in relations.orders]
    for kind, order in [*told, *(("presence", each) for each in relations.presences)]:
        found.append(
            Statistic(
                name=f"{kind}/{order.table}/{order.text}",
                table=order.table,
                columns=(order.column, order.other),
                kind=kind,
                support=order.support,
                unit=roots[order.table],
                cells=1,
                data={"rule": order.text},
            )
        )
    for one in relations.dependencies:
        data = {"table": one.table, "source": one.source, "target": one.target}
        found.append(
            Statistic(
                name=one.name,
                table=one.table,
                columns=(one.target, one.source),
                kind="dependency",
                support=one.support,
                unit=roots[one.table],
                cells=len(one.pairs),
                data=data | {"pairs": dict(one.pairs), "support": one.support},
            )
        )
    return found
