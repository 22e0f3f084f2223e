"""The model as one page, without script or network: what an export committee reads before the file leaves."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import Any

from synth.audit.losses import Loss, losses
from synth.core.jsontext import dumps
from synth.core.model import Model, Statistic

_STYLE = """
:root{color-scheme:light dark}
body{font:16px/1.5 system-ui,sans-serif;max-width:72rem;margin:0 auto;padding:1rem}
table{border-collapse:collapse;width:100%;font-size:.9rem;font-variant-numeric:tabular-nums}
th,td{text-align:left;vertical-align:top;padding:.25rem .6rem;border-bottom:1px solid #8884}
td.n,th.n{text-align:right}
.wide{overflow-x:auto}
.soft{opacity:.75}
pre{overflow-x:auto;max-height:24rem;font-size:.8rem}
summary{cursor:pointer}
.bar{display:inline-block;height:.6rem;background:#b45309;vertical-align:middle}
@media print{details{display:none}}
"""
_SHOWN = 2_000  # numbers of one array shown on the page; all are in `synth inspect --json`
_KINDS: Mapping[str, str] = {
    "levels": "the values of a column that k persons share, each with its rows",
    "bins": "the intervals and single values of a quantity, each over k persons",
    "margin": "rows of each code, where k persons have it",
    "tree": "counts of codes in groups of rows that are alike, each over k persons",
    "latent correlation": "correlations of ranks, each over k persons who have both",
    "order of levels": "in which order a copula sees the values of a column",
    "vine": "families and parameters of pair copulas, each over k persons",
    "choice": "which generator was nearest to the persons held out",
    "relation": "a column that follows from others by a rule, in all rows",
    "presence": "a column that is missing exactly where another one is, or is not, in all rows",
    "order": "a quantity that is never above, or never below, another one, in all rows",
    "dependency": "values of a column that those of another one give",
    "public table": "a table that the catalog marks as public, whole",
}


def render(model: Model, size: int | None = None) -> str:
    """The page of a model; `size` is that of its file in bytes. The same model gives the same bytes."""
    lost = losses(model)
    tables = [name for name in model.catalog.table_names if any(s.table == name for s in model.statistics)]
    body = "".join(
        [
            _head(model, size),
            _heldout(model.receipt.get("held_out")),
            "<h2>Kinds of statistics</h2>",
            _kinds(model.statistics),
            *(_table(model, name, lost) for name in tables),
            f"<details><summary>Receipt</summary><pre>{escape(dumps(dict(model.receipt)))}</pre></details>",
            f"<details><summary>Plan</summary><pre>{escape(dumps(dict(model.plan)))}</pre></details>",
        ]
    )
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1"><title>synth-snds model</title>'
        f'<link rel="icon" href="data:,"><style>{_STYLE}</style></head><body>{body}</body></html>\n'
    )


def _head(model: Model, size: int | None) -> str:
    receipt = model.receipt
    cells = sum(item.cells for item in model.statistics if item.kind != "public table")
    facts = {
        "Generator": model.generator,
        "Persons": f"about {receipt['persons']}",
        "Every statistic over at least": f"{receipt['smallest_support']} persons (asked: {receipt['min_persons']})",
        "Statistics": f"{len(model.statistics)}, with {cells} cells",
        "Counts of rows": f"rounded to multiples of {receipt['counts_rounded_to']} or more, against subtraction",
        "Digest": model.digest,
    }
    if size is not None:
        facts["Size"] = f"{size} bytes"
    rows = "".join(f"<tr><th>{escape(name)}</th><td>{escape(str(value))}</td></tr>" for name, value in facts.items())
    told = (
        "All that the model holds is listed here, with the smallest number of persons behind any number of it. "
        "<code>synth inspect MODEL --check-support --train DIR</code> recounts it from the tables; "
        "<code>synth inspect MODEL --json</code> prints every number. "
        "The rule of k persons says what is stored; it is not differential privacy."
    )
    return f"<h1>What this model knows</h1><table>{rows}</table><p>{told}</p>"


def _heldout(report: Any) -> str:
    if not isinstance(report, Mapping):
        return ""
    heading = "<h2>What it does not capture</h2>"
    if "skipped" in report:
        return f"{heading}<p>Not measured: {escape(str(report['skipped']))}.</p>"
    told = (
        f"<p>Distances (0 to 1) between what a trial fit on {report['fitted']} persons draws and {report['held_out']} "
        "persons held out; beside them, between the two groups of real persons.</p>"
    )
    rows = [
        (title, line["what"], line["distance"], "" if line["real"] is None else line["real"])
        for title, lines in report["worst"].items()
        for line in lines
    ]
    return heading + told + _grid(("of", "what", "distance", "real"), rows, {2, 3})


def _kinds(statistics: Sequence[Statistic]) -> str:
    rows = []
    for kind in dict.fromkeys(item.kind for item in statistics):
        found = [item for item in statistics if item.kind == kind]
        least = min((item.support for item in found if item.cells), default=0)
        support = "public" if kind == "public table" else least
        rows.append((kind, _KINDS.get(kind, ""), len(found), sum(item.cells for item in found), support))
    return _grid(("kind", "what it is", "how many", "cells", "smallest support"), rows, {2, 3, 4})


def _table(model: Model, name: str, lost: Mapping[str, Loss]) -> str:
    found = [item for item in model.statistics if item.table == name]
    rows = model.receipt["rows"].get(name)
    count = "few" if rows is None else str(rows)
    lines = "".join(_row(model, item, lost[item.name]) for item in found)
    head = (
        "<tr><th>statistic</th><th>columns</th><th class=n>support</th><th class=n>cells</th>"
        "<th>kept</th><th>lost</th></tr>"
    )
    return (
        f"<h2>{escape(name)}</h2><p class=soft>{count} rows learned from</p>"
        f"<div class=wide><table>{head}{lines}</table></div>"
    )


def _row(model: Model, item: Statistic, loss: Loss) -> str:
    support = "public" if item.kind == "public table" else str(item.support)
    first, *others = [escape(column) for column in item.columns] or [""]
    columns = first if not others else f"{first} <span class=soft>given {', '.join(others)}</span>"
    share = ""
    if loss.share is not None:
        width = max(1, round(60 * loss.share))
        share = f' <span class=bar style="width:{width}px"></span> {loss.share:.1%} of rows'
    values = (
        ""
        if item.kind == "public table"
        else f"<details><summary>values</summary><pre>{_values(model, item)}</pre></details>"
    )
    return (
        f"<tr><td>{escape(item.kind)}</td><td>{columns}</td><td class=n>{support}</td><td class=n>{item.cells}</td>"
        f"<td>{escape(loss.kept)}{values}</td><td>{escape(loss.lost)}{share}</td></tr>"
    )


def _values(model: Model, item: Statistic) -> str:
    lines = [dumps(dict(item.data))] if item.data else []
    for name in item.arrays:
        array = model.arrays[name]
        shown = array.ravel()[:_SHOWN].tolist()
        more = f" ... {array.size - _SHOWN} more" if array.size > _SHOWN else ""
        lines.append(f"{name} {array.shape} = {shown}{more}")
    return escape("\n".join(lines))


def _grid(heads: Iterable[str], rows: Iterable[Sequence[object]], numbers: set[int]) -> str:
    def cell(tag: str, place: int, value: object) -> str:
        mark = " class=n" if place in numbers else ""
        return f"<{tag}{mark}>{escape(str(value))}</{tag}>"

    head = "".join(cell("th", place, name) for place, name in enumerate(heads))
    body = "".join(
        "<tr>" + "".join(cell("td", place, value) for place, value in enumerate(row)) + "</tr>" for row in rows
    )
    return f"<div class=wide><table><tr>{head}</tr>{body}</table></div>"
