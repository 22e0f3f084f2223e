"""The first part of the page: the verdict, then the three criteria of WP29 Opinion 05/2014, with reasons."""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import escape

from synth.core.score import Score, Scores
from synth.core.verdict import Check, Verdict
from synth.metrics.report.french import note_fr, reason_fr, scope_fr
from synth.metrics.report.policies import policy_fr
from synth.metrics.report.words import COMPARISON, CRITERIA, METRICS, OUTCOMES, both

SHOWN = 12  # checks of a criterion that are shown before the rest is folded away
ORDER = {"block": 0, "inconclusive": 1, "pass": 2}


def verdict_part(verdict: Verdict, scores: Scores) -> str:
    """What the policy says, what is allowed, and what it leaves out."""
    kind = "pass" if verdict.passed else "block"
    head = both("PASS", "CONFORME") if verdict.passed else both("BLOCKED", "BLOQUÉ")
    counts = ", ".join(
        f"{sum(check.outcome == name for check in verdict.checks)} {both(*words)}" for name, words in OUTCOMES.items()
    )
    uses = "; ".join(both(use, policy_fr(use)) for use in verdict.allowed_uses)
    title = str(verdict.context.get("title", ""))
    return (
        f'<section class="verdict {kind}"><h1>{head}: {escape(verdict.policy)}</h1>'
        f"<p>{both(title, policy_fr(title))}. {counts}.</p>"
        f"<p>{both('Allowed uses', 'Usages permis')}: {uses if verdict.passed and uses else both('none', 'aucun')}</p>"
        f"<details><summary>{both('What this rests on and leaves out', 'Fondements et limites')}</summary>"
        f'<ul lang="en">{"".join(f"<li>{escape(note)}</li>" for note in verdict.notes)}</ul>'
        f'<ul lang="fr">{"".join(f"<li>{escape(note)}</li>" for note in notes_fr(verdict, scores))}</ul>'
        "</details></section>"
    )


def notes_fr(verdict: Verdict, scores: Scores) -> list[str]:
    """What the verdict rests on and leaves out, in French, from the same facts as the English notes."""
    found = [
        f"Politique {verdict.policy} : {policy_fr(str(verdict.context.get('title', '')))}.",
        "Ceci confronte des indices à une politique ; cela ne dit pas que les données sont anonymes.",
    ]
    times = [re.search(r"([\d.]+) times as many", note) for note in verdict.notes]
    found += [
        f"Des contrôles ne prouvent rien : aux valeurs mesurées, il faudrait {match[1]} fois plus de personnes "
        "attaquées (dans l'apprentissage comme dans les témoins), ou moins de colonnes."
        for match in times
        if match
    ]
    if any("without proof" in note for note in verdict.notes):
        found.append(
            "Des contrôles sont passés sans preuve : ces données sont trop peu nombreuses pour montrer que le risque "
            "est sous la borne d'une publication ouverte. Elles ne doivent pas quitter ce cercle."
        )
    keys = scores.context.get("plan", {}).get("keys")
    if keys:
        found.append(f"Déclarées connues d'un attaquant, et donc non devinées : {', '.join(keys)}.")
    if scores.context.get("person_assumed"):
        found.append(
            f"L'unité « personne » n'était pas déclarée ; c'est {scores.context.get('person')} qui a été pris."
        )
    skipped = sorted({
        f"{METRICS.get(score.metric, (score.metric, score.metric))[1]} : {note_fr(score.note)}"
        for score in scores.scores if score.status == "skipped"
    })  # fmt: skip
    found += [f"Non mesuré - {text}." for text in skipped]
    if "reference" not in scores.digests:
        found.append("Pas de personnes de référence : les attaques qui en ont besoin n'en ont pas eu.")
    untested = [note.removeprefix("Not tested: ").removesuffix(".") for note in verdict.notes if "Not tested: " in note]
    return found + [f"Non testé : {policy_fr(text)}." for text in untested]


def criteria_part(verdict: Verdict, scores: Scores) -> str:
    """The three criteria side by side, then the checks behind each, worst first."""
    by_name = {(score.metric, score.scope): score for score in scores.scores}
    cards = "".join(_card(name, _checks(name, verdict)) for name in CRITERIA)
    tables = "".join(_table(CRITERIA[name], _checks(name, verdict), by_name) for name in CRITERIA)
    sound = [*_checks("comparison", verdict), *_checks(None, verdict)]
    heading = both("The three criteria", "Les trois critères")
    return f'<h2>{heading}</h2><div class="criteria">{cards}</div>{tables}{_table(COMPARISON, sound, by_name)}'


def _checks(criterion: str | None, verdict: Verdict) -> list[Check]:
    known = verdict.context.get("rule_criteria", {})
    found = [check for check in verdict.checks if known.get(check.rule) == criterion]
    return sorted(found, key=lambda check: ORDER[check.outcome])


def _card(name: str, checks: Sequence[Check]) -> str:
    worst = checks[0].outcome if checks else "inconclusive"
    counts = ", ".join(
        f"{count} {both(*words)}"
        for outcome, words in OUTCOMES.items()
        if (count := sum(check.outcome == outcome for check in checks))
    )
    nothing = both("nothing was measured", "rien n'a été mesuré")
    return (
        f'<section class="criterion {worst}"><strong>{both(*OUTCOMES[worst])}</strong>'
        f"<p>{both(*CRITERIA[name])}</p><p><small>{counts or nothing}</small></p></section>"
    )


def _table(title: tuple[str, str], checks: Sequence[Check], by_name: dict[tuple[str, str], Score]) -> str:
    if not checks:
        return ""
    rows = [_row(check, by_name.get((check.metric, check.scope))) for check in checks]
    rest = ""
    if len(rows) > SHOWN:
        more = both(f"{len(rows) - SHOWN} more checks", f"{len(rows) - SHOWN} autres contrôles")
        rest = f'<details><summary>{more}</summary><table class="stack">{"".join(rows[SHOWN:])}</table></details>'
    return f'<h3>{both(*title)}</h3><table class="stack">{"".join(rows[:SHOWN])}</table>{rest}'


def _row(check: Check, score: Score | None) -> str:
    words = "".join(
        f'<span lang="{tongue}">{escape(text)}</span>'
        for tongue, text in (("en", check.reason), ("fr", reason_fr(check, score)))
    )
    return (
        f'<tr><td class="{check.outcome}">{both(*OUTCOMES[check.outcome])}</td>'
        f"<td>{both(check.scope, scope_fr(check.scope))}</td><td>{words}</td></tr>"
    )
