"""Orders: of two quantities of a row, or of a row and its parent's, one is never above the other, in any row.

An order is suspected in the rows looked at where chance would hardly have kept it (the two ranges overlap), and
believed once every row confirms it over k persons. Of orders that follow from one another the closest are kept.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from synth.core.counts import at_least
from synth.core.ruletext import parse_formula
from synth.engines.expressions import Decimals, Question, compared
from synth.engines.local import Ordered
from synth.engines.unit_blocks import count_units
from synth.generators.relations.glimpse import Floats, Glimpse, Seen
from synth.generators.relations.reading import Reading
from synth.generators.relations.relation import Order, Relations
from synth.generators.relations.suspects import TELLING

_SURPRISE = 12.0  # minus the logarithm of the chance that unrelated quantities would keep the order
_OVERLAP = 0.002  # share of the pairs of unrelated rows that must break it
_MOST = 40  # orders a table
_PLAIN = ("integer", "number", "year")
Pair = tuple[int, int]


def found_orders(view: Glimpse, decimals: Decimals, k: int) -> list[Order]:
    """The orders that the rows of a table keep, each with how many units tell of it."""
    quantities = [each for each in view.seen if each.numbers is not None or each.column.type in ("date", "datetime")]
    seen = [each for each in quantities if not each.linked]  # rows that keys lead to are drawn apart from one another
    pairs: list[Pair] = []
    for kinds in (_PLAIN, ("date",), ("datetime",)):
        places = [place for place, each in enumerate(seen) if each.column.type in kinds]
        pairs += [(places[a], places[b]) for a, b in _suspected(_cells(view, [seen[place] for place in places]))]
    above = {(a, b) for a, b in pairs if not seen[a].own and not seen[b].own}  # told of the parent's table
    pairs = [pair for pair in pairs if pair not in above]
    orders = [_order(view, seen[a], seen[b]) for a, b in pairs]
    held = _confirmed(view.ordered, view, [(seen[a].text, seen[b].text) for a, b in pairs], decimals)
    told = {pair: replace(order, support=persons) for pair, order, persons in zip(pairs, orders, held, strict=True)
            if persons >= k}  # fmt: skip
    closest = [order for pair, order in told.items() if not _follows(pair, above | set(told))]
    return [replace(order, support=at_least(order.support, k)) for order in closest[:_MOST]]


def _cells(view: Glimpse, seen: Sequence[Seen]) -> Floats:
    """Rows by columns: the quantities looked at, dates as days."""
    dated = view.numbers_of([each.text for each in seen if each.numbers is None])
    columns = [dated.pop(0) if each.numbers is None else each.numbers for each in seen]
    return np.stack(columns, axis=1) if columns else np.zeros((0, 0))


def _suspected(cells: Floats) -> list[Pair]:
    """Columns (a, b) of which a is never above b where both are there, sometimes below, and not by chance."""
    found = []
    for a in range(cells.shape[1]):
        mine = cells[:, [a]]
        there = ~np.isnan(mine) & ~np.isnan(cells)
        never = ~((mine > cells) & there).any(axis=0) & ((mine < cells) & there).any(axis=0)
        for b in np.flatnonzero(never & (there.sum(axis=0) >= TELLING)).tolist():
            if _says(cells[there[:, b], a], cells[there[:, b], b]):
                found.append((a, b))
    return found


def _says(low: Floats, high: Floats) -> bool:
    """Whether so many rows would hardly have kept the order had the two quantities nothing to do with one another."""
    broken = float(np.searchsorted(np.sort(high), low, side="left").mean()) / len(high)
    return broken >= _OVERLAP and -len(low) * np.log1p(-min(broken, 0.999)) > _SURPRISE


def _order(view: Glimpse, low: Seen, high: Seen) -> Order:
    """The order as told of the row's own column, the later of two: it is the one that is moved."""
    names = view.node.table.column_names
    moves_high = high.own and (not low.own or names.index(high.column.name) > names.index(low.column.name))
    mine, other = (high, low) if moves_high else (low, high)
    above = None if other.own or view.node.parent is None else view.node.parent.target
    return Order(view.node.name, mine.column.name, ">=" if moves_high else "<=", above, other.column.name, 0)


def _confirmed(ordered: Ordered, view: Glimpse, texts: Sequence[tuple[str, str]], decimals: Decimals) -> list[int]:
    """How many units have both quantities; 0 where some row breaks the order."""
    if not texts:
        return []
    reading = Reading(ordered, view.node, decimals)
    told = [_counted(reading, low, high) for low, high in texts]
    if None not in told:
        return [persons for persons in told if persons is not None]
    question = Question(ordered.forest, view.node, ordered, decimals)
    terms = []
    for low, high in texts:
        test = parse_formula(f"{low} <= {high}").test
        left, right = question.value(test.left), question.value(test.right[0])
        kept = compared("<=", left, right)
        terms.append(f"case when bool_and({kept}) then count(distinct a.unit) filter (where {kept}) else 0 end")
    return [int(persons or 0) for persons in ordered.one(f"select {', '.join(terms)} from {question.source}")]


def _counted(reading: Reading, low: str, high: str) -> int | None:
    """How many units have both quantities; 0 where some row breaks the order, None where they cannot be read."""
    test = parse_formula(f"{low} <= {high}").test
    left, right = reading.read(test.left), reading.read(test.right[0])
    a, b = (None if side is None else side.as_numbers() for side in (left, right))
    if left is None or right is None or a is None or b is None:
        return None
    slack = 1e-9 * np.maximum(1.0, np.maximum(np.abs(a), np.abs(b))) if "double" in (left.kind, right.kind) else 0.0
    there = ~np.isnan(a) & ~np.isnan(b)
    return 0 if (a > b + slack).any() else count_units(reading.ordered.units[reading.node.name][there])


def _follows(pair: Pair, all_: set[Pair]) -> bool:
    """Whether an order follows from two others."""
    low, high = pair
    between = {b for a, b in all_ if a == low} & {a for a, b in all_ if b == high}
    return bool(between)


def unsaid(orders: Sequence[Order], relations: Relations) -> tuple[Order, ...]:
    """Those that no relation says already: a total is not below its parts, and is computed from them."""
    reads: dict[tuple[str, str], set[tuple[str, str]]] = {}
    for each in relations.formulas:
        if each.mode != "mostly":
            reads[each.table, each.target] = set(each.reads)

    def computed(order: Order) -> bool:
        mine, other = (order.table, order.column), (order.above or order.table, order.other)
        return other in reads.get(mine, set()) or mine in reads.get(other, set()) or {mine, other} <= set(reads)

    return tuple(order for order in orders if not computed(order))


def order_flags(order: Order, mine: Floats, other: Floats) -> NDArray[np.bool_]:
    """Rows that break an order; where a quantity is missing it is not broken."""
    with np.errstate(invalid="ignore"):
        return mine > other if order.sign == "<=" else mine < other
