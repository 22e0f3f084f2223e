"""The report as one self-contained page: no script, no network, plots as inline SVG."""

from __future__ import annotations

from html import escape

from synth.calibrate.figure import Figure
from synth.calibrate.plots import pyramid, ratios, scatter
from synth.calibrate.report import Report
from synth.calibrate.words import HEADINGS, MARKS, groups, number

STYLE = """
:root{color-scheme:light;--ink:#1b2430;--soft:#5b6675;--line:#d9dfe7;--good:#1a7f4b;--bad:#b3261e;--open:#8a5a00}
*{box-sizing:border-box}
body{margin:0 auto;max-width:1000px;padding:1.2rem;font:16px/1.5 system-ui,sans-serif;color:var(--ink)}
h1{font-size:1.5rem}h2{font-size:1.15rem;margin:2rem 0 .5rem;border-top:1px solid var(--line);padding-top:1rem}
.wide{overflow-x:auto}table{border-collapse:collapse;width:100%;font-size:.85rem}
td,th{border-bottom:1px solid var(--line);padding:.25rem .5rem;text-align:left}
td.n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
tr.outside td:first-child{color:var(--bad);font-weight:600}tr.holds td:first-child{color:var(--good)}
svg{width:100%;height:auto;min-width:420px;max-width:900px}
.grid{stroke:var(--line)}.even{stroke:var(--soft)}.band{fill:#dbe9e0}
circle.holds{fill:var(--good)}circle.outside{fill:var(--bad)}circle.chance{fill:var(--open)}circle.shown{fill:#33506f}
.fill{fill:#9db7d1}.outline{fill:none;stroke:var(--ink);stroke-width:1}
text{font:11px system-ui,sans-serif;fill:var(--ink)}.name{text-anchor:end}.tick{text-anchor:middle;fill:var(--soft)}
.small{font-size:8px;fill:var(--soft)}.soft{color:var(--soft)}
"""
COLUMNS = ("", "figure", "published", "generated", "ratio", "bound", "unit", "n", "source")


def render(report: Report) -> str:
    """The page of a report."""
    counts = report.counts()
    summary = ", ".join(f"{counts[status]} {status}" for status in MARKS if counts[status])
    body = [
        f"<h1>Calibration, {report.years[0]}-{report.years[1]}</h1>",
        f"<p>{escape(summary)}. The band of a plot is what the bound allows; a figure outside its bound by no more "
        "than so few events explain is marked as chance.</p>",
        *(_group(name, figures) for name, figures in groups(report)),
    ]
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1"><title>synth-snds calibration</title>'
        f"<style>{STYLE}</style></head><body>{''.join(body)}</body></html>\n"
    )


def _group(name: str, figures: list[Figure]) -> str:
    heading = HEADINGS.get(name, name)
    if name == "population":
        plot = pyramid(figures)
    elif name == "diagnoses":
        plot = scatter(figures[1:], heading)
    else:
        plot = ratios(figures, heading)
    head = "".join(f"<th>{column}</th>" for column in COLUMNS)
    rows = "".join(_row(figure) for figure in figures)
    told = "one figure" if len(figures) == 1 else f"{len(figures)} figures"
    return (
        f'<h2>{escape(heading)}</h2><div class="wide">{plot}</div><details><summary>{told}</summary>'
        f'<div class="wide"><table><tr>{head}</tr>{rows}</table></div></details>'
    )


def _row(figure: Figure) -> str:
    ratio = "" if figure.ratio is None else f"{figure.ratio:.3f}"
    source = figure.note or ", ".join(part for part in (figure.source, figure.year) if part)
    cells = (number(figure.published), number(figure.generated), ratio, figure.limits)
    return (
        f'<tr class="{figure.status}"><td>{figure.status}</td><td>{escape(figure.name)}</td>'
        + "".join(f'<td class="n">{escape(cell)}</td>' for cell in cells)
        + f'<td>{escape(figure.unit)}</td><td class="n">{"" if figure.n is None else figure.n}</td>'
        f"<td>{escape(source)}</td></tr>"
    )
