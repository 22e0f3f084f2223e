"""The parts after the verdict: residual risks, utility with its plots, and every number."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from synth.core.score import Score, Scores
from synth.metrics.report.french import note_fr, scope_fr
from synth.metrics.report.plots import bars, curve, intervals, pair_matrix, transition_matrix
from synth.metrics.report.words import FAMILIES, METRICS, ROLES, STATES, both, metric_name

SHOWN = 14  # lines of a plot of intervals
RESIDUAL = ("attribute_inference", "linkability", "singling_out", "disclosive_cells", "replicated_uniques")
BOUND = 0.09  # the residual risk in common use for open releases: El Emam et al., JMIR 2020
SUMMARIES: tuple[tuple[str, float, float], ...] = (
    ("marginal_tvd", 0.0, 0.3),
    ("pair_tvd", 0.0, 0.3),
    ("c2st_auc", 0.4, 1.0),
    ("child_count_tvd", 0.0, 0.3),
    ("markov_1", 0.0, 0.3),
    ("standardised_prevalence", 1.0, 2.0),
    ("standardised_incidence", 1.0, 2.0),
    ("comorbidity_index", 0.0, 0.2),
    ("pathway_tvd", 0.0, 0.3),
    ("tstr_gap", -0.1, 0.2),
)
KINDS: tuple[tuple[str, tuple[str, str]], ...] = (
    ("marginal", ("Columns: shares of values and of intervals", "Colonnes : parts des valeurs et des intervalles")),
    ("pairs", ("Pairs of columns: distance from train", "Couples de colonnes : distance à l'apprentissage")),
    ("children", ("How many rows a parent has", "Nombre de lignes par parent")),
    ("transitions", ("Trajectories: which code follows which", "Parcours : quel code suit lequel")),
    ("survival", ("Time to event", "Délai jusqu'à l'événement")),
)
HEADINGS = (
    ("metric", "mesure"),
    ("about", "objet"),
    ("figure", "valeur"),
    ("95 % interval", "intervalle à 95 %"),
    ("real against real", "réel contre réel"),
    ("its interval", "son intervalle"),
    ("n", "n"),
    ("needed", "requis"),
    ("seed", "graine"),
    ("attacker, note", "attaquant, note"),
)


def risks_part(scores: Scores) -> str:
    """The residual risks, highest upper bound first."""
    risky = [score for score in scores.scores if score.metric in RESIDUAL and score.high is not None]
    risky.sort(key=lambda score: -(score.high or 0))
    if not risky:
        return ""
    told = both(
        "Residual risk R: 0 is what control persons suffer too", "Risque résiduel R : 0 vaut aussi pour des témoins"
    )
    plain = [Score(s.metric, s.family, s.scope, s.value, s.low, s.high) for s in risky[:SHOWN]]
    plot = intervals(plain, low=-0.2, high=1.0, bound=BOUND, label="residual risks", named=True)
    return f'<h2>{told}</h2><div class="plots"><figure>{plot}</figure></div>'


def utility_part(scores: Scores) -> str:
    """What the tables are good for: figures with their intervals, then plots of the tables themselves."""
    note = both(
        "Filled: synthetic against train; hollow: other real persons against train, as close as real persons come.",
        "Plein : synthétique contre apprentissage ; creux : autres personnes réelles contre apprentissage.",
    )
    heading = both("Utility", "Utilité")
    plots = "".join(_summary(scores, *row) for row in SUMMARIES)
    return f'<h2>{heading}</h2><p><small>{note}</small></p><div class="plots">{plots}</div>{_figures(scores)}'


def _summary(scores: Scores, metric: str, low: float, most: float) -> str:
    found = [score for score in scores.scores if score.metric == metric and score.value is not None]
    if not found:
        return ""
    found.sort(key=lambda score: -(score.value or 0))
    top = max([most, *(score.high or 0 for score in found[:SHOWN])])
    plot = intervals(found[:SHOWN], low=low, high=min(top, 10 * most), label=METRICS[metric][0])
    return f"<figure><figcaption>{metric_name(metric)}</figcaption>{plot}</figure>"


def _figures(scores: Scores) -> str:
    parts = []
    for kind, words in KINDS:
        found = [figure for figure in scores.figures if figure.get("kind") == kind]
        if found:
            drawn = "".join(map(_figure, found))
            parts.append(f'<h2>{both(*words)}</h2>{_legend(kind)}<div class="plots {kind}">{drawn}</div>')
    if parts:
        least = next((figure["cell"] for figure in scores.figures if "cell" in figure), None)
        told = both(
            f"Every bar, cell and step of a curve stands for {least} real persons at least; the rest is left out.",
            f"Chaque barre, case et marche de courbe vaut pour {least} personnes réelles au moins ; le reste est omis.",
        )
        parts.append(f"<p><small>{told}</small></p>" if least else "")
    return "".join(parts)


def _legend(kind: str) -> str:
    if kind == "pairs":
        told = both(
            "Below the diagonal: synthetic; above: other real persons. The darker, the farther (0.3: darkest).",
            "Sous la diagonale : synthétique ; au-dessus : autres personnes réelles. Plus sombre, plus loin.",
        )
        return f"<p><small>{told}</small></p>"
    if kind == "transitions":
        return ""
    roles = ("train", "holdout", "synthetic")
    keys = "".join(f'<span class="key" style="background:var(--{role})"></span>{both(*ROLES[role])}' for role in roles)
    return f"<p><small>{keys}</small></p>"


def _figure(figure: Mapping[str, Any]) -> str:
    scope = str(figure["scope"])
    caption = f"<figcaption>{both(scope, scope_fr(scope))}</figcaption>"
    kind = figure["kind"]
    if kind == "survival":
        whole = curve(figure["times"], figure["series"], scope, falling=True)
        causes = "".join(
            f"<figure><figcaption>{both(f'{scope}; {name}', f'{scope} ; {scope_fr(name)}')}</figcaption>"
            f"{curve(figure['cause_times'], shares, f'{scope}; {name}', falling=False)}</figure>"
            for name, shares in figure["causes"].items()
        )
        return f"<figure>{caption}{whole}</figure>{causes}"
    drawn = {"pairs": pair_matrix, "transitions": transition_matrix}.get(kind, bars)(figure)
    return f"<figure>{caption}{drawn}</figure>"


def numbers_part(scores: Scores) -> str:
    """Every score, by family, with its interval, its control, persons, seed and attacker."""
    head = "".join(f"<th>{both(*words)}</th>" for words in HEADINGS)
    parts = []
    for family, words in FAMILIES.items():
        found = [score for score in scores.scores if score.family == family]
        rows = "".join(_row(score, scores.seed) for score in found)
        if found:
            count = f"{both(*words)} ({len(found)})"
            parts.append(
                f'<details open><summary>{count}</summary><div class="wide"><table><tr>{head}</tr>{rows}</table>'
                "</div></details>"
            )
    return f"<h2>{both('Every number', 'Tous les chiffres')}</h2>{''.join(parts)}"


def _row(score: Score, seed: int) -> str:
    attacker = str(score.details.get("attacker", ""))
    state = both(*STATES[score.status]) if score.status != "measured" else ""
    notes = [item for item in (state, both(attacker, note_fr(attacker)), both(score.note, note_fr(score.note))) if item]
    told = ": ".join(notes)
    cells = (
        _figure_text(score.value), _span(score.low, score.high), _figure_text(score.control),
        _span(score.control_low, score.control_high), str(score.n), str(score.needed or ""),
        str(score.details.get("seed", seed)),
    )  # fmt: skip
    numbers = "".join(f'<td class="n">{cell}</td>' for cell in cells)
    return (
        f"<tr><td>{metric_name(score.metric)}</td><td>{both(score.scope, scope_fr(score.scope))}</td>{numbers}"
        f"<td>{told}</td></tr>"
    )


def _span(low: float | None, high: float | None) -> str:
    return "" if low is None or high is None else f"{_figure_text(low)} … {_figure_text(high)}"


def _figure_text(value: float | None) -> str:
    return "" if value is None else f"{value:.4g}"
