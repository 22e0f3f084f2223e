"""What each date is best counted from: the date of its row or of its parent's whose distance varies least.

A discharge is counted from the admission, a claim from the one before, a death from a birth or from nothing. Only the
choice is kept; it is made from quartiles over all rows, or every n-th of a table of millions.
"""

from __future__ import annotations

from collections.abc import Mapping

from synth.columns.values import measure
from synth.core.catalog import Column
from synth.engines.forest import Node
from synth.engines.local import Ordered
from synth.generators.features.feature import Base
from synth.generators.features.textdates import as_date, parsed, text_dates

# Counting from another date must narrow the spread this much, or the date is learned as it is
_WORTH = 0.6
# ... and both dates must be real ones in this share of the rows where the date itself is
_COMMON = 0.8
_DATES = ("date", "datetime")
_ROWS = 1_000_000  # enough for quartiles, which hold every value in memory


def anchors(ordered: Ordered, node: Node, columns: list[Column], forms: Mapping[str, str]) -> dict[str, Base]:
    """The base of each date among `columns` that has one; a base always comes before what is counted from it.

    `forms` tells how dates are written in columns of texts or numbers.
    """
    typed = [as_date(column, forms.get(column.name)) for column in columns]
    dates = sorted((c for c in typed if _is_date(c)), key=lambda c: (c.name not in node.table.order_by[:1],))
    above = _parent_dates(ordered, node)
    found: dict[str, Base] = {}
    for index, column in enumerate(dates):
        candidates = [Base(0, e.name, forms.get(e.name)) for e in dates[:index] if e.type == column.type]
        candidates += [Base(1, e.name, form) for e, form in above if e.type == column.type]
        best = _best(ordered, node, column, forms.get(column.name), candidates)
        if best is not None:
            found[column.name] = best
    return found


def _is_date(column: Column) -> bool:
    return column.type in _DATES and measure(column) == "number"


def _parent_dates(ordered: Ordered, node: Node) -> list[tuple[Column, str | None]]:
    """The parent's own dates that are never missing, and how they are written where they are texts."""
    if node.parent is None:
        return []
    parent = ordered.forest.node(node.parent.target)
    inherited = {name for key in parent.table.foreign_keys for name in key.columns}
    columns = [column for column in parent.table.columns if column.name not in inherited]
    forms = text_dates(ordered, parent, columns)
    typed = [as_date(column, forms.get(column.name)) for column in columns]
    dates = [column for column in typed if _is_date(column)]
    if not dates:
        return []
    listed = ", ".join(f"count(*) - count({ordered.column(parent, column.name)})" for column in dates)
    missing = ordered.one(f"select {listed} from {ordered.name(parent)}")
    return [(column, forms.get(column.name)) for column, count in zip(dates, missing, strict=True) if count == 0]


def _best(ordered: Ordered, node: Node, column: Column, form: str | None, candidates: list[Base]) -> Base | None:
    if not candidates:
        return None
    spreads = _spreads(ordered, node, column, form, candidates)
    alone, counted = spreads[0], spreads[1:]
    if alone is None:
        return None
    usable = [(spread, index) for index, spread in enumerate(counted) if spread is not None]
    if not usable:
        return None
    spread, index = min(usable)
    return candidates[index] if spread <= _WORTH * alone and alone > 0 else None


def _spreads(
    ordered: Ordered, node: Node, column: Column, form: str | None, candidates: list[Base]
) -> list[float | None]:
    """Interquartile range, in seconds, of the date alone and of its distance to each candidate."""
    value = _seconds(f"a.{ordered.column(node, column.name)}", form)
    terms, plausible = [value], [_plausible(value)]
    for base in candidates:
        owner, alias = (node, "a") if base.up == 0 else (ordered.forest.node(_parent(node)), "p")
        other = _seconds(f"{alias}.{ordered.column(owner, base.column)}", base.form)
        terms.append(f"{value} - {other}")
        plausible.append(f"{_plausible(value)} and {_plausible(other)}")
    quartiles = ", ".join(
        f"quantile_cont({term}, [0.25, 0.75]) filter (where {test}), count(*) filter (where {test})"
        for term, test in zip(terms, plausible, strict=True)
    )
    join = ""
    if node.parent is not None:
        join = f" join {ordered.name(ordered.forest.node(node.parent.target))} p on a.parent = p.row"
    step = max(1, ordered.rows(node.name) // _ROWS)
    row = ordered.one(f"select {quartiles} from {ordered.name(node)} a{join} where a.row % {step} = 0")
    pairs, counts = row[::2], row[1::2]
    return [
        None if pair is None or count < _COMMON * counts[0] else float(pair[1] - pair[0])
        for pair, count in zip(pairs, counts, strict=True)
    ]


def _seconds(column: str, form: str | None) -> str:
    return f"epoch({column if form is None else parsed(column, form)})"


def _parent(node: Node) -> str:
    assert node.parent is not None
    return node.parent.target


def _plausible(expression: str) -> str:
    # 1800 and 2090, in seconds since 1970: beyond them stand sentinels, not dates
    return f"{expression} between -5364662400 and 3786912000"
