"""Suspected relations: formulas that hold in the rows looked at, to be confirmed on all rows before they are believed.

A formula is suspected only where it says something: enough rows in which none of its parts is neutral (zero in a sum,
one in a product), and enough different results.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from synth.columns.values import measure
from synth.core.arrays import distinct
from synth.core.catalog import Column
from synth.core.ruletext import quoted
from synth.engines.forest import Node
from synth.generators.relations.glimpse import Codes, Floats, Glimpse, Seen
from synth.generators.relations.multiples import rates
from synth.generators.relations.sifting import worth_trying

LEVELS = 12  # with fewer results, shallow trees learn what goes with what
TELLING = 20  # rows in which a formula says something
RESULTS = 4  # different results in these rows
OFTEN = 0.9  # share of the rows in which a formula that has exceptions must hold
COPIED = 0.5  # share of the rows in which a column must repeat another one
PERCENT = 100.0
MOST_SUMMED = 10  # columns of a table below whose sums and products are tried
# how parts of dates are written, and in how many letters
_WRITTEN = {"%Y%m": 6, "%Y": 4, "%m": 2, "%Y-%m": 7, "%d": 2, "%Y-%m-%d": 10, "%Y%m%d": 8, "%d%m%Y": 8}


@dataclass(frozen=True, slots=True)
class Suspect:
    """A formula as text, the column it gives, and how well it held (1: in all rows looked at)."""

    target: str
    text: str
    share: float


def suspects(view: Glimpse, targets: frozenset[str]) -> list[Suspect]:
    """Formulas that give one of `targets` from other columns of the row and of its parent's, likeliest first."""
    found = [*_copies(view, targets), *_dates(view, targets), *_prefixes(view, targets)]
    with np.errstate(over="ignore"):  # what is beyond all bounds gives nothing
        return [*found, *_distances(view, targets), *_sums(view, targets), *_products(view, targets)]


def _mine(view: Glimpse, targets: frozenset[str]) -> list[Seen]:
    return [each for each in view.seen if each.own and each.column.name in targets]


def _rank(view: Glimpse, each: Seen) -> tuple[bool, bool, bool, int, int]:
    """What makes a column the one that others repeat."""
    table = view.node.table
    name = each.column.name
    place = table.column_names.index(name) if each.own else -1
    values = len(distinct(each.codes))
    return (not each.own, name in table.order_by[:1], not each.column.nullable, values, -place)


def _copies(view: Glimpse, targets: frozenset[str]) -> Iterator[Suspect]:
    """Columns that repeat another one of the row, or of the parent's row, in all rows or in most."""
    ranks = {each.text: _rank(view, each) for each in view.seen}
    cells = np.stack([each.codes for each in view.seen]) if view.seen else np.zeros((0, 0), dtype=np.int64)
    for mine in _mine(view, targets):
        same = (cells == mine.codes).mean(axis=1) if cells.size else np.zeros(len(cells))
        found = []
        for place in np.flatnonzero(same >= COPIED).tolist():
            other, share = view.seen[place], float(same[place])
            if other.column.type == mine.column.type and ranks[other.text] > ranks[mine.text]:
                telling = len(distinct(mine.codes[(mine.codes == other.codes) & (mine.codes >= 0)]))
                # dates that mostly agree are counted from one another: no distance is most frequent
                if (telling > 1) if share == 1.0 else (telling >= LEVELS and mine.date is None):
                    found.append(
                        (share, other.column.name == mine.column.name, not other.own, ranks[other.text], other)
                    )
        if found:
            share, *_, other = max(found, key=lambda item: item[:4])
            yield Suspect(mine.column.name, f"{mine.text} = {other.text}", share)


def _dates(view: Glimpse, targets: frozenset[str]) -> Iterator[Suspect]:
    """Parts of a date: its month as text, its year as a number, the first day of the next month."""
    sources = [each for each in view.seen if each.date is not None]
    wanted = _mine(view, targets)
    lengths = _lengths(view, wanted)
    kinds = {_kind(each) for each in wanted}
    written: list[tuple[str, str, Seen]] = []
    for each in sources:
        written += [
            (f"format({each.date}, '{form}')", "text", each) for form, size in _WRITTEN.items() if size in lengths
        ]
        written += [(f"{name}({each.date})", "date", each) for name in ("month_start", "next_month") if "date" in kinds]
        written += [(f"{name}({each.date})", "number", each) for name in ("year", "month") if "number" in kinds]
    computed = view.codes_of([text for text, _, _ in written])
    for mine in wanted:
        kind = _kind(mine)
        for (text, gives, source), codes in zip(written, computed, strict=True):
            fits = kind == gives or (kind == "number" and text.startswith("format") and "%Y%m'" in text)
            if fits and source.text != mine.text and _agree(mine.codes, codes, 2):
                yield Suspect(mine.column.name, f"{mine.text} = {text}", 1.0)


def _lengths(view: Glimpse, wanted: list[Seen]) -> set[int]:
    """How many letters cells have that may be parts of dates."""
    sizes = np.array([*map(len, view.words())], dtype=np.int64)
    return {
        size
        for each in wanted
        if _kind(each) != "date"
        for size in distinct(sizes[each.codes[each.codes >= 0]]).tolist()
    }


def _kind(each: Seen) -> str:
    if each.column.type in ("integer", "year"):
        return "number"
    return each.column.type if each.column.type in ("date", "number") else "text"


def _agree(mine: Codes, other: Codes, results: int) -> bool:
    both = (mine >= 0) & (other >= 0)
    return bool(both.sum() >= TELLING and (mine[both] == other[both]).all() and len(distinct(mine[both])) >= results)


def _prefixes(view: Glimpse, targets: frozenset[str]) -> Iterator[Suspect]:
    """A column that is the beginning of a longer code."""
    words = view.words()
    sizes = np.array([*map(len, words)], dtype=np.int64)
    texts = [each for each in view.seen if each.column.type == "string" and each.date is None]
    for mine in _mine(view, targets):
        known = mine.codes[mine.codes >= 0]
        lengths = distinct(sizes[known])
        if mine.column.type != "string" or len(lengths) != 1:
            continue
        length = int(lengths[0])
        for other in texts:
            if other.text == mine.text or not length:
                continue
            used = distinct(other.codes[other.codes >= 0])
            if not len(used) or (sizes[used] <= length).any():
                continue
            begun = np.full(len(words) + 1, -1)
            begun[used] = [view.vocabulary.get(words[code][:length], len(words)) for code in used.tolist()]
            if _agree(mine.codes, begun[other.codes], 2):
                yield Suspect(mine.column.name, f"{mine.text} = left({other.text}, {length})", 1.0)


def _distances(view: Glimpse, targets: frozenset[str]) -> Iterator[Suspect]:
    """Days between two dates, or one more."""
    mine = [each for each in _mine(view, targets) if each.numbers is not None]
    dated = [each for each in view.seen if each.date is not None] if mine else []
    pairs = [(a, b) for a in dated for b in dated if a is not b]
    found = view.numbers_of([f"{a.date} - {b.date}" for a, b in pairs])
    for target in mine:
        assert target.numbers is not None
        for (a, b), days in zip(pairs, found, strict=True):
            for more in (0, 1):
                held, both = _held(target.numbers, days + more)
                if both.sum() >= TELLING and held[both].all() and len(distinct(days[both])) >= RESULTS:
                    extra = " + 1" if more else ""
                    yield Suspect(target.column.name, f"{target.text} = {a.date} - {b.date}{extra}", 1.0)


def _held(target: Floats, value: Floats, tolerance: float = 1e-6) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    both = ~np.isnan(target) & np.isfinite(value)
    with np.errstate(invalid="ignore"):
        near = np.abs(target - value) <= tolerance + 1e-9 * np.abs(value)
    return near & both, both


def _numbers(view: Glimpse) -> list[Seen]:
    return [each for each in view.seen if each.numbers is not None and len(distinct(each.codes)) > 1]


def _parts(view: Glimpse) -> list[Seen]:
    """What quantities may be made of: quantities, and whole numbers that are codes."""
    coded = [replace(each, numbers=each.coded) for each in view.seen if each.coded is not None]
    return [*_numbers(view), *(each for each in coded if len(distinct(each.codes)) > 1)]


def _believable(share: float, *parts: Seen) -> bool:
    """Whether a formula holds as often as it must: always, where codes are among its parts."""
    return share == 1.0 or (share > 0 and all(each.coded is None for each in parts))


def _sums(view: Glimpse, targets: frozenset[str]) -> Iterator[Suspect]:
    """A total of two columns, or of more where least squares finds their signs."""
    numbers = _parts(view)
    mine = [each for each in numbers if each.own and each.coded is None and each.column.name in targets]
    worth = [worth_trying(_cells([each])[:, 0], _cells(numbers), np.add, 1e-6, TELLING) for each in mine]
    for i, a in enumerate(numbers):
        for j, b in enumerate(numbers[i + 1 :], i + 1):
            assert a.numbers is not None and b.numbers is not None
            telling = (a.numbers != 0) & (b.numbers != 0)
            for target, tried in zip(mine, worth, strict=True):
                if tried[i, j] and target is not a and target is not b:
                    share = _telling_share(target, a.numbers + b.numbers, telling, 1e-6)
                    if _believable(share, a, b):
                        yield Suspect(target.column.name, f"{target.text} = {a.text} + {b.text}", share)
    for target in mine:
        yield from _long_sum(target, [each for each in numbers if each.own and each is not target])


def _long_sum(target: Seen, others: list[Seen]) -> Iterator[Suspect]:
    """Totals of three columns or more, each added or taken away, in rows where all are there."""
    if len(others) < 3 or target.numbers is None:
        return
    columns = np.stack([each.numbers for each in others if each.numbers is not None], axis=1)
    rows = ~np.isnan(columns).any(axis=1) & ~np.isnan(target.numbers)
    if rows.sum() < 2 * TELLING + columns.shape[1]:
        return
    weights = np.linalg.lstsq(columns[rows], target.numbers[rows], rcond=1e-9)[0]
    signs = np.rint(weights)
    used = np.flatnonzero(signs)
    if len(used) < 3 or np.abs(weights - signs).max() > 1e-4 or np.abs(signs).max() > 1:
        return
    held, _ = _held(target.numbers[rows], columns[rows] @ signs)
    if held.all() and len(distinct(target.numbers[rows])) >= RESULTS:
        first = sorted(used.tolist(), key=lambda i: (signs[i] < 0, i))
        terms = [("- " if signs[i] < 0 else "+ ") + others[i].text for i in first]
        yield Suspect(target.column.name, f"{target.text} = {' '.join(terms).removeprefix('+ ')}", 1.0)


def _telling_share(target: Seen, value: Floats, telling: NDArray[np.bool_], tolerance: float) -> float:
    """In which share of the rows a value is the target's; 0 where it is not often enough, or says nothing."""
    assert target.numbers is not None
    held, both = _held(target.numbers, value, tolerance)
    says = both & telling & (target.numbers != 0)
    if says.sum() < TELLING or held[says].mean() < 0.8 or held[both].mean() < OFTEN:
        return 0.0
    enough = len(distinct(target.numbers[says & held])) >= RESULTS
    return float(held[both].mean()) if enough else 0.0


def _digits(view: Glimpse, target: Seen) -> int | None:
    if target.column.type != "number":
        return 0
    return view.decimals.get((view.node.name, target.column.name))


def _products(view: Glimpse, targets: frozenset[str]) -> Iterator[Suspect]:
    """Quantity times price, base times rate (in percent or not), price from base and quantity; rounded."""
    numbers = _parts(view)
    for target in (each for each in numbers if each.own and each.coded is None and each.column.name in targets):
        digits = _digits(view, target)
        if digits is None:
            continue
        others = [each for each in numbers if each is not target]
        for i, j in _worth_multiplying(target, others, digits):
            for formula, share in _of_two(target, others[i], others[j], digits, i < j):
                yield Suspect(target.column.name, f"{target.text} = round({formula}, {digits})", share)
        yield from _multiples(target, [each for each in others if each.coded is None], digits)


def _multiples(target: Seen, others: list[Seen], digits: int) -> Iterator[Suspect]:
    """A quantity that is always the same number of times another one; by the shortest number that does."""
    done: set[str] = set()
    for other, rate in rates(target, others):
        assert other.numbers is not None
        if other.text in done:
            continue
        value = other.numbers * float(rate)
        if _telling_share(target, value, other.numbers != 0, _tolerance(target, digits)) == 1.0:
            done.add(other.text)
            yield Suspect(target.column.name, f"{target.text} = round({other.text} * {rate}, {digits})", 1.0)


def _cells(columns: list[Seen]) -> Floats:
    return np.stack([each.numbers for each in columns if each.numbers is not None], axis=1)


def _tolerance(target: Seen, digits: int) -> float:
    return 1e-6 if target.column.type != "number" else 0.5 * 10.0**-digits + 1e-7


def _worth_multiplying(target: Seen, others: list[Seen], digits: int) -> list[tuple[int, int]]:
    """Pairs of columns of which a product, or the quotient, may be the target."""
    if len(others) < 2:
        return []
    forms = (np.multiply, lambda a, b: a * b / PERCENT, np.divide)
    cells, wanted = _cells(others), _cells([target])[:, 0]
    worth = [worth_trying(wanted, cells, form, _tolerance(target, digits), TELLING) for form in forms]
    found = np.triu(worth[0] | worth[1], 1) | worth[2]
    return [(i, j) for i, j in np.argwhere(found).tolist() if i != j]


def _of_two(target: Seen, a: Seen, b: Seen, digits: int, first: bool) -> Iterator[tuple[str, float]]:
    """Products (for one order of two) and the quotient of two columns that give the target."""
    assert a.numbers is not None and b.numbers is not None
    tolerance = _tolerance(target, digits)
    says = (a.numbers != 0) & (b.numbers != 0) & (b.numbers != 1)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.where(b.numbers != 0, a.numbers / b.numbers, np.nan)
    whole_target = target.column.type != "number"
    tried = [] if whole_target else [(f"{a.text} / {b.text}", ratio, says)]
    if first:
        product = a.numbers * b.numbers
        whole = says & (a.numbers != PERCENT) & (b.numbers != PERCENT)
        tried += [
            (f"{a.text} * {b.text}", product, says & (a.numbers != 1)),
            (f"{a.text} * {b.text} / 100", product / PERCENT, whole),
        ]
    for text, value, telling in tried:
        share = _telling_share(target, value, telling, tolerance)
        if _believable(share, a, b):
            yield text, share


def totals(view: Glimpse, targets: frozenset[str]) -> list[Suspect]:
    """Counts of the rows below, and sums over them of a column or of the product of two."""
    found = []
    mine = [each for each in _mine(view, targets) if each.numbers is not None]
    for child in view.ordered.forest.children(view.node.name) if mine else ():
        name = quoted(child.name)
        numeric = [c for c in child.table.columns if measure(c) == "number" and c.type in ("integer", "number")]
        texts = [quoted(column.name) for column in _varied_below(view, child, numeric)][:MOST_SUMMED]
        products = [f"{a} * {b}" for i, a in enumerate(texts) for b in texts[i + 1 :]]
        written = [f"count({name})", *(f"sum({name}, {text})" for text in (*texts, *products))]
        for text, values in zip(written, view.numbers_of(written), strict=True):
            for target in mine:
                assert target.numbers is not None
                held, both = _held(target.numbers, values)
                results = 2 if "count" in text else RESULTS
                if both.sum() >= TELLING and held[both].all() and len(distinct(values[both])) >= results:
                    found.append(Suspect(target.column.name, f"{target.text} = {text}", 1.0))
    return found


def _varied_below(view: Glimpse, child: Node, columns: list[Column]) -> list[Column]:
    ordered = view.ordered
    foreign = {name for key in child.table.foreign_keys for name in key.columns}
    columns = [column for column in columns if column.name not in foreign]
    if not columns or not ordered.rows(child.name):
        return []
    counts = ordered.distinct(child, [column.name for column in columns])
    return [column for column, values in zip(columns, counts, strict=True) if values > 1]
