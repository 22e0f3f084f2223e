"""What each date is best counted from: the date of its row or of its parent's whose distance varies least.

A discharge is counted from the admission, a claim from the one before, a death from a birth or from nothing. Only the
choice is kept; it is made from quantiles over all rows, or every n-th of a table of millions. Nine tenths of the
distances must not be further apart than the dates themselves, lest a few odd births set rows centuries apart.
"""

from __future__ import annotations

from collections.abc import Mapping

from synth.columns.values import measure
from synth.core.catalog import Column
from synth.engines.forest import Node
from synth.engines.local import Ordered
from synth.generators.features.calendar import FROM, UNTIL, day_of
from synth.generators.features.feature import Base
from synth.generators.features.textdates import as_date, parsed, text_dates

# Counting from another date must narrow the spread this much, or the date is learned as it is
_WORTH = 0.6
_WIDER = 1.25  # ... and nine tenths of the distances may be no wider than this times nine tenths of the dates
# ... and both dates must be real ones in this share of the rows where the date itself is
_COMMON = 0.8
_DATES = ("date", "datetime")
_ROWS = 1_000_000  # enough for quantiles, which hold every value in memory


def anchors(
    ordered: Ordered, node: Node, columns: list[Column], forms: Mapping[str, str], until: int = UNTIL
) -> dict[str, Base]:
    """The base of each date among `columns` that has one; a base always comes before what is counted from it.

    `forms` tells how dates are written in columns of texts or numbers; dates from the year `until` on are sentinels.
    """
    typed = [as_date(column, forms.get(column.name)) for column in columns]
    dates = sorted((c for c in typed if _is_date(c)), key=lambda c: (c.name not in node.table.order_by[:1],))
    above = _parent_dates(ordered, node)
    found: dict[str, Base] = {}
    for index, column in enumerate(dates):
        candidates = [Base(0, e.name, forms.get(e.name)) for e in dates[:index]]
        candidates += [Base(1, e.name, form) for e, form in above]
        best = _best(ordered, node, column, forms.get(column.name), candidates, until)
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


def _best(
    ordered: Ordered, node: Node, column: Column, form: str | None, candidates: list[Base], until: int
) -> Base | None:
    if not candidates:
        return None
    alone, *counted = _spreads(ordered, node, column, form, candidates, until)
    if alone is None:
        return None
    usable = [
        (spread, index)
        for index, spread in enumerate(counted)
        if spread is not None and alone[0] > 0 and spread[0] <= _WORTH * alone[0] and spread[1] <= _WIDER * alone[1]
    ]
    return candidates[min(usable)[1]] if usable else None


def _spreads(
    ordered: Ordered, node: Node, column: Column, form: str | None, candidates: list[Base], until: int
) -> list[tuple[float, float] | None]:
    """In seconds, the range of half and of nine tenths of a date alone, and of its distances to each candidate."""
    value = _seconds(f"a.{ordered.column(node, column.name)}", form)
    terms, plausible = [value], [_plausible(value, until)]
    for base in candidates:
        owner, alias = (node, "a") if base.up == 0 else (ordered.forest.node(_parent(node)), "p")
        other = _seconds(f"{alias}.{ordered.column(owner, base.column)}", base.form)
        terms.append(f"{value} - {other}")
        plausible.append(f"{_plausible(value, until)} and {_plausible(other, until)}")
    quantiles = ", ".join(
        f"quantile_cont({term}, [0.05, 0.25, 0.75, 0.95]) filter (where {test}), count(*) filter (where {test})"
        for term, test in zip(terms, plausible, strict=True)
    )
    join = ""
    if node.parent is not None:
        join = f" join {ordered.name(ordered.forest.node(node.parent.target))} p on a.parent = p.row"
    step = max(1, ordered.rows(node.name) // _ROWS)
    row = ordered.one(f"select {quantiles} from {ordered.name(node)} a{join} where a.row % {step} = 0")
    pairs, counts = row[::2], row[1::2]
    return [
        None if q is None or count < _COMMON * counts[0] else (float(q[2] - q[1]), float(q[3] - q[0]))
        for q, count in zip(pairs, counts, strict=True)
    ]


def _seconds(column: str, form: str | None) -> str:
    return f"epoch({column if form is None else parsed(column, form)})"


def _parent(node: Node) -> str:
    assert node.parent is not None
    return node.parent.target


def _plausible(expression: str, until: int) -> str:
    # in seconds since 1970: beyond them stand sentinels, not dates
    return f"{expression} between {int(day_of(FROM)) * 86_400} and {int(day_of(until)) * 86_400}"
