"""Dates written as text or as whole numbers: hospital tables of the SNDS hold 14032022, banks 930131, for a date.

A column is taken for dates (or years) when every cell of it is one, written in the same way. It is then learned like
any date, counted from other dates, and written back as it was.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from functools import cache

import pyarrow as pa
import pyarrow.compute as pc

from synth.columns.values import to_texts
from synth.core.catalog import Column
from synth.engines.forest import Node
from synth.engines.local import Ordered

FORMATS = ("%d%m%Y", "%Y%m%d", "%d/%m/%Y", "%Y-%m-%d", "%Y")
# Formats of whole numbers, marked so, and their digits: 19930131 or 930131, and 101 for the first of January 2000
NUMBERED = {"#%Y%m%d": 8, "#%y%m%d": 6}
_LEAST = {"#%Y%m%d": 10_000_101, "#%y%m%d": 101}  # below it, zeros would stand for the century
# Four digits are a year only among these years, or where a sentinel stands; else they are a code
_YEARS = "between '1850' and '2100' or {name} in ('0001', '1600')"
_GLANCE = 2_000
_DATED = frozenset("0123456789/-")  # what dates are written with
_DISTINCT = 32  # so few distinct values are levels, whatever they look like


def text_dates(ordered: Ordered, node: Node, columns: Iterable[Column]) -> dict[str, str]:
    """The format of each column of texts or whole numbers whose cells all are dates in that format."""
    asked = {column.name: _formats(column) for column in columns}
    for name, formats in asked.items():
        if formats and (node.name, name) not in ordered.forms:
            ordered.forms[node.name, name] = _form(ordered, node, name, formats)
    forms = {name: ordered.forms[node.name, name] for name, formats in asked.items() if formats}
    return {name: form for name, form in forms.items() if form is not None}


def _formats(column: Column) -> tuple[str, ...]:
    """The formats that the dates of a column may have: none where it is something else."""
    if column.categories:
        return ()
    if column.type == "integer" and column.role != "key":
        return tuple(NUMBERED)
    return FORMATS if column.type == "string" else ()


def _form(ordered: Ordered, node: Node, column: str, forms: tuple[str, ...]) -> str | None:
    """The format of one column; its first rows tell most columns that hold no dates."""
    if ordered.filled(node)[column] <= _DISTINCT:
        return None
    first = to_texts(ordered.frame(node, 0, min(_GLANCE, ordered.rows(node.name)), (column,)).columns[column])
    glanced = first.dictionary_encode().dictionary.to_pylist()
    if not all(_DATED.issuperset(text) for text in glanced):
        return None
    forms = tuple(form for form in forms if all(_may_be(text, form) for text in glanced))
    if not forms:
        return None
    name = ordered.column(node, column)
    fitting = ", ".join(f"count(*) filter (where {_written(name, form)})" for form in forms)
    told = f"select distinct {name} from {ordered.name(node)} where {name} is not null"
    distinct, *counts = ordered.one(f"select count(*), {fitting} from ({told})")
    forms = tuple(form for form, count in zip(forms, counts, strict=True) if count == distinct)
    return forms[0] if forms and distinct > _DISTINCT else None


def _may_be(text: str, form: str) -> bool:
    """Whether a text has the digits of a year, a month and a day where the format has them."""
    if form in NUMBERED and len(text) >= len(str(_LEAST[form])):
        text = text.zfill(NUMBERED[form])
    return _looks(form.removeprefix("#")).fullmatch(text) is not None


@cache
def _looks(form: str) -> re.Pattern[str]:
    digits = {"%d": "(0[1-9]|[12][0-9]|3[01])", "%m": "(0[1-9]|1[0-2])", "%Y": "[0-9]{4}", "%y": "[0-9]{2}"}
    for sign, written in digits.items():
        form = form.replace(sign, written)
    return re.compile(form)


def _written(name: str, form: str) -> str:
    """SQL that tells whether a text is a date in this format."""
    text, plain = text_of(name, form), _plain(form)
    same = f"strftime(try_strptime({text}, '{plain}'), '{plain}') = {text}"
    if form in NUMBERED:
        return f"{name} >= {_LEAST[form]} and {same}"
    return f"{same} and ({name} {_YEARS.format(name=name)})" if form == "%Y" else same


def text_of(name: str, form: str) -> str:
    """SQL for the text of a cell in this format."""
    return f"printf('%0{NUMBERED[form]}d', {name})" if form in NUMBERED else name


def parsed(name: str, form: str) -> str:
    """SQL for the moment that a cell in this format is."""
    return f"strptime({text_of(name, form)}, '{_plain(form)}')"


def _plain(form: str) -> str:
    return form.removeprefix("#")


def as_date(column: Column, form: str | None) -> Column:
    """The column as the date it is, where its cells are written in format `form`."""
    return column if form is None else replace(column, type="date", role="date", minimum=None, maximum=None)


def read_dates(cells: pa.ChunkedArray | pa.Array, form: str | None) -> pa.ChunkedArray | pa.Array:
    """Texts or whole numbers as dates."""
    if form is None:
        return cells
    if form in NUMBERED:
        cells = pc.utf8_lpad(pc.cast(cells, pa.string()), width=NUMBERED[form], padding="0")
    return pc.cast(pc.strptime(cells, format=_plain(form), unit="s"), pa.date32())


def write_dates(cells: pa.Array, form: str | None) -> pa.Array:
    """Dates as texts, or as whole numbers."""
    if form is None:
        return cells
    texts = pc.strftime(cells, format=_plain(form))
    return pc.cast(texts, pa.int64()) if form in NUMBERED else texts
