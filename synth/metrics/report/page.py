"""The page: verdict first, then the three criteria of WP29 Opinion 05/2014, then utility, then every number.

Self-contained: no script, no network, plots as inline SVG, the language chosen by a radio button.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from synth.core.score import Score, Scores
from synth.core.verdict import Verdict
from synth.metrics.report.plots import intervals
from synth.metrics.report.words import CRITERIA, OUTCOMES, both, metric_name

SHOWN = 18  # lines of a plot
RESIDUAL = ("attribute_inference", "linkability", "singling_out", "disclosive_cells", "replicated_uniques")
STYLE = """
:root{color-scheme:light;
  --ink:#1b2430;
  --soft:#5b6675;
  --line:#d9dfe7;
  --good:#1a7f4b;
  --bad:#b3261e;
  --open:#8a5a00}
*{box-sizing:border-box}
body{margin:0 auto;max-width:960px;padding:1.2rem;font:16px/1.5 system-ui,sans-serif;color:var(--ink)}
h1{font-size:1.5rem;margin:.4rem 0}
h2{font-size:1.15rem;margin:2rem 0 .5rem;border-top:1px solid var(--line);padding-top:1rem}
nav{text-align:right;font-size:.9rem}
nav label{margin-left:.8rem}
.verdict{padding:1rem;border-left:6px solid;margin:1rem 0;background:#f6f8fa}
.pass{color:var(--good);border-color:var(--good)}
.block{color:var(--bad);border-color:var(--bad)}
.inconclusive{color:var(--open);border-color:var(--open)}
.verdict p,.verdict li{color:var(--ink)}
.wide{overflow-x:auto}
table{border-collapse:collapse;width:100%;font-size:.85rem}
td,th{border-bottom:1px solid var(--line);padding:.3rem .5rem;text-align:left;vertical-align:top}
td.n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
svg{width:100%;height:auto;min-width:560px}
.grid{stroke:var(--line)}
.bound{stroke:var(--bad);stroke-dasharray:4 3}
.bar{stroke:#33506f;stroke-width:2}
.dot{fill:#33506f}
.control{fill:#fff;stroke:#c2702c;stroke-width:2}
text{font:12px system-ui,sans-serif;fill:var(--ink)}
.name{text-anchor:end}
.tick{text-anchor:middle;fill:var(--soft)}
small,.soft{color:var(--soft)}
body:has(#en:checked) [lang=fr]{display:none}
body:has(#fr:checked) [lang=en]{display:none}
"""

HEADINGS = (
    ("metric", "mesure"),
    ("about", "objet"),
    ("figure", "valeur"),
    ("95 % interval", "intervalle à 95 %"),
    ("control", "témoin"),
    ("n", "n"),
    ("needed", "requis"),
    ("attacker, note", "attaquant, note"),
)


def render(scores: Scores, verdicts: Sequence[Verdict] = ()) -> str:
    """The page of these scores and of what each policy says of them."""
    body = "".join(
        [
            '<nav><input type="radio" name="tongue" id="en" checked><label for="en">English</label>'
            '<input type="radio" name="tongue" id="fr"><label for="fr">Français</label></nav>',
            f"<h1>{both('Synthetic tables: risk and utility', 'Tables synthétiques : risque et utilité')}</h1>",
            _who(scores),
            *(_verdict(verdict) for verdict in verdicts),
            *(_criterion(name, verdicts[0]) for name in CRITERIA if verdicts),
            _risks(scores),
            _utility(scores),
            _numbers(scores),
        ]
    )
    return (
        '<!doctype html><html lang="mul"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1"><title>synth-snds scores</title>'
        f"<style>{STYLE}</style></head><body>{body}</body></html>\n"
    )


def _who(scores: Scores) -> str:
    persons = scores.context.get("persons", {})
    counted = ", ".join(f"{escape(str(role))} {count}" for role, count in persons.items())
    unit = escape(str(scores.context.get("person", "")))
    told = f"{both('Persons', 'Personnes')}: {counted} ({unit})"
    return f'<p class="soft">{told}; seed {scores.seed}, version {escape(scores.version)}</p>'


def _verdict(verdict: Verdict) -> str:
    kind = "pass" if verdict.passed else "block"
    head = both("PASS", "CONFORME") if verdict.passed else both("BLOCKED", "BLOQUÉ")
    counts = ", ".join(
        f"{sum(check.outcome == name for check in verdict.checks)} {both(*words)}" for name, words in OUTCOMES.items()
    )
    uses = "; ".join(map(escape, verdict.allowed_uses)) if verdict.passed else both("none", "aucun")
    notes = "".join(f"<li>{escape(note)}</li>" for note in verdict.notes)
    title = escape(str(verdict.context.get("title", "")))
    return (
        f'<section class="verdict {kind}"><h1>{head}: {escape(verdict.policy)}</h1><p>{title}. {counts}.</p>'
        f"<p>{both('Allowed uses', 'Usages permis')}: {uses}</p><details><summary>"
        f"{both('What this rests on and leaves out', 'Fondements et limites')}</summary><ul>{notes}</ul>"
        "</details></section>"
    )


def _criterion(name: str, verdict: Verdict) -> str:
    rules = {rule for rule, criterion in verdict.context.get("rule_criteria", {}).items() if criterion == name}
    checks = [check for check in verdict.checks if check.rule in rules]
    if not checks:
        return ""
    order = {"block": 0, "inconclusive": 1, "pass": 2}
    checks.sort(key=lambda check: order[check.outcome])
    rows = "".join(
        f'<tr><td class="{check.outcome}">{both(*OUTCOMES[check.outcome])}</td><td>{escape(check.scope)}</td>'
        f'<td lang="mul">{escape(check.reason)}</td></tr>'
        for check in checks[:SHOWN]
    )
    more = "" if len(checks) <= SHOWN else f"<small>+ {len(checks) - SHOWN}</small>"
    return f'<h2>{both(*CRITERIA[name])}</h2><div class="wide"><table>{rows}</table></div>{more}'


def _risks(scores: Scores) -> str:
    risky = [score for score in scores.scores if score.metric in RESIDUAL and score.high is not None]
    risky.sort(key=lambda score: -(score.high or 0))
    told = both(
        "Residual risk R: 0 is what control persons suffer too", "Risque résiduel R : 0 vaut aussi pour des témoins"
    )
    if not risky:
        return ""
    plain = [Score(s.metric, s.family, f"{s.metric}: {s.scope}", s.value, s.low, s.high) for s in risky[:SHOWN]]
    plot = intervals(plain, low=-0.2, high=1.0, bound=0.09, label="residual risks")
    return f'<h2>{told}</h2><div class="wide">{plot}</div>'


def _utility(scores: Scores) -> str:
    parts = []
    for metric, most in (("marginal_tvd", 0.3), ("pair_tvd", 0.3), ("child_count_tvd", 0.3), ("c2st_auc", 1.0)):
        found = [score for score in scores.scores if score.metric == metric and score.value is not None]
        found.sort(key=lambda score: -(score.value or 0))
        if found:
            low = 0.4 if metric == "c2st_auc" else 0.0
            top = max([most, *(score.high or 0 for score in found[:SHOWN])])
            plot = intervals(found[:SHOWN], low=low, high=top, label=metric)
            parts.append(f'<h2>{metric_name(metric)}</h2><div class="wide">{plot}</div>')
    note = both(
        "Filled: synthetic against train; hollow: other real persons against train.",
        "Plein : synthétique contre apprentissage ; creux : autres personnes réelles contre apprentissage.",
    )
    return "".join([*parts, f"<p><small>{note}</small></p>"])


def _numbers(scores: Scores) -> str:
    head = "".join(f"<th>{both(*words)}</th>" for words in HEADINGS)
    rows = "".join(_row(score) for score in scores.scores)
    title = both("Every number", "Tous les chiffres")
    return f'<h2>{title}</h2><div class="wide"><table><tr>{head}</tr>{rows}</table></div>'


def _row(score: Score) -> str:
    span = "" if score.low is None else f"{_figure(score.low)} … {_figure(score.high)}"
    note = score.note or str(score.details.get("attacker", ""))
    return (
        f"<tr><td>{metric_name(score.metric)}</td><td>{escape(score.scope)}</td>"
        f'<td class="n">{_figure(score.value)}</td><td class="n">{span}</td><td class="n">{_figure(score.control)}</td>'
        f'<td class="n">{score.n}</td><td class="n">{score.needed or ""}</td><td>{escape(note)}</td></tr>'
    )


def _figure(value: float | None) -> str:
    return "" if value is None else f"{value:.4g}"
