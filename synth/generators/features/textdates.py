"""Dates written as text: the hospital tables of the SNDS hold 14032022 where others hold a date.

A text column is taken for dates (or years) when every cell of it is one, written in the same way. It is then learned
like any date, counted from other dates, and written back as it was.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import pyarrow as pa
import pyarrow.compute as pc

from synth.columns.values import to_texts
from synth.core.catalog import Column
from synth.engines.forest import Node
from synth.engines.local import Ordered

FORMATS = ("%d%m%Y", "%Y%m%d", "%d/%m/%Y", "%Y-%m-%d", "%Y")
# Four digits are a year only among these years, or where a sentinel stands; else they are a code
_YEARS = "between '1850' and '2100' or {name} in ('0001', '1600')"
_GLANCE = 2_000
_DATED = frozenset("0123456789/-")  # what dates are written with
_DISTINCT = 32  # so few distinct texts are levels, whatever they look like


def text_dates(ordered: Ordered, node: Node, columns: Iterable[Column]) -> dict[str, str]:
    """The format of each text column whose cells all are dates in that format."""
    texts = [c.name for c in columns if c.type == "string" and not c.categories]
    for name in texts:
        if (node.name, name) not in ordered.forms:
            ordered.forms[node.name, name] = _form(ordered, node, name)
    forms = {name: ordered.forms[node.name, name] for name in texts}
    return {name: form for name, form in forms.items() if form is not None}


def _form(ordered: Ordered, node: Node, column: str) -> str | None:
    """The format of one text column; its first rows tell most columns that hold no dates."""
    first = to_texts(ordered.frame(node, 0, min(_GLANCE, ordered.rows(node.name)), (column,)).columns[column])
    if not all(_DATED.issuperset(text) for text in first.dictionary_encode().dictionary.to_pylist()):
        return None
    name = ordered.column(node, column)
    forms: tuple[str, ...] = FORMATS
    for some in (f"where row < {_GLANCE}", ""):
        fitting = ", ".join(f"count(*) filter (where {_written(name, form)})" for form in forms)
        told = f"select distinct {name} from {ordered.name(node)} {some}"
        distinct, *counts = ordered.one(f"select count(*), {fitting} from ({told}) where {name} is not null")
        forms = tuple(form for form, count in zip(forms, counts, strict=True) if count == distinct)
        if not forms:
            return None
    return forms[0] if distinct > _DISTINCT else None


def _written(name: str, form: str) -> str:
    """SQL that tells whether a text is a date in this format."""
    same = f"strftime(try_strptime({name}, '{form}'), '{form}') = {name}"
    return f"{same} and ({name} {_YEARS.format(name=name)})" if form == "%Y" else same


def as_date(column: Column, form: str | None) -> Column:
    """The column as the date it is, where its cells are texts in format `form`."""
    return column if form is None else replace(column, type="date", role="date", minimum=None, maximum=None)


def read_dates(cells: pa.ChunkedArray | pa.Array, form: str | None) -> pa.ChunkedArray | pa.Array:
    """Texts as dates."""
    return cells if form is None else pc.cast(pc.strptime(cells, format=form, unit="s"), pa.date32())


def write_dates(cells: pa.Array, form: str | None) -> pa.Array:
    """Dates as texts."""
    return cells if form is None else pc.strftime(cells, format=form)
