"""The page: verdict first, then the three criteria of WP29 Opinion 05/2014, then utility, then every number.

Self-contained: no script, no network, plots as inline SVG, the language chosen by a radio button.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

from synth.core.score import Scores
from synth.core.verdict import Verdict
from synth.metrics.report.sections import numbers_part, risks_part, utility_part
from synth.metrics.report.style import STYLE
from synth.metrics.report.verdict import criteria_part, verdict_part
from synth.metrics.report.words import ROLES, both


def render(scores: Scores, verdicts: Sequence[Verdict] = ()) -> str:
    """The page of these scores and of what each policy says of them."""
    body = "".join(
        [
            '<nav><input type="radio" name="tongue" id="en" checked><label for="en">English</label>'
            '<input type="radio" name="tongue" id="fr"><label for="fr">Français</label></nav>',
            f"<h1>{both('Synthetic tables: risk and utility', 'Tables synthétiques : risque et utilité')}</h1>",
            *(verdict_part(verdict, scores) for verdict in verdicts),
            _who(scores),
            *(criteria_part(verdict, scores) for verdict in verdicts[:1]),
            risks_part(scores),
            utility_part(scores),
            numbers_part(scores),
        ]
    )
    return (
        '<!doctype html><html lang="mul"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1"><title>synth-snds scores</title>'
        f'<link rel="icon" href="data:,"><style>{STYLE}</style></head><body>{body}</body></html>\n'
    )


def _who(scores: Scores) -> str:
    persons = scores.context.get("persons", {})
    counted = ", ".join(f"{both(*ROLES.get(str(role), (str(role),) * 2))} {count}" for role, count in persons.items())
    unit = escape(str(scores.context.get("person", "")))
    repeats = scores.context.get("repeats", 1)
    seeds = both(
        f"seed {scores.seed}, {repeats} repeats of each attack", f"graine {scores.seed}, {repeats} répétitions"
    )
    told = f"{both('Persons', 'Personnes')}: {counted} ({unit}); {seeds}; version {escape(scores.version)}"
    return f'<p class="soft">{told}</p>{_budget(scores)}'


def _budget(scores: Scores) -> str:
    """What a budget left out, and what power is left."""
    told = scores.context.get("budget")
    if not isinstance(told, Mapping):
        return ""
    lines = [(str(item.get("en", "")), str(item.get("fr", ""))) for item in told.get("told", ())]
    listed = "".join(f"<li>{both(*line)}</li>" for line in lines)
    heading = both("Under a budget: what was sampled", "Sous un budget : ce qui a été échantillonné")
    return f'<section class="budget"><h3>{heading}</h3><ul>{listed}</ul></section>'
